#include "validate/validate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "raster/writer.h"
#include "util/error.h"
#include "util/json.h"
#include "util/memory.h"
#include "validate/measure.h"
#include "validate/method.h"
#include "validate/sampling.h"
#include "validate/tally.h"
#include "validate/warnings.h"
#include "vector/points.h"

enum { MOST_METHODS = 16 };

void lode_validate_defaults(lode_validate_options *options) {
    *options = (lode_validate_options){.methods = "contrastive,logistic,element",
                                       .folds = 5,
                                       .repeats = 4,
                                       .block = -1,
                                       .buffer = -1,
                                       .exclusion = -1,
                                       .background = 2000,
                                       .confidence = 0.9,
                                       .resamples = 1000,
                                       .transform = LODE_TRANSFORM_CLR,
                                       .seed = 1};
    lode_pretrain_defaults(&options->pretrain);
}

void lode_validation_free(lode_validation *validation) {
    if (!validation)
        return;
    json_decref(validation->json);
    lode_free(validation->deposit_columns);
    lode_free(validation->deposit_rows);
    lode_free(validation->deposit_folds);
    lode_free(validation->block_folds);
    lode_free(validation);
}

/* Everything a validation owns while it runs. */
typedef struct session {
    const lode_validate_options *options;
    lode_bench bench;
    lode_recipe *recipe;   /* owned when no model was given */
    lode_encoder *encoder; /* the same */
    json_t *training;      /* log of the pretraining */
    lode_sampling sampling;
    lode_pool *pool;
    const lode_method *methods[MOST_METHODS];
    lode_scores scores[MOST_METHODS];
    json_t *described[MOST_METHODS];
    int count;
} session;

/* ---- Methods ----------------------------------------------------------------------------------
 */

static lode_status add_method(session *s, const char *name, size_t length) {
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)length, name);
    const lode_method *method = lode_method_find(word);
    for (int i = 0; method && i < s->count; i++)
        if (s->methods[i] == method)
            return LODE_OK;
    if (!method || s->count == MOST_METHODS)
        return lode_fail(LODE_ERROR_USAGE, "There is no method '%s'.", word);
    s->methods[s->count++] = method;
    return LODE_OK;
}

/* Without points, the band that `lode grid --distance` adds, or the one named. */
static lode_status find_distance_band(session *s) {
    const char *name = s->options->distance_band;
    int band = lode_stack_find_band(s->bench.stack, name ? name : LODE_BAND_SAMPLE_DISTANCE);
    if (name && band < 0)
        return lode_fail(LODE_ERROR_USAGE, "'%s' has no band '%s' (--distance-band).",
                         lode_stack_name(s->bench.stack), name);
    if (band < 0 || s->options->samples)
        return LODE_OK;
    lode_sampling_band(s->bench.stack, band, &s->sampling);
    s->bench.sampling = &s->sampling;
    return LODE_OK;
}

static lode_status list_methods(session *s) {
    for (const char *at = s->options->methods; at && *at;) {
        at += strspn(at, ", ");
        size_t length = strcspn(at, ", ");
        if (length > 0)
            LODE_TRY(add_method(s, at, length));
        at += length;
    }
    if (s->options->samples || s->bench.sampling)
        LODE_TRY(add_method(s, "sampling", strlen("sampling")));
    return s->count > 0 ? LODE_OK : lode_fail(LODE_ERROR_USAGE, "No method is named.");
}

static bool any_pretrained(const session *s) {
    for (int m = 0; m < s->count; m++)
        if (s->methods[m]->pretrained)
            return true;
    return false;
}

/* ---- Before the folds -------------------------------------------------------------------------
 */

/* Of all bands but the one that tells of the survey. */
static lode_status fit_recipe(session *s, const lode_progress *progress) {
    int bands = lode_stack_band_count(s->bench.stack), count = 0;
    const char **names = lode_alloc((size_t)bands, sizeof *names);
    if (!names)
        return lode_fail_memory();
    for (int b = 0; b < bands; b++)
        if (!s->bench.sampling || b != s->sampling.band)
            names[count++] = lode_stack_band_name(s->bench.stack, b);
    lode_status status =
        lode_recipe_fit(s->bench.stack, names, count, s->options->transform, progress, &s->recipe);
    lode_free(names);
    return status;
}

static lode_status prepare_recipe(session *s, const lode_progress *progress) {
    const lode_validate_options *options = s->options;
    if (options->model) {
        s->bench.recipe = options->model->recipe;
        s->bench.encoder = options->model->encoder;
        if (any_pretrained(s) && !s->bench.encoder)
            return lode_fail(LODE_ERROR_MODEL, "The model '%s' has no encoder.",
                             options->model->name ? options->model->name : "");
        if (any_pretrained(s) && options->inductive)
            return lode_fail(LODE_ERROR_USAGE, "--pretrain-folds inductive trains an encoder for "
                                               "every fold, so it takes no --model.");
        if (any_pretrained(s) && json_object_get(options->model->provenance, "train"))
            return lode_fail(
                LODE_ERROR_MODEL,
                "The encoder of '%s' was trained with labels ('lode train'), so it may "
                "know the deposits under test. Give --model a model of 'lode "
                "pretrain', or name the network among the --methods.",
                options->model->name ? options->model->name : "");
        return LODE_OK;
    }
    LODE_TRY(fit_recipe(s, progress));
    s->bench.recipe = s->recipe;
    if (!any_pretrained(s))
        return LODE_OK;
    /* Its window is known before it has learned anything. */
    LODE_TRY(lode_pretrain_blank(s->recipe, &options->pretrain, &s->encoder));
    s->bench.encoder = s->encoder;
    return LODE_OK;
}

/* Pretraining on the whole stack; with inductive folds every trial pretrains its own encoder. */
static lode_status learn_unlabelled(session *s, const lode_progress *progress) {
    const lode_validate_options *options = s->options;
    if (!s->encoder || options->inductive)
        return LODE_OK;
    lode_encoder *trained;
    LODE_TRY(lode_pretrain(s->bench.stack, s->recipe, &options->pretrain, progress, &trained,
                           &s->training));
    lode_encoder_free(s->encoder);
    s->bench.encoder = s->encoder = trained;
    return LODE_OK;
}

/* A misspelt file or condition should not be found out after the training. */
static lode_status check_deposits(const session *s) {
    lode_points *points;
    LODE_TRY(lode_points_read(s->options->deposits, s->options->where,
                              lode_stack_grid(s->bench.stack)->crs, "deposits", &points));
    lode_points_free(points);
    return LODE_OK;
}

static lode_status read_samples(session *s) {
    if (!s->options->samples)
        return LODE_OK;
    LODE_TRY(lode_sampling_points(s->options->samples, s->bench.stack, &s->sampling));
    s->bench.sampling = &s->sampling;
    return LODE_OK;
}

static int widest_half_window(const session *s) {
    int widest = 0;
    for (int m = 0; m < s->count; m++) {
        int own = s->methods[m]->half_window ? s->methods[m]->half_window(&s->bench) : 0;
        widest = own > widest ? own : widest;
    }
    return widest;
}

/* ---- Trials -----------------------------------------------------------------------------------
 */

/* A fold that cannot be trained for should show before anything is trained. */
static lode_status check_trials(const session *s) {
    for (int r = 0; r < s->pool->repeats; r++)
        for (int fold = 0; fold < s->pool->runs[r].folds; fold++) {
            lode_trial trial;
            LODE_TRY(lode_trial_create(s->pool, r, fold, &trial));
            lode_trial_free(&trial);
        }
    return LODE_OK;
}

static lode_status score_trial(session *s, int m, void *state, int run, int fold,
                               const lode_progress *progress) {
    lode_trial trial;
    LODE_TRY(lode_trial_create(s->pool, run, fold, &trial));
    double *score = lode_alloc(trial.test_count ? trial.test_count : 1, sizeof *score);
    lode_status status = score ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK && trial.test_count > 0)
        status = s->methods[m]->score(state, &s->bench, &trial, progress, score);
    for (size_t i = 0; status == LODE_OK && i < trial.test_count; i++)
        s->scores[m].score[run][trial.test[i]] = score[i];
    lode_free(score);
    lode_trial_free(&trial);
    return status;
}

typedef struct trial_loop {
    session *s;
    int method;
    void *state;
} trial_loop;

/* Trial number `item` of a method, counted run by run. */
static lode_status run_trial(void *context, int64_t item, const lode_progress *progress) {
    trial_loop *loop = context;
    int run = 0;
    for (; item >= loop->s->pool->runs[run].folds; run++)
        item -= loop->s->pool->runs[run].folds;
    return score_trial(loop->s, loop->method, loop->state, run, (int)item, progress);
}

static lode_status run_trials(session *s, int m, void *state, const lode_progress *progress) {
    trial_loop loop = {s, m, state};
    int64_t trials = 0;
    for (int r = 0; r < s->pool->repeats + s->pool->permutations; r++)
        trials += s->pool->runs[r].folds;
    return lode_cluster_share(s->options->cluster, trials, run_trial, &loop, progress,
                              s->methods[m]->title);
}

static lode_status create_scores(session *s, int m) {
    int runs = s->pool->repeats + s->pool->permutations;
    s->scores[m] =
        (lode_scores){s->methods[m], lode_alloc((size_t)runs, sizeof *s->scores[m].score)};
    if (!s->scores[m].score)
        return lode_fail_memory();
    for (int r = 0; r < runs; r++) {
        s->scores[m].score[r] = lode_alloc(s->pool->runs[r].n, sizeof(double));
        if (!s->scores[m].score[r])
            return lode_fail_memory();
        for (size_t i = 0; i < s->pool->runs[r].n; i++)
            s->scores[m].score[r][i] = NAN; /* not scored by this process */
    }
    return LODE_OK;
}

/* The scores of all processes' trials, in every process. */
static lode_status join_scores(session *s, int m, const lode_progress *progress) {
    const lode_cluster *cluster = s->options->cluster;
    lode_status status = LODE_OK;
    for (int r = 0; status == LODE_OK && r < s->pool->repeats + s->pool->permutations; r++) {
        size_t n = s->pool->runs[r].n, size = (size_t)lode_cluster_size(cluster);
        double *own = s->scores[m].score[r], *all = lode_alloc(size * n, sizeof *all);
        if (!all)
            return lode_fail_memory();
        memcpy(all + (cluster ? (size_t)cluster->rank * n : 0), own, n * sizeof *all);
        status = lode_cluster_gather_items(cluster, all, (int)size, n * sizeof *all, progress);
        for (size_t i = 0; i < n; i++) {
            own[i] = 0;
            for (size_t p = 0; p < size; p++)
                own[i] = isnan(all[p * n + i]) ? own[i] : all[p * n + i];
        }
        lode_free(all);
    }
    return status;
}

static lode_status run_method(session *s, int m, const lode_progress *progress) {
    LODE_TRY(create_scores(s, m));
    lode_progress preparing = lode_progress_part(progress, 0, 0.2);
    lode_progress trying = lode_progress_part(progress, 0.2, 1);
    lode_progress joining = lode_progress_part(progress, 1, 1);
    void *state = NULL;
    LODE_TRY(s->methods[m]->prepare(&s->bench, &preparing, &state));
    lode_status status = run_trials(s, m, state, &trying);
    if (status == LODE_OK && s->methods[m]->describe)
        status = lode_tally_join(s->options->cluster, s->methods[m]->describe(state), &joining,
                                 &s->described[m]);
    s->methods[m]->release(state);
    return status == LODE_OK ? join_scores(s, m, &joining) : status;
}

/* ---- Results ----------------------------------------------------------------------------------
 */

static json_t *number_or_null(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static void describe_design(const session *s, json_t *json) {
    const lode_pool *pool = s->pool;
    const lode_validate_options *options = s->options;
    const char *shape = options->cluster_out                   ? "cluster"
                        : options->shape == LODE_BLOCK_HEXAGON ? "hexagon"
                                                               : "square";
    json_t *folds = json_array();
    for (int r = 0; r < pool->repeats; r++)
        json_array_append_new(folds, json_integer(pool->runs[r].folds));
    json_object_set_new(json, "folds", json_integer(lode_pool_fewest_folds(pool)));
    json_object_set_new(json, "repeats", json_integer(pool->repeats));
    json_object_set_new(json, "folds_of_repeats", folds);
    json_object_set_new(json, "block_m", number_or_null(pool->block));
    json_object_set_new(json, "block_shape", json_string(shape));
    json_object_set_new(json, "window_m", number_or_null(pool->window));
    json_object_set_new(json, "buffer_m", number_or_null(pool->buffer));
    json_object_set_new(json, "exclusion_m", number_or_null(pool->exclusion));
    json_object_set_new(json, "deposit_layer", lode_json_text(options->deposits));
    json_object_set_new(json, "where", lode_json_text(options->where));
    json_object_set_new(json, "deposits", json_integer((json_int_t)pool->deposits));
    json_object_set_new(json, "deposit_clusters", json_integer(pool->clusters));
    json_object_set_new(json, "deposits_read", json_integer((json_int_t)pool->layer.read));
    json_object_set_new(json, "deposits_outside", json_integer((json_int_t)pool->layer.outside));
    json_object_set_new(json, "deposits_without_data",
                        json_integer((json_int_t)pool->layer.without_data));
    json_object_set_new(json, "deposits_in_one_cell",
                        json_integer((json_int_t)pool->layer.same_cell));
    json_object_set_new(json, "background",
                        json_integer((json_int_t)(pool->runs[0].n - pool->deposits)));
    json_object_set_new(json, "background_within_m_of_samples",
                        s->bench.sampling ? number_or_null(pool->sample_limit) : json_null());
    json_object_set_new(json, "confidence", json_real(options->confidence));
    json_object_set_new(json, "resamples", json_integer(options->resamples));
    json_object_set_new(json, "permutations", json_integer(pool->permutations));
    json_object_set_new(json, "seed", json_integer((json_int_t)options->seed));
    json_object_set_new(json, "pretraining",
                        json_string(!any_pretrained(s)   ? "none"
                                    : options->inductive ? "without the test areas"
                                                         : "whole raster, without labels"));
    if (s->training)
        json_object_set(json, "pretrain", s->training);
}

static void describe_methods(const session *s, json_t *json) {
    json_t *methods = json_object_get(json, "methods");
    for (int m = 0; m < s->count; m++) {
        json_t *one = json_object_get(methods, s->methods[m]->name);
        json_object_set_new(one, "title", json_string(s->methods[m]->title));
        json_object_set_new(one, "about", json_string(s->methods[m]->about));
        if (s->described[m])
            json_object_set(one, "chosen", s->described[m]);
    }
}

static lode_status keep_map(const session *s, lode_validation *made) {
    const lode_run *run = &s->pool->runs[0];
    size_t n = s->pool->deposits;
    size_t blocks = (size_t)run->blocks.across * (size_t)run->blocks.down;
    made->deposits = n;
    made->blocks = run->blocks;
    made->deposit_columns = lode_alloc(n, sizeof *made->deposit_columns);
    made->deposit_rows = lode_alloc(n, sizeof *made->deposit_rows);
    made->deposit_folds = lode_alloc(n, sizeof *made->deposit_folds);
    if (!made->deposit_columns || !made->deposit_rows || !made->deposit_folds)
        return lode_fail_memory();
    for (size_t i = 0; i < n; i++) {
        made->deposit_columns[i] = s->pool->columns[i];
        made->deposit_rows[i] = s->pool->rows[i];
        made->deposit_folds[i] = run->fold[i];
    }
    if (s->options->cluster_out)
        return LODE_OK;
    made->block_folds = lode_alloc(blocks, sizeof *made->block_folds);
    if (!made->block_folds)
        return lode_fail_memory();
    for (size_t b = 0; b < blocks; b++)
        made->block_folds[b] = -1;
    for (size_t i = 0; i < run->n; i++)
        made->block_folds[run->block[i]] = run->fold[i];
    return LODE_OK;
}

static lode_status conclude(session *s, const lode_progress *progress,
                            lode_validation **validation) {
    lode_validation *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->json = json_object();
    lode_status status = made->json ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK) {
        describe_design(s, made->json);
        status = lode_measure(s->pool, s->scores, s->count, s->options, progress, made->json);
    }
    if (status == LODE_OK) {
        describe_methods(s, made->json);
        status = lode_validation_warn(s->pool, s->options, made->json);
    }
    if (status == LODE_OK)
        status = keep_map(s, made);
    if (status != LODE_OK) {
        lode_validation_free(made);
        return status;
    }
    *validation = made;
    return LODE_OK;
}

/* ---- All together -----------------------------------------------------------------------------
 */

static void close_session(session *s) {
    for (int m = 0; m < s->count; m++) {
        int runs = s->pool ? s->pool->repeats + s->pool->permutations : 0;
        for (int r = 0; s->scores[m].score && r < runs; r++)
            lode_free(s->scores[m].score[r]);
        lode_free(s->scores[m].score);
        json_decref(s->described[m]);
    }
    lode_pool_free(s->pool);
    lode_sampling_free(&s->sampling);
    lode_encoder_free(s->encoder);
    lode_recipe_free(s->recipe);
    json_decref(s->training);
}

static lode_status run_session(session *s, const lode_progress *progress,
                               lode_validation **validation) {
    bool training = any_pretrained(s) && !s->options->model && !s->options->inductive;
    double start = training ? 0.4 : 0.02, end = 0.95;
    lode_progress scaling = lode_progress_part(progress, 0, 0.01);
    lode_progress drawing = lode_progress_part(progress, 0.01, 0.02);
    lode_progress learning = lode_progress_part(progress, 0.02, start);
    lode_progress measuring = lode_progress_part(progress, end, 1);
    LODE_TRY(check_deposits(s));
    LODE_TRY(read_samples(s));
    LODE_TRY(prepare_recipe(s, &scaling));
    LODE_TRY(lode_pool_draw(s->bench.stack, s->bench.recipe, widest_half_window(s),
                            s->bench.sampling, s->options, &drawing, &s->pool));
    s->bench.pool = s->pool;
    LODE_TRY(check_trials(s));
    LODE_TRY(learn_unlabelled(s, &learning));
    for (int m = 0; m < s->count; m++) {
        double step = (end - start) / s->count;
        lode_progress part = lode_progress_part(progress, start + m * step, start + (m + 1) * step);
        LODE_TRY(run_method(s, m, &part));
    }
    return lode_cluster_leads(s->options->cluster) ? conclude(s, &measuring, validation) : LODE_OK;
}

lode_status lode_validate(lode_stack *stack, const lode_validate_options *options,
                          const lode_progress *progress, lode_validation **validation) {
    session s = {.options = options, .sampling = {.band = -1}};
    s.bench.stack = stack;
    s.bench.options = options;
    lode_status status = find_distance_band(&s);
    if (status == LODE_OK)
        status = list_methods(&s);
    if (status == LODE_OK)
        status = run_session(&s, progress, validation);
    close_session(&s);
    return status;
}

lode_status lode_validation_write_folds(const lode_validation *validation, lode_stack *stack,
                                        const char *path) {
    const lode_grid *grid = lode_stack_grid(stack);
    const char *const names[] = {"fold"};
    if (!validation->block_folds)
        return lode_fail(LODE_ERROR_USAGE, "Folds by deposit clusters have no map of blocks.");
    lode_writer *writer;
    LODE_TRY(lode_writer_open(path, grid, names, 1, &writer));
    float *line = lode_alloc((size_t)grid->width, sizeof *line);
    lode_status status = line ? LODE_OK : lode_fail_memory();
    for (int row = 0; row < grid->height && status == LODE_OK; row++) {
        for (int column = 0; column < grid->width; column++) {
            int fold = validation->block_folds[lode_blocks_at(&validation->blocks, column, row)];
            line[column] = fold < 0 ? LODE_NODATA : (float)(fold + 1);
        }
        status = lode_writer_write(writer, 0, row, grid->width, 1, line);
    }
    lode_free(line);
    if (status != LODE_OK) {
        lode_writer_abandon(writer);
        return status;
    }
    return lode_writer_commit(writer);
}

void lode_validation_tell(const lode_validation *validation) {
    const json_t *warnings = json_object_get(validation->json, "warnings"), *warning;
    size_t i;
    json_array_foreach(warnings, i, warning)
        lode_log(LODE_LOG_WARNING, "%s", json_string_value(warning));
    lode_log(LODE_LOG_INFO, "%s", json_string_value(json_object_get(validation->json, "verdict")));
}

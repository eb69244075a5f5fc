#include "contrast/pretrain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contrast/checkpoint.h"
#include "contrast/domain.h"
#include "contrast/learner.h"
#include "encoder/dense.h"
#include "encoder/ensemble.h"
#include "util/error.h"
#include "util/hash.h"
#include "util/json.h"
#include "util/memory.h"

enum {
    SETTLE_STEPS = 8,     /* batches that the final running statistics are taken from */
    COLLAPSE_STEPS = 20,  /* steps in a row that tell a collapse from a bad moment */
    REPORTED_LOSSES = 100 /* most losses in the log */
};
#define COLLAPSE_SPREAD 0.02

void lode_pretrain_defaults(lode_pretrain_options *options) {
    *options = (lode_pretrain_options){
        .objective = "simclr",
        .encoder = "dense",
        .members = 1,
        .steps = 300,
        .tiles = 8,
        .anchors = 64,
        .weight_decay = 1e-4,
        .views = {.channel_dropout = 0.3,
                  .perturbation = 0.5,
                  .noise = 0.1,
                  .jitter = 2,
                  .rotate = true},
        .seed = 1,
    };
}

typedef struct training {
    lode_stack *stack;
    const lode_recipe *recipe;
    const lode_pretrain_options *options;
    const lode_progress *progress;
    lode_encoder *encoder;
    lode_batch_shape shape;
    int *bands;
    lode_domain *domain;
    lode_team *team;
    lode_batch *batch;
    lode_learner *learner;
    float *losses; /* [steps] */
    int64_t anchors;
    int collapsed; /* steps in a row */
    double spread;
    char *signature; /* what a checkpoint must agree with */
} training;

/* Smallest plane of embeddings that holds four times the anchors drawn from it. */
static int plane_side(int anchors) {
    int side = 1;
    while (side * side < 4 * anchors)
        side++;
    return side;
}

static void choose_shape(training *work) {
    const lode_pretrain_options *options = work->options;
    bool dense = lode_encoder_get_kind(work->encoder)->dense;
    work->shape.tiles = dense ? options->tiles : options->anchors;
    work->shape.anchors = dense ? options->anchors : 1;
    work->shape.outputs = dense ? plane_side(options->anchors) : 1;
    work->shape.side = work->shape.outputs + 2 * lode_encoder_half_window(work->encoder);
    work->shape.cluster = options->cluster;
}

static lode_status check_cluster(const training *work) {
    int size = lode_cluster_size(work->shape.cluster);
    bool dense = lode_encoder_get_kind(work->encoder)->dense;
    if (size <= work->shape.tiles)
        return LODE_OK;
    return lode_fail(LODE_ERROR_USAGE,
                     "%d processes cannot share the %d %s of a training step. Raise --%s, or start "
                     "fewer processes with more --threads.",
                     size, work->shape.tiles, dense ? "tiles" : "windows",
                     dense ? "tiles" : "anchors");
}

lode_status lode_check_window(const lode_stack *stack, const lode_encoder *encoder) {
    const lode_grid *grid = lode_stack_grid(stack);
    int window = 2 * lode_encoder_half_window(encoder) + 1;
    if (grid->width < window || grid->height < window)
        return lode_fail(
            LODE_ERROR_DATA,
            "'%s' has %d x %d cells, less than the window of %d x %d. Choose a smaller "
            "--window, or grid the data with smaller cells.",
            lode_stack_name(stack), grid->width, grid->height, window, window);
    return LODE_OK;
}

static lode_status check_places(const training *work) {
    int64_t needed = (int64_t)work->shape.tiles * work->shape.anchors;
    int64_t found = lode_domain_count(work->domain);
    if (found < needed)
        return lode_fail(LODE_ERROR_DATA,
                         "'%s' has %lld cells with data to train on, less than the %lld anchors of "
                         "one step. Choose fewer --anchors, or grid the data with smaller cells.",
                         lode_stack_name(work->stack), (long long)found, (long long)needed);
    return LODE_OK;
}

/* What a checkpoint must agree with. */
static char *sign(const training *work) {
    const lode_pretrain_options *options = work->options;
    const lode_encoder_kind *kind = lode_encoder_get_kind(work->encoder);
    const lode_grid *grid = lode_stack_grid(work->stack);
    uint64_t allowed = LODE_HASH_START;
    if (options->allowed)
        allowed = lode_hash(allowed, options->allowed, (size_t)grid->width * (size_t)grid->height);
    return lode_checkpoint_signature(json_pack(
        "{so ss ss so so so si si sf sf sf sf si si si sI sI}", "stack",
        lode_json_text(lode_stack_name(work->stack)), "objective", options->objective, "encoder",
        kind->name, "hyper", kind->describe(lode_encoder_state(work->encoder)), "recipe",
        lode_recipe_describe(work->recipe), "views", lode_views_describe(&options->views), "width",
        grid->width, "height", grid->height, "temperature", options->temperature, "learning_rate",
        options->learning_rate, "weight_decay", options->weight_decay, "average", options->average,
        "steps", options->steps, "tiles", options->tiles, "anchors", options->anchors, "seed",
        (json_int_t)options->seed, "allowed", (json_int_t)(allowed >> 2)));
}

static lode_status open_training(training *work) {
    const lode_pretrain_options *options = work->options;
    LODE_TRY(lode_encoder_create(options->encoder, options->hyper, work->recipe->channels + 1,
                                 options->seed, &work->encoder));
    choose_shape(work);
    LODE_TRY(check_cluster(work));
    LODE_TRY(lode_check_window(work->stack, work->encoder));
    work->bands = lode_alloc((size_t)work->recipe->bands, sizeof *work->bands);
    work->losses = lode_alloc((size_t)options->steps, sizeof *work->losses);
    if (!work->bands || !work->losses)
        return lode_fail_memory();
    LODE_TRY(lode_recipe_match(work->recipe, work->stack, work->bands));
    lode_progress scanning = lode_progress_part(work->progress, 0, 0.03);
    LODE_TRY(lode_domain_create(work->stack, work->recipe, work->bands, options->allowed,
                                options->cluster, options->threads, &scanning, &work->domain));
    LODE_TRY(check_places(work));
    LODE_TRY(lode_team_create(options->threads, &work->team));
    LODE_TRY(lode_batch_create(work->stack, work->recipe, work->bands, work->domain, &work->shape,
                               options->seed, options->threads, &work->batch));
    LODE_TRY(lode_learner_create(options, work->encoder, &work->shape, work->team, &work->learner));
    work->signature = sign(work);
    return work->signature ? LODE_OK : lode_fail_memory();
}

static void close_training(training *work) {
    lode_learner_free(work->learner);
    lode_batch_free(work->batch);
    lode_team_free(work->team);
    lode_domain_free(work->domain);
    lode_free(work->bands);
    lode_free(work->losses);
    lode_free(work->signature);
}

static lode_status check_collapse(training *work, int step) {
    work->collapsed = work->spread < COLLAPSE_SPREAD ? work->collapsed + 1 : 0;
    if (work->collapsed < COLLAPSE_STEPS)
        return LODE_OK;
    return lode_fail(
        LODE_ERROR_DATA,
        "Training collapsed at step %d: every place gets the same embedding (spread "
        "%.4f). Use --objective simclr, weaken the views (--channel-dropout, "
        "--perturbation, --noise), lower --learning-rate, and check that the bands are "
        "not constant.",
        step + 1, work->spread);
}

static lode_status one_step(training *work, int step) {
    float *view[2];
    double loss = 0, fraction = 0.03 + 0.94 * step / work->options->steps;
    lode_progress here = lode_progress_part(work->progress, fraction, fraction);
    lode_learner_inputs(work->learner, view);
    LODE_TRY(lode_batch_fill(work->batch, &work->options->views, step, &here, view));
    LODE_TRY(lode_learner_step(work->learner, work->batch, step, &here, &loss, &work->spread));
    work->losses[step] = (float)loss;
    work->anchors += work->batch->count;
    LODE_TRY(check_collapse(work, step));
    char message[96];
    snprintf(message, sizeof message, "pretraining, step %d of %d, loss %.2f", step + 1,
             work->options->steps, loss);
    return lode_progress_report(&here, 1, message);
}

/* Everything a checkpoint holds as arrays. */
enum { SAVED = LODE_LEARNER_SAVED + 1 };

static int list_saved(const training *work, lode_saved list[SAVED]) {
    int count = lode_learner_saved(work->learner, list);
    list[count++] = (lode_saved){"losses", work->losses, (size_t)work->options->steps};
    return count;
}

static lode_status write_checkpoint(const training *work, int step) {
    lode_saved list[SAVED];
    int count = list_saved(work, list);
    json_t *state = json_pack("{si sI si sf}", "step", step, "anchors", (json_int_t)work->anchors,
                              "collapsed", work->collapsed, "spread", work->spread);
    if (!state)
        return lode_fail_memory();
    lode_status status =
        lode_checkpoint_write(work->options->checkpoint, work->signature, state, list, count);
    json_decref(state);
    return status;
}

/* Sets *step to the first one that remains to be done. */
static lode_status read_checkpoint(training *work, int *step) {
    const char *path = work->options->checkpoint;
    lode_saved list[SAVED];
    int count = list_saved(work, list);
    json_t *state;
    json_int_t anchors = 0;
    LODE_TRY(lode_checkpoint_read(path, work->signature, &state, list, count));
    int bad = json_unpack(state, "{si sI si sF}", "step", step, "anchors", &anchors, "collapsed",
                          &work->collapsed, "spread", &work->spread);
    json_decref(state);
    if (bad || *step < 0 || *step > work->options->steps)
        return lode_checkpoint_damaged(path);
    work->anchors = anchors;
    lode_learner_resume(work->learner);
    lode_log(LODE_LOG_INFO, "Continuing from step %d of '%s'.", *step, path);
    return LODE_OK;
}

/* Every process reads the checkpoint itself. */
static lode_status check_agreement(const training *work, int first) {
    int agreed = first;
    LODE_TRY(lode_cluster_tell(work->options->cluster, &agreed, sizeof agreed, work->progress));
    if (first == agreed)
        return LODE_OK;
    return lode_fail(LODE_ERROR_IO,
                     "The processes find different checkpoints '%s' (steps %d and %d). Put it in a "
                     "folder that all machines share.",
                     work->options->checkpoint ? work->options->checkpoint : "", first, agreed);
}

static lode_status all_steps(training *work) {
    const char *path = work->options->checkpoint;
    int first = 0;
    if (lode_checkpoint_exists(path))
        LODE_TRY(read_checkpoint(work, &first));
    LODE_TRY(check_agreement(work, first));
    for (int step = first; step < work->options->steps; step++) {
        LODE_TRY(one_step(work, step));
        if (path && lode_cluster_leads(work->options->cluster) &&
            ((step + 1) % LODE_CHECKPOINT_STEPS == 0 || step + 1 == work->options->steps))
            LODE_TRY(write_checkpoint(work, step + 1));
    }
    return LODE_OK;
}

/* The running statistics become the means over fixed batches of unchanged tiles: inference sees no
 * dropped channels, and the final weights (the last ones, or their average, which no step of the
 * training has seen) decide. */
static lode_status settle(training *work) {
    static const lode_views unchanged = {0};
    float *view[2];
    lode_learner_use_average(work->learner);
    lode_learner_inputs(work->learner, view);
    for (int i = 0; i < SETTLE_STEPS; i++) {
        double fraction = 0.97 + 0.03 * i / SETTLE_STEPS;
        lode_progress here = lode_progress_part(work->progress, fraction, fraction);
        LODE_TRY(lode_progress_report(&here, 1, "settling normalisation"));
        LODE_TRY(lode_batch_fill(work->batch, &unchanged, work->options->steps + i, &here, view));
        LODE_TRY(lode_learner_settle(work->learner, 1.0 / (i + 1), &here));
    }
    LODE_TRY(lode_encoder_prepare(work->encoder));
    return lode_progress_report(work->progress, 1, "pretrained");
}

/* The losses, thinned to means over equal runs of steps. */
static json_t *loss_list(const training *work) {
    int steps = work->options->steps, count = steps < REPORTED_LOSSES ? steps : REPORTED_LOSSES;
    json_t *list = json_array();
    for (int i = 0; i < count; i++) {
        int from = (int)((int64_t)i * steps / count), to = (int)((int64_t)(i + 1) * steps / count);
        double sum = 0;
        for (int k = from; k < to; k++)
            sum += work->losses[k];
        json_array_append_new(list, json_real(round(sum / (to - from) * 1e5) / 1e5));
    }
    return list;
}

json_t *lode_views_describe(const lode_views *views) {
    return json_pack("{sf sf sf sf sb}", "channel_dropout", views->channel_dropout, "perturbation",
                     views->perturbation, "noise", views->noise, "jitter", views->jitter, "rotate",
                     views->rotate);
}

static json_t *describe(const training *work) {
    const lode_pretrain_options *options = work->options;
    return json_pack("{ss si si si sI sf sf sf sf sI sf so so}", "objective", options->objective,
                     "steps", options->steps, "tiles", work->shape.tiles, "anchors_per_tile",
                     work->shape.anchors, "anchors", (json_int_t)work->anchors, "temperature",
                     options->temperature, "learning_rate", options->learning_rate, "weight_decay",
                     options->weight_decay, "average", options->average, "seed",
                     (json_int_t)options->seed, "spread", round(work->spread * 1e5) / 1e5, "views",
                     lode_views_describe(&options->views), "losses", loss_list(work));
}

static lode_status pretrain_one(lode_stack *stack, const lode_recipe *recipe,
                                const lode_pretrain_options *options, const lode_progress *progress,
                                lode_encoder **encoder, json_t **log) {
    lode_pretrain_options complete = *options;
    if (complete.temperature <= 0)
        complete.temperature = strcmp(options->objective, "moco") == 0 ? 0.2 : 0.5;
    if (complete.learning_rate <= 0)
        complete.learning_rate =
            strcmp(options->encoder, lode_encoder_dense.name) == 0 ? 3e-3 : 1e-3;
    training work = {.stack = stack, .recipe = recipe, .options = &complete, .progress = progress};
    lode_status status = open_training(&work);
    if (status == LODE_OK)
        status = all_steps(&work);
    if (status == LODE_OK)
        status = settle(&work);
    json_t *described = status == LODE_OK ? describe(&work) : NULL;
    if (status == LODE_OK && !described)
        status = lode_fail_memory();
    close_training(&work);
    if (status != LODE_OK) {
        lode_encoder_free(work.encoder);
        return status;
    }
    *encoder = work.encoder;
    *log = described;
    return LODE_OK;
}

/* ---- Ensembles --------------------------------------------------------------------------------
 */

static lode_status check_members(const lode_pretrain_options *options) {
    if (strcmp(options->encoder, lode_encoder_dense.name) != 0)
        return lode_fail(LODE_ERROR_USAGE, "An --ensemble is made of dense encoders only.");
    if (options->checkpoint)
        return lode_fail(LODE_ERROR_USAGE, "--checkpoint is for one encoder, not for an "
                                           "--ensemble.");
    return LODE_OK;
}

/* Trains member after member with a seed of its own; the log of the first stands for all. */
static lode_status pretrain_members(lode_stack *stack, const lode_recipe *recipe,
                                    const lode_pretrain_options *options,
                                    const lode_progress *progress, lode_encoder **encoder,
                                    json_t **log) {
    lode_encoder *members[LODE_MOST_MEMBERS] = {NULL};
    json_t *first = NULL;
    lode_status status = LODE_OK;
    int count = options->members;
    for (int k = 0; k < count && status == LODE_OK; k++) {
        lode_pretrain_options own = *options;
        lode_progress part =
            lode_progress_part(progress, (double)k / count, (double)(k + 1) / count);
        json_t *one = NULL;
        own.seed += (uint64_t)k;
        status = pretrain_one(stack, recipe, &own, &part, &members[k], &one);
        if (k == 0)
            first = one;
        else
            json_decref(one);
    }
    if (status == LODE_OK)
        status = lode_ensemble_gather(members, count, encoder);
    for (int k = 0; k < count; k++)
        lode_encoder_free(members[k]);
    if (status != LODE_OK) {
        json_decref(first);
        return status;
    }
    json_object_set_new(first, "ensemble", json_integer(count));
    *log = first;
    return lode_encoder_prepare(*encoder);
}

lode_status lode_pretrain(lode_stack *stack, const lode_recipe *recipe,
                          const lode_pretrain_options *options, const lode_progress *progress,
                          lode_encoder **encoder, json_t **log) {
    if (options->members <= 1)
        return pretrain_one(stack, recipe, options, progress, encoder, log);
    LODE_TRY(check_members(options));
    return pretrain_members(stack, recipe, options, progress, encoder, log);
}

lode_status lode_pretrain_blank(const lode_recipe *recipe, const lode_pretrain_options *options,
                                lode_encoder **encoder) {
    const char *kind = options->encoder;
    json_t *hyper = json_incref((json_t *)options->hyper);
    if (options->members > 1) {
        LODE_TRY(check_members(options));
        kind = lode_encoder_ensemble.name;
        hyper = json_pack("{s:i, s:O?}", "members", options->members, "member", options->hyper);
        if (!hyper)
            return lode_fail_memory();
    }
    lode_status status =
        lode_encoder_create(kind, hyper, recipe->channels + 1, options->seed, encoder);
    json_decref(hyper);
    return status == LODE_OK ? lode_encoder_prepare(*encoder) : status;
}

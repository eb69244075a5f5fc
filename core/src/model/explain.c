#include "model/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "raster/writer.h"
#include "targets/region.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

/* Small, so that one item (a channel and a step on one tile) takes well under a second. */
enum { TILE = 96 };

typedef struct session {
    const lode_model *model;
    const lode_explain_options *options;
    lode_features features;
    lode_stack *stack;
    int *numbers; /* stack bands of the recipe */
    int channels, steps;
    float *odds; /* [height * width] of the grid, NaN without data */
    double threshold;
    double *inside, *everywhere; /* [channels] sums of contributions */
    double inside_cells, cells, gap, change;
    lode_writer *writer;
} session;

/* One tile of the pass. */
typedef struct tile {
    session *owner;
    int x, y, width, height;
    lode_span columns, rows;
    float *scaled; /* [rows.count][columns.count][channels + 1] */
    float *parts;  /* [channels * steps][height * width] */
} tile;

static size_t plane(const tile *t) {
    return (size_t)t->width * (size_t)t->height;
}

static size_t scaled_size(const tile *t) {
    return (size_t)t->columns.count * (size_t)t->rows.count * (size_t)(t->owner->channels + 1);
}

/* Log odds of every cell of the tile from scaled values. */
static lode_status log_odds(const tile *t, const float *scaled, float *out) {
    const lode_head *head = t->owner->model->head;
    size_t count = (size_t)head->features;
    float *values = lode_alloc(plane(t), count * sizeof *values);
    if (!values)
        return lode_fail_memory();
    lode_status status =
        lode_features_compute(&t->owner->features, scaled, &t->columns, &t->rows, values);
    for (size_t i = 0; i < plane(t) && status == LODE_OK; i++) {
        double odds = head->score_bias;
        for (size_t j = 0; j < count; j++)
            odds += head->score_weights[j] * values[i * count + j];
        out[i] = (float)(head->platt_a * odds + head->platt_b);
    }
    lode_free(values);
    return status;
}

/* Every channel times share, the mask untouched; then channel `moved` times `other` instead. */
static void on_path(const tile *t, double share, int moved, double other, float *out) {
    size_t channels = (size_t)t->owner->channels + 1, n = scaled_size(t);
    for (size_t i = 0; i < n; i += channels) {
        for (size_t c = 0; c + 1 < channels; c++)
            out[i + c] = (float)(share * t->scaled[i + c]);
        out[i + channels - 1] = t->scaled[i + channels - 1];
        if (moved >= 0)
            out[i + (size_t)moved] = (float)(other * t->scaled[i + (size_t)moved]);
    }
}

/* Item = channel x step: the change over this step of the path when the channel alone moves. */
static lode_status walk_step(void *context, size_t item, int worker) {
    (void)worker;
    const tile *t = context;
    int channel = (int)(item / (size_t)t->owner->steps),
        step = (int)(item % (size_t)t->owner->steps);
    double from = (double)step / t->owner->steps, to = (step + 1.0) / t->owner->steps;
    float *moved = lode_alloc(scaled_size(t), sizeof *moved);
    float *before = lode_alloc(plane(t), sizeof *before);
    float *out = t->parts + item * plane(t);
    lode_status status = moved && before ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK) {
        on_path(t, 0.5 * (from + to), channel, from, moved);
        status = log_odds(t, moved, before);
    }
    if (status == LODE_OK) {
        on_path(t, 0.5 * (from + to), channel, to, moved);
        status = log_odds(t, moved, out);
    }
    for (size_t i = 0; i < plane(t) && status == LODE_OK; i++)
        out[i] -= before[i];
    lode_free(moved);
    lode_free(before);
    return status;
}

/* ---- Tiles ------------------------------------------------------------------------------------
 */

static size_t tile_count(const session *s) {
    return lode_grid_tile_count(lode_stack_grid(s->stack), TILE);
}

static lode_status read_tile(session *s, size_t number, tile *t) {
    *t = (tile){.owner = s};
    lode_grid_tile(lode_stack_grid(s->stack), TILE, number, &t->x, &t->y, &t->width, &t->height);
    t->columns = lode_features_span(&s->features, t->x, t->width);
    t->rows = lode_features_span(&s->features, t->y, t->height);
    int wide = t->columns.count, tall = t->rows.count;
    int bands = s->model->recipe->bands;
    size_t cells = (size_t)wide * (size_t)tall;
    float *raw = lode_alloc(cells, (size_t)bands * sizeof *raw);
    t->scaled = lode_alloc(scaled_size(t), sizeof *t->scaled);
    lode_status status = raw && t->scaled ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_stack_read(s->stack, t->columns.first, t->rows.first, wide, tall, s->numbers,
                                 bands, raw);
    if (status == LODE_OK)
        lode_recipe_apply(s->model->recipe, raw, cells, t->scaled);
    lode_free(raw);
    if (status != LODE_OK) {
        lode_free(t->scaled);
        t->scaled = NULL;
    }
    return status;
}

static bool has_data(const tile *t, size_t cell) {
    const session *s = t->owner;
    size_t row = cell / (size_t)t->width + (size_t)(t->y - t->rows.first);
    size_t column = cell % (size_t)t->width + (size_t)(t->x - t->columns.first);
    size_t wide = (size_t)t->columns.count, channels = (size_t)s->channels + 1;
    return t->scaled[(row * wide + column) * channels + channels - 1] > 0;
}

/* First pass: the log odds of the whole raster, which tell what counts as a target. */
static lode_status odds_of_tile(void *context, size_t number, int worker) {
    (void)worker;
    session *s = context;
    size_t width = (size_t)lode_stack_grid(s->stack)->width;
    tile t;
    LODE_TRY(read_tile(s, number, &t));
    float *odds = lode_alloc(plane(&t), sizeof *odds);
    lode_status status = odds ? log_odds(&t, t.scaled, odds) : lode_fail_memory();
    for (size_t i = 0; i < plane(&t) && status == LODE_OK; i++) {
        size_t row = (size_t)t.y + i / (size_t)t.width, column = (size_t)t.x + i % (size_t)t.width;
        s->odds[row * width + column] = has_data(&t, i) ? odds[i] : NAN;
    }
    lode_free(odds);
    lode_free(t.scaled);
    return status;
}

/* Sums the steps of one cell into its contributions, and adds these to the summary. change: how
 * much they should amount to. */
static void finish_cell(const tile *t, size_t cell, float odds, double change, float *planes) {
    session *s = t->owner;
    size_t cells = plane(t), steps = (size_t)s->steps;
    bool data = isfinite(odds), target = data && odds >= s->threshold;
    double all = 0;
    for (size_t c = 0; c < (size_t)s->channels; c++) {
        float sum = 0;
        for (size_t k = 0; k < steps; k++)
            sum += t->parts[(c * steps + k) * cells + cell];
        planes[c * cells + cell] = data ? sum : LODE_NODATA;
        s->everywhere[c] += data ? sum : 0;
        s->inside[c] += target ? sum : 0;
        all += sum;
    }
    s->inside_cells += target;
    s->cells += data;
    s->gap += data ? fabs(all - change) : 0;
    s->change += data ? fabs(change) : 0;
}

static lode_status write_tile(tile *t) {
    session *s = t->owner;
    size_t cells = plane(t), channels = (size_t)s->channels;
    size_t grid_width = (size_t)lode_stack_grid(s->stack)->width;
    float *planes = lode_alloc(channels * cells, sizeof *planes);
    float *start = lode_alloc(cells, sizeof *start);
    float *zero = lode_alloc(scaled_size(t), sizeof *zero);
    lode_status status = planes && start && zero ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK) {
        on_path(t, 0, -1, 0, zero);
        status = log_odds(t, zero, start);
    }
    for (size_t i = 0; i < cells && status == LODE_OK; i++) {
        size_t row = (size_t)t->y + i / (size_t)t->width;
        size_t column = (size_t)t->x + i % (size_t)t->width;
        float odds = s->odds[row * grid_width + column];
        finish_cell(t, i, odds, (double)odds - start[i], planes);
    }
    if (status == LODE_OK)
        status = lode_writer_write(s->writer, t->x, t->y, t->width, t->height, planes);
    lode_free(planes);
    lode_free(start);
    lode_free(zero);
    return status;
}

static lode_status explain_tile(session *s, size_t number, const lode_progress *progress) {
    tile t;
    LODE_TRY(read_tile(s, number, &t));
    size_t items = (size_t)s->channels * (size_t)s->steps;
    t.parts = lode_alloc(items * plane(&t), sizeof *t.parts);
    lode_status status = t.parts ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status =
            lode_parallel_for(items, s->options->threads, walk_step, &t, progress, "explaining");
    if (status == LODE_OK)
        status = write_tile(&t);
    lode_free(t.parts);
    lode_free(t.scaled);
    return status;
}

/* ---- Summary ----------------------------------------------------------------------------------
 */

typedef struct contribution {
    const char *name;
    double inside, everywhere;
} contribution;

static int greatest_first(const void *left, const void *right) {
    double a = ((const contribution *)left)->inside, b = ((const contribution *)right)->inside;
    return (a < b) - (a > b);
}

static void tell(const contribution *list, int count) {
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < 5 && i < count; i++) {
            const contribution *one = &list[side ? count - 1 - i : i];
            if (side ? one->inside < 0 : one->inside > 0)
                lode_log(LODE_LOG_INFO, "%s the score of targets: %s (%+.3f log odds on average)",
                         side ? "Lowers" : "Raises", one->name, one->inside);
        }
}

static lode_status summarise(const session *s, json_t *json) {
    contribution *list = lode_alloc((size_t)s->channels, sizeof *list);
    if (!list)
        return lode_fail_memory();
    for (int c = 0; c < s->channels; c++)
        list[c] = (contribution){s->model->recipe->channel_names[c], s->inside[c] / s->inside_cells,
                                 s->everywhere[c] / s->cells};
    qsort(list, (size_t)s->channels, sizeof *list, greatest_first);
    json_t *bands = json_array();
    for (int c = 0; c < s->channels; c++)
        json_array_append_new(bands,
                              json_pack("{s:s, s:f, s:f}", "band", list[c].name, "in_targets",
                                        list[c].inside, "everywhere", list[c].everywhere));
    json_object_set_new(json, "bands", bands);
    json_object_set_new(json, "steps", json_integer(s->steps));
    json_object_set_new(json, "unexplained", json_real(s->change > 0 ? s->gap / s->change : 0));
    tell(list, s->channels);
    lode_free(list);
    return LODE_OK;
}

/* ---- All together -----------------------------------------------------------------------------
 */

lode_status lode_explain_check(const lode_model *model) {
    if (!model->head)
        return lode_fail(LODE_ERROR_MODEL, "'%s' has no head: run 'lode fit' on it first.",
                         model->name);
    if ((model->head->inputs & LODE_INPUT_EMBEDDING) &&
        !lode_encoder_get_kind(model->encoder)->dense)
        return lode_fail(LODE_ERROR_MODEL,
                         "'%s' has the encoder %s, which looks at every window alone; a map of "
                         "attributions needs the dense encoder.",
                         model->name, lode_encoder_get_kind(model->encoder)->name);
    return LODE_OK;
}

static lode_status prepare(session *s) {
    const lode_grid *grid = lode_stack_grid(s->stack);
    const lode_recipe *recipe = s->model->recipe;
    s->features = lode_model_features(s->model);
    s->channels = recipe->channels;
    s->steps = s->model->head->inputs & LODE_INPUT_EMBEDDING ? s->options->steps : 1;
    s->numbers = lode_alloc((size_t)recipe->bands, sizeof *s->numbers);
    s->odds = lode_alloc((size_t)grid->width, (size_t)grid->height * sizeof *s->odds);
    s->inside = lode_alloc((size_t)s->channels, sizeof *s->inside);
    s->everywhere = lode_alloc((size_t)s->channels, sizeof *s->everywhere);
    if (!s->numbers || !s->odds || !s->inside || !s->everywhere)
        return lode_fail_memory();
    return lode_recipe_match(recipe, s->stack, s->numbers);
}

static lode_status explain(session *s, const lode_progress *progress, const char *path) {
    const lode_grid *grid = lode_stack_grid(s->stack);
    lode_progress first = lode_progress_part(progress, 0, 0.03);
    LODE_TRY(prepare(s));
    LODE_TRY(
        lode_parallel_for(tile_count(s), s->options->threads, odds_of_tile, s, &first, "scoring"));
    LODE_TRY(lode_surface_threshold(s->odds, (size_t)grid->width * (size_t)grid->height,
                                    s->options->top, &s->threshold));
    if (!isfinite(s->threshold))
        return lode_fail(LODE_ERROR_DATA, "'%s' has no data for the model.",
                         lode_stack_name(s->stack));
    LODE_TRY(lode_writer_open(path, grid, (const char *const *)s->model->recipe->channel_names,
                              s->channels, &s->writer));
    LODE_TRY(lode_writer_describe(s->writer, "LODE", "MODEL", s->model->name));
    LODE_TRY(lode_writer_describe(s->writer, "LODE", "UNIT", "log odds"));
    size_t tiles = tile_count(s);
    for (size_t i = 0; i < tiles; i++) {
        lode_progress part = lode_progress_part(progress, 0.03 + 0.97 * (double)i / (double)tiles,
                                                0.03 + 0.97 * (double)(i + 1) / (double)tiles);
        LODE_TRY(explain_tile(s, i, &part));
    }
    lode_writer *writer = s->writer;
    s->writer = NULL;
    return lode_writer_commit(writer);
}

lode_status lode_explain(const lode_model *model, lode_stack *stack,
                         const lode_explain_options *options, const lode_progress *progress,
                         const char *path, json_t *json) {
    LODE_TRY(lode_explain_check(model));
    session s = {.model = model, .options = options, .stack = stack};
    lode_status status = explain(&s, progress, path);
    if (status == LODE_OK)
        status = summarise(&s, json);
    lode_writer_abandon(s.writer);
    lode_free(s.numbers);
    lode_free(s.odds);
    lode_free(s.inside);
    lode_free(s.everywhere);
    return status;
}

/* plan.c - chosen output bands of a model, and their values over a tile (public, lode.h). */
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "head/reference.h"
#include "model/model.h"
#include "model/plan.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/simd.h"
#include "util/transpose.h"

typedef enum group {
    GROUP_SCORE,
    GROUP_UNCERTAINTY,
    GROUP_PERCENTILE,
    GROUP_ANOMALY,
    GROUP_SUPPORT,
    GROUP_EMBEDDING,
    GROUP_COUNT
} group;

static const char *const group_names[GROUP_COUNT] = {"score",   "uncertainty", "percentile",
                                                     "anomaly", "support",     "embedding"};

/* What a prediction works in, kept for the next one: fresh memory costs a tenth of a map. */
typedef struct workspace {
    struct workspace *next;
    void *scaled, *has_data, *valid, *scratch;
    size_t scaled_size, has_data_size, valid_size, scratch_size;
} workspace;

typedef struct pool {
    pthread_mutex_t mutex;
    workspace *idle;
} pool;

struct lode_plan {
    const lode_model *model;
    lode_features features;
    int feature_count;
    int bands;
    group *groups; /* [bands] */
    int *index;    /* [bands] feature of an embedding band */
    char **names;  /* [bands] */
    bool wanted[GROUP_COUNT];
    pool *pool;
};

/* ---- Memory -----------------------------------------------------------------------------------
 */

static lode_status pool_create(pool **made) {
    pool *p = lode_alloc(1, sizeof *p);
    if (!p)
        return lode_fail_memory();
    pthread_mutex_init(&p->mutex, NULL);
    *made = p;
    return LODE_OK;
}

/* One that nobody uses; NULL when memory is short. */
static workspace *take_workspace(pool *from) {
    pthread_mutex_lock(&from->mutex);
    workspace *taken = from->idle;
    if (taken)
        from->idle = taken->next;
    pthread_mutex_unlock(&from->mutex);
    return taken ? taken : lode_alloc(1, sizeof *taken);
}

static void give_back(pool *to, workspace *used) {
    pthread_mutex_lock(&to->mutex);
    used->next = to->idle;
    to->idle = used;
    pthread_mutex_unlock(&to->mutex);
}

static void workspace_free(workspace *w) {
    lode_free(w->scaled);
    lode_free(w->has_data);
    lode_free(w->valid);
    lode_free(w->scratch);
    lode_free(w);
}

void lode_plan_trim(const lode_plan *plan) {
    pthread_mutex_lock(&plan->pool->mutex);
    workspace *idle = plan->pool->idle;
    plan->pool->idle = NULL;
    pthread_mutex_unlock(&plan->pool->mutex);
    while (idle) {
        workspace *next = idle->next;
        workspace_free(idle);
        idle = next;
    }
}

void lode_plan_free(lode_plan *plan) {
    if (!plan)
        return;
    for (int i = 0; plan->names && i < plan->bands; i++)
        lode_free(plan->names[i]);
    lode_free(plan->names);
    lode_free(plan->groups);
    lode_free(plan->index);
    if (plan->pool) {
        lode_plan_trim(plan);
        pthread_mutex_destroy(&plan->pool->mutex);
        lode_free(plan->pool);
    }
    lode_free(plan);
}

const lode_model *lode_plan_model(const lode_plan *plan) {
    return plan->model;
}

int lode_plan_band_count(const lode_plan *plan) {
    return plan->bands;
}

const char *lode_plan_band_name(const lode_plan *plan, int band) {
    return band >= 0 && band < plan->bands ? plan->names[band] : NULL;
}

const char *lode_plan_band_group(const lode_plan *plan, int band) {
    return band >= 0 && band < plan->bands ? group_names[plan->groups[band]] : NULL;
}

/* ---- Making -----------------------------------------------------------------------------------
 */

static lode_status add_group(lode_plan *plan, group kind) {
    int count = kind == GROUP_EMBEDDING ? plan->feature_count : 1;
    plan->wanted[kind] = true;
    for (int i = 0; i < count; i++) {
        plan->groups[plan->bands] = kind;
        plan->index[plan->bands] = i;
        plan->names[plan->bands] = kind == GROUP_EMBEDDING ? lode_features_name(&plan->features, i)
                                                           : lode_strdup(group_names[kind]);
        if (!plan->names[plan->bands])
            return lode_fail_memory();
        plan->bands++;
    }
    return LODE_OK;
}

static lode_status find_group(const lode_model *model, const char *word, size_t length,
                              group *found) {
    for (int i = 0; i < GROUP_COUNT; i++) {
        if (strlen(group_names[i]) != length || strncmp(group_names[i], word, length) != 0)
            continue;
        if (i <= GROUP_PERCENTILE && !model->head)
            return lode_fail(
                LODE_ERROR_MODEL,
                "'%s' has no head, so it has no band '%s'. Run 'lode fit' on it first, "
                "or ask for the embedding.",
                model->name, group_names[i]);
        if (i == GROUP_UNCERTAINTY && model->head->bags < 2)
            return lode_fail(
                LODE_ERROR_MODEL,
                "'%s' has no band 'uncertainty': it is one network with one head, trained once, "
                "and nothing is known of how its score would vary. Ask for score and percentile.",
                model->name);
        if ((i == GROUP_ANOMALY || i == GROUP_SUPPORT) && !model->reference)
            return lode_fail(LODE_ERROR_MODEL,
                             "'%s' holds no reference of its training area, so it "
                             "has no band '%s'.",
                             model->name, group_names[i]);
        *found = (group)i;
        return LODE_OK;
    }
    return lode_fail(
        LODE_ERROR_USAGE,
        "There is no band '%.*s'; choose from score, uncertainty, percentile, anomaly, "
        "support, embedding.",
        (int)length, word);
}

static lode_status add_groups(lode_plan *plan, const char *groups) {
    for (const char *at = groups; *at;) {
        at += strspn(at, " ,");
        size_t length = strcspn(at, " ,");
        if (length == 0)
            break;
        group kind = GROUP_SCORE;
        LODE_TRY(find_group(plan->model, at, length, &kind));
        if (plan->wanted[kind])
            return lode_fail(LODE_ERROR_USAGE, "The band '%s' is asked for twice.",
                             group_names[kind]);
        LODE_TRY(add_group(plan, kind));
        at += length;
    }
    return LODE_OK;
}

lode_status lode_plan_create(const lode_model *model, const char *groups, lode_plan **plan) {
    lode_plan *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->model = model;
    made->features = lode_model_features(model);
    made->feature_count = lode_features_count(&made->features);
    size_t most = (size_t)made->feature_count + GROUP_COUNT;
    made->groups = lode_alloc(most, sizeof *made->groups);
    made->index = lode_alloc(most, sizeof *made->index);
    made->names = lode_alloc(most, sizeof *made->names);
    lode_status status = made->groups && made->index && made->names ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = pool_create(&made->pool);
    if (!groups || !groups[0])
        groups = !model->head            ? "embedding"
                 : model->head->bags > 1 ? "score,uncertainty,percentile"
                                         : "score,percentile";
    if (status == LODE_OK)
        status = add_groups(made, groups);
    if (status != LODE_OK) {
        lode_plan_free(made);
        return status;
    }
    *plan = made;
    return LODE_OK;
}

/* ---- Predicting -------------------------------------------------------------------------------
 */

/* Marks the cells that get a result: the centre has data, and so has a large enough share of the
 * window. has_data[rows->count][in->count]: 1 or 0. Running counts make the cost independent of the
 * window. */
LODE_WIDE static lode_status mark_valid(const lode_plan *plan, const unsigned char *has_data,
                                        const lode_span *in, const lode_span *rows,
                                        double min_valid, unsigned char *valid) {
    int width = in->size, half = lode_features_half_window(&plan->features), side = 2 * half + 1;
    int wide = width + 2 * half;
    size_t left = (size_t)(in->at - half - in->first), step = (size_t)in->count;
    size_t top = (size_t)(rows->at - half - rows->first);
    const unsigned char *row = has_data + top * step + left; /* where the first window begins */
    int *columns = lode_alloc((size_t)wide, sizeof *columns);
    if (!columns)
        return lode_fail_memory();
    double needed = min_valid * side * (double)side;
    for (int y = 0; y < side; y++)
        for (int x = 0; x < wide; x++)
            columns[x] += row[(size_t)y * step + (size_t)x];
    for (int y = 0; y < rows->size; y++, row += step, valid += width) {
        const unsigned char *centre = row + (size_t)half * step + half;
        int count = 0;
        for (int x = 0; x < side - 1; x++)
            count += columns[x];
        for (int x = 0; x < width; x++) {
            count += columns[x + side - 1];
            valid[x] = centre[x] && (double)count >= needed;
            count -= columns[x];
        }
        if (y + 1 < rows->size)
            for (int x = 0; x < wide; x++)
                columns[x] += row[(size_t)side * step + (size_t)x] - row[x];
    }
    lode_free(columns);
    return LODE_OK;
}

/* Cells whose bands are computed together: their features and results stay in the first cache,
 * and each band's plane is written in long runs. */
enum { RUN = 64 };

typedef struct run {
    const float *x; /* [count][features] */
    const unsigned char *valid;
    int count;
    float score[RUN], uncertainty[RUN];
} run;

static void score_run(const lode_plan *plan, run *cells) {
    size_t features = (size_t)plan->feature_count;
    bool uncertain = plan->wanted[GROUP_UNCERTAINTY];
    if (!uncertain && !plan->wanted[GROUP_SCORE] && !plan->wanted[GROUP_PERCENTILE])
        return;
    for (int i = 0; i < cells->count; i++)
        if (cells->valid[i])
            lode_head_score(plan->model->head, cells->x + (size_t)i * features, &cells->score[i],
                            uncertain ? &cells->uncertainty[i] : NULL);
}

static float value_of(const lode_plan *plan, int band, const run *cells, int i, float *scratch) {
    const float *x = cells->x + (size_t)i * (size_t)plan->feature_count;
    switch (plan->groups[band]) {
    case GROUP_SCORE:
        return cells->score[i];
    case GROUP_UNCERTAINTY:
        return cells->uncertainty[i];
    case GROUP_PERCENTILE:
        return lode_head_percentile(plan->model->head, cells->score[i]);
    case GROUP_ANOMALY:
        return lode_reference_anomaly(plan->model->reference, x, scratch);
    case GROUP_SUPPORT:
        return lode_reference_support(plan->model->reference, x, scratch);
    default:
        return x[plan->index[band]];
    }
}

static float or_nodata(float value) {
    return isfinite(value) ? value : LODE_NODATA;
}

/* The same for four cells, and nodata where valid is 0 instead of -1. */
static inline lode_vector4 four_or_nodata(lode_vector4 value, lode_mask4 valid) {
    const lode_vector4 nodata = {LODE_NODATA, LODE_NODATA, LODE_NODATA, LODE_NODATA};
    lode_mask4 good = (value - value == 0) & valid; /* not so for infinite ones and NaN */
    return (lode_vector4)(((lode_mask4)value & good) | ((lode_mask4)nodata & ~good));
}

/* Past the caches: a plane is written once and read when the tile is done, and a line that a cache
 * takes in is read from memory first. to: a multiple of 16 bytes. */
static inline void put_past_caches(float *to, lode_vector4 values) {
#if defined(__x86_64__)
    _mm_stream_ps(to, (__m128)values);
#else
    *(lode_vector4 *)to = values;
#endif
}

/* Before other threads may read what was written past the caches. */
static void finish_writing(void) {
#if defined(__x86_64__)
    _mm_sfence();
#endif
}

/* Four features of a run, from `from` on, to four planes. Straight from register to plane: a buffer
 * between would be read before it has left the processor's queue of stores. */
LODE_WIDE static void put_four(const run *cells, size_t features, size_t from, float *out,
                               size_t plane) {
    bool aligned = (uintptr_t)out % 16 == 0 && plane % 4 == 0;
    int i = 0;
    for (; i + 4 <= cells->count; i += 4) {
        const unsigned char *v = cells->valid + i;
        lode_mask4 valid = {-(v[0] != 0), -(v[1] != 0), -(v[2] != 0), -(v[3] != 0)};
        const float *in[4];
        lode_vector4 column[4];
        for (int k = 0; k < 4; k++)
            in[k] = cells->x + (size_t)(i + k) * features + from;
        lode_turn_4x4(in, column);
        for (size_t k = 0; k < 4; k++) {
            float *to = out + k * plane + i;
            lode_vector4 values = four_or_nodata(column[k], valid);
            if (aligned)
                put_past_caches(to, values);
            else
                *(lode_vector4 *)to = values;
        }
    }
    for (; i < cells->count; i++)
        for (size_t k = 0; k < 4; k++)
            out[k * plane + (size_t)i] =
                or_nodata(cells->valid[i] ? cells->x[(size_t)i * features + from + k] : NAN);
}

/* A tile that is being filled. */
typedef struct filling {
    const lode_plan *plan;
    const unsigned char *valid; /* [height][width] */
    float *output;              /* [bands][height][width] */
    size_t width, plane;        /* cells of a row, of the tile */
    float *scratch;
} filling;

/* A lode_row_fn: the bands of a row of features. */
static lode_status fill_row(void *context, int row, const float *values) {
    const filling *f = context;
    const lode_plan *plan = f->plan;
    size_t features = (size_t)plan->feature_count, start = (size_t)row * f->width;
    for (size_t first = 0; first < f->width; first += RUN) {
        run cells = {.x = values + first * features,
                     .valid = f->valid + start + first,
                     .count = f->width - first < RUN ? (int)(f->width - first) : RUN};
        score_run(plan, &cells);
        for (int band = 0, count; band < plan->bands; band += count) {
            float *out = f->output + (size_t)band * f->plane + start + first;
            bool four = plan->groups[band] == GROUP_EMBEDDING &&
                        plan->index[band] + 4 <= plan->feature_count;
            count = four ? 4 : 1;
            if (four)
                put_four(&cells, features, (size_t)plan->index[band], out, f->plane);
            for (int i = 0; !four && i < cells.count; i++)
                out[i] =
                    or_nodata(cells.valid[i] ? value_of(plan, band, &cells, i, f->scratch) : NAN);
        }
    }
    return LODE_OK;
}

/* Where no cell gets a result. */
static void fill_nothing(const lode_plan *plan, size_t plane, float *output) {
    for (size_t i = 0, n = (size_t)plan->bands * plane; i < n; i++)
        output[i] = LODE_NODATA;
}

static void span(const lode_plan *plan, int at, int size, int *first, int *count) {
    lode_span found = lode_features_span(&plan->features, at, size);
    *first = found.first;
    *count = found.count;
}

void lode_plan_columns(const lode_plan *plan, int x, int width, int *first, int *count) {
    span(plan, x, width, first, count);
}

void lode_plan_rows(const lode_plan *plan, int y, int height, int *first, int *count) {
    span(plan, y, height, first, count);
}

struct lode_plan_stream {
    const lode_plan *plan;
    lode_span columns;
    lode_features_stream *features;
    workspace *work; /* scaled holds the rows of a tile */
    lode_span rows;  /* of the last tile; none before the first */
};

static lode_status stream_memory(lode_plan_stream *s) {
    const lode_plan *plan = s->plan;
    s->work = take_workspace(plan->pool);
    workspace *w = s->work;
    if (!w || !lode_room(&w->scratch, &w->scratch_size, (size_t)plan->feature_count, sizeof(float)))
        return lode_fail_memory();
    return lode_features_stream_create(&plan->features, &s->columns, &s->features);
}

lode_status lode_plan_stream_create(const lode_plan *plan, int x, int width,
                                    lode_plan_stream **stream) {
    lode_plan_stream *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->plan = plan;
    made->columns = lode_features_span(&plan->features, x, width);
    lode_status status = stream_memory(made);
    if (status != LODE_OK) {
        lode_plan_stream_free(made);
        return status;
    }
    *stream = made;
    return LODE_OK;
}

void lode_plan_stream_free(lode_plan_stream *stream) {
    if (!stream)
        return;
    lode_features_stream_free(stream->features);
    if (stream->work)
        give_back(stream->plan->pool, stream->work);
    lode_free(stream);
}

/* Rows of a tile that the last one, right above it, took too. */
static int rows_known(const lode_plan_stream *s, const lode_span *rows) {
    if (s->rows.size == 0 || rows->at != (int64_t)s->rows.at + s->rows.size)
        return 0;
    return (int)((int64_t)s->rows.first + s->rows.count - rows->first);
}

void lode_plan_stream_rows(const lode_plan_stream *s, int y, int height, int64_t *first,
                           int *count) {
    lode_span rows = lode_features_span(&s->plan->features, y, height);
    int known = rows_known(s, &rows);
    *first = (int64_t)rows.first + known;
    *count = rows.count - known;
}

/* Room for `rows` rows of `row` bytes in *memory, the `known` ones that were there from row `from`
 * on in front. */
static bool room_for_rows(void **memory, size_t *held, size_t rows, size_t row, size_t from,
                          size_t known) {
    void *larger = NULL;
    size_t larger_size = 0;
    if (rows > *held / row && !lode_room(&larger, &larger_size, rows, row))
        return false;
    if (known > 0)
        memmove(larger ? larger : *memory, (const char *)*memory + from * row, known * row);
    if (larger) {
        lode_free(*memory);
        *memory = larger;
        *held = larger_size;
    }
    return true;
}

/* The scaled input of a tile, and where it has data: the rows that the last tile took too are moved
 * up. */
static lode_status take_rows(lode_plan_stream *s, const float *input, const lode_span *rows) {
    const lode_recipe *recipe = s->plan->model->recipe;
    workspace *w = s->work;
    size_t width = (size_t)s->columns.count, channels = (size_t)recipe->channels + 1;
    size_t known = (size_t)rows_known(s, rows), all = (size_t)rows->count;
    size_t from = known > 0 ? (size_t)(rows->first - s->rows.first) : 0;
    if (!room_for_rows(&w->scaled, &w->scaled_size, all, width * channels * sizeof(float), from,
                       known) ||
        !room_for_rows(&w->has_data, &w->has_data_size, all, width, from, known))
        return lode_fail_memory();
    s->rows = *rows;
    for (size_t row = known; row < all; row++, input += width * (size_t)recipe->bands) {
        float *scaled = (float *)w->scaled + row * width * channels;
        unsigned char *has_data = (unsigned char *)w->has_data + row * width;
        LODE_TRY(lode_recipe_apply(recipe, input, width, scaled));
        for (size_t i = 0; i < width; i++)
            has_data[i] = scaled[i * channels + channels - 1] > 0;
    }
    return LODE_OK;
}

lode_status lode_plan_stream_next(lode_plan_stream *s, const float *input, int y, int height,
                                  double min_valid, float *output) {
    const lode_plan *plan = s->plan;
    workspace *w = s->work;
    lode_span rows = lode_features_span(&plan->features, y, height);
    size_t width = (size_t)s->columns.size, plane = width * (size_t)height;
    LODE_TRY(take_rows(s, input, &rows));
    if (!lode_room(&w->valid, &w->valid_size, plane, 1))
        return lode_fail_memory();
    LODE_TRY(mark_valid(plan, w->has_data, &s->columns, &rows, min_valid, w->valid));
    filling f = {plan, w->valid, output, width, plane, w->scratch};
    lode_status status = LODE_OK;
    if (memchr(w->valid, 1, plane))
        status = lode_features_stream_next(s->features, w->scaled, &rows, fill_row, &f);
    else
        fill_nothing(plan, plane, output);
    finish_writing();
    return status;
}

lode_status lode_plan_predict(const lode_plan *plan, const float *input, int x, int y, int width,
                              int height, double min_valid, float *output) {
    if (width < 1 || height < 1)
        return lode_fail(LODE_ERROR_USAGE, "A tile of %d x %d cells cannot be predicted.", width,
                         height);
    lode_plan_stream *stream = NULL;
    LODE_TRY(lode_plan_stream_create(plan, x, width, &stream));
    lode_status status = lode_plan_stream_next(stream, input, y, height, min_valid, output);
    lode_plan_stream_free(stream);
    return status;
}

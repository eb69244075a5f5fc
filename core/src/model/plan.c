/* plan.c - chosen output bands of a model, and their values over a tile (public, lode.h). */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "head/reference.h"
#include "model/model.h"
#include "nn/transpose.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/simd.h"

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
    void *scaled, *values, *valid, *scratch;
    size_t scaled_size, values_size, valid_size, scratch_size;
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
    lode_free(w->values);
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
 * window. Running counts make the cost independent of the window. */
static lode_status mark_valid(const lode_plan *plan, const float *scaled, const lode_columns *in,
                              int height, int half, double min_valid, unsigned char *valid) {
    size_t channels = (size_t)plan->model->recipe->channels + 1;
    int width = in->width, wide = width + 2 * half, tall = height + 2 * half, side = 2 * half + 1;
    scaled += (size_t)(in->x - half - in->first) * channels; /* where the first window begins */
    int *columns = lode_alloc((size_t)wide, sizeof *columns);
    if (!columns)
        return lode_fail_memory();
    double needed = min_valid * side * (double)side;
#define HAS_DATA(x, y)                                                                             \
    (scaled[((size_t)(y) * (size_t)in->count + (size_t)(x)) * channels + channels - 1] > 0)
    for (int x = 0; x < wide; x++)
        for (int y = 0; y < side - 1 && y < tall; y++)
            columns[x] += HAS_DATA(x, y);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < wide; x++)
            columns[x] += HAS_DATA(x, y + side - 1) - (y > 0 ? HAS_DATA(x, y - 1) : 0);
        int count = 0;
        for (int x = 0; x < side - 1; x++)
            count += columns[x];
        for (int x = 0; x < width; x++) {
            count += columns[x + side - 1] - (x > 0 ? columns[x - 1] : 0);
            valid[(size_t)y * (size_t)width + (size_t)x] =
                HAS_DATA(x + half, y + half) && (double)count >= needed;
        }
    }
#undef HAS_DATA
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

/* values[4][RUN]: four features, from `first` on, of every cell. */
static void turn(const run *cells, size_t features, size_t first, float (*values)[RUN]) {
    int i = 0;
    for (; i + 4 <= cells->count; i += 4) {
        const float *in[4];
        for (int k = 0; k < 4; k++)
            in[k] = cells->x + (size_t)(i + k) * features;
        lode_transpose_4x4(in, first, values[0] + i, RUN);
    }
    for (; i < cells->count; i++)
        for (size_t k = 0; k < 4; k++)
            values[k][i] = cells->x[(size_t)i * features + first + k];
}

LODE_WIDE static void put(const float *restrict values, const unsigned char *restrict valid,
                          int count, float *restrict to) {
    for (int i = 0; i < count; i++)
        to[i] = valid[i] && isfinite(values[i]) ? values[i] : LODE_NODATA;
}

static void fill(const lode_plan *plan, const float *values, const unsigned char *valid,
                 size_t plane, float *scratch, float *output) {
    run cells = {.count = RUN};
    size_t features = (size_t)plan->feature_count;
    for (size_t first = 0; first < plane; first += RUN) {
        if (plane - first < RUN)
            cells.count = (int)(plane - first);
        cells.x = values + first * features;
        cells.valid = valid + first;
        score_run(plan, &cells);
        for (int band = 0, count; band < plan->bands; band += count) {
            float found[4][RUN];
            bool four = plan->groups[band] == GROUP_EMBEDDING &&
                        plan->index[band] + 4 <= plan->feature_count;
            count = four ? 4 : 1;
            if (four)
                turn(&cells, features, (size_t)plan->index[band], found);
            for (int i = 0; !four && i < cells.count; i++)
                found[0][i] = cells.valid[i] ? value_of(plan, band, &cells, i, scratch) : NAN;
            for (int k = 0; k < count; k++)
                put(found[k], cells.valid, cells.count,
                    output + (size_t)(band + k) * plane + first);
        }
    }
}

void lode_plan_columns(const lode_plan *plan, int x, int width, int *first, int *count) {
    lode_columns columns = lode_features_columns(&plan->features, x, width);
    *first = columns.first;
    *count = columns.count;
}

/* The scaled input, and which cells get a result. */
static lode_status prepare(const lode_plan *plan, const float *input, const lode_columns *columns,
                           int height, double min_valid, workspace *w) {
    int half = lode_features_half_window(&plan->features);
    size_t plane = (size_t)columns->width * (size_t)height,
           cells = (size_t)columns->count * ((size_t)height + 2 * (size_t)half);
    size_t features = (size_t)plan->feature_count,
           channels = (size_t)plan->model->recipe->channels + 1;
    if (!lode_room(&w->scaled, &w->scaled_size, cells, channels * sizeof(float)) ||
        !lode_room(&w->values, &w->values_size, plane, features * sizeof(float)) ||
        !lode_room(&w->scratch, &w->scratch_size, features, sizeof(float)) ||
        !lode_room(&w->valid, &w->valid_size, plane, 1))
        return lode_fail_memory();
    LODE_TRY(lode_recipe_apply(plan->model->recipe, input, cells, w->scaled));
    return mark_valid(plan, w->scaled, columns, height, half, min_valid, w->valid);
}

lode_status lode_plan_predict(const lode_plan *plan, const float *input, int x, int width,
                              int height, double min_valid, float *output) {
    if (width < 1 || height < 1)
        return lode_fail(LODE_ERROR_USAGE, "A tile of %d x %d cells cannot be predicted.", width,
                         height);
    lode_columns columns = lode_features_columns(&plan->features, x, width);
    size_t plane = (size_t)width * (size_t)height;
    workspace *w = take_workspace(plan->pool);
    if (!w)
        return lode_fail_memory();
    lode_status status = prepare(plan, input, &columns, height, min_valid, w);
    if (status == LODE_OK && memchr(w->valid, 1, plane))
        status = lode_features_compute(&plan->features, w->scaled, &columns, height, w->values);
    if (status == LODE_OK)
        fill(plan, w->values, w->valid, plane, w->scratch, output);
    give_back(plan->pool, w);
    return status;
}

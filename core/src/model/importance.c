#include "model/importance.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "head/places.h"
#include "model/band_groups.h"
#include "model/fit.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "util/random.h"
#include "validate/metrics.h"

/* Enough that the shuffles, not the places drawn, limit what a loss of AUC can tell. */
enum { MOST_OF_A_CLASS = 500, SHUFFLES = 5, STREAM_SHUFFLE = 501, STREAM_THIN = 502 };
/* Windows are kept in memory; a survey of very many bands gets fewer places. */
#define MOST_BYTES ((size_t)1 << 29)

typedef struct session {
    const lode_model *model;
    const lode_importance_options *options;
    lode_stack *stack;
    lode_features features;
    int side, bands;
    int *numbers; /* stack bands of the recipe */
    lode_places places;
    float *windows; /* [places][side][side][bands] raw */
    lode_band_groups groups;
    size_t *donor; /* [SHUFFLES][places] whose window a place gets */
    double *odds;  /* [1 + SHUFFLES * groups][places] */
} session;

static size_t window_size(const session *s) {
    return (size_t)s->side * (size_t)s->side * (size_t)s->bands;
}

/* ---- Places -----------------------------------------------------------------------------------
 */

/* Keeps `most` of the deposits, which come first, drawn at random. */
static void thin(lode_places *places, size_t deposits, size_t most, uint64_t seed) {
    lode_random random = lode_random_stream(seed, STREAM_THIN);
    for (size_t i = 0; i < most; i++) {
        size_t other = i + lode_random_below(&random, (uint32_t)(deposits - i));
        int column = places->columns[i], row = places->rows[i];
        places->columns[i] = places->columns[other];
        places->rows[i] = places->rows[other];
        places->columns[other] = column;
        places->rows[other] = row;
    }
    for (size_t from = deposits, to = most; from < places->n; from++, to++) {
        places->columns[to] = places->columns[from];
        places->rows[to] = places->rows[from];
        places->deposit[to] = 0;
    }
    places->n -= deposits - most;
}

static lode_status draw_places(session *s) {
    const lode_importance_options *o = s->options;
    size_t fit = MOST_BYTES / 2 / (window_size(s) * sizeof(float));
    size_t most = fit < 50 ? 50 : fit < MOST_OF_A_CLASS ? fit : MOST_OF_A_CLASS;
    lode_background_options drawing = {.count = most,
                                       .exclusion = lode_fit_exclusion(s->stack, -1),
                                       .seed = o->seed,
                                       .threads = o->threads};
    lode_deposits *known;
    LODE_TRY(lode_deposits_read(o->deposits, o->where, s->stack, s->model->recipe, &known));
    size_t deposits = known->n;
    double block = lode_places_block_metres(known, s->stack, s->side / 2);
    lode_status status =
        lode_places_draw(known, s->stack, s->model->recipe, &drawing, block, &s->places);
    lode_deposits_free(known);
    if (status == LODE_OK && deposits > most)
        thin(&s->places, deposits, most, o->seed);
    return status;
}

static lode_status read_window(void *context, size_t place, int worker) {
    (void)worker;
    session *s = context;
    return lode_stack_read(s->stack, s->places.columns[place] - s->side / 2,
                           s->places.rows[place] - s->side / 2, s->side, s->side, s->numbers,
                           s->bands, s->windows + place * window_size(s));
}

static lode_status read_windows(session *s, const lode_progress *progress) {
    s->windows = lode_alloc(s->places.n, window_size(s) * sizeof *s->windows);
    if (!s->windows)
        return lode_fail_memory();
    return lode_parallel_for(s->places.n, s->options->threads, read_window, s, progress,
                             "reading places");
}

/* ---- Groups -----------------------------------------------------------------------------------
 */

/* Associations are those of the background: around deposits everything rises together. */
static lode_status associate(session *s) {
    size_t bands = (size_t)s->bands, centre = window_size(s) / bands / 2 * bands, n = 0;
    float *values = lode_alloc(s->places.n, bands * sizeof *values);
    if (!values)
        return lode_fail_memory();
    for (size_t i = 0; i < s->places.n; i++)
        if (!s->places.deposit[i])
            memcpy(values + n++ * bands, s->windows + i * window_size(s) + centre,
                   bands * sizeof *values);
    lode_status status = lode_band_groups_associate(
        values, n, (const char *const *)s->model->recipe->names, s->bands, &s->groups);
    lode_free(values);
    return status;
}

/* Before the places are read when the groups need no values, so that mistakes show at once. */
static lode_status make_groups(session *s, bool values) {
    const char *text = s->options->groups;
    const char *const *names = (const char *const *)s->model->recipe->names;
    bool association = strcmp(text, "associations") == 0;
    if (values != association)
        return LODE_OK;
    if (association)
        return associate(s);
    return strcmp(text, "each") == 0 ? lode_band_groups_each(names, s->bands, &s->groups)
                                     : lode_band_groups_parse(text, names, s->bands, &s->groups);
}

/* ---- Shuffling --------------------------------------------------------------------------------
 */

static lode_status draw_donors(session *s) {
    s->donor = lode_alloc(SHUFFLES * s->places.n, sizeof *s->donor);
    if (!s->donor)
        return lode_fail_memory();
    for (size_t k = 0; k < SHUFFLES; k++) {
        lode_random random = lode_random_stream(s->options->seed, STREAM_SHUFFLE + k);
        for (size_t i = 0; i < s->places.n; i++)
            s->donor[k * s->places.n + i] = i;
        lode_random_shuffle(&random, s->donor + k * s->places.n, s->places.n);
    }
    return LODE_OK;
}

/* own with the bands of the group from another window; group -1: own as it is. */
static void mix(const session *s, const float *own, const float *other, int group, float *out) {
    size_t bands = (size_t)s->bands, n = window_size(s);
    memcpy(out, own, n * sizeof *out);
    for (size_t b = 0; b < bands; b++)
        if (s->groups.of[b] == group)
            for (size_t i = b; i < n; i += bands)
                out[i] = other[i];
}

static lode_status score(const session *s, const float *raw, float *scaled, float *values,
                         double *odds) {
    const lode_head *head = s->model->head;
    LODE_TRY(lode_recipe_apply(s->model->recipe, raw, (size_t)s->side * (size_t)s->side, scaled));
    lode_span alone = lode_features_window_span(&s->features, 1);
    LODE_TRY(lode_features_compute(&s->features, scaled, &alone, &alone, values));
    *odds = (double)head->score_bias;
    for (int j = 0; j < head->features; j++)
        *odds += (double)head->score_weights[j] * (double)values[j];
    return LODE_OK;
}

/* Item = place x (1 + groups): the place as it is, or with one group from its donors. */
static lode_status score_item(void *context, size_t item, int worker) {
    (void)worker;
    session *s = context;
    size_t ways = (size_t)s->groups.count + 1, place = item / ways, size = window_size(s);
    int group = (int)(item % ways) - 1;
    const float *own = s->windows + place * size;
    float *raw = lode_alloc(size, sizeof *raw);
    float *scaled = lode_alloc((size_t)s->side * (size_t)s->side,
                               ((size_t)s->model->recipe->channels + 1) * sizeof *scaled);
    float *values = lode_alloc((size_t)s->model->head->features, sizeof *values);
    lode_status status = raw && scaled && values ? LODE_OK : lode_fail_memory();
    for (size_t k = 0; k < (group < 0 ? 1 : SHUFFLES) && status == LODE_OK; k++) {
        size_t row = group < 0 ? 0 : 1 + (size_t)group * SHUFFLES + k;
        mix(s, own, s->windows + s->donor[k * s->places.n + place] * size, group, raw);
        status = score(s, raw, scaled, values, &s->odds[row * s->places.n + place]);
    }
    lode_free(raw);
    lode_free(scaled);
    lode_free(values);
    return status;
}

/* ---- Results ----------------------------------------------------------------------------------
 */

typedef struct loss {
    int group;
    double mean, deviation;
} loss;

static int greatest_first(const void *left, const void *right) {
    const loss *a = left, *b = right;
    return a->mean != b->mean ? (a->mean < b->mean ? 1 : -1) : a->group - b->group;
}

static lode_status auc_of(const session *s, size_t row, double *auc) {
    lode_ranking ranking;
    LODE_TRY(
        lode_ranking_create(s->odds + row * s->places.n, s->places.deposit, s->places.n, &ranking));
    *auc = lode_auc(&ranking, NULL);
    lode_ranking_free(&ranking);
    return LODE_OK;
}

static lode_status measure_losses(const session *s, double *whole, loss *losses) {
    LODE_TRY(auc_of(s, 0, whole));
    for (int g = 0; g < s->groups.count; g++) {
        double squares = 0, mean = 0, auc;
        for (size_t k = 0; k < SHUFFLES; k++) {
            LODE_TRY(auc_of(s, 1 + (size_t)g * SHUFFLES + k, &auc));
            double gap = *whole - auc - mean;
            mean += gap / (double)(k + 1);
            squares += gap * (*whole - auc - mean);
        }
        losses[g] = (loss){g, mean, sqrt(squares / (SHUFFLES - 1))};
    }
    qsort(losses, (size_t)s->groups.count, sizeof *losses, greatest_first);
    return LODE_OK;
}

static json_t *bands_of(const session *s, int group) {
    json_t *list = json_array();
    for (int b = 0; b < s->bands; b++)
        if (s->groups.of[b] == group)
            json_array_append_new(list, json_string(s->model->recipe->names[b]));
    return list;
}

static lode_status tell(const session *s, double whole, const loss *losses, json_t *json) {
    size_t deposits = 0;
    for (size_t i = 0; i < s->places.n; i++)
        deposits += s->places.deposit[i];
    json_t *list = json_array();
    lode_log(
        LODE_LOG_INFO,
        "AUC at the known deposits %.3f. What it loses when a group of bands is shuffled:", whole);
    for (int g = 0; g < s->groups.count; g++) {
        const loss *one = &losses[g];
        json_array_append_new(list, json_pack("{s:s, s:o, s:f, s:f, s:f}", "group",
                                              s->groups.names[one->group], "bands",
                                              bands_of(s, one->group), "auc", whole - one->mean,
                                              "loss", one->mean, "deviation", one->deviation));
        lode_log(LODE_LOG_INFO, "%+.3f +- %.3f  %s", -one->mean, one->deviation,
                 s->groups.names[one->group]);
    }
    json_t *made = json_pack(
        "{s:f, s:I, s:I, s:i, s:o}", "auc", whole, "deposits", (json_int_t)deposits, "background",
        (json_int_t)(s->places.n - deposits), "shuffles", SHUFFLES, "groups", list);
    return made && json_object_set_new(json, "importance", made) == 0 ? LODE_OK
                                                                      : lode_fail_memory();
}

/* ---- All together -----------------------------------------------------------------------------
 */

static lode_status run(session *s, const lode_progress *progress, json_t *json) {
    const lode_recipe *recipe = s->model->recipe;
    lode_progress reading = lode_progress_part(progress, 0, 0.1);
    lode_progress shuffling = lode_progress_part(progress, 0.1, 1);
    s->features = lode_model_features(s->model);
    s->side = 2 * lode_features_half_window(&s->features) + 1;
    s->bands = recipe->bands;
    s->numbers = lode_alloc((size_t)recipe->bands, sizeof *s->numbers);
    if (!s->numbers)
        return lode_fail_memory();
    LODE_TRY(lode_recipe_match(recipe, s->stack, s->numbers));
    LODE_TRY(make_groups(s, false));
    LODE_TRY(draw_places(s));
    LODE_TRY(read_windows(s, &reading));
    LODE_TRY(make_groups(s, true));
    LODE_TRY(draw_donors(s));
    size_t ways = (size_t)s->groups.count + 1;
    s->odds = lode_alloc((1 + SHUFFLES * (size_t)s->groups.count) * s->places.n, sizeof *s->odds);
    loss *losses = lode_alloc((size_t)s->groups.count, sizeof *losses);
    lode_status status = s->odds && losses ? LODE_OK : lode_fail_memory();
    double whole = 0;
    if (status == LODE_OK)
        status = lode_parallel_for(s->places.n * ways, s->options->threads, score_item, s,
                                   &shuffling, "shuffling bands");
    if (status == LODE_OK)
        status = measure_losses(s, &whole, losses);
    if (status == LODE_OK)
        status = tell(s, whole, losses, json);
    lode_free(losses);
    return status;
}

lode_status lode_importance(const lode_model *model, lode_stack *stack,
                            const lode_importance_options *options, const lode_progress *progress,
                            json_t *json) {
    if (!model->head)
        return lode_fail(LODE_ERROR_MODEL, "'%s' has no head: run 'lode fit' on it first.",
                         model->name);
    session s = {.model = model, .options = options, .stack = stack};
    lode_status status = run(&s, progress, json);
    lode_free(s.numbers);
    lode_places_free(&s.places);
    lode_free(s.windows);
    lode_band_groups_free(&s.groups);
    lode_free(s.donor);
    lode_free(s.odds);
    return status;
}

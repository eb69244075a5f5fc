/* method_simple.c - what every method must beat: the best single band, and the sampling alone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "validate/method.h"
#include "validate/metrics.h"

/* ---- element: the single band that ranks the training places best -----------------------------
 */

typedef struct element_state {
    int bands;
    float *values; /* [pool][bands] raw */
    int *chosen;   /* [2][bands] how often a band was taken, for high and for low values */
    char **names;
} element_state;

static void element_release(void *memory) {
    element_state *state = memory;
    if (!state)
        return;
    for (int b = 0; state->names && b < state->bands; b++)
        lode_free(state->names[b]);
    lode_free(state->names);
    lode_free(state->values);
    lode_free(state->chosen);
    lode_free(state);
}

typedef struct reading {
    const lode_bench *bench;
    element_state *state;
} reading;

static lode_status read_place(void *context, size_t place, int worker) {
    (void)worker;
    reading *job = context;
    return lode_stack_read(job->bench->stack, job->bench->pool->columns[place],
                           job->bench->pool->rows[place], 1, 1, NULL, job->state->bands,
                           job->state->values + place * (size_t)job->state->bands);
}

static lode_status element_fill(const lode_bench *bench, const lode_progress *progress,
                                element_state *state) {
    state->bands = lode_stack_band_count(bench->stack);
    state->values = lode_alloc(bench->pool->n, (size_t)state->bands * sizeof *state->values);
    state->chosen = lode_alloc(2 * (size_t)state->bands, sizeof *state->chosen);
    state->names = lode_alloc((size_t)state->bands, sizeof *state->names);
    if (!state->values || !state->chosen || !state->names)
        return lode_fail_memory();
    for (int b = 0; b < state->bands; b++)
        if (!(state->names[b] = lode_strdup(lode_stack_band_name(bench->stack, b))))
            return lode_fail_memory();
    reading job = {bench, state};
    return lode_parallel_for(bench->pool->n, 1, read_place, &job, progress, "reading bands");
}

static lode_status element_prepare(const lode_bench *bench, const lode_progress *progress,
                                   void **memory) {
    element_state *state = lode_alloc(1, sizeof *state);
    lode_status status = state ? element_fill(bench, progress, state) : lode_fail_memory();
    if (status != LODE_OK) {
        element_release(state);
        return status;
    }
    *memory = state;
    return LODE_OK;
}

/* The band's value at places of the run; a missing one ranks below all others. */
static void band_values(const element_state *state, const lode_run *run, const size_t *places,
                        size_t count, int band, double sign, double *out) {
    for (size_t i = 0; i < count; i++) {
        float value = state->values[run->place[places[i]] * (size_t)state->bands + (size_t)band];
        out[i] = isfinite(value) ? sign * value : -1e300;
    }
}

static lode_status band_auc(const element_state *state, const lode_trial *trial, int band,
                            double *scratch, unsigned char *deposit, double *auc) {
    band_values(state, trial->run, trial->train, trial->train_count, band, 1, scratch);
    for (size_t i = 0; i < trial->train_count; i++)
        deposit[i] = trial->run->deposit[trial->train[i]];
    lode_ranking ranking;
    LODE_TRY(lode_ranking_create(scratch, deposit, trial->train_count, &ranking));
    *auc = lode_auc(&ranking, NULL);
    lode_ranking_free(&ranking);
    return LODE_OK;
}

static lode_status element_score(void *memory, const lode_bench *bench, const lode_trial *trial,
                                 const lode_progress *progress, double *score) {
    (void)progress;
    element_state *state = memory;
    double *scratch = lode_alloc(trial->train_count, sizeof *scratch), best = -1, sign = 1;
    unsigned char *deposit = lode_alloc(trial->train_count, 1);
    lode_status status = scratch && deposit ? LODE_OK : lode_fail_memory();
    int band = 0;
    for (int b = 0; status == LODE_OK && b < state->bands; b++) {
        double auc = 0.5;
        if (bench->sampling && b == bench->sampling->band)
            continue; /* the survey, not the ground */
        status = band_auc(state, trial, b, scratch, deposit, &auc);
        if (fmax(auc, 1 - auc) > best) {
            best = fmax(auc, 1 - auc);
            sign = auc >= 0.5 ? 1 : -1;
            band = b;
        }
    }
    if (status == LODE_OK) {
        band_values(state, trial->run, trial->test, trial->test_count, band, sign, score);
        if (trial->number < trial->pool->repeats)
            state->chosen[(sign > 0 ? 0 : state->bands) + band]++;
    }
    lode_free(scratch);
    lode_free(deposit);
    return status;
}

static json_t *element_describe(const void *memory) {
    const element_state *state = memory;
    json_t *chosen = json_object();
    for (int side = 0; side < 2; side++)
        for (int b = 0; b < state->bands; b++) {
            int times = state->chosen[side * state->bands + b];
            char *key = lode_format("%s%s", side ? "low " : "high ", state->names[b]);
            if (times > 0 && key)
                json_object_set_new(chosen, key, json_integer(times));
            lode_free(key);
        }
    return json_pack("{s:o}", "band chosen, times", chosen);
}

const lode_method lode_method_element = {
    .name = "element",
    .title = "best single band",
    .about = "The one band (and sign) that ranks the training places best, chosen anew in every "
             "fold.",
    .prepare = element_prepare,
    .score = element_score,
    .release = element_release,
    .describe = element_describe,
};

/* ---- sampling: where samples are dense --------------------------------------------------------
 */

static lode_status sampling_prepare(const lode_bench *bench, const lode_progress *progress,
                                    void **memory) {
    (void)progress;
    *memory = NULL;
    return bench->sampling
               ? LODE_OK
               : lode_fail(LODE_ERROR_USAGE, "The method 'sampling' needs the sample points: "
                                             "--samples FILE.");
}

static lode_status sampling_score(void *memory, const lode_bench *bench, const lode_trial *trial,
                                  const lode_progress *progress, double *score) {
    (void)memory;
    (void)progress;
    for (size_t i = 0; i < trial->test_count; i++) {
        size_t place = trial->run->place[trial->test[i]];
        double distance;
        LODE_TRY(lode_sampling_around(bench->sampling, trial->pool->columns[place],
                                      trial->pool->rows[place], &distance));
        score[i] = isfinite(distance) ? -distance : -1e300;
    }
    return LODE_OK;
}

static void sampling_release(void *memory) {
    (void)memory;
}

const lode_method lode_method_sampling = {
    .name = "sampling",
    .title = "sampling density alone",
    .about = "Nearness of the 16 nearest samples (of the nearest one, when a band tells it), no "
             "geochemistry at all: a control for surveys "
             "that sampled more densely around what was already known.",
    .prepare = sampling_prepare,
    .score = sampling_score,
    .release = sampling_release,
};

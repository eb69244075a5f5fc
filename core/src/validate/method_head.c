/* method_head.c - the head that `lode fit` makes, on an embedding and bands or on bands alone. */
#include <stdio.h>
#include <string.h>

#include "head/head.h"
#include "model/fit.h"
#include "util/error.h"
#include "util/memory.h"
#include "validate/method.h"

typedef struct head_state {
    lode_features full;         /* every input the head may choose */
    float *values;              /* [pool][count] */
    unsigned char *valid;       /* [pool] */
    json_t *inputs, *strengths; /* how often each was chosen */
} head_state;

static void head_release(void *memory) {
    head_state *state = memory;
    if (!state)
        return;
    json_decref(state->inputs);
    json_decref(state->strengths);
    lode_free(state->values);
    lode_free(state->valid);
    lode_free(state);
}

static lode_status head_prepare(const lode_bench *bench, unsigned inputs,
                                const lode_encoder *encoder, const lode_progress *progress,
                                void **memory) {
    head_state *state = lode_alloc(1, sizeof *state);
    if (!state)
        return lode_fail_memory();
    lode_fit_options defaults;
    lode_fit_defaults(&defaults);
    state->full = (lode_features){inputs, defaults.smooth_radius, bench->recipe, encoder};
    state->values = lode_alloc(bench->pool->n,
                               (size_t)lode_features_count(&state->full) * sizeof *state->values);
    state->valid = lode_alloc(bench->pool->n, 1);
    state->inputs = json_object();
    state->strengths = json_object();
    lode_status status = state->values && state->valid && state->inputs && state->strengths
                             ? LODE_OK
                             : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_features_at(&state->full, bench->stack, bench->pool->columns,
                                  bench->pool->rows, bench->pool->n, bench->options->threads,
                                  progress, state->values, state->valid);
    if (status != LODE_OK) {
        head_release(state);
        return status;
    }
    *memory = state;
    return LODE_OK;
}

static void count_choice(json_t *counts, const char *key) {
    json_int_t before = json_integer_value(json_object_get(counts, key));
    json_object_set_new(counts, key, json_integer(before + 1));
}

static void note_choice(head_state *state, const lode_head *head) {
    char key[64], strength[32];
    bool bands = head->inputs & LODE_INPUT_BANDS, smooth = head->inputs & LODE_INPUT_SMOOTH;
    bool embedding = head->inputs & LODE_INPUT_EMBEDDING;
    snprintf(key, sizeof key, "%s%s%s%s%s", bands ? "bands" : "", bands && smooth ? " + " : "",
             smooth ? "smoothed bands" : "", embedding && (bands || smooth) ? " + " : "",
             embedding ? "embedding" : "");
    snprintf(strength, sizeof strength, "%g", head->strength);
    count_choice(state->inputs, key);
    count_choice(state->strengths, strength);
}

static float *rows_of(const head_state *state, const lode_trial *trial, const size_t *at,
                      size_t count) {
    size_t width = (size_t)lode_features_count(&state->full);
    float *rows = lode_alloc(count, width * sizeof *rows);
    for (size_t i = 0; rows && i < count; i++)
        memcpy(rows + i * width, state->values + trial->run->place[at[i]] * width,
               width * sizeof *rows);
    return rows;
}

/* Copies the inputs that the head reads out of one full row. */
static void pick_inputs(const lode_features *full, unsigned inputs, const float *row, float *out) {
    static const unsigned order[] = {LODE_INPUT_BANDS, LODE_INPUT_SMOOTH, LODE_INPUT_EMBEDDING};
    for (int k = 0; k < 3; k++) {
        lode_features one = *full;
        one.inputs = full->inputs & order[k];
        size_t count = one.inputs ? (size_t)lode_features_count(&one) : 0;
        if (inputs & one.inputs) {
            memcpy(out, row, count * sizeof *out);
            out += count;
        }
        row += count;
    }
}

static lode_status score_places(const head_state *state, const lode_head *head,
                                const lode_trial *trial, double *score) {
    size_t width = (size_t)lode_features_count(&state->full);
    float *x = lode_alloc((size_t)head->features, sizeof *x), value;
    if (!x)
        return lode_fail_memory();
    for (size_t i = 0; i < trial->test_count; i++) {
        const float *row = state->values + trial->run->place[trial->test[i]] * width;
        pick_inputs(&state->full, head->inputs, row, x);
        lode_head_score(head, x, &value, NULL);
        score[i] = value;
    }
    lode_free(x);
    return LODE_OK;
}

/* ---- Pretraining without the test area --------------------------------------------------------
 */

/* Cells whose window touches no block of the test fold. The window's corners, edges and centre are
 * looked at; blocks are never smaller than the window, so nothing slips between them. */
static unsigned char *cells_outside_test(const lode_bench *bench, const lode_trial *trial,
                                         int half_window) {
    const lode_grid *grid = lode_stack_grid(bench->stack);
    const lode_blocks *blocks = &trial->run->blocks;
    unsigned char *allowed = lode_alloc((size_t)grid->height, (size_t)grid->width);
    unsigned char *tested = lode_alloc((size_t)blocks->across * (size_t)blocks->down, 1);
    for (size_t i = 0; tested && i < trial->test_count; i++)
        tested[trial->run->block[trial->test[i]]] = 1;
    for (int row = 0; allowed && tested && row < grid->height; row++)
        for (int column = 0; column < grid->width; column++) {
            bool clear = true;
            for (int corner = 0; corner < 9 && clear; corner++)
                clear = !tested[lode_blocks_at(blocks, column + (corner % 3 - 1) * half_window,
                                               row + (corner / 3 - 1) * half_window)];
            allowed[(size_t)row * (size_t)grid->width + (size_t)column] = clear;
        }
    lode_free(tested);
    if (!tested) {
        lode_free(allowed);
        return NULL;
    }
    return allowed;
}

/* Features of the trial's places by an encoder that never saw the test area. */
static lode_status refill(head_state *state, const lode_bench *bench, const lode_trial *trial,
                          const lode_encoder *encoder, const lode_progress *progress) {
    const lode_run *run = trial->run;
    state->full.encoder = encoder;
    size_t width = (size_t)lode_features_count(&state->full);
    int *columns = lode_alloc(run->n, sizeof *columns), *rows = lode_alloc(run->n, sizeof *rows);
    float *values = lode_alloc(run->n, width * sizeof *values);
    unsigned char *valid = lode_alloc(run->n, 1);
    lode_status status = columns && rows && values && valid ? LODE_OK : lode_fail_memory();
    for (size_t i = 0; status == LODE_OK && i < run->n; i++) {
        columns[i] = trial->pool->columns[run->place[i]];
        rows[i] = trial->pool->rows[run->place[i]];
    }
    if (status == LODE_OK)
        status = lode_features_at(&state->full, bench->stack, columns, rows, run->n,
                                  bench->options->threads, progress, values, valid);
    for (size_t i = 0; status == LODE_OK && i < run->n; i++)
        memcpy(state->values + run->place[i] * width, values + i * width, width * sizeof *values);
    lode_free(columns);
    lode_free(rows);
    lode_free(values);
    lode_free(valid);
    return status;
}

static lode_status pretrain_for(head_state *state, const lode_bench *bench, const lode_trial *trial,
                                const lode_progress *progress) {
    lode_pretrain_options options = bench->options->pretrain;
    unsigned char *allowed =
        cells_outside_test(bench, trial, lode_encoder_half_window(bench->encoder));
    if (!allowed)
        return lode_fail_memory();
    options.allowed = allowed;
    options.cluster = NULL; /* the other processes are at other folds */
    lode_progress training = lode_progress_part(progress, 0, 0.7);
    lode_progress reading = lode_progress_part(progress, 0.7, 0.8);
    lode_encoder *encoder = NULL;
    json_t *log = NULL;
    lode_status status =
        lode_pretrain(bench->stack, bench->recipe, &options, &training, &encoder, &log);
    json_decref(log);
    lode_free(allowed);
    if (status == LODE_OK)
        status = refill(state, bench, trial, encoder, &reading);
    state->full.encoder = bench->encoder;
    lode_encoder_free(encoder);
    return status;
}

/* ---- The method -------------------------------------------------------------------------------
 */

static lode_status head_score(void *memory, const lode_bench *bench, const lode_trial *trial,
                              const lode_progress *whole, double *score) {
    head_state *state = memory;
    lode_progress rest = lode_progress_part(whole, 0, 1), *progress = &rest;
    if (bench->options->inductive && state->full.encoder) {
        LODE_TRY(pretrain_for(state, bench, trial, whole));
        rest = lode_progress_part(whole, 0.8, 1);
    }
    lode_head_options options;
    lode_head_defaults(&options);
    options.seed = bench->options->seed + (uint64_t)trial->number;
    options.threads = bench->options->threads;
    lode_places places;
    LODE_TRY(lode_trial_places(trial, &places));
    lode_head *head = NULL;
    float *rows = rows_of(state, trial, trial->train, trial->train_count);
    lode_status status = rows
                             ? lode_head_fit(&state->full, rows, &places, &options, progress, &head)
                             : lode_fail_memory();
    lode_free(rows);
    lode_places_free(&places);
    if (status == LODE_OK)
        status = score_places(state, head, trial, score);
    if (status == LODE_OK && trial->number < trial->pool->repeats)
        note_choice(state, head);
    lode_head_free(head);
    return status;
}

static json_t *head_describe(const void *memory) {
    const head_state *state = memory;
    return json_pack("{s:O, s:O}", "inputs chosen, times", state->inputs,
                     "ridge strength chosen, times", state->strengths);
}

static int contrastive_half_window(const lode_bench *bench) {
    return lode_encoder_half_window(bench->encoder);
}

static lode_status contrastive_prepare(const lode_bench *bench, const lode_progress *progress,
                                       void **memory) {
    return head_prepare(bench, LODE_INPUT_BANDS | LODE_INPUT_SMOOTH | LODE_INPUT_EMBEDDING,
                        bench->encoder, progress, memory);
}

static lode_status logistic_prepare(const lode_bench *bench, const lode_progress *progress,
                                    void **memory) {
    return head_prepare(bench, LODE_INPUT_BANDS, NULL, progress, memory);
}

const lode_method lode_method_contrastive = {
    .name = "contrastive",
    .title = "contrastive embedding and head",
    .about = "The encoder learns from the unlabelled raster; a bagged ridge logistic head learns "
             "from the deposits and chooses by inner spatial validation what it sees (bands, "
             "smoothed bands, embedding).",
    .pretrained = true,
    .probability = true,
    .half_window = contrastive_half_window,
    .prepare = contrastive_prepare,
    .score = head_score,
    .release = head_release,
    .describe = head_describe,
};

const lode_method lode_method_logistic = {
    .name = "logistic",
    .title = "ridge logistic on the bands",
    .about = "The same head on the transformed bands at the place alone, without an encoder.",
    .probability = true,
    .prepare = logistic_prepare,
    .score = head_score,
    .release = head_release,
    .describe = head_describe,
};

/* method_network.c - networks trained with labels from end to end, as published comparisons do. */
#include "head/supervised.h"
#include "util/error.h"
#include "util/memory.h"
#include "validate/method.h"

/* The window asked for, or the encoders' own default. */
static int network_window(const lode_bench *bench) {
    const json_t *window = json_object_get(bench->options->pretrain.hyper, "window");
    return json_is_integer(window) ? (int)json_integer_value(window) : 33;
}

static int network_half_window(const lode_bench *bench) {
    return network_window(bench) / 2;
}

static lode_status network_prepare(const lode_bench *bench, const lode_progress *progress,
                                   void **state) {
    (void)bench;
    (void)progress;
    *state = NULL;
    return LODE_OK;
}

static void network_release(void *state) {
    (void)state;
}

/* Embeddings of the test places through the trained network, and the head's probability. */
static lode_status score_places(const lode_bench *bench, const lode_trial *trial,
                                const lode_encoder *encoder, const lode_head *head,
                                const lode_progress *progress, double *score) {
    lode_features features = {LODE_INPUT_EMBEDDING, 0, bench->recipe, encoder};
    size_t n = trial->test_count, width = (size_t)lode_features_count(&features);
    int *columns = lode_alloc(n, sizeof *columns), *rows = lode_alloc(n, sizeof *rows);
    float *values = lode_alloc(n, width * sizeof *values);
    unsigned char *valid = lode_alloc(n, 1);
    lode_status status = columns && rows && values && valid ? LODE_OK : lode_fail_memory();
    for (size_t i = 0; status == LODE_OK && i < n; i++) {
        size_t place = trial->run->place[trial->test[i]];
        columns[i] = trial->pool->columns[place];
        rows[i] = trial->pool->rows[place];
    }
    if (status == LODE_OK)
        status = lode_features_at(&features, bench->stack, columns, rows, n,
                                  bench->options->threads, progress, values, valid);
    for (size_t i = 0; status == LODE_OK && i < n; i++) {
        float probability;
        lode_head_score(head, values + i * width, &probability, NULL);
        score[i] = probability;
    }
    lode_free(columns);
    lode_free(rows);
    lode_free(values);
    lode_free(valid);
    return status;
}

static lode_status network_score(const char *kind, const lode_bench *bench, const lode_trial *trial,
                                 const lode_progress *progress, double *score) {
    lode_progress training = lode_progress_part(progress, 0, 0.8);
    lode_progress scoring = lode_progress_part(progress, 0.8, 1);
    json_t *hyper = json_pack("{s:i}", "window", network_window(bench)), *log = NULL;
    lode_places places;
    lode_encoder *encoder = NULL;
    lode_head *head = NULL;
    if (!hyper)
        return lode_fail_memory();
    lode_supervised_options options;
    lode_supervised_defaults(&options);
    options.encoder = kind;
    options.hyper = hyper;
    options.seed = bench->options->seed + (uint64_t)trial->number;
    options.threads = bench->options->threads;
    if (bench->options->train_steps > 0)
        options.steps = bench->options->train_steps;
    lode_status status = lode_trial_places(trial, &places);
    if (status == LODE_OK) {
        status = lode_supervised_train(bench->stack, bench->recipe, &places, &options, &training,
                                       &encoder, &head, &log);
        lode_places_free(&places);
    }
    if (status == LODE_OK)
        status = score_places(bench, trial, encoder, head, &scoring, score);
    lode_encoder_free(encoder);
    lode_head_free(head);
    json_decref(log);
    json_decref(hyper);
    return status;
}

/* One entry of the table a network: only the kind of encoder and the words differ. */
#define NETWORK(identifier, kind, words)                                                           \
    static lode_status identifier##_score(void *state, const lode_bench *bench,                    \
                                          const lode_trial *trial, const lode_progress *progress,  \
                                          double *score) {                                         \
        (void)state;                                                                               \
        return network_score(kind, bench, trial, progress, score);                                 \
    }                                                                                              \
    const lode_method lode_method_##identifier = {                                                 \
        .name = kind,                                                                              \
        .title = words,                                                                            \
        .about = "Trained with labels from end to end on windows: class-balanced batches, the "    \
                 "views of the contrastive training as augmentation, early stopping on a spatial " \
                 "hold-out.",                                                                      \
        .probability = true,                                                                       \
        .half_window = network_half_window,                                                        \
        .prepare = network_prepare,                                                                \
        .score = identifier##_score,                                                               \
        .release = network_release,                                                                \
    }

NETWORK(resnet50, "resnet50", "supervised ResNet-50");
NETWORK(mobilenetv2, "mobilenetv2", "supervised MobileNetV2");
NETWORK(dense, "dense", "supervised dense encoder");

/* bench_dense.c - speed of the dense encoder on one thread, next to SGEMM on the same thread.
 *
 *   bench_dense [width] [window]
 *
 * Prints the rate of a map (cells a second), of training (anchors a second, 16 tiles a step and 64
 * anchors from each of 8 places), and the share of the SGEMM rate that their multiplications reach.
 * The processor's time is measured, so that other work on the machine disturbs little. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cblas.h>

#include "encoder/dense.h"
#include "encoder/train.h"
#include "util/memory.h"
#include "util/random.h"

#define MUST(call)                                                                                 \
    do {                                                                                           \
        if ((call) != LODE_OK) {                                                                   \
            fprintf(stderr, "%s\n", lode_error_message());                                         \
            return EXIT_FAILURE;                                                                   \
        }                                                                                          \
    } while (0)

enum { CHANNELS = 40, TILES = 16, ANCHORS = 512, OUTPUTS = 16, ROUNDS = 5, MATRIX = 1024 };

/* Seconds that this thread has computed. */
static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static float *noise(size_t count) {
    float *values = lode_alloc(count, sizeof *values);
    lode_random random = lode_random_stream(1, 1);
    for (size_t i = 0; values && i < count; i++)
        values[i] = (float)lode_random_uniform(&random) - 0.5f;
    return values;
}

/* Best rate of a square product, in floating-point operations a second. */
static double sgemm_rate(void) {
    float *a = noise((size_t)MATRIX * MATRIX), *b = noise((size_t)MATRIX * MATRIX);
    float *c = noise((size_t)MATRIX * MATRIX);
    double best = 0;
    openblas_set_num_threads(1);
    for (int i = 0; i < ROUNDS; i++) {
        double start = now();
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, MATRIX, MATRIX, MATRIX, 1, a, MATRIX,
                    b, MATRIX, 0, c, MATRIX);
        double rate = 2.0 * MATRIX * MATRIX * MATRIX / (now() - start);
        best = rate > best ? rate : best;
    }
    lode_free(a);
    lode_free(b);
    lode_free(c);
    return best;
}

/* Floating-point operations of one forward pass over a square of `side` input cells; shared: those
 * of a map, where four neighbours share half of their products (encoder/winograd.h). */
static double forward_operations(const lode_dense *dense, int side, bool shared) {
    double operations = 0;
    for (int i = 0; i < dense->layers; i++) {
        const lode_dense_layer *layer = &dense->layer[i];
        side -= 2 * layer->dilation;
        double taps = shared && layer->points ? 0.5 * layer->taps : layer->taps;
        operations += 2.0 * side * side * taps * layer->inputs * layer->outputs;
    }
    return operations + 2.0 * side * side * dense->scales * dense->width * dense->dims;
}

int main(int argc, char **argv) {
    int width = argc > 1 ? atoi(argv[1]) : 32, window = argc > 2 ? atoi(argv[2]) : 33;
    json_t *hyper = json_pack("{s:i,s:i}", "width", width, "window", window);
    lode_encoder *encoder;
    lode_trainer *trainer;
    MUST(lode_encoder_create("dense", hyper, CHANNELS, 1, &encoder));
    json_decref(hyper);
    MUST(lode_encoder_prepare(encoder));
    const lode_dense *dense = lode_encoder_state(encoder);
    double peak = sgemm_rate(), map = 0, step = 0;
    int out = 128, side = out + 2 * (window / 2), tile = OUTPUTS + 2 * (window / 2);
    size_t embeddings = (size_t)out * (size_t)out * (size_t)dense->dims;
    lode_columns columns = lode_encoder_columns(encoder, 0, out);
    float *input = noise((size_t)columns.count * (size_t)side * CHANNELS);
    float *embedding = lode_alloc(embeddings, sizeof *embedding);
    MUST(lode_trainer_create(encoder, TILES, tile, NULL, &trainer));
    float *gradient = noise((size_t)(TILES * OUTPUTS * OUTPUTS) * (size_t)dense->dims);
    for (int i = 0; i < ROUNDS; i++) {
        const float *trained;
        double start = now();
        MUST(lode_encoder_embed(encoder, input, &columns, out, embedding));
        double middle = now();
        MUST(lode_trainer_forward(trainer, 0, NULL, &trained));
        MUST(lode_trainer_backward(trainer, gradient, NULL));
        double end = now();
        map = i == 0 || middle - start < map ? middle - start : map;
        step = i == 0 || end - middle < step ? end - middle : step;
    }
    double map_rate = forward_operations(dense, side, true) / map;
    double plain_rate = forward_operations(dense, side, false) / map;
    double step_rate = 3 * TILES * forward_operations(dense, tile, false) / step;
    printf("window %d, width %d, %d channels, one thread\n", window, width, CHANNELS);
    printf("SGEMM %d: %.1f GFLOP/s\n", MATRIX, peak * 1e-9);
    printf("map: %.0f cells/s, %.1f GFLOP/s, %.0f %% of SGEMM; counted tap by tap %.0f %%\n",
           out * out / map, map_rate * 1e-9, 100 * map_rate / peak, 100 * plain_rate / peak);
    printf("training: %.0f anchors/s, %.1f GFLOP/s, %.0f %% of SGEMM\n", ANCHORS / step,
           step_rate * 1e-9, 100 * step_rate / peak);
    lode_free(input);
    lode_free(embedding);
    lode_free(gradient);
    lode_trainer_free(trainer);
    lode_encoder_free(encoder);
    return EXIT_SUCCESS;
}

/* bench_dense.c - speed of the dense encoder next to SGEMM, on one thread and on two at once.
 *
 *   bench_dense [width] [window]
 *
 * Prints the rate of a map (cells a second), of training (anchors a second, 16 tiles a step and 64
 * anchors from each of 8 places), and the share that their multiplications reach of the rate of
 * SGEMM on one thread that has the machine to itself. A thread's own time is measured, so that
 * other work on the machine disturbs little; the threads do the same at once, and their mean
 * counts. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cblas.h>

#include "encoder/dense.h"
#include "encoder/dense_kernel.h"
#include "encoder/train.h"
#include "encoder/winograd.h"
#include "util/memory.h"
#include "util/random.h"

#define MUST(call)                                                                                 \
    do {                                                                                           \
        if ((call) != LODE_OK) {                                                                   \
            fprintf(stderr, "%s\n", lode_error_message());                                         \
            exit(EXIT_FAILURE);                                                                    \
        }                                                                                          \
    } while (0)

enum {
    CHANNELS = 40,
    TILES = 16,
    ANCHORS = 512,
    OUTPUTS = 16,
    ROUNDS = 5,
    MATRIX = 1024,
    THREADS = 2,
    PIXELS = 22, /* tiles of four columns that are multiplied together, a third of 256 cells */
    REPEATS = 500
};

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
 * of a map, where neighbours share three quarters of their products (encoder/winograd.h). */
static double forward_operations(const lode_dense *dense, int side, bool shared) {
    double operations = 0;
    for (int i = 0; i < dense->layers; i++) {
        const lode_dense_layer *layer = &dense->layer[i];
        side -= 2 * layer->dilation;
        double taps = shared && lode_dense_tiled(layer) ? 0.25 * layer->taps : layer->taps;
        operations += 2.0 * side * side * taps * layer->inputs * layer->outputs;
    }
    return operations + 2.0 * side * side * dense->scales * dense->width * dense->dims;
}

typedef struct bench {
    int width, window;
    pthread_barrier_t *together; /* between the parts, so that all threads do the same */
    int outputs;
    double loop, map, step; /* seconds of the fastest round */
    double product, done, plain,
        training; /* operations of the loop, of a map, of a map tap by tap, of a step */
} bench;

/* The innermost loop alone, on what a map gives it: some tiles at each of their points. */
static void time_loop(bench *b) {
    enum { POINTS = LODE_WINOGRAD_POINTS };
    size_t width = (size_t)b->width, step = width * LODE_KERNEL_BLOCK, sums = PIXELS * width;
    float *input = noise(POINTS * sums), *out = noise(POINTS * sums);
    float *weights = noise(POINTS * width * width);
    for (int i = 0; i < ROUNDS; i++) {
        double start = now();
        for (size_t k = 0; k < (size_t)REPEATS * POINTS; k++) {
            lode_kernel_tap tap = {input + k % POINTS * sums, weights + k % POINTS * step};
            lode_kernel_convolve(&tap, 1, b->width, POINTS * step, NULL, false,
                                 out + k % POINTS * sums, PIXELS, b->width);
        }
        double taken = now() - start;
        b->loop = i == 0 || taken < b->loop ? taken : b->loop;
    }
    b->product = 2.0 * REPEATS * POINTS * PIXELS * b->width * b->width;
    lode_free(input);
    lode_free(out);
    lode_free(weights);
}

static void time_map(bench *b, lode_encoder *encoder) {
    const lode_dense *dense = lode_encoder_state(encoder);
    int out = 128, side = out + 2 * (b->window / 2);
    lode_span span = lode_encoder_span(encoder, 0, out);
    float *input = noise((size_t)span.count * (size_t)span.count * CHANNELS);
    float *embedding = lode_alloc((size_t)out * (size_t)out, (size_t)dense->dims * sizeof(float));
    for (int i = 0; i < ROUNDS; i++) {
        double start = now();
        MUST(lode_encoder_embed(encoder, input, &span, &span, embedding));
        double taken = now() - start;
        b->map = i == 0 || taken < b->map ? taken : b->map;
    }
    b->outputs = out * out;
    b->done = forward_operations(dense, side, true);
    b->plain = forward_operations(dense, side, false);
    lode_free(input);
    lode_free(embedding);
}

static void time_training(bench *b, lode_encoder *encoder) {
    const lode_dense *dense = lode_encoder_state(encoder);
    int tile = OUTPUTS + 2 * (b->window / 2);
    float *gradient = noise((size_t)(TILES * OUTPUTS * OUTPUTS) * (size_t)dense->dims);
    lode_trainer *trainer;
    MUST(lode_trainer_create(encoder, TILES, tile, NULL, &trainer));
    for (int i = 0; i < ROUNDS; i++) {
        const float *trained;
        double start = now();
        MUST(lode_trainer_forward(trainer, 0, NULL, &trained));
        MUST(lode_trainer_backward(trainer, gradient, NULL));
        double taken = now() - start;
        b->step = i == 0 || taken < b->step ? taken : b->step;
    }
    b->training = 3 * TILES * forward_operations(dense, tile, false);
    lode_free(gradient);
    lode_trainer_free(trainer);
}

static void *measure(void *context) {
    bench *b = context;
    json_t *hyper = json_pack("{s:i,s:i}", "width", b->width, "window", b->window);
    lode_encoder *encoder;
    MUST(lode_encoder_create("dense", hyper, CHANNELS, 1, &encoder));
    json_decref(hyper);
    MUST(lode_encoder_prepare(encoder));
    pthread_barrier_wait(b->together);
    time_loop(b);
    pthread_barrier_wait(b->together);
    time_map(b, encoder);
    pthread_barrier_wait(b->together);
    time_training(b, encoder);
    lode_encoder_free(encoder);
    return NULL;
}

static void print(const bench *all, int threads, double peak) {
    double loop = 0, cells = 0, done = 0, plain = 0, anchors = 0, training = 0;
    for (const bench *b = all; b < all + threads; b++) {
        loop += b->product / b->loop;
        cells += b->outputs / b->map;
        done += b->done / b->map;
        plain += b->plain / b->map;
        anchors += ANCHORS / b->step;
        training += b->training / b->step;
    }
    double percent = 100 / (threads * peak);
    printf("%d thread%s, in %% of SGEMM on one thread for each:\n", threads,
           threads > 1 ? "s" : "");
    printf("  inner loop: %.1f GFLOP/s, %.0f %%\n", loop * 1e-9, percent * loop);
    printf("  map: %.0f cells/s, %.1f GFLOP/s, %.0f %%; counted tap by tap %.0f %%\n", cells,
           done * 1e-9, percent * done, percent * plain);
    printf("  training: %.0f anchors/s, %.1f GFLOP/s, %.0f %%\n", anchors, training * 1e-9,
           percent * training);
}

int main(int argc, char **argv) {
    int width = argc > 1 ? atoi(argv[1]) : 32, window = argc > 2 ? atoi(argv[2]) : 33;
    double peak = sgemm_rate();
    printf("window %d, width %d, %d channels\n", window, width, CHANNELS);
    printf("SGEMM %d, one thread: %.1f GFLOP/s\n", MATRIX, peak * 1e-9);
    for (int threads = 1; threads <= THREADS; threads++) {
        bench all[THREADS];
        pthread_t worker[THREADS];
        pthread_barrier_t together;
        pthread_barrier_init(&together, NULL, (unsigned)threads);
        for (int i = 0; i < threads; i++) {
            all[i] = (bench){.width = width, .window = window, .together = &together};
            pthread_create(&worker[i], NULL, measure, &all[i]);
        }
        for (int i = 0; i < threads; i++)
            pthread_join(worker[i], NULL);
        pthread_barrier_destroy(&together);
        print(all, threads, peak);
    }
    return EXIT_SUCCESS;
}

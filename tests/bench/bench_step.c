/* bench_step.c - seconds of one training step of a published network, as JSON.
 *
 *   bench_step resnet50|mobilenetv2 THREADS REPEATS
 * 64 windows of 32 x 32 cells, 39 bands: forward, cross entropy, backward, AdamW. "peak" is the
 * rate of a 1024 x 1024 x 1024 product on the same threads. Times are the fastest of REPEATS; with
 * one thread they are CPU seconds, so that a busy machine does not matter. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "encoder/mobilenetv2.h"
#include "encoder/resnet50.h"
#include "nn/gemm.h"
#include "nn/loss.h"
#include "nn/net_layers.h"
#include "nn/optimise.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/random.h"

enum { N = 64, SIDE = 32, BANDS = 39, CLASSES = 2, PEAK = 1024 };

static clockid_t clock_used = CLOCK_MONOTONIC;

static double seconds(void) {
    struct timespec now;
    clock_gettime(clock_used, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double peak_rate(lode_team *team, int repeats) {
    size_t n = PEAK;
    float *a = lode_alloc(3 * n * n, sizeof *a);
    float *scratch = lode_alloc(lode_gemm_scratch(n, n, n, false), sizeof *scratch);
    double best = INFINITY;
    for (int i = 0; a && scratch && i < repeats; i++) {
        double start = seconds();
        lode_gemm(team, n, n, n, a, n, false, a + n * n, n, false, false, a + 2 * n * n, n,
                  scratch);
        best = fmin(best, seconds() - start);
    }
    lode_free(a);
    lode_free(scratch);
    return 2.0 * PEAK * PEAK * PEAK / best;
}

/* Multiplications and additions of forward and both gradients, convolutions only. */
static double step_operations(const lode_net *net) {
    int side[512] = {SIDE};
    double sum = 0;
    for (int i = 1; i < net->count && i < 512; i++) {
        const lode_layer *layer = &net->layers[i];
        lode_conv c = layer->conv;
        side[i] = side[layer->a];
        if (layer->kind == LODE_LAYER_GLOBAL_AVERAGE)
            side[i] = 1;
        if (layer->kind != LODE_LAYER_CONV && layer->kind != LODE_LAYER_MAX_POOL)
            continue;
        c.h = c.w = side[i];
        side[i] = lode_conv_out_height(&c);
        if (layer->kind == LODE_LAYER_CONV)
            sum += 2.0 * N * side[i] * side[i] * (double)lode_conv_weight_size(&c);
    }
    return 3 * sum;
}

static lode_status measure(const char *name, lode_team *team, int repeats, double *best,
                           double *operations) {
    lode_net *net;
    lode_pass *pass = NULL;
    LODE_TRY((strcmp(name, "resnet50") == 0 ? lode_resnet50_net : lode_mobilenetv2_net)(
        BANDS, CLASSES, false, 1, &net));
    LODE_TRY(lode_pass_create(net, LODE_TRAINING, N, SIDE, SIDE, team, &pass));
    size_t n = lode_net_parameter_count(net);
    float *gradient = lode_alloc(3 * n, sizeof *gradient), slopes[N * CLASSES];
    if (!gradient)
        return lode_fail_memory();
    lode_random random = lode_random_stream(1, 1);
    for (int i = 0; i < N * SIDE * SIDE * BANDS; i++)
        lode_pass_input(pass)[i] = (float)lode_random_normal(&random);
    int label[N];
    for (int i = 0; i < N; i++)
        label[i] = i % CLASSES;
    lode_adamw adamw = lode_adamw_defaults();
    *operations = step_operations(net);
    *best = INFINITY;
    for (int i = 0; i < repeats; i++) {
        double start = seconds();
        LODE_TRY(lode_pass_forward(pass, 0.1, 1, (uint64_t)i, NULL));
        lode_cross_entropy(N, CLASSES, lode_pass_output(pass, NULL, NULL), label, slopes);
        LODE_TRY(lode_pass_backward(pass, 1, (uint64_t)i, slopes, gradient, NULL));
        lode_adamw_step(team, &adamw, n, i + 1, 1e-3, gradient, lode_net_decay(net), gradient + n,
                        gradient + 2 * n, lode_net_parameters(net));
        *best = fmin(*best, seconds() - start);
    }
    lode_free(gradient);
    lode_pass_free(pass);
    lode_net_free(net);
    return LODE_OK;
}

int main(int argc, char **argv) {
    lode_team *team = NULL;
    double best = 0, operations = 0;
    if (argc != 4) {
        fprintf(stderr, "bench_step resnet50|mobilenetv2 THREADS REPEATS\n");
        return 2;
    }
    if (atoi(argv[2]) == 1)
        clock_used = CLOCK_PROCESS_CPUTIME_ID;
    if (lode_team_create(atoi(argv[2]), &team) != LODE_OK ||
        measure(argv[1], team, atoi(argv[3]), &best, &operations) != LODE_OK) {
        fprintf(stderr, "%s\n", lode_error_message());
        return 1;
    }
    printf("{\"seconds\": %.6f, \"rate\": %.4g, \"peak\": %.4g, \"kernel\": \"%s\"}\n", best,
           operations / best, peak_rate(team, 5), lode_gemm_name());
    lode_team_free(team);
    return 0;
}

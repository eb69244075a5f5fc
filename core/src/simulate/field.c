#include "simulate/field.h"

#include <math.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/random.h"

/* Moving average of 2 * radius + 1 values along a line of `n` values `stride` apart; the line is
 * shortened by nothing: outside values are taken as wrapping around, which keeps the variance even.
 */
static void smooth_line(const float *in, float *out, int n, int stride, int radius) {
    double sum = 0;
    for (int k = -radius; k <= radius; k++)
        sum += in[(size_t)(((k % n) + n) % n) * (size_t)stride];
    double share = 1.0 / (2 * radius + 1);
    for (int i = 0; i < n; i++) {
        out[(size_t)i * (size_t)stride] = (float)(sum * share);
        int next = (i + radius + 1) % n, last = (((i - radius) % n) + n) % n;
        sum += in[(size_t)next * (size_t)stride] - in[(size_t)last * (size_t)stride];
    }
}

static void smooth(float *values, float *scratch, int n, int radius) {
    for (int row = 0; row < n; row++)
        smooth_line(values + (size_t)row * (size_t)n, scratch + (size_t)row * (size_t)n, n, 1,
                    radius);
    for (int column = 0; column < n; column++)
        smooth_line(scratch + column, values + column, n, n, radius);
}

static void standardise(float *values, size_t count) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    double deviation = sqrt(squares / (double)count);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)(deviation > 0 ? (values[i] - mean) / deviation : 0);
}

/* The noise lives on a margin wider than the area, so that opposite edges do not match. */
lode_status lode_sim_field(const lode_sim_area *area, double range, uint64_t seed, uint64_t stream,
                           const lode_progress *progress, float *values) {
    int n = area->size, radius = (int)floor(range / area->cell / 3 + 0.5);
    int wide = n + 6 * radius + 1;
    size_t count = (size_t)wide * (size_t)wide;
    float *noise = lode_alloc(count, sizeof *noise), *scratch = lode_alloc(count, sizeof *scratch);
    lode_status status =
        noise && scratch ? lode_progress_report(progress, 0, NULL) : lode_fail_memory();
    if (status == LODE_OK) {
        lode_random random = lode_random_stream(seed, stream);
        for (size_t i = 0; i < count; i++)
            noise[i] = (float)lode_random_normal(&random);
        for (int pass = 0; radius > 0 && pass < 3; pass++)
            smooth(noise, scratch, wide, radius);
        for (int row = 0; row < n; row++)
            memcpy(values + (size_t)row * (size_t)n, noise + (size_t)row * (size_t)wide,
                   (size_t)n * sizeof *values);
        standardise(values, (size_t)n * (size_t)n);
    }
    lode_free(noise);
    lode_free(scratch);
    return status;
}

/* nn_check.h - deterministic test data, and gradients checked against central differences. */
#ifndef LODE_TESTS_NN_CHECK_H
#define LODE_TESTS_NN_CHECK_H

#include <math.h>
#include <string.h>

#include "test.h"
#include "util/memory.h"
#include "util/random.h"

static inline float *random_values(size_t n, uint64_t stream) {
    float *values = lode_alloc(n, sizeof *values);
    lode_random random = lode_random_stream(7, stream);
    for (size_t i = 0; i < n; i++)
        values[i] = (float)lode_random_normal(&random);
    return values;
}

static inline double dot(size_t n, const float *a, const float *b) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* The scalar whose gradient is tested. */
typedef double (*check_loss)(void *context);

static inline double check_slope(check_loss loss, void *context, float *value, double h) {
    float kept = *value;
    *value = kept + (float)h;
    double above = (double)*value, plus = loss(context);
    *value = kept - (float)h;
    double below = (double)*value, minus = loss(context);
    *value = kept;
    return (plus - minus) / (above - below);
}

/* gradient[n] against (loss(v + h) - loss(v - h)) / 2h for up to 60 elements spread over values.
 * Where a kink (ReLU, max pooling) lies within h, h / 10 must agree. */
static inline void check_gradient(const char *what, check_loss loss, void *context, float *values,
                                  const float *gradient, size_t n, double h, double tolerance) {
    size_t stride = n / 60 + 1;
    for (size_t i = 0; i < n; i += stride) {
        double given = (double)gradient[i], slope = check_slope(loss, context, values + i, h);
        if (!(fabs(slope - given) <= tolerance * (1 + fabs(slope))))
            slope = check_slope(loss, context, values + i, h / 10);
        if (!(fabs(slope - given) <= tolerance * (1 + fabs(slope))))
            fail_msg("%s: element %zu of %zu has gradient %g, differences give %g", what, i, n,
                     given, slope);
    }
}

#endif

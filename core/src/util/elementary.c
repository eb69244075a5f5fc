#include "util/elementary.h"

#include <math.h>

#include "util/simd.h"

/* Compiled with -ffast-math, without which the compiler does not use vector functions: nothing else
 * belongs into this file. */
LODE_WIDE void lode_logs(const float *restrict x, double *restrict logs, int count) {
    for (int i = 0; i < count; i++)
        logs[i] = log((double)x[i]);
}

/* Beyond 700 the exponential would overflow; the value is 0 or 1 there in every type. */
LODE_WIDE void lode_sigmoids(double *restrict z, int count) {
    for (int i = 0; i < count; i++) {
        double bounded = z[i] < -700 ? -700 : z[i] > 700 ? 700 : z[i];
        z[i] = 1 / (1 + exp(-bounded));
    }
}

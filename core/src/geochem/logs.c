#include "geochem/logs.h"

#include <math.h>

#include "nn/simd.h"

/* Compiled with -ffast-math, without which the compiler does not use the vector logarithm: there is
 * nothing else in this file that it could rearrange. */
LODE_WIDE void lode_logs(const float *restrict x, double *restrict logs, int count) {
    for (int i = 0; i < count; i++)
        logs[i] = log((double)x[i]);
}

/* elementary.h - elementary functions of many values at once: vectors of the C library's own where
 * it has them, within 4 units in the last place. */
#ifndef LODE_UTIL_ELEMENTARY_H
#define LODE_UTIL_ELEMENTARY_H

/* logs[i] = ln x[i]. Every x must be finite and greater than 0. */
void lode_logs(const float *x, double *logs, int count);

/* z[i] becomes 1 / (1 + exp(-z[i])). Every z must be finite. */
void lode_sigmoids(double *z, int count);

#endif

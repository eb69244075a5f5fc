/* select.h - the k-th smallest of many values without sorting them all. */
#ifndef LODE_UTIL_SELECT_H
#define LODE_UTIL_SELECT_H

#include <stddef.h>

/* The k-th smallest (0 = the least, k < n) of n values, none of them NaN. Reorders them: none
 * before index k is greater, none behind it less. In time that grows with n for any order of the
 * values. */
float lode_select(float *values, size_t n, size_t k);
double lode_select_double(double *values, size_t n, size_t k);

/* Median of n > 0 values, none of them NaN, which it reorders; of an even number the mean of the
 * two in the middle. */
float lode_median(float *values, size_t n);
double lode_median_double(double *values, size_t n);

#endif

/* kriging.h - ordinary kriging from a neighbourhood.
 *
 * The estimate is sum w_i z_i with sum w_i = 1 and the smallest error variance, from the covariances
 * C(h) = nugget + sill - gamma(h) (Cressie 1993, section 3.2):
 *   w = C^-1 (c0 + 1 m),  m = (1 - 1' C^-1 c0) / (1' C^-1 1),  variance = C(0) - w' c0 + m. */
#ifndef LODE_GRID_KRIGING_H
#define LODE_GRID_KRIGING_H

#include "grid/variogram.h"

enum { LODE_KRIGING_MAX = 128 }; /* neighbours */

/* Weights and error variance at (x, y) from n places (1..LODE_KRIGING_MAX). scratch has room for
 * n * (n + 3) numbers. A place of the samples gets its sample's value and variance 0. False when the
 * system cannot be solved (two samples at one place without nugget). */
bool lode_krige(const lode_variogram *variogram, const double *sample_x, const double *sample_y,
                int n, double x, double y, double *scratch, double *weights, double *variance);

#endif

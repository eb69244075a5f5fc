/* variogram.h - sample variograms and the models fitted to them.
 *
 * Model semivariances, with h the distance and a the range parameter (as gstat writes them):
 *   spherical    nugget + sill (1.5 h/a - 0.5 (h/a)^3), nugget + sill from h = a
 *   exponential  nugget + sill (1 - exp(-h/a)),          95 % of the sill at 3 a
 *   gaussian     nugget + sill (1 - exp(-(h/a)^2)),      95 % at 1.73 a
 *   matern32     nugget + sill (1 - (1 + h/a) exp(-h/a)), Matern of smoothness 3/2, 95 % at 4.74 a
 * and 0 at h = 0. Cressie (1993), Statistics for Spatial Data, sections 2.3, 2.4, 2.6. */
#ifndef LODE_GRID_VARIOGRAM_H
#define LODE_GRID_VARIOGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "util/progress.h"

typedef enum lode_variogram_model {
    LODE_VARIOGRAM_SPHERICAL,
    LODE_VARIOGRAM_EXPONENTIAL,
    LODE_VARIOGRAM_GAUSSIAN,
    LODE_VARIOGRAM_MATERN32
} lode_variogram_model;

typedef struct lode_variogram {
    lode_variogram_model model;
    double nugget, sill, range; /* sill without the nugget */
} lode_variogram;

double lode_variogram_at(const lode_variogram *variogram, double h);
/* Distance at which 95 % of the sill is reached. */
double lode_variogram_reach(const lode_variogram *variogram);
const char *lode_variogram_name(lode_variogram_model model);

/* "exponential,0.1,0.9,1500": model, nugget, sill, range. */
lode_status lode_variogram_parse(const char *text, lode_variogram *variogram);

enum { LODE_LAGS = 15 };

typedef struct lode_sample_variogram {
    double distance[LODE_LAGS]; /* mean distance of the pairs in a lag */
    double semivariance[LODE_LAGS];
    double pairs[LODE_LAGS];
    double cutoff;
} lode_sample_variogram;

/* Matheron's estimator in LODE_LAGS equal lags up to cutoff (0 or less: a third of the diagonal of
 * the extent), from at most 3,000 samples drawn with `seed`. */
lode_status lode_variogram_sample(const double *x, const double *y, const double *z, size_t n,
                                  double cutoff, uint64_t seed, lode_sample_variogram *sample);

/* Weighted least squares with weights pairs / distance^2. model < 0: the model with the smallest sum
 * of squares. False when there is nothing to fit (fewer than 3 lags with pairs, or no variance). */
bool lode_variogram_fit(const lode_sample_variogram *sample, int model, lode_variogram *fitted);

#endif

/* censor.h - what stands in for values below a detection limit.
 *
 * half: limit / 2; sqrt2: limit / sqrt 2. multiplicative: exp(E[ln x | ln x < ln limit]) of a
 * lognormal fitted to all values by maximum likelihood (multLN of Palarea-Albaladejo and
 * Martin-Fernandez 2013, Clean Technol. Environ. Policy 15, 1007-1018), the other parts being
 * rescaled so that the sum stays. ros: regression on order statistics with several limits (Helsel
 * 2012, Statistics for Censored Environmental Data, ch. 6; plotting positions of Hirsch and Stedinger
 * 1987, Water Resour. Res. 23, 715-727); samples below one limit are not distinguishable, so each
 * gets the geometric mean of the order statistics imputed below that limit.
 *
 * A limit that is not known (zero, "n.d.") is taken to be the smallest measured value. Values above
 * an upper limit are set to it. A spike of equal lowest values, a limit the laboratory has already
 * replaced, keeps its value under half and sqrt2 and counts as a limit under the others. */
#ifndef LODE_SAMPLES_CENSOR_H
#define LODE_SAMPLES_CENSOR_H

#include "samples/samples.h"

/* Replaces all censored values of the used analytes. */
lode_status lode_censor_replace(lode_samples *samples, lode_censoring how);

/* The single steps, for tests. values[n] with marks -> imputed value for a limit; ln is natural. */
typedef struct lode_lognormal {
    double mean, sd; /* of ln x */
} lode_lognormal;

/* Maximum likelihood from measured (VALUE) and below-limit (BELOW, value = limit) data. */
lode_lognormal lode_lognormal_fit(const double *values, const unsigned char *marks, size_t n);
/* exp(E[ln x | x < limit]). */
double lode_lognormal_below(lode_lognormal fit, double limit);
/* Replaces BELOW values by regression on order statistics, in place. */
lode_status lode_ros(double *values, const unsigned char *marks, size_t n);

#endif

/* reference.h - the training area in feature space: how unusual and how well supported a place is.
 *
 * Features are standardised by the median and 1.4826 MAD of the area. `anomaly` is the Mahalanobis
 * distance to the bulk of the survey, with a shrunken covariance estimated on the half of the
 * places closest to the median (one step of the idea of the minimum covariance determinant,
 * Rousseeuw and Van Driessen 1999). `support` is the distance to the K-th nearest reference place,
 * divided by the 95th percentile of the same distance inside the area: up to 1 is like the training
 * area, more is extrapolation. */
#ifndef LODE_HEAD_REFERENCE_H
#define LODE_HEAD_REFERENCE_H

#include <stddef.h>

#include "lode/lode.h"
#include "util/progress.h"

typedef struct lode_reference {
    int features;
    int places;            /* number of stored places, at least LODE_REFERENCE_NEIGHBOURS + 1 */
    float *centre, *scale; /* [features] */
    float *whitening;      /* [features][features] lower triangular: |W z|^2 = squared distance */
    float *places_z;       /* [places][features] standardised */
    float reach;           /* 95th percentile of the K-th nearest distance within the area */
} lode_reference;

enum { LODE_REFERENCE_NEIGHBOURS = 5, LODE_REFERENCE_PLACES = 512 };

/* x[n][features]: places spread over the training area, in random order; the first
 * LODE_REFERENCE_PLACES are stored. Needs at least LODE_REFERENCE_NEIGHBOURS + 2 places. */
lode_status lode_reference_fit(const float *x, size_t n, int features, lode_reference **reference);
void lode_reference_free(lode_reference *reference);

/* scratch has `features` values. */
float lode_reference_anomaly(const lode_reference *reference, const float *x, float *scratch);
float lode_reference_support(const lode_reference *reference, const float *x, float *scratch);

#endif

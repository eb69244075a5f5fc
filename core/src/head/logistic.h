/* logistic.h - ridge logistic regression, weighted, by Newton's method (IRLS).
 *
 * Minimises  mean_w[ -log likelihood ] + strength / 2 * |w|^2  over standardised features (the
 * intercept is not penalised); weights balance both classes. Newton with step halving on a convex
 * objective, solved by Cholesky: exact, and cheap for a few hundred features.
 * Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, sections 4.4, 18.3.5.
 */
#ifndef LODE_HEAD_LOGISTIC_H
#define LODE_HEAD_LOGISTIC_H

#include <stddef.h>

#include "lode/lode.h"

/* x[n][features], y[n] 0/1 -> weights[features] and *bias for raw (not standardised) features.
 * sample_weight may be NULL: then both classes weigh the same in total. Deterministic. */
lode_status lode_logistic_fit(const float *x, const unsigned char *y, const double *sample_weight,
                              size_t n, int features, double strength, float *weights, float *bias);
/* The same for `count` strengths, each starting from the one before, so strongest first:
 * weights[count][features], bias[count]. */
lode_status lode_logistic_path(const float *x, const unsigned char *y, const double *sample_weight,
                               size_t n, int features, const double *strengths, int count,
                               float *weights, float *bias);
/* Linear predictor (log odds) of one place. */
double lode_logistic_predict(const float *weights, float bias, const float *x, int features);
double lode_sigmoid(double z);

#endif

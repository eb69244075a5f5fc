/* prototype.h - a head for a handful of deposits: nearer to their mean, or to that of the
 * background?
 *
 * With one to five deposits there is nothing to hold out, so neither inputs nor a ridge can be
 * chosen by validation, and a regression would fit noise. The nearest class mean on standardised
 * features has nothing to choose (the prototype of Snell, Swersky and Zemel 2017, arXiv:1703.05175;
 * the diagonal linear discriminant of Hastie, Tibshirani and Friedman 2009, section 18.2). It is
 * linear:
 *
 *     w_j = (m1_j - m0_j) / s_j^2,   bias = -sum_j w_j (m1_j + m0_j) / 2
 *
 * with m1 and m0 the means of deposits and of background, and s the standard deviation of the
 * background. */
#ifndef LODE_HEAD_PROTOTYPE_H
#define LODE_HEAD_PROTOTYPE_H

#include <stddef.h>

#include "lode/lode.h"

/* Up to this many deposits the head is a prototype. */
enum { LODE_PROTOTYPE_DEPOSITS = 5 };

/* x[n][features], y[n] 0/1 with both classes present -> weights[features] and *bias.
 * sample_weight[n] may be NULL: all places of a class weigh the same. A feature that does not vary
 * gets no weight. */
lode_status lode_prototype_fit(const float *x, const unsigned char *y, const double *sample_weight,
                               size_t n, int features, float *weights, float *bias);

#endif

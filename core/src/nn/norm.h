/* norm.h - batch normalisation (Ioffe and Szegedy 2015) of [rows][c] tensors (rows = n h w).
 *
 * y = activation(gamma (x - mean) / sqrt(var + eps) + beta), var without Bessel's correction;
 * running statistics use the unbiased variance, as PyTorch does. The statistics come in two steps,
 * local sums and their use, so that they can be added over tiles, threads or processes in a fixed
 * order before they are used. Sums are in double precision over runs of 64 rows in single. */
#ifndef LODE_NN_NORM_H
#define LODE_NN_NORM_H

#include "nn/conv.h"

typedef struct lode_norm {
    size_t c;
    const float *gamma, *beta;              /* [c] */
    float *running_mean, *running_variance; /* [c] */
    float momentum, eps;                    /* 0.1 and 1e-5 */
    lode_activation activation;             /* LODE_LINEAR, LODE_RELU or LODE_RELU6 */
} lode_norm;

/* Local sums of x and x^2 -> sums[2][c], overwritten. scratch: lode_norm_scratch doubles. */
size_t lode_norm_scratch(size_t rows, size_t c);
void lode_norm_sums(lode_team *team, size_t rows, size_t c, const float *x, double *scratch,
                    double *sums);
/* Sums over `count` rows -> mean[c], inverse[c] = 1 / sqrt(var + eps); updates running statistics.
 */
void lode_norm_statistics(const lode_norm *norm, const double *sums, double count, float *mean,
                          float *inverse);
/* y may be x. */
void lode_norm_apply(lode_team *team, const lode_norm *norm, size_t rows, const float *x,
                     const float *mean, const float *inverse, float *y);

/* Backward. g = dy where the activation passes it (read from y), else 0. Local sums of g and
 * g * xhat -> sums[2][c], overwritten: these are also the gradients of beta and gamma. */
void lode_norm_backward_sums(lode_team *team, const lode_norm *norm, size_t rows, const float *x,
                             const float *y, const float *dy, const float *mean,
                             const float *inverse, double *scratch, double *sums);
/* dx = gamma inverse (g - sums[0] / count - xhat sums[1] / count), with sums over all `count` rows.
 * accumulate adds to dx; otherwise dx may be dy. */
void lode_norm_backward_apply(lode_team *team, const lode_norm *norm, size_t rows, const float *x,
                              const float *y, const float *dy, const float *mean,
                              const float *inverse, const double *sums, double count,
                              bool accumulate, float *dx);

/* Inference: y = scale x + shift with running statistics; folds into a convolution before it. */
void lode_norm_affine(const lode_norm *norm, float *scale, float *shift);

#endif

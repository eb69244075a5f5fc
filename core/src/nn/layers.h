/* layers.h - the simple layers: activations, pooling, sums, dropout. Channels last, as in conv.h.
 * A linear layer is lode_conv_* with h = w = kh = kw = 1. */
#ifndef LODE_NN_LAYERS_H
#define LODE_NN_LAYERS_H

#include <stdint.h>

#include "nn/conv.h"

/* y may be x. */
void lode_activate(lode_team *team, lode_activation activation, size_t n, const float *x, float *y);
/* dx (+)= dy * slope at x. dx may be dy when accumulate is false. */
void lode_activate_backward(lode_team *team, lode_activation activation, size_t n, const float *x,
                            const float *dy, bool accumulate, float *dx);

/* y = activation(a + b); y may be a. */
void lode_add(lode_team *team, size_t n, const float *a, const float *b, lode_activation activation,
              float *y);
/* dx (+)= dy. */
void lode_copy(lode_team *team, size_t n, const float *dy, bool accumulate, float *dx);

/* Pooling window: kernel, stride, pad, n, h, w and cin of a lode_conv (dilation and the rest are
 * ignored). Max pooling ignores cells in the padding; average pooling counts them as zeros, as
 * PyTorch does by default. */
void lode_max_pool(lode_team *team, const lode_conv *pool, const float *x, float *y);
/* The first largest cell in reading order takes the gradient. */
void lode_max_pool_backward(lode_team *team, const lode_conv *pool, const float *x, const float *y,
                            const float *dy, bool accumulate, float *dx);
void lode_average_pool(lode_team *team, const lode_conv *pool, const float *x, float *y);
void lode_average_pool_backward(lode_team *team, const lode_conv *pool, const float *dy,
                                bool accumulate, float *dx);

/* y[n][c] = mean over the h w cells of x[n][h][w][c]. */
void lode_global_average(lode_team *team, int n, size_t cells, size_t c, const float *x, float *y);
void lode_global_average_backward(lode_team *team, int n, size_t cells, size_t c, const float *dy,
                                  bool accumulate, float *dx);

/* Inverted dropout. Which elements are dropped depends on seed, step and position only; backward is
 * the same call on dy with the same seed and step. y may be x. */
void lode_dropout(lode_team *team, size_t n, double probability, uint64_t seed, uint64_t step,
                  const float *x, bool accumulate, float *y);

#endif

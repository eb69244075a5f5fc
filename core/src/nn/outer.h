/* outer.h - gradient of convolution weights: for each tap, (source pixels)^T x (output gradients).
 */
#ifndef LODE_NN_OUTER_H
#define LODE_NN_OUTER_H

#include "nn/conv.h"

size_t lode_outer_scratch(const lode_conv *conv, int threads);
/* Adds to dweight. Each element is summed over pixels in order by one item. */
void lode_outer_backward_weight(lode_team *team, const lode_conv *conv, const float *x,
                                const float *dy, float *scratch, float *dweight);
void lode_outer_backward_bias(lode_team *team, const lode_conv *conv, const float *dy,
                              float *dbias);

#endif

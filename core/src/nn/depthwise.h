/* depthwise.h - convolution of each channel with its own kernel, directly; see conv.h. */
#ifndef LODE_NN_DEPTHWISE_H
#define LODE_NN_DEPTHWISE_H

#include "nn/conv.h"

void lode_depthwise_forward(lode_team *team, const lode_conv *conv, const float *x,
                            const float *weight, const float *bias, lode_activation activation,
                            float *y);
void lode_depthwise_backward_data(lode_team *team, const lode_conv *conv, const float *dy,
                                  const float *weight, bool accumulate, float *dx);
size_t lode_depthwise_scratch(const lode_conv *conv);
/* Adds to dweight. */
void lode_depthwise_backward_weight(lode_team *team, const lode_conv *conv, const float *x,
                                    const float *dy, float *scratch, float *dweight);

#endif

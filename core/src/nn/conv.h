/* conv.h - two-dimensional convolution on channels-last tensors, forward and backward.
 *
 * Shapes: x [n][h][w][cin], y [n][oh][ow][cout], weight [kh][kw][cin / groups][cout] (so a weight
 * is the k x n matrix of gemm.h), bias [cout]. groups = 1, or any common divisor of cin and cout;
 * groups = cin = cout is a depthwise convolution and has its own code. pad = 0 is a valid
 * convolution; padding is with zeros. As everywhere in nn/, results do not depend on the team, and
 * an output element depends on its own inputs only, bit for bit. */
#ifndef LODE_NN_CONV_H
#define LODE_NN_CONV_H

#include <stdbool.h>

#include "nn/team.h"

typedef enum lode_activation {
    LODE_LINEAR,
    LODE_RELU,
    LODE_RELU6,
    LODE_GELU /* exact: x Phi(x), Hendrycks and Gimpel 2016 */
} lode_activation;

typedef struct lode_conv {
    int n, h, w, cin, cout;
    int kh, kw, stride, pad, dilation, groups;
} lode_conv;

int lode_conv_out_height(const lode_conv *conv);
int lode_conv_out_width(const lode_conv *conv);
/* Refuses sizes that are not positive, groups that do not divide, and empty outputs. */
lode_status lode_conv_check(const lode_conv *conv);
/* Elements of weight. */
size_t lode_conv_weight_size(const lode_conv *conv);

/* Weights in the form the two directions read; n, h and w do not matter. */
size_t lode_conv_packed_size(const lode_conv *conv);
void lode_conv_pack(lode_team *team, const lode_conv *conv, const float *weight, float *packed);
size_t lode_conv_packed_back_size(const lode_conv *conv);
void lode_conv_pack_back(lode_team *team, const lode_conv *conv, const float *weight,
                         float *packed);

/* y = activation(x * weight + bias); bias may be NULL. packed: from lode_conv_pack. activation:
 * LODE_LINEAR, LODE_RELU or LODE_RELU6. */
void lode_conv_forward(lode_team *team, const lode_conv *conv, const float *x, const float *packed,
                       const float *bias, lode_activation activation, float *y);

/* dx = (or, when accumulate, +=) gradient with respect to x. packed: from lode_conv_pack_back. */
void lode_conv_backward_data(lode_team *team, const lode_conv *conv, const float *dy,
                             const float *packed, bool accumulate, float *dx);

/* Adds the gradients to dweight and, when not NULL, dbias. scratch: lode_conv_scratch floats. */
size_t lode_conv_scratch(const lode_conv *conv, int threads);
void lode_conv_backward_weight(lode_team *team, const lode_conv *conv, const float *x,
                               const float *dy, float *scratch, float *dweight, float *dbias);

#endif

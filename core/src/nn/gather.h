/* gather.h - the one loop nest behind convolution, its gradient and the linear layer: output pixels
 * times taps times channels, through the kernel of gemm.h. */
#ifndef LODE_NN_GATHER_H
#define LODE_NN_GATHER_H

#include "nn/conv.h"

enum { LODE_GATHER_TAPS = 121 }; /* at most 11 x 11 */

/* dst(i, gy * step + start_y, gx * step + start_x)[columns] =
 *   sum over taps t: src(i, gy * stride + tap_y[t], gx * stride + tap_x[t])[depth] * B[tap[t]]
 * for every position (gy, gx) of an n x grid_h x grid_w grid. A source outside its image is 0. */
typedef struct lode_gather {
    int n, grid_h, grid_w;
    const float *src; /* [n][src_h][src_w], src_pitch floats a pixel, of which depth are read */
    int src_h, src_w, stride;
    size_t src_pitch, depth;
    float *dst;
    int dst_h, dst_w, step, start_y, start_x;
    size_t dst_pitch, columns;
    int taps, tap_y[LODE_GATHER_TAPS], tap_x[LODE_GATHER_TAPS];
    int tap[LODE_GATHER_TAPS]; /* which slice of packed belongs to the tap */
    const float *packed;       /* panels of [packed_taps * depth][16] */
    int packed_taps;
    const float *bias; /* [columns] or NULL */
    lode_activation activation;
    bool accumulate; /* add to dst; without bias and activation */
} lode_gather;

void lode_gather_run(lode_team *team, const lode_gather *gather);

#endif

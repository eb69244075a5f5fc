#include "encoder/winograd.h"

#include <stddef.h>

#include "util/simd.h"

enum { LANES = 16 }; /* channels that the loops below take at once */

static int block_start(int column, int block) {
    int rest = column % block;
    return column - (rest < 0 ? rest + block : rest);
}

lode_winograd lode_winograd_cover(int from, int to, int dilation) {
    int block = LODE_WINOGRAD_OUTPUTS * dilation, last = block_start(to - 1, block);
    int first = block_start(from, block);
    /* Of the last block only tiles that hold a wanted column. */
    int tiles = to - last < dilation ? to - last : dilation;
    return (lode_winograd){.dilation = dilation,
                           .first = first,
                           .end = to,
                           .tiles = (last - first) / LODE_WINOGRAD_OUTPUTS + tiles,
                           .input_end = last + tiles + (LODE_WINOGRAD_POINTS - 1) * dilation};
}

/* The first column of a tile, counted from the first of all. */
static size_t tile_column(const lode_winograd *cover, int tile) {
    int d = cover->dilation;
    return (size_t)(tile / d * d * LODE_WINOGRAD_OUTPUTS + tile % d);
}

void lode_winograd_weights(const float *weights, int inputs, int outputs, float *points) {
    static const double to_points[LODE_WINOGRAD_POINTS][3] = {
        {1.0 / 4, 0, 0},
        {-1.0 / 6, -1.0 / 6, -1.0 / 6},
        {-1.0 / 6, 1.0 / 6, -1.0 / 6},
        {1.0 / 24, 1.0 / 12, 1.0 / 6},
        {1.0 / 24, -1.0 / 12, 1.0 / 6},
        {0, 0, 1},
    };
    size_t count = (size_t)inputs * (size_t)outputs;
    for (int k = 0; k < LODE_WINOGRAD_POINTS; k++)
        for (int row = 0; row < 3; row++, points += count) {
            const float *tap = weights + (size_t)row * 3 * count;
            for (size_t i = 0; i < count; i++)
                points[i] = (float)(to_points[k][0] * (double)tap[i] +
                                    to_points[k][1] * (double)tap[count + i] +
                                    to_points[k][2] * (double)tap[2 * count + i]);
        }
}

LODE_WIDE void lode_winograd_input(const lode_winograd *cover, const float *restrict row,
                                   int channels, float *restrict points) {
    size_t n = (size_t)channels, step = (size_t)cover->dilation * n;
    size_t plane = (size_t)cover->tiles * n;
    for (int tile = 0; tile < cover->tiles; tile++)
        for (size_t c = 0; c < n; c += LANES) {
            const float *in = row + tile_column(cover, tile) * n + c;
            float *out = points + (size_t)tile * n + c;
            for (int i = 0; i < LANES; i++) {
                const float *x = in + i;
                float x0 = x[0], x1 = x[step], x2 = x[2 * step], x3 = x[3 * step];
                float x4 = x[4 * step], x5 = x[5 * step];
                float even = x4 - 4 * x2, odd = x3 - 4 * x1;
                float half_even = x4 - x2, half_odd = 2 * (x3 - x1);
                out[i] = 4 * x0 - 5 * x2 + x4;
                out[plane + i] = even + odd;
                out[2 * plane + i] = even - odd;
                out[3 * plane + i] = half_even + half_odd;
                out[4 * plane + i] = half_even - half_odd;
                out[5 * plane + i] = 4 * x1 - 5 * x3 + x5;
            }
        }
}

/* The four outputs of a tile, LANES channels of each. */
LODE_WIDE static void carry_back(const float *restrict in, size_t plane, const float *restrict bias,
                                 float (*restrict out)[LANES]) {
    for (int i = 0; i < LANES; i++) {
        float m0 = in[i], m1 = in[plane + i], m2 = in[2 * plane + i], m3 = in[3 * plane + i];
        float m4 = in[4 * plane + i], m5 = in[5 * plane + i];
        float sum = m1 + m2, difference = m1 - m2, sum2 = m3 + m4, difference2 = m3 - m4;
        float y0 = (m0 + sum) + sum2 + bias[i];
        float y1 = difference + 2 * difference2 + bias[i];
        float y2 = sum + 4 * sum2 + bias[i];
        float y3 = difference + 8 * difference2 + m5 + bias[i];
        out[0][i] = y0 > 0 ? y0 : 0;
        out[1][i] = y1 > 0 ? y1 : 0;
        out[2][i] = y2 > 0 ? y2 : 0;
        out[3][i] = y3 > 0 ? y3 : 0;
    }
}

LODE_WIDE void lode_winograd_output(const lode_winograd *cover, int from, int count,
                                    const float *sums, const float *bias, int outputs, float *row) {
    size_t n = (size_t)outputs, d = (size_t)cover->dilation, plane = (size_t)count * n;
    size_t columns = (size_t)(cover->end - cover->first);
    for (int tile = from; tile < from + count; tile++, sums += n) {
        size_t column = tile_column(cover, tile);
        for (size_t c = 0; c < n; c += LANES) {
            float out[LODE_WINOGRAD_OUTPUTS][LANES];
            carry_back(sums + c, plane, bias + c, out);
            for (size_t j = 0; j < LODE_WINOGRAD_OUTPUTS && column + j * d < columns; j++)
                for (int i = 0; i < LANES; i++)
                    row[(column + j * d) * n + c + (size_t)i] = out[j][i];
        }
    }
}

#include "encoder/winograd.h"

#include <stddef.h>

#include "util/simd.h"

enum { IN = LODE_WINOGRAD_INPUTS, OUT = LODE_WINOGRAD_OUTPUTS };

static int block_start(int column, int block) {
    int rest = column % block;
    return column - (rest < 0 ? rest + block : rest);
}

lode_winograd lode_winograd_cover(int from, int to, int dilation) {
    int block = OUT * dilation, last = block_start(to - 1, block);
    int first = block_start(from, block);
    /* Of the last block only tiles that hold a wanted column. */
    int tiles = to - last < dilation ? to - last : dilation;
    return (lode_winograd){.dilation = dilation,
                           .first = first,
                           .end = to,
                           .tiles = (last - first) / OUT + tiles,
                           .input_end = last + tiles + (IN - 1) * dilation};
}

/* The first column of a tile, counted from the first of all. */
static size_t tile_column(const lode_winograd *cover, int tile) {
    int d = cover->dilation;
    return (size_t)(tile / d * d * OUT + tile % d);
}

void lode_winograd_columns(const lode_winograd *cover, int tile, int count, int *from, int *to) {
    int columns = cover->end - cover->first;
    *from = (int)tile_column(cover, tile);
    *to = (int)tile_column(cover, tile + count - 1) + (OUT - 1) * cover->dilation + 1;
    if (*to > columns)
        *to = columns;
}

/* ---- Weights ----------------------------------------------------------------------------------
 */

/* Three weights, `step` apart, at point `point`. */
static double weight_at(const double *w, size_t step, int point) {
    static const double to_points[IN][3] = {
        {1.0 / 4, 0, 0},
        {-1.0 / 6, -1.0 / 6, -1.0 / 6},
        {-1.0 / 6, 1.0 / 6, -1.0 / 6},
        {1.0 / 24, 1.0 / 12, 1.0 / 6},
        {1.0 / 24, -1.0 / 12, 1.0 / 6},
        {0, 0, 1},
    };
    const double *by = to_points[point];
    return by[0] * w[0] + by[1] * w[step] + by[2] * w[2 * step];
}

void lode_winograd_weights(const float *weights, int inputs, int outputs, float *points) {
    size_t count = (size_t)inputs * (size_t)outputs;
    for (size_t i = 0; i < count; i++) {
        double taps[9], down[3];
        for (size_t t = 0; t < 9; t++)
            taps[t] = (double)weights[t * count + i];
        for (int v = 0; v < IN; v++) {
            for (int column = 0; column < 3; column++)
                down[column] = weight_at(taps + column, 3, v);
            for (int h = 0; h < IN; h++)
                points[(size_t)(v * IN + h) * count + i] = (float)weight_at(down, 1, h);
        }
    }
}

/* ---- Inputs and outputs: down the columns, along the rows, and back the other way
 * ----------------
 */

#define KERNEL(name) name##_base
#define KERNEL_TARGET
#define KERNEL_LANES 4
#include "encoder/winograd_body.h"
#undef KERNEL
#undef KERNEL_TARGET
#undef KERNEL_LANES

#ifdef LODE_LONG_VECTORS

#define KERNEL(name) name##_avx2
#define KERNEL_TARGET __attribute__((target("avx2")))
#define KERNEL_LANES 8
#include "encoder/winograd_body.h"
#undef KERNEL
#undef KERNEL_TARGET
#undef KERNEL_LANES

#define KERNEL(name) name##_avx512
#define KERNEL_TARGET __attribute__((target("avx512f")))
#define KERNEL_LANES 16
#include "encoder/winograd_body.h"
#undef KERNEL
#undef KERNEL_TARGET
#undef KERNEL_LANES

#endif

typedef struct kernels {
    void (*input)(const lode_winograd *, int, int, const float *const[IN], int, float *);
    void (*output)(const lode_winograd *, int, int, const float *, const float *, int,
                   float *const[OUT]);
} kernels;

static const kernels *best(void) {
    static const kernels base = {input_base, output_base};
#ifdef LODE_LONG_VECTORS
    static const kernels avx2 = {input_avx2, output_avx2};
    static const kernels avx512 = {input_avx512, output_avx512};
    if (__builtin_cpu_supports("avx512f"))
        return &avx512;
    if (__builtin_cpu_supports("avx2"))
        return &avx2;
#endif
    return &base;
}

void lode_winograd_input(const lode_winograd *cover, int from, int count,
                         const float *const rows[IN], int channels, float *points) {
    best()->input(cover, from, count, rows, channels, points);
}

void lode_winograd_output(const lode_winograd *cover, int from, int count, const float *sums,
                          const float *bias, int outputs, float *const rows[OUT]) {
    best()->output(cover, from, count, sums, bias, outputs, rows);
}

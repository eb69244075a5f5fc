/* dense_kernel_body.h - the loops of dense_kernel.h for one vector length; included once for each
 * instruction set by dense_kernel.c, which defines
 *   KERNEL(name)    the name with the instruction set's suffix
 *   KERNEL_TARGET   the function attribute that allows the instructions
 *   KERNEL_LANES    floats in a vector (4, 8 or 16)
 *   KERNEL_PIXELS   pixels in a register tile
 *   KERNEL_BLOCKS   blocks of 16 outputs that a register tile has where there are as many: an input
 *                   value that is loaded once then serves more products */

typedef float KERNEL(vector) __attribute__((vector_size(4 * KERNEL_LANES), aligned(4), may_alias));
typedef int KERNEL(bits) __attribute__((vector_size(4 * KERNEL_LANES), aligned(4), may_alias));

enum { KERNEL(parts) = LODE_KERNEL_BLOCK / KERNEL_LANES };

/* `pixels` pixels times `blocks` (constants after inlining) blocks of 16 outputs. taps[].weights +
 * block: the weights of the first block, block_stride floats before those of the next. */
static inline __attribute__((always_inline)) void
KERNEL(tile)(const lode_kernel_tap *taps, int tap_count, int channels, size_t first, size_t block,
             size_t block_stride, const float *bias, bool relu, float *out, int outputs,
             const int pixels, const int blocks) {
    enum { PARTS = KERNEL_BLOCKS * KERNEL(parts) };
    KERNEL(vector) sum[KERNEL_PIXELS][PARTS];
    const int parts = blocks * KERNEL(parts);
    for (int p = 0; p < pixels; p++)
        for (int v = 0; v < parts; v++) {
            if (bias)
                sum[p][v] = ((const KERNEL(vector) *)bias)[v];
            else
                sum[p][v] = (KERNEL(vector)){0};
        }
    for (int t = 0; t < tap_count; t++) {
        const float *input = taps[t].input + first * (size_t)channels;
        const float *weight = taps[t].weights + block;
        for (int c = 0; c < channels; c++, weight += LODE_KERNEL_BLOCK) {
            KERNEL(vector) w[PARTS];
            for (int v = 0; v < parts; v++)
                w[v] =
                    *(const KERNEL(vector) *)(weight + (size_t)(v / KERNEL(parts)) * block_stride +
                                              v % KERNEL(parts) * KERNEL_LANES);
            for (int p = 0; p < pixels; p++) {
                float value = input[p * channels + c];
                for (int v = 0; v < parts; v++)
                    sum[p][v] += value * w[v];
            }
        }
    }
    for (int p = 0; p < pixels; p++)
        for (int v = 0; v < parts; v++) {
            KERNEL(vector) value = sum[p][v];
            if (relu)
                value = (KERNEL(vector))((KERNEL(bits))value & (value > 0));
            *(KERNEL(vector) *)(out + (size_t)p * (size_t)outputs + v * KERNEL_LANES) = value;
        }
}

/* All pixels times `blocks` (a constant after inlining) blocks of outputs. */
static inline __attribute__((always_inline)) void
KERNEL(convolve_blocks)(const lode_kernel_tap *taps, int tap_count, int channels, size_t block,
                        size_t block_stride, const float *bias, bool relu, float *out, int pixels,
                        int outputs, const int blocks) {
    /* Equal tiles: a short last tile would leave the multipliers waiting for its few sums. */
    int tiles = (pixels + KERNEL_PIXELS - 1) / KERNEL_PIXELS;
    for (int i = 0, done = 0, count; i < tiles; i++, done += count) {
        float *to = out + (size_t)done * (size_t)outputs;
        count = (pixels - done + tiles - i - 1) / (tiles - i);
#define KERNEL_CASE(n)                                                                             \
    case n:                                                                                        \
        KERNEL(tile)                                                                               \
        (taps, tap_count, channels, (size_t)done, block, block_stride, bias, relu, to, outputs, n, \
         blocks);                                                                                  \
        break;
        switch (count) {
            KERNEL_CASE(1)
            KERNEL_CASE(2)
            KERNEL_CASE(3)
#if KERNEL_PIXELS > 3
            KERNEL_CASE(4)
            KERNEL_CASE(5)
            KERNEL_CASE(6)
#endif
#if KERNEL_PIXELS > 6
            KERNEL_CASE(7)
            KERNEL_CASE(8)
            KERNEL_CASE(9)
            KERNEL_CASE(10)
            KERNEL_CASE(11)
            KERNEL_CASE(12)
#endif
        }
#undef KERNEL_CASE
    }
}

KERNEL_TARGET static void KERNEL(convolve)(const lode_kernel_tap *taps, int tap_count, int channels,
                                           size_t block_stride, const float *bias, bool relu,
                                           float *out, int pixels, int outputs) {
    int all = outputs / LODE_KERNEL_BLOCK, b = 0;
#define KERNEL_BLOCKS_FROM_B(count)                                                                \
    KERNEL(convolve_blocks)                                                                        \
    (taps, tap_count, channels, (size_t)b * block_stride, block_stride,                            \
     bias ? bias + b * LODE_KERNEL_BLOCK : NULL, relu, out + b * LODE_KERNEL_BLOCK, pixels,        \
     outputs, count)
    for (; all - b >= KERNEL_BLOCKS; b += KERNEL_BLOCKS)
        KERNEL_BLOCKS_FROM_B(KERNEL_BLOCKS);
    for (; b < all; b++)
        KERNEL_BLOCKS_FROM_B(1);
#undef KERNEL_BLOCKS_FROM_B
}

/* `rows` (a constant after inlining) input channels times one block of 16 outputs. */
static inline __attribute__((always_inline)) void
KERNEL(gradient_tile)(const float *input, int channels, const float *gradient, int outputs,
                      int pixels, float *weights, const int rows) {
    KERNEL(vector) sum[KERNEL_PIXELS][KERNEL(parts)];
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < KERNEL(parts); v++)
            sum[r][v] = (KERNEL(vector)){0};
    for (int p = 0; p < pixels; p++) {
        const float *in = input + (size_t)p * (size_t)channels;
        const KERNEL(vector) *g = (const KERNEL(vector) *)(gradient + (size_t)p * (size_t)outputs);
        KERNEL(vector) d[KERNEL(parts)];
        for (int v = 0; v < KERNEL(parts); v++)
            d[v] = g[v];
        for (int r = 0; r < rows; r++)
            for (int v = 0; v < KERNEL(parts); v++)
                sum[r][v] += in[r] * d[v];
    }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < KERNEL(parts); v++)
            *(KERNEL(vector) *)(weights + (size_t)r * (size_t)outputs + v * KERNEL_LANES) +=
                sum[r][v];
}

KERNEL_TARGET static void KERNEL(gradient)(const float *input, int channels, const float *gradient,
                                           int outputs, int pixels, float *weights) {
    for (int b = 0; b < outputs; b += LODE_KERNEL_BLOCK) {
        int tiles = (channels + KERNEL_PIXELS - 1) / KERNEL_PIXELS;
        int done = 0;
        for (int i = 0; i < tiles; i++) {
            int count = (channels - done + tiles - i - 1) / (tiles - i);
            float *to = weights + (size_t)done * (size_t)outputs + b;
#define KERNEL_CASE(n)                                                                             \
    case n:                                                                                        \
        KERNEL(gradient_tile)(input + done, channels, gradient + b, outputs, pixels, to, n);       \
        break;
            switch (count) {
                KERNEL_CASE(1)
                KERNEL_CASE(2)
                KERNEL_CASE(3)
#if KERNEL_PIXELS > 3
                KERNEL_CASE(4)
                KERNEL_CASE(5)
                KERNEL_CASE(6)
#endif
#if KERNEL_PIXELS > 6
                KERNEL_CASE(7)
                KERNEL_CASE(8)
                KERNEL_CASE(9)
                KERNEL_CASE(10)
                KERNEL_CASE(11)
                KERNEL_CASE(12)
#endif
            }
#undef KERNEL_CASE
            done += count;
        }
    }
}

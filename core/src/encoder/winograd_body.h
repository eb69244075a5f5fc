/* winograd_body.h - the loops of winograd.h for one vector length; included once for each
 * instruction set by winograd.c, which defines
 *   KERNEL(name)    the name with the instruction set's suffix
 *   KERNEL_TARGET   the function attribute that allows the instructions
 *   KERNEL_LANES    channels in a vector (4, 8 or 16)
 * Vectors are spelled out: left to the compiler, half of these loops stay scalar. All versions give
 * the same bits. */

typedef float KERNEL(lanes) __attribute__((vector_size(4 * KERNEL_LANES), aligned(4), may_alias));
typedef int KERNEL(bits) __attribute__((vector_size(4 * KERNEL_LANES)));

/* Six values -> six points, `step` apart. */
static inline __attribute__((always_inline)) void KERNEL(to_points)(const KERNEL(lanes) * x,
                                                                    KERNEL(lanes) * to, int step) {
    KERNEL(lanes) even = x[4] - 4 * x[2], odd = x[3] - 4 * x[1];
    KERNEL(lanes) half_even = x[4] - x[2], half_odd = 2 * (x[3] - x[1]);
    to[0] = 4 * x[0] - 5 * x[2] + x[4];
    to[step] = even + odd;
    to[2 * step] = even - odd;
    to[3 * step] = half_even + half_odd;
    to[4 * step] = half_even - half_odd;
    to[5 * step] = 4 * x[1] - 5 * x[3] + x[5];
}

KERNEL_TARGET static void KERNEL(input)(const lode_winograd *cover, int from, int count,
                                        const float *const rows[IN], int channels,
                                        float *restrict points) {
    size_t n = (size_t)channels, step = (size_t)cover->dilation * n, plane = (size_t)count * n;
    for (int tile = 0; tile < count; tile++)
        for (size_t c = 0; c < n; c += KERNEL_LANES) {
            KERNEL(lanes) down[IN][IN]; /* [point][column] */
            size_t at = tile_column(cover, from + tile) * n + c;
            for (int column = 0; column < IN; column++, at += step) {
                KERNEL(lanes) x[IN];
                for (int row = 0; row < IN; row++)
                    x[row] = *(const KERNEL(lanes) *)(rows[row] + at);
                KERNEL(to_points)(x, &down[0][column], IN);
            }
            float *out = points + (size_t)tile * n + c;
            for (int v = 0; v < IN; v++) {
                KERNEL(lanes) along[IN];
                KERNEL(to_points)(down[v], along, 1);
                for (int h = 0; h < IN; h++, out += plane)
                    *(KERNEL(lanes) *)out = along[h];
            }
        }
}

/* Six products, `step` apart -> four outputs. */
static inline __attribute__((always_inline)) void
KERNEL(from_points)(const KERNEL(lanes) * m, int step, KERNEL(lanes) * to) {
    KERNEL(lanes) sum = m[step] + m[2 * step], difference = m[step] - m[2 * step];
    KERNEL(lanes) sum2 = m[3 * step] + m[4 * step], difference2 = m[3 * step] - m[4 * step];
    to[0] = (m[0] + sum) + sum2;
    to[1] = difference + 2 * difference2;
    to[2] = sum + 4 * sum2;
    to[3] = (difference + 8 * difference2) + m[5 * step];
}

KERNEL_TARGET static void KERNEL(output)(const lode_winograd *cover, int from, int count,
                                         const float *restrict sums, const float *restrict bias,
                                         int outputs, float *const rows[OUT]) {
    size_t n = (size_t)outputs, d = (size_t)cover->dilation, plane = (size_t)count * n;
    size_t columns = (size_t)(cover->end - cover->first);
    for (int tile = from; tile < from + count; tile++, sums += n) {
        size_t column = tile_column(cover, tile);
        for (size_t c = 0; c < n; c += KERNEL_LANES) {
            KERNEL(lanes) along[IN][OUT]; /* [point][column] */
            const float *in = sums + c;
            for (int v = 0; v < IN; v++) {
                KERNEL(lanes) m[IN];
                for (int h = 0; h < IN; h++, in += plane)
                    m[h] = *(const KERNEL(lanes) *)in;
                KERNEL(from_points)(m, 1, along[v]);
            }
            KERNEL(lanes) add = *(const KERNEL(lanes) *)(bias + c);
            for (size_t j = 0; j < OUT && column + j * d < columns; j++) {
                KERNEL(lanes) y[OUT];
                KERNEL(from_points)(&along[0][j], OUT, y);
                for (int row = 0; row < OUT; row++) {
                    KERNEL(lanes) value = y[row] + add;
                    *(KERNEL(lanes) *)(rows[row] + (column + j * d) * n + c) =
                        (KERNEL(lanes))((KERNEL(bits))value & (value > 0));
                }
            }
        }
    }
}

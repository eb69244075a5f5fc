#include "encoder/context.h"

#include <string.h>

#include "util/simd.h"

int lode_context_reach(int levels) {
    return (1 << levels) - 1;
}

/* Weighted sums down the columns; the last channel counts cells with data. */
LODE_WIDE static void column_sums(const float *input, size_t pitch, size_t channels, int step,
                                  size_t cells, float *sums) {
    memset(sums, 0, cells * channels * sizeof *sums);
    for (int dy = 1 - step; dy < step; dy++, input += pitch) {
        float weight = (float)(step - (dy < 0 ? -dy : dy));
        for (size_t x = 0; x < cells; x++) {
            const float *in = input + x * channels;
            float *sum = sums + x * channels;
            for (size_t c = 0; c + 1 < channels; c++)
                sum[c] += weight * in[c];
            sum[channels - 1] += in[channels - 1] > 0 ? weight : 0;
        }
    }
}

/* Weighted means along the row, from sums whose first cell lies step - 1 cells before out's. */
LODE_WIDE static void row_means(const float *sums, size_t channels, int step, int width, float *out,
                                size_t out_pitch) {
    float whole = (float)step * (float)step;
    for (int x = 0; x < width; x++, out += out_pitch, sums += channels) {
        const float *in = sums;
        memset(out, 0, channels * sizeof *out);
        for (int dx = 1 - step; dx < step; dx++, in += channels) {
            float weight = (float)(step - (dx < 0 ? -dx : dx));
            for (size_t c = 0; c < channels; c++)
                out[c] += weight * in[c];
        }
        float count = out[channels - 1];
        for (size_t c = 0; c + 1 < channels; c++)
            out[c] = count > 0 ? out[c] / count : 0;
        out[channels - 1] = count / (whole * whole);
    }
}

void lode_context_row(const float *input, size_t pitch, int channels, int levels, int width,
                      float *scratch, float *out) {
    size_t n = (size_t)channels, out_pitch = n * (size_t)(1 + levels);
    size_t reach = (size_t)lode_context_reach(levels);
    for (size_t x = 0; x < (size_t)width; x++)
        memcpy(out + x * out_pitch, input + reach * pitch + (reach + x) * n, n * sizeof *out);
    for (int level = 1; level <= levels; level++) {
        int step = 1 << level;
        size_t first = reach - (size_t)(step - 1), cells = (size_t)width + 2 * (size_t)(step - 1);
        column_sums(input + first * (pitch + n), pitch, n, step, cells, scratch);
        row_means(scratch, n, step, width, out + (size_t)level * n, out_pitch);
    }
}

#include "contrast/views.h"

void lode_symmetry_back(lode_symmetry symmetry, int side, int *x, int *y) {
    if (symmetry & 4u) {
        int swap = *x;
        *x = *y;
        *y = swap;
    }
    if (symmetry & 1u)
        *x = side - 1 - *x;
    if (symmetry & 2u)
        *y = side - 1 - *y;
}

void lode_symmetry_forward(lode_symmetry symmetry, int side, int *x, int *y) {
    if (symmetry & 1u)
        *x = side - 1 - *x;
    if (symmetry & 2u)
        *y = side - 1 - *y;
    if (symmetry & 4u) {
        int swap = *x;
        *x = *y;
        *y = swap;
    }
}

/* Nearly normal with mean 0 and deviation 1: the sum of four bytes (its deviation is 147.8, its
 * range 3.4 deviations). The noise of every value of every view is drawn, so speed matters here. */
static inline float quick_normal(lode_random *random) {
    uint32_t u = lode_random_u32(random);
    int sum = (int)(u & 255u) + (int)(u >> 8 & 255u) + (int)(u >> 16 & 255u) + (int)(u >> 24);
    return (float)(sum - 510) * (1.0f / 147.80054f);
}

/* scratch[2][channels - 1]: factor (0 drops the channel) and offset of each channel. */
static void draw_channels(const lode_views *views, lode_random *random, int count, float *scratch) {
    for (int c = 0; c < count; c++) {
        bool drop = lode_random_uniform(random) < views->channel_dropout;
        double offset = views->perturbation * lode_random_normal(random);
        scratch[c] = drop ? 0.0f : 1.0f;
        scratch[count + c] = drop ? 0.0f : (float)offset;
    }
}

void lode_view_make(const lode_views *views, lode_random random, const float *source,
                    int source_side, int x, int y, int side, int channels, float *scratch,
                    float *view, lode_symmetry *symmetry) {
    int count = channels - 1;
    float noise = (float)views->noise;
    *symmetry = views->rotate ? lode_random_below(&random, 8) : 0;
    draw_channels(views, &random, count, scratch);
    for (int row = 0; row < side; row++)
        for (int column = 0; column < side; column++, view += channels) {
            int from_x = column, from_y = row;
            lode_symmetry_back(*symmetry, side, &from_x, &from_y);
            const float *from =
                source + ((size_t)(y + from_y) * (size_t)source_side + (size_t)(x + from_x)) *
                             (size_t)channels;
            float mask = from[count];
            view[count] = mask;
            for (int c = 0; c < count; c++) {
                float value = from[c] + scratch[count + c];
                if (noise > 0)
                    value += noise * quick_normal(&random);
                view[c] = mask > 0 ? value * scratch[c] : 0;
            }
        }
}

#include "nn/depthwise.h"

#include <string.h>

#include "util/simd.h"

/* Channels handled at once: their sums stay in registers or the first cache. */
enum { CHANNELS = 64 };

typedef struct plan {
    const lode_conv *c;
    const float *in, *weight, *bias, *dy;
    lode_activation activation;
    bool accumulate;
    float *out;
    int out_h, out_w;
} plan;

LODE_WIDE
static void multiply_add(float *sum, const float *x, const float *w, size_t n) {
    for (size_t j = 0; j < n; j++)
        sum[j] += x[j] * w[j];
}

LODE_WIDE
static void activate(float *x, size_t n, lode_activation activation) {
    float top = activation == LODE_RELU6 ? 6 : 3.4e38f;
    if (activation == LODE_LINEAR)
        return;
    for (size_t j = 0; j < n; j++) {
        float value = x[j] > 0 ? x[j] : 0;
        x[j] = value < top ? value : top;
    }
}

static const float *pixel(const float *tensor, size_t image, int y, int x, int h, int w, int c) {
    return tensor + ((image * (size_t)h + (size_t)y) * (size_t)w + (size_t)x) * (size_t)c;
}

/* ---- Forward: one item is one output row ---- */

static void forward_row(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    const lode_conv *c = p->c;
    size_t channels = (size_t)c->cin;
    size_t image = item / (size_t)p->out_h;
    int oy = (int)(item % (size_t)p->out_h);
    for (int ox = 0; ox < p->out_w; ox++) {
        float *sum = p->out + (item * (size_t)p->out_w + (size_t)ox) * channels;
        if (p->bias)
            memcpy(sum, p->bias, channels * sizeof *sum);
        else
            memset(sum, 0, channels * sizeof *sum);
        for (int t = 0; t < c->kh * c->kw; t++) {
            int y = oy * c->stride - c->pad + t / c->kw * c->dilation;
            int x = ox * c->stride - c->pad + t % c->kw * c->dilation;
            if (y >= 0 && y < c->h && x >= 0 && x < c->w)
                multiply_add(sum, pixel(p->in, image, y, x, c->h, c->w, c->cin),
                             p->weight + (size_t)t * channels, channels);
        }
        activate(sum, channels, p->activation);
    }
}

void lode_depthwise_forward(lode_team *team, const lode_conv *c, const float *x,
                            const float *weight, const float *bias, lode_activation activation,
                            float *y) {
    plan p = {.c = c,
              .in = x,
              .weight = weight,
              .bias = bias,
              .activation = activation,
              .out = y,
              .out_h = lode_conv_out_height(c),
              .out_w = lode_conv_out_width(c)};
    lode_team_run(team, (size_t)c->n * (size_t)p.out_h, forward_row, &p);
}

/* ---- Gradient of the input: one item is one input row ---- */

static void backward_row(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    const lode_conv *c = p->c;
    size_t channels = (size_t)c->cin;
    size_t image = item / (size_t)c->h;
    int iy = (int)(item % (size_t)c->h);
    for (int ix = 0; ix < c->w; ix++) {
        float *sum = p->out + (item * (size_t)c->w + (size_t)ix) * channels;
        if (!p->accumulate)
            memset(sum, 0, channels * sizeof *sum);
        for (int t = 0; t < c->kh * c->kw; t++) {
            int y = iy + c->pad - t / c->kw * c->dilation,
                x = ix + c->pad - t % c->kw * c->dilation;
            if (y < 0 || x < 0 || y % c->stride != 0 || x % c->stride != 0)
                continue;
            y /= c->stride;
            x /= c->stride;
            if (y < p->out_h && x < p->out_w)
                multiply_add(sum, pixel(p->dy, image, y, x, p->out_h, p->out_w, c->cin),
                             p->weight + (size_t)t * channels, channels);
        }
    }
}

void lode_depthwise_backward_data(lode_team *team, const lode_conv *c, const float *dy,
                                  const float *weight, bool accumulate, float *dx) {
    plan p = {.c = c,
              .dy = dy,
              .weight = weight,
              .accumulate = accumulate,
              .out = dx,
              .out_h = lode_conv_out_height(c),
              .out_w = lode_conv_out_width(c)};
    lode_team_run(team, (size_t)c->n * (size_t)c->h, backward_row, &p);
}

/* ---- Gradient of the weights: one item is a block of channels ---- */

size_t lode_depthwise_scratch(const lode_conv *c) {
    (void)c;
    return 1;
}

/* Adds one output row's products to sum[taps][CHANNELS]. */
static void weight_row(const plan *p, size_t image, int oy, size_t first, size_t channels,
                       float *sum) {
    const lode_conv *c = p->c;
    for (int ox = 0; ox < p->out_w; ox++) {
        const float *dy = pixel(p->dy, image, oy, ox, p->out_h, p->out_w, c->cin) + first;
        for (int t = 0; t < c->kh * c->kw; t++) {
            int y = oy * c->stride - c->pad + t / c->kw * c->dilation;
            int x = ox * c->stride - c->pad + t % c->kw * c->dilation;
            if (y >= 0 && y < c->h && x >= 0 && x < c->w)
                multiply_add(sum + t * CHANNELS,
                             pixel(p->in, image, y, x, c->h, c->w, c->cin) + first, dy, channels);
        }
    }
}

static void weight_block(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    const lode_conv *c = p->c;
    float sum[121 * CHANNELS];
    size_t first = item * CHANNELS;
    size_t channels = (size_t)c->cin - first < CHANNELS ? (size_t)c->cin - first : CHANNELS;
    int taps = c->kh * c->kw;
    for (size_t image = 0; image < (size_t)c->n; image++) {
        memset(sum, 0, (size_t)taps * CHANNELS * sizeof *sum);
        for (int oy = 0; oy < p->out_h; oy++)
            weight_row(p, image, oy, first, channels, sum);
        for (int t = 0; t < taps; t++)
            for (size_t j = 0; j < channels; j++)
                p->out[(size_t)t * (size_t)c->cin + first + j] += sum[(size_t)t * CHANNELS + j];
    }
}

void lode_depthwise_backward_weight(lode_team *team, const lode_conv *c, const float *x,
                                    const float *dy, float *scratch, float *dweight) {
    (void)scratch;
    plan p = {.c = c,
              .in = x,
              .dy = dy,
              .out = dweight,
              .out_h = lode_conv_out_height(c),
              .out_w = lode_conv_out_width(c)};
    lode_team_run(team, ((size_t)c->cin + CHANNELS - 1) / CHANNELS, weight_block, &p);
}

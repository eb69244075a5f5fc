#include "nn/conv.h"

#include <string.h>

#include "nn/depthwise.h"
#include "nn/gather.h"
#include "nn/gemm.h"
#include "nn/outer.h"
#include "util/transpose.h"
#include "util/error.h"

static int extent(int in, int kernel, int stride, int pad, int dilation) {
    int reach = dilation * (kernel - 1) + 1;
    return in + 2 * pad < reach ? 0 : (in + 2 * pad - reach) / stride + 1;
}

int lode_conv_out_height(const lode_conv *c) {
    return extent(c->h, c->kh, c->stride, c->pad, c->dilation);
}

int lode_conv_out_width(const lode_conv *c) {
    return extent(c->w, c->kw, c->stride, c->pad, c->dilation);
}

lode_status lode_conv_check(const lode_conv *c) {
    if (c->n < 0 || c->h < 1 || c->w < 1 || c->cin < 1 || c->cout < 1 || c->kh < 1 || c->kw < 1 ||
        c->stride < 1 || c->pad < 0 || c->dilation < 1 || c->groups < 1 ||
        c->kh * c->kw > LODE_GATHER_TAPS)
        return lode_fail(LODE_ERROR_INTERNAL, "Convolution with a size out of range.");
    if (c->cin % c->groups || c->cout % c->groups)
        return lode_fail(LODE_ERROR_INTERNAL, "%d groups do not divide %d and %d channels.",
                         c->groups, c->cin, c->cout);
    if (lode_conv_out_height(c) < 1 || lode_conv_out_width(c) < 1)
        return lode_fail(LODE_ERROR_DATA, "A %d x %d window is too small for this network.", c->w,
                         c->h);
    return LODE_OK;
}

static bool depthwise(const lode_conv *c) {
    return c->groups > 1 && c->groups == c->cin && c->groups == c->cout;
}

size_t lode_conv_weight_size(const lode_conv *c) {
    return (size_t)c->kh * (size_t)c->kw * (size_t)(c->cin / c->groups) * (size_t)c->cout;
}

static size_t taps_of(const lode_conv *c) {
    return (size_t)c->kh * (size_t)c->kw;
}

/* ---- Packing: for each group, taps x channels rows in panels of output columns ---- */

static size_t packed_group(const lode_conv *c) {
    return lode_gemm_packed_size(taps_of(c) * (size_t)(c->cin / c->groups),
                                 (size_t)(c->cout / c->groups));
}

size_t lode_conv_packed_size(const lode_conv *c) {
    return depthwise(c) ? lode_conv_weight_size(c) : packed_group(c) * (size_t)c->groups;
}

void lode_conv_pack(lode_team *team, const lode_conv *c, const float *weight, float *packed) {
    if (depthwise(c)) {
        memcpy(packed, weight, lode_conv_weight_size(c) * sizeof *packed);
        return;
    }
    size_t rows = taps_of(c) * (size_t)(c->cin / c->groups),
           columns = (size_t)(c->cout / c->groups);
    for (int g = 0; g < c->groups; g++)
        lode_gemm_pack(team, rows, columns, weight + (size_t)g * columns, (size_t)c->cout, false,
                       packed + (size_t)g * packed_group(c));
}

static size_t packed_back_group(const lode_conv *c) {
    return lode_gemm_packed_size(taps_of(c) * (size_t)(c->cout / c->groups),
                                 (size_t)(c->cin / c->groups));
}

size_t lode_conv_packed_back_size(const lode_conv *c) {
    return depthwise(c) ? lode_conv_weight_size(c) : packed_back_group(c) * (size_t)c->groups;
}

/* Panels of 16 input channels: [tap][output channel][16]. */
typedef struct back_packing {
    const lode_conv *conv;
    const float *weight;
    float *packed;
    size_t panels; /* in a group */
} back_packing;

/* panel[o][j] = rows[j][o] for j < columns, o < out. */
static void turn(const float *rows, size_t pitch, size_t columns, size_t out, float *panel) {
    size_t whole = columns == LODE_GEMM_WIDTH ? out / 4 * 4 : 0;
    for (size_t o = 0; o < whole; o += 4)
        for (size_t j = 0; j < LODE_GEMM_WIDTH; j += 4) {
            const float *four[4] = {rows + j * pitch, rows + (j + 1) * pitch,
                                    rows + (j + 2) * pitch, rows + (j + 3) * pitch};
            lode_transpose_4x4(four, o, panel + o * LODE_GEMM_WIDTH + j, LODE_GEMM_WIDTH);
        }
    for (size_t o = whole; o < out; o++)
        for (size_t j = 0; j < columns; j++)
            panel[o * LODE_GEMM_WIDTH + j] = rows[j * pitch + o];
}

static void pack_back_panel(void *context, size_t item, int worker) {
    (void)worker;
    const back_packing *p = context;
    const lode_conv *c = p->conv;
    size_t in = (size_t)(c->cin / c->groups), out = (size_t)(c->cout / c->groups);
    size_t group = item / p->panels, first = item % p->panels * LODE_GEMM_WIDTH;
    size_t columns = in - first < LODE_GEMM_WIDTH ? in - first : LODE_GEMM_WIDTH;
    float *panel = p->packed + group * packed_back_group(c) + first * taps_of(c) * out;
    if (columns < LODE_GEMM_WIDTH)
        memset(panel, 0, taps_of(c) * out * LODE_GEMM_WIDTH * sizeof *panel);
    for (size_t t = 0; t < taps_of(c); t++) {
        const float *rows = p->weight + (t * in + first) * (size_t)c->cout + group * out;
        turn(rows, (size_t)c->cout, columns, out, panel + t * out * LODE_GEMM_WIDTH);
    }
}

void lode_conv_pack_back(lode_team *team, const lode_conv *c, const float *weight, float *packed) {
    if (depthwise(c)) {
        memcpy(packed, weight, lode_conv_weight_size(c) * sizeof *packed);
        return;
    }
    size_t in = (size_t)(c->cin / c->groups);
    back_packing p = {c, weight, packed, (in + LODE_GEMM_WIDTH - 1) / LODE_GEMM_WIDTH};
    lode_team_run(team, p.panels * (size_t)c->groups, pack_back_panel, &p);
}

/* ---- Forward ---- */

void lode_conv_forward(lode_team *team, const lode_conv *c, const float *x, const float *packed,
                       const float *bias, lode_activation activation, float *y) {
    if (depthwise(c)) {
        lode_depthwise_forward(team, c, x, packed, bias, activation, y);
        return;
    }
    size_t in = (size_t)(c->cin / c->groups), out = (size_t)(c->cout / c->groups);
    lode_gather g = {.n = c->n,
                     .grid_h = lode_conv_out_height(c),
                     .grid_w = lode_conv_out_width(c),
                     .src_h = c->h,
                     .src_w = c->w,
                     .stride = c->stride,
                     .src_pitch = (size_t)c->cin,
                     .depth = in,
                     .step = 1,
                     .dst_pitch = (size_t)c->cout,
                     .columns = out,
                     .taps = c->kh * c->kw,
                     .packed_taps = c->kh * c->kw,
                     .activation = activation};
    g.dst_h = g.grid_h;
    g.dst_w = g.grid_w;
    for (int t = 0; t < g.taps; t++) {
        g.tap[t] = t;
        g.tap_y[t] = t / c->kw * c->dilation - c->pad;
        g.tap_x[t] = t % c->kw * c->dilation - c->pad;
    }
    for (int group = 0; group < c->groups; group++) {
        g.src = x + (size_t)group * in;
        g.dst = y + (size_t)group * out;
        g.packed = packed + (size_t)group * packed_group(c);
        g.bias = bias ? bias + (size_t)group * out : NULL;
        lode_gather_run(team, &g);
    }
}

/* ---- Gradient of the input ---- */

/* Input pixels with the same remainder by the stride are reached by the same taps; each such class
 * is a plain gather from dy. */
static void choose_taps(const lode_conv *c, int remainder_y, int remainder_x, lode_gather *g) {
    g->taps = 0;
    for (int t = 0; t < c->kh * c->kw; t++) {
        int y = remainder_y + c->pad - t / c->kw * c->dilation;
        int x = remainder_x + c->pad - t % c->kw * c->dilation;
        if (y % c->stride != 0 || x % c->stride != 0)
            continue;
        g->tap[g->taps] = t;
        g->tap_y[g->taps] = y / c->stride;
        g->tap_x[g->taps] = x / c->stride;
        g->taps++;
    }
}

void lode_conv_backward_data(lode_team *team, const lode_conv *c, const float *dy,
                             const float *packed, bool accumulate, float *dx) {
    if (depthwise(c)) {
        lode_depthwise_backward_data(team, c, dy, packed, accumulate, dx);
        return;
    }
    size_t in = (size_t)(c->cin / c->groups), out = (size_t)(c->cout / c->groups);
    lode_gather g = {.n = c->n,
                     .src_h = lode_conv_out_height(c),
                     .src_w = lode_conv_out_width(c),
                     .stride = 1,
                     .src_pitch = (size_t)c->cout,
                     .depth = out,
                     .dst_h = c->h,
                     .dst_w = c->w,
                     .step = c->stride,
                     .dst_pitch = (size_t)c->cin,
                     .columns = in,
                     .packed_taps = c->kh * c->kw,
                     .accumulate = accumulate};
    for (int group = 0; group < c->groups; group++) {
        g.src = dy + (size_t)group * out;
        g.dst = dx + (size_t)group * in;
        g.packed = packed + (size_t)group * packed_back_group(c);
        for (int k = 0; k < c->stride * c->stride; k++) {
            g.start_y = k / c->stride;
            g.start_x = k % c->stride;
            g.grid_h = (c->h - g.start_y + c->stride - 1) / c->stride;
            g.grid_w = (c->w - g.start_x + c->stride - 1) / c->stride;
            choose_taps(c, g.start_y, g.start_x, &g);
            lode_gather_run(team, &g);
        }
    }
}

/* ---- Gradient of the weights ---- */

size_t lode_conv_scratch(const lode_conv *c, int threads) {
    return depthwise(c) ? lode_depthwise_scratch(c) : lode_outer_scratch(c, threads);
}

void lode_conv_backward_weight(lode_team *team, const lode_conv *c, const float *x, const float *dy,
                               float *scratch, float *dweight, float *dbias) {
    if (depthwise(c))
        lode_depthwise_backward_weight(team, c, x, dy, scratch, dweight);
    else
        lode_outer_backward_weight(team, c, x, dy, scratch, dweight);
    if (dbias)
        lode_outer_backward_bias(team, c, dy, dbias);
}

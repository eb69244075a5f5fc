#include "nn/layers.h"

#include <math.h>
#include <string.h>

#include "util/random.h"
#include "util/simd.h"

enum { CHUNK = 16384 }; /* elements of an item of element-wise work */

typedef struct plan {
    const lode_conv *pool;
    lode_activation activation;
    size_t n, cells, c;
    const float *x, *y, *dy;
    bool accumulate;
    float *out;
    double probability;
    uint64_t seed, step;
    int out_h, out_w;
} plan;

static size_t chunks_of(size_t n) {
    return (n + CHUNK - 1) / CHUNK;
}

static size_t chunk_length(const plan *p, size_t item) {
    size_t left = p->n - item * CHUNK;
    return left < CHUNK ? left : CHUNK;
}

/* ---- Activations ---- */

static const double inverse_sqrt2 = 0.70710678118654752, inverse_sqrt_2pi = 0.39894228040143268;

static double normal_cdf(double x) {
    return 0.5 * (1 + erf(x * inverse_sqrt2));
}

LODE_WIDE
static void clamp(size_t n, const float *x, float low, float high, float *y) {
    for (size_t i = 0; i < n; i++) {
        float value = x[i] > low ? x[i] : low;
        y[i] = value < high ? value : high;
    }
}

LODE_WIDE
static void pass_between(size_t n, const float *x, const float *dy, float low, float high,
                         float keep, float *dx) {
    for (size_t i = 0; i < n; i++) {
        float g = ((x[i] > low) & (x[i] < high)) ? dy[i] : 0;
        dx[i] = keep != 0 ? dx[i] + g : g;
    }
}

static void activate_chunk(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    size_t n = chunk_length(p, item);
    const float *x = p->x + item * CHUNK;
    float *y = p->out + item * CHUNK;
    if (p->activation == LODE_GELU)
        for (size_t i = 0; i < n; i++)
            y[i] = (float)((double)x[i] * normal_cdf((double)x[i]));
    else if (p->activation == LODE_LINEAR)
        memmove(y, x, n * sizeof *y);
    else
        clamp(n, x, 0, p->activation == LODE_RELU6 ? 6 : INFINITY, y);
}

void lode_activate(lode_team *team, lode_activation activation, size_t n, const float *x,
                   float *y) {
    plan p = {.activation = activation, .n = n, .x = x, .out = y};
    lode_team_run(team, chunks_of(n), activate_chunk, &p);
}

static float gelu_slope(float value) {
    double x = (double)value;
    return (float)(normal_cdf(x) + x * inverse_sqrt_2pi * exp(-0.5 * x * x));
}

static void activate_backward_chunk(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    size_t n = chunk_length(p, item), at = item * CHUNK;
    const float *x = p->x + at, *dy = p->dy + at;
    float *dx = p->out + at;
    if (p->activation == LODE_GELU) {
        for (size_t i = 0; i < n; i++)
            dx[i] = (p->accumulate ? dx[i] : 0) + dy[i] * gelu_slope(x[i]);
        return;
    }
    bool linear = p->activation == LODE_LINEAR;
    pass_between(n, x, dy, linear ? -INFINITY : 0, p->activation == LODE_RELU6 ? 6 : INFINITY,
                 p->accumulate ? 1 : 0, dx);
}

void lode_activate_backward(lode_team *team, lode_activation activation, size_t n, const float *x,
                            const float *dy, bool accumulate, float *dx) {
    plan p = {
        .activation = activation, .n = n, .x = x, .dy = dy, .accumulate = accumulate, .out = dx};
    lode_team_run(team, chunks_of(n), activate_backward_chunk, &p);
}

/* ---- Sums ---- */

LODE_WIDE
static void add_clamped(size_t n, const float *a, const float *b, float low, float high, float *y) {
    for (size_t i = 0; i < n; i++) {
        float value = a[i] + b[i];
        value = value > low ? value : low;
        y[i] = value < high ? value : high;
    }
}

static void add_chunk(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    size_t n = chunk_length(p, item), at = item * CHUNK;
    if (p->activation == LODE_GELU) {
        for (size_t i = at; i < at + n; i++) {
            double sum = (double)(p->x[i] + p->y[i]);
            p->out[i] = (float)(sum * normal_cdf(sum));
        }
        return;
    }
    bool linear = p->activation == LODE_LINEAR;
    add_clamped(n, p->x + at, p->y + at, linear ? -INFINITY : 0,
                p->activation == LODE_RELU6 ? 6 : INFINITY, p->out + at);
}

void lode_add(lode_team *team, size_t n, const float *a, const float *b, lode_activation activation,
              float *y) {
    plan p = {.activation = activation, .n = n, .x = a, .y = b, .out = y};
    lode_team_run(team, chunks_of(n), add_chunk, &p);
}

static void copy_chunk(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    size_t n = chunk_length(p, item), at = item * CHUNK;
    if (p->accumulate)
        add_clamped(n, p->out + at, p->dy + at, -INFINITY, INFINITY, p->out + at);
    else
        memmove(p->out + at, p->dy + at, n * sizeof *p->out);
}

void lode_copy(lode_team *team, size_t n, const float *dy, bool accumulate, float *dx) {
    plan p = {.n = n, .dy = dy, .accumulate = accumulate, .out = dx};
    lode_team_run(team, chunks_of(n), copy_chunk, &p);
}

/* ---- Pooling: one item is one row of the output (forward) or one image (backward) ---- */

static plan pooling(const lode_conv *pool) {
    return (plan){.pool = pool,
                  .out_h = lode_conv_out_height(pool),
                  .out_w = lode_conv_out_width(pool),
                  .c = (size_t)pool->cin};
}

/* Cells a..b-1 of the input under output position o. */
static void covered(const lode_conv *pool, int o, int kernel, int size, int *a, int *b) {
    int from = o * pool->stride - pool->pad;
    *a = from > 0 ? from : 0;
    *b = from + kernel < size ? from + kernel : size;
}

static size_t cell(const plan *p, size_t image, int y, int x) {
    return ((image * (size_t)p->pool->h + (size_t)y) * (size_t)p->pool->w + (size_t)x) * p->c;
}

LODE_WIDE
static void keep_largest(size_t n, const float *x, float *y) {
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > y[i] ? x[i] : y[i];
}

LODE_WIDE
static void add_scaled(size_t n, const float *x, float scale, float *y) {
    for (size_t i = 0; i < n; i++)
        y[i] += x[i] * scale;
}

static void max_row(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    size_t image = item / (size_t)p->out_h;
    int y0, y1, x0, x1;
    covered(p->pool, (int)(item % (size_t)p->out_h), p->pool->kh, p->pool->h, &y0, &y1);
    for (int ox = 0; ox < p->out_w; ox++) {
        float *out = p->out + (item * (size_t)p->out_w + (size_t)ox) * p->c;
        covered(p->pool, ox, p->pool->kw, p->pool->w, &x0, &x1);
        memcpy(out, p->x + cell(p, image, y0, x0), p->c * sizeof *out);
        for (int y = y0; y < y1; y++)
            for (int x = x0; x < x1; x++)
                keep_largest(p->c, p->x + cell(p, image, y, x), out);
    }
}

void lode_max_pool(lode_team *team, const lode_conv *pool, const float *x, float *y) {
    plan p = pooling(pool);
    p.x = x;
    p.out = y;
    lode_team_run(team, (size_t)pool->n * (size_t)p.out_h, max_row, &p);
}

static void clear_image(const plan *p, size_t image) {
    size_t size = (size_t)p->pool->h * (size_t)p->pool->w * p->c;
    if (!p->accumulate)
        memset(p->out + image * size, 0, size * sizeof *p->out);
}

/* Gives dy of one output cell, channel by channel, to the first covered cell equal to y. */
static void give_to_largest(const plan *p, size_t image, int y0, int y1, int x0, int x1,
                            size_t at) {
    for (size_t j = 0; j < p->c; j++) {
        bool given = false;
        for (int y = y0; y < y1 && !given; y++)
            for (int x = x0; x < x1 && !given; x++) {
                size_t in = cell(p, image, y, x) + j;
                given = p->x[in] == p->y[at + j];
                if (given)
                    p->out[in] += p->dy[at + j];
            }
    }
}

static void max_backward_image(void *context, size_t image, int worker) {
    (void)worker;
    const plan *p = context;
    clear_image(p, image);
    for (int oy = 0; oy < p->out_h; oy++)
        for (int ox = 0; ox < p->out_w; ox++) {
            int y0, y1, x0, x1;
            covered(p->pool, oy, p->pool->kh, p->pool->h, &y0, &y1);
            covered(p->pool, ox, p->pool->kw, p->pool->w, &x0, &x1);
            size_t at =
                ((image * (size_t)p->out_h + (size_t)oy) * (size_t)p->out_w + (size_t)ox) * p->c;
            give_to_largest(p, image, y0, y1, x0, x1, at);
        }
}

void lode_max_pool_backward(lode_team *team, const lode_conv *pool, const float *x, const float *y,
                            const float *dy, bool accumulate, float *dx) {
    plan p = pooling(pool);
    p.x = x;
    p.y = y;
    p.dy = dy;
    p.accumulate = accumulate;
    p.out = dx;
    lode_team_run(team, (size_t)pool->n, max_backward_image, &p);
}

static void average_row(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    size_t image = item / (size_t)p->out_h;
    float share = 1.0f / (float)(p->pool->kh * p->pool->kw);
    int y0, y1, x0, x1;
    covered(p->pool, (int)(item % (size_t)p->out_h), p->pool->kh, p->pool->h, &y0, &y1);
    for (int ox = 0; ox < p->out_w; ox++) {
        float *out = p->out + (item * (size_t)p->out_w + (size_t)ox) * p->c;
        covered(p->pool, ox, p->pool->kw, p->pool->w, &x0, &x1);
        memset(out, 0, p->c * sizeof *out);
        for (int y = y0; y < y1; y++)
            for (int x = x0; x < x1; x++)
                add_scaled(p->c, p->x + cell(p, image, y, x), share, out);
    }
}

void lode_average_pool(lode_team *team, const lode_conv *pool, const float *x, float *y) {
    plan p = pooling(pool);
    p.x = x;
    p.out = y;
    lode_team_run(team, (size_t)pool->n * (size_t)p.out_h, average_row, &p);
}

static void average_backward_image(void *context, size_t image, int worker) {
    (void)worker;
    const plan *p = context;
    float share = 1.0f / (float)(p->pool->kh * p->pool->kw);
    clear_image(p, image);
    for (int oy = 0; oy < p->out_h; oy++)
        for (int ox = 0; ox < p->out_w; ox++) {
            int y0, y1, x0, x1;
            covered(p->pool, oy, p->pool->kh, p->pool->h, &y0, &y1);
            covered(p->pool, ox, p->pool->kw, p->pool->w, &x0, &x1);
            size_t at =
                ((image * (size_t)p->out_h + (size_t)oy) * (size_t)p->out_w + (size_t)ox) * p->c;
            for (int y = y0; y < y1; y++)
                for (int x = x0; x < x1; x++)
                    add_scaled(p->c, p->dy + at, share, p->out + cell(p, image, y, x));
        }
}

void lode_average_pool_backward(lode_team *team, const lode_conv *pool, const float *dy,
                                bool accumulate, float *dx) {
    plan p = pooling(pool);
    p.dy = dy;
    p.accumulate = accumulate;
    p.out = dx;
    lode_team_run(team, (size_t)pool->n, average_backward_image, &p);
}

/* ---- Global average ---- */

static void mean_image(void *context, size_t image, int worker) {
    (void)worker;
    const plan *p = context;
    float *out = p->out + image * p->c;
    memset(out, 0, p->c * sizeof *out);
    for (size_t i = 0; i < p->cells; i++)
        add_scaled(p->c, p->x + (image * p->cells + i) * p->c, 1, out);
    for (size_t j = 0; j < p->c; j++)
        out[j] /= (float)p->cells;
}

void lode_global_average(lode_team *team, int n, size_t cells, size_t c, const float *x, float *y) {
    plan p = {.cells = cells, .c = c, .x = x, .out = y};
    lode_team_run(team, (size_t)n, mean_image, &p);
}

static void spread_image(void *context, size_t image, int worker) {
    (void)worker;
    const plan *p = context;
    float *out = p->out + image * p->cells * p->c;
    if (!p->accumulate)
        memset(out, 0, p->cells * p->c * sizeof *out);
    for (size_t i = 0; i < p->cells; i++)
        add_scaled(p->c, p->dy + image * p->c, 1.0f / (float)p->cells, out + i * p->c);
}

void lode_global_average_backward(lode_team *team, int n, size_t cells, size_t c, const float *dy,
                                  bool accumulate, float *dx) {
    plan p = {.cells = cells, .c = c, .dy = dy, .accumulate = accumulate, .out = dx};
    lode_team_run(team, (size_t)n, spread_image, &p);
}

/* ---- Dropout ---- */

static void dropout_chunk(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    size_t n = chunk_length(p, item), at = item * CHUNK;
    lode_random random = lode_random_stream(p->seed ^ (p->step * 0x9e3779b97f4a7c15ULL), item);
    uint32_t threshold = (uint32_t)(p->probability * 4294967295.0);
    float gain = (float)(1 / (1 - p->probability));
    for (size_t i = at; i < at + n; i++) {
        float kept = lode_random_u32(&random) >= threshold ? p->x[i] * gain : 0;
        p->out[i] = p->accumulate ? p->out[i] + kept : kept;
    }
}

void lode_dropout(lode_team *team, size_t n, double probability, uint64_t seed, uint64_t step,
                  const float *x, bool accumulate, float *y) {
    plan p = {.n = n,
              .probability = probability,
              .seed = seed,
              .step = step,
              .x = x,
              .accumulate = accumulate,
              .out = y};
    lode_team_run(team, chunks_of(n), dropout_chunk, &p);
}

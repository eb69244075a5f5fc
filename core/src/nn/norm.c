#include "nn/norm.h"

#include <math.h>
#include <string.h>

#include "util/simd.h"

/* Rows of an item; fixed, so that sums do not depend on the team. */
enum { CHUNK = 1024, RUN = 64, CHANNELS = 256 };

typedef struct plan {
    const lode_norm *norm;
    size_t rows, c, blocks;
    const float *x, *y, *dy, *mean, *inverse;
    const double *sums;
    double *parts;
    double count;
    bool accumulate;
    float *out;
} plan;

static size_t chunks_of(size_t rows) {
    return (rows + CHUNK - 1) / CHUNK;
}

size_t lode_norm_scratch(size_t rows, size_t c) {
    return chunks_of(rows) * 2 * c;
}

/* ---- Sums ---- */

/* Columns summed at once: their sums stay in registers while the rows pass by. */
enum { COLUMNS = 16 };

LODE_WIDE
static void add_moments(const float *x, size_t pitch, size_t rows, size_t n, float *sum,
                        float *square) {
    size_t whole = n / COLUMNS * COLUMNS;
    for (size_t first = 0; first < whole; first += COLUMNS) {
        float a[COLUMNS] = {0}, b[COLUMNS] = {0};
        for (size_t r = 0; r < rows; r++)
            for (size_t j = 0; j < COLUMNS; j++) {
                float value = x[r * pitch + first + j];
                a[j] += value;
                b[j] += value * value;
            }
        memcpy(sum + first, a, sizeof a);
        memcpy(square + first, b, sizeof b);
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t j = whole; j < n; j++) {
            sum[j] += x[r * pitch + j];
            square[j] += x[r * pitch + j] * x[r * pitch + j];
        }
}

/* y > 0 for ReLU, 0 < y < 6 for ReLU6: exactly where the activation has slope 1. */
static void limits(lode_activation activation, float *low, float *high) {
    *low = activation == LODE_LINEAR ? -INFINITY : 0;
    *high = activation == LODE_RELU6 ? 6 : INFINITY;
}

static inline float passed(float y, float dy, float low, float high) {
    return ((y > low) & (y < high)) ? dy : 0;
}

LODE_WIDE
static void add_products(const float *x, const float *y, const float *dy, size_t pitch, size_t rows,
                         size_t n, const float *mean, const float *inverse, float low, float high,
                         float *sum, float *product) {
    size_t whole = n / COLUMNS * COLUMNS;
    for (size_t first = 0; first < whole; first += COLUMNS) {
        float a[COLUMNS] = {0}, b[COLUMNS] = {0};
        for (size_t r = 0; r < rows; r++)
            for (size_t j = 0; j < COLUMNS; j++) {
                size_t at = r * pitch + first + j;
                float g = passed(y[at], dy[at], low, high);
                a[j] += g;
                b[j] += g * ((x[at] - mean[first + j]) * inverse[first + j]);
            }
        memcpy(sum + first, a, sizeof a);
        memcpy(product + first, b, sizeof b);
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t j = whole; j < n; j++) {
            size_t at = r * pitch + j;
            float g = passed(y[at], dy[at], low, high);
            sum[j] += g;
            product[j] += g * ((x[at] - mean[j]) * inverse[j]);
        }
}

static void sum_chunk(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    float low, high;
    limits(p->norm ? p->norm->activation : LODE_LINEAR, &low, &high);
    size_t chunk = item / p->blocks, first = item % p->blocks * CHANNELS;
    size_t n = p->c - first < CHANNELS ? p->c - first : CHANNELS;
    size_t end = (chunk + 1) * CHUNK < p->rows ? (chunk + 1) * CHUNK : p->rows;
    double *total = p->parts + chunk * 2 * p->c + first;
    memset(total, 0, n * sizeof *total);
    memset(total + p->c, 0, n * sizeof *total);
    for (size_t row = chunk * CHUNK; row < end; row += RUN) {
        float a[CHANNELS] = {0}, b[CHANNELS] = {0};
        size_t rows = end - row < RUN ? end - row : RUN, at = row * p->c + first;
        if (p->dy)
            add_products(p->x + at, p->y + at, p->dy + at, p->c, rows, n, p->mean + first,
                         p->inverse + first, low, high, a, b);
        else
            add_moments(p->x + at, p->c, rows, n, a, b);
        for (size_t j = 0; j < n; j++) {
            total[j] += (double)a[j];
            total[p->c + j] += (double)b[j];
        }
    }
}

static void sum_all(lode_team *team, plan *p, double *sums) {
    p->blocks = (p->c + CHANNELS - 1) / CHANNELS;
    lode_team_run(team, chunks_of(p->rows) * p->blocks, sum_chunk, p);
    memset(sums, 0, 2 * p->c * sizeof *sums);
    for (size_t chunk = 0; chunk < chunks_of(p->rows); chunk++)
        for (size_t j = 0; j < 2 * p->c; j++)
            sums[j] += p->parts[chunk * 2 * p->c + j];
}

void lode_norm_sums(lode_team *team, size_t rows, size_t c, const float *x, double *scratch,
                    double *sums) {
    plan p = {.rows = rows, .c = c, .x = x, .parts = scratch};
    sum_all(team, &p, sums);
}

void lode_norm_backward_sums(lode_team *team, const lode_norm *norm, size_t rows, const float *x,
                             const float *y, const float *dy, const float *mean,
                             const float *inverse, double *scratch, double *sums) {
    plan p = {.norm = norm,
              .rows = rows,
              .c = norm->c,
              .x = x,
              .y = y,
              .dy = dy,
              .mean = mean,
              .inverse = inverse,
              .parts = scratch};
    sum_all(team, &p, sums);
}

/* ---- Statistics ---- */

void lode_norm_statistics(const lode_norm *norm, const double *sums, double count, float *mean,
                          float *inverse) {
    for (size_t j = 0; j < norm->c; j++) {
        double m = sums[j] / count, variance = sums[norm->c + j] / count - m * m;
        if (variance < 0)
            variance = 0;
        mean[j] = (float)m;
        inverse[j] = (float)(1.0 / sqrt(variance + (double)norm->eps));
        double unbiased = count > 1 ? variance * count / (count - 1) : variance;
        float keep = 1 - norm->momentum;
        norm->running_mean[j] = keep * norm->running_mean[j] + norm->momentum * (float)m;
        norm->running_variance[j] =
            keep * norm->running_variance[j] + norm->momentum * (float)unbiased;
    }
}

void lode_norm_affine(const lode_norm *norm, float *scale, float *shift) {
    for (size_t j = 0; j < norm->c; j++) {
        scale[j] = (float)((double)norm->gamma[j] /
                           sqrt((double)norm->running_variance[j] + (double)norm->eps));
        shift[j] = norm->beta[j] - scale[j] * norm->running_mean[j];
    }
}

/* ---- Application ---- */

LODE_WIDE
static void scale_rows(const float *x, size_t pitch, size_t rows, size_t n, const float *scale,
                       const float *shift, float low, float high, float *y) {
    for (size_t r = 0; r < rows; r++, x += pitch, y += pitch)
        for (size_t j = 0; j < n; j++) {
            float value = x[j] * scale[j] + shift[j];
            value = value > low ? value : low;
            y[j] = value < high ? value : high;
        }
}

static void apply_chunk(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    const lode_norm *norm = p->norm;
    float scale[CHANNELS], shift[CHANNELS], low, high;
    limits(norm->activation, &low, &high);
    size_t chunk = item / p->blocks, first = item % p->blocks * CHANNELS;
    size_t n = p->c - first < CHANNELS ? p->c - first : CHANNELS;
    size_t row = chunk * CHUNK, rows = p->rows - row < CHUNK ? p->rows - row : CHUNK;
    for (size_t j = 0; j < n; j++) {
        scale[j] = norm->gamma[first + j] * p->inverse[first + j];
        shift[j] = norm->beta[first + j] - scale[j] * p->mean[first + j];
    }
    size_t at = row * p->c + first;
    scale_rows(p->x + at, p->c, rows, n, scale, shift, low, high, p->out + at);
}

void lode_norm_apply(lode_team *team, const lode_norm *norm, size_t rows, const float *x,
                     const float *mean, const float *inverse, float *y) {
    plan p = {.norm = norm,
              .rows = rows,
              .c = norm->c,
              .x = x,
              .mean = mean,
              .inverse = inverse,
              .out = y,
              .blocks = (norm->c + CHANNELS - 1) / CHANNELS};
    lode_team_run(team, chunks_of(rows) * p.blocks, apply_chunk, &p);
}

/* dx = a g + b x + c, with a, b, c per channel from the formula in the header. */
LODE_WIDE
static void gradient_rows(const float *x, const float *y, const float *dy, size_t pitch,
                          size_t rows, size_t n, const float *a, const float *b, const float *c,
                          float low, float high, float keep, float *dx) {
    for (size_t r = 0; r < rows; r++, x += pitch, y += pitch, dy += pitch, dx += pitch)
        for (size_t j = 0; j < n; j++) {
            float g = passed(y[j], dy[j], low, high);
            float value = a[j] * g + (b[j] * x[j] + c[j]);
            dx[j] = keep != 0 ? dx[j] + value : value;
        }
}

static void gradient_chunk(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    float a[CHANNELS], b[CHANNELS], c[CHANNELS], low, high;
    limits(p->norm->activation, &low, &high);
    size_t chunk = item / p->blocks, first = item % p->blocks * CHANNELS;
    size_t n = p->c - first < CHANNELS ? p->c - first : CHANNELS;
    size_t row = chunk * CHUNK, rows = p->rows - row < CHUNK ? p->rows - row : CHUNK;
    for (size_t j = 0; j < n; j++) {
        double gain = (double)p->norm->gamma[first + j] * (double)p->inverse[first + j];
        double slope = p->sums[p->c + first + j] / p->count * (double)p->inverse[first + j];
        a[j] = (float)gain;
        b[j] = (float)(-gain * slope);
        c[j] = (float)(gain * (slope * (double)p->mean[first + j] - p->sums[first + j] / p->count));
    }
    size_t at = row * p->c + first;
    gradient_rows(p->x + at, p->y + at, p->dy + at, p->c, rows, n, a, b, c, low, high,
                  p->accumulate ? 1 : 0, p->out + at);
}

void lode_norm_backward_apply(lode_team *team, const lode_norm *norm, size_t rows, const float *x,
                              const float *y, const float *dy, const float *mean,
                              const float *inverse, const double *sums, double count,
                              bool accumulate, float *dx) {
    plan p = {.norm = norm,
              .rows = rows,
              .c = norm->c,
              .x = x,
              .y = y,
              .dy = dy,
              .mean = mean,
              .inverse = inverse,
              .sums = sums,
              .count = count,
              .accumulate = accumulate,
              .out = dx,
              .blocks = (norm->c + CHANNELS - 1) / CHANNELS};
    lode_team_run(team, chunks_of(rows) * p.blocks, gradient_chunk, &p);
}

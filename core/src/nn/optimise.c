#include "nn/optimise.h"

#include <math.h>

#include "util/simd.h"

enum { CHUNK = 32768, PARTS = 256 };

double lode_schedule(double peak, int step, int warmup, int steps) {
    if (step < warmup)
        return peak * (step + 1) / warmup;
    if (steps <= warmup)
        return peak;
    double done = (double)(step - warmup) / (double)(steps - warmup);
    return peak * 0.5 * (1 + cos(3.14159265358979323846 * done));
}

typedef struct plan {
    size_t n, part;
    const float *gradient;
    const unsigned char *decay;
    float *first, *second, *parameter;
    float rate, shrink, beta1, beta2, correct1, correct2, eps;
    double *sums;
} plan;

static size_t chunks_of(size_t n) {
    return (n + CHUNK - 1) / CHUNK;
}

/* ---- Norm ---- */

LODE_WIDE
static double sum_of_squares(size_t n, const float *values) {
    double sums[8] = {0};
    size_t whole = n / 8 * 8;
    for (size_t i = 0; i < whole; i += 8)
        for (size_t j = 0; j < 8; j++)
            sums[j] += (double)values[i + j] * (double)values[i + j];
    double sum = 0;
    for (size_t j = 0; j < 8; j++)
        sum += sums[j];
    for (size_t i = whole; i < n; i++)
        sum += (double)values[i] * (double)values[i];
    return sum;
}

static void norm_part(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    size_t from = item * p->part, end = from + p->part < p->n ? from + p->part : p->n;
    p->sums[item] = from < end ? sum_of_squares(end - from, p->gradient + from) : 0;
}

double lode_global_norm(lode_team *team, size_t n, const float *values) {
    double sums[PARTS], sum = 0;
    plan p = {.n = n, .part = (n + PARTS - 1) / PARTS, .gradient = values, .sums = sums};
    lode_team_run(team, PARTS, norm_part, &p);
    for (size_t i = 0; i < PARTS; i++)
        sum += sums[i];
    return sqrt(sum);
}

LODE_WIDE
static void scale(size_t n, float factor, float *values) {
    for (size_t i = 0; i < n; i++)
        values[i] *= factor;
}

static size_t chunk_length(const plan *p, size_t item) {
    size_t left = p->n - item * CHUNK;
    return left < CHUNK ? left : CHUNK;
}

static void scale_chunk(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    scale(chunk_length(p, item), p->rate, p->parameter + item * CHUNK);
}

double lode_clip_gradient(lode_team *team, size_t n, float *gradient, double limit) {
    double norm = lode_global_norm(team, n, gradient);
    if (isfinite(norm) && norm > limit) {
        plan p = {.n = n, .rate = (float)(limit / norm), .parameter = gradient};
        lode_team_run(team, chunks_of(n), scale_chunk, &p);
    }
    return norm;
}

/* ---- AdamW ---- */

lode_adamw lode_adamw_defaults(void) {
    return (lode_adamw){.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.01};
}

LODE_WIDE
static void adamw(size_t n, const plan *p, const float *g, const unsigned char *decay, float *m,
                  float *v, float *w) {
    float b1 = p->beta1, b2 = p->beta2, c1 = p->correct1, c2 = p->correct2, eps = p->eps;
    if (decay)
        for (size_t i = 0; i < n; i++)
            w[i] -= decay[i] ? w[i] * p->shrink : 0;
    else
        for (size_t i = 0; i < n; i++)
            w[i] -= w[i] * p->shrink;
    for (size_t i = 0; i < n; i++) {
        m[i] = b1 * m[i] + (1 - b1) * g[i];
        v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
        w[i] -= c1 * m[i] / (__builtin_sqrtf(v[i]) * c2 + eps);
    }
}

static void adamw_chunk(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    size_t at = item * CHUNK;
    adamw(chunk_length(p, item), p, p->gradient + at, p->decay ? p->decay + at : NULL,
          p->first + at, p->second + at, p->parameter + at);
}

void lode_adamw_step(lode_team *team, const lode_adamw *a, size_t n, int step, double rate,
                     const float *gradient, const unsigned char *decay, float *first, float *second,
                     float *parameter) {
    plan p = {.n = n,
              .gradient = gradient,
              .decay = decay,
              .first = first,
              .second = second,
              .parameter = parameter,
              .shrink = (float)(rate * a->weight_decay),
              .beta1 = (float)a->beta1,
              .beta2 = (float)a->beta2,
              .eps = (float)a->eps,
              .correct1 = (float)(rate / (1 - pow(a->beta1, step))),
              .correct2 = (float)(1 / sqrt(1 - pow(a->beta2, step)))};
    lode_team_run(team, chunks_of(n), adamw_chunk, &p);
}

/* ---- Gradient descent with momentum ---- */

LODE_WIDE
static void sgd(size_t n, float rate, float momentum, float weight_decay, const float *g,
                const unsigned char *decay, float *v, float *w) {
    for (size_t i = 0; i < n; i++) {
        float pull = !decay || decay[i] ? weight_decay * w[i] : 0;
        v[i] = momentum * v[i] + (g[i] + pull);
        w[i] -= rate * v[i];
    }
}

static void sgd_chunk(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    size_t at = item * CHUNK;
    sgd(chunk_length(p, item), p->rate, p->beta1, p->shrink, p->gradient + at,
        p->decay ? p->decay + at : NULL, p->first + at, p->parameter + at);
}

void lode_sgd_step(lode_team *team, double momentum, double weight_decay, size_t n, double rate,
                   const float *gradient, const unsigned char *decay, float *velocity,
                   float *parameter) {
    plan p = {.n = n,
              .gradient = gradient,
              .decay = decay,
              .first = velocity,
              .parameter = parameter,
              .rate = (float)rate,
              .beta1 = (float)momentum,
              .shrink = (float)weight_decay};
    lode_team_run(team, chunks_of(n), sgd_chunk, &p);
}

/* ---- Moving average ---- */

LODE_WIDE
static void blend(size_t n, float keep, const float *value, float *average) {
    for (size_t i = 0; i < n; i++)
        average[i] = keep * average[i] + (1 - keep) * value[i];
}

static void blend_chunk(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    size_t at = item * CHUNK;
    blend(chunk_length(p, item), p->rate, p->gradient + at, p->parameter + at);
}

void lode_moving_average(lode_team *team, size_t n, double keep, const float *value,
                         float *average) {
    plan p = {.n = n, .rate = (float)keep, .gradient = value, .parameter = average};
    lode_team_run(team, chunks_of(n), blend_chunk, &p);
}

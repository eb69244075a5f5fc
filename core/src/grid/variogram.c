#include "grid/variogram.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/random.h"

enum { SAMPLES_MAX = 3000, RANGE_STEPS = 80 };

static const char *const names[] = {"spherical", "exponential", "gaussian", "matern32"};

const char *lode_variogram_name(lode_variogram_model model) {
    return names[model];
}

/* Share of the sill reached at h. */
static double shape(lode_variogram_model model, double h, double range) {
    double r = h / range;
    switch (model) {
    case LODE_VARIOGRAM_SPHERICAL:
        return r < 1 ? r * (1.5 - 0.5 * r * r) : 1;
    case LODE_VARIOGRAM_EXPONENTIAL:
        return 1 - exp(-r);
    case LODE_VARIOGRAM_GAUSSIAN:
        return 1 - exp(-r * r);
    default:
        return 1 - (1 + r) * exp(-r);
    }
}

double lode_variogram_at(const lode_variogram *v, double h) {
    return h > 0 ? v->nugget + v->sill * shape(v->model, h, v->range) : 0;
}

double lode_variogram_reach(const lode_variogram *v) {
    static const double reach[] = {1, 2.9957, 1.7308, 4.7439};
    return reach[v->model] * v->range;
}

lode_status lode_variogram_parse(const char *text, lode_variogram *variogram) {
    char name[16] = "";
    double nugget, sill, range;
    int used = 0;
    bool good =
        sscanf(text, "%15[a-zA-Z0-9],%lf,%lf,%lf%n", name, &nugget, &sill, &range, &used) == 4 &&
        text[used] == '\0' && nugget >= 0 && sill >= 0 && nugget + sill > 0 && range > 0;
    for (int i = 0; i < 4 && good; i++) {
        if (strcasecmp(names[i], name) == 0) {
            *variogram = (lode_variogram){(lode_variogram_model)i, nugget, sill, range};
            return LODE_OK;
        }
    }
    return lode_fail(LODE_ERROR_USAGE,
                     "--variogram '%s': write model,nugget,sill,range with the model spherical, "
                     "exponential, gaussian or matern32, for example exponential,0.1,0.9,1500.",
                     text);
}

/* ---- Sample variogram ------------------------------------------------------------------------ */

/* At most SAMPLES_MAX of n numbers, all when there are no more. */
static size_t choose(size_t n, uint64_t seed, size_t *chosen) {
    size_t count = 0;
    lode_random random = lode_random_stream(seed, 0);
    for (size_t i = 0; i < n && count < SAMPLES_MAX; i++) {
        double left = (double)(n - i), wanted = (double)(SAMPLES_MAX - count);
        if (n <= SAMPLES_MAX || lode_random_uniform(&random) * left < wanted)
            chosen[count++] = i;
    }
    return count;
}

static double default_cutoff(const double *x, const double *y, size_t n) {
    double x0 = INFINITY, x1 = -INFINITY, y0 = INFINITY, y1 = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        x0 = fmin(x0, x[i]);
        x1 = fmax(x1, x[i]);
        y0 = fmin(y0, y[i]);
        y1 = fmax(y1, y[i]);
    }
    return hypot(x1 - x0, y1 - y0) / 3;
}

lode_status lode_variogram_sample(const double *x, const double *y, const double *z, size_t n,
                                  double cutoff, uint64_t seed, lode_sample_variogram *sample) {
    size_t *chosen = lode_alloc(SAMPLES_MAX, sizeof *chosen);
    if (!chosen)
        return lode_fail_memory();
    size_t count = choose(n, seed, chosen);
    memset(sample, 0, sizeof *sample);
    sample->cutoff = cutoff > 0 ? cutoff : default_cutoff(x, y, n);
    double limit2 = sample->cutoff * sample->cutoff, width = sample->cutoff / LODE_LAGS;
    for (size_t a = 0; a < count; a++) {
        for (size_t b = a + 1; b < count; b++) {
            double dx = x[chosen[a]] - x[chosen[b]], dy = y[chosen[a]] - y[chosen[b]];
            double h2 = dx * dx + dy * dy, difference = z[chosen[a]] - z[chosen[b]];
            if (!(h2 < limit2))
                continue;
            double h = sqrt(h2);
            int lag = (int)(h / width);
            lag = lag < LODE_LAGS ? lag : LODE_LAGS - 1;
            sample->pairs[lag]++;
            sample->distance[lag] += h;
            sample->semivariance[lag] += 0.5 * difference * difference;
        }
    }
    for (int i = 0; i < LODE_LAGS; i++) {
        if (sample->pairs[i] > 0) {
            sample->distance[i] /= sample->pairs[i];
            sample->semivariance[i] /= sample->pairs[i];
        }
    }
    lode_free(chosen);
    return LODE_OK;
}

/* ---- Fitting --------------------------------------------------------------------------------- */

static bool usable(const lode_sample_variogram *s, int lag) {
    return s->pairs[lag] >= 10 && s->distance[lag] > 0;
}

/* Best nugget and sill, neither negative, for a model and range; returns the sum of squares. */
static double fit_linear(const lode_sample_variogram *s, lode_variogram *v) {
    double w1 = 0, wf = 0, wff = 0, wg = 0, wfg = 0, wgg = 0;
    for (int i = 0; i < LODE_LAGS; i++) {
        if (!usable(s, i))
            continue;
        double w = s->pairs[i] / (s->distance[i] * s->distance[i]);
        double f = shape(v->model, s->distance[i], v->range), g = s->semivariance[i];
        w1 += w;
        wf += w * f;
        wff += w * f * f;
        wg += w * g;
        wfg += w * f * g;
        wgg += w * g * g;
    }
    double determinant = w1 * wff - wf * wf;
    v->nugget = v->sill = -1;
    if (determinant > 1e-12 * w1 * wff) {
        v->nugget = (wff * wg - wf * wfg) / determinant;
        v->sill = (w1 * wfg - wf * wg) / determinant;
    }
    if (v->nugget < 0 || v->sill < 0) {
        /* On the edge: all sill or all nugget, whichever fits better. */
        double sill = wff > 0 ? fmax(0, wfg / wff) : 0, nugget = fmax(0, wg / w1);
        double with_sill = wgg - 2 * sill * wfg + sill * sill * wff;
        double with_nugget = wgg - 2 * nugget * wg + nugget * nugget * w1;
        bool better = with_sill <= with_nugget;
        v->sill = better ? sill : 0;
        v->nugget = better ? 0 : nugget;
    }
    return wgg - 2 * v->nugget * wg - 2 * v->sill * wfg + v->nugget * v->nugget * w1 +
           2 * v->nugget * v->sill * wf + v->sill * v->sill * wff;
}

/* Search of the range on a logarithmic scale, then golden sections around the best step. */
static double fit_model(const lode_sample_variogram *s, lode_variogram *v) {
    double shortest = INFINITY, best = INFINITY, at = 0;
    for (int i = LODE_LAGS - 1; i >= 0; i--)
        if (usable(s, i))
            shortest = s->distance[i];
    double low = log(0.3 * shortest), high = log(2 * s->cutoff), step = (high - low) / RANGE_STEPS;
    for (int i = 0; i <= RANGE_STEPS; i++) {
        v->range = exp(low + i * step);
        double squares = fit_linear(s, v);
        if (squares < best) {
            best = squares;
            at = low + i * step;
        }
    }
    double a = at - step, b = at + step;
    for (int i = 0; i < 60; i++) {
        double c = b - 0.6180339887 * (b - a), d = a + 0.6180339887 * (b - a);
        v->range = exp(c);
        double left = fit_linear(s, v);
        v->range = exp(d);
        if (left < fit_linear(s, v))
            b = d;
        else
            a = c;
    }
    v->range = exp(0.5 * (a + b));
    return fit_linear(s, v);
}

bool lode_variogram_fit(const lode_sample_variogram *s, int model, lode_variogram *fitted) {
    int lags = 0;
    double best = INFINITY;
    for (int i = 0; i < LODE_LAGS; i++)
        lags += usable(s, i);
    if (lags < 3)
        return false;
    for (int m = 0; m < 4; m++) {
        lode_variogram v = {(lode_variogram_model)m, 0, 0, 1};
        if (model >= 0 && m != model)
            continue;
        double squares = fit_model(s, &v);
        if (squares < best) {
            best = squares;
            *fitted = v;
        }
    }
    return isfinite(best) && fitted->nugget + fitted->sill > 0;
}

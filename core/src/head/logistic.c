#include "head/logistic.h"

#include <math.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/simd.h"

enum { MAX_STEPS = 200 };
/* A factorised Hessian is kept for as long as each step with it brings the Newton decrement down to
 * this share: the Hessian costs features^2 x places, a step with an old one features x places. */
#define WORTHWHILE 0.25
/* Newton decrement (twice the distance to the minimum of the loss) at which a fit is done. */
#define TOLERANCE 1e-12

double lode_sigmoid(double z) {
    return z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z));
}

double lode_logistic_predict(const float *weights, float bias, const float *x, int features) {
    double sum = bias;
    for (int j = 0; j < features; j++)
        sum += (double)weights[j] * x[j];
    return sum;
}

/* One fit. All matrices are row-major; p = features + 1, the last column is the intercept. */
typedef struct problem {
    size_t n;
    int p;
    double *x;           /* [n][p] standardised, last column 1 */
    double *weight;      /* [n], sums to 1 */
    double *probability; /* [n] */
    const unsigned char *y;
    double strength;
    double *mean, *deviation; /* [p - 1] */
    double *beta, *gradient, *hessian, *step;
} problem;

static bool allocate(problem *fit, size_t n, int features) {
    size_t p = (size_t)features + 1;
    fit->n = n;
    fit->p = (int)p;
    fit->x = lode_alloc(n, p * sizeof(double));
    fit->weight = lode_alloc(n, sizeof(double));
    fit->probability = lode_alloc(n, sizeof(double));
    fit->mean = lode_alloc(p, sizeof(double));
    fit->deviation = lode_alloc(p, sizeof(double));
    fit->beta = lode_alloc(p, sizeof(double));
    fit->gradient = lode_alloc(p, sizeof(double));
    fit->step = lode_alloc(p, sizeof(double));
    fit->hessian = lode_alloc(p * p, sizeof(double));
    return fit->x && fit->weight && fit->probability && fit->mean && fit->deviation && fit->beta &&
           fit->gradient && fit->step && fit->hessian;
}

static void release(problem *fit) {
    double *const parts[] = {fit->x,    fit->probability, fit->weight, fit->mean,   fit->deviation,
                             fit->beta, fit->gradient,    fit->step,   fit->hessian};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        lode_free(parts[i]);
}

static lode_status set_weights(problem *fit, const double *sample_weight) {
    double total[2] = {0, 0};
    for (size_t i = 0; i < fit->n; i++)
        total[fit->y[i] ? 1 : 0] += sample_weight ? sample_weight[i] : 1;
    if (!(total[0] > 0) || !(total[1] > 0))
        return lode_fail(LODE_ERROR_DATA,
                         "A head needs deposits and background; one of them has no "
                         "places.");
    for (size_t i = 0; i < fit->n; i++) {
        if (sample_weight)
            fit->weight[i] = sample_weight[i] / (total[0] + total[1]);
        else
            fit->weight[i] = 0.5 / total[fit->y[i] ? 1 : 0];
    }
    return LODE_OK;
}

/* Weighted mean 0 and deviation 1 for every feature; a constant feature becomes 0. */
static void standardise(problem *fit, const float *x) {
    int features = fit->p - 1;
    for (int j = 0; j < features; j++) {
        double mean = 0, variance = 0;
        for (size_t i = 0; i < fit->n; i++)
            mean += fit->weight[i] * x[i * (size_t)features + (size_t)j];
        for (size_t i = 0; i < fit->n; i++) {
            double gap = x[i * (size_t)features + (size_t)j] - mean;
            variance += fit->weight[i] * gap * gap;
        }
        fit->mean[j] = mean;
        fit->deviation[j] = variance > 1e-12 ? sqrt(variance) : 0;
    }
    for (size_t i = 0; i < fit->n; i++) {
        double *row = fit->x + i * (size_t)fit->p;
        for (int j = 0; j < features; j++)
            row[j] = fit->deviation[j] > 0
                         ? (x[i * (size_t)features + (size_t)j] - fit->mean[j]) / fit->deviation[j]
                         : 0;
        row[features] = 1;
    }
}

static double log1pexp(double z) {
    return z > 0 ? z + log1p(exp(-z)) : log1p(exp(z));
}

static double row_score(const problem *fit, size_t i, const double *beta) {
    const double *row = fit->x + i * (size_t)fit->p;
    double z = 0;
    for (int j = 0; j < fit->p; j++)
        z += row[j] * beta[j];
    return z;
}

static double objective(const problem *fit, const double *beta) {
    double loss = 0;
    for (size_t i = 0; i < fit->n; i++) {
        double z = row_score(fit, i, beta);
        loss += fit->weight[i] * log1pexp(fit->y[i] ? -z : z);
    }
    for (int j = 0; j < fit->p - 1; j++)
        loss += 0.5 * fit->strength * beta[j] * beta[j];
    return loss;
}

static void gradient(problem *fit) {
    int p = fit->p;
    memset(fit->gradient, 0, (size_t)p * sizeof(double));
    for (size_t i = 0; i < fit->n; i++) {
        const double *row = fit->x + i * (size_t)p;
        fit->probability[i] = lode_sigmoid(row_score(fit, i, fit->beta));
        double residual = fit->weight[i] * (fit->probability[i] - (fit->y[i] ? 1 : 0));
        for (int j = 0; j < p; j++)
            fit->gradient[j] += residual * row[j];
    }
    for (int j = 0; j < p - 1; j++)
        fit->gradient[j] += fit->strength * fit->beta[j];
}

/* Adds to the lower triangle the products of `GROUP` rows, each times its curvature. Several rows
 * at a time, because every pass over the triangle costs as much as the products themselves; the
 * order of the sum is fixed by the group, whatever instructions the clone uses. */
enum { GROUP = 4 };

static LODE_WIDE void add_rows(double *hessian, int p, const double *const rows[GROUP],
                               const double curvature[GROUP]) {
    const double *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
    for (int j = 0; j < p; j++) {
        double s0 = curvature[0] * r0[j], s1 = curvature[1] * r1[j];
        double s2 = curvature[2] * r2[j], s3 = curvature[3] * r3[j];
        double *line = hessian + (size_t)j * (size_t)p;
        for (int k = 0; k <= j; k++)
            line[k] += (s0 * r0[k] + s1 * r1[k]) + (s2 * r2[k] + s3 * r3[k]);
    }
}

/* The lower triangle of the Hessian at the probabilities of the last gradient. */
static void hessian(problem *fit) {
    int p = fit->p, waiting = 0;
    const double *rows[GROUP];
    double curvature[GROUP];
    memset(fit->hessian, 0, (size_t)p * (size_t)p * sizeof(double));
    for (size_t i = 0; i < fit->n; i++) {
        if (fit->weight[i] > 0) {
            rows[waiting] = fit->x + i * (size_t)p;
            curvature[waiting++] = fit->weight[i] * fit->probability[i] * (1 - fit->probability[i]);
        }
        if (waiting == 0 || (waiting < GROUP && i + 1 < fit->n))
            continue;
        for (; waiting < GROUP; waiting++) { /* the last, smaller group */
            rows[waiting] = rows[0];
            curvature[waiting] = 0;
        }
        add_rows(fit->hessian, p, rows, curvature);
        waiting = 0;
    }
    for (int j = 0; j < p - 1; j++)
        fit->hessian[(size_t)j * (size_t)p + (size_t)j] += fit->strength;
    /* The intercept has no ridge; this keeps its pivot positive when every probability is 0 or 1.
     */
    fit->hessian[(size_t)p * (size_t)p - 1] += 1e-12;
}

/* In-place Cholesky of the lower triangle. False when it is not positive definite. */
static bool factorise(problem *fit) {
    int p = fit->p;
    double *h = fit->hessian;
    for (int j = 0; j < p; j++) {
        double *row_j = h + (size_t)j * (size_t)p;
        for (int i = j; i < p; i++) {
            double *row_i = h + (size_t)i * (size_t)p;
            double sum = row_i[j];
            for (int k = 0; k < j; k++)
                sum -= row_i[k] * row_j[k];
            if (i == j) {
                if (!(sum > 0))
                    return false;
                row_j[j] = sqrt(sum);
            } else {
                row_i[j] = sum / row_j[j];
            }
        }
    }
    return true;
}

/* step = H^-1 gradient from the factor. */
static void solve(problem *fit) {
    int p = fit->p;
    double *h = fit->hessian, *s = fit->step;
    for (int i = 0; i < p; i++) {
        double sum = fit->gradient[i];
        for (int k = 0; k < i; k++)
            sum -= h[(size_t)i * (size_t)p + (size_t)k] * s[k];
        s[i] = sum / h[(size_t)i * (size_t)p + (size_t)i];
    }
    for (int i = p - 1; i >= 0; i--) {
        double sum = s[i];
        for (int k = i + 1; k < p; k++)
            sum -= h[(size_t)k * (size_t)p + (size_t)i] * s[k];
        s[i] = sum / h[(size_t)i * (size_t)p + (size_t)i];
    }
}

/* Newton's method with step halving and a Hessian that is kept while it serves: the objective is
 * convex, so this ends at its minimum. */
static lode_status minimise(problem *fit, double *trial) {
    double loss = objective(fit, fit->beta), before = 0;
    bool fresh = false;
    for (int iteration = 0; iteration < MAX_STEPS; iteration++) {
        gradient(fit);
        if (!fresh) {
            hessian(fit);
            if (!factorise(fit))
                return lode_fail(LODE_ERROR_DATA, "The head cannot be fitted: the features are not "
                                                  "finite. Check the stack for extreme values.");
        }
        solve(fit);
        double decrement = 0, length = 1, next = INFINITY;
        for (int j = 0; j < fit->p; j++)
            decrement += fit->step[j] * fit->gradient[j];
        if (decrement < TOLERANCE)
            return LODE_OK;
        for (int halving = 0; halving < 30; halving++, length *= 0.5) {
            for (int j = 0; j < fit->p; j++)
                trial[j] = fit->beta[j] - length * fit->step[j];
            next = objective(fit, trial);
            if (next < loss)
                break;
        }
        bool old = fresh;
        fresh = length == 1 && (!old || decrement < WORTHWHILE * before);
        before = decrement;
        if (!(next < loss)) {
            if (!old)
                return LODE_OK;
            fresh = false;
            continue;
        }
        loss = next;
        memcpy(fit->beta, trial, (size_t)fit->p * sizeof(double));
    }
    return LODE_OK;
}

/* Coefficients of raw features from those of standardised ones. */
static void unstandardise(const problem *fit, float *weights, float *bias) {
    int features = fit->p - 1;
    double shift = fit->beta[features];
    for (int j = 0; j < features; j++) {
        double slope = fit->deviation[j] > 0 ? fit->beta[j] / fit->deviation[j] : 0;
        weights[j] = (float)slope;
        shift -= slope * fit->mean[j];
    }
    *bias = (float)shift;
}

lode_status lode_logistic_path(const float *x, const unsigned char *y, const double *sample_weight,
                               size_t n, int features, const double *strengths, int count,
                               float *weights, float *bias) {
    problem fit = {.y = y};
    double *trial = lode_alloc((size_t)features + 1, sizeof(double));
    lode_status status = LODE_OK;
    if (!trial || !allocate(&fit, n, features))
        status = lode_fail_memory();
    if (status == LODE_OK)
        status = set_weights(&fit, sample_weight);
    if (status == LODE_OK)
        standardise(&fit, x);
    for (int k = 0; status == LODE_OK && k < count; k++) {
        fit.strength = strengths[k];
        status = minimise(&fit, trial);
        unstandardise(&fit, weights + (size_t)k * (size_t)features, bias + k);
    }
    lode_free(trial);
    release(&fit);
    return status;
}

lode_status lode_logistic_fit(const float *x, const unsigned char *y, const double *sample_weight,
                              size_t n, int features, double strength, float *weights,
                              float *bias) {
    return lode_logistic_path(x, y, sample_weight, n, features, &strength, 1, weights, bias);
}

#include "head/logistic.h"

#include <math.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"

enum { MAX_NEWTON = 50 };

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
    double *x;      /* [n][p] standardised, last column 1 */
    double *weight; /* [n], sums to 1 */
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
    fit->mean = lode_alloc(p, sizeof(double));
    fit->deviation = lode_alloc(p, sizeof(double));
    fit->beta = lode_alloc(p, sizeof(double));
    fit->gradient = lode_alloc(p, sizeof(double));
    fit->step = lode_alloc(p, sizeof(double));
    fit->hessian = lode_alloc(p * p, sizeof(double));
    return fit->x && fit->weight && fit->mean && fit->deviation && fit->beta && fit->gradient &&
           fit->step && fit->hessian;
}

static void release(problem *fit) {
    double *const parts[] = {fit->x,    fit->weight,   fit->mean, fit->deviation,
                             fit->beta, fit->gradient, fit->step, fit->hessian};
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

/* Gradient, and the lower triangle of the Hessian. */
static void derivatives(problem *fit) {
    int p = fit->p;
    memset(fit->gradient, 0, (size_t)p * sizeof(double));
    memset(fit->hessian, 0, (size_t)p * (size_t)p * sizeof(double));
    for (size_t i = 0; i < fit->n; i++) {
        const double *row = fit->x + i * (size_t)p;
        double probability = lode_sigmoid(row_score(fit, i, fit->beta));
        double residual = fit->weight[i] * (probability - (fit->y[i] ? 1 : 0));
        double curvature = fit->weight[i] * probability * (1 - probability);
        for (int j = 0; j < p; j++) {
            fit->gradient[j] += residual * row[j];
            double scaled = curvature * row[j];
            double *line = fit->hessian + (size_t)j * (size_t)p;
            for (int k = 0; k <= j; k++)
                line[k] += scaled * row[k];
        }
    }
    for (int j = 0; j < p - 1; j++) {
        fit->gradient[j] += fit->strength * fit->beta[j];
        fit->hessian[(size_t)j * (size_t)p + (size_t)j] += fit->strength;
    }
    /* The intercept has no ridge; this keeps its pivot positive when every probability is 0 or 1.
     */
    fit->hessian[(size_t)p * (size_t)p - 1] += 1e-12;
}

/* In-place Cholesky of the lower triangle, then step = H^-1 gradient. False when not positive. */
static bool solve(problem *fit) {
    int p = fit->p;
    double *h = fit->hessian, *s = fit->step;
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
    return true;
}

/* Newton with step halving: the objective is convex, so this ends at its minimum. */
static lode_status minimise(problem *fit, double *trial) {
    double loss = objective(fit, fit->beta);
    for (int iteration = 0; iteration < MAX_NEWTON; iteration++) {
        derivatives(fit);
        if (!solve(fit))
            return lode_fail(LODE_ERROR_DATA, "The head cannot be fitted: the features are not "
                                              "finite. Check the stack for extreme values.");
        double decrement = 0, length = 1, next = INFINITY;
        for (int j = 0; j < fit->p; j++)
            decrement += fit->step[j] * fit->gradient[j];
        if (decrement < 1e-12)
            return LODE_OK;
        for (int halving = 0; halving < 30; halving++, length *= 0.5) {
            for (int j = 0; j < fit->p; j++)
                trial[j] = fit->beta[j] - length * fit->step[j];
            next = objective(fit, trial);
            if (next < loss)
                break;
        }
        if (!(next < loss))
            return LODE_OK;
        loss = next;
        memcpy(fit->beta, trial, (size_t)fit->p * sizeof(double));
    }
    return LODE_OK;
}

lode_status lode_logistic_fit(const float *x, const unsigned char *y, const double *sample_weight,
                              size_t n, int features, double strength, float *weights,
                              float *bias) {
    problem fit = {.y = y, .strength = strength};
    double *trial = lode_alloc((size_t)features + 1, sizeof(double));
    lode_status status = LODE_OK;
    if (!trial || !allocate(&fit, n, features))
        status = lode_fail_memory();
    if (status == LODE_OK)
        status = set_weights(&fit, sample_weight);
    if (status == LODE_OK) {
        standardise(&fit, x);
        status = minimise(&fit, trial);
    }
    if (status == LODE_OK) {
        double shift = fit.beta[features];
        for (int j = 0; j < features; j++) {
            double slope = fit.deviation[j] > 0 ? fit.beta[j] / fit.deviation[j] : 0;
            weights[j] = (float)slope;
            shift -= slope * fit.mean[j];
        }
        *bias = (float)shift;
    }
    lode_free(trial);
    release(&fit);
    return status;
}

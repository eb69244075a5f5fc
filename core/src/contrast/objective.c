#include "contrast/objective.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "nn/gemm.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/simd.h"

struct lode_objective {
    int rows, columns, dims; /* the most that fit */
    float *similarity;       /* [rows][columns]; becomes the gradient with respect to it */
    float *unit, *other;     /* [rows][dims] unit rows; gradient with respect to them */
    float *norms;            /* [rows] */
    double *loss;            /* [rows] */
    float *scratch;
};

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

lode_status lode_objective_create(int rows, int columns, int dims, lode_objective **objective) {
    lode_objective *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    size_t r = (size_t)rows, c = (size_t)columns, d = (size_t)dims;
    made->rows = rows;
    made->columns = columns;
    made->dims = dims;
    made->similarity = lode_alloc(r * c, sizeof(float));
    made->unit = lode_alloc(r * d, sizeof(float));
    made->other = lode_alloc(r * d, sizeof(float));
    made->norms = lode_alloc(r, sizeof(float));
    made->loss = lode_alloc(r, sizeof(double));
    size_t scratch = larger(lode_gemm_scratch(r, c, d, false), lode_gemm_scratch(r, d, c, false));
    scratch = larger(scratch, lode_gemm_scratch(c, d, r, true));
    made->scratch = lode_alloc(scratch, sizeof(float));
    if (!made->similarity || !made->unit || !made->other || !made->norms || !made->loss ||
        !made->scratch) {
        lode_objective_free(made);
        return lode_fail_memory();
    }
    *objective = made;
    return LODE_OK;
}

void lode_objective_free(lode_objective *objective) {
    if (!objective)
        return;
    lode_free(objective->similarity);
    lode_free(objective->unit);
    lode_free(objective->other);
    lode_free(objective->norms);
    lode_free(objective->loss);
    lode_free(objective->scratch);
    lode_free(objective);
}

void lode_unit_rows(int rows, int dims, const float *values, float *unit, float *norms) {
    for (int i = 0; i < rows; i++, values += dims, unit += dims) {
        double sum = 0;
        for (int k = 0; k < dims; k++)
            sum += (double)values[k] * values[k];
        double norm = sqrt(sum), factor = norm > 0 ? 1 / norm : 0;
        for (int k = 0; k < dims; k++)
            unit[k] = (float)(values[k] * factor);
        if (norms)
            norms[i] = (float)norm;
    }
}

/* Gradient through u = z / |z|: dz = (du - u (u . du)) / |z|. */
static void through_unit(int rows, int dims, const float *unit, const float *norms,
                         const float *d_unit, float *d_values) {
    for (int i = 0; i < rows; i++, unit += dims, d_unit += dims, d_values += dims) {
        double along = 0, factor = norms[i] > 0 ? 1.0 / norms[i] : 0;
        for (int k = 0; k < dims; k++)
            along += (double)unit[k] * d_unit[k];
        for (int k = 0; k < dims; k++)
            d_values[k] = (float)((d_unit[k] - unit[k] * along) * factor);
    }
}

/* ---- Softmax over a row of similarities --------------------------------------------------------
 */

LODE_WIDE static float largest_of(const float *s, int count) {
    enum { LANES = 16 };
    float lane[LANES], largest = -INFINITY;
    for (int j = 0; j < LANES; j++)
        lane[j] = -INFINITY;
    int k = 0;
    for (; k + LANES <= count; k += LANES)
        for (int j = 0; j < LANES; j++)
            lane[j] = s[k + j] > lane[j] ? s[k + j] : lane[j];
    for (int j = 0; j < LANES; j++)
        largest = lane[j] > largest ? lane[j] : largest;
    for (; k < count; k++)
        largest = s[k] > largest ? s[k] : largest;
    return largest;
}

/* s becomes s / temperature - largest. */
LODE_WIDE static void exponents(float *restrict s, int count, double temperature, double largest) {
    for (int k = 0; k < count; k++)
        s[k] = (float)(s[k] / temperature - largest);
}

/* s becomes exp(s / temperature - largest). Returns `sum` and theirs, added one after the other. */
static double exponentials(float *s, int count, double temperature, double largest, double sum) {
    exponents(s, count, temperature, largest);
    for (int k = 0; k < count; k++) {
        s[k] = expf(s[k]);
        sum += s[k];
    }
    return sum;
}

/* ---- NT-Xent ----------------------------------------------------------------------------------
 */

typedef struct nt_xent {
    lode_objective *objective;
    int n, near;
    const lode_cell *places;
    double temperature;
} nt_xent;

/* Similarities of a row to places at most `near` cells from its own become -infinity. */
LODE_WIDE static void leave_out_near(const lode_cell *restrict places, int n, lode_cell own,
                                     int near, float *restrict s) {
    for (int k = 0; k < n; k++) {
        int x = abs(places[k].x - own.x), y = abs(places[k].y - own.y);
        bool left_out = x <= near && y <= near;
        s[k] = left_out ? -INFINITY : s[k];
        s[n + k] = left_out ? -INFINITY : s[n + k];
    }
}

/* One row of similarities -> its loss and, in place, the gradient of the mean loss. */
static void nt_xent_row(void *context, size_t item, int worker) {
    const nt_xent *work = context;
    (void)worker;
    int rows = 2 * work->n, row = (int)item, positive = (row + work->n) % rows;
    float *s = work->objective->similarity + item * (size_t)rows, own = s[positive];
    if (work->places)
        leave_out_near(work->places, work->n, work->places[row % work->n], work->near, s);
    s[row] = -INFINITY;
    s[positive] = own;
    double largest = largest_of(s, rows) / work->temperature;
    double sum = exponentials(s, rows, work->temperature, largest, 0);
    work->objective->loss[item] = largest + log(sum) - own / work->temperature;
    float factor = (float)(1 / (sum * rows * work->temperature));
    for (int k = 0; k < rows; k++)
        s[k] *= factor;
    s[positive] -= (float)(1 / (rows * work->temperature));
}

double lode_nt_xent(lode_objective *objective, lode_team *team, int n, const lode_cell *places,
                    int near, double temperature, const float *z, float *dz) {
    int rows = 2 * n, dims = objective->dims;
    size_t r = (size_t)rows, d = (size_t)dims;
    float *unit = objective->unit, *d_unit = objective->other, *s = objective->similarity;
    nt_xent work = {objective, n, near, places, temperature};
    lode_unit_rows(rows, dims, z, unit, objective->norms);
    lode_gemm(team, r, r, d, unit, d, false, unit, d, true, false, s, r, objective->scratch);
    lode_team_run(team, r, nt_xent_row, &work);
    lode_gemm(team, r, d, r, s, r, false, unit, d, false, false, d_unit, d, objective->scratch);
    lode_gemm(team, r, d, r, s, r, true, unit, d, false, true, d_unit, d, objective->scratch);
    through_unit(rows, dims, unit, objective->norms, d_unit, dz);
    double loss = 0;
    for (int i = 0; i < rows; i++)
        loss += objective->loss[i];
    return loss / rows;
}

/* ---- InfoNCE with a queue -----------------------------------------------------------------------
 */

typedef struct info_nce {
    lode_objective *objective;
    int n, queued;
    double temperature;
    const float *keys;
} info_nce;

/* One query: loss, gradient with respect to its similarities to the queue (in place), and the part
 * of its gradient that comes from its own key. */
static void info_nce_row(void *context, size_t item, int worker) {
    const info_nce *work = context;
    (void)worker;
    const lode_objective *objective = work->objective;
    int dims = objective->dims;
    const float *unit = objective->unit + item * (size_t)dims;
    const float *key = work->keys + item * (size_t)dims;
    float *d_unit = objective->other + item * (size_t)dims;
    float *s = objective->similarity + item * (size_t)work->queued;
    double along = 0, length = 0;
    for (int k = 0; k < dims; k++) {
        along += (double)unit[k] * key[k];
        length += (double)key[k] * key[k];
    }
    double scale = length > 0 ? 1 / sqrt(length) : 0;
    double at_positive = along * scale / work->temperature;
    double largest = fmax(at_positive, largest_of(s, work->queued) / work->temperature);
    double positive = exp(at_positive - largest);
    double sum = exponentials(s, work->queued, work->temperature, largest, positive);
    objective->loss[item] = largest + log(sum) - at_positive;
    double factor = 1 / (sum * work->n * work->temperature);
    for (int k = 0; k < work->queued; k++)
        s[k] = (float)(s[k] * factor);
    double own = positive * factor - 1 / (work->n * work->temperature);
    for (int k = 0; k < dims; k++)
        d_unit[k] = (float)(own * scale * key[k]);
}

double lode_info_nce(lode_objective *objective, lode_team *team, int n, double temperature,
                     const float *q, const float *keys, const float *queue, int queued, float *dq) {
    size_t r = (size_t)n, c = (size_t)queued, d = (size_t)objective->dims;
    float *unit = objective->unit, *d_unit = objective->other, *s = objective->similarity;
    info_nce work = {objective, n, queued, temperature, keys};
    lode_unit_rows(n, objective->dims, q, unit, objective->norms);
    if (queued > 0)
        lode_gemm(team, r, c, d, unit, d, false, queue, d, true, false, s, c, objective->scratch);
    lode_team_run(team, r, info_nce_row, &work);
    if (queued > 0)
        lode_gemm(team, r, d, c, s, c, false, queue, d, false, true, d_unit, d, objective->scratch);
    through_unit(n, objective->dims, unit, objective->norms, d_unit, dq);
    double loss = 0;
    for (int i = 0; i < n; i++)
        loss += objective->loss[i];
    return loss / n;
}

/* ---- Cosine -------------------------------------------------------------------------------------
 */

double lode_cosine_loss(int n, int dims, const float *p, const float *target, float *dp) {
    double loss = 0;
    for (int i = 0; i < n; i++, p += dims, target += dims, dp += dims) {
        double along = 0, pp = 0, tt = 0;
        for (int k = 0; k < dims; k++) {
            along += (double)p[k] * target[k];
            pp += (double)p[k] * p[k];
            tt += (double)target[k] * target[k];
        }
        double scale = pp > 0 && tt > 0 ? 1 / sqrt(pp * tt) : 0, cosine = along * scale;
        loss += 2 - 2 * cosine;
        for (int k = 0; k < dims; k++)
            dp[k] = (float)(-2.0 / n * (target[k] * scale - (pp > 0 ? cosine * p[k] / pp : 0)));
    }
    return loss / n;
}

double lode_spread(int rows, int dims, const float *values) {
    enum { CHUNK = 64 };
    double length = 0; /* of the mean unit row; the variances add up to 1 - length^2 */
    for (int from = 0; from < dims; from += CHUNK) {
        double mean[CHUNK] = {0};
        int count = dims - from < CHUNK ? dims - from : CHUNK;
        for (int i = 0; i < rows; i++) {
            const float *row = values + (size_t)i * (size_t)dims;
            double norm = 0;
            for (int k = 0; k < dims; k++)
                norm += (double)row[k] * row[k];
            norm = norm > 0 ? sqrt(norm) : 1;
            for (int k = 0; k < count; k++)
                mean[k] += row[from + k] / norm;
        }
        for (int k = 0; k < count; k++)
            length += mean[k] / rows * (mean[k] / rows);
    }
    return length < 1 ? sqrt(1 - length) : 0;
}

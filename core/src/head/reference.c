#include "head/reference.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/select.h"
#include "util/simd.h"

/* Share of the diagonal mixed into the covariance, so that it can be inverted with few places. */
#define SHRINKAGE 0.1
#define MAD_TO_DEVIATION 1.4826

void lode_reference_free(lode_reference *reference) {
    if (!reference)
        return;
    lode_free(reference->centre);
    lode_free(reference->scale);
    lode_free(reference->whitening);
    lode_free(reference->places_z);
    lode_free(reference);
}

static float quantile(float *values, size_t n, double share) {
    return lode_select(values, n, (size_t)(share * (double)(n - 1) + 0.5));
}

static void standardise(const lode_reference *reference, const float *x, float *z) {
    for (int j = 0; j < reference->features; j++)
        z[j] = (x[j] - reference->centre[j]) * reference->scale[j];
}

/* Distance to the K-th nearest stored place; skip leaves one out (-1 = none). */
static float kth_distance(const lode_reference *reference, const float *z, int skip) {
    enum { LAST = LODE_REFERENCE_NEIGHBOURS - 1 };
    float nearest[LODE_REFERENCE_NEIGHBOURS];
    for (int k = 0; k <= LAST; k++)
        nearest[k] = INFINITY;
    for (int i = 0; i < reference->places; i++) {
        const float *place = reference->places_z + (size_t)i * (size_t)reference->features;
        float sum = 0;
        for (int j = 0; j < reference->features; j++)
            sum += (z[j] - place[j]) * (z[j] - place[j]);
        if (i == skip || !(sum < nearest[LAST]))
            continue;
        int at = LAST;
        for (; at > 0 && nearest[at - 1] > sum; at--)
            nearest[at] = nearest[at - 1];
        nearest[at] = sum;
    }
    return sqrtf(nearest[LAST]);
}

float lode_reference_support(const lode_reference *reference, const float *x, float *scratch) {
    standardise(reference, x, scratch);
    return kth_distance(reference, scratch, -1) / reference->reach;
}

float lode_reference_anomaly(const lode_reference *reference, const float *x, float *scratch) {
    standardise(reference, x, scratch);
    double squares = 0;
    for (int i = 0; i < reference->features; i++) {
        const float *row = reference->whitening + (size_t)i * (size_t)reference->features;
        double sum = 0;
        for (int j = 0; j <= i; j++)
            sum += (double)row[j] * scratch[j];
        squares += sum * sum;
    }
    return (float)sqrt(squares);
}

/* ---- Fitting ----------------------------------------------------------------------------------
 */

static lode_status fit_scale(lode_reference *reference, const float *x, size_t n) {
    float *column = lode_alloc(n, sizeof *column);
    if (!column)
        return lode_fail_memory();
    size_t width = (size_t)reference->features;
    for (size_t j = 0; j < width; j++) {
        for (size_t i = 0; i < n; i++)
            column[i] = x[i * width + j];
        float centre = quantile(column, n, 0.5);
        for (size_t i = 0; i < n; i++)
            column[i] = fabsf(column[i] - centre);
        double spread = MAD_TO_DEVIATION * quantile(column, n, 0.5);
        reference->centre[j] = centre;
        reference->scale[j] = spread > 1e-9 ? (float)(1 / spread) : 0;
    }
    lode_free(column);
    return LODE_OK;
}

/* Rows of the covariance made together: they stay in the cache while the places pass by. */
enum { BLOCK = 32 };

LODE_WIDE
static void add_scaled(size_t n, double factor, const float *x, double *sum) {
    for (size_t j = 0; j < n; j++)
        sum[j] += factor * (double)x[j];
}

/* Shrunken covariance of the half of the places closest to the median. */
static lode_status central_covariance(const lode_reference *reference, const float *z, size_t n,
                                      double *covariance) {
    size_t width = (size_t)reference->features, used = 0;
    float *length = lode_alloc(2 * n, sizeof *length);
    if (!length)
        return lode_fail_memory();
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < width; j++)
            length[i] += z[i * width + j] * z[i * width + j];
    memcpy(length + n, length, n * sizeof *length);
    float limit = quantile(length + n, n, 0.5);
    memset(covariance, 0, width * width * sizeof *covariance);
    for (size_t i = 0; i < n; i++)
        used += length[i] <= limit;
    for (size_t first = 0; first < width; first += BLOCK)
        for (size_t i = 0; i < n; i++)
            for (size_t a = first; length[i] <= limit && a < width && a < first + BLOCK; a++)
                add_scaled(a + 1, (double)z[i * width + a], z + i * width, covariance + a * width);
    lode_free(length);
    double trace = 0;
    for (size_t a = 0; a < width; a++)
        trace += covariance[a * width + a] / (double)used / (double)width;
    for (size_t a = 0; a < width; a++) {
        for (size_t b = 0; b <= a; b++)
            covariance[a * width + b] *= (1 - SHRINKAGE) / (double)used;
        covariance[a * width + a] += SHRINKAGE * (trace > 1e-9 ? trace : 1);
    }
    return LODE_OK;
}

/* l[i][j] for the rows i = from .. from + 3 of a Cholesky factor: four sums side by side. */
static void factor_rows(double *l, size_t n, size_t j, size_t from) {
    double *r0 = l + from * n, *r1 = r0 + n, *r2 = r1 + n, *r3 = r2 + n, *row = l + j * n;
    double s0 = r0[j], s1 = r1[j], s2 = r2[j], s3 = r3[j];
    for (size_t k = 0; k < j; k++) {
        s0 -= r0[k] * row[k];
        s1 -= r1[k] * row[k];
        s2 -= r2[k] * row[k];
        s3 -= r3[k] * row[k];
    }
    r0[j] = s0 / row[j];
    r1[j] = s1 / row[j];
    r2[j] = s2 / row[j];
    r3[j] = s3 / row[j];
}

static bool factor(double *l, size_t n) {
    for (size_t j = 0; j < n; j++) {
        double sum = l[j * n + j];
        for (size_t k = 0; k < j; k++)
            sum -= l[j * n + k] * l[j * n + k];
        if (!(sum > 0))
            return false;
        l[j * n + j] = sqrt(sum);
        size_t i = j + 1;
        for (; i + 4 <= n; i += 4)
            factor_rows(l, n, j, i);
        for (; i < n; i++) {
            sum = l[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= l[i * n + k] * l[j * n + k];
            l[i * n + j] = sum / l[j * n + j];
        }
    }
    return true;
}

/* covariance = L L^T; the whitening matrix is L^-1 (lower triangular). */
static lode_status invert_factor(double *l, int width, float *whitening) {
    size_t n = (size_t)width;
    if (!factor(l, n))
        return lode_fail(LODE_ERROR_DATA, "The features of the survey are not finite.");
    double *row = lode_alloc(n, sizeof *row);
    if (!row)
        return lode_fail_memory();
    for (size_t i = 0; i < n; i++) {
        memset(row, 0, n * sizeof *row);
        row[i] = 1;
        for (size_t k = 0; k < i; k++)
            add_scaled(k + 1, -l[i * n + k], whitening + k * n, row);
        for (size_t j = 0; j <= i; j++)
            whitening[i * n + j] = (float)(row[j] / l[i * n + i]);
    }
    lode_free(row);
    return LODE_OK;
}

static lode_status fit_reach(lode_reference *reference) {
    float *distances = lode_alloc((size_t)reference->places, sizeof *distances);
    if (!distances)
        return lode_fail_memory();
    for (int i = 0; i < reference->places; i++)
        distances[i] = kth_distance(
            reference, reference->places_z + (size_t)i * (size_t)reference->features, i);
    float reach = quantile(distances, (size_t)reference->places, 0.95);
    reference->reach = reach > 1e-9f ? reach : 1;
    lode_free(distances);
    return LODE_OK;
}

static lode_status fit(lode_reference *reference, const float *x, size_t n) {
    size_t width = (size_t)reference->features;
    reference->centre = lode_alloc(width, sizeof(float));
    reference->scale = lode_alloc(width, sizeof(float));
    reference->whitening = lode_alloc(width, width * sizeof(float));
    reference->places_z = lode_alloc((size_t)reference->places, width * sizeof(float));
    float *z = lode_alloc(n, width * sizeof *z);
    double *covariance = lode_alloc(width, width * sizeof *covariance);
    lode_status status = reference->centre && reference->scale && reference->whitening &&
                                 reference->places_z && z && covariance
                             ? LODE_OK
                             : lode_fail_memory();
    if (status == LODE_OK)
        status = fit_scale(reference, x, n);
    for (size_t i = 0; status == LODE_OK && i < n; i++)
        standardise(reference, x + i * width, z + i * width);
    if (status == LODE_OK) {
        memcpy(reference->places_z, z, (size_t)reference->places * width * sizeof *z);
        status = central_covariance(reference, z, n, covariance);
    }
    if (status == LODE_OK)
        status = invert_factor(covariance, reference->features, reference->whitening);
    if (status == LODE_OK)
        status = fit_reach(reference);
    lode_free(z);
    lode_free(covariance);
    return status;
}

lode_status lode_reference_fit(const float *x, size_t n, int features, lode_reference **reference) {
    if (n < LODE_REFERENCE_NEIGHBOURS + 2)
        return lode_fail(LODE_ERROR_DATA, "Too few places with data (%zu) to describe the area.",
                         n);
    lode_reference *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->features = features;
    made->places = n < LODE_REFERENCE_PLACES ? (int)n : LODE_REFERENCE_PLACES;
    lode_status status = fit(made, x, n);
    if (status != LODE_OK) {
        lode_reference_free(made);
        return status;
    }
    *reference = made;
    return LODE_OK;
}

#include "grid/kriging.h"

#include <math.h>
#include <stddef.h>

static double distance(double dx, double dy) {
    return sqrt(dx * dx + dy * dy);
}

/* Cholesky factor of the lower triangle of a[n x n] in place; false when not positive definite. */
static bool factorise(double *a, int n) {
    for (int j = 0; j < n; j++) {
        double *row = a + (ptrdiff_t)j * n;
        for (int k = 0; k < j; k++) {
            const double *other = a + (ptrdiff_t)k * n;
            double sum = row[k];
            for (int m = 0; m < k; m++)
                sum -= row[m] * other[m];
            row[k] = sum / other[k];
        }
        double diagonal = row[j];
        for (int m = 0; m < j; m++)
            diagonal -= row[m] * row[m];
        if (!(diagonal > 0))
            return false;
        row[j] = sqrt(diagonal);
    }
    return true;
}

/* Solves L L' x = b in place. */
static void solve(const double *l, int n, double *b) {
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++)
            b[i] -= l[(ptrdiff_t)i * n + k] * b[k];
        b[i] /= l[(ptrdiff_t)i * n + i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            b[i] -= l[(ptrdiff_t)k * n + i] * b[k];
        b[i] /= l[(ptrdiff_t)i * n + i];
    }
}

bool lode_krige(const lode_variogram *v, const double *sample_x, const double *sample_y, int n,
                double x, double y, double *scratch, double *weights, double *variance) {
    double *c = scratch, *c0 = c + (ptrdiff_t)n * n, *ones = c0 + n;
    double total = v->nugget + v->sill;
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++)
            c[(ptrdiff_t)i * n + k] =
                total - lode_variogram_at(
                            v, distance(sample_x[i] - sample_x[k], sample_y[i] - sample_y[k]));
        c[(ptrdiff_t)i * n + i] = total;
        c0[i] = total - lode_variogram_at(v, distance(sample_x[i] - x, sample_y[i] - y));
        weights[i] = c0[i];
        ones[i] = 1;
    }
    if (!factorise(c, n))
        return false;
    solve(c, n, weights);
    solve(c, n, ones);
    double sum = 0, norm = 0, explained = 0;
    for (int i = 0; i < n; i++) {
        sum += weights[i];
        norm += ones[i];
    }
    double multiplier = (1 - sum) / norm;
    for (int i = 0; i < n; i++) {
        weights[i] += multiplier * ones[i];
        explained += weights[i] * c0[i];
    }
    *variance = total - explained + multiplier;
    if (*variance < 0)
        *variance = 0; /* rounding at a sample */
    return true;
}

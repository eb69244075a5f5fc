#include "model/band_groups.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "validate/metrics.h"

void lode_band_groups_free(lode_band_groups *groups) {
    for (int g = 0; groups->names && g < groups->count; g++)
        lode_free(groups->names[g]);
    lode_free(groups->names);
    lode_free(groups->of);
    *groups = (lode_band_groups){0};
}

/* Room for `bands` groups, none made yet. */
static lode_status start(int bands, lode_band_groups *groups) {
    *groups = (lode_band_groups){.of = lode_alloc((size_t)bands, sizeof *groups->of),
                                 .names = lode_alloc((size_t)bands + 1, sizeof *groups->names)};
    for (int b = 0; groups->of && b < bands; b++)
        groups->of[b] = -1;
    if (groups->of && groups->names)
        return LODE_OK;
    lode_band_groups_free(groups);
    return lode_fail_memory();
}

/* Names the next group by its bands. */
static lode_status name_by_bands(lode_band_groups *groups, const char *const *names, int bands) {
    char *text = lode_strdup("");
    for (int b = 0; text && b < bands; b++) {
        if (groups->of[b] != groups->count)
            continue;
        char *longer = lode_format("%s%s%s", text, text[0] ? ", " : "", names[b]);
        lode_free(text);
        text = longer;
    }
    groups->names[groups->count] = text;
    groups->count += text != NULL;
    return text ? LODE_OK : lode_fail_memory();
}

/* ---- By the user ------------------------------------------------------------------------------
 */

static lode_status take_band(const char *word, size_t length, const char *const *names, int bands,
                             lode_band_groups *groups) {
    for (int b = 0; b < bands; b++) {
        if (strlen(names[b]) != length || strncmp(names[b], word, length) != 0)
            continue;
        if (groups->of[b] >= 0)
            return lode_fail(LODE_ERROR_USAGE, "--groups: the band '%s' is named twice.", names[b]);
        groups->of[b] = groups->count;
        return LODE_OK;
    }
    return lode_fail(LODE_ERROR_USAGE, "--groups: the model reads no band '%.*s'.", (int)length,
                     word);
}

/* text[0 .. length): "name=A,B" or "A,B". */
static lode_status take_group(const char *text, size_t length, const char *const *names, int bands,
                              lode_band_groups *groups) {
    const char *end = text + length, *equals = memchr(text, '=', length);
    bool any = false;
    for (const char *at = equals ? equals + 1 : text; at < end; at++) {
        at += strspn(at, " ");
        size_t word = strcspn(at, ",;"), kept = word;
        while (kept > 0 && at[kept - 1] == ' ')
            kept--;
        if (kept > 0) {
            LODE_TRY(take_band(at, kept, names, bands, groups));
            any = true;
        }
        at += word;
    }
    if (!any)
        return LODE_OK;
    if (!equals)
        return name_by_bands(groups, names, bands);
    text += strspn(text, " ");
    while (equals > text && equals[-1] == ' ')
        equals--;
    groups->names[groups->count] = lode_format("%.*s", (int)(equals - text), text);
    if (!groups->names[groups->count])
        return lode_fail_memory();
    groups->count++;
    return LODE_OK;
}

static lode_status take_others(int bands, lode_band_groups *groups) {
    bool any = false;
    for (int b = 0; b < bands; b++)
        if (groups->of[b] < 0) {
            groups->of[b] = groups->count;
            any = true;
        }
    if (!any)
        return LODE_OK;
    groups->names[groups->count] = lode_strdup("all others");
    if (!groups->names[groups->count])
        return lode_fail_memory();
    groups->count++;
    return LODE_OK;
}

lode_status lode_band_groups_parse(const char *text, const char *const *names, int bands,
                                   lode_band_groups *groups) {
    LODE_TRY(start(bands, groups));
    lode_status status = LODE_OK;
    for (const char *at = text; status == LODE_OK && *at;) {
        size_t length = strcspn(at, ";");
        status = take_group(at, length, names, bands, groups);
        at += length + (at[length] == ';');
    }
    if (status == LODE_OK)
        status = take_others(bands, groups);
    if (status != LODE_OK)
        lode_band_groups_free(groups);
    return status;
}

lode_status lode_band_groups_each(const char *const *names, int bands, lode_band_groups *groups) {
    LODE_TRY(start(bands, groups));
    for (int b = 0; b < bands; b++) {
        groups->of[b] = b;
        lode_status status = name_by_bands(groups, names, bands);
        if (status != LODE_OK) {
            lode_band_groups_free(groups);
            return status;
        }
    }
    return LODE_OK;
}

/* ---- By association ---------------------------------------------------------------------------
 */

/* |Spearman| of two bands over the places where both have data; 0 where that says nothing. */
static lode_status correlate(const float *values, size_t n, size_t bands, size_t a, size_t b,
                             double *x, double *y, double *correlation) {
    size_t both = 0;
    for (size_t i = 0; i < n; i++) {
        float left = values[i * bands + a], right = values[i * bands + b];
        if (!isfinite(left) || !isfinite(right))
            continue;
        x[both] = (double)left;
        y[both++] = (double)right;
    }
    *correlation = 0;
    if (both < 10)
        return LODE_OK;
    LODE_TRY(lode_spearman(x, y, both, correlation));
    *correlation = isfinite(*correlation) ? fabs(*correlation) : 0;
    return LODE_OK;
}

static lode_status correlations(const float *values, size_t n, size_t bands, double *matrix) {
    double *x = lode_alloc(n, sizeof *x), *y = lode_alloc(n, sizeof *y);
    lode_status status = x && y ? LODE_OK : lode_fail_memory();
    for (size_t a = 0; a < bands; a++)
        for (size_t b = 0; b < a && status == LODE_OK; b++) {
            status = correlate(values, n, bands, a, b, x, y, &matrix[a * bands + b]);
            matrix[b * bands + a] = matrix[a * bands + b];
        }
    lode_free(x);
    lode_free(y);
    return status;
}

/* Joins the two most alike clusters, known by their first band; false when none are alike enough.
 * matrix[a][b] is kept the mean correlation between the bands of two clusters. */
static bool join(double *matrix, size_t bands, int *of, int *size) {
    double best = LODE_ASSOCIATION;
    size_t a = bands, b = bands;
    for (size_t i = 0; i < bands; i++)
        for (size_t j = i + 1; j < bands && size[i] > 0; j++)
            if (size[j] > 0 && matrix[i * bands + j] >= best &&
                (a == bands || matrix[i * bands + j] > best)) {
                best = matrix[i * bands + j];
                a = i;
                b = j;
            }
    if (a == bands)
        return false;
    for (size_t k = 0; k < bands; k++) {
        double mean = (size[a] * matrix[a * bands + k] + size[b] * matrix[b * bands + k]) /
                      (size[a] + size[b]);
        matrix[a * bands + k] = matrix[k * bands + a] = mean;
        of[k] = of[k] == (int)b ? (int)a : of[k];
    }
    size[a] += size[b];
    size[b] = 0;
    return true;
}

lode_status lode_band_groups_associate(const float *values, size_t n, const char *const *names,
                                       int bands, lode_band_groups *groups) {
    LODE_TRY(start(bands, groups));
    size_t count = (size_t)bands;
    double *matrix = lode_alloc(count, count * sizeof *matrix);
    int *of = lode_alloc(count, sizeof *of), *size = lode_alloc(count, sizeof *size);
    lode_status status = matrix && of && size ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = correlations(values, n, count, matrix);
    for (int b = 0; status == LODE_OK && b < bands; b++) {
        of[b] = b;
        size[b] = 1;
    }
    while (status == LODE_OK && join(matrix, count, of, size))
        ;
    for (int b = 0; status == LODE_OK && b < bands; b++) {
        if (of[b] != b)
            continue;
        for (int i = b; i < bands; i++)
            if (of[i] == b)
                groups->of[i] = groups->count;
        status = name_by_bands(groups, names, bands);
    }
    lode_free(matrix);
    lode_free(of);
    lode_free(size);
    if (status != LODE_OK)
        lode_band_groups_free(groups);
    return status;
}

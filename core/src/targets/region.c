#include "targets/region.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"

/* ---- Smoothing and threshold ------------------------------------------------------------------
 */

/* Sums over a window of a line, by adding what enters and taking away what leaves. */
static void slide(const double *in, int n, size_t step, int radius, double *out) {
    double sum = 0;
    for (int i = -radius; i < n; i++) {
        if (i + radius < n)
            sum += in[(size_t)(i + radius) * step];
        if (i - radius - 1 >= 0)
            sum -= in[(size_t)(i - radius - 1) * step];
        if (i >= 0)
            out[(size_t)i * step] = sum;
    }
}

lode_status lode_surface_smooth(const lode_surface *surface, int radius, float *out) {
    int width = surface->width, height = surface->height;
    size_t n = (size_t)width * (size_t)height;
    double *planes = lode_alloc(4 * n, sizeof *planes);
    if (!planes)
        return lode_fail_memory();
    double *in[2] = {planes, planes + n}, *across[2] = {planes + 2 * n, planes + 3 * n};
    for (size_t i = 0; i < n; i++) {
        bool valid = isfinite(surface->values[i]);
        in[0][i] = valid ? surface->values[i] : 0;
        in[1][i] = valid;
    }
    for (int k = 0; k < 2; k++) {
        for (int row = 0; row < height; row++)
            slide(in[k] + (size_t)row * (size_t)width, width, 1, radius,
                  across[k] + (size_t)row * (size_t)width);
        for (int column = 0; column < width; column++)
            slide(across[k] + column, height, (size_t)width, radius, in[k] + column);
    }
    for (size_t i = 0; i < n; i++)
        out[i] = isfinite(surface->values[i]) ? (float)(in[0][i] / in[1][i]) : NAN;
    lode_free(planes);
    return LODE_OK;
}

static int descending(const void *left, const void *right) {
    float a = *(const float *)left, b = *(const float *)right;
    return (a < b) - (a > b);
}

lode_status lode_surface_threshold(const float *values, size_t n, double top, double *threshold) {
    float *sorted = lode_alloc(n, sizeof *sorted);
    if (!sorted)
        return lode_fail_memory();
    size_t valid = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(values[i]))
            sorted[valid++] = values[i];
    qsort(sorted, valid, sizeof *sorted, descending);
    size_t wanted = (size_t)ceil(top * (double)valid);
    *threshold = valid > 0 ? sorted[wanted > 0 ? wanted - 1 : 0] : NAN;
    lode_free(sorted);
    return LODE_OK;
}

/* ---- Mask -------------------------------------------------------------------------------------
 */

/* out = 1 where any (grow) or all (shrink) cells within radius along a line are 1; what lies beyond
 * the line is 0. */
static void morph_line(const unsigned char *in, int n, size_t step, int radius, bool grow,
                       unsigned char *out) {
    int inside = 0;
    for (int i = -radius; i < n; i++) {
        if (i + radius < n)
            inside += in[(size_t)(i + radius) * step];
        if (i - radius - 1 >= 0)
            inside -= in[(size_t)(i - radius - 1) * step];
        if (i >= 0)
            out[(size_t)i * step] = grow ? inside > 0 : inside == 2 * radius + 1;
    }
}

static void morph(unsigned char *mask, unsigned char *scratch, int width, int height, int radius,
                  bool grow) {
    for (int row = 0; row < height; row++)
        morph_line(mask + (size_t)row * (size_t)width, width, 1, radius, grow,
                   scratch + (size_t)row * (size_t)width);
    for (int column = 0; column < width; column++)
        morph_line(scratch + column, height, (size_t)width, radius, grow, mask + column);
}

/* On a copy with a margin as wide as the radius, so that regions at the edge of the raster come
 * back as they were. */
static lode_status close_gaps(unsigned char *inside, int width, int height, int radius) {
    size_t wide = (size_t)width + 2 * (size_t)radius, high = (size_t)height + 2 * (size_t)radius;
    unsigned char *mask = lode_alloc(wide, high), *scratch = lode_alloc(wide, high);
    lode_status status = mask && scratch ? LODE_OK : lode_fail_memory();
    for (int pass = 0; status == LODE_OK && pass < 2; pass++) {
        if (pass == 1) {
            morph(mask, scratch, (int)wide, (int)high, radius, true);
            morph(mask, scratch, (int)wide, (int)high, radius, false);
        }
        for (int row = 0; row < height; row++) {
            unsigned char *line = inside + (size_t)row * (size_t)width;
            unsigned char *copy = mask + ((size_t)row + (size_t)radius) * wide + radius;
            memcpy(pass ? line : copy, pass ? copy : line, (size_t)width);
        }
    }
    lode_free(mask);
    lode_free(scratch);
    return status;
}

lode_status lode_region_mask(const lode_surface *surface, double threshold, int close,
                             unsigned char *inside) {
    size_t n = (size_t)surface->width * (size_t)surface->height;
    for (size_t i = 0; i < n; i++)
        inside[i] = surface->values[i] >= threshold;
    if (close <= 0)
        return LODE_OK;
    LODE_TRY(close_gaps(inside, surface->width, surface->height, close));
    for (size_t i = 0; i < n; i++)
        inside[i] = inside[i] && isfinite(surface->values[i]);
    return LODE_OK;
}

/* ---- Labels -----------------------------------------------------------------------------------
 */

/* Gives the region around `start` the number; returns its size. queue holds all its cells. */
static size_t flood(const unsigned char *inside, int width, int height, size_t start,
                    int32_t number, int32_t *label, size_t *queue) {
    size_t done = 0, found = 0;
    queue[found++] = start;
    label[start] = number;
    while (done < found) {
        size_t cell = queue[done++];
        int column = (int)(cell % (size_t)width), row = (int)(cell / (size_t)width);
        size_t next[4];
        int count = 0;
        if (column > 0)
            next[count++] = cell - 1;
        if (column + 1 < width)
            next[count++] = cell + 1;
        if (row > 0)
            next[count++] = cell - (size_t)width;
        if (row + 1 < height)
            next[count++] = cell + (size_t)width;
        for (int k = 0; k < count; k++) {
            if (inside[next[k]] && label[next[k]] == 0) {
                label[next[k]] = number;
                queue[found++] = next[k];
            }
        }
    }
    return found;
}

lode_status lode_region_label(const unsigned char *inside, int width, int height, size_t smallest,
                              int32_t *label, int *count) {
    size_t n = (size_t)width * (size_t)height;
    size_t *queue = lode_alloc(n, sizeof *queue);
    if (!queue)
        return lode_fail_memory();
    memset(label, 0, n * sizeof *label);
    int32_t number = 0;
    for (size_t i = 0; i < n; i++) {
        if (!inside[i] || label[i] != 0)
            continue;
        size_t size = flood(inside, width, height, i, number + 1, label, queue);
        if (size >= smallest)
            number++;
        else
            for (size_t k = 0; k < size; k++)
                label[queue[k]] = -1; /* seen, but dropped */
    }
    for (size_t i = 0; i < n; i++)
        label[i] = label[i] < 0 ? 0 : label[i];
    lode_free(queue);
    *count = number;
    return LODE_OK;
}

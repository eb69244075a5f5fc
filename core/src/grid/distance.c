#include "grid/distance.h"

#include <math.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

enum { LINES_IN_ITEM = 32 };

typedef struct transform {
    const unsigned char *marked;
    float *distance; /* squared until the end of the second pass */
    int width, height;
    double cell_x, cell_y;
    int longest;
    double *scratch; /* [threads][4 x longest + 2] */
} transform;

/* Lower envelope of the parabolas f[q] + (step (x - q))^2, evaluated at every x into out. */
static void envelope(const double *f, int n, double step, double *out, double *apex, double *from) {
    int k = -1;
    for (int q = 0; q < n; q++) {
        if (isinf(f[q]))
            continue;
        double start = -INFINITY;
        while (k >= 0) {
            double p = apex[k], scale = step * step;
            start = ((f[q] + scale * q * q) - (f[(int)p] + scale * p * p)) / (2 * scale * (q - p));
            if (start > from[k])
                break;
            start = -INFINITY;
            k--;
        }
        k++;
        apex[k] = q;
        from[k] = start;
    }
    int last = k;
    k = 0;
    for (int x = 0; x < n; x++) {
        if (last < 0) {
            out[x] = INFINITY;
            continue;
        }
        while (k < last && from[k + 1] < x)
            k++;
        double away = step * (x - apex[k]);
        out[x] = f[(int)apex[k]] + away * away;
    }
}

/* Columns: distance along the column to the nearest mark. */
static lode_status columns(void *context, size_t item, int worker) {
    const transform *t = context;
    double *f = t->scratch + (size_t)worker * (4 * (size_t)t->longest + 2), *out = f + t->longest;
    double *apex = out + t->longest, *from = apex + t->longest;
    int begin = (int)item * LINES_IN_ITEM, end = begin + LINES_IN_ITEM;
    for (int x = begin; x < end && x < t->width; x++) {
        for (int y = 0; y < t->height; y++)
            f[y] = t->marked[(size_t)y * (size_t)t->width + (size_t)x] ? 0 : INFINITY;
        envelope(f, t->height, t->cell_y, out, apex, from);
        for (int y = 0; y < t->height; y++)
            t->distance[(size_t)y * (size_t)t->width + (size_t)x] = (float)out[y];
    }
    return LODE_OK;
}

static lode_status rows(void *context, size_t item, int worker) {
    const transform *t = context;
    double *f = t->scratch + (size_t)worker * (4 * (size_t)t->longest + 2), *out = f + t->longest;
    double *apex = out + t->longest, *from = apex + t->longest;
    int begin = (int)item * LINES_IN_ITEM, end = begin + LINES_IN_ITEM;
    for (int y = begin; y < end && y < t->height; y++) {
        float *line = t->distance + (size_t)y * (size_t)t->width;
        for (int x = 0; x < t->width; x++)
            f[x] = (double)line[x];
        envelope(f, t->width, t->cell_x, out, apex, from);
        for (int x = 0; x < t->width; x++)
            line[x] = (float)sqrt(out[x]);
    }
    return LODE_OK;
}

lode_status lode_distance_transform(const unsigned char *marked, int width, int height,
                                    double cell_x, double cell_y, int threads,
                                    const lode_progress *progress, float *distance) {
    transform t = {marked, distance, width, height, cell_x, cell_y, 0, NULL};
    t.longest = width > height ? width : height;
    threads = lode_thread_count(threads);
    t.scratch = lode_alloc((size_t)threads * (4 * (size_t)t.longest + 2), sizeof *t.scratch);
    if (!t.scratch)
        return lode_fail_memory();
    lode_progress half[2] = {lode_progress_part(progress, 0, 0.5),
                             lode_progress_part(progress, 0.5, 1)};
    size_t across = ((size_t)width + LINES_IN_ITEM - 1) / LINES_IN_ITEM;
    size_t down = ((size_t)height + LINES_IN_ITEM - 1) / LINES_IN_ITEM;
    lode_status status = lode_parallel_for(across, threads, columns, &t, &half[0], NULL);
    if (status == LODE_OK)
        status = lode_parallel_for(down, threads, rows, &t, &half[1], NULL);
    lode_free(t.scratch);
    return status;
}

#include "validate/neighbours.h"

#include <math.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"

/* Points in square bins, about two a bin; a search walks rings of bins outwards until no nearer
 * point can follow. */
struct lode_neighbours {
    size_t n;
    double left, bottom, side; /* metres */
    int across, down;
    size_t *start; /* [across * down + 1] first point of a bin in the lists below */
    double *x, *y; /* by bin */
    size_t *index; /* the caller's number of a point */
};

static int bin_of(double value, double origin, double side, int count) {
    double bin = floor((value - origin) / side);
    return bin < 0 ? 0 : bin >= count ? count - 1 : (int)bin;
}

static size_t bin_at(const lode_neighbours *set, double x, double y) {
    return (size_t)bin_of(y, set->bottom, set->side, set->down) * (size_t)set->across +
           (size_t)bin_of(x, set->left, set->side, set->across);
}

static void lay_bins(lode_neighbours *set, const double *x, const double *y) {
    double right = x[0], top = y[0];
    set->left = x[0];
    set->bottom = y[0];
    for (size_t i = 1; i < set->n; i++) {
        set->left = fmin(set->left, x[i]);
        set->bottom = fmin(set->bottom, y[i]);
        right = fmax(right, x[i]);
        top = fmax(top, y[i]);
    }
    double width = right - set->left, height = top - set->bottom, most = sqrt((double)set->n) * 4;
    set->side = fmax(sqrt(2 * width * height / (double)set->n), fmax(width, height) / most);
    if (!(set->side > 0))
        set->side = 1;
    set->across = (int)(width / set->side) + 1;
    set->down = (int)(height / set->side) + 1;
}

static void fill_bins(lode_neighbours *set, const double *x, const double *y) {
    size_t bins = (size_t)set->across * (size_t)set->down;
    for (size_t i = 0; i < set->n; i++)
        set->start[bin_at(set, x[i], y[i]) + 1]++;
    for (size_t b = 0; b < bins; b++)
        set->start[b + 1] += set->start[b];
    /* Filling moves each start to the next bin's; shifting back restores them. */
    for (size_t i = 0; i < set->n; i++) {
        size_t at = set->start[bin_at(set, x[i], y[i])]++;
        set->x[at] = x[i];
        set->y[at] = y[i];
        set->index[at] = i;
    }
    memmove(set->start + 1, set->start, bins * sizeof *set->start);
    set->start[0] = 0;
}

lode_status lode_neighbours_create(const double *x, const double *y, size_t n,
                                   lode_neighbours **neighbours) {
    lode_neighbours *set = lode_alloc(1, sizeof *set);
    if (!set)
        return lode_fail_memory();
    set->n = n;
    lay_bins(set, x, y);
    set->start = lode_alloc((size_t)set->across * (size_t)set->down + 1, sizeof *set->start);
    set->x = lode_alloc(n, sizeof *set->x);
    set->y = lode_alloc(n, sizeof *set->y);
    set->index = lode_alloc(n, sizeof *set->index);
    if (!set->start || !set->x || !set->y || !set->index) {
        lode_neighbours_free(set);
        return lode_fail_memory();
    }
    fill_bins(set, x, y);
    *neighbours = set;
    return LODE_OK;
}

void lode_neighbours_free(lode_neighbours *neighbours) {
    if (!neighbours)
        return;
    lode_free(neighbours->start);
    lode_free(neighbours->x);
    lode_free(neighbours->y);
    lode_free(neighbours->index);
    lode_free(neighbours);
}

size_t lode_neighbours_count(const lode_neighbours *neighbours) {
    return neighbours->n;
}

/* The k best so far, ascending; unfilled ones are infinite. */
typedef struct search {
    const lode_neighbours *set;
    double x, y;
    int k;
    double *distance;
    size_t nearest;
} search;

static void look_into(search *s, long column, long row) {
    const lode_neighbours *set = s->set;
    if (column < 0 || row < 0 || column >= set->across || row >= set->down)
        return;
    size_t bin = (size_t)row * (size_t)set->across + (size_t)column;
    for (size_t i = set->start[bin]; i < set->start[bin + 1]; i++) {
        double distance = hypot(set->x[i] - s->x, set->y[i] - s->y);
        if (!(distance < s->distance[s->k - 1]))
            continue;
        if (distance < s->distance[0])
            s->nearest = set->index[i];
        int at = s->k - 1;
        for (; at > 0 && s->distance[at - 1] > distance; at--)
            s->distance[at] = s->distance[at - 1];
        s->distance[at] = distance;
    }
}

void lode_neighbours_find(const lode_neighbours *set, double x, double y, int k, double *distance,
                          size_t *nearest) {
    search s = {.set = set, .x = x, .y = y, .k = k, .distance = distance};
    for (int i = 0; i < k; i++)
        distance[i] = HUGE_VAL;
    /* Rings are counted from the bin nearest to the place, which may lie outside of all bins. */
    long column = bin_of(x, set->left, set->side, set->across);
    long row = bin_of(y, set->bottom, set->side, set->down);
    long last = (set->across > set->down ? set->across : set->down);
    for (long ring = 0; ring <= last; ring++) {
        /* Nothing in this ring or beyond lies nearer than (ring - 1) sides. */
        if ((double)(ring - 1) * set->side > distance[k - 1])
            break;
        for (long i = -ring; i <= ring; i++) {
            look_into(&s, column + i, row - ring);
            if (ring > 0)
                look_into(&s, column + i, row + ring);
        }
        for (long j = 1 - ring; j <= ring - 1; j++) {
            look_into(&s, column - ring, row + j);
            look_into(&s, column + ring, row + j);
        }
    }
    if (nearest)
        *nearest = s.nearest;
}

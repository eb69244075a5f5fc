#include "grid/nearest.h"

#include <math.h>
#include <stdlib.h>

#include "util/error.h"
#include "util/memory.h"

enum { LEAF = 8, DEPTH_MAX = 64, SPACING_MAX = 20000 };

typedef struct point {
    double x, y;
    size_t number;
} point;

/* Nodes are laid out as a complete binary tree over ranges halved at the median, so a node needs no
 * links: node i covers a range computed from its parent's, children are 2i + 1 and 2i + 2. */
typedef struct node {
    double split;
    int axis; /* 0 x, 1 y, -1 leaf */
} node;

struct lode_index {
    point *points;
    node *nodes;
    size_t n, node_count;
};

/* ---- Building -------------------------------------------------------------------------------- */

static double along(const point *p, int axis) {
    return axis == 0 ? p->x : p->y;
}

/* Quickselect (Hoare): afterwards points[middle] is in place, smaller before, larger behind. */
static void select_median(point *points, size_t n, size_t middle, int axis) {
    ptrdiff_t low = 0, high = (ptrdiff_t)n - 1, wanted = (ptrdiff_t)middle;
    while (low < high) {
        double first = along(&points[low], axis), last = along(&points[high], axis);
        double between = along(&points[low + (high - low) / 2], axis);
        double pivot = fmax(fmin(first, between), fmin(fmax(first, between), last));
        ptrdiff_t i = low, j = high;
        while (i <= j) {
            while (along(&points[i], axis) < pivot)
                i++;
            while (along(&points[j], axis) > pivot)
                j--;
            if (i <= j) {
                point swap = points[i];
                points[i++] = points[j];
                points[j--] = swap;
            }
        }
        if (wanted <= j)
            high = j;
        else if (wanted >= i)
            low = i;
        else
            return;
    }
}

typedef struct box {
    double low[2], high[2];
} box;

/* Comparisons instead of fmin and fmax, which are calls: coordinates are never NaN. */
static int longer_axis(const point *points, size_t n) {
    box b = {{INFINITY, INFINITY}, {-INFINITY, -INFINITY}};
    for (size_t i = 0; i < n; i++) {
        const point *p = &points[i];
        b.low[0] = p->x < b.low[0] ? p->x : b.low[0];
        b.high[0] = p->x > b.high[0] ? p->x : b.high[0];
        b.low[1] = p->y < b.low[1] ? p->y : b.low[1];
        b.high[1] = p->y > b.high[1] ? p->y : b.high[1];
    }
    return b.high[0] - b.low[0] >= b.high[1] - b.low[1] ? 0 : 1;
}

static void build(lode_index *index, size_t at, size_t begin, size_t end) {
    node *here = &index->nodes[at];
    if (end - begin <= LEAF) {
        here->axis = -1;
        return;
    }
    size_t middle = begin + (end - begin) / 2;
    here->axis = longer_axis(index->points + begin, end - begin);
    select_median(index->points + begin, end - begin, middle - begin, here->axis);
    here->split = along(&index->points[middle], here->axis);
    build(index, 2 * at + 1, begin, middle);
    build(index, 2 * at + 2, middle, end);
}

static size_t count_nodes(size_t n) {
    size_t nodes = 1, leaf = n;
    for (size_t level = 1; leaf > LEAF; level *= 2) {
        leaf = (leaf + 1) / 2;
        nodes += 2 * level;
    }
    return nodes;
}

lode_status lode_index_create(const double *x, const double *y, size_t n, lode_index **index) {
    lode_index *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->n = n;
    made->node_count = count_nodes(n);
    made->points = lode_alloc(n + 1, sizeof *made->points);
    made->nodes = lode_alloc(made->node_count, sizeof *made->nodes);
    if (!made->points || !made->nodes) {
        lode_index_free(made);
        return lode_fail_memory();
    }
    for (size_t i = 0; i < n; i++)
        made->points[i] = (point){x[i], y[i], i};
    build(made, 0, 0, n);
    *index = made;
    return LODE_OK;
}

void lode_index_free(lode_index *index) {
    if (!index)
        return;
    lode_free(index->points);
    lode_free(index->nodes);
    lode_free(index);
}

/* ---- Searching ------------------------------------------------------------------------------- */

typedef struct search {
    double x, y, limit2; /* squared distance beyond which nothing is wanted */
    lode_neighbour *found;
    int k, count;
} search;

static void offer(search *s, const point *p) {
    double dx = p->x - s->x, dy = p->y - s->y, d2 = dx * dx + dy * dy;
    if (d2 > s->limit2)
        return;
    int at = s->count < s->k ? s->count : s->k - 1;
    if (s->count == s->k && (d2 > s->found[at].distance2 ||
                             (d2 == s->found[at].distance2 && p->number > s->found[at].point)))
        return;
    while (at > 0 && (s->found[at - 1].distance2 > d2 ||
                      (s->found[at - 1].distance2 == d2 && s->found[at - 1].point > p->number))) {
        s->found[at] = s->found[at - 1];
        at--;
    }
    s->found[at] = (lode_neighbour){d2, p->number};
    if (s->count < s->k)
        s->count++;
    if (s->count == s->k)
        s->limit2 = s->found[s->k - 1].distance2;
}

typedef struct branch {
    size_t at, begin, end;
    double away[2]; /* distance from the wanted place to the branch along each axis */
} branch;

int lode_index_nearest(const lode_index *index, double x, double y, int k, double radius,
                       lode_neighbour *found) {
    search s = {x, y, radius * radius, found, k, 0};
    branch stack[DEPTH_MAX];
    int depth = 0;
    if (index->n > 0 && k > 0)
        stack[depth++] = (branch){0, 0, index->n, {0, 0}};
    while (depth > 0) {
        branch b = stack[--depth];
        if (b.away[0] * b.away[0] + b.away[1] * b.away[1] > s.limit2)
            continue;
        const node *here = &index->nodes[b.at];
        if (here->axis < 0) {
            for (size_t i = b.begin; i < b.end; i++)
                offer(&s, &index->points[i]);
            continue;
        }
        size_t middle = b.begin + (b.end - b.begin) / 2;
        double gap = (here->axis == 0 ? x : y) - here->split;
        branch low = {2 * b.at + 1, b.begin, middle, {b.away[0], b.away[1]}};
        branch high = {2 * b.at + 2, middle, b.end, {b.away[0], b.away[1]}};
        branch *far = gap < 0 ? &high : &low;
        far->away[here->axis] = fabs(gap);
        stack[depth++] = gap < 0 ? high : low; /* the nearer branch comes off the stack first */
        stack[depth++] = gap < 0 ? low : high;
    }
    return s.count;
}

/* ---- Spacing --------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

lode_status lode_index_spacing(const lode_index *index, double *median, double *wide) {
    size_t step = index->n / SPACING_MAX + 1, count = 0;
    double *distances = lode_alloc(index->n / step + 1, sizeof *distances);
    if (!distances)
        return lode_fail_memory();
    for (size_t i = 0; i < index->n; i += step) {
        const point *p = &index->points[i];
        lode_neighbour found[8];
        int got = lode_index_nearest(index, p->x, p->y, 8, INFINITY, found);
        for (int k = 0; k < got; k++) {
            if (found[k].distance2 > 0) {
                distances[count++] = sqrt(found[k].distance2);
                break;
            }
        }
    }
    qsort(distances, count, sizeof *distances, ascending);
    *median = count > 0 ? distances[count / 2] : 0;
    *wide = count > 0 ? distances[(size_t)(0.9 * (double)(count - 1))] : 0;
    lode_free(distances);
    return LODE_OK;
}

#include "grid/nearest.h"

#include <math.h>
#include <stdlib.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "util/select.h"

enum {
    LEAF = 8,
    DEPTH_MAX = 64,
    SHARED_LEVELS = 6,     /* of the tree, whose nodes threads share; also 64 trees below them */
    SHARED_POINTS = 20000, /* from which threads pay */
    SPACING_MAX = 20000
};

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

#define SELECT_NAME select_by_x
#define SELECT_TYPE point
#define SELECT_KEY_TYPE double
#define SELECT_KEY(p) ((p)->x)
#include "util/select_by.h"

#define SELECT_NAME select_by_y
#define SELECT_TYPE point
#define SELECT_KEY_TYPE double
#define SELECT_KEY(p) ((p)->y)
#include "util/select_by.h"

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

/* A node of the tree and the points below it. */
typedef struct range {
    size_t node, begin, end;
} range;

static range lower_half(range r) {
    return (range){2 * r.node + 1, r.begin, r.begin + (r.end - r.begin) / 2};
}

static range upper_half(range r) {
    return (range){2 * r.node + 2, r.begin + (r.end - r.begin) / 2, r.end};
}

/* Makes a node of its points: a leaf, or two halves. False for a leaf. */
static bool split(lode_index *index, range r) {
    node *here = &index->nodes[r.node];
    size_t n = r.end - r.begin;
    here->axis = -1;
    if (n <= LEAF)
        return false;
    point *points = index->points + r.begin;
    here->axis = longer_axis(points, n);
    if (here->axis == 0)
        select_by_x(points, n, n / 2);
    else
        select_by_y(points, n, n / 2);
    here->split = here->axis == 0 ? points[n / 2].x : points[n / 2].y;
    return true;
}

static void split_all(lode_index *index, range r) {
    if (!split(index, r))
        return;
    split_all(index, lower_half(r));
    split_all(index, upper_half(r));
}

typedef struct building {
    lode_index *index;
    int level; /* of the nodes that are the items, the root's is 0 */
} building;

static lode_status build_item(void *context, size_t item, int worker) {
    const building *b = context;
    range r = {0, 0, b->index->n};
    (void)worker;
    for (int bit = b->level - 1; bit >= 0; bit--)
        r = item >> bit & 1 ? upper_half(r) : lower_half(r);
    if (b->level < SHARED_LEVELS)
        split(b->index, r);
    else
        split_all(b->index, r);
    return LODE_OK;
}

/* The first levels one after the other, the nodes of each shared among the threads; then the trees
 * below them. */
static lode_status build(lode_index *index, int threads, const lode_progress *progress) {
    if (index->n < SHARED_POINTS) {
        split_all(index, (range){0, 0, index->n});
        return LODE_OK;
    }
    for (building b = {index, 0}; b.level <= SHARED_LEVELS; b.level++) {
        lode_progress part = lode_progress_part(progress, 0.05 * b.level,
                                                b.level < SHARED_LEVELS ? 0.05 * (b.level + 1) : 1);
        LODE_TRY(lode_parallel_for((size_t)1 << b.level, threads, build_item, &b, &part,
                                   "Indexing the samples"));
    }
    return LODE_OK;
}

static size_t count_nodes(size_t n) {
    size_t nodes = 1, leaf = n;
    for (size_t level = 1; leaf > LEAF; level *= 2) {
        leaf = (leaf + 1) / 2;
        nodes += 2 * level;
    }
    return nodes;
}

lode_status lode_index_create(const double *x, const double *y, size_t n, int threads,
                              const lode_progress *progress, lode_index **index) {
    lode_index *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->n = n;
    made->node_count = count_nodes(n);
    made->points = lode_alloc(n + 1, sizeof *made->points);
    made->nodes = lode_alloc(made->node_count, sizeof *made->nodes);
    lode_status status = made->points && made->nodes ? LODE_OK : lode_fail_memory();
    for (size_t i = 0; i < n && status == LODE_OK; i++)
        made->points[i] = (point){x[i], y[i], i};
    if (status == LODE_OK)
        status = build(made, threads, progress);
    if (status != LODE_OK) {
        lode_index_free(made);
        return status;
    }
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

/* A part of the tree that is left for later. */
typedef struct branch {
    range range;
    double away[2]; /* distance from the wanted place to the part along each axis */
} branch;

/* Goes down from a branch to the leaf nearest to the place; the other sides that may hold something
 * wanted go on the stack. Returns their number. What is looked at next stays in registers: a branch
 * that went over the stack too took half of the time of a search. */
static int descend(const lode_index *index, search *s, branch *stack, int depth, branch *b) {
    for (;;) {
        const node *here = &index->nodes[b->range.node];
        int axis = here->axis;
        if (axis < 0)
            return depth;
        double gap = (axis == 0 ? s->x : s->y) - here->split;
        double beside = b->away[1 - axis];
        range low = lower_half(b->range), high = upper_half(b->range);
        if (gap * gap + beside * beside <= s->limit2) {
            branch *far = &stack[depth++];
            far->range = gap < 0 ? high : low;
            far->away[axis] = fabs(gap);
            far->away[1 - axis] = beside;
        }
        b->range = gap < 0 ? low : high;
    }
}

int lode_index_nearest(const lode_index *index, double x, double y, int k, double radius,
                       lode_neighbour *found) {
    search s = {x, y, radius * radius, found, k, 0};
    branch stack[DEPTH_MAX], b = {{0, 0, index->n}, {0, 0}};
    if (index->n == 0 || k <= 0)
        return 0;
    for (int depth = 0;;) {
        depth = descend(index, &s, stack, depth, &b);
        for (size_t i = b.range.begin; i < b.range.end; i++)
            offer(&s, &index->points[i]);
        do {
            if (depth == 0)
                return s.count;
            b = stack[--depth];
        } while (b.away[0] * b.away[0] + b.away[1] * b.away[1] > s.limit2);
    }
}

/* ---- Spacing --------------------------------------------------------------------------------- */

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
    *median = count > 0 ? lode_select_double(distances, count, count / 2) : 0;
    *wide =
        count > 0 ? lode_select_double(distances, count, (size_t)(0.9 * (double)(count - 1))) : 0;
    lode_free(distances);
    return LODE_OK;
}

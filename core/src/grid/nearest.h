/* nearest.h - the k nearest of many points, by a k-d tree over contiguous leaves.
 *
 * Bentley (1975), Commun. ACM 18, 509-517, with points stored in leaf order so that a leaf is one
 * run of memory. Equal distances are ordered by point number: the answer does not depend on the
 * tree. */
#ifndef LODE_GRID_NEAREST_H
#define LODE_GRID_NEAREST_H

#include <stddef.h>

#include "lode/lode.h"
#include "util/progress.h"

typedef struct lode_index lode_index;

typedef struct lode_neighbour {
    double distance2; /* squared */
    size_t point;
} lode_neighbour;

/* An index of n points, the same for any number of threads; the coordinates are copied. Takes about
 * 40 bytes a point. */
lode_status lode_index_create(const double *x, const double *y, size_t n, int threads,
                              const lode_progress *progress, lode_index **index);
void lode_index_free(lode_index *index);

/* The up to k points nearest to (x, y) within `radius` (INFINITY = any), nearest first. Returns
 * their number. Safe from several threads. */
int lode_index_nearest(const lode_index *index, double x, double y, int k, double radius,
                       lode_neighbour *found);

/* Median and 90 % quantile of the distance from a point to its nearest other one at another place,
 * over at most 20,000 of the points; 0 for fewer than two places. */
lode_status lode_index_spacing(const lode_index *index, double *median, double *wide);

#endif

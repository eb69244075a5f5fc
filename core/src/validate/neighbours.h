/* neighbours.h - nearest points of a set, in a plane measured in metres. */
#ifndef LODE_VALIDATE_NEIGHBOURS_H
#define LODE_VALIDATE_NEIGHBOURS_H

#include <stddef.h>

#include "lode/lode.h"

typedef struct lode_neighbours lode_neighbours;

enum { LODE_NEIGHBOURS_MOST = 64 };

/* Copies n points, n > 0. Points that lie in one place count each. */
lode_status lode_neighbours_create(const double *x, const double *y, size_t n,
                                   lode_neighbours **neighbours);
void lode_neighbours_free(lode_neighbours *neighbours);
size_t lode_neighbours_count(const lode_neighbours *neighbours);

/* Distances to the k nearest points, ascending; k is at most LODE_NEIGHBOURS_MOST and the number of
 * points. nearest (NULL = not wanted) receives the index of the closest. Safe from several
 * threads. */
void lode_neighbours_find(const lode_neighbours *neighbours, double x, double y, int k,
                          double *distance, size_t *nearest);

#endif

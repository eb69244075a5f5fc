/* sampling.h - where a survey took its samples: as points, or as a band of the distance to the
 * nearest one (what `lode grid --distance` adds). */
#ifndef LODE_VALIDATE_SAMPLING_H
#define LODE_VALIDATE_SAMPLING_H

#include "raster/stack.h"
#include "validate/neighbours.h"

typedef struct lode_sampling {
    lode_neighbours *points; /* NULL when a band tells */
    lode_stack *stack;
    int band;           /* -1 when points tell */
    double along, down; /* sides of a cell in metres */
} lode_sampling;

/* Points of an OGR layer, in any CRS. */
lode_status lode_sampling_points(const char *layer, lode_stack *stack, lode_sampling *sampling);
/* A band of the stack, in metres. */
void lode_sampling_band(lode_stack *stack, int band, lode_sampling *sampling);
void lode_sampling_free(lode_sampling *sampling);

/* Metres from the centres of the cells column .. column + count - 1 of a row to the nearest sample;
 * HUGE_VAL where nothing is known. Safe from several threads. */
lode_status lode_sampling_nearest(const lode_sampling *sampling, int column, int row, int count,
                                  double *distance);
/* Mean distance of a cell's centre to the 16 nearest samples; of a band, to the nearest one. */
lode_status lode_sampling_around(const lode_sampling *sampling, int column, int row,
                                 double *distance);

#endif

/* stack.h - rasters on one grid, read as one stack of bands. */
#ifndef LODE_RASTER_STACK_H
#define LODE_RASTER_STACK_H

#include <stdbool.h>

#include "util/progress.h"

typedef struct lode_stack lode_stack;

typedef struct lode_grid {
    int width, height;
    double transform[6]; /* GDAL geotransform */
    const char *crs;     /* WKT; "" when there is none. Owned by the stack. */
} lode_grid;

/* Opens one or more GDAL datasets that share one grid. A band is named by its description, or by
 * the file's name without extension when a one-band file has none, or "band N". A dataset on
 * another grid is refused with the `lode stack` command that would align it; so is a name that
 * occurs twice. */
lode_status lode_stack_open(const char *const *paths, int count, lode_stack **stack);
void lode_stack_close(lode_stack *stack);

const lode_grid *lode_stack_grid(const lode_stack *stack);
int lode_stack_band_count(const lode_stack *stack);
const char *lode_stack_band_name(const lode_stack *stack, int band);
/* Index of the band called name, -1 when there is none. */
int lode_stack_find_band(const lode_stack *stack, const char *name);
/* First path given; for messages and provenance. */
const char *lode_stack_name(const lode_stack *stack);
/* Side of a cell in metres (mean of both sides); degrees are converted at the centre's latitude. */
double lode_stack_cell_metres(const lode_stack *stack);
/* The two sides apart: along a row and down a column. */
void lode_stack_cell_size(const lode_stack *stack, double *along, double *down);

/* Reads the cells x..x+width-1, y..y+height-1 of the chosen bands (NULL = all, in order) into
 * values[height][width][count], channels last. Cells outside the raster, nodata and non-finite
 * values come out as NaN; scale and offset are applied. Safe from several threads. */
lode_status lode_stack_read(lode_stack *stack, int x, int y, int width, int height,
                            const int *bands, int count, float *values);

/* Map coordinates -> fractional cell position (0.5, 0.5 = centre of the first cell). */
bool lode_grid_to_cell(const lode_grid *grid, double east, double north, double *column,
                       double *row);
void lode_grid_to_map(const lode_grid *grid, double column, double row, double *east,
                      double *north);

#endif

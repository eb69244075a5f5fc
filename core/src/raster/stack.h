/* stack.h - rasters on one grid, read as one stack of bands: the grid, and what tasks ask a stack.
 * Opening, matching and reading are public: lode/lode.h. */
#ifndef LODE_RASTER_STACK_H
#define LODE_RASTER_STACK_H

#include <stdbool.h>

#include "util/progress.h"

typedef struct lode_grid {
    int width, height;
    double transform[6]; /* GDAL geotransform */
    const char *crs;     /* WKT; "" when there is none. Owned by the stack. */
} lode_grid;

/* The band of metres to the nearest sample that `lode grid --distance` adds. */
#define LODE_BAND_SAMPLE_DISTANCE "sample distance"

const lode_grid *lode_stack_grid(const lode_stack *stack);
/* Index of the band called name, -1 when there is none. */
int lode_stack_find_band(const lode_stack *stack, const char *name);
/* The band's GDALRasterBandH, for its file, number and metadata. */
void *lode_stack_band_handle(const lode_stack *stack, int band);
/* First path given; for messages and provenance. */
const char *lode_stack_name(const lode_stack *stack);
/* Side of a cell in metres (mean of both sides); degrees are converted at the centre's latitude. */
double lode_stack_cell_metres(const lode_stack *stack);
/* The two sides apart: along a row and down a column. */
void lode_stack_cell_size(const lode_stack *stack, double *along, double *down);

/* Map coordinates -> fractional cell position (0.5, 0.5 = centre of the first cell). */
bool lode_grid_to_cell(const lode_grid *grid, double east, double north, double *column,
                       double *row);
void lode_grid_to_map(const lode_grid *grid, double column, double row, double *east,
                      double *north);

/* The grid cut into squares of `side` cells, row after row; the last of a row or column may be
 * smaller. Any size GDAL can open is fine. */
size_t lode_grid_tile_count(const lode_grid *grid, int side);
void lode_grid_tile(const lode_grid *grid, int side, size_t number, int *x, int *y, int *width,
                    int *height);

/* True when both grids have the same size and CRS and no corner is off by more than a thousandth of
 * a cell. */
bool lode_grid_same(const lode_grid *a, const lode_grid *b);
/* True for two WKT strings that mean one CRS; "" is no CRS and only equals itself. */
bool lode_crs_same(const char *a, const char *b);
/* How a band of an open GDAL dataset is named (see lode_stack_open); dataset and band are GDAL
 * handles. The caller frees it with lode_free. */
char *lode_band_name(void *dataset, void *band, const char *path, int number);

#endif

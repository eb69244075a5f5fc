/* rasterise.h - faults, contacts, outcrops as raster bands: presence, distance, density. */
#ifndef LODE_GRID_RASTERISE_H
#define LODE_GRID_RASTERISE_H

#include "raster/stack.h"

typedef struct lode_features_layer lode_features_layer;

/* Reads a vector layer ("dataset" or "dataset|layername=NAME") in the CRS of the grid. where: OGR
 * SQL condition or NULL. Fails when nothing in it has a geometry. */
lode_status lode_layer_open(const char *name, const char *where, const lode_grid *grid,
                            lode_features_layer **layer);
void lode_layer_close(lode_features_layer *layer);
/* "faults": the layer's name, for bands. */
const char *lode_layer_name(const lode_features_layer *layer);
/* Number of geometries, and how many of them touch the grid's extent. */
void lode_layer_counts(const lode_features_layer *layer, size_t *all, size_t *inside);

typedef enum lode_presentation {
    LODE_PRESENCE, /* 1 in cells a feature touches, 0 elsewhere */
    LODE_DISTANCE, /* metres from the cell's centre to the nearest feature, 0 inside an area */
    LODE_DENSITY   /* within `radius`: km of line, number of points or share of area, per km2 */
} lode_presentation;

/* Fills values[height x width]. Features outside the grid count for distance up to half its longer
 * side away, and for density up to the radius. Distances are good to about a tenth of a cell on
 * grids up to 1600 cells wide, to half a cell on larger ones. */
lode_status lode_rasterise(const lode_features_layer *layer, lode_presentation what,
                           double radius_metres, int threads, const lode_progress *progress,
                           float *values);

#endif

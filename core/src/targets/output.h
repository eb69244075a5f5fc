/* output.h - target polygons and points as vector layers. */
#ifndef LODE_TARGETS_OUTPUT_H
#define LODE_TARGETS_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "raster/stack.h"
#include "targets/outline.h"
#include "vector/points.h"

typedef struct lode_target {
    int label; /* of its outline */
    int rank;  /* 1 = best */
    int known; /* known deposits inside */
    size_t cells, score_cells, uncertainty_cells;
    double area;        /* square metres */
    double column, row; /* centroid in cells */
    double score_mean, score_max, uncertainty;
    double covered;  /* share within the buffers of known deposits */
    double distance; /* metres to the nearest known deposit, 0 when inside its cell */
    int64_t nearest; /* its number in the deposit layer, from 0; -1 = none given */
    char *elements;  /* "Au, As, Sb"; NULL = not asked for */
} lode_target;

typedef struct lode_target_layer {
    const lode_grid *grid;
    const lode_outlines *outlines; /* by label */
    const lode_target *targets;    /* best first */
    int count;
    const lode_points *deposits; /* NULL = none given */
    bool uncertainty, elements;  /* whether these attributes exist */
} lode_target_layer;

/* Polygons with holes, valid for GEOS, in the raster's CRS; a GeoPackage also gets a style. */
lode_status lode_targets_write_polygons(const lode_target_layer *layer, const char *path);
/* One point on the surface of each target, "Target 1" ...; GPX and KML in WGS 84. */
lode_status lode_targets_write_points(const lode_target_layer *layer, const char *path);

#endif

/* targets.h - a score raster to ranked target polygons. `lode targets` and `lode map` use it. */
#ifndef LODE_TARGETS_TARGETS_H
#define LODE_TARGETS_TARGETS_H

#include <stdbool.h>

#include <jansson.h>

#include "util/progress.h"

typedef struct lode_targets_options {
    const char *raster;   /* of `lode predict`: its bands are found by name */
    const char *band;     /* to threshold; NULL = "score", or the first band when there is none */
    double top;           /* share of the area to take, 0..1; used when threshold is NaN */
    double threshold;     /* value to reach; NaN = use top */
    int smooth;           /* cells: radius of the mean taken first */
    bool along_cells;     /* outlines follow the cells' edges instead of the score */
    int close;            /* cells: gaps up to twice this are closed */
    double smallest;      /* square metres; smaller targets are dropped; negative = 4 cells */
    int most;             /* targets kept, best first; 0 = all */
    const char *deposits; /* known deposits, NULL = none */
    const char *where;    /* OGR SQL condition on them */
    double buffer;        /* metres around known deposits that count as known ground; negative =
                             two cells */
    const char *attribution; /* raster of `lode explain`, for the top elements; NULL = none */
    const char *polygons;    /* GeoPackage to write (or another OGR format by its extension) */
    const char *points;      /* GPX, KML, GeoPackage ... for field work; NULL = none */
} lode_targets_options;

void lode_targets_defaults(lode_targets_options *options);

/* json receives "targets" (number), "threshold", "area_km2", "known_deposits_inside" and "best": the
 * first ten as objects with "rank", "area_km2", "score_mean", "x", "y" and, with deposits, "known",
 * "distance_m", "nearest_name". Targets are ranked by their mean score. */
lode_status lode_targets_write(const lode_targets_options *options, const lode_progress *progress,
                               json_t *json);

#endif

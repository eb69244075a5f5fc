/* target.h - the grid that outputs are made on, from a reference raster or from extent, cell and CRS. */
#ifndef LODE_GRID_TARGET_H
#define LODE_GRID_TARGET_H

#include "raster/stack.h"

typedef struct lode_target_request {
    const char *like;   /* raster whose grid is taken; NULL */
    const char *extent; /* "xmin,ymin,xmax,ymax" in the CRS of the output; NULL */
    const char *crs;    /* anything OSRSetFromUserInput reads; NULL */
    double cell;        /* side of a cell in metres; 0 or less = not given */
} lode_target_request;

/* A grid that owns its CRS string. */
typedef struct lode_target {
    lode_grid grid;
    char *crs;
} lode_target;

/* Takes the grid of `like`, or else of `otherwise`, and changes in it what else is asked for. A new
 * extent or cell keeps the upper left corner and rounds the size up to
 * whole cells. In a geographic CRS, metres become degrees along the meridian. */
lode_status lode_target_create(const lode_target_request *request, const lode_grid *otherwise,
                               lode_target *target);
void lode_target_free(lode_target *target);

/* The WKT of a CRS given by a user; the caller frees *wkt with lode_free. option names it in errors. */
lode_status lode_crs_read(const char *text, const char *option, char **wkt);
/* "WGS 84 / UTM zone 50N (EPSG:32650)" for messages; "no CRS" for "". The caller frees it. */
char *lode_crs_describe(const char *wkt);
/* Four numbers with commas or spaces between; fails when they enclose nothing. */
lode_status lode_extent_read(const char *text, double extent[4]);
/* Metres in one unit of the CRS; degrees are taken along the meridian, no CRS counts as metres. */
double lode_crs_metres(const char *wkt);
bool lode_crs_is_geographic(const char *wkt);
/* Bounds xmin, ymin, xmax, ymax of a grid, or of its outline in another CRS. */
lode_status lode_grid_bounds(const lode_grid *grid, const char *crs, double bounds[4]);

#endif

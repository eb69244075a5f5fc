/* picture.h - a raster band with deposits on it as a PNG picture: for people to look at and for the
 * report; programs read the GeoTIFF. */
#ifndef LODE_PICTURE_PICTURE_H
#define LODE_PICTURE_PICTURE_H

#include <stdbool.h>

#include "raster/stack.h"

typedef enum lode_symbol { LODE_SYMBOL_TRIANGLE, LODE_SYMBOL_DISC } lode_symbol;

/* Points to draw, in map coordinates of the raster. */
typedef struct lode_picture_points {
    const double *east, *north; /* [count], borrowed */
    size_t count;
    lode_symbol symbol; /* triangles are white, discs orange; both have a dark rim */
    const char *label;  /* for the legend: "known deposits" */
} lode_picture_points;

typedef struct lode_picture {
    const char *title;   /* above the map; NULL = none */
    const char *caption; /* of the colour bar: "Prospectivity (percentile)"; NULL = none */
    double low, high;    /* values at the ends of the ramp; both 0 = 2nd and 98th percentile */
    bool by_rank;        /* colour by the cell's rank in the picture (0..100 %) instead of value */
    const lode_picture_points *points;
    int point_sets;
    int width; /* of the whole picture in pixels; 0 = 1000 */
} lode_picture;

/* Draws band `band` (0 = first) of the raster file: north up, nodata grey, cells in their true
 * proportion, with a frame, a colour bar, a legend and a scale bar. Large rasters are averaged
 * down. The caller frees *bytes (a PNG file) with lode_free. */
lode_status lode_picture_png(const char *raster, int band, const lode_picture *picture,
                             char **bytes, size_t *size);
/* The same into a file, written beside and renamed. */
lode_status lode_picture_write(const char *raster, int band, const lode_picture *picture,
                               const char *path);

#endif

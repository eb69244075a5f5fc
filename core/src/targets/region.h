/* region.h - the connected high-scoring regions of a raster: smoothing, threshold, gaps, labels. */
#ifndef LODE_TARGETS_REGION_H
#define LODE_TARGETS_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lode/lode.h"

/* A raster band in memory, row by row; NaN = no data. */
typedef struct lode_surface {
    int width, height;
    float *values;
} lode_surface;

/* Mean over the cells with data within `radius` cells (square); cells without data stay so. */
lode_status lode_surface_smooth(const lode_surface *surface, int radius, float *out);

/* Value that the share `top` (0..1) of the cells with data reaches or exceeds; NaN without data. */
lode_status lode_surface_threshold(const float *values, size_t n, double top, double *threshold);

/* inside[height * width]: 1 where values reach threshold; then gaps up to 2 * close cells wide are
 * closed (dilation and erosion by a square), never onto cells without data. */
lode_status lode_region_mask(const lode_surface *surface, double threshold, int close,
                             unsigned char *inside);

/* Numbers the 4-connected regions 1, 2, ... in reading order, 0 elsewhere; regions of fewer than
 * `smallest` cells are dropped. */
lode_status lode_region_label(const unsigned char *inside, int width, int height, size_t smallest,
                              int32_t *label, int *count);

#endif

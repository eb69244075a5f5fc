/* interpolate.h - point values to cells: inverse distance, ordinary kriging, nearest sample.
 *
 * Inverse distance (Shepard 1968): sum z_i d_i^-p / sum d_i^-p over the k nearest samples, the
 * sample's own value where d is 0. Distances are metres; with anisotropy they are longer by 1 /
 * ratio across the main direction. */
#ifndef LODE_GRID_INTERPOLATE_H
#define LODE_GRID_INTERPOLATE_H

#include "grid/nearest.h"
#include "grid/variogram.h"
#include "raster/stack.h"

typedef enum lode_method { LODE_METHOD_IDW, LODE_METHOD_KRIGING, LODE_METHOD_NEAREST } lode_method;

typedef struct lode_interpolation {
    lode_method method;
    double power;
    int neighbours, min_neighbours;
    double radius;       /* metres; INFINITY = any distance */
    double max_distance; /* metres from the nearest sample; INFINITY */
    double direction;    /* of greatest continuity, degrees clockwise from north */
    double ratio;        /* range across / range along, 0 < ratio <= 1 */
    bool variance;       /* kriging variances wanted too */
    bool distance;       /* distances to the nearest sample wanted too */
} lode_interpolation;

/* Elements that were measured in the same samples share one search. */
typedef struct lode_point_set lode_point_set;

typedef struct lode_surface {
    lode_interpolation how;
    const lode_grid *grid;
    double origin[2], to_search[4];   /* (x, y) - origin, times the matrix = search coordinates */
    double east_metres, north_metres; /* in one unit of the CRS */
    int count;                        /* elements */
    lode_variogram *variograms;       /* [count] for kriging; on the scale of the values */
    lode_point_set *sets;
    int set_count;
    lode_index *all; /* every sample, for the distance band; NULL when not wanted */
} lode_surface;

/* values[e][n] on the scale to interpolate on, NaN where element e has no value; they are copied.
 * The grid must outlive the surface. */
lode_status lode_surface_create(const lode_interpolation *how, const lode_grid *grid,
                                const double *x, const double *y, size_t n, double *const *values,
                                int count, int threads, const lode_progress *progress,
                                lode_surface **surface);
void lode_surface_free(lode_surface *surface);
/* Search coordinates (metres) of element e's samples, for variograms. */
lode_status lode_surface_points(const lode_surface *surface, int element, const double **x,
                                const double **y, const double **z, size_t *n);

/* One row of cells, columns x .. x + width - 1: out[e * stride + column], and variances[...]
 * likewise and distances[column] (metres to the nearest sample) when wanted. NaN where there is no
 * result. Safe from several threads; scratch from lode_surface_scratch for each. */
void lode_surface_row(const lode_surface *surface, int x, int y, int width, void *scratch,
                      size_t stride, float *out, float *variances, float *distances);
/* Working memory for one thread; free with lode_free. NULL when there is none. */
void *lode_surface_scratch(const lode_surface *surface);

typedef struct lode_cross_validation {
    size_t n;
    double mean_error, rmse;
    double standardised; /* mean of squared error / kriging variance; 1 is ideal; NaN for idw */
    double correlation;
} lode_cross_validation;

/* Leave-one-out errors of element e at no more than 2,000 of its samples. */
lode_status lode_surface_validate(const lode_surface *surface, int element, int threads,
                                  const lode_progress *progress, lode_cross_validation *result);

#endif

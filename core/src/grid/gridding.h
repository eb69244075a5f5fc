/* gridding.h - the elements of a set of samples interpolated and written, tile by tile. */
#ifndef LODE_GRID_GRIDDING_H
#define LODE_GRID_GRIDDING_H

#include "cluster/cluster.h"
#include "grid/interpolate.h"
#include "samples/samples.h"

typedef enum lode_scale {
    LODE_SCALE_RAW, /* the values themselves */
    LODE_SCALE_LOG, /* natural logarithm; written back as its exponential, the median */
    LODE_SCALE_CLR  /* centred log-ratios, which are written */
} lode_scale;

typedef struct lode_gridding {
    /* Filled by the caller; borrowed. */
    lode_samples *samples;
    const lode_grid *grid;
    lode_interpolation how;
    lode_scale scale;
    int threads;
    const lode_cluster *cluster; /* processes that share the cells; NULL = alone */
    bool separate;               /* one file an element: "out.tif" -> "out_Au.tif" */
    const char *path, *command;
    const char *censored;  /* how limits were replaced, for the metadata */
    const char *variogram; /* given variogram, or NULL to fit one for each element */
    int model;             /* lode_variogram_model to fit, -1 for the best */
    double cutoff;         /* longest pair in metres; 0 for a third of the extent */
    json_t *result;        /* gets "variograms" and "leave_one_out" */

    /* Owned. */
    int *analytes;   /* [count] index of each gridded analyte */
    double **values; /* [count][n] on the scale that is gridded */
    int count;
    lode_surface *surface;
    lode_cross_validation *validation; /* [count] */
} lode_gridding;

/* The steps, in this order; fit for kriging only, validate if wanted. Clear afterwards in any case.
 */
lode_status lode_gridding_take_values(lode_gridding *gridding);
lode_status lode_gridding_fit(lode_gridding *gridding, const lode_progress *progress);
lode_status lode_gridding_validate(lode_gridding *gridding, const lode_progress *progress);
lode_status lode_gridding_write(lode_gridding *gridding, const lode_progress *progress);
void lode_gridding_clear(lode_gridding *gridding);

#endif

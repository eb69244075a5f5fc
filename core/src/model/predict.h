/* predict.h - a model applied to a whole stack, written as a raster. */
#ifndef LODE_MODEL_PREDICT_H
#define LODE_MODEL_PREDICT_H

#include "cluster/cluster.h"
#include "model/model.h"
#include "raster/stack.h"

typedef struct lode_predict_options {
    const char *groups; /* bands as in lode_plan_create; NULL = default */
    double min_valid;   /* smallest share of window cells with data */
    int threads;
    const char *compress; /* as in lode_writer_options */
    const lode_cluster *cluster; /* processes that share the map; NULL = alone */
    int share, share_of; /* compute only parts k with k % share_of == share; share_of 0 or 1 =
                            all. With a share nothing but parts is written */
    bool merge;          /* one Cloud Optimized GeoTIFF */
} lode_predict_options;

/* Writes the bands of groups over the whole stack to path, tile by tile on several threads. Memory
 * does not grow with the raster. path.tif by one process is written directly; path.vrt, merging,
 * shares and clusters compute parts first (raster/parts.h), of which those that are there already
 * are kept. */
lode_status lode_predict(const lode_model *model, lode_stack *stack,
                         const lode_predict_options *options, const lode_progress *progress,
                         const char *path);

#endif

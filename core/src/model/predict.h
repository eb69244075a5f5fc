/* predict.h - a model applied to a whole stack, written as a raster. */
#ifndef LODE_MODEL_PREDICT_H
#define LODE_MODEL_PREDICT_H

#include "model/model.h"
#include "raster/stack.h"

typedef struct lode_predict_options {
    const char *groups; /* bands as in lode_plan_create; NULL = default */
    double min_valid;   /* smallest share of window cells with data */
    int threads;
} lode_predict_options;

/* Writes the bands of groups over the whole stack to a GeoTIFF, tile by tile on several threads.
 * Memory does not grow with the raster. */
lode_status lode_predict(const lode_model *model, lode_stack *stack,
                         const lode_predict_options *options, const lode_progress *progress,
                         const char *path);

#endif

/* fit.h - gives a model its head: reads deposits, draws background, fits, describes the area. */
#ifndef LODE_MODEL_FIT_H
#define LODE_MODEL_FIT_H

#include "head/places.h"
#include "model/model.h"
#include "raster/stack.h"

typedef struct lode_fit_options {
    const char *deposits; /* layer, see lode_deposits_read */
    const char *where;    /* OGR SQL condition; NULL = all */
    double exclusion;     /* metres around deposits without background; negative = two cells */
    int background;       /* background places */
    double block;         /* side of the inner validation's blocks in metres; negative = default */
    int smooth_radius;    /* cells of the smoothed bands */
    lode_head_options head;
} lode_fit_options;

void lode_fit_defaults(lode_fit_options *options);

/* Metres kept free around deposits when the user names no --exclusion. */
double lode_fit_exclusion(const lode_stack *stack, double wanted);

/* Fits a head on model's recipe and encoder (the encoder may be absent: a head on bands), replacing
 * one that is there, then the percentile breaks and the reference of the training area. deposits,
 * when not NULL, receives the deposits used (free with lode_deposits_free). */
lode_status lode_fit(lode_model *model, lode_stack *stack, const lode_fit_options *options,
                     const lode_progress *progress, lode_deposits **deposits);

/* Percentile breaks of model->head and model->reference from cells spread over the stack. */
lode_status lode_fit_area(lode_model *model, lode_stack *stack, uint64_t seed, int threads,
                          const lode_progress *progress);

#endif

/* model/train.h - gives a model an encoder and a head trained end to end on known deposits. */
#ifndef LODE_MODEL_TRAIN_H
#define LODE_MODEL_TRAIN_H

#include "head/supervised.h"
#include "model/fit.h"

/* Draws places as lode_fit does (fit->head is not used but for seed and threads), trains by
 * `options`, then fills percentile breaks and the reference of the area, and writes provenance
 * "train". Replaces the encoder and head of model; its recipe must be there. */
lode_status lode_train_model(lode_stack *stack, const lode_fit_options *fit,
                             const lode_supervised_options *options, const lode_progress *progress,
                             lode_model *model);

#endif

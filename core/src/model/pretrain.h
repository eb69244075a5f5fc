/* model/pretrain.h - gives a model its encoder and notes where it came from. */
#ifndef LODE_MODEL_PRETRAIN_H
#define LODE_MODEL_PRETRAIN_H

#include "contrast/pretrain.h"
#include "model/model.h"

/* Trains an encoder for model's recipe, replacing one that is there, and writes provenance
 * "pretrain", and the reference of the training area, so that anomaly and support need no deposits.
 * Nothing in it depends on the number of threads or the time of day. */
lode_status lode_pretrain_model(lode_stack *stack, const lode_pretrain_options *options,
                                const lode_progress *progress, lode_model *model);

#endif

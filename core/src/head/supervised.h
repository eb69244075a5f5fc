/* supervised.h - an encoder and its last, linear layer trained together on labelled places: the
 * usual way to use ResNet-50 or MobileNetV2, and the rival that contrastive learning must beat.
 *
 * Batches hold as many deposits as background (drawn with replacement); windows are augmented like
 * contrastive views. Places of some spatial blocks are held out: their balanced loss is looked at
 * every few steps, the weights of the best look are kept, training stops when it no longer
 * improves, and the final score is calibrated on them (Platt 1999). AdamW with warm-up and cosine.
 */
#ifndef LODE_HEAD_SUPERVISED_H
#define LODE_HEAD_SUPERVISED_H

#include "contrast/views.h"
#include "head/head.h"

typedef struct lode_supervised_options {
    const char *encoder; /* "dense", "resnet50", "mobilenetv2" */
    const json_t *hyper; /* encoder hyper-parameters, may be NULL */
    int steps;           /* at most */
    int batch;           /* windows in a step, even */
    int holdout;  /* one of this many spatial folds is held out; 0 = none, all steps are run */
    int patience; /* looks without improvement before stopping; 0 = never stop early */
    double learning_rate, weight_decay;
    double average; /* share of the moving average of the weights kept in a step (weights.h); looks
                       and the result then use the average, with running statistics made for it */
    lode_views views;
    uint64_t seed;
    int threads;
    const char *checkpoint; /* file to continue from and to write now and then; NULL = none */
} lode_supervised_options;

/* encoder "mobilenetv2", 100 steps of 32 windows. */
void lode_supervised_defaults(lode_supervised_options *options);

/* Trains on places (both classes; at least two of each with data). *encoder is new and prepared;
 * *head reads LODE_INPUT_EMBEDDING, has one member and no percentile breaks yet (lode_fit_area sets
 * them); log receives a new JSON object {"losses", "holdout": [{"step", "loss", "auc"}],
 * "best_step",
 * ...}. Memory: all windows, at most about 1 GB; background beyond it is left out. */
lode_status lode_supervised_train(lode_stack *stack, const lode_recipe *recipe,
                                  const lode_places *places, const lode_supervised_options *options,
                                  const lode_progress *progress, lode_encoder **encoder,
                                  lode_head **head, json_t **log);

#endif

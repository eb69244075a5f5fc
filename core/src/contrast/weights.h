/* weights.h - all weights of a training as one vector, and what is done to the whole of it: the
 * optimiser's step, moving averages, checkpoints. */
#ifndef LODE_CONTRAST_WEIGHTS_H
#define LODE_CONTRAST_WEIGHTS_H

#include <stdbool.h>

#include "contrast/checkpoint.h"
#include "encoder/train.h"

typedef struct lode_weights {
    size_t size;
    float *values, *gradient; /* [size] */
    unsigned char *decay;     /* [size]: 1 for weight matrices, 0 for biases and normalisation */
    float *first, *second;    /* [size] moments of AdamW */
    float *average;           /* [size], NULL when no average is kept */
    double keep;              /* share of the old average kept in a step */
    struct lode_weights_part *parts;
    int count;
} lode_weights;

/* The trained tensors of an encoder; *weights is overwritten. trainer NULL: weights that are not
 * trained by gradients (and have no moments). */
lode_status lode_weights_create(lode_encoder *encoder, lode_trainer *trainer,
                                lode_weights *weights);
/* One more array. gradient may be NULL. */
lode_status lode_weights_add(lode_weights *weights, float *value, const float *gradient,
                             size_t size, bool decay);
/* After all were added: the vector starts as a copy of the networks' weights. average: share of the
 * moving average kept in a step, 0 = none. */
lode_status lode_weights_finish(lode_weights *weights, double average);
void lode_weights_free(lode_weights *weights);

/* Gathers the networks' gradients, clips them to norm `limit`, takes step number `step` (from 0) of
 * AdamW, moves the average, and hands the new weights to the networks. Returns the norm; when that
 * is not finite, nothing has changed. */
double lode_weights_step(lode_weights *weights, lode_team *team, int step, double rate,
                         double weight_decay, double limit);
/* values -> networks. */
void lode_weights_scatter(const lode_weights *weights);
/* The average -> networks; without one, the values. Exponential moving average: Polyak and Juditsky
 * 1992, with a start that forgets the first weights: in step t the share min(keep, (1 + t) / (10 +
 * t)) is kept. */
void lode_weights_scatter_average(const lode_weights *weights);

/* What continues a training; list holds LODE_WEIGHTS_SAVED. Returns how many there are. After the
 * arrays were read, call lode_weights_scatter. */
enum { LODE_WEIGHTS_SAVED = 4 };
int lode_weights_saved(const lode_weights *weights, lode_saved *list);

#endif

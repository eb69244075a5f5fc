/* weights.h - all trained weights of a training as one vector: for the optimiser, for moving
 * averages, and for checkpoints. */
#ifndef LODE_CONTRAST_WEIGHTS_H
#define LODE_CONTRAST_WEIGHTS_H

#include "contrast/mlp.h"
#include "encoder/train.h"

typedef struct lode_weights {
    size_t size;
    float *values, *gradient; /* [size] */
    unsigned char *decay;     /* [size]: 1 for weight matrices, 0 for biases and normalisation */
    struct lode_weights_part *parts;
    int count;
} lode_weights;

/* trainer NULL: weights that are not trained by gradients. mlps: `mlp_count` of them, in order;
 * NULL entries are skipped. The vector starts as a copy of the networks' weights. */
lode_status lode_weights_create(lode_encoder *encoder, lode_trainer *trainer, lode_mlp *const *mlps,
                                int mlp_count, lode_weights *weights);
void lode_weights_free(lode_weights *weights);
/* Networks' gradients -> weights->gradient. */
void lode_weights_gather(lode_weights *weights);
/* weights->values -> networks. */
void lode_weights_scatter(const lode_weights *weights);

#endif

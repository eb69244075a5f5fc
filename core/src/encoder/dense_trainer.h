/* dense_trainer.h - the state of the dense encoder's training, which forward and backward share.
 *
 * Per tile and layer two planes are kept: `sum`, the convolution's output, which the backward pass
 * turns into its gradient, and `active`, the output after normalisation and ReLU, which the
 * backward pass turns into the gradient that reaches the layer from above. */
#ifndef LODE_ENCODER_DENSE_TRAINER_H
#define LODE_ENCODER_DENSE_TRAINER_H

#include "encoder/dense.h"
#include "encoder/train.h"

typedef struct lode_dense_plane {
    int side; /* cells */
    float *sum, *active;
} lode_dense_plane;

/* What one tile contributes to the sums over the batch. */
typedef struct lode_dense_tile {
    lode_dense_plane layer[LODE_DENSE_MAX_DEPTH + 1];
    /* Of each layer's weights, then of the embedding's weights and bias. */
    float *gradient[LODE_DENSE_MAX_DEPTH + 3];
    double *first, *second; /* [width] mean and sum of squared deviations, or the two sums of the
                               backward pass; in the trainer's `moments` */
    float *row;             /* [outputs + 2][width] */
    float *embedding;       /* [outputs + 2][outputs + 2][dims] before the average */
} lode_dense_tile;

typedef struct lode_dense_trainer {
    lode_dense *dense;
    lode_team *team;
    int samples, side, outputs;
    lode_division division;                   /* of the step's samples among processes */
    int all;                                  /* samples of the step, in all processes */
    double *moments;                          /* [all][2][width], ordered by item and group */
    const float **parts;                      /* [samples] what is summed */
    lode_sum *sums[LODE_DENSE_MAX_DEPTH + 3]; /* under way */
    int sum_count;
    int current; /* layer at work */
    double momentum;
    float *input; /* [samples][side][side][channels] */
    /* With context: what the first layer sees of it, [samples][first_side]^2[inputs]; NULL without.
     */
    float *context, *context_sums;
    int first_side;
    lode_dense_tile *tiles;
    float *embedding;         /* [samples][outputs][outputs][dims] */
    const float *d_embedding; /* same shape */
    /* Per layer: the affine map of the normalisation for this batch, and what its gradient needs.
     */
    float *scale[LODE_DENSE_MAX_DEPTH + 1], *shift[LODE_DENSE_MAX_DEPTH + 1];
    float *mean[LODE_DENSE_MAX_DEPTH + 1], *inverse[LODE_DENSE_MAX_DEPTH + 1];
    float *from_sum, *from_product; /* [width] batch means of the backward pass */
    float *packed, *packed_back;    /* weights of the layer at work */
    float *packed_scale;            /* weights of the embedding for the layer below, transposed */
    float *gradient[(LODE_DENSE_MAX_DEPTH + 1) * LODE_DENSE_LAYER_TENSORS + 2];
} lode_dense_trainer;

/* Context of the rows of a tile, which threads without a tile of their own help with. */
typedef struct lode_dense_at_work {
    const lode_dense_trainer *trainer;
    size_t item;
} lode_dense_at_work;

/* Values of a tile's gradient `index`; layers + 2 of them. */
size_t lode_dense_gradient_size(const lode_dense *dense, int index);
/* What layer `current` reads of a tile, [side][side][inputs]. */
const float *lode_dense_layer_input(const lode_dense_trainer *trainer, size_t item, int *side);
/* First cell of row `row` of the part of a layer that the embedding reads. */
float *lode_dense_scale_row(const lode_dense_trainer *trainer, const lode_dense_tile *at, int index,
                            int row);
/* Of a sample of the step, whichever process it belongs to: [2][width]. */
double *lode_dense_moments(const lode_dense_trainer *trainer, int sample);
/* What every tile of the step added to the sums over the step, in every process. */
lode_status lode_dense_gather_moments(lode_dense_trainer *trainer, const lode_progress *progress);

/* Of lode_train_kind; after the forward pass of the same batch. */
lode_status lode_dense_backward(void *trainer, const float *gradient,
                                const lode_progress *progress);

#endif

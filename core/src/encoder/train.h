/* train.h - an encoder in training: a batch of square inputs in, embeddings out, gradients back.
 *
 * A trainer is bound to one encoder state and one shape: `samples` inputs of side x side cells. The
 * dense encoder answers with the embedding of every cell that has a whole window inside, so an
 * input of side 2R + n gives n x n embeddings; the strided encoders take side 2R + 1 and give one.
 * All memory is laid out when the trainer is made; nothing is allocated in a step.
 *
 * Sums over the batch (normalisation statistics, gradients) are kept per sample and added in sample
 * order, so the numbers do not depend on the number of threads. */
#ifndef LODE_ENCODER_TRAIN_H
#define LODE_ENCODER_TRAIN_H

#include "cluster/sum.h"
#include "encoder/encoder.h"
#include "nn/team.h"
#include "util/progress.h"

/* What a kind of encoder provides to be trained; member `train` of lode_encoder_kind. */
typedef struct lode_train_kind {
    lode_status (*create)(void *state, int samples, int side, lode_team *team, void **trainer);
    void (*destroy)(void *trainer);
    /* See the functions below. */
    float *(*input)(void *trainer);
    lode_status (*forward)(void *trainer, double momentum, const lode_progress *progress,
                           const float **embedding);
    lode_status (*backward)(void *trainer, const float *gradient, const lode_progress *progress);
    float *(*gradient)(void *trainer, int tensor);
    lode_status (*divide)(void *trainer, const lode_division *division);
} lode_train_kind;

typedef struct lode_trainer lode_trainer;

/* encoder and team must outlive the trainer. */
lode_status lode_trainer_create(lode_encoder *encoder, int samples, int side, lode_team *team,
                                lode_trainer **trainer);
void lode_trainer_free(lode_trainer *trainer);
/* From now on the samples are only this process's of a step that several processes make together:
 * statistics and gradients are those of the whole step, the same in every process. */
lode_status lode_trainer_divide(lode_trainer *trainer, const lode_division *division);

/* Embeddings per sample side: side - 2R for the dense encoder, 1 for the others. */
int lode_trainer_outputs(const lode_trainer *trainer);
/* [samples][side][side][channels], owned by the trainer; the caller fills it before forward. */
float *lode_trainer_input(lode_trainer *trainer);

/* Evaluates the batch with the batch's own normalisation statistics, which also move the running
 * ones: running += momentum x (batch - running); 0 leaves them alone. *embedding is
 * [samples][outputs][outputs][dims], owned by the trainer and valid until the next call. progress
 * is reported at its `from`, so that long steps can be cancelled. */
lode_status lode_trainer_forward(lode_trainer *trainer, double momentum,
                                 const lode_progress *progress, const float **embedding);
/* gradient: of the loss with respect to the last forward's embeddings, same shape. Overwrites the
 * gradients of all trained tensors. The embeddings are no longer valid after it. */
lode_status lode_trainer_backward(lode_trainer *trainer, const float *gradient,
                                  const lode_progress *progress);
/* Gradient of tensor number `tensor` of the encoder, NULL for running statistics. */
float *lode_trainer_gradient(lode_trainer *trainer, int tensor);

#endif

/* learner.h - the networks of a contrastive training and one step of it, for each objective. */
#ifndef LODE_CONTRAST_LEARNER_H
#define LODE_CONTRAST_LEARNER_H

#include "contrast/batch.h"
#include "contrast/checkpoint.h"
#include "contrast/pretrain.h"

typedef struct lode_learner lode_learner;

/* encoder is trained in place and must outlive the learner, as must team. */
lode_status lode_learner_create(const lode_pretrain_options *options, lode_encoder *encoder,
                                const lode_batch_shape *shape, lode_team *team,
                                lode_learner **learner);
void lode_learner_free(lode_learner *learner);

/* Where the two views of a batch go. */
void lode_learner_inputs(lode_learner *learner, float *view[2]);

/* One step on a filled batch: loss, gradients, optimiser, moving averages. Fails with advice when
 * the loss or the gradient is not finite. *spread: see lode_spread, of the projections. */
lode_status lode_learner_step(lode_learner *learner, const lode_batch *batch, int step,
                              const lode_progress *progress, double *loss, double *spread);

/* Forward of a filled batch that only moves the encoder's running statistics, see train.h. */
lode_status lode_learner_settle(lode_learner *learner, double momentum,
                                const lode_progress *progress);

/* The networks get the average of their weights, when one was kept. After the last step. */
void lode_learner_use_average(lode_learner *learner);

/* What continues a training; list holds LODE_LEARNER_SAVED. Returns how many there are. After the
 * arrays were read, call lode_learner_resume. */
enum { LODE_LEARNER_SAVED = 8 };
int lode_learner_saved(const lode_learner *learner, lode_saved *list);
void lode_learner_resume(lode_learner *learner);

#endif

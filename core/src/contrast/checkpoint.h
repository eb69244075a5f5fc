/* checkpoint.h - the state of a training in a file, so that a killed one continues to the same
 * model. A safetensors file: the learner's tensors and the losses so far. */
#ifndef LODE_CONTRAST_CHECKPOINT_H
#define LODE_CONTRAST_CHECKPOINT_H

#include "contrast/learner.h"

typedef struct lode_checkpoint {
    int step;      /* steps done */
    float *losses; /* [steps] */
    int64_t anchors;
    int collapsed;
    double spread;
} lode_checkpoint;

/* All that decides the result of a training, as text; NULL when memory is short. The caller frees
 * it with lode_free. */
char *lode_checkpoint_signature(const lode_stack *stack, const lode_recipe *recipe,
                                const lode_pretrain_options *options, lode_encoder *encoder);

bool lode_checkpoint_exists(const char *path);
lode_status lode_checkpoint_write(const char *path, const char *signature,
                                  const lode_checkpoint *state, int steps,
                                  const lode_learner *learner);
/* Refuses a file of a training with another signature. state->losses is filled. */
lode_status lode_checkpoint_read(const char *path, const char *signature, lode_checkpoint *state,
                                 int steps, lode_learner *learner);

#endif

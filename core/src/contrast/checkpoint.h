/* checkpoint.h - the state of a training in a file, so that a killed one continues to the same
 * model. A safetensors file: arrays by name, and in its metadata the signature of the training and
 * the small parts of its state (the step, what was logged) as JSON. */
#ifndef LODE_CONTRAST_CHECKPOINT_H
#define LODE_CONTRAST_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "lode/lode.h"

enum { LODE_CHECKPOINT_STEPS = 25 }; /* steps between two checkpoints */

/* An array that a continued training needs. */
typedef struct lode_saved {
    const char *name;
    float *values;
    size_t size;
} lode_saved;

/* All that decides the result of a training, as text; takes over json (NULL is allowed). NULL when
 * memory is short. The caller frees it with lode_free. */
char *lode_checkpoint_signature(json_t *json);

/* path NULL: no checkpoint, never exists. */
bool lode_checkpoint_exists(const char *path);
lode_status lode_checkpoint_write(const char *path, const char *signature, const json_t *state,
                                  const lode_saved *arrays, int count);
/* Fills the arrays, all or none of them, and *state, which the caller owns. Refuses a file of a
 * training with another signature. */
lode_status lode_checkpoint_read(const char *path, const char *signature, json_t **state,
                                 const lode_saved *arrays, int count);
/* A state that does not say what it should. */
lode_status lode_checkpoint_damaged(const char *path);

#endif

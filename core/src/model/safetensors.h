/* safetensors.h - the container of model files: 8-byte little-endian header length, JSON header,
 * aligned little-endian float32 tensors. Format: docs/model-format.md. */
#ifndef LODE_MODEL_SAFETENSORS_H
#define LODE_MODEL_SAFETENSORS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lode/lode.h"

typedef struct lode_tensors lode_tensors;

/* An empty set to add to. */
lode_status lode_tensors_create(lode_tensors **tensors);
void lode_tensors_free(lode_tensors *tensors);
/* Copies the values. */
lode_status lode_tensors_add(lode_tensors *tensors, const char *name, const int64_t *shape,
                             int dims, const float *values);
/* Borrowed values of the tensor called name when it has exactly this shape; otherwise an error that
 * names file and tensor. */
lode_status lode_tensors_get(const lode_tensors *tensors, const char *name, const int64_t *shape,
                             int dims, const float **values);
int lode_tensors_count(const lode_tensors *tensors);
/* Borrowed facts of the index-th tensor, in file order. */
const char *lode_tensors_at(const lode_tensors *tensors, int index, int64_t shape[4], int *dims,
                            const float **values);

/* metadata: JSON object whose values become strings of "__metadata__". */
lode_status lode_tensors_write(const lode_tensors *tensors, const json_t *metadata,
                               const char *path);
/* Whether a file begins like one; an empty one, of a program that makes a name by making a file,
 * counts too. */
bool lode_tensors_recognise(const char *path);
/* Parses bytes of any origin: refuses, never crashes. *metadata is new. name is for messages. */
lode_status lode_tensors_parse(const void *bytes, size_t size, const char *name,
                               lode_tensors **tensors, json_t **metadata);

#endif

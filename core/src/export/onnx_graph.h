/* onnx_graph.h - an ONNX graph being built: constants, nodes, inputs and outputs, then a file.
 *
 * Values have names; functions that add something return the name of its result. A failure is kept:
 * later calls do nothing and lode_onnx_write returns it. The message types come from the published
 * schema (onnx.proto) through protobuf-c. Operators are those of opset 13. */
#ifndef LODE_EXPORT_ONNX_GRAPH_H
#define LODE_EXPORT_ONNX_GRAPH_H

#include <stdint.h>

#include "lode/lode.h"

typedef struct lode_onnx lode_onnx;

lode_status lode_onnx_create(lode_onnx **graph);
void lode_onnx_free(lode_onnx *graph);

/* Constants; values are copied. */
const char *lode_onnx_floats(lode_onnx *graph, const float *values, int dims, const int64_t *shape);
const char *lode_onnx_float(lode_onnx *graph, float value); /* a scalar */
const char *lode_onnx_vector(lode_onnx *graph, const float *values, int n);
const char *lode_onnx_integers(lode_onnx *graph, const int64_t *values, int n);

typedef struct lode_onnx_attribute {
    const char *name;
    int count; /* integers in value; 0 = the number `real` */
    int64_t value[4];
    float real;
    int scalar; /* one integer, not a list */
} lode_onnx_attribute;

#define LODE_ONNX_INTEGER(key, number)                                                             \
    { .name = key, .count = 1, .value = {number}, .scalar = 1 }

/* Up to four inputs (NULL = none) and a list of attributes ended by a NULL name (may be NULL). */
const char *lode_onnx_node(lode_onnx *graph, const char *operator, const char * const inputs[4],
                           const lode_onnx_attribute *attributes);
/* The same for the many nodes without attributes. */
const char *lode_onnx_unary(lode_onnx *graph, const char *operator, const char * a);
const char *lode_onnx_binary(lode_onnx *graph, const char *operator, const char * a, const char *b);
/* bool or integer -> float. */
const char *lode_onnx_to_float(lode_onnx *graph, const char *a);

/* Concatenation along an axis; a may be NULL: then b. */
const char *lode_onnx_join(lode_onnx *graph, const char *a, const char *b, int axis);
/* [n][c][h][w] without `margin` cells at every side. */
const char *lode_onnx_crop(lode_onnx *graph, const char *x, int margin);

/* A shape element is a size, or the name of one that is free ("batch"). */
typedef struct lode_onnx_size {
    const char *name;
    int64_t value;
} lode_onnx_size;

/* Float tensors. value: the inner name that becomes the output. */
void lode_onnx_input(lode_onnx *graph, const char *name, const lode_onnx_size shape[4], int dims);
void lode_onnx_output(lode_onnx *graph, const char *name, const char *value,
                      const lode_onnx_size shape[4], int dims);
void lode_onnx_metadata(lode_onnx *graph, const char *key, const char *text);

lode_status lode_onnx_write(lode_onnx *graph, const char *path);

#endif

/* dense_stream.h - maps by the dense encoder (dense.h), row by row. */
#ifndef LODE_ENCODER_DENSE_STREAM_H
#define LODE_ENCODER_DENSE_STREAM_H

#include "encoder/encoder.h"

/* Every input row is carried through the layers as far as the rows above it allow; a layer's rows
 * live only as long as others read them, so the working memory is some rows of each layer. */
extern const lode_stream_kind lode_dense_stream;

/* What an encoder kind's span promises: the cells of the input that whole tiles (winograd.h) of all
 * layers take. */
lode_span lode_dense_span(const void *dense, int at, int size);

#endif

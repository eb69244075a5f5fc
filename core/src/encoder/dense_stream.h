/* dense_stream.h - maps by the dense encoder (dense.h), row by row. */
#ifndef LODE_ENCODER_DENSE_STREAM_H
#define LODE_ENCODER_DENSE_STREAM_H

#include "encoder/encoder.h"

/* Every input row is carried through the layers as far as the rows above it allow; a layer's rows
 * live only as long as others read them, so the working memory is some rows of each layer. */
extern const lode_stream_kind lode_dense_stream;

#endif

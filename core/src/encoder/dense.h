/* dense.h - the dense encoder: an embedding that is a function of the window around a cell,
 * computed for whole tiles at once.
 *
 *   1x1 convolution C -> W, then `depth` 3x3 valid convolutions W -> W with growing dilation, each
 *   followed by batch normalisation and ReLU; 1x1 convolution of the last `scales` of these layers,
 *   cut to their common centre, to D; 3x3 average.
 *
 * Layer k sees a window of its own, from one cell to nearly all of 2R+1, so with scales > 1 the
 * embedding holds the place itself beside its surroundings.
 *
 * Nothing pads or strides, so evaluating windows one by one and a whole tile at once are the same
 * sums. Tiles of a raster are summed with a quarter of the products (winograd.h), windows tap by
 * tap; the two differ by rounding. The dilations are 1, 2, 4 ... and add up to R - 1; the average
 * adds the last cell of the half-window R. Dilated convolution: Yu and Koltun 2016
 * (arXiv:1511.07122).
 *
 * With "context" n > 0 the first convolution also sees the surroundings at 2 .. 2^n times the cell
 * size (context.h); the dilations then add up to that much less.
 *
 * Hyper-parameters (JSON): "window" 33 (2R+1, odd, at least 5), "depth" (3x3 convolutions; the
 * default is the fewest that cover the window without holes), "width" 32 (W) and "dims" 64 (D),
 * multiples of 16, "scales" (1 to depth + 1, which is the default), "context" 0. */
#ifndef LODE_ENCODER_DENSE_H
#define LODE_ENCODER_DENSE_H

#include "encoder/encoder.h"

extern const lode_encoder_kind lode_encoder_dense;

enum { LODE_DENSE_MAX_DEPTH = 16, LODE_DENSE_MAX_WINDOW = 257 };

/* A convolution with its normalisation; the first has 1 tap, the others 9. */
typedef struct lode_dense_layer {
    int index; /* names its tensors: "conv0.weight" ... */
    int taps, dilation, inputs, outputs;
    float *weights;         /* [tap row][tap column][inputs][outputs] */
    float *gain, *offset;   /* [outputs], of the normalisation */
    float *mean, *variance; /* [outputs], running statistics */
    float *packed, *bias;   /* for inference: normalisation folded in, see dense_kernel.h */
    float *points;          /* the same for winograd.h, of a tiled layer */
} lode_dense_layer;

typedef struct lode_dense {
    int channels, window, depth, width, dims, scales, context;
    int layers; /* depth + 1 */
    lode_dense_layer layer[LODE_DENSE_MAX_DEPTH + 1];
    int rows_kept[2][LODE_DENSE_MAX_DEPTH + 1]; /* of windows, of a raster: see dense_layout.h */
    float *weights, *bias;                      /* embedding: [scales][width][dims], [dims] */
    float *packed;
} lode_dense;

/* First layer that the embedding reads. */
int lode_dense_first_scale(const lode_dense *dense);
/* Taps of a layer in a row, and rows of them: 1 or 3. */
static inline int lode_dense_root(const lode_dense_layer *layer) {
    return layer->taps == 9 ? 3 : 1;
}
/* Whether a layer of a map is computed by the tiles of winograd.h. */
bool lode_dense_tiled(const lode_dense_layer *layer);
/* Cells by which layer `index` reaches further than the last one on each side. */
int lode_dense_reach(const lode_dense *dense, int index);

/* Tensors in file order: weight, gain, offset, mean, variance of every layer, then the embedding's
 * weight and bias. */
enum { LODE_DENSE_LAYER_TENSORS = 5 };

#define LODE_NORM_EPSILON 1e-5

#endif

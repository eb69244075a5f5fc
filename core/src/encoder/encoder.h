/* encoder.h - an encoder maps a window of recipe channels to an embedding.
 *
 * Every encoder is a function of the (2R+1) x (2R+1) window around a cell. The dense encoder
 * (dense.h) evaluates whole tiles at once with the same numbers but for rounding; ResNet-50 and
 * MobileNetV2 (strided) are evaluated window by window in batches. */
#ifndef LODE_ENCODER_ENCODER_H
#define LODE_ENCODER_ENCODER_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lode/lode.h"

typedef struct lode_encoder lode_encoder;

/* A named parameter or running statistic, stored in the model file as float32. */
typedef struct lode_tensor_view {
    const char *name; /* "block2.conv.weight" */
    int dims;
    int64_t shape[4];
    float *data;
    int trained; /* counts as a trained weight (running statistics do not) */
} lode_tensor_view;

/* Number of values. */
int64_t lode_tensor_size(const lode_tensor_view *view);

/* Columns or rows of a raster to embed, and those of the input that it takes. */
typedef struct lode_span {
    int at, size;     /* wanted: at .. at + size - 1 */
    int first, count; /* of the input */
    bool anchored;    /* `at` is the raster's own: what neighbours share may be computed once */
} lode_span;

/* Takes row `row` of a tile, [width][values of a cell], which it must not keep. */
typedef lode_status (*lode_row_fn)(void *context, int row, const float *values);

/* A lode_row_fn that gathers the rows of a tile. */
typedef struct lode_row_copy {
    float *out;    /* [height][length] */
    size_t length; /* floats in a row */
} lode_row_copy;
lode_status lode_row_copy_fn(void *copy, int row, const float *values);

/* How a kind of encoder takes a raster row by row. */
typedef struct lode_stream_kind {
    lode_status (*create)(const void *encoder, const lode_span *columns, void **stream);
    /* Rows of the input below the one it is fed with that it reads. */
    int (*ahead)(const void *encoder);
    /* The next result is row `at` of the raster, the next row of the input the first of its span.
     */
    void (*restart)(void *stream, int at);
    /* The next row of the result, NULL when it is not complete; valid until the next call. */
    const float *(*take)(void *stream);
    /* row: where the next row of the input begins, its rows `pitch` floats apart. Only when there
     * is nothing to take. */
    void (*feed)(void *stream, const float *row, size_t pitch);
    void (*destroy)(void *stream);
} lode_stream_kind;

/* What a kind of encoder provides; encoder.c holds the list of kinds. */
typedef struct lode_encoder_kind {
    const char *name; /* "dense", "resnet50", "mobilenetv2", "ensemble" */
    /* hyper: JSON object of hyper-parameters, missing ones take defaults; bad ones are refused. */
    lode_status (*create)(const json_t *hyper, int channels, uint64_t seed, void **state);
    void (*destroy)(void *state);
    json_t *(*describe)(const void *state); /* the complete hyper-parameters */
    int (*half_window)(const void *state);
    int (*dims)(const void *state); /* length of an embedding */
    int (*tensor_count)(const void *state);
    void (*tensor)(void *state, int index, lode_tensor_view *view);
    /* After tensors were set: derive what inference needs (folded normalisation, packed weights).
     */
    lode_status (*prepare)(void *state);
    /* See lode_encoder_span; NULL = the wanted cells with half a window on each side. */
    lode_span (*span)(const void *state, int at, int size);
    /* See lode_encoder_embed; NULL for a kind with streams. */
    lode_status (*embed)(const void *state, const float *input, const lode_span *columns,
                         const lode_span *rows, float *out);
    const struct lode_stream_kind *stream; /* NULL for a kind that embeds */
    /* See lode_encoder_embed_windows; NULL = embed them one by one. */
    lode_status (*embed_windows)(const void *state, const float *windows, size_t count, float *out);
    int dense; /* evaluates tiles larger than a window at once, also in training */
    const struct lode_train_kind *train; /* train.h; NULL when its parts are trained alone */
} lode_encoder_kind;

/* channels: recipe channels + 1 (the mask). Weights are drawn from seed, or left 0 for a caller
 * that brings its own (LODE_SEED_NONE: drawing 25 million of a ResNet-50 takes a second). */
lode_status lode_encoder_create(const char *kind, const json_t *hyper, int channels, uint64_t seed,
                                lode_encoder **encoder);
void lode_encoder_free(lode_encoder *encoder);
const lode_encoder_kind *lode_encoder_get_kind(const lode_encoder *encoder);
void *lode_encoder_state(lode_encoder *encoder);
int lode_encoder_channels(const lode_encoder *encoder);
int lode_encoder_half_window(const lode_encoder *encoder);
int lode_encoder_dims(const lode_encoder *encoder);
lode_status lode_encoder_prepare(lode_encoder *encoder);
/* Count of trained weights. */
int64_t lode_encoder_parameters(lode_encoder *encoder);

/* What lode_encoder_embed wants for columns or rows at .. at + size - 1 of a raster. The dense
 * encoder shares work between neighbouring cells and wants some more than half a window on each
 * side. */
lode_span lode_encoder_span(const lode_encoder *encoder, int at, int size);
/* The same for windows that lie nowhere in a raster: half a window on each side. */
lode_span lode_encoder_window_span(const lode_encoder *encoder, int size);

/* input: [rows->count][columns->count][channels] -> out: [rows->size][columns->size][dims]. Both
 * spans are of one sort. The numbers of a cell do not depend on which columns and rows are embedded
 * with it, bit for bit. With lode_encoder_window_span they are a function of its window alone; with
 * lode_encoder_span they differ from that by rounding (about 1e-6 of the largest), which depends on
 * the cell's place and on the cells beyond the window. Uses the calling thread only; many threads
 * may embed with one prepared encoder. Gives up with LODE_ERROR_CANCELLED when the loop it is
 * called from was stopped (util/parallel.h). */
lode_status lode_encoder_embed(const lode_encoder *encoder, const float *input,
                               const lode_span *columns, const lode_span *rows, float *out);

/* The same numbers row by row, for tiles one below the other: what a tile shares with the one above
 * it is computed once, and a row is taken while it is in the processor's cache. */
typedef struct lode_encoder_stream lode_encoder_stream;
lode_status lode_encoder_stream_create(const lode_encoder *encoder, const lode_span *columns,
                                       lode_encoder_stream **stream);
void lode_encoder_stream_free(lode_encoder_stream *stream);
/* input: as for lode_encoder_embed. When rows->at lies right below the last rows, the stream goes
 * on from there. fn takes rows 0 .. rows->size - 1 in order; its failure ends the call. After any
 * failure only lode_encoder_stream_free may follow. */
lode_status lode_encoder_stream_next(lode_encoder_stream *stream, const float *input,
                                     const lode_span *rows, lode_row_fn fn, void *context);

/* windows: [count][2R + 1][2R + 1][channels], anywhere in a raster -> out: [count][dims], the same
 * numbers as one by one with lode_encoder_window_span. Strided encoders read their weights once
 * for many windows. */
lode_status lode_encoder_embed_windows(const lode_encoder *encoder, const float *windows,
                                       size_t count, float *out);

#endif

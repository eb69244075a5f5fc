/* dense_layout.h - which cells of every layer of the dense encoder (dense.h) a map takes, in which
 * order their rows are computed, and how long rows are needed. */
#ifndef LODE_ENCODER_DENSE_LAYOUT_H
#define LODE_ENCODER_DENSE_LAYOUT_H

#include "encoder/dense.h"
#include "encoder/winograd.h"

/* Along one axis, for some cells of the map. A cell of a layer is named by the first of those it
 * sees in the layer before, that of the map by the first that it averages: the window of cell x of
 * the map begins in cell x of the first layer, half a window before it in the raster. */
typedef struct lode_dense_layout {
    int at; /* of the map; less a multiple of LODE_WINOGRAD_PERIOD, which no block notices */
    struct {
        int first, end;
        lode_winograd cover; /* of a tiled layer */
    } layer[LODE_DENSE_MAX_DEPTH + 1];
} lode_dense_layout;

/* For cells [at, at + size) of a raster, or, not anchored, of windows that lie nowhere in one:
 * those have no tiles. */
lode_dense_layout lode_dense_lay_out(const lode_dense *dense, int at, int size, bool anchored);
/* What an encoder kind's span promises: the cells of the input that whole tiles (winograd.h) of all
 * layers take. */
lode_span lode_dense_span(const void *dense, int at, int size);

/* A layer computed by tiles; the others are summed tap by tap. */
bool lode_dense_layer_tiled(const lode_dense *dense, int layer, bool anchored);

/* Every input row is carried through the layers as far as the rows above it allow. */
typedef struct lode_dense_schedule {
    const lode_dense *dense;
    bool anchored;
    int64_t next[LODE_DENSE_MAX_DEPTH + 1]; /* computed next: rows above it are complete */
} lode_dense_schedule;

/* Computes row `row` of a layer, of a tiled one the four rows, d apart, whose tiles begin there. */
typedef void (*lode_dense_row_fn)(void *context, int layer, int64_t row);

/* Begins with the first row that row `at` of the map takes, a row of a layout. */
void lode_dense_schedule_restart(lode_dense_schedule *schedule, const lode_dense_layout *rows);
/* The next row of the first layer, and all that it completes, to fn. */
void lode_dense_schedule_feed(lode_dense_schedule *schedule, lode_dense_row_fn fn, void *context);
/* Rows of the last layer above this one are complete, and with them rows of the embedding. */
int64_t lode_dense_schedule_complete(const lode_dense_schedule *schedule);

/* Rows of every layer, counted back from the last one written, that are still read: by the next
 * layer, and by rows of the embedding, each made as soon as a fed row completes it. */
void lode_dense_rows_kept(const lode_dense *dense, bool anchored,
                          int kept[LODE_DENSE_MAX_DEPTH + 1]);

#endif

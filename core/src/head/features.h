/* features.h - what a head may see of a place: centre bands, smoothed bands, embedding. */
#ifndef LODE_HEAD_FEATURES_H
#define LODE_HEAD_FEATURES_H

#include "encoder/encoder.h"
#include "geochem/recipe.h"

enum {                       /* sets of inputs, combined with | */
       LODE_INPUT_BANDS = 1, /* recipe channels at the centre cell */
       LODE_INPUT_SMOOTH =
           2, /* their mean over the cells with data within smooth_radius (square) */
       LODE_INPUT_EMBEDDING = 4 /* the encoder's embedding */
};

typedef struct lode_features {
    unsigned inputs;
    int smooth_radius;           /* cells; 2 = 5 x 5 */
    const lode_recipe *recipe;   /* borrowed */
    const lode_encoder *encoder; /* borrowed; NULL when there is none */
} lode_features;

/* ["bands", "embedding"]: a set of inputs as JSON. */
json_t *lode_inputs_describe(unsigned inputs);
/* Unknown words are ignored; 0 when none is known. */
unsigned lode_inputs_parse(const json_t *list);

/* Number of values for one place, in the order bands, smooth, embedding. */
int lode_features_count(const lode_features *features);
/* "centre Au", "smooth Au", "embedding 7"; the caller frees it with lode_free. */
char *lode_features_name(const lode_features *features, int index);
/* Half-window R: cells around a cell that its features depend on. */
int lode_features_half_window(const lode_features *features);
/* Columns or rows of the input that lode_features_compute wants for those at .. at + size - 1 of a
 * raster, and for windows that lie nowhere in one; see lode_encoder_span. */
lode_span lode_features_span(const lode_features *features, int at, int size);
lode_span lode_features_window_span(const lode_features *features, int size);

/* scaled: [rows->count][columns->count][channels + 1] from lode_recipe_apply -> out:
 * [rows->size][columns->size][count]. Calling thread only. */
lode_status lode_features_compute(const lode_features *features, const float *scaled,
                                  const lode_span *columns, const lode_span *rows, float *out);

/* The same values row by row, for tiles one below the other; see lode_encoder_stream_next. */
typedef struct lode_features_stream lode_features_stream;
lode_status lode_features_stream_create(const lode_features *features, const lode_span *columns,
                                        lode_features_stream **stream);
void lode_features_stream_free(lode_features_stream *stream);
lode_status lode_features_stream_next(lode_features_stream *stream, const float *scaled,
                                      const lode_span *rows, lode_row_fn fn, void *context);

/* The same features with other inputs. */
lode_features lode_features_with(const lode_features *features, unsigned inputs);
/* Copies the columns of `inputs` out of all[n][count of full], for the places with keep[i] != 0
 * (NULL = all of them). Returns a new array [*kept][count of inputs], NULL when memory runs out. */
float *lode_features_select(const lode_features *full, const float *all, size_t n, unsigned inputs,
                            const unsigned char *keep, size_t *kept);

/* Features at scattered cells (columns[n], rows[n]) of a stack -> out[n][count]; valid[n] tells
 * which centre cells have data. Reads tile-wise, on `threads` threads. */
lode_status lode_features_at(const lode_features *features, lode_stack *stack, const int *columns,
                             const int *rows, size_t n, int threads, const lode_progress *progress,
                             float *out, unsigned char *valid);

#endif

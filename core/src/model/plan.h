/* plan.h - the bands of a plan for tiles one below the other (the plan itself is public,
 * lode/lode.h).
 */
#ifndef LODE_MODEL_PLAN_H
#define LODE_MODEL_PLAN_H

#include <stdint.h>

#include "lode/lode.h"

/* Borrowed. */
const lode_model *lode_plan_model(const lode_plan *plan);

/* Tiles of the columns x .. x + width - 1. What a tile shares with one right above it, when that
 * was the last, is computed once, and the values are those of lode_plan_predict, bit for bit. One
 * thread uses a stream. */
typedef struct lode_plan_stream lode_plan_stream;
lode_status lode_plan_stream_create(const lode_plan *plan, int x, int width,
                                    lode_plan_stream **stream);
void lode_plan_stream_free(lode_plan_stream *stream);
/* Rows of the raster that the tile y .. y + height - 1 takes next: those of lode_plan_rows, less
 * what the tile above it took; maybe none. */
void lode_plan_stream_rows(const lode_plan_stream *stream, int y, int height, int64_t *first,
                           int *count);
/* input: these rows; columns and output as for lode_plan_predict. After a failure only
 * lode_plan_stream_free may follow. */
lode_status lode_plan_stream_next(lode_plan_stream *stream, const float *input, int y, int height,
                                  double min_valid, float *output);

#endif

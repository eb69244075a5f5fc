/* plan.h - the bands of a plan for tiles one below the other (the plan itself is public,
 * lode/lode.h).
 */
#ifndef LODE_MODEL_PLAN_H
#define LODE_MODEL_PLAN_H

#include "lode/lode.h"

/* Borrowed. */
const lode_model *lode_plan_model(const lode_plan *plan);

/* Tiles of the columns x .. x + width - 1, each of at most `most` rows, from top to bottom: what a
 * tile shares with the one above it is computed once, and the values are those of
 * lode_plan_predict, bit for bit. One thread uses a stream. */
typedef struct lode_plan_stream lode_plan_stream;
lode_status lode_plan_stream_create(const lode_plan *plan, int x, int width, int most,
                                    lode_plan_stream **stream);
void lode_plan_stream_free(lode_plan_stream *stream);
/* input: the rows of the first tile with a half-window above and below, of every other only the
 * `height` rows that the tiles before did not see; columns and output as for lode_plan_predict. */
lode_status lode_plan_stream_next(lode_plan_stream *stream, const float *input, int height,
                                  double min_valid, float *output);

#endif

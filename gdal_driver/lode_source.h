/* lode_source.h - a view opened: model, plan and stack, ready to evaluate any part of the raster.
 */
#ifndef LODE_SOURCE_H
#define LODE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "lode_library.h"
#include "lode_view.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lode_source lode_source;

/* NULL after CPLError. name: what the user opened, for messages and to notice a view that refers to
 * itself. */
lode_source *lode_source_open(const char *name, const lode_view *view);
void lode_source_close(lode_source *source);

const lode_library *lode_source_library(const lode_source *source);
const lode_model *lode_source_model(const lode_source *source);
const lode_plan *lode_source_plan(const lode_source *source);
/* NULL after lode_source_close_stack. */
lode_stack *lode_source_stack(lode_source *source);
/* Closes the stack's datasets; true when there were any. */
bool lode_source_close_stack(lode_source *source);

/* False after CPLError when the calling thread is reading for this very source: its stack leads
 * back to it. */
bool lode_source_check_cycle(const lode_source *source);

/* Part of the raster, in cells. */
typedef struct lode_tile {
    int x, y, width, height;
} lode_tile;

/* Evaluates one tile on the calling thread; planes[bands][height][width]. False after CPLError. */
bool lode_source_evaluate(lode_source *source, lode_tile tile, float *planes);

/* Between begin and end a thread evaluates with evaluators of its own, which may go to threads that
 * have taken over its chain (lode_chain.h). begin is false after CPLError. */
bool lode_source_begin(lode_source *source);
void lode_source_end(lode_source *source);
/* NULL when memory is short; freed with evaluator_free of the library. */
lode_evaluator *lode_source_start(const lode_source *source);
/* Fills planes, on any thread; on failure the text of what went wrong goes to message[size]. */
bool lode_source_tile(lode_source *source, lode_evaluator *evaluator, lode_tile tile, float *planes,
                      char *message, size_t size);
/* See lode_plan_run_length. */
int lode_source_run_length(const lode_source *source, const lode_tiling *tiling, int threads);

/* Forks that this process has made or come from since its first view: what was opened at another
 * number shares its place in the file with another process. */
unsigned lode_source_forks(void);

/* Cells evaluated so far. */
uint64_t lode_source_evaluated(const lode_source *source);

#ifdef __cplusplus
}
#endif
#endif

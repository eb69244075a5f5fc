/* lode_source.h - a view opened: model, plan and stack, ready to evaluate any part of the raster.
 */
#ifndef LODE_SOURCE_H
#define LODE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include <cpl_progress.h>

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

/* Takes the planes of tiles[index]; false stops. Called on the thread that called evaluate_tiles.
 */
typedef bool (*lode_tile_fn)(void *user, size_t index, const float *planes);

/* Evaluates tiles on several threads; reports progress (and asks for cancel) ten times a second. */
bool lode_source_evaluate_tiles(lode_source *source, const lode_tile *tiles, size_t count,
                                int threads, lode_tile_fn take, void *user,
                                GDALProgressFunc progress, void *progress_data);

/* Forks that this process has made or come from since its first view: what was opened at another
 * number shares its place in the file with another process. */
unsigned lode_source_forks(void);

/* Cells evaluated so far. */
uint64_t lode_source_evaluated(const lode_source *source);

#ifdef __cplusplus
}
#endif
#endif

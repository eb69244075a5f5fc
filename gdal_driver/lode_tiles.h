/* lode_tiles.h - many tiles of a view, on several threads.
 *
 * Tiles right below each other make a run, which one worker evaluates from top to bottom: a tile
 * that follows another costs less. Workers take runs in order and hold the result of each tile
 * until the calling thread has taken it. */
#ifndef LODE_TILES_H
#define LODE_TILES_H

#include <cpl_progress.h>

#include "lode_source.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Takes the planes of tiles[index]; false stops. Called on the thread that called
 * lode_tiles_evaluate. */
typedef bool (*lode_tile_fn)(void *user, size_t index, const float *planes);

/* Threads for an open option: itself, or all processors for 0. */
int lode_tiles_threads(int requested);

/* Tells the caller how far the work is; false after CPLError when the user stopped it. progress may
 * be NULL. */
bool lode_tiles_progress(double complete, GDALProgressFunc progress, void *progress_data);

/* threads: see lode_tiles_threads. Reports progress (and asks for cancel) ten times a second. False
 * after CPLError. */
bool lode_tiles_evaluate(lode_source *source, const lode_tile *tiles, size_t count, int threads,
                         lode_tile_fn take, void *user, GDALProgressFunc progress,
                         void *progress_data);

#ifdef __cplusplus
}
#endif
#endif

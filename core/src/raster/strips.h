/* strips.h - the order in which a map visits its tiles.
 *
 * A tile reads blocks of the tiles around it. Row after row, a block is decoded once only if GDAL's
 * block cache holds all blocks between two rows of tiles, across the whole raster; otherwise up to
 * three times. A raster too wide for the cache is therefore visited in strips from top to bottom,
 * as wide as the cache allows: only the blocks between two strips are decoded twice. */
#ifndef LODE_RASTER_STRIPS_H
#define LODE_RASTER_STRIPS_H

#include "raster/parts.h"

typedef struct lode_strips {
    size_t across, down; /* tiles of the window */
    size_t wide;         /* tiles across a strip; the last may be narrower */
} lode_strips;

/* For tiles of `side` cells of a window, each read with `half` cells around it from the
 * bands[count] of the stack. One strip where it would not help: blocks as wide as the raster, or a
 * VRT, which does not tell how its sources are stored. */
lode_strips lode_strips_plan(const lode_stack *stack, const int *bands, int count,
                             lode_window window, int side, int half);
/* The tile visited as number `item`, counted row after row (lode_grid_tile). */
size_t lode_strips_tile(const lode_strips *strips, size_t item);

#endif

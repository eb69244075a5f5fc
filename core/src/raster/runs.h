/* runs.h - a map is made in runs: some square tiles one below the other.
 *
 * From tile to tile of a run an encoder goes on where it was, so that only the first has rows above
 * it to be seen again. Runs are visited row after row. Two neighbours share blocks of the stack,
 * which are decoded once only if GDAL's block cache holds them that long: a run is as tall as the
 * cache allows, and short enough that all threads have some. The last ones are cut in halves, one
 * of them again and so on, so that all threads end at about the same time. */
#ifndef LODE_RASTER_RUNS_H
#define LODE_RASTER_RUNS_H

#include "raster/parts.h"

/* Tiles of a run: see lode_plan_run_length, whose windows reach `half` cells beyond a tile. */
int lode_runs_tall(const lode_stack *stack, const int *bands, int count, const lode_tiling *tiling,
                   int half, int threads);

enum { LODE_RUNS_MOST_TALL = 8, LODE_RUNS_MOST_PARTS = 4 }; /* of eight tiles 4, 2, 1 and 1 */

typedef struct lode_runs {
    lode_window window;
    int side;                           /* cells of a tile */
    int tall;                           /* tiles of a run; the lowest runs may have fewer */
    int across;                         /* runs side by side */
    size_t uncut;                       /* runs before those that are cut */
    size_t cut;                         /* runs that are */
    int parts;                          /* of a run that is cut, one below the other */
    int part[LODE_RUNS_MOST_PARTS + 1]; /* the first tile of each part, and one past the last */
    size_t count; /* of runs, each part counted as one: first the first part of every cut run */
} lode_runs;

/* For tiles of `side` cells of a window, each seen with `half` cells around it in the bands[count]
 * of the stack, on `threads` threads. */
lode_runs lode_runs_plan(const lode_stack *stack, const int *bands, int count, lode_window window,
                         int side, int half, int threads);
/* The cells of run number `run`. */
lode_window lode_runs_window(const lode_runs *runs, size_t run);

#endif

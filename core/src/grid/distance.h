/* distance.h - distance from every cell to the nearest marked cell, exact, in two passes.
 *
 * Felzenszwalb and Huttenlocher (2012), Distance Transforms of Sampled Functions, Theory of
 * Computing 8, 415-428; cells need not be square. */
#ifndef LODE_GRID_DISTANCE_H
#define LODE_GRID_DISTANCE_H

#include "util/progress.h"

/* marked[height x width]: non-zero cells are the features. distance[height x width]: between cell
 * centres, in the units of the cell sides; INFINITY everywhere when nothing is marked. */
lode_status lode_distance_transform(const unsigned char *marked, int width, int height,
                                    double cell_x, double cell_y, int threads,
                                    const lode_progress *progress, float *distance);

#endif

/* field.h - random fields on a square grid: the raw material of a simulated landscape. */
#ifndef LODE_SIMULATE_FIELD_H
#define LODE_SIMULATE_FIELD_H

#include <stdint.h>

#include "util/progress.h"

/* The square piece of ground that is simulated: size x size cells of `cell` metres, row 0 in the
 * north, in a projected CRS whose coordinates of the north-west corner are west, north. */
typedef struct lode_sim_area {
    int size;
    double cell, west, north;
} lode_sim_area;

/* Every use of chance has its own stream, so that changing one part leaves the others as they are.
 */
enum {
    LODE_SIM_STREAM_TERRAIN = 100,
    LODE_SIM_STREAM_GEOLOGY = 200,
    LODE_SIM_STREAM_INTRUSIONS = 300,
    LODE_SIM_STREAM_FAULTS = 400,
    LODE_SIM_STREAM_DEPOSITS = 500,
    LODE_SIM_STREAM_BARREN = 600,
    LODE_SIM_STREAM_FACTORS = 700,
    LODE_SIM_STREAM_SITES = 800,
    LODE_SIM_STREAM_ACCESS = 900,
    LODE_SIM_STREAM_ELEMENTS = 1000,  /* + index of the element */
    LODE_SIM_STREAM_LABORATORY = 2000 /* + index of the element */
};

/* A Gaussian random field of mean 0 and standard deviation 1 with smooth, hill-like variation over
 * about `range` metres: white noise under three moving averages, which together come close to a
 * Gaussian kernel. values has size x size elements. progress (may be NULL) is only asked whether to
 * stop. */
lode_status lode_sim_field(const lode_sim_area *area, double range, uint64_t seed, uint64_t stream,
                           const lode_progress *progress, float *values);

#endif

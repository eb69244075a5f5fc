/* terrain.h - elevation and the streams on it. */
#ifndef LODE_SIMULATE_TERRAIN_H
#define LODE_SIMULATE_TERRAIN_H

#include "simulate/field.h"

typedef struct lode_sim_terrain {
    float *elevation; /* [size * size] metres, without pits */
    int *downstream;  /* [size * size] the cell that water goes to next, -1 off the area */
    int *catchment;   /* [size * size] number of cells that drain through a cell, itself included */
} lode_sim_terrain;

/* Hills from random fields; pits filled and flow routed to the lowest neighbour by priority-flood
 * (Barnes, Lehman, Mulla 2014, Computers & Geosciences 62, 117-127). */
lode_status lode_sim_terrain_create(const lode_sim_area *area, uint64_t seed,
                                    const lode_progress *progress, lode_sim_terrain **terrain);
void lode_sim_terrain_free(lode_sim_terrain *terrain);

#endif

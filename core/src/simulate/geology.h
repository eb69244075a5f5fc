/* geology.h - rock units, intrusions and faults of a simulated area. */
#ifndef LODE_SIMULATE_GEOLOGY_H
#define LODE_SIMULATE_GEOLOGY_H

#include "simulate/terrain.h"

enum {
    LODE_SIM_SANDSTONE,
    LODE_SIM_SLATE,
    LODE_SIM_BLACK_SHALE, /* barren, but rich in Au, As, Sb, Hg, Ag: it mimics the halo of a deposit
                           */
    LODE_SIM_LIMESTONE,
    LODE_SIM_BASALT,
    LODE_SIM_GRANITE,
    LODE_SIM_DIORITE,
    LODE_SIM_ALLUVIUM,
    LODE_SIM_UNITS
};

enum { LODE_SIM_FAULTS = 18, LODE_SIM_FAULT_VERTICES = 12 };

typedef struct lode_sim_geology {
    unsigned char *unit;   /* [size * size] */
    float *fault_distance; /* [size * size] metres to the nearest fault */
    float *contact; /* [size * size] metres outside (positive) or inside the nearest granite */
    struct {
        double east[LODE_SIM_FAULT_VERTICES], north[LODE_SIM_FAULT_VERTICES];
    } faults[LODE_SIM_FAULTS];
} lode_sim_geology;

/* Folded strata along one strike, cut by intrusions and by two sets of faults, with alluvium on the
 * floors of the large valleys. */
lode_status lode_sim_geology_create(const lode_sim_area *area, const lode_sim_terrain *terrain,
                                    uint64_t seed, const lode_progress *progress,
                                    lode_sim_geology **geology);
void lode_sim_geology_free(lode_sim_geology *geology);
const char *lode_sim_unit_name(int unit);

#endif

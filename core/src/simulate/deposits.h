/* deposits.h - gold deposits with zoned haloes, and barren systems that look a little like them. */
#ifndef LODE_SIMULATE_DEPOSITS_H
#define LODE_SIMULATE_DEPOSITS_H

#include <stdbool.h>

#include "simulate/geology.h"

typedef struct lode_sim_deposit {
    double x, y;     /* metres from the north-west corner: x to the east, y to the south */
    double strength; /* of the halo, 1 = typical */
    double level; /* of exposure: 0 = eroded to the Bi-W-Au root, 1 = only the Sb-Hg top is seen */
    bool barren;  /* an Sb-As-Hg system without gold or bismuth */
    bool known;
} lode_sim_deposit;

typedef struct lode_sim_deposits {
    lode_sim_deposit *items; /* known ones first, then hidden, then barren */
    int known, hidden, barren;
} lode_sim_deposits;

/* Places known + hidden deposits and barren systems: close to faults, outside but near granite, in
 * favourable host rocks, and by chance. Strong haloes are a little more likely to be known. */
lode_status lode_sim_deposits_create(const lode_sim_area *area, const lode_sim_geology *geology,
                                     int known, int hidden, uint64_t seed,
                                     lode_sim_deposits **deposits);
void lode_sim_deposits_free(lode_sim_deposits *deposits);

/* Adds (or, for leached elements, takes away) what the haloes do to the element's concentrations in
 * values[size * size]; median is the regional one. */
void lode_sim_deposits_enrich(const lode_sim_area *area, const lode_sim_deposits *deposits,
                              const char *element, double median, float *values);

#endif

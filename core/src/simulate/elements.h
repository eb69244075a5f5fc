/* elements.h - how the 39 elements of a regional stream-sediment survey behave in rock. */
#ifndef LODE_SIMULATE_ELEMENTS_H
#define LODE_SIMULATE_ELEMENTS_H

#include "simulate/deposits.h"
#include "simulate/geology.h"

enum { LODE_SIM_ELEMENTS = 39, LODE_SIM_FACTORS = 4 };

typedef struct lode_sim_element {
    const char *name, *unit; /* "Au", "ppb": the column is Au_ppb */
    double median;           /* regional median, in the unit */
    double detection;        /* detection limit, in the unit; 0 = always detected */
    double spread;           /* standard deviation of the element's own field, log10 */
    double nugget;           /* standard deviation of sampling and analysis, log10 */
    double
        loading[LODE_SIM_FACTORS]; /* log10 per unit of a shared regional factor: weathering,
                                      iron-manganese scavenging, heavy minerals, organic matter */
    double rock[LODE_SIM_UNITS];   /* level in a unit relative to the median */
} lode_sim_element;

const lode_sim_element *lode_sim_element_at(int index);

/* Concentration of element `index` in the soil and rock of every cell -> values[size * size], in
 * the element's unit: rock level, regional factors[LODE_SIM_FACTORS][size * size], the element's
 * own field, and what the deposits and barren systems add. SiO2, the residue of the other oxides,
 * is made by lode_sim_silica instead. */
lode_status lode_sim_element_field(const lode_sim_area *area, const lode_sim_geology *geology,
                                   const lode_sim_deposits *deposits, const float *const *factors,
                                   int index, uint64_t seed, const lode_progress *progress,
                                   float *values);

/* SiO2 of one analysis from its other columns, values[LODE_SIM_ELEMENTS]: what is left of 100 % by
 * the other oxides and the loss on ignition (organic matter, water, the CO2 of carbonate). */
double lode_sim_silica(const double *values, double ignition);

#endif

#include "simulate/elements.h"

#include <math.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"

/* Levels and spreads follow published means of national 1:200 000 stream-sediment surveys and of
 * rock types (Xie et al. 1997, J. Geochem. Explor. 60, 99-113; Rudnick and Gao 2003). */
static const lode_sim_element elements[LODE_SIM_ELEMENTS] = {
    /* name unit   median  limit  spread nugget  weather scav. heavy organic   sst  slate black lime
       basalt granite diorite alluvium */
    {"Ag", "ppb", 75, 30, 0.20, 0.14, {0, .05, 0, .06}, {.8, 1, 2.4, .9, .9, .9, .9, 1}},
    {"Al2O3", "pct", 12.9, 0, 0.03, 0.02, {.05, 0, 0, 0}, {.75, 1.2, 1.05, .6, 1.1, 1.05, 1.1, .9}},
    {"As", "ppm", 10, 1, 0.30, 0.12, {.05, .12, 0, 0}, {.9, 1.3, 2.6, 1.1, .5, .5, .6, 1}},
    {"Au", "ppb", 1.2, 0.5, 0.24, 0.24, {0, .03, .04, 0}, {.9, 1, 2.6, .8, 1.3, .6, 1.1, 1.2}},
    {"B", "ppm", 70, 5, 0.13, 0.08, {.03, 0, 0, 0}, {1, 1.4, 1.2, .6, .25, .5, .35, .9}},
    {"Ba", "ppm", 380, 0, 0.10, 0.05, {0, .03, 0, 0}, {.9, 1.1, 2.2, .5, .8, 1.1, 1.3, 1}},
    {"Be", "ppm", 2.1, 0.3, 0.08, 0.06, {.03, 0, .04, 0}, {.7, 1.1, 1, .6, .6, 2.2, 1, .9}},
    {"Bi", "ppm", 0.3, 0.1, 0.24, 0.14, {0, .05, .04, 0}, {.8, 1.1, 1.2, .7, .5, 2.4, .8, 1}},
    {"CaO", "pct", 0.6, 0, 0.16, 0.06, {-.14, 0, 0, 0}, {.6, .7, .9, 13, 6, .9, 4.5, 1.2}},
    {"Cd", "ppb", 150, 30, 0.20, 0.10, {-.03, .08, 0, .08}, {.7, .9, 3, 1.9, .9, .7, .9, 1}},
    {"Co", "ppm", 12, 1, 0.09, 0.06, {.02, .14, 0, 0}, {.7, 1.2, 1.1, .7, 2.6, .5, 1.5, .9}},
    {"Cr", "ppm", 57, 5, 0.12, 0.08, {.04, .02, .05, 0}, {.8, 1.2, 1.2, .7, 3, .4, 1.2, .9}},
    {"Cu", "ppm", 24, 2, 0.12, 0.07, {.02, .05, 0, .02}, {.7, 1.2, 1.8, .7, 2.2, .5, 1.4, .9}},
    {"F", "ppm", 480, 100, 0.09, 0.06, {.03, 0, 0, 0}, {.8, 1.2, 1.2, .9, .8, 1.7, 1.1, .9}},
    {"Fe2O3", "pct", 4.3, 0, 0.06, 0.03, {.05, .08, .02, 0}, {.7, 1.2, 1.1, .7, 2, .6, 1.3, .9}},
    {"Hg", "ppb", 55, 10, 0.26, 0.14, {.03, .02, 0, .14}, {.8, 1.1, 2.8, 1.5, .6, .5, .6, 1.1}},
    {"K2O", "pct", 2.2, 0, 0.07, 0.03, {-.05, 0, -.02, 0}, {.8, 1.2, 1.1, .5, .6, 1.7, 1, .9}},
    {"La", "ppm", 38, 5, 0.07, 0.05, {.03, 0, .08, 0}, {.9, 1.1, .9, .6, .7, 1.4, 1, 1}},
    {"Li", "ppm", 38, 2, 0.11, 0.05, {.06, .03, 0, 0}, {.8, 1.4, 1.1, .7, .7, 1.5, .8, .9}},
    {"MgO", "pct", 0.75, 0, 0.10, 0.05, {-.10, 0, 0, 0}, {.6, 1.1, 1, 2.6, 3.2, .6, 2, .9}},
    {"Mn", "ppm", 600, 0, 0.12, 0.09, {-.02, .22, 0, 0}, {.7, 1.1, .7, 1, 1.9, .8, 1.3, 1}},
    {"Mo", "ppm", 0.8, 0.3, 0.17, 0.09, {.02, .06, 0, .04}, {.8, .9, 4.5, .8, .9, 1.7, .9, .9}},
    {"Na2O", "pct", 0.5, 0.05, 0.15, 0.05, {-.18, 0, 0, 0}, {.7, .7, .5, .3, 2.2, 3.2, 3.5, 1}},
    {"Nb", "ppm", 17, 2, 0.07, 0.05, {.04, 0, .08, 0}, {.9, 1, .9, .6, 1.2, 1.5, .9, 1}},
    {"Ni", "ppm", 25, 2, 0.10, 0.06, {.02, .10, .01, 0}, {.7, 1.2, 1.9, .8, 2.8, .4, 1.1, .9}},
    {"P", "ppm", 450, 50, 0.09, 0.06, {-.05, .04, 0, .05}, {.7, 1.1, 1.9, .9, 1.9, .8, 1.6, 1.1}},
    {"Pb", "ppm", 27, 2, 0.16, 0.07, {.02, .08, .02, .02}, {.8, 1.1, 1.3, .9, .5, 1.7, .9, 1}},
    {"Sb", "ppm", 0.8, 0.2, 0.28, 0.12, {.04, .05, 0, .03}, {.9, 1.3, 2.9, 1.3, .5, .5, .6, 1}},
    {"SiO2", "pct", 70, 0, 0, 0.01, {0, 0, 0, 0}, {1, 1, 1, 1, 1, 1, 1, 1}},
    {"Sn", "ppm", 3.8, 1, 0.13, 0.12, {.02, 0, .14, 0}, {.8, 1.1, .9, .7, .6, 2.4, .8, 1.1}},
    {"Sr", "ppm", 55, 5, 0.12, 0.05, {-.18, 0, 0, 0}, {.6, .8, .8, 2.2, 3, 1.3, 5, 1.1}},
    {"Th", "ppm", 13, 2, 0.09, 0.06, {.04, 0, .12, 0}, {.8, 1.1, .9, .6, .5, 2, .8, 1}},
    {"Ti", "ppm", 4300, 0, 0.06, 0.04, {.04, .02, .09, 0}, {.8, 1.1, .9, .6, 2.2, .7, 1.3, 1}},
    {"U", "ppm", 2.9, 0.5, 0.12, 0.07, {.02, 0, .10, .04}, {.8, 1, 2.8, .9, .4, 2, .8, .9}},
    {"V", "ppm", 85, 5, 0.08, 0.05, {.05, .06, .03, 0}, {.7, 1.2, 2.6, .8, 2, .5, 1.2, .9}},
    {"W", "ppm", 2.1, 0.5, 0.20, 0.13, {.02, .02, .12, 0}, {.8, 1.2, 1.1, .6, .5, 2.3, .8, 1.1}},
    {"Y", "ppm", 26, 3, 0.07, 0.05, {.02, .03, .09, 0}, {.9, 1.1, 1, .7, .9, 1.3, .9, 1}},
    {"Zn", "ppm", 70, 5, 0.10, 0.06, {0, .10, 0, .03}, {.7, 1.2, 1.6, .9, 1.4, .8, 1.1, .9}},
    {"Zr", "ppm", 300, 10, 0.09, 0.07, {.02, -.03, .14, 0}, {1.3, .9, .8, .6, .8, 1, .8, 1.2}},
};

const lode_sim_element *lode_sim_element_at(int index) {
    return index >= 0 && index < LODE_SIM_ELEMENTS ? &elements[index] : NULL;
}

lode_status lode_sim_element_field(const lode_sim_area *area, const lode_sim_geology *geology,
                                   const lode_sim_deposits *deposits, const float *const *factors,
                                   int index, uint64_t seed, const lode_progress *progress,
                                   float *values) {
    const lode_sim_element *element = &elements[index];
    size_t cells = (size_t)area->size * (size_t)area->size;
    float *broad = lode_alloc(cells, sizeof *broad), *fine = lode_alloc(cells, sizeof *fine);
    uint64_t stream = LODE_SIM_STREAM_ELEMENTS + 2 * (uint64_t)index;
    lode_status status = broad && fine ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_sim_field(area, 16000, seed, stream, progress, broad);
    if (status == LODE_OK)
        status = lode_sim_field(area, 4000, seed, stream + 1, progress, fine);
    for (size_t i = 0; status == LODE_OK && i < cells; i++) {
        double level = log10(element->median * element->rock[geology->unit[i]]);
        for (int k = 0; k < LODE_SIM_FACTORS; k++)
            level += element->loading[k] * factors[k][i];
        level += element->spread * (0.92 * broad[i] + 0.4 * fine[i]);
        values[i] = (float)pow(10, level);
    }
    if (status == LODE_OK)
        lode_sim_deposits_enrich(area, deposits, element->name, element->median, values);
    lode_free(broad);
    lode_free(fine);
    return status;
}

double lode_sim_silica(const double *values, double ignition) {
    double rest = ignition;
    for (int k = 0; k < LODE_SIM_ELEMENTS; k++) {
        if (strcmp(elements[k].unit, "pct") != 0 || strcmp(elements[k].name, "SiO2") == 0)
            continue;
        double carbonate = strcmp(elements[k].name, "CaO") == 0 ? 0.6 : 0;
        rest += values[k] * (1 + carbonate);
    }
    return fmax(100 - rest, 15);
}

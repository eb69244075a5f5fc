/* survey.h - a stream-sediment survey of the simulated area, as a laboratory would report it. */
#ifndef LODE_SIMULATE_SURVEY_H
#define LODE_SIMULATE_SURVEY_H

#include "simulate/elements.h"
#include "util/progress.h"

typedef struct lode_sim_survey {
    int samples;
    double *x, *y;       /* [samples] metres from the north-west corner */
    unsigned char *unit; /* [samples] rock unit at the site */
    double *values;      /* [samples][LODE_SIM_ELEMENTS] reported values, three significant digits;
                            -DL where the laboratory reports "<DL" */
} lode_sim_survey;

/* One site in each of about `wanted` squares, on a small stream where there is one. Where the
 * squares lie has nothing to do with deposits; some are missing, and so is one tract without
 * access. A sample is the mean of its catchment up to 4 km upstream, near ground counting more. */
lode_status lode_sim_survey_run(const lode_sim_area *area, const lode_sim_terrain *terrain,
                                const lode_sim_geology *geology, const lode_sim_deposits *deposits,
                                int wanted, uint64_t seed, const lode_progress *progress,
                                lode_sim_survey **survey);
void lode_sim_survey_free(lode_sim_survey *survey);

/* Inverse-distance gridding of the reported values (power 2, 12 nearest samples, half the detection
 * limit for what is below it) -> planes[LODE_SIM_ELEMENTS][size * size], NaN where no sample lies
 * within `reach` metres. Values are rounded to 12 significant bits, finer than any analysis. */
lode_status lode_sim_survey_grid(const lode_sim_area *area, const lode_sim_survey *survey,
                                 double reach, int threads, const lode_progress *progress,
                                 float *planes);

#endif

/* output.h - the files of a simulated survey. Same inputs, same bytes. */
#ifndef LODE_SIMULATE_OUTPUT_H
#define LODE_SIMULATE_OUTPUT_H

#include "simulate/survey.h"

/* samples.csv: sample_id, easting, northing, lithology and one column an element ("Au_ppb"), where
 * "<0.5" stands for a value below the detection limit. */
lode_status lode_sim_write_csv(const char *path, const lode_sim_area *area,
                               const lode_sim_survey *survey);
/* The same table as points; columns with values below detection are text, the others numbers. */
lode_status lode_sim_write_samples(const char *path, const char *crs, const lode_sim_area *area,
                                   const lode_sim_survey *survey);
/* Deposits as points: the known ones, or the hidden ones. */
lode_status lode_sim_write_deposits(const char *path, const char *crs, const lode_sim_area *area,
                                    const lode_sim_deposits *deposits, bool known);
lode_status lode_sim_write_faults(const char *path, const char *crs,
                                  const lode_sim_geology *geology);
/* Rock units as polygons. */
lode_status lode_sim_write_geology(const char *path, const char *crs, const lode_sim_area *area,
                                   const lode_sim_geology *geology);
/* planes[LODE_SIM_ELEMENTS][size * size] as a GeoTIFF; band descriptions are the element names. */
lode_status lode_sim_write_stack(const char *path, const char *crs, const lode_sim_area *area,
                                 float *planes);

#endif

/* groups.h - laboratories, reports and methods mixed in one column: found, told, levelled. */
#ifndef LODE_SAMPLES_GROUPS_H
#define LODE_SAMPLES_GROUPS_H

#include "samples/samples.h"

/* Warns where a column of few words (a report, a laboratory) splits an element into populations
 * whose medians differ at least tenfold, and where one group is about 1000 times the others (ppb
 * typed as ppm). chosen: name of the column to look at, or NULL for all. */
lode_status lode_groups_inspect(const lode_table *table, const size_t *rows, const char *chosen,
                                lode_samples *samples);

/* Multiplies each group's values of each element so that its median becomes the median of the group
 * medians; groups of fewer than 8 measured values are left as they are. */
lode_status lode_groups_level(const lode_table *table, const size_t *rows, const char *column,
                              lode_samples *samples);

/* Warns of elements whose median is more than 300 times from their share in the upper crust. */
void lode_check_magnitudes(lode_samples *samples);

#endif

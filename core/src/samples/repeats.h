/* repeats.h - samples that occur twice: repeated under another number, or several at one place. */
#ifndef LODE_SAMPLES_REPEATS_H
#define LODE_SAMPLES_REPEATS_H

#include "samples/samples.h"

/* keep[n] becomes false for samples whose place and every element value were seen before (a report
 * repeated under another number). rows[n] are the table's rows, for naming the reports. */
lode_status lode_drop_repeats(const lode_table *table, const size_t *rows, lode_samples *samples,
                              bool *keep);

/* Merges samples at one place as the option says; values must be free of limits. */
lode_status lode_merge_places(lode_samples *samples, lode_duplicates how);

/* Removes the samples that keep[n] does not keep. */
void lode_samples_keep(lode_samples *samples, const bool *keep, size_t *rows);

#endif

/* understand.h - which columns are elements, in which unit, and which of several twins to take. */
#ifndef LODE_SAMPLES_UNDERSTAND_H
#define LODE_SAMPLES_UNDERSTAND_H

#include "samples/place.h"

/* Fills samples->analytes from the table's columns: recognised by name, changed by the mapping file,
 * chosen by --elements. Values come out in ppm with marks; rows[n] are the table's rows to take.
 * Columns that cannot be used are kept with a reason. */
lode_status lode_understand(const lode_table *table, const lode_samples_options *options,
                            const lode_places_found *places, const size_t *rows, size_t n,
                            lode_samples *samples);

/* Of columns that hold the same element the one analysed in most samples is used; then the one with
 * most values above limits; then the element before its oxide; then the first. */
void lode_choose_twins(const lode_table *table, lode_samples *samples);

/* Counts, medians and limits of an analyte from its values and marks. */
lode_status lode_analyte_measure(lode_analyte *analyte, size_t n);

#endif

/* report.h - what was understood of a table, as lines to read and as JSON. */
#ifndef LODE_SAMPLES_REPORT_H
#define LODE_SAMPLES_REPORT_H

#include "samples/samples.h"

/* Logs one line a column and adds "columns" to the report:
 * [{"column", "name", "element", "unit", "method", "used", "reason", "notes", "values", "below",
 *   "above", "missing", "codes", "negative", "zero", "spike", "censored", "median", "minimum",
 *   "maximum", "limit_low", "limit_high"}]. Amounts are in ppm. */
lode_status lode_samples_tell(const lode_table *table, lode_samples *samples);

#endif

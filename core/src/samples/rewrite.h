/* rewrite.h - a table written again with further columns. */
#ifndef LODE_SAMPLES_REWRITE_H
#define LODE_SAMPLES_REWRITE_H

#include <stddef.h>

#include "lode/lode.h"

/* Copies the layer that lode_table_read(name, NULL, NULL) reads to path (.csv or .gpkg), with its
 * fields, geometries and CRS, and adds columns names[count]; values[count][rows], NaN = null. Written
 * beside and renamed. */
lode_status lode_table_rewrite(const char *name, const char *path, const char *const *names,
                               const double *values, int count, size_t rows);

#endif

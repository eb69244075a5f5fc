/* classes.h - the classes of a map of categories (rock units). */
#ifndef LODE_GRID_CLASSES_H
#define LODE_GRID_CLASSES_H

#include "grid/align.h"

enum { LODE_CLASSES_MAX = 64 };

/* The distinct values of a band, ascending; fails when they are not whole numbers or too many.
 * classes has room for LODE_CLASSES_MAX. */
lode_status lode_classes_find(const lode_source *source, double *classes, int *count);

#endif

/* place.h - where samples are: coordinate columns, their CRS, and the metric CRS to work in. */
#ifndef LODE_SAMPLES_PLACE_H
#define LODE_SAMPLES_PLACE_H

#include "samples/samples.h"

typedef struct lode_places_found {
    double *x, *y;      /* [rows] coordinates as they lie; NaN where there are none */
    char *crs;          /* WKT they lie in */
    int column_x, column_y; /* -1 for geometries */
} lode_places_found;

/* Finds the coordinates of a table: point geometries, or columns named like coordinates. */
lode_status lode_places_find(const lode_table *table, const lode_samples_options *options,
                             lode_samples *samples, lode_places_found *found);
void lode_places_found_free(lode_places_found *found);

/* The CRS to grid in: the one asked for, or the points' own when it is metric, or the UTM zone of
 * their middle (told in a log line and the report). Transforms x, y[n] in place; points that cannot
 * be transformed become NaN. *crs is new. */
lode_status lode_places_project(const lode_samples_options *options, const char *from, double *x,
                                double *y, size_t n, lode_samples *samples, char **crs);

#endif

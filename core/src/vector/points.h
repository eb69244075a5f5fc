/* points.h - places of the features of a vector layer, in another CRS. */
#ifndef LODE_VECTOR_POINTS_H
#define LODE_VECTOR_POINTS_H

#include <stddef.h>

#include "lode/lode.h"

typedef struct lode_points {
    size_t n;             /* features with a place */
    double *east, *north; /* [n] in the wanted CRS, easting (or longitude) first */
    size_t read;          /* features read; the rest has no geometry or cannot be projected */
    char **names;         /* [n] from lode_points_read_named, "" for none; NULL = not asked for, or
                             the layer has no field of names */
} lode_points;

/* Reads "dataset" (its first layer) or "dataset|layername=NAME"; of other geometries than points
 * the centroid. where is OGR SQL, NULL = all. crs is the WKT of the wanted CRS. what names the
 * input in messages: "deposits", "samples". Fails when the layer or the target has no CRS, and when
 * no feature meets the condition. */
lode_status lode_points_read(const char *layer, const char *where, const char *crs,
                             const char *what, lode_points **points);
/* The same with names: the text field called "name", or the first with "name" or else "title" in
 * what it is called. */
lode_status lode_points_read_named(const char *layer, const char *where, const char *crs,
                                   const char *what, lode_points **points);
void lode_points_free(lode_points *points);

#endif

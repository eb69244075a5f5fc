/* vector.h - what all readers of vector layers share. */
#ifndef LODE_VECTOR_VECTOR_H
#define LODE_VECTOR_VECTOR_H

#include <ogr_api.h>

#include "lode/lode.h"

/* Splits "dataset" or "dataset|layername=NAME|..." as QGIS writes it; *layer is NULL without a
 * name. Free both with lode_free. */
lode_status lode_vector_split(const char *name, char **path, char **layer);

/* Leaves features that do not meet `where` (NULL: none) out of what is read from the layer. A
 * condition that does not work is refused here, in words that name `option` ("--where"); drivers of
 * databases notice it with the first feature only. */
lode_status lode_vector_filter(OGRLayerH layer, const char *where, const char *option,
                               const char *name);

/* The next feature, NULL behind the last one. GDAL also returns NULL when a file is damaged or goes
 * away; that becomes an error here, so that nobody counts what is left of a file as all of it. what
 * and name are for the message: "deposits" and their file. */
lode_status lode_vector_next(OGRLayerH layer, const char *what, const char *name,
                             OGRFeatureH *feature);

#endif

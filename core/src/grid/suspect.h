/* suspect.h - constants in a raster band that look like an undeclared "no data". */
#ifndef LODE_GRID_SUSPECT_H
#define LODE_GRID_SUSPECT_H

#include "grid/align.h"

typedef struct lode_suspect {
    double value;
    double share;      /* of the cells with data, 0..1 */
    bool impossible;   /* beyond 1e30: never a measurement */
    bool code;         /* a usual missing code (-9999, -99, -32768 ...) below everything else */
    bool border;       /* fills at least three corners and a fifth of the raster */
} lode_suspect;

/* Looks at up to about a million cells of the band. *count is 0 when nothing is suspicious; found
 * has room for LODE_MISSING_MAX. */
lode_status lode_suspect_find(const lode_source *source, lode_suspect *found, int *count);

#endif

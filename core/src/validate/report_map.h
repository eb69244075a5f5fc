/* report_map.h - maps of the report, as pictures inside the page. */
#ifndef LODE_VALIDATE_REPORT_MAP_H
#define LODE_VALIDATE_REPORT_MAP_H

#include <stdio.h>

#include "validate/validate.h"

/* The bands percentile (or score) and uncertainty of raster, with the deposits on them, where they
 * exist; a map that cannot be drawn is left out with a warning in the log. */
void lode_report_maps(FILE *out, const lode_validation *validation, const lode_grid *grid,
                      const char *raster);

#endif

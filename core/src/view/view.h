/* view.h - writes .lodeview files: a model over a stack as one raster for every GDAL program.
 *
 * The GDAL plugin reads them (gdal_driver/lode_view.h describes the format). */
#ifndef LODE_VIEW_VIEW_H
#define LODE_VIEW_VIEW_H

#include "lode/lode.h"

typedef struct lode_view_options {
    const char *groups; /* comma list of band groups; NULL = the model's own choice */
    double min_valid;   /* smallest share of window cells with data, 0..1 */
    const char *place;  /* name that the file is given afterwards; NULL when it stays where it is */
} lode_view_options;

/* Writes a view of model over the stack's files to path. Names become relative to it where model
 * and stack lie near it, so that the folder can be moved. */
lode_status lode_view_write(const char *path, const char *model, const char *const *stack,
                            int count, const lode_view_options *options);

#endif

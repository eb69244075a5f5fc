/* vrt.h - writes VRT files whose bands are computed by Lode's pixel functions (docs/gdal.md). */
#ifndef LODE_VIEW_VRT_H
#define LODE_VIEW_VRT_H

#include "raster/stack.h"

typedef struct lode_vrt lode_vrt;

/* A VRT on the stack's grid, to be written to path. Sources are named relative to path. */
lode_status lode_vrt_create(const char *path, const lode_stack *stack, lode_vrt **vrt);
void lode_vrt_free(lode_vrt *vrt);

/* Begins a Float32 band with nodata LODE_NODATA, computed by a pixel function. */
lode_status lode_vrt_add_band(lode_vrt *vrt, const char *description, const char *function);
/* Argument of the band's function. */
lode_status lode_vrt_add_argument(lode_vrt *vrt, const char *name, const char *value);
lode_status lode_vrt_add_number(lode_vrt *vrt, const char *name, double value);
/* The next source of the band: a band of the stack, with its nodata, mask, scale and offset. */
lode_status lode_vrt_add_stack_band(lode_vrt *vrt, const lode_stack *stack, int band);
/* The next source of the band: a band (from 1) of another file that has nodata LODE_NODATA. */
lode_status lode_vrt_add_file_band(lode_vrt *vrt, const char *file, int band);

lode_status lode_vrt_write(const lode_vrt *vrt);

#endif

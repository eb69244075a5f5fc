/* align.h - one raster band brought to another grid, read window by window.
 *
 * What is done to a band is the least that is needed: cells are copied when the grids agree, moved
 * when they differ by whole cells, interpolated when finer or shifted, averaged over area when the
 * target is more than twice as coarse, and warped when the CRS differs. Every kind of missing value
 * (declared, NaN, a mask band, values the user names) becomes NaN before any of that, so that a
 * missing cell never mixes into its neighbours. */
#ifndef LODE_GRID_ALIGN_H
#define LODE_GRID_ALIGN_H

#include <jansson.h>

#include "raster/stack.h"

enum { LODE_MISSING_MAX = 8 };

/* A band of a file, as it lies there. */
typedef struct lode_source {
    char *path;
    int number;
    char *name;
    lode_grid grid;
    char *crs;
    double scale, offset;
    bool has_nodata, has_mask, is_integer;
    double nodata;
    double missing[LODE_MISSING_MAX]; /* further values that mean "no data" */
    int missing_count;
    char *unit;
} lode_source;

/* Describes all bands of a file; *sources is a new array. A file without CRS is taken to lie in
 * crs_if_none (may be "") and a warning says so. */
lode_status lode_sources_open(const char *path, const char *crs_if_none, lode_source **sources,
                              int *count);
void lode_sources_free(lode_source *sources, int count);
/* "-9999" for every band, "Granite=0" for the band of that name: a further value for no data. */
lode_status lode_source_add_missing(lode_source *source, const char *text);

typedef enum lode_resampling {
    LODE_RESAMPLE_AUTO,
    LODE_RESAMPLE_NEAREST,
    LODE_RESAMPLE_BILINEAR,
    LODE_RESAMPLE_CUBIC,
    LODE_RESAMPLE_AVERAGE,
    LODE_RESAMPLE_MODE
} lode_resampling;

bool lode_resampling_parse(const char *name, lode_resampling *resampling);

typedef struct lode_alignment {
    const char *action;  /* "copied", "moved by whole cells", "shifted by part of a cell",
                          "interpolated", "averaged", "resampled", "warped to another CRS" */
    lode_resampling resampling;
    double ratio;        /* side of a target cell / side of a source cell */
    bool computes;       /* false: a window of the file as it is gives the values */
} lode_alignment;

/* Decides what lode_align_open will do; LODE_RESAMPLE_AUTO chooses. */
lode_status lode_align_plan(const lode_source *source, const lode_grid *target,
                            lode_resampling wanted, lode_alignment *plan);

typedef struct lode_aligned lode_aligned;

/* Opens the band on the target grid (which must be north up and outlive it). only, when finite,
 * turns the band into the share (0..1) of each cell that has this value: one class of a map. */
lode_status lode_align_open(const lode_source *source, const lode_grid *target,
                            const lode_alignment *plan, double only, lode_aligned **aligned);
/* Values of a window of the target grid, NaN where there is none. One thread at a time. */
lode_status lode_align_read(lode_aligned *aligned, int x, int y, int width, int height,
                            float *values);
void lode_align_close(lode_aligned *aligned);

/* A VRT that shows sources on the target grid, for plans that do not compute. */
lode_status lode_align_write_vrt(const char *path, const lode_grid *target,
                                 const lode_source *const *sources, int count);

#endif

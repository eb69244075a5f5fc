/* outline.h - the outlines of labelled regions, along cell edges or along the line where the score
 * reaches the threshold.
 *
 * The smooth outline moves the middle of every cell edge on a region's boundary to where the score,
 * linear between the two cell centres, reaches the threshold, and joins these points: the lines of
 * marching squares (Lorensen and Cline 1987), with the regions' own topology. Two outlines can meet
 * only in a square of four cell centres whose diagonals differ, where each cuts off another corner;
 * so outlines never cross, holes stay, and every cell centre stays on its side. Where a gap was
 * closed or data end, the outline keeps to the cell's edge. */
#ifndef LODE_TARGETS_OUTLINE_H
#define LODE_TARGETS_OUTLINE_H

#include "raster/stack.h"
#include "targets/region.h"

typedef struct lode_outlines {
    int count;
    void **polygon; /* [count] OGRGeometryH: multipolygon with holes in cells (column, row), valid
                       for GEOS; NULL where there is no such label */
} lode_outlines;

/* Traces the labels 1 .. count of label[height * width]. score: the surface that was cut at
 * threshold; NULL = along the cells' edges. Free with lode_outlines_free. */
lode_status lode_outlines_trace(const int32_t *label, int width, int height, int count,
                                const lode_surface *score, double threshold,
                                lode_outlines *outlines);
void lode_outlines_free(lode_outlines *outlines);

/* In cells. */
double lode_outlines_area(const lode_outlines *outlines, int label);
/* A new geometry in map coordinates; the caller destroys it. NULL where there is no such label. */
void *lode_outlines_place(const lode_outlines *outlines, int label, const lode_grid *grid);

#endif

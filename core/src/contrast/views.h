/* views.h - how the two views of a place are made.
 *
 * A view changes what a survey could have changed without changing the geology: an element missing
 * or of no use (channel dropout), another calibration or dilution (an offset of each scaled
 * log-ratio channel, that is a perturbation of the composition in Aitchison's geometry), analytical
 * noise, the direction it is looked at from. Cells without data stay without data in every view. */
#ifndef LODE_CONTRAST_VIEWS_H
#define LODE_CONTRAST_VIEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "util/random.h"

/* 0 (or false) switches a part off. */
typedef struct lode_views {
    double channel_dropout; /* probability that a channel is set to 0 in a view */
    double perturbation;    /* standard deviation of the per-channel offset shared by a view: a
                               multiplicative (Aitchison) perturbation of the composition */
    double noise;           /* standard deviation of the noise of each value */
    double jitter;          /* the positive lies up to this many cells away */
    bool rotate;            /* rotations by 90 degrees and mirror images */
} lode_views;

/* One of the eight symmetries of a square: bit 0 mirrors columns, bit 1 rows, bit 2 swaps both. */
typedef unsigned lode_symmetry;

/* Where a cell of the source square of `side` cells lies in the view. */
void lode_symmetry_forward(lode_symmetry symmetry, int side, int *x, int *y);
/* Which cell of the source a cell of the view shows. */
void lode_symmetry_back(lode_symmetry symmetry, int side, int *x, int *y);

/* Makes a view of side x side cells of channels values (the last is the mask) from the part of
 * source[source_side][source_side][channels] whose first cell is (x, y). *symmetry receives the
 * symmetry drawn. Only `random` decides. scratch: 2 x channels floats. */
void lode_view_make(const lode_views *views, lode_random random, const float *source,
                    int source_side, int x, int y, int side, int channels, float *scratch,
                    float *view, lode_symmetry *symmetry);

#endif

/* context.h - the surroundings of a cell at 2, 4 ... times the cell size, as further input
 * channels.
 *
 * Level k is the mean over all blocks of s x s cells, s = 2^k, that contain the cell: block means
 * made for every cell and not once for every block (a trous: Holschneider et al. 1989), so that
 * what a cell sees does not depend on where blocks begin, and a map stays the same function of
 * every window. In each direction these are triangular weights 1, 2 .. s .. 2, 1. Only cells with
 * data count (normalised convolution, Knutsson and Westin 1993); the level's last channel is their
 * share.
 */
#ifndef LODE_ENCODER_CONTEXT_H
#define LODE_ENCODER_CONTEXT_H

#include <stddef.h>

enum { LODE_CONTEXT_MOST = 3 };

/* Cells that the coarsest level reaches beyond a cell, 2^levels - 1. */
int lode_context_reach(int levels);

/* One row of `width` cells. input: the first of 2 reach + 1 rows of width + 2 reach cells,
 * [channels], the last of them the mask, `pitch` floats apart -> out[width][(1 + levels) x
 * channels]: the cell itself, then its levels. scratch: (width + 2 reach) x channels floats. A
 * cell's sums are made in one order, wherever the cell lies in the row. */
void lode_context_row(const float *input, size_t pitch, int channels, int levels, int width,
                      float *scratch, float *out);

#endif

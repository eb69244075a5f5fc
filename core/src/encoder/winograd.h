/* winograd.h - a 3-tap convolution along a row with half the multiplications.
 *
 * F(4, 3): four neighbouring outputs come from six inputs by six products instead of twelve. Inputs
 * and weights are each carried to six points (sums with constants), multiplied there channel by
 * channel as nine 1 x 1 convolutions would be, and carried back. Winograd 1980, "Arithmetic
 * complexity of computations"; Lavin and Gray 2016 (arXiv:1509.09308), points 0, 1, -1, 2, -2 and
 * infinity. A 3 x 3 convolution sums the products of its three rows before it is carried back.
 *
 * Dilation d: every d-th column is a row of its own, so 4 d columns make a block of d such groups
 * ("tiles") of four. Blocks are anchored at column 0 of the raster. The four outputs of a tile
 * share their rounding (about 1e-6 of the largest value), so a column's bits are the same in every
 * evaluation that gives the tile the same six inputs, and only there: an evaluation must hold the
 * inputs of whole tiles, which is what lode_winograd_cover counts. */
#ifndef LODE_ENCODER_WINOGRAD_H
#define LODE_ENCODER_WINOGRAD_H

enum {
    LODE_WINOGRAD_OUTPUTS = 4,
    LODE_WINOGRAD_POINTS = 6,
    LODE_WINOGRAD_MAX_DILATION = 8, /* blocks of larger ones would reach too far beyond the map */
    LODE_WINOGRAD_PERIOD = 4 * 840 /* columns after which the blocks of every dilation start anew */
};

/* The tiles that hold the outputs of some columns. */
typedef struct lode_winograd {
    int dilation;
    int first, end; /* columns that come out: whole blocks from the left, [first, end) */
    int tiles;      /* block after block, in each the d tiles by their first column */
    int input_end;  /* one past the last input column; the first is `first` */
} lode_winograd;

/* Tiles for output columns [from, to). */
lode_winograd lode_winograd_cover(int from, int to, int dilation);

/* weights[3][3][inputs][outputs] (row, column of the tap) -> points[6][3][inputs][outputs]. */
void lode_winograd_weights(const float *weights, int inputs, int outputs, float *points);

/* row: the input from column cover->first, [columns][channels] -> points[6][tiles][channels].
 * channels: a multiple of 16. */
void lode_winograd_input(const lode_winograd *cover, const float *row, int channels, float *points);

/* sums[6][count][outputs], the products at the six points of tiles from .. from + count - 1 ->
 * their columns of row[end - first][outputs], with bias and ReLU. outputs: a multiple of 16. */
void lode_winograd_output(const lode_winograd *cover, int from, int count, const float *sums,
                          const float *bias, int outputs, float *row);

#endif

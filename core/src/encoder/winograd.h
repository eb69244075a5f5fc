/* winograd.h - 3 x 3 convolutions with a quarter of the multiplications.
 *
 * F(4 x 4, 3 x 3): sixteen neighbouring outputs, a "tile", come from 6 x 6 inputs by 36 products
 * instead of 144. Inputs and weights are each carried to 6 x 6 points (sums with constants),
 * multiplied there channel by channel as 36 1 x 1 convolutions would be, and carried back. Winograd
 * 1980, "Arithmetic complexity of computations"; Lavin and Gray 2016 (arXiv:1509.09308), points 0,
 * 1, -1, 2, -2 and infinity.
 *
 * Dilation d: every d-th column and row is an image of its own, so 4 d columns make a block of d
 * tiles side by side, and 4 d rows a block of d rows of tiles. Blocks are anchored at column 0 and
 * row 0 of the raster. The outputs of a tile share their rounding (about 1e-6 of the largest
 * value), so a cell's bits are the same in every evaluation that gives its tile the same 6 x 6
 * inputs, and only there: an evaluation must hold the inputs of whole tiles, which is what
 * lode_winograd_cover counts, for columns and rows alike. */
#ifndef LODE_ENCODER_WINOGRAD_H
#define LODE_ENCODER_WINOGRAD_H

enum {
    LODE_WINOGRAD_OUTPUTS = 4, /* in each direction, of a tile */
    LODE_WINOGRAD_INPUTS = 6,
    LODE_WINOGRAD_POINTS = LODE_WINOGRAD_INPUTS * LODE_WINOGRAD_INPUTS,
    LODE_WINOGRAD_MAX_DILATION = 8, /* blocks of larger ones would reach too far beyond the map */
    LODE_WINOGRAD_PERIOD = 4 * 840  /* cells after which the blocks of every dilation start anew */
};

/* The tiles that hold the outputs of some columns (or, read so, of some rows). */
typedef struct lode_winograd {
    int dilation;
    int first, end; /* columns that come out: whole blocks from the left, [first, end) */
    int tiles;      /* block after block, in each the d tiles by their first column */
    int input_end;  /* one past the last input column; the first is `first` */
} lode_winograd;

/* Tiles for output columns [from, to). */
lode_winograd lode_winograd_cover(int from, int to, int dilation);

/* Columns [*from, *to), counted from cover->first, that hold all which tiles tile .. tile + count -
 * 1 give; no fewer do, unless cover->end cuts the last tile. */
void lode_winograd_columns(const lode_winograd *cover, int tile, int count, int *from, int *to);

/* weights[3][3][inputs][outputs] (row, column of the tap) -> points[36][inputs][outputs]. */
void lode_winograd_weights(const float *weights, int inputs, int outputs, float *points);

/* Tiles from .. from + count - 1 of a row of tiles. rows: the six input rows that it sees, d rows
 * apart, each from column cover->first, [columns][channels] -> points[36][count][channels].
 * channels: a multiple of 16. */
void lode_winograd_input(const lode_winograd *cover, int from, int count,
                         const float *const rows[LODE_WINOGRAD_INPUTS], int channels,
                         float *points);

/* sums[36][count][outputs], the products of the same tiles -> their columns of the four rows
 * [end - first][outputs] that come out, with bias and ReLU. outputs: a multiple of 16. */
void lode_winograd_output(const lode_winograd *cover, int from, int count, const float *sums,
                          const float *bias, int outputs, float *const rows[LODE_WINOGRAD_OUTPUTS]);

#endif

/* folds.h - spatial folds: what is tested lies in other blocks than what was trained on.
 *
 * Neighbouring cells are alike, so a random split tests a model on its own training data. Here the
 * plane is cut into blocks, whole blocks are dealt to folds so that every fold has about the same
 * number of deposits, and training places close to a test deposit are left out (the buffer).
 * Roberts et al. (2017), Ecography 40, 913-929; Valavi et al. (2019), Methods Ecol. Evol. 10. */
#ifndef LODE_VALIDATE_FOLDS_H
#define LODE_VALIDATE_FOLDS_H

#include "raster/stack.h"

typedef enum lode_block_shape { LODE_BLOCK_SQUARE, LODE_BLOCK_HEXAGON } lode_block_shape;

/* A pattern of blocks over a grid; a plain value. */
typedef struct lode_blocks {
    lode_block_shape shape;
    double side;             /* metres: side of a square, distance between centres of hexagons */
    double cell_x, cell_y;   /* metres along a row and down a column, for one cell */
    double shift_x, shift_y; /* metres by which the pattern is moved */
    int across, down;        /* block ids are 0 .. across * down - 1 */
} lode_blocks;

/* Lays blocks of `side` metres over the stack's grid, moved by a random part of a block drawn from
 * seed. Refuses a side that is not positive or that would make more than 2^30 blocks. */
lode_status lode_blocks_lay(const lode_stack *stack, lode_block_shape shape, double side,
                            uint64_t seed, lode_blocks *blocks);
/* Block of the cell. */
int lode_blocks_at(const lode_blocks *blocks, int column, int row);

/* Default side in metres: the mean spacing of deposits, sqrt(area / deposits), but never smaller
 * than the window; rounded up to two digits. area in square metres. */
double lode_blocks_default_side(double area, size_t deposits, double window);

/* Deals the blocks of n places to *folds folds, balanced in deposits and then in background; all
 * places of a block share a fold. Ties fall by seed. Writes fold[n], 0 .. *folds - 1. When fewer
 * blocks than *folds hold deposits, *folds is lowered to their number; fewer than two is refused.
 */
lode_status lode_folds_deal(const int *block, const unsigned char *deposit, size_t n, uint64_t seed,
                            int *folds, int *fold);

/* Single-linkage clusters of points in metres: points closer than `distance` share a cluster.
 * Writes cluster[n], numbered from 0 in order of first appearance; *count may be NULL. */
lode_status lode_clusters(const double *x, const double *y, size_t n, double distance, int *cluster,
                          int *count);

#endif

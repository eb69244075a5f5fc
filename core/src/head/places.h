/* places.h - labelled places: known deposits read from a vector layer, background drawn around. */
#ifndef LODE_HEAD_PLACES_H
#define LODE_HEAD_PLACES_H

#include "geochem/recipe.h"
#include "head/head.h"
#include "raster/stack.h"

/* Known deposits on the grid of a stack, one a cell. */
typedef struct lode_deposits {
    size_t n;
    int *columns, *rows;                           /* [n] cells */
    double *east, *north;                          /* [n] in the stack's CRS */
    size_t read, outside, without_data, same_cell; /* what became of the layer's features */
} lode_deposits;

/* Reads a point layer ("dataset" or "dataset|layername=NAME", any CRS; of other geometries the
 * centroid), keeps what `where` (OGR SQL, may be NULL) chooses, brings it to the stack's CRS and
 * drops what lies outside, on cells without data for the recipe, or twice in a cell; says so in the
 * log. Fails when nothing is left, or when the layer or the stack has no CRS. */
lode_status lode_deposits_read(const char *layer, const char *where, lode_stack *stack,
                               const lode_recipe *recipe, lode_deposits **deposits);
void lode_deposits_free(lode_deposits *deposits);

typedef struct lode_background_options {
    size_t count;                 /* background places wanted */
    double exclusion;             /* metres kept free around every deposit */
    const unsigned char *allowed; /* [height * width] 0 = never drawn; NULL = anywhere with data */
    uint64_t seed;
    int threads;
} lode_background_options;

/* Deposits first, then background drawn at random, without repetition, from cells with data that
 * lie outside the exclusion buffer. blocks: `block` of every place comes from squares of
 * block_metres laid by the seed. places is filled; free with lode_places_free. Fewer places than
 * wanted are taken with a warning when the area is small; none at all is an error. */
lode_status lode_places_draw(const lode_deposits *deposits, lode_stack *stack,
                             const lode_recipe *recipe, const lode_background_options *options,
                             double block_metres, lode_places *places);

/* Side of the blocks for inner validation when the user names none: see lode_blocks_default_side.
 */
double lode_places_block_metres(const lode_deposits *deposits, const lode_stack *stack,
                                int half_window);

#endif

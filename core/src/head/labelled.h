/* labelled.h - the windows that a supervised training learns from and is judged by, in memory. */
#ifndef LODE_HEAD_LABELLED_H
#define LODE_HEAD_LABELLED_H

#include "contrast/views.h"
#include "geochem/recipe.h"
#include "head/places.h"
#include "raster/stack.h"
#include "util/progress.h"

typedef struct lode_labelled {
    int side, margin, channels; /* of a window; cells around it for jitter; with the mask */
    size_t n;
    float *windows; /* [n][side + 2 margin][side + 2 margin][channels] */
    unsigned char *deposit, *held;
    size_t *of[2], count[2]; /* training places of each class, 1 = deposits */
} lode_labelled;

/* Reads the windows of places into *labelled, whose side, margin and channels are set and the rest
 * 0; free it in any case. One of `folds` spatial folds is held out (0 = none), when there is more
 * than one block of deposits and each class is there. At most about 1 GB: background beyond it is
 * left out. Fails when fewer than two places of a class are left to train on. */
lode_status lode_labelled_read(lode_stack *stack, const lode_recipe *recipe,
                               const lode_places *places, int folds, uint64_t seed, int threads,
                               const lode_progress *progress, lode_labelled *labelled);
void lode_labelled_free(lode_labelled *labelled);

bool lode_labelled_holds_out(const lode_labelled *labelled);
/* One augmented window of a class: `place` draws which, `random` the view. scratch: 2 x channels.
 */
void lode_labelled_draw(const lode_labelled *labelled, int kind, const lode_views *views,
                        lode_random place, lode_random random, float *scratch, float *window);
/* The window of place `item` as it is. */
void lode_labelled_window(const lode_labelled *labelled, size_t item, float *window);

#endif

/* recipe.h - the preprocessing recipe: raw stack values -> the channels an encoder sees.
 *
 * Fitted once on a stack, stored in the model file and applied the same way everywhere. Bands whose
 * name is recognised as a chemical element (or oxide) form the composition and get the log-ratio
 * transform; other bands (geophysics, geology) are only scaled. Then every channel is centred by
 * its median, divided by 1.4826 MAD and clipped. Equations: docs/method.md. */
#ifndef LODE_GEOCHEM_RECIPE_H
#define LODE_GEOCHEM_RECIPE_H

#include <stdbool.h>

#include <jansson.h>

#include "raster/stack.h"

typedef enum lode_transform {
    LODE_TRANSFORM_NONE, /* scaled raw values */
    LODE_TRANSFORM_LOG,  /* natural logarithm */
    LODE_TRANSFORM_CLR,  /* centred log-ratio (Aitchison 1986) */
    LODE_TRANSFORM_ILR   /* isometric log-ratio, pivot coordinates (Egozcue et al. 2003) */
} lode_transform;

typedef struct lode_recipe {
    lode_transform transform;
    int bands;     /* stack bands read, matched by name */
    char **names;  /* [bands] */
    bool *element; /* [bands] part of the composition */
    float *floor;  /* [bands] half the smallest positive value; replaces values <= 0 of elements */
    int channels;  /* outputs, without the mask channel that follows them */
    char **channel_names;  /* [channels] "Au", "ilr 3", "gravity" */
    float *centre, *scale; /* [channels]; a constant channel has scale 0 and comes out as 0 */
    float clip;            /* |scaled value| limit; 5 by default */
} lode_recipe;

/* "clr" -> LODE_TRANSFORM_CLR; false for an unknown name. */
bool lode_transform_parse(const char *name, lode_transform *transform);
const char *lode_transform_name(lode_transform transform);

/* Fits a recipe on the chosen bands (band_names NULL = all but "sample distance") from at most about 200,000 cells spread
 * over the stack. Fails when a chosen band is missing or has no data; warns about constant bands.
 */
lode_status lode_recipe_fit(lode_stack *stack, const char *const *band_names, int band_count,
                            lode_transform transform, const lode_progress *progress,
                            lode_recipe **recipe);
void lode_recipe_free(lode_recipe *recipe);
lode_status lode_recipe_copy(const lode_recipe *recipe, lode_recipe **copy);

/* Maps recipe bands to the stack's band numbers, for lode_stack_read. Refuses a stack that lacks
 * bands, naming all of them. numbers has recipe->bands elements. */
lode_status lode_recipe_match(const lode_recipe *recipe, const lode_stack *stack, int *numbers);

/* raw[cells][bands] -> out[cells][channels + 1]. A cell has data when at least half of its bands
 * do; then a missing band is 0 (the median) and the last channel, the mask, is the share of bands
 * present. A cell without data is 0 in every channel, the mask included. Fails for want of
 * memory only. */
lode_status lode_recipe_apply(const lode_recipe *recipe, const float *raw, size_t cells,
                              float *out);

/* Reads cells of a stack (numbers from lode_recipe_match) and applies the recipe:
 * out[height][width] [channels + 1]. Safe from several threads. */
lode_status lode_recipe_read(const lode_recipe *recipe, lode_stack *stack, const int *numbers,
                             int x, int y, int width, int height, float *out);

json_t *lode_recipe_describe(const lode_recipe *recipe);
lode_status lode_recipe_parse(const json_t *json, const char *file, lode_recipe **recipe);

#endif

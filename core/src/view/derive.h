/* derive.h - the VRT files that `lode vrt` writes: transforms of a stack, the score of a model, and
 * knowledge-driven overlays. All are plain point-wise functions, so GDAL evaluates them on the fly.
 */
#ifndef LODE_VIEW_DERIVE_H
#define LODE_VIEW_DERIVE_H

#include <jansson.h>

#include "model/model.h"
#include "raster/stack.h"

/* A transformed band for every element (clr, ilr) or every band (zscore) of the stack. What a
 * model's recipe would use - element bands, floors, centres, scales - is measured on the stack. */
lode_status lode_derive_transform(const char *path, lode_stack *stack, const char *transform,
                                  const lode_progress *progress);

/* Band "score" from the embedding bands of `view`, a .lodeview of the model with the group
 * embedding: link(weights . embedding + bias) with the head's own numbers. */
lode_status lode_derive_score(const char *path, const lode_stack *stack, const lode_model *model,
                              const char *view);

/* Band "prospectivity" from an overlay description (docs/gdal.md): fuzzy logic, whose memberships
 * go to the file `memberships`, or weights of evidence. file: the description's name, for messages.
 */
lode_status lode_derive_overlay(const char *path, const char *memberships, const lode_stack *stack,
                                const json_t *overlay, const char *file);

#endif

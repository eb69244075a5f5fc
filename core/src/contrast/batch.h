/* batch.h - one training step's tiles, their two views and the anchors in them. */
#ifndef LODE_CONTRAST_BATCH_H
#define LODE_CONTRAST_BATCH_H

#include "contrast/domain.h"
#include "contrast/views.h"

/* An anchor and its positive: where their embeddings lie in the outputs of the two views. */
typedef struct lode_anchor {
    int tile;
    int x[2], y[2]; /* in the view's outputs x outputs plane */
    lode_cell cell;
} lode_anchor;

typedef struct lode_batch_shape {
    int tiles, anchors; /* tiles in a step, most anchors in a tile */
    int side, outputs;  /* cells of a view, embeddings it gives: side - 2R, or 1 */
} lode_batch_shape;

typedef struct lode_batch {
    int count; /* anchors of the step */
    lode_anchor *anchors;
    lode_cell *cells; /* [count] where the anchors lie, as lode_nt_xent wants it */
    struct lode_batch_work *work;
} lode_batch;

/* What is given must outlive the batch. */
lode_status lode_batch_create(lode_stack *stack, const lode_recipe *recipe, const int *bands,
                              const lode_domain *domain, const lode_batch_shape *shape,
                              uint64_t seed, int threads, lode_batch **batch);
void lode_batch_free(lode_batch *batch);

/* Draws step number `step`: reads its tiles and writes both views,
 * view[0] and view[1], each [tiles][side][side][channels + mask]. The same step gives the same
 * batch whatever was drawn before. */
lode_status lode_batch_fill(lode_batch *batch, const lode_views *views, int step,
                            float *const view[2]);

#endif

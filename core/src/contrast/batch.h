/* batch.h - one training step's tiles, their two views and the anchors in them. */
#ifndef LODE_CONTRAST_BATCH_H
#define LODE_CONTRAST_BATCH_H

#include "cluster/cluster.h"
#include "contrast/domain.h"
#include "contrast/views.h"

/* An anchor and its positive: where their embeddings lie in the outputs of the two views. */
typedef struct lode_anchor {
    int tile;
    int x[2], y[2]; /* in the view's outputs x outputs plane */
    lode_cell cell;
} lode_anchor;

typedef struct lode_batch_shape {
    int tiles, anchors;          /* tiles in a step, most anchors in a tile */
    int side, outputs;           /* cells of a view, embeddings it gives: side - 2R, or 1 */
    const lode_cluster *cluster; /* processes that share the tiles; NULL = alone */
} lode_batch_shape;

/* This process's tiles: first..first + own - 1 of shape->tiles. */
int lode_batch_first(const lode_batch_shape *shape);
int lode_batch_own(const lode_batch_shape *shape);

typedef struct lode_batch {
    int count; /* anchors of the step */
    lode_anchor *anchors;
    lode_cell *cells; /* [count] where the anchors lie, as lode_nt_xent wants it */
    int *starts;      /* [tiles + 1] first anchor of each tile */
    struct lode_batch_work *work;
} lode_batch;

/* What is given must outlive the batch. */
lode_status lode_batch_create(lode_stack *stack, const lode_recipe *recipe, const int *bands,
                              const lode_domain *domain, const lode_batch_shape *shape,
                              uint64_t seed, int threads, lode_batch **batch);
void lode_batch_free(lode_batch *batch);

/* Draws step number `step`: the anchors of all tiles, and for this process's tiles both views,
 * view[0] and view[1], each [own tiles][side][side][channels + mask]. The same step gives the same
 * batch whatever was drawn before. */
lode_status lode_batch_fill(lode_batch *batch, const lode_views *views, int step,
                            const lode_progress *progress, float *const view[2]);

#endif

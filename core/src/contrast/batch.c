#include "contrast/batch.h"

#include <stdlib.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

typedef struct scratch {
    float *source, *channels; /* a tile's recipe channels; factors of a view */
    int *candidates;          /* [outputs * outputs] */
} scratch;

typedef struct lode_batch_work {
    lode_stack *stack;
    const lode_recipe *recipe;
    const int *bands;
    const lode_domain *domain;
    lode_batch_shape shape;
    uint64_t seed;
    int threads;
    scratch *scratch;     /* [threads] */
    lode_anchor *anchors; /* [tiles][anchors] */
    int *counts;          /* [tiles] */
    /* The fill in progress. */
    const lode_views *views;
    int step, margin;
    float *view[2];
} batch_work;

static size_t source_side(const batch_work *work) {
    return (size_t)(work->shape.side + 2 * work->margin);
}

/* A tile larger than a window holds the jittered positive itself; a single window has to be cut
 * from a source with a margin of as many cells. */
enum { MOST_JITTER = 32 };

static lode_status create_scratch(batch_work *work) {
    size_t side = (size_t)work->shape.side;
    if (work->shape.outputs == 1)
        side += 2 * MOST_JITTER;
    size_t cells = side * side, channels = (size_t)work->recipe->channels + 1;
    size_t outputs = (size_t)work->shape.outputs;
    work->scratch = lode_alloc((size_t)work->threads, sizeof *work->scratch);
    for (int i = 0; work->scratch && i < work->threads; i++) {
        scratch *at = &work->scratch[i];
        at->source = lode_alloc(cells, channels * sizeof(float));
        at->channels = lode_alloc(channels, 2 * sizeof(float));
        at->candidates = lode_alloc(outputs * outputs, sizeof(int));
        if (!at->source || !at->channels || !at->candidates)
            return lode_fail_memory();
    }
    return work->scratch ? LODE_OK : lode_fail_memory();
}

lode_status lode_batch_create(lode_stack *stack, const lode_recipe *recipe, const int *bands,
                              const lode_domain *domain, const lode_batch_shape *shape,
                              uint64_t seed, int threads, lode_batch **batch) {
    lode_batch *made = lode_alloc(1, sizeof *made);
    batch_work *work = lode_alloc(1, sizeof *work);
    if (!made || !work) {
        lode_free(made);
        lode_free(work);
        return lode_fail_memory();
    }
    size_t tiles = (size_t)shape->tiles, most = tiles * (size_t)shape->anchors;
    made->work = work;
    made->anchors = lode_alloc(most, sizeof *made->anchors);
    made->cells = lode_alloc(most, sizeof *made->cells);
    made->starts = lode_alloc(tiles + 1, sizeof *made->starts);
    *work = (batch_work){.stack = stack,
                         .recipe = recipe,
                         .bands = bands,
                         .domain = domain,
                         .shape = *shape,
                         .seed = seed,
                         .threads = lode_thread_count(threads)};
    work->anchors = lode_alloc(most, sizeof *work->anchors);
    work->counts = lode_alloc(tiles, sizeof *work->counts);
    lode_status status = create_scratch(work);
    if (status != LODE_OK || !made->anchors || !made->cells || !made->starts || !work->anchors ||
        !work->counts) {
        lode_batch_free(made);
        return lode_fail_memory();
    }
    *batch = made;
    return LODE_OK;
}

void lode_batch_free(lode_batch *batch) {
    if (!batch)
        return;
    batch_work *work = batch->work;
    for (int i = 0; work->scratch && i < work->threads; i++) {
        lode_free(work->scratch[i].source);
        lode_free(work->scratch[i].channels);
        lode_free(work->scratch[i].candidates);
    }
    lode_free(work->scratch);
    lode_free(work->anchors);
    lode_free(work->counts);
    lode_free(work);
    lode_free(batch->anchors);
    lode_free(batch->cells);
    lode_free(batch->starts);
    lode_free(batch);
}

int lode_batch_first(const lode_batch_shape *shape) {
    return lode_cluster_first(shape->cluster, shape->tiles,
                              shape->cluster ? shape->cluster->rank : 0);
}

int lode_batch_own(const lode_batch_shape *shape) {
    int next = shape->cluster ? shape->cluster->rank + 1 : 1;
    return lode_cluster_first(shape->cluster, shape->tiles, next) - lode_batch_first(shape);
}

/* Random whole number in -reach..reach. */
static int around(lode_random *random, int reach) {
    return (int)lode_random_below(random, (uint32_t)(2 * reach + 1)) - reach;
}

/* A positive for the anchor at (x, y) of the tile whose outputs start at `first`: a cell with data
 * at most `reach` cells away and inside the tile; the anchor itself when ten draws find none. */
static void choose_positive(const batch_work *work, lode_random *random, lode_cell first, int reach,
                            int x, int y, int *positive_x, int *positive_y) {
    int outputs = work->shape.outputs;
    *positive_x = x;
    *positive_y = y;
    for (int i = 0; reach > 0 && i < 10; i++) {
        int to_x = x + around(random, reach), to_y = y + around(random, reach);
        if (to_x < 0 || to_y < 0 || to_x >= outputs || to_y >= outputs ||
            !lode_domain_has(work->domain, first.x + to_x, first.y + to_y))
            continue;
        *positive_x = to_x;
        *positive_y = to_y;
        return;
    }
}

/* Draws the tile's anchors without replacement among the cells of its outputs that may be anchors.
 */
static void choose_anchors(const batch_work *work, lode_random *random, lode_cell first, int tile,
                           const lode_symmetry symmetry[2], int *candidates) {
    int outputs = work->shape.outputs, found = 0;
    int reach = outputs > 1 ? (int)work->views->jitter : 0;
    for (int i = 0; i < outputs * outputs; i++)
        if (lode_domain_has(work->domain, first.x + i % outputs, first.y + i / outputs))
            candidates[found++] = i;
    int count = found < work->shape.anchors ? found : work->shape.anchors;
    lode_anchor *anchor = work->anchors + (size_t)tile * (size_t)work->shape.anchors;
    for (int i = 0; i < count; i++, anchor++) {
        int pick = i + (int)lode_random_below(random, (uint32_t)(found - i));
        int cell = candidates[pick];
        candidates[pick] = candidates[i];
        anchor->tile = tile;
        anchor->x[0] = cell % outputs;
        anchor->y[0] = cell / outputs;
        anchor->cell = (lode_cell){first.x + anchor->x[0], first.y + anchor->y[0]};
        choose_positive(work, random, first, reach, anchor->x[0], anchor->y[0], &anchor->x[1],
                        &anchor->y[1]);
        for (int v = 0; v < 2; v++)
            lode_symmetry_forward(symmetry[v], outputs, &anchor->x[v], &anchor->y[v]);
    }
    work->counts[tile] = count;
}

static lode_status fill_tile(void *context, size_t own, int worker) {
    batch_work *work = context;
    const lode_batch_shape *shape = &work->shape;
    size_t item = own + (size_t)lode_batch_first(shape);
    scratch *at = &work->scratch[worker];
    int channels = work->recipe->channels + 1, source = (int)source_side(work);
    /* Streams of a tile: 0 its position and anchors, 1 and 2 its views. */
    uint64_t stream = ((uint64_t)work->step * (uint64_t)shape->tiles + item) * 4;
    lode_random random = lode_random_stream(work->seed, stream);
    lode_cell cell = lode_domain_draw(work->domain, &random);
    lode_cell first = lode_domain_square(work->domain, cell, shape->outputs, &random);
    int half = (shape->side - shape->outputs) / 2 + work->margin;
    LODE_TRY(lode_recipe_read(work->recipe, work->stack, work->bands, first.x - half,
                              first.y - half, source, source, at->source));
    lode_symmetry symmetry[2];
    for (int v = 0; v < 2; v++) {
        int x = work->margin, y = work->margin;
        if (v == 1 && work->margin > 0) {
            x += around(&random, work->margin);
            y += around(&random, work->margin);
        }
        size_t size = (size_t)shape->side * (size_t)shape->side * (size_t)channels;
        lode_view_make(work->views, lode_random_stream(work->seed, stream + 1 + (uint64_t)v),
                       at->source, source, x, y, shape->side, channels, at->channels,
                       work->view[v] + own * size, &symmetry[v]);
    }
    choose_anchors(work, &random, first, (int)item, symmetry, at->candidates);
    return LODE_OK;
}

lode_status lode_batch_fill(lode_batch *batch, const lode_views *views, int step,
                            const lode_progress *progress, float *const view[2]) {
    batch_work *work = batch->work;
    const lode_batch_shape *shape = &work->shape;
    work->views = views;
    work->step = step;
    work->margin = 0;
    if (work->shape.outputs == 1)
        work->margin = views->jitter < MOST_JITTER ? (int)views->jitter : MOST_JITTER;
    work->view[0] = view[0];
    work->view[1] = view[1];
    LODE_TRY(lode_parallel_for((size_t)lode_batch_own(shape), work->threads, fill_tile, work, NULL,
                               NULL));
    LODE_TRY(lode_cluster_gather_items(shape->cluster, work->counts, shape->tiles,
                                       sizeof *work->counts, progress));
    LODE_TRY(lode_cluster_gather_items(shape->cluster, work->anchors, shape->tiles,
                                       (size_t)shape->anchors * sizeof *work->anchors, progress));
    batch->count = 0;
    for (int t = 0; t < shape->tiles; batch->starts[++t] = batch->count)
        for (int i = 0; i < work->counts[t]; i++) {
            const lode_anchor *anchor = &work->anchors[t * work->shape.anchors + i];
            batch->cells[batch->count] = anchor->cell;
            batch->anchors[batch->count++] = *anchor;
        }
    return LODE_OK;
}

/* Objectives. The online networks are trained by gradients; the target networks of MoCo and BYOL
 * are moving averages of them.
 *
 *   simclr  Chen et al. 2020: both views through encoder and projection head, NT-Xent.
 *   moco    He et al. 2020, Chen et al. 2020 (v2, arXiv:2003.04297): view 1 through the online,
 * view 2 through the target networks; InfoNCE against a queue of earlier keys. byol    Grill et al.
 * 2020: the online networks with a predictor guess the target's projection of the other view, both
 * ways round. */
#include "contrast/learner.h"

#include <math.h>
#include <string.h>

#include "contrast/mlp.h"
#include "contrast/weights.h"
#include "nn/optimise.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/random.h"

enum {
    PROJECTED = 64,    /* length of a projection */
    MOST_HIDDEN = 256, /* most units inside the projection head; else as many as it has inputs */
    PREDICTOR_HIDDEN = 128,
    QUEUE = 4096 /* keys that MoCo remembers */
};
#define TARGET_KEEP                                                                                \
    0.99 /* share of the old target weights kept in a step; BYOL lets it grow to 1 */
#define GRADIENT_LIMIT 10.0

typedef enum objective_kind { SIMCLR, MOCO, BYOL } objective_kind;

typedef struct networks {
    lode_encoder *encoder;
    lode_trainer *trainer;
    lode_mlp *projector, *predictor; /* predictor: BYOL's online network only */
    lode_weights weights;
} networks;

struct lode_learner {
    objective_kind kind;
    const lode_pretrain_options *options;
    lode_batch_shape shape;
    lode_team *team;
    int dims, samples; /* embedding length; this process's samples through the online trainer */
    networks online, target;
    lode_encoder *target_encoder; /* owned; the online one is the caller's */
    lode_objective *objective;
    float *rows, *target_rows; /* [2 x anchors][dims] embeddings of anchors */
    float *d_rows;             /* [2 x anchors][PROJECTED] */
    float *d_embedding;        /* [samples][outputs][outputs][dims] */
    float *queue, *keys;       /* [QUEUE][PROJECTED] unit rows; [anchors][PROJECTED] */
    float next;                /* where the next key goes in the queue */
};

/* ---- Creation -----------------------------------------------------------------------------------
 */

static void networks_free(networks *made) {
    lode_weights_free(&made->weights);
    lode_mlp_free(made->projector);
    lode_mlp_free(made->predictor);
    lode_trainer_free(made->trainer);
}

void lode_learner_free(lode_learner *learner) {
    if (!learner)
        return;
    networks_free(&learner->online);
    networks_free(&learner->target);
    lode_encoder_free(learner->target_encoder);
    lode_objective_free(learner->objective);
    lode_free(learner->rows);
    lode_free(learner->target_rows);
    lode_free(learner->d_rows);
    lode_free(learner->d_embedding);
    lode_free(learner->queue);
    lode_free(learner->keys);
    lode_free(learner);
}

static lode_status add_mlp(lode_mlp *mlp, lode_weights *weights) {
    for (int i = 0; i < lode_mlp_tensor_count(mlp); i++) {
        lode_tensor_view view;
        lode_mlp_tensor(mlp, i, &view);
        LODE_TRY(lode_weights_add(weights, view.data, lode_mlp_gradient(mlp, i),
                                  (size_t)lode_tensor_size(&view), view.dims > 1));
    }
    return LODE_OK;
}

static lode_status create_networks(lode_learner *learner, networks *made, lode_encoder *encoder,
                                   bool target) {
    const lode_batch_shape *shape = &learner->shape;
    int rows = 2 * shape->tiles * shape->anchors;
    uint64_t seed = learner->options->seed;
    made->encoder = encoder;
    LODE_TRY(
        lode_trainer_create(encoder, learner->samples, shape->side, learner->team, &made->trainer));
    lode_division division = {shape->cluster, learner->kind == MOCO ? 1 : 2, shape->tiles};
    if (shape->cluster)
        LODE_TRY(lode_trainer_divide(made->trainer, &division));
    LODE_TRY(lode_mlp_create(learner->dims,
                             learner->dims < MOST_HIDDEN ? learner->dims : MOST_HIDDEN, PROJECTED,
                             rows, seed, 2000, &made->projector));
    if (learner->kind == BYOL && !target)
        LODE_TRY(lode_mlp_create(PROJECTED, PREDICTOR_HIDDEN, PROJECTED, rows, seed, 2001,
                                 &made->predictor));
    LODE_TRY(lode_weights_create(encoder, target ? NULL : made->trainer, &made->weights));
    LODE_TRY(add_mlp(made->projector, &made->weights));
    if (made->predictor)
        LODE_TRY(add_mlp(made->predictor, &made->weights));
    return lode_weights_finish(&made->weights, target ? 0 : learner->options->average);
}

/* The target networks start as a copy of the online ones. */
static lode_status create_target(lode_learner *learner) {
    const lode_encoder_kind *kind = lode_encoder_get_kind(learner->online.encoder);
    json_t *hyper = kind->describe(lode_encoder_state(learner->online.encoder));
    if (!hyper)
        return lode_fail_memory();
    lode_status status =
        lode_encoder_create(kind->name, hyper, lode_encoder_channels(learner->online.encoder),
                            LODE_SEED_NONE, &learner->target_encoder);
    json_decref(hyper);
    if (status == LODE_OK)
        status = create_networks(learner, &learner->target, learner->target_encoder, true);
    if (status == LODE_OK)
        memcpy(learner->target.weights.values, learner->online.weights.values,
               learner->target.weights.size * sizeof(float));
    if (status == LODE_OK)
        lode_weights_scatter(&learner->target.weights);
    return status;
}

static lode_status create_memory(lode_learner *learner) {
    size_t outputs = (size_t)learner->shape.outputs, samples = (size_t)learner->samples;
    size_t dims = (size_t)learner->dims;
    int anchors = learner->shape.tiles * learner->shape.anchors, rows = 2 * anchors;
    learner->rows = lode_alloc((size_t)rows, dims * sizeof(float));
    learner->target_rows = lode_alloc((size_t)rows, dims * sizeof(float));
    learner->d_rows = lode_alloc((size_t)rows, PROJECTED * sizeof(float));
    learner->d_embedding = lode_alloc(samples, outputs * outputs * dims * sizeof(float));
    learner->queue = lode_alloc(QUEUE, PROJECTED * sizeof(float));
    learner->keys = lode_alloc((size_t)anchors, PROJECTED * sizeof(float));
    if (!learner->rows || !learner->target_rows || !learner->d_rows || !learner->d_embedding ||
        !learner->queue || !learner->keys)
        return lode_fail_memory();
    if (learner->kind == BYOL)
        return LODE_OK;
    /* Until keys have filled it, the queue holds random directions, as in He et al. */
    lode_random random = lode_random_stream(learner->options->seed, 2002);
    for (size_t i = 0; i < (size_t)QUEUE * PROJECTED; i++)
        learner->queue[i] = (float)lode_random_normal(&random);
    lode_unit_rows(QUEUE, PROJECTED, learner->queue, learner->queue, NULL);
    return learner->kind == MOCO
               ? lode_objective_create(anchors, QUEUE, PROJECTED, &learner->objective)
               : lode_objective_create(rows, rows, PROJECTED, &learner->objective);
}

static bool parse_objective(const char *name, objective_kind *kind) {
    static const char *const names[] = {"simclr", "moco", "byol"};
    for (int i = 0; i < 3; i++)
        if (strcmp(name, names[i]) == 0) {
            *kind = (objective_kind)i;
            return true;
        }
    return false;
}

lode_status lode_learner_create(const lode_pretrain_options *options, lode_encoder *encoder,
                                const lode_batch_shape *shape, lode_team *team,
                                lode_learner **learner) {
    objective_kind kind;
    if (!parse_objective(options->objective, &kind))
        return lode_fail(LODE_ERROR_USAGE,
                         "The objective '%s' is not known; choose simclr, moco or byol.",
                         options->objective);
    lode_learner *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->kind = kind;
    made->options = options;
    made->shape = *shape;
    made->team = team;
    made->dims = lode_encoder_dims(encoder);
    made->samples = (kind == MOCO ? 1 : 2) * lode_batch_own(shape);
    lode_status status = create_networks(made, &made->online, encoder, false);
    if (status == LODE_OK && kind != SIMCLR)
        status = create_target(made);
    if (status == LODE_OK)
        status = create_memory(made);
    if (status != LODE_OK) {
        lode_learner_free(made);
        return status;
    }
    *learner = made;
    return LODE_OK;
}

static size_t view_size(const lode_learner *learner) {
    size_t side = (size_t)learner->shape.side;
    return (size_t)lode_batch_own(&learner->shape) * side * side *
           (size_t)lode_encoder_channels(learner->online.encoder);
}

void lode_learner_inputs(lode_learner *learner, float *view[2]) {
    view[0] = lode_trainer_input(learner->online.trainer);
    view[1] = learner->kind == MOCO ? lode_trainer_input(learner->target.trainer)
                                    : view[0] + view_size(learner);
}

/* ---- Anchors' rows in the embedding planes
 * -------------------------------------------------------- */

/* Offset of an anchor's embedding, when the planes of the views lie one after the other. */
static size_t anchor_offset(const lode_learner *learner, const lode_anchor *anchor, int view,
                            int plane) {
    size_t outputs = (size_t)learner->shape.outputs;
    size_t sample = (size_t)(plane * lode_batch_own(&learner->shape) + anchor->tile -
                             lode_batch_first(&learner->shape));
    size_t cell = (sample * outputs + (size_t)anchor->y[view]) * outputs + (size_t)anchor->x[view];
    return cell * (size_t)learner->dims;
}

/* This process's anchors are those from the one returned to *end - 1. */
static int own_anchors(const lode_learner *learner, const lode_batch *batch, int *end) {
    int first = lode_batch_first(&learner->shape);
    *end = batch->starts[first + lode_batch_own(&learner->shape)];
    return batch->starts[first];
}

/* Rows of the other processes' anchors. Everything between the embeddings of the anchors and their
 * gradients is computed by every process for all anchors: the same bits, without further messages.
 */
static lode_status gather_rows(const lode_learner *learner, const lode_batch *batch, float *rows,
                               const lode_progress *progress) {
    const lode_cluster *cluster = learner->shape.cluster;
    if (!cluster)
        return LODE_OK;
    size_t *at = lode_alloc((size_t)cluster->size + 1, sizeof *at);
    if (!at)
        return lode_fail_memory();
    for (int r = 0; r <= cluster->size; r++) {
        int tile = lode_cluster_first(cluster, learner->shape.tiles, r);
        at[r] = (size_t)batch->starts[tile] * (size_t)learner->dims * sizeof *rows;
    }
    lode_status status = lode_cluster_gather(cluster, rows, at, progress);
    lode_free(at);
    return status;
}

static lode_status take_rows(const lode_learner *learner, const lode_batch *batch, int view,
                             int plane, const float *embedding, float *rows,
                             const lode_progress *progress) {
    int end, from = own_anchors(learner, batch, &end);
    size_t dims = (size_t)learner->dims;
    for (int i = from; i < end; i++)
        memcpy(rows + (size_t)i * dims,
               embedding + anchor_offset(learner, &batch->anchors[i], view, plane),
               dims * sizeof *rows);
    return gather_rows(learner, batch, rows, progress);
}

static void give_rows(lode_learner *learner, const lode_batch *batch, int view, int plane,
                      const float *d_rows) {
    int end, from = own_anchors(learner, batch, &end);
    d_rows += (size_t)from * (size_t)learner->dims;
    for (int i = from; i < end; i++, d_rows += learner->dims) {
        float *to = learner->d_embedding + anchor_offset(learner, &batch->anchors[i], view, plane);
        for (int k = 0; k < learner->dims; k++)
            to[k] += d_rows[k];
    }
}

/* Undoes give_rows: the planes are zero but for the step's anchors. */
static void take_back_rows(lode_learner *learner, const lode_batch *batch, int view, int plane) {
    int end;
    for (int i = own_anchors(learner, batch, &end); i < end; i++)
        memset(learner->d_embedding + anchor_offset(learner, &batch->anchors[i], view, plane), 0,
               (size_t)learner->dims * sizeof(float));
}

/* ---- One step of each objective
 * ------------------------------------------------------------------- */

static lode_status both_views(lode_learner *learner, networks *through, const lode_batch *batch,
                              const lode_progress *progress, float *rows) {
    const float *embedding;
    LODE_TRY(lode_trainer_forward(through->trainer, 0, progress, &embedding));
    for (int v = 0; v < 2; v++)
        LODE_TRY(take_rows(learner, batch, v, v, embedding,
                           rows + (size_t)v * (size_t)batch->count * (size_t)learner->dims,
                           progress));
    return LODE_OK;
}

/* d_rows[views][anchors][dims] back through the online encoder. */
static lode_status views_back(lode_learner *learner, const lode_batch *batch, int views,
                              const float *d_rows, const lode_progress *progress) {
    for (int v = 0; v < views; v++)
        give_rows(learner, batch, v, v,
                  d_rows + (size_t)v * (size_t)batch->count * (size_t)learner->dims);
    lode_status status =
        lode_trainer_backward(learner->online.trainer, learner->d_embedding, progress);
    for (int v = 0; v < views; v++)
        take_back_rows(learner, batch, v, v);
    return status;
}

static lode_status step_simclr(lode_learner *learner, const lode_batch *batch,
                               const lode_progress *progress, double *loss, double *spread) {
    int n = batch->count;
    LODE_TRY(both_views(learner, &learner->online, batch, progress, learner->rows));
    const float *z =
        lode_mlp_forward(learner->online.projector, learner->team, 2 * n, learner->rows);
    *spread = lode_spread(2 * n, PROJECTED, z);
    *loss = lode_nt_xent(learner->objective, learner->team, n, batch->cells,
                         (int)learner->options->views.jitter, learner->options->temperature, z,
                         learner->d_rows);
    const float *d = lode_mlp_backward(learner->online.projector, learner->team, learner->d_rows);
    return views_back(learner, batch, 2, d, progress);
}

static void remember_keys(lode_learner *learner, int n) {
    int next = (int)learner->next;
    for (int i = 0; i < n; i++) {
        memcpy(learner->queue + (size_t)next * PROJECTED, learner->keys + (size_t)i * PROJECTED,
               PROJECTED * sizeof(float));
        next = (next + 1) % QUEUE;
    }
    learner->next = (float)next;
}

static lode_status step_moco(lode_learner *learner, const lode_batch *batch,
                             const lode_progress *progress, double *loss, double *spread) {
    int n = batch->count;
    const float *embedding;
    LODE_TRY(lode_trainer_forward(learner->target.trainer, 0, progress, &embedding));
    LODE_TRY(take_rows(learner, batch, 1, 0, embedding, learner->target_rows, progress));
    const float *keys =
        lode_mlp_forward(learner->target.projector, learner->team, n, learner->target_rows);
    lode_unit_rows(n, PROJECTED, keys, learner->keys, NULL);
    LODE_TRY(lode_trainer_forward(learner->online.trainer, 0, progress, &embedding));
    LODE_TRY(take_rows(learner, batch, 0, 0, embedding, learner->rows, progress));
    const float *q = lode_mlp_forward(learner->online.projector, learner->team, n, learner->rows);
    *spread = lode_spread(n, PROJECTED, q);
    *loss = lode_info_nce(learner->objective, learner->team, n, learner->options->temperature, q,
                          learner->keys, learner->queue, QUEUE, learner->d_rows);
    remember_keys(learner, n);
    const float *d = lode_mlp_backward(learner->online.projector, learner->team, learner->d_rows);
    return views_back(learner, batch, 1, d, progress);
}

static lode_status step_byol(lode_learner *learner, const lode_batch *batch,
                             const lode_progress *progress, double *loss, double *spread) {
    int n = batch->count;
    size_t half = (size_t)n * PROJECTED;
    memcpy(lode_trainer_input(learner->target.trainer), lode_trainer_input(learner->online.trainer),
           2 * view_size(learner) * sizeof(float));
    LODE_TRY(both_views(learner, &learner->target, batch, progress, learner->target_rows));
    const float *target =
        lode_mlp_forward(learner->target.projector, learner->team, 2 * n, learner->target_rows);
    LODE_TRY(both_views(learner, &learner->online, batch, progress, learner->rows));
    const float *z =
        lode_mlp_forward(learner->online.projector, learner->team, 2 * n, learner->rows);
    *spread = lode_spread(2 * n, PROJECTED, z);
    const float *p = lode_mlp_forward(learner->online.predictor, learner->team, 2 * n, z);
    *loss = lode_cosine_loss(n, PROJECTED, p, target + half, learner->d_rows) +
            lode_cosine_loss(n, PROJECTED, p + half, target, learner->d_rows + half);
    const float *d = lode_mlp_backward(learner->online.predictor, learner->team, learner->d_rows);
    d = lode_mlp_backward(learner->online.projector, learner->team, d);
    return views_back(learner, batch, 2, d, progress);
}

/* ---- Optimiser --------------------------------------------------------------------------------
 */

static lode_status check_finite(const lode_learner *learner, int step, double loss,
                                double gradient) {
    if (isfinite(loss) && isfinite(gradient))
        return LODE_OK;
    return lode_fail(LODE_ERROR_DATA,
                     "Training stopped at step %d: the %s is not a finite number. Lower "
                     "--learning-rate (now %g), raise --temperature (now %g), or look for extreme "
                     "values in the stack's bands.",
                     step + 1, isfinite(loss) ? "gradient" : "loss",
                     learner->options->learning_rate, learner->options->temperature);
}

/* Share of the target's weights kept: constant for MoCo, growing to 1 by a half cosine for BYOL. */
static double target_keep(const lode_learner *learner, int step) {
    if (learner->kind == MOCO)
        return TARGET_KEEP;
    double done = (double)step / learner->options->steps;
    return 1 - (1 - TARGET_KEEP) * (cos(3.141592653589793 * done) + 1) / 2;
}

lode_status lode_learner_step(lode_learner *learner, const lode_batch *batch, int step,
                              const lode_progress *progress, double *loss, double *spread) {
    static lode_status (*const steps[])(lode_learner *, const lode_batch *, const lode_progress *,
                                        double *, double *) = {step_simclr, step_moco, step_byol};
    const lode_pretrain_options *options = learner->options;
    lode_weights *weights = &learner->online.weights;
    LODE_TRY(steps[learner->kind](learner, batch, progress, loss, spread));
    double rate = lode_schedule(options->learning_rate, step, options->steps / 10, options->steps);
    double norm = lode_weights_step(weights, learner->team, step, rate, options->weight_decay,
                                    GRADIENT_LIMIT);
    LODE_TRY(check_finite(learner, step, *loss, norm));
    if (learner->kind != SIMCLR) {
        lode_moving_average(learner->team, learner->target.weights.size, target_keep(learner, step),
                            weights->values, learner->target.weights.values);
        lode_weights_scatter(&learner->target.weights);
    }
    return LODE_OK;
}

lode_status lode_learner_settle(lode_learner *learner, double momentum,
                                const lode_progress *progress) {
    const float *embedding;
    return lode_trainer_forward(learner->online.trainer, momentum, progress, &embedding);
}

void lode_learner_use_average(lode_learner *learner) {
    lode_weights_scatter_average(&learner->online.weights);
}

/* ---- Checkpoint -------------------------------------------------------------------------------
 */

int lode_learner_saved(const lode_learner *learner, lode_saved *list) {
    int count = lode_weights_saved(&learner->online.weights, list);
    if (learner->kind != SIMCLR)
        list[count++] =
            (lode_saved){"target", learner->target.weights.values, learner->target.weights.size};
    if (learner->kind == MOCO) {
        list[count++] = (lode_saved){"queue", learner->queue, (size_t)QUEUE * PROJECTED};
        list[count++] = (lode_saved){"queue_position", (float *)&learner->next, 1};
    }
    return count;
}

void lode_learner_resume(lode_learner *learner) {
    learner->next = learner->next >= 0 && learner->next < QUEUE ? floorf(learner->next) : 0;
    lode_weights_scatter(&learner->online.weights);
    if (learner->kind != SIMCLR)
        lode_weights_scatter(&learner->target.weights);
}

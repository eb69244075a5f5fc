#include "head/supervised.h"

#include <math.h>
#include <string.h>

#include "contrast/pretrain.h"
#include "contrast/weights.h"
#include "head/labelled.h"
#include "head/logistic.h"
#include "nn/loss.h"
#include "nn/optimise.h"
#include "util/error.h"
#include "util/hash.h"
#include "util/json.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "validate/metrics.h"

enum { LOOK_EVERY = 10, SETTLE_STEPS = 8, HELD_AT_ONCE = 16, STREAM_LAYER = 401 };

static const double clip_norm = 5;

void lode_supervised_defaults(lode_supervised_options *options) {
    *options = (lode_supervised_options){.encoder = "mobilenetv2",
                                         .steps = 100,
                                         .batch = 32,
                                         .holdout = 5,
                                         .patience = 4,
                                         .learning_rate = 1e-3,
                                         .weight_decay = 0.05,
                                         .views = {.channel_dropout = 0.3,
                                                   .perturbation = 0.5,
                                                   .noise = 0.1,
                                                   .jitter = 2,
                                                   .rotate = true},
                                         .seed = 1};
}

typedef struct training {
    const lode_supervised_options *options;
    lode_encoder *encoder;
    lode_team *team;
    lode_trainer *trainer;
    lode_labelled data;
    size_t dims;
    float *layer, *layer_gradient; /* the last layer: dims weights, then the bias */
    lode_weights weights;
    float *gradient, *logits, *targets, *slopes; /* of a batch */
    float *scratch;                              /* [threads][2 channels] */
    const lode_views *views;                     /* of the batch at work */
    uint64_t drawing;                            /* its number */
    /* All tensors and the last layer: the best state so far; the last one, while the average is
     * looked at. */
    size_t state_size;
    float *best, *last;
    float *odds, *best_odds; /* [n] held-out log odds */
    double best_loss;
    int best_step;
    json_t *losses, *looks;
    int step;
    char *signature;
} training;

/* ---- Memory ------------------------------------------------------------------------------------
 */

static void view_tensor(training *t, int index, lode_tensor_view *view) {
    lode_encoder_get_kind(t->encoder)->tensor(lode_encoder_state(t->encoder), index, view);
}

static int tensor_count(const training *t) {
    return lode_encoder_get_kind(t->encoder)->tensor_count(lode_encoder_state(t->encoder));
}

/* Copies every tensor and the last layer to or from `state`. */
static void exchange(training *t, float *state, bool store) {
    for (int i = 0; i <= tensor_count(t); i++) {
        lode_tensor_view view = {.data = t->layer, .dims = 1, .shape = {(int64_t)t->dims + 1}};
        if (i < tensor_count(t))
            view_tensor(t, i, &view);
        size_t size = (size_t)lode_tensor_size(&view);
        memcpy(store ? state : view.data, store ? view.data : state, size * sizeof *state);
        state += size;
    }
}

static lode_status prepare_state(training *t) {
    t->state_size = t->dims + 1;
    for (int i = 0; i < tensor_count(t); i++) {
        lode_tensor_view view;
        view_tensor(t, i, &view);
        t->state_size += (size_t)lode_tensor_size(&view);
    }
    t->best = lode_alloc(t->state_size, sizeof *t->best);
    t->last = lode_alloc(t->state_size, sizeof *t->last);
    t->odds = lode_alloc(2 * t->data.n, sizeof *t->odds);
    t->best_odds = t->odds + t->data.n;
    t->best_loss = INFINITY;
    t->losses = json_array();
    t->looks = json_array();
    return t->best && t->last && t->odds && t->losses && t->looks ? LODE_OK : lode_fail_memory();
}

static lode_status prepare(training *t) {
    const lode_supervised_options *o = t->options;
    size_t batch = (size_t)o->batch;
    LODE_TRY(lode_team_create(o->threads, &t->team));
    LODE_TRY(lode_trainer_create(t->encoder, o->batch, t->data.side, t->team, &t->trainer));
    t->layer = lode_alloc(t->dims + 1, sizeof *t->layer);
    t->layer_gradient = lode_alloc(t->dims + 1, sizeof *t->layer_gradient);
    t->gradient = lode_alloc(batch, t->dims * sizeof *t->gradient);
    t->logits = lode_alloc(3 * batch, sizeof *t->logits);
    t->scratch = lode_alloc((size_t)lode_team_threads(t->team),
                            2 * (size_t)t->data.channels * sizeof *t->scratch);
    if (!t->layer || !t->layer_gradient || !t->gradient || !t->logits || !t->scratch)
        return lode_fail_memory();
    t->targets = t->logits + batch;
    t->slopes = t->targets + batch;
    lode_random random = lode_random_stream(o->seed, STREAM_LAYER);
    for (size_t j = 0; j < t->dims; j++)
        t->layer[j] = (float)(0.01 * lode_random_normal(&random));
    LODE_TRY(prepare_state(t));
    LODE_TRY(lode_weights_create(t->encoder, t->trainer, &t->weights));
    LODE_TRY(lode_weights_add(&t->weights, t->layer, t->layer_gradient, t->dims, true));
    LODE_TRY(
        lode_weights_add(&t->weights, t->layer + t->dims, t->layer_gradient + t->dims, 1, false));
    return lode_weights_finish(&t->weights, o->average);
}

static void release(training *t) {
    lode_trainer_free(t->trainer);
    lode_team_free(t->team);
    lode_labelled_free(&t->data);
    lode_weights_free(&t->weights);
    lode_free(t->layer);
    lode_free(t->layer_gradient);
    lode_free(t->gradient);
    lode_free(t->logits);
    lode_free(t->scratch);
    lode_free(t->odds);
    lode_free(t->best);
    lode_free(t->last);
    lode_free(t->signature);
    json_decref(t->losses);
    json_decref(t->looks);
}

/* ---- A step ------------------------------------------------------------------------------------
 */

/* Random numbers of one window of a batch; even streams draw the place, odd ones the view. */
static lode_random window_random(const training *t, size_t item, int use) {
    uint64_t number = t->drawing * (uint64_t)t->options->batch + item;
    return lode_random_stream(t->options->seed, 1000 + 2 * number + (uint64_t)use);
}

/* The first half of a batch are deposits. */
static void make_window(void *context, size_t item, int worker) {
    training *t = context;
    int kind = item < (size_t)t->options->batch / 2;
    size_t side = (size_t)t->data.side, channels = (size_t)t->data.channels;
    lode_labelled_draw(&t->data, kind, t->views, window_random(t, item, 0),
                       window_random(t, item, 1), t->scratch + (size_t)worker * 2 * channels,
                       lode_trainer_input(t->trainer) + item * side * side * channels);
    t->targets[item] = (float)kind;
}

static void make_batch(training *t, const lode_views *views, int number) {
    t->views = views;
    t->drawing = (uint64_t)number;
    lode_team_run(t->team, (size_t)t->options->batch, make_window, t);
}

static float apply_layer(const training *t, const float *embedding) {
    double sum = (double)t->layer[t->dims];
    for (size_t j = 0; j < t->dims; j++)
        sum += (double)t->layer[j] * (double)embedding[j];
    return (float)sum;
}

/* Loss of the batch; its gradients by the last layer and by the embeddings. */
static double judge_batch(training *t, const float *embeddings) {
    size_t batch = (size_t)t->options->batch;
    for (size_t i = 0; i < batch; i++)
        t->logits[i] = apply_layer(t, embeddings + i * t->dims);
    double loss = lode_binary_cross_entropy(batch, t->logits, t->targets, NULL, t->slopes);
    memset(t->layer_gradient, 0, (t->dims + 1) * sizeof *t->layer_gradient);
    for (size_t i = 0; i < batch; i++) {
        for (size_t j = 0; j < t->dims; j++) {
            t->layer_gradient[j] += t->slopes[i] * embeddings[i * t->dims + j];
            t->gradient[i * t->dims + j] = t->slopes[i] * t->layer[j];
        }
        t->layer_gradient[t->dims] += t->slopes[i];
    }
    return loss;
}

static lode_status step(training *t, const lode_progress *progress) {
    const lode_supervised_options *o = t->options;
    const float *embeddings;
    make_batch(t, &o->views, t->step);
    LODE_TRY(lode_trainer_forward(t->trainer, 0.1, progress, &embeddings));
    double loss = judge_batch(t, embeddings);
    if (isfinite(loss)) {
        double rate = lode_schedule(o->learning_rate, t->step, o->steps / 10, o->steps);
        LODE_TRY(lode_trainer_backward(t->trainer, t->gradient, progress));
        if (isfinite(
                lode_weights_step(&t->weights, t->team, t->step, rate, o->weight_decay, clip_norm)))
            return json_array_append_new(t->losses, json_real(loss)) ? lode_fail_memory() : LODE_OK;
    }
    return lode_fail(LODE_ERROR_DATA,
                     "The training of %s diverged at step %d (the loss or its gradient is not "
                     "finite). Choose a smaller --learning-rate.",
                     o->encoder, t->step + 1);
}

/* ---- The held-out places -----------------------------------------------------------------------
 */

typedef struct look {
    training *t;
    size_t *held, count;         /* numbers of the held-out places */
    float *windows, *embeddings; /* [threads][HELD_AT_ONCE] */
} look;

/* Scores a few held-out places together. */
static lode_status score_held(void *context, size_t item, int worker) {
    const look *job = context;
    training *t = job->t;
    size_t size = (size_t)t->data.side * (size_t)t->data.side * (size_t)t->data.channels;
    size_t from = item * HELD_AT_ONCE, n = job->count - from;
    if (n > HELD_AT_ONCE)
        n = HELD_AT_ONCE;
    float *windows = job->windows + (size_t)worker * HELD_AT_ONCE * size;
    float *embeddings = job->embeddings + (size_t)worker * HELD_AT_ONCE * t->dims;
    for (size_t i = 0; i < n; i++)
        lode_labelled_window(&t->data, job->held[from + i], windows + i * size);
    LODE_TRY(lode_encoder_embed_windows(t->encoder, windows, n, embeddings));
    for (size_t i = 0; i < n; i++)
        t->odds[job->held[from + i]] = apply_layer(t, embeddings + i * t->dims);
    return LODE_OK;
}

static lode_status score_all_held(training *t, const lode_progress *progress) {
    size_t threads = (size_t)lode_team_threads(t->team);
    size_t cells = (size_t)t->data.side * (size_t)t->data.side * (size_t)t->data.channels;
    look job = {.t = t,
                .held = lode_alloc(t->data.n, sizeof *job.held),
                .windows = lode_alloc(threads * HELD_AT_ONCE, cells * sizeof(float)),
                .embeddings = lode_alloc(threads * HELD_AT_ONCE, t->dims * sizeof(float))};
    lode_status status = job.held && job.windows && job.embeddings
                             ? lode_encoder_prepare(t->encoder)
                             : lode_fail_memory();
    if (status == LODE_OK) {
        for (size_t i = 0; i < t->data.n; i++)
            if (t->data.held[i])
                job.held[job.count++] = i;
        status = lode_parallel_for((job.count + HELD_AT_ONCE - 1) / HELD_AT_ONCE, (int)threads,
                                   score_held, &job, progress, NULL);
    }
    lode_free(job.held);
    lode_free(job.windows);
    lode_free(job.embeddings);
    return status;
}

/* Held-out log odds and classes, packed; returns their number. */
static size_t pack_held(const training *t, const float *odds, float *packed, double *scores,
                        unsigned char *labels) {
    size_t n = 0;
    for (size_t i = 0; i < t->data.n; i++)
        if (t->data.held[i]) {
            packed[n] = odds[i];
            scores[n] = (double)odds[i];
            labels[n++] = t->data.deposit[i];
        }
    return n;
}

/* Loss with both classes weighing the same. */
static double balanced_loss(size_t n, const float *odds, const unsigned char *labels) {
    double sum[2] = {0, 0}, count[2] = {0, 0};
    for (size_t i = 0; i < n; i++) {
        float target = labels[i];
        sum[labels[i]] += lode_binary_cross_entropy(1, odds + i, &target, NULL, NULL);
        count[labels[i]]++;
    }
    return 0.5 * (sum[0] / count[0] + sum[1] / count[1]);
}

/* Scores the held-out places and keeps the state when it is the best so far. */
static lode_status judge_state(training *t, const lode_progress *progress) {
    float *packed = lode_alloc(t->data.n, sizeof *packed);
    double *scores = lode_alloc(t->data.n, sizeof *scores);
    unsigned char *labels = lode_alloc(t->data.n, 1);
    lode_status status =
        packed && scores && labels ? score_all_held(t, progress) : lode_fail_memory();
    lode_ranking ranking = {0};
    size_t n = 0;
    if (status == LODE_OK) {
        n = pack_held(t, t->odds, packed, scores, labels);
        status = lode_ranking_create(scores, labels, n, &ranking);
    }
    if (status == LODE_OK) {
        double loss = balanced_loss(n, packed, labels);
        json_array_append_new(t->looks, json_pack("{si sf sf}", "step", t->step + 1, "loss", loss,
                                                  "auc", lode_auc(&ranking, NULL)));
        lode_ranking_free(&ranking);
        if (loss < t->best_loss) {
            t->best_loss = loss;
            t->best_step = t->step + 1;
            memcpy(t->best_odds, t->odds, t->data.n * sizeof *t->odds);
            exchange(t, t->best, true);
        }
    }
    lode_free(packed);
    lode_free(scores);
    lode_free(labels);
    return status;
}

/* The networks get the average of the weights, and running statistics that fit it: the means over
 * fixed batches of unchanged windows, since no step of the training has seen these weights. */
static lode_status use_average(training *t, const lode_progress *progress) {
    static const lode_views unchanged = {0};
    lode_weights_scatter_average(&t->weights);
    for (int i = 0; i < SETTLE_STEPS; i++) {
        const float *embeddings;
        make_batch(t, &unchanged, t->options->steps + i);
        LODE_TRY(lode_trainer_forward(t->trainer, 1.0 / (i + 1), progress, &embeddings));
    }
    return LODE_OK;
}

static lode_status take_look(training *t, const lode_progress *progress) {
    if (!t->weights.average)
        return judge_state(t, progress);
    exchange(t, t->last, true);
    LODE_TRY(use_average(t, progress));
    LODE_TRY(judge_state(t, progress));
    exchange(t, t->last, false);
    return LODE_OK;
}

/* ---- Checkpoint --------------------------------------------------------------------------------
 */

static bool holds_out(const training *t) {
    return lode_labelled_holds_out(&t->data);
}

/* What a checkpoint must agree with. */
static char *sign(const training *t, const lode_stack *stack, const lode_recipe *recipe,
                  const lode_places *places) {
    const lode_supervised_options *o = t->options;
    uint64_t hash = LODE_HASH_START;
    hash = lode_hash(hash, places->columns, places->n * sizeof *places->columns);
    hash = lode_hash(hash, places->rows, places->n * sizeof *places->rows);
    hash = lode_hash(hash, places->block, places->n * sizeof *places->block);
    hash = lode_hash(hash, places->deposit, places->n);
    return lode_checkpoint_signature(json_pack(
        "{so ss so so so sI si si si si sf sf sf sI}", "stack",
        lode_json_text(lode_stack_name(stack)), "encoder", o->encoder, "hyper",
        lode_encoder_get_kind(t->encoder)->describe(lode_encoder_state(t->encoder)), "recipe",
        lode_recipe_describe(recipe), "views", lode_views_describe(&o->views), "places",
        (json_int_t)(hash >> 2), "steps", o->steps, "batch", o->batch, "holdout", o->holdout,
        "patience", o->patience, "learning_rate", o->learning_rate, "weight_decay", o->weight_decay,
        "average", o->average, "seed", (json_int_t)o->seed));
}

/* The networks' state travels in `last`. */
enum { SAVED = LODE_WEIGHTS_SAVED + 3 };

static int list_saved(const training *t, lode_saved list[SAVED]) {
    int count = lode_weights_saved(&t->weights, list);
    list[count++] = (lode_saved){"state", t->last, t->state_size};
    list[count++] = (lode_saved){"best", t->best, t->state_size};
    list[count++] = (lode_saved){"best_odds", t->best_odds, t->data.n};
    return count;
}

static lode_status write_checkpoint(training *t) {
    lode_saved list[SAVED];
    int count = list_saved(t, list);
    json_t *state = json_pack("{si si sO sO}", "step", t->step, "best_step", t->best_step, "losses",
                              t->losses, "looks", t->looks);
    if (!state)
        return lode_fail_memory();
    exchange(t, t->last, true);
    lode_status status =
        lode_checkpoint_write(t->options->checkpoint, t->signature, state, list, count);
    json_decref(state);
    return status;
}

/* Held-out loss at a step; infinite when there was no look then. */
static double loss_at(const json_t *looks, int step) {
    for (size_t i = 0; i < json_array_size(looks); i++) {
        const json_t *entry = json_array_get(looks, i);
        if (json_integer_value(json_object_get(entry, "step")) == step)
            return json_number_value(json_object_get(entry, "loss"));
    }
    return INFINITY;
}

static lode_status read_checkpoint(training *t) {
    const char *path = t->options->checkpoint;
    lode_saved list[SAVED];
    int count = list_saved(t, list);
    json_t *state, *losses, *looks;
    LODE_TRY(lode_checkpoint_read(path, t->signature, &state, list, count));
    if (json_unpack(state, "{si si so so}", "step", &t->step, "best_step", &t->best_step, "losses",
                    &losses, "looks", &looks) != 0 ||
        t->step < 0 || t->step > t->options->steps || !json_is_array(losses) ||
        !json_is_array(looks)) {
        json_decref(state);
        return lode_checkpoint_damaged(path);
    }
    json_array_extend(t->losses, losses);
    json_array_extend(t->looks, looks);
    t->best_loss = loss_at(looks, t->best_step);
    json_decref(state);
    exchange(t, t->last, false);
    lode_log(LODE_LOG_INFO, "Continuing from step %d of '%s'.", t->step, path);
    return LODE_OK;
}

/* ---- Training and its results ------------------------------------------------------------------
 */

/* One step, and what is due after it. */
static lode_status advance(training *t, const lode_progress *progress) {
    const lode_supervised_options *o = t->options;
    LODE_TRY(step(t, progress));
    t->step++;
    bool last = t->step == o->steps;
    if (holds_out(t) && (t->step % LOOK_EVERY == 0 || last))
        LODE_TRY(take_look(t, progress));
    if (o->checkpoint && (t->step % LODE_CHECKPOINT_STEPS == 0 || last))
        LODE_TRY(write_checkpoint(t));
    return LODE_OK;
}

/* All steps are done, or the held-out places have not gained for too long. */
static bool finished(const training *t) {
    const lode_supervised_options *o = t->options;
    return t->step >= o->steps ||
           (holds_out(t) && o->patience > 0 && t->step - t->best_step >= o->patience * LOOK_EVERY);
}

static lode_status train(training *t, const lode_progress *progress) {
    const lode_supervised_options *o = t->options;
    if (lode_checkpoint_exists(o->checkpoint))
        LODE_TRY(read_checkpoint(t));
    char *message = lode_format("training %s", o->encoder);
    lode_status status = message ? LODE_OK : lode_fail_memory();
    while (status == LODE_OK && !finished(t)) {
        double from = (double)t->step / o->steps;
        lode_progress part = lode_progress_part(progress, from, from);
        status = lode_progress_report(progress, from, message);
        if (status == LODE_OK)
            status = advance(t, &part);
    }
    lode_free(message);
    LODE_TRY(status);
    if (holds_out(t)) {
        exchange(t, t->best, false);
        return LODE_OK;
    }
    t->best_step = o->steps;
    return t->weights.average ? use_average(t, progress) : LODE_OK;
}

/* The last layer as a head of one member, calibrated on the held-out places. */
static lode_status make_head(const training *t, lode_head *head) {
    head->inputs = LODE_INPUT_EMBEDDING;
    head->smooth_radius = 2;
    head->features = (int)t->dims;
    head->bags = 1;
    head->platt_a = 1;
    lode_status status = lode_head_allocate(head);
    float *packed = lode_alloc(t->data.n, sizeof *packed), slope = 1, shift = 0;
    double *scores = lode_alloc(t->data.n, sizeof *scores), auc = NAN;
    unsigned char *labels = lode_alloc(t->data.n, 1);
    if (status == LODE_OK && (!packed || !scores || !labels))
        status = lode_fail_memory();
    if (status == LODE_OK) {
        memcpy(head->weights, t->layer, t->dims * sizeof *t->layer);
        memcpy(head->score_weights, t->layer, t->dims * sizeof *t->layer);
        head->bias[0] = head->score_bias = t->layer[t->dims];
    }
    if (status == LODE_OK && holds_out(t)) {
        size_t n = pack_held(t, t->best_odds, packed, scores, labels);
        lode_ranking ranking;
        status = lode_logistic_fit(packed, labels, NULL, n, 1, 1e-2, &slope, &shift);
        if (status == LODE_OK)
            status = lode_ranking_create(scores, labels, n, &ranking);
        if (status == LODE_OK) {
            auc = lode_auc(&ranking, NULL);
            lode_ranking_free(&ranking);
            /* Without skill: flat scores, not a ranking turned round; as in lode_head_fit. */
            head->platt_a = slope > 0.05f ? (double)slope : 0.05;
            head->platt_b = slope > 0.05f ? (double)shift : 0;
        }
    }
    if (status == LODE_OK) {
        head->choice =
            json_pack("{ss si so}", "method", "last layer of the network, trained with it",
                      "best_step", t->best_step, "auc", isnan(auc) ? json_null() : json_real(auc));
        status = head->choice ? LODE_OK : lode_fail_memory();
    }
    lode_free(packed);
    lode_free(scores);
    lode_free(labels);
    return status;
}

static json_t *make_log(const training *t) {
    const lode_supervised_options *o = t->options;
    return json_pack("{ss si si sI sf si sb sI sI so so}", "encoder", o->encoder, "batch", o->batch,
                     "steps", o->steps, "steps_run", (json_int_t)json_array_size(t->losses),
                     "average", o->average, "best_step", t->best_step, "held_out", holds_out(t),
                     "deposits", (json_int_t)t->data.count[1], "background",
                     (json_int_t)t->data.count[0], "losses", json_incref(t->losses), "holdout",
                     json_incref(t->looks));
}

static lode_status run(training *t, lode_stack *stack, const lode_recipe *recipe,
                       const lode_places *places, const lode_progress *progress, lode_head *head) {
    const lode_supervised_options *o = t->options;
    lode_progress reading = lode_progress_part(progress, 0, 0.1);
    lode_progress stepping = lode_progress_part(progress, 0.1, 1);
    LODE_TRY(lode_check_window(stack, t->encoder));
    t->data.side = 2 * lode_encoder_half_window(t->encoder) + 1;
    t->data.margin = (int)o->views.jitter;
    t->data.channels = recipe->channels + 1;
    t->dims = (size_t)lode_encoder_dims(t->encoder);
    LODE_TRY(lode_labelled_read(stack, recipe, places, o->holdout, o->seed, o->threads, &reading,
                                &t->data));
    LODE_TRY(prepare(t));
    t->signature = sign(t, stack, recipe, places);
    if (!t->signature)
        return lode_fail_memory();
    LODE_TRY(train(t, &stepping));
    LODE_TRY(lode_encoder_prepare(t->encoder));
    return make_head(t, head);
}

lode_status lode_supervised_train(lode_stack *stack, const lode_recipe *recipe,
                                  const lode_places *places, const lode_supervised_options *options,
                                  const lode_progress *progress, lode_encoder **encoder,
                                  lode_head **head, json_t **log) {
    if (options->steps < 1 || options->batch < 4 || options->batch % 2 != 0)
        return lode_fail(LODE_ERROR_USAGE, "Supervised training needs at least one step and an "
                                           "even batch of at least 4 windows.");
    training t = {.options = options};
    LODE_TRY(lode_encoder_create(options->encoder, options->hyper, recipe->channels + 1,
                                 options->seed, &t.encoder));
    lode_head *made = lode_alloc(1, sizeof *made);
    lode_status status = made ? run(&t, stack, recipe, places, progress, made) : lode_fail_memory();
    json_t *record = status == LODE_OK && log ? make_log(&t) : NULL;
    release(&t);
    if (status == LODE_OK && log && !record)
        status = lode_fail_memory();
    if (status != LODE_OK) {
        lode_encoder_free(t.encoder);
        lode_head_free(made);
        return status;
    }
    *encoder = t.encoder;
    *head = made;
    if (log)
        *log = record;
    return LODE_OK;
}

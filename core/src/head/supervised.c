#include "head/supervised.h"

#include <math.h>
#include <string.h>

#include "encoder/train.h"
#include "head/logistic.h"
#include "head/windows.h"
#include "nn/loss.h"
#include "nn/optimise.h"
#include "nn/team.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "validate/folds.h"
#include "validate/metrics.h"

enum { LOOK_EVERY = 10, HELD_BACKGROUND = 100, STREAM_LAYER = 401, STREAM_PLACES = 402 };

static const size_t memory_limit = (size_t)1 << 30; /* bytes of windows */
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

/* A trained array: a tensor of the encoder, or of the last layer. */
typedef struct parameter {
    float *values, *gradient, *first, *second;
    size_t size;
    bool decay;
} parameter;

typedef struct training {
    const lode_supervised_options *options;
    const lode_recipe *recipe;
    lode_encoder *encoder;
    lode_team *team;
    lode_trainer *trainer;
    int side, margin, channels; /* of a window; margin for jitter around it; with the mask */
    size_t dims;
    /* Places kept: their windows [n][side + 2 margin]^2[channels], classes, and what they are for.
     */
    size_t n;
    float *windows;
    unsigned char *deposit, *held;
    size_t *of[2], count[2]; /* training places of each class, 1 = deposits */
    /* The last layer: dims weights, then the bias. */
    float *layer, *layer_gradient;
    parameter *parameters;
    int parameter_count;
    float *moments;
    float *gradient, *logits, *targets, *slopes; /* of a batch */
    float *scratch;                              /* [threads][2 channels] */
    /* Held-out log odds and the best state so far. */
    float *odds;
    float *best; /* all tensors and the last layer */
    size_t best_size;
    double best_loss;
    int best_step;
    float *best_odds;
    json_t *losses, *looks;
    int step;
} training;

/* ---- Places ------------------------------------------------------------------------------------
 */

/* Held-out fold of every place; without a second block of deposits nothing is held out. */
static lode_status choose_held(const lode_places *places, const lode_supervised_options *options,
                               unsigned char *held) {
    int folds = options->holdout;
    if (folds < 2)
        return LODE_OK;
    int *fold = lode_alloc(places->n, sizeof *fold);
    if (!fold)
        return lode_fail_memory();
    if (lode_folds_deal(places->block, places->deposit, places->n, options->seed, &folds, fold) ==
        LODE_OK) {
        for (size_t i = 0; i < places->n; i++)
            held[i] = fold[i] == 0;
    } else {
        lode_log(LODE_LOG_WARNING,
                 "The deposits lie in one spatial block: nothing is held out, all steps are run.");
    }
    lode_free(fold);
    return LODE_OK;
}

/* Order in which places are taken: deposits, then background at random. */
static void order_places(const lode_places *places, uint64_t seed, size_t *order) {
    size_t deposits = 0, next;
    for (size_t i = 0; i < places->n; i++)
        deposits += places->deposit[i] != 0;
    size_t first = 0;
    next = deposits;
    for (size_t i = 0; i < places->n; i++)
        order[places->deposit[i] ? first++ : next++] = i;
    lode_random random = lode_random_stream(seed, STREAM_PLACES);
    lode_random_shuffle(&random, order + deposits, places->n - deposits);
}

/* Chooses the places to keep in memory; fills columns and rows. */
static size_t keep_places(training *t, const lode_places *places, const unsigned char *held,
                          const size_t *order, int *columns, int *rows) {
    size_t side = (size_t)(t->side + 2 * t->margin), kept = 0, held_background = 0;
    size_t most = memory_limit / (side * side * (size_t)t->channels * sizeof(float));
    for (size_t k = 0; k < places->n; k++) {
        size_t i = order[k];
        if (!places->deposit[i] && kept >= most)
            break;
        if (held[i] && !places->deposit[i] && held_background++ >= HELD_BACKGROUND)
            continue;
        columns[kept] = places->columns[i];
        rows[kept] = places->rows[i];
        t->deposit[kept] = places->deposit[i] != 0;
        t->held[kept++] = held[i];
    }
    if (kept >= most)
        lode_log(LODE_LOG_INFO, "Training uses %zu of %zu places, to stay within 1 GB of memory.",
                 kept, places->n);
    return kept;
}

/* Training places by class; those whose centre has no data teach nothing. */
static lode_status sort_classes(training *t) {
    size_t side = (size_t)(t->side + 2 * t->margin), cell = (side / 2) * side + side / 2;
    size_t held[2] = {0, 0};
    for (size_t i = 0; i < t->n; i++) {
        const float *window = t->windows + i * side * side * (size_t)t->channels;
        bool data = window[cell * (size_t)t->channels + (size_t)t->channels - 1] > 0;
        int kind = t->deposit[i];
        if (t->held[i] && data)
            held[kind]++;
        else if (data)
            t->of[kind][t->count[kind]++] = i;
        else
            t->held[i] = 0;
    }
    if (held[0] < 2 || held[1] < 2)
        memset(t->held, 0, t->n);
    if (t->count[0] < 2 || t->count[1] < 2)
        return lode_fail(LODE_ERROR_DATA,
                         "Supervised training needs at least two deposits and two background "
                         "places with data outside the held-out blocks; there are %zu and %zu.",
                         t->count[1], t->count[0]);
    return LODE_OK;
}

static lode_status read_places(training *t, lode_stack *stack, const lode_places *places,
                               const lode_progress *progress) {
    size_t n = places->n, side = (size_t)(t->side + 2 * t->margin);
    unsigned char *held = lode_alloc(n, 1);
    size_t *order = lode_alloc(n, sizeof *order);
    int *columns = lode_alloc(2 * n, sizeof *columns), *rows = columns + n;
    t->deposit = lode_alloc(n, 1);
    t->held = lode_alloc(n, 1);
    for (int kind = 0; kind < 2; kind++)
        t->of[kind] = lode_alloc(n, sizeof(size_t));
    lode_status status = held && order && columns && t->deposit && t->held && t->of[0] && t->of[1]
                             ? choose_held(places, t->options, held)
                             : lode_fail_memory();
    if (status == LODE_OK) {
        order_places(places, t->options->seed, order);
        t->n = keep_places(t, places, held, order, columns, rows);
        t->windows = lode_alloc(t->n * side * side, (size_t)t->channels * sizeof *t->windows);
        status = t->windows ? LODE_OK : lode_fail_memory();
    }
    if (status == LODE_OK)
        status = lode_windows_read(stack, t->recipe, columns, rows, t->n, (int)side,
                                   t->options->threads, progress, t->windows);
    lode_free(held);
    lode_free(order);
    lode_free(columns);
    return status == LODE_OK ? sort_classes(t) : status;
}

/* ---- Memory ------------------------------------------------------------------------------------
 */

static void view_tensor(training *t, int index, lode_tensor_view *view) {
    lode_encoder_get_kind(t->encoder)->tensor(lode_encoder_state(t->encoder), index, view);
}

static int tensor_count(const training *t) {
    return lode_encoder_get_kind(t->encoder)->tensor_count(lode_encoder_state(t->encoder));
}

static void add_parameter(training *t, float *values, float *gradient, size_t size, bool decay) {
    t->parameters[t->parameter_count++] =
        (parameter){.values = values, .gradient = gradient, .size = size, .decay = decay};
}

static lode_status list_parameters(training *t) {
    int tensors = tensor_count(t);
    size_t trained = 0;
    t->parameters = lode_alloc((size_t)tensors + 2, sizeof *t->parameters);
    if (!t->parameters)
        return lode_fail_memory();
    for (int i = 0; i < tensors; i++) {
        lode_tensor_view view;
        view_tensor(t, i, &view);
        size_t size = (size_t)lode_tensor_size(&view);
        t->best_size += size;
        if (view.trained)
            add_parameter(t, view.data, lode_trainer_gradient(t->trainer, i), size, view.dims > 1);
    }
    add_parameter(t, t->layer, t->layer_gradient, t->dims, true);
    add_parameter(t, t->layer + t->dims, t->layer_gradient + t->dims, 1, false);
    t->best_size += t->dims + 1;
    for (int i = 0; i < t->parameter_count; i++)
        trained += t->parameters[i].size;
    t->moments = lode_alloc(2 * trained, sizeof *t->moments);
    t->best = lode_alloc(t->best_size, sizeof *t->best);
    if (!t->moments || !t->best)
        return lode_fail_memory();
    float *next = t->moments;
    for (int i = 0; i < t->parameter_count; i++) {
        t->parameters[i].first = next;
        t->parameters[i].second = next + trained;
        next += t->parameters[i].size;
    }
    return LODE_OK;
}

static lode_status prepare(training *t) {
    const lode_supervised_options *o = t->options;
    size_t batch = (size_t)o->batch;
    LODE_TRY(lode_team_create(o->threads, &t->team));
    LODE_TRY(lode_trainer_create(t->encoder, o->batch, t->side, t->team, &t->trainer));
    t->layer = lode_alloc(t->dims + 1, sizeof *t->layer);
    t->layer_gradient = lode_alloc(t->dims + 1, sizeof *t->layer_gradient);
    t->gradient = lode_alloc(batch, t->dims * sizeof *t->gradient);
    t->logits = lode_alloc(3 * batch, sizeof *t->logits);
    t->scratch = lode_alloc((size_t)lode_team_threads(t->team),
                            2 * (size_t)t->channels * sizeof *t->scratch);
    t->odds = lode_alloc(2 * t->n, sizeof *t->odds);
    t->losses = json_array();
    t->looks = json_array();
    if (!t->layer || !t->layer_gradient || !t->gradient || !t->logits || !t->scratch || !t->odds ||
        !t->losses || !t->looks)
        return lode_fail_memory();
    t->targets = t->logits + batch;
    t->slopes = t->targets + batch;
    t->best_odds = t->odds + t->n;
    lode_random random = lode_random_stream(o->seed, STREAM_LAYER);
    for (size_t j = 0; j < t->dims; j++)
        t->layer[j] = (float)(0.01 * lode_random_normal(&random));
    t->best_loss = INFINITY;
    return list_parameters(t);
}

static void release(training *t) {
    lode_trainer_free(t->trainer);
    lode_team_free(t->team);
    lode_free(t->windows);
    lode_free(t->deposit);
    lode_free(t->held);
    lode_free(t->of[0]);
    lode_free(t->of[1]);
    lode_free(t->layer);
    lode_free(t->layer_gradient);
    lode_free(t->parameters);
    lode_free(t->moments);
    lode_free(t->gradient);
    lode_free(t->logits);
    lode_free(t->scratch);
    lode_free(t->odds);
    lode_free(t->best);
    json_decref(t->losses);
    json_decref(t->looks);
}

/* ---- A step ------------------------------------------------------------------------------------
 */

/* Random numbers of one window of one step; even streams draw the place, odd ones the view. */
static lode_random window_random(const training *t, size_t item, int use) {
    uint64_t number = (uint64_t)t->step * (uint64_t)t->options->batch + item;
    return lode_random_stream(t->options->seed, 1000 + 2 * number + (uint64_t)use);
}

/* The first half of a batch are deposits. */
static void make_window(void *context, size_t item, int worker) {
    training *t = context;
    int kind = item < (size_t)t->options->batch / 2;
    lode_random random = window_random(t, item, 0);
    size_t place = t->of[kind][lode_random_below(&random, (uint32_t)t->count[kind])];
    int source = t->side + 2 * t->margin;
    int x = (int)lode_random_below(&random, (uint32_t)(2 * t->margin + 1));
    int y = (int)lode_random_below(&random, (uint32_t)(2 * t->margin + 1));
    size_t cells = (size_t)source * (size_t)source, view = (size_t)t->side * (size_t)t->side;
    lode_symmetry symmetry;
    lode_view_make(&t->options->views, window_random(t, item, 1),
                   t->windows + place * cells * (size_t)t->channels, source, x, y, t->side,
                   t->channels, t->scratch + (size_t)worker * 2 * (size_t)t->channels,
                   lode_trainer_input(t->trainer) + item * view * (size_t)t->channels, &symmetry);
    t->targets[item] = (float)kind;
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

/* Clips the gradient by its norm over all parameters and takes an AdamW step; false when the
 * gradient is not finite. */
static bool update(training *t) {
    const lode_supervised_options *o = t->options;
    double squares = 0;
    for (int i = 0; i < t->parameter_count; i++) {
        double norm = lode_global_norm(t->team, t->parameters[i].size, t->parameters[i].gradient);
        squares += norm * norm;
    }
    double norm = sqrt(squares), share = norm > clip_norm ? clip_norm / norm : 1;
    if (!isfinite(norm))
        return false;
    double rate = lode_schedule(o->learning_rate, t->step, o->steps / 10, o->steps);
    for (int i = 0; i < t->parameter_count; i++) {
        parameter *p = &t->parameters[i];
        lode_adamw adamw = lode_adamw_defaults();
        adamw.weight_decay = p->decay ? o->weight_decay : 0;
        if (share < 1)
            lode_clip_gradient(t->team, p->size, p->gradient,
                               share * lode_global_norm(t->team, p->size, p->gradient));
        lode_adamw_step(t->team, &adamw, p->size, t->step + 1, rate, p->gradient, NULL, p->first,
                        p->second, p->values);
    }
    return true;
}

static lode_status step(training *t, const lode_progress *progress) {
    const float *embeddings;
    lode_team_run(t->team, (size_t)t->options->batch, make_window, t);
    LODE_TRY(lode_trainer_forward(t->trainer, 0.1, progress, &embeddings));
    double loss = judge_batch(t, embeddings);
    if (isfinite(loss)) {
        LODE_TRY(lode_trainer_backward(t->trainer, t->gradient, progress));
        if (update(t)) {
            json_array_append_new(t->losses, json_real(loss));
            return LODE_OK;
        }
    }
    return lode_fail(LODE_ERROR_DATA,
                     "The training of %s diverged at step %d (the loss or its gradient is not "
                     "finite). Choose a smaller --learning-rate.",
                     t->options->encoder, t->step + 1);
}

/* ---- The held-out places -----------------------------------------------------------------------
 */

typedef struct look {
    training *t;
    float *windows, *embeddings; /* [threads] */
} look;

/* Cuts the centre of a kept window and scores it. */
static lode_status score_held(void *context, size_t item, int worker) {
    const look *job = context;
    training *t = job->t;
    if (!t->held[item])
        return LODE_OK;
    size_t side = (size_t)t->side, source = side + 2 * (size_t)t->margin, c = (size_t)t->channels;
    size_t margin = (size_t)t->margin;
    float *window = job->windows + (size_t)worker * side * side * c;
    float *embedding = job->embeddings + (size_t)worker * t->dims;
    for (size_t y = 0; y < side; y++)
        memcpy(window + y * side * c,
               t->windows + ((item * source + y + margin) * source + margin) * c,
               side * c * sizeof *window);
    LODE_TRY(lode_encoder_embed(t->encoder, window, 1, 1, embedding));
    t->odds[item] = apply_layer(t, embedding);
    return LODE_OK;
}

static lode_status score_all_held(training *t, const lode_progress *progress) {
    size_t threads = (size_t)lode_team_threads(t->team);
    size_t cells = (size_t)t->side * (size_t)t->side * (size_t)t->channels;
    look job = {.t = t,
                .windows = lode_alloc(threads, cells * sizeof(float)),
                .embeddings = lode_alloc(threads, t->dims * sizeof(float))};
    lode_status status =
        job.windows && job.embeddings ? lode_encoder_prepare(t->encoder) : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_parallel_for(t->n, (int)threads, score_held, &job, progress, NULL);
    lode_free(job.windows);
    lode_free(job.embeddings);
    return status;
}

/* Held-out log odds and classes, packed; returns their number. */
static size_t pack_held(const training *t, const float *odds, float *packed, double *scores,
                        unsigned char *labels) {
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->held[i]) {
            packed[n] = odds[i];
            scores[n] = (double)odds[i];
            labels[n++] = t->deposit[i];
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

/* Copies every tensor and the last layer to or from `best`. */
static void exchange_best(training *t, bool store) {
    float *at = t->best;
    for (int i = 0; i <= tensor_count(t); i++) {
        lode_tensor_view view = {.data = t->layer, .dims = 1, .shape = {(int64_t)t->dims + 1}};
        if (i < tensor_count(t))
            view_tensor(t, i, &view);
        size_t size = (size_t)lode_tensor_size(&view);
        memcpy(store ? at : view.data, store ? view.data : at, size * sizeof *at);
        at += size;
    }
}

static bool holds_out(const training *t) {
    return memchr(t->held, 1, t->n) != NULL;
}

/* Looks at the held-out places and keeps the state when it is the best so far. */
static lode_status take_look(training *t, const lode_progress *progress) {
    float *packed = lode_alloc(t->n, sizeof *packed);
    double *scores = lode_alloc(t->n, sizeof *scores);
    unsigned char *labels = lode_alloc(t->n, 1);
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
            memcpy(t->best_odds, t->odds, t->n * sizeof *t->odds);
            exchange_best(t, true);
        }
    }
    lode_free(packed);
    lode_free(scores);
    lode_free(labels);
    return status;
}

/* ---- Training and its results ------------------------------------------------------------------
 */

static lode_status train(training *t, const lode_progress *progress) {
    const lode_supervised_options *o = t->options;
    char *message = lode_format("training %s", o->encoder);
    lode_status status = message ? LODE_OK : lode_fail_memory();
    for (t->step = 0; status == LODE_OK && t->step < o->steps; t->step++) {
        double from = (double)t->step / o->steps;
        lode_progress part = lode_progress_part(progress, from, from);
        status = lode_progress_report(progress, from, message);
        if (status == LODE_OK)
            status = step(t, &part);
        bool time = (t->step + 1) % LOOK_EVERY == 0 || t->step + 1 == o->steps;
        if (status != LODE_OK || !time || !holds_out(t))
            continue;
        status = take_look(t, &part);
        if (o->patience > 0 && t->step + 1 - t->best_step >= o->patience * LOOK_EVERY)
            break;
    }
    lode_free(message);
    if (status == LODE_OK && holds_out(t))
        exchange_best(t, false);
    else if (status == LODE_OK)
        t->best_step = o->steps;
    return status;
}

/* The last layer as a head of one member, calibrated on the held-out places. */
static lode_status make_head(const training *t, lode_head *head) {
    head->inputs = LODE_INPUT_EMBEDDING;
    head->smooth_radius = 2;
    head->features = (int)t->dims;
    head->bags = 1;
    head->platt_a = 1;
    lode_status status = lode_head_allocate(head);
    float *packed = lode_alloc(t->n, sizeof *packed), slope = 1, shift = 0;
    double *scores = lode_alloc(t->n, sizeof *scores), auc = NAN;
    unsigned char *labels = lode_alloc(t->n, 1);
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
    return json_pack("{ss si si sI si sb sI sI so so}", "encoder", t->options->encoder, "batch",
                     t->options->batch, "steps", t->options->steps, "steps_run",
                     (json_int_t)json_array_size(t->losses), "best_step", t->best_step, "held_out",
                     holds_out(t), "deposits", (json_int_t)t->count[1], "background",
                     (json_int_t)t->count[0], "losses", json_incref(t->losses), "holdout",
                     json_incref(t->looks));
}

static lode_status run(training *t, lode_stack *stack, const lode_places *places,
                       const lode_progress *progress, lode_head *head) {
    lode_progress reading = lode_progress_part(progress, 0, 0.1);
    lode_progress stepping = lode_progress_part(progress, 0.1, 1);
    t->side = 2 * lode_encoder_half_window(t->encoder) + 1;
    t->margin = (int)t->options->views.jitter;
    t->dims = (size_t)lode_encoder_dims(t->encoder);
    LODE_TRY(read_places(t, stack, places, &reading));
    LODE_TRY(prepare(t));
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
    training t = {.options = options, .recipe = recipe, .channels = recipe->channels + 1};
    LODE_TRY(lode_encoder_create(options->encoder, options->hyper, t.channels, options->seed,
                                 &t.encoder));
    lode_head *made = lode_alloc(1, sizeof *made);
    lode_status status = made ? run(&t, stack, places, progress, made) : lode_fail_memory();
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

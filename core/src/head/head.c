#include "head/head.h"

#include <math.h>
#include <string.h>

#include "head/logistic.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "util/random.h"
#include "validate/folds.h"
#include "validate/metrics.h"

enum { SCRATCH_STREAM = 201, INNER_REPEATS = 3 };

static const double strengths[] = {1.0, 0.1, 0.01, 0.001};
enum { STRENGTHS = sizeof strengths / sizeof strengths[0] };

/* From simple to rich: among equals the earlier one is taken. */
static const unsigned input_sets[] = {
    LODE_INPUT_BANDS,
    LODE_INPUT_SMOOTH,
    LODE_INPUT_EMBEDDING,
    LODE_INPUT_BANDS | LODE_INPUT_SMOOTH,
    LODE_INPUT_BANDS | LODE_INPUT_EMBEDDING,
    LODE_INPUT_SMOOTH | LODE_INPUT_EMBEDDING,
    LODE_INPUT_BANDS | LODE_INPUT_SMOOTH | LODE_INPUT_EMBEDDING,
};
enum { INPUT_SETS = sizeof input_sets / sizeof input_sets[0] };

void lode_head_defaults(lode_head_options *options) {
    *options = (lode_head_options){
        .inputs = 0, .strength = -1, .bags = 20, .inner_folds = 5, .seed = 1, .threads = 0};
}

void lode_head_free(lode_head *head) {
    if (!head)
        return;
    lode_free(head->weights);
    lode_free(head->bias);
    lode_free(head->mean_weights);
    json_decref(head->choice);
    lode_free(head);
}

/* ---- Choosing inputs and strength -------------------------------------------------------------
 */

/* One candidate: a set of inputs with a strength, and its held-out log odds in every repeat. */
typedef struct candidate {
    unsigned inputs;
    double strength;
    double *odds; /* [INNER_REPEATS][n] */
    double auc;   /* mean over the repeats */
} candidate;

typedef struct choice {
    const lode_features *full;
    const float *all;
    const lode_places *places;
    const lode_head_options *options;
    candidate items[INPUT_SETS * STRENGTHS]; /* grouped by inputs, strongest first */
    int count;
    const double *strengths; /* [strength_count] tried for every set of inputs */
    int strength_count;
    int *fold; /* [INNER_REPEATS][n] */
    int folds[INNER_REPEATS];
} choice;

static lode_features with_inputs(const lode_features *full, unsigned inputs) {
    lode_features part = *full;
    part.inputs = inputs;
    return part;
}

/* Copies the columns of `inputs` out of the full features for the places with keep[i] != 0 (NULL =
 * all). Returns a new array [kept][features]. */
static float *select_columns(const lode_features *full, const float *all, size_t n, unsigned inputs,
                             const unsigned char *keep, size_t *kept) {
    static const unsigned order[] = {LODE_INPUT_BANDS, LODE_INPUT_SMOOTH, LODE_INPUT_EMBEDDING};
    lode_features part = with_inputs(full, inputs);
    size_t width = (size_t)lode_features_count(&part), whole = (size_t)lode_features_count(full);
    float *out = lode_alloc(n, width * sizeof *out);
    *kept = 0;
    for (size_t i = 0; out && i < n; i++) {
        if (keep && !keep[i])
            continue;
        size_t from = 0, to = *kept * width;
        for (int k = 0; k < 3; k++) {
            if (!(full->inputs & order[k]))
                continue;
            lode_features one = with_inputs(full, order[k]);
            size_t count = (size_t)lode_features_count(&one);
            if (inputs & order[k]) {
                memcpy(out + to, all + i * whole + from, count * sizeof *out);
                to += count;
            }
            from += count;
        }
        (*kept)++;
    }
    return out;
}

/* Fits the candidates of one set of inputs, `first` and those behind it that differ in strength
 * only, on all but one inner fold, and notes their log odds on that fold. */
static lode_status try_fold(choice *job, candidate *first, int repeat, int fold) {
    size_t n = job->places->n, kept = 0, held = 0, k = 0;
    const int *of = job->fold + (size_t)repeat * n;
    lode_features part = with_inputs(job->full, first->inputs);
    int width = lode_features_count(&part);
    float *weights = lode_alloc(STRENGTHS, (size_t)width * sizeof *weights), bias[STRENGTHS];
    unsigned char *keep = lode_alloc(n, 1), *hold = lode_alloc(n, 1), *labels = lode_alloc(n, 1);
    float *train = NULL, *test = NULL;
    lode_status status = keep && hold && labels && weights ? LODE_OK : lode_fail_memory();
    for (size_t i = 0; status == LODE_OK && i < n; i++) {
        keep[i] = of[i] != fold;
        hold[i] = !keep[i];
        if (keep[i])
            labels[k++] = job->places->deposit[i];
    }
    if (status == LODE_OK) {
        train = select_columns(job->full, job->all, n, first->inputs, keep, &kept);
        test = select_columns(job->full, job->all, n, first->inputs, hold, &held);
        status = train && test ? LODE_OK : lode_fail_memory();
    }
    if (status == LODE_OK)
        status = lode_logistic_path(train, labels, NULL, kept, width, job->strengths,
                                    job->strength_count, weights, bias);
    for (int s = 0; status == LODE_OK && s < job->strength_count; s++) {
        k = 0;
        for (size_t i = 0; i < n; i++)
            if (hold[i])
                first[s].odds[(size_t)repeat * n + i] = lode_logistic_predict(
                    weights + s * width, bias[s], test + k++ * (size_t)width, width);
    }
    lode_free(keep);
    lode_free(hold);
    lode_free(labels);
    lode_free(weights);
    lode_free(train);
    lode_free(test);
    return status;
}

/* Item = set of inputs x repeat x fold. */
static lode_status try_item(void *context, size_t item, int worker) {
    (void)worker;
    choice *job = context;
    size_t folds = (size_t)job->options->inner_folds, set = item / folds / INNER_REPEATS;
    int repeat = (int)(item / folds % INNER_REPEATS), fold = (int)(item % folds);
    if (fold >= job->folds[repeat])
        return LODE_OK;
    return try_fold(job, &job->items[set * (size_t)job->strength_count], repeat, fold);
}

static lode_status list_candidates(choice *job) {
    bool given = job->options->strength >= 0;
    job->strengths = given ? &job->options->strength : strengths;
    job->strength_count = given ? 1 : STRENGTHS;
    for (int set = 0; set < INPUT_SETS; set++) {
        unsigned inputs = input_sets[set];
        if ((inputs & ~job->full->inputs) ||
            (job->options->inputs && job->options->inputs != inputs))
            continue;
        for (int k = 0; k < job->strength_count; k++) {
            candidate *item = &job->items[job->count++];
            item->inputs = inputs;
            item->strength = job->strengths[k];
            item->odds = lode_alloc(INNER_REPEATS * job->places->n, sizeof(double));
            if (!item->odds)
                return lode_fail_memory();
        }
    }
    if (job->count == 0)
        return lode_fail(LODE_ERROR_USAGE, "The model has none of the inputs asked for.");
    return LODE_OK;
}

static lode_status deal_folds(choice *job) {
    size_t n = job->places->n;
    job->fold = lode_alloc(INNER_REPEATS * n, sizeof *job->fold);
    if (!job->fold)
        return lode_fail_memory();
    for (int repeat = 0; repeat < INNER_REPEATS; repeat++) {
        job->folds[repeat] = job->options->inner_folds;
        LODE_TRY(lode_folds_deal(job->places->block, job->places->deposit, n,
                                 job->options->seed + (uint64_t)repeat, &job->folds[repeat],
                                 job->fold + (size_t)repeat * n));
    }
    return LODE_OK;
}

static lode_status judge(choice *job, int *best) {
    size_t n = job->places->n;
    *best = 0;
    for (int c = 0; c < job->count; c++) {
        candidate *item = &job->items[c];
        item->auc = 0;
        for (int repeat = 0; repeat < INNER_REPEATS; repeat++) {
            lode_ranking ranking;
            LODE_TRY(lode_ranking_create(item->odds + (size_t)repeat * n, job->places->deposit, n,
                                         &ranking));
            item->auc += lode_auc(&ranking, NULL) / INNER_REPEATS;
            lode_ranking_free(&ranking);
        }
        if (item->auc > job->items[*best].auc + 1e-9)
            *best = c;
    }
    return LODE_OK;
}

static json_t *choice_json(const choice *job, int best) {
    json_t *json = json_object(), *tried = json_array();
    for (int c = 0; c < job->count; c++) {
        const candidate *item = &job->items[c];
        json_array_append_new(tried, json_pack("{s:o, s:f, s:f}", "inputs",
                                               lode_inputs_describe(item->inputs), "strength",
                                               item->strength, "auc", item->auc));
    }
    json_object_set_new(json, "method", json_string("highest mean AUC over inner spatial folds"));
    json_object_set_new(json, "inner_folds", json_integer(job->folds[0]));
    json_object_set_new(json, "inner_repeats", json_integer(INNER_REPEATS));
    json_object_set_new(json, "auc", json_real(job->items[best].auc));
    json_object_set_new(json, "candidates", tried);
    return json;
}

/* ---- Fitting the chosen head ------------------------------------------------------------------
 */

typedef struct bagging {
    const float *x; /* [n][features] */
    const lode_places *places;
    const lode_head_options *options;
    lode_head *head;
} bagging;

/* A member sees a bootstrap sample of deposits and of background, each class weighing the same. */
static lode_status fit_member(void *context, size_t member, int worker) {
    (void)worker;
    bagging *job = context;
    size_t n = job->places->n, members[2] = {0, 0}, *of[2];
    double *weight = lode_alloc(n, sizeof *weight);
    of[0] = lode_alloc(n, sizeof(size_t));
    of[1] = lode_alloc(n, sizeof(size_t));
    lode_status status = weight && of[0] && of[1] ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK) {
        lode_random random = lode_random_stream(job->options->seed, SCRATCH_STREAM + member);
        for (size_t i = 0; i < n; i++) {
            int kind = job->places->deposit[i] != 0;
            of[kind][members[kind]++] = i;
        }
        for (int kind = 0; kind < 2; kind++)
            for (size_t i = 0; i < members[kind]; i++)
                weight[of[kind][lode_random_below(&random, (uint32_t)members[kind])]] +=
                    1.0 / (double)members[kind];
        lode_head *head = job->head;
        status = lode_logistic_fit(job->x, job->places->deposit, weight, n, head->features,
                                   head->strength, head->weights + member * (size_t)head->features,
                                   head->bias + member);
    }
    lode_free(weight);
    lode_free(of[0]);
    lode_free(of[1]);
    return status;
}

/* Platt's logistic on held-out log odds (Platt 1999). The slope is kept positive: a head without
 * skill gives flat scores, it does not turn the ranking round. */
static lode_status calibrate(const choice *job, int best, lode_head *head) {
    size_t n = job->places->n, all = INNER_REPEATS * n;
    const candidate *item = &job->items[best];
    float *odds = lode_alloc(all, sizeof *odds), slope, shift;
    unsigned char *labels = lode_alloc(all, 1);
    lode_status status = odds && labels ? LODE_OK : lode_fail_memory();
    for (size_t i = 0; status == LODE_OK && i < all; i++) {
        odds[i] = (float)item->odds[i];
        labels[i] = job->places->deposit[i % n];
    }
    if (status == LODE_OK)
        status = lode_logistic_fit(odds, labels, NULL, all, 1, 1e-4, &slope, &shift);
    if (status == LODE_OK) {
        head->platt_a = slope > 0.05f ? slope : 0.05;
        head->platt_b = slope > 0.05f ? shift : 0;
    }
    lode_free(odds);
    lode_free(labels);
    return status;
}

static lode_status fit_chosen(const choice *job, int best, const lode_progress *progress,
                              lode_head *head) {
    const candidate *item = &job->items[best];
    lode_features part = with_inputs(job->full, item->inputs);
    head->inputs = item->inputs;
    head->smooth_radius = job->full->smooth_radius;
    head->features = lode_features_count(&part);
    head->bags = job->options->bags;
    head->strength = item->strength;
    head->weights = lode_alloc((size_t)head->bags, (size_t)head->features * sizeof(float));
    head->bias = lode_alloc((size_t)head->bags, sizeof(float));
    head->choice = choice_json(job, best);
    size_t kept;
    float *x = select_columns(job->full, job->all, job->places->n, item->inputs, NULL, &kept);
    lode_status status =
        x && head->weights && head->bias && head->choice ? LODE_OK : lode_fail_memory();
    bagging bags = {x, job->places, job->options, head};
    if (status == LODE_OK)
        status = lode_parallel_for((size_t)head->bags, job->options->threads, fit_member, &bags,
                                   progress, "fitting the head");
    if (status == LODE_OK)
        status = calibrate(job, best, head);
    if (status == LODE_OK)
        status = lode_head_prepare(head);
    lode_free(x);
    return status;
}

static lode_status fit(choice *job, const lode_progress *progress, lode_head *head) {
    lode_progress choosing = lode_progress_part(progress, 0, 0.8);
    lode_progress fitting = lode_progress_part(progress, 0.8, 1);
    int best;
    LODE_TRY(list_candidates(job));
    LODE_TRY(deal_folds(job));
    size_t sets = (size_t)(job->count / job->strength_count);
    LODE_TRY(lode_parallel_for(sets * INNER_REPEATS * (size_t)job->options->inner_folds,
                               job->options->threads, try_item, job, &choosing,
                               "choosing the head's inputs"));
    LODE_TRY(judge(job, &best));
    return fit_chosen(job, best, &fitting, head);
}

lode_status lode_head_fit(const lode_features *full, const float *all, const lode_places *places,
                          const lode_head_options *options, const lode_progress *progress,
                          lode_head **head) {
    choice job = {.full = full, .all = all, .places = places, .options = options};
    lode_head *made = lode_alloc(1, sizeof *made);
    lode_status status = made ? fit(&job, progress, made) : lode_fail_memory();
    for (int c = 0; c < job.count; c++)
        lode_free(job.items[c].odds);
    lode_free(job.fold);
    if (status != LODE_OK) {
        lode_head_free(made);
        return status;
    }
    *head = made;
    return LODE_OK;
}

/* ---- Scoring ----------------------------------------------------------------------------------
 */

lode_status lode_head_prepare(lode_head *head) {
    size_t features = (size_t)head->features;
    lode_free(head->mean_weights);
    head->mean_weights = lode_alloc(features, sizeof(double));
    if (!head->mean_weights)
        return lode_fail_memory();
    head->mean_bias = 0;
    for (int b = 0; b < head->bags; b++) {
        head->mean_bias += (double)head->bias[b] / head->bags;
        for (size_t j = 0; j < features; j++)
            head->mean_weights[j] += (double)head->weights[(size_t)b * features + j] / head->bags;
    }
    return LODE_OK;
}

/* A dot product in lanes that the compiler keeps in vector registers; the order of additions is the
 * same on every machine. */
static float dot(const float *a, const float *b, int n) {
    enum { LANES = 16 };
    float lane[LANES] = {0}, sum = 0;
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] += a[i + k] * b[i + k];
    for (; i < n; i++)
        sum += a[i] * b[i];
    for (int k = 0; k < LANES; k++)
        sum += lane[k];
    return sum;
}

/* Standard deviation of the members' probabilities. */
static float spread(const lode_head *head, const float *x) {
    double mean = 0, squares = 0;
    for (int b = 0; b < head->bags; b++) {
        const float *weights = head->weights + (size_t)b * (size_t)head->features;
        double odds = (double)head->bias[b] + dot(weights, x, head->features);
        double probability = lode_sigmoid(head->platt_a * odds + head->platt_b);
        double gap = probability - mean;
        mean += gap / (b + 1);
        squares += gap * (probability - mean);
    }
    return (float)(head->bags > 1 ? sqrt(squares / (head->bags - 1)) : 0);
}

void lode_head_score(const lode_head *head, const float *x, float *score, float *uncertainty) {
    double odds = head->mean_bias;
    for (int j = 0; j < head->features; j++)
        odds += head->mean_weights[j] * x[j];
    *score = (float)lode_sigmoid(head->platt_a * odds + head->platt_b);
    if (uncertainty)
        *uncertainty = spread(head, x);
}

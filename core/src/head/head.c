#include "head/head.h"

#include <math.h>
#include <string.h>

#include "encoder/ensemble.h"
#include "head/choose.h"
#include "head/logistic.h"
#include "head/prototype.h"
#include "util/elementary.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "util/random.h"
#include "util/simd.h"

enum { STREAM_MEMBERS = 201 };

void lode_head_defaults(lode_head_options *options) {
    *options = (lode_head_options){
        .inputs = 0, .strength = -1, .bags = 20, .inner_folds = 5, .seed = 1, .threads = 0};
}

void lode_head_free(lode_head *head) {
    if (!head)
        return;
    lode_free(head->weights);
    lode_free(head->bias);
    lode_free(head->score_weights);
    json_decref(head->choice);
    lode_free(head);
}

/* ---- Fitting ----------------------------------------------------------------------------------
 */

typedef struct fitting {
    const lode_features *full;
    const float *all;
    const lode_places *places;
    const lode_head_options *options;
    const lode_choice *choice;
    lode_head *head;
} fitting;

/* Adds the weights of one part, w[count of its inputs], to those of the union. */
static void add_part(const fitting *job, const lode_part *part, const float *w, float bias,
                     float *weights, float *sum) {
    static const unsigned order[] = {LODE_INPUT_BANDS, LODE_INPUT_SMOOTH, LODE_INPUT_EMBEDDING};
    float share = (float)(part->share / part->spread);
    for (int k = 0; k < 3; k++) {
        lode_features one = lode_features_with(job->full, order[k]);
        int count = lode_features_count(&one);
        if (part->inputs & order[k])
            for (int j = 0; j < count; j++)
                weights[j] += share * *w++;
        if (job->head->inputs & order[k])
            weights += count;
    }
    *sum += share * bias;
}

/* Of an ensemble of encoders, leaves the embedding of one: columns of 0 get no weight. */
static void leave_one_encoder(const fitting *job, const lode_part *part, int only, size_t n,
                              size_t count, float *x) {
    if (only < 0 || !(part->inputs & LODE_INPUT_EMBEDDING))
        return;
    size_t dims = (size_t)lode_encoder_dims(job->full->encoder);
    size_t own = dims / (size_t)lode_encoder_members(job->full->encoder);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < dims; j++)
            if (j / own != (size_t)only)
                x[i * count + count - dims + j] = 0;
}

/* Fits every part with these weights of the places (NULL = balanced classes) and adds them up.
 * only: the one encoder of an ensemble that is used, -1 = all. */
static lode_status fit_parts(const fitting *job, const double *weight, int only, float *weights,
                             float *bias) {
    size_t n = job->places->n, kept;
    *bias = 0;
    for (int k = 0; k < job->choice->count; k++) {
        const lode_part *part = &job->choice->parts[k];
        lode_features own = lode_features_with(job->full, part->inputs);
        int count = lode_features_count(&own);
        float *x = lode_features_select(job->full, job->all, n, part->inputs, NULL, &kept);
        float *w = lode_alloc((size_t)count, sizeof *w), shift;
        lode_status status = x && w ? LODE_OK : lode_fail_memory();
        if (status == LODE_OK)
            leave_one_encoder(job, part, only, n, (size_t)count, x);
        if (status == LODE_OK)
            status = job->choice->prototype
                         ? lode_prototype_fit(x, job->places->deposit, weight, n, count, w, &shift)
                         : lode_logistic_fit(x, job->places->deposit, weight, n, count,
                                             part->strength, w, &shift);
        if (status == LODE_OK)
            add_part(job, part, w, shift, weights, bias);
        lode_free(x);
        lode_free(w);
        LODE_TRY(status);
    }
    return LODE_OK;
}

/* Weights of a bootstrap sample of deposits and of background, each class weighing the same. */
static lode_status draw_member(const fitting *job, size_t member, double *weight) {
    size_t n = job->places->n, count[2] = {0, 0};
    size_t *of = lode_alloc(2 * n, sizeof *of);
    if (!of)
        return lode_fail_memory();
    for (size_t i = 0; i < n; i++) {
        int kind = job->places->deposit[i] != 0;
        of[(size_t)kind * n + count[kind]++] = i;
    }
    lode_random random = lode_random_stream(job->options->seed, STREAM_MEMBERS + member);
    for (size_t kind = 0; kind < 2; kind++)
        for (size_t i = 0; i < count[kind]; i++)
            weight[of[kind * n + lode_random_below(&random, (uint32_t)count[kind])]] +=
                1.0 / (double)count[kind];
    lode_free(of);
    return LODE_OK;
}

/* Item 0 is the head that scores, fitted to all places; the others are the members that tell its
 * uncertainty. Of an ensemble of encoders each member sees one, so that what depends on the
 * encoder's seed is part of the uncertainty. */
static lode_status fit_item(void *context, size_t item, int worker) {
    (void)worker;
    const fitting *job = context;
    lode_head *head = job->head;
    if (item == 0)
        return fit_parts(job, NULL, -1, head->score_weights, &head->score_bias);
    size_t member = item - 1;
    int encoders = job->full->encoder ? lode_encoder_members(job->full->encoder) : 1;
    int only = encoders > 1 ? (int)(member % (size_t)encoders) : -1;
    double *weight = lode_alloc(job->places->n, sizeof *weight);
    lode_status status = weight ? draw_member(job, member, weight) : lode_fail_memory();
    if (status == LODE_OK)
        status = fit_parts(job, weight, only, head->weights + member * (size_t)head->features,
                           head->bias + member);
    lode_free(weight);
    return status;
}

/* Platt's logistic on held-out log odds (Platt 1999). The slope is kept positive: a head without
 * skill gives flat scores, it does not turn the ranking round. */
static lode_status calibrate(const lode_choice *choice, lode_head *head) {
    float slope, shift;
    LODE_TRY(
        lode_logistic_fit(choice->odds, choice->labels, NULL, choice->n, 1, 1e-4, &slope, &shift));
    head->platt_a = slope > 0.05f ? slope : 0.05;
    head->platt_b = slope > 0.05f ? shift : 0;
    return LODE_OK;
}

/* With nothing held out: the scores of the background spread over a unit of log odds, 0.5 lies
 * half-way between the two means. */
static lode_status scale_prototype(const fitting *job) {
    lode_head *head = job->head;
    size_t n = job->places->n, kept, count = 0, width = (size_t)head->features;
    float *x = lode_features_select(job->full, job->all, n, head->inputs, NULL, &kept);
    if (!x)
        return lode_fail_memory();
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        if (job->places->deposit[i])
            continue;
        double odds = lode_logistic_predict(head->score_weights, 0, x + i * width, head->features);
        double gap = odds - mean;
        mean += gap / (double)++count;
        squares += gap * (odds - mean);
    }
    lode_free(x);
    double deviation = count > 1 ? sqrt(squares / (double)count) : 0;
    head->platt_a = deviation > 1e-9 ? 1 / deviation : 1;
    head->platt_b = 0;
    return LODE_OK;
}

static lode_status fit_chosen(fitting *job, const lode_progress *progress) {
    lode_head *head = job->head;
    const lode_part *first = &job->choice->parts[0];
    for (int k = 1; k < job->choice->count; k++)
        if (job->choice->parts[k].share > first->share)
            first = &job->choice->parts[k];
    lode_features own = lode_features_with(job->full, job->choice->inputs);
    head->inputs = own.inputs;
    head->smooth_radius = own.smooth_radius;
    head->features = lode_features_count(&own);
    head->bags = job->options->bags;
    head->strength = first->strength;
    head->choice = json_incref(job->choice->json);
    LODE_TRY(lode_head_allocate(head));
    LODE_TRY(lode_parallel_for((size_t)head->bags + 1, job->options->threads, fit_item, job,
                               progress, "fitting the head"));
    return job->choice->prototype ? scale_prototype(job) : calibrate(job->choice, head);
}

lode_status lode_head_fit(const lode_features *full, const float *all, const lode_places *places,
                          const lode_head_options *options, const lode_progress *progress,
                          lode_head **head) {
    lode_progress choosing = lode_progress_part(progress, 0, 0.8);
    lode_progress fit = lode_progress_part(progress, 0.8, 1);
    lode_choice choice;
    LODE_TRY(lode_choose(full, all, places, options, &choosing, &choice));
    lode_head *made = lode_alloc(1, sizeof *made);
    fitting job = {full, all, places, options, &choice, made};
    lode_status status = made ? fit_chosen(&job, &fit) : lode_fail_memory();
    lode_choice_free(&choice);
    if (status != LODE_OK) {
        lode_head_free(made);
        return status;
    }
    *head = made;
    return LODE_OK;
}

/* ---- Scoring ----------------------------------------------------------------------------------
 */

lode_status lode_head_allocate(lode_head *head) {
    head->weights = lode_alloc((size_t)head->bags, (size_t)head->features * sizeof(float));
    head->bias = lode_alloc((size_t)head->bags, sizeof(float));
    head->score_weights = lode_alloc((size_t)head->features, sizeof(float));
    return head->weights && head->bias && head->score_weights ? LODE_OK : lode_fail_memory();
}

/* A dot product in lanes that the compiler keeps in vector registers; the order of additions is the
 * same on every machine. */
static inline __attribute__((always_inline)) float dot(const float *a, const float *b, int n) {
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

/* Calibrated log odds of members first .. first + count - 1. */
LODE_WIDE static void member_odds(const lode_head *head, const float *x, int first, int count,
                                  double *odds) {
    for (int i = 0; i < count; i++) {
        const float *weights = head->weights + (size_t)(first + i) * (size_t)head->features;
        double own = (double)head->bias[first + i] + (double)dot(weights, x, head->features);
        odds[i] = head->platt_a * own + head->platt_b;
    }
}

/* Standard deviation of the members' probabilities: sums of what they differ from the first, which
 * lie too close together to lose digits. */
static float spread(const lode_head *head, const float *x) {
    enum { SOME = 32 };
    double probability[SOME], origin = 0, sum = 0, squares = 0;
    for (int first = 0; first < head->bags; first += SOME) {
        int count = head->bags - first < SOME ? head->bags - first : SOME;
        member_odds(head, x, first, count, probability);
        lode_sigmoids(probability, count);
        if (first == 0)
            origin = probability[0];
        for (int i = 0; i < count; i++) {
            double gap = probability[i] - origin;
            sum += gap;
            squares += gap * gap;
        }
    }
    double variance = head->bags > 1 ? (squares - sum * sum / head->bags) / (head->bags - 1) : 0;
    return (float)(variance > 0 ? sqrt(variance) : 0);
}

/* As dot(), in double precision; fewer lanes, for as many registers. */
LODE_WIDE static double precise_dot(const float *a, const float *b, int n) {
    enum { LANES = 8 };
    double lane[LANES] = {0}, sum = 0;
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] += (double)a[i + k] * (double)b[i + k];
    for (; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    for (int k = 0; k < LANES; k++)
        sum += lane[k];
    return sum;
}

void lode_head_score(const lode_head *head, const float *x, float *score, float *uncertainty) {
    double odds = head->score_bias + precise_dot(head->score_weights, x, head->features);
    *score = (float)lode_sigmoid(head->platt_a * odds + head->platt_b);
    if (uncertainty)
        *uncertainty = isfinite(*score) ? spread(head, x) : NAN;
}

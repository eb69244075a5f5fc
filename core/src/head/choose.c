#include "head/choose.h"

#include <math.h>
#include <string.h>

#include "head/logistic.h"
#include "head/prototype.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "validate/folds.h"
#include "validate/metrics.h"

enum { INNER_REPEATS = 3 };

/* About the standard error of one AUC with a few dozen deposits (Hanley and McNeil 1982):
 * differences well inside it say little about which inputs are better. */
#define NOISE 0.05
/* A set with a smaller share is left out. */
#define LEAST_SHARE 0.05

static const double strengths[] = {10.0, 1.0, 0.1, 0.01};
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
_Static_assert((int)INPUT_SETS == (int)LODE_MAX_PARTS, "one part for every set of inputs");

/* ---- Choosing inputs and strength -------------------------------------------------------------
 */

/* One candidate: a set of inputs with a strength, and its held-out log odds in every repeat. */
typedef struct candidate {
    unsigned inputs;
    double strength;
    double *odds; /* [INNER_REPEATS][n] */
    double auc;   /* mean over the repeats */
} candidate;

/* The search; lode_choice is what it finds. */
typedef struct search {
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
} search;

/* Fits the candidates of one set of inputs, `first` and those behind it that differ in strength
 * only, on all but one inner fold, and notes their log odds on that fold. */
static lode_status try_fold(search *job, candidate *first, int repeat, int fold) {
    size_t n = job->places->n, kept = 0, held = 0, k = 0;
    const int *of = job->fold + (size_t)repeat * n;
    lode_features part = lode_features_with(job->full, first->inputs);
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
        train = lode_features_select(job->full, job->all, n, first->inputs, keep, &kept);
        test = lode_features_select(job->full, job->all, n, first->inputs, hold, &held);
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
    search *job = context;
    size_t folds = (size_t)job->options->inner_folds, set = item / folds / INNER_REPEATS;
    int repeat = (int)(item / folds % INNER_REPEATS), fold = (int)(item % folds);
    if (fold >= job->folds[repeat])
        return LODE_OK;
    return try_fold(job, &job->items[set * (size_t)job->strength_count], repeat, fold);
}

static lode_status list_candidates(search *job) {
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

static lode_status deal_folds(search *job) {
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

static lode_status judge(search *job) {
    size_t n = job->places->n;
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
    }
    return LODE_OK;
}

/* ---- Averaging --------------------------------------------------------------------------------
 */

static double spread_of(const double *odds, size_t n) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        mean += odds[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (odds[i] - mean) * (odds[i] - mean);
    double spread = sqrt(squares / (double)n);
    return spread > 1e-9 ? spread : 1;
}

/* The best strength of every set; of equals the stronger ridge. */
static void best_of_sets(const search *job, const candidate **best, int *sets) {
    *sets = job->count / job->strength_count;
    for (int set = 0; set < *sets; set++) {
        const candidate *first = &job->items[set * job->strength_count];
        best[set] = first;
        for (int k = 1; k < job->strength_count; k++)
            if (first[k].auc > best[set]->auc + 1e-9)
                best[set] = &first[k];
    }
}

static void share_out(const search *job, const candidate **taken, lode_choice *choice) {
    const candidate *best[INPUT_SETS];
    int sets;
    double top = 0, total = 0, kept = 0, share[INPUT_SETS];
    best_of_sets(job, best, &sets);
    for (int set = 0; set < sets; set++)
        top = fmax(top, best[set]->auc);
    for (int set = 0; set < sets; set++)
        total += share[set] = exp((best[set]->auc - top) / NOISE);
    for (int set = 0; set < sets; set++)
        kept += share[set] >= LEAST_SHARE * total ? share[set] : 0;
    for (int set = 0; set < sets; set++) {
        if (share[set] < LEAST_SHARE * total)
            continue;
        taken[choice->count] = best[set];
        choice->inputs |= best[set]->inputs;
        choice->parts[choice->count++] =
            (lode_part){best[set]->inputs, best[set]->strength, best[set]->auc, share[set] / kept,
                        spread_of(best[set]->odds, INNER_REPEATS * job->places->n)};
    }
}

static json_t *candidate_json(const candidate *item) {
    return json_pack("{s:o, s:f, s:f}", "inputs", lode_inputs_describe(item->inputs), "strength",
                     item->strength, "auc", item->auc);
}

static lode_status describe(const search *job, double auc, lode_choice *choice) {
    json_t *tried = json_array(), *parts = json_array();
    for (int c = 0; c < job->count; c++)
        json_array_append_new(tried, candidate_json(&job->items[c]));
    for (int k = 0; k < choice->count; k++) {
        const lode_part *part = &choice->parts[k];
        json_array_append_new(
            parts, json_pack("{s:o, s:f, s:f, s:f}", "inputs", lode_inputs_describe(part->inputs),
                             "strength", part->strength, "auc", part->auc, "share", part->share));
    }
    choice->json = json_pack("{s:s, s:i, s:i, s:f, s:o, s:o}", "method",
                             "average of input sets by their AUC in inner spatial folds",
                             "inner_folds", job->folds[0], "inner_repeats", INNER_REPEATS, "auc",
                             auc, "parts", parts, "candidates", tried);
    return choice->json ? LODE_OK : lode_fail_memory();
}

/* Held-out log odds of the average, its AUC, and the account of the choice. */
static lode_status combine(const search *job, lode_choice *choice) {
    const candidate *taken[INPUT_SETS];
    share_out(job, taken, choice);
    size_t n = job->places->n;
    choice->n = INNER_REPEATS * n;
    choice->odds = lode_alloc(choice->n, sizeof *choice->odds);
    choice->labels = lode_alloc(choice->n, 1);
    double *odds = lode_alloc(choice->n, sizeof *odds), auc = 0;
    lode_status status = choice->odds && choice->labels && odds ? LODE_OK : lode_fail_memory();
    for (size_t i = 0; status == LODE_OK && i < choice->n; i++) {
        for (int k = 0; k < choice->count; k++)
            odds[i] += choice->parts[k].share / choice->parts[k].spread * taken[k]->odds[i];
        choice->odds[i] = (float)odds[i];
        choice->labels[i] = job->places->deposit[i % n];
    }
    for (int repeat = 0; status == LODE_OK && repeat < INNER_REPEATS; repeat++) {
        lode_ranking ranking;
        status = lode_ranking_create(odds + (size_t)repeat * n, job->places->deposit, n, &ranking);
        if (status == LODE_OK) {
            auc += lode_auc(&ranking, NULL) / INNER_REPEATS;
            lode_ranking_free(&ranking);
        }
    }
    lode_free(odds);
    return status == LODE_OK ? describe(job, auc, choice) : status;
}

static lode_status search_all(search *job, const lode_progress *progress, lode_choice *choice) {
    LODE_TRY(list_candidates(job));
    LODE_TRY(deal_folds(job));
    size_t sets = (size_t)(job->count / job->strength_count);
    LODE_TRY(lode_parallel_for(sets * INNER_REPEATS * (size_t)job->options->inner_folds,
                               job->options->threads, try_item, job, progress,
                               "choosing the head's inputs"));
    LODE_TRY(judge(job));
    return combine(job, choice);
}

/* ---- Too few deposits to choose by ------------------------------------------------------- */

static bool too_few(const lode_places *places) {
    size_t deposits = 0;
    for (size_t i = 0; i < places->n; i++)
        deposits += places->deposit[i] != 0;
    return deposits <= LODE_PROTOTYPE_DEPOSITS;
}

static lode_status choose_prototype(const lode_features *full, const lode_head_options *options,
                                    lode_choice *choice) {
    unsigned usual = full->inputs & (LODE_INPUT_BANDS | LODE_INPUT_EMBEDDING);
    unsigned inputs = options->inputs ? options->inputs : usual;
    if (inputs & ~full->inputs)
        return lode_fail(LODE_ERROR_USAGE, "The model has none of the inputs asked for.");
    choice->prototype = true;
    choice->inputs = inputs;
    choice->count = 1;
    choice->parts[0] = (lode_part){.inputs = inputs, .share = 1, .spread = 1};
    choice->json = json_pack("{s:s, s:n, s:[{s:o, s:f}]}", "method",
                             "nearest mean (prototype): too few deposits to choose by validation",
                             "auc", "parts", "inputs", lode_inputs_describe(inputs), "share", 1.0);
    return choice->json ? LODE_OK : lode_fail_memory();
}

lode_status lode_choose(const lode_features *full, const float *all, const lode_places *places,
                        const lode_head_options *options, const lode_progress *progress,
                        lode_choice *choice) {
    search job = {.full = full, .all = all, .places = places, .options = options};
    memset(choice, 0, sizeof *choice);
    if (options->strength < 0 && too_few(places))
        return choose_prototype(full, options, choice);
    lode_status status = search_all(&job, progress, choice);
    for (int c = 0; c < job.count; c++)
        lode_free(job.items[c].odds);
    lode_free(job.fold);
    if (status != LODE_OK)
        lode_choice_free(choice);
    return status;
}

void lode_choice_free(lode_choice *choice) {
    lode_free(choice->odds);
    lode_free(choice->labels);
    json_decref(choice->json);
    memset(choice, 0, sizeof *choice);
}

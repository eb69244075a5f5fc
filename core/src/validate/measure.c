#include "validate/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "validate/interval.h"
#include "validate/metrics.h"

/* ---- Names ------------------------------------------------------------------------------------
 */

enum {
    AUC,
    PR_AUC,
    CAPTURE_01,
    CAPTURE_05,
    CAPTURE_10,
    CAPTURE_20,
    CROSSING,
    BRIER,
    BOYCE,
    SINGLE
};
static const double capture_areas[] = {0.01, 0.05, 0.10, 0.20};
static const char *const capture_names[] = {"0.01", "0.05", "0.10", "0.20"};

/* Where the success-rate curve gets an interval; closer where maps are used. */
static const double curve_areas[] = {0,    0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1,  0.15,
                                     0.2,  0.25, 0.3,  0.35, 0.4,  0.45, 0.5,   0.55, 0.6,
                                     0.65, 0.7,  0.75, 0.8,  0.85, 0.9,  0.95,  1};
enum { CURVE = sizeof curve_areas / sizeof curve_areas[0], PER_METHOD = SINGLE + CURVE };

/* ---- Ranks within folds -----------------------------------------------------------------------
 */

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static size_t count_below(const double *sorted, size_t n, double limit, bool and_equal) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < limit || (and_equal && sorted[middle] == limit))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

lode_status lode_fold_ranks(const lode_run *run, const double *score, double *rank) {
    double *sorted = lode_alloc(run->n, sizeof *sorted);
    if (!sorted)
        return lode_fail_memory();
    for (int fold = 0; fold < run->folds; fold++) {
        size_t n = 0;
        for (size_t i = run->deposits; i < run->n; i++)
            if (run->fold[i] == fold)
                sorted[n++] = score[i];
        qsort(sorted, n, sizeof *sorted, ascending);
        for (size_t i = 0; i < run->n; i++) {
            if (run->fold[i] != fold)
                continue;
            size_t below = count_below(sorted, n, score[i], false);
            size_t not_above = count_below(sorted, n, score[i], true);
            rank[i] = n > 0 ? 0.5 * (double)(below + not_above) / (double)n : 0.5;
        }
    }
    lode_free(sorted);
    return LODE_OK;
}

/* ---- One method in one repeat -----------------------------------------------------------------
 */

typedef struct result {
    const lode_run *run;
    const double *score;
    double *rank; /* [run->n] within its fold */
    lode_ranking ranking;
    double background_error; /* mean squared error of probability over background */
} result;

typedef struct scratch {
    double *weight, *area, *captured; /* [n], [n + 1], [n + 1] */
} scratch;

typedef struct bench {
    const lode_pool *pool;
    const lode_scores *scores;
    int methods;
    result *results; /* [methods][repeats] */
    scratch *scratch;
} bench;

static result *result_at(const bench *b, int method, int repeat) {
    return &b->results[method * b->pool->repeats + repeat];
}

static lode_status make_result(const bench *b, int method, int repeat) {
    result *made = result_at(b, method, repeat);
    made->run = &b->pool->runs[repeat];
    made->score = b->scores[method].score[repeat];
    made->rank = lode_alloc(made->run->n, sizeof *made->rank);
    if (!made->rank)
        return lode_fail_memory();
    LODE_TRY(lode_fold_ranks(made->run, made->score, made->rank));
    for (size_t i = made->run->deposits; i < made->run->n; i++)
        made->background_error +=
            made->score[i] * made->score[i] / (double)(made->run->n - made->run->deposits);
    return lode_ranking_create(made->rank, made->run->deposit, made->run->n, &made->ranking);
}

/* Half of the weight on deposits, half on background: 0.25 is a coin. */
static double balanced_brier(const result *r, const double *weight) {
    double sum = 0, total = 0;
    for (size_t i = 0; i < r->run->deposits; i++) {
        sum += weight[i] * (1 - r->score[i]) * (1 - r->score[i]);
        total += weight[i];
    }
    return 0.5 * sum / total + 0.5 * r->background_error;
}

static void measure_result(const result *r, bool probability, const scratch *space,
                           double *values) {
    lode_curve curve = {0, space->area, space->captured};
    lode_success_curve(&r->ranking, space->weight, &curve);
    values[AUC] = lode_auc(&r->ranking, space->weight);
    values[PR_AUC] = lode_average_precision(&r->ranking, space->weight);
    for (int a = 0; a < 4; a++)
        values[CAPTURE_01 + a] = lode_curve_capture(&curve, capture_areas[a]);
    values[CROSSING] = lode_curve_crossing(&curve);
    values[BRIER] = probability ? balanced_brier(r, space->weight) : NAN;
    values[BOYCE] = lode_boyce(r->rank, r->run->deposit, space->weight, r->run->n);
    for (int p = 0; p < CURVE; p++)
        values[SINGLE + p] = lode_curve_capture(&curve, curve_areas[p]);
}

/* Units of the bootstrap: groups of neighbouring deposits (a lone deposit is a group of one), then
 * repeats. Statistics: PER_METHOD values of each method,
 * then SINGLE differences of the first method to each other. */
static void statistics(void *context, const double *unit_weight, int worker, double *values) {
    const bench *b = context;
    const scratch *space = &b->scratch[worker];
    const double *repeat_weight = unit_weight + b->pool->clusters;
    double one[PER_METHOD];
    for (size_t i = 0; i < b->pool->deposits; i++)
        space->weight[i] = unit_weight[b->pool->cluster[i]];
    for (int m = 0; m < b->methods; m++) {
        double *mean = values + m * PER_METHOD, total = 0;
        memset(mean, 0, PER_METHOD * sizeof *mean);
        for (int r = 0; r < b->pool->repeats; r++) {
            if (!(repeat_weight[r] > 0))
                continue;
            measure_result(result_at(b, m, r), b->scores[m].method->probability, space, one);
            total += repeat_weight[r];
            for (int v = 0; v < PER_METHOD; v++)
                mean[v] += repeat_weight[r] * one[v];
        }
        for (int v = 0; v < PER_METHOD; v++)
            mean[v] /= total;
    }
    double *difference = values + b->methods * PER_METHOD;
    for (int m = 1; m < b->methods; m++)
        for (int v = 0; v < SINGLE; v++)
            *difference++ = values[v] - values[m * PER_METHOD + v];
}

/* ---- Accuracy ---------------------------------------------------------------------------------
 */

/* Share of area that the other folds would take: where they capture as much as they leave out. */
static lode_status balanced_area(const result *r, int fold, const scratch *space, double *area) {
    size_t n = 0;
    double *rank = lode_alloc(r->run->n, sizeof *rank);
    unsigned char *deposit = lode_alloc(r->run->n, 1);
    lode_status status = rank && deposit ? LODE_OK : lode_fail_memory();
    for (size_t i = 0; status == LODE_OK && i < r->run->n; i++) {
        if (r->run->fold[i] == fold)
            continue;
        rank[n] = r->rank[i];
        deposit[n++] = r->run->deposit[i];
    }
    lode_ranking ranking = {0};
    if (status == LODE_OK)
        status = lode_ranking_create(rank, deposit, n, &ranking);
    if (status == LODE_OK) {
        lode_curve curve = {0, space->area, space->captured};
        lode_success_curve(&ranking, NULL, &curve);
        *area = 1 - lode_curve_crossing(&curve);
    }
    lode_ranking_free(&ranking);
    lode_free(rank);
    lode_free(deposit);
    return status;
}

/* Mean of the shares of deposits and of background on the right side of the threshold. */
static lode_status balanced_accuracy(const bench *b, int method, double *accuracy) {
    *accuracy = 0;
    for (int k = 0; k < b->pool->repeats; k++) {
        const result *r = result_at(b, method, k);
        double right[2] = {0, 0}, all[2] = {0, 0};
        for (int fold = 0; fold < r->run->folds; fold++) {
            double area;
            LODE_TRY(balanced_area(r, fold, &b->scratch[0], &area));
            for (size_t i = 0; i < r->run->n; i++) {
                if (r->run->fold[i] != fold)
                    continue;
                int kind = r->run->deposit[i];
                right[kind] += (r->rank[i] >= 1 - area) == (kind == 1);
                all[kind]++;
            }
        }
        *accuracy += 0.5 * (right[0] / all[0] + right[1] / all[1]) / b->pool->repeats;
    }
    return LODE_OK;
}

/* ---- Permutations -----------------------------------------------------------------------------
 */

static lode_status permuted(const bench *b, int method, double observed, json_t **json) {
    int count = b->pool->permutations, reached = 0;
    double *auc = lode_alloc((size_t)count, sizeof *auc), mean = 0;
    if (!auc)
        return lode_fail_memory();
    lode_status status = LODE_OK;
    for (int p = 0; p < count && status == LODE_OK; p++) {
        const lode_run *run = &b->pool->runs[b->pool->repeats + p];
        double *rank = lode_alloc(run->n, sizeof *rank);
        lode_ranking ranking = {0};
        status = rank ? lode_fold_ranks(run, b->scores[method].score[b->pool->repeats + p], rank)
                      : lode_fail_memory();
        if (status == LODE_OK)
            status = lode_ranking_create(rank, run->deposit, run->n, &ranking);
        if (status == LODE_OK)
            auc[p] = lode_auc(&ranking, NULL);
        mean += auc[p] / count;
        reached += auc[p] >= observed;
        lode_ranking_free(&ranking);
        lode_free(rank);
    }
    if (status == LODE_OK) {
        qsort(auc, (size_t)count, sizeof *auc, ascending);
        *json = json_pack("{s:i, s:f, s:f, s:f, s:f}", "runs", count, "mean", mean, "lowest",
                          auc[0], "highest", auc[count - 1], "p", (reached + 1.0) / (count + 1));
    }
    lode_free(auc);
    return status;
}

/* ---- JSON -------------------------------------------------------------------------------------
 */

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *interval_json(lode_interval interval) {
    return json_pack("{s:o, s:o, s:o}", "value", number(interval.value), "low",
                     number(interval.low), "high", number(interval.high));
}

static json_t *singles_json(const lode_interval *values) {
    json_t *json = json_object(), *capture = json_object();
    json_object_set_new(json, "auc", interval_json(values[AUC]));
    json_object_set_new(json, "pr_auc", interval_json(values[PR_AUC]));
    for (int a = 0; a < 4; a++)
        json_object_set_new(capture, capture_names[a], interval_json(values[CAPTURE_01 + a]));
    json_object_set_new(json, "capture", capture);
    json_object_set_new(json, "prediction_area", interval_json(values[CROSSING]));
    if (isfinite(values[BRIER].value))
        json_object_set_new(json, "brier", interval_json(values[BRIER]));
    if (isfinite(values[BOYCE].value))
        json_object_set_new(json, "boyce", interval_json(values[BOYCE]));
    return json;
}

static json_t *curve_json(const lode_interval *curve) {
    json_t *value = json_array(), *low = json_array(), *high = json_array();
    for (int p = 0; p < CURVE; p++) {
        json_array_append_new(value, number(curve[p].value));
        json_array_append_new(low, number(curve[p].low));
        json_array_append_new(high, number(curve[p].high));
    }
    return json_pack("{s:o, s:o, s:o}", "captured", value, "low", low, "high", high);
}

/* Probability against truth in ten bins, all repeats together, both classes weighing the same. */
static lode_status reliability_json(const bench *b, int method, json_t **json) {
    enum { BINS = 10 };
    size_t total = 0, n = 0;
    for (int r = 0; r < b->pool->repeats; r++)
        total += b->pool->runs[r].n;
    double *probability = lode_alloc(total, sizeof *probability);
    double *weight = lode_alloc(total, sizeof *weight);
    unsigned char *deposit = lode_alloc(total, 1);
    lode_status status = probability && weight && deposit ? LODE_OK : lode_fail_memory();
    for (int r = 0; r < b->pool->repeats && status == LODE_OK; r++) {
        const result *from = result_at(b, method, r);
        double share = (double)from->run->deposits / (double)(from->run->n - from->run->deposits);
        for (size_t i = 0; i < from->run->n; i++, n++) {
            probability[n] = from->score[i];
            deposit[n] = from->run->deposit[i];
            weight[n] = deposit[n] ? 1 : share;
        }
    }
    if (status == LODE_OK) {
        lode_reliability_bin bins[BINS];
        lode_reliability(probability, deposit, weight, n, BINS, bins);
        *json = json_array();
        for (int i = 0; i < BINS; i++)
            if (bins[i].weight > 0)
                json_array_append_new(*json, json_pack("{s:f, s:f, s:f}", "predicted",
                                                       bins[i].predicted, "observed",
                                                       bins[i].observed, "weight", bins[i].weight));
    }
    lode_free(probability);
    lode_free(weight);
    lode_free(deposit);
    return status;
}

static lode_status method_json(const bench *b, int method, const lode_interval *values,
                               double confidence, json_t **json) {
    json_t *made = singles_json(values), *part = NULL;
    double accuracy = NAN, trials = 2.0 * (double)b->pool->deposits;
    lode_status status = made ? balanced_accuracy(b, method, &accuracy) : lode_fail_memory();
    lode_interval exact = lode_binomial_interval(round(accuracy * trials), trials, confidence);
    exact.value = accuracy;
    if (status == LODE_OK) {
        json_object_set_new(made, "accuracy", interval_json(exact));
        json_object_set_new(made, "curve", curve_json(values + SINGLE));
    }
    if (status == LODE_OK && b->scores[method].method->probability) {
        status = reliability_json(b, method, &part);
        if (status == LODE_OK)
            json_object_set_new(made, "reliability", part);
    }
    if (status == LODE_OK && b->pool->permutations > 0) {
        status = permuted(b, method, values[AUC].value, &part);
        if (status == LODE_OK)
            json_object_set_new(made, "permutation", part);
    }
    if (status != LODE_OK) {
        json_decref(made);
        return status;
    }
    *json = made;
    return LODE_OK;
}

static lode_status add_pairs(const bench *b, const lode_interval *values, double confidence,
                             json_t *json) {
    json_t *paired = json_object();
    const lode_interval *difference = values + b->methods * PER_METHOD;
    for (int m = 1; m < b->methods; m++, difference += SINGLE) {
        char *name = lode_format("%s-%s", b->scores[0].method->name, b->scores[m].method->name);
        json_t *pair = singles_json(difference);
        lode_auc_test test;
        const result *first = result_at(b, 0, 0), *second = result_at(b, m, 0);
        lode_status status = name && pair
                                 ? lode_delong(first->rank, second->rank, first->run->deposit,
                                               first->run->n, confidence, &test)
                                 : lode_fail_memory();
        if (status == LODE_OK) {
            json_object_set_new(pair, "delong_p", number(test.p));
            json_object_set(paired, name, pair);
        }
        json_decref(pair);
        lode_free(name);
        if (status != LODE_OK) {
            json_decref(paired);
            return status;
        }
    }
    json_object_set_new(json, "paired", paired);
    return LODE_OK;
}

static lode_status write_json(const bench *b, const lode_interval *values, double confidence,
                              json_t *json) {
    json_t *methods = json_object(), *areas = json_array();
    for (int p = 0; p < CURVE; p++)
        json_array_append_new(areas, json_real(curve_areas[p]));
    json_object_set_new(json, "methods", methods);
    json_object_set_new(json, "curve_area", areas);
    for (int m = 0; m < b->methods; m++) {
        json_t *one = NULL;
        LODE_TRY(method_json(b, m, values + m * PER_METHOD, confidence, &one));
        json_object_set_new(methods, b->scores[m].method->name, one);
    }
    return add_pairs(b, values, confidence, json);
}

/* ---- All together -----------------------------------------------------------------------------
 */

static lode_status allocate_scratch(bench *b, int threads) {
    size_t most = 0;
    for (int r = 0; r < b->pool->repeats; r++)
        most = b->pool->runs[r].n > most ? b->pool->runs[r].n : most;
    for (int t = 0; t < threads; t++) {
        scratch *s = &b->scratch[t];
        s->weight = lode_alloc(most, sizeof *s->weight);
        s->area = lode_alloc(most + 1, sizeof *s->area);
        s->captured = lode_alloc(most + 1, sizeof *s->captured);
        if (!s->weight || !s->area || !s->captured)
            return lode_fail_memory();
        for (size_t i = 0; i < most; i++)
            s->weight[i] = 1;
    }
    return LODE_OK;
}

static lode_status bootstrap(bench *b, const lode_validate_options *options, int threads,
                             const lode_progress *progress, lode_interval *intervals,
                             size_t count) {
    size_t clusters = (size_t)b->pool->clusters, units = clusters + (size_t)b->pool->repeats;
    int *stratum = lode_alloc(units, sizeof *stratum);
    if (!stratum)
        return lode_fail_memory();
    for (size_t i = clusters; i < units; i++)
        stratum[i] = 1;
    lode_bootstrap plan = {.statistic = statistics,
                           .context = b,
                           .count = count,
                           .units = units,
                           .stratum = stratum,
                           .resamples = options->resamples,
                           .confidence = options->confidence,
                           .seed = options->seed,
                           .threads = threads};
    lode_status status = lode_bootstrap_run(&plan, progress, intervals);
    lode_free(stratum);
    return status;
}

/* All or none of the deposits captured leaves the bootstrap nothing to draw: then the exact
 * binomial interval of as many independent deposits as there are groups. */
static void widen_certainties(const lode_pool *pool, int methods, double confidence,
                              lode_interval *intervals) {
    for (int m = 0; m < methods; m++)
        for (int v = CAPTURE_01; v <= CAPTURE_20; v++) {
            lode_interval *one = intervals + m * PER_METHOD + v;
            if (!(one->high > one->low) && (one->value == 0 || one->value == 1))
                *one =
                    lode_binomial_interval(one->value * pool->clusters, pool->clusters, confidence);
        }
}

lode_status lode_measure(const lode_pool *pool, const lode_scores *scores, int methods,
                         const lode_validate_options *options, const lode_progress *progress,
                         json_t *json) {
    int threads = lode_thread_count(options->threads);
    size_t results = (size_t)methods * (size_t)pool->repeats;
    size_t count = (size_t)methods * PER_METHOD + (size_t)(methods - 1) * SINGLE;
    bench b = {.pool = pool, .scores = scores, .methods = methods};
    b.results = lode_alloc(results, sizeof *b.results);
    b.scratch = lode_alloc((size_t)threads, sizeof *b.scratch);
    lode_interval *intervals = lode_alloc(count, sizeof *intervals);
    lode_status status =
        b.results && b.scratch && intervals ? allocate_scratch(&b, threads) : lode_fail_memory();
    for (int m = 0; m < methods && status == LODE_OK; m++)
        for (int r = 0; r < pool->repeats && status == LODE_OK; r++)
            status = make_result(&b, m, r);
    if (status == LODE_OK)
        status = bootstrap(&b, options, threads, progress, intervals, count);
    if (status == LODE_OK) {
        widen_certainties(pool, methods, options->confidence, intervals);
        status = write_json(&b, intervals, options->confidence, json);
    }
    for (size_t i = 0; b.results && i < results; i++) {
        lode_free(b.results[i].rank);
        lode_ranking_free(&b.results[i].ranking);
    }
    for (int t = 0; b.scratch && t < threads; t++) {
        lode_free(b.scratch[t].weight);
        lode_free(b.scratch[t].area);
        lode_free(b.scratch[t].captured);
    }
    lode_free(b.results);
    lode_free(b.scratch);
    lode_free(intervals);
    return status;
}

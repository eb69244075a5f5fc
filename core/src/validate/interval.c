#include "validate/interval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "util/random.h"

/* ---- Distributions ----------------------------------------------------------------------------
 */

double lode_normal_below(double z) {
    return 0.5 * erfc(-z / 1.4142135623730951);
}

/* Bisection of an increasing function on low..high down to the last bits. */
static double invert(double (*function)(double x, double a, double b), double a, double b, double p,
                     double low, double high) {
    for (int i = 0; i < 200; i++) {
        double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high)
            break;
        if (function(middle, a, b) < p)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

static double normal_below(double x, double a, double b) {
    (void)a;
    (void)b;
    return lode_normal_below(x);
}

double lode_normal_quantile(double p) {
    if (!(p > 0))
        return -HUGE_VAL;
    return p < 1 ? invert(normal_below, 0, 0, p, -40, 40) : HUGE_VAL;
}

/* Continued fraction of the incomplete beta function, by Lentz's method (DLMF 8.17.22). */
static double beta_fraction(double x, double a, double b) {
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double fraction = d;
    for (int m = 1; m <= 10000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        for (int half = 0; half < 2; half++) {
            double term = half ? odd : even;
            d = 1 + term * d;
            c = 1 + term / c;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = fabs(c) < tiny ? tiny : c;
            fraction *= c * d;
        }
        if (fabs(c * d - 1) < 1e-16)
            break;
    }
    return fraction;
}

static double beta_below(double x, double a, double b) {
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(x, a, b) / a
                                     : 1 - front * beta_fraction(1 - x, b, a) / b;
}

double lode_beta_quantile(double p, double a, double b) {
    return invert(beta_below, a, b, p, 0, 1);
}

lode_interval lode_binomial_interval(double successes, double trials, double confidence) {
    double tail = 0.5 * (1 - confidence), failures = trials - successes;
    lode_interval interval = {successes / trials, 0, 1};
    if (successes > 0)
        interval.low = lode_beta_quantile(tail, successes, failures + 1);
    if (failures > 0)
        interval.high = lode_beta_quantile(1 - tail, successes + 1, failures);
    return interval;
}

/* ---- Bootstrap --------------------------------------------------------------------------------
 */

/* Items: 0 = the data as they are, 1..units = one unit left out, then the resamples. */
typedef struct bootstrap_run {
    const lode_bootstrap *plan;
    size_t *members, *first, *size; /* units by stratum; a unit's stratum: first member and size */
    double *weights;                /* [threads][units] */
    double *values;                 /* [items][count] */
} bootstrap_run;

static void draw(const bootstrap_run *run, size_t resample, double *weight) {
    const lode_bootstrap *plan = run->plan;
    lode_random random = lode_random_stream(plan->seed, resample);
    for (size_t i = 0; i < plan->units; i++) {
        size_t pick = run->first[i] + lode_random_below(&random, (uint32_t)run->size[i]);
        weight[run->members[pick]] += 1;
    }
}

static lode_status evaluate(void *context, size_t item, int worker) {
    const bootstrap_run *run = context;
    const lode_bootstrap *plan = run->plan;
    double *weight = run->weights + (size_t)worker * plan->units;
    for (size_t i = 0; i < plan->units; i++)
        weight[i] = item <= plan->units ? 1 : 0;
    if (item > plan->units)
        draw(run, item - plan->units, weight);
    else if (item > 0)
        weight[item - 1] = 0;
    plan->statistic(plan->context, weight, worker, run->values + item * plan->count);
    return LODE_OK;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Linear interpolation between order statistics. */
static double quantile(const double *sorted, size_t n, double p) {
    double at = p * (double)(n - 1);
    size_t below = (size_t)at;
    if (below + 1 >= n)
        return sorted[n - 1];
    return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

/* Skewness of the jackknife influences over six, each stratum about its own mean. */
static double acceleration(const bootstrap_run *run, size_t statistic) {
    const lode_bootstrap *plan = run->plan;
    double squares = 0, cubes = 0;
    for (size_t i = 0; i < plan->units; i++) {
        double mean = 0, size = (double)run->size[i];
        if (run->size[i] < 2)
            continue;
        for (size_t k = 0; k < run->size[i]; k++) {
            size_t unit = run->members[run->first[i] + k];
            mean += run->values[(1 + unit) * plan->count + statistic] / size;
        }
        double influence =
            (mean - run->values[(1 + i) * plan->count + statistic]) * (size - 1) / size;
        squares += influence * influence;
        cubes += influence * influence * influence;
    }
    double a = squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0;
    return isfinite(a) ? a : 0;
}

static lode_interval summarise(const bootstrap_run *run, size_t statistic, double *sorted) {
    const lode_bootstrap *plan = run->plan;
    lode_interval interval = {run->values[statistic], NAN, NAN};
    size_t n = 0;
    double below = 0;
    for (int r = 0; r < plan->resamples; r++) {
        double value = run->values[(1 + plan->units + (size_t)r) * plan->count + statistic];
        if (isfinite(value)) {
            sorted[n++] = value;
            below += value < interval.value ? 1 : value == interval.value ? 0.5 : 0;
        }
    }
    if (n == 0 || !isfinite(interval.value))
        return interval;
    qsort(sorted, n, sizeof *sorted, ascending);
    /* Of a statistic that drawing with repetition alone moves, as it does a correlation of ranks,
     * (nearly) all samples lie on one side of the value. Beyond a share of a tenth the correction
     * would leave the tails of the samples only. */
    double share = fmin(fmax(below / (double)n, 0.1), 0.9);
    double bias = lode_normal_quantile(share), a = acceleration(run, statistic);
    for (int side = 0; side < 2; side++) {
        double tail = 0.5 * (1 - plan->confidence);
        double z = bias + lode_normal_quantile(side ? 1 - tail : tail);
        double adjusted = lode_normal_below(bias + z / fmax(1 - a * z, 1e-3));
        *(side ? &interval.high : &interval.low) = quantile(sorted, n, adjusted);
    }
    interval.low = fmin(interval.low, interval.value);
    interval.high = fmax(interval.high, interval.value);
    return interval;
}

/* Lists the units stratum by stratum, so that drawing from a stratum is one random index. */
static void group(bootstrap_run *run) {
    const lode_bootstrap *plan = run->plan;
    size_t listed = 0;
    for (size_t i = 0; i < plan->units; i++) {
        if (run->size[i] > 0)
            continue;
        size_t start = listed;
        for (size_t k = i; k < plan->units; k++)
            if (!plan->stratum || plan->stratum[k] == plan->stratum[i])
                run->members[listed++] = k;
        for (size_t m = start; m < listed; m++) {
            run->first[run->members[m]] = start;
            run->size[run->members[m]] = listed - start;
        }
    }
}

lode_status lode_bootstrap_run(const lode_bootstrap *plan, const lode_progress *progress,
                               lode_interval *intervals) {
    size_t resamples = (size_t)plan->resamples, items = 1 + plan->units + resamples;
    int threads = lode_thread_count(plan->threads);
    bootstrap_run run = {.plan = plan};
    run.members = lode_alloc(3 * plan->units, sizeof *run.members);
    run.weights = lode_alloc((size_t)threads * plan->units, sizeof *run.weights);
    run.values = lode_alloc(items * plan->count, sizeof *run.values);
    double *sorted = lode_alloc(resamples, sizeof *sorted);
    lode_status status = LODE_OK;
    if (!run.members || !run.weights || !run.values || !sorted) {
        status = lode_fail_memory();
    } else {
        run.first = run.members + plan->units;
        run.size = run.first + plan->units;
        group(&run);
        status = lode_parallel_for(items, threads, evaluate, &run, progress, "intervals");
    }
    for (size_t s = 0; s < plan->count && status == LODE_OK; s++)
        intervals[s] = summarise(&run, s, sorted);
    lode_free(run.members);
    lode_free(run.weights);
    lode_free(run.values);
    lode_free(sorted);
    return status;
}

/* ---- DeLong -----------------------------------------------------------------------------------
 */

typedef struct ranked {
    double score;
    size_t place;
} ranked;

static int lowest_first(const void *left, const void *right) {
    double a = ((const ranked *)left)->score, b = ((const ranked *)right)->score;
    return (a > b) - (a < b);
}

/* Placement of each place: for a deposit the share of background it beats, for background the share
 * of deposits that beat it; ties one half. */
static lode_status placements(const double *score, const unsigned char *deposit, size_t n,
                              double *placement) {
    ranked *sorted = lode_alloc(n, sizeof *sorted);
    if (!sorted)
        return lode_fail_memory();
    double deposits = 0, seen[2] = {0, 0};
    for (size_t i = 0; i < n; i++) {
        sorted[i] = (ranked){score[i], i};
        deposits += deposit[i] != 0;
    }
    qsort(sorted, n, sizeof *sorted, lowest_first);
    for (size_t start = 0, end; start < n; start = end) {
        double tied[2] = {0, 0};
        for (end = start; end < n && sorted[end].score == sorted[start].score; end++)
            tied[deposit[sorted[end].place] != 0]++;
        for (size_t i = start; i < end; i++) {
            size_t place = sorted[i].place;
            double background = (double)n - deposits;
            placement[place] = deposit[place] ? (seen[0] + 0.5 * tied[0]) / background
                                              : (deposits - seen[1] - 0.5 * tied[1]) / deposits;
        }
        seen[0] += tied[0];
        seen[1] += tied[1];
    }
    lode_free(sorted);
    return LODE_OK;
}

/* Mean over deposits, and (co)variance of two AUCs from their placements. */
static double class_covariance(const double *a, const double *b, const unsigned char *deposit,
                               size_t n, int which) {
    double count = 0, mean_a = 0, mean_b = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        if ((deposit[i] != 0) != which)
            continue;
        count++;
        mean_a += a[i];
        mean_b += b[i];
    }
    mean_a /= count;
    mean_b /= count;
    for (size_t i = 0; i < n; i++)
        if ((deposit[i] != 0) == which)
            sum += (a[i] - mean_a) * (b[i] - mean_b);
    return sum / (count - 1) / count;
}

static double covariance(const double *a, const double *b, const unsigned char *deposit, size_t n) {
    return class_covariance(a, b, deposit, n, 0) + class_covariance(a, b, deposit, n, 1);
}

static double mean_placement(const double *placement, const unsigned char *deposit, size_t n) {
    double sum = 0, count = 0;
    for (size_t i = 0; i < n; i++)
        if (deposit[i]) {
            sum += placement[i];
            count++;
        }
    return sum / count;
}

static lode_interval normal_interval(double value, double variance, double confidence) {
    double reach = lode_normal_quantile(0.5 + 0.5 * confidence) * sqrt(fmax(variance, 0));
    return (lode_interval){value, value - reach, value + reach};
}

lode_status lode_delong(const double *first, const double *second, const unsigned char *deposit,
                        size_t n, double confidence, lode_auc_test *test) {
    size_t deposits = 0;
    for (size_t i = 0; i < n; i++)
        deposits += deposit[i] != 0;
    if (deposits < 2 || n - deposits < 2)
        return lode_fail(LODE_ERROR_DATA,
                         "DeLong's test needs two deposits and two background "
                         "places; there are %zu deposits among %zu places.",
                         deposits, n);
    double *a = lode_alloc(2 * n, sizeof *a), *b = a ? a + n : NULL;
    if (!a)
        return lode_fail_memory();
    lode_status status = placements(first, deposit, n, a);
    if (status == LODE_OK)
        status = placements(second, deposit, n, b);
    if (status == LODE_OK) {
        double auc_a = mean_placement(a, deposit, n), auc_b = mean_placement(b, deposit, n);
        double aa = covariance(a, a, deposit, n), bb = covariance(b, b, deposit, n);
        double variance = aa + bb - 2 * covariance(a, b, deposit, n);
        test->first = normal_interval(auc_a, aa, confidence);
        test->second = normal_interval(auc_b, bb, confidence);
        test->difference = normal_interval(auc_a - auc_b, variance, confidence);
        double z = fabs(auc_a - auc_b) / sqrt(fmax(variance, 0));
        test->p = auc_a == auc_b ? 1 : 2 * lode_normal_below(-z);
    }
    lode_free(a);
    return status;
}

#include "validate/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"

/* ---- Ranking ----------------------------------------------------------------------------------
 */

typedef struct scored {
    double score;
    size_t place;
} scored;

static int highest_first(const void *left, const void *right) {
    const scored *a = left, *b = right;
    if (a->score != b->score)
        return a->score < b->score ? 1 : -1;
    return (a->place > b->place) - (a->place < b->place);
}

static lode_status check(const double *score, const unsigned char *deposit, size_t n) {
    size_t deposits = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(score[i]))
            return lode_fail(LODE_ERROR_DATA, "Score %zu of %zu is not a finite number.", i + 1, n);
        deposits += deposit[i] != 0;
    }
    if (deposits == 0 || deposits == n)
        return lode_fail(LODE_ERROR_DATA,
                         "Scores need both deposits and background; there are %zu "
                         "deposits among %zu places.",
                         deposits, n);
    return LODE_OK;
}

lode_status lode_ranking_create(const double *score, const unsigned char *deposit, size_t n,
                                lode_ranking *ranking) {
    LODE_TRY(check(score, deposit, n));
    scored *sorted = lode_alloc(n, sizeof *sorted);
    lode_ranking made = {n, lode_alloc(n, sizeof *made.order), lode_alloc(n, 1), lode_alloc(n, 1)};
    if (!sorted || !made.order || !made.last || !made.deposit) {
        lode_free(sorted);
        lode_ranking_free(&made);
        return lode_fail_memory();
    }
    for (size_t i = 0; i < n; i++)
        sorted[i] = (scored){score[i], i};
    qsort(sorted, n, sizeof *sorted, highest_first);
    for (size_t i = 0; i < n; i++) {
        made.order[i] = sorted[i].place;
        made.last[i] = i + 1 == n || sorted[i + 1].score < sorted[i].score;
        made.deposit[i] = deposit[sorted[i].place] != 0;
    }
    lode_free(sorted);
    *ranking = made;
    return LODE_OK;
}

void lode_ranking_free(lode_ranking *ranking) {
    lode_free(ranking->order);
    lode_free(ranking->last);
    lode_free(ranking->deposit);
    *ranking = (lode_ranking){0};
}

/* Weight of deposits and of background so far, walking down the ranking group by group. */
typedef struct walk {
    const lode_ranking *ranking;
    const double *weight;
    size_t next;
    double deposits, background;             /* above and including the current group */
    double group_deposits, group_background; /* in the current group */
} walk;

static bool next_group(walk *w) {
    const lode_ranking *ranking = w->ranking;
    if (w->next == ranking->n)
        return false;
    w->group_deposits = w->group_background = 0;
    do {
        double weight = w->weight ? w->weight[ranking->order[w->next]] : 1;
        if (ranking->deposit[w->next])
            w->group_deposits += weight;
        else
            w->group_background += weight;
    } while (!ranking->last[w->next++]);
    w->deposits += w->group_deposits;
    w->background += w->group_background;
    return true;
}

static walk totals(const lode_ranking *ranking, const double *weight) {
    walk all = {.ranking = ranking, .weight = weight};
    while (next_group(&all))
        ;
    return all;
}

/* ---- Measures of order ------------------------------------------------------------------------
 */

double lode_auc(const lode_ranking *ranking, const double *weight) {
    walk w = {.ranking = ranking, .weight = weight};
    double won = 0;
    while (next_group(&w))
        won += w.group_background * (w.deposits - 0.5 * w.group_deposits);
    return won / (w.deposits * w.background);
}

double lode_average_precision(const lode_ranking *ranking, const double *weight) {
    walk w = {.ranking = ranking, .weight = weight};
    double sum = 0;
    while (next_group(&w))
        if (w.group_deposits > 0)
            sum += w.group_deposits * w.deposits / (w.deposits + w.background);
    return sum / w.deposits;
}

void lode_success_curve(const lode_ranking *ranking, const double *weight, lode_curve *curve) {
    walk all = totals(ranking, weight), w = {.ranking = ranking, .weight = weight};
    curve->area[0] = curve->captured[0] = 0;
    curve->points = 1;
    while (next_group(&w)) {
        curve->area[curve->points] = w.background / all.background;
        curve->captured[curve->points++] = w.deposits / all.deposits;
    }
}

double lode_curve_capture(const lode_curve *curve, double area) {
    /* The last point that is not right of `area`; a vertical step counts in full. */
    size_t low = 0, high = curve->points;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (curve->area[middle] <= area)
            low = middle;
        else
            high = middle;
    }
    if (high == curve->points)
        return curve->captured[low];
    double part = (area - curve->area[low]) / (curve->area[high] - curve->area[low]);
    return curve->captured[low] + part * (curve->captured[high] - curve->captured[low]);
}

double lode_curve_crossing(const lode_curve *curve) {
    const double *area = curve->area, *captured = curve->captured;
    for (size_t i = 1; i < curve->points; i++) {
        double sum = area[i] + captured[i], before = area[i - 1] + captured[i - 1];
        if (sum >= 1)
            return captured[i - 1] +
                   (1 - before) / (sum - before) * (captured[i] - captured[i - 1]);
    }
    return NAN;
}

/* ---- Measures of probability ------------------------------------------------------------------
 */

double lode_brier(const double *probability, const unsigned char *deposit, const double *weight,
                  size_t n) {
    double sum = 0, total = 0;
    for (size_t i = 0; i < n; i++) {
        double w = weight ? weight[i] : 1, gap = probability[i] - (deposit[i] != 0);
        sum += w * gap * gap;
        total += w;
    }
    return sum / total;
}

void lode_reliability(const double *probability, const unsigned char *deposit, const double *weight,
                      size_t n, int bins, lode_reliability_bin *out) {
    memset(out, 0, (size_t)bins * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        double w = weight ? weight[i] : 1;
        int bin = (int)ceil(probability[i] * bins) - 1;
        bin = bin < 0 ? 0 : bin >= bins ? bins - 1 : bin;
        out[bin].predicted += w * probability[i];
        out[bin].observed += deposit[i] ? w : 0;
        out[bin].weight += w;
    }
    for (int b = 0; b < bins; b++) {
        out[b].predicted = out[b].weight > 0 ? out[b].predicted / out[b].weight : NAN;
        out[b].observed = out[b].weight > 0 ? out[b].observed / out[b].weight : NAN;
    }
}

/* ---- Rank correlation and the Boyce index -----------------------------------------------------
 */

/* Ranks from 1, equal values share their mean rank. */
static void ranks_of(const double *x, size_t n, scored *sorted, double *rank) {
    for (size_t i = 0; i < n; i++)
        sorted[i] = (scored){x[i], i};
    qsort(sorted, n, sizeof *sorted, highest_first);
    for (size_t start = 0, end; start < n; start = end) {
        for (end = start + 1; end < n && sorted[end].score == sorted[start].score; end++)
            ;
        for (size_t i = start; i < end; i++)
            rank[sorted[i].place] = (double)n - 0.5 * (double)(start + end - 1);
    }
}

static double pearson(const double *x, const double *y, size_t n) {
    double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        mean_x += x[i] / (double)n;
        mean_y += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double dx = x[i] - mean_x, dy = y[i] - mean_y;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}

lode_status lode_spearman(const double *x, const double *y, size_t n, double *correlation) {
    double *ranks = lode_alloc(2 * n + 1, sizeof *ranks);
    scored *sorted = lode_alloc(n + 1, sizeof *sorted);
    lode_status status = ranks && sorted ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK) {
        ranks_of(x, n, sorted, ranks);
        ranks_of(y, n, sorted, ranks + n);
        *correlation = pearson(ranks, ranks + n, n);
    }
    lode_free(ranks);
    lode_free(sorted);
    return status;
}

enum { BOYCE_WINDOWS = 101 };

typedef struct boyce_windows {
    double low, high, width, step;
    double total[2], inside[2][BOYCE_WINDOWS]; /* of background and of deposits */
} boyce_windows;

static double window_start(const boyce_windows *windows, int i) {
    return windows->low + i * windows->step;
}

static double window_end(const boyce_windows *windows, int i) {
    return i + 1 < BOYCE_WINDOWS ? window_start(windows, i) + windows->width : windows->high;
}

static void add_to_windows(boyce_windows *windows, double score, double weight, int kind) {
    /* Windows start a step apart, so the last one that may hold the score is known within one. */
    double last = floor((score - windows->low) / windows->step) + 1;
    int i = last < BOYCE_WINDOWS - 1 ? (int)last : BOYCE_WINDOWS - 1;
    for (; i >= 0 && window_end(windows, i) >= score; i--)
        if (window_start(windows, i) <= score)
            windows->inside[kind][i] += weight;
    windows->total[kind] += weight;
}

double lode_boyce(const double *score, const unsigned char *deposit, const double *weight,
                  size_t n) {
    boyce_windows windows = {.low = HUGE_VAL, .high = -HUGE_VAL};
    for (size_t i = 0; i < n; i++) {
        windows.low = fmin(windows.low, score[i]);
        windows.high = fmax(windows.high, score[i]);
    }
    if (!(windows.high > windows.low))
        return NAN;
    windows.width = (windows.high - windows.low) / 10;
    windows.step = (windows.high - windows.low - windows.width) / (BOYCE_WINDOWS - 1);
    for (size_t i = 0; i < n; i++)
        add_to_windows(&windows, score[i], weight ? weight[i] : 1, deposit[i] != 0);
    double middle[BOYCE_WINDOWS], ratio[BOYCE_WINDOWS], ranks[2][BOYCE_WINDOWS];
    scored sorted[BOYCE_WINDOWS];
    size_t kept = 0;
    for (int i = 0; i < BOYCE_WINDOWS; i++) {
        double area = windows.inside[0][i] / windows.total[0];
        double here = windows.inside[1][i] / windows.total[1] / area;
        if (!(area > 0) || (kept > 0 && here == ratio[kept - 1]))
            continue;
        ratio[kept] = here;
        middle[kept++] = 0.5 * (window_start(&windows, i) + window_end(&windows, i));
    }
    if (kept < 3)
        return NAN;
    ranks_of(middle, kept, sorted, ranks[0]);
    ranks_of(ratio, kept, sorted, ranks[1]);
    return pearson(ranks[0], ranks[1], kept);
}

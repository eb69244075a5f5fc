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

size_t lode_success_curve(const lode_ranking *ranking, const double *weight, double *area,
                          double *captured) {
    walk all = totals(ranking, weight), w = {.ranking = ranking, .weight = weight};
    size_t points = 0;
    area[points] = captured[points] = 0;
    points++;
    while (next_group(&w)) {
        area[points] = w.background / all.background;
        captured[points] = w.deposits / all.deposits;
        points++;
    }
    return points;
}

double lode_capture(const lode_ranking *ranking, const double *weight, double area) {
    walk all = totals(ranking, weight), w = {.ranking = ranking, .weight = weight};
    if (!(all.background > 0 && all.deposits > 0))
        return NAN;
    double wanted = area * all.background, ground = 0, captured = 0;
    while (next_group(&w)) {
        if (w.background > wanted) /* ground that scores the same is taken in part */
            return (captured + (wanted - ground) / w.group_background * w.group_deposits) /
                   all.deposits;
        ground = w.background;
        captured = w.deposits;
    }
    return 1;
}

double lode_prediction_area(const lode_ranking *ranking, const double *weight) {
    walk all = totals(ranking, weight), w = {.ranking = ranking, .weight = weight};
    if (!(all.background > 0 && all.deposits > 0))
        return NAN;
    double area = 0, captured = 0;
    while (next_group(&w)) {
        double next_area = w.background / all.background, next = w.deposits / all.deposits;
        if (next_area + next >= 1) {
            double gap = 1 - area - captured, step = next_area + next - area - captured;
            return captured + (step > 0 ? gap / step : 0) * (next - captured);
        }
        area = next_area;
        captured = next;
    }
    return captured;
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
static lode_status ranks_of(const double *x, size_t n, double *rank) {
    scored *sorted = lode_alloc(n, sizeof *sorted);
    if (!sorted)
        return lode_fail_memory();
    for (size_t i = 0; i < n; i++)
        sorted[i] = (scored){x[i], i};
    qsort(sorted, n, sizeof *sorted, highest_first);
    for (size_t start = 0, end; start < n; start = end) {
        for (end = start + 1; end < n && sorted[end].score == sorted[start].score; end++)
            ;
        for (size_t i = start; i < end; i++)
            rank[sorted[i].place] = (double)n - 0.5 * (double)(start + end - 1);
    }
    lode_free(sorted);
    return LODE_OK;
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
    if (!ranks)
        return lode_fail_memory();
    lode_status status = ranks_of(x, n, ranks);
    if (status == LODE_OK)
        status = ranks_of(y, n, ranks + n);
    if (status == LODE_OK)
        *correlation = pearson(ranks, ranks + n, n);
    lode_free(ranks);
    return status;
}

enum { BOYCE_WINDOWS = 101 };

/* First place in the ascending list whose value is not below `limit`. */
static size_t first_from(const double *ascending, size_t n, double limit) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ascending[middle] < limit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Share of the sorted scores in low <= score <= high. */
static double share_between(const double *sorted, size_t n, double low, double high) {
    size_t from = first_from(sorted, n, low), to = first_from(sorted, n, nextafter(high, HUGE_VAL));
    return (double)(to - from) / (double)n;
}

lode_status lode_boyce(const double *score, const unsigned char *deposit, size_t n, double *index) {
    LODE_TRY(check(score, deposit, n));
    double *sorted = lode_alloc(n, sizeof *sorted);
    if (!sorted)
        return lode_fail_memory();
    size_t background = 0, deposits = 0;
    for (size_t i = 0; i < n; i++)
        if (deposit[i])
            sorted[n - ++deposits] = score[i];
        else
            sorted[background++] = score[i];
    double *known = sorted + background;
    qsort(sorted, background, sizeof *sorted, ascending);
    qsort(known, deposits, sizeof *known, ascending);
    double low = fmin(sorted[0], known[0]);
    double high = fmax(sorted[background - 1], known[deposits - 1]);
    double width = (high - low) / 10, step = (high - low - width) / (BOYCE_WINDOWS - 1);
    double middle[BOYCE_WINDOWS], ratio[BOYCE_WINDOWS];
    size_t kept = 0;
    for (int i = 0; i < BOYCE_WINDOWS; i++) {
        double from = low + i * step, to = i + 1 < BOYCE_WINDOWS ? from + width : high;
        double area = share_between(sorted, background, from, to);
        if (!(area > 0))
            continue;
        double here = share_between(known, deposits, from, to) / area;
        if (kept > 0 && here == ratio[kept - 1])
            continue;
        ratio[kept] = here;
        middle[kept++] = 0.5 * (from + to);
    }
    lode_free(sorted);
    *index = NAN;
    return high > low && kept > 2 ? lode_spearman(middle, ratio, kept, index) : LODE_OK;
}

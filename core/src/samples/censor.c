#include "samples/censor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"

/* ---- Normal distribution --------------------------------------------------------------------- */

static double density(double z) {
    return exp(-0.5 * z * z) / sqrt(2 * 3.14159265358979323846);
}

static double cumulative(double z) {
    return 0.5 * erfc(-z / sqrt(2.0));
}

/* Quantile by bisection and Newton steps on erfc: exact to rounding, and short. */
static double quantile(double p) {
    double low = -40, high = 40;
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (low + high);
        if (cumulative(middle) < p)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

/* density / cumulative, by its asymptotic series far in the lower tail. */
static double mills(double z) {
    if (z < -30)
        return -z + 1 / -z;
    return density(z) / cumulative(z);
}

/* ---- Lognormal ------------------------------------------------------------------------------- */

/* EM for a left-censored normal: censored values enter with their expected value and square. */
lode_lognormal lode_lognormal_fit(const double *values, const unsigned char *marks, size_t n) {
    lode_lognormal fit = {0, 1};
    double count = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        if (marks[i] != LODE_MARK_VALUE && marks[i] != LODE_MARK_BELOW)
            continue;
        double z = log(values[i]) - (marks[i] == LODE_MARK_BELOW ? log(2.0) : 0);
        count++;
        sum += z;
        squares += z * z;
    }
    if (count < 2)
        return fit;
    fit.mean = sum / count;
    fit.sd = sqrt(fmax(1e-12, squares / count - fit.mean * fit.mean));
    for (int step = 0; step < 500; step++) {
        double expected = 0, second = 0;
        for (size_t i = 0; i < n; i++) {
            if (marks[i] == LODE_MARK_VALUE) {
                double z = log(values[i]);
                expected += z;
                second += z * z;
            } else if (marks[i] == LODE_MARK_BELOW) {
                double t = (log(values[i]) - fit.mean) / fit.sd, ratio = mills(t);
                double mean = fit.mean - fit.sd * ratio;
                double variance = fit.sd * fit.sd * fmax(0, 1 - t * ratio - ratio * ratio);
                expected += mean;
                second += variance + mean * mean;
            }
        }
        double mean = expected / count, sd = sqrt(fmax(1e-12, second / count - mean * mean));
        double change = fabs(mean - fit.mean) + fabs(sd - fit.sd);
        fit.mean = mean;
        fit.sd = sd;
        if (change < 1e-10)
            break;
    }
    return fit;
}

double lode_lognormal_below(lode_lognormal fit, double limit) {
    double t = (log(limit) - fit.mean) / fit.sd;
    return exp(fit.mean - fit.sd * mills(t));
}

/* ---- Regression on order statistics ---------------------------------------------------------- */

typedef struct observation {
    double value;
    size_t index;
    bool below;
} observation;

/* A limit stands before measured values equal to it. */
static int by_value(const void *a, const void *b) {
    const observation *p = a, *q = b;
    if (p->value != q->value)
        return p->value < q->value ? -1 : 1;
    if (p->below != q->below)
        return p->below ? -1 : 1;
    return (p->index > q->index) - (p->index < q->index);
}

typedef struct interval {
    double limit;      /* lower end of the interval */
    double detected;   /* measured values in [limit, next limit) */
    double censored;   /* values given as below this limit */
    double below;      /* all values, measured or not, known to lie below the limit */
    double exceedance; /* probability of lying at or above the limit */
} interval;

/* Hirsch and Stedinger (1987), equations 8 to 10, for the distinct limits in ascending order. */
static int find_intervals(const observation *sorted, size_t n, interval *list) {
    int count = 0;
    list[count++] = (interval){.limit = 0};
    for (size_t i = 0; i < n; i++) {
        if (sorted[i].below && sorted[i].value > list[count - 1].limit)
            list[count++] = (interval){.limit = sorted[i].value};
        if (sorted[i].below)
            list[count - 1].censored++;
        else
            list[count - 1].detected++;
    }
    double before = 0;
    for (int j = 0; j < count; j++) {
        list[j].below = before + list[j].censored;
        before = list[j].below + list[j].detected;
    }
    double above = 0;
    for (int j = count - 1; j >= 0; j--) {
        double together = list[j].detected + list[j].below;
        above = above + (together > 0 ? list[j].detected / together * (1 - above) : 0);
        list[j].exceedance = j == 0 ? 1 : above;
    }
    return count;
}

typedef struct line {
    double intercept, slope;
} line;

/* Least squares of ln(measured value) on the normal quantile of its plotting position. */
static bool fit_line(const observation *sorted, size_t n, const interval *list, int count,
                     line *fit) {
    double m = 0, sq = 0, sz = 0, sqq = 0, sqz = 0, rank = 0;
    int j = 0;
    for (size_t i = 0; i < n; i++) {
        while (j + 1 < count && sorted[i].value >= list[j + 1].limit) {
            j++;
            rank = 0;
        }
        if (sorted[i].below)
            continue;
        rank++;
        double next = j + 1 < count ? list[j + 1].exceedance : 0;
        double p =
            (1 - list[j].exceedance) + (list[j].exceedance - next) * rank / (list[j].detected + 1);
        double q = quantile(p), z = log(sorted[i].value);
        m++;
        sq += q;
        sz += z;
        sqq += q * q;
        sqz += q * z;
    }
    double spread = m * sqq - sq * sq;
    if (m < 2 || !(spread > 0))
        return false;
    fit->slope = (m * sqz - sq * sz) / spread;
    fit->intercept = (sz - fit->slope * sq) / m;
    return true;
}

lode_status lode_ros(double *values, const unsigned char *marks, size_t n) {
    observation *sorted = lode_alloc(n + 1, sizeof *sorted);
    interval *list = lode_alloc(n + 2, sizeof *list);
    double *imputed = lode_alloc(n + 2, sizeof *imputed);
    size_t count = 0;
    lode_status status = sorted && list && imputed ? LODE_OK : lode_fail_memory();
    for (size_t i = 0; status == LODE_OK && i < n; i++)
        if (marks[i] == LODE_MARK_VALUE || marks[i] == LODE_MARK_BELOW)
            sorted[count++] = (observation){values[i], i, marks[i] == LODE_MARK_BELOW};
    line fit;
    if (status == LODE_OK) {
        qsort(sorted, count, sizeof *sorted, by_value);
        int intervals = find_intervals(sorted, count, list);
        bool fitted = fit_line(sorted, count, list, intervals, &fit);
        for (int j = 1; j < intervals; j++) {
            double sum = 0, c = list[j].censored;
            for (double r = 1; r <= c; r++)
                sum += quantile((1 - list[j].exceedance) * r / (c + 1));
            imputed[j] = fitted ? fmin(list[j].limit, exp(fit.intercept + fit.slope * sum / c))
                                : 0.5 * list[j].limit;
        }
        for (size_t i = 0; i < count; i++)
            for (int j = 1; j < intervals && sorted[i].below; j++)
                if (sorted[i].value == list[j].limit)
                    values[sorted[i].index] = imputed[j];
    }
    lode_free(sorted);
    lode_free(list);
    lode_free(imputed);
    return status;
}

/* ---- Replacing ------------------------------------------------------------------------------- */

/* Unknown limits become the smallest measured value; a spike becomes a limit where it is imputed.
 */
static void settle_limits(lode_analyte *analyte, size_t n, bool impute) {
    double smallest = analyte->valid > 0 ? analyte->lowest : analyte->limit_low;
    for (size_t i = 0; i < n; i++) {
        if (analyte->marks[i] == LODE_MARK_BELOW && !(analyte->values[i] > 0))
            analyte->values[i] = smallest;
        if (impute && analyte->spike > 0 && analyte->marks[i] == LODE_MARK_VALUE &&
            analyte->values[i] == analyte->lowest)
            analyte->marks[i] = LODE_MARK_BELOW;
    }
}

static lode_status replace_one(lode_analyte *analyte, size_t n, lode_censoring how) {
    bool impute = how == LODE_CENSORED_MULTIPLICATIVE || how == LODE_CENSORED_ROS;
    settle_limits(analyte, n, impute);
    if (how == LODE_CENSORED_ROS)
        return lode_ros(analyte->values, analyte->marks, n);
    lode_lognormal fit = {0, 1};
    if (impute)
        fit = lode_lognormal_fit(analyte->values, analyte->marks, n);
    for (size_t i = 0; i < n; i++) {
        if (analyte->marks[i] != LODE_MARK_BELOW)
            continue;
        double limit = analyte->values[i];
        analyte->values[i] = how == LODE_CENSORED_HALF    ? 0.5 * limit
                             : how == LODE_CENSORED_SQRT2 ? limit / sqrt(2.0)
                                                          : lode_lognormal_below(fit, limit);
    }
    return LODE_OK;
}

/* The measured parts of a sample give way to what was put in, so that its sum stays the million. */
static void rescale(lode_samples *samples) {
    for (size_t i = 0; i < samples->n; i++) {
        double added = 0;
        for (int a = 0; a < samples->count; a++) {
            const lode_analyte *analyte = &samples->analytes[a];
            if (analyte->used && analyte->is_element && analyte->marks[i] == LODE_MARK_BELOW)
                added += analyte->values[i];
        }
        double share = 1 - added / 1e6;
        for (int a = 0; a < samples->count && added > 0 && share > 0; a++) {
            lode_analyte *analyte = &samples->analytes[a];
            if (analyte->used && analyte->is_element && analyte->marks[i] == LODE_MARK_VALUE)
                analyte->values[i] *= share;
        }
    }
}

lode_status lode_censor_replace(lode_samples *samples, lode_censoring how) {
    for (int a = 0; a < samples->count; a++) {
        lode_analyte *analyte = &samples->analytes[a];
        if (analyte->used && analyte->is_element)
            LODE_TRY(replace_one(analyte, samples->n, how));
    }
    if (how == LODE_CENSORED_MULTIPLICATIVE)
        rescale(samples);
    return LODE_OK;
}

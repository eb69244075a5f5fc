/* scaling.c - functions of one band that bring values to a common scale. */
#include <math.h>

#include "functions/list.h"

/* ---- lode_censor ------------------------------------------------------------------------------ *
 * Values below the detection limit become factor * limit (one half by habit; 0.65 in
 * Palarea-Albaladejo and Martin-Fernandez 2013). A negative value v is the laboratories' way to
 * write "< |v|" and becomes factor * |v|. */

static const lode_argument censor_arguments[] = {
    {"limit", "double", "0", "Detection limit; values below it are replaced."},
    {"factor", "double", "0.5", "What to multiply the limit with, above 0 and at most 1."},
    {NULL, NULL, NULL, NULL}};

static bool prepare_censor(const lode_call *call, lode_parameters *parameters) {
    if (!lode_call_number(call, "limit", &parameters->a) ||
        !lode_call_number(call, "factor", &parameters->b))
        return false;
    if (!(parameters->a >= 0) || !isfinite(parameters->a))
        return lode_call_fail(call, "limit must be zero or more.");
    if (!(parameters->b > 0 && parameters->b <= 1))
        return lode_call_fail(call, "factor must lie above 0 and not above 1.");
    return true;
}

static double censor(const lode_parameters *p, double x) {
    if (x < 0)
        return -x * p->b;
    return x < p->a ? p->a * p->b : x;
}

LODE_FUNCTION(censor, .help = "Replaces values below a detection limit.",
              .arguments = censor_arguments, .prepare = prepare_censor, .of_value = censor)

/* ---- lode_zscore ------------------------------------------------------------------------------ *
 * (x - centre) / scale, limited to +-clip. Robust with the median as centre and 1.4826 * MAD
 * (median absolute deviation) as scale. A log transform is often wanted first: log='YES'. */

static const lode_argument zscore_arguments[] = {
    {"centre", "double", NULL, "Subtracted, for example the median."},
    {"scale", "double", NULL, "Divided by, for example 1.4826 times the MAD; not zero."},
    {"clip", "double", "inf", "Largest absolute result."},
    {"log", "string", "NO",
     "YES takes the natural logarithm first; values at or below zero are "
     "then missing."},
    {NULL, NULL, NULL, NULL}};

static bool prepare_zscore(const lode_call *call, lode_parameters *parameters) {
    int yes;
    if (!lode_call_number(call, "centre", &parameters->a) ||
        !lode_call_number(call, "scale", &parameters->b) ||
        !lode_call_number(call, "clip", &parameters->c) ||
        !lode_call_choice(call, "log", "NO|YES", &yes))
        return false;
    parameters->flag = yes;
    if (!(parameters->b > 0) || !isfinite(parameters->b))
        return lode_call_fail(call, "scale must be above zero.");
    if (!(parameters->c > 0))
        return lode_call_fail(call, "clip must be above zero.");
    return true;
}

static double limit(double value, double low, double high) {
    return value < low ? low : (value > high ? high : value);
}

static double zscore(const lode_parameters *p, double x) {
    if (p->flag)
        x = x > 0 ? log(x) : NAN;
    return limit((x - p->a) / p->b, -p->c, p->c);
}

LODE_FUNCTION(zscore, .help = "(x - centre) / scale.", .arguments = zscore_arguments,
              .prepare = prepare_zscore, .of_value = zscore)

/* ---- lode_winsor ------------------------------------------------------------------------------ *
 * min(max(x, low), high): outliers are pulled in to the limits. */

static const lode_argument winsor_arguments[] = {{"low", "double", "-inf", "Smallest result."},
                                                 {"high", "double", "inf", "Largest result."},
                                                 {NULL, NULL, NULL, NULL}};

static bool prepare_winsor(const lode_call *call, lode_parameters *parameters) {
    if (!lode_call_number(call, "low", &parameters->a) ||
        !lode_call_number(call, "high", &parameters->b))
        return false;
    if (!(parameters->a <= parameters->b))
        return lode_call_fail(call, "low must not lie above high.");
    return true;
}

static double winsor(const lode_parameters *p, double x) {
    return limit(x, p->a, p->b);
}

LODE_FUNCTION(winsor, .help = "Limits values to low..high.", .arguments = winsor_arguments,
              .prepare = prepare_winsor, .of_value = winsor)

/* ---- lode_logistic ---------------------------------------------------------------------------- *
 * 1 / (1 + exp(-slope * (x - midpoint))): a continuous weight between 0 and 1 without classes.
 * Yousefi and Carranza (2015), Computers & Geosciences 79. */

static const lode_argument logistic_arguments[] = {
    {"slope", "double", NULL, "Steepness; a negative one falls with growing values."},
    {"midpoint", "double", NULL, "Value that becomes 0.5."},
    {NULL, NULL, NULL, NULL}};

static bool prepare_logistic(const lode_call *call, lode_parameters *parameters) {
    return lode_call_number(call, "slope", &parameters->a) &&
           lode_call_number(call, "midpoint", &parameters->b);
}

static double logistic(const lode_parameters *p, double x) {
    return 1 / (1 + exp(-p->a * (x - p->b)));
}

LODE_FUNCTION(logistic, .help = "1 / (1 + exp(-slope (x - midpoint))).",
              .arguments = logistic_arguments, .prepare = prepare_logistic, .of_value = logistic)

/* ---- lode_percentile -------------------------------------------------------------------------- *
 * Percentile rank 0..100 from breaks: the values at evenly spaced percentiles, first at 0 and last
 * at 100, with linear interpolation between them. Five breaks are the quartiles. */

static const lode_argument percentile_arguments[] = {
    {"breaks", "string", NULL,
     "Ascending values at evenly spaced percentiles from 0 to 100, separated by spaces."},
    {NULL, NULL, NULL, NULL}};

static bool prepare_percentile(const lode_call *call, lode_parameters *parameters) {
    if (!lode_call_numbers(call, "breaks", &parameters->list, &parameters->count))
        return false;
    if (parameters->count < 2)
        return lode_call_fail(call, "breaks needs at least two values.");
    for (int i = 1; i < parameters->count; i++)
        if (!(parameters->list[i - 1] <= parameters->list[i]))
            return lode_call_fail(call, "breaks must ascend; value %d is below the one before.",
                                  i + 1);
    return true;
}

/* The share with a lower value, so ties get the rank of the lowest of them. */
static double percentile(const lode_parameters *p, double x) {
    const double *breaks = p->list;
    int low = 0, high = p->count - 1;
    if (isnan(x))
        return NAN;
    if (x <= breaks[low])
        return 0;
    if (x >= breaks[high])
        return 100;
    /* breaks[low] < x <= breaks[high] */
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (x > breaks[middle])
            low = middle;
        else
            high = middle;
    }
    double share = (x - breaks[low]) / (breaks[high] - breaks[low]);
    return 100.0 * (low + share) / (p->count - 1);
}

LODE_FUNCTION(percentile, .help = "Percentile rank 0..100 from breaks.",
              .arguments = percentile_arguments, .prepare = prepare_percentile,
              .of_value = percentile)

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

static void run_censor(const lode_parameters *parameters, int sources, const double *const *x,
                       int cells, double *out) {
    (void)sources;
    for (int i = 0; i < cells; i++) {
        double value = x[0][i];
        if (value < 0)
            value = -value * parameters->b;
        else if (value < parameters->a)
            value = parameters->a * parameters->b;
        out[i] = value;
    }
}

LODE_FUNCTION_ENTRY(lode_function_censor)
const lode_function lode_function_censor = {.name = "lode_censor",
                                            .help = "Replaces values below a detection limit.",
                                            .arguments = censor_arguments,
                                            .fewest = 1,
                                            .most = 1,
                                            .prepare = prepare_censor,
                                            .run = run_censor,
                                            .entry = lode_function_censor_entry};

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

static void run_zscore(const lode_parameters *parameters, int sources, const double *const *x,
                       int cells, double *out) {
    (void)sources;
    for (int i = 0; i < cells; i++) {
        double value = x[0][i];
        if (parameters->flag)
            value = value > 0 ? log(value) : NAN;
        value = (value - parameters->a) / parameters->b;
        out[i] = limit(value, -parameters->c, parameters->c);
    }
}

LODE_FUNCTION_ENTRY(lode_function_zscore)
const lode_function lode_function_zscore = {.name = "lode_zscore",
                                            .help = "(x - centre) / scale.",
                                            .arguments = zscore_arguments,
                                            .fewest = 1,
                                            .most = 1,
                                            .prepare = prepare_zscore,
                                            .run = run_zscore,
                                            .entry = lode_function_zscore_entry};

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

static void run_winsor(const lode_parameters *parameters, int sources, const double *const *x,
                       int cells, double *out) {
    (void)sources;
    for (int i = 0; i < cells; i++)
        out[i] = limit(x[0][i], parameters->a, parameters->b);
}

LODE_FUNCTION_ENTRY(lode_function_winsor)
const lode_function lode_function_winsor = {.name = "lode_winsor",
                                            .help = "Limits values to low..high.",
                                            .arguments = winsor_arguments,
                                            .fewest = 1,
                                            .most = 1,
                                            .prepare = prepare_winsor,
                                            .run = run_winsor,
                                            .entry = lode_function_winsor_entry};

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

static void run_logistic(const lode_parameters *parameters, int sources, const double *const *x,
                         int cells, double *out) {
    (void)sources;
    for (int i = 0; i < cells; i++)
        out[i] = 1 / (1 + exp(-parameters->a * (x[0][i] - parameters->b)));
}

LODE_FUNCTION_ENTRY(lode_function_logistic)
const lode_function lode_function_logistic = {.name = "lode_logistic",
                                              .help = "1 / (1 + exp(-slope (x - midpoint))).",
                                              .arguments = logistic_arguments,
                                              .fewest = 1,
                                              .most = 1,
                                              .prepare = prepare_logistic,
                                              .run = run_logistic,
                                              .entry = lode_function_logistic_entry};

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
static double percentile(const double *breaks, int count, double value) {
    if (isnan(value))
        return NAN;
    if (value <= breaks[0])
        return 0;
    if (value >= breaks[count - 1])
        return 100;
    int low = 0, high = count - 1; /* breaks[low] < value <= breaks[high] */
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (value > breaks[middle])
            low = middle;
        else
            high = middle;
    }
    double share = (value - breaks[low]) / (breaks[high] - breaks[low]);
    return 100.0 * (low + share) / (count - 1);
}

static void run_percentile(const lode_parameters *parameters, int sources, const double *const *x,
                           int cells, double *out) {
    (void)sources;
    for (int i = 0; i < cells; i++)
        out[i] = percentile(parameters->list, parameters->count, x[0][i]);
}

LODE_FUNCTION_ENTRY(lode_function_percentile)
const lode_function lode_function_percentile = {.name = "lode_percentile",
                                                .help = "Percentile rank 0..100 from breaks.",
                                                .arguments = percentile_arguments,
                                                .fewest = 1,
                                                .most = 1,
                                                .prepare = prepare_percentile,
                                                .run = run_percentile,
                                                .entry = lode_function_percentile_entry};

/* fuzzy.c - fuzzy membership of one band, and fuzzy overlay of several.
 *
 * Membership says how much a cell belongs to the favourable set, from 0 to 1. Overlay combines
 * memberships. An, Moon and Rencz (1991), Canadian Journal of Exploration Geophysics 27(1);
 * Bonham-Carter (1994), Geographic Information Systems for Geoscientists, section 9.4; membership
 * forms after Tsoukalas and Uhrig (1997), Fuzzy and Neural Approaches in Engineering. */
#include <math.h>

#include "functions/list.h"

static double unit(double value) {
    return value < 0 ? 0 : (value > 1 ? 1 : value);
}

/* ---- lode_fuzzy_linear ------------------------------------------------------------------------ *
 * (x - low) / (high - low), limited to 0..1. With low above high, membership falls with x. */

static const lode_argument linear_arguments[] = {
    {"low", "double", NULL, "Value with membership 0."},
    {"high", "double", NULL, "Value with membership 1; may lie below low."},
    {NULL, NULL, NULL, NULL}};

static bool prepare_linear(const lode_call *call, lode_parameters *parameters) {
    if (!lode_call_number(call, "low", &parameters->a) ||
        !lode_call_number(call, "high", &parameters->b))
        return false;
    if (parameters->a == parameters->b || !isfinite(parameters->a) || !isfinite(parameters->b))
        return lode_call_fail(call, "low and high must be two different numbers.");
    return true;
}

static void run_linear(const lode_parameters *parameters, int sources, const double *const *x,
                       int cells, double *out) {
    (void)sources;
    for (int i = 0; i < cells; i++)
        out[i] = unit((x[0][i] - parameters->a) / (parameters->b - parameters->a));
}

LODE_FUNCTION_ENTRY(lode_function_fuzzy_linear)
const lode_function lode_function_fuzzy_linear = {
    .name = "lode_fuzzy_linear",
    .help = "Membership rises from 0 at low to 1 at high.",
    .arguments = linear_arguments,
    .fewest = 1,
    .most = 1,
    .prepare = prepare_linear,
    .run = run_linear,
    .entry = lode_function_fuzzy_linear_entry};

/* ---- lode_fuzzy_large, lode_fuzzy_small ------------------------------------------------------- *
 * large: 1 / (1 + (x / midpoint)^-spread)    small: 1 / (1 + (x / midpoint)^spread)
 * Defined for x >= 0; values below zero are taken as zero. */

static const lode_argument sigmoid_arguments[] = {
    {"midpoint", "double", NULL, "Value with membership 0.5; above zero."},
    {"spread", "double", "5", "Steepness; above zero."},
    {NULL, NULL, NULL, NULL}};

static bool prepare_sigmoid(const lode_call *call, lode_parameters *parameters) {
    if (!lode_call_number(call, "midpoint", &parameters->a) ||
        !lode_call_number(call, "spread", &parameters->b))
        return false;
    if (!(parameters->a > 0) || !isfinite(parameters->a))
        return lode_call_fail(call, "midpoint must be above zero.");
    if (!(parameters->b > 0) || !isfinite(parameters->b))
        return lode_call_fail(call, "spread must be above zero.");
    return true;
}

static double small(const lode_parameters *parameters, double value) {
    double positive = value < 0 ? 0 : value;
    return 1 / (1 + pow(positive / parameters->a, parameters->b));
}

static void run_small(const lode_parameters *parameters, int sources, const double *const *x,
                      int cells, double *out) {
    (void)sources;
    for (int i = 0; i < cells; i++)
        out[i] = small(parameters, x[0][i]);
}

static void run_large(const lode_parameters *parameters, int sources, const double *const *x,
                      int cells, double *out) {
    (void)sources;
    for (int i = 0; i < cells; i++)
        out[i] = 1 - small(parameters, x[0][i]);
}

LODE_FUNCTION_ENTRY(lode_function_fuzzy_large)
const lode_function lode_function_fuzzy_large = {
    .name = "lode_fuzzy_large",
    .help = "Large values belong: 1 / (1 + (x / midpoint)^-spread).",
    .arguments = sigmoid_arguments,
    .fewest = 1,
    .most = 1,
    .prepare = prepare_sigmoid,
    .run = run_large,
    .entry = lode_function_fuzzy_large_entry};

LODE_FUNCTION_ENTRY(lode_function_fuzzy_small)
const lode_function lode_function_fuzzy_small = {
    .name = "lode_fuzzy_small",
    .help = "Small values belong: 1 / (1 + (x / midpoint)^spread).",
    .arguments = sigmoid_arguments,
    .fewest = 1,
    .most = 1,
    .prepare = prepare_sigmoid,
    .run = run_small,
    .entry = lode_function_fuzzy_small_entry};

/* ---- lode_fuzzy_near, lode_fuzzy_gaussian ----------------------------------------------------- *
 * near: 1 / (1 + spread (x - midpoint)^2)    gaussian: exp(-spread (x - midpoint)^2) */

static const lode_argument bell_arguments[] = {
    {"midpoint", "double", NULL, "Value with membership 1."},
    {"spread", "double", "0.1", "How fast membership falls away from it; above zero."},
    {NULL, NULL, NULL, NULL}};

static bool prepare_bell(const lode_call *call, lode_parameters *parameters) {
    if (!lode_call_number(call, "midpoint", &parameters->a) ||
        !lode_call_number(call, "spread", &parameters->b))
        return false;
    if (!isfinite(parameters->a))
        return lode_call_fail(call, "midpoint must be finite.");
    if (!(parameters->b > 0) || !isfinite(parameters->b))
        return lode_call_fail(call, "spread must be above zero.");
    return true;
}

static void run_near(const lode_parameters *parameters, int sources, const double *const *x,
                     int cells, double *out) {
    (void)sources;
    for (int i = 0; i < cells; i++) {
        double gap = x[0][i] - parameters->a;
        out[i] = 1 / (1 + parameters->b * gap * gap);
    }
}

static void run_gaussian(const lode_parameters *parameters, int sources, const double *const *x,
                         int cells, double *out) {
    (void)sources;
    for (int i = 0; i < cells; i++) {
        double gap = x[0][i] - parameters->a;
        out[i] = exp(-parameters->b * gap * gap);
    }
}

LODE_FUNCTION_ENTRY(lode_function_fuzzy_near)
const lode_function lode_function_fuzzy_near = {
    .name = "lode_fuzzy_near",
    .help = "Values near the midpoint belong: 1 / (1 + spread (x - midpoint)^2).",
    .arguments = bell_arguments,
    .fewest = 1,
    .most = 1,
    .prepare = prepare_bell,
    .run = run_near,
    .entry = lode_function_fuzzy_near_entry};

LODE_FUNCTION_ENTRY(lode_function_fuzzy_gaussian)
const lode_function lode_function_fuzzy_gaussian = {
    .name = "lode_fuzzy_gaussian",
    .help = "Values near the midpoint belong: exp(-spread (x - midpoint)^2).",
    .arguments = bell_arguments,
    .fewest = 1,
    .most = 1,
    .prepare = prepare_bell,
    .run = run_gaussian,
    .entry = lode_function_fuzzy_gaussian_entry};

/* ---- Overlay ---------------------------------------------------------------------------------- *
 * and = min, or = max, product = prod m_i, sum = 1 - prod (1 - m_i),
 * gamma = sum^gamma * product^(1 - gamma).  Memberships outside 0..1 are limited to it. */

#define ARGUMENT_MISSING                                                                           \
    {                                                                                              \
        "missing", "string", "nodata",                                                             \
            "What one missing source does: 'nodata' makes the cell nodata, 'skip' leaves the "     \
            "source out."                                                                          \
    }

static const lode_argument overlay_arguments[] = {ARGUMENT_MISSING, {NULL, NULL, NULL, NULL}};

static bool prepare_overlay(const lode_call *call, lode_parameters *parameters) {
    int skip;
    if (!lode_call_choice(call, "missing", "nodata|skip", &skip))
        return false;
    parameters->flag = skip;
    return true;
}

/* Everything an overlay needs about one cell; false when it has no result. */
typedef struct memberships {
    double smallest, largest, product, complement;
} memberships;

static bool combine(const lode_parameters *parameters, int sources, const double *const *x, int i,
                    memberships *cell) {
    *cell = (memberships){1, 0, 1, 1};
    int present = 0;
    for (int k = 0; k < sources; k++) {
        if (isnan(x[k][i])) {
            if (!parameters->flag)
                return false;
            continue;
        }
        double m = unit(x[k][i]);
        cell->smallest = m < cell->smallest ? m : cell->smallest;
        cell->largest = m > cell->largest ? m : cell->largest;
        cell->product *= m;
        cell->complement *= 1 - m;
        present++;
    }
    return present > 0;
}

static void run_and(const lode_parameters *parameters, int sources, const double *const *x,
                    int cells, double *out) {
    memberships cell;
    for (int i = 0; i < cells; i++)
        out[i] = combine(parameters, sources, x, i, &cell) ? cell.smallest : NAN;
}

static void run_or(const lode_parameters *parameters, int sources, const double *const *x,
                   int cells, double *out) {
    memberships cell;
    for (int i = 0; i < cells; i++)
        out[i] = combine(parameters, sources, x, i, &cell) ? cell.largest : NAN;
}

static void run_product(const lode_parameters *parameters, int sources, const double *const *x,
                        int cells, double *out) {
    memberships cell;
    for (int i = 0; i < cells; i++)
        out[i] = combine(parameters, sources, x, i, &cell) ? cell.product : NAN;
}

static void run_sum(const lode_parameters *parameters, int sources, const double *const *x,
                    int cells, double *out) {
    memberships cell;
    for (int i = 0; i < cells; i++)
        out[i] = combine(parameters, sources, x, i, &cell) ? 1 - cell.complement : NAN;
}

static void run_gamma(const lode_parameters *parameters, int sources, const double *const *x,
                      int cells, double *out) {
    memberships cell;
    double gamma = parameters->a;
    for (int i = 0; i < cells; i++) {
        out[i] = NAN;
        if (combine(parameters, sources, x, i, &cell))
            out[i] = pow(1 - cell.complement, gamma) * pow(cell.product, 1 - gamma);
    }
}

static const lode_argument gamma_arguments[] = {
    {"gamma", "double", "0.9", "Between 0 (product) and 1 (sum)."},
    ARGUMENT_MISSING,
    {NULL, NULL, NULL, NULL}};

static bool prepare_gamma(const lode_call *call, lode_parameters *parameters) {
    if (!lode_call_number(call, "gamma", &parameters->a) || !prepare_overlay(call, parameters))
        return false;
    if (!(parameters->a >= 0 && parameters->a <= 1))
        return lode_call_fail(call, "gamma must lie between 0 and 1.");
    return true;
}

LODE_FUNCTION_ENTRY(lode_function_fuzzy_and)
const lode_function lode_function_fuzzy_and = {.name = "lode_fuzzy_and",
                                               .help = "Smallest membership.",
                                               .arguments = overlay_arguments,
                                               .fewest = 1,
                                               .prepare = prepare_overlay,
                                               .run = run_and,
                                               .entry = lode_function_fuzzy_and_entry};

LODE_FUNCTION_ENTRY(lode_function_fuzzy_or)
const lode_function lode_function_fuzzy_or = {.name = "lode_fuzzy_or",
                                              .help = "Largest membership.",
                                              .arguments = overlay_arguments,
                                              .fewest = 1,
                                              .prepare = prepare_overlay,
                                              .run = run_or,
                                              .entry = lode_function_fuzzy_or_entry};

LODE_FUNCTION_ENTRY(lode_function_fuzzy_product)
const lode_function lode_function_fuzzy_product = {.name = "lode_fuzzy_product",
                                                   .help = "Product of the memberships.",
                                                   .arguments = overlay_arguments,
                                                   .fewest = 1,
                                                   .prepare = prepare_overlay,
                                                   .run = run_product,
                                                   .entry = lode_function_fuzzy_product_entry};

LODE_FUNCTION_ENTRY(lode_function_fuzzy_sum)
const lode_function lode_function_fuzzy_sum = {.name = "lode_fuzzy_sum",
                                               .help = "1 - product of the complements.",
                                               .arguments = overlay_arguments,
                                               .fewest = 1,
                                               .prepare = prepare_overlay,
                                               .run = run_sum,
                                               .entry = lode_function_fuzzy_sum_entry};

LODE_FUNCTION_ENTRY(lode_function_fuzzy_gamma)
const lode_function lode_function_fuzzy_gamma = {.name = "lode_fuzzy_gamma",
                                                 .help = "sum^gamma * product^(1 - gamma).",
                                                 .arguments = gamma_arguments,
                                                 .fewest = 1,
                                                 .prepare = prepare_gamma,
                                                 .run = run_gamma,
                                                 .entry = lode_function_fuzzy_gamma_entry};

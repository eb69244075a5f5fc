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

static double linear(const lode_parameters *p, double x) {
    return unit((x - p->a) / (p->b - p->a));
}

LODE_FUNCTION(fuzzy_linear, .help = "Membership rises from 0 at low to 1 at high.",
              .arguments = linear_arguments, .prepare = prepare_linear, .of_value = linear)

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

static double small(const lode_parameters *p, double x) {
    return 1 / (1 + pow((x < 0 ? 0 : x) / p->a, p->b));
}

static double large(const lode_parameters *p, double x) {
    return 1 - small(p, x);
}

LODE_FUNCTION(fuzzy_large, .help = "Large values belong: 1 / (1 + (x / midpoint)^-spread).",
              .arguments = sigmoid_arguments, .prepare = prepare_sigmoid, .of_value = large)

LODE_FUNCTION(fuzzy_small, .help = "Small values belong: 1 / (1 + (x / midpoint)^spread).",
              .arguments = sigmoid_arguments, .prepare = prepare_sigmoid, .of_value = small)

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

static double near(const lode_parameters *p, double x) {
    return 1 / (1 + p->b * (x - p->a) * (x - p->a));
}

static double gaussian(const lode_parameters *p, double x) {
    return exp(-p->b * (x - p->a) * (x - p->a));
}

LODE_FUNCTION(fuzzy_near,
              .help = "Values near the midpoint belong: 1 / (1 + spread (x - midpoint)^2).",
              .arguments = bell_arguments, .prepare = prepare_bell, .of_value = near)

LODE_FUNCTION(fuzzy_gaussian,
              .help = "Values near the midpoint belong: exp(-spread (x - midpoint)^2).",
              .arguments = bell_arguments, .prepare = prepare_bell, .of_value = gaussian)

/* ---- Overlay ---------------------------------------------------------------------------------- *
 * Memberships m_i of one cell to one. Memberships outside 0..1 are limited to it. */

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

/* What the operators need of the memberships of one cell. */
typedef struct memberships {
    double smallest, largest, product, complement;
} memberships;

static memberships combine(const lode_parameters *p, int sources, const double *const *x, int i) {
    const memberships none = {NAN, NAN, NAN, NAN};
    memberships cell = {1, 0, 1, 1};
    bool skip = p->flag;
    int present = 0;
    for (int k = 0; k < sources; k++) {
        if (isnan(x[k][i]) && skip)
            continue;
        if (isnan(x[k][i]))
            return none;
        double m = unit(x[k][i]);
        cell.smallest = fmin(cell.smallest, m);
        cell.largest = fmax(cell.largest, m);
        cell.product *= m;
        cell.complement *= 1 - m;
        present++;
    }
    return present > 0 ? cell : none;
}

/* ---- lode_fuzzy_and --------------------------------------------------------------------------- *
 * min m_i: as favourable as the worst evidence. */

static double overlay_and(const lode_parameters *p, int sources, const double *const *x, int i) {
    return combine(p, sources, x, i).smallest;
}

LODE_FUNCTION(fuzzy_and, .help = "Smallest membership.", .arguments = overlay_arguments,
              .prepare = prepare_overlay, .of_cell = overlay_and)

/* ---- lode_fuzzy_or ---------------------------------------------------------------------------- *
 * max m_i: as favourable as the best evidence. */

static double overlay_or(const lode_parameters *p, int sources, const double *const *x, int i) {
    return combine(p, sources, x, i).largest;
}

LODE_FUNCTION(fuzzy_or, .help = "Largest membership.", .arguments = overlay_arguments,
              .prepare = prepare_overlay, .of_cell = overlay_or)

/* ---- lode_fuzzy_product ----------------------------------------------------------------------- *
 * prod m_i: several weak pieces of evidence weaken each other. */

static double overlay_product(const lode_parameters *p, int sources, const double *const *x,
                              int i) {
    return combine(p, sources, x, i).product;
}

LODE_FUNCTION(fuzzy_product, .help = "Product of the memberships.", .arguments = overlay_arguments,
              .prepare = prepare_overlay, .of_cell = overlay_product)

/* ---- lode_fuzzy_sum --------------------------------------------------------------------------- *
 * 1 - prod (1 - m_i): they strengthen each other. */

static double overlay_sum(const lode_parameters *p, int sources, const double *const *x, int i) {
    return 1 - combine(p, sources, x, i).complement;
}

LODE_FUNCTION(fuzzy_sum, .help = "1 - product of the complements.", .arguments = overlay_arguments,
              .prepare = prepare_overlay, .of_cell = overlay_sum)

/* ---- lode_fuzzy_gamma ------------------------------------------------------------------------- *
 * sum^gamma * product^(1 - gamma): a compromise between the last two. Zimmermann and Zysno (1980),
 * Fuzzy Sets and Systems 4. */

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

static double overlay_gamma(const lode_parameters *p, int sources, const double *const *x, int i) {
    memberships cell = combine(p, sources, x, i);
    return pow(1 - cell.complement, p->a) * pow(cell.product, 1 - p->a);
}

LODE_FUNCTION(fuzzy_gamma, .help = "sum^gamma * product^(1 - gamma).", .arguments = gamma_arguments,
              .prepare = prepare_gamma, .of_cell = overlay_gamma)

/* composition.c - log-ratio transforms of compositions (element concentrations).
 *
 * The sources are the parts, one band each. Concentrations carry only relative information, so
 * statistics belong on log-ratios, not on the values (Aitchison 1986). */
#include <math.h>

#include "functions/list.h"

/* Logarithm of a part; NaN where it is missing or, without a floor, at or below zero. */
static double log_part(double value, const lode_parameters *parameters, int part) {
    if (parameters->list) {
        double floor = parameters->list[parameters->count == 1 ? 0 : part];
        value = value < floor ? floor : value;
    }
    return value > 0 ? log(value) : NAN;
}

static bool prepare_floor(const lode_call *call, lode_parameters *parameters) {
    if (!lode_call_text(call, "floor")[0])
        return true;
    if (!lode_call_numbers(call, "floor", &parameters->list, &parameters->count))
        return false;
    if (parameters->count != 1 && parameters->count != call->sources)
        return lode_call_fail(call,
                              "floor has %d values; give one, or one for each of the %d "
                              "sources.",
                              parameters->count, call->sources);
    for (int i = 0; i < parameters->count; i++)
        if (!(parameters->list[i] > 0) || !isfinite(parameters->list[i]))
            return lode_call_fail(call, "every floor must be above zero.");
    return true;
}

#define ARGUMENT_FLOOR                                                                             \
    {                                                                                              \
        "floor", "string", "",                                                                     \
            "Replaces values at or below zero: one number, or one a source, separated by spaces. " \
            "Without it such values are missing."                                                  \
    }

/* ---- lode_clr --------------------------------------------------------------------------------- *
 * Centred log-ratio of one part:  ln(x_i) - mean_j ln(x_j)
 * over the parts that are present. Aitchison (1986), The Statistical Analysis of Compositional
 * Data, section 4.6. */

static const lode_argument clr_arguments[] = {
    {"part", "integer", NULL, "Which source the band shows, counted from 1."},
    ARGUMENT_FLOOR,
    {NULL, NULL, NULL, NULL}};

static bool prepare_clr(const lode_call *call, lode_parameters *parameters) {
    return (call->all || lode_call_index(call, "part", 1, call->sources, &parameters->index)) &&
           prepare_floor(call, parameters);
}

static double clr(const lode_parameters *p, int sources, const double *const *x, int i) {
    double sum = 0, own = NAN;
    int present = 0;
    for (int k = 0; k < sources; k++) {
        double value = log_part(x[k][i], p, k);
        if (k == p->index - 1)
            own = value;
        if (!isnan(value)) {
            sum += value;
            present++;
        }
    }
    return present > 0 ? own - sum / present : NAN;
}

static void run_all_clr(const lode_parameters *parameters, int sources, const double *const *x,
                        int cells, double *const *out) {
    for (int i = 0; i < cells; i++) {
        double sum = 0;
        int present = 0;
        for (int k = 0; k < sources; k++) {
            out[k][i] = log_part(x[k][i], parameters, k);
            if (!isnan(out[k][i])) {
                sum += out[k][i];
                present++;
            }
        }
        for (int k = 0; k < sources && present > 0; k++)
            out[k][i] -= sum / present;
    }
}

LODE_FUNCTION(clr, .help = "Centred log-ratio ln(x_i / geometric mean of all parts).",
              .arguments = clr_arguments, .fewest = 2, .prepare = prepare_clr, .of_cell = clr,
              .run_all = run_all_clr)

/* ---- lode_alr --------------------------------------------------------------------------------- *
 * Additive log-ratio:  ln(x_i / x_d)  with a chosen denominator. Aitchison (1986), section 6.1. */

static const lode_argument alr_arguments[] = {
    {"part", "integer", NULL, "The source above the line, counted from 1."},
    {"denominator", "integer", "0", "The source below the line; 0 means the last one."},
    ARGUMENT_FLOOR,
    {NULL, NULL, NULL, NULL}};

static bool prepare_alr(const lode_call *call, lode_parameters *parameters) {
    if (!lode_call_index(call, "part", 1, call->sources, &parameters->index) ||
        !lode_call_index(call, "denominator", 0, call->sources, &parameters->other))
        return false;
    if (parameters->other == 0)
        parameters->other = call->sources;
    return prepare_floor(call, parameters);
}

static double alr(const lode_parameters *p, int sources, const double *const *x, int i) {
    (void)sources;
    int above = p->index - 1, below = p->other - 1;
    return log_part(x[above][i], p, above) - log_part(x[below][i], p, below);
}

LODE_FUNCTION(alr, .help = "Additive log-ratio ln(x_i / x_denominator).",
              .arguments = alr_arguments, .fewest = 2, .prepare = prepare_alr, .of_cell = alr)

/* ---- lode_ilr --------------------------------------------------------------------------------- *
 * Isometric log-ratio, pivot coordinate i:
 *   sqrt(n / (n + 1)) * ln(x_i / geometric mean of the n parts present behind x_i)
 * Egozcue et al. (2003), Mathematical Geology 35(3); pivot form: Fiserova and Hron (2011),
 * Mathematical Geosciences 43. */

static const lode_argument ilr_arguments[] = {
    {"coordinate", "integer", NULL, "Which coordinate the band shows: 1 to the sources less one."},
    ARGUMENT_FLOOR,
    {NULL, NULL, NULL, NULL}};

static bool prepare_ilr(const lode_call *call, lode_parameters *parameters) {
    return (call->all ||
            lode_call_index(call, "coordinate", 1, call->sources - 1, &parameters->index)) &&
           prepare_floor(call, parameters);
}

static double ilr(const lode_parameters *p, int sources, const double *const *x, int i) {
    int pivot = p->index - 1, behind = 0;
    double sum = 0;
    for (int k = pivot + 1; k < sources; k++) {
        double value = log_part(x[k][i], p, k);
        if (!isnan(value)) {
            sum += value;
            behind++;
        }
    }
    double own = log_part(x[pivot][i], p, pivot);
    return behind > 0 ? sqrt(behind / (behind + 1.0)) * (own - sum / behind) : NAN;
}

static void run_all_ilr(const lode_parameters *parameters, int sources, const double *const *x,
                        int cells, double *const *out) {
    for (int i = 0; i < cells; i++) {
        double sum = 0;
        int behind = 0;
        for (int k = sources - 1; k >= 0; k--) {
            double own = log_part(x[k][i], parameters, k);
            if (k < sources - 1)
                out[k][i] = behind > 0 ? sqrt(behind / (behind + 1.0)) * (own - sum / behind) : NAN;
            if (!isnan(own)) {
                sum += own;
                behind++;
            }
        }
    }
}

LODE_FUNCTION(ilr, .help = "Isometric log-ratio, pivot coordinates.", .arguments = ilr_arguments,
              .fewest = 2, .prepare = prepare_ilr, .of_cell = ilr, .run_all = run_all_ilr,
              .fewer = 1)

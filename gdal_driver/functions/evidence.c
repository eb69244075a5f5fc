/* evidence.c - from evidence to a probability, and how uncertain it is. */
#include <math.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "functions/list.h"

/* ---- lode_score ------------------------------------------------------------------------------- *
 * Linear head over embedding bands:  link(sum_k w_k x_k + bias),  link(z) = 1 / (1 + exp(-z)).
 * A head of several members with Platt scaling, sigmoid(a * mean_m(w_m . x + b_m) + b), is of this
 * form: w = a * mean w_m, bias = a * mean b_m + b. `lode vrt` writes these numbers. */

static const lode_argument score_arguments[] = {
    {"weights", "string", NULL, "One weight a source, separated by spaces."},
    {"bias", "double", "0", "Added to the weighted sum."},
    {"link", "string", "logit", "'logit' gives a probability, 'identity' the log odds."},
    {NULL, NULL, NULL, NULL}};

static bool prepare_score(const lode_call *call, lode_parameters *parameters) {
    int identity;
    if (!lode_call_numbers(call, "weights", &parameters->list, &parameters->count) ||
        !lode_call_number(call, "bias", &parameters->a) ||
        !lode_call_choice(call, "link", "logit|identity", &identity))
        return false;
    parameters->flag = identity;
    if (parameters->count != call->sources)
        return lode_call_fail(call, "weights has %d values for %d sources.", parameters->count,
                              call->sources);
    return true;
}

static void run_score(const lode_parameters *parameters, int sources, const double *const *x,
                      int cells, double *out) {
    for (int i = 0; i < cells; i++)
        out[i] = 0;
    for (int k = 0; k < sources; k++)
        for (int i = 0; i < cells; i++)
            out[i] += parameters->list[k] * x[k][i];
    for (int i = 0; i < cells; i++) {
        double z = out[i] + parameters->a;
        out[i] = parameters->flag ? z : 1 / (1 + exp(-z));
    }
}

LODE_FUNCTION(score, .help = "Linear head over embedding bands: sigmoid(weights . x + bias).",
              .arguments = score_arguments, .prepare = prepare_score, .of_run = run_score)

/* ---- lode_wofe -------------------------------------------------------------------------------- *
 * Weights of evidence:  logit(posterior) = logit(prior) + sum_k W_k(class of source k).
 * A source without data or in no listed class adds nothing, as a missing pattern does in the
 * method; a cell where every source lacks data has no result. Bonham-Carter (1994), Geographic
 * Information Systems for Geoscientists, section 9.3. The weights are conditionally independent by
 * assumption. */

static const lode_argument wofe_arguments[] = {
    {"prior", "double", NULL, "Prior probability of a deposit in a cell, between 0 and 1."},
    {"weights", "string", NULL,
     "For each source, ';' between sources: items class:weight or low..high:weight (low included, "
     "high not), separated by spaces. Example: '1:1.2 0:-0.3; -inf..10:-0.5 10..inf:0.9'."},
    {NULL, NULL, NULL, NULL}};

/* One item of the weights: the half-open range low..high, or the single value low when both are
 * equal. Kept as three numbers in parameters->list. */
enum { LOW, HIGH, WEIGHT, ITEM };

/* A number would take the first dot of "10..50" for a decimal point, so the range is split first.
 */
static bool parse_item(const char *text, double *item) {
    char low[64];
    const char *dots = strstr(text, ".."), *at = text;
    if (dots) {
        if ((size_t)(dots - text) >= sizeof low)
            return false;
        memcpy(low, text, (size_t)(dots - text));
        low[dots - text] = '\0';
        const char *from;
        if (!lode_parse_number(low, &item[LOW], &from) || *from ||
            !lode_parse_number(dots + 2, &item[HIGH], &at) || !(item[LOW] < item[HIGH]))
            return false;
    } else {
        if (!lode_parse_number(text, &item[LOW], &at))
            return false;
        item[HIGH] = item[LOW];
    }
    if (*at++ != ':')
        return false;
    return lode_parse_number(at, &item[WEIGHT], &at) && *at == '\0' && isfinite(item[WEIGHT]);
}

static bool parse_source(const lode_call *call, const char *text, lode_parameters *parameters) {
    char **items = CSLTokenizeString2(text, " ", 0);
    bool good = true;
    for (int i = 0; items && items[i] && good; i++) {
        good = parse_item(items[i], parameters->list + (size_t)parameters->count * ITEM);
        if (good)
            parameters->count++;
        else
            lode_call_fail(call, "weights: '%s' is neither class:weight nor low..high:weight.",
                           items[i]);
    }
    CSLDestroy(items);
    return good;
}

static bool prepare_wofe(const lode_call *call, lode_parameters *parameters) {
    double prior;
    if (!lode_call_number(call, "prior", &prior))
        return false;
    if (!(prior > 0 && prior < 1))
        return lode_call_fail(call, "prior must lie between 0 and 1.");
    parameters->a = log(prior / (1 - prior));
    const char *text = lode_call_text(call, "weights");
    if (!text)
        return lode_call_fail(call, "the argument 'weights' is missing.");
    char **sources = CSLTokenizeString2(text, ";", CSLT_ALLOWEMPTYTOKENS);
    bool good = CSLCount(sources) == call->sources;
    if (!good)
        lode_call_fail(call, "weights has %d lists for %d sources.", CSLCount(sources),
                       call->sources);
    parameters->list = VSI_MALLOC3_VERBOSE(strlen(text) / 3 + 1, ITEM, sizeof(double));
    parameters->starts = VSI_MALLOC2_VERBOSE((size_t)call->sources + 1, sizeof(int));
    good = good && parameters->list && parameters->starts;
    for (int k = 0; k < call->sources && good; k++) {
        parameters->starts[k] = parameters->count;
        good = parse_source(call, sources[k], parameters);
    }
    if (good)
        parameters->starts[call->sources] = parameters->count;
    CSLDestroy(sources);
    return good;
}

static double class_weight(const lode_parameters *parameters, int source, double value) {
    for (int i = parameters->starts[source]; i < parameters->starts[source + 1]; i++) {
        const double *item = parameters->list + (size_t)i * ITEM;
        bool inside =
            item[LOW] == item[HIGH] ? value == item[LOW] : value >= item[LOW] && value < item[HIGH];
        if (inside)
            return item[WEIGHT];
    }
    return 0;
}

static double wofe(const lode_parameters *p, int sources, const double *const *x, int i) {
    double z = p->a;
    int present = 0;
    for (int k = 0; k < sources; k++) {
        if (isnan(x[k][i]))
            continue;
        z += class_weight(p, k, x[k][i]);
        present++;
    }
    return present > 0 ? 1 / (1 + exp(-z)) : NAN;
}

LODE_FUNCTION(wofe, .help = "Weights of evidence: posterior probability from class weights.",
              .arguments = wofe_arguments, .prepare = prepare_wofe, .of_cell = wofe)

/* ---- lode_entropy ----------------------------------------------------------------------------- *
 * Shannon entropy in bits: 0 where the answer is certain. One source p: -p log2 p - (1-p)
 * log2(1-p). Several sources are taken as shares of their sum. Values below zero, and a sum of
 * zero, have no result. Shannon (1948), Bell System Technical Journal 27. */

static const lode_argument entropy_arguments[] = {{NULL, NULL, NULL, NULL}};

static double bits(double share) {
    return share > 0 ? -share * log2(share) : 0;
}

static double entropy(const lode_parameters *p, int sources, const double *const *x, int i) {
    (void)p;
    if (sources == 1) {
        double share = x[0][i];
        return share >= 0 && share <= 1 ? bits(share) + bits(1 - share) : NAN;
    }
    double sum = 0, result = 0;
    for (int k = 0; k < sources; k++) {
        if (!(x[k][i] >= 0))
            return NAN;
        sum += x[k][i];
    }
    if (!(sum > 0))
        return NAN;
    for (int k = 0; k < sources; k++)
        result += bits(x[k][i] / sum);
    return result;
}

LODE_FUNCTION(entropy, .help = "Shannon entropy in bits.", .arguments = entropy_arguments,
              .of_cell = entropy)

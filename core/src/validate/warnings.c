#include "validate/warnings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "util/error.h"
#include "util/json.h"
#include "util/memory.h"
#include "validate/method.h"
#include "validate/words.h"

/* Fewer deposits than this make every number fragile: one deposit more or less moves the AUC by
 * several hundredths. */
enum { FEW_DEPOSITS = 15 };

typedef struct measured {
    double value, low, high;
} measured;

/* The interval at json[name][measure]; NaN where there is none. */
static measured read_measure(const json_t *json, const char *name, const char *measure) {
    const json_t *interval = json_object_get(json_object_get(json, name), measure);
    const json_t *value = json_object_get(interval, "value"),
                 *low = json_object_get(interval, "low");
    const json_t *high = json_object_get(interval, "high");
    return (measured){json_is_number(value) ? json_number_value(value) : NAN,
                      json_is_number(low) ? json_number_value(low) : NAN,
                      json_is_number(high) ? json_number_value(high) : NAN};
}

/* Appends text, which it frees. */
static lode_status warn(json_t *warnings, char *text) {
    if (!text)
        return lode_fail_memory();
    json_array_append_new(warnings, lode_json_text(text));
    lode_free(text);
    return LODE_OK;
}

/* Chance lies inside the interval, or the permutations do as well. */
static bool no_better_than_chance(const json_t *methods, const char *name) {
    measured auc = read_measure(methods, name, "auc");
    const json_t *control = json_object_get(json_object_get(methods, name), "permutation");
    double p = json_number_value(json_object_get(control, "p"));
    int runs = (int)json_integer_value(json_object_get(control, "runs"));
    return !(auc.low > 0.5) || (runs >= 10 && p > 0.1);
}

/* "'logistic' 0.54 (0.35 to 0.70)", and what the permutations reach. The caller frees it. */
static char *chance_words(const json_t *methods, const char *name, const json_t *method) {
    measured auc = read_measure(methods, name, "auc");
    const json_t *control = json_object_get(method, "permutation");
    if (!control)
        return lode_format("'%s' %.2f (%.2f to %.2f)", name, auc.value, auc.low, auc.high);
    return lode_format("'%s' %.2f (%.2f to %.2f; with moved deposits %.2f to %.2f)", name,
                       auc.value, auc.low, auc.high,
                       json_number_value(json_object_get(control, "lowest")),
                       json_number_value(json_object_get(control, "highest")));
}

/* One sentence on all methods that cannot be told from chance. */
static lode_status warn_chance(json_t *methods, json_t *warnings) {
    const char *name;
    json_t *method;
    char *list = NULL;
    json_object_foreach(methods, name, method) {
        if (strcmp(name, "sampling") == 0 || !no_better_than_chance(methods, name))
            continue;
        char *words = chance_words(methods, name, method);
        char *longer =
            words ? lode_format("%s%s%s", list ? list : "", list ? ", " : "", words) : NULL;
        lode_free(words);
        lode_free(list);
        list = longer;
        if (!list)
            return lode_fail_memory();
    }
    if (!list)
        return LODE_OK;
    char *text =
        lode_format("No evidence of skill: the AUC of %s cannot be told from chance (0.50).", list);
    lode_free(list);
    return warn(warnings, text);
}

static lode_status warn_sampling(json_t *methods, json_t *warnings) {
    measured control = read_measure(methods, "sampling", "auc");
    if (!isfinite(control.value))
        return LODE_OK;
    const char *name;
    json_t *method;
    json_object_foreach(methods, name, method) {
        measured auc = read_measure(methods, name, "auc");
        if (strcmp(name, "sampling") == 0 || auc.value > control.value ||
            no_better_than_chance(methods, name)) /* that was said already */
            continue;
        LODE_TRY(
            warn(warnings,
                 lode_format("'%s' (AUC %.2f) does not beat the density of sampling alone (%.2f): "
                             "what it found may be where samples were taken, not where deposits "
                             "are.",
                             name, auc.value, control.value)));
    }
    return LODE_OK;
}

/* Better than the control, but within the range of the difference not surely so. */
static lode_status warn_sampling_range(const json_t *methods, const json_t *paired,
                                       const char *first, json_t *warnings) {
    char *pair = lode_format("%s-sampling", first);
    if (!pair)
        return lode_fail_memory();
    measured auc = read_measure(methods, first, "auc"),
             control = read_measure(methods, "sampling", "auc"),
             difference = read_measure(paired, pair, "auc");
    lode_free(pair);
    if (!(auc.value > control.value) || !(difference.low <= 0) ||
        no_better_than_chance(methods, first))
        return LODE_OK;
    return warn(warnings,
                lode_format("The density of sampling alone (AUC %.2f) is not ruled out as the "
                            "reason: '%s' (%.2f) is above it by %.2f (%.2f to %.2f).",
                            control.value, first, auc.value, difference.value, difference.low,
                            difference.high));
}

static lode_status warn_simple(const json_t *methods, const char *first, json_t *warnings) {
    measured best = read_measure(methods, first, "auc");
    measured element = read_measure(methods, "element", "auc");
    if (strcmp(first, "element") == 0 || !(element.value >= best.value))
        return LODE_OK;
    return warn(warnings,
                lode_format("The best single band (AUC %.2f) does as well as '%s' (%.2f).",
                            element.value, first, best.value));
}

static lode_status warn_clusters(const lode_pool *pool, json_t *warnings) {
    char reach[40];
    if (pool->clusters * 3 > (int)pool->deposits * 2)
        return LODE_OK;
    char shared[64] = "One of the groups is";
    if (pool->divided > 1)
        snprintf(shared, sizeof shared, "Up to %d of the groups are", pool->divided);
    char *divided =
        pool->divided > 0
            ? lode_format(" %s shared by several folds, so that some deposits are tested with a "
                          "neighbour in training.",
                          shared)
            : lode_strdup("");
    char *text = lode_format(
        "Deposits cluster: the %zu deposits form %d groups less than %s apart. Neighbours tell "
        "much the "
        "same: this is the evidence of about %d deposits, and the ranges are drawn from the "
        "groups.%s",
        pool->deposits, pool->clusters,
        lode_distance_words(pool->cluster_distance, reach, sizeof reach), pool->clusters,
        divided ? divided : "");
    lode_free(divided);
    return warn(warnings, text);
}

static lode_status warn_design(const lode_pool *pool, const lode_validate_options *options,
                               json_t *warnings) {
    char block[40], window[40], buffer[40];
    lode_distance_words(pool->block, block, sizeof block);
    lode_distance_words(pool->window, window, sizeof window);
    lode_distance_words(pool->buffer, buffer, sizeof buffer);
    if (pool->deposits < FEW_DEPOSITS)
        LODE_TRY(
            warn(warnings,
                 lode_format("Only %zu deposits: every number here is fragile, one deposit more or "
                             "less would move it visibly. Read the ranges, not the values.",
                             pool->deposits)));
    LODE_TRY(warn_clusters(pool, warnings));
    int fewest = lode_pool_fewest_folds(pool), lacking = 0;
    for (int r = 0; r < pool->repeats; r++)
        lacking += pool->runs[r].folds < options->folds;
    if (!options->cluster_out && lacking > 0)
        LODE_TRY(warn(warnings,
                      lode_format("Only %d of the %d folds asked for%s: no more blocks of %s hold "
                                  "deposits. Blocks limit what this validation can tell.",
                                  fewest, options->folds,
                                  lacking < pool->repeats ? " in some repeats" : "", block)));
    if (pool->shortened && !(pool->buffer > 0))
        LODE_TRY(
            warn(warnings,
                 lode_format("No buffer is kept between test deposits and training places (one "
                             "window is %s), because any would leave under two thirds of the "
                             "deposits to train on. Windows of test and training places overlap, "
                             "so the values may be optimistic.",
                             window)));
    else if (pool->shortened)
        LODE_TRY(
            warn(warnings,
                 lode_format("The buffer between test deposits and training places is %s instead "
                             "of one window (%s), because a whole window would leave under two "
                             "thirds of the deposits to train on. Windows of test and training "
                             "places overlap in part, so the values may be optimistic.",
                             buffer, window)));
    return LODE_OK;
}

static lode_status judge(const json_t *methods, const char *first, json_t *json) {
    measured auc = read_measure(methods, first, "auc");
    measured tenth = read_measure(json_object_get(methods, first), "capture", "0.10");
    char *text =
        no_better_than_chance(methods, first)
            ? lode_format(
                  "There is no evidence that '%s' finds deposits it was not shown: its AUC is "
                  "%.2f (%.2f to %.2f), and 0.50 is chance.",
                  first, auc.value, auc.low, auc.high)
            : lode_format(
                  "'%s' ranks deposits it was not shown above background with an AUC of %.2f "
                  "(%.2f to %.2f; 0.50 is chance); the best tenth of the area holds %.0f %% of "
                  "them.",
                  first, auc.value, auc.low, auc.high, 100 * tenth.value);
    if (!text)
        return lode_fail_memory();
    json_object_set_new(json, "verdict", lode_json_text(text));
    lode_free(text);
    return LODE_OK;
}

lode_status lode_validation_warn(const lode_pool *pool, const lode_validate_options *options,
                                 json_t *json) {
    json_t *methods = json_object_get(json, "methods"), *warnings = json_array();
    const char *first = json_object_iter_key(json_object_iter(methods));
    json_object_set_new(json, "warnings", warnings);
    LODE_TRY(warn_chance(methods, warnings));
    LODE_TRY(warn_sampling(methods, warnings));
    LODE_TRY(warn_sampling_range(methods, json_object_get(json, "paired"), first, warnings));
    LODE_TRY(warn_design(pool, options, warnings));
    LODE_TRY(warn_simple(methods, first, warnings));
    return judge(methods, first, json);
}

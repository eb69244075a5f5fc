/* What a reader is warned of, from the measures of a validation. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "validate/warnings.h"

typedef struct auc {
    double value, low, high;
} auc;

static json_t *auc_object(auc a) {
    return json_pack("{s{sf sf sf}}", "auc", "value", a.value, "low", a.low, "high", a.high);
}

/* All sentences in one string, of a validation of 60 scattered deposits in one repeat of 5 folds.
 * The caller frees it. */
static char *warnings_of(auc method, auc sampling, auc difference) {
    lode_run runs[1] = {{.folds = 5}};
    lode_pool pool = {.deposits = 60, .clusters = 60, .repeats = 1, .runs = runs};
    lode_validate_options options = {.folds = 5};
    json_t *json = json_pack("{s{so so} s{so}}", "methods", "contrastive", auc_object(method),
                             "sampling", auc_object(sampling), "paired", "contrastive-sampling",
                             auc_object(difference));
    assert_non_null(json);
    assert_lode_ok(lode_validation_warn(&pool, &options, json));
    char *text = json_dumps(json_object_get(json, "warnings"), 0);
    json_decref(json);
    return text;
}

static void assert_warns(auc method, auc sampling, auc difference, const char *words) {
    char *text = warnings_of(method, sampling, difference);
    if (words)
        assert_non_null(strstr(text, words));
    else
        assert_string_equal(text, "[]");
    free(text);
}

static void sampling_density_is_the_control(void **state) {
    (void)state;
    assert_warns((auc){0.8, 0.7, 0.9}, (auc){0.6, 0.5, 0.7}, (auc){0.2, 0.1, 0.3}, NULL);
    assert_warns((auc){0.8, 0.7, 0.9}, (auc){0.85, 0.8, 0.9}, (auc){-0.05, -0.1, 0.1},
                 "'contrastive' (AUC 0.80) does not beat the density of sampling alone (0.85)");
    assert_warns((auc){0.73, 0.6, 0.88}, (auc){0.52, 0.17, 0.85}, (auc){0.22, -0.05, 0.48},
                 "sampling alone (AUC 0.52) is not ruled out as the reason: 'contrastive' (0.73) is "
                 "above it by 0.22 (-0.05 to 0.48)");
}

static void chance_is_said_once(void **state) {
    (void)state;
    char *text =
        warnings_of((auc){0.55, 0.4, 0.7}, (auc){0.5, 0.4, 0.6}, (auc){0.05, -0.1, 0.2});
    assert_non_null(strstr(text, "No evidence of skill: the AUC of 'contrastive' 0.55"));
    assert_null(strstr(text, "sampling alone"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sampling_density_is_the_control),
        cmocka_unit_test(chance_is_said_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

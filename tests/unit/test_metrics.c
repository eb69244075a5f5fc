/* Measures and intervals against scikit-learn and SciPy: golden/metrics.txt, made by metrics.py. */
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/memory.h"
#include "validate/interval.h"
#include "validate/metrics.h"

enum { MOST = 400 };
static const double tolerance = 1e-9;

typedef struct golden_case {
    char name[80];
    size_t n;
    double score[MOST], other[MOST], weight[MOST];
    unsigned char deposit[MOST];
    int weighted;
} golden_case;

static int checks;

static void near(const golden_case *c, const char *what, double got, double expected) {
    checks++;
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("case '%s': %s is %.17g, expected %.17g", c->name, what, got, expected);
}

static void check_reliability(const golden_case *c, int observed, const double *v, size_t count) {
    lode_reliability_bin bins[10];
    lode_reliability(c->score, c->deposit, NULL, c->n, 10, bins);
    size_t filled = 0;
    for (int b = 0; b < 10; b++) {
        if (!(bins[b].weight > 0))
            continue;
        assert_true(filled < count);
        near(c, "reliability", observed ? bins[b].observed : bins[b].predicted, v[filled++]);
    }
    assert_int_equal(filled, count);
}

static void check_delong(const golden_case *c, const double *v) {
    lode_auc_test test;
    assert_lode_ok(lode_delong(c->score, c->other, c->deposit, c->n, 0.95, &test));
    double reach = lode_normal_quantile(0.975);
    near(c, "DeLong error 1", (test.first.high - test.first.value) / reach, v[0]);
    near(c, "DeLong error 2", (test.second.value - test.second.low) / reach, v[1]);
    near(c, "DeLong p", test.p, v[2]);
}

static void check_curve(const golden_case *c, const lode_ranking *ranking, const char *what,
                        const double *v) {
    const double areas[] = {0.01, 0.05, 0.1, 0.2};
    double area[MOST + 1], captured[MOST + 1], sum = 0;
    lode_curve curve = {0, area, captured};
    lode_success_curve(ranking, c->weighted ? c->weight : NULL, &curve);
    for (size_t i = 1; i < curve.points; i++)
        sum += 0.5 * (area[i] - area[i - 1]) * (captured[i] + captured[i - 1]);
    if (strcmp(what, "success_area") == 0)
        near(c, what, sum, v[0]);
    else if (strcmp(what, "prediction_area") == 0)
        near(c, what, lode_curve_crossing(&curve), v[0]);
    else
        for (int i = 0; i < 4; i++)
            near(c, what, lode_curve_capture(&curve, areas[i]), v[i]);
}

static void check(const golden_case *c, const char *what, const double *v, size_t count) {
    const double *weight = c->weighted ? c->weight : NULL;
    lode_ranking ranking;
    double value;
    assert_lode_ok(lode_ranking_create(c->score, c->deposit, c->n, &ranking));
    if (strcmp(what, "auc") == 0)
        near(c, what, lode_auc(&ranking, weight), v[0]);
    else if (strcmp(what, "average_precision") == 0)
        near(c, what, lode_average_precision(&ranking, weight), v[0]);
    else if (strcmp(what, "brier") == 0)
        near(c, what, lode_brier(c->score, c->deposit, weight, c->n), v[0]);
    else if (strcmp(what, "capture") == 0 || strcmp(what, "success_area") == 0 ||
             strcmp(what, "prediction_area") == 0)
        check_curve(c, &ranking, what, v);
    else if (strcmp(what, "boyce") == 0)
        near(c, what, lode_boyce(c->score, c->deposit, NULL, c->n), v[0]);
    else if (strcmp(what, "spearman") == 0) {
        assert_lode_ok(lode_spearman(c->score, c->other, c->n, &value));
        near(c, what, value, v[0]);
    } else if (strncmp(what, "reliability", 11) == 0)
        check_reliability(c, strcmp(what, "reliability_observed") == 0, v, count);
    else if (strcmp(what, "delong") == 0)
        check_delong(c, v);
    else if (strcmp(what, "binomial") == 0) {
        lode_interval interval = lode_binomial_interval(v[0], v[1], v[2]);
        near(c, "binomial low", interval.low, v[3]);
        near(c, "binomial high", interval.high, v[4]);
    } else if (strcmp(what, "normal") == 0)
        near(c, what, lode_normal_quantile(v[0]), v[1]);
    else
        fail_msg("case '%s': unknown measure '%s'", c->name, what);
    lode_ranking_free(&ranking);
}

static size_t numbers(char *text, double *values) {
    size_t count = 0;
    for (char *end; count < MOST; text = end) {
        double value = strtod(text, &end);
        if (end == text)
            break;
        values[count++] = value;
    }
    return count;
}

static void take(golden_case *c, char *line) {
    double values[MOST];
    char *space = strchr(line, ' ');
    if (line[0] == '#' || line[0] == '\n' || !space)
        return;
    *space = 0;
    if (strcmp(line, "case") == 0) {
        snprintf(c->name, sizeof c->name, "%.*s", (int)strcspn(space + 1, "\n"), space + 1);
        c->weighted = 0;
        return;
    }
    size_t count = numbers(space + 1, values);
    double *into = strcmp(line, "score") == 0    ? c->score
                   : strcmp(line, "other") == 0  ? c->other
                   : strcmp(line, "weight") == 0 ? c->weight
                                                 : NULL;
    if (into) {
        memcpy(into, values, count * sizeof *values);
        c->weighted |= into == c->weight;
        c->n = count;
    } else if (strcmp(line, "deposit") == 0) {
        for (size_t i = 0; i < count; i++)
            c->deposit[i] = values[i] != 0;
    } else {
        check(c, line, values, count);
    }
}

static void golden_cases_agree(void **state) {
    (void)state;
    static golden_case c;
    static char line[1 << 15];
    FILE *file = fopen(LODE_TEST_GOLDEN "/metrics.txt", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        take(&c, line);
    fclose(file);
    assert_true(checks > 100);
}

static void one_class_or_nan_scores_are_refused(void **state) {
    (void)state;
    double score[] = {1, 2, NAN};
    unsigned char none[] = {0, 0, 0}, one[] = {1, 0, 0};
    lode_ranking ranking;
    assert_lode_fails(lode_ranking_create(score, none, 2, &ranking), LODE_ERROR_DATA,
                      "both deposits and background");
    assert_lode_fails(lode_ranking_create(score, one, 3, &ranking), LODE_ERROR_DATA, "finite");
}

static void constant_scores_are_chance(void **state) {
    (void)state;
    double score[] = {3, 3, 3, 3}, area[5], captured[5];
    lode_curve curve = {0, area, captured};
    unsigned char deposit[] = {1, 0, 0, 0};
    lode_ranking ranking;
    assert_lode_ok(lode_ranking_create(score, deposit, 4, &ranking));
    assert_float_equal(lode_auc(&ranking, NULL), 0.5, 0);
    lode_success_curve(&ranking, NULL, &curve);
    assert_float_equal(lode_curve_capture(&curve, 0.2), 0.2, 1e-12);
    assert_float_equal(lode_curve_crossing(&curve), 0.5, 1e-12);
    assert_true(isnan(lode_boyce(score, deposit, NULL, 4)));
    lode_ranking_free(&ranking);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_cases_agree),
        cmocka_unit_test(one_class_or_nan_scores_are_refused),
        cmocka_unit_test(constant_scores_are_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

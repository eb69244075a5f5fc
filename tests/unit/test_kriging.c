/* Ordinary kriging against gstat: golden/kriging.txt, made by kriging.R. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "grid/kriging.h"
#include "grid/nearest.h"
#include "test.h"
#include "util/memory.h"

enum { SAMPLES = 400 };

typedef struct golden_case {
    char name[64];
    lode_variogram variogram;
    int neighbours;
    size_t n;
    double x[SAMPLES], y[SAMPLES], z[SAMPLES];
} golden_case;

static void expect(const golden_case *c, double x, double y, double estimate, double variance) {
    static double scratch[LODE_KRIGING_MAX * (LODE_KRIGING_MAX + 3)];
    double near_x[LODE_KRIGING_MAX], near_y[LODE_KRIGING_MAX], weights[LODE_KRIGING_MAX], got = 0,
                                                                                          v;
    lode_neighbour found[LODE_KRIGING_MAX];
    lode_index *index;
    assert_lode_ok(lode_index_create(c->x, c->y, c->n, 1, NULL, &index));
    int k = lode_index_nearest(index, x, y, c->neighbours, INFINITY, found);
    lode_index_free(index);
    assert_int_equal(k, c->neighbours);
    for (int i = 0; i < k; i++) {
        near_x[i] = c->x[found[i].point];
        near_y[i] = c->y[found[i].point];
    }
    assert_true(lode_krige(&c->variogram, near_x, near_y, k, x, y, scratch, weights, &v));
    for (int i = 0; i < k; i++)
        got += weights[i] * c->z[found[i].point];
    if (fabs(got - estimate) > 1e-6 || fabs(v - variance) > 1e-6)
        fail_msg("%s at (%g, %g): estimate %.10g, variance %.10g; gstat: %.10g, %.10g", c->name, x,
                 y, got, v, estimate, variance);
}

static void gstat_agrees(void **state) {
    (void)state;
    FILE *file = fopen(LODE_TEST_GOLDEN "/kriging.txt", "r");
    assert_non_null(file);
    golden_case *c = lode_alloc(1, sizeof *c);
    char line[256], text[128];
    int checked = 0;
    while (fgets(line, sizeof line, file)) {
        double a, b, e, v;
        if (sscanf(line, "case %63s", c->name) == 1)
            c->n = 0;
        else if (sscanf(line, "variogram %127s", text) == 1)
            assert_lode_ok(lode_variogram_parse(text, &c->variogram));
        else if (sscanf(line, "sample %lf %lf %lf", &a, &b, &e) == 3) {
            assert_true(c->n < SAMPLES);
            c->x[c->n] = a;
            c->y[c->n] = b;
            c->z[c->n++] = e;
        } else if (sscanf(line, "expect %lf %lf %lf %lf", &a, &b, &e, &v) == 4) {
            expect(c, a, b, e, v);
            checked++;
        } else {
            sscanf(line, "neighbours %d", &c->neighbours);
        }
    }
    fclose(file);
    lode_free(c);
    assert_int_equal(checked, 24);
}

/* Two samples at equal distance weigh one half each; far away the variance exceeds the sill. */
static void two_samples(void **state) {
    (void)state;
    lode_variogram v = {LODE_VARIOGRAM_SPHERICAL, 0.25, 0.75, 100};
    double x[] = {-10, 10}, y[] = {0, 0}, scratch[10], weights[2], variance;
    assert_true(lode_krige(&v, x, y, 2, 0, 5, scratch, weights, &variance));
    assert_float_equal(weights[0], 0.5, 1e-12);
    assert_float_equal(weights[1], 0.5, 1e-12);
    assert_true(lode_krige(&v, x, y, 2, 0, 1e6, scratch, weights, &variance));
    /* total + half of (1 + C(20)), C(20) = 1 - gamma(20) */
    assert_float_equal(variance, 1 + 0.5 * (1 + 1 - lode_variogram_at(&v, 20)), 1e-12);
}

static void a_sample_keeps_its_value(void **state) {
    (void)state;
    lode_variogram v = {LODE_VARIOGRAM_EXPONENTIAL, 0.5, 0.5, 30};
    double x[] = {0, 10, 20}, y[] = {0, 5, 0}, scratch[18], weights[3], variance;
    assert_true(lode_krige(&v, x, y, 3, 10, 5, scratch, weights, &variance));
    assert_float_equal(weights[1], 1, 1e-12);
    assert_float_equal(variance, 0, 1e-12);
}

static void two_samples_at_one_place_without_nugget_have_no_solution(void **state) {
    (void)state;
    lode_variogram v = {LODE_VARIOGRAM_EXPONENTIAL, 0, 1, 30};
    double x[] = {0, 0}, y[] = {0, 0}, scratch[10], weights[2], variance;
    assert_false(lode_krige(&v, x, y, 2, 3, 3, scratch, weights, &variance));
}

static void variograms_are_read(void **state) {
    (void)state;
    lode_variogram v;
    assert_lode_ok(lode_variogram_parse("Matern32,0.1,0.9,1500", &v));
    assert_int_equal(v.model, LODE_VARIOGRAM_MATERN32);
    assert_float_equal(lode_variogram_at(&v, 1500), 0.1 + 0.9 * (1 - 2 * exp(-1)), 1e-12);
    assert_float_equal(lode_variogram_at(&v, 0), 0, 0);
    static const char *const bad[] = {"",
                                      "linear,1,1,1",
                                      "spherical,1,1",
                                      "spherical,-1,1,1",
                                      "spherical,0,0,1",
                                      "spherical,0,1,0",
                                      "spherical,0,1,1,1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_lode_fails(lode_variogram_parse(bad[i], &v), LODE_ERROR_USAGE, "--variogram");
}

/* A sample variogram that is a model exactly gives that model back. */
static void fit_finds_the_model(void **state) {
    (void)state;
    for (int m = 0; m < 4; m++) {
        lode_variogram truth = {(lode_variogram_model)m, 0.2, 1.3, 400}, fitted;
        lode_sample_variogram s = {.cutoff = 1500};
        for (int i = 0; i < LODE_LAGS; i++) {
            s.distance[i] = 100 * i + 50;
            s.pairs[i] = 100 + 10 * i;
            s.semivariance[i] = lode_variogram_at(&truth, s.distance[i]);
        }
        assert_true(lode_variogram_fit(&s, -1, &fitted));
        assert_int_equal(fitted.model, m);
        assert_float_equal(fitted.nugget, 0.2, 1e-4);
        assert_float_equal(fitted.sill, 1.3, 1e-4);
        assert_float_equal(fitted.range, 400, 0.1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gstat_agrees),
        cmocka_unit_test(two_samples),
        cmocka_unit_test(a_sample_keeps_its_value),
        cmocka_unit_test(two_samples_at_one_place_without_nugget_have_no_solution),
        cmocka_unit_test(variograms_are_read),
        cmocka_unit_test(fit_finds_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

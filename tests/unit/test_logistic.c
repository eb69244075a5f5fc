#include <math.h>
#include <string.h>

#include "head/logistic.h"
#include "test.h"
#include "util/random.h"

/* Two groups of one feature at -1 and +1, balanced, with one misplaced member in four: without a
 * penalty the log odds at the groups are ln(3) and -ln(3), so the slope is ln 3 and the bias 0. */
static void separates_like_the_odds(void **state) {
    (void)state;
    const float x[] = {1, 1, 1, -1, -1, -1, -1, 1};
    const unsigned char y[] = {1, 1, 1, 1, 0, 0, 0, 0};
    float weight, bias;
    assert_lode_ok(lode_logistic_fit(x, y, NULL, 8, 1, 0, &weight, &bias));
    assert_true(fabsf(weight - logf(3)) < 1e-5f);
    assert_true(fabsf(bias) < 1e-5f);
}

/* A stationary point: the gradient of the penalised loss is zero at the solution. */
static void gradient_vanishes(void **state) {
    (void)state;
    enum { N = 60, P = 5 };
    float x[N * P], weights[P], bias;
    unsigned char y[N];
    lode_random random = lode_random_stream(3, 1);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < P; j++)
            x[i * P + j] = (float)lode_random_normal(&random);
        y[i] = x[i * P] + lode_random_normal(&random) > 0.5;
    }
    const double strength = 0.1;
    assert_lode_ok(lode_logistic_fit(x, y, NULL, N, P, strength, weights, &bias));
    double count[2] = {0, 0};
    for (int i = 0; i < N; i++)
        count[y[i]]++;
    for (int j = 0; j < P; j++) {
        double mean = 0, variance = 0, gradient = 0;
        for (int i = 0; i < N; i++)
            mean += 0.5 / count[y[i]] * x[i * P + j];
        for (int i = 0; i < N; i++)
            variance += 0.5 / count[y[i]] * pow(x[i * P + j] - mean, 2);
        for (int i = 0; i < N; i++) {
            double p = lode_sigmoid(lode_logistic_predict(weights, bias, x + i * P, P));
            gradient += 0.5 / count[y[i]] * (p - y[i]) * (x[i * P + j] - mean) / sqrt(variance);
        }
        gradient += strength * weights[j] * sqrt(variance);
        assert_true(fabs(gradient) < 1e-6);
    }
}

static void more_features_than_places_is_fine(void **state) {
    (void)state;
    float x[6 * 40], weights[40], bias;
    const unsigned char y[] = {1, 1, 1, 0, 0, 0};
    lode_random random = lode_random_stream(4, 1);
    for (int i = 0; i < 240; i++)
        x[i] = (float)lode_random_normal(&random);
    assert_lode_ok(lode_logistic_fit(x, y, NULL, 6, 40, 0.01, weights, &bias));
    for (int i = 0; i < 6; i++)
        assert_int_equal(lode_logistic_predict(weights, bias, x + i * 40, 40) > 0, y[i]);
}

static void constant_feature_gets_no_weight(void **state) {
    (void)state;
    const float x[] = {7, 1, 7, 2, 7, -1, 7, -2};
    const unsigned char y[] = {1, 1, 0, 0};
    float weights[2], bias;
    assert_lode_ok(lode_logistic_fit(x, y, NULL, 4, 2, 0.1, weights, &bias));
    assert_true(weights[0] == 0 && weights[1] > 0);
}

static void one_class_is_refused(void **state) {
    (void)state;
    const float x[] = {1, 2};
    const unsigned char y[] = {1, 1};
    float weight, bias;
    assert_lode_fails(lode_logistic_fit(x, y, NULL, 2, 1, 0.1, &weight, &bias), LODE_ERROR_DATA,
                      "deposits and background");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separates_like_the_odds),
        cmocka_unit_test(gradient_vanishes),
        cmocka_unit_test(more_features_than_places_is_fine),
        cmocka_unit_test(constant_feature_gets_no_weight),
        cmocka_unit_test(one_class_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

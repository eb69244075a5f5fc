#include "util/elementary.h"

#include <math.h>

#include "test.h"

/* 101 values, so that full vectors and the rest behind them are both used. */
enum { COUNT = 101 };

static void logs_are_those_of_the_library(void **state) {
    (void)state;
    float x[COUNT];
    double logs[COUNT];
    for (int i = 0; i < COUNT; i++)
        x[i] = (float)(1e-30 * pow(4, i)); /* 1e-30 to 1.6e30 */
    lode_logs(x, logs, COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_true(fabs(logs[i] - log((double)x[i])) <= 1e-15 * fabs(log((double)x[i])));
    const float one = 1;
    lode_logs(&one, logs, 1);
    assert_true(logs[0] == 0);
}

static void sigmoids_are_the_formula(void **state) {
    (void)state;
    double z[COUNT], out[COUNT];
    for (int i = 0; i < COUNT; i++)
        z[i] = out[i] = 0.8 * (i - 50); /* -40 to 40 */
    lode_sigmoids(out, COUNT);
    for (int i = 0; i < COUNT; i++) {
        double expected = 1 / (1 + exp(-z[i]));
        assert_true(fabs(out[i] - expected) <= 2e-15 * expected);
    }
    assert_true(out[50] == 0.5);
    double extreme[] = {-1e300, -800, 800, 1e300};
    lode_sigmoids(extreme, 4);
    assert_true(extreme[0] >= 0 && extreme[0] < 1e-300 && extreme[1] < 1e-300);
    assert_true(extreme[2] == 1 && extreme[3] == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_are_those_of_the_library),
        cmocka_unit_test(sigmoids_are_the_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

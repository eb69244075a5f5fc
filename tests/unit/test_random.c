#include <math.h>
#include <string.h>

#include "test.h"
#include "util/random.h"

static void same_stream_same_numbers(void **state) {
    (void)state;
    lode_random a = lode_random_stream(7, 3), b = lode_random_stream(7, 3);
    for (int i = 0; i < 100; i++)
        assert_int_equal(lode_random_u32(&a), lode_random_u32(&b));
}

static void streams_differ(void **state) {
    (void)state;
    lode_random a = lode_random_stream(7, 3), b = lode_random_stream(7, 4),
                c = lode_random_stream(8, 3);
    int same = 0;
    for (int i = 0; i < 1000; i++) {
        uint32_t x = lode_random_u32(&a);
        same += (x == lode_random_u32(&b)) + (x == lode_random_u32(&c));
    }
    assert_true(same < 3);
}

static void normal_has_mean_0_and_deviation_1(void **state) {
    (void)state;
    lode_random random = lode_random_stream(1, 1);
    double sum = 0, squares = 0;
    int n = 200000;
    for (int i = 0; i < n; i++) {
        double value = lode_random_normal(&random);
        sum += value;
        squares += value * value;
    }
    assert_true(fabs(sum / n) < 0.01);
    assert_true(fabs(squares / n - 1) < 0.02);
}

static void below_is_uniform(void **state) {
    (void)state;
    lode_random random = lode_random_stream(1, 2);
    int counts[7] = {0};
    for (int i = 0; i < 70000; i++)
        counts[lode_random_below(&random, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(counts[i], 9600, 10400);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_stream_same_numbers),
        cmocka_unit_test(streams_differ),
        cmocka_unit_test(normal_has_mean_0_and_deviation_1),
        cmocka_unit_test(below_is_uniform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Nearest points against looking at all of them. */
#include "test.h"

#include <math.h>
#include <stdlib.h>

#include "util/random.h"
#include "validate/neighbours.h"

enum { POINTS = 700, NEAREST = 16 };

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void check(const double *x, const double *y, size_t n, int k, double at_x, double at_y,
                  const lode_neighbours *set) {
    double all[POINTS], found[NEAREST];
    size_t nearest;
    for (size_t i = 0; i < n; i++)
        all[i] = hypot(x[i] - at_x, y[i] - at_y);
    lode_neighbours_find(set, at_x, at_y, k, found, &nearest);
    assert_float_equal(all[nearest], found[0], 0);
    qsort(all, n, sizeof *all, ascending);
    for (int i = 0; i < k; i++)
        assert_float_equal(found[i], all[i], 0);
}

static void nearest_points_are_the_nearest(void **state) {
    (void)state;
    double x[POINTS], y[POINTS];
    lode_random random = lode_random_stream(4, 4);
    for (int i = 0; i < POINTS; i++) { /* a dense line and a wide cloud */
        x[i] = i % 2 ? 5000 + 3 * i : 60000 * lode_random_uniform(&random);
        y[i] = i % 2 ? 2000 : 9000 * lode_random_uniform(&random);
    }
    lode_neighbours *set;
    assert_lode_ok(lode_neighbours_create(x, y, POINTS, &set));
    for (int i = 0; i < 300; i++)
        check(x, y, POINTS, NEAREST, 90000 * lode_random_uniform(&random) - 15000,
              30000 * lode_random_uniform(&random) - 10000, set);
    check(x, y, POINTS, 1, x[77], y[77], set);
    lode_neighbours_free(set);
}

static void points_in_one_place_or_on_a_line_work(void **state) {
    (void)state;
    double x[] = {7, 7, 7, 7}, y[] = {1, 1, 1, 50};
    lode_neighbours *set;
    assert_lode_ok(lode_neighbours_create(x, y, 3, &set));
    check(x, y, 3, 3, 10, 5, set);
    lode_neighbours_free(set);
    assert_lode_ok(lode_neighbours_create(x, y, 4, &set));
    check(x, y, 4, 4, -3, 22, set);
    lode_neighbours_free(set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearest_points_are_the_nearest),
        cmocka_unit_test(points_in_one_place_or_on_a_line_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

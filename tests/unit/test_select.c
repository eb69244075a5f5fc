#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "util/random.h"
#include "util/select.h"

enum { MOST = 3000 };

static int ascending(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

/* The middle of the first, middle and last value is always the second smallest one: a selection of
 * the greatest that halves at it gets rid of two values a time. slots[i] is where the value that
 * has come to place i was at first. */
static void defeat(double *values, int n) {
    static int slots[MOST];
    int low = 0, next = 0;
    for (int i = 0; i < n; i++)
        slots[i] = i;
    for (; n - 1 - low >= 4; low += 2) {
        int middle = low + (n - 1 - low) / 2, moved = slots[low + 1];
        values[slots[low]] = next++;
        values[slots[middle]] = next++;
        slots[low + 1] = slots[middle];
        slots[middle] = moved;
    }
    for (; low < n; low++)
        values[slots[low]] = next++;
}

/* Some values in the orders that a selection may find hard; all of them are floats too. */
static void arrange(int order, double *values, int n) {
    lode_random random = lode_random_stream(5, (uint64_t)order);
    if (order == 5)
        defeat(values, n);
    for (int i = 0; i < n; i++)
        switch (order) {
        case 0:
            values[i] = i;
            break;
        case 1:
            values[i] = n - i;
            break;
        case 2:
            values[i] = 7;
            break;
        case 3: /* up and down again */
            values[i] = i < n / 2 ? i : n - i;
            break;
        case 4:
            values[i] = (double)lode_random_below(&random, 3);
            break;
        case 5:
            break;
        default:
            values[i] = (float)lode_random_normal(&random);
        }
}

static void check_doubles(const double *values, const double *sorted, int n, int k) {
    static double found[MOST];
    memcpy(found, values, sizeof found);
    assert_true(lode_select_double(found, (size_t)n, (size_t)k) == sorted[k]);
    for (int i = 0; i < n; i++)
        assert_true(i < k ? found[i] <= found[k] : found[i] >= found[k]);
    qsort(found, (size_t)n, sizeof *found, ascending);
    assert_memory_equal(found, sorted, (size_t)n * sizeof *found);
}

static void check_floats(const double *values, const double *sorted, int n, int k) {
    static float found[MOST];
    static double again[MOST];
    for (int i = 0; i < n; i++)
        found[i] = (float)values[i];
    assert_true(lode_select(found, (size_t)n, (size_t)k) == (float)sorted[k]);
    for (int i = 0; i < n; i++) {
        assert_true(i < k ? found[i] <= found[k] : found[i] >= found[k]);
        again[i] = found[i];
    }
    qsort(again, (size_t)n, sizeof *again, ascending);
    assert_memory_equal(again, sorted, (size_t)n * sizeof *again);
}

static void finds_what_sorting_finds(void **state) {
    (void)state;
    static double values[MOST], sorted[MOST];
    static const int sizes[] = {1, 2, 3, 16, 17, 100, 999, MOST};
    for (int order = 0; order < 9; order++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            int n = sizes[s];
            arrange(order, values, n);
            memcpy(sorted, values, sizeof sorted);
            qsort(sorted, (size_t)n, sizeof *sorted, ascending);
            for (int k = 0; k < n; k += 1 + n / 17) {
                check_doubles(values, sorted, n, k);
                check_floats(values, sorted, n, k);
            }
        }
}

static void medians_in_the_middle(void **state) {
    (void)state;
    float odd[] = {9, 1, 5}, even[] = {4, 1, 3, 8}, one[] = {6};
    assert_true(lode_median(odd, 3) == 5);
    assert_true(lode_median(even, 4) == 3.5f);
    assert_true(lode_median(one, 1) == 6);
    double odd_double[] = {9, 1, 5}, even_double[] = {4, 1, 3, 8};
    assert_true(lode_median_double(odd_double, 3) == 5);
    assert_true(lode_median_double(even_double, 4) == 3.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_sorting_finds),
        cmocka_unit_test(medians_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

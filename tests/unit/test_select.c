#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "util/random.h"
#include "util/select.h"

enum { MOST = 3000 };

static int ascending(const void *a, const void *b) {
    float left = *(const float *)a, right = *(const float *)b;
    return left < right ? -1 : left > right;
}

/* Some values in the orders that a selection may find hard. */
static void arrange(int order, float *values, int n) {
    lode_random random = lode_random_stream(5, (uint64_t)order);
    for (int i = 0; i < n; i++)
        switch (order) {
        case 0:
            values[i] = (float)i;
            break;
        case 1:
            values[i] = (float)(n - i);
            break;
        case 2:
            values[i] = 7;
            break;
        case 3: /* up and down again */
            values[i] = (float)(i < n / 2 ? i : n - i);
            break;
        case 4:
            values[i] = (float)lode_random_below(&random, 3);
            break;
        default:
            values[i] = (float)lode_random_normal(&random);
        }
}

static void finds_what_sorting_finds(void **state) {
    (void)state;
    static float values[MOST], sorted[MOST], found[MOST];
    static const int sizes[] = {1, 2, 3, 33, 34, 100, 999, MOST};
    for (int order = 0; order < 8; order++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            int n = sizes[s];
            arrange(order, values, n);
            memcpy(sorted, values, sizeof sorted);
            qsort(sorted, (size_t)n, sizeof *sorted, ascending);
            for (int k = 0; k < n; k += 1 + n / 17) {
                memcpy(found, values, sizeof found);
                assert_true(lode_select(found, (size_t)n, (size_t)k) == sorted[k]);
                for (int i = 0; i < n; i++)
                    assert_true(i < k ? found[i] <= found[k] : found[i] >= found[k]);
                qsort(found, (size_t)n, sizeof *found, ascending);
                assert_memory_equal(found, sorted, (size_t)n * sizeof *found);
            }
        }
}

static void medians_in_the_middle(void **state) {
    (void)state;
    float odd[] = {9, 1, 5}, even[] = {4, 1, 3, 8}, one[] = {6};
    assert_true(lode_median(odd, 3) == 5);
    assert_true(lode_median(even, 4) == 3.5f);
    assert_true(lode_median(one, 1) == 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_sorting_finds),
        cmocka_unit_test(medians_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Bands put into groups: by a user's words, one by one, and by association. */
#include "test.h"

#include <math.h>
#include <string.h>

#include "model/band_groups.h"
#include "util/random.h"

static const char *const names[] = {"Au", "As", "Cu", "Pb", "Zn"};

static void words_make_groups(void **state) {
    (void)state;
    lode_band_groups groups;
    assert_lode_ok(lode_band_groups_parse("gold = As , Au;Zn,Cu", names, 5, &groups));
    assert_int_equal(groups.count, 3);
    const int expected[] = {0, 0, 1, 2, 1};
    assert_memory_equal(groups.of, expected, sizeof expected);
    assert_string_equal(groups.names[0], "gold");
    assert_string_equal(groups.names[1], "Cu, Zn");
    assert_string_equal(groups.names[2], "all others");
    lode_band_groups_free(&groups);
    assert_lode_ok(lode_band_groups_parse("Au,As,Cu,Pb,Zn", names, 5, &groups));
    assert_int_equal(groups.count, 1);
    lode_band_groups_free(&groups);
    assert_lode_ok(lode_band_groups_each(names, 5, &groups));
    assert_int_equal(groups.count, 5);
    assert_string_equal(groups.names[4], "Zn");
    lode_band_groups_free(&groups);
}

static void mistakes_are_named(void **state) {
    (void)state;
    lode_band_groups groups;
    assert_lode_fails(lode_band_groups_parse("Au,Xx", names, 5, &groups), LODE_ERROR_USAGE, "'Xx'");
    assert_lode_fails(lode_band_groups_parse("Au;As,Au", names, 5, &groups), LODE_ERROR_USAGE,
                      "'Au' is named twice");
}

/* As follows Au, and Zn runs against Pb; Cu goes its own way. */
static void what_moves_together_is_one_group(void **state) {
    (void)state;
    enum { N = 200 };
    float values[N * 5];
    for (int i = 0; i < N; i++) {
        lode_random random = lode_random_stream(3, (uint64_t)i);
        float *row = values + 5 * i;
        row[0] = (float)lode_random_uniform(&random);
        row[1] = row[0] * row[0] + 0.1f * (float)lode_random_uniform(&random);
        row[2] = i % 7 ? (float)lode_random_uniform(&random) : NAN;
        row[3] = (float)lode_random_uniform(&random);
        row[4] = 3 - row[3];
    }
    lode_band_groups groups;
    assert_lode_ok(lode_band_groups_associate(values, N, names, 5, &groups));
    assert_int_equal(groups.count, 3);
    assert_string_equal(groups.names[0], "Au, As");
    assert_string_equal(groups.names[1], "Cu");
    assert_string_equal(groups.names[2], "Pb, Zn");
    lode_band_groups_free(&groups);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_make_groups),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(what_moves_together_is_one_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

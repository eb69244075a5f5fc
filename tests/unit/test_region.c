/* Regions of a small score raster, worked out by hand. */
#include "test.h"

#include <math.h>
#include <string.h>

#include "targets/region.h"

#define _ NAN

static void smoothing_averages_cells_with_data_only(void **state) {
    (void)state;
    float values[] = {1, 2, 3, /**/ 4, _, 6, /**/ 7, 8, 9}, out[9];
    lode_surface surface = {3, 3, values};
    assert_lode_ok(lode_surface_smooth(&surface, 1, out));
    assert_float_equal(out[0], (1 + 2 + 4) / 3.0, 1e-6);
    assert_float_equal(out[1], (1 + 2 + 3 + 4 + 6) / 5.0, 1e-6);
    assert_true(isnan(out[4]));
    assert_lode_ok(lode_surface_smooth(&surface, 0, out));
    assert_float_equal(out[8], 9, 1e-6);
}

static void threshold_takes_the_share_asked_for(void **state) {
    (void)state;
    float values[] = {5, _, 1, 4, 2, 3};
    double threshold;
    assert_lode_ok(lode_surface_threshold(values, 6, 0.4, &threshold));
    assert_float_equal(threshold, 4, 0); /* two of the five cells with data */
    float none[] = {_, _};
    assert_lode_ok(lode_surface_threshold(none, 2, 0.4, &threshold));
    assert_true(isnan(threshold));
}

static void gaps_close_but_not_over_missing_data(void **state) {
    (void)state;
    float values[] = {0, 0, 0, 0, 0, 0, 0, 0, /* a gap of one cell in the second row, */
                      0, 9, 9, 0, 9, 9, 0, 0, /* one without data in the third */
                      0, 9, 9, _, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    unsigned char inside[32], expected[32] = {0};
    lode_surface surface = {8, 4, values};
    memset(expected + 9, 1, 5);
    expected[17] = expected[18] = expected[20] = expected[21] = 1;
    assert_lode_ok(lode_region_mask(&surface, 5, 1, inside));
    assert_memory_equal(inside, expected, sizeof expected);
    assert_lode_ok(lode_region_mask(&surface, 5, 0, inside));
    assert_int_equal(inside[11], 0);
}

static void regions_touching_at_corners_are_two(void **state) {
    (void)state;
    unsigned char inside[] = {1, 1, 0, 0, /**/ 0, 0, 1, 1, /**/ 1, 0, 0, 1};
    int32_t label[12], expected[] = {1, 1, 0, 0, /**/ 0, 0, 2, 2, /**/ 0, 0, 0, 2};
    int count;
    assert_lode_ok(lode_region_label(inside, 4, 3, 2, label, &count));
    assert_int_equal(count, 2);
    assert_memory_equal(label, expected, sizeof expected);
    assert_lode_ok(lode_region_label(inside, 4, 3, 3, label, &count));
    assert_int_equal(count, 1);
    assert_int_equal(label[6], 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smoothing_averages_cells_with_data_only),
        cmocka_unit_test(threshold_takes_the_share_asked_for),
        cmocka_unit_test(gaps_close_but_not_over_missing_data),
        cmocka_unit_test(regions_touching_at_corners_are_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

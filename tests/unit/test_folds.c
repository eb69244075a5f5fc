/* Spatial blocks and their distribution over folds. */
#include "test.h"

#include <math.h>
#include <string.h>

#include <gdal.h>
#include <ogr_srs_api.h>

#include "util/random.h"
#include "validate/folds.h"

/* 40 x 30 cells of 100 m by 200 m. */
static lode_stack *make_stack(void) {
    GDALAllRegister();
    const char *path = "/vsimem/folds.tif";
    GDALDatasetH dataset =
        GDALCreate(GDALGetDriverByName("GTiff"), path, 40, 30, 1, GDT_Float32, NULL);
    double transform[6] = {500000, 100, 0, 4000000, 0, -200};
    GDALSetGeoTransform(dataset, transform);
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(crs, 32638);
    GDALSetSpatialRef(dataset, crs);
    OSRDestroySpatialReference(crs);
    GDALClose(dataset);
    lode_stack *stack = NULL;
    assert_lode_ok(lode_stack_open(&path, 1, &stack));
    return stack;
}

static void squares_have_the_stated_side(void **state) {
    (void)state;
    lode_stack *stack = make_stack();
    lode_blocks blocks;
    assert_lode_ok(lode_blocks_lay(stack, LODE_BLOCK_SQUARE, 1000, 7, &blocks));
    /* Along a row a block changes every 10 cells, down a column every 5. */
    int changes_across = 0, changes_down = 0;
    for (int column = 1; column < 40; column++)
        changes_across +=
            lode_blocks_at(&blocks, column, 3) != lode_blocks_at(&blocks, column - 1, 3);
    for (int row = 1; row < 30; row++)
        changes_down += lode_blocks_at(&blocks, 3, row) != lode_blocks_at(&blocks, 3, row - 1);
    assert_in_range(changes_across, 3, 4);
    assert_in_range(changes_down, 5, 6);
    lode_stack_close(stack);
}

static void hexagons_are_convex_and_of_the_right_area(void **state) {
    (void)state;
    lode_stack *stack = make_stack();
    lode_blocks blocks;
    assert_lode_ok(lode_blocks_lay(stack, LODE_BLOCK_HEXAGON, 1500, 7, &blocks));
    int count = blocks.across * blocks.down, seen = 0, largest = 0;
    int cells[1000] = {0};
    assert_in_range(count, 1, 1000);
    for (int row = 0; row < 30; row++)
        for (int column = 0; column < 40; column++) {
            int id = lode_blocks_at(&blocks, column, row);
            assert_in_range(id, 0, count - 1);
            cells[id]++;
        }
    for (int i = 0; i < count; i++) {
        seen += cells[i] > 0;
        largest = cells[i] > largest ? cells[i] : largest;
    }
    /* A hexagon with centres 1500 m apart has 0.866 * 1500^2 m2 = 97.4 cells of 20,000 m2. */
    assert_in_range(largest, 90, 105);
    assert_in_range(seen, 12, 30);
    lode_stack_close(stack);
}

static void a_block_without_size_is_refused(void **state) {
    (void)state;
    lode_stack *stack = make_stack();
    lode_blocks blocks;
    assert_lode_fails(lode_blocks_lay(stack, LODE_BLOCK_SQUARE, 0, 1, &blocks), LODE_ERROR_USAGE,
                      "positive");
    assert_lode_fails(lode_blocks_lay(stack, LODE_BLOCK_SQUARE, 1e-3, 1, &blocks), LODE_ERROR_USAGE,
                      "too small");
    lode_stack_close(stack);
}

static void default_side_is_spacing_but_not_below_the_window(void **state) {
    (void)state;
    /* 42 deposits on 98 x 87 km: 14.2 km apart on average. */
    assert_float_equal(lode_blocks_default_side(98e3 * 87e3, 42, 8500), 15000, 1e-6);
    assert_float_equal(lode_blocks_default_side(98e3 * 87e3, 42, 33000), 33000, 1e-6);
    assert_float_equal(lode_blocks_default_side(98e3 * 87e3, 42, 33100), 34000, 1e-6);
}

enum { PLACES = 600 };

static void folds_are_balanced_and_never_split_a_block(void **state) {
    (void)state;
    int block[PLACES], fold[PLACES], fold_of_block[40], folds = 5;
    unsigned char deposit[PLACES];
    lode_random random = lode_random_stream(3, 3);
    for (int i = 0; i < PLACES; i++) {
        block[i] = (int)lode_random_below(&random, 40);
        deposit[i] = i < 60;
    }
    assert_lode_ok(lode_folds_deal(block, deposit, PLACES, 11, &folds, fold));
    assert_int_equal(folds, 5);
    int deposits[5] = {0}, background[5] = {0};
    memset(fold_of_block, -1, sizeof fold_of_block);
    for (int i = 0; i < PLACES; i++) {
        assert_in_range(fold[i], 0, 4);
        if (fold_of_block[block[i]] < 0)
            fold_of_block[block[i]] = fold[i];
        assert_int_equal(fold_of_block[block[i]], fold[i]);
        (deposit[i] ? deposits : background)[fold[i]]++;
    }
    for (int f = 0; f < 5; f++) {
        assert_in_range(deposits[f], 11, 13);
        assert_in_range(background[f], 60, 160);
    }
    /* Another seed deals other folds, the same seed the same. */
    int again[PLACES], other[PLACES];
    assert_lode_ok(lode_folds_deal(block, deposit, PLACES, 11, &folds, again));
    assert_memory_equal(fold, again, sizeof fold);
    assert_lode_ok(lode_folds_deal(block, deposit, PLACES, 12, &folds, other));
    assert_true(memcmp(fold, other, sizeof fold) != 0);
}

static void few_blocks_with_deposits_lower_the_number_of_folds(void **state) {
    (void)state;
    int block[] = {1, 1, 2, 2, 3, 4, 5}, fold[7], folds = 5;
    unsigned char deposit[] = {1, 1, 1, 0, 1, 0, 0};
    assert_lode_ok(lode_folds_deal(block, deposit, 7, 1, &folds, fold));
    assert_int_equal(folds, 3);
    unsigned char one[] = {1, 1, 0, 0, 0, 0, 0};
    folds = 5;
    assert_lode_fails(lode_folds_deal(block, one, 7, 1, &folds, fold), LODE_ERROR_DATA, "--block");
}

static void chains_of_points_are_one_cluster(void **state) {
    (void)state;
    double x[] = {0, 10, 1, 11, 2, 30}, y[] = {0, 0, 0, 0.5, 0, 0};
    int cluster[6], count;
    assert_lode_ok(lode_clusters(x, y, 6, 1.5, cluster, &count));
    int expected[] = {0, 1, 0, 1, 0, 2};
    assert_int_equal(count, 3);
    assert_memory_equal(cluster, expected, sizeof expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(squares_have_the_stated_side),
        cmocka_unit_test(hexagons_are_convex_and_of_the_right_area),
        cmocka_unit_test(a_block_without_size_is_refused),
        cmocka_unit_test(default_side_is_spacing_but_not_below_the_window),
        cmocka_unit_test(folds_are_balanced_and_never_split_a_block),
        cmocka_unit_test(few_blocks_with_deposits_lower_the_number_of_folds),
        cmocka_unit_test(chains_of_points_are_one_cluster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

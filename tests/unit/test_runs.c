#include <limits.h>
#include <string.h>

#include <gdal.h>

#include "raster.h"
#include "raster/runs.h"
#include "raster/stack.h"

enum { SIDE = 256, HALF = 8, MEGABYTE = 1 << 20 };

/* Two bands of 4 bytes without values. */
static lode_stack *open_stack(const char *path, int width, int height, const char *tiled) {
    GDALAllRegister();
    char **options = CSLSetNameValue(NULL, "TILED", tiled);
    options = CSLSetNameValue(options, "SPARSE_OK", "YES");
    double transform[6] = {500000, 1000, 0, 4000000, 0, -1000};
    GDALDatasetH dataset =
        GDALCreate(GDALGetDriverByName("GTiff"), path, width, height, 2, GDT_Float32, options);
    CSLDestroy(options);
    assert_non_null(dataset);
    GDALSetGeoTransform(dataset, transform);
    GDALClose(dataset);
    lode_stack *stack;
    assert_lode_ok(lode_stack_open(&path, 1, &stack));
    return stack;
}

static lode_runs plan(const char *tiled, int width, int height, int megabytes, int threads) {
    static const int bands[] = {0, 1};
    GIntBig before = GDALGetCacheMax64();
    lode_stack *stack = open_stack("/vsimem/stack.tif", width, height, tiled);
    GDALSetCacheMax64((GIntBig)megabytes * MEGABYTE);
    lode_runs runs =
        lode_runs_plan(stack, bands, 2, (lode_window){0, 0, width, height}, SIDE, HALF, threads);
    GDALSetCacheMax64(before);
    lode_stack_close(stack);
    return runs;
}

/* Every cell lies in one run, and runs begin at tiles. */
static void covers_the_window(const lode_runs *runs) {
    double cells = 0;
    for (size_t i = 0; i < runs->count; i++) {
        lode_window at = lode_runs_window(runs, i);
        assert_true(at.width > 0 && at.height > 0);
        assert_int_equal((at.x - runs->window.x) % SIDE, 0);
        assert_int_equal((at.y - runs->window.y) % (SIDE * (i < runs->uncut ? runs->tall : 1)), 0);
        assert_true(at.x + at.width <= runs->window.x + runs->window.width);
        assert_true(at.y + at.height <= runs->window.y + runs->window.height);
        cells += (double)at.width * at.height;
    }
    assert_true(cells == (double)runs->window.width * runs->window.height);
}

static void runs_are_tall_where_the_cache_is_large(void **state) {
    (void)state;
    lode_runs runs = plan("YES", 3000, 5000, 200, 2);
    assert_int_equal(runs.across, 12);
    assert_int_equal(runs.tall, 8);
    assert_int_equal(runs.uncut, 3 * 12 - 2);         /* the lowest have 4 tiles */
    assert_int_equal(runs.count, 3 * 12 - 2 + 2 * 3); /* 2, 1 and 1 */
    covers_the_window(&runs);
    lode_window last = lode_runs_window(&runs, runs.count - 1);
    assert_int_equal(last.x, 11 * SIDE);
    assert_int_equal(last.width, 3000 - 11 * SIDE);
    assert_int_equal(last.y, 19 * SIDE);
    assert_int_equal(last.height, 5000 - 19 * SIDE);
}

/* Two tiles and the blocks beside them are 1024 columns of 8 bytes. 16 rows of windows and t tiles
 * touch t + 2 blocks of 256 rows: 2.1 MB each, 7.6 fit below nine tenths of 17 MB. */
static void a_run_is_as_tall_as_the_cache_allows(void **state) {
    (void)state;
    lode_runs runs = plan("YES", 3000, 5000, 17, 2);
    assert_int_equal(runs.tall, 5);
    covers_the_window(&runs);
    assert_int_equal(plan("YES", 3000, 5000, 1, 2).tall, 1);
}

/* 144 tiles: with 16 threads no run is taller than two, so that each thread has four. */
static void threads_have_several_runs(void **state) {
    (void)state;
    lode_runs runs = plan("YES", 3000, 3000, 200, 16);
    assert_int_equal(runs.tall, 2);
    assert_int_equal(runs.count, 72 - 12 + 12 * 2); /* one layer at most is cut */
    covers_the_window(&runs);
}

/* Blocks as wide as the raster stay as wholes: 272 rows of 3000 columns take 6.5 MB, 528 take 12.7.
 */
static void whole_rows_need_more_of_the_cache(void **state) {
    (void)state;
    assert_int_equal(plan("NO", 3000, 5000, 10, 2).tall, 1);
    assert_int_equal(plan("NO", 3000, 5000, 15, 2).tall, 2);
    assert_int_equal(plan("NO", 3000, 5000, 200, 2).tall, 8);
}

/* Sides may be nearly INT_MAX; nothing is read. */
static void a_vast_window_is_planned(void **state) {
    (void)state;
    static const int bands[] = {0, 1};
    lode_stack *stack = open_stack("/vsimem/small.tif", 600, 600, "YES");
    lode_window wide = {0, 0, INT_MAX, 100 * SIDE}, tall = {0, 0, 100 * SIDE, INT_MAX};
    lode_runs runs = lode_runs_plan(stack, bands, 2, wide, SIDE, HALF, 2);
    lode_window last = lode_runs_window(&runs, runs.count - 1);
    assert_true(last.x + last.width == INT_MAX && last.y + last.height == 100 * SIDE);
    runs = lode_runs_plan(stack, bands, 2, tall, SIDE, HALF, 2);
    last = lode_runs_window(&runs, runs.count - 1);
    assert_true(last.x + last.width == 100 * SIDE && last.y + last.height == INT_MAX);
    lode_stack_close(stack);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_tall_where_the_cache_is_large),
        cmocka_unit_test(a_run_is_as_tall_as_the_cache_allows),
        cmocka_unit_test(threads_have_several_runs),
        cmocka_unit_test(whole_rows_need_more_of_the_cache),
        cmocka_unit_test(a_vast_window_is_planned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

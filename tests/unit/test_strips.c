#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include <gdal.h>

#include "raster.h"
#include "raster/stack.h"
#include "raster/strips.h"

enum { SIDE = 256, HALF = 8, MEGABYTE = 1 << 20, MOST = 200 };

/* Two bands of 4 bytes without values: a column of a row of tiles takes 2 x 768 x 4 bytes. */
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

static lode_strips plan(const char *path, int width, int height, const char *tiled, int megabytes) {
    static const int bands[] = {0, 1};
    GIntBig before = GDALGetCacheMax64();
    lode_stack *stack = open_stack(path, width, height, tiled);
    GDALSetCacheMax64((GIntBig)megabytes * MEGABYTE);
    lode_strips strips =
        lode_strips_plan(stack, bands, 2, (lode_window){0, 0, width, height}, SIDE, HALF);
    GDALSetCacheMax64(before);
    lode_stack_close(stack);
    return strips;
}

static void visits_every_tile_once(const lode_strips *strips) {
    bool visited[MOST] = {false};
    size_t tiles = strips->across * strips->down;
    assert_true(tiles <= MOST);
    for (size_t i = 0; i < tiles; i++) {
        size_t tile = lode_strips_tile(strips, i);
        assert_true(tile < tiles && !visited[tile]);
        visited[tile] = true;
    }
}

static void one_strip_where_the_cache_is_large_enough(void **state) {
    (void)state;
    lode_strips strips = plan("/vsimem/wide.tif", 3000, 1000, "YES", 64);
    assert_int_equal(strips.across, 12);
    assert_int_equal(strips.down, 4);
    assert_int_equal(strips.wide, 12);
    for (size_t i = 0; i < 48; i++)
        assert_int_equal(lode_strips_tile(&strips, i), i);
}

/* 0.9 x 10 MB / 6144 bytes = 1536 columns, less 16 of the windows and 512 of blocks: 3 tiles. */
static void strips_are_as_wide_as_the_cache_allows(void **state) {
    (void)state;
    lode_strips strips = plan("/vsimem/wide.tif", 5000, 2000, "YES", 10);
    assert_int_equal(strips.across, 20);
    assert_int_equal(strips.down, 8);
    assert_int_equal(strips.wide, 3);
    assert_int_equal(lode_strips_tile(&strips, 2), 2);
    assert_int_equal(lode_strips_tile(&strips, 3), 20);   /* the second row of the first strip */
    assert_int_equal(lode_strips_tile(&strips, 24), 3);   /* the first tile of the second strip */
    assert_int_equal(lode_strips_tile(&strips, 144), 18); /* the last strip has two columns */
    assert_int_equal(lode_strips_tile(&strips, 146), 20 + 18);
    visits_every_tile_once(&strips);
}

static void a_tiny_cache_leaves_columns_of_tiles(void **state) {
    (void)state;
    lode_strips strips = plan("/vsimem/wide.tif", 3000, 3000, "YES", 1);
    assert_int_equal(strips.wide, 1);
    visits_every_tile_once(&strips);
}

/* Blocks as wide as the raster would be decoded again for every strip. */
static void rows_stay_whole(void **state) {
    (void)state;
    assert_int_equal(plan("/vsimem/rows.tif", 5000, 2000, "NO", 1).wide, 20);
}

/* A side may be nearly INT_MAX; nothing is read. */
static void a_vast_window_is_planned(void **state) {
    (void)state;
    static const int bands[] = {0, 1};
    lode_stack *stack = open_stack("/vsimem/small.tif", 600, 600, "YES");
    lode_window vast = {0, 0, INT_MAX, 100 * SIDE};
    lode_strips strips = lode_strips_plan(stack, bands, 2, vast, SIDE, HALF);
    size_t across = ((size_t)INT_MAX + SIDE - 1) / SIDE;
    assert_true(strips.across == across && strips.down == 100 && strips.wide < across);
    assert_true(lode_strips_tile(&strips, 100 * across - 1) == 100 * across - 1);
    lode_stack_close(stack);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_strip_where_the_cache_is_large_enough),
        cmocka_unit_test(strips_are_as_wide_as_the_cache_allows),
        cmocka_unit_test(a_tiny_cache_leaves_columns_of_tiles),
        cmocka_unit_test(rows_stay_whole),
        cmocka_unit_test(a_vast_window_is_planned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

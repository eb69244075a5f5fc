#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_vsi.h>
#include <gdal.h>

#include "picture/canvas.h"
#include "picture/picture.h"
#include "raster/writer.h"
#include "test.h"
#include "util/file.h"

enum { SIDE = 20 };

/* A ramp from 0 in the west to 1 in the east, with no data in the north-west corner cell. */
static void write_ramp(const char *path, double north_step) {
    static const char *const names[] = {"score"};
    lode_grid grid = {SIDE, SIDE, {500000, 100, 0, 4000000, 0, north_step}, ""};
    float plane[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++)
        plane[i] = (float)(i % SIDE) / (SIDE - 1);
    plane[0] = LODE_NODATA;
    lode_writer *writer;
    assert_lode_ok(lode_writer_open(path, &grid, names, 1, &writer));
    assert_lode_ok(lode_writer_write(writer, 0, 0, SIDE, SIDE, plane));
    assert_lode_ok(lode_writer_commit(writer));
}

static void read_back(const char *path, int *width, int *height, unsigned char **pixels) {
    GDALDatasetH image = GDALOpen(path, GA_ReadOnly);
    assert_non_null(image);
    *width = GDALGetRasterXSize(image);
    *height = GDALGetRasterYSize(image);
    assert_int_equal(GDALGetRasterCount(image), 3);
    *pixels = malloc((size_t)*width * (size_t)*height * 3);
    assert_int_equal(GDALDatasetRasterIO(image, GF_Read, 0, 0, *width, *height, *pixels, *width,
                                         *height, GDT_Byte, 3, NULL, 3, 3 * *width, 1),
                     CE_None);
    GDALClose(image);
}

static int brightness(const unsigned char *pixels, int width, int x, int y) {
    const unsigned char *pixel = pixels + ((size_t)y * (size_t)width + (size_t)x) * 3;
    return pixel[0] + pixel[1] + pixel[2];
}

static void map_runs_from_dark_to_bright(void **state) {
    (void)state;
    write_ramp("/vsimem/ramp.tif", -100);
    lode_picture picture = {.low = 0, .high = 1, .width = 500};
    assert_lode_ok(lode_picture_write("/vsimem/ramp.tif", 0, &picture, "/vsimem/ramp.png"));
    int width, height;
    unsigned char *pixels;
    read_back("/vsimem/ramp.png", &width, &height, &pixels);
    assert_int_equal(width, 500);
    assert_true(height > 500);
    int row = 250, west = brightness(pixels, width, 40, row),
        middle = brightness(pixels, width, 250, row), east = brightness(pixels, width, 460, row);
    assert_true(west < middle && middle < east);
    assert_true(brightness(pixels, width, 16, 16) > 600); /* nodata is pale */
    assert_true(brightness(pixels, width, 2, 2) == 765);  /* margin is white */
    free(pixels);
    VSIUnlink("/vsimem/ramp.tif");
    VSIUnlink("/vsimem/ramp.png");
}

static void south_up_raster_is_turned(void **state) {
    (void)state;
    write_ramp("/vsimem/turned.tif", 100); /* its nodata cell lies in the south-west */
    lode_picture picture = {.low = 0, .high = 1, .width = 500};
    char *bytes;
    size_t size;
    assert_lode_ok(lode_picture_png("/vsimem/turned.tif", 0, &picture, &bytes, &size));
    assert_memory_equal(bytes, "\x89PNG", 4);
    assert_lode_ok(lode_file_write("/vsimem/turned.png", bytes, size));
    lode_free(bytes);
    int width, height;
    unsigned char *pixels;
    read_back("/vsimem/turned.png", &width, &height, &pixels);
    assert_true(brightness(pixels, width, 16, 16) < 400);
    assert_true(brightness(pixels, width, 16, 12 + 476 - 8) > 600);
    free(pixels);
    VSIUnlink("/vsimem/turned.tif");
    VSIUnlink("/vsimem/turned.png");
}

static void symbol_stands_on_its_place(void **state) {
    (void)state;
    write_ramp("/vsimem/points.tif", -100);
    double east[] = {500500, 900000}, north[] = {3999000, 0}; /* the second lies far outside */
    lode_picture_points deposits = {east, north, 2, LODE_SYMBOL_TRIANGLE, "known"};
    lode_picture picture = {
        .low = 0, .high = 1, .points = &deposits, .point_sets = 1, .width = 500};
    assert_lode_ok(lode_picture_write("/vsimem/points.tif", 0, &picture, "/vsimem/points.png"));
    int width, height;
    unsigned char *pixels;
    read_back("/vsimem/points.png", &width, &height, &pixels);
    int x = 12 + 476 / 4, y = 12 + 476 / 2;
    assert_int_equal(brightness(pixels, width, x, y), 765);
    free(pixels);
    VSIUnlink("/vsimem/points.tif");
    VSIUnlink("/vsimem/points.png");
}

static void ramp_gets_brighter_all_the_way(void **state) {
    (void)state;
    double last = -1;
    for (int k = 0; k <= 100; k++) {
        lode_colour c = lode_ramp_colour(k / 100.0);
        double luma = 0.2126 * c.red + 0.7152 * c.green + 0.0722 * c.blue;
        assert_true(luma > last);
        last = luma;
    }
}

static void bad_band_and_size_are_refused(void **state) {
    (void)state;
    write_ramp("/vsimem/bad.tif", -100);
    lode_picture picture = {.width = 500};
    char *bytes;
    size_t size;
    assert_lode_fails(lode_picture_png("/vsimem/bad.tif", 1, &picture, &bytes, &size),
                      LODE_ERROR_USAGE, "no band 2");
    lode_canvas *canvas;
    assert_lode_fails(lode_canvas_create(0, 5, &canvas), LODE_ERROR_USAGE, "0 x 5");
    VSIUnlink("/vsimem/bad.tif");
}

int main(void) {
    GDALAllRegister();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_runs_from_dark_to_bright),
        cmocka_unit_test(south_up_raster_is_turned),
        cmocka_unit_test(symbol_stands_on_its_place),
        cmocka_unit_test(ramp_gets_brighter_all_the_way),
        cmocka_unit_test(bad_band_and_size_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

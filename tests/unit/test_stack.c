#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "raster.h"
#include "raster/stack.h"
#include "raster/writer.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/parallel.h"

static const char *const names[] = {"Au", "Cu"};
static const float values[2][2][3] = {{{1, 2, 3}, {4, -1, 6}}, {{10, 20, 30}, {40, 50, NAN}}};

static lode_stack *open_stack(void) {
    const char *path = "/vsimem/stack.tif";
    make_raster(path, names, 2, 3, 2, &values[0][0][0]);
    lode_stack *stack;
    assert_lode_ok(lode_stack_open(&path, 1, &stack));
    return stack;
}

static void reads_channels_last_with_missing_as_nan(void **state) {
    (void)state;
    lode_stack *stack = open_stack();
    float read[3 * 4 * 2];
    /* One column left of the raster, one row below it. */
    assert_lode_ok(lode_stack_read(stack, -1, 0, 4, 3, NULL, 0, read));
    assert_true(isnan(read[0]) && isnan(read[1]));
    assert_true(read[2] == 1 && read[3] == 10);
    assert_true(isnan(read[(1 * 4 + 2) * 2]) && read[(1 * 4 + 2) * 2 + 1] == 50);
    assert_true(read[(1 * 4 + 3) * 2] == 6 && isnan(read[(1 * 4 + 3) * 2 + 1]));
    assert_true(isnan(read[(2 * 4 + 1) * 2]));
    lode_stack_close(stack);
}

static void reads_chosen_bands_in_order(void **state) {
    (void)state;
    lode_stack *stack = open_stack();
    const int bands[] = {1, 0};
    float read[2];
    assert_lode_ok(lode_stack_read(stack, 2, 0, 1, 1, bands, 2, read));
    assert_true(read[0] == 30 && read[1] == 3);
    lode_stack_close(stack);
}

/* More bands than are read together; one has a scale and an offset, and a mask hides a cell. */
static void scale_offset_and_mask_are_applied_once(void **state) {
    (void)state;
    enum { BANDS = 35, SCALED = 20 };
    const char *path = "/vsimem/many.tif";
    char text[BANDS][8];
    const char *many[BANDS];
    float raw[BANDS][2][3], read[6][BANDS];
    for (int b = 0; b < BANDS; b++) {
        snprintf(text[b], sizeof text[b], "b%d", b);
        many[b] = text[b];
        for (int i = 0; i < 6; i++)
            raw[b][i / 3][i % 3] = (float)(100 * b + i + 1);
    }
    make_raster(path, many, BANDS, 3, 2, &raw[0][0][0]);
    GDALDatasetH dataset = GDALOpen(path, GA_Update);
    GDALRasterBandH band = GDALGetRasterBand(dataset, SCALED + 1);
    GDALSetRasterScale(band, 0.5);
    GDALSetRasterOffset(band, 7);
    GDALClose(dataset);
    lode_stack *stack;
    assert_lode_ok(lode_stack_open(&path, 1, &stack));
    assert_lode_ok(lode_stack_read(stack, 0, 0, 3, 2, NULL, 0, &read[0][0]));
    for (int i = 0; i < 6; i++)
        for (int b = 0; b < BANDS; b++) {
            float stored = (float)(100 * b + i + 1);
            assert_true(read[i][b] == (b == SCALED ? 0.5f * stored + 7 : stored));
        }
    lode_stack_close(stack);
}

/* Value of a cell of the wide stack, known from its place. */
enum { WIDE = 40, SIDE = 96 };

static float wide_value(int band, int x, int y) {
    return (float)(band * 10000 + y * SIDE + x);
}

static lode_status read_somewhere(void *context, size_t item, int worker) {
    (void)worker;
    enum { PART = 24 };
    int x = (int)(item * 31 % (SIDE - PART)), y = (int)(item * 17 % (SIDE - PART));
    float *read = lode_alloc(PART * PART * WIDE, sizeof *read);
    if (!read)
        return lode_fail_memory();
    lode_status status = lode_stack_read(context, x, y, PART, PART, NULL, 0, read);
    for (int i = 0; i < PART * PART * WIDE && status == LODE_OK; i++) {
        int band = i % WIDE, column = i / WIDE % PART, row = i / WIDE / PART;
        if (read[i] != wide_value(band, x + column, y + row))
            status = lode_fail(LODE_ERROR_DATA, "Band %d, column %d, row %d is %g.", band,
                               x + column, y + row, (double)read[i]);
    }
    lode_free(read);
    return status;
}

/* A file of many bands, held band after band, is open several times: the threads must find each
 * band's own values whichever of them reads it, also after the file has lost its name. */
static void threads_read_one_file(void **state) {
    (void)state;
    const char *pixels = "/vsimem/pixels.tif", *const path = "/vsimem/wide.tif";
    char text[WIDE][8];
    const char *wide[WIDE];
    float *raw = lode_alloc(WIDE * SIDE * SIDE, sizeof *raw);
    for (int band = 0; band < WIDE; band++) {
        snprintf(text[band], sizeof text[band], "b%d", band);
        wide[band] = text[band];
        for (int i = 0; i < SIDE * SIDE; i++)
            raw[band * SIDE * SIDE + i] = wide_value(band, i % SIDE, i / SIDE);
    }
    make_raster(pixels, wide, WIDE, SIDE, SIDE, raw);
    char **options = CSLAddString(NULL, "INTERLEAVE=BAND");
    options = CSLAddString(CSLAddString(CSLAddString(options, "TILED=YES"), "BLOCKXSIZE=32"),
                           "BLOCKYSIZE=32");
    GDALDatasetH source = GDALOpen(pixels, GA_ReadOnly);
    GDALClose(
        GDALCreateCopy(GDALGetDriverByName("GTiff"), path, source, TRUE, options, NULL, NULL));
    GDALClose(source);
    CSLDestroy(options);
    lode_stack *stack;
    assert_lode_ok(lode_stack_open(&path, 1, &stack));
    assert_int_equal(lode_stack_dataset_count(stack), 1);
    assert_true(lode_stack_band_handle(stack, 0) && lode_stack_band_handle(stack, WIDE - 1));
    assert_ptr_not_equal(GDALGetBandDataset(lode_stack_band_handle(stack, 0)),
                         GDALGetBandDataset(lode_stack_band_handle(stack, WIDE - 1)));
    VSIUnlink(path);
    for (int threads = 1; threads <= 16; threads *= 4)
        assert_lode_ok(lode_parallel_for(200, threads, read_somewhere, stack, NULL, "reading"));
    lode_stack_close(stack);
    lode_free(raw);
}

static void masked_cells_are_missing(void **state) {
    (void)state;
    const char *path = "/vsimem/masked.tif", *const one[] = {"Au"};
    float raw[6] = {1, 2, 3, 4, 5, 6}, read[6];
    unsigned char mask[6] = {255, 255, 0, 255, 0, 255};
    make_raster(path, one, 1, 3, 2, raw);
    GDALDatasetH dataset = GDALOpen(path, GA_Update);
    GDALDeleteRasterNoDataValue(GDALGetRasterBand(dataset, 1));
    assert_int_equal(GDALCreateDatasetMaskBand(dataset, GMF_PER_DATASET), CE_None);
    assert_int_equal(GDALRasterIO(GDALGetMaskBand(GDALGetRasterBand(dataset, 1)), GF_Write, 0, 0, 3,
                                  2, mask, 3, 2, GDT_Byte, 0, 0),
                     CE_None);
    GDALClose(dataset);
    lode_stack *stack;
    assert_lode_ok(lode_stack_open(&path, 1, &stack));
    assert_lode_ok(lode_stack_read(stack, 0, 0, 3, 2, NULL, 0, read));
    for (int i = 0; i < 6; i++)
        assert_true(mask[i] ? read[i] == raw[i] : isnan(read[i]));
    lode_stack_close(stack);
}

static void entirely_outside_is_missing(void **state) {
    (void)state;
    lode_stack *stack = open_stack();
    float read[8];
    assert_lode_ok(lode_stack_read(stack, 100, -50, 2, 2, NULL, 0, read));
    for (int i = 0; i < 8; i++)
        assert_true(isnan(read[i]));
    lode_stack_close(stack);
}

static void another_grid_is_refused_with_the_remedy(void **state) {
    (void)state;
    const char *paths[] = {"/vsimem/stack.tif", "/vsimem/other.tif"};
    const char *const other[] = {"Zn"};
    make_raster(paths[0], names, 2, 3, 2, &values[0][0][0]);
    make_raster(paths[1], other, 1, 2, 2, &values[0][0][0]);
    lode_stack *stack;
    assert_lode_fails(lode_stack_open(paths, 2, &stack), LODE_ERROR_DATA, "lode stack --like");
}

static void band_names_are_unique(void **state) {
    (void)state;
    const char *paths[] = {"/vsimem/stack.tif", "/vsimem/stack.tif"};
    make_raster(paths[0], names, 2, 3, 2, &values[0][0][0]);
    lode_stack *stack;
    assert_lode_fails(lode_stack_open(paths, 2, &stack), LODE_ERROR_DATA, "called 'Au'");
}

static void missing_file_is_named(void **state) {
    (void)state;
    const char *path = "/vsimem/nowhere.tif";
    lode_stack *stack;
    assert_lode_fails(lode_stack_open(&path, 1, &stack), LODE_ERROR_IO, path);
}

static void cells_and_map_coordinates_agree(void **state) {
    (void)state;
    lode_stack *stack = open_stack();
    double column, row, east, north;
    assert_true(lode_grid_to_cell(lode_stack_grid(stack), 501500, 3999500, &column, &row));
    assert_true(fabs(column - 1.5) < 1e-9 && fabs(row - 0.5) < 1e-9);
    lode_grid_to_map(lode_stack_grid(stack), column, row, &east, &north);
    assert_true(fabs(east - 501500) < 1e-6 && fabs(north - 3999500) < 1e-6);
    assert_false(lode_grid_to_cell(lode_stack_grid(stack), 499999, 3999500, &column, &row));
    assert_true(fabs(lode_stack_cell_metres(stack) - 1000) < 1e-6);
    lode_stack_close(stack);
}

/* 2^31 - 1 cells a side, the most GDAL has: cell and tile numbers need 62 bits. A computer of 32
 * bits cannot count the tiles and says so. */
static void vast(void **state) {
    (void)state;
    static const char xml[] =
        "<VRTDataset rasterXSize=\"2147483647\" rasterYSize=\"2147483647\">"
        "<GeoTransform>0,1,0,0,0,-1</GeoTransform><VRTRasterBand dataType=\"Float32\" band=\"1\"/>"
        "</VRTDataset>";
    const char *path = xml;
    lode_stack *stack;
    if (SIZE_MAX >> 31 <= 1) {
        assert_int_equal(lode_stack_open(&path, 1, &stack), LODE_ERROR_DATA);
        assert_non_null(strstr(lode_error_message(), "32 bits"));
        return;
    }
    assert_lode_ok(lode_stack_open(&path, 1, &stack));
    const lode_grid *grid = lode_stack_grid(stack);
    uint64_t tiles = lode_grid_tile_count(grid, 256);
    assert_true(tiles == (uint64_t)1 << 46);
    int x, y, width, height;
    lode_grid_tile(grid, 256, tiles - 1, &x, &y, &width, &height);
    assert_int_equal(x, 2147483647 - 255);
    assert_int_equal(y, 2147483647 - 255);
    assert_int_equal(width, 255);
    assert_int_equal(height, 255);
    float read[9];
    assert_lode_ok(lode_stack_read(stack, INT_MAX - 2, INT_MAX - 1, 3, 3, NULL, 0, read));
    assert_true(read[0] == 0 && read[1] == 0);
    for (int i = 2; i < 9; i++)
        assert_true(isnan(read[i]));
    lode_stack_close(stack);
}

/* GDAL 3.10 closes a GeoTIFF without its last bytes on a full disk, and without a word. */
static void file_without_its_end_is_not_whole(void **state) {
    (void)state;
    const char *path = "/vsimem/written.tif", *cut = "/vsimem/cut.tif";
    lode_grid grid = {300, 20, {0, 1, 0, 0, 0, -1}, ""};
    static float plane[2][20][300];
    lode_writer *writer;
    for (int i = 0; i < 300; i++)
        plane[0][i % 20][i] = plane[1][i % 20][i] = (float)i;
    assert_lode_ok(lode_writer_open(path, &grid, names, 2, &writer));
    assert_lode_ok(lode_writer_write(writer, 0, 0, 300, 20, &plane[0][0][0]));
    assert_lode_ok(lode_writer_commit(writer));
    assert_true(lode_writer_whole(path));
    char *bytes;
    size_t size;
    assert_lode_ok(lode_file_read(path, 1 << 20, &bytes, &size));
    for (size_t left = 0; left < size; left += left < size - 9 ? size / 9 : 1) {
        VSIFCloseL(VSIFileFromMemBuffer(cut, (GByte *)bytes, left, FALSE));
        assert_false(lode_writer_whole(cut));
        VSIUnlink(cut);
    }
    assert_false(lode_writer_whole("/vsimem/none.tif"));
    lode_free(bytes);
    VSIUnlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_channels_last_with_missing_as_nan),
        cmocka_unit_test(reads_chosen_bands_in_order),
        cmocka_unit_test(scale_offset_and_mask_are_applied_once),
        cmocka_unit_test(threads_read_one_file),
        cmocka_unit_test(masked_cells_are_missing),
        cmocka_unit_test(entirely_outside_is_missing),
        cmocka_unit_test(another_grid_is_refused_with_the_remedy),
        cmocka_unit_test(band_names_are_unique),
        cmocka_unit_test(missing_file_is_named),
        cmocka_unit_test(file_without_its_end_is_not_whole),
        cmocka_unit_test(cells_and_map_coordinates_agree),
        cmocka_unit_test(vast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

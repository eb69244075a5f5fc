/* Outlines of regions: by hand, and of random rasters, where regions touch and nest in every way.
 */
#include "test.h"

#include <math.h>
#include <string.h>

#include <gdal.h>
#include <ogr_api.h>

#include "targets/outline.h"
#include "util/random.h"

/* One cell of 4 among zeros, cut at 1: the outline runs three quarters of the way to the
 * neighbours' centres, a diamond with half diagonals of 0.75. */
static void a_lone_cell_becomes_a_diamond(void **state) {
    (void)state;
    float values[] = {0, 0, 0, /**/ 0, 4, 0, /**/ 0, 0, 0};
    int32_t label[] = {0, 0, 0, /**/ 0, 1, 0, /**/ 0, 0, 0};
    lode_surface surface = {3, 3, values};
    lode_outlines smooth, cells;
    assert_lode_ok(lode_outlines_trace(label, 3, 3, 1, &surface, 1, &smooth));
    assert_lode_ok(lode_outlines_trace(label, 3, 3, 1, NULL, 1, &cells));
    assert_float_equal(lode_outlines_area(&smooth, 1), 2 * 0.75 * 0.75, 1e-12);
    assert_float_equal(lode_outlines_area(&cells, 1), 1, 1e-12);
    lode_grid grid = {.width = 3, .height = 3, .transform = {500, 10, 0, 900, 0, -10}, .crs = ""};
    OGRGeometryH placed = lode_outlines_place(&smooth, 1, &grid);
    OGREnvelope box;
    OGR_G_GetEnvelope(placed, &box);
    assert_float_equal(box.MinX, 507.5, 1e-9);
    assert_float_equal(box.MaxY, 892.5, 1e-9);
    OGR_G_DestroyGeometry(placed);
    lode_outlines_free(&smooth);
    lode_outlines_free(&cells);
}

static bool covers(OGRGeometryH polygon, double x, double y) {
    OGRGeometryH point = OGR_G_CreateGeometry(wkbPoint);
    OGR_G_AddPoint_2D(point, x, y);
    bool inside = OGR_G_Contains(polygon, point);
    OGR_G_DestroyGeometry(point);
    return inside;
}

enum { SIDE = 14, CELLS = SIDE * SIDE };

static void check_raster(uint64_t seed, bool smooth) {
    float values[CELLS];
    unsigned char inside[CELLS];
    int32_t label[CELLS];
    int count;
    lode_random random = lode_random_stream(seed, 1);
    for (int i = 0; i < CELLS; i++)
        values[i] = lode_random_below(&random, 12) ? (float)lode_random_uniform(&random) : NAN;
    lode_surface surface = {SIDE, SIDE, values};
    assert_lode_ok(lode_region_mask(&surface, 0.4, (int)(seed % 2), inside));
    assert_lode_ok(lode_region_label(inside, SIDE, SIDE, 2, label, &count));
    lode_outlines traced;
    assert_lode_ok(
        lode_outlines_trace(label, SIDE, SIDE, count, smooth ? &surface : NULL, 0.4, &traced));
    for (int a = 0; a < count; a++) {
        assert_true(OGR_G_IsValid(traced.polygon[a]));
        for (int i = 0; i < CELLS; i++)
            assert_int_equal(covers(traced.polygon[a], i % SIDE + 0.5, i / SIDE + 0.5),
                             label[i] == a + 1);
        for (int b = 0; b < a; b++)
            assert_false(smooth ? OGR_G_Intersects(traced.polygon[a], traced.polygon[b])
                                : OGR_G_Overlaps(traced.polygon[a], traced.polygon[b]));
    }
    lode_outlines_free(&traced);
}

static void outlines_are_valid_apart_and_hold_their_cells(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        check_raster(seed, true);
        check_raster(seed, false);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_cell_becomes_a_diamond),
        cmocka_unit_test(outlines_are_valid_apart_and_hold_their_cells),
    };
    GDALAllRegister();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

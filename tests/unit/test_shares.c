#include <math.h>

#include <cpl_vsi.h>
#include <gdal.h>

#include "raster/writer.h"
#include "test.h"
#include "validate/shares.h"

enum { WIDTH = 10, HEIGHT = 100, CELLS = WIDTH * HEIGHT };

/* Band "rank" counts the cells 0, 1, 2 ...; band "even" is the same everywhere but for a hole. */
static lode_stack *make_stack(void) {
    static const char *const names[] = {"rank", "even"};
    static float planes[2 * CELLS];
    lode_grid grid = {WIDTH, HEIGHT, {0, 1, 0, 0, 0, -1}, ""};
    for (int i = 0; i < CELLS; i++) {
        planes[i] = (float)i;
        planes[CELLS + i] = i == 0 ? LODE_NODATA : 7;
    }
    lode_writer *writer;
    lode_stack *stack;
    assert_lode_ok(lode_writer_open("/vsimem/shares.tif", &grid, names, 2, &writer));
    assert_lode_ok(lode_writer_write(writer, 0, 0, WIDTH, HEIGHT, planes));
    assert_lode_ok(lode_writer_commit(writer));
    const char *path = "/vsimem/shares.tif";
    assert_lode_ok(lode_stack_open(&path, 1, &stack));
    return stack;
}

static void shares_follow_the_ranks(void **state) {
    (void)state;
    lode_stack *stack = make_stack();
    /* The highest cell, the middle one, the lowest one, one outside. */
    int columns[] = {9, 0, 0, -1}, rows[] = {99, 50, 0, 3}, bands[] = {0, 1};
    for (int threads = 1; threads <= 3; threads++) {
        lode_shares *shares;
        assert_lode_ok(
            lode_shares_measure(stack, bands, 2, columns, rows, 4, threads, NULL, &shares));
        assert_int_equal(shares->cells[0], CELLS);
        assert_int_equal(shares->cells[1], CELLS - 1);
        assert_int_equal(shares->found[0], 3);
        assert_int_equal(shares->found[1], 2);
        assert_float_equal(shares->share[0], 0.5 / CELLS, 1e-12);
        assert_float_equal(shares->share[1], 499.5 / CELLS, 1e-12);
        assert_float_equal(shares->share[2], 999.5 / CELLS, 1e-12);
        assert_true(isnan(shares->share[3]));
        assert_float_equal(shares->share[4], 0.5, 1e-12); /* all cells tie */
        assert_true(isnan(shares->share[6]));
        double error;
        assert_float_equal(lode_shares_auc(shares, 0, &error), 1 - 1499.5 / 3 / CELLS, 1e-12);
        assert_true(error > 0.2 && error < 0.4);
        assert_int_equal(lode_shares_captured(shares, 0, 0.1), 1);
        assert_int_equal(lode_shares_captured(shares, 0, 0.5), 2);
        assert_int_equal(lode_shares_captured(shares, 1, 0.1), 0);
        lode_shares_free(shares);
    }
    lode_stack_close(stack);
    VSIUnlink("/vsimem/shares.tif");
}

int main(void) {
    GDALAllRegister();
    const struct CMUnitTest tests[] = {cmocka_unit_test(shares_follow_the_ranks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

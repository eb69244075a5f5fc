#include <string.h>

#include "geochem/recipe.h"
#include "raster.h"

/* Five cells in a row. Gold 1 2 4 8 16 against copper 4 throughout, and a gravity layer:
 * clr(Au) = 0.5 ln(Au / 4), so in steps of 0.5 ln 2 with median 0; MAD is 0.5 ln 2. */
static const char *const names[] = {"Au_ppb", "Cu_ppm", "gravity"};
static const float values[3][5] = {{1, 2, 4, 8, 16}, {4, 4, 4, 4, 4}, {10, 20, 30, 40, 50}};

static lode_stack *open_stack(const char *const *band_names, const float *cells) {
    const char *path = "/vsimem/recipe.tif";
    make_raster(path, band_names, 3, 5, 1, cells);
    lode_stack *stack;
    assert_lode_ok(lode_stack_open(&path, 1, &stack));
    return stack;
}

static void clr_then_median_and_mad(void **state) {
    (void)state;
    lode_stack *stack = open_stack(names, &values[0][0]);
    lode_recipe *recipe;
    assert_lode_ok(lode_recipe_fit(stack, NULL, 0, LODE_TRANSFORM_CLR, NULL, &recipe));
    assert_int_equal(recipe->channels, 3);
    assert_true(recipe->element[0] && recipe->element[1] && !recipe->element[2]);
    const float raw[2][3] = {{16, 4, 50}, {2, NAN, 30}};
    float out[2][4];
    assert_lode_ok(lode_recipe_apply(recipe, &raw[0][0], 2, &out[0][0]));
    assert_true(fabsf(out[0][0] - 2 / 1.4826f) < 1e-5f);
    assert_true(fabsf(out[0][1] + 2 / 1.4826f) < 1e-5f);
    assert_true(fabsf(out[0][2] - 2 / 1.4826f) < 1e-5f);
    assert_true(out[0][3] == 1);
    /* A missing band is 0; the mask tells the share present. */
    assert_true(out[1][1] == 0 && fabsf(out[1][3] - 2.0f / 3) < 1e-6f);
    lode_recipe_free(recipe);
    lode_stack_close(stack);
}

static void cells_with_less_than_half_the_bands_are_empty(void **state) {
    (void)state;
    lode_stack *stack = open_stack(names, &values[0][0]);
    lode_recipe *recipe;
    assert_lode_ok(lode_recipe_fit(stack, NULL, 0, LODE_TRANSFORM_CLR, NULL, &recipe));
    const float raw[3] = {NAN, NAN, 40};
    float out[4];
    assert_lode_ok(lode_recipe_apply(recipe, raw, 1, out));
    for (int i = 0; i < 4; i++)
        assert_true(out[i] == 0);
    lode_recipe_free(recipe);
    lode_stack_close(stack);
}

static void zeros_become_half_the_smallest_value(void **state) {
    (void)state;
    const float zeros[3][5] = {{0, 2, 4, 8, 16}, {4, 4, 4, 4, 5}, {10, 20, 30, 40, 50}};
    lode_stack *stack = open_stack(names, &zeros[0][0]);
    lode_recipe *recipe;
    assert_lode_ok(lode_recipe_fit(stack, NULL, 0, LODE_TRANSFORM_LOG, NULL, &recipe));
    assert_true(recipe->floor[0] == 1);
    const float raw[2][3] = {{0, 4, 30}, {1, 4, 30}};
    float out[2][4];
    assert_lode_ok(lode_recipe_apply(recipe, &raw[0][0], 2, &out[0][0]));
    assert_true(out[0][0] == out[1][0]);
    lode_recipe_free(recipe);
    lode_stack_close(stack);
}

static void survives_its_description(void **state) {
    (void)state;
    lode_stack *stack = open_stack(names, &values[0][0]);
    for (int t = LODE_TRANSFORM_NONE; t <= LODE_TRANSFORM_ILR; t++) {
        lode_recipe *recipe, *copy;
        assert_lode_ok(lode_recipe_fit(stack, NULL, 0, (lode_transform)t, NULL, &recipe));
        assert_lode_ok(lode_recipe_copy(recipe, &copy));
        assert_int_equal(copy->channels, t == LODE_TRANSFORM_ILR ? 2 : 3);
        const float raw[3] = {3, 5, 33};
        float a[4], b[4];
        assert_lode_ok(lode_recipe_apply(recipe, raw, 1, a));
        assert_lode_ok(lode_recipe_apply(copy, raw, 1, b));
        assert_memory_equal(a, b, sizeof(float) * (size_t)(recipe->channels + 1));
        lode_recipe_free(recipe);
        lode_recipe_free(copy);
    }
    lode_stack_close(stack);
}

static void bad_stacks_are_named(void **state) {
    (void)state;
    lode_recipe *recipe;
    const float empty[3][5] = {{1, 2, 3, 4, 5}, {-1, -1, -1, -1, -1}, {1, 2, 3, 4, 5}};
    lode_stack *stack = open_stack(names, &empty[0][0]);
    assert_lode_fails(lode_recipe_fit(stack, NULL, 0, LODE_TRANSFORM_CLR, NULL, &recipe),
                      LODE_ERROR_DATA, "Cu_ppm");
    const char *const wanted[] = {"Au_ppb", "Sb_ppm", "Hg_ppb"};
    assert_lode_fails(lode_recipe_fit(stack, wanted, 3, LODE_TRANSFORM_CLR, NULL, &recipe),
                      LODE_ERROR_MODEL, "Sb_ppm, Hg_ppb");
    lode_stack_close(stack);
}

static void damaged_descriptions_are_refused(void **state) {
    (void)state;
    static const char *const odd[] = {
        "{}",
        "{\"transform\":\"clr\"}",
        "{\"transform\":\"xyz\",\"bands\":[\"Au\"]}",
        "{\"transform\":\"log\",\"bands\":[\"Au\"],\"element\":[true],\"floor\":[1],"
        "\"centre\":[1],\"scale\":[-1],\"clip\":5}",
        "{\"transform\":\"log\",\"bands\":[\"Au\"],\"element\":[true],\"floor\":[1],"
        "\"centre\":[],\"scale\":[1],\"clip\":5}",
        "{\"transform\":\"log\",\"bands\":[3],\"element\":[true],\"floor\":[1],"
        "\"centre\":[1],\"scale\":[1],\"clip\":5}",
        "{\"transform\":\"ilr\",\"bands\":[\"Au\"],\"element\":[true],\"floor\":[1],"
        "\"centre\":[],\"scale\":[],\"clip\":5}",
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        json_t *json = json_loads(odd[i], 0, NULL);
        lode_recipe *recipe;
        assert_lode_fails(lode_recipe_parse(json, "odd.lode", &recipe), LODE_ERROR_MODEL,
                          "odd.lode");
        json_decref(json);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clr_then_median_and_mad),
        cmocka_unit_test(cells_with_less_than_half_the_bands_are_empty),
        cmocka_unit_test(zeros_become_half_the_smallest_value),
        cmocka_unit_test(survives_its_description),
        cmocka_unit_test(bad_stacks_are_named),
        cmocka_unit_test(damaged_descriptions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

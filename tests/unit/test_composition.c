#include <math.h>
#include <string.h>

#include "geochem/composition.h"
#include "test.h"

static void assert_parts(const float *got, const float *want, int parts) {
    for (int i = 0; i < parts; i++) {
        if (isnan(want[i]))
            assert_true(isnan(got[i]));
        else
            assert_float_equal(got[i], want[i], 2e-6 * (1 + fabsf(want[i])));
    }
}

/* ln 1, ln 2, ln 4, ln 8 = 0, 1, 2, 3 times ln 2; their mean is 1.5 ln 2. */
static const float powers[4] = {1, 2, 4, 8};
#define LN2 0.69314718f

static void closure_by_hand(void **state) {
    (void)state;
    float out[4];
    lode_closure((float[]){1, 2, NAN, 1}, out, 4, 100);
    assert_parts(out, (float[]){25, 50, NAN, 25}, 4);
}

static void clr_by_hand(void **state) {
    (void)state;
    float out[4];
    lode_clr(powers, out, 4);
    assert_parts(out, (float[]){-1.5f * LN2, -0.5f * LN2, 0.5f * LN2, 1.5f * LN2}, 4);
    lode_clr((float[]){1, NAN, 4, 0}, out, 4);
    assert_parts(out, (float[]){-LN2, NAN, LN2, NAN}, 4);
}

static void alr_by_hand(void **state) {
    (void)state;
    float out[3];
    lode_alr(powers, out, 4, 1);
    assert_parts(out, (float[]){-LN2, LN2, 2 * LN2}, 3);
    lode_alr((float[]){1, -2, 4, 8}, out, 4, 1);
    assert_parts(out, (float[]){NAN, NAN, NAN}, 3);
}

static void ilr_by_hand(void **state) {
    (void)state;
    float out[3];
    lode_ilr(powers, out, 4);
    assert_parts(
        out, (float[]){-2 * sqrtf(0.75f) * LN2, -1.5f * sqrtf(2 / 3.f) * LN2, -sqrtf(0.5f) * LN2},
        3);
    lode_ilr((float[]){1, NAN, 4, 8}, out, 4);
    assert_parts(out, (float[]){-2.5f * sqrtf(2 / 3.f) * LN2, NAN, -sqrtf(0.5f) * LN2}, 3);
}

static void pivot_coordinates_are_balances(void **state) {
    (void)state;
    static const signed char pivot[] = {1, -1, -1, -1, 0, 1, -1, -1, 0, 0, 1, -1};
    float x[4] = {0.3f, 12, 700, 0.02f}, ilr[3], balances[3], back[4];
    lode_ilr(x, ilr, 4);
    lode_balances(x, balances, 4, pivot);
    assert_parts(balances, ilr, 3);
    lode_balances_inverse(ilr, back, 4, pivot, 712.32);
    assert_parts(back, x, 4);
}

static void inverses_give_back_the_composition(void **state) {
    (void)state;
    float x[5] = {0.5f, 20, 30, 9.5f, 40}, z[5], back[5];
    lode_clr(x, z, 5);
    lode_clr_inverse(z, back, 5, 100);
    assert_parts(back, x, 5);
    lode_alr(x, z, 5, 2);
    lode_alr_inverse(z, back, 5, 2, 100);
    assert_parts(back, x, 5);
    lode_ilr(x, z, 5);
    lode_ilr_inverse(z, back, 5, 100);
    assert_parts(back, x, 5);
    float gap[5] = {0.5f, NAN, 30, 29.5f, 40};
    lode_ilr(gap, z, 5);
    lode_ilr_inverse(z, back, 5, 100);
    assert_parts(back, gap, 5);
}

static void units_do_not_matter(void **state) {
    (void)state;
    float x[3] = {1.5f, 80, 0.001f}, scaled[3], a[3], b[3];
    for (int i = 0; i < 3; i++)
        scaled[i] = 1000 * x[i];
    lode_clr(x, a, 3);
    lode_clr(scaled, b, 3);
    assert_parts(b, a, 3);
}

static void nothing_present_gives_nothing(void **state) {
    (void)state;
    float x[3] = {NAN, 0, -1}, out[3] = {1, 1, 1};
    lode_clr(x, out, 3);
    assert_true(isnan(out[0]) && isnan(out[1]) && isnan(out[2]));
    lode_ilr(x, out, 3);
    assert_true(isnan(out[0]) && isnan(out[1]));
    lode_closure(x, out, 3, 1);
    assert_true(isnan(out[0]) && isnan(out[1]) && isnan(out[2]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closure_by_hand),
        cmocka_unit_test(clr_by_hand),
        cmocka_unit_test(alr_by_hand),
        cmocka_unit_test(ilr_by_hand),
        cmocka_unit_test(pivot_coordinates_are_balances),
        cmocka_unit_test(inverses_give_back_the_composition),
        cmocka_unit_test(units_do_not_matter),
        cmocka_unit_test(nothing_present_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

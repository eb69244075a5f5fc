#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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

static void an_empty_row_stays_empty(void **state) {
    (void)state;
    float z[2] = {NAN, NAN}, out[3] = {1, 1, 1};
    lode_alr_inverse(z, out, 3, 1, 100);
    assert_true(isnan(out[0]) && isnan(out[1]) && isnan(out[2]));
    lode_ilr_inverse(z, out, 3, 100);
    assert_true(isnan(out[0]) && isnan(out[1]) && isnan(out[2]));
}

/* ---- golden/composition.txt -------------------------------------------------------------------
 */

enum { PARTS = 8 };

typedef struct golden_case {
    char operation[16];
    double option;
    float in[PARTS], got[PARTS], want[PARTS];
    int parts, results, line;
} golden_case;

static int read_numbers(const char *text, float *out) {
    int count = 0;
    char word[32];
    for (int used; count < PARTS && sscanf(text, "%31s%n", word, &used) == 1; text += used)
        out[count++] = strcmp(word, "-") == 0 ? NAN : strtof(word, NULL);
    return count;
}

static void compare(const golden_case *c, const float *got, const float *want, int count) {
    for (int i = 0; i < count; i++)
        if (isnan(got[i]) != isnan(want[i]) ||
            fabsf(got[i] - want[i]) > 2e-6f * (1 + fabsf(want[i])))
            fail_msg("composition.txt, line %d, %s: number %d is %.8g, expected %.8g", c->line,
                     c->operation, i + 1, (double)got[i], (double)want[i]);
}

static void forward(golden_case *c) {
    if (strcmp(c->operation, "closure") == 0)
        lode_closure(c->in, c->got, c->parts, c->option);
    else if (strcmp(c->operation, "clr") == 0)
        lode_clr(c->in, c->got, c->parts);
    else if (strcmp(c->operation, "alr") == 0)
        lode_alr(c->in, c->got, c->parts, (int)c->option);
    else if (strcmp(c->operation, "ilr") == 0)
        lode_ilr(c->in, c->got, c->parts);
    else
        fail_msg("composition.txt, line %d: no operation '%s'", c->line, c->operation);
    bool fewer = strcmp(c->operation, "alr") == 0 || strcmp(c->operation, "ilr") == 0;
    assert_int_equal(c->results, fewer ? c->parts - 1 : c->parts);
    compare(c, c->got, c->want, c->results);
}

static void backward(golden_case *c, double total) {
    float back[PARTS];
    if (strcmp(c->operation, "clr") == 0)
        lode_clr_inverse(c->got, back, c->parts, total);
    else if (strcmp(c->operation, "alr") == 0)
        lode_alr_inverse(c->got, back, c->parts, (int)c->option, total);
    else
        lode_ilr_inverse(c->got, back, c->parts, total);
    compare(c, back, c->in, c->parts);
}

static void hand_worked_cases(void **state) {
    (void)state;
    FILE *file = fopen(LODE_TEST_GOLDEN "/composition.txt", "r");
    assert_non_null(file);
    golden_case c = {.line = 0};
    char line[256];
    int cases = 0;
    while (fgets(line, sizeof line, file)) {
        double total;
        c.line++;
        if (sscanf(line, "operation %15s", c.operation) == 1) {
            c.option = 0;
            sscanf(line, "operation %*s %lf", &c.option);
        } else if (strncmp(line, "accept", 6) == 0) {
            c.parts = read_numbers(line + 6, c.in);
        } else if (strncmp(line, "expect", 6) == 0) {
            c.results = read_numbers(line + 6, c.want);
            forward(&c);
            cases++;
        } else if (sscanf(line, "inverse %lf", &total) == 1) {
            backward(&c, total);
        }
    }
    fclose(file);
    assert_int_equal(cases, 14);
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
        cmocka_unit_test(an_empty_row_stays_empty),
        cmocka_unit_test(hand_worked_cases),
        cmocka_unit_test(units_do_not_matter),
        cmocka_unit_test(nothing_present_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

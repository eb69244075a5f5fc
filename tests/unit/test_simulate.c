#include <math.h>
#include <string.h>

#include "simulate/survey.h"
#include "test.h"

static const lode_sim_area small = {60, 500, 400000, 3000000};
enum { CELLS = 60 * 60 };

typedef struct ground {
    lode_sim_terrain *terrain;
    lode_sim_geology *geology;
    lode_sim_deposits *deposits;
    lode_sim_survey *survey;
} ground;

static ground make(uint64_t seed) {
    ground made;
    assert_lode_ok(lode_sim_terrain_create(&small, seed, NULL, &made.terrain));
    assert_lode_ok(lode_sim_geology_create(&small, made.terrain, seed, NULL, &made.geology));
    assert_lode_ok(lode_sim_deposits_create(&small, made.geology, 5, 6, seed, &made.deposits));
    assert_lode_ok(lode_sim_survey_run(&small, made.terrain, made.geology, made.deposits, 120, seed,
                                       NULL, &made.survey));
    return made;
}

static void discard(ground *made) {
    lode_sim_terrain_free(made->terrain);
    lode_sim_geology_free(made->geology);
    lode_sim_deposits_free(made->deposits);
    lode_sim_survey_free(made->survey);
}

static int element(const char *name) {
    for (int e = 0; e < LODE_SIM_ELEMENTS; e++)
        if (strcmp(lode_sim_element_at(e)->name, name) == 0)
            return e;
    fail_msg("no element %s", name);
    return -1;
}

static void field_is_standard_and_smooth(void **state) {
    (void)state;
    static float values[CELLS];
    assert_lode_ok(lode_sim_field(&small, 6000, 3, 9, NULL, values));
    double sum = 0, squares = 0, steps = 0;
    for (int i = 0; i < CELLS; i++) {
        sum += values[i];
        squares += values[i] * values[i];
        if (i % 60)
            steps += (values[i] - values[i - 1]) * (values[i] - values[i - 1]);
    }
    assert_true(fabs(sum / CELLS) < 1e-4);
    assert_true(fabs(squares / CELLS - 1) < 1e-3);
    assert_true(steps / CELLS < 0.1); /* white noise would give 2 */
}

static void water_runs_downhill_to_the_edge(void **state) {
    (void)state;
    ground made = make(1);
    long out = 0;
    for (int i = 0; i < CELLS; i++) {
        int next = made.terrain->downstream[i];
        if (next < 0)
            out += made.terrain->catchment[i];
        else
            assert_true(made.terrain->elevation[next] < made.terrain->elevation[i] ||
                        made.terrain->downstream[next] < 0);
    }
    assert_int_equal(out, CELLS); /* every cell drains somewhere, once */
    discard(&made);
}

static void same_seed_same_survey(void **state) {
    (void)state;
    ground a = make(7), b = make(7), c = make(8);
    assert_int_equal(a.survey->samples, b.survey->samples);
    size_t bytes = (size_t)a.survey->samples * LODE_SIM_ELEMENTS * sizeof(double);
    assert_memory_equal(a.survey->values, b.survey->values, bytes);
    assert_true(a.survey->x[0] != c.survey->x[0]);
    discard(&a);
    discard(&b);
    discard(&c);
}

static void laboratory_reports_limits_and_closes(void **state) {
    (void)state;
    ground made = make(2);
    int below = 0;
    for (int s = 0; s < made.survey->samples; s++) {
        const double *values = made.survey->values + (size_t)s * LODE_SIM_ELEMENTS;
        double oxides = 0;
        for (int e = 0; e < LODE_SIM_ELEMENTS; e++) {
            const lode_sim_element *one = lode_sim_element_at(e);
            assert_true(values[e] >= one->detection || values[e] == -one->detection);
            below += values[e] < 0;
            if (strcmp(one->unit, "pct") == 0)
                oxides += values[e] > 0 ? values[e] : 0;
        }
        assert_true(oxides > 60 && oxides < 101);
    }
    assert_true(below > 0);
    discard(&made);
}

/* The halo of one deposit with an average exposure, alone on even ground. */
static void halo_is_zoned(void **state) {
    (void)state;
    lode_sim_deposit item = {15000, 15000, 1, 0.5, false, true};
    lode_sim_deposits one = {&item, 1, 0, 0};
    static float bismuth[CELLS], gold[CELLS], mercury[CELLS], sodium[CELLS];
    for (int i = 0; i < CELLS; i++)
        bismuth[i] = gold[i] = mercury[i] = sodium[i] = 1;
    lode_sim_deposits_enrich(&small, &one, "Bi", 1, bismuth);
    lode_sim_deposits_enrich(&small, &one, "Au", 1, gold);
    lode_sim_deposits_enrich(&small, &one, "Hg", 1, mercury);
    lode_sim_deposits_enrich(&small, &one, "Na2O", 1, sodium);
    int centre = 30 * 60 + 30, off = 30 * 60 + 36; /* 3 km east */
    assert_true(gold[centre] > 3 && bismuth[centre] > 1.2 && sodium[centre] < 0.8);
    /* Mercury reaches far, bismuth does not. */
    assert_true(mercury[off] - 1 > 0.2 * (mercury[centre] - 1));
    assert_true(bismuth[off] - 1 < 0.02 * (bismuth[centre] - 1));
    item.barren = true;
    for (int i = 0; i < CELLS; i++)
        gold[i] = 1;
    lode_sim_deposits_enrich(&small, &one, "Au", 1, gold);
    assert_true(gold[centre] == 1);
}

static void no_deposit_in_the_black_shale(void **state) {
    (void)state;
    ground made = make(1);
    for (int k = 0; k < made.deposits->known + made.deposits->hidden; k++) {
        const lode_sim_deposit *deposit = &made.deposits->items[k];
        int cell = (int)(deposit->y / 500) * 60 + (int)(deposit->x / 500);
        assert_int_not_equal(made.geology->unit[cell], LODE_SIM_BLACK_SHALE);
        assert_int_equal(deposit->known, k < made.deposits->known);
    }
    assert_true(lode_sim_element_at(element("Au"))->rock[LODE_SIM_BLACK_SHALE] > 2);
    assert_true(lode_sim_element_at(element("Bi"))->rock[LODE_SIM_BLACK_SHALE] < 1.5);
    discard(&made);
}

static void grid_does_not_depend_on_threads(void **state) {
    (void)state;
    static float one[LODE_SIM_ELEMENTS * CELLS], two[LODE_SIM_ELEMENTS * CELLS];
    ground made = make(3);
    assert_lode_ok(lode_sim_survey_grid(&small, made.survey, 1e6, 1, NULL, one));
    assert_lode_ok(lode_sim_survey_grid(&small, made.survey, 1e6, 2, NULL, two));
    assert_memory_equal(one, two, sizeof one);
    int gold = element("Au");
    double low = 1e9, high = 0;
    for (int s = 0; s < made.survey->samples; s++) {
        double value = made.survey->values[(size_t)s * LODE_SIM_ELEMENTS + (size_t)gold];
        low = fmin(low, value < 0 ? -0.5 * value : value);
        high = fmax(high, value);
    }
    for (int i = 0; i < CELLS; i++) {
        double value = one[(size_t)gold * CELLS + (size_t)i];
        assert_true(value >= 0.999 * low && value <= 1.001 * high);
    }
    discard(&made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_is_standard_and_smooth),
        cmocka_unit_test(water_runs_downhill_to_the_edge),
        cmocka_unit_test(same_seed_same_survey),
        cmocka_unit_test(laboratory_reports_limits_and_closes),
        cmocka_unit_test(halo_is_zoned),
        cmocka_unit_test(no_deposit_in_the_black_shale),
        cmocka_unit_test(grid_does_not_depend_on_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

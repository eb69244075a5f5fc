#include <math.h>
#include <string.h>

#include "samples/cell.h"
#include "samples/censor.h"
#include "test.h"

static void cells_of_tables(void **state) {
    (void)state;
    static const struct {
        const char *text;
        lode_mark mark;
        double value;
    } cases[] = {
        {"12.5", LODE_MARK_VALUE, 12.5},
        {" 12,5 ", LODE_MARK_VALUE, 12.5},
        {"1,234.5", LODE_MARK_VALUE, 1234.5},
        {"1.234,5", LODE_MARK_VALUE, 1234.5},
        {"1,234,567", LODE_MARK_VALUE, 1234567},
        {"-9999", LODE_MARK_VALUE, -9999},
        {"1e-3", LODE_MARK_VALUE, 0.001},
        {"<0.5", LODE_MARK_BELOW, 0.5},
        {"< 0,5", LODE_MARK_BELOW, 0.5},
        {"<=2", LODE_MARK_BELOW, 2},
        {"<-5", LODE_MARK_BELOW, 5},
        {">1000", LODE_MARK_ABOVE, 1000},
        {"BDL", LODE_MARK_BELOW, 0},
        {"n.d.", LODE_MARK_BELOW, 0},
        {"<LD", LODE_MARK_BELOW, 0},
        {"", LODE_MARK_MISSING, NAN},
        {"N/A", LODE_MARK_MISSING, NAN},
        {"nan", LODE_MARK_MISSING, NAN},
        {"-", LODE_MARK_MISSING, NAN},
        {"granite", LODE_MARK_TEXT, NAN},
        {"12 ppm", LODE_MARK_TEXT, NAN},
        {"0x10", LODE_MARK_TEXT, NAN},
        {"1.2.3", LODE_MARK_TEXT, NAN},
        {"<", LODE_MARK_TEXT, NAN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lode_cell got = lode_cell_parse(cases[i].text);
        if (got.mark != cases[i].mark)
            fail_msg("'%s': mark %d, expected %d", cases[i].text, got.mark, cases[i].mark);
        if (isfinite(cases[i].value))
            assert_float_equal(got.value, cases[i].value, 1e-12);
    }
    assert_true(lode_is_missing_code(-9999));
    assert_false(lode_is_missing_code(-0.5));
}

/* A sample of 2,000 quantiles of ln x ~ N(1, 0.8), cut at a limit that 30 % lie below. */
static void censored_lognormal_is_recovered(void **state) {
    (void)state;
    enum { N = 2000 };
    static double values[N];
    static unsigned char marks[N];
    double limit = exp(1 + 0.8 * -0.5244005127);
    size_t below = 0;
    for (int i = 0; i < N; i++) {
        double p = (i + 0.5) / N, low = -10, high = 10;
        for (int k = 0; k < 60; k++) {
            double middle = 0.5 * (low + high);
            if (0.5 * erfc(-middle / sqrt(2)) < p)
                low = middle;
            else
                high = middle;
        }
        double x = exp(1 + 0.8 * low);
        marks[i] = x < limit ? LODE_MARK_BELOW : LODE_MARK_VALUE;
        values[i] = x < limit ? limit : x;
        below += x < limit;
    }
    assert_int_equal(below, 600);
    lode_lognormal fit = lode_lognormal_fit(values, marks, N);
    assert_float_equal(fit.mean, 1, 0.005);
    assert_float_equal(fit.sd, 0.8, 0.005);
    /* E[z | z < t] = -density(t) / cumulative(t) = -0.34769 / 0.3 at t = -0.5244 */
    assert_float_equal(lode_lognormal_below((lode_lognormal){1, 0.8}, limit),
                       exp(1 - 0.8 * 0.347692614 / 0.3), 1e-6);
}

/* One limit, worked by hand: 2 of 5 below 1, plotting positions 1 - 3/5 = 0.4 split in thirds for
 * the two below, and 0.4 + 0.6 r/4 for the measured ones. */
static void order_statistics_by_hand(void **state) {
    (void)state;
    double values[] = {1, 4, 1, 2, 8};
    const unsigned char marks[] = {LODE_MARK_BELOW, LODE_MARK_VALUE, LODE_MARK_BELOW,
                                   LODE_MARK_VALUE, LODE_MARK_VALUE};
    /* Normal quantiles of 0.55, 0.70, 0.85 and of 0.13333, 0.26667. */
    const double q[] = {0.125661347, 0.524400513, 1.036433389}, z[] = {log(2), log(4), log(8)};
    double mean_q = (q[0] + q[1] + q[2]) / 3, mean_z = log(4), top = 0, under = 0;
    for (int i = 0; i < 3; i++) {
        top += (q[i] - mean_q) * (z[i] - mean_z);
        under += (q[i] - mean_q) * (q[i] - mean_q);
    }
    double slope = top / under, middle = (-1.110771617 - 0.622925723) / 2;
    assert_lode_ok(lode_ros(values, marks, 5));
    assert_float_equal(values[0], exp(mean_z + slope * (middle - mean_q)), 1e-6);
    assert_float_equal(values[2], values[0], 0);
    assert_float_equal(values[1], 4, 0);
}

static void imputed_values_stay_below_their_limit(void **state) {
    (void)state;
    double values[] = {0.1, 0.5, 0.2, 1, 3, 0.4, 9, 0.7};
    const unsigned char marks[] = {LODE_MARK_BELOW, LODE_MARK_BELOW, LODE_MARK_VALUE,
                                   LODE_MARK_VALUE, LODE_MARK_VALUE, LODE_MARK_VALUE,
                                   LODE_MARK_VALUE, LODE_MARK_VALUE};
    assert_lode_ok(lode_ros(values, marks, 8));
    assert_true(values[0] > 0 && values[0] <= 0.1);
    assert_true(values[1] > values[0] && values[1] <= 0.5);
}

static void substitutions(void **state) {
    (void)state;
    static const struct {
        lode_censoring how;
        double expected;
    } cases[] = {{LODE_CENSORED_HALF, 0.2}, {LODE_CENSORED_SQRT2, 0.4 / 1.41421356237}};
    for (int i = 0; i < 2; i++) {
        double values[] = {0.4, 0, 2, 5, 90};
        unsigned char marks[] = {LODE_MARK_BELOW, LODE_MARK_BELOW, LODE_MARK_VALUE, LODE_MARK_VALUE,
                                 LODE_MARK_ABOVE};
        lode_analyte analyte = {.used = true,
                                .is_element = true,
                                .values = values,
                                .marks = marks,
                                .valid = 2,
                                .lowest = 2,
                                .limit_low = 0.4};
        lode_samples samples = {.n = 5, .analytes = &analyte, .count = 1};
        assert_lode_ok(lode_censor_replace(&samples, cases[i].how));
        assert_float_equal(values[0], cases[i].expected, 1e-9);
        /* A limit that is not known is the smallest measured value. */
        assert_float_equal(values[1], cases[i].expected * 5, 1e-9);
        assert_float_equal(values[2], 2, 0);
        assert_float_equal(values[4], 90, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_of_tables),
        cmocka_unit_test(censored_lognormal_is_recovered),
        cmocka_unit_test(order_statistics_by_hand),
        cmocka_unit_test(imputed_values_stay_below_their_limit),
        cmocka_unit_test(substitutions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

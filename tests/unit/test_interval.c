/* Bootstrap intervals cover the truth as often as they claim. */
#include "test.h"

#include <math.h>
#include <string.h>

#include "util/random.h"
#include "validate/interval.h"
#include "validate/metrics.h"

enum { DEPOSITS = 30, PLACES = 230, SURVEYS = 200 };

typedef struct survey {
    double score[PLACES], other[PLACES];
    unsigned char deposit[PLACES];
    int stratum[PLACES];
    lode_ranking ranking, other_ranking;
} survey;

/* Scores of deposits are normal around `shift`, of background around 0: the true AUC is
 * Phi(shift / sqrt 2). The other score shares half of the noise. */
static void simulate(survey *s, double shift, uint64_t seed) {
    lode_random random = lode_random_stream(seed, 5);
    for (int i = 0; i < PLACES; i++) {
        s->stratum[i] = s->deposit[i] = i < DEPOSITS;
        double shared = lode_random_normal(&random), mean = s->deposit[i] ? shift : 0;
        s->score[i] = mean + shared;
        s->other[i] = mean + 0.8 * shared + 0.6 * lode_random_normal(&random);
    }
    assert_lode_ok(lode_ranking_create(s->score, s->deposit, PLACES, &s->ranking));
    assert_lode_ok(lode_ranking_create(s->other, s->deposit, PLACES, &s->other_ranking));
}

static void statistics(void *context, const double *weight, int worker, double *values) {
    (void)worker;
    const survey *s = context;
    values[0] = lode_auc(&s->ranking, weight);
    values[1] = values[0] - lode_auc(&s->other_ranking, weight);
}

static void run(survey *s, int threads, lode_interval intervals[2]) {
    lode_bootstrap plan = {.statistic = statistics,
                           .context = s,
                           .count = 2,
                           .units = PLACES,
                           .stratum = s->stratum,
                           .resamples = 400,
                           .confidence = 0.9,
                           .seed = 9,
                           .threads = threads};
    assert_lode_ok(lode_bootstrap_run(&plan, NULL, intervals));
}

static void coverage(double shift) {
    double truth = lode_normal_below(shift / sqrt(2.0));
    int covered = 0, difference_covered = 0, delong_covered = 0;
    static survey s;
    for (int i = 0; i < SURVEYS; i++) {
        lode_interval intervals[2];
        lode_auc_test test;
        simulate(&s, shift, (uint64_t)i);
        run(&s, 2, intervals);
        assert_lode_ok(lode_delong(s.score, s.other, s.deposit, PLACES, 0.9, &test));
        covered += intervals[0].low <= truth && truth <= intervals[0].high;
        difference_covered += intervals[1].low <= 0 && 0 <= intervals[1].high;
        delong_covered += test.first.low <= truth && truth <= test.first.high;
        lode_ranking_free(&s.ranking);
        lode_ranking_free(&s.other_ranking);
    }
    print_message("true AUC %.3f: bootstrap %d, difference %d, DeLong %d of %d\n", truth, covered,
                  difference_covered, delong_covered, SURVEYS);
    assert_in_range(covered, SURVEYS * 85 / 100, SURVEYS * 95 / 100);
    assert_in_range(difference_covered, SURVEYS * 85 / 100, SURVEYS * 95 / 100);
    assert_in_range(delong_covered, SURVEYS * 85 / 100, SURVEYS * 95 / 100);
}

static void intervals_cover_a_known_auc(void **state) {
    (void)state;
    coverage(1.2);
}

static void intervals_cover_chance_without_signal(void **state) {
    (void)state;
    coverage(0);
}

static void threads_do_not_change_the_interval(void **state) {
    (void)state;
    static survey s;
    lode_interval one[2], three[2];
    simulate(&s, 1, 77);
    run(&s, 1, one);
    run(&s, 3, three);
    assert_memory_equal(one, three, sizeof one);
    assert_true(one[0].low < one[0].value && one[0].value < one[0].high);
    lode_ranking_free(&s.ranking);
    lode_ranking_free(&s.other_ranking);
}

static void binomial_intervals_are_exact(void **state) {
    (void)state;
    /* No success in 10: the upper end solves (1 - p)^10 = 0.05. */
    lode_interval none = lode_binomial_interval(0, 10, 0.9);
    assert_float_equal(none.low, 0, 0);
    assert_float_equal(none.high, 1 - pow(0.05, 0.1), 1e-12);
}

/* Any repetition in the drawing lowers this one, as it lowers a correlation of ranks. */
static void minus_squares(void *context, const double *weight, int worker, double *values) {
    (void)worker;
    values[0] = 0;
    for (size_t i = 0; i < *(const size_t *)context; i++)
        values[0] -= weight[i] * weight[i];
}

static void interval_holds_its_value(void **state) {
    (void)state;
    size_t units = 12;
    lode_interval interval;
    lode_bootstrap plan = {.statistic = minus_squares,
                           .context = &units,
                           .count = 1,
                           .units = units,
                           .resamples = 1000,
                           .confidence = 0.9,
                           .seed = 1};
    assert_lode_ok(lode_bootstrap_run(&plan, NULL, &interval));
    assert_float_equal(interval.value, -12, 0);
    assert_true(interval.low < interval.value - 2 && interval.high == interval.value);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_cover_a_known_auc),
        cmocka_unit_test(intervals_cover_chance_without_signal),
        cmocka_unit_test(threads_do_not_change_the_interval),
        cmocka_unit_test(interval_holds_its_value),
        cmocka_unit_test(binomial_intervals_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

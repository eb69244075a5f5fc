#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "nn/team.h"
#include "test.h"

enum { MOST = 200000 }; /* more than a ticket counts */

static atomic_int touched[MOST];

static void touch(void *context, size_t item, int worker) {
    (void)context;
    (void)worker;
    atomic_fetch_add(&touched[item], 1);
}

static void expect_touched(int count, int times) {
    for (int i = 0; i < count; i++)
        assert_int_equal(atomic_load(&touched[i]), times);
    memset(touched, 0, sizeof touched);
}

static void every_item_once(void **state) {
    static const int items[] = {0, 1, 7, 1000, 65535, 65536, MOST};
    (void)state;
    for (int threads = 1; threads <= 8; threads++) {
        lode_team *team;
        assert_lode_ok(lode_team_create(threads, &team));
        for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
            lode_team_run(team, (size_t)items[i], touch, NULL);
            expect_touched(items[i], 1);
        }
        lode_team_free(team);
    }
}

static void loops_follow_one_another(void **state) {
    lode_team *team;
    (void)state;
    assert_lode_ok(lode_team_create(4, &team));
    int loops = test_size(70000, 1000); /* rounds are counted to 65536 */
    for (int i = 0; i < loops; i++)
        lode_team_run(team, 3, touch, NULL);
    expect_touched(3, loops);
    lode_team_free(team);
}

static void share_units(void *context, size_t item, int worker) {
    (void)item;
    lode_team_share(context, worker, 1000, touch, NULL);
}

static void every_shared_unit_once(void **state) {
    (void)state;
    for (int threads = 1; threads <= 8; threads++) {
        lode_team *team;
        assert_lode_ok(lode_team_create(threads, &team));
        for (int items = 1; items < 20; items += 6) {
            lode_team_run(team, (size_t)items, share_units, team);
            expect_touched(1000, items);
        }
        lode_team_free(team);
    }
}

static void without_a_team_the_caller_does_all(void **state) {
    (void)state;
    lode_team_run(NULL, 5, touch, NULL);
    lode_team_share(NULL, 0, 10, touch, NULL);
    for (int i = 0; i < 10; i++)
        assert_int_equal(atomic_load(&touched[i]), i < 5 ? 2 : 1);
    memset(touched, 0, sizeof touched);
}

static atomic_int units_of[2];

static void slow_unit(void *context, size_t unit, int worker) {
    struct timespec nap = {0, 1000000};
    (void)context;
    (void)unit;
    nanosleep(&nap, NULL);
    atomic_fetch_add(&units_of[worker], 1);
}

/* The second item is long, the first is done at once: its thread is free to help. */
static void one_long_item(void *context, size_t item, int worker) {
    if (item == 1)
        lode_team_share(context, worker, 50, slow_unit, NULL);
}

static void idle_threads_help(void **state) {
    lode_team *team;
    bool helped = false;
    (void)state;
    assert_lode_ok(lode_team_create(2, &team));
    /* On a busy machine a thread can sleep through a loop. */
    for (int attempt = 0; attempt < 50 && !helped; attempt++) {
        memset(units_of, 0, sizeof units_of);
        lode_team_run(team, 2, one_long_item, team);
        assert_int_equal(atomic_load(&units_of[0]) + atomic_load(&units_of[1]), 50);
        helped = atomic_load(&units_of[0]) > 0 && atomic_load(&units_of[1]) > 0;
    }
    assert_true(helped);
    lode_team_free(team);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_once),
        cmocka_unit_test(loops_follow_one_another),
        cmocka_unit_test(every_shared_unit_once),
        cmocka_unit_test(without_a_team_the_caller_does_all),
        cmocka_unit_test(idle_threads_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "test.h"
#include "util/error.h"
#include "util/parallel.h"

static atomic_int touched[1000];

static lode_status touch(void *context, size_t item, int worker) {
    (void)context;
    (void)worker;
    atomic_fetch_add(&touched[item], 1);
    return LODE_OK;
}

static void every_item_once(void **state) {
    (void)state;
    for (int threads = 1; threads <= 8; threads++) {
        memset(touched, 0, sizeof touched);
        assert_lode_ok(lode_parallel_for(1000, threads, touch, NULL, NULL, NULL));
        for (int i = 0; i < 1000; i++)
            assert_int_equal(touched[i], 1);
    }
}

static lode_status fail_at_500(void *context, size_t item, int worker) {
    (void)context;
    (void)worker;
    return item == 500 ? lode_fail(LODE_ERROR_DATA, "item 500 is bad") : LODE_OK;
}

static void failure_of_a_worker_reaches_the_caller(void **state) {
    (void)state;
    assert_lode_fails(lode_parallel_for(1000, 4, fail_at_500, NULL, NULL, NULL), LODE_ERROR_DATA,
                      "item 500 is bad");
}

static lode_status sleep_a_little(void *context, size_t item, int worker) {
    (void)context;
    (void)item;
    (void)worker;
    struct timespec nap = {0, 20000000};
    nanosleep(&nap, NULL);
    return LODE_OK;
}

static int refuse(double complete, const char *message, void *user) {
    (void)message;
    (void)user;
    return complete <= 0;
}

static void cancel_stops_within_a_second(void **state) {
    (void)state;
    struct timespec before, after;
    lode_progress progress = {refuse, NULL, 0, 1};
    clock_gettime(CLOCK_MONOTONIC, &before);
    assert_lode_fails(lode_parallel_for(10000, 2, sleep_a_little, NULL, &progress, NULL),
                      LODE_ERROR_CANCELLED, "Cancelled");
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true(after.tv_sec - before.tv_sec <= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_once),
        cmocka_unit_test(failure_of_a_worker_reaches_the_caller),
        cmocka_unit_test(cancel_stops_within_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

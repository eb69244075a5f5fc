/* Tasks run with the n-th allocation (and all later ones) failing: each time they end with
 * "out of memory", leave no file, and leak nothing (the sanitizer run watches that). Every n up to
 * 60 is tried, then every 4 %; LODE_EVERY_ALLOCATION=1 tries all. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_vsi.h>
#include <gdal.h>

#include "test.h"
#include "util/file.h"
#include "util/memory.h"

static void expect_ok(const char *task, const char *const *options) {
    if (lode_task_run(task, options, NULL, NULL, NULL) != LODE_OK)
        fail_msg("%s: %s", task, lode_error_message());
}

static int make_inputs(void **state) {
    (void)state;
    static const char *const simulate[] = {"out=/vsimem/memory/survey",
                                           "size=40",
                                           "samples=60",
                                           "known=8",
                                           "hidden=4",
                                           "threads=1",
                                           NULL};
    static const char *const pretrain[] = {"stack=/vsimem/memory/survey/stack.tif",
                                           "out=/vsimem/memory/encoder.lode",
                                           "bands=Au,As,Bi",
                                           "window=5",
                                           "width=16",
                                           "dims=16",
                                           "depth=1",
                                           "steps=2",
                                           "tiles=1",
                                           "anchors=8",
                                           "threads=1",
                                           NULL};
    static const char *const fit[] = {"model=/vsimem/memory/encoder.lode",
                                      "stack=/vsimem/memory/survey/stack.tif",
                                      "deposits=/vsimem/memory/survey/deposits.gpkg",
                                      "out=/vsimem/memory/model.lode",
                                      "members=2",
                                      "background=20",
                                      "threads=1",
                                      NULL};
    VSIMkdir("/vsimem/memory", 0777);
    expect_ok("simulate", simulate);
    expect_ok("pretrain", pretrain);
    expect_ok("fit", fit);
    return 0;
}

/* Reads a file into *bytes (freeing what was there) and deletes it. */
static int take(const char *path, char **bytes, size_t *size) {
    lode_free(*bytes);
    assert_lode_ok(lode_file_read(path, 1 << 26, bytes, size));
    VSIUnlink(path);
    return 1;
}

/* Runs the task with ever later failures until it succeeds. */
static void fail_everywhere(const char *task, const char *const *options, const char *out) {
    bool every = getenv("LODE_EVERY_ALLOCATION") != NULL;
    int dense = test_size(60, 12), stride = test_size(25, 3);
    long failures = 0, left = 0;
    char *early = NULL;
    size_t early_size = 0;
    for (long n = 1;; n += every || n < dense ? 1 : n / stride) {
        char *result = NULL;
        lode_alloc_fail_at(n);
        lode_status status = lode_task_run(task, options, NULL, NULL, &result);
        lode_alloc_fail_at(0);
        if (status == LODE_OK) {
            lode_free(result);
            break;
        }
        failures++;
        if (status != LODE_ERROR_MEMORY)
            fail_msg("%s, allocation %ld: status %d, %s", task, n, status, lode_error_message());
        assert_true(lode_error_message()[0]);
        if (out && lode_file_exists(out))
            left += take(out, &early, &early_size);
    }
    assert_true(failures > 5);
    assert_true(left <= 5);
    if (out) {
        char *bytes = NULL;
        size_t size = 0;
        assert_int_equal(take(out, &bytes, &size), 1);
        if (early) {
            assert_int_equal(size, early_size);
            assert_memory_equal(bytes, early, size);
        }
        lode_free(bytes);
    }
    lode_free(early);
}

static void simulate(void **state) {
    (void)state;
    static const char *const options[] = {"out=/vsimem/memory/again",
                                          "size=40",
                                          "samples=60",
                                          "known=8",
                                          "hidden=4",
                                          "threads=1",
                                          NULL};
    fail_everywhere("simulate", options, "/vsimem/memory/again/stack.tif");
}

static void evaluate(void **state) {
    (void)state;
    static const char *const options[] = {"stack=/vsimem/memory/survey/stack.tif",
                                          "deposits=/vsimem/memory/survey/truth.gpkg", "threads=1",
                                          NULL};
    fail_everywhere("evaluate", options, NULL);
}

static void pretrain(void **state) {
    (void)state;
    static const char *const options[] = {"stack=/vsimem/memory/survey/stack.tif",
                                          "out=/vsimem/memory/e.lode",
                                          "bands=Au,As,Bi",
                                          "window=5",
                                          "width=16",
                                          "dims=16",
                                          "depth=1",
                                          "steps=1",
                                          "tiles=1",
                                          "anchors=8",
                                          "threads=1",
                                          NULL};
    fail_everywhere("pretrain", options, "/vsimem/memory/e.lode");
}

static void fit(void **state) {
    (void)state;
    static const char *const options[] = {"model=/vsimem/memory/encoder.lode",
                                          "stack=/vsimem/memory/survey/stack.tif",
                                          "deposits=/vsimem/memory/survey/deposits.gpkg",
                                          "out=/vsimem/memory/m.lode",
                                          "members=2",
                                          "background=20",
                                          "threads=1",
                                          NULL};
    fail_everywhere("fit", options, "/vsimem/memory/m.lode");
}

static void predict(void **state) {
    (void)state;
    static const char *const options[] = {"model=/vsimem/memory/model.lode",
                                          "stack=/vsimem/memory/survey/stack.tif",
                                          "out=/vsimem/memory/p.tif", "threads=1", NULL};
    fail_everywhere("predict", options, "/vsimem/memory/p.tif");
}

static void info(void **state) {
    (void)state;
    static const char *const options[] = {"file=/vsimem/memory/model.lode", NULL};
    fail_everywhere("info", options, NULL);
}

int main(void) {
    GDALAllRegister();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simulate), cmocka_unit_test(evaluate), cmocka_unit_test(pretrain),
        cmocka_unit_test(fit),      cmocka_unit_test(predict),  cmocka_unit_test(info),
    };
    return cmocka_run_group_tests(tests, make_inputs, NULL);
}

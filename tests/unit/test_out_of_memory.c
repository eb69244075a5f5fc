/* Tasks run with the n-th allocation (and all later ones) failing: each time they end with
 * "out of memory", leave no file, and leak nothing (the sanitizer run watches that). Every n up to
 * 60 is tried, then ever larger steps; LODE_EVERY_ALLOCATION=1 tries all. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <gdal.h>

#include "task/task.h"
#include "test.h"
#include "util/file.h"
#include "util/memory.h"

#define FOLDER "/vsimem/memory/"
#define SURVEY FOLDER "survey/"

/* A task as it is run here; all with one thread, so that allocations come in one order. */
typedef struct example {
    const char *task;
    const char *out;         /* file that only a whole run leaves; NULL when there is none */
    int share;               /* n grows by n / share */
    const char *options[20]; /* "NAME=VALUE"; ends with NULL */
} example;

#define SIMULATE "size=40", "samples=60", "known=8", "hidden=4"
#define STACK "stack=" SURVEY "stack.tif"
#define DEPOSITS "deposits=" SURVEY "deposits.gpkg"
#define TINY "window=5", "width=16", "dims=16", "depth=1", "tiles=1", "anchors=8"

/* What the examples read, in the order it is made. */
static const example inputs[] = {
    {"simulate", NULL, 10, {"out=/vsimem/memory/survey", SIMULATE}},
    {"pretrain",
     NULL,
     10,
     {STACK, "out=" FOLDER "encoder.lode", "bands=Au,As,Bi", TINY, "steps=2"}},
    {"fit",
     NULL,
     10,
     {"model=" FOLDER "encoder.lode", STACK, DEPOSITS, "out=" FOLDER "model.lode", "members=2",
      "background=20"}},
    {"predict",
     NULL,
     10,
     {"model=" FOLDER "model.lode", STACK, "out=" FOLDER "score.tif", "bands=score"}},
};

static const example examples[] = {
    {"simulate", FOLDER "again/stack.tif", 10, {"out=" FOLDER "again", SIMULATE}},
    {"evaluate", NULL, 10, {STACK, "deposits=" SURVEY "truth.gpkg"}},
    {"pretrain",
     FOLDER "e.lode",
     10,
     {STACK, "out=" FOLDER "e.lode", "bands=Au,As,Bi", TINY, "steps=1"}},
    {"fit",
     FOLDER "m.lode",
     10,
     {"model=" FOLDER "encoder.lode", STACK, DEPOSITS, "out=" FOLDER "m.lode", "members=2",
      "background=20"}},
    {"predict", FOLDER "p.tif", 10, {"model=" FOLDER "model.lode", STACK, "out=" FOLDER "p.tif"}},
    {"info", NULL, 10, {"file=" FOLDER "model.lode"}},
    {"grid",
     FOLDER "g.tif",
     10,
     {"samples=" SURVEY "samples.gpkg", "output=" FOLDER "g.tif", "elements=Au,As,Cu",
      "cell=1000"}},
    {"stack",
     FOLDER "s.tif",
     10,
     {"rasters=" FOLDER "score.tif", "output=" FOLDER "s.tif", "cell=1000",
      "vector=" SURVEY "deposits.gpkg"}},
    {"transform", FOLDER "t.tif", 10, {"input=" SURVEY "stack.tif", "output=" FOLDER "t.tif"}},
    {"transform",
     FOLDER "t.csv",
     10,
     {"input=" SURVEY "samples.csv", "output=" FOLDER "t.csv", "bands=Au_ppb,As_ppm",
      "transform=zscore"}},
    {"train",
     FOLDER "n.lode",
     4,
     {STACK, DEPOSITS, "out=" FOLDER "n.lode", "bands=Au,As,Bi", "encoder=dense", "window=5",
      "steps=2", "batch=4", "background=20", "checkpoint=" FOLDER "n.state"}},
    {"explain",
     FOLDER "x.tif",
     10,
     {"model=" FOLDER "model.lode", STACK, "out=" FOLDER "x.tif", "steps=2"}},
    {"targets",
     FOLDER "targets.gpkg",
     10,
     {"score=" FOLDER "score.tif", "out=" FOLDER "targets.gpkg", "attribution=" SURVEY "stack.tif",
      DEPOSITS}},
    {"vrt",
     FOLDER "v.lodeview",
     10,
     {"model=" FOLDER "model.lode", STACK, "out=" FOLDER "v.lodeview"}},
    {"export", FOLDER "m.onnx", 10, {"model=" FOLDER "model.lode", "out=" FOLDER "m.onnx"}},
    {"validate",
     FOLDER "v.html",
     2,
     {STACK, DEPOSITS, "report=" FOLDER "v.html", "methods=element", "folds=2", "repeats=1",
      "background=50", "resamples=100"}},
    {"map",
     FOLDER "map/report.json",
     2,
     {STACK, DEPOSITS, "out=" FOLDER "map", "methods=logistic", "folds=2", "repeats=1", "steps=1",
      "members=2", "background=20", TINY}},
};
enum { EXAMPLES = sizeof examples / sizeof examples[0] };

static lode_status run(const example *what, char **result) {
    const char *options[22] = {"threads=1"};
    for (int i = 0; what->options[i]; i++)
        options[i + 1] = what->options[i];
    bool threads = false;
    for (const lode_param *param = lode_task_find(what->task)->params; param->name; param++)
        threads = threads || strcmp(param->name, "threads") == 0;
    return lode_task_run(what->task, threads ? options : options + 1, NULL, NULL, result);
}

static int make_inputs(void **state) {
    (void)state;
    VSIMkdir("/vsimem/memory", 0777);
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        if (run(&inputs[i], NULL) != LODE_OK)
            fail_msg("%s: %s", inputs[i].task, lode_error_message());
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
static void fail_everywhere(void **state) {
    const example *what = *state;
    if (!lode_task_find(what->task))
        skip(); /* export needs libraries that this build did not find */
    bool every = getenv("LODE_EVERY_ALLOCATION") != NULL;
    int dense = test_size(60, 12), stride = test_size(what->share, 2);
    long failures = 0, left = 0;
    char *early = NULL;
    size_t early_size = 0;
    for (long n = 1;; n += every || n < dense ? 1 : n / stride) {
        char *result = NULL;
        lode_alloc_fail_at(n);
        lode_status status = run(what, &result);
        lode_alloc_fail_at(0);
        if (status == LODE_OK) {
            lode_free(result);
            break;
        }
        failures++;
        if (status != LODE_ERROR_MEMORY)
            fail_msg("%s, allocation %ld: status %d, %s", what->task, n, status,
                     lode_error_message());
        assert_true(lode_error_message()[0]);
        if (what->out && lode_file_exists(what->out))
            left += take(what->out, &early, &early_size);
    }
    assert_true(failures > 5);
    assert_true(left <= 5); /* failures behind the last file that is written */
    if (what->out) {
        char *bytes = NULL;
        size_t size = 0;
        assert_int_equal(take(what->out, &bytes, &size), 1);
        if (early) {
            assert_int_equal(size, early_size);
            assert_memory_equal(bytes, early, size);
        }
        lode_free(bytes);
    }
    lode_free(early);
}

int main(void) {
    GDALAllRegister();
    CPLSetConfigOption("OGR_CURRENT_DATE", "2000-01-01T00:00:00.000Z"); /* in GeoPackages */
    struct CMUnitTest tests[EXAMPLES];
    for (int i = 0; i < EXAMPLES; i++)
        tests[i] = (struct CMUnitTest){examples[i].task, fail_everywhere, NULL, NULL,
                                       (void *)(uintptr_t)&examples[i]};
    return cmocka_run_group_tests(tests, make_inputs, NULL);
}

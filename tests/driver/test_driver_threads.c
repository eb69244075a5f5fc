/* The LODE driver in a program with threads: the same bytes as one thread reads, whether 16 threads
 * share one dataset or have one each, and in children forked after a dataset was opened. The build
 * with ThreadSanitizer (tests/tsan.sh) runs this program too. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <gdal_utils.h>

#include "test.h"

enum { SIDE = 60, BANDS = 3, THREADS = 16, WINDOWS = 4, WINDOW = 25 };

static char folder[] = "/tmp/lode-threads-XXXXXX";
static char view[sizeof folder + 32];
static float expected[BANDS][SIDE][SIDE];

/* ---- Inputs ---------------------------------------------------------------------------------- */

static void run(const char *task, const char *const *words) {
    char **options = NULL;
    for (int i = 0; words[i]; i++)
        options = CSLAddString(options, CPLSPrintf(words[i], folder));
    lode_status status = lode_task_run(task, (const char *const *)options, NULL, NULL, NULL);
    CSLDestroy(options);
    if (status != LODE_OK)
        fail_msg("%s: %s", task, lode_error_message());
}

/* Three bands of the survey, in small tiles: quick to read again and again. */
static void choose_bands(void) {
    char *words[] = {"-b",  "1",
                     "-b",  "2",
                     "-b",  "3",
                     "-co", "TILED=YES",
                     "-co", "BLOCKXSIZE=16",
                     "-co", "BLOCKYSIZE=16",
                     NULL};
    GDALTranslateOptions *options = GDALTranslateOptionsNew(words, NULL);
    char from[sizeof folder + 32], to[sizeof folder + 32];
    snprintf(from, sizeof from, "%s/survey/stack.tif", folder);
    snprintf(to, sizeof to, "%s/stack.tif", folder);
    GDALDatasetH survey = GDALOpen(from, GA_ReadOnly);
    GDALDatasetH stack = GDALTranslate(to, survey, options, NULL);
    assert_non_null(stack);
    GDALClose(stack);
    GDALClose(survey);
    GDALTranslateOptionsFree(options);
}

static GDALDatasetH open_view(const char *threads) {
    char option[32];
    snprintf(option, sizeof option, "NUM_THREADS=%s", threads);
    const char *const options[] = {option, "BLOCK_SIZE=16", NULL};
    GDALDatasetH dataset =
        GDALOpenEx(view, GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, NULL, options, NULL);
    assert_non_null(dataset);
    return dataset;
}

static int make_view(void **state) {
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(view, sizeof view, "%s/view.lodeview", folder);
    run("simulate",
        (const char *const[]){"out=%s/survey", "size=60", "samples=100", "known=8", NULL});
    choose_bands();
    run("pretrain",
        (const char *const[]){"stack=%s/stack.tif", "out=%s/encoder.lode", "window=5", "width=16",
                              "dims=16", "depth=1", "steps=2", "tiles=1", "anchors=8", NULL});
    run("fit", (const char *const[]){"model=%s/encoder.lode", "stack=%s/stack.tif",
                                     "deposits=%s/survey/deposits.gpkg", "out=%s/model.lode",
                                     "members=2", "background=20", NULL});
    run("vrt", (const char *const[]){"model=%s/model.lode", "stack=%s/stack.tif",
                                     "out=%s/view.lodeview", NULL});
    GDALDatasetH dataset = open_view("1");
    assert_int_equal(GDALDatasetRasterIO(dataset, GF_Read, 0, 0, SIDE, SIDE, expected, SIDE, SIDE,
                                         GDT_Float32, BANDS, NULL, 0, 0, 0),
                     CE_None);
    GDALClose(dataset);
    return 0;
}

static int remove_view(void **state) {
    (void)state;
    return VSIRmdirRecursive(folder);
}

/* ---- Reading --------------------------------------------------------------------------------- */

typedef struct reader {
    pthread_t thread;
    GDALDatasetH dataset; /* NULL: opens one of its own */
    unsigned seed;
    int wrong;
} reader;

/* A random window of all bands, or of one: cells that differ from what one thread read. */
static int read_window(GDALDatasetH dataset, unsigned *seed) {
    float got[BANDS][WINDOW][WINDOW];
    int x = rand_r(seed) % (SIDE - WINDOW), y = rand_r(seed) % (SIDE - WINDOW);
    int band = rand_r(seed) % (BANDS + 1);
    CPLErr error = band ? GDALRasterIO(GDALGetRasterBand(dataset, band), GF_Read, x, y, WINDOW,
                                       WINDOW, got[band - 1], WINDOW, WINDOW, GDT_Float32, 0, 0)
                        : GDALDatasetRasterIO(dataset, GF_Read, x, y, WINDOW, WINDOW, got, WINDOW,
                                              WINDOW, GDT_Float32, BANDS, NULL, 0, 0, 0);
    int wrong = error != CE_None;
    for (int b = 0; b < BANDS; b++)
        for (int row = 0; row < WINDOW && (!band || b == band - 1); row++)
            wrong += memcmp(got[b][row], &expected[b][y + row][x], sizeof got[b][row]) != 0;
    return wrong;
}

static void *read_windows(void *data) {
    reader *self = data;
    GDALDatasetH dataset = self->dataset ? self->dataset : open_view("2");
    for (int i = 0; i < WINDOWS; i++)
        self->wrong += read_window(dataset, &self->seed);
    if (!self->dataset)
        GDALClose(dataset);
    return NULL;
}

static void read_by_threads(GDALDatasetH dataset) {
    reader readers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        readers[i] = (reader){.dataset = dataset, .seed = (unsigned)i + 1};
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_windows, &readers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(readers[i].thread, NULL);
        assert_int_equal(readers[i].wrong, 0);
    }
}

static void one_dataset(void **state) {
    (void)state;
    GDALDatasetH dataset = open_view("2");
    read_by_threads(dataset);
    GDALClose(dataset);
}

/* The stack alone fills the cache: threads throw out what others just read. */
static void one_dataset_with_a_small_cache(void **state) {
    (void)state;
    GIntBig before = GDALGetCacheMax64();
    GDALSetCacheMax64(60000);
    one_dataset(state);
    GDALSetCacheMax64(before);
}

static void a_dataset_each(void **state) {
    (void)state;
    read_by_threads(NULL);
}

/* ---- Forks ----------------------------------------------------------------------------------- */

enum { CHILDREN = 3, ROUNDS = 40 * WINDOWS };

typedef int (*read_fn)(GDALDatasetH dataset, unsigned *seed);

static int read_many(GDALDatasetH dataset, unsigned seed, read_fn read) {
    int wrong = 0;
    for (int i = 0; i < ROUNDS; i++)
        wrong += read(dataset, &seed) != 0;
    return wrong;
}

static void end_child(GDALDatasetH dataset, int wrong) {
    GDALClose(dataset);
    _exit(wrong ? 1 : 0);
}

static void expect_no_wrong(pid_t child) {
    int how = -1;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

/* Parent and children read at the same time, twice: the second time with children of a process that
 * has opened anew already. What was open at the fork has one place in the file for all of them: if
 * they used it, each would read where another has just been. The cache is so small that most cells
 * come from the file. */
static void fork_and_read(GDALDatasetH dataset, read_fn read) {
    GIntBig before = GDALGetCacheMax64();
    GDALSetCacheMax64(20000);
    unsigned seed = 1;
    assert_int_equal(read(dataset, &seed), 0);
    for (int generation = 0; generation < 2; generation++) {
        pid_t child[CHILDREN];
        for (int i = 0; i < CHILDREN; i++) {
            child[i] = fork();
            assert_true(child[i] >= 0);
            if (child[i] == 0)
                end_child(dataset, read_many(dataset, (unsigned)i + 2, read));
        }
        int wrong = read_many(dataset, 1, read);
        for (int i = 0; i < CHILDREN; i++)
            expect_no_wrong(child[i]);
        assert_int_equal(wrong, 0);
    }
    GDALClose(dataset);
    GDALSetCacheMax64(before);
}

static void fork_after_open(void **state) {
    (void)state;
    fork_and_read(open_view("2"), read_window);
}

/* The view's model over another stack. */
static GDALDatasetH open_over(const char *stack) {
    char option[sizeof folder + 64];
    snprintf(option, sizeof option, "STACK=%s/%s", folder, stack);
    const char *const options[] = {option, "NUM_THREADS=2", "BLOCK_SIZE=16", NULL};
    GDALDatasetH dataset =
        GDALOpenEx(view, GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, NULL, options, NULL);
    assert_non_null(dataset);
    return dataset;
}

static void make_vrt(bool warp, const char *from, const char *to) {
    char source[sizeof folder + 32], vrt[sizeof folder + 32];
    snprintf(source, sizeof source, "%s/%s", folder, from);
    snprintf(vrt, sizeof vrt, "%s/%s", folder, to);
    char *words[] = {"-of", "VRT", NULL};
    GDALDatasetH input = GDALOpen(source, GA_ReadOnly), output = NULL;
    if (warp) {
        GDALWarpAppOptions *options = GDALWarpAppOptionsNew(words, NULL);
        output = GDALWarp(vrt, NULL, 1, &input, options, NULL);
        GDALWarpAppOptionsFree(options);
    } else {
        GDALTranslateOptions *options = GDALTranslateOptionsNew(words, NULL);
        output = GDALTranslate(vrt, input, options, NULL);
        GDALTranslateOptionsFree(options);
    }
    assert_non_null(output);
    GDALClose(output);
    GDALClose(input);
}

static void fork_over_a_vrt(void **state) {
    (void)state;
    make_vrt(false, "stack.tif", "stack.vrt");
    fork_and_read(open_over("stack.vrt"), read_window);
}

static void fork_over_a_vrt_of_a_vrt(void **state) {
    (void)state;
    make_vrt(false, "stack.vrt", "nested.vrt");
    fork_and_read(open_over("nested.vrt"), read_window);
}

static void fork_over_a_warped_vrt(void **state) {
    (void)state;
    make_vrt(true, "stack.tif", "warped.vrt");
    fork_and_read(open_over("warped.vrt"), read_window);
}

enum { LEVELS = 2 };

static float expected_small[LEVELS][BANDS][SIDE / 2 * SIDE / 2];

static CPLErr read_small(GDALDatasetH dataset, int level, int band, float *small) {
    int side = SIDE >> (level + 1);
    return GDALRasterIO(GDALGetRasterBand(dataset, band + 1), GF_Read, 0, 0, SIDE, SIDE, small,
                        side, side, GDT_Float32, 0, 0);
}

/* One band at one of the overviews' sizes. */
static int read_overview(GDALDatasetH dataset, unsigned *seed) {
    float got[SIDE / 2 * SIDE / 2];
    int level = rand_r(seed) % LEVELS, band = rand_r(seed) % BANDS, side = SIDE >> (level + 1);
    CPLErr error = read_small(dataset, level, band, got);
    return error != CE_None || memcmp(got, expected_small[level][band],
                                      (size_t)side * (size_t)side * sizeof(float)) != 0;
}

static void fork_with_overviews(void **state) {
    (void)state;
    run("vrt", (const char *const[]){"model=%s/model.lode", "stack=%s/stack.tif",
                                     "out=%s/overviews.lodeview", NULL});
    char path[sizeof folder + 32];
    snprintf(path, sizeof path, "%s/overviews.lodeview", folder);
    GDALDatasetH dataset = GDALOpen(path, GA_ReadOnly);
    int factors[LEVELS] = {2, 4};
    assert_int_equal(GDALBuildOverviews(dataset, "NEAREST", LEVELS, factors, 0, NULL, NULL, NULL),
                     CE_None);
    GDALClose(dataset);
    dataset = GDALOpen(path, GA_ReadOnly);
    assert_int_equal(GDALGetOverviewCount(GDALGetRasterBand(dataset, 1)), LEVELS);
    for (int level = 0; level < LEVELS; level++)
        for (int band = 0; band < BANDS; band++)
            assert_int_equal(read_small(dataset, level, band, expected_small[level][band]),
                             CE_None);
    fork_and_read(dataset, read_overview);
}

int main(void) {
    setenv("GDAL_DRIVER_PATH", LODE_TEST_PLUGINS, 1);
    GDALAllRegister();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_dataset),
        cmocka_unit_test(one_dataset_with_a_small_cache),
        cmocka_unit_test(a_dataset_each),
        cmocka_unit_test(fork_after_open),
        cmocka_unit_test(fork_over_a_vrt),
        cmocka_unit_test(fork_over_a_vrt_of_a_vrt),
        cmocka_unit_test(fork_over_a_warped_vrt),
        cmocka_unit_test(fork_with_overviews),
    };
    return cmocka_run_group_tests(tests, make_view, remove_view);
}

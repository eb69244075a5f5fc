#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cpl_vsi.h>
#include <gdal.h>

#include "raster/writer.h"
#include "test.h"
#include "util/memory.h"
#include "util/parallel.h"

enum { BANDS = 3, BLOCK = 256, ACROSS = 5, DOWN = 4, EDGE = 40 };

/* The last column and the last row of tiles are cut off by the raster's end. */
static const lode_grid grid = {.width = (ACROSS - 1) * BLOCK + EDGE,
                               .height = (DOWN - 1) * BLOCK + EDGE,
                               .transform = {500000, 100, 0, 4000000, 0, -100}};
static const char *const names[] = {"a", "b", "c"};

/* Another value in every cell of every band. */
static float value_at(int band, int x, int y) {
    return (float)((band * grid.height + y) * grid.width + x);
}

/* What a thread keeps from tile to tile. */
typedef struct desk {
    void *planes;
    size_t size;
} desk;

typedef struct job {
    lode_writer *writer;
    desk desks[8];
} job;

static lode_status hand_over(void *context, size_t item, int worker) {
    job *work = context;
    desk *own = &work->desks[worker];
    int x, y, width, height;
    lode_grid_tile(&grid, BLOCK, item, &x, &y, &width, &height);
    if (!lode_room(&own->planes, &own->size, BANDS * (size_t)width * (size_t)height, sizeof(float)))
        return LODE_ERROR_MEMORY;
    float *to = own->planes;
    for (int band = 0; band < BANDS; band++)
        for (int row = 0; row < height; row++)
            for (int column = 0; column < width; column++)
                *to++ = value_at(band, x + column, y + row);
    return lode_writer_hand_over(work->writer, x, y, width, height, &own->planes, &own->size);
}

/* All tiles of a map, from so many threads. */
static lode_status write_map(const char *path, int threads, const char *compress) {
    lode_writer_options how = {.threads = threads, .compress = compress};
    job work = {0};
    assert_lode_ok(lode_writer_open_with(path, &grid, names, BANDS, &how, &work.writer));
    lode_status status = lode_parallel_for(lode_grid_tile_count(&grid, BLOCK), threads, hand_over,
                                           &work, NULL, "writing");
    for (int i = 0; i < 8; i++)
        lode_free(work.desks[i].planes);
    if (status == LODE_OK)
        return lode_writer_commit(work.writer);
    lode_writer_abandon(work.writer);
    return status;
}

static void check_map(const char *path) {
    GDALDatasetH dataset = GDALOpen(path, GA_ReadOnly);
    assert_non_null(dataset);
    float *row = malloc((size_t)grid.width * sizeof *row);
    for (int band = 0; band < BANDS; band++)
        for (int y = 0; y < grid.height; y++) {
            assert_int_equal(GDALRasterIO(GDALGetRasterBand(dataset, band + 1), GF_Read, 0, y,
                                          grid.width, 1, row, grid.width, 1, GDT_Float32, 0, 0),
                             CE_None);
            for (int x = 0; x < grid.width; x++)
                if (row[x] != value_at(band, x, y))
                    fail_msg("band %d, column %d, row %d: %g", band, x, y, (double)row[x]);
        }
    free(row);
    GDALClose(dataset);
}

static void tiles_of_many_threads_are_all_written(void **state) {
    (void)state;
    static const char *const compressions[] = {"zstd", "deflate", "none"};
    static const int threads[] = {1, 2, 3, 8};
    GDALAllRegister();
    for (int c = 0; c < 3; c++)
        for (int t = 0; t < 4; t++) {
            assert_lode_ok(write_map("/vsimem/map.tif", threads[t], compressions[c]));
            check_map("/vsimem/map.tif");
        }
    VSIUnlink("/vsimem/map.tif");
}

/* A process whose files may not grow: whichever thread writes a tile of another's fails for it,
 * none waits for ever, and nothing is left behind. */
static void a_full_disk_ends_all_threads(void **state) {
    (void)state;
    GDALAllRegister();
    char folder[] = "/tmp/lode_writer_XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/map.tif", folder);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {300 << 10, 300 << 10};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        alarm(60);
        _exit(write_map(path, 4, "none") == LODE_ERROR_IO ? 0 : 1);
    }
    int state_of_child;
    assert_int_equal(waitpid(child, &state_of_child, 0), child);
    assert_true(WIFEXITED(state_of_child) && WEXITSTATUS(state_of_child) == 0);
    assert_int_equal(rmdir(folder), 0); /* which is empty */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        /* It forks, which is for a process without threads: GDAL keeps those that compress. */
        cmocka_unit_test(a_full_disk_ends_all_threads),
        cmocka_unit_test(tiles_of_many_threads_are_all_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "raster/runs.h"

#include <gdal.h>

#include "raster/stack.h"

enum { RUNS_OF_THREAD = 4 };

static int64_t pieces(int64_t cells, int64_t side) {
    return (cells + side - 1) / side;
}

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Columns whose blocks must stay in the cache while each thread reads a run beside the last one's.
 * Rows of a VRT may be stored as wholes in its sources: it does not tell. */
static double columns_held(GDALRasterBandH band, int block_width, int tile_width, int threads) {
    double width = GDALGetRasterBandXSize(band);
    double some = (double)threads * tile_width + 2.0 * block_width; /* a block on either side */
    GDALDriverH driver = GDALGetDatasetDriver(GDALGetBandDataset(band));
    bool known = driver && !EQUAL(GDALGetDriverShortName(driver), "VRT");
    return known && block_width < width && some < width ? some : width;
}

/* Bytes of all blocks that should stay while runs of `rows` rows are read. */
static double bytes_held(const lode_stack *stack, const int *bands, int count, int tile_width,
                         int threads, double rows) {
    double bytes = 0;
    for (int i = 0; i < count; i++) {
        GDALRasterBandH band = lode_stack_band_handle(stack, bands[i]);
        int wide, high;
        GDALGetBlockSize(band, &wide, &high);
        /* The first and the last row may lie anywhere in their blocks. */
        double blocks = (double)(int64_t)((rows + 2 * ((double)high - 1)) / high);
        bytes += blocks * high * columns_held(band, wide, tile_width, threads) *
                 GDALGetDataTypeSizeBytes(GDALGetRasterDataType(band));
    }
    return bytes;
}

int lode_runs_tall(const lode_stack *stack, const int *bands, int count, const lode_tiling *tiling,
                   int half, int threads) {
    /* A tenth is left for what else the process reads. */
    double room = 0.9 * (double)GDALGetCacheMax64();
    int tall = 1;
    while (tall < LODE_RUNS_MOST_TALL && tall < tiling->down &&
           pieces(tiling->down, tall + 1) * tiling->across >= (int64_t)threads * RUNS_OF_THREAD &&
           bytes_held(stack, bands, count, tiling->width, threads,
                      (tall + 1.0) * tiling->height + 2.0 * half) <= room)
        tall++;
    return tall;
}

lode_runs lode_runs_plan(const lode_stack *stack, const int *bands, int count, lode_window window,
                         int side, int half, int threads) {
    lode_tiling tiling = {side, side, (int)pieces(window.width, side),
                          (int)pieces(window.height, side)};
    lode_runs runs = {.window = window, .side = side, .across = tiling.across};
    runs.tall = lode_runs_tall(stack, bands, count, &tiling, half, threads);
    int layers = (int)pieces(tiling.down, runs.tall), cut = least(threads, tiling.across);
    int lowest = tiling.down - (layers - 1) * runs.tall; /* tiles of the runs of the last layer */
    while (runs.part[runs.parts] < lowest) {
        int from = runs.part[runs.parts++];
        runs.part[runs.parts] = from + (lowest - from + 1) / 2;
    }
    runs.cut = (size_t)cut;
    runs.uncut = (size_t)layers * (size_t)runs.across - runs.cut;
    runs.count = runs.uncut + runs.cut * (size_t)runs.parts;
    return runs;
}

lode_window lode_runs_window(const lode_runs *runs, size_t run) {
    int from = 0, to = runs->tall; /* tiles of the whole run */
    size_t whole = run;
    if (run >= runs->uncut) {
        size_t part = (run - runs->uncut) / runs->cut;
        whole = runs->uncut + (run - runs->uncut) % runs->cut;
        from = runs->part[part];
        to = runs->part[part + 1];
    }
    int64_t x = (int64_t)(whole % (size_t)runs->across) * runs->side;
    int64_t y = ((int64_t)(whole / (size_t)runs->across) * runs->tall + from) * runs->side;
    int64_t high = (int64_t)(to - from) * runs->side;
    int64_t right = runs->window.width - x, below = runs->window.height - y;
    return (lode_window){.x = runs->window.x + (int)x,
                         .y = runs->window.y + (int)y,
                         .width = right < runs->side ? (int)right : runs->side,
                         .height = (int)(below < high ? below : high)};
}

#include "raster/strips.h"

#include <gdal.h>

#include "raster/stack.h"

/* Bytes that the blocks below one column of cells take while a row of tiles is read, and the widest
 * block. */
typedef struct demand {
    double bytes;
    int block_width;
    bool narrow; /* all blocks are narrower than the raster, as far as is known */
} demand;

static void add_band(demand *all, GDALRasterBandH band, int rows) {
    int wide, tall;
    GDALGetBlockSize(band, &wide, &tall);
    GDALDriverH driver = GDALGetDatasetDriver(GDALGetBandDataset(band));
    if (wide >= GDALGetRasterBandXSize(band) || !driver ||
        EQUAL(GDALGetDriverShortName(driver), "VRT"))
        all->narrow = false;
    /* The first and the last row may lie anywhere in their blocks. */
    double blocks = ((double)rows + 2 * ((double)tall - 1)) / tall;
    all->bytes +=
        (double)(int64_t)blocks * tall * GDALGetDataTypeSizeBytes(GDALGetRasterDataType(band));
    all->block_width = wide > all->block_width ? wide : all->block_width;
}

static size_t tiles_along(int cells, int side) {
    return ((size_t)cells + (size_t)side - 1) / (size_t)side;
}

lode_strips lode_strips_plan(const lode_stack *stack, const int *bands, int count,
                             lode_window window, int side, int half) {
    lode_strips strips = {tiles_along(window.width, side), tiles_along(window.height, side), 0};
    demand all = {.narrow = true};
    for (int i = 0; i < count; i++)
        add_band(&all, lode_stack_band_handle(stack, bands[i]), side + 2 * half);
    /* A tenth is left for what else the process reads. */
    double columns = 0.9 * (double)GDALGetCacheMax64() / (all.bytes > 0 ? all.bytes : 1);
    double tiles = (columns - 2.0 * half - 2.0 * all.block_width) / side;
    strips.wide = !all.narrow || tiles >= (double)strips.across ? strips.across
                  : tiles < 1                                   ? 1
                                                                : (size_t)tiles;
    return strips;
}

size_t lode_strips_tile(const lode_strips *strips, size_t item) {
    size_t strip = item / (strips->wide * strips->down), first = strip * strips->wide;
    size_t left = strips->across - first, wide = left < strips->wide ? left : strips->wide;
    size_t within = item - strip * strips->wide * strips->down;
    return within / wide * strips->across + first + within % wide;
}

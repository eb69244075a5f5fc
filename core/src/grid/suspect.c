#include "grid/suspect.h"

#include <math.h>
#include <stdlib.h>

#include <cpl_conv.h>
#include <gdal.h>

#include "util/error.h"
#include "util/memory.h"

enum { SAMPLE_SIDE = 1024 };

typedef struct sample {
    int width, height;
    float *cells;  /* as they lie, NaN where the file says "no data" */
    float *sorted; /* the finite ones, ascending */
    size_t count;
} sample;

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static lode_status read_sample(const lode_source *source, sample *look) {
    look->width = source->grid.width < SAMPLE_SIDE ? source->grid.width : SAMPLE_SIDE;
    look->height = source->grid.height < SAMPLE_SIDE ? source->grid.height : SAMPLE_SIDE;
    size_t cells = (size_t)look->width * (size_t)look->height;
    look->cells = lode_alloc(cells, sizeof *look->cells);
    look->sorted = lode_alloc(cells, sizeof *look->sorted);
    if (!look->cells || !look->sorted)
        return lode_fail_memory();
    CPLErrorReset();
    GDALDatasetH dataset = GDALOpenEx(source->path, GDAL_OF_RASTER, NULL, NULL, NULL);
    CPLErr error = CE_Failure;
    if (dataset)
        error = GDALRasterIO(GDALGetRasterBand(dataset, source->number), GF_Read, 0, 0,
                             source->grid.width, source->grid.height, look->cells, look->width,
                             look->height, GDT_Float32, 0, 0);
    if (dataset)
        GDALClose(dataset);
    if (error != CE_None)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot read band '%s' of '%s'.", source->name,
                              source->path);
    for (size_t i = 0; i < cells; i++) {
        bool missing = source->has_nodata && look->cells[i] == (float)source->nodata;
        for (int k = 0; k < source->missing_count; k++)
            missing = missing || look->cells[i] == (float)source->missing[k];
        if (missing || isnan(look->cells[i]))
            look->cells[i] = NAN;
        else
            look->sorted[look->count++] = look->cells[i];
    }
    qsort(look->sorted, look->count, sizeof *look->sorted, ascending);
    return LODE_OK;
}

static bool is_code(float value) {
    static const float codes[] = {-9,      -99,    -999,   -9999, -99999,
                                  -999999, -32768, -32767, -1e9f, -2147483648.0f};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (value == codes[i])
            return true;
    return false;
}

/* The code must stand well apart from what lies above it: -9 among -8 and -10 is a value. */
static bool stands_apart(const sample *look, float value, size_t equal) {
    float next = equal < look->count ? look->sorted[equal] : value;
    return next - value > 0.5f * fabsf(value);
}

static void add(lode_suspect *found, int *count, lode_suspect suspect) {
    for (int i = 0; i < *count; i++)
        if (found[i].value == suspect.value)
            return;
    if (*count < LODE_MISSING_MAX)
        found[(*count)++] = suspect;
}

static size_t run_length(const sample *look, size_t from) {
    size_t end = from;
    while (end < look->count && look->sorted[end] == look->sorted[from])
        end++;
    return end - from;
}

static size_t count_equal(const sample *look, float value) {
    for (size_t i = 0; i < look->count; i += run_length(look, i))
        if (look->sorted[i] == value)
            return run_length(look, i);
    return 0;
}

static lode_suspect impossible(const sample *look, size_t at, size_t equal) {
    return (lode_suspect){(double)look->sorted[at], (double)equal / (double)look->count, true, true,
                          false};
}

static void find(const sample *look, lode_suspect *found, int *count) {
    double total = (double)look->count;
    size_t low = run_length(look, 0);
    float lowest = look->sorted[0];
    for (size_t i = 0; i < look->count && look->sorted[i] < -1e30f; i += run_length(look, i))
        add(found, count, impossible(look, i, run_length(look, i)));
    for (size_t end = look->count, i; end > 0 && look->sorted[end - 1] > 1e30f; end = i) {
        for (i = end - 1; i > 0 && look->sorted[i - 1] == look->sorted[end - 1]; i--)
            ;
        add(found, count, impossible(look, i, end - i));
    }
    if (fabsf(lowest) <= 1e30f && low < look->count && is_code(lowest) &&
        stands_apart(look, lowest, low))
        add(found, count, (lode_suspect){(double)lowest, (double)low / total, false, true, false});
    size_t right = (size_t)look->width - 1,
           bottom = (size_t)(look->height - 1) * (size_t)look->width;
    const float corners[4] = {look->cells[0], look->cells[right], look->cells[bottom],
                              look->cells[bottom + right]};
    for (int i = 0; i < 2; i++) {
        int equal = 0;
        for (int k = 0; k < 4; k++)
            equal += corners[k] == corners[i];
        double share = isnan(corners[i]) ? 0 : (double)count_equal(look, corners[i]) / total;
        if (equal >= 3 && share >= 0.2 && share < 1)
            add(found, count, (lode_suspect){(double)corners[i], share, false, false, true});
    }
}

lode_status lode_suspect_find(const lode_source *source, lode_suspect *found, int *count) {
    sample look = {0};
    *count = 0;
    lode_status status = read_sample(source, &look);
    if (status == LODE_OK && look.count > 0)
        find(&look, found, count);
    lode_free(look.cells);
    lode_free(look.sorted);
    return status;
}

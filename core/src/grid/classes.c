#include "grid/classes.h"

#include <math.h>
#include <string.h>

#include <cpl_error.h>
#include <gdal.h>

#include "util/error.h"
#include "util/memory.h"

static lode_status add_class_value(double *classes, int *count, float value,
                                   const lode_source *source) {
    int at = 0;
    while (at < *count && classes[at] < (double)value)
        at++;
    if (at < *count && classes[at] == (double)value)
        return LODE_OK;
    if (*count == LODE_CLASSES_MAX || value != floorf(value))
        return lode_fail(
            LODE_ERROR_DATA,
            "Band '%s' is not a map of at most %d whole-numbered classes; it cannot be "
            "in --categories.",
            source->name, LODE_CLASSES_MAX);
    memmove(classes + at + 1, classes + at, (size_t)(*count - at) * sizeof *classes);
    classes[at] = (double)value;
    ++*count;
    return LODE_OK;
}

static bool is_missing(const lode_source *source, float value) {
    bool missing = !isfinite(value) || (source->has_nodata && value == (float)source->nodata);
    for (int i = 0; i < source->missing_count; i++)
        missing = missing || value == (float)source->missing[i];
    return missing;
}

lode_status lode_classes_find(const lode_source *source, double *classes, int *count) {
    CPLErrorReset();
    GDALDatasetH dataset = GDALOpenEx(source->path, GDAL_OF_RASTER, NULL, NULL, NULL);
    float *line = lode_alloc((size_t)source->grid.width, sizeof *line);
    lode_status status = line ? LODE_OK : lode_fail_memory();
    if (!dataset)
        status = lode_fail_gdal(LODE_ERROR_IO, "Cannot open '%s'.", source->path);
    float last = NAN;
    *count = 0;
    for (int y = 0; y < source->grid.height && status == LODE_OK; y++) {
        if (GDALRasterIO(GDALGetRasterBand(dataset, source->number), GF_Read, 0, y,
                         source->grid.width, 1, line, source->grid.width, 1, GDT_Float32, 0,
                         0) != CE_None)
            status = lode_fail_gdal(LODE_ERROR_IO, "Cannot read '%s'.", source->path);
        for (int x = 0; x < source->grid.width && status == LODE_OK; x++) {
            if (line[x] == last || is_missing(source, line[x]))
                continue;
            last = line[x];
            status = add_class_value(classes, count, last, source);
        }
    }
    if (dataset)
        GDALClose(dataset);
    lode_free(line);
    return status;
}

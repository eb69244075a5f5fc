#include "raster/writer.h"

#include <pthread.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>

#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

struct lode_writer {
    GDALDatasetH dataset;
    char *path, *beside;
    int bands;
    pthread_mutex_t mutex;
};

static lode_status create(lode_writer *writer, const lode_grid *grid, const char *const *names,
                          int count) {
    GDALDriverH driver = GDALGetDriverByName("GTiff");
    char **options = CSLSetNameValue(NULL, "TILED", "YES");
    options = CSLSetNameValue(options, "COMPRESS", "DEFLATE");
    options = CSLSetNameValue(options, "PREDICTOR", "3");
    options = CSLSetNameValue(options, "BIGTIFF", "IF_SAFER");
    options = CSLSetNameValue(options, "INTERLEAVE", "BAND");
    CPLErrorReset();
    writer->dataset =
        GDALCreate(driver, writer->beside, grid->width, grid->height, count, GDT_Float32, options);
    CSLDestroy(options);
    if (!writer->dataset)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot write '%s'.", writer->path);
    double transform[6];
    memcpy(transform, grid->transform, sizeof transform);
    GDALSetGeoTransform(writer->dataset, transform);
    if (grid->crs && grid->crs[0])
        GDALSetProjection(writer->dataset, grid->crs);
    for (int i = 0; i < count; i++) {
        GDALRasterBandH band = GDALGetRasterBand(writer->dataset, i + 1);
        GDALSetDescription(band, names[i]);
        GDALSetRasterNoDataValue(band, LODE_NODATA);
    }
    return LODE_OK;
}

lode_status lode_writer_open(const char *path, const lode_grid *grid, const char *const *names,
                             int count, lode_writer **writer) {
    const char *extension = CPLGetExtension(path);
    if (!EQUAL(extension, "tif") && !EQUAL(extension, "tiff"))
        return lode_fail(LODE_ERROR_USAGE,
                         "'%s': rasters are written as GeoTIFF; end the name in "
                         ".tif.",
                         path);
    LODE_TRY(lode_file_check_output(path));
    lode_writer *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    pthread_mutex_init(&made->mutex, NULL);
    made->bands = count;
    made->path = lode_strdup(path);
    made->beside = lode_file_beside(path);
    lode_status status =
        made->path && made->beside ? create(made, grid, names, count) : lode_fail_memory();
    if (status != LODE_OK) {
        lode_writer_abandon(made);
        return status;
    }
    *writer = made;
    return LODE_OK;
}

lode_status lode_writer_describe(lode_writer *writer, const char *domain, const char *key,
                                 const char *value) {
    if (GDALSetMetadataItem(writer->dataset, key, value, domain) != CE_None)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot write metadata to '%s'.", writer->path);
    return LODE_OK;
}

lode_status lode_writer_describe_band(lode_writer *writer, int band, const char *key,
                                      const char *value) {
    if (GDALSetMetadataItem(GDALGetRasterBand(writer->dataset, band + 1), key, value, NULL) !=
        CE_None)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot write metadata to '%s'.", writer->path);
    return LODE_OK;
}

lode_status lode_writer_write(lode_writer *writer, int x, int y, int width, int height,
                              const float *planes) {
    pthread_mutex_lock(&writer->mutex);
    CPLErrorReset();
    CPLErr error =
        GDALDatasetRasterIO(writer->dataset, GF_Write, x, y, width, height, (void *)planes, width,
                            height, GDT_Float32, writer->bands, NULL, 0, 0, 0);
    lode_status status = LODE_OK;
    if (error != CE_None)
        status =
            lode_fail_gdal(LODE_ERROR_IO, "Cannot write '%s'; is the disk full?", writer->path);
    pthread_mutex_unlock(&writer->mutex);
    return status;
}

static void release(lode_writer *writer) {
    pthread_mutex_destroy(&writer->mutex);
    lode_free(writer->path);
    lode_free(writer->beside);
    lode_free(writer);
}

lode_status lode_writer_commit(lode_writer *writer) {
    /* GDAL reports a full disk at close through its error state only. */
    CPLErrorReset();
    GDALFlushCache(writer->dataset);
    bool failed = CPLGetLastErrorType() >= CE_Failure;
    GDALClose(writer->dataset);
    writer->dataset = NULL;
    failed = failed || CPLGetLastErrorType() >= CE_Failure;
    lode_status status;
    if (failed) {
        status =
            lode_fail_gdal(LODE_ERROR_IO, "Cannot write '%s'; is the disk full?", writer->path);
        VSIUnlink(writer->beside);
    } else {
        status = lode_file_rename(writer->beside, writer->path);
    }
    release(writer);
    return status;
}

void lode_writer_abandon(lode_writer *writer) {
    if (!writer)
        return;
    if (writer->dataset)
        GDALClose(writer->dataset);
    if (writer->beside) {
        VSIUnlink(writer->beside);
        char *side = lode_format("%s.aux.xml", writer->beside);
        if (side)
            VSIUnlink(side);
        lode_free(side);
    }
    release(writer);
}

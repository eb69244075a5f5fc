/* raster.h - small in-memory stacks for unit tests. */
#ifndef LODE_TESTS_RASTER_H
#define LODE_TESTS_RASTER_H

#include <math.h>

#include <cpl_string.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "test.h"

/* Writes a GeoTIFF to /vsimem with bands called names, values[band][row][column], cells of 1000 m
 * in EPSG:32650, nodata -1. */
static inline void make_raster(const char *path, const char *const *names, int bands, int width,
                               int height, const float *values) {
    GDALAllRegister();
    double transform[6] = {500000, 1000, 0, 4000000, 0, -1000};
    GDALDatasetH dataset =
        GDALCreate(GDALGetDriverByName("GTiff"), path, width, height, bands, GDT_Float32, NULL);
    assert_non_null(dataset);
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(crs, 32650);
    GDALSetSpatialRef(dataset, crs);
    OSRDestroySpatialReference(crs);
    GDALSetGeoTransform(dataset, transform);
    for (int b = 0; b < bands; b++) {
        GDALRasterBandH band = GDALGetRasterBand(dataset, b + 1);
        GDALSetDescription(band, names[b]);
        GDALSetRasterNoDataValue(band, -1);
        assert_int_equal(GDALRasterIO(band, GF_Write, 0, 0, width, height,
                                      (void *)(values + (size_t)b * (size_t)width * (size_t)height),
                                      width, height, GDT_Float32, 0, 0),
                         CE_None);
    }
    GDALClose(dataset);
}

#endif

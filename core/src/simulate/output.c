#include "simulate/output.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <gdal_alg.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "raster/writer.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

/* ---- One analysis as text ---------------------------------------------------------------------
 */

/* "0.0123", "12.3", "1230", "<0.5": three significant digits without an exponent. */
static void print_value(double value, char text[32]) {
    double size = fabs(value);
    int decimals = size > 0 ? 2 - (int)floor(log10(size) + 1e-9) : 0;
    char digits[28];
    snprintf(digits, sizeof digits, "%.*f", decimals < 0 ? 0 : decimals > 9 ? 9 : decimals, size);
    if (strchr(digits, '.')) {
        size_t end = strlen(digits);
        while (digits[end - 1] == '0')
            digits[--end] = '\0';
        if (digits[end - 1] == '.')
            digits[--end] = '\0';
    }
    snprintf(text, 32, "%s%s", value < 0 ? "<" : "", digits);
}

static double value_at(const lode_sim_survey *survey, int sample, int element) {
    return survey->values[(size_t)sample * LODE_SIM_ELEMENTS + (size_t)element];
}

lode_status lode_sim_write_csv(const char *path, const lode_sim_area *area,
                               const lode_sim_survey *survey) {
    enum { LINE = 128 + LODE_SIM_ELEMENTS * 32 };
    char *text = lode_alloc((size_t)survey->samples + 1, LINE);
    if (!text)
        return lode_fail_memory();
    char *at = text;
    at += sprintf(at, "sample_id,easting,northing,lithology");
    for (int e = 0; e < LODE_SIM_ELEMENTS; e++)
        at += sprintf(at, ",%s_%s", lode_sim_element_at(e)->name, lode_sim_element_at(e)->unit);
    at += sprintf(at, "\n");
    for (int s = 0; s < survey->samples; s++) {
        at += sprintf(at, "S%05d,%.0f,%.0f,%s", s + 1, area->west + survey->x[s],
                      area->north - survey->y[s], lode_sim_unit_name(survey->unit[s]));
        for (int e = 0; e < LODE_SIM_ELEMENTS; e++) {
            char value[32];
            print_value(value_at(survey, s, e), value);
            at += sprintf(at, ",%s", value);
        }
        at += sprintf(at, "\n");
    }
    lode_status status = lode_file_write(path, text, (size_t)(at - text));
    lode_free(text);
    return status;
}

/* ---- GeoPackages ------------------------------------------------------------------------------
 */

typedef struct package {
    GDALDatasetH dataset;
    OGRLayerH layer;
    char *beside;
    const char *path;
    bool failed;
} package;

static lode_status package_open(package *file, const char *path, const char *layer, const char *crs,
                                OGRwkbGeometryType type) {
    memset(file, 0, sizeof *file);
    file->path = path;
    LODE_TRY(lode_file_check_output(path));
    file->beside = lode_file_beside(path);
    if (!file->beside)
        return lode_fail_memory();
    /* The package records when it was written; a fixed time keeps the bytes the same. */
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", "2026-01-01T00:00:00.000Z");
    CPLErrorReset();
    file->dataset =
        GDALCreate(GDALGetDriverByName("GPKG"), file->beside, 0, 0, 0, GDT_Unknown, NULL);
    OGRSpatialReferenceH reference = OSRNewSpatialReference(NULL);
    if (file->dataset && OSRSetFromUserInput(reference, crs) == OGRERR_NONE)
        file->layer = GDALDatasetCreateLayer(file->dataset, layer, reference, type, NULL);
    OSRDestroySpatialReference(reference);
    if (file->layer && GDALDatasetStartTransaction(file->dataset, FALSE) == OGRERR_NONE)
        return LODE_OK;
    file->failed = true;
    return lode_fail_gdal(LODE_ERROR_IO, "Cannot write '%s'.", path);
}

static void package_field(package *file, const char *name, OGRFieldType type) {
    OGRFieldDefnH field = OGR_Fld_Create(name, type);
    if (OGR_L_CreateField(file->layer, field, TRUE) != OGRERR_NONE)
        file->failed = true;
    OGR_Fld_Destroy(field);
}

/* Takes over the geometry. */
static void package_add(package *file, OGRFeatureH feature, OGRGeometryH geometry) {
    if (OGR_F_SetGeometryDirectly(feature, geometry) != OGRERR_NONE ||
        OGR_L_CreateFeature(file->layer, feature) != OGRERR_NONE)
        file->failed = true;
    OGR_F_Destroy(feature);
}

/* Closes and renames, or deletes when anything went wrong. */
static lode_status package_close(package *file, lode_status status) {
    if (file->layer && !file->failed && GDALDatasetCommitTransaction(file->dataset) != OGRERR_NONE)
        file->failed = true;
    if (file->dataset)
        GDALClose(file->dataset);
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", NULL);
    if (status == LODE_OK && file->failed)
        status = lode_fail_gdal(LODE_ERROR_IO, "Cannot write '%s'; is the disk full?", file->path);
    if (status == LODE_OK)
        status = lode_file_rename(file->beside, file->path);
    else if (file->beside)
        VSIUnlink(file->beside);
    lode_free(file->beside);
    return status;
}

static OGRGeometryH point(const lode_sim_area *area, double x, double y) {
    OGRGeometryH geometry = OGR_G_CreateGeometry(wkbPoint);
    OGR_G_SetPoint_2D(geometry, 0, area->west + x, area->north - y);
    return geometry;
}

static bool censored(const lode_sim_survey *survey, int element) {
    for (int s = 0; s < survey->samples; s++)
        if (value_at(survey, s, element) < 0)
            return true;
    return false;
}

static void sample_fields(package *file, const lode_sim_survey *survey, bool *as_text) {
    package_field(file, "sample_id", OFTString);
    package_field(file, "lithology", OFTString);
    for (int e = 0; e < LODE_SIM_ELEMENTS; e++) {
        char name[32];
        snprintf(name, sizeof name, "%s_%s", lode_sim_element_at(e)->name,
                 lode_sim_element_at(e)->unit);
        as_text[e] = censored(survey, e);
        package_field(file, name, as_text[e] ? OFTString : OFTReal);
    }
}

lode_status lode_sim_write_samples(const char *path, const char *crs, const lode_sim_area *area,
                                   const lode_sim_survey *survey) {
    package file;
    bool as_text[LODE_SIM_ELEMENTS];
    lode_status status = package_open(&file, path, "samples", crs, wkbPoint);
    if (status == LODE_OK)
        sample_fields(&file, survey, as_text);
    for (int s = 0; status == LODE_OK && !file.failed && s < survey->samples; s++) {
        char text[32];
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(file.layer));
        snprintf(text, sizeof text, "S%05d", s + 1);
        OGR_F_SetFieldString(feature, 0, text);
        OGR_F_SetFieldString(feature, 1, lode_sim_unit_name(survey->unit[s]));
        for (int e = 0; e < LODE_SIM_ELEMENTS; e++) {
            print_value(value_at(survey, s, e), text);
            if (as_text[e])
                OGR_F_SetFieldString(feature, 2 + e, text);
            else
                OGR_F_SetFieldDouble(feature, 2 + e, CPLAtof(text));
        }
        package_add(&file, feature, point(area, survey->x[s], survey->y[s]));
    }
    return package_close(&file, status);
}

lode_status lode_sim_write_deposits(const char *path, const char *crs, const lode_sim_area *area,
                                    const lode_sim_deposits *deposits, bool known) {
    package file;
    lode_status status = package_open(&file, path, known ? "deposits" : "truth", crs, wkbPoint);
    int first = known ? 0 : deposits->known;
    int count = known ? deposits->known : deposits->hidden;
    if (status == LODE_OK) {
        package_field(&file, "name", OFTString);
        package_field(&file, "commodity", OFTString);
        package_field(&file, "status", OFTString);
    }
    for (int k = 0; status == LODE_OK && !file.failed && k < count; k++) {
        const lode_sim_deposit *deposit = &deposits->items[first + k];
        char name[32];
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(file.layer));
        snprintf(name, sizeof name, "%s %d", known ? "Deposit" : "Hidden", k + 1);
        OGR_F_SetFieldString(feature, 0, name);
        OGR_F_SetFieldString(feature, 1, "Gold");
        OGR_F_SetFieldString(feature, 2, known ? "known" : "hidden");
        package_add(&file, feature, point(area, deposit->x, deposit->y));
    }
    return package_close(&file, status);
}

lode_status lode_sim_write_faults(const char *path, const char *crs,
                                  const lode_sim_geology *geology) {
    package file;
    lode_status status = package_open(&file, path, "faults", crs, wkbLineString);
    if (status == LODE_OK)
        package_field(&file, "fault", OFTInteger);
    for (int k = 0; status == LODE_OK && !file.failed && k < LODE_SIM_FAULTS; k++) {
        OGRGeometryH line = OGR_G_CreateGeometry(wkbLineString);
        for (int v = 0; v < LODE_SIM_FAULT_VERTICES; v++)
            OGR_G_AddPoint_2D(line, geology->faults[k].east[v], geology->faults[k].north[v]);
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(file.layer));
        OGR_F_SetFieldInteger(feature, 0, k + 1);
        package_add(&file, feature, line);
    }
    return package_close(&file, status);
}

/* ---- Geology ----------------------------------------------------------------------------------
 */

static void area_transform(const lode_sim_area *area, double transform[6]) {
    double values[6] = {area->west, area->cell, 0, area->north, 0, -area->cell};
    memcpy(transform, values, sizeof values);
}

/* The units as a raster in memory that GDALPolygonize can read. */
static GDALDatasetH unit_raster(const lode_sim_area *area, const lode_sim_geology *geology) {
    int n = area->size;
    double transform[6];
    GDALDatasetH raster = GDALCreate(GDALGetDriverByName("MEM"), "", n, n, 1, GDT_Byte, NULL);
    if (!raster)
        return NULL;
    area_transform(area, transform);
    GDALSetGeoTransform(raster, transform);
    if (GDALRasterIO(GDALGetRasterBand(raster, 1), GF_Write, 0, 0, n, n, geology->unit, n, n,
                     GDT_Byte, 0, 0) == CE_None)
        return raster;
    GDALClose(raster);
    return NULL;
}

static void name_units(package *file) {
    OGRFeatureH feature;
    OGR_L_ResetReading(file->layer);
    while ((feature = OGR_L_GetNextFeature(file->layer))) {
        OGR_F_SetFieldString(feature, 1, lode_sim_unit_name(OGR_F_GetFieldAsInteger(feature, 0)));
        if (OGR_L_SetFeature(file->layer, feature) != OGRERR_NONE)
            file->failed = true;
        OGR_F_Destroy(feature);
    }
}

lode_status lode_sim_write_geology(const char *path, const char *crs, const lode_sim_area *area,
                                   const lode_sim_geology *geology) {
    package file;
    lode_status status = package_open(&file, path, "geology", crs, wkbPolygon);
    if (status == LODE_OK) {
        package_field(&file, "unit", OFTInteger);
        package_field(&file, "lithology", OFTString);
        GDALDatasetH raster = unit_raster(area, geology);
        if (!raster || GDALPolygonize(GDALGetRasterBand(raster, 1), NULL, file.layer, 0, NULL, NULL,
                                      NULL) != CE_None)
            file.failed = true;
        else
            name_units(&file);
        if (raster)
            GDALClose(raster);
    }
    return package_close(&file, status);
}

/* ---- Stack ------------------------------------------------------------------------------------
 */

lode_status lode_sim_write_stack(const char *path, const char *crs, const lode_sim_area *area,
                                 float *planes) {
    const char *names[LODE_SIM_ELEMENTS];
    size_t count = (size_t)area->size * (size_t)area->size * LODE_SIM_ELEMENTS;
    for (int e = 0; e < LODE_SIM_ELEMENTS; e++)
        names[e] = lode_sim_element_at(e)->name;
    for (size_t i = 0; i < count; i++)
        if (isnan(planes[i]))
            planes[i] = LODE_NODATA;
    char *wkt = NULL;
    OGRSpatialReferenceH reference = OSRNewSpatialReference(NULL);
    if (OSRSetFromUserInput(reference, crs) == OGRERR_NONE)
        OSRExportToWkt(reference, &wkt);
    OSRDestroySpatialReference(reference);
    lode_grid grid = {area->size, area->size, {0}, wkt ? wkt : ""};
    area_transform(area, grid.transform);
    lode_writer *writer;
    lode_status status = lode_writer_open(path, &grid, names, LODE_SIM_ELEMENTS, &writer);
    CPLFree(wkt);
    if (status != LODE_OK)
        return status;
    for (int e = 0; e < LODE_SIM_ELEMENTS && status == LODE_OK; e++)
        status = lode_writer_describe_band(writer, e, "unit", lode_sim_element_at(e)->unit);
    if (status == LODE_OK)
        status = lode_writer_write(writer, 0, 0, area->size, area->size, planes);
    if (status == LODE_OK)
        return lode_writer_commit(writer);
    lode_writer_abandon(writer);
    return status;
}

#include "samples/rewrite.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_api.h>

#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"
#include "vector/vector.h"

typedef struct copy {
    GDALDatasetH from, to;
    OGRLayerH source, target;
    int fields;
} copy;

static lode_status open_source(const char *name, copy *c) {
    char *path, *layer;
    LODE_TRY(lode_vector_split(name, &path, &layer));
    CPLErrorReset();
    c->from = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    if (c->from)
        c->source =
            layer ? GDALDatasetGetLayerByName(c->from, layer) : GDALDatasetGetLayer(c->from, 0);
    lode_free(path);
    lode_free(layer);
    return c->source ? LODE_OK : lode_fail_gdal(LODE_ERROR_IO, "Cannot open the table '%s'.", name);
}

static lode_status create_target(const char *path, const char *beside, const char *const *names,
                                 int count, copy *c) {
    bool csv = EQUAL(CPLGetExtension(path), "csv");
    if (!csv && !EQUAL(CPLGetExtension(path), "gpkg"))
        return lode_fail(LODE_ERROR_USAGE, "'%s': tables are written as .csv or .gpkg.", path);
    GDALDriverH driver = GDALGetDriverByName(csv ? "CSV" : "GPKG");
    CPLErrorReset();
    c->to = GDALCreate(driver, beside, 0, 0, 0, GDT_Unknown, NULL);
    const char *layer = OGR_L_GetName(c->source);
    if (c->to)
        c->target =
            GDALDatasetCreateLayer(c->to, layer, csv ? NULL : OGR_L_GetSpatialRef(c->source),
                                   csv ? wkbNone : OGR_L_GetGeomType(c->source), NULL);
    if (!c->target)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot write '%s'.", path);
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(c->source);
    c->fields = OGR_FD_GetFieldCount(definition);
    bool good = true;
    for (int i = 0; i < c->fields && good; i++)
        good =
            OGR_L_CreateField(c->target, OGR_FD_GetFieldDefn(definition, i), TRUE) == OGRERR_NONE;
    for (int i = 0; i < count && good; i++) {
        OGRFieldDefnH field = OGR_Fld_Create(names[i], OFTReal);
        good = OGR_L_CreateField(c->target, field, TRUE) == OGRERR_NONE;
        OGR_Fld_Destroy(field);
    }
    return good ? LODE_OK : lode_fail_gdal(LODE_ERROR_IO, "Cannot add columns to '%s'.", path);
}

/* values: the new fields of this row, `stride` apart. */
static lode_status copy_row(const char *path, OGRFeatureH feature, const double *values, int count,
                            size_t stride, const copy *c) {
    OGRFeatureH made = OGR_F_Create(OGR_L_GetLayerDefn(c->target));
    OGR_F_SetFrom(made, feature, TRUE);
    OGR_F_SetFID(made, OGRNullFID);
    for (int i = 0; i < count; i++)
        if (isfinite(values[(size_t)i * stride]))
            OGR_F_SetFieldDouble(made, c->fields + i, values[(size_t)i * stride]);
    bool good = OGR_L_CreateFeature(c->target, made) == OGRERR_NONE;
    OGR_F_Destroy(made);
    return good ? LODE_OK
                : lode_fail_gdal(LODE_ERROR_IO, "Cannot write '%s'; is the disk full?", path);
}

static lode_status copy_rows(const char *name, const char *path, const double *values, int count,
                             size_t rows, copy *c) {
    lode_status status = LODE_OK;
    bool together = OGR_L_StartTransaction(c->target) == OGRERR_NONE;
    OGR_L_ResetReading(c->source);
    for (size_t row = 0; row < rows && status == LODE_OK; row++) {
        OGRFeatureH feature = NULL;
        status = lode_vector_next(c->source, "table", name, &feature);
        if (status == LODE_OK)
            status = feature ? copy_row(path, feature, values + row, count, rows, c)
                             : lode_fail(LODE_ERROR_DATA,
                                         "The table '%s' changed while it was read; run it again.",
                                         name);
        OGR_F_Destroy(feature);
    }
    if (together && OGR_L_CommitTransaction(c->target) != OGRERR_NONE && status == LODE_OK)
        status = lode_fail_gdal(LODE_ERROR_IO, "Cannot write '%s'; is the disk full?", path);
    return status;
}

lode_status lode_table_rewrite(const char *name, const char *path, const char *const *names,
                               const double *values, int count, size_t rows) {
    copy c = {0};
    char *beside = lode_file_beside(path);
    lode_status status = beside ? open_source(name, &c) : lode_fail_memory();
    if (status == LODE_OK)
        status = create_target(path, beside, names, count, &c);
    if (status == LODE_OK)
        status = copy_rows(name, path, values, count, rows, &c);
    if (c.from)
        GDALClose(c.from);
    CPLErrorReset();
    if (c.to)
        GDALClose(c.to);
    if (status == LODE_OK && CPLGetLastErrorType() >= CE_Failure)
        status = lode_fail_gdal(LODE_ERROR_IO, "Cannot write '%s'; is the disk full?", path);
    if (status == LODE_OK)
        status = lode_file_rename(beside, path);
    else if (beside)
        VSIUnlink(beside);
    lode_free(beside);
    return status;
}

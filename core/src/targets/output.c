#include "targets/output.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

/* ---- CRS --------------------------------------------------------------------------------------
 */

typedef struct frame {
    OGRSpatialReferenceH map, world;
    OGRCoordinateTransformationH to_world; /* NULL when the raster has no CRS */
} frame;

static frame open_frame(const lode_grid *grid) {
    frame f = {NULL, NULL, NULL};
    if (!grid->crs[0])
        return f;
    f.map = OSRNewSpatialReference(grid->crs);
    f.world = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(f.world, 4326);
    OSRSetAxisMappingStrategy(f.map, OAMS_TRADITIONAL_GIS_ORDER);
    OSRSetAxisMappingStrategy(f.world, OAMS_TRADITIONAL_GIS_ORDER);
    f.to_world = OCTNewCoordinateTransformation(f.map, f.world);
    return f;
}

static void close_frame(frame *f) {
    OCTDestroyCoordinateTransformation(f->to_world);
    if (f->map)
        OSRRelease(f->map);
    if (f->world)
        OSRRelease(f->world);
}

/* ---- Attributes -------------------------------------------------------------------------------
 */

static void add_field(OGRLayerH layer, const char *name, OGRFieldType type) {
    OGRFieldDefnH field = OGR_Fld_Create(name, type);
    OGR_L_CreateField(layer, field, TRUE);
    OGR_Fld_Destroy(field);
}

static void add_fields(const lode_target_layer *from, OGRLayerH layer) {
    add_field(layer, "rank", OFTInteger);
    add_field(layer, "area_km2", OFTReal);
    add_field(layer, "score_mean", OFTReal);
    add_field(layer, "score_max", OFTReal);
    if (from->uncertainty)
        add_field(layer, "uncertainty", OFTReal);
    if (from->deposits) {
        add_field(layer, "known", OFTInteger);
        add_field(layer, "nearest", OFTInteger64);
        if (from->deposits->names)
            add_field(layer, "nearest_name", OFTString);
        add_field(layer, "distance_m", OFTReal);
        add_field(layer, "covered", OFTReal);
    }
    if (from->elements)
        add_field(layer, "elements", OFTString);
    add_field(layer, "x", OFTReal);
    add_field(layer, "y", OFTReal);
    add_field(layer, "longitude", OFTReal);
    add_field(layer, "latitude", OFTReal);
}

static void set_number(OGRFeatureH feature, const char *name, double value) {
    int index = OGR_F_GetFieldIndex(feature, name);
    if (index >= 0 && isfinite(value))
        OGR_F_SetFieldDouble(feature, index, value);
}

static void set_whole(OGRFeatureH feature, const char *name, int64_t value) {
    int index = OGR_F_GetFieldIndex(feature, name);
    if (index >= 0)
        OGR_F_SetFieldInteger64(feature, index, value);
}

static void set_text(OGRFeatureH feature, const char *name, const char *value) {
    int index = OGR_F_GetFieldIndex(feature, name);
    if (index >= 0 && value && value[0])
        OGR_F_SetFieldString(feature, index, value);
}

static void set_fields(const lode_target_layer *from, const lode_target *target, const frame *f,
                       OGRFeatureH feature) {
    double x, y;
    lode_grid_to_map(from->grid, target->column, target->row, &x, &y);
    set_whole(feature, "rank", target->rank);
    set_number(feature, "area_km2", target->area / 1e6);
    set_number(feature, "score_mean", target->score_mean);
    set_number(feature, "score_max", target->score_max);
    set_number(feature, "uncertainty", target->uncertainty);
    if (from->deposits) {
        set_whole(feature, "known", target->known);
        set_whole(feature, "nearest", target->nearest + 1);
        set_number(feature, "distance_m", target->distance);
        set_number(feature, "covered", target->covered);
    }
    if (from->deposits && from->deposits->names && target->nearest >= 0)
        set_text(feature, "nearest_name", from->deposits->names[target->nearest]);
    set_text(feature, "elements", target->elements);
    set_number(feature, "x", x);
    set_number(feature, "y", y);
    if (f->to_world && OCTTransform(f->to_world, 1, &x, &y, NULL)) {
        set_number(feature, "longitude", x);
        set_number(feature, "latitude", y);
    }
}

/* ---- Writing ----------------------------------------------------------------------------------
 */

/* The name QGIS shows and the map sheet labels by: an outline and the rank. */
static const char polygon_style[] =
    "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
    "<qgis version=\"3.22\" labelsEnabled=\"1\" styleCategories=\"Symbology|Labeling\">"
    "<renderer-v2 type=\"singleSymbol\"><symbols><symbol type=\"fill\" name=\"0\" alpha=\"1\">"
    "<layer class=\"SimpleFill\" enabled=\"1\"><Option type=\"Map\">"
    "<Option type=\"QString\" name=\"outline_color\" value=\"214,39,40,255\"/>"
    "<Option type=\"QString\" name=\"outline_width\" value=\"0.5\"/>"
    "<Option type=\"QString\" name=\"style\" value=\"no\"/></Option>"
    "<prop k=\"outline_color\" v=\"214,39,40,255\"/><prop k=\"outline_width\" v=\"0.5\"/>"
    "<prop k=\"style\" v=\"no\"/></layer></symbol></symbols></renderer-v2>"
    "<labeling type=\"simple\"><settings><text-style fieldName=\"rank\" fontSize=\"9\" "
    "textColor=\"127,0,0,255\"><text-buffer bufferDraw=\"1\" bufferSize=\"0.8\" "
    "bufferColor=\"255,255,255,255\"/></text-style></settings></labeling></qgis>";

/* The table that QGIS looks for in a GeoPackage. */
static void store_style(GDALDatasetH dataset) {
    OGRLayerH styles = GDALDatasetCreateLayer(dataset, "layer_styles", NULL, wkbNone, NULL);
    if (!styles)
        return;
    add_field(styles, "f_table_catalog", OFTString);
    add_field(styles, "f_table_schema", OFTString);
    add_field(styles, "f_table_name", OFTString);
    add_field(styles, "f_geometry_column", OFTString);
    add_field(styles, "styleName", OFTString);
    add_field(styles, "styleQML", OFTString);
    add_field(styles, "styleSLD", OFTString);
    add_field(styles, "useAsDefault", OFTInteger);
    add_field(styles, "description", OFTString);
    add_field(styles, "owner", OFTString);
    OGRFeatureH style = OGR_F_Create(OGR_L_GetLayerDefn(styles));
    OGR_F_SetFieldString(style, 0, "");
    OGR_F_SetFieldString(style, 1, "");
    OGR_F_SetFieldString(style, 2, "targets");
    OGR_F_SetFieldString(style, 3, "geom");
    OGR_F_SetFieldString(style, 4, "targets");
    OGR_F_SetFieldString(style, 5, polygon_style);
    OGR_F_SetFieldString(style, 6, "");
    OGR_F_SetFieldInteger(style, 7, 1);
    OGR_F_SetFieldString(style, 8, "Outline and rank");
    OGR_F_SetFieldString(style, 9, "");
    if (OGR_L_CreateFeature(styles, style) != OGRERR_NONE)
        lode_log(LODE_LOG_WARNING, "The style of the targets could not be stored.");
    OGR_F_Destroy(style);
}

static const char *driver_for(const char *path) {
    const char *extension = CPLGetExtension(path);
    static const char *const known[][2] = {{"gpkg", "GPKG"},    {"gpx", "GPX"},
                                           {"kml", "KML"},      {"geojson", "GeoJSON"},
                                           {"json", "GeoJSON"}, {"fgb", "FlatGeobuf"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (EQUAL(extension, known[i][0]))
            return known[i][1];
    return NULL;
}

static bool wants_world(const char *driver) {
    return EQUAL(driver, "GPX") || EQUAL(driver, "KML") || EQUAL(driver, "GeoJSON");
}

/* Adds one feature; takes the geometry. */
static lode_status add_feature(const lode_target_layer *from, const lode_target *target,
                               const frame *f, OGRLayerH layer, OGRGeometryH geometry, bool world) {
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    char name[48];
    snprintf(name, sizeof name, "Target %d", target->rank);
    set_fields(from, target, f, feature);
    int label = OGR_F_GetFieldIndex(feature, "Name");
    if (label >= 0)
        OGR_F_SetFieldString(feature, label, name);
    if (world && f->to_world && geometry)
        OGR_G_Transform(geometry, f->to_world);
    OGR_F_SetGeometryDirectly(feature, geometry);
    CPLErrorReset();
    OGRErr error = OGR_L_CreateFeature(layer, feature);
    OGR_F_Destroy(feature);
    return error == OGRERR_NONE
               ? LODE_OK
               : lode_fail_gdal(LODE_ERROR_IO, "Cannot write target %d.", target->rank);
}

static lode_status fill(const lode_target_layer *from, const char *path, const char *driver,
                        bool points, GDALDatasetH dataset) {
    frame f = open_frame(from->grid);
    bool world = wants_world(driver);
    /* GPX takes only its own layer names. */
    OGRLayerH layer = GDALDatasetCreateLayer(
        dataset, EQUAL(driver, "GPX") ? "waypoints" : "targets", world && f.world ? f.world : f.map,
        points ? wkbPoint : wkbMultiPolygon, NULL);
    lode_status status =
        layer ? LODE_OK : lode_fail_gdal(LODE_ERROR_IO, "Cannot write to '%s'.", path);
    if (status == LODE_OK) {
        if (points && OGR_L_FindFieldIndex(layer, "Name", FALSE) < 0)
            add_field(layer, "Name", OFTString);
        add_fields(from, layer);
    }
    bool grouped = layer && OGR_L_StartTransaction(layer) == OGRERR_NONE;
    for (int t = 0; t < from->count && status == LODE_OK; t++) {
        OGRGeometryH shape =
            lode_outlines_place(from->outlines, from->targets[t].label, from->grid);
        if (shape && points) { /* of a bent target the centroid may lie outside */
            OGRGeometryH point = OGR_G_PointOnSurface(shape);
            OGR_G_DestroyGeometry(shape);
            shape = point;
        }
        status = add_feature(from, &from->targets[t], &f, layer, shape, world);
    }
    if (grouped && OGR_L_CommitTransaction(layer) != OGRERR_NONE && status == LODE_OK)
        status = lode_fail_gdal(LODE_ERROR_IO, "Cannot write to '%s'.", path);
    close_frame(&f);
    if (status == LODE_OK && !points && EQUAL(driver, "GPKG"))
        store_style(dataset);
    return status;
}

static lode_status write_layer(const lode_target_layer *from, const char *path, bool points) {
    const char *driver = driver_for(path);
    if (!driver)
        return lode_fail(LODE_ERROR_USAGE,
                         "'%s': the extension tells the format; use .gpkg, .gpx, .kml, .geojson "
                         "or .fgb.",
                         path);
    if (!points && EQUAL(driver, "GPX"))
        return lode_fail(LODE_ERROR_USAGE, "'%s': GPX holds points; use --points for it.", path);
    char *beside = lode_file_beside(path);
    if (!beside)
        return lode_fail_memory();
    CPLErrorReset();
    char **options =
        EQUAL(driver, "GPX") ? CSLSetNameValue(NULL, "GPX_USE_EXTENSIONS", "YES") : NULL;
    GDALDatasetH dataset =
        GDALCreate(GDALGetDriverByName(driver), beside, 0, 0, 0, GDT_Unknown, options);
    CSLDestroy(options);
    lode_status status =
        dataset ? LODE_OK : lode_fail_gdal(LODE_ERROR_IO, "Cannot create '%s'.", path);
    if (status == LODE_OK)
        status = fill(from, path, driver, points, dataset);
    if (dataset)
        GDALClose(dataset);
    if (status == LODE_OK)
        status = lode_file_rename(beside, path);
    else if (dataset)
        VSIUnlink(beside);
    lode_free(beside);
    return status;
}

lode_status lode_targets_write_polygons(const lode_target_layer *layer, const char *path) {
    return write_layer(layer, path, false);
}

lode_status lode_targets_write_points(const lode_target_layer *layer, const char *path) {
    return write_layer(layer, path, true);
}

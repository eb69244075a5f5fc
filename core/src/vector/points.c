#include "vector/points.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <cpl_string.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "util/error.h"
#include "util/memory.h"
#include "vector/vector.h"

void lode_points_free(lode_points *points) {
    if (!points)
        return;
    lode_free(points->east);
    lode_free(points->north);
    for (size_t i = 0; points->names && i < points->n; i++)
        lode_free(points->names[i]);
    lode_free(points->names);
    lode_free(points);
}

/* An open layer; everything in it is closed together. */
typedef struct source {
    const char *what;
    GDALDatasetH dataset;
    OGRLayerH layer;
    OGRSpatialReferenceH target;
    OGRCoordinateTransformationH transformation;
    char *path, *layer_name;
    int name_field; /* -1 = names are not read */
} source;

static void close_source(source *from) {
    OCTDestroyCoordinateTransformation(from->transformation);
    if (from->target)
        OSRRelease(from->target);
    if (from->dataset)
        GDALClose(from->dataset);
    lode_free(from->path);
    lode_free(from->layer_name);
}

static lode_status open_layer(const char *text, const char *where, source *from) {
    LODE_TRY(lode_vector_split(text, &from->path, &from->layer_name));
    CPLErrorReset();
    from->dataset =
        GDALOpenEx(from->path, GDAL_OF_VECTOR | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    if (!from->dataset)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot open the %s '%s'.", from->what, from->path);
    from->layer = from->layer_name ? GDALDatasetGetLayerByName(from->dataset, from->layer_name)
                                   : GDALDatasetGetLayer(from->dataset, 0);
    if (!from->layer && from->layer_name)
        return lode_fail(LODE_ERROR_DATA, "'%s' has no layer '%s'.", from->path, from->layer_name);
    if (!from->layer)
        return lode_fail(LODE_ERROR_DATA, "'%s' has no layer.", from->path);
    return lode_vector_filter(from->layer, where, "--where", from->path);
}

static lode_status open_transformation(const char *crs, source *from) {
    OGRSpatialReferenceH own = OGR_L_GetSpatialRef(from->layer);
    if (!own)
        return lode_fail(LODE_ERROR_DATA,
                         "The %s '%s' have no CRS (or no geometry). Assign one, for example with "
                         "ogr2ogr -a_srs EPSG:4326.",
                         from->what, from->path);
    if (!crs[0])
        return lode_fail(LODE_ERROR_DATA,
                         "The raster has no CRS, so the %s '%s' cannot be placed "
                         "on it. Assign one with gdal_edit.py -a_srs.",
                         from->what, from->path);
    CPLErrorReset();
    from->target = OSRNewSpatialReference(crs);
    OGRSpatialReferenceH plain = OSRClone(own);
    if (from->target && plain) {
        OSRSetAxisMappingStrategy(from->target, OAMS_TRADITIONAL_GIS_ORDER);
        OSRSetAxisMappingStrategy(plain, OAMS_TRADITIONAL_GIS_ORDER);
        from->transformation = OCTNewCoordinateTransformation(plain, from->target);
    }
    OSRRelease(plain);
    if (!from->transformation)
        return lode_fail_gdal(LODE_ERROR_DATA, "Cannot bring the %s '%s' to the CRS of the raster.",
                              from->what, from->path);
    return LODE_OK;
}

/* False when the feature has no place in the target CRS. */
static bool feature_place(const source *from, OGRFeatureH feature, double *east, double *north) {
    OGRGeometryH geometry = OGR_F_GetGeometryRef(feature);
    if (!geometry || OGR_G_IsEmpty(geometry))
        return false;
    OGRGeometryH centre = OGR_G_CreateGeometry(wkbPoint);
    bool found = OGR_G_Centroid(geometry, centre) == OGRERR_NONE && !OGR_G_IsEmpty(centre);
    if (found) {
        *east = OGR_G_GetX(centre, 0);
        *north = OGR_G_GetY(centre, 0);
        found = OCTTransform(from->transformation, 1, east, north, NULL) && isfinite(*east) &&
                isfinite(*north);
    }
    OGR_G_DestroyGeometry(centre);
    return found;
}

/* How well a field's name fits one that holds names: 0 = not at all. */
static int name_rank(OGRFieldDefnH field) {
    const char *called = OGR_Fld_GetNameRef(field);
    if (OGR_Fld_GetType(field) != OFTString)
        return 0;
    return EQUAL(called, "name")         ? 3
           : strcasestr(called, "name")  ? 2
           : strcasestr(called, "title") ? 1
                                         : 0;
}

static int find_name_field(OGRLayerH layer) {
    OGRFeatureDefnH fields = OGR_L_GetLayerDefn(layer);
    int best = 0, found = -1;
    for (int i = 0; i < OGR_FD_GetFieldCount(fields); i++) {
        int rank = name_rank(OGR_FD_GetFieldDefn(fields, i));
        if (rank > best) {
            best = rank;
            found = i;
        }
    }
    return found;
}

static lode_status grow(lode_points *points, size_t *capacity, bool named) {
    size_t wanted = *capacity ? 2 * *capacity : 256;
    double *east = lode_grow(points->east, points->n, wanted, sizeof *east);
    if (!east)
        return lode_fail_memory();
    points->east = east;
    double *north = lode_grow(points->north, points->n, wanted, sizeof *north);
    if (!north)
        return lode_fail_memory();
    points->north = north;
    char **names = named ? lode_grow(points->names, points->n, wanted, sizeof *names) : NULL;
    if (named && !names)
        return lode_fail_memory();
    points->names = names;
    *capacity = wanted;
    return LODE_OK;
}

static lode_status add_point(const source *from, OGRFeatureH feature, size_t *capacity,
                             lode_points *points) {
    double east = 0, north = 0;
    points->read++;
    if (!feature_place(from, feature, &east, &north))
        return LODE_OK;
    bool named = from->name_field >= 0;
    if (points->n == *capacity)
        LODE_TRY(grow(points, capacity, named));
    if (named &&
        !(points->names[points->n] =
              lode_strdup(OGR_F_GetFieldAsString(feature, from->name_field))))
        return lode_fail_memory();
    points->east[points->n] = east;
    points->north[points->n++] = north;
    return LODE_OK;
}

static lode_status take_features(const source *from, lode_points *points) {
    size_t capacity = 0;
    OGR_L_ResetReading(from->layer);
    for (;;) {
        OGRFeatureH feature;
        LODE_TRY(lode_vector_next(from->layer, from->what, from->path, &feature));
        if (!feature)
            return LODE_OK;
        lode_status status = add_point(from, feature, &capacity, points);
        OGR_F_Destroy(feature);
        LODE_TRY(status);
    }
}

static lode_status read_points(const char *layer, const char *where, const char *crs,
                               const char *what, bool named, lode_points **points) {
    source from = {.what = what, .name_field = -1};
    lode_points *made = lode_alloc(1, sizeof *made);
    lode_status status = made ? open_layer(layer, where, &from) : lode_fail_memory();
    if (status == LODE_OK)
        status = open_transformation(crs, &from);
    if (status == LODE_OK && named)
        from.name_field = find_name_field(from.layer);
    if (status == LODE_OK)
        status = take_features(&from, made);
    if (status == LODE_OK && made->n == 0)
        status =
            lode_fail(LODE_ERROR_DATA, "The %s '%s' hold no feature with a geometry%s%s.", what,
                      from.path, where ? " that meets the condition " : "", where ? where : "");
    close_source(&from);
    if (status != LODE_OK) {
        lode_points_free(made);
        return status;
    }
    *points = made;
    return LODE_OK;
}

lode_status lode_points_read(const char *layer, const char *where, const char *crs,
                             const char *what, lode_points **points) {
    return read_points(layer, where, crs, what, false, points);
}

lode_status lode_points_read_named(const char *layer, const char *where, const char *crs,
                                   const char *what, lode_points **points) {
    return read_points(layer, where, crs, what, true, points);
}

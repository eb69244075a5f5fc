/* deposits.c - reads known deposits from a vector layer; declared in places.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "head/places.h"
#include "util/error.h"
#include "util/memory.h"

void lode_deposits_free(lode_deposits *deposits) {
    if (!deposits)
        return;
    lode_free(deposits->columns);
    lode_free(deposits->rows);
    lode_free(deposits->east);
    lode_free(deposits->north);
    lode_free(deposits);
}

/* An open layer; everything in it is closed together. */
typedef struct source {
    GDALDatasetH dataset;
    OGRLayerH layer;
    OGRSpatialReferenceH target;
    OGRCoordinateTransformationH transformation;
    char *path, *layer_name;
} source;

static void close_source(source *from) {
    if (from->transformation)
        OCTDestroyCoordinateTransformation(from->transformation);
    if (from->target)
        OSRRelease(from->target);
    if (from->dataset)
        GDALClose(from->dataset);
    lode_free(from->path);
    lode_free(from->layer_name);
}

/* "file.gpkg|layername=gold" -> path and layer name (NULL = the first layer). */
static lode_status split_name(const char *text, source *from) {
    const char *bar = strchr(text, '|');
    const char *key = bar ? strstr(bar, "layername=") : NULL;
    from->path = lode_format("%.*s", (int)(bar ? bar - text : (long)strlen(text)), text);
    if (key)
        from->layer_name = lode_format("%.*s", (int)strcspn(key + 10, "|"), key + 10);
    return from->path && (!key || from->layer_name) ? LODE_OK : lode_fail_memory();
}

static lode_status open_layer(const char *text, const char *where, source *from) {
    LODE_TRY(split_name(text, from));
    CPLErrorReset();
    from->dataset =
        GDALOpenEx(from->path, GDAL_OF_VECTOR | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    if (!from->dataset)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot open the deposits '%s'.", from->path);
    from->layer = from->layer_name ? GDALDatasetGetLayerByName(from->dataset, from->layer_name)
                                   : GDALDatasetGetLayer(from->dataset, 0);
    if (!from->layer)
        return lode_fail(LODE_ERROR_DATA, "'%s' has no layer '%s'.", from->path,
                         from->layer_name ? from->layer_name : "");
    if (where && OGR_L_SetAttributeFilter(from->layer, where) != OGRERR_NONE)
        return lode_fail_gdal(LODE_ERROR_USAGE, "--where: the condition %s does not work on '%s'.",
                              where, from->path);
    return LODE_OK;
}

static lode_status open_transformation(const lode_grid *grid, const char *stack, source *from) {
    OGRSpatialReferenceH own = OGR_L_GetSpatialRef(from->layer);
    if (!own)
        return lode_fail(LODE_ERROR_DATA,
                         "The deposits '%s' have no CRS (or no geometry). Assign one, for example "
                         "with ogr2ogr -a_srs EPSG:4326.",
                         from->path);
    if (!grid->crs[0])
        return lode_fail(LODE_ERROR_DATA,
                         "The stack '%s' has no CRS. Assign one with gdal_edit.py -a_srs.", stack);
    from->target = OSRNewSpatialReference(grid->crs);
    OGRSpatialReferenceH plain = OSRClone(own);
    if (from->target)
        OSRSetAxisMappingStrategy(from->target, OAMS_TRADITIONAL_GIS_ORDER);
    OSRSetAxisMappingStrategy(plain, OAMS_TRADITIONAL_GIS_ORDER);
    CPLErrorReset();
    if (from->target)
        from->transformation = OCTNewCoordinateTransformation(plain, from->target);
    OSRRelease(plain);
    if (!from->transformation)
        return lode_fail_gdal(
            LODE_ERROR_DATA, "Cannot bring the deposits '%s' to the CRS of the stack.", from->path);
    return LODE_OK;
}

/* The feature's place in the stack's CRS; false when it has none. */
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

static bool in_same_cell(const lode_deposits *deposits, int column, int row) {
    for (size_t i = 0; i < deposits->n; i++)
        if (deposits->columns[i] == column && deposits->rows[i] == row)
            return true;
    return false;
}

static lode_status grow(lode_deposits *deposits, size_t *capacity) {
    size_t wanted = *capacity ? 2 * *capacity : 64, n = deposits->n;
    int *columns = lode_grow(deposits->columns, n, wanted, sizeof *columns);
    if (columns)
        deposits->columns = columns;
    int *rows = lode_grow(deposits->rows, n, wanted, sizeof *rows);
    if (rows)
        deposits->rows = rows;
    double *east = lode_grow(deposits->east, n, wanted, sizeof *east);
    if (east)
        deposits->east = east;
    double *north = lode_grow(deposits->north, n, wanted, sizeof *north);
    if (north)
        deposits->north = north;
    if (!columns || !rows || !east || !north)
        return lode_fail_memory();
    *capacity = wanted;
    return LODE_OK;
}

static lode_status take_features(const source *from, const lode_grid *grid,
                                 lode_deposits *deposits) {
    size_t capacity = 0;
    OGRFeatureH feature;
    OGR_L_ResetReading(from->layer);
    while ((feature = OGR_L_GetNextFeature(from->layer)) != NULL) {
        double east = 0, north = 0, column = 0, row = 0;
        bool placed = feature_place(from, feature, &east, &north);
        OGR_F_Destroy(feature);
        deposits->read++;
        if (!placed || !lode_grid_to_cell(grid, east, north, &column, &row)) {
            deposits->outside++;
            continue;
        }
        if (in_same_cell(deposits, (int)column, (int)row)) {
            deposits->same_cell++;
            continue;
        }
        if (deposits->n == capacity)
            LODE_TRY(grow(deposits, &capacity));
        deposits->columns[deposits->n] = (int)column;
        deposits->rows[deposits->n] = (int)row;
        deposits->east[deposits->n] = east;
        deposits->north[deposits->n++] = north;
    }
    return LODE_OK;
}

static lode_status drop_without_data(lode_stack *stack, const lode_recipe *recipe,
                                     lode_deposits *deposits) {
    lode_features bands = {LODE_INPUT_BANDS, 0, recipe, NULL};
    float *values = lode_alloc(deposits->n, (size_t)recipe->channels * sizeof *values);
    unsigned char *valid = lode_alloc(deposits->n, 1);
    lode_status status = values && valid ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_features_at(&bands, stack, deposits->columns, deposits->rows, deposits->n, 1,
                                  NULL, values, valid);
    size_t kept = 0;
    for (size_t i = 0; status == LODE_OK && i < deposits->n; i++) {
        if (!valid[i])
            continue;
        deposits->columns[kept] = deposits->columns[i];
        deposits->rows[kept] = deposits->rows[i];
        deposits->east[kept] = deposits->east[i];
        deposits->north[kept++] = deposits->north[i];
    }
    if (status == LODE_OK) {
        deposits->without_data = deposits->n - kept;
        deposits->n = kept;
    }
    lode_free(values);
    lode_free(valid);
    return status;
}

static lode_status judge(const lode_deposits *deposits, const source *from, const char *where,
                         const char *stack) {
    if (deposits->read == 0)
        return lode_fail(LODE_ERROR_DATA, "The deposits '%s' hold no feature%s%s.", from->path,
                         where ? " that meets the condition " : "", where ? where : "");
    if (deposits->n == 0)
        return lode_fail(LODE_ERROR_DATA,
                         "None of the %zu deposits of '%s' lies on data of the stack '%s' (%zu "
                         "outside, %zu on cells without data). Check the CRS of both.",
                         deposits->read, from->path, stack, deposits->outside,
                         deposits->without_data);
    lode_log(deposits->n < deposits->read ? LODE_LOG_WARNING : LODE_LOG_INFO,
             "Deposits: %zu read from '%s', %zu used (%zu outside the stack, %zu on cells without "
             "data, %zu in the cell of another).",
             deposits->read, from->path, deposits->n, deposits->outside, deposits->without_data,
             deposits->same_cell);
    return LODE_OK;
}

lode_status lode_deposits_read(const char *layer, const char *where, lode_stack *stack,
                               const lode_recipe *recipe, lode_deposits **deposits) {
    source from = {0};
    lode_deposits *made = lode_alloc(1, sizeof *made);
    lode_status status = made ? open_layer(layer, where, &from) : lode_fail_memory();
    if (status == LODE_OK)
        status = open_transformation(lode_stack_grid(stack), lode_stack_name(stack), &from);
    if (status == LODE_OK)
        status = take_features(&from, lode_stack_grid(stack), made);
    if (status == LODE_OK && made->n > 0)
        status = drop_without_data(stack, recipe, made);
    if (status == LODE_OK)
        status = judge(made, &from, where, lode_stack_name(stack));
    close_source(&from);
    if (status != LODE_OK) {
        lode_deposits_free(made);
        return status;
    }
    *deposits = made;
    return LODE_OK;
}

#include "targets/outline.h"

#include <math.h>
#include <stdio.h>

#include <cpl_conv.h>
#include <gdal.h>
#include <gdal_alg.h>
#include <ogr_api.h>

#include "util/error.h"
#include "util/memory.h"

/* Keeps parts of one cell's width from shrinking to a line. */
static const double nearest_centre = 0.1;

typedef struct tracing {
    const int32_t *label;
    int width, height;
    const lode_surface *score;
    double threshold;
} tracing;

/* ---- Smooth rings -----------------------------------------------------------------------------
 */

static int32_t label_at(const tracing *t, int column, int row) {
    return column < 0 || row < 0 || column >= t->width || row >= t->height
               ? 0
               : t->label[(size_t)row * (size_t)t->width + (size_t)column];
}

static double score_at(const tracing *t, int column, int row) {
    return column < 0 || row < 0 || column >= t->width || row >= t->height
               ? NAN
               : (double)t->score->values[(size_t)row * (size_t)t->width + (size_t)column];
}

/* How far from the inner cell's centre (0) to the outer one's (1) the outline runs. */
static double crossing(const tracing *t, int column, int row, int outer_column, int outer_row) {
    double in = score_at(t, column, row), out = score_at(t, outer_column, outer_row);
    if (!(in >= t->threshold) || !(out < t->threshold))
        return 0.5;
    return fmin(fmax((in - t->threshold) / (in - out), nearest_centre), 1 - nearest_centre);
}

/* The point for the unit edge from corner (x, y) one step along (dx, dy). */
static void add_crossing(const tracing *t, int label, int x, int y, int dx, int dy,
                         OGRGeometryH ring) {
    /* The cells to the left and to the right of the edge. */
    int column[2] = {dx ? (dx > 0 ? x : x - 1) : x - 1, dx ? (dx > 0 ? x : x - 1) : x};
    int row[2] = {dy ? (dy > 0 ? y : y - 1) : y - 1, dy ? (dy > 0 ? y : y - 1) : y};
    int in = label_at(t, column[0], row[0]) == label ? 0 : 1, out = 1 - in;
    double share = crossing(t, column[in], row[in], column[out], row[out]);
    OGR_G_AddPoint_2D(ring, column[in] + 0.5 + share * (column[out] - column[in]),
                      row[in] + 0.5 + share * (row[out] - row[in]));
}

static OGRGeometryH smooth_ring(const tracing *t, int label, OGRGeometryH cells) {
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing);
    int n = OGR_G_GetPointCount(cells);
    for (int i = 0; i + 1 < n; i++) {
        int x = (int)lround(OGR_G_GetX(cells, i)), y = (int)lround(OGR_G_GetY(cells, i));
        int to_x = (int)lround(OGR_G_GetX(cells, i + 1));
        int to_y = (int)lround(OGR_G_GetY(cells, i + 1));
        int dx = (to_x > x) - (to_x < x), dy = (to_y > y) - (to_y < y);
        for (; x != to_x || y != to_y; x += dx, y += dy)
            add_crossing(t, label, x, y, dx, dy, ring);
    }
    OGR_G_CloseRings(ring);
    return ring;
}

static OGRGeometryH smooth_polygon(const tracing *t, int label, OGRGeometryH cells) {
    OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon);
    int rings = OGR_G_GetGeometryCount(cells);
    for (int r = 0; r < rings; r++)
        OGR_G_AddGeometryDirectly(polygon, smooth_ring(t, label, OGR_G_GetGeometryRef(cells, r)));
    if (OGR_G_IsValid(polygon))
        return polygon;
    OGR_G_DestroyGeometry(polygon);
    return OGR_G_Clone(cells);
}

/* ---- Cell edges -------------------------------------------------------------------------------
 */

/* The label raster, without copying it, as a GDAL dataset whose map units are cells. */
static GDALDatasetH wrap_labels(const tracing *t) {
    GDALDatasetH dataset =
        GDALCreate(GDALGetDriverByName("MEM"), "", t->width, t->height, 0, GDT_Int32, NULL);
    char pointer[64], option[96];
    int length = CPLPrintPointer(pointer, (void *)t->label, sizeof pointer - 1);
    pointer[length] = 0;
    snprintf(option, sizeof option, "DATAPOINTER=%s", pointer);
    char *options[] = {option, NULL};
    double transform[6] = {0, 1, 0, 0, 0, 1};
    if (dataset && (GDALAddBand(dataset, GDT_Int32, options) != CE_None ||
                    GDALSetGeoTransform(dataset, transform) != CE_None)) {
        GDALClose(dataset);
        dataset = NULL;
    }
    return dataset;
}

static void take_polygon(const tracing *t, OGRFeatureH feature, lode_outlines *outlines) {
    int label = OGR_F_GetFieldAsInteger(feature, 0);
    if (label < 1 || label > outlines->count)
        return;
    OGRGeometryH polygon = OGR_F_StealGeometry(feature);
    if (polygon && t->score) {
        OGRGeometryH smooth = smooth_polygon(t, label, polygon);
        OGR_G_DestroyGeometry(polygon);
        polygon = smooth;
    }
    /* A region may touch itself at a corner of cells. */
    if (polygon && !OGR_G_IsValid(polygon)) {
        OGRGeometryH valid = OGR_G_MakeValid(polygon);
        OGR_G_DestroyGeometry(polygon);
        polygon = valid;
    }
    OGR_G_DestroyGeometry(outlines->polygon[label - 1]);
    outlines->polygon[label - 1] = polygon ? OGR_G_ForceToMultiPolygon(polygon) : NULL;
}

static lode_status trace(const tracing *t, GDALDatasetH raster, OGRLayerH found,
                         lode_outlines *outlines) {
    OGRFieldDefnH field = OGR_Fld_Create("label", OFTInteger);
    OGRErr error = raster && found ? OGR_L_CreateField(found, field, TRUE) : OGRERR_FAILURE;
    OGR_Fld_Destroy(field);
    if (error != OGRERR_NONE)
        return lode_fail_gdal(LODE_ERROR_INTERNAL, "Cannot prepare the targets' polygons.");
    GDALRasterBandH band = GDALGetRasterBand(raster, 1);
    if (GDALPolygonize(band, band, found, 0, NULL, NULL, NULL) != CE_None)
        return lode_fail_gdal(LODE_ERROR_INTERNAL, "Cannot turn targets into polygons.");
    OGRFeatureH feature;
    OGR_L_ResetReading(found);
    while ((feature = OGR_L_GetNextFeature(found)) != NULL) {
        take_polygon(t, feature, outlines);
        OGR_F_Destroy(feature);
    }
    return LODE_OK;
}

lode_status lode_outlines_trace(const int32_t *label, int width, int height, int count,
                                const lode_surface *score, double threshold,
                                lode_outlines *outlines) {
    tracing t = {label, width, height, score, threshold};
    *outlines = (lode_outlines){
        count, lode_alloc(count > 0 ? (size_t)count : 1, sizeof *outlines->polygon)};
    if (!outlines->polygon)
        return lode_fail_memory();
    CPLErrorReset();
    GDALDatasetH raster = wrap_labels(&t);
    GDALDriverH driver = GDALGetDriverByName("Memory"); /* one driver with MEM since GDAL 3.11 */
    GDALDatasetH memory =
        GDALCreate(driver ? driver : GDALGetDriverByName("MEM"), "", 0, 0, 0, GDT_Unknown, NULL);
    OGRLayerH found =
        memory ? GDALDatasetCreateLayer(memory, "regions", NULL, wkbPolygon, NULL) : NULL;
    lode_status status = trace(&t, raster, found, outlines);
    if (memory)
        GDALClose(memory);
    if (raster)
        GDALClose(raster);
    if (status != LODE_OK)
        lode_outlines_free(outlines);
    return status;
}

void lode_outlines_free(lode_outlines *outlines) {
    for (int i = 0; outlines->polygon && i < outlines->count; i++)
        OGR_G_DestroyGeometry(outlines->polygon[i]);
    lode_free(outlines->polygon);
    *outlines = (lode_outlines){0};
}

/* ---- Asking -----------------------------------------------------------------------------------
 */

double lode_outlines_area(const lode_outlines *outlines, int label) {
    OGRGeometryH polygon = outlines->polygon[label - 1];
    return polygon ? OGR_G_Area(polygon) : 0;
}

static void place_ring(const lode_grid *grid, OGRGeometryH ring) {
    int n = OGR_G_GetPointCount(ring);
    for (int i = 0; i < n; i++) {
        double east, north;
        lode_grid_to_map(grid, OGR_G_GetX(ring, i), OGR_G_GetY(ring, i), &east, &north);
        OGR_G_SetPoint_2D(ring, i, east, north);
    }
}

void *lode_outlines_place(const lode_outlines *outlines, int label, const lode_grid *grid) {
    OGRGeometryH whole = outlines->polygon[label - 1];
    if (!whole)
        return NULL;
    OGRGeometryH placed = OGR_G_Clone(whole);
    int parts = OGR_G_GetGeometryCount(placed);
    for (int p = 0; p < parts; p++) {
        OGRGeometryH polygon = OGR_G_GetGeometryRef(placed, p);
        int rings = OGR_G_GetGeometryCount(polygon);
        for (int r = 0; r < rings; r++)
            place_ring(grid, OGR_G_GetGeometryRef(polygon, r));
    }
    return placed;
}

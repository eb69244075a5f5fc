#include "grid/rasterise.h"

#include <math.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal.h>
#include <gdal_alg.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "grid/distance.h"
#include "grid/target.h"
#include "util/error.h"
#include "util/memory.h"
#include "vector/vector.h"

struct lode_features_layer {
    OGRGeometryH *shapes;
    size_t count, inside, capacity;
    char *name;
    const lode_grid *grid;
    double metres; /* in one unit of the CRS */
    double along;  /* shrinks metres eastward in degrees */
};

/* ---- Reading --------------------------------------------------------------------------------- */

static OGRLayerH find_layer(GDALDatasetH dataset, const char *name) {
    if (name)
        return GDALDatasetGetLayerByName(dataset, name);
    return GDALDatasetGetLayerCount(dataset) > 0 ? GDALDatasetGetLayer(dataset, 0) : NULL;
}

static OGRCoordinateTransformationH to_grid(OGRLayerH layer, const lode_grid *grid,
                                            const char *name) {
    OGRSpatialReferenceH own = OGR_L_GetSpatialRef(layer);
    if (!own || !grid->crs[0]) {
        lode_log(LODE_LOG_WARNING,
                 "'%s': the CRS is not known on both sides; its coordinates are "
                 "used as they are.",
                 name);
        return NULL;
    }
    OGRSpatialReferenceH from = OSRClone(own), to = OSRNewSpatialReference(grid->crs);
    OSRSetAxisMappingStrategy(from, OAMS_TRADITIONAL_GIS_ORDER);
    OSRSetAxisMappingStrategy(to, OAMS_TRADITIONAL_GIS_ORDER);
    OGRCoordinateTransformationH change =
        OSRIsSame(from, to) ? NULL : OCTNewCoordinateTransformation(from, to);
    OSRDestroySpatialReference(from);
    OSRDestroySpatialReference(to);
    return change;
}

static lode_status keep(lode_features_layer *layer, OGRGeometryH shape, const double bounds[4]) {
    if (layer->count == layer->capacity) {
        size_t more = layer->capacity ? 2 * layer->capacity : 256;
        OGRGeometryH *grown = lode_grow(layer->shapes, layer->capacity, more, sizeof *grown);
        if (!grown) {
            OGR_G_DestroyGeometry(shape);
            return lode_fail_memory();
        }
        layer->shapes = grown;
        layer->capacity = more;
    }
    OGREnvelope box;
    OGR_G_GetEnvelope(shape, &box);
    layer->inside += box.MinX < bounds[2] && box.MaxX > bounds[0] && box.MinY < bounds[3] &&
                     box.MaxY > bounds[1];
    layer->shapes[layer->count++] = shape;
    return LODE_OK;
}

static lode_status read_shapes(OGRLayerH source, const char *name, const lode_grid *grid,
                               lode_features_layer *layer) {
    double bounds[4];
    lode_grid_bounds(grid, NULL, bounds);
    OGRCoordinateTransformationH change = to_grid(source, grid, name);
    lode_status status = LODE_OK;
    OGR_L_ResetReading(source);
    while (status == LODE_OK) {
        OGRFeatureH feature = NULL;
        status = lode_vector_next(source, "vector layer", name, &feature);
        if (!feature)
            break;
        OGRGeometryH shape = OGR_F_StealGeometry(feature);
        OGR_F_Destroy(feature);
        if (shape && OGR_G_HasCurveGeometry(shape, TRUE)) {
            OGRGeometryH linear = OGR_G_GetLinearGeometry(shape, 0, NULL);
            OGR_G_DestroyGeometry(shape);
            shape = linear;
        }
        bool good = shape && !OGR_G_IsEmpty(shape) &&
                    (!change || OGR_G_Transform(shape, change) == OGRERR_NONE);
        if (good)
            status = keep(layer, shape, bounds);
        else if (shape)
            OGR_G_DestroyGeometry(shape);
    }
    if (change)
        OCTDestroyCoordinateTransformation(change);
    if (status == LODE_OK && layer->count == 0)
        status = lode_fail(LODE_ERROR_DATA, "'%s' has no features with a geometry.", name);
    return status;
}

static lode_status open_layer(const char *name, const char *where, const lode_grid *grid,
                              lode_features_layer *layer) {
    char *file, *wanted;
    LODE_TRY(lode_vector_split(name, &file, &wanted));
    CPLErrorReset();
    GDALDatasetH dataset = GDALOpenEx(file, GDAL_OF_VECTOR, NULL, NULL, NULL);
    OGRLayerH source = dataset ? find_layer(dataset, wanted) : NULL;
    lode_status status = LODE_OK;
    if (!dataset)
        status = lode_fail_gdal(LODE_ERROR_IO, "Cannot open the vector layer '%s'.", name);
    else if (!source)
        status = lode_fail(LODE_ERROR_DATA, "There is no layer '%s' in '%s'.",
                           wanted ? wanted : "(first)", name);
    else
        status = lode_vector_filter(source, where, "--vector-where", name);
    if (status == LODE_OK) {
        layer->name = lode_strdup(OGR_L_GetName(source));
        status = layer->name ? read_shapes(source, name, grid, layer) : lode_fail_memory();
    }
    if (dataset)
        GDALClose(dataset);
    lode_free(file);
    lode_free(wanted);
    return status;
}

lode_status lode_layer_open(const char *name, const char *where, const lode_grid *grid,
                            lode_features_layer **layer) {
    lode_features_layer *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->grid = grid;
    made->metres = lode_crs_metres(grid->crs);
    made->along = 1;
    if (lode_crs_is_geographic(grid->crs)) {
        double bounds[4];
        lode_grid_bounds(grid, NULL, bounds);
        made->along = cos((bounds[1] + bounds[3]) / 2 * 3.14159265358979 / 180);
    }
    lode_status status = open_layer(name, where, grid, made);
    if (status != LODE_OK) {
        lode_layer_close(made);
        return status;
    }
    *layer = made;
    return LODE_OK;
}

void lode_layer_close(lode_features_layer *layer) {
    if (!layer)
        return;
    for (size_t i = 0; i < layer->count; i++)
        OGR_G_DestroyGeometry(layer->shapes[i]);
    lode_free(layer->shapes);
    lode_free(layer->name);
    lode_free(layer);
}

const char *lode_layer_name(const lode_features_layer *layer) {
    return layer->name;
}

void lode_layer_counts(const lode_features_layer *layer, size_t *all, size_t *inside) {
    *all = layer->count;
    *inside = layer->inside;
}

/* ---- Presence -------------------------------------------------------------------------------- */

/* A finer or wider grid around the layer's own: `factor` cells for one, `pad` cells more a side. */
typedef struct frame {
    int width, height, factor, pad;
    double transform[6];
} frame;

static frame make_frame(const lode_grid *grid, int factor, int pad) {
    frame made = {
        (grid->width + 2 * pad) * factor, (grid->height + 2 * pad) * factor, factor, pad, {0}};
    const double *t = grid->transform;
    made.transform[0] = t[0] - pad * t[1];
    made.transform[1] = t[1] / factor;
    made.transform[3] = t[3] - pad * t[5];
    made.transform[5] = t[5] / factor;
    return made;
}

static lode_status burn(const lode_features_layer *layer, const frame *area, bool all_touched,
                        const lode_progress *progress, unsigned char *mask) {
    GDALDatasetH memory =
        GDALCreate(GDALGetDriverByName("MEM"), "", area->width, area->height, 0, GDT_Byte, NULL);
    char pointer[64], text[80];
    int length = CPLPrintPointer(pointer, mask, (int)sizeof pointer - 1);
    pointer[length] = '\0';
    snprintf(text, sizeof text, "DATAPOINTER=%s", pointer);
    char *band_options[] = {text, NULL};
    CPLErrorReset();
    lode_status status = LODE_OK;
    double transform[6];
    int band = 1;
    memcpy(transform, area->transform, sizeof transform);
    char *options[] = {"ALL_TOUCHED=TRUE", NULL};
    if (!memory || GDALAddBand(memory, GDT_Byte, band_options) != CE_None ||
        GDALSetGeoTransform(memory, transform) != CE_None)
        status = lode_fail_gdal(LODE_ERROR_MEMORY, "Cannot rasterise '%s'.", layer->name);
    /* Each call passes over the whole raster, so the features go in large batches. */
    size_t batch = layer->count / 50 + 1000;
    double *ones = lode_alloc(batch, sizeof *ones);
    for (size_t i = 0; i < batch && ones; i++)
        ones[i] = 1;
    if (!ones)
        status = lode_fail_memory();
    for (size_t i = 0; i < layer->count && status == LODE_OK; i += batch) {
        size_t count = layer->count - i < batch ? layer->count - i : batch;
        if (GDALRasterizeGeometries(memory, 1, &band, (int)count, layer->shapes + i, NULL, NULL,
                                    ones, all_touched ? options : NULL, NULL, NULL) != CE_None)
            status = lode_fail_gdal(LODE_ERROR_DATA, "Cannot rasterise '%s'.", layer->name);
        else
            status =
                lode_progress_report(progress, (double)(i + count) / (double)layer->count, NULL);
    }
    lode_free(ones);
    if (memory)
        GDALClose(memory);
    return status;
}

static lode_status presence(const lode_features_layer *layer, const lode_progress *progress,
                            float *values) {
    frame area = make_frame(layer->grid, 1, 0);
    size_t cells = (size_t)area.width * (size_t)area.height;
    unsigned char *mask = lode_alloc(cells, 1);
    lode_status status = mask ? burn(layer, &area, true, progress, mask) : lode_fail_memory();
    for (size_t i = 0; i < cells && status == LODE_OK; i++)
        values[i] = mask[i];
    lode_free(mask);
    return status;
}

/* ---- Distance -------------------------------------------------------------------------------- */

static int best_factor(const lode_grid *grid, int pad) {
    double cells = (double)(grid->width + 2 * pad) * (grid->height + 2 * pad);
    int factor = 5;
    while (factor > 1 && cells * factor * factor > 64e6)
        factor -= 2;
    return factor;
}

static lode_status distance(const lode_features_layer *layer, int threads,
                            const lode_progress *progress, float *values) {
    const lode_grid *grid = layer->grid;
    int longer = grid->width > grid->height ? grid->width : grid->height, pad = longer / 2;
    if ((double)(grid->width + 2 * pad) * (grid->height + 2 * pad) > 256e6)
        pad = 0;
    frame area = make_frame(grid, best_factor(grid, pad), pad);
    size_t cells = (size_t)area.width * (size_t)area.height;
    unsigned char *mask = lode_alloc(cells, 1);
    float *fine = lode_alloc(cells, sizeof *fine);
    lode_progress half[2] = {lode_progress_part(progress, 0, 0.5),
                             lode_progress_part(progress, 0.5, 1)};
    lode_status status =
        mask && fine ? burn(layer, &area, true, &half[0], mask) : lode_fail_memory();
    double cell_x = area.transform[1] * layer->metres * layer->along;
    double cell_y = -area.transform[5] * layer->metres;
    if (status == LODE_OK)
        status = lode_distance_transform(mask, area.width, area.height, cell_x, cell_y, threads,
                                         &half[1], fine);
    for (int y = 0; y < grid->height && status == LODE_OK; y++) {
        size_t line = (size_t)((y + pad) * area.factor + area.factor / 2) * (size_t)area.width;
        for (int x = 0; x < grid->width; x++)
            values[(size_t)y * (size_t)grid->width + (size_t)x] =
                fine[line + (size_t)((x + pad) * area.factor + area.factor / 2)];
    }
    lode_free(mask);
    lode_free(fine);
    return status;
}

/* ---- Density --------------------------------------------------------------------------------- */

static void add_at(const frame *area, double x, double y, double amount, float *sums) {
    double column = floor((x - area->transform[0]) / area->transform[1]);
    double row = floor((y - area->transform[3]) / area->transform[5]);
    if (column >= 0 && row >= 0 && column < area->width && row < area->height)
        sums[(size_t)row * (size_t)area->width + (size_t)column] += (float)amount;
}

/* Length of every piece of line goes to the cell that holds the piece's middle; pieces are at most
 * a quarter of a cell long. */
static void add_line(const lode_features_layer *layer, const frame *area, OGRGeometryH line,
                     float *sums) {
    double piece = 0.25 * fmin(area->transform[1], -area->transform[5]);
    for (int i = 1; i < OGR_G_GetPointCount(line); i++) {
        double x = OGR_G_GetX(line, i - 1), y = OGR_G_GetY(line, i - 1);
        double dx = OGR_G_GetX(line, i) - x, dy = OGR_G_GetY(line, i) - y;
        double kilometres = hypot(dx * layer->along, dy) * layer->metres / 1000;
        int pieces = (int)fmin(1e7, ceil(hypot(dx, dy) / piece)) + 1;
        for (int k = 0; k < pieces; k++)
            add_at(area, x + dx * (k + 0.5) / pieces, y + dy * (k + 0.5) / pieces,
                   kilometres / pieces, sums);
    }
}

static void add_shape(const lode_features_layer *layer, const frame *area, OGRGeometryH shape,
                      float *sums) {
    int parts = OGR_G_GetGeometryCount(shape);
    if (parts > 0) {
        for (int i = 0; i < parts; i++)
            add_shape(layer, area, OGR_G_GetGeometryRef(shape, i), sums);
    } else if (OGR_G_GetDimension(shape) == 1) {
        add_line(layer, area, shape, sums);
    } else if (OGR_G_GetDimension(shape) == 0) {
        add_at(area, OGR_G_GetX(shape, 0), OGR_G_GetY(shape, 0), 1, sums);
    }
}

/* What lies in every cell: km of line, number of points, or km2 of area. */
static lode_status contents(const lode_features_layer *layer, const frame *area, double cell_area,
                            const lode_progress *progress, float *sums) {
    if (OGR_G_GetDimension(layer->shapes[0]) < 2) {
        for (size_t i = 0; i < layer->count; i++)
            add_shape(layer, area, layer->shapes[i], sums);
        return LODE_OK;
    }
    size_t cells = (size_t)area->width * (size_t)area->height;
    unsigned char *mask = lode_alloc(cells, 1);
    lode_status status = mask ? burn(layer, area, false, progress, mask) : lode_fail_memory();
    for (size_t i = 0; i < cells && status == LODE_OK; i++)
        sums[i] = (float)(mask[i] * cell_area);
    lode_free(mask);
    return status;
}

/* Sums over a disc, row by row from running totals along each row. */
static lode_status smooth(const frame *area, const lode_grid *grid, double radius_x,
                          double radius_y, double cell_area, const float *sums, float *values,
                          const lode_progress *progress) {
    size_t stride = (size_t)area->width + 1;
    double *running = lode_alloc(stride * (size_t)area->height, sizeof *running);
    if (!running)
        return lode_fail_memory();
    for (int y = 0; y < area->height; y++)
        for (int x = 0; x < area->width; x++)
            running[(size_t)y * stride + (size_t)x + 1] =
                running[(size_t)y * stride + (size_t)x] +
                (double)sums[(size_t)y * (size_t)area->width + (size_t)x];
    lode_status status = LODE_OK;
    int reach = (int)floor(radius_y);
    for (int y = 0; y < grid->height && status == LODE_OK; y++) {
        for (int x = 0; x < grid->width; x++) {
            double total = 0, cells = 0;
            for (int dy = -reach; dy <= reach; dy++) {
                double share = 1 - (dy / radius_y) * (dy / radius_y);
                int half = (int)floor(radius_x * sqrt(fmax(0, share)));
                const double *line = running + (size_t)(y + area->pad + dy) * stride;
                int middle = x + area->pad;
                total += line[middle + half + 1] - line[middle - half];
                cells += 2 * half + 1;
            }
            values[(size_t)y * (size_t)grid->width + (size_t)x] =
                (float)(total / (cells * cell_area));
        }
        status = lode_progress_report(progress, (y + 1.0) / grid->height, NULL);
    }
    lode_free(running);
    return status;
}

static lode_status density(const lode_features_layer *layer, double radius,
                           const lode_progress *progress, float *values) {
    const double *t = layer->grid->transform;
    double cell_x = t[1] * layer->metres * layer->along, cell_y = -t[5] * layer->metres;
    double radius_x = fmax(0.5, radius / cell_x), radius_y = fmax(0.5, radius / cell_y);
    if (fmax(radius_x, radius_y) > 5000)
        return lode_fail(LODE_ERROR_USAGE, "--density-radius %.10g m is more than 5000 cells.",
                         radius);
    frame area = make_frame(layer->grid, 1, (int)ceil(fmax(radius_x, radius_y)));
    double cell_area = cell_x * cell_y / 1e6;
    lode_progress half[2] = {lode_progress_part(progress, 0, 0.3),
                             lode_progress_part(progress, 0.3, 1)};
    float *sums = lode_alloc((size_t)area.width * (size_t)area.height, sizeof *sums);
    lode_status status =
        sums ? contents(layer, &area, cell_area, &half[0], sums) : lode_fail_memory();
    if (status == LODE_OK)
        status = smooth(&area, layer->grid, radius_x, radius_y, cell_area, sums, values, &half[1]);
    lode_free(sums);
    return status;
}

lode_status lode_rasterise(const lode_features_layer *layer, lode_presentation what,
                           double radius_metres, int threads, const lode_progress *progress,
                           float *values) {
    if (what == LODE_PRESENCE)
        return presence(layer, progress, values);
    if (what == LODE_DISTANCE)
        return distance(layer, threads, progress, values);
    return density(layer, radius_metres, progress, values);
}

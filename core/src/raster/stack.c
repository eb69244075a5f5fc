#include "raster/stack.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/simd.h"
#include "util/text.h"
#include "util/transpose.h"

/* A file is opened up to so many times in all (open_again). */
enum { BANDS_OF_OPENING = 8, MOST_OPENINGS = 8, MOST_BANDS = 1024, MOST_BLOCKS = 1 << 18 };

typedef struct band {
    GDALRasterBandH handle;
    int lock; /* to hold while the handle is used */
    char *name;
    double nodata, scale, offset;
    bool has_nodata, has_mask;
} band;

struct lode_stack {
    GDALDatasetH *datasets; /* one for each file */
    int dataset_count;
    GDALDatasetH again[MOST_OPENINGS]; /* further openings of them */
    int again_count;
    /* What an open GeoTIFF holds is its own, so each has a lock. Files of other formats share the
     * first: two VRTs may read through one handle of a source that both name. */
    pthread_mutex_t *locks;
    int lock_count;
    band *bands;
    int band_count;
    lode_grid grid;
    char *crs, *name;
};

/* ---- Opening ----------------------------------------------------------------------------------
 */

static lode_status read_grid(GDALDatasetH dataset, const char *path, bool located,
                             lode_stack *stack) {
    lode_grid *grid = &stack->grid;
    grid->width = GDALGetRasterXSize(dataset);
    grid->height = GDALGetRasterYSize(dataset);
    /* Tiles are numbered with size_t; none is smaller than 16 x 16 cells. */
    if ((double)grid->width * grid->height / 256 >= (double)SIZE_MAX)
        return lode_fail(LODE_ERROR_DATA,
                         "'%s' has %d x %d cells, too many for a computer of 32 bits. Cut a part "
                         "out of it: gdal_translate -srcwin.",
                         path, grid->width, grid->height);
    /* Without a geotransform GDAL fills in cell coordinates. */
    if (GDALGetGeoTransform(dataset, grid->transform) != CE_None && located)
        return lode_fail(LODE_ERROR_DATA,
                         "'%s' has no georeferencing. Give it one, for example with gdal_translate "
                         "-a_ullr -a_srs.",
                         path);
    const double *t = grid->transform;
    if (!(fabs(t[1] * t[5] - t[2] * t[4]) > 0))
        return lode_fail(LODE_ERROR_DATA, "'%s' has a geotransform with cells of no area.", path);
    const char *crs = GDALGetProjectionRef(dataset);
    stack->crs = lode_strdup(crs ? crs : "");
    stack->name = lode_strdup(path);
    grid->crs = stack->crs;
    return stack->crs && stack->name ? LODE_OK : lode_fail_memory();
}

bool lode_crs_same(const char *a, const char *b) {
    if (strcmp(a, b) == 0)
        return true;
    OGRSpatialReferenceH left = OSRNewSpatialReference(a[0] ? a : NULL);
    OGRSpatialReferenceH right = OSRNewSpatialReference(b[0] ? b : NULL);
    bool same = a[0] && b[0] && left && right && OSRIsSame(left, right);
    OSRDestroySpatialReference(left);
    OSRDestroySpatialReference(right);
    return same;
}

bool lode_grid_same(const lode_grid *a, const lode_grid *b) {
    if (a->width != b->width || a->height != b->height)
        return false;
    double cell = fmax(fabs(a->transform[1]), fabs(a->transform[2]));
    for (int corner = 0; corner < 4; corner++) {
        double column = (corner & 1) * a->width, row = (corner >> 1) * a->height;
        for (int axis = 0; axis < 2; axis++) {
            const double *p = a->transform + 3 * axis, *q = b->transform + 3 * axis;
            double gap = (p[0] - q[0]) + (p[1] - q[1]) * column + (p[2] - q[2]) * row;
            if (!(fabs(gap) <= 1e-3 * cell))
                return false;
        }
    }
    return lode_crs_same(a->crs, b->crs);
}

static bool on_grid(GDALDatasetH dataset, const lode_grid *grid) {
    const char *crs = GDALGetProjectionRef(dataset);
    lode_grid own = {GDALGetRasterXSize(dataset), GDALGetRasterYSize(dataset), {0}, crs ? crs : ""};
    GDALGetGeoTransform(dataset, own.transform); /* cell coordinates when there is none */
    return lode_grid_same(grid, &own);
}

char *lode_band_name(void *dataset, void *handle, const char *path, int number) {
    const char *description = GDALGetDescription(handle);
    if (description && description[0])
        return lode_utf8(description);
    if (GDALGetRasterCount(dataset) == 1)
        return lode_utf8(CPLGetBasename(path));
    return lode_format("band %d", number);
}

static bool is_geotiff(GDALDatasetH dataset) {
    return EQUAL(GDALGetDriverShortName(GDALGetDatasetDriver(dataset)), "GTiff");
}

static int add_lock(lode_stack *stack) {
    pthread_mutex_init(&stack->locks[stack->lock_count], NULL);
    return stack->lock_count++;
}

static double block_count(GDALDatasetH dataset) {
    int wide, tall;
    GDALGetBlockSize(GDALGetRasterBand(dataset, 1), &wide, &tall);
    return ceil((double)GDALGetRasterXSize(dataset) / wide) *
           ceil((double)GDALGetRasterYSize(dataset) / tall) * GDALGetRasterCount(dataset);
}

/* A GeoTIFF of many bands is opened several times, each for some of the bands, so that several
 * threads decode at once. Only one that holds band after band: with another layout, or a mask, each
 * opening would decode the same. Not a large one either: each opening has its own list of the
 * file's blocks, 16 bytes a block. */
static int openings_wanted(const lode_stack *stack, GDALDatasetH dataset) {
    const char *layout = GDALGetMetadataItem(dataset, "INTERLEAVE", "IMAGE_STRUCTURE");
    int flags = GDALGetMaskFlags(GDALGetRasterBand(dataset, 1));
    int count = GDALGetRasterCount(dataset), room = 1 + MOST_OPENINGS - stack->lock_count;
    if (!is_geotiff(dataset) || !layout || !EQUAL(layout, "BAND") || count > MOST_BANDS ||
        block_count(dataset) > MOST_BLOCKS || !(flags & (GMF_ALL_VALID | GMF_NODATA)))
        return 1;
    int wanted = (count + BANDS_OF_OPENING - 1) / BANDS_OF_OPENING;
    return wanted < room ? wanted : room;
}

/* False when the file has changed since `dataset` was opened, as far as a look can tell. */
static bool same_shape(GDALDatasetH again, GDALDatasetH dataset) {
    return GDALGetRasterCount(again) == GDALGetRasterCount(dataset) &&
           GDALGetRasterXSize(again) == GDALGetRasterXSize(dataset) &&
           GDALGetRasterYSize(again) == GDALGetRasterYSize(dataset);
}

/* Fills openings[] with `dataset` and further ones of the file, and returns how many there are. A
 * file that cannot be opened again has fewer, which is only slower. */
static int open_again(lode_stack *stack, GDALDatasetH dataset, const char *path,
                      GDALDatasetH openings[MOST_OPENINGS]) {
    int wanted = openings_wanted(stack, dataset), made = 1;
    openings[0] = dataset;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    for (; made < wanted; made++) {
        GDALDatasetH again = GDALOpenEx(path, GDAL_OF_RASTER, NULL, NULL, NULL);
        if (!again)
            break;
        stack->again[stack->again_count++] = again;
        if (!same_shape(again, dataset))
            break;
        openings[made] = again;
    }
    CPLPopErrorHandler();
    CPLErrorReset();
    return made;
}

static lode_status add_band(lode_stack *stack, GDALDatasetH dataset, int lock, const char *path,
                            int number) {
    band *added = &stack->bands[stack->band_count];
    added->lock = lock;
    added->handle = GDALGetRasterBand(dataset, number);
    added->name = lode_band_name(dataset, added->handle, path, number);
    if (!added->name)
        return lode_fail_memory();
    int found;
    added->nodata = GDALGetRasterNoDataValue(added->handle, &found);
    added->has_nodata = found;
    added->scale = GDALGetRasterScale(added->handle, &found);
    if (!found || added->scale == 0)
        added->scale = 1;
    added->offset = GDALGetRasterOffset(added->handle, &found);
    if (!found)
        added->offset = 0;
    int flags = GDALGetMaskFlags(added->handle);
    added->has_mask = !(flags & (GMF_ALL_VALID | GMF_NODATA));
    stack->band_count++;
    return LODE_OK;
}

static lode_status add_bands(lode_stack *stack, GDALDatasetH dataset, const char *path, int count) {
    GDALDatasetH openings[MOST_OPENINGS];
    int made = open_again(stack, dataset, path, openings);
    for (int k = 0; k < made; k++) {
        int lock = is_geotiff(dataset) ? add_lock(stack) : 0;
        for (int number = count * k / made + 1; number <= count * (k + 1) / made; number++)
            LODE_TRY(add_band(stack, openings[k], lock, path, number));
    }
    return LODE_OK;
}

static int compare_names(const void *a, const void *b) {
    const band *const *left = a, *const *right = b;
    int order = strcmp((*left)->name, (*right)->name);
    return order ? order : *left < *right ? -1 : *left > *right;
}

/* Sorted, because a raster may have 65,535 bands. */
static lode_status check_names(const lode_stack *stack) {
    const band **sorted = lode_alloc((size_t)stack->band_count, sizeof *sorted);
    if (!sorted)
        return lode_fail_memory();
    for (int i = 0; i < stack->band_count; i++)
        sorted[i] = &stack->bands[i];
    qsort(sorted, (size_t)stack->band_count, sizeof *sorted, compare_names);
    lode_status status = LODE_OK;
    for (int i = 1; i < stack->band_count && status == LODE_OK; i++)
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
            status = lode_fail(
                LODE_ERROR_DATA,
                "Two bands are called '%s' (the second in '%s'). Bands are matched by name: "
                "rename one, for example with gdal_edit.py or by renaming the file.",
                sorted[i]->name, GDALGetDescription(GDALGetBandDataset(sorted[i]->handle)));
    lode_free(sorted);
    return status;
}

static lode_status add_dataset(lode_stack *stack, const char *path, bool located) {
    CPLErrorReset();
    GDALDatasetH dataset =
        GDALOpenEx(path, GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    if (!dataset)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot open the raster '%s'.", path);
    stack->datasets[stack->dataset_count++] = dataset;
    int count = GDALGetRasterCount(dataset);
    if (count == 0)
        return lode_fail(LODE_ERROR_DATA, "'%s' has no raster bands.", path);
    if (stack->dataset_count == 1)
        LODE_TRY(read_grid(dataset, path, located, stack));
    else if (!on_grid(dataset, &stack->grid))
        return lode_fail(
            LODE_ERROR_DATA,
            "'%s' is not on the grid of '%s' (size, cell, origin or CRS differ). Align "
            "them first: lode stack --like '%s' '%s' aligned.tif",
            path, stack->name, stack->name, path);
    band *bands = lode_grow(stack->bands, (size_t)stack->band_count,
                            (size_t)(stack->band_count + count), sizeof *bands);
    if (!bands)
        return lode_fail_memory();
    stack->bands = bands;
    return add_bands(stack, dataset, path, count);
}

static lode_status open_stack(const char *const *paths, int count, bool located,
                              lode_stack **stack) {
    if (count < 1)
        return lode_fail(LODE_ERROR_USAGE, "No raster stack is named.");
    lode_stack *opened = lode_alloc(1, sizeof *opened);
    if (!opened)
        return lode_fail_memory();
    opened->datasets = lode_alloc((size_t)count, sizeof *opened->datasets);
    opened->locks = lode_alloc((size_t)count + MOST_OPENINGS + 1, sizeof *opened->locks);
    lode_status status = opened->datasets && opened->locks ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        add_lock(opened);
    for (int i = 0; i < count && status == LODE_OK; i++)
        status = add_dataset(opened, paths[i], located);
    if (status == LODE_OK)
        status = check_names(opened);
    if (status != LODE_OK) {
        lode_stack_close(opened);
        return status;
    }
    *stack = opened;
    return LODE_OK;
}

lode_status lode_stack_open(const char *const *paths, int count, lode_stack **stack) {
    return open_stack(paths, count, true, stack);
}

lode_status lode_stack_open_unlocated(const char *const *paths, int count, lode_stack **stack) {
    return open_stack(paths, count, false, stack);
}

void lode_stack_close(lode_stack *stack) {
    if (!stack)
        return;
    for (int i = 0; i < stack->dataset_count; i++)
        GDALClose(stack->datasets[i]);
    for (int i = 0; i < stack->again_count; i++)
        GDALClose(stack->again[i]);
    for (int i = 0; i < stack->lock_count; i++)
        pthread_mutex_destroy(&stack->locks[i]);
    for (int i = 0; i < stack->band_count; i++)
        lode_free(stack->bands[i].name);
    lode_free(stack->bands);
    lode_free(stack->datasets);
    lode_free(stack->locks);
    lode_free(stack->crs);
    lode_free(stack->name);
    lode_free(stack);
}

/* ---- Asking -----------------------------------------------------------------------------------
 */

const lode_grid *lode_stack_grid(const lode_stack *stack) {
    return &stack->grid;
}

int lode_stack_band_count(const lode_stack *stack) {
    return stack->band_count;
}

const char *lode_stack_band_name(const lode_stack *stack, int index) {
    return index >= 0 && index < stack->band_count ? stack->bands[index].name : "";
}

int lode_stack_find_band(const lode_stack *stack, const char *name) {
    for (int i = 0; i < stack->band_count; i++)
        if (strcmp(stack->bands[i].name, name) == 0)
            return i;
    return -1;
}

lode_status lode_stack_match(const lode_stack *stack, const char *const *names, int count,
                             int *bands) {
    char missing[1024] = "";
    size_t used = 0;
    int lacking = 0;
    for (int i = 0; i < count; i++) {
        bands[i] = lode_stack_find_band(stack, names[i]);
        if (bands[i] >= 0)
            continue;
        if (used < sizeof missing)
            used += (size_t)snprintf(missing + used, sizeof missing - used, "%s%s",
                                     lacking ? ", " : "", names[i]);
        lacking++;
    }
    if (lacking > 0)
        return lode_fail(LODE_ERROR_MODEL,
                         "'%s' lacks %d of the %d bands the model reads: %s. Bands are matched by "
                         "name; add them to the stack, or name them with band descriptions.",
                         stack->name, lacking, count, missing);
    return LODE_OK;
}

void *lode_stack_band_handle(const lode_stack *stack, int index) {
    return index >= 0 && index < stack->band_count ? stack->bands[index].handle : NULL;
}

int lode_stack_dataset_count(const lode_stack *stack) {
    return stack->dataset_count;
}

void *lode_stack_dataset(const lode_stack *stack, int index) {
    return index >= 0 && index < stack->dataset_count ? stack->datasets[index] : NULL;
}

const char *lode_stack_name(const lode_stack *stack) {
    return stack->name;
}

void lode_stack_cell_size(const lode_stack *stack, double *along, double *down) {
    const double *t = stack->grid.transform;
    double east, north, along_unit = 1, down_unit = 1;
    OGRSpatialReferenceH crs = stack->crs[0] ? OSRNewSpatialReference(stack->crs) : NULL;
    if (crs && OSRIsGeographic(crs)) {
        lode_grid_to_map(&stack->grid, stack->grid.width / 2.0, stack->grid.height / 2.0, &east,
                         &north);
        down_unit = 111320.0;
        along_unit = down_unit * cos(north * 3.14159265358979 / 180);
    } else if (crs) {
        along_unit = down_unit = OSRGetLinearUnits(crs, NULL);
    }
    OSRDestroySpatialReference(crs);
    *along = hypot(t[1], t[4]) * along_unit;
    *down = hypot(t[2], t[5]) * down_unit;
}

double lode_stack_cell_metres(const lode_stack *stack) {
    double along, down;
    lode_stack_cell_size(stack, &along, &down);
    return 0.5 * (along + down);
}

bool lode_grid_to_cell(const lode_grid *grid, double east, double north, double *column,
                       double *row) {
    const double *t = grid->transform;
    double area = t[1] * t[5] - t[2] * t[4], dx = east - t[0], dy = north - t[3];
    *column = (dx * t[5] - dy * t[2]) / area;
    *row = (dy * t[1] - dx * t[4]) / area;
    return *column >= 0 && *row >= 0 && *column < grid->width && *row < grid->height;
}

void lode_grid_to_map(const lode_grid *grid, double column, double row, double *east,
                      double *north) {
    const double *t = grid->transform;
    *east = t[0] + t[1] * column + t[2] * row;
    *north = t[3] + t[4] * column + t[5] * row;
}

static size_t tiles_across(const lode_grid *grid, int side) {
    return ((size_t)grid->width + (size_t)side - 1) / (size_t)side;
}

size_t lode_grid_tile_count(const lode_grid *grid, int side) {
    return tiles_across(grid, side) * (((size_t)grid->height + (size_t)side - 1) / (size_t)side);
}

void lode_grid_tile(const lode_grid *grid, int side, size_t number, int *x, int *y, int *width,
                    int *height) {
    size_t across = tiles_across(grid, side);
    *x = (int)(number % across) * side;
    *y = (int)(number / across) * side;
    *width = grid->width - *x < side ? grid->width - *x : side;
    *height = grid->height - *y < side ? grid->height - *y : side;
}

/* ---- Reading ----------------------------------------------------------------------------------
 */

typedef struct area {
    int x, y, width, height;
} area;

static area clip(area wanted, const lode_grid *grid) {
    int64_t right = (int64_t)wanted.x + wanted.width, bottom = (int64_t)wanted.y + wanted.height;
    area inside = {wanted.x > 0 ? wanted.x : 0, wanted.y > 0 ? wanted.y : 0, 0, 0};
    inside.width = (int)((right < grid->width ? right : grid->width) - inside.x);
    inside.height = (int)((bottom < grid->height ? bottom : grid->height) - inside.y);
    return inside;
}

/* Sets what the band itself calls missing to NaN and applies scale and offset. */
LODE_WIDE static void clean(const band *source, float *restrict values,
                            const unsigned char *restrict mask, size_t count) {
    /* A value that equals the nodata value as a double equals it as a float. */
    float nodata = source->has_nodata ? (float)source->nodata : NAN;
    double scale = source->scale, offset = source->offset;
    bool plain = scale == 1 && offset == 0;
    for (size_t i = 0; i < count; i++)
        values[i] = isfinite(values[i]) && values[i] != nodata ? values[i] : NAN;
    for (size_t i = 0; mask && i < count; i++)
        values[i] = mask[i] ? values[i] : NAN;
    for (size_t i = 0; !plain && i < count; i++)
        values[i] = (float)(values[i] * scale + offset);
}

static lode_status read_band(const band *source, area from, float *values, unsigned char *mask) {
    CPLErrorReset();
    CPLErr error = GDALRasterIO(source->handle, GF_Read, from.x, from.y, from.width, from.height,
                                values, from.width, from.height, GDT_Float32, 0, 0);
    if (error == CE_None && source->has_mask)
        error = GDALRasterIO(GDALGetMaskBand(source->handle), GF_Read, from.x, from.y, from.width,
                             from.height, mask, from.width, from.height, GDT_Byte, 0, 0);
    if (error != CE_None)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot read band '%s' at column %d, row %d.",
                              source->name, from.x, from.y);
    return LODE_OK;
}

/* Bands are read in groups of 64, those of a lock in one turn: threads that read different tiles
 * then fall out of step, one reading while others compute. They are moved in groups of 16, so that
 * each visit to a cell of `values` fills a cache line. */
enum { GROUP = 64, LINE = 16 };

/* in[group][cells] -> out[4][count], four columns of every band. */
static void turn_four_columns(const float *in, size_t cells, int group, float *out, size_t count) {
    int k = 0;
    for (; k + 4 <= group; k += 4) {
        const float *from = in + (size_t)k * cells;
        const float *bands[4] = {from, from + cells, from + 2 * cells, from + 3 * cells};
        lode_transpose_4x4(bands, 0, out + k, count);
    }
    for (; k < group; k++)
        for (size_t i = 0; i < 4; i++)
            out[i * count + (size_t)k] = in[(size_t)k * cells + i];
}

/* planes[group][cells] -> values[cell][count], from band `first` on. */
static void interleave(const float *planes, int group, area wanted, area from, int first, int count,
                       float *values) {
    size_t cells = (size_t)from.width * (size_t)from.height;
    for (; group > LINE; group -= LINE, first += LINE, planes += LINE * cells)
        interleave(planes, LINE, wanted, from, first, count, values);
    for (int row = 0; row < from.height; row++) {
        size_t line = (size_t)(row + from.y - wanted.y) * (size_t)wanted.width;
        float *out = values + (line + (size_t)(from.x - wanted.x)) * (size_t)count + first;
        const float *in = planes + (size_t)row * (size_t)from.width;
        int column = 0;
        for (; column + 4 <= from.width; column += 4, in += 4, out += 4 * count)
            turn_four_columns(in, cells, group, out, (size_t)count);
        for (; column < from.width; column++, in++, out += count)
            for (int k = 0; k < group; k++)
                out[k] = in[(size_t)k * cells];
    }
}

/* Locks that of a band which is not read yet: a free one, or else the first. Returns its number. */
static int take_lock(lode_stack *stack, const int *bands, int group, const bool *done) {
    int first = -1;
    for (int k = 0; k < group; k++) {
        int lock = stack->bands[bands[k]].lock;
        if (done[k])
            continue;
        if (pthread_mutex_trylock(&stack->locks[lock]) == 0)
            return lock;
        first = first < 0 ? lock : first;
    }
    pthread_mutex_lock(&stack->locks[first]);
    return first;
}

/* A handle is for one thread at a time; the rest of the work is not. */
static lode_status read_group(lode_stack *stack, area from, const int *bands, int group,
                              float *planes, unsigned char *masks) {
    size_t cells = (size_t)from.width * (size_t)from.height;
    lode_status status = LODE_OK;
    bool done[GROUP] = {false};
    for (int left = group; left > 0 && status == LODE_OK;) {
        int lock = take_lock(stack, bands, group, done);
        for (int k = 0; k < group && status == LODE_OK; k++) {
            const band *source = &stack->bands[bands[k]];
            if (done[k] || source->lock != lock)
                continue;
            status = read_band(source, from, planes + (size_t)k * cells,
                               masks ? masks + (size_t)k * cells : NULL);
            done[k] = true;
            left--;
        }
        pthread_mutex_unlock(&stack->locks[lock]);
    }
    for (int k = 0; k < group && status == LODE_OK; k++) {
        const band *source = &stack->bands[bands[k]];
        clean(source, planes + (size_t)k * cells,
              source->has_mask ? masks + (size_t)k * cells : NULL, cells);
    }
    return status;
}

static lode_status read_inside(lode_stack *stack, area wanted, area from, const int *bands,
                               int count, float *values) {
    size_t cells = (size_t)from.width * (size_t)from.height;
    int most = count < GROUP ? count : GROUP, numbers[GROUP];
    bool masked = false;
    for (int k = 0; k < count; k++)
        masked = masked || stack->bands[bands ? bands[k] : k].has_mask;
    float *planes = lode_alloc_raw(cells, (size_t)most * sizeof *planes);
    unsigned char *masks = masked ? lode_alloc_raw(cells, (size_t)most) : NULL;
    lode_status status = planes && (masks || !masked) ? LODE_OK : lode_fail_memory();
    for (int first = 0; first < count && status == LODE_OK; first += GROUP) {
        int group = count - first < GROUP ? count - first : GROUP;
        for (int k = 0; k < group; k++)
            numbers[k] = bands ? bands[first + k] : first + k;
        status = read_group(stack, from, numbers, group, planes, masks);
        if (status == LODE_OK)
            interleave(planes, group, wanted, from, first, count, values);
    }
    lode_free(planes);
    lode_free(masks);
    return status;
}

lode_status lode_stack_read(lode_stack *stack, int x, int y, int width, int height,
                            const int *bands, int count, float *values) {
    area wanted = {x, y, width, height};
    area from = clip(wanted, &stack->grid);
    if (!bands)
        count = stack->band_count;
    bool partial = from.width < width || from.height < height;
    if (partial)
        for (size_t i = 0, n = (size_t)width * (size_t)height * (size_t)count; i < n; i++)
            values[i] = NAN;
    if (from.width <= 0 || from.height <= 0)
        return LODE_OK;
    return read_inside(stack, wanted, from, bands, count, values);
}

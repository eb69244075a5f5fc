#include "raster/parts.h"

#include <math.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_minixml.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>

#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

enum {
    MOST_BLOCKS = 8,   /* blocks in a side of a part: 2048 cells */
    WANTED_PARTS = 128 /* fewer, and a large cluster would wait for its last part */
};

/* ---- How the raster is cut --------------------------------------------------------------------
 */

static int part_side(const lode_grid *grid) {
    double cells = (double)grid->width * grid->height;
    int blocks = (int)(sqrt(cells / WANTED_PARTS) / LODE_PARTS_BLOCK);
    return LODE_PARTS_BLOCK * (blocks < 1 ? 1 : blocks > MOST_BLOCKS ? MOST_BLOCKS : blocks);
}

/* Parts in a row or column of `cells` cells, which may be nearly INT_MAX. */
static int parts_along(int cells, int side) {
    return (int)(((int64_t)cells + side - 1) / side);
}

static int parts_across(const lode_grid *grid) {
    return parts_along(grid->width, part_side(grid));
}

static int64_t part_count(const lode_grid *grid) {
    return (int64_t)parts_across(grid) * parts_along(grid->height, part_side(grid));
}

static lode_window part_window(const lode_grid *grid, int64_t part) {
    int side = part_side(grid), across = parts_across(grid);
    lode_window window = {.x = (int)(part % across) * side, .y = (int)(part / across) * side};
    window.width = grid->width - window.x < side ? grid->width - window.x : side;
    window.height = grid->height - window.y < side ? grid->height - window.y : side;
    return window;
}

/* OUT.tif -> OUT_parts. */
static char *parts_folder(const lode_parts *parts) {
    const char *slash = strrchr(parts->path, '/'), *dot = strrchr(parts->path, '.');
    int stem = dot && (!slash || dot > slash) ? (int)(dot - parts->path) : (int)strlen(parts->path);
    return lode_format("%.*s_parts", stem, parts->path);
}

static char *part_path(const lode_parts *parts, int64_t part) {
    int across = parts_across(parts->grid);
    char *folder = parts_folder(parts);
    char *path = folder ? lode_format("%s/part_%d_%d.tif", folder, (int)(part / across),
                                      (int)(part % across))
                        : NULL;
    lode_free(folder);
    return path;
}

/* ---- Computing --------------------------------------------------------------------------------
 */

/* A part without the right fingerprint counts as absent. */
static bool part_exists(const lode_parts *parts, const char *path) {
    if (!lode_file_exists(path))
        return false;
    GDALDatasetH dataset = GDALOpen(path, GA_ReadOnly);
    const char *found = dataset ? GDALGetMetadataItem(dataset, "FINGERPRINT", "LODE") : NULL;
    bool same = found && strcmp(found, parts->fingerprint) == 0;
    GDALClose(dataset);
    return same;
}

static lode_status fill_part(const lode_parts *parts, const lode_window *window, const char *path,
                             const lode_progress *progress) {
    lode_grid grid = *parts->grid;
    const double *t = parts->grid->transform;
    grid.width = window->width;
    grid.height = window->height;
    grid.transform[0] = t[0] + window->x * t[1] + window->y * t[2];
    grid.transform[3] = t[3] + window->x * t[4] + window->y * t[5];
    lode_writer *writer;
    LODE_TRY(
        lode_writer_open_with(path, &grid, parts->names, parts->count, &parts->write, &writer));
    lode_status status = parts->describe ? parts->describe(parts->context, writer) : LODE_OK;
    if (status == LODE_OK)
        status = lode_writer_describe(writer, "LODE", "FINGERPRINT", parts->fingerprint);
    if (status == LODE_OK)
        status = parts->fill(parts->context, window, writer, progress);
    if (status == LODE_OK)
        return lode_writer_commit(writer);
    lode_writer_abandon(writer);
    return status;
}

static lode_status compute_part(void *context, int64_t item, const lode_progress *progress) {
    const lode_parts *parts = context;
    int64_t part = item * parts->share_of + parts->share;
    lode_window window = part_window(parts->grid, part);
    char *path = part_path(parts, part);
    if (!path)
        return lode_fail_memory();
    lode_status status =
        part_exists(parts, path) ? LODE_OK : fill_part(parts, &window, path, progress);
    lode_free(path);
    return status;
}

/* What killed processes left behind. */
static void remove_leftovers(const char *folder) {
    char **names = VSIReadDir(folder);
    for (char **name = names; name && *name; name++)
        if (strstr(*name, ".part-")) {
            char *path = lode_file_join(folder, *name);
            if (path)
                VSIUnlink(path);
            lode_free(path);
        }
    CSLDestroy(names);
}

static lode_status prepare_folder(const lode_parts *parts) {
    bool made;
    char *folder = parts_folder(parts);
    if (!folder)
        return lode_fail_memory();
    lode_status status = lode_file_make_folder(folder, &made);
    if (status == LODE_OK && parts->share_of == 1)
        remove_leftovers(folder);
    lode_free(folder);
    return status;
}

lode_status lode_parts_compute(lode_parts *parts, const lode_cluster *cluster,
                               const lode_progress *progress) {
    if (lode_cluster_leads(cluster))
        LODE_TRY(prepare_folder(parts));
    LODE_TRY(lode_cluster_tell(cluster, parts->fingerprint, sizeof parts->fingerprint, progress));
    int64_t items =
        (part_count(parts->grid) - parts->share + parts->share_of - 1) / parts->share_of;
    return lode_cluster_share(cluster, items > 0 ? items : 0, compute_part, parts, progress,
                              "mapping");
}

/* ---- Reading parts back -----------------------------------------------------------------------
 */

static lode_status open_part(const lode_parts *parts, int64_t part, GDALDatasetH *dataset) {
    char *path = part_path(parts, part);
    if (!path)
        return lode_fail_memory();
    CPLErrorReset();
    *dataset = GDALOpen(path, GA_ReadOnly);
    lode_status status = LODE_OK;
    if (!*dataset || GDALGetRasterCount(*dataset) != parts->count)
        status = lode_fail_gdal(LODE_ERROR_IO, "The part '%s' cannot be read.", path);
    lode_free(path);
    return status;
}

static lode_status each_block(const lode_parts *parts, int64_t part, GDALDatasetH dataset,
                              float *planes, lode_parts_fn fn, void *context) {
    lode_window whole = part_window(parts->grid, part);
    for (int y = 0; y < whole.height; y += LODE_PARTS_BLOCK)
        for (int x = 0; x < whole.width; x += LODE_PARTS_BLOCK) {
            lode_window at = {.x = x, .y = y};
            at.width = whole.width - x < LODE_PARTS_BLOCK ? whole.width - x : LODE_PARTS_BLOCK;
            at.height = whole.height - y < LODE_PARTS_BLOCK ? whole.height - y : LODE_PARTS_BLOCK;
            if (GDALDatasetRasterIO(dataset, GF_Read, x, y, at.width, at.height, planes, at.width,
                                    at.height, GDT_Float32, parts->count, NULL, 0, 0, 0) != CE_None)
                return lode_fail_gdal(LODE_ERROR_IO, "The part '%s' cannot be read.",
                                      GDALGetDescription(dataset));
            at.x += whole.x;
            at.y += whole.y;
            LODE_TRY(fn(context, &at, planes));
        }
    return LODE_OK;
}

lode_status lode_parts_each(const lode_parts *parts, lode_parts_fn fn, void *context,
                            const lode_progress *progress) {
    int64_t count = part_count(parts->grid);
    float *planes =
        lode_alloc((size_t)parts->count * LODE_PARTS_BLOCK * LODE_PARTS_BLOCK, sizeof *planes);
    lode_status status = planes ? LODE_OK : lode_fail_memory();
    for (int64_t part = 0; part < count && status == LODE_OK; part++) {
        GDALDatasetH dataset = NULL;
        status = lode_progress_report(progress, (double)part / (double)count, "merging");
        if (status == LODE_OK)
            status = open_part(parts, part, &dataset);
        if (status == LODE_OK)
            status = each_block(parts, part, dataset, planes, fn, context);
        GDALClose(dataset);
    }
    lode_free(planes);
    return status;
}

/* ---- VRT --------------------------------------------------------------------------------------
 */

static void set_window(CPLXMLNode *source, const char *name, int x, int y, const lode_window *w) {
    CPLXMLNode *node = CPLCreateXMLNode(source, CXT_Element, name);
    CPLAddXMLAttributeAndValue(node, "xOff", CPLSPrintf("%d", x));
    CPLAddXMLAttributeAndValue(node, "yOff", CPLSPrintf("%d", y));
    CPLAddXMLAttributeAndValue(node, "xSize", CPLSPrintf("%d", w->width));
    CPLAddXMLAttributeAndValue(node, "ySize", CPLSPrintf("%d", w->height));
}

/* With its size and type written down, GDAL opens a part only when it reads from it. */
static lode_status add_source(const lode_parts *parts, const char *vrt, CPLXMLNode *band,
                              int number, int64_t part) {
    lode_window w = part_window(parts->grid, part);
    char *path = part_path(parts, part);
    char *relative = path ? lode_file_relative(path, vrt) : NULL;
    lode_free(path);
    if (!relative)
        return lode_fail_memory();
    CPLXMLNode *source = CPLCreateXMLNode(band, CXT_Element, "SimpleSource");
    CPLXMLNode *name = CPLCreateXMLElementAndValue(source, "SourceFilename", relative);
    CPLAddXMLAttributeAndValue(name, "relativeToVRT", CPLIsFilenameRelative(relative) ? "1" : "0");
    lode_free(relative);
    CPLCreateXMLElementAndValue(source, "SourceBand", CPLSPrintf("%d", number));
    CPLXMLNode *facts = CPLCreateXMLNode(source, CXT_Element, "SourceProperties");
    CPLAddXMLAttributeAndValue(facts, "RasterXSize", CPLSPrintf("%d", w.width));
    CPLAddXMLAttributeAndValue(facts, "RasterYSize", CPLSPrintf("%d", w.height));
    CPLAddXMLAttributeAndValue(facts, "DataType", "Float32");
    CPLAddXMLAttributeAndValue(facts, "BlockXSize", CPLSPrintf("%d", LODE_PARTS_BLOCK));
    CPLAddXMLAttributeAndValue(facts, "BlockYSize", CPLSPrintf("%d", LODE_PARTS_BLOCK));
    set_window(source, "SrcRect", 0, 0, &w);
    set_window(source, "DstRect", w.x, w.y, &w);
    return LODE_OK;
}

static void add_metadata(CPLXMLNode *parent, GDALMajorObjectH object, const char *domain) {
    char **items = GDALGetMetadata(object, domain);
    if (CSLCount(items) == 0)
        return;
    CPLXMLNode *node = CPLCreateXMLNode(parent, CXT_Element, "Metadata");
    if (domain)
        CPLAddXMLAttributeAndValue(node, "domain", domain);
    for (char **item = items; *item; item++) {
        char *key = NULL;
        const char *value = CPLParseNameValue(*item, &key);
        bool own = key && strcmp(key, "FINGERPRINT") != 0 && strcmp(key, "AREA_OR_POINT") != 0;
        if (value && own)
            CPLAddXMLAttributeAndValue(CPLCreateXMLElementAndValue(node, "MDI", value), "key", key);
        CPLFree(key);
    }
}

static lode_status fill_vrt(const lode_parts *parts, const char *vrt, GDALDatasetH first,
                            CPLXMLNode *root) {
    const lode_grid *grid = parts->grid;
    const double *t = grid->transform;
    CPLAddXMLAttributeAndValue(root, "rasterXSize", CPLSPrintf("%d", grid->width));
    CPLAddXMLAttributeAndValue(root, "rasterYSize", CPLSPrintf("%d", grid->height));
    if (grid->crs && grid->crs[0])
        CPLCreateXMLElementAndValue(root, "SRS", grid->crs);
    CPLCreateXMLElementAndValue(
        root, "GeoTransform",
        CPLSPrintf("%.17g, %.17g, %.17g, %.17g, %.17g, %.17g", t[0], t[1], t[2], t[3], t[4], t[5]));
    add_metadata(root, first, NULL);
    add_metadata(root, first, "LODE");
    for (int b = 1; b <= parts->count; b++) {
        CPLXMLNode *band = CPLCreateXMLNode(root, CXT_Element, "VRTRasterBand");
        CPLAddXMLAttributeAndValue(band, "dataType", "Float32");
        CPLAddXMLAttributeAndValue(band, "band", CPLSPrintf("%d", b));
        add_metadata(band, GDALGetRasterBand(first, b), NULL);
        CPLCreateXMLElementAndValue(band, "Description", parts->names[b - 1]);
        CPLCreateXMLElementAndValue(band, "NoDataValue", CPLSPrintf("%.9g", (double)LODE_NODATA));
        for (int64_t part = 0; part < part_count(grid); part++)
            LODE_TRY(add_source(parts, vrt, band, b, part));
    }
    return LODE_OK;
}

static lode_status write_vrt(const lode_parts *parts, const char *vrt) {
    GDALDatasetH first = NULL;
    CPLXMLNode *root = CPLCreateXMLNode(NULL, CXT_Element, "VRTDataset");
    lode_status status = open_part(parts, 0, &first);
    if (status == LODE_OK)
        status = fill_vrt(parts, vrt, first, root);
    char *text = status == LODE_OK ? CPLSerializeXMLTree(root) : NULL;
    if (text)
        status = lode_file_write(vrt, text, strlen(text));
    CPLFree(text);
    GDALClose(first);
    CPLDestroyXMLNode(root);
    return status;
}

lode_status lode_parts_to_vrt(const lode_parts *parts) {
    return write_vrt(parts, parts->path);
}

/* ---- One file ---------------------------------------------------------------------------------
 */

static lode_status copy_block(void *context, const lode_window *window, const float *planes) {
    return lode_writer_write(context, window->x, window->y, window->width, window->height, planes);
}

lode_status lode_parts_to_raster(const lode_parts *parts, const lode_progress *progress) {
    lode_writer *writer;
    LODE_TRY(lode_writer_open_with(parts->path, parts->grid, parts->names, parts->count,
                                   &parts->write, &writer));
    lode_status status = parts->describe ? parts->describe(parts->context, writer) : LODE_OK;
    if (status == LODE_OK)
        status = lode_parts_each(parts, copy_block, writer, progress);
    if (status == LODE_OK)
        return lode_writer_commit(writer);
    lode_writer_abandon(writer);
    return status;
}

static int CPL_STDCALL forward_progress(double complete, const char *message, void *user) {
    (void)message;
    return lode_progress_report(user, complete, "merging") == LODE_OK;
}

/* GDAL copies the default domain only. */
static void copy_to_default_domain(GDALDatasetH dataset) {
    char **items = GDALGetMetadata(dataset, "LODE");
    for (char **item = items; item && *item; item++) {
        char *key = NULL;
        const char *value = CPLParseNameValue(*item, &key);
        if (key && value)
            GDALSetMetadataItem(dataset, CPLSPrintf("LODE_%s", key), value, NULL);
        CPLFree(key);
    }
}

static char **cog_options(const lode_writer_options *write) {
    const char *compression = lode_writer_compression(write->compress ? write->compress : "deflate");
    char **options = CSLSetNameValue(NULL, "COMPRESS", compression);
    if (!EQUAL(compression, "NONE"))
        options = CSLSetNameValue(options, "PREDICTOR", "FLOATING_POINT");
    options = CSLSetNameValue(options, "BIGTIFF", "IF_SAFER");
    options = CSLSetNameValue(options, "RESAMPLING", "AVERAGE");
    return CSLSetNameValue(options, "NUM_THREADS", "ALL_CPUS");
}

static lode_status copy_to_cog(const lode_writer_options *write, const char *vrt,
                               const char *beside, const lode_progress *progress) {
    GDALDriverH driver = GDALGetDriverByName("COG");
    GDALDatasetH source = driver ? GDALOpen(vrt, GA_ReadOnly) : NULL;
    if (!source)
        return lode_fail_gdal(LODE_ERROR_IO, "This GDAL cannot write Cloud Optimized GeoTIFFs.");
    copy_to_default_domain(source);
    char **options = cog_options(write);
    CPLErrorReset();
    GDALDatasetH made =
        GDALCreateCopy(driver, beside, source, FALSE, options, forward_progress, (void *)progress);
    CSLDestroy(options);
    GDALClose(source);
    bool complete = made != NULL;
    GDALClose(made);
    if (complete && CPLGetLastErrorType() < CE_Failure && lode_writer_whole(beside))
        return LODE_OK;
    LODE_TRY(lode_progress_report(progress, 0, "merging")); /* cancelled? */
    return lode_fail_gdal(LODE_ERROR_IO, "Cannot write '%s'; is the disk full?", beside);
}

lode_status lode_parts_to_cog(const lode_parts *parts, const lode_progress *progress) {
    char *beside = lode_file_beside(parts->path);
    char *vrt = beside ? lode_format("%s.vrt", beside) : NULL;
    lode_status status = vrt ? write_vrt(parts, vrt) : lode_fail_memory();
    if (status == LODE_OK)
        status = copy_to_cog(&parts->write, vrt, beside, progress);
    if (vrt)
        VSIUnlink(vrt);
    if (status == LODE_OK)
        status = lode_file_rename(beside, parts->path);
    else if (beside)
        VSIUnlink(beside);
    lode_free(vrt);
    lode_free(beside);
    return status;
}

void lode_parts_remove(const lode_parts *parts) {
    for (int64_t part = 0; part < part_count(parts->grid); part++) {
        char *path = part_path(parts, part);
        if (path)
            VSIUnlink(path);
        lode_free(path);
    }
    char *folder = parts_folder(parts);
    if (folder)
        VSIRmdir(folder);
    lode_free(folder);
}

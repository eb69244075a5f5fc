#include "grid/align.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal.h>
#include <gdal_utils.h>

#include "grid/target.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

/* ---- Bands as they lie in files -------------------------------------------------------------- */

static lode_status read_band_facts(GDALDatasetH dataset, const char *path, int number,
                                   lode_source *source) {
    GDALRasterBandH band = GDALGetRasterBand(dataset, number);
    int found;
    source->path = lode_strdup(path);
    source->number = number;
    source->name = lode_band_name(dataset, band, path, number);
    source->nodata = GDALGetRasterNoDataValue(band, &found);
    source->has_nodata = found;
    source->scale = GDALGetRasterScale(band, &found);
    if (!found || source->scale == 0)
        source->scale = 1;
    source->offset = GDALGetRasterOffset(band, &found);
    if (!found)
        source->offset = 0;
    source->has_mask = !(GDALGetMaskFlags(band) & (GMF_ALL_VALID | GMF_NODATA));
    GDALDataType type = GDALGetRasterDataType(band);
    source->is_integer = type != GDT_Float32 && type != GDT_Float64;
    const char *unit = GDALGetMetadataItem(band, "UNIT", NULL);
    source->unit = lode_strdup(unit ? unit : GDALGetRasterUnitType(band));
    if (!source->path || !source->name || !source->unit)
        return lode_fail_memory();
    if (GDALDataTypeIsComplex(type))
        return lode_fail(LODE_ERROR_DATA, "Band '%s' of '%s' holds complex numbers.", source->name,
                         path);
    return LODE_OK;
}

static lode_status read_grid_facts(GDALDatasetH dataset, const char *path, const char *crs_if_none,
                                   lode_source *source) {
    source->grid.width = GDALGetRasterXSize(dataset);
    source->grid.height = GDALGetRasterYSize(dataset);
    if (GDALGetGeoTransform(dataset, source->grid.transform) != CE_None)
        return lode_fail(LODE_ERROR_DATA,
                         "'%s' has no georeferencing, so it cannot be placed. Give it one, for "
                         "example with gdal_translate -a_ullr -a_srs.",
                         path);
    const char *crs = GDALGetProjectionRef(dataset);
    bool none = !crs || !crs[0];
    if (none && source->number == 1 && crs_if_none[0])
        lode_log(LODE_LOG_WARNING, "'%s' has no CRS; it is taken to lie in the CRS of the output.",
                 path);
    source->crs = lode_strdup(none ? crs_if_none : crs);
    source->grid.crs = source->crs;
    return source->crs ? LODE_OK : lode_fail_memory();
}

lode_status lode_sources_open(const char *path, const char *crs_if_none, lode_source **sources,
                              int *count) {
    CPLErrorReset();
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_RASTER, NULL, NULL, NULL);
    if (!dataset)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot open the raster '%s'.", path);
    int bands = GDALGetRasterCount(dataset);
    lode_source *list = bands > 0 ? lode_alloc((size_t)bands, sizeof *list) : NULL;
    lode_status status = LODE_OK;
    if (bands == 0)
        status = lode_fail(LODE_ERROR_DATA, "'%s' has no raster bands.", path);
    else if (!list)
        status = lode_fail_memory();
    for (int i = 0; i < bands && status == LODE_OK; i++) {
        status = read_band_facts(dataset, path, i + 1, &list[i]);
        if (status == LODE_OK)
            status = read_grid_facts(dataset, path, crs_if_none, &list[i]);
    }
    GDALClose(dataset);
    if (status != LODE_OK) {
        lode_sources_free(list, bands);
        return status;
    }
    *sources = list;
    *count = bands;
    return LODE_OK;
}

void lode_sources_free(lode_source *sources, int count) {
    for (int i = 0; sources && i < count; i++) {
        lode_free(sources[i].path);
        lode_free(sources[i].name);
        lode_free(sources[i].crs);
        lode_free(sources[i].unit);
    }
    lode_free(sources);
}

lode_status lode_source_add_missing(lode_source *source, const char *text) {
    const char *equals = strrchr(text, '='), *number = equals ? equals + 1 : text;
    char *end;
    double value = strtod(number, &end);
    if (end == number || *end)
        return lode_fail(LODE_ERROR_USAGE, "--nodata %s: write a number, or BAND=number.", text);
    size_t length = equals ? (size_t)(equals - text) : 0;
    bool meant =
        !equals || (strlen(source->name) == length && strncmp(text, source->name, length) == 0);
    if (meant && source->missing_count < LODE_MISSING_MAX)
        source->missing[source->missing_count++] = value;
    return LODE_OK;
}

/* ---- What to do ------------------------------------------------------------------------------ */

static const char *const resamplings[] = {"auto",  "nearest", "bilinear",
                                          "cubic", "average", "mode"};
/* As gdalwarp spells them. */
static const char *const warp_names[] = {"near", "near", "bilinear", "cubic", "average", "mode"};

bool lode_resampling_parse(const char *name, lode_resampling *resampling) {
    for (int i = LODE_RESAMPLE_AUTO; i <= LODE_RESAMPLE_MODE; i++) {
        if (strcasecmp(resamplings[i], name) == 0) {
            *resampling = (lode_resampling)i;
            return true;
        }
    }
    return false;
}

static bool north_up(const lode_grid *grid) {
    return grid->transform[2] == 0 && grid->transform[4] == 0 && grid->transform[1] > 0 &&
           grid->transform[5] < 0;
}

/* Offset of the target's corner in source cells, when both have the same cells in the same CRS. */
static bool same_cells(const lode_grid *source, const lode_grid *target, double shift[2]) {
    const double *s = source->transform, *t = target->transform;
    double span = fmax(target->width, target->height);
    if (!north_up(source) || !lode_crs_same(source->crs, target->crs) ||
        fabs(s[1] - t[1]) * span > 1e-3 * t[1] || fabs(s[5] - t[5]) * span > 1e-3 * t[1])
        return false;
    shift[0] = (t[0] - s[0]) / s[1];
    shift[1] = (t[3] - s[3]) / s[5];
    return true;
}

static bool whole(double cells) {
    return fabs(cells - nearbyint(cells)) < 1e-3;
}

static lode_status check_overlap(const lode_source *source, const lode_grid *target) {
    double a[4], b[4];
    LODE_TRY(lode_grid_bounds(&source->grid, target->crs, a));
    LODE_TRY(lode_grid_bounds(target, NULL, b));
    if (a[0] >= b[2] || a[2] <= b[0] || a[1] >= b[3] || a[3] <= b[1])
        return lode_fail(LODE_ERROR_DATA,
                         "'%s' does not overlap the output grid: it covers %.10g..%.10g, "
                         "%.10g..%.10g and the grid %.10g..%.10g, %.10g..%.10g. Check its CRS.",
                         source->path, a[0], a[2], a[1], a[3], b[0], b[2], b[1], b[3]);
    return LODE_OK;
}

lode_status lode_align_plan(const lode_source *source, const lode_grid *target,
                            lode_resampling wanted, lode_alignment *plan) {
    if (!north_up(target))
        return lode_fail(LODE_ERROR_DATA,
                         "The output grid is rotated or south up; choose a north-up "
                         "grid with --like or --extent and --cell.");
    LODE_TRY(check_overlap(source, target));
    const double *s = source->grid.transform, *t = target->transform;
    double units = lode_crs_metres(target->crs) / lode_crs_metres(source->grid.crs);
    double ratio_x = t[1] * units / hypot(s[1], s[4]), ratio_y = -t[5] * units / hypot(s[2], s[5]);
    double shift[2];
    plan->ratio = sqrt(ratio_x * ratio_y);
    plan->computes = true;
    plan->resampling = wanted;
    bool same = same_cells(&source->grid, target, shift);
    if (same && whole(shift[0]) && whole(shift[1])) {
        plan->action = lode_grid_same(&source->grid, target) ? "copied" : "moved by whole cells";
        plan->resampling = LODE_RESAMPLE_NEAREST;
        plan->computes = false;
        return LODE_OK;
    }
    if (wanted == LODE_RESAMPLE_AUTO)
        plan->resampling = plan->ratio > 2 ? LODE_RESAMPLE_AVERAGE : LODE_RESAMPLE_BILINEAR;
    if (!lode_crs_same(source->grid.crs, target->crs))
        plan->action = "warped to another CRS";
    else if (same)
        plan->action = "shifted by part of a cell";
    else if (plan->resampling == LODE_RESAMPLE_AVERAGE)
        plan->action = "averaged";
    else if (plan->resampling == LODE_RESAMPLE_NEAREST || plan->resampling == LODE_RESAMPLE_MODE)
        plan->action = "resampled";
    else
        plan->action = "interpolated";
    return LODE_OK;
}

/* ---- VRT text -------------------------------------------------------------------------------- */

typedef struct window {
    double x, y, width, height;
} window;

static char *escape(const char *text) {
    char *escaped = CPLEscapeString(text, -1, CPLES_XML);
    char *copy = lode_strdup(escaped);
    CPLFree(escaped);
    return copy;
}

/* One source element of the kind named: a window of a file shown in a window of the VRT, `missing`
 * left out. NaN is named by "nan". extra: further elements. */
static char *vrt_source(const char *kind, const char *file, bool relative, int number, window from,
                        window to, const double *missing, bool mask, const char *extra) {
    char *name = escape(file), nodata[64] = "";
    if (missing)
        snprintf(nodata, sizeof nodata,
                 isnan(*missing) ? "<NODATA>nan</NODATA>" : "<NODATA>%.17g</NODATA>", *missing);
    char *text =
        name
            ? lode_format("<%s><SourceFilename relativeToVRT=\"%d\" shared=\"0\">%s"
                          "</SourceFilename><SourceBand>%d</SourceBand>"
                          "<SrcRect xOff=\"%.17g\" yOff=\"%.17g\" xSize=\"%.17g\" ySize=\"%.17g\"/>"
                          "<DstRect xOff=\"%.17g\" yOff=\"%.17g\" xSize=\"%.17g\" ySize=\"%.17g\"/>"
                          "%s%s%s</%s>",
                          kind, relative, name, number, from.x, from.y, from.width, from.height,
                          to.x, to.y, to.width, to.height, nodata,
                          mask ? "<UseMaskBand>true</UseMaskBand>" : "", extra, kind)
            : NULL;
    lode_free(name);
    return text;
}

static char *raster_band(int band, const char *name, double nodata, const char *source) {
    char *escaped = escape(name);
    char *text =
        escaped && source
            ? lode_format("<VRTRasterBand dataType=\"Float32\" band=\"%d\"><Description>%s"
                          "</Description><NoDataValue>%.17g</NoDataValue>%s</VRTRasterBand>",
                          band, escaped, nodata, source)
            : NULL;
    lode_free(escaped);
    return text;
}

/* A whole VRT of one band on the source's own grid. */
static char *vrt_of(const lode_source *source, const char *contents) {
    char *crs = escape(source->grid.crs);
    char *band = raster_band(1, source->name, (double)LODE_NODATA, contents);
    const double *t = source->grid.transform;
    char *text =
        crs && band ? lode_format("<VRTDataset rasterXSize=\"%d\" rasterYSize=\"%d\"><SRS>%s</SRS>"
                                  "<GeoTransform>%.17g,%.17g,%.17g,%.17g,%.17g,%.17g</GeoTransform>"
                                  "%s</VRTDataset>",
                                  source->grid.width, source->grid.height, crs, t[0], t[1], t[2],
                                  t[3], t[4], t[5], band)
                    : NULL;
    lode_free(crs);
    lode_free(band);
    return text;
}

/* Scale and offset, or the table that turns one class into 1 and all else into 0. */
static char *value_change(const lode_source *source, double only) {
    if (!isfinite(only))
        return lode_format("<ScaleOffset>%.17g</ScaleOffset><ScaleRatio>%.17g</ScaleRatio>",
                           source->offset, source->scale);
    return lode_format("<LUT>%.17g:0,%.17g:1,%.17g:1,%.17g:0</LUT>", only - 0.5, only - 0.25,
                       only + 0.25, only + 0.5);
}

/* The band with all its missing values as LODE_NODATA: one VRT inside another for every value to be
 * left out, because a VRT source leaves out one. */
static char *clean_source(const lode_source *source, double only) {
    double missing[LODE_MISSING_MAX + 2];
    int count = 0;
    missing[count++] = NAN;
    for (int i = 0; i < source->missing_count; i++)
        missing[count++] = source->missing[i];
    if (source->has_nodata && !isnan(source->nodata))
        missing[count++] = source->nodata;
    window all = {0, 0, source->grid.width, source->grid.height};
    char *file = lode_strdup(source->path);
    for (int i = count - 1; i >= 0 && file; i--) {
        bool first = i == count - 1, last = i == 0;
        char *change = last ? value_change(source, only) : lode_strdup("");
        /* Inner levels pass LODE_NODATA on; a mask or nodata of the file itself is met first. */
        char *contents = change
                             ? vrt_source("ComplexSource", file, false, first ? source->number : 1,
                                          all, all, &missing[i], first && source->has_mask, change)
                             : NULL;
        char *next = contents ? vrt_of(source, contents) : NULL;
        lode_free(change);
        lode_free(contents);
        lode_free(file);
        file = next;
    }
    return file;
}

/* The part that two grids with the same cells share. */
static void shared_windows(const lode_source *source, const lode_grid *target, window *from,
                           window *to) {
    double shift[2] = {0, 0};
    same_cells(&source->grid, target, shift);
    double left = fmax(0, nearbyint(shift[0])), top = fmax(0, nearbyint(shift[1]));
    double right = fmin(source->grid.width, nearbyint(shift[0]) + target->width);
    double bottom = fmin(source->grid.height, nearbyint(shift[1]) + target->height);
    *from = (window){left, top, right - left, bottom - top};
    *to =
        (window){left - nearbyint(shift[0]), top - nearbyint(shift[1]), from->width, from->height};
}

static char *vrt_band(const lode_source *source, const lode_grid *target, int band,
                      const char *from_file) {
    window from, to;
    shared_windows(source, target, &from, &to);
    char *file = lode_file_relative(source->path, from_file);
    const double *missing = source->has_nodata ? &source->nodata : NULL;
    bool relative = file && file[0] != '/' && !strchr(file, ':');
    bool plain = source->scale == 1 && source->offset == 0 && !source->has_mask;
    /* As simple as it can be: a SimpleSource with the file's own no data, because some readers (and
     * GDAL's statistics) look past a ComplexSource's. */
    char *change = plain ? lode_strdup("") : value_change(source, NAN);
    char *contents = file && change ? vrt_source(plain ? "SimpleSource" : "ComplexSource", file,
                                                 relative, source->number, from, to,
                                                 plain ? NULL : missing, source->has_mask, change)
                                    : NULL;
    double nodata = plain && missing ? *missing : (double)LODE_NODATA;
    char *text = contents ? raster_band(band, source->name, nodata, contents) : NULL;
    lode_free(file);
    lode_free(change);
    lode_free(contents);
    return text;
}

lode_status lode_align_write_vrt(const char *path, const lode_grid *target,
                                 const lode_source *const *sources, int count) {
    const double *t = target->transform;
    char *crs = escape(target->crs);
    char *text =
        crs ? lode_format("<VRTDataset rasterXSize=\"%d\" rasterYSize=\"%d\">\n"
                          "<SRS>%s</SRS>\n<GeoTransform>%.17g,%.17g,%.17g,%.17g,%.17g,%.17g"
                          "</GeoTransform>\n",
                          target->width, target->height, crs, t[0], t[1], t[2], t[3], t[4], t[5])
            : NULL;
    lode_free(crs);
    for (int i = 0; i < count && text; i++) {
        char *band = vrt_band(sources[i], target, i + 1, path);
        char *longer = band ? lode_format("%s%s\n", text, band) : NULL;
        lode_free(band);
        lode_free(text);
        text = longer;
    }
    char *whole = text ? lode_format("%s</VRTDataset>\n", text) : NULL;
    lode_status status = whole ? lode_file_write(path, whole, strlen(whole)) : lode_fail_memory();
    lode_free(text);
    lode_free(whole);
    return status;
}

/* ---- Reading --------------------------------------------------------------------------------- */

struct lode_aligned {
    GDALDatasetH clean, warped; /* warped refers to clean */
    const char *path;
    const char *name;
};

static char **warp_options(const lode_grid *target, const lode_alignment *plan) {
    double bounds[4];
    char **list = NULL;
    lode_grid_bounds(target, NULL, bounds);
    list = CSLAddString(list, "-of");
    list = CSLAddString(list, "VRT");
    list = CSLAddString(list, "-te");
    for (int i = 0; i < 4; i++)
        list = CSLAddString(list, CPLSPrintf("%.17g", bounds[i]));
    list = CSLAddString(list, "-ts");
    list = CSLAddString(list, CPLSPrintf("%d", target->width));
    list = CSLAddString(list, CPLSPrintf("%d", target->height));
    if (target->crs[0]) {
        list = CSLAddString(list, "-t_srs");
        list = CSLAddString(list, target->crs);
    }
    list = CSLAddString(list, "-r");
    list = CSLAddString(list, warp_names[plan->resampling]);
    const char *const fixed[] = {"-dstnodata", "-9999", "-ot",  "Float32", "-wt", "Float32",
                                 "-et",        "0.01",  "-ovr", "NONE",    NULL};
    for (int i = 0; fixed[i]; i++)
        list = CSLAddString(list, fixed[i]);
    return list;
}

static lode_status open_warped(const lode_source *source, const lode_grid *target,
                               const lode_alignment *plan, double only, lode_aligned *aligned) {
    char *xml = clean_source(source, only);
    if (!xml)
        return lode_fail_memory();
    CPLErrorReset();
    aligned->clean = GDALOpenEx(xml, GDAL_OF_RASTER, NULL, NULL, NULL);
    lode_free(xml);
    if (!aligned->clean)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot read '%s'.", source->path);
    if (lode_grid_same(&source->grid, target)) {
        aligned->warped = aligned->clean;
        return LODE_OK;
    }
    char **list = warp_options(target, plan);
    GDALWarpAppOptions *options = GDALWarpAppOptionsNew(list, NULL);
    aligned->warped = options ? GDALWarp("", NULL, 1, &aligned->clean, options, NULL) : NULL;
    GDALWarpAppOptionsFree(options);
    CSLDestroy(list);
    if (!aligned->warped)
        return lode_fail_gdal(LODE_ERROR_DATA, "Cannot bring '%s' to the output grid.",
                              source->path);
    return LODE_OK;
}

lode_status lode_align_open(const lode_source *source, const lode_grid *target,
                            const lode_alignment *plan, double only, lode_aligned **aligned) {
    lode_aligned *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->path = source->path;
    made->name = source->name;
    lode_status status = open_warped(source, target, plan, only, made);
    if (status != LODE_OK) {
        lode_align_close(made);
        return status;
    }
    *aligned = made;
    return LODE_OK;
}

lode_status lode_align_read(lode_aligned *aligned, int x, int y, int width, int height,
                            float *values) {
    CPLErrorReset();
    GDALRasterBandH band = GDALGetRasterBand(aligned->warped, 1);
    if (GDALRasterIO(band, GF_Read, x, y, width, height, values, width, height, GDT_Float32, 0,
                     0) != CE_None)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot read band '%s' of '%s'.", aligned->name,
                              aligned->path);
    for (size_t i = 0, n = (size_t)width * (size_t)height; i < n; i++)
        if (values[i] == LODE_NODATA || !isfinite(values[i]))
            values[i] = NAN;
    return LODE_OK;
}

void lode_align_close(lode_aligned *aligned) {
    if (!aligned)
        return;
    if (aligned->warped && aligned->warped != aligned->clean)
        GDALClose(aligned->warped);
    if (aligned->clean)
        GDALClose(aligned->clean);
    lode_free(aligned);
}

#include "grid/target.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <ogr_srs_api.h>

#include "util/error.h"
#include "util/memory.h"

#define METRES_IN_DEGREE 111320.0

/* ---- CRS ------------------------------------------------------------------------------------- */

lode_status lode_crs_read(const char *text, const char *option, char **wkt) {
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    char *exported = NULL;
    CPLErrorReset();
    bool good = OSRSetFromUserInput(crs, text) == OGRERR_NONE &&
                OSRExportToWkt(crs, &exported) == OGRERR_NONE;
    OSRDestroySpatialReference(crs);
    if (!good) {
        CPLFree(exported);
        return lode_fail(LODE_ERROR_USAGE,
                         "--%s: '%s' is not a CRS. Write for example EPSG:32650, or WKT.", option,
                         text);
    }
    *wkt = lode_strdup(exported);
    CPLFree(exported);
    return *wkt ? LODE_OK : lode_fail_memory();
}

char *lode_crs_describe(const char *wkt) {
    if (!wkt[0])
        return lode_strdup("no CRS");
    OGRSpatialReferenceH crs = OSRNewSpatialReference(wkt);
    const char *name = OSRGetName(crs), *authority = OSRGetAuthorityName(crs, NULL);
    const char *code = OSRGetAuthorityCode(crs, NULL);
    char *text = authority && code
                     ? lode_format("%s (%s:%s)", name ? name : "unnamed CRS", authority, code)
                     : lode_strdup(name ? name : "unnamed CRS");
    OSRDestroySpatialReference(crs);
    return text;
}

bool lode_crs_is_geographic(const char *wkt) {
    OGRSpatialReferenceH crs = wkt[0] ? OSRNewSpatialReference(wkt) : NULL;
    bool geographic = crs && OSRIsGeographic(crs);
    OSRDestroySpatialReference(crs);
    return geographic;
}

double lode_crs_metres(const char *wkt) {
    OGRSpatialReferenceH crs = wkt[0] ? OSRNewSpatialReference(wkt) : NULL;
    double metres = 1;
    if (crs)
        metres = OSRIsGeographic(crs) ? METRES_IN_DEGREE : OSRGetLinearUnits(crs, NULL);
    OSRDestroySpatialReference(crs);
    return metres;
}

/* ---- Extents --------------------------------------------------------------------------------- */

lode_status lode_extent_read(const char *text, double extent[4]) {
    const char *at = text;
    for (int i = 0; i < 4; i++) {
        char *end;
        extent[i] = strtod(at, &end);
        if (end == at || !isfinite(extent[i]))
            return lode_fail(LODE_ERROR_USAGE, "--extent: '%s' is not xmin,ymin,xmax,ymax.", text);
        at = end + strspn(end, ", ");
    }
    /* QGIS appends the CRS in brackets: "0,0,1,1 [EPSG:4326]". */
    if (*at && *at != '[')
        return lode_fail(LODE_ERROR_USAGE, "--extent: '%s' is not xmin,ymin,xmax,ymax.", text);
    if (extent[2] <= extent[0] || extent[3] <= extent[1])
        return lode_fail(LODE_ERROR_USAGE,
                         "--extent %s encloses nothing; the order is xmin,ymin,xmax,ymax.", text);
    return LODE_OK;
}

static void outline(const lode_grid *grid, double bounds[4]) {
    bounds[0] = bounds[1] = INFINITY;
    bounds[2] = bounds[3] = -INFINITY;
    for (int corner = 0; corner < 4; corner++) {
        double x, y;
        lode_grid_to_map(grid, (corner & 1) * grid->width, (corner >> 1) * grid->height, &x, &y);
        bounds[0] = fmin(bounds[0], x);
        bounds[1] = fmin(bounds[1], y);
        bounds[2] = fmax(bounds[2], x);
        bounds[3] = fmax(bounds[3], y);
    }
}

static OGRCoordinateTransformationH transformation(const char *from, const char *to) {
    OGRSpatialReferenceH source = OSRNewSpatialReference(from), wanted = OSRNewSpatialReference(to);
    OSRSetAxisMappingStrategy(source, OAMS_TRADITIONAL_GIS_ORDER);
    OSRSetAxisMappingStrategy(wanted, OAMS_TRADITIONAL_GIS_ORDER);
    OGRCoordinateTransformationH made = OCTNewCoordinateTransformation(source, wanted);
    OSRDestroySpatialReference(source);
    OSRDestroySpatialReference(wanted);
    return made;
}

lode_status lode_grid_bounds(const lode_grid *grid, const char *crs, double bounds[4]) {
    outline(grid, bounds);
    if (!crs || !crs[0] || !grid->crs[0] || lode_crs_same(grid->crs, crs))
        return LODE_OK;
    CPLErrorReset();
    OGRCoordinateTransformationH change = transformation(grid->crs, crs);
    double out[4];
    bool good = change && OCTTransformBounds(change, bounds[0], bounds[1], bounds[2], bounds[3],
                                             &out[0], &out[1], &out[2], &out[3], 21);
    if (change)
        OCTDestroyCoordinateTransformation(change);
    if (!good)
        return lode_fail_gdal(LODE_ERROR_DATA,
                              "The extent of the data cannot be brought to the CRS "
                              "asked for. Check --crs.");
    memcpy(bounds, out, sizeof out);
    return LODE_OK;
}

/* ---- The grid -------------------------------------------------------------------------------- */

static lode_status size_of(double length, double cell, int *cells) {
    double count = ceil(length / cell - 1e-6);
    if (!(count <= 1e6))
        return lode_fail(LODE_ERROR_USAGE,
                         "A cell of %.10g makes a raster of %.3g cells along one side. Choose a "
                         "larger --cell.",
                         cell, count);
    *cells = count < 1 ? 1 : (int)count;
    return LODE_OK;
}

static lode_status lay_out(const double bounds[4], double cell_x, double cell_y, lode_grid *grid) {
    LODE_TRY(size_of(bounds[2] - bounds[0], cell_x, &grid->width));
    LODE_TRY(size_of(bounds[3] - bounds[1], cell_y, &grid->height));
    const double transform[6] = {bounds[0], cell_x, 0, bounds[3], 0, -cell_y};
    memcpy(grid->transform, transform, sizeof transform);
    return LODE_OK;
}

/* Sides of a cell in the units of the new CRS when none was asked for. */
static void inherited_cell(const lode_grid *base, const char *crs, double *cell_x, double *cell_y) {
    const double *t = base->transform;
    double change = lode_crs_metres(base->crs) / lode_crs_metres(crs);
    *cell_x = hypot(t[1], t[4]) * change;
    *cell_y = hypot(t[2], t[5]) * change;
    if (!lode_crs_same(base->crs, crs))
        *cell_x = *cell_y = fmin(*cell_x, *cell_y);
}

static lode_status change_grid(const lode_target_request *request, const lode_grid *base,
                               lode_target *target) {
    double bounds[4], cell_x, cell_y;
    if (request->extent)
        LODE_TRY(lode_extent_read(request->extent, bounds));
    else if (base)
        LODE_TRY(lode_grid_bounds(base, target->crs, bounds));
    else
        return lode_fail(LODE_ERROR_USAGE, "Give --extent, or --like with a raster.");
    if (request->cell > 0)
        cell_x = cell_y = request->cell / lode_crs_metres(target->crs);
    else if (base)
        inherited_cell(base, target->crs, &cell_x, &cell_y);
    else
        return lode_fail(LODE_ERROR_USAGE, "Give --cell, the side of a cell, or --like.");
    return lay_out(bounds, cell_x, cell_y, &target->grid);
}

static lode_status create(const lode_target_request *request, const lode_grid *base,
                          lode_target *target) {
    if (request->crs) {
        LODE_TRY(lode_crs_read(request->crs, "crs", &target->crs));
    } else {
        target->crs = lode_strdup(base ? base->crs : "");
        if (!target->crs)
            return lode_fail_memory();
    }
    bool other_crs = request->crs && (!base || !lode_crs_same(base->crs, target->crs));
    if (base && !request->extent && !(request->cell > 0) && !other_crs)
        target->grid = *base;
    else
        LODE_TRY(change_grid(request, base, target));
    target->grid.crs = target->crs;
    return LODE_OK;
}

lode_status lode_target_create(const lode_target_request *request, const lode_grid *otherwise,
                               lode_target *target) {
    lode_stack *like = NULL;
    memset(target, 0, sizeof *target);
    if (request->like)
        LODE_TRY(lode_stack_open(&request->like, 1, &like));
    lode_status status = create(request, like ? lode_stack_grid(like) : otherwise, target);
    lode_stack_close(like);
    if (status != LODE_OK)
        lode_target_free(target);
    return status;
}

void lode_target_free(lode_target *target) {
    lode_free(target->crs);
    memset(target, 0, sizeof *target);
}

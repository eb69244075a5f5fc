#include "samples/place.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <ogr_srs_api.h>

#include "grid/target.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/select.h"

/* ---- Coordinate columns ---------------------------------------------------------------------- */

typedef struct pair {
    const char *x, *y;
    bool geographic;
} pair;

/* Tried in this order; longer names also match when more follows (LONGITUDE_GDA94). */
static const pair pairs[] = {
    {"longitude", "latitude", true},
    {"longitud", "latitud", true},
    {"dlong", "dlat", true},
    {"long", "lat", true},
    {"lon", "lat", true},
    {"lng", "lat", true},
    {"easting", "northing", false},
    {"east", "north", false},
    {"este", "norte", false},
    {"utme", "utmn", false},
    {"xcoord", "ycoord", false},
    {"coordx", "coordy", false},
    {"xutm", "yutm", false},
    {"rechtswert", "hochwert", false},
    {"x", "y", false},
};

static void letters_of(const char *name, char *out, size_t size) {
    size_t n = 0;
    for (; *name && n + 1 < size; name++)
        if (isalpha((unsigned char)*name))
            out[n++] = (char)tolower((unsigned char)*name);
    out[n] = '\0';
}

static int find_like(const lode_table *table, const char *wanted) {
    size_t length = strlen(wanted);
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < table->count; i++) {
            char name[64];
            letters_of(table->columns[i].name, name, sizeof name);
            bool whole = strcmp(name, wanted) == 0;
            bool start = length >= 4 && strncmp(name, wanted, length) == 0;
            if ((pass == 0 ? whole : start) && table->columns[i].numbers > 0)
                return i;
        }
    }
    return -1;
}

static lode_status named_column(const lode_table *table, const char *name, const char *option,
                                int *column) {
    *column = lode_table_find(table, name);
    if (*column < 0)
        return lode_fail(LODE_ERROR_USAGE, "--%s: '%s' has no column '%s'.", option, table->path,
                         name);
    if (table->columns[*column].numbers == 0)
        return lode_fail(LODE_ERROR_DATA, "--%s: column '%s' holds no numbers.", option, name);
    return LODE_OK;
}

static lode_status choose_columns(const lode_table *table, const lode_samples_options *options,
                                  lode_places_found *found, bool *geographic) {
    *geographic = false;
    found->column_x = found->column_y = -1;
    if ((options->x != NULL) != (options->y != NULL))
        return lode_fail(LODE_ERROR_USAGE, "Give both --x and --y, or neither.");
    if (options->x) {
        LODE_TRY(named_column(table, options->x, "x", &found->column_x));
        return named_column(table, options->y, "y", &found->column_y);
    }
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0] && !table->x; i++) {
        found->column_x = find_like(table, pairs[i].x);
        found->column_y = find_like(table, pairs[i].y);
        if (found->column_x >= 0 && found->column_y >= 0) {
            *geographic = pairs[i].geographic;
            return LODE_OK;
        }
    }
    found->column_x = found->column_y = -1;
    if (table->x)
        return LODE_OK;
    return lode_fail(LODE_ERROR_DATA,
                     "'%s' has no point geometries and no columns named like coordinates (X and Y, "
                     "longitude and latitude, easting and northing). Name them with --x and --y.",
                     table->path);
}

static lode_status copy_coordinates(const lode_table *table, lode_places_found *found) {
    found->x = lode_alloc(table->rows, sizeof *found->x);
    found->y = lode_alloc(table->rows, sizeof *found->y);
    if (!found->x || !found->y)
        return lode_fail_memory();
    size_t good = 0;
    for (size_t i = 0; i < table->rows; i++) {
        if (found->column_x < 0) {
            found->x[i] = table->x[i];
            found->y[i] = table->y[i];
        } else {
            const lode_column *x = &table->columns[found->column_x];
            const lode_column *y = &table->columns[found->column_y];
            bool number = x->marks[i] == LODE_MARK_VALUE && y->marks[i] == LODE_MARK_VALUE &&
                          !lode_is_missing_code(x->values[i]) &&
                          !lode_is_missing_code(y->values[i]);
            found->x[i] = number ? x->values[i] : NAN;
            found->y[i] = number ? y->values[i] : NAN;
        }
        good += isfinite(found->x[i]) && isfinite(found->y[i]);
    }
    if (good == 0)
        return lode_fail(LODE_ERROR_DATA, "'%s' has no sample with coordinates.", table->path);
    return LODE_OK;
}

/* ---- CRS of the coordinates ------------------------------------------------------------------ */

typedef struct range {
    double x0, x1, y0, y1;
} range;

static range find_range(const double *x, const double *y, size_t n) {
    range r = {INFINITY, -INFINITY, INFINITY, -INFINITY};
    for (size_t i = 0; i < n; i++) {
        r.x0 = fmin(r.x0, x[i]);
        r.x1 = fmax(r.x1, x[i]);
        r.y0 = fmin(r.y0, y[i]);
        r.y1 = fmax(r.y1, y[i]);
    }
    return r;
}

static bool degrees(range r) {
    return r.x0 >= -180 && r.x1 <= 360 && r.y0 >= -90 && r.y1 <= 90;
}

static bool swapped(range r) {
    return r.y0 >= -180 && r.y1 <= 360 && r.x0 >= -90 && r.x1 <= 90;
}

static lode_status decide_crs(const lode_table *table, const lode_samples_options *options,
                              lode_samples *samples, lode_places_found *found) {
    range r = find_range(found->x, found->y, table->rows);
    if (options->points_crs) {
        LODE_TRY(lode_crs_read(options->points_crs, "points-crs", &found->crs));
    } else if (found->column_x < 0 && table->crs[0]) {
        found->crs = lode_strdup(table->crs);
    } else if (degrees(r)) {
        LODE_TRY(lode_crs_read("EPSG:4326", "points-crs", &found->crs));
        lode_samples_warn(samples,
                          "The file does not say its CRS. The coordinates (%.6g to %.6g, %.6g to "
                          "%.6g) look like longitude and latitude and are read as WGS 84; "
                          "--points-crs says otherwise.",
                          r.x0, r.x1, r.y0, r.y1);
    } else if (swapped(r)) {
        return lode_fail(
            LODE_ERROR_DATA,
            "The coordinates of '%s' (%.10g to %.10g, %.10g to %.10g) look like latitude "
            "and longitude, in that order. Name the columns with --x and --y.",
            table->path, r.x0, r.x1, r.y0, r.y1);
    } else {
        return lode_fail(LODE_ERROR_DATA,
                         "'%s' does not say its CRS, and the coordinates (%.10g to %.10g, %.10g to "
                         "%.10g) are not degrees. Name the CRS with --points-crs, for example "
                         "EPSG:32650.",
                         table->path, r.x0, r.x1, r.y0, r.y1);
    }
    if (!found->crs)
        return lode_fail_memory();
    if (lode_crs_is_geographic(found->crs) && !degrees(r)) {
        return lode_fail(LODE_ERROR_DATA,
                         "The coordinates (%.10g to %.10g, %.10g to %.10g) are not longitude and "
                         "latitude, as the CRS says. %s",
                         r.x0, r.x1, r.y0, r.y1,
                         swapped(r) ? "Longitude and latitude seem to be swapped: give --x and --y."
                                    : "Check --points-crs.");
    }
    return LODE_OK;
}

lode_status lode_places_find(const lode_table *table, const lode_samples_options *options,
                             lode_samples *samples, lode_places_found *found) {
    bool geographic;
    memset(found, 0, sizeof *found);
    lode_status status = choose_columns(table, options, found, &geographic);
    if (status == LODE_OK)
        status = copy_coordinates(table, found);
    if (status == LODE_OK)
        status = decide_crs(table, options, samples, found);
    if (status == LODE_OK) {
        char *crs = lode_crs_describe(found->crs);
        const char *x = found->column_x < 0 ? "geometry" : table->columns[found->column_x].name;
        const char *y = found->column_x < 0 ? "geometry" : table->columns[found->column_y].name;
        json_object_set_new(samples->report, "coordinates",
                            json_pack("{s:s, s:s, s:s}", "x", x, "y", y, "crs", crs ? crs : ""));
        lode_free(crs);
    } else {
        lode_places_found_free(found);
    }
    return status;
}

void lode_places_found_free(lode_places_found *found) {
    lode_free(found->x);
    lode_free(found->y);
    lode_free(found->crs);
    memset(found, 0, sizeof *found);
}

/* ---- CRS to work in -------------------------------------------------------------------------- */

static double median_of(const double *values, size_t n) {
    double *finite = lode_alloc(n + 1, sizeof *finite);
    size_t count = 0;
    for (size_t i = 0; i < n && finite; i++)
        if (isfinite(values[i]))
            finite[count++] = values[i];
    double median = count > 0 ? lode_median_double(finite, count) : NAN;
    lode_free(finite);
    return median;
}

/* UTM zone of the middle, on the points' own datum where EPSG has one. */
static int suggest_epsg(const char *from, double longitude, double latitude) {
    static const struct {
        int geographic, first, last, base;
        bool south;
    } systems[] = {{4283, 48, 58, 28300, true},  /* GDA94 / MGA */
                   {7844, 46, 59, 7800, true},   /* GDA2020 / MGA */
                   {4269, 1, 23, 26900, false},  /* NAD83 / UTM */
                   {4258, 28, 38, 25800, false}, /* ETRS89 / UTM */
                   {4674, 18, 25, 31960, true}}; /* SIRGAS 2000 / UTM */
    int zone = (int)floor((longitude + 180) / 6) % 60 + 1;
    OGRSpatialReferenceH crs = OSRNewSpatialReference(from);
    const char *code = OSRGetAuthorityCode(crs, NULL);
    int geographic = code ? atoi(code) : 0;
    OSRDestroySpatialReference(crs);
    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++)
        if (systems[i].geographic == geographic && zone >= systems[i].first &&
            zone <= systems[i].last && systems[i].south == (latitude < 0))
            return systems[i].base + zone;
    return (latitude < 0 ? 32700 : 32600) + zone;
}

static lode_status decide_target(const lode_samples_options *options, const char *from,
                                 const double *x, const double *y, size_t n, char **crs) {
    if (options->crs) {
        LODE_TRY(lode_crs_read(options->crs, "crs", crs));
    } else if (lode_crs_is_geographic(from)) {
        char name[32];
        snprintf(name, sizeof name, "EPSG:%d",
                 suggest_epsg(from, median_of(x, n), median_of(y, n)));
        LODE_TRY(lode_crs_read(name, "crs", crs));
        char *described = lode_crs_describe(*crs);
        lode_log(LODE_LOG_INFO,
                 "The samples are in degrees; they are gridded in %s. --crs chooses another.",
                 described ? described : name);
        lode_free(described);
    } else {
        *crs = lode_strdup(from);
    }
    return *crs ? LODE_OK : lode_fail_memory();
}

static lode_status transform(const char *from, const char *to, double *x, double *y, size_t n) {
    OGRSpatialReferenceH source = OSRNewSpatialReference(from), wanted = OSRNewSpatialReference(to);
    OSRSetAxisMappingStrategy(source, OAMS_TRADITIONAL_GIS_ORDER);
    OSRSetAxisMappingStrategy(wanted, OAMS_TRADITIONAL_GIS_ORDER);
    CPLErrorReset();
    OGRCoordinateTransformationH change = OCTNewCoordinateTransformation(source, wanted);
    OSRDestroySpatialReference(source);
    OSRDestroySpatialReference(wanted);
    if (!change)
        return lode_fail_gdal(LODE_ERROR_DATA,
                              "The samples cannot be brought to the CRS asked for.");
    lode_status status = LODE_OK;
    for (size_t i = 0; i < n; i++) {
        int good = isfinite(x[i]) && isfinite(y[i]);
        if (good)
            OCTTransformEx(change, 1, &x[i], &y[i], NULL, &good);
        if (!good || !isfinite(x[i]) || !isfinite(y[i]))
            x[i] = y[i] = NAN;
    }
    OCTDestroyCoordinateTransformation(change);
    return status;
}

lode_status lode_places_project(const lode_samples_options *options, const char *from, double *x,
                                double *y, size_t n, lode_samples *samples, char **crs) {
    char *to = NULL;
    LODE_TRY(decide_target(options, from, x, y, n, &to));
    lode_status status = lode_crs_same(from, to) ? LODE_OK : transform(from, to, x, y, n);
    char *described = lode_crs_describe(to);
    json_object_set_new(samples->report, "crs", json_string(described ? described : ""));
    lode_free(described);
    if (status != LODE_OK) {
        lode_free(to);
        return status;
    }
    *crs = to;
    return LODE_OK;
}

/* grid.c - a laboratory's table -> an aligned stack, one band an element. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>

#include "grid/interpolate.h"
#include "grid/target.h"
#include "raster/writer.h"
#include "samples/samples.h"
#include "task/task.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/parallel.h"

enum { TILE = 256, LONGEST_SIDE = 4000 };

typedef enum scale { SCALE_RAW, SCALE_LOG, SCALE_CLR } scale;

typedef struct grid_job {
    const lode_args *args;
    lode_samples *samples;
    lode_target target;
    lode_interpolation how;
    scale scale;
    double spacing, wide; /* metres: median and 90 % quantile of the sample spacing */
    int *analytes;        /* [count] index of each gridded analyte */
    double **values;      /* [count][n] on the scale that is gridded */
    int count;
    lode_surface *surface;
    lode_cross_validation *validation; /* [count] */
    int threads;
    bool separate;
} grid_job;

/* ---- Samples ----------------------------------------------------------------------------------
 */

static int choice_index(const char *choices, const char *value) {
    int index = 0;
    size_t length = strlen(value);
    for (const char *at = choices; *at; index++) {
        size_t n = strcspn(at, ",");
        if (n == length && strncmp(at, value, n) == 0)
            return index;
        at += n + (at[n] == ',');
    }
    return 0;
}

#define CENSORED_CHOICES "half,sqrt2,multiplicative,ros"
#define DUPLICATE_CHOICES "average,first,error"
#define SCALE_CHOICES "auto,raw,log,clr"
#define METHOD_CHOICES "idw,kriging,nearest"
#define MODEL_CHOICES "auto,spherical,exponential,gaussian,matern32"

static lode_status read_samples(grid_job *job, const char *crs, const lode_progress *progress) {
    const lode_args *a = job->args;
    lode_samples_options options = {.source = lode_arg(a, "samples"),
                                    .layer = lode_arg(a, "layer"),
                                    .where = lode_arg(a, "where"),
                                    .x = lode_arg(a, "x"),
                                    .y = lode_arg(a, "y"),
                                    .points_crs = lode_arg(a, "points-crs"),
                                    .crs = crs,
                                    .elements = lode_arg(a, "elements"),
                                    .mapping = lode_arg(a, "mapping"),
                                    .missing = lode_arg(a, "missing"),
                                    .group = lode_arg(a, "group"),
                                    .max_censored = lode_arg_number(a, "max-censored"),
                                    .oxides_as_elements = lode_arg_flag(a, "oxides-as-elements")};
    options.censored = (lode_censoring)choice_index(CENSORED_CHOICES, lode_arg(a, "censored"));
    options.duplicates =
        (lode_duplicates)choice_index(DUPLICATE_CHOICES, lode_arg(a, "duplicates"));
    LODE_TRY(lode_samples_read(&options, progress, &job->samples));
    json_object_set(lode_arg_result(a), "import", job->samples->report);
    return LODE_OK;
}

/* The samples must span an area. */
static lode_status check_places(const lode_samples *s) {
    double n = (double)s->n, mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    if (s->n < 2)
        return lode_fail(LODE_ERROR_DATA, "Only one place has samples; there is nothing to "
                                          "interpolate between.");
    for (size_t i = 0; i < s->n; i++) {
        mx += s->x[i] / n;
        my += s->y[i] / n;
    }
    for (size_t i = 0; i < s->n; i++) {
        xx += (s->x[i] - mx) * (s->x[i] - mx) / n;
        yy += (s->y[i] - my) * (s->y[i] - my) / n;
        xy += (s->x[i] - mx) * (s->y[i] - my) / n;
    }
    double half = 0.5 * (xx + yy), root = sqrt(0.25 * (xx - yy) * (xx - yy) + xy * xy);
    if (!(half - root > 1e-10 * (half + root)))
        return lode_fail(LODE_ERROR_DATA,
                         "All %zu samples lie on one line; a map cannot be made from them.", s->n);
    return LODE_OK;
}

static lode_status choose_scale(grid_job *job) {
    int wanted = choice_index(SCALE_CHOICES, lode_arg(job->args, "scale"));
    job->scale = wanted == 0 ? (job->how.method == LODE_METHOD_KRIGING ? SCALE_LOG : SCALE_RAW)
                             : (scale)(wanted - 1);
    return LODE_OK;
}

/* Centred log-ratios of every sample over the elements it has, in place. */
static void to_clr(const grid_job *job) {
    for (size_t i = 0; i < job->samples->n; i++) {
        double sum = 0, count = 0;
        for (int k = 0; k < job->count; k++) {
            if (job->values[k][i] > 0) {
                sum += log(job->values[k][i]);
                count++;
            }
        }
        for (int k = 0; k < job->count; k++)
            job->values[k][i] = job->values[k][i] > 0 ? log(job->values[k][i]) - sum / count : NAN;
    }
}

static lode_status take_values(grid_job *job) {
    lode_samples *s = job->samples;
    size_t room = (size_t)s->count + 1;
    job->analytes = lode_alloc(room, sizeof *job->analytes);
    job->values = lode_alloc(room, sizeof *job->values);
    job->validation = lode_alloc(room, sizeof *job->validation);
    if (!job->analytes || !job->values || !job->validation)
        return lode_fail_memory();
    for (int a = 0; a < s->count; a++) {
        const lode_analyte *analyte = &s->analytes[a];
        if (!analyte->used)
            continue;
        double *values = lode_alloc(s->n, sizeof *values);
        if (!values)
            return lode_fail_memory();
        for (size_t i = 0; i < s->n; i++) {
            double value = analyte->values[i];
            bool log_it = job->scale == SCALE_LOG && analyte->is_element;
            values[i] = log_it ? (value > 0 ? log(value) : NAN) : value;
        }
        job->values[job->count] = values;
        job->analytes[job->count++] = a;
    }
    if (job->scale == SCALE_CLR)
        to_clr(job);
    return LODE_OK;
}

/* ---- Grid -------------------------------------------------------------------------------------
 */

/* 1, 2, 2.5 or 5 times a power of ten, the nearest in ratio. */
static double round_number(double value) {
    static const double steps[] = {1, 2, 2.5, 5, 10};
    double power = pow(10, floor(log10(value))), best = power;
    for (int i = 0; i < 5; i++)
        if (fabs(log(steps[i] * power / value)) < fabs(log(best / value)))
            best = steps[i] * power;
    return best;
}

static lode_status find_spacing(grid_job *job) {
    const lode_samples *s = job->samples;
    double metres = lode_crs_metres(s->crs);
    lode_index *index;
    LODE_TRY(lode_index_create(s->x, s->y, s->n, &index));
    lode_status status = lode_index_spacing(index, &job->spacing, &job->wide);
    lode_index_free(index);
    job->spacing *= metres;
    job->wide *= metres;
    return status;
}

/* The samples' extent and one spacing around it, in whole cells from a round corner. */
static lode_grid samples_grid(const grid_job *job, double cell_metres) {
    const lode_samples *s = job->samples;
    double metres = lode_crs_metres(s->crs), cell = cell_metres / metres;
    double pad = job->spacing / metres, x0 = INFINITY, x1 = -INFINITY, y0 = INFINITY,
           y1 = -INFINITY;
    for (size_t i = 0; i < s->n; i++) {
        x0 = fmin(x0, s->x[i]);
        x1 = fmax(x1, s->x[i]);
        y0 = fmin(y0, s->y[i]);
        y1 = fmax(y1, s->y[i]);
    }
    double longest = fmax(x1 - x0, y1 - y0) + 2 * pad;
    if (longest > cell * 1e6)
        cell = longest / 1e6; /* lode_target_create explains why this is refused */
    x0 = floor((x0 - pad) / cell) * cell;
    y1 = ceil((y1 + pad) / cell) * cell;
    lode_grid grid = {(int)ceil((x1 + pad - x0) / cell),
                      (int)ceil((y1 - y0 + pad) / cell),
                      {x0, cell, 0, y1, 0, -cell},
                      s->crs};
    return grid;
}

static lode_status make_target(grid_job *job) {
    const lode_args *a = job->args;
    lode_target_request request = {lode_arg(a, "like"), lode_arg(a, "extent"), NULL,
                                   lode_arg_metres(a, "cell")};
    double cell = request.cell;
    if (!(cell > 0)) {
        cell = round_number(job->spacing / 3);
        lode_grid fine = samples_grid(job, cell);
        while (fine.width > LONGEST_SIDE || fine.height > LONGEST_SIDE) {
            cell = round_number(2 * cell);
            fine = samples_grid(job, cell);
        }
    }
    lode_grid around = samples_grid(job, cell);
    if (request.cell > 0 && !request.extent && !request.like)
        request.cell = 0; /* already in `around` */
    LODE_TRY(lode_target_create(&request, &around, &job->target));
    const lode_grid *g = &job->target.grid;
    char *crs = lode_crs_describe(job->target.crs);
    lode_log(LODE_LOG_INFO, "Grid: %d x %d cells of %.6g, %s; median sample spacing %.4g m.",
             g->width, g->height, g->transform[1], crs ? crs : "", job->spacing);
    json_object_set_new(lode_arg_result(a), "grid",
                        json_pack("{s:i, s:i, s:f, s:s, s:f}", "width", g->width, "height",
                                  g->height, "cell", g->transform[1], "crs", crs ? crs : "",
                                  "sample_spacing_m", job->spacing));
    lode_free(crs);
    if (g->transform[2] != 0 || g->transform[4] != 0)
        return lode_fail(LODE_ERROR_DATA, "--like: a rotated grid cannot be gridded on.");
    return LODE_OK;
}

/* ---- Method -----------------------------------------------------------------------------------
 */

static lode_status read_method(grid_job *job) {
    const lode_args *a = job->args;
    lode_interpolation *how = &job->how;
    how->method = (lode_method)choice_index(METHOD_CHOICES, lode_arg(a, "method"));
    how->power = lode_arg_number(a, "power");
    how->neighbours = lode_arg_given(a, "neighbours")      ? (int)lode_arg_integer(a, "neighbours")
                      : how->method == LODE_METHOD_KRIGING ? 24
                                                           : 12;
    how->min_neighbours = (int)lode_arg_integer(a, "min-neighbours");
    how->radius = lode_arg_given(a, "radius") ? lode_arg_metres(a, "radius") : INFINITY;
    how->direction = lode_arg_number(a, "direction");
    how->ratio = lode_arg_number(a, "ratio");
    how->variance = lode_arg_flag(a, "variance");
    how->distance = lode_arg_flag(a, "distance");
    if (how->variance && how->method != LODE_METHOD_KRIGING)
        return lode_fail(LODE_ERROR_USAGE, "--variance needs --method kriging.");
    if (lode_arg(a, "variogram") && how->method != LODE_METHOD_KRIGING)
        return lode_fail(LODE_ERROR_USAGE, "--variogram needs --method kriging.");
    return choose_scale(job);
}

static void settle_distance(grid_job *job) {
    const lode_args *a = job->args;
    if (lode_arg_given(a, "max-distance"))
        job->how.max_distance = lode_arg_metres(a, "max-distance");
    else if (isfinite(job->how.radius))
        job->how.max_distance = job->how.radius;
    else
        job->how.max_distance = 3 * fmax(job->wide, job->spacing);
    lode_log(LODE_LOG_INFO, "Cells further than %.4g m from a sample get no data%s.",
             job->how.max_distance,
             lode_arg_given(a, "max-distance") ? "" : " (--max-distance changes it)");
}

/* ---- Variograms -------------------------------------------------------------------------------
 */

static lode_status fit_variogram(grid_job *job, int k) {
    lode_variogram *variogram = &job->surface->variograms[k];
    const char *given = lode_arg(job->args, "variogram");
    const char *name = job->samples->analytes[job->analytes[k]].name;
    if (given)
        return lode_variogram_parse(given, variogram);
    int model = choice_index(MODEL_CHOICES, lode_arg(job->args, "model")) - 1;
    double cutoff = lode_arg_given(job->args, "cutoff") ? lode_arg_metres(job->args, "cutoff") : 0;
    const double *x, *y, *z;
    size_t n;
    lode_sample_variogram sample;
    LODE_TRY(lode_surface_points(job->surface, k, &x, &y, &z, &n));
    LODE_TRY(lode_variogram_sample(x, y, z, n, cutoff, 1, &sample));
    if (!lode_variogram_fit(&sample, model, variogram)) {
        double mean = 0, variance = 0;
        for (size_t i = 0; i < n; i++)
            mean += z[i] / (double)n;
        for (size_t i = 0; i < n; i++)
            variance += (z[i] - mean) * (z[i] - mean) / (double)n;
        *variogram = (lode_variogram){LODE_VARIOGRAM_EXPONENTIAL, 0, fmax(variance, 1e-12),
                                      fmax(sample.cutoff / 3, 1)};
        lode_samples_warn(job->samples,
                          "%s: %zu samples are too few for a variogram; an exponential "
                          "one with their variance is used.",
                          name, n);
    }
    return LODE_OK;
}

static lode_status fit_variograms(grid_job *job, const lode_progress *progress) {
    json_t *list = json_array();
    lode_status status = LODE_OK;
    for (int k = 0; k < job->count && status == LODE_OK; k++) {
        const lode_variogram *v = &job->surface->variograms[k];
        status = fit_variogram(job, k);
        if (status == LODE_OK)
            json_array_append_new(list, json_pack("{s:s, s:s, s:f, s:f, s:f, s:f}", "name",
                                                  job->samples->analytes[job->analytes[k]].name,
                                                  "model", lode_variogram_name(v->model), "nugget",
                                                  v->nugget, "sill", v->sill, "range", v->range,
                                                  "reach", lode_variogram_reach(v)));
        if (status == LODE_OK)
            status = lode_progress_report(progress, (k + 1.0) / job->count, "Fitting variograms");
    }
    json_object_set_new(lode_arg_result(job->args), "variograms", list);
    return status;
}

static lode_status validate(grid_job *job, const lode_progress *progress) {
    json_t *list = json_array();
    bool kriging = job->how.method == LODE_METHOD_KRIGING;
    lode_log(LODE_LOG_INFO, "Leave-one-out errors, on the %s scale:",
             job->scale == SCALE_RAW   ? "raw"
             : job->scale == SCALE_LOG ? "log"
                                       : "clr");
    for (int k = 0; k < job->count; k++) {
        lode_progress part =
            lode_progress_part(progress, (double)k / job->count, (k + 1.0) / job->count);
        lode_cross_validation *r = &job->validation[k];
        LODE_TRY(lode_surface_validate(job->surface, k, job->threads, &part, r));
        const char *name = job->samples->analytes[job->analytes[k]].name;
        json_t *item =
            json_pack("{s:s, s:f, s:f, s:f}", "name", name, "mean_error", r->mean_error, "rmse",
                      r->rmse, "correlation", isfinite(r->correlation) ? r->correlation : 0.0);
        char extra[128] = "";
        if (kriging && isfinite(r->standardised)) {
            const lode_variogram *v = &job->surface->variograms[k];
            json_object_set_new(item, "standardised", json_real(r->standardised));
            snprintf(extra, sizeof extra,
                     ", squared error / variance %.2f; %s, nugget %.3g, sill %.3g, reach %.4g m",
                     r->standardised, lode_variogram_name(v->model), v->nugget, v->sill,
                     lode_variogram_reach(v));
        }
        lode_log(LODE_LOG_INFO, "  %-6s rmse %.4g, correlation %.2f%s", name, r->rmse,
                 r->correlation, extra);
        json_array_append_new(list, item);
    }
    json_object_set_new(lode_arg_result(job->args), "leave_one_out", list);
    return LODE_OK;
}

/* ---- Writing ----------------------------------------------------------------------------------
 */

typedef struct output {
    lode_writer **writers;
    int count;    /* writers: one, or one a band */
    char **names; /* [bands] */
    int bands;
} output;

static void free_output(output *out) {
    for (int i = 0; out->writers && i < out->count; i++)
        lode_writer_abandon(out->writers[i]);
    lode_free(out->writers);
    for (int i = 0; out->names && i < out->bands; i++)
        lode_free(out->names[i]);
    lode_free(out->names);
}

static lode_status name_bands(const grid_job *job, output *out) {
    int elements = job->count, variances = job->how.variance ? elements : 0;
    out->bands = elements + variances + job->how.distance;
    out->names = lode_alloc((size_t)out->bands + 1, sizeof *out->names);
    if (!out->names)
        return lode_fail_memory();
    bool clr = job->scale == SCALE_CLR;
    for (int i = 0; i < out->bands; i++) {
        const char *name = i < elements + variances
                               ? job->samples->analytes[job->analytes[i % elements]].name
                               : "sample distance";
        out->names[i] = i < elements && clr        ? lode_format("clr %s", name)
                        : i < elements             ? lode_strdup(name)
                        : i < elements + variances ? lode_format("%s variance", name)
                                                   : lode_strdup(name);
        if (!out->names[i])
            return lode_fail_memory();
    }
    return LODE_OK;
}

static lode_status describe_band(const grid_job *job, lode_writer *writer, int at, int band) {
    int elements = job->count, variances = job->how.variance ? elements : 0;
    if (band >= elements + variances)
        return lode_writer_describe_band(writer, at, "UNIT", "m");
    const lode_analyte *a = &job->samples->analytes[job->analytes[band % elements]];
    bool variance = band >= elements;
    const char *unit =
        !a->is_element || (a->unit_assumed && a->element.unit == LODE_UNIT_NONE) ? "" : "ppm";
    if (job->scale == SCALE_CLR)
        unit = "";
    if (variance)
        unit = job->scale == SCALE_RAW ? "ppm2" : "ln2";
    LODE_TRY(lode_writer_describe_band(writer, at, "UNIT", unit));
    char text[256];
    size_t all = a->valid + a->below + a->above;
    snprintf(text, sizeof text, "%zu values, %.1f %% below limits (%s)", a->valid,
             all ? 100.0 * (double)(a->below + a->spike) / (double)all : 0.0,
             lode_arg(job->args, "censored"));
    LODE_TRY(lode_writer_describe_band(writer, at, "SAMPLES", text));
    static const char *const methods[] = {"inverse distance", "ordinary kriging", "nearest sample"};
    snprintf(text, sizeof text, "%s, %s scale", methods[job->how.method],
             job->scale == SCALE_RAW   ? "raw"
             : job->scale == SCALE_LOG ? "log"
                                       : "clr");
    LODE_TRY(lode_writer_describe_band(writer, at, "METHOD", text));
    if (job->how.method != LODE_METHOD_KRIGING)
        return LODE_OK;
    const lode_variogram *v = &job->surface->variograms[band % elements];
    snprintf(text, sizeof text, "%s,%.6g,%.6g,%.6g", lode_variogram_name(v->model), v->nugget,
             v->sill, v->range);
    return lode_writer_describe_band(writer, at, "VARIOGRAM", text);
}

static lode_status open_one(const grid_job *job, output *out, int writer, int first, int bands) {
    const char *path = lode_arg(job->args, "output");
    char *own = NULL;
    if (job->separate) {
        own = lode_format("%s_%s.%s", CPLResetExtension(path, ""), out->names[first],
                          CPLGetExtension(path));
        /* "name." + "_Au" -> "name_Au" */
        char *dot = own ? strstr(own, "._") : NULL;
        if (dot)
            memmove(dot, dot + 1, strlen(dot));
        if (!own)
            return lode_fail_memory();
    }
    lode_status status =
        lode_writer_open(own ? own : path, &job->target.grid,
                         (const char *const *)out->names + first, bands, &out->writers[writer]);
    lode_free(own);
    LODE_TRY(status);
    lode_writer *opened = out->writers[writer];
    LODE_TRY(lode_writer_describe(opened, NULL, "LODE_COMMAND", lode_arg_command(job->args)));
    LODE_TRY(lode_writer_describe(opened, NULL, "LODE_VERSION", lode_version()));
    for (int i = 0; i < bands; i++)
        LODE_TRY(describe_band(job, opened, i, first + i));
    return LODE_OK;
}

static lode_status open_output(const grid_job *job, output *out) {
    LODE_TRY(name_bands(job, out));
    out->count = job->separate ? out->bands : 1;
    out->writers = lode_alloc((size_t)out->count, sizeof *out->writers);
    if (!out->writers)
        return lode_fail_memory();
    for (int i = 0; i < out->count; i++)
        LODE_TRY(open_one(job, out, i, job->separate ? i : 0, job->separate ? 1 : out->bands));
    return LODE_OK;
}

typedef struct tile {
    const grid_job *job;
    int x, y, width, height;
    float *planes; /* [bands][height][width] */
    void **scratch;
} tile;

static float back(const grid_job *job, int element, float value) {
    bool logged =
        job->scale == SCALE_LOG && job->samples->analytes[job->analytes[element]].is_element;
    return isfinite(value) ? (logged ? expf(value) : value) : LODE_NODATA;
}

static lode_status fill_row(void *context, size_t item, int worker) {
    const tile *t = context;
    const grid_job *job = t->job;
    size_t plane = (size_t)t->width * (size_t)t->height, line = item * (size_t)t->width;
    size_t elements = (size_t)job->count;
    float *out = t->planes + line;
    float *variances = job->how.variance ? t->planes + elements * plane + line : NULL;
    size_t last = job->how.variance ? 2 * elements : elements;
    float *distances = job->how.distance ? t->planes + last * plane + line : NULL;
    lode_surface_row(job->surface, t->x, t->y + (int)item, t->width, t->scratch[worker], plane, out,
                     variances, distances);
    for (size_t e = 0; e < elements; e++) {
        for (int column = 0; column < t->width; column++) {
            size_t at = e * plane + (size_t)column;
            out[at] = back(job, (int)e, out[at]);
            if (variances)
                variances[at] = isfinite(variances[at]) ? variances[at] : LODE_NODATA;
        }
    }
    return LODE_OK;
}

static lode_status write_tile(const grid_job *job, const output *out, const tile *t) {
    size_t plane = (size_t)t->width * (size_t)t->height;
    for (int i = 0; i < out->count; i++)
        LODE_TRY(lode_writer_write(out->writers[i], t->x, t->y, t->width, t->height,
                                   t->planes + (job->separate ? (size_t)i * plane : 0)));
    return LODE_OK;
}

static lode_status fill_tiles(const grid_job *job, const output *out, tile *t,
                              const lode_progress *progress) {
    const lode_grid *g = &job->target.grid;
    int across = (g->width + TILE - 1) / TILE, down = (g->height + TILE - 1) / TILE;
    double tiles = (double)across * down;
    for (int i = 0; i < across * down; i++) {
        t->x = i % across * TILE;
        t->y = i / across * TILE;
        t->width = g->width - t->x < TILE ? g->width - t->x : TILE;
        t->height = g->height - t->y < TILE ? g->height - t->y : TILE;
        lode_progress part = lode_progress_part(progress, i / tiles, (i + 1) / tiles);
        LODE_TRY(
            lode_parallel_for((size_t)t->height, job->threads, fill_row, t, &part, "Gridding"));
        LODE_TRY(write_tile(job, out, t));
    }
    return LODE_OK;
}

static lode_status fill_output(grid_job *job, const output *out, const lode_progress *progress) {
    tile t = {.job = job};
    t.planes = lode_alloc((size_t)out->bands * TILE * TILE, sizeof *t.planes);
    t.scratch = lode_alloc((size_t)job->threads, sizeof *t.scratch);
    bool good = t.planes && t.scratch;
    for (int i = 0; i < job->threads && good; i++)
        good = (t.scratch[i] = lode_surface_scratch(job->surface)) != NULL;
    lode_status status = good ? fill_tiles(job, out, &t, progress) : lode_fail_memory();
    for (int i = 0; t.scratch && i < job->threads; i++)
        lode_free(t.scratch[i]);
    lode_free(t.scratch);
    lode_free(t.planes);
    return status;
}

static lode_status write_output(grid_job *job, const lode_progress *progress) {
    output out = {0};
    lode_status status = open_output(job, &out);
    if (status == LODE_OK)
        status = fill_output(job, &out, progress);
    for (int i = 0; i < out.count && status == LODE_OK; i++) {
        status = lode_writer_commit(out.writers[i]);
        out.writers[i] = NULL;
    }
    if (status == LODE_OK)
        lode_log(LODE_LOG_INFO, "%d bands written to '%s'%s.", out.bands,
                 lode_arg(job->args, "output"),
                 job->separate ? " and its neighbours, one each" : "");
    free_output(&out);
    return status;
}

/* ---- The task ---------------------------------------------------------------------------------
 */

static lode_status interpolate(grid_job *job, const lode_progress *progress) {
    lode_progress fit = lode_progress_part(progress, 0, 0.1);
    lode_progress check = lode_progress_part(progress, 0.1, 0.2);
    lode_progress fill = lode_progress_part(progress, 0.2, 1);
    LODE_TRY(find_spacing(job));
    LODE_TRY(make_target(job));
    settle_distance(job);
    LODE_TRY(take_values(job));
    LODE_TRY(lode_surface_create(&job->how, &job->target.grid, job->samples->x, job->samples->y,
                                 job->samples->n, job->values, job->count, &job->surface));
    if (job->how.method == LODE_METHOD_KRIGING)
        LODE_TRY(fit_variograms(job, &fit));
    if (lode_arg_flag(job->args, "cross-validate") || job->how.method == LODE_METHOD_KRIGING)
        LODE_TRY(validate(job, &check));
    return write_output(job, &fill);
}

/* The grid of --like rules the CRS unless --crs names the same one. */
static lode_status wanted_crs(const lode_args *args, char **crs) {
    const char *like = lode_arg(args, "like"), *given = lode_arg(args, "crs");
    *crs = NULL;
    if (given)
        LODE_TRY(lode_crs_read(given, "crs", crs));
    if (!like)
        return LODE_OK;
    lode_stack *stack;
    lode_status status = lode_stack_open(&like, 1, &stack);
    if (status == LODE_OK) {
        const char *own = lode_stack_grid(stack)->crs;
        if (*crs && !lode_crs_same(*crs, own))
            status = lode_fail(LODE_ERROR_USAGE,
                               "--crs and the CRS of --like '%s' differ; give one.", like);
        else if (!*crs && own[0] && !(*crs = lode_strdup(own)))
            status = lode_fail_memory();
        lode_stack_close(stack);
    }
    if (status != LODE_OK) {
        lode_free(*crs);
        *crs = NULL;
    }
    return status;
}

static lode_status grid(grid_job *job, const lode_progress *progress) {
    bool dry = lode_arg_flag(job->args, "dry-run");
    const char *path = lode_arg(job->args, "output");
    if (!path && !dry)
        return lode_fail(LODE_ERROR_USAGE, "Name the GeoTIFF to write, or ask for --dry-run.");
    if (!dry)
        LODE_TRY(lode_file_check_output(path));
    LODE_TRY(read_method(job));
    lode_progress read = lode_progress_part(progress, 0, 0.1);
    lode_progress rest = lode_progress_part(progress, 0.1, 1);
    char *crs;
    LODE_TRY(wanted_crs(job->args, &crs));
    lode_status status = read_samples(job, crs, &read);
    lode_free(crs);
    LODE_TRY(status);
    if (dry)
        return LODE_OK;
    LODE_TRY(check_places(job->samples));
    return interpolate(job, &rest);
}

static lode_status run(const lode_args *args, const lode_progress *progress) {
    grid_job job = {.args = args};
    job.threads = lode_thread_count((int)lode_arg_integer(args, "threads"));
    job.separate = lode_arg_flag(args, "separate");
    lode_status status = grid(&job, progress);
    lode_surface_free(job.surface);
    for (int k = 0; job.values && k < job.count; k++)
        lode_free(job.values[k]);
    lode_free(job.values);
    lode_free(job.analytes);
    lode_free(job.validation);
    lode_target_free(&job.target);
    lode_samples_free(job.samples);
    return status;
}

static const lode_param params[] = {
    {.name = "samples",
     .kind = LODE_KIND_POINTS,
     .label = "Samples",
     .help = "Table or point layer of assays: CSV, XLSX, GeoPackage, Shapefile, GeoJSON ...",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    {.name = "output",
     .kind = LODE_KIND_RASTER_OUT,
     .label = "Element stack",
     .help = "GeoTIFF to write, one band an element.",
     .extension = "tif",
     .flags = LODE_POSITIONAL},
    {.name = "elements",
     .kind = LODE_KIND_FIELDS,
     .label = "Elements",
     .of = "samples",
     .help = "Elements or columns to grid, for example Au,As,Cu; by default every one recognised."},
    {.name = "method",
     .kind = LODE_KIND_CHOICE,
     .label = "Method",
     .initial = "idw",
     .choices = METHOD_CHOICES,
     .help =
         "idw: inverse distance weighting; kriging: ordinary kriging with a variogram fitted to "
         "each element; nearest: value of the nearest sample."},
    {.name = "cell",
     .kind = LODE_KIND_DISTANCE,
     .label = "Cell size",
     .unit = "m",
     .help = "Side of a cell; by default about a third of the median sample spacing."},
    {.name = "crs",
     .kind = LODE_KIND_CRS,
     .label = "CRS",
     .help =
         "CRS of the stack; by default the samples' own, or the UTM zone of samples in degrees."},
    {.name = "like",
     .kind = LODE_KIND_STACK,
     .label = "Reference grid",
     .help = "Raster whose extent, cells and CRS the stack gets."},
    {.name = "extent",
     .kind = LODE_KIND_EXTENT,
     .label = "Extent",
     .help = "Extent of the stack in its CRS; by default that of the samples."},
    {.name = "max-distance",
     .kind = LODE_KIND_DISTANCE,
     .label = "Largest distance to a sample",
     .unit = "m",
     .help = "Cells further from the nearest sample get no data; by default the radius, or 3 times "
             "the spacing that 90 % of the samples keep."},
    {.name = "neighbours",
     .kind = LODE_KIND_INTEGER,
     .label = "Neighbours",
     .minimum = 1,
     .maximum = 128,
     .help = "Nearest samples used for a cell; by default 12, and 24 for kriging."},
    {.name = "radius",
     .kind = LODE_KIND_DISTANCE,
     .label = "Search radius",
     .unit = "m",
     .help = "Samples further away are not used; by default the nearest ones at any distance."},
    {.name = "power",
     .kind = LODE_KIND_NUMBER,
     .label = "Power",
     .initial = "2",
     .minimum = 0.1,
     .maximum = 20,
     .help = "Exponent of the distance in idw."},
    {.name = "scale",
     .kind = LODE_KIND_CHOICE,
     .label = "Scale",
     .initial = "auto",
     .choices = SCALE_CHOICES,
     .help = "raw: the values themselves; log: their logarithm, back as the median; clr: centred "
             "log-ratios, which the bands then hold. auto is raw, and log for kriging."},
    {.name = "censored",
     .kind = LODE_KIND_CHOICE,
     .label = "Values below detection limits",
     .initial = "half",
     .choices = CENSORED_CHOICES,
     .help = "What stands in for them: half the limit, limit / sqrt 2, multiplicative lognormal "
             "replacement, or regression on order statistics (ros)."},
    {.name = "max-censored",
     .kind = LODE_KIND_NUMBER,
     .label = "Largest share below limits",
     .initial = "0.5",
     .minimum = 0,
     .maximum = 1,
     .flags = LODE_ADVANCED,
     .help = "Elements with a larger share of values below limits are left out."},
    {.name = "missing",
     .kind = LODE_KIND_TEXT,
     .label = "Missing codes",
     .help = "Comma list of further numbers that mean not analysed; -9999, -999, -99 and N/A are "
             "known."},
    {.name = "duplicates",
     .kind = LODE_KIND_CHOICE,
     .label = "Samples at one place",
     .initial = "average",
     .choices = DUPLICATE_CHOICES,
     .flags = LODE_ADVANCED,
     .help = "average their values, take the first, or stop with an error."},
    {.name = "group",
     .kind = LODE_KIND_FIELD,
     .label = "Level groups of",
     .of = "samples",
     .help = "Column (laboratory, report, method) whose groups are brought to one median."},
    {.name = "oxides-as-elements",
     .kind = LODE_KIND_BOOLEAN,
     .label = "Oxides as elements",
     .initial = "NO",
     .flags = LODE_ADVANCED,
     .help = "Turns oxides into their element: SiO2 times 0.4674 becomes Si."},
    {.name = "where",
     .kind = LODE_KIND_EXPRESSION,
     .label = "Sample filter",
     .of = "samples",
     .help = "OGR SQL condition that chooses the samples, for example \"lab = 'A'\"."},
    {.name = "layer",
     .kind = LODE_KIND_TEXT,
     .label = "Layer",
     .flags = LODE_ADVANCED,
     .help = "Layer of the file to read; by default the first."},
    {.name = "x",
     .kind = LODE_KIND_FIELD,
     .label = "X column",
     .of = "samples",
     .flags = LODE_ADVANCED,
     .help = "Column of eastings or longitudes; by default found by name."},
    {.name = "y",
     .kind = LODE_KIND_FIELD,
     .label = "Y column",
     .of = "samples",
     .flags = LODE_ADVANCED,
     .help = "Column of northings or latitudes; by default found by name."},
    {.name = "points-crs",
     .kind = LODE_KIND_CRS,
     .label = "CRS of the samples",
     .flags = LODE_ADVANCED,
     .help = "CRS of the coordinates where the file does not say it, or says it wrongly."},
    {.name = "mapping",
     .kind = LODE_KIND_FILE,
     .label = "Column mapping",
     .flags = LODE_ADVANCED,
     .help =
         "JSON file that says what columns are: {\"columns\": {\"Au_ppm\": {\"element\": \"Au\", "
         "\"unit\": \"ppb\"}, \"X1\": null}, \"missing\": [-5555]}."},
    {.name = "direction",
     .kind = LODE_KIND_NUMBER,
     .label = "Direction of continuity",
     .initial = "0",
     .minimum = -360,
     .maximum = 360,
     .unit = "degrees",
     .flags = LODE_ADVANCED,
     .help = "Strike along which values continue furthest, clockwise from north."},
    {.name = "ratio",
     .kind = LODE_KIND_NUMBER,
     .label = "Range across / along",
     .initial = "1",
     .minimum = 0.01,
     .maximum = 1,
     .flags = LODE_ADVANCED,
     .help = "Anisotropy: 0.5 makes a sample across the strike count as twice as far."},
    {.name = "min-neighbours",
     .kind = LODE_KIND_INTEGER,
     .label = "Fewest neighbours",
     .initial = "1",
     .minimum = 1,
     .maximum = 128,
     .flags = LODE_ADVANCED,
     .help = "Cells with fewer samples within the radius get no data."},
    {.name = "model",
     .kind = LODE_KIND_CHOICE,
     .label = "Variogram model",
     .initial = "auto",
     .choices = MODEL_CHOICES,
     .flags = LODE_ADVANCED,
     .help = "Model fitted by weighted least squares; auto takes the one that fits best."},
    {.name = "cutoff",
     .kind = LODE_KIND_DISTANCE,
     .label = "Variogram cutoff",
     .unit = "m",
     .flags = LODE_ADVANCED,
     .help = "Longest pair used for the variogram; by default a third of the extent's diagonal."},
    {.name = "variogram",
     .kind = LODE_KIND_TEXT,
     .label = "Given variogram",
     .flags = LODE_ADVANCED,
     .help = "Instead of fitting: model,nugget,sill,range on the scale used, for example "
             "exponential,0.1,0.9,1500."},
    {.name = "variance",
     .kind = LODE_KIND_BOOLEAN,
     .label = "Variance bands",
     .initial = "NO",
     .help = "Adds the kriging variance of every element as a band."},
    {.name = "distance",
     .kind = LODE_KIND_BOOLEAN,
     .label = "Distance band",
     .initial = "NO",
     .help = "Adds the distance to the nearest sample as a band: surveys are denser near known "
             "deposits, and this shows where."},
    {.name = "cross-validate",
     .kind = LODE_KIND_BOOLEAN,
     .label = "Leave-one-out errors",
     .initial = "NO",
     .flags = LODE_ADVANCED,
     .help = "Reports leave-one-out errors for every method; kriging always does."},
    {.name = "separate",
     .kind = LODE_KIND_BOOLEAN,
     .label = "One file an element",
     .initial = "NO",
     .flags = LODE_ADVANCED,
     .help = "Writes OUT_Au.tif, OUT_As.tif ... instead of one stack."},
    {.name = "dry-run",
     .kind = LODE_KIND_BOOLEAN,
     .label = "Only show what is understood",
     .initial = "NO",
     .help = "Stops after the table of columns, units and warnings."},
    LODE_PARAM_THREADS,
    LODE_PARAM_END};

const lode_task lode_task_grid = {
    .name = "grid",
    .title = "Grid samples",
    .group = "1 Data",
    .summary = "Turns a laboratory's table into an aligned stack, one band an element.",
    .help =
        "Reads a table of samples, finds coordinates, element columns and their units, and prints "
        "what it understood before anything is gridded (--dry-run stops there).\n\n"
        "Values come out in ppm. '<0.5', negative numbers and zeros are values below a detection "
        "limit; -9999, N/A and empty cells are missing. Of two columns for one element (Al and "
        "Al2O3, two methods) the one with more measured values is used. Samples repeated under "
        "another number are left out. A warning names columns in which one laboratory or report "
        "differs tenfold from another, and units that seem mistyped.\n\n"
        "Inverse distance works on the values, kriging on their logarithm with a variogram fitted "
        "for each element; leave-one-out errors tell how good it is. Cells far from any sample get "
        "no data.",
    .params = params,
    .run = run};

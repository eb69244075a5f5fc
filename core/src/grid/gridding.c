#include "grid/gridding.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>

#include "raster/parts.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "util/sha256.h"

enum { TILE = LODE_PARTS_BLOCK };

/* ---- Values ---------------------------------------------------------------------------------- */

/* Centred log-ratios of every sample over the elements it has, in place. */
static void to_clr(const lode_gridding *job) {
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

lode_status lode_gridding_take_values(lode_gridding *job) {
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
            bool log_it = job->scale == LODE_SCALE_LOG && analyte->is_element;
            values[i] = log_it ? (value > 0 ? log(value) : NAN) : value;
        }
        job->values[job->count] = values;
        job->analytes[job->count++] = a;
    }
    if (job->scale == LODE_SCALE_CLR)
        to_clr(job);
    return LODE_OK;
}

/* ---- Variograms ------------------------------------------------------------------------------ */

static lode_status fit_variogram(lode_gridding *job, int k) {
    lode_variogram *variogram = &job->surface->variograms[k];
    const char *given = job->variogram;
    const char *name = job->samples->analytes[job->analytes[k]].name;
    if (given)
        return lode_variogram_parse(given, variogram);
    const double *x, *y, *z;
    size_t n;
    lode_sample_variogram sample;
    LODE_TRY(lode_surface_points(job->surface, k, &x, &y, &z, &n));
    LODE_TRY(lode_variogram_sample(x, y, z, n, job->cutoff, 1, &sample));
    if (!lode_variogram_fit(&sample, job->model, variogram)) {
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

lode_status lode_gridding_fit(lode_gridding *job, const lode_progress *progress) {
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
    json_object_set_new(job->result, "variograms", list);
    return status;
}

lode_status lode_gridding_validate(lode_gridding *job, const lode_progress *progress) {
    json_t *list = json_array();
    bool kriging = job->how.method == LODE_METHOD_KRIGING;
    lode_log(LODE_LOG_INFO, "Leave-one-out errors, on the %s scale:",
             job->scale == LODE_SCALE_RAW   ? "raw"
             : job->scale == LODE_SCALE_LOG ? "log"
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
    json_object_set_new(job->result, "leave_one_out", list);
    return LODE_OK;
}

/* ---- Writing --------------------------------------------------------------------------------- */

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

static lode_status name_bands(const lode_gridding *job, output *out) {
    int elements = job->count, variances = job->how.variance ? elements : 0;
    out->bands = elements + variances + job->how.distance;
    out->names = lode_alloc((size_t)out->bands + 1, sizeof *out->names);
    if (!out->names)
        return lode_fail_memory();
    bool clr = job->scale == LODE_SCALE_CLR;
    for (int i = 0; i < out->bands; i++) {
        const char *name = i < elements + variances
                               ? job->samples->analytes[job->analytes[i % elements]].name
                               : LODE_BAND_SAMPLE_DISTANCE;
        out->names[i] = i < elements && clr        ? lode_format("clr %s", name)
                        : i < elements             ? lode_strdup(name)
                        : i < elements + variances ? lode_format("%s variance", name)
                                                   : lode_strdup(name);
        if (!out->names[i])
            return lode_fail_memory();
    }
    return LODE_OK;
}

static lode_status describe_band(const lode_gridding *job, lode_writer *writer, int at, int band) {
    int elements = job->count, variances = job->how.variance ? elements : 0;
    if (band >= elements + variances)
        return lode_writer_describe_band(writer, at, "UNIT", "m");
    const lode_analyte *a = &job->samples->analytes[job->analytes[band % elements]];
    bool variance = band >= elements;
    const char *unit =
        !a->is_element || (a->unit_assumed && a->element.unit == LODE_UNIT_NONE) ? "" : "ppm";
    if (job->scale == LODE_SCALE_CLR)
        unit = "";
    if (variance)
        unit = job->scale == LODE_SCALE_RAW ? "ppm2" : "ln2";
    LODE_TRY(lode_writer_describe_band(writer, at, "UNIT", unit));
    char text[256];
    size_t all = a->valid + a->below + a->above;
    snprintf(text, sizeof text, "%zu values, %.1f %% below limits (%s)", a->valid,
             all ? 100.0 * (double)(a->below + a->spike) / (double)all : 0.0, job->censored);
    LODE_TRY(lode_writer_describe_band(writer, at, "SAMPLES", text));
    static const char *const methods[] = {"inverse distance", "ordinary kriging", "nearest sample"};
    snprintf(text, sizeof text, "%s, %s scale", methods[job->how.method],
             job->scale == LODE_SCALE_RAW   ? "raw"
             : job->scale == LODE_SCALE_LOG ? "log"
                                            : "clr");
    LODE_TRY(lode_writer_describe_band(writer, at, "METHOD", text));
    if (job->how.method != LODE_METHOD_KRIGING)
        return LODE_OK;
    const lode_variogram *v = &job->surface->variograms[band % elements];
    snprintf(text, sizeof text, "%s,%.6g,%.6g,%.6g", lode_variogram_name(v->model), v->nugget,
             v->sill, v->range);
    return lode_writer_describe_band(writer, at, "VARIOGRAM", text);
}

static lode_status open_one(const lode_gridding *job, output *out, int writer, int first,
                            int bands) {
    const char *path = job->path;
    char *own = NULL;
    if (job->separate) {
        const char *extension = CPLGetExtension(path);
        int stem = (int)(strlen(path) - strlen(extension)) - 1;
        own = lode_format("%.*s_%s.%s", stem, path, out->names[first], extension);
        for (char *c = own ? own + stem : NULL; c && *c; c++)
            *c = *c == '/' || *c == ' ' ? '_' : *c; /* in names of bands */
        if (!own)
            return lode_fail_memory();
    }
    lode_status status =
        lode_writer_open(own ? own : path, job->grid, (const char *const *)out->names + first,
                         bands, &out->writers[writer]);
    lode_free(own);
    LODE_TRY(status);
    lode_writer *opened = out->writers[writer];
    LODE_TRY(lode_writer_describe(opened, NULL, "LODE_COMMAND", job->command));
    LODE_TRY(lode_writer_describe(opened, NULL, "LODE_VERSION", lode_version()));
    for (int i = 0; i < bands; i++)
        LODE_TRY(describe_band(job, opened, i, first + i));
    return LODE_OK;
}

static lode_status open_output(const lode_gridding *job, output *out) {
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
    const lode_gridding *job;
    int x, y, width, height;
    float *planes; /* [bands][height][width] */
    void **scratch;
} tile;

static float back(const lode_gridding *job, int element, float value) {
    bool logged =
        job->scale == LODE_SCALE_LOG && job->samples->analytes[job->analytes[element]].is_element;
    return isfinite(value) ? (logged ? expf(value) : value) : LODE_NODATA;
}

static lode_status fill_row(void *context, size_t item, int worker) {
    const tile *t = context;
    const lode_gridding *job = t->job;
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

/* A lode_parts_fn: a finished block to one writer, or each band to its own. */
static lode_status write_block(void *context, const lode_window *window, const float *planes) {
    const output *out = context;
    size_t plane = (size_t)window->width * (size_t)window->height;
    for (int i = 0; i < out->count; i++)
        LODE_TRY(lode_writer_write(out->writers[i], window->x, window->y, window->width,
                                   window->height, planes + (size_t)i * plane));
    return LODE_OK;
}

static lode_status fill_tiles(const lode_gridding *job, const lode_window *window, tile *t,
                              lode_parts_fn put, void *context, const lode_progress *progress) {
    lode_grid grid = {.width = window->width, .height = window->height};
    size_t tiles = lode_grid_tile_count(&grid, TILE);
    for (size_t i = 0; i < tiles; i++) {
        lode_grid_tile(&grid, TILE, i, &t->x, &t->y, &t->width, &t->height);
        t->x += window->x;
        t->y += window->y;
        lode_progress part = lode_progress_part(progress, (double)i / (double)tiles,
                                                (double)(i + 1) / (double)tiles);
        LODE_TRY(
            lode_parallel_for((size_t)t->height, job->threads, fill_row, t, &part, "Gridding"));
        LODE_TRY(put(context, &(lode_window){t->x, t->y, t->width, t->height}, t->planes));
    }
    return LODE_OK;
}

/* Interpolates the cells of a window and hands them, block by block, to put. */
static lode_status fill_window(const lode_gridding *job, int bands, const lode_window *window,
                               lode_parts_fn put, void *context, const lode_progress *progress) {
    tile t = {.job = job};
    t.planes = lode_alloc((size_t)bands * TILE * TILE, sizeof *t.planes);
    t.scratch = lode_alloc((size_t)job->threads, sizeof *t.scratch);
    bool good = t.planes && t.scratch;
    for (int i = 0; i < job->threads && good; i++)
        good = (t.scratch[i] = lode_surface_scratch(job->surface)) != NULL;
    lode_status status =
        good ? fill_tiles(job, window, &t, put, context, progress) : lode_fail_memory();
    for (int i = 0; t.scratch && i < job->threads; i++)
        lode_free(t.scratch[i]);
    lode_free(t.scratch);
    lode_free(t.planes);
    return status;
}

static lode_status commit_output(const lode_gridding *job, output *out) {
    for (int i = 0; i < out->count; i++) {
        lode_writer *writer = out->writers[i];
        out->writers[i] = NULL;
        LODE_TRY(lode_writer_commit(writer));
    }
    lode_log(LODE_LOG_INFO, "%d band%s written to '%s'%s.", out->bands, out->bands > 1 ? "s" : "",
             job->path, job->separate ? " and its neighbours, one each" : "");
    return LODE_OK;
}

static lode_status write_alone(lode_gridding *job, const lode_progress *progress) {
    output out = {0};
    lode_window whole = {0, 0, job->grid->width, job->grid->height};
    lode_status status = open_output(job, &out);
    if (status == LODE_OK)
        status = fill_window(job, out.bands, &whole, write_block, &out, progress);
    if (status == LODE_OK)
        status = commit_output(job, &out);
    free_output(&out);
    return status;
}

/* ---- Several processes ------------------------------------------------------------------------
 */

typedef struct part_output {
    lode_writer *writer;
    int x, y; /* of its first cell in the grid */
} part_output;

static lode_status write_part_block(void *context, const lode_window *window, const float *planes) {
    const part_output *out = context;
    return lode_writer_write(out->writer, window->x - out->x, window->y - out->y, window->width,
                             window->height, planes);
}

typedef struct shared_job {
    const lode_gridding *job;
    int bands;
} shared_job;

static lode_status fill_part(void *context, const lode_window *window, lode_writer *writer,
                             const lode_progress *progress) {
    const shared_job *shared = context;
    part_output out = {writer, window->x, window->y};
    return fill_window(shared->job, shared->bands, window, write_part_block, &out, progress);
}

/* All that decides the values: the command with its options, the samples and the grid. */
static void fingerprint(const lode_gridding *job, char hex[65]) {
    lode_sha256 hash;
    size_t size = job->samples->n * sizeof(double);
    lode_sha256_start(&hash);
    lode_sha256_add(&hash, lode_version(), strlen(lode_version()) + 1);
    lode_sha256_add(&hash, job->command, strlen(job->command) + 1);
    lode_sha256_add(&hash, job->grid->transform, sizeof job->grid->transform);
    lode_sha256_add(&hash, &job->grid->width, sizeof job->grid->width);
    lode_sha256_add(&hash, &job->grid->height, sizeof job->grid->height);
    lode_sha256_add(&hash, job->samples->x, size);
    lode_sha256_add(&hash, job->samples->y, size);
    for (int k = 0; k < job->count; k++)
        lode_sha256_add(&hash, job->values[k], size);
    lode_sha256_finish(&hash, hex);
}

static lode_status merge(lode_gridding *job, const lode_parts *parts, output *out,
                         const lode_progress *progress) {
    LODE_TRY(open_output(job, out));
    LODE_TRY(lode_parts_each(parts, write_block, out, progress));
    LODE_TRY(commit_output(job, out));
    lode_parts_remove(parts);
    return LODE_OK;
}

static lode_status write_shared(lode_gridding *job, const lode_progress *progress) {
    output named = {0}, out = {0};
    lode_progress filling = lode_progress_part(progress, 0, 0.9);
    lode_progress merging = lode_progress_part(progress, 0.9, 1);
    lode_status status = name_bands(job, &named);
    if (status == LODE_OK) {
        shared_job shared = {job, named.bands};
        lode_parts parts = {.path = job->path,
                            .grid = job->grid,
                            .names = (const char *const *)named.names,
                            .count = named.bands,
                            .share_of = 1,
                            .fill = fill_part,
                            .context = &shared};
        fingerprint(job, parts.fingerprint);
        status = lode_parts_compute(&parts, job->cluster, &filling);
        if (status == LODE_OK && lode_cluster_leads(job->cluster))
            status = merge(job, &parts, &out, &merging);
    }
    if (status == LODE_OK)
        status = lode_cluster_meet(job->cluster, &merging);
    free_output(&named);
    free_output(&out);
    return status;
}

lode_status lode_gridding_write(lode_gridding *job, const lode_progress *progress) {
    LODE_TRY(job->cluster ? write_shared(job, progress) : write_alone(job, progress));
    return lode_progress_report(progress, 1, "Gridding");
}

void lode_gridding_clear(lode_gridding *job) {
    lode_surface_free(job->surface);
    for (int k = 0; job->values && k < job->count; k++)
        lode_free(job->values[k]);
    lode_free(job->values);
    lode_free(job->analytes);
    lode_free(job->validation);
}

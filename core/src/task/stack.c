/* stack.c - rasters and vector layers on any grids -> one aligned stack. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal.h>

#include "grid/align.h"
#include "grid/classes.h"
#include "grid/distance.h"
#include "grid/rasterise.h"
#include "grid/suspect.h"
#include "grid/target.h"
#include "raster/writer.h"
#include "task/task.h"
#include "util/error.h"
#include "util/file.h"
#include "util/json.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "util/text.h"

enum { TILE = 512 };

typedef struct out_band {
    char *name;
    const lode_source *source; /* NULL for bands made from vectors */
    lode_alignment plan;
    double only;           /* class whose share is wanted; NaN for the values themselves */
    lode_aligned *aligned; /* read tile by tile ... */
    float *plane;          /* ... or computed beforehand for the whole grid */
    size_t missing;
    float low, high;
} out_band;

typedef struct input {
    lode_source *sources;
    int count;
} input;

typedef struct stack_job {
    const lode_args *args;
    lode_target target;
    input *inputs;
    int input_count;
    out_band *bands;
    int count, capacity;
    int threads;
    json_t *warnings;
} stack_job;

static void warn(stack_job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void warn(stack_job *job, const char *format, ...) {
    char text[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    lode_log(LODE_LOG_WARNING, "%s", text);
    json_array_append_new(job->warnings, lode_json_text(text));
}

/* ---- Inputs ---------------------------------------------------------------------------------- */

static lode_status take_missing(const stack_job *job, lode_source *source) {
    int count;
    const char *const *values = lode_arg_list(job->args, "nodata", &count);
    for (int i = 0; i < count; i++)
        LODE_TRY(lode_source_add_missing(source, values[i]));
    return LODE_OK;
}

/* Values that can be no measurement are left out; all else is only reported. */
static lode_status check_constants(stack_job *job, lode_source *source) {
    lode_suspect found[LODE_MISSING_MAX];
    int count;
    LODE_TRY(lode_suspect_find(source, found, &count));
    for (int i = 0; i < count; i++) {
        const lode_suspect *s = &found[i];
        if (s->impossible && source->missing_count < LODE_MISSING_MAX) {
            source->missing[source->missing_count++] = s->value;
            warn(job,
                 "Band '%s': %.10g in %.1f %% of the cells is no measurement; taken as no data.",
                 source->name, s->value, 100 * s->share);
        } else {
            warn(job,
                 "Band '%s': %.10g in %.1f %% of the cells looks like an undeclared no-data value "
                 "(%s). It is kept; --nodata %s=%.10g removes it.",
                 source->name, s->value, 100 * s->share,
                 s->code ? "a usual code" : "it fills the corners", source->name, s->value);
        }
    }
    return LODE_OK;
}

static lode_status open_inputs(stack_job *job) {
    const char *const *paths = lode_arg_list(job->args, "rasters", &job->input_count);
    job->inputs = lode_alloc((size_t)job->input_count + 1, sizeof *job->inputs);
    if (!job->inputs)
        return lode_fail_memory();
    for (int i = 0; i < job->input_count; i++)
        LODE_TRY(lode_sources_open(paths[i], "", &job->inputs[i].sources, &job->inputs[i].count));
    return LODE_OK;
}

static lode_status make_target(stack_job *job) {
    lode_target_request request = {lode_arg(job->args, "like"), lode_arg(job->args, "extent"),
                                   lode_arg(job->args, "crs"), lode_arg_metres(job->args, "cell")};
    const lode_grid *first = job->input_count > 0 ? &job->inputs[0].sources[0].grid : NULL;
    LODE_TRY(lode_target_create(&request, first, &job->target));
    const lode_grid *grid = &job->target.grid;
    char *crs = lode_crs_describe(job->target.crs);
    const char *from = request.like                         ? request.like
                       : request.extent && request.cell > 0 ? "the options"
                       : first                              ? job->inputs[0].sources[0].path
                                                            : "the options";
    lode_log(LODE_LOG_INFO, "Grid: %d x %d cells of %.6g x %.6g, %s, from %s.", grid->width,
             grid->height, grid->transform[1], -grid->transform[5], crs ? crs : "", from);
    json_t *described = json_pack("{s:i, s:i, s:[f,f], s:s, s:s}", "width", grid->width, "height",
                                  grid->height, "cell", grid->transform[1], -grid->transform[5],
                                  "crs", crs ? crs : "", "from", from);
    json_object_set_new(lode_arg_result(job->args), "grid", described);
    lode_free(crs);
    return LODE_OK;
}

/* A raster without CRS is read in the CRS of the output. */
static lode_status lend_crs(stack_job *job) {
    for (int i = 0; i < job->input_count; i++) {
        input *in = &job->inputs[i];
        if (in->sources[0].crs[0] || !job->target.crs[0])
            continue;
        lode_sources_free(in->sources, in->count);
        in->sources = NULL;
        int count;
        const char *const *paths = lode_arg_list(job->args, "rasters", &count);
        LODE_TRY(lode_sources_open(paths[i], job->target.crs, &in->sources, &in->count));
    }
    return LODE_OK;
}

/* ---- Bands of the output --------------------------------------------------------------------- */

static bool taken(const stack_job *job, const char *name) {
    for (int i = 0; i < job->count; i++)
        if (strcmp(job->bands[i].name, name) == 0)
            return true;
    return false;
}

/* name is handed over. Two bands of one name get the file's name in front. */
static lode_status add_band(stack_job *job, char *name, const char *path, out_band **band) {
    if (name && taken(job, name)) {
        char *longer = lode_format("%s %s", CPLGetBasename(path), name);
        lode_free(name);
        name = longer;
    }
    if (name && taken(job, name)) {
        lode_status status =
            lode_fail(LODE_ERROR_DATA,
                      "Two bands are called '%s' (the second in '%s'). Rename one.", name, path);
        lode_free(name);
        return status;
    }
    if (name && job->count == job->capacity) {
        int more = job->capacity ? 2 * job->capacity : 64;
        out_band *grown = lode_grow(job->bands, (size_t)job->capacity, (size_t)more, sizeof *grown);
        if (grown) {
            job->bands = grown;
            job->capacity = more;
        }
    }
    if (!name || job->count == job->capacity) {
        lode_free(name);
        return lode_fail_memory();
    }
    *band = &job->bands[job->count++];
    **band = (out_band){.name = name, .only = NAN, .low = INFINITY, .high = -INFINITY};
    return LODE_OK;
}

static lode_status add_categories(stack_job *job, const lode_source *source) {
    double classes[LODE_CLASSES_MAX];
    int count;
    const char *encode = lode_arg(job->args, "encode");
    lode_alignment plan;
    out_band *band;
    if (strcmp(encode, "code") == 0) {
        LODE_TRY(lode_align_plan(source, &job->target.grid, LODE_RESAMPLE_AUTO, &plan));
        lode_resampling how = plan.ratio > 2 ? LODE_RESAMPLE_MODE : LODE_RESAMPLE_NEAREST;
        LODE_TRY(lode_align_plan(source, &job->target.grid, how, &plan));
        LODE_TRY(add_band(job, lode_strdup(source->name), source->path, &band));
        band->source = source;
        band->plan = plan;
        return LODE_OK;
    }
    bool distance = strcmp(encode, "distance") == 0;
    LODE_TRY(lode_classes_find(source, classes, &count));
    lode_resampling how = distance ? LODE_RESAMPLE_NEAREST : LODE_RESAMPLE_AUTO;
    LODE_TRY(lode_align_plan(source, &job->target.grid, how, &plan));
    for (int i = 0; i < count; i++) {
        char *name =
            lode_format(distance ? "%s=%.0f distance" : "%s=%.0f", source->name, classes[i]);
        LODE_TRY(add_band(job, name, source->path, &band));
        band->source = source;
        band->plan = plan;
        band->plan.computes = true;
        band->plan.action = distance ? "distance to class" : "share of class";
        band->only = classes[i];
    }
    return LODE_OK;
}

static lode_status add_rasters(stack_job *job, const lode_progress *progress) {
    const char *categories = lode_arg(job->args, "categories");
    lode_resampling wanted = LODE_RESAMPLE_AUTO;
    lode_resampling_parse(lode_arg(job->args, "resampling"), &wanted);
    for (int i = 0; i < job->input_count; i++) {
        for (int k = 0; k < job->inputs[i].count; k++) {
            lode_source *source = &job->inputs[i].sources[k];
            LODE_TRY(lode_progress_report(progress, (double)i / job->input_count, "Looking"));
            LODE_TRY(take_missing(job, source));
            if (lode_list_has(categories, source->name)) {
                LODE_TRY(add_categories(job, source));
                continue;
            }
            LODE_TRY(check_constants(job, source));
            lode_alignment plan;
            out_band *band;
            LODE_TRY(lode_align_plan(source, &job->target.grid, wanted, &plan));
            LODE_TRY(add_band(job, lode_strdup(source->name), source->path, &band));
            band->source = source;
            band->plan = plan;
        }
    }
    return LODE_OK;
}

/* Every name in --categories must have met a band. */
static lode_status check_categories(const stack_job *job) {
    const char *list = lode_arg(job->args, "categories");
    for (const char *at = list; at && *at;) {
        size_t n = strcspn(at, ",");
        bool met = false;
        for (int i = 0; i < job->input_count; i++)
            for (int k = 0; k < job->inputs[i].count; k++) {
                const char *name = job->inputs[i].sources[k].name;
                met = met || (strlen(name) == n && strncmp(name, at, n) == 0);
            }
        if (!met)
            return lode_fail(LODE_ERROR_USAGE, "--categories: no band is called '%.*s'.", (int)n,
                             at);
        at += n + (at[n] == ',');
    }
    return LODE_OK;
}

/* ---- Bands that need the whole grid at once -------------------------------------------------- */

static lode_status whole_plane(const stack_job *job, out_band *band) {
    size_t cells = (size_t)job->target.grid.width * (size_t)job->target.grid.height;
    band->plane = lode_alloc(cells, sizeof *band->plane);
    return band->plane ? LODE_OK : lode_fail_memory();
}

static lode_status class_distance(stack_job *job, out_band *band, const lode_progress *progress) {
    const lode_grid *grid = &job->target.grid;
    size_t cells = (size_t)grid->width * (size_t)grid->height;
    LODE_TRY(whole_plane(job, band));
    LODE_TRY(lode_align_open(band->source, grid, &band->plan, band->only, &band->aligned));
    unsigned char *mask = lode_alloc(cells, 1);
    lode_status status =
        mask ? lode_align_read(band->aligned, 0, 0, grid->width, grid->height, band->plane)
             : lode_fail_memory();
    lode_align_close(band->aligned);
    band->aligned = NULL;
    for (size_t i = 0; i < cells && status == LODE_OK; i++)
        mask[i] = band->plane[i] >= 0.5f;
    double metres = lode_crs_metres(grid->crs);
    if (status == LODE_OK)
        status = lode_distance_transform(mask, grid->width, grid->height,
                                         grid->transform[1] * metres, -grid->transform[5] * metres,
                                         job->threads, progress, band->plane);
    lode_free(mask);
    return status;
}

static lode_status add_vector(stack_job *job, const char *name, const lode_progress *progress) {
    static const char *const shown[] = {"presence", "distance", "density"};
    lode_features_layer *layer;
    const char *wanted = lode_arg(job->args, "vector-as");
    LODE_TRY(lode_layer_open(name, lode_arg(job->args, "vector-where"), &job->target.grid, &layer));
    size_t all, inside;
    lode_layer_counts(layer, &all, &inside);
    lode_log(LODE_LOG_INFO, "%s: %zu features, %zu of them in the grid; as %s.", name, all, inside,
             wanted);
    if (inside == 0)
        warn(job, "No feature of '%s' lies in the output grid. Check its CRS.", name);
    double radius = lode_arg_metres(job->args, "density-radius");
    if (radius <= 0)
        radius = 5 * job->target.grid.transform[1] * lode_crs_metres(job->target.crs);
    lode_status status = LODE_OK;
    for (int i = 0; i < 3 && status == LODE_OK; i++) {
        out_band *band;
        if (!lode_list_has(wanted, shown[i]))
            continue;
        status = add_band(job, lode_format("%s %s", lode_layer_name(layer), shown[i]), name, &band);
        if (status == LODE_OK)
            status = whole_plane(job, band);
        if (status == LODE_OK) {
            band->plan = (lode_alignment){shown[i], LODE_RESAMPLE_NEAREST, 1, true};
            status = lode_rasterise(layer, (lode_presentation)i, radius, job->threads, progress,
                                    band->plane);
        }
    }
    lode_layer_close(layer);
    return status;
}

static lode_status add_vectors(stack_job *job, const lode_progress *progress) {
    int count;
    const char *const *names = lode_arg_list(job->args, "vector", &count);
    for (int i = 0; i < count; i++) {
        lode_progress part = lode_progress_part(progress, (double)i / count, (i + 1.0) / count);
        LODE_TRY(add_vector(job, names[i], &part));
    }
    return LODE_OK;
}

static lode_status compute_planes(stack_job *job, const lode_progress *progress) {
    for (int i = 0; i < job->count; i++) {
        out_band *band = &job->bands[i];
        if (band->source && strcmp(band->plan.action, "distance to class") == 0) {
            lode_progress part =
                lode_progress_part(progress, (double)i / job->count, (i + 1.0) / job->count);
            LODE_TRY(class_distance(job, band, &part));
        }
    }
    return LODE_OK;
}

/* ---- Telling --------------------------------------------------------------------------------- */

static bool same_story(const out_band *a, const out_band *b) {
    return a->source && b->source && strcmp(a->plan.action, b->plan.action) == 0 &&
           a->plan.resampling == b->plan.resampling &&
           lode_grid_same(&a->source->grid, &b->source->grid);
}

static const char *resampling_name(lode_resampling resampling) {
    static const char *const names[] = {"auto", "nearest", "bilinear", "cubic", "average", "mode"};
    return names[resampling];
}

/* One line for all bands that are treated alike. */
static void tell(stack_job *job) {
    for (int i = 0; i < job->count; i++) {
        const out_band *band = &job->bands[i];
        int alike = 0, before = 0;
        for (int k = 0; k < job->count; k++) {
            bool same = same_story(band, &job->bands[k]);
            alike += same;
            before += same && k < i;
        }
        if (!band->source || before > 0)
            continue;
        const lode_grid *grid = &band->source->grid;
        char how[64] = "";
        if (band->plan.computes)
            snprintf(how, sizeof how, " (%s)", resampling_name(band->plan.resampling));
        lode_log(LODE_LOG_INFO, "%d band%s, '%s'%s: %s%s; %d x %d cells of %.6g x %.6g%s.", alike,
                 alike > 1 ? "s" : "", band->name, alike > 1 ? " ..." : "", band->plan.action, how,
                 grid->width, grid->height, fabs(grid->transform[1]), fabs(grid->transform[5]),
                 fabs(fabs(grid->transform[5] / grid->transform[1]) - 1) > 1e-3 ? ", not square"
                                                                                : "");
        if (band->plan.ratio < 0.5)
            warn(job,
                 "'%s'%s: its cells are %.1f times the output's. Interpolation makes it "
                 "smooth, not finer.",
                 band->name, alike > 1 ? " ..." : "", 1 / band->plan.ratio);
    }
}

static void report_bands(stack_job *job) {
    double cells = (double)job->target.grid.width * job->target.grid.height;
    json_t *list = json_array();
    for (int i = 0; i < job->count; i++) {
        const out_band *band = &job->bands[i];
        json_t *item =
            json_pack("{s:o, s:o, s:s, s:s}", "name", lode_json_text(band->name), "source",
                      lode_json_text(band->source ? band->source->path : "vector"), "action",
                      band->plan.action, "resampling", resampling_name(band->plan.resampling));
        json_object_set_new(item, "missing", json_real((double)band->missing / cells));
        if ((double)band->missing == cells)
            warn(job, "Band '%s' has no data anywhere on the grid.", band->name);
        if (band->low <= band->high) {
            json_object_set_new(item, "minimum", json_real((double)band->low));
            json_object_set_new(item, "maximum", json_real((double)band->high));
        }
        json_array_append_new(list, item);
    }
    json_object_set_new(lode_arg_result(job->args), "bands", list);
}

/* ---- VRT output ------------------------------------------------------------------------------ */

static lode_status check_vrt(const stack_job *job) {
    for (int i = 0; i < job->count; i++) {
        const out_band *band = &job->bands[i];
        if (!band->source || band->plan.computes)
            return lode_fail(LODE_ERROR_USAGE,
                             "A .vrt refers to its inputs and computes nothing, but band '%s' must "
                             "be %s. Name the output .tif.",
                             band->name, band->source ? band->plan.action : "rasterised");
        if (band->source->missing_count > 0)
            return lode_fail(LODE_ERROR_USAGE,
                             "A .vrt refers to its inputs as they are, but values of band '%s' are "
                             "to become no data. Name the output .tif.",
                             band->name);
    }
    return LODE_OK;
}

static lode_status write_vrt(const stack_job *job, const char *path) {
    const lode_source **sources = lode_alloc((size_t)job->count, sizeof *sources);
    if (!sources)
        return lode_fail_memory();
    for (int i = 0; i < job->count; i++)
        sources[i] = job->bands[i].source;
    lode_status status = lode_align_write_vrt(path, &job->target.grid, sources, job->count);
    lode_free(sources);
    return status;
}

/* ---- GeoTIFF output -------------------------------------------------------------------------- */

typedef struct tile {
    stack_job *job;
    int x, y, width, height;
    float *planes; /* [bands][height][width] */
} tile;

/* One band of one tile; a band has one reader, so no two threads share a dataset. */
static lode_status fill_band(void *context, size_t item, int worker) {
    (void)worker;
    const tile *t = context;
    out_band *band = &t->job->bands[item];
    size_t cells = (size_t)t->width * (size_t)t->height;
    float *out = t->planes + item * cells;
    if (band->plane) {
        for (int y = 0; y < t->height; y++)
            memcpy(out + (size_t)y * (size_t)t->width,
                   band->plane + (size_t)(t->y + y) * (size_t)t->job->target.grid.width +
                       (size_t)t->x,
                   (size_t)t->width * sizeof *out);
    } else {
        LODE_TRY(lode_align_read(band->aligned, t->x, t->y, t->width, t->height, out));
    }
    for (size_t i = 0; i < cells; i++) {
        if (!isfinite(out[i])) {
            out[i] = LODE_NODATA;
            band->missing++;
        } else {
            band->low = fminf(band->low, out[i]);
            band->high = fmaxf(band->high, out[i]);
        }
    }
    return LODE_OK;
}

static lode_status write_tiles(stack_job *job, lode_writer *writer, const lode_progress *progress) {
    const lode_grid *grid = &job->target.grid;
    size_t tiles = lode_grid_tile_count(grid, TILE);
    tile t = {.job = job};
    t.planes = lode_alloc((size_t)job->count * TILE * TILE, sizeof *t.planes);
    lode_status status = t.planes ? LODE_OK : lode_fail_memory();
    for (size_t i = 0; i < tiles && status == LODE_OK; i++) {
        lode_grid_tile(grid, TILE, i, &t.x, &t.y, &t.width, &t.height);
        lode_progress part = lode_progress_part(progress, (double)i / (double)tiles,
                                                (double)(i + 1) / (double)tiles);
        status = lode_parallel_for((size_t)job->count, job->threads, fill_band, &t, &part, NULL);
        if (status == LODE_OK)
            status = lode_writer_write(writer, t.x, t.y, t.width, t.height, t.planes);
    }
    lode_free(t.planes);
    return status;
}

static lode_status describe(const stack_job *job, lode_writer *writer) {
    LODE_TRY(lode_writer_describe(writer, NULL, "LODE_COMMAND", lode_arg_command(job->args)));
    LODE_TRY(lode_writer_describe(writer, NULL, "LODE_VERSION", lode_version()));
    for (int i = 0; i < job->count; i++) {
        const out_band *band = &job->bands[i];
        const char *from = band->source ? CPLGetFilename(band->source->path) : "vector layer";
        char *text = lode_format("%s, %s", from, band->plan.action);
        lode_status status =
            text ? lode_writer_describe_band(writer, i, "SOURCE", text) : lode_fail_memory();
        lode_free(text);
        LODE_TRY(status);
        if (band->source && band->source->unit[0])
            LODE_TRY(lode_writer_describe_band(writer, i, "UNIT", band->source->unit));
    }
    return LODE_OK;
}

static lode_status write_tiff(stack_job *job, const char *path, const lode_progress *progress) {
    for (int i = 0; i < job->count; i++) {
        out_band *band = &job->bands[i];
        if (!band->plane)
            LODE_TRY(lode_align_open(band->source, &job->target.grid, &band->plan, band->only,
                                     &band->aligned));
    }
    const char **names = lode_alloc((size_t)job->count, sizeof *names);
    if (!names)
        return lode_fail_memory();
    for (int i = 0; i < job->count; i++)
        names[i] = job->bands[i].name;
    lode_writer *writer = NULL;
    lode_status status = lode_writer_open(path, &job->target.grid, names, job->count, &writer);
    lode_free(names);
    if (status == LODE_OK)
        status = describe(job, writer);
    if (status == LODE_OK)
        status = write_tiles(job, writer, progress);
    if (status != LODE_OK) {
        lode_writer_abandon(writer);
        return status;
    }
    report_bands(job); /* before the file has its name: this too may find no memory */
    return lode_writer_commit(writer);
}

/* ---- The task -------------------------------------------------------------------------------- */

static lode_status make_stack(stack_job *job, const lode_progress *progress) {
    const char *output = lode_arg(job->args, "output");
    bool vrt = EQUAL(CPLGetExtension(output), "vrt");
    int vectors;
    lode_arg_list(job->args, "vector", &vectors);
    LODE_TRY(lode_file_check_output(output));
    lode_progress look = lode_progress_part(progress, 0, 0.1);
    lode_progress before = lode_progress_part(progress, 0.1, 0.2);
    LODE_TRY(open_inputs(job));
    if (job->input_count == 0 && vectors == 0)
        return lode_fail(LODE_ERROR_USAGE, "Name at least one raster, or a --vector layer.");
    LODE_TRY(make_target(job));
    LODE_TRY(lend_crs(job));
    LODE_TRY(check_categories(job));
    LODE_TRY(add_rasters(job, &look));
    lode_progress after = lode_progress_part(progress, 0.2, 1);
    LODE_TRY(add_vectors(job, &before));
    tell(job);
    if (vrt) {
        LODE_TRY(check_vrt(job));
        report_bands(job);
        LODE_TRY(write_vrt(job, output));
    } else {
        LODE_TRY(compute_planes(job, &before));
        LODE_TRY(write_tiff(job, output, &after));
    }
    lode_log(LODE_LOG_INFO, "%d band%s in '%s'.", job->count, job->count > 1 ? "s" : "", output);
    return LODE_OK;
}

static lode_status run(const lode_args *args, const lode_progress *progress) {
    stack_job job = {.args = args, .warnings = json_array()};
    job.threads = (int)lode_arg_integer(args, "threads");
    lode_status status = make_stack(&job, progress);
    json_object_set_new(lode_arg_result(args), "warnings", job.warnings);
    for (int i = 0; i < job.count; i++) {
        lode_align_close(job.bands[i].aligned);
        lode_free(job.bands[i].plane);
        lode_free(job.bands[i].name);
    }
    lode_free(job.bands);
    for (int i = 0; job.inputs && i < job.input_count; i++)
        lode_sources_free(job.inputs[i].sources, job.inputs[i].count);
    lode_free(job.inputs);
    lode_target_free(&job.target);
    return status;
}

static const lode_param params[] = {
    {.name = "rasters",
     .kind = LODE_KIND_RASTERS,
     .label = "Rasters",
     .help = "Rasters of any grid, CRS and data type; every band becomes a band of the stack.",
     .flags = LODE_POSITIONAL | LODE_MULTIPLE},
    {.name = "output",
     .kind = LODE_KIND_RASTER_OUT,
     .label = "Aligned stack",
     .help = "GeoTIFF to write. A name in .vrt makes a file that refers to the inputs, where they "
             "already share the grid.",
     .extension = "tif,vrt",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    {.name = "like",
     .kind = LODE_KIND_STACK,
     .label = "Reference grid",
     .help = "Raster whose extent, cells and CRS the stack gets; by default the first raster."},
    {.name = "extent",
     .kind = LODE_KIND_EXTENT,
     .label = "Extent",
     .help = "Extent of the stack in its CRS, instead of the reference grid's."},
    {.name = "cell",
     .kind = LODE_KIND_DISTANCE,
     .label = "Cell size",
     .help = "Side of a cell, instead of the reference grid's.",
     .unit = "m"},
    {.name = "crs",
     .kind = LODE_KIND_CRS,
     .label = "CRS",
     .help = "CRS of the stack, instead of the reference grid's."},
    {.name = "resampling",
     .kind = LODE_KIND_CHOICE,
     .label = "Resampling",
     .help =
         "How continuous bands are brought to the grid. auto copies where cells agree, averages "
         "where the output is more than twice as coarse, and is bilinear otherwise.",
     .initial = "auto",
     .choices = "auto,nearest,bilinear,cubic,average,mode",
     .labels = "Automatic|Nearest cell|Bilinear|Cubic|Average|Most frequent value",
     .flags = LODE_ADVANCED},
    {.name = "categories",
     .kind = LODE_KIND_TEXT,
     .label = "Category bands",
     .help = "Comma list of bands that hold classes (rock units), which must not be averaged."},
    {.name = "encode",
     .kind = LODE_KIND_CHOICE,
     .label = "Categories as",
     .help =
         "onehot: a band for every class with its share of the cell; distance: a band for every "
         "class with the distance to it in metres; code: the class number itself.",
     .initial = "onehot",
     .choices = "onehot,distance,code",
     .labels = "Share of each class|Distance to each class|Class number"},
    {.name = "nodata",
     .kind = LODE_KIND_TEXT,
     .label = "Further no-data values",
     .help = "A value that means no data though the file does not say so: -9999 for all bands, "
             "Granite=0 for one. May be repeated.",
     .flags = LODE_MULTIPLE},
    {.name = "vector",
     .kind = LODE_KIND_VECTORS,
     .label = "Vector layers",
     .help =
         "Faults, contacts, outcrops to add as bands: a dataset or dataset|layername=NAME. May be "
         "repeated.",
     .flags = LODE_MULTIPLE},
    {.name = "vector-as",
     .kind = LODE_KIND_CHOICES,
     .label = "Vector layers as",
     .help =
         "presence: 1 where a feature touches the cell; distance: metres to the nearest feature; "
         "density: km of line, points, or share of area per square kilometre.",
     .initial = "distance",
     .choices = "presence,distance,density",
     .labels = "Presence|Distance|Density"},
    {.name = "vector-where",
     .kind = LODE_KIND_TEXT,
     .label = "Vector filter",
     .help = "OGR SQL condition that chooses the features, for example \"type = 'thrust'\".",
     .flags = LODE_ADVANCED},
    {.name = "density-radius",
     .kind = LODE_KIND_DISTANCE,
     .label = "Density radius",
     .help = "Radius of the circle in which density is counted; by default 5 cells.",
     .unit = "m",
     .flags = LODE_ADVANCED},
    LODE_PARAM_THREADS,
    LODE_PARAM_END};

const lode_task lode_task_stack = {
    .name = "stack",
    .title = "Stack rasters on one grid",
    .group = "1 Data",
    .summary = "Brings rasters and vector layers on any grids to one aligned stack.",
    .help =
        "Element grids, geophysics and geology seldom share a grid. This tool brings every band "
        "to one: cells are copied where they agree, interpolated where they are shifted or "
        "finer, averaged where the output is coarser, and warped where the CRS differs. What "
        "was done to each band is told.\n\n"
        "Missing values of every kind (declared no data, NaN, masks) become no data of one "
        "value, -9999. A constant that looks like undeclared no data is reported, and removed "
        "with --nodata.\n\n"
        "Class maps named in --categories are never averaged as numbers. Vector layers become "
        "presence, distance or density.",
    .params = params,
    .run = run};

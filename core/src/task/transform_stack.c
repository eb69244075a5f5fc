/* transform_stack.c - a transform of a raster stack, block by block. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gdal.h>

#include "raster/stack.h"
#include "raster/writer.h"
#include "task/transform.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

enum { TILE = 256, SAMPLE_CELLS = 200000 };

typedef struct raster_job {
    lode_transform_job *job;
    lode_stack *stack;
    int bands, copied; /* bands of the stack; bands that pass unchanged */
    int *copies;
    int x, y, width, height;
    float *cells;  /* [height][width][bands] */
    float *planes; /* [outputs + copied][height][width] */
} raster_job;

/* Rows spread over the stack until there are about SAMPLE_CELLS cells. */
static lode_status sample_stack(raster_job *r, const lode_progress *progress) {
    lode_transform_job *job = r->job;
    const lode_grid *grid = lode_stack_grid(r->stack);
    int inputs = lode_operator_inputs(&job->operator_);
    int rows = SAMPLE_CELLS / grid->width + 1;
    int step = grid->height > rows ? grid->height / rows : 1;
    size_t used = (size_t)((grid->height + step - 1) / step), line = (size_t)grid->width;
    float *values = lode_alloc(used * line * (size_t)inputs, sizeof *values);
    lode_status status = values ? LODE_OK : lode_fail_memory();
    for (size_t k = 0; k < used && status == LODE_OK; k++) {
        status = lode_stack_read(r->stack, 0, (int)k * step, grid->width, 1, job->chosen, inputs,
                                 values + k * line * (size_t)inputs);
        if (status == LODE_OK)
            status = lode_progress_report(progress, (double)k / (double)used, "Reading");
    }
    for (size_t i = 0; i < used * line && status == LODE_OK; i++)
        for (int p = 0; p < inputs; p++)
            values[i * (size_t)inputs + (size_t)p] *= job->to_ppm[p];
    if (status == LODE_OK)
        status = lode_operator_fit(&job->operator_, values, used * line);
    lode_free(values);
    return status;
}

static lode_status transform_row(void *context, size_t row, int worker) {
    (void)worker;
    raster_job *r = context;
    const lode_transform_job *job = r->job;
    int inputs = lode_operator_inputs(&job->operator_), outputs = job->outputs;
    size_t plane = (size_t)r->width * (size_t)r->height;
    float *in = lode_alloc((size_t)(inputs + outputs), sizeof *in), *out = in + inputs;
    if (!in)
        return lode_fail_memory();
    for (int column = 0; column < r->width; column++) {
        size_t at = row * (size_t)r->width + (size_t)column;
        const float *cell = r->cells + at * (size_t)r->bands;
        for (int i = 0; i < inputs; i++)
            in[i] = cell[job->chosen[i]] * job->to_ppm[i];
        lode_operator_apply(&job->operator_, in, out);
        for (int i = 0; i < outputs; i++)
            r->planes[(size_t)i * plane + at] = isfinite(out[i]) ? out[i] : LODE_NODATA;
        for (int i = 0; i < r->copied; i++) {
            float value = cell[r->copies[i]];
            r->planes[(size_t)(outputs + i) * plane + at] = isfinite(value) ? value : LODE_NODATA;
        }
    }
    lode_free(in);
    return LODE_OK;
}

static char *join(char *const *words, int count) {
    char *joined = lode_strdup("");
    for (int i = 0; i < count && joined; i++) {
        char *longer = lode_format("%s%s%s", joined, i ? "\t" : "", words[i]);
        lode_free(joined);
        joined = longer;
    }
    return joined;
}

static lode_status describe(raster_job *r, lode_writer *writer) {
    const lode_transform_job *job = r->job;
    const lode_operator *o = &job->operator_;
    LODE_TRY(lode_writer_describe(writer, NULL, "LODE_COMMAND", lode_arg_command(job->args)));
    LODE_TRY(lode_writer_describe(writer, NULL, "LODE_VERSION", lode_version()));
    if (o->inverse)
        return LODE_OK;
    char *joined = join(job->parts, o->parts);
    lode_status status =
        joined ? lode_writer_describe(writer, NULL, "LODE_PARTS", joined) : lode_fail_memory();
    lode_free(joined);
    LODE_TRY(status);
    LODE_TRY(lode_writer_describe(writer, NULL, "LODE_TRANSFORM", job->transform));
    if (o->operation == LODE_OPERATION_ALR)
        LODE_TRY(lode_writer_describe(writer, NULL, "LODE_REFERENCE", job->parts[o->reference]));
    for (int i = 0; i < o->parts && o->operation == LODE_OPERATION_ZSCORE; i++) {
        char text[32];
        snprintf(text, sizeof text, "%.9g", (double)o->centre[i]);
        LODE_TRY(lode_writer_describe_band(writer, i, "LODE_CENTRE", text));
        snprintf(text, sizeof text, "%.9g", (double)o->scale[i]);
        LODE_TRY(lode_writer_describe_band(writer, i, "LODE_SCALE", text));
    }
    return LODE_OK;
}

static lode_status write_tiles(raster_job *r, lode_writer *writer, const lode_progress *progress) {
    const lode_grid *grid = lode_stack_grid(r->stack);
    size_t tiles = lode_grid_tile_count(grid, TILE);
    int threads = (int)lode_arg_integer(r->job->args, "threads");
    for (size_t i = 0; i < tiles; i++) {
        lode_grid_tile(grid, TILE, i, &r->x, &r->y, &r->width, &r->height);
        lode_progress part = lode_progress_part(progress, (double)i / (double)tiles,
                                                (double)(i + 1) / (double)tiles);
        LODE_TRY(
            lode_stack_read(r->stack, r->x, r->y, r->width, r->height, NULL, r->bands, r->cells));
        LODE_TRY(lode_parallel_for((size_t)r->height, threads, transform_row, r, &part, NULL));
        LODE_TRY(lode_writer_write(writer, r->x, r->y, r->width, r->height, r->planes));
    }
    return LODE_OK;
}

static lode_status write_stack(raster_job *r, const lode_progress *progress) {
    lode_transform_job *job = r->job;
    int bands = job->outputs + r->copied;
    const char **names = lode_alloc((size_t)bands, sizeof *names);
    r->cells = lode_alloc((size_t)r->bands * TILE * TILE, sizeof *r->cells);
    r->planes = lode_alloc((size_t)bands * TILE * TILE, sizeof *r->planes);
    lode_writer *writer = NULL;
    lode_status status = names && r->cells && r->planes ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK) {
        for (int i = 0; i < bands; i++)
            names[i] = i < job->outputs
                           ? job->names[i]
                           : lode_stack_band_name(r->stack, r->copies[i - job->outputs]);
        status = lode_writer_open(lode_arg(job->args, "output"), lode_stack_grid(r->stack), names,
                                  bands, &writer);
    }
    lode_free(names);
    if (status == LODE_OK)
        status = describe(r, writer);
    if (status == LODE_OK)
        status = write_tiles(r, writer, progress);
    if (status != LODE_OK) {
        lode_writer_abandon(writer);
        return status;
    }
    return lode_writer_commit(writer);
}

static lode_status list_copies(raster_job *r, int inputs) {
    r->copies = lode_alloc((size_t)r->bands + 1, sizeof *r->copies);
    if (!r->copies)
        return lode_fail_memory();
    for (int band = 0; band < r->bands; band++) {
        bool used = false;
        for (int i = 0; i < inputs; i++)
            used = used || r->job->chosen[i] == band;
        if (!used)
            r->copies[r->copied++] = band;
    }
    return LODE_OK;
}

/* Constants of a z-score from the metadata that the transform wrote. */
static lode_status read_scales(raster_job *r, GDALDatasetH dataset) {
    lode_operator *o = &r->job->operator_;
    LODE_TRY(lode_operator_alloc(o));
    for (int i = 0; i < o->parts; i++) {
        GDALRasterBandH band = GDALGetRasterBand(dataset, r->job->chosen[i] + 1);
        const char *centre = GDALGetMetadataItem(band, "LODE_CENTRE", NULL);
        const char *scale = GDALGetMetadataItem(band, "LODE_SCALE", NULL);
        if (!centre || !scale)
            return lode_fail(LODE_ERROR_DATA,
                             "--inverse: band '%s' does not say its centre and scale.",
                             lode_stack_band_name(r->stack, r->job->chosen[i]));
        o->centre[i] = strtof(centre, NULL);
        o->scale[i] = strtof(scale, NULL);
    }
    return LODE_OK;
}

static lode_status prepare_stack(raster_job *r, const lode_progress *progress) {
    lode_transform_job *job = r->job;
    const char **names = lode_alloc((size_t)r->bands, sizeof *names);
    bool *usable = lode_alloc((size_t)r->bands, sizeof *usable);
    GDALDatasetH dataset = GDALOpenEx(lode_stack_name(r->stack), GDAL_OF_RASTER, NULL, NULL, NULL);
    const char *stored = dataset ? GDALGetMetadataItem(dataset, "LODE_PARTS", NULL) : NULL;
    int inputs = 0;
    lode_status status = names && usable ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK) {
        for (int i = 0; i < r->bands; i++) {
            names[i] = lode_stack_band_name(r->stack, i);
            usable[i] = true;
        }
        status = lode_transform_choose_inputs(job, names, r->bands, usable, &inputs);
    }
    if (status == LODE_OK)
        status = lode_transform_name_parts(job, names, stored, ' ', inputs);
    if (status == LODE_OK && job->operator_.inverse &&
        job->operator_.operation == LODE_OPERATION_ZSCORE)
        status = read_scales(r, dataset);
    if (dataset)
        GDALClose(dataset);
    lode_free(names);
    lode_free(usable);
    if (status == LODE_OK)
        status = list_copies(r, inputs);
    if (status == LODE_OK && !job->operator_.inverse)
        status = sample_stack(r, progress);
    return status;
}

lode_status lode_transform_stack(lode_transform_job *job, const lode_progress *progress) {
    raster_job r = {.job = job};
    const char *input = lode_arg(job->args, "input");
    lode_progress before = lode_progress_part(progress, 0, 0.2);
    lode_progress after = lode_progress_part(progress, 0.2, 1);
    LODE_TRY(lode_stack_open(&input, 1, &r.stack));
    r.bands = lode_stack_band_count(r.stack);
    lode_status status = prepare_stack(&r, &before);
    if (status == LODE_OK)
        status = write_stack(&r, &after);
    if (status == LODE_OK)
        lode_log(LODE_LOG_INFO, "%s%s of %d bands; %d other bands copied.", job->transform,
                 job->operator_.inverse ? " inverse" : "", lode_operator_inputs(&job->operator_),
                 r.copied);
    lode_free(r.copies);
    lode_free(r.cells);
    lode_free(r.planes);
    lode_stack_close(r.stack);
    return status;
}

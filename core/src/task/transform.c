/* transform.c - compositional and single-variable transforms of a stack or a table. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal.h>

#include "geochem/element.h"
#include "geochem/transform.h"
#include "raster/stack.h"
#include "raster/writer.h"
#include "samples/rewrite.h"
#include "samples/table.h"
#include "task/task.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "util/text.h"

enum { TILE = 256, SAMPLE_CELLS = 200000 };

#define TRANSFORM_CHOICES "closure,clr,alr,ilr,zscore,winsor"
#define TRANSFORM_LABELS                                                                           \
    "Closure|Centred log-ratios|Additive log-ratios|Isometric log-ratios|"                         \
    "Robust z-scores|Winsorising"

typedef struct transform_job {
    const lode_args *args;
    lode_operator operator_;
    const char *transform; /* "clr" */
    int *chosen;           /* [inputs] band or column numbers */
    float *to_ppm;         /* [inputs] */
    char (*symbols)[12]; /* [inputs] element of a table's column, "" for others; NULL for stacks */
    char **parts;        /* [operator parts] "Au" */
    char **names;        /* [outputs] "clr Au" */
    int outputs;
} transform_job;

static void release(transform_job *job) {
    for (int i = 0; job->parts && i < job->operator_.parts; i++)
        lode_free(job->parts[i]);
    for (int i = 0; job->names && i < job->outputs; i++)
        lode_free(job->names[i]);
    lode_free(job->parts);
    lode_free(job->names);
    lode_free(job->chosen);
    lode_free(job->to_ppm);
    lode_free(job->symbols);
    lode_operator_clear(&job->operator_);
}

/* ---- What is asked for ----------------------------------------------------------------------- */

static lode_status read_request(transform_job *job) {
    static const char *const names[] = {"closure", "clr", "alr", "ilr", "zscore", "winsor"};
    lode_operator *o = &job->operator_;
    job->transform = lode_arg(job->args, "transform");
    for (int i = 0; i < 6; i++)
        if (strcmp(names[i], job->transform) == 0)
            o->operation = (lode_operation)i;
    o->inverse = lode_arg_flag(job->args, "inverse");
    o->total = lode_arg_number(job->args, "total");
    o->lower = lode_arg_number(job->args, "lower") / 100;
    o->upper = lode_arg_number(job->args, "upper") / 100;
    if (o->inverse && !lode_operation_has_inverse(o->operation))
        return lode_fail(LODE_ERROR_USAGE, "--inverse: %s loses information and has no inverse.",
                         job->transform);
    if (o->lower >= o->upper)
        return lode_fail(LODE_ERROR_USAGE, "--lower must be smaller than --upper.");
    return LODE_OK;
}

static bool taken(const transform_job *job, int count, const char *symbol) {
    for (int i = 0; i < count; i++)
        if (strcmp(job->symbols[i], symbol) == 0)
            return true;
    return false;
}

/* Chooses the inputs out of the names: those of --bands; else the elements for a composition, all
 * for other transforms, and those named like the transform's results for an inverse. */
static lode_status choose(transform_job *job, const char *const *names, int count,
                          const bool *usable, int *inputs) {
    const char *list = lode_arg(job->args, "bands");
    const lode_operator *o = &job->operator_;
    lode_element_name *read = lode_alloc((size_t)count + 1, sizeof *read);
    bool *found = lode_alloc((size_t)count + 1, sizeof *found);
    job->chosen = lode_alloc((size_t)count + 1, sizeof *job->chosen);
    job->to_ppm = lode_alloc((size_t)count + 1, sizeof *job->to_ppm);
    lode_status status = read && found && job->chosen && job->to_ppm ? LODE_OK : lode_fail_memory();
    const char *stranger;
    int length;
    if (status == LODE_OK && lode_list_stranger(list, names, count, &stranger, &length))
        status = lode_fail(LODE_ERROR_USAGE, "--bands: there is no '%.*s'.", length, stranger);
    if (status == LODE_OK)
        lode_element_recognise(names, count, read, found);
    size_t prefix = strlen(job->transform);
    *inputs = 0;
    for (int i = 0; i < count && status == LODE_OK; i++) {
        bool result = strncmp(names[i], job->transform, prefix) == 0 &&
                      (names[i][prefix] == ' ' || names[i][prefix] == '_');
        bool take = list                                            ? lode_list_has(list, names[i])
                    : o->inverse                                    ? result
                    : lode_operation_is_compositional(o->operation) ? found[i]
                                                                    : true;
        if (!take || !usable[i])
            continue;
        if (job->symbols && found[i] && !o->inverse && !taken(job, *inputs, read[i].symbol))
            snprintf(job->symbols[*inputs], sizeof *job->symbols, "%s", read[i].symbol);
        job->to_ppm[*inputs] = found[i] && !o->inverse ? (float)read[i].to_ppm : 1;
        job->chosen[(*inputs)++] = i;
    }
    lode_free(read);
    lode_free(found);
    int least = lode_operation_is_compositional(o->operation) && !o->inverse ? 2 : 1;
    if (status == LODE_OK && *inputs < least)
        return lode_fail(LODE_ERROR_DATA,
                         "Only %d of %d bands or columns can take part in %s%s; name them with "
                         "--bands.",
                         *inputs, count, job->transform, o->inverse ? " --inverse" : "");
    return status;
}

/* ---- Names ----------------------------------------------------------------------------------- */

static lode_status copy_parts(transform_job *job, const char *const *names) {
    int parts = job->operator_.parts;
    job->parts = lode_alloc((size_t)parts + 1, sizeof *job->parts);
    for (int i = 0; i < parts && job->parts; i++) {
        job->parts[i] = lode_strdup(names[i]);
        if (!job->parts[i])
            return lode_fail_memory();
    }
    return job->parts ? LODE_OK : lode_fail_memory();
}

static lode_status find_reference(transform_job *job) {
    const char *wanted = lode_arg(job->args, "reference");
    lode_operator *o = &job->operator_;
    o->reference = o->parts - 1;
    for (int i = 0; wanted && i < o->parts; i++) {
        if (EQUAL(job->parts[i], wanted)) {
            o->reference = i;
            return LODE_OK;
        }
    }
    return wanted ? lode_fail(LODE_ERROR_USAGE, "--reference: no part is called '%s'.", wanted)
                  : LODE_OK;
}

/* "clr Au"; "alr Au Al" for ln(Au/Al); "ilr 1"; the part itself after an inverse or a closure.
 * joint is ' ' for bands and '_' for columns. */
static lode_status name_outputs(transform_job *job, char joint) {
    const lode_operator *o = &job->operator_;
    job->outputs = lode_operator_outputs(o);
    job->names = lode_alloc((size_t)job->outputs + 1, sizeof *job->names);
    for (int i = 0, part = 0; i < job->outputs && job->names; i++, part++) {
        if (o->operation == LODE_OPERATION_ALR && !o->inverse && part == o->reference)
            part++;
        if (o->inverse)
            job->names[i] = lode_strdup(job->parts[i]);
        else if (o->operation == LODE_OPERATION_ILR)
            job->names[i] = lode_format("ilr%c%d", joint, i + 1);
        else if (o->operation == LODE_OPERATION_ALR)
            job->names[i] = lode_format("alr%c%s%c%s", joint, job->parts[part], joint,
                                        job->parts[o->reference]);
        else if (o->operation == LODE_OPERATION_CLOSURE && joint == ' ')
            job->names[i] = lode_strdup(job->parts[part]);
        else
            job->names[i] = lode_format("%s%c%s", job->transform, joint, job->parts[part]);
        if (!job->names[i])
            return lode_fail_memory();
    }
    return job->names ? LODE_OK : lode_fail_memory();
}

/* Parts of an inverse: --parts, or what the file says it was made from (separated by tabs). */
static lode_status inverse_parts(transform_job *job, const char *stored, char separator,
                                 int inputs) {
    const char *given = lode_arg(job->args, "parts"), *list = given ? given : stored;
    lode_operator *o = &job->operator_;
    bool fewer = o->operation == LODE_OPERATION_ALR || o->operation == LODE_OPERATION_ILR;
    o->parts = inputs + fewer;
    if (!list)
        return lode_fail(LODE_ERROR_USAGE, "--inverse: the input does not say what its parts were; "
                                           "list them with --parts.");
    char text[2] = {given ? ',' : separator, '\0'};
    char **items = CSLTokenizeString2(list, text, 0);
    lode_status status = LODE_OK;
    if (CSLCount(items) != o->parts)
        status = lode_fail(LODE_ERROR_USAGE,
                           "--inverse: %d parts are named, but %d bands or columns "
                           "need %d.",
                           CSLCount(items), inputs, o->parts);
    if (status == LODE_OK)
        status = copy_parts(job, (const char *const *)items);
    CSLDestroy(items);
    return status;
}

static lode_status settle_parts(transform_job *job, const char *const *names, const char *stored,
                                char separator, char joint, int inputs) {
    lode_operator *o = &job->operator_;
    if (o->inverse) {
        LODE_TRY(inverse_parts(job, stored, separator, inputs));
    } else {
        const char **own = lode_alloc((size_t)inputs, sizeof *own);
        if (!own)
            return lode_fail_memory();
        for (int i = 0; i < inputs; i++)
            own[i] = job->symbols && job->symbols[i][0] ? job->symbols[i] : names[job->chosen[i]];
        o->parts = inputs;
        lode_status status = copy_parts(job, own);
        lode_free(own);
        LODE_TRY(status);
    }
    if (o->operation == LODE_OPERATION_ALR)
        LODE_TRY(find_reference(job));
    const char *partition = lode_arg(job->args, "partition");
    if (partition && o->operation == LODE_OPERATION_ILR)
        LODE_TRY(lode_partition_read(partition, (const char *const *)job->parts, o->parts,
                                     &o->partition));
    return name_outputs(job, joint);
}

/* ---- Rasters --------------------------------------------------------------------------------- */

typedef struct raster_job {
    transform_job *job;
    lode_stack *stack;
    int bands, copied; /* bands of the stack; bands that pass unchanged */
    int *copies;
    int x, y, width, height;
    float *cells;  /* [height][width][bands] */
    float *planes; /* [outputs + copied][height][width] */
} raster_job;

/* Rows spread over the stack until there are about SAMPLE_CELLS cells. */
static lode_status sample_stack(raster_job *r, const lode_progress *progress) {
    transform_job *job = r->job;
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
    const transform_job *job = r->job;
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
    const transform_job *job = r->job;
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
    transform_job *job = r->job;
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
    transform_job *job = r->job;
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
        status = choose(job, names, r->bands, usable, &inputs);
    }
    if (status == LODE_OK)
        status = settle_parts(job, names, stored, '\t', ' ', inputs);
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

static lode_status transform_stack(transform_job *job, const lode_progress *progress) {
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

/* ---- Tables ---------------------------------------------------------------------------------- */

/* The rows' values with the table's marks understood: half a limit below it, NaN where missing. */
static void read_rows(const transform_job *job, const lode_table *table, int inputs, float *rows) {
    bool composition = lode_operation_is_compositional(job->operator_.operation);
    for (int p = 0; p < inputs; p++) {
        const lode_column *column = &table->columns[job->chosen[p]];
        for (size_t i = 0; i < table->rows; i++) {
            double value = column->values[i];
            lode_mark mark = (lode_mark)column->marks[i];
            if (mark == LODE_MARK_MISSING || mark == LODE_MARK_TEXT ||
                (mark == LODE_MARK_VALUE && lode_is_missing_code(value)))
                value = NAN;
            else if (mark == LODE_MARK_BELOW)
                value *= 0.5;
            else if (composition && !job->operator_.inverse && value < 0)
                value *= -0.5;
            rows[i * (size_t)inputs + (size_t)p] = (float)value * job->to_ppm[p];
        }
    }
}

static lode_status transform_rows(transform_job *job, const lode_table *table, double **results) {
    lode_operator *o = &job->operator_;
    int inputs = lode_operator_inputs(o), outputs = job->outputs;
    float *rows = lode_alloc(table->rows * (size_t)inputs + 1, sizeof *rows);
    float *out = lode_alloc((size_t)outputs, sizeof *out);
    double *columns = lode_alloc(table->rows * (size_t)outputs + 1, sizeof *columns);
    lode_status status = rows && out && columns ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK) {
        read_rows(job, table, inputs, rows);
        if (!o->inverse)
            status = lode_operator_fit(o, rows, table->rows);
    }
    for (size_t i = 0; i < table->rows && status == LODE_OK; i++) {
        lode_operator_apply(o, rows + i * (size_t)inputs, out);
        for (int k = 0; k < outputs; k++)
            columns[(size_t)k * table->rows + i] = (double)out[k];
    }
    lode_free(rows);
    lode_free(out);
    if (status != LODE_OK) {
        lode_free(columns);
        return status;
    }
    *results = columns;
    return LODE_OK;
}

/* For the inverse of clr and alr columns the parts are in the names: clr_Au, alr_Au_Al. */
static char *parts_of_names(const transform_job *job, const char *const *names, int inputs) {
    size_t prefix = strlen(job->transform) + 1;
    char *list = lode_strdup("");
    const char *last = NULL;
    if (job->operator_.operation == LODE_OPERATION_ILR)
        inputs = 0;
    for (int i = 0; i < inputs && list; i++) {
        const char *part = names[job->chosen[i]];
        part = strlen(part) > prefix ? part + prefix : part;
        const char *under = strrchr(part, '_');
        bool alr = job->operator_.operation == LODE_OPERATION_ALR && under;
        last = alr ? under + 1 : last;
        char *longer = lode_format("%s%s%.*s", list, i ? "\t" : "",
                                   (int)(alr ? under - part : (long)strlen(part)), part);
        lode_free(list);
        list = longer;
    }
    if (list && last) {
        char *longer = lode_format("%s\t%s", list, last);
        lode_free(list);
        list = longer;
    }
    return list;
}

static lode_status prepare_table(transform_job *job, const lode_table *table) {
    const char **names = lode_alloc((size_t)table->count + 1, sizeof *names);
    bool *usable = lode_alloc((size_t)table->count + 1, sizeof *usable);
    int inputs = 0;
    job->symbols = lode_alloc((size_t)table->count + 1, sizeof *job->symbols);
    lode_status status = names && usable && job->symbols ? LODE_OK : lode_fail_memory();
    for (int i = 0; i < table->count && status == LODE_OK; i++) {
        names[i] = table->columns[i].name;
        usable[i] = table->columns[i].numbers > table->columns[i].texts;
    }
    if (status == LODE_OK)
        status = choose(job, names, table->count, usable, &inputs);
    char *stored =
        status == LODE_OK && job->operator_.inverse ? parts_of_names(job, names, inputs) : NULL;
    if (status == LODE_OK)
        status = settle_parts(job, names, stored && stored[0] ? stored : NULL, '\t', '_', inputs);
    for (int i = 0; i < job->outputs && status == LODE_OK; i++) {
        if (lode_table_find(table, job->names[i]) < 0)
            continue;
        char *other =
            lode_format("%s_%s", job->operator_.inverse ? "inverse" : "new", job->names[i]);
        lode_free(job->names[i]);
        job->names[i] = other;
        status = other ? LODE_OK : lode_fail_memory();
    }
    lode_free(stored);
    lode_free(names);
    lode_free(usable);
    return status;
}

static lode_status transform_table(transform_job *job, const lode_progress *progress) {
    lode_table *table;
    double *results = NULL;
    const char *input = lode_arg(job->args, "input");
    if (job->operator_.inverse && job->operator_.operation == LODE_OPERATION_ZSCORE)
        return lode_fail(LODE_ERROR_USAGE,
                         "--inverse: a table does not keep the centre and scale of "
                         "a z-score; only a stack does.");
    lode_progress read = lode_progress_part(progress, 0, 0.5);
    LODE_TRY(lode_table_read(input, NULL, NULL, &read, &table));
    lode_status status = prepare_table(job, table);
    if (status == LODE_OK)
        status = transform_rows(job, table, &results);
    if (status == LODE_OK)
        status =
            lode_table_rewrite(input, lode_arg(job->args, "output"),
                               (const char *const *)job->names, results, job->outputs, table->rows);
    if (status == LODE_OK)
        lode_log(LODE_LOG_INFO, "%s%s of %d columns of %zu rows.", job->transform,
                 job->operator_.inverse ? " inverse" : "", lode_operator_inputs(&job->operator_),
                 table->rows);
    lode_free(results);
    lode_table_free(table);
    return status;
}

/* ---- The task -------------------------------------------------------------------------------- */

static lode_status run(const lode_args *args, const lode_progress *progress) {
    transform_job job = {.args = args};
    const char *output = lode_arg(args, "output"), *extension = CPLGetExtension(output);
    lode_status status = read_request(&job);
    if (status == LODE_OK)
        status = lode_file_check_output(output);
    if (status == LODE_OK)
        status = EQUAL(extension, "tif") || EQUAL(extension, "tiff")
                     ? transform_stack(&job, progress)
                     : transform_table(&job, progress);
    if (status == LODE_OK)
        json_object_set_new(lode_arg_result(args), "outputs", json_integer(job.outputs));
    release(&job);
    return status;
}

static const lode_param params[] = {
    {.name = "input",
     .kind = LODE_KIND_FILE,
     .label = "Stack or table",
     .help = "Raster stack, or table of samples (CSV, GeoPackage ...).",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    {.name = "output",
     .kind = LODE_KIND_FILE_OUT,
     .label = "Transformed stack or table",
     .help =
         "A .tif for a stack; a .csv or .gpkg for a table, which keeps its columns and gets the "
         "new ones.",
     .extension = "tif,csv,gpkg",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    {.name = "transform",
     .kind = LODE_KIND_CHOICE,
     .label = "Transform",
     .help =
         "closure: parts sum to --total; clr, alr, ilr: log-ratios; zscore: (x - median) / (1.4826 "
         "MAD); winsor: values beyond two percentiles are set to them.",
     .initial = "clr",
     .choices = TRANSFORM_CHOICES,
     .labels = TRANSFORM_LABELS},
    {.name = "bands",
     .kind = LODE_KIND_TEXT,
     .label = "Bands or columns",
     .help =
         "Comma list of what takes part; by default all elements for closure and log-ratios, and "
         "everything for zscore and winsor. Other bands are copied."},
    {.name = "inverse",
     .kind = LODE_KIND_BOOLEAN,
     .label = "Inverse",
     .help = "Undoes clr, alr, ilr (to parts that sum to --total) or zscore.",
     .initial = "NO"},
    {.name = "total",
     .kind = LODE_KIND_NUMBER,
     .label = "Sum of the parts",
     .help = "1000000 for ppm, 100 for per cent.",
     .initial = "1000000",
     .minimum = 1e-9,
     .maximum = 1e12,
     .flags = LODE_ADVANCED},
    {.name = "reference",
     .kind = LODE_KIND_TEXT,
     .label = "Reference part of alr",
     .help = "Part that divides the others; by default the last.",
     .flags = LODE_ADVANCED},
    {.name = "partition",
     .kind = LODE_KIND_FILE,
     .label = "Partition of ilr",
     .help =
         "Text file with a row of +1, -1 and 0 for every balance (sequential binary partition); "
         "by default pivot coordinates, the first part against the rest and so on.",
     .flags = LODE_ADVANCED},
    {.name = "parts",
     .kind = LODE_KIND_TEXT,
     .label = "Parts of an inverse",
     .help = "Comma list of the parts' names, in order, where the input does not say them.",
     .flags = LODE_ADVANCED},
    {.name = "lower",
     .kind = LODE_KIND_NUMBER,
     .label = "Lower percentile",
     .help = "For winsor.",
     .initial = "2",
     .minimum = 0,
     .maximum = 100,
     .unit = "%",
     .flags = LODE_ADVANCED},
    {.name = "upper",
     .kind = LODE_KIND_NUMBER,
     .label = "Upper percentile",
     .help = "For winsor.",
     .initial = "98",
     .minimum = 0,
     .maximum = 100,
     .unit = "%",
     .flags = LODE_ADVANCED},
    LODE_PARAM_THREADS,
    LODE_PARAM_END};

const lode_task lode_task_transform = {
    .name = "transform",
    .title = "Transform a stack or a table",
    .group = "1 Data",
    .summary = "Closure, log-ratios (clr, alr, ilr), robust z-scores and winsorising, and back.",
    .help =
        "Amounts of elements are parts of a whole, so differences and distances between them mean "
        "something only as ratios. clr divides by the geometric mean of the parts present, alr by "
        "one part, ilr gives orthogonal balances.\n\n"
        "A zero or negative value counts as below its detection limit and is replaced by half the "
        "smallest positive value of its part; a missing part stays missing and is left out of the "
        "mean.\n\n"
        "Every transform but closure and winsor can be undone with --inverse. Models carry their "
        "own transform; this tool is for looking at the data and for other programs.",
    .params = params,
    .run = run};

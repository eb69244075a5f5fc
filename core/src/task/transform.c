/* transform.c - compositional and single-variable transforms of a stack or a table. */
#include "task/transform.h"

#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>

#include "geochem/element.h"
#include "task/task.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/text.h"

#define TRANSFORM_CHOICES "closure,clr,alr,ilr,zscore,winsor"
#define TRANSFORM_LABELS                                                                           \
    "Closure|Centred log-ratios|Additive log-ratios|Isometric log-ratios|"                         \
    "Robust z-scores|Winsorising"

static void release(lode_transform_job *job) {
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

static lode_status read_request(lode_transform_job *job) {
    lode_operator *o = &job->operator_;
    job->transform = lode_arg(job->args, "transform");
    o->operation = (lode_operation)lode_list_index(TRANSFORM_CHOICES, job->transform);
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

static bool taken(const lode_transform_job *job, int count, const char *symbol) {
    for (int i = 0; i < count; i++)
        if (strcmp(job->symbols[i], symbol) == 0)
            return true;
    return false;
}

lode_status lode_transform_choose_inputs(lode_transform_job *job, const char *const *names,
                                         int count, const bool *usable, int *inputs) {
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

static lode_status copy_parts(lode_transform_job *job, const char *const *names) {
    int parts = job->operator_.parts;
    job->parts = lode_alloc((size_t)parts + 1, sizeof *job->parts);
    for (int i = 0; i < parts && job->parts; i++) {
        job->parts[i] = lode_strdup(names[i]);
        if (!job->parts[i])
            return lode_fail_memory();
    }
    return job->parts ? LODE_OK : lode_fail_memory();
}

static lode_status find_reference(lode_transform_job *job) {
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
static lode_status name_outputs(lode_transform_job *job, char joint) {
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
static lode_status inverse_parts(lode_transform_job *job, const char *stored, int inputs) {
    const char *given = lode_arg(job->args, "parts"), *list = given ? given : stored;
    lode_operator *o = &job->operator_;
    bool fewer = o->operation == LODE_OPERATION_ALR || o->operation == LODE_OPERATION_ILR;
    o->parts = inputs + fewer;
    if (!list)
        return lode_fail(LODE_ERROR_USAGE, "--inverse: the input does not say what its parts were; "
                                           "list them with --parts.");
    char **items = CSLTokenizeString2(list, given ? "," : "\t", 0);
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

lode_status lode_transform_name_parts(lode_transform_job *job, const char *const *names,
                                      const char *stored, char joint, int inputs) {
    lode_operator *o = &job->operator_;
    if (o->inverse) {
        LODE_TRY(inverse_parts(job, stored, inputs));
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

/* ---- The task -------------------------------------------------------------------------------- */

static lode_status run(const lode_args *args, const lode_progress *progress) {
    lode_transform_job job = {.args = args};
    const char *output = lode_arg(args, "output"), *extension = CPLGetExtension(output);
    lode_status status = read_request(&job);
    if (status == LODE_OK)
        status = lode_file_check_output(output);
    if (status == LODE_OK)
        status = EQUAL(extension, "tif") || EQUAL(extension, "tiff")
                     ? lode_transform_stack(&job, progress)
                     : lode_transform_table(&job, progress);
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

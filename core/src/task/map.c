/* map.c - `lode map`: the one-call main job, a chain of the other tasks. */
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "picture/picture.h"
#include "raster/stack.h"
#include "task/fit_args.h"
#include "task/pretrain_args.h"
#include "task/validate_args.h"
#include "util/error.h"
#include "util/file.h"
#include "util/json.h"
#include "util/memory.h"
#include "validate/validate.h"
#include "vector/points.h"
#include "view/view.h"

const lode_task lode_task_map;

static const char view_name[] = "prospectivity.lodeview";

static const lode_product products[] = {
    {"prospectivity", LODE_KIND_RASTER_OUT, "Prospectivity", "prospectivity.tif"},
    {"targets", LODE_KIND_VECTOR_OUT, "Targets", "targets.gpkg"},
    {"report", LODE_KIND_HTML_OUT, "Report", "report.html"},
    {"model", LODE_KIND_MODEL_OUT, "Model", "model.lode"},
    {"measures", LODE_KIND_JSON_OUT, "Measures", "report.json"},
    {"picture", LODE_KIND_FILE_OUT, "Picture of the map", "prospectivity.png"},
    {"map-style", LODE_KIND_FILE_OUT, "Style of the map", "prospectivity.qml"},
    {"targets-style", LODE_KIND_FILE_OUT, "Style of the targets", "targets.qml"},
    {"view", LODE_KIND_FILE_OUT, "View of the model for GDAL programs", view_name},
    {.name = NULL},
};

/* Results are made in a staging folder inside the output folder and moved when all are complete. */
typedef struct chain {
    const lode_args *args;
    const lode_progress *progress;
    const char *folder;
    char *staging;
} chain;

/* ---- Running the tasks of the chain -----------------------------------------------------------
 */

static bool has_param(const lode_task *task, const char *name) {
    for (const lode_param *param = task->params; param->name; param++)
        if (strcmp(param->name, name) == 0)
            return true;
    return false;
}

/* Adds what the user gave to `map` under the names of the step's parameters, unless it is set. */
static char **forward_options(const chain *job, const lode_task *task, char **options) {
    for (const lode_param *param = task->params; param->name; param++) {
        if (CSLFetchNameValue(options, param->name) || !has_param(&lode_task_map, param->name) ||
            !lode_arg_given(job->args, param->name))
            continue;
        const char *const *values = lode_arg_list(job->args, param->name, NULL);
        for (int i = 0; values[i]; i++)
            options = CSLAddString(options, CPLSPrintf("%s=%s", param->name, values[i]));
    }
    return options;
}

/* Runs a step over the part from..to of the progress. settings ends with NULL; "NAME=@FILE" names a
 * file in the staging folder. measured may be NULL. */
static lode_status run_step(const chain *job, const char *name, double from, double to,
                            const char *const *settings, json_t **measured) {
    const lode_task *task = lode_task_find(name);
    lode_progress part = lode_progress_part(job->progress, from, to);
    char **options = NULL;
    for (int i = 0; settings[i]; i++) {
        const char *at = strstr(settings[i], "=@");
        if (at)
            options = CSLAddString(options, CPLSPrintf("%.*s=%s/%s", (int)(at - settings[i]),
                                                       settings[i], job->staging, at + 2));
        else
            options = CSLAddString(options, settings[i]);
    }
    options = forward_options(job, task, options);
    lode_status status = lode_task_call(task, (const char *const *)options, &part, measured);
    CSLDestroy(options);
    return status;
}

#define SETTINGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static lode_status learn_and_map(const chain *job) {
    LODE_TRY(run_step(job, "pretrain", 0, 0.45, SETTINGS("out=@pretrained.lode"), NULL));
    LODE_TRY(run_step(job, "fit", 0.45, 0.52, SETTINGS("model=@pretrained.lode", "out=@model.lode"),
                      NULL));
    return run_step(job, "predict", 0.52, 0.6,
                    SETTINGS("model=@model.lode", "out=@prospectivity.tif",
                             "bands=score,uncertainty,percentile"),
                    NULL);
}

/* ---- Validation and report --------------------------------------------------------------------
 */

static lode_status write_report(const chain *job, const lode_validation *validation,
                                lode_stack *stack, const lode_model *model, const json_t *targets) {
    int count;
    const char *const *paths = lode_arg_list(job->args, "stack", &count);
    char *raster = lode_file_join(job->staging, "prospectivity.tif"), *description = NULL;
    char *path = lode_file_join(job->staging, "report.html");
    const char **inputs = lode_alloc((size_t)count + 3, sizeof *inputs);
    lode_status status = raster && path && inputs ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK) {
        memcpy(inputs, paths, (size_t)count * sizeof *inputs);
        inputs[count] = lode_arg(job->args, "deposits");
        inputs[count + 1] = lode_arg(job->args, "samples"); /* NULL ends the list */
        status = lode_model_describe(model, &description);
    }
    if (status == LODE_OK) {
        json_t *about = json_loads(description, 0, NULL);
        lode_report report = {.title = "Prospectivity map",
                              .command = lode_arg_command(job->args),
                              .prospectivity = raster,
                              .inputs = inputs,
                              .model = about,
                              .targets = targets};
        status = lode_report_write(validation, stack, &report, path);
        json_decref(about);
    }
    lode_free(description);
    lode_free(raster);
    lode_free(path);
    lode_free(inputs);
    return status;
}

static void set_validation(const chain *job, lode_validate_options *options) {
    lode_validate_defaults(options);
    options->methods = lode_arg(job->args, "methods");
    options->deposits = lode_arg(job->args, "deposits");
    options->where = lode_arg(job->args, "where");
    options->samples = lode_arg(job->args, "samples");
    options->folds = (int)lode_arg_integer(job->args, "folds");
    options->repeats = (int)lode_arg_integer(job->args, "repeats");
    options->block = lode_arg_metres(job->args, "block");
    options->exclusion = lode_arg_metres(job->args, "exclusion");
    options->seed = (uint64_t)lode_arg_integer(job->args, "seed");
    options->threads = (int)lode_arg_integer(job->args, "threads");
}

/* Validates the method on the encoder of the map; its measures are the result of the task. */
static lode_status validate(const chain *job, const json_t *targets,
                            const lode_progress *progress) {
    int count;
    const char *const *paths = lode_arg_list(job->args, "stack", &count);
    char *name = lode_file_join(job->staging, "model.lode");
    lode_model *model = NULL;
    lode_stack *stack = NULL;
    lode_validation *validation = NULL;
    lode_validate_options options;
    set_validation(job, &options);
    lode_status status = name ? lode_model_open(name, &model) : lode_fail_memory();
    options.model = model;
    if (status == LODE_OK)
        status = lode_stack_open(paths, count, &stack);
    if (status == LODE_OK)
        status = lode_validate(stack, &options, progress, &validation);
    if (status == LODE_OK)
        status = write_report(job, validation, stack, model, targets);
    if (status == LODE_OK) {
        json_object_update(lode_arg_result(job->args), validation->json);
        lode_validation_tell(validation);
    }
    lode_validation_free(validation);
    lode_stack_close(stack);
    lode_model_close(model);
    lode_free(name);
    return status;
}

static lode_status write_measures(const chain *job) {
    char *path = lode_file_join(job->staging, "report.json");
    char *text = json_dumps(lode_arg_result(job->args), JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    lode_status status =
        path && text ? lode_file_write(path, text, strlen(text)) : lode_fail_memory();
    free(text);
    lode_free(path);
    return status;
}

static lode_status judge(const chain *job) {
    lode_progress part = lode_progress_part(job->progress, 0.62, 1);
    json_t *targets = NULL, *result = lode_arg_result(job->args);
    LODE_TRY(run_step(job, "targets", 0.6, 0.62,
                      SETTINGS("score=@prospectivity.tif", "out=@targets.gpkg"), &targets));
    lode_status status = validate(job, targets, &part);
    json_object_set(result, "targets", json_object_get(targets, "targets"));
    json_decref(targets);
    return status == LODE_OK ? write_measures(job) : status;
}

/* ---- Picture and styles -----------------------------------------------------------------------
 */

static lode_status draw_points(const char *raster, const lode_points *deposits, const char *path) {
    lode_picture_points known = {deposits->east, deposits->north, deposits->n, LODE_SYMBOL_TRIANGLE,
                                 "known deposits"};
    lode_picture picture = {.title = "Prospectivity",
                            .caption = "Share of the area with a lower score, %",
                            .low = 0,
                            .high = 100,
                            .points = &known,
                            .point_sets = 1};
    return lode_picture_write(raster, 2, &picture, path);
}

static lode_status draw_picture(const chain *job) {
    char *raster = lode_file_join(job->staging, "prospectivity.tif");
    char *path = lode_file_join(job->staging, "prospectivity.png");
    lode_stack *stack = NULL;
    lode_points *deposits = NULL;
    lode_status status = raster && path ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_stack_open((const char *const *)&raster, 1, &stack);
    if (status == LODE_OK)
        status = lode_points_read(lode_arg(job->args, "deposits"), lode_arg(job->args, "where"),
                                  lode_stack_grid(stack)->crs, "deposits", &deposits);
    if (status == LODE_OK)
        status = draw_points(raster, deposits, path);
    lode_points_free(deposits);
    lode_stack_close(stack);
    lode_free(raster);
    lode_free(path);
    return status;
}

/* The QGIS styles of the plugin, made part of the library by CMake. */
static const char score_style[] =
#include "style_score.inc"
    ;
static const char targets_style[] =
#include "style_targets.inc"
    ;

static lode_status write_style(const chain *job, const char *name, const char *style) {
    char *path = lode_file_join(job->staging, name);
    lode_status status = path ? lode_file_write(path, style, strlen(style)) : lode_fail_memory();
    lode_free(path);
    return status;
}

/* ---- Finishing --------------------------------------------------------------------------------
 */

static lode_status write_view(const chain *job) {
    int count;
    const char *const *stack = lode_arg_list(job->args, "stack", &count);
    char *path = lode_file_join(job->staging, view_name);
    char *place = lode_file_join(job->folder, view_name);
    char *model = lode_file_join(job->folder, "model.lode");
    lode_view_options options = {.place = place};
    lode_status status = path && place && model
                             ? lode_view_write(path, model, stack, count, &options)
                             : lode_fail_memory();
    lode_free(path);
    lode_free(place);
    lode_free(model);
    return status;
}

typedef struct move {
    char *from, *to;
} move;

/* All names are made before the first file is moved: nothing may fail between but the disk. */
static lode_status publish(const chain *job) {
    enum { PRODUCTS = sizeof products / sizeof *products - 1 };
    move moves[PRODUCTS];
    lode_status status = LODE_OK;
    for (int i = 0; i < PRODUCTS; i++) {
        moves[i].from = lode_file_join(job->staging, products[i].file);
        moves[i].to = lode_file_join(job->folder, products[i].file);
        if (!moves[i].from || !moves[i].to)
            status = lode_fail_memory();
    }
    for (int i = 0; i < PRODUCTS && status == LODE_OK; i++)
        status = lode_file_rename(moves[i].from, moves[i].to);
    for (int i = 0; i < PRODUCTS; i++) {
        lode_free(moves[i].from);
        lode_free(moves[i].to);
    }
    return status;
}

static lode_status run_chain(const chain *job) {
    LODE_TRY(learn_and_map(job));
    LODE_TRY(judge(job));
    LODE_TRY(draw_picture(job));
    LODE_TRY(write_style(job, "prospectivity.qml", score_style));
    LODE_TRY(write_style(job, "targets.qml", targets_style));
    LODE_TRY(write_view(job));
    LODE_TRY(publish(job));
    json_object_set_new(lode_arg_result(job->args), "folder", lode_json_text(job->folder));
    lode_log(LODE_LOG_INFO,
             "Results are in '%s': prospectivity.tif, prospectivity.png, report.html, "
             "targets.gpkg, model.lode, prospectivity.lodeview.",
             job->folder);
    return LODE_OK;
}

static lode_status run(const lode_args *args, const lode_progress *progress) {
    chain job = {.args = args, .progress = progress, .folder = lode_arg(args, "out")};
    bool made;
    LODE_TRY(lode_file_make_folder(job.folder, &made));
    char *name = lode_file_join(job.folder, "lode");
    job.staging = name ? lode_file_beside(name) : NULL;
    lode_free(name);
    lode_status status = job.staging ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK && VSIMkdir(job.staging, 0777) != 0)
        status = lode_fail(LODE_ERROR_IO, "Cannot write in the folder '%s'.", job.folder);
    if (status == LODE_OK)
        status = run_chain(&job);
    if (job.staging)
        VSIRmdirRecursive(job.staging);
    lode_free(job.staging);
    if (status != LODE_OK && made)
        VSIRmdir(job.folder);
    return status;
}

static const lode_param params[] = {
    LODE_PARAM_STACK,
    LODE_PARAM_DEPOSITS,
    {.name = "out",
     .kind = LODE_KIND_FOLDER_OUT,
     .label = "Folder for the results",
     .help = "Folder to write to; it is made when it does not exist.",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    LODE_PARAM_WHERE,
    LODE_PARAM_BANDS,
    LODE_PARAM_TRANSFORM,
    LODE_PARAM_WINDOW,
    LODE_PARAMS_PRETRAIN,
    LODE_PARAMS_FIT,
    LODE_PARAM_METHODS,
    LODE_PARAM_FOLDS,
    LODE_PARAM_REPEATS,
    LODE_PARAM_SAMPLES,
    LODE_PARAM_SEED,
    LODE_PARAM_THREADS,
    LODE_PARAM_END,
};

const lode_task lode_task_map = {
    .name = "map",
    .title = "Make a prospectivity map",
    .group = "3 Map",
    .summary = "The whole job in one call: pretrain, fit, validate, predict, targets, report.",
    .help =
        "From a stack and a layer of known deposits to a prospectivity map: pretrains an "
        "encoder on the stack alone, fits a head on the deposits, maps score, uncertainty and "
        "percentile, validates in spatial blocks against ridge logistic regression and the "
        "best single band, and outlines targets.\n\n"
        "Writes model.lode, prospectivity.tif, prospectivity.png, prospectivity.lodeview (opens "
        "in QGIS and GDAL with the Lode driver), targets.gpkg, report.html, report.json and "
        "styles for QGIS.",
    .params = params,
    .products = products,
    .run = run,
};

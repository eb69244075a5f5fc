/* vrt.c - `lode vrt`: small files that GDAL turns into rasters when it reads them. */
#include <string.h>

#include <cpl_conv.h>

#include "task/task.h"
#include "util/error.h"
#include "util/file.h"
#include "util/json.h"
#include "util/memory.h"
#include "view/derive.h"
#include "view/view.h"

enum { LARGEST_OVERLAY = 1 << 20 };

/* "map.vrt" and "_embedding.lodeview" -> "map_embedding.lodeview". The caller frees it. */
static char *companion(const char *path, const char *tail) {
    return lode_format("%.*s%s", (int)(strlen(path) - strlen(".vrt")), path, tail);
}

static void tell(const lode_args *args, const char *path) {
    json_t *files = json_object_get(lode_arg_result(args), "files");
    if (!files) {
        files = json_array();
        json_object_set_new(lode_arg_result(args), "files", files);
    }
    json_array_append_new(files, lode_json_text(path));
}

/* ---- Views of a model ------------------------------------------------------------------------ */

/* Refuses now what GDAL would refuse later: bands the model lacks, a stack without its elements. */
static lode_status check_model(const lode_model *model, const lode_stack *stack,
                               const char *groups) {
    int *numbers = lode_alloc((size_t)model->recipe->bands, sizeof *numbers);
    lode_status status =
        numbers ? lode_recipe_match(model->recipe, stack, numbers) : lode_fail_memory();
    lode_free(numbers);
    LODE_TRY(status);
    lode_plan *plan;
    LODE_TRY(lode_plan_create(model, groups, &plan));
    lode_plan_free(plan);
    return LODE_OK;
}

static lode_status write_model(const lode_args *args, const lode_stack *stack,
                               const char *const *paths, int count, const char *out) {
    bool derived = EQUAL(CPLGetExtension(out), "vrt");
    const char *file = lode_arg(args, "model");
    lode_view_options options = {.groups = derived ? "embedding" : lode_arg(args, "bands"),
                                 .min_valid = lode_arg_number(args, "min-valid")};
    if (derived && lode_arg_given(args, "bands"))
        return lode_fail(LODE_ERROR_USAGE, "--bands applies to a .lodeview; a .vrt has the band "
                                           "'score'.");
    lode_model *model;
    LODE_TRY(lode_model_open(file, &model));
    lode_status status = check_model(model, stack, options.groups);
    char *view = derived ? companion(out, "_embedding.lodeview") : lode_strdup(out);
    if (status == LODE_OK && !view)
        status = lode_fail_memory();
    if (status == LODE_OK && derived)
        status = lode_derive_score(out, stack, model, view);
    if (status == LODE_OK)
        status = lode_view_write(view, file, paths, count, &options);
    if (status == LODE_OK) {
        tell(args, view);
        if (derived)
            tell(args, out);
    }
    lode_free(view);
    lode_model_close(model);
    return status;
}

/* ---- Functions of a stack -------------------------------------------------------------------- */

static lode_status write_overlay(const lode_args *args, const lode_stack *stack, const char *out) {
    const char *file = lode_arg(args, "overlay");
    char *text = NULL;
    size_t size;
    LODE_TRY(lode_file_read(file, LARGEST_OVERLAY, &text, &size));
    json_error_t error;
    json_t *overlay = json_loadb(text, size, 0, &error);
    lode_free(text);
    if (!overlay)
        return lode_fail(LODE_ERROR_DATA, "'%s' is not JSON: line %d: %s.", file, error.line,
                         error.text);
    char *memberships = companion(out, "_memberships.vrt");
    lode_status status = memberships ? lode_derive_overlay(out, memberships, stack, overlay, file)
                                     : lode_fail_memory();
    const char *kind = json_string_value(json_object_get(overlay, "overlay"));
    if (status == LODE_OK && strcmp(kind, "wofe") != 0)
        tell(args, memberships);
    if (status == LODE_OK)
        tell(args, out);
    lode_free(memberships);
    json_decref(overlay);
    return status;
}

static lode_status write_from_stack(const lode_args *args, lode_stack *stack, const char *out,
                                    const lode_progress *progress) {
    if (lode_arg_given(args, "overlay"))
        return write_overlay(args, stack, out);
    LODE_TRY(lode_derive_transform(out, stack, lode_arg(args, "transform"), progress));
    tell(args, out);
    return LODE_OK;
}

/* ---- The task -------------------------------------------------------------------------------- */

static lode_status check(const lode_args *args, bool from_stack) {
    const char *out = lode_arg(args, "out"), *extension = CPLGetExtension(out);
    bool vrt = EQUAL(extension, "vrt");
    LODE_TRY(lode_file_check_output(out));
    if (!vrt && !EQUAL(extension, "lodeview"))
        return lode_fail(LODE_ERROR_USAGE, "'%s': end the name in .lodeview or .vrt.", out);
    if (lode_arg_given(args, "overlay") && lode_arg_given(args, "transform"))
        return lode_fail(LODE_ERROR_USAGE, "--overlay and --transform exclude each other.");
    if (from_stack && !vrt)
        return lode_fail(LODE_ERROR_USAGE, "'%s': --overlay and --transform write a .vrt.", out);
    if (!from_stack && !lode_arg(args, "model"))
        return lode_fail(LODE_ERROR_USAGE,
                         "'vrt' needs a model, or --transform or --overlay with a stack alone.");
    return LODE_OK;
}

/* Without a model, the first of several stack files stands in the model's place. */
static lode_status collect_stack(const lode_args *args, bool from_stack, const char ***paths,
                                 int *count) {
    const char *const *given = lode_arg_list(args, "stack", count);
    const char *first = from_stack ? lode_arg(args, "model") : NULL;
    const char **list = lode_alloc((size_t)*count + 2, sizeof *list);
    if (!list)
        return lode_fail_memory();
    if (first)
        list[0] = first;
    memcpy(list + (first != NULL), given, (size_t)*count * sizeof *list);
    *count += first != NULL;
    *paths = list;
    return LODE_OK;
}

static lode_status run(const lode_args *args, const lode_progress *progress) {
    bool from_stack = lode_arg_given(args, "overlay") || lode_arg_given(args, "transform");
    LODE_TRY(check(args, from_stack));
    const char **paths = NULL, *out = lode_arg(args, "out");
    int count;
    LODE_TRY(collect_stack(args, from_stack, &paths, &count));
    lode_stack *stack = NULL;
    lode_status status = lode_stack_open(paths, count, &stack);
    if (status == LODE_OK)
        status = from_stack ? write_from_stack(args, stack, out, progress)
                            : write_model(args, stack, paths, count, out);
    lode_stack_close(stack);
    lode_free(paths);
    LODE_TRY(status);
    return lode_progress_report(progress, 1, NULL);
}

static const lode_param params[] = {
    {.name = "model",
     .kind = LODE_KIND_MODEL,
     .label = "Model",
     .help = "Model file; leave it out with --transform and --overlay.",
     .flags = LODE_POSITIONAL},
    LODE_PARAM_STACK,
    {.name = "out",
     .kind = LODE_KIND_FILE_OUT,
     .label = "View",
     .help = "name.lodeview for the model's bands, or name.vrt for bands computed by pixel "
             "functions.",
     .extension = "lodeview,vrt",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    {.name = "bands",
     .kind = LODE_KIND_CHOICES,
     .label = "Bands",
     .help = "Bands of the .lodeview. Without it: score, uncertainty and percentile for a model "
             "with a head, the embedding for one without.",
     .choices = "score,uncertainty,percentile,anomaly,support,embedding",
     .labels = "Score|Uncertainty|Percentile|Anomaly|Support|Embedding"},
    {.name = "transform",
     .kind = LODE_KIND_CHOICE,
     .label = "Transform",
     .help = "Write a transform of the stack: centred or isometric log-ratios of its elements, or "
             "robust z-scores of all bands.",
     .choices = "clr,ilr,zscore",
     .labels = "Centred log-ratios|Isometric log-ratios|Robust z-scores"},
    {.name = "overlay",
     .kind = LODE_KIND_FILE,
     .label = "Overlay description",
     .help = "JSON file that describes a fuzzy-logic or weights-of-evidence map of the stack."},
    {.name = "min-valid",
     .kind = LODE_KIND_NUMBER,
     .label = "Smallest share of valid cells",
     .help = "Smallest share of the cells of a window that must have data for a result.",
     .initial = "0",
     .minimum = 0,
     .maximum = 1,
     .flags = LODE_ADVANCED},
    LODE_PARAM_END,
};

const lode_task lode_task_vrt = {
    .name = "vrt",
    .title = "View for GDAL programs",
    .group = "3 Map",
    .summary = "Describe a map in a small file that GDAL programs and QGIS read as a raster.",
    .help = "Writes a view: name.lodeview shows a model over a stack, computed where it is read; "
            "name.vrt shows the model's score as a function of its embedding bands.\n\n"
            "With --transform the stack alone is shown transformed, with --overlay combined by "
            "fuzzy logic or weights of evidence. Nothing is computed now. Files are named relative "
            "to the view, so a folder with all of them can be moved.\n\n"
            "Reading a view needs the GDAL plugin gdal_LODE, in GDAL's plugin folder or in the "
            "folder named by GDAL_DRIVER_PATH.",
    .params = params,
    .run = run,
};

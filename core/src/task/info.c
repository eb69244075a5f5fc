/* info.c - `lode info`: what a file holds. */
#include "task/task.h"
#include "util/error.h"
#include "util/memory.h"

static lode_status run(const lode_args *args, const lode_progress *progress) {
    lode_model *model;
    LODE_TRY(lode_model_open(lode_arg(args, "file"), &model));
    char *text = NULL;
    lode_status status = lode_model_describe(model, &text);
    lode_model_close(model);
    LODE_TRY(status);
    json_t *description = json_loads(text, 0, NULL);
    if (description)
        json_object_update(lode_arg_result(args), description);
    json_decref(description);
    lode_log(LODE_LOG_INFO, "%s", text);
    lode_free(text);
    return lode_progress_report(progress, 1, NULL);
}

static const lode_param params[] = {
    {.name = "file",
     .kind = LODE_KIND_MODEL,
     .label = "Model file",
     .help = "A .lode model file.",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    LODE_PARAM_END,
};

const lode_task lode_task_info = {
    .name = "info",
    .title = "Describe a model",
    .group = "Help",
    .summary = "Show what a model file holds.",
    .help =
        "Shows the elements, transform, window, encoder, head, bands and training provenance of "
        "a model file.",
    .params = params,
    .run = run,
};

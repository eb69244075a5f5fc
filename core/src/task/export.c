/* export.c - `lode export`: a model as an ONNX file. */
#include "export/onnx.h"
#include "task/task.h"
#include "util/error.h"
#include "util/file.h"

static lode_status run(const lode_args *args, const lode_progress *progress) {
    const char *out = lode_arg(args, "out");
    LODE_TRY(lode_file_check_output(out));
    LODE_TRY(lode_progress_report(progress, 0, "writing ONNX"));
    lode_model *model;
    LODE_TRY(lode_model_open(lode_arg(args, "model"), &model));
    lode_status status = lode_export_onnx(model, out);
    if (status == LODE_OK) {
        json_t *bands = json_array(), *result = lode_arg_result(args);
        for (int i = 0; i < model->recipe->bands; i++)
            json_array_append_new(bands, json_string(model->recipe->names[i]));
        json_object_set_new(result, "bands", bands);
        json_object_set_new(result, "window", json_integer(2 * lode_model_half_window(model) + 1));
        json_object_set_new(result, "output", json_string(model->head ? "score" : "embedding"));
        status = lode_progress_report(progress, 1, NULL);
    }
    lode_model_close(model);
    return status;
}

static const lode_param params[] = {
    {.name = "model",
     .kind = LODE_KIND_MODEL,
     .label = "Model",
     .help = "Model file (.lode).",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    {.name = "out",
     .kind = LODE_KIND_FILE_OUT,
     .label = "ONNX file",
     .help = "File to write.",
     .extension = "onnx",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    LODE_PARAM_END,
};

const lode_task lode_task_export = {
    .name = "export",
    .title = "Export a model to ONNX",
    .group = "3 Map",
    .summary = "Write preprocessing, encoder and head as one ONNX file for other software.",
    .help = "The ONNX file does what 'lode predict' does for the band 'score': raw element values "
            "of a window or tile go in, scores come out; no other preprocessing is needed. Input "
            "'values' is batch x height x width x bands, bands in the order of the file's metadata "
            "entry 'bands', NaN where there is no value. Output 'score' is smaller by the window "
            "less one; it is -9999 where the centre cell has no data.\n\n"
            "A model without a head gives 'embedding' instead.",
    .params = params,
    .run = run,
};

#include "model/pretrain.h"

#include "model/fit.h"
#include "util/error.h"
#include "util/json.h"

static lode_status note(lode_model *model, const lode_stack *stack, json_t *log) {
    const lode_grid *grid = lode_stack_grid(stack);
    json_t *json = json_pack("{ss so si si sf so}", "lode", lode_version(), "stack",
                             lode_json_source(lode_stack_name(stack)), "columns", grid->width,
                             "rows", grid->height, "cell_m", lode_stack_cell_metres(stack), "crs",
                             lode_json_text(grid->crs));
    int failed = !json || json_object_update(json, log) != 0 ||
                 json_object_set(model->provenance, "pretrain", json) != 0;
    json_decref(json);
    return failed ? lode_fail_memory() : LODE_OK;
}

lode_status lode_pretrain_model(lode_stack *stack, const lode_pretrain_options *options,
                                const lode_progress *progress, lode_model *model) {
    lode_encoder *encoder = NULL;
    json_t *log = NULL;
    lode_progress training = lode_progress_part(progress, 0, 0.95);
    lode_progress describing = lode_progress_part(progress, 0.95, 1);
    LODE_TRY(lode_pretrain(stack, model->recipe, options, &training, &encoder, &log));
    lode_encoder_free(model->encoder);
    model->encoder = encoder;
    lode_status status = note(model, stack, log);
    if (status == LODE_OK && lode_cluster_leads(options->cluster))
        status = lode_fit_area(model, stack, options->seed, options->threads, &describing);
    json_decref(log);
    return status;
}

#include "model/train.h"

#include "contrast/pretrain.h"
#include "util/error.h"
#include "util/json.h"

static lode_status note(lode_model *model, const lode_stack *stack, const lode_fit_options *fit,
                        const lode_supervised_options *options, json_t *log) {
    json_t *json =
        json_pack("{ss so so so sI so}", "lode", lode_version(), "stack",
                  lode_json_source(lode_stack_name(stack)), "layer",
                  lode_json_source(fit->deposits), "where", lode_json_text(fit->where), "seed",
                  (json_int_t)options->seed, "views", lode_views_describe(&options->views));
    int failed = !json || json_object_update(json, log) != 0 ||
                 json_object_set(model->provenance, "train", json) != 0;
    json_decref(json);
    return failed ? lode_fail_memory() : LODE_OK;
}

static lode_status draw(lode_stack *stack, const lode_fit_options *fit, int window,
                        const lode_model *model, lode_places *places) {
    lode_deposits *deposits;
    LODE_TRY(lode_deposits_read(fit->deposits, fit->where, stack, model->recipe, &deposits));
    lode_background_options drawing = {.count = (size_t)fit->background,
                                       .exclusion = lode_fit_exclusion(stack, fit->exclusion),
                                       .seed = fit->head.seed,
                                       .threads = fit->head.threads};
    double block =
        fit->block > 0 ? fit->block : lode_places_block_metres(deposits, stack, window / 2);
    lode_status status = lode_places_draw(deposits, stack, model->recipe, &drawing, block, places);
    lode_deposits_free(deposits);
    return status;
}

lode_status lode_train_model(lode_stack *stack, const lode_fit_options *fit,
                             const lode_supervised_options *options, const lode_progress *progress,
                             lode_model *model) {
    const json_t *window = json_object_get(options->hyper, "window");
    lode_progress training = lode_progress_part(progress, 0, 0.8);
    lode_progress describing = lode_progress_part(progress, 0.8, 1);
    lode_places places = {0};
    lode_encoder *encoder = NULL;
    lode_head *head = NULL;
    json_t *log = NULL;
    LODE_TRY(draw(stack, fit, window ? (int)json_integer_value(window) : 33, model, &places));
    lode_status status = lode_supervised_train(stack, model->recipe, &places, options, &training,
                                               &encoder, &head, &log);
    lode_places_free(&places);
    LODE_TRY(status);
    lode_encoder_free(model->encoder);
    lode_head_free(model->head);
    model->encoder = encoder;
    model->head = head;
    status = lode_fit_area(model, stack, options->seed, options->threads, &describing);
    if (status == LODE_OK)
        status = note(model, stack, fit, options, log);
    json_decref(log);
    return status;
}

/* pretrain.c - `lode pretrain`: a self-supervised encoder of a stack. */
#include "model/pretrain.h"
#include "task/pretrain_args.h"
#include "util/error.h"
#include "util/file.h"

static void report(const lode_args *args, const lode_model *model) {
    json_t *result = lode_arg_result(args);
    json_object_update(result, json_object_get(model->provenance, "pretrain"));
    json_object_set_new(result, "parameters",
                        json_integer(lode_encoder_parameters(model->encoder)));
    json_object_set_new(result, "window",
                        json_integer(2 * lode_encoder_half_window(model->encoder) + 1));
}

static lode_status train(const lode_args *args, lode_stack *stack, lode_model *model,
                         const lode_pretrain_options *options, const lode_progress *progress) {
    lode_progress fitting = lode_progress_part(progress, 0, 0.03);
    lode_progress training = lode_progress_part(progress, 0.03, 1);
    LODE_TRY(lode_recipe_from_args(args, stack, &fitting, &model->recipe));
    return lode_pretrain_model(stack, options, &training, model);
}

static lode_status run(const lode_args *args, const lode_progress *progress) {
    int count;
    const char *const *paths = lode_arg_list(args, "stack", &count);
    lode_pretrain_options options;
    json_t *hyper = NULL;
    lode_stack *stack = NULL;
    lode_model *model = NULL;
    LODE_TRY(lode_file_check_output(lode_arg(args, "out")));
    LODE_TRY(lode_pretrain_from_args(args, &options, &hyper));
    lode_status status = lode_stack_open(paths, count, &stack);
    if (status == LODE_OK)
        status = lode_model_create(&model);
    if (status == LODE_OK)
        status = train(args, stack, model, &options, progress);
    if (status == LODE_OK)
        status = lode_model_save(model, lode_arg(args, "out"));
    if (status == LODE_OK)
        report(args, model);
    lode_model_close(model);
    lode_stack_close(stack);
    json_decref(hyper);
    return status;
}

static const lode_param params[] = {
    LODE_PARAM_STACK,
    {.name = "out",
     .kind = LODE_KIND_MODEL_OUT,
     .label = "Model",
     .help = "Model file to write.",
     .extension = "lode",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    LODE_PARAM_BANDS,
    LODE_PARAM_TRANSFORM,
    LODE_PARAM_ENCODER,
    LODE_PARAM_WINDOW,
    LODE_PARAMS_PRETRAIN,
    LODE_PARAM_SEED,
    LODE_PARAM_THREADS,
    LODE_PARAM_END,
};

const lode_task lode_task_pretrain = {
    .name = "pretrain",
    .title = "Pretrain an encoder",
    .group = "2 Learn",
    .summary = "Learn an encoder of places from the stack alone, without any deposit.",
    .help = "Looks at many places twice, each time changed in ways that do not change the geology "
            "(some elements missing, offsets, noise, turned, a little aside), and learns to give "
            "both views of a place similar numbers and other places different ones. The result is "
            "an encoder: a short list of numbers, the embedding, for the square window around "
            "every cell. 'lode fit' then needs only a few known deposits.\n\n"
            "The model file holds the preprocessing, the encoder and how it was made. The same "
            "seed, data and options give the same file with any number of threads.\n\n"
            "With --checkpoint, a training that was interrupted continues where it was.",
    .params = params,
    .run = run,
};

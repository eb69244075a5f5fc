/* pretrain.c - `lode pretrain`: a self-supervised encoder of a stack. */
#include "model/pretrain.h"
#include "task/pretrain_args.h"
#include "util/error.h"

static lode_status train(lode_stack *stack, const void *options, const lode_progress *progress,
                         lode_model *model) {
    return lode_pretrain_model(stack, options, progress, model);
}

static lode_status run(const lode_args *args, const lode_progress *progress) {
    lode_pretrain_options options;
    json_t *hyper = NULL;
    LODE_TRY(lode_model_check_output(lode_arg(args, "out")));
    LODE_TRY(lode_pretrain_from_args(args, &options, &hyper));
    options.cluster = lode_cluster_current();
    lode_status status = lode_train_new(args, train, &options, "pretrain", progress, NULL);
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
            "With --checkpoint, a training that was interrupted continues where it was.\n\n"
            "Under mpirun the processes share every step and the model is the same, bit for bit "
            "with the dense encoder.",
    .cluster = true,
    .params = params,
    .run = run,
};

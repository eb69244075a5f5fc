/* train.c - `lode train`: a network trained on known deposits from end to end. */
#include "model/train.h"

#include <string.h>

#include "task/fit_args.h"
#include "task/pretrain_args.h"
#include "util/error.h"
#include "util/json.h"

static lode_status options_from_args(const lode_args *args, lode_fit_options *fit,
                                     lode_supervised_options *options, json_t **hyper) {
    lode_fit_defaults(fit);
    fit->deposits = lode_arg(args, "deposits");
    fit->where = lode_arg(args, "where");
    fit->exclusion = lode_arg_metres(args, "exclusion");
    fit->background = (int)lode_arg_integer(args, "background");
    fit->block = lode_arg_metres(args, "block");
    lode_supervised_defaults(options);
    options->encoder = lode_arg(args, "encoder");
    options->steps = (int)lode_arg_integer(args, "steps");
    options->batch = (int)lode_arg_integer(args, "batch");
    options->patience = (int)lode_arg_integer(args, "patience");
    options->learning_rate = lode_arg_number(args, "learning-rate");
    options->weight_decay = lode_arg_number(args, "weight-decay");
    options->average = lode_arg_number(args, "average");
    options->checkpoint = lode_arg(args, "checkpoint");
    options->views = lode_views_from_args(args);
    options->seed = fit->head.seed = (uint64_t)lode_arg_integer(args, "seed");
    options->threads = fit->head.threads = (int)lode_arg_integer(args, "threads");
    if (options->batch % 2 != 0)
        return lode_fail(LODE_ERROR_USAGE, "--batch must be even: half of it are deposits.");
    *hyper = json_object();
    if (lode_arg(args, "window"))
        json_object_set_new(*hyper, "window", json_integer(lode_arg_integer(args, "window")));
    if (strcmp(options->encoder, "dense") != 0)
        json_object_set_new(*hyper, "stem", lode_json_text(lode_arg(args, "stem")));
    options->hyper = *hyper;
    return *hyper ? LODE_OK : lode_fail_memory();
}

static void report(const lode_args *args, const lode_model *model) {
    const json_t *train = json_object_get(model->provenance, "train");
    json_t *auc = json_object_get(model->head->choice, "auc");
    json_object_set(lode_arg_result(args), "auc", auc);
    if (json_is_number(auc))
        lode_log(
            LODE_LOG_INFO, "Best at step %d of %d; AUC %.3f on the held-out blocks that chose it.",
            (int)json_integer_value(json_object_get(train, "best_step")),
            (int)json_integer_value(json_object_get(train, "steps_run")), json_number_value(auc));
}

typedef struct both_options {
    lode_fit_options fit;
    lode_supervised_options training;
} both_options;

static lode_status train(lode_stack *stack, const void *context, const lode_progress *progress,
                         lode_model *model) {
    const both_options *options = context;
    return lode_train_model(stack, &options->fit, &options->training, progress, model);
}

static lode_status run(const lode_args *args, const lode_progress *progress) {
    both_options options;
    json_t *hyper = NULL;
    lode_model *model = NULL;
    LODE_TRY(lode_model_check_output(lode_arg(args, "out")));
    LODE_TRY(lode_checkpoint_check(args));
    lode_status status = options_from_args(args, &options.fit, &options.training, &hyper);
    if (status == LODE_OK)
        status = lode_train_new(args, train, &options, "train", progress, &model);
    if (status == LODE_OK)
        report(args, model);
    lode_model_close(model);
    json_decref(hyper);
    return status;
}

static const lode_param params[] = {
    LODE_PARAM_STACK,
    LODE_PARAM_DEPOSITS,
    {.name = "out",
     .kind = LODE_KIND_MODEL_OUT,
     .label = "Model",
     .help = "Model file to write.",
     .extension = "lode",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    LODE_PARAM_WHERE,
    LODE_PARAM_BANDS,
    LODE_PARAM_TRANSFORM,
    {.name = "encoder",
     .kind = LODE_KIND_CHOICE,
     .label = "Network",
     .help = "Network to train: the dense encoder, ResNet-50 or MobileNetV2.",
     .initial = "mobilenetv2",
     .choices = LODE_ENCODER_NAMES,
     .labels = LODE_ENCODER_LABELS},
    LODE_PARAM_WINDOW,
    {.name = "stem",
     .kind = LODE_KIND_CHOICE,
     .label = "Stem",
     .help = "First layers of ResNet-50 and MobileNetV2: as published for images of 224 x 224, or "
             "without the first two downsampling steps, which is slower and sees more of a small "
             "window.",
     .initial = "standard",
     .choices = "standard,small",
     .labels = "As published|Less downsampling",
     .flags = LODE_ADVANCED},
    {.name = "steps",
     .kind = LODE_KIND_INTEGER,
     .label = "Training steps",
     .help = "Most steps of the optimiser; training stops earlier when held-out places no longer "
             "gain.",
     .initial = "100",
     .minimum = 1,
     .maximum = 1000000,
     .unit = "steps"},
    {.name = "batch",
     .kind = LODE_KIND_INTEGER,
     .label = "Windows in a step",
     .help = "Half of them are deposits, half background. Even.",
     .initial = "32",
     .minimum = 4,
     .maximum = 4096,
     .unit = "windows",
     .flags = LODE_ADVANCED},
    {.name = "patience",
     .kind = LODE_KIND_INTEGER,
     .label = "Patience",
     .help = "Stop after this many looks at the held-out places (one every 10 steps) without a "
             "better loss. 0 never stops early.",
     .initial = "4",
     .minimum = 0,
     .maximum = 100000,
     .flags = LODE_ADVANCED},
    {.name = "learning-rate",
     .kind = LODE_KIND_NUMBER,
     .label = "Learning rate",
     .help = "Peak step size of AdamW, reached after a tenth of the steps and lowered by a cosine.",
     .initial = "0.001",
     .minimum = 1e-8,
     .maximum = 10,
     .flags = LODE_ADVANCED},
    {.name = "weight-decay",
     .kind = LODE_KIND_NUMBER,
     .label = "Weight decay",
     .help = "Decoupled weight decay of AdamW.",
     .initial = "0.05",
     .minimum = 0,
     .maximum = 10,
     .flags = LODE_ADVANCED},
    LODE_PARAMS_PLACES,
    LODE_PARAMS_VIEWS,
    LODE_PARAM_AVERAGE,
    LODE_PARAM_CHECKPOINT,
    LODE_PARAM_SEED,
    LODE_PARAM_THREADS,
    LODE_PARAM_END,
};

const lode_task lode_task_train = {
    .name = "train",
    .title = "Train a network on known deposits",
    .group = "2 Learn",
    .summary = "Train ResNet-50, MobileNetV2 or the dense encoder end to end on known deposits.",
    .help = "Supervised training, the usual way to use these networks: windows around known "
            "deposits against windows around background places, in batches that hold as many of "
            "each, augmented like the views of 'lode pretrain'. A fifth of the spatial blocks is "
            "held out; the weights of the best look at them are kept, and the score is calibrated "
            "on them. With --checkpoint, a training that was interrupted continues where it "
            "was.\n\n"
            "With few deposits such networks learn them by heart. 'lode pretrain' followed by "
            "'lode fit' is made for that case; 'lode validate --methods contrastive,mobilenetv2' "
            "compares both on the same folds.",
    .params = params,
    .run = run,
};

/* validate.c - `lode validate`: spatial cross-validation of one or several methods. */
#include "validate/validate.h"

#include <string.h>

#include "task/pretrain_args.h"
#include "task/validate_args.h"
#include "util/error.h"
#include "util/file.h"

static lode_status read_options(const lode_args *args, lode_validate_options *options,
                                json_t **hyper) {
    lode_validate_defaults(options);
    options->methods = lode_arg(args, "methods");
    options->deposits = lode_arg(args, "deposits");
    options->where = lode_arg(args, "where");
    options->samples = lode_arg(args, "samples");
    options->distance_band = lode_arg(args, "distance-band");
    options->folds = (int)lode_arg_integer(args, "folds");
    options->repeats = (int)lode_arg_integer(args, "repeats");
    options->block = lode_arg_metres(args, "block");
    options->buffer = lode_arg_metres(args, "buffer");
    options->exclusion = lode_arg_metres(args, "exclusion");
    options->background = (int)lode_arg_integer(args, "background");
    options->permutations = (int)lode_arg_integer(args, "permutations");
    options->confidence = lode_arg_number(args, "confidence");
    options->resamples = (int)lode_arg_integer(args, "resamples");
    options->train_steps = (int)lode_arg_integer(args, "train-steps");
    options->seed = (uint64_t)lode_arg_integer(args, "seed");
    options->threads = (int)lode_arg_integer(args, "threads");
    options->inductive = strcmp(lode_arg(args, "pretrain-folds"), "inductive") == 0;
    const char *shape = lode_arg(args, "block-shape");
    options->cluster_out = strcmp(shape, "cluster") == 0;
    options->shape = strcmp(shape, "hexagon") == 0 ? LODE_BLOCK_HEXAGON : LODE_BLOCK_SQUARE;
    lode_transform_parse(lode_arg(args, "transform"), &options->transform);
    return lode_pretrain_from_args(args, &options->pretrain, hyper);
}

static lode_status check_outputs(const lode_args *args) {
    LODE_TRY(lode_file_check_output(lode_arg(args, "report")));
    if (!lode_arg(args, "fold-map"))
        return LODE_OK;
    if (strcmp(lode_arg(args, "block-shape"), "cluster") == 0)
        return lode_fail(LODE_ERROR_USAGE, "Clusters of deposits have no blocks: leave --fold-map "
                                           "out, or choose another --block-shape.");
    return lode_file_check_output(lode_arg(args, "fold-map"));
}

static lode_status write_outputs(const lode_args *args, const lode_validation *validation,
                                 lode_stack *stack, const lode_model *model) {
    const char *inputs[64];
    int count, used = 0;
    const char *const *paths = lode_arg_list(args, "stack", &count);
    for (int i = 0; i < count && used < 60; i++)
        inputs[used++] = paths[i];
    inputs[used++] = lode_arg(args, "deposits");
    if (lode_arg(args, "samples"))
        inputs[used++] = lode_arg(args, "samples");
    if (model)
        inputs[used++] = lode_arg(args, "model");
    inputs[used] = NULL;
    lode_report report = {
        .title = "Validation", .command = lode_arg_command(args), .inputs = inputs};
    LODE_TRY(lode_report_write(validation, stack, &report, lode_arg(args, "report")));
    if (lode_arg(args, "fold-map"))
        LODE_TRY(lode_validation_write_folds(validation, stack, lode_arg(args, "fold-map")));
    json_object_update(lode_arg_result(args), validation->json);
    lode_validation_tell(validation);
    return LODE_OK;
}

static lode_status run(const lode_args *args, const lode_progress *progress) {
    lode_validate_options options;
    json_t *hyper = NULL;
    LODE_TRY(check_outputs(args));
    LODE_TRY(read_options(args, &options, &hyper));
    options.cluster = options.pretrain.cluster = lode_cluster_current();
    int count;
    const char *const *paths = lode_arg_list(args, "stack", &count);
    lode_model *model = NULL;
    lode_stack *stack = NULL;
    lode_validation *validation = NULL;
    lode_status status = LODE_OK;
    if (lode_arg(args, "model"))
        status = lode_model_open(lode_arg(args, "model"), &model);
    options.model = model;
    if (status == LODE_OK)
        status = lode_stack_open(paths, count, &stack);
    if (status == LODE_OK)
        status = lode_validate(stack, &options, progress, &validation);
    if (status == LODE_OK && validation)
        status = write_outputs(args, validation, stack, model);
    lode_validation_free(validation);
    lode_stack_close(stack);
    lode_model_close(model);
    json_decref(hyper);
    return status;
}

static const lode_param params[] = {
    LODE_PARAM_STACK,
    LODE_PARAM_DEPOSITS,
    {.name = "report",
     .kind = LODE_KIND_HTML_OUT,
     .label = "Report",
     .help = "HTML file to write; one file, readable without a network.",
     .extension = "html",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    LODE_PARAM_WHERE,
    LODE_PARAM_METHODS,
    {.name = "model",
     .kind = LODE_KIND_MODEL,
     .label = "Pretrained model",
     .help = "Model file whose recipe and encoder are used. Without it an encoder is pretrained "
             "on the stack, without labels."},
    LODE_PARAM_SAMPLES,
    {.name = "distance-band",
     .kind = LODE_KIND_TEXT,
     .label = "Band of sample distances",
     .help =
         "Instead of sample points: band of the stack with the distance to the nearest sample in "
         "metres. It is used like --samples, and no method learns from it. Default: 'sample "
         "distance', which 'lode grid --distance' adds, where the stack has it.",
     .flags = LODE_ADVANCED},
    LODE_PARAM_FOLDS,
    LODE_PARAM_REPEATS,
    {.name = "block",
     .kind = LODE_KIND_DISTANCE,
     .label = "Side of blocks",
     .help = "Side of the spatial blocks that folds never split. Default: the mean spacing of "
             "deposits, never smaller than the window.",
     .minimum = 0,
     .maximum = 1e8},
    {.name = "block-shape",
     .kind = LODE_KIND_CHOICE,
     .label = "Shape of blocks",
     .help = "Squares, hexagons, or leaving out one cluster of deposits (closer together than the "
             "block side) at a time.",
     .initial = "square",
     .choices = "square,hexagon,cluster",
     .labels = "Squares|Hexagons|Clusters of deposits",
     .flags = LODE_ADVANCED},
    {.name = "buffer",
     .kind = LODE_KIND_DISTANCE,
     .label = "Buffer around test deposits",
     .help = "Training places closer than this to a test deposit are left out. Default: one "
             "window, or less when too little would remain (the report says so).",
     .minimum = 0,
     .maximum = 1e8,
     .flags = LODE_ADVANCED},
    {.name = "exclusion",
     .kind = LODE_KIND_DISTANCE,
     .label = "Exclusion around deposits",
     .help = "Background is drawn outside this distance from every deposit. Default: two cells.",
     .minimum = 0,
     .maximum = 1e7,
     .flags = LODE_ADVANCED},
    {.name = "background",
     .kind = LODE_KIND_INTEGER,
     .label = "Background places",
     .help = "Background places drawn in each repeat; training uses at most 1000 of them.",
     .initial = "2000",
     .minimum = 50,
     .maximum = 1000000,
     .flags = LODE_ADVANCED},
    {.name = "permutations",
     .kind = LODE_KIND_INTEGER,
     .label = "Permutations",
     .help = "Control runs with the deposits moved together to random places: what chance gives. "
             "Each takes as long as a repeat.",
     .initial = "0",
     .minimum = 0,
     .maximum = 10000,
     .flags = LODE_ADVANCED},
    {.name = "pretrain-folds",
     .kind = LODE_KIND_CHOICE,
     .label = "Area of the pretraining",
     .help = "whole: the encoder is pretrained once on the whole stack, without labels, test areas "
             "included. inductive: anew for every fold, without its test areas (slow).",
     .initial = "whole",
     .choices = "whole,inductive",
     .labels = "Whole stack, once|Anew for every fold (slow)",
     .flags = LODE_ADVANCED},
    LODE_PARAM_TRANSFORM,
    LODE_PARAM_ENCODER,
    LODE_PARAM_WINDOW,
    LODE_PARAMS_PRETRAIN,
    {.name = "train-steps",
     .kind = LODE_KIND_INTEGER,
     .label = "Training steps of networks",
     .help = "Steps, at most, of the methods resnet50, mobilenetv2 and dense, in every fold.",
     .initial = "100",
     .minimum = 1,
     .maximum = 1000000,
     .flags = LODE_ADVANCED},
    {.name = "confidence",
     .kind = LODE_KIND_NUMBER,
     .label = "Confidence",
     .help = "Of all intervals: 0.9 means that nine in ten such intervals hold the truth.",
     .initial = "0.9",
     .minimum = 0.5,
     .maximum = 0.999,
     .flags = LODE_ADVANCED},
    {.name = "resamples",
     .kind = LODE_KIND_INTEGER,
     .label = "Bootstrap samples",
     .help = "Samples drawn for the intervals.",
     .initial = "1000",
     .minimum = 100,
     .maximum = 1000000,
     .flags = LODE_ADVANCED},
    {.name = "fold-map",
     .kind = LODE_KIND_RASTER_OUT,
     .label = "Map of folds",
     .help = "GeoTIFF of the folds of the first repeat, to look at.",
     .extension = "tif",
     .flags = LODE_ADVANCED},
    LODE_PARAM_SEED,
    LODE_PARAM_THREADS,
    LODE_PARAM_END,
};

const lode_task lode_task_validate = {
    .name = "validate",
    .title = "Validate by spatial blocks",
    .group = "4 Judge",
    .summary = "Cross-validate methods on known deposits in spatial blocks and write a report.",
    .help = "Divides the area into blocks, leaves blocks out in turn, learns from the deposits in "
            "the others and asks how well those left out are found. All methods are judged on the "
            "same folds, with intervals from drawing deposits and repeats anew.\n\n"
            "The report says in words when a result cannot be told from chance, when the density "
            "of sampling alone does as well, and when few or clustered deposits make it fragile.",
    .params = params,
    .cluster = true,
    .run = run,
};

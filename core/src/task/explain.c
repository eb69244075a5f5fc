/* explain.c - `lode explain`: which bands raise and lower the score. */
#include "model/explain.h"

#include "task/inputs.h"

static lode_status run(const lode_args *args, const lode_progress *progress) {
    lode_explain_options options = {.steps = (int)lode_arg_integer(args, "steps"),
                                    .top = lode_arg_number(args, "top") / 100,
                                    .threads = (int)lode_arg_integer(args, "threads")};
    lode_inputs inputs;
    lode_status status = lode_inputs_open(args, &inputs);
    if (status == LODE_OK)
        status = lode_explain(inputs.model, inputs.stack, &options, progress, lode_arg(args, "out"),
                              lode_arg_result(args));
    lode_inputs_close(&inputs);
    return status;
}

static const lode_param params[] = {
    {.name = "model",
     .kind = LODE_KIND_MODEL,
     .label = "Model with head",
     .help = "Model file made by 'lode fit'.",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    LODE_PARAM_STACK,
    {.name = "out",
     .kind = LODE_KIND_RASTER_OUT,
     .label = "Attributions",
     .help = "GeoTIFF to write, one band an element or layer, in log odds.",
     .extension = "tif",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    {.name = "top",
     .kind = LODE_KIND_NUMBER,
     .label = "Share of the area called targets",
     .help = "The summary averages over the best-scoring share of the area.",
     .initial = "5",
     .minimum = 0.001,
     .maximum = 100,
     .unit = "%"},
    {.name = "steps",
     .kind = LODE_KIND_INTEGER,
     .label = "Steps of the path",
     .help = "More steps leave less unexplained and take longer. A model whose head sees no "
             "embedding needs one.",
     .initial = "4",
     .minimum = 1,
     .maximum = 1000,
     .flags = LODE_ADVANCED},
    LODE_PARAM_THREADS,
    LODE_PARAM_END,
};

const lode_task lode_task_explain = {
    .name = "explain",
    .title = "Explain the score",
    .group = "4 Judge",
    .summary = "Map how much each band raises or lowers the score, and sum it up for the targets.",
    .help = "Integrated gradients: walking from the survey's median to each place as it is, the "
            "change of the log odds is divided among the bands, the surroundings in the window "
            "included. The parts add up to the log odds of the score less those of the median; "
            "--json tells how much the finite steps leave unexplained. Positive values raise the "
            "score.\n\n"
            "The result can be given to 'lode targets' as --attribution, which then names the "
            "elements that matter in each target.",
    .params = params,
    .run = run,
};

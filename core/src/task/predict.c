/* predict.c - `lode predict`: a model applied to a stack. */
#include "model/predict.h"

#include "task/inputs.h"

static lode_status run(const lode_args *args, const lode_progress *progress) {
    lode_predict_options options = {.groups = lode_arg(args, "bands"),
                                    .min_valid = lode_arg_number(args, "min-valid"),
                                    .threads = (int)lode_arg_integer(args, "threads")};
    lode_inputs inputs;
    lode_status status = lode_inputs_open(args, &inputs);
    if (status == LODE_OK)
        status =
            lode_predict(inputs.model, inputs.stack, &options, progress, lode_arg(args, "out"));
    lode_inputs_close(&inputs);
    return status;
}

static const lode_param params[] = {
    {.name = "model",
     .kind = LODE_KIND_MODEL,
     .label = "Model",
     .help = "Model file made by 'lode fit', 'lode train' or 'lode pretrain'.",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    LODE_PARAM_STACK,
    {.name = "out",
     .kind = LODE_KIND_RASTER_OUT,
     .label = "Prospectivity map",
     .help = "GeoTIFF to write.",
     .extension = "tif",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    {.name = "bands",
     .kind = LODE_KIND_CHOICES,
     .label = "Bands",
     .help =
         "Bands to write. Without it: score, uncertainty and percentile for a model with a head, "
         "the embedding for one without. uncertainty is the standard deviation of the score over "
         "the members of the head (models of 'lode train' have one member and no such band); "
         "percentile the share of the training area with a lower "
         "score; anomaly a label-free distance from the bulk of the survey; support tells how "
         "unlike the training area a place is (above 1: extrapolation).",
     .choices = "score,uncertainty,percentile,anomaly,support,embedding",
     .labels = "Score|Uncertainty|Percentile|Anomaly|Support|Embedding"},
    {.name = "min-valid",
     .kind = LODE_KIND_NUMBER,
     .label = "Smallest share of valid cells",
     .help = "Smallest share of the cells of a window that must have data for a result.",
     .initial = "0",
     .minimum = 0,
     .maximum = 1,
     .flags = LODE_ADVANCED},
    LODE_PARAM_THREADS,
    LODE_PARAM_END,
};

const lode_task lode_task_predict = {
    .name = "predict",
    .title = "Predict prospectivity",
    .group = "3 Map",
    .summary = "Apply a model to a stack and write the result as a raster.",
    .help = "Writes score, uncertainty, percentile, anomaly, support or embedding bands of a model "
            "over a stack. Bands of the stack are matched by name; a stack that lacks one is "
            "refused. Cells without data stay nodata (-9999).",
    .params = params,
    .run = run,
};

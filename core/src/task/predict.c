/* predict.c - `lode predict`: a model applied to a stack. */
#include "model/predict.h"

#include <stdio.h>

#include "raster/writer.h"
#include "task/inputs.h"
#include "util/error.h"

/* "3/16" -> share 2 of 16. */
static lode_status parse_share(const char *text, lode_predict_options *options) {
    int number, of;
    char rest;
    if (!text)
        return LODE_OK;
    if (sscanf(text, "%d/%d%c", &number, &of, &rest) != 2 || of < 1 || number < 1 || number > of)
        return lode_fail(LODE_ERROR_USAGE,
                         "--share '%s' must be K/N with K from 1 to N, for example 3/16.", text);
    options->share = number - 1;
    options->share_of = of;
    return LODE_OK;
}

static lode_status run(const lode_args *args, const lode_progress *progress) {
    lode_predict_options options = {.groups = lode_arg(args, "bands"),
                                    .min_valid = lode_arg_number(args, "min-valid"),
                                    .threads = (int)lode_arg_integer(args, "threads"),
                                    .compress = lode_arg(args, "compress"),
                                    .cluster = lode_cluster_current(),
                                    .merge = lode_arg_flag(args, "merge")};
    LODE_TRY(parse_share(lode_arg(args, "share"), &options));
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
     .help = "GeoTIFF to write; or, with the ending .vrt, a VRT over GeoTIFFs in the folder "
             "OUT_parts, of which a repeated call computes only those that are missing.",
     .extension = "tif,vrt",
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
    {.name = "compress",
     .kind = LODE_KIND_CHOICE,
     .label = "Compression",
     .help = "Compression of the GeoTIFF. Zstandard is quick and small; programs of before 2018 "
             "read Deflate only; None is the quickest for embeddings, which hardly compress. "
             "Default: Zstandard, or Deflate for a Cloud Optimized GeoTIFF.",
     .choices = LODE_WRITER_COMPRESSIONS,
     .labels = LODE_WRITER_COMPRESSION_LABELS,
     .flags = LODE_ADVANCED},
    {.name = "merge",
     .kind = LODE_KIND_BOOLEAN,
     .label = "Cloud Optimized GeoTIFF",
     .initial = "NO",
     .help =
         "Writes OUT.tif as one Cloud Optimized GeoTIFF with overviews, from parts that are then "
         "deleted.",
     .flags = LODE_ADVANCED},
    {.name = "share",
     .kind = LODE_KIND_TEXT,
     .label = "Share of the parts",
     .help =
         "K/N computes only the K-th of N shares of the parts in OUT_parts, for array jobs; the "
         "same call without it completes the map.",
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
            "refused. Cells without data stay nodata (-9999).\n\n"
            "Under mpirun the processes share the map and the result is the same.",
    .params = params,
    .cluster = true,
    .run = run,
};

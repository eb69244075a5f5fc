/* explain.c - `lode explain`: which bands raise and lower the score. */
#include "model/explain.h"

#include "model/importance.h"
#include "task/inputs.h"
#include "util/error.h"

/* First, because a mistake in the groups or the deposits should not show after the long work. */
static lode_status measure_importance(const lode_args *args, const lode_inputs *inputs,
                                      const lode_progress *progress) {
    lode_importance_options options = {.groups = lode_arg(args, "groups"),
                                       .deposits = lode_arg(args, "deposits"),
                                       .where = lode_arg(args, "where"),
                                       .seed = (uint64_t)lode_arg_integer(args, "seed"),
                                       .threads = (int)lode_arg_integer(args, "threads")};
    if (!options.deposits)
        return lode_arg_given(args, "groups")
                   ? lode_fail(LODE_ERROR_USAGE, "--groups needs the known deposits: --deposits "
                                                 "FILE.")
                   : LODE_OK;
    return lode_importance(inputs->model, inputs->stack, &options, progress, lode_arg_result(args));
}

static lode_status run(const lode_args *args, const lode_progress *progress) {
    lode_explain_options options = {.steps = (int)lode_arg_integer(args, "steps"),
                                    .top = lode_arg_number(args, "top") / 100,
                                    .threads = (int)lode_arg_integer(args, "threads")};
    lode_inputs inputs;
    double share = lode_arg(args, "deposits") ? 0.5 : 0;
    lode_progress relying = lode_progress_part(progress, 0, share);
    lode_progress mapping = lode_progress_part(progress, share, 1);
    lode_status status = lode_inputs_open(args, &inputs);
    if (status == LODE_OK)
        status = lode_explain_check(inputs.model);
    if (status == LODE_OK)
        status = measure_importance(args, &inputs, &relying);
    if (status == LODE_OK)
        status = lode_explain(inputs.model, inputs.stack, &options, &mapping, lode_arg(args, "out"),
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
    {.name = "deposits",
     .kind = LODE_KIND_POINTS,
     .label = "Known deposits",
     .help =
         "Point layer of known deposits, in any CRS: also measures how much the model relies on "
         "groups of bands, by what its AUC at the deposits loses when a group is shuffled."},
    LODE_PARAM_WHERE,
    {.name = "groups",
     .kind = LODE_KIND_TEXT,
     .label = "Groups of bands",
     .help = "associations: bands that rise and fall together in the background; each: every band "
             "alone; or a list: Au,As,Sb;Cu,Pb,Zn, with names if wanted: "
             "pathfinders=As,Sb,Hg;base metals=Cu,Pb,Zn.",
     .initial = "associations"},
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
    LODE_PARAM_SEED,
    LODE_PARAM_THREADS,
    LODE_PARAM_END,
};

const lode_task lode_task_explain = {
    .name = "explain",
    .title = "Explain the score",
    .group = "3 Map",
    .summary = "Map how much each band raises or lowers the score, and sum it up for the targets.",
    .help = "Integrated gradients: walking from the survey's median to each place as it is, the "
            "change of the log odds is divided among the bands, the surroundings in the window "
            "included. The parts add up to the log odds of the score less those of the median; "
            "'unexplained' in the result tells what the finite steps leave. Positive values raise "
            "the score.\n\n"
            "With --deposits, a table tells how much the model relies on groups of bands "
            "(permutation importance): the group is exchanged between places, whole windows at a "
            "time, and the loss of AUC at the deposits is told. Two bands that say the same stand "
            "in for each other when shuffled one by one; put them into one group. Deposits that "
            "the model learned from tell what it uses; only 'lode validate' tells whether that "
            "finds others.\n\n"
            "The result can be given to 'lode targets --attribution', which then names the elements "
            "that matter in each target.",
    .params = params,
    .run = run,
};

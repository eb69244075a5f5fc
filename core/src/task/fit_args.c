#include "task/fit_args.h"

#include <string.h>

static unsigned parse_inputs(const char *list) {
    unsigned inputs = 0;
    if (list && strstr(list, "bands"))
        inputs |= LODE_INPUT_BANDS;
    if (list && strstr(list, "smooth"))
        inputs |= LODE_INPUT_SMOOTH;
    if (list && strstr(list, "embedding"))
        inputs |= LODE_INPUT_EMBEDDING;
    return inputs;
}

void lode_fit_from_args(const lode_args *args, lode_fit_options *options) {
    lode_fit_defaults(options);
    options->deposits = lode_arg(args, "deposits");
    options->where = lode_arg(args, "where");
    options->exclusion = lode_arg_metres(args, "exclusion");
    options->background = (int)lode_arg_integer(args, "background");
    options->block = lode_arg_metres(args, "block");
    options->smooth_radius = (int)lode_arg_integer(args, "smooth");
    options->head.inputs = parse_inputs(lode_arg(args, "inputs"));
    options->head.strength = lode_arg(args, "strength") ? lode_arg_number(args, "strength") : -1;
    options->head.bags = (int)lode_arg_integer(args, "members");
    options->head.seed = (uint64_t)lode_arg_integer(args, "seed");
    options->head.threads = (int)lode_arg_integer(args, "threads");
}

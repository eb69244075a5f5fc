#include "task/inputs.h"

#include "util/error.h"
#include "util/file.h"

lode_status lode_inputs_open(const lode_args *args, lode_inputs *inputs) {
    int count;
    const char *const *paths = lode_arg_list(args, "stack", &count);
    *inputs = (lode_inputs){NULL, NULL};
    LODE_TRY(lode_file_check_output(lode_arg(args, "out")));
    LODE_TRY(lode_model_open(lode_arg(args, "model"), &inputs->model));
    return lode_stack_open(paths, count, &inputs->stack);
}

void lode_inputs_close(lode_inputs *inputs) {
    lode_stack_close(inputs->stack);
    lode_model_close(inputs->model);
}

/* inputs.h - the model and the stack that tasks like fit, predict and explain begin with. */
#ifndef LODE_TASK_INPUTS_H
#define LODE_TASK_INPUTS_H

#include "model/model.h"
#include "task/task.h"

typedef struct lode_inputs {
    lode_model *model;
    lode_stack *stack;
} lode_inputs;

/* Checks that parameter `out` can be written, then opens parameters `model` and `stack`. Close with
 * lode_inputs_close, whatever is returned. */
lode_status lode_inputs_open(const lode_args *args, lode_inputs *inputs);
void lode_inputs_close(lode_inputs *inputs);

#endif

/* args.h - "NAME=VALUE" lists checked against a task's description. */
#ifndef LODE_TASK_ARGS_H
#define LODE_TASK_ARGS_H

#include "task/task.h"

/* Checks names, kinds, ranges, choices and required parameters; fills in defaults. */
lode_status lode_args_create(const lode_task *task, const char *const *options, lode_args **args);
void lode_args_free(lode_args *args);

#endif

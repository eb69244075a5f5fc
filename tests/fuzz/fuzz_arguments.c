/* Options of tasks: the first byte picks the task, the rest are NAME=VALUE lines. Only the check of
 * the options runs, not the task. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_string.h>

#include "task/args.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int tasks = 0;
    while (lode_task_at(tasks))
        tasks++;
    if (size < 1)
        return 0;
    char *text = malloc(size);
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    char **options = CSLTokenizeString2(text, "\n", 0);
    const lode_task *task = lode_task_at(data[0] % tasks);
    lode_args *args;
    if (lode_args_create(task, (const char *const *)options, &args) == LODE_OK) {
        for (const lode_param *param = task->params; param->name; param++) {
            lode_arg_number(args, param->name);
            lode_arg_flag(args, param->name);
            lode_arg_metres(args, param->name);
        }
        lode_args_free(args);
    }
    CSLDestroy(options);
    free(text);
    return 0;
}

/* arguments.h - a command line turned into the "NAME=VALUE" list of lode_task_run. */
#ifndef LODE_CLI_ARGUMENTS_H
#define LODE_CLI_ARGUMENTS_H

#include <stdbool.h>

#include <jansson.h>

typedef struct arguments {
    char **options; /* NULL-terminated */
    int count;
    const char *json; /* --json FILE */
    bool quiet, debug, help;
} arguments;

/* argv[0] is the task's name. False after a message on standard error. */
bool arguments_parse(const json_t *task, int argc, char **argv, arguments *parsed);
void arguments_free(arguments *parsed);

#endif

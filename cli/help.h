/* help.h - help texts made from the task registry. */
#ifndef LODE_CLI_HELP_H
#define LODE_CLI_HELP_H

#include <stdio.h>

#include <jansson.h>

void print_overview(const json_t *tasks);
void print_task_list(const json_t *tasks);
void print_task_help(const json_t *task);
/* "Usage: lode fit MODEL STACK DEPOSITS OUT [options]" */
void print_usage(FILE *out, const json_t *task);
const char *text_of(const json_t *object, const char *key); /* "" when null */

#endif

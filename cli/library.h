/* library.h - liblode, loaded when a task runs. Help and wrong usage need the registry only, which is
 * part of the command; loading GDAL and the hundred libraries it needs takes longer than both. */
#ifndef LODE_CLI_LIBRARY_H
#define LODE_CLI_LIBRARY_H

#include <stdbool.h>

#include "lode/lode.h"

/* Functions of lode.h that the command calls, by their names there without the prefix. */
typedef struct library {
    __typeof__(lode_version) *version;
    __typeof__(lode_error_message) *error_message;
    __typeof__(lode_free) *free;
    __typeof__(lode_set_log) *set_log;
    __typeof__(lode_set_threads) *set_threads;
    __typeof__(lode_set_cluster) *set_cluster;
    __typeof__(lode_task_run) *task_run;
} library;

/* The registry of tasks: the JSON of lode_tasks_json, written into the command when it is built. */
extern const char library_registry[];

/* Loads liblode; NULL when it is missing or of another version, after saying so. */
const library *library_load(void);

#endif

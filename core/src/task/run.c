/* run.c - runs a task by name: checks its arguments, guards the host's locale and GDAL error
 * handler, and hands back what the task measured. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cpl_error.h>
#include <gdal.h>
#include <ogr_api.h>

#include "cluster/cluster.h"
#include "task/args.h"
#include "task/task.h"
#include "util/error.h"
#include "util/json.h"
#include "util/locale.h"
#include "util/memory.h"

/* GDAL's warnings reach the caller's log; its errors become part of our message instead. */
static void CPL_STDCALL forward_gdal(CPLErr level, CPLErrorNum number, const char *text) {
    (void)number;
    if (level == CE_Warning)
        lode_log(LODE_LOG_WARNING, "GDAL: %s", text);
    else if (level == CE_Failure || level == CE_Debug)
        lode_log(LODE_LOG_DEBUG, "GDAL: %s", text);
}

static lode_status dump_result(const json_t *measured, char **result) {
    char *text = json_dumps(measured, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    char *copy = text ? lode_strdup(text) : NULL;
    free(text);
    if (!copy)
        return lode_fail_memory();
    *result = copy;
    return LODE_OK;
}

lode_status lode_task_call(const lode_task *task, const char *const *options,
                           const lode_progress *progress, json_t **result) {
    lode_args *args;
    LODE_TRY(lode_args_create(task, options, &args));
    json_t *measured = lode_arg_result(args);
    json_object_set_new(measured, "lode", json_string(lode_version()));
    json_object_set_new(measured, "command", lode_json_text(lode_arg_command(args)));
    lode_log(LODE_LOG_DEBUG, "%s", lode_arg_command(args));
    lode_status status = task->run(args, progress);
    if (status == LODE_OK && result)
        *result = json_incref(measured);
    lode_args_free(args);
    return status;
}

static lode_status refuse_cluster(const char *name) {
    char list[256] = "";
    for (int i = 0; lode_task_at(i); i++) {
        size_t used = strlen(list);
        if (lode_task_at(i)->cluster)
            snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "",
                     lode_task_at(i)->name);
    }
    return lode_fail(LODE_ERROR_USAGE,
                     "The task '%s' works in one process; start it without mpirun. Tasks that "
                     "several processes can share: %s.",
                     name, list);
}

lode_status lode_task_run(const char *name, const char *const *options, lode_progress_fn function,
                          void *user, char **result) {
    lode_fail(LODE_OK, "%s", "");
    const lode_task *task = name ? lode_task_find(name) : NULL;
    if (!task)
        return lode_fail(LODE_ERROR_USAGE, "There is no task '%s'. 'lode tasks' lists them.",
                         name ? name : "");
    if (lode_cluster_current() && !task->cluster)
        return refuse_cluster(name);
    GDALAllRegister();
    lode_log_forget();
    lode_progress progress = {function, user, 0, 1};
    lode_locale locale = lode_locale_enter();
    CPLPushErrorHandler(forward_gdal);
    CPLErrorReset();
    json_t *measured = NULL;
    time_t begin = time(NULL);
    lode_status status = lode_task_call(task, options, &progress, &measured);
    if (status == LODE_OK && result)
        status = dump_result(measured, result);
    json_decref(measured);
    if (lode_cluster_current())
        lode_log(LODE_LOG_DEBUG, "Waited %.2f of about %.0f seconds for other processes.",
                 lode_cluster_waited(), difftime(time(NULL), begin));
    CPLPopErrorHandler();
    lode_locale_leave(locale);
    return status;
}

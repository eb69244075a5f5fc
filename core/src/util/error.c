#include "util/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cpl_error.h>

#include "util/hash.h"

static _Thread_local char message[2048];
static _Thread_local lode_log_fn log_function;
static _Thread_local void *log_user;

/* Hashes of what was logged since lode_log_forget, so that the parts of a task do not say the same
 * twice. Past so many the oldest may be said again. */
enum { REMEMBERED = 64 };
static _Thread_local uint64_t said[REMEMBERED];
static _Thread_local size_t said_count;

const char *lode_error_message(void) {
    return message;
}

lode_status lode_fail(lode_status status, const char *format, ...) {
    /* A message may quote the one it wraps, so it is composed beside it first. */
    char text[sizeof message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(message, sizeof message, "%s", text);
    return status;
}

lode_status lode_fail_gdal(lode_status status, const char *format, ...) {
    char text[sizeof message];
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *reason = CPLGetLastErrorMsg();
    if (reason && reason[0] && used >= 0 && (size_t)used < sizeof text)
        snprintf(text + used, sizeof text - (size_t)used, " (%s)", reason);
    return lode_fail(status, "%s", text);
}

lode_status lode_fail_memory(void) {
    return lode_fail(LODE_ERROR_MEMORY, "Out of memory. Close other programs, or use fewer threads "
                                        "(--threads) or a smaller raster.");
}

void lode_set_log(lode_log_fn log, void *user) {
    log_function = log;
    log_user = user;
}

void lode_log_forget(void) {
    said_count = 0;
}

static bool said_before(const char *text) {
    uint64_t hash = lode_hash(LODE_HASH_START, text, strlen(text));
    for (size_t i = 0; i < said_count && i < REMEMBERED; i++)
        if (said[i] == hash)
            return true;
    said[said_count++ % REMEMBERED] = hash;
    return false;
}

void lode_log(lode_log_level level, const char *format, ...) {
    if (!log_function)
        return;
    char text[sizeof message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (level == LODE_LOG_DEBUG || !said_before(text))
        log_function(level, text, log_user);
}

/* error.h - the message of the last failure, kept per thread, and the log. */
#ifndef LODE_UTIL_ERROR_H
#define LODE_UTIL_ERROR_H

#include "lode/lode.h"

/* Sets the calling thread's message and returns status, so that `return lode_fail(...)` reads well.
 * Messages name the file, band or option and say what to do. */
lode_status lode_fail(lode_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As lode_fail, with GDAL's own last error on this thread appended in brackets. */
lode_status lode_fail_gdal(lode_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

lode_status lode_fail_memory(void);

/* Sends one line to the log callback of the calling thread; what is no debug line, once a task. */
void lode_log(lode_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A task begins. */
void lode_log_forget(void);

#define LODE_TRY(expression)                                                                       \
    do {                                                                                           \
        lode_status lode_try_status = (expression);                                                \
        if (lode_try_status != LODE_OK)                                                            \
            return lode_try_status;                                                                \
    } while (0)

/* As LODE_TRY, for functions that clean up at a label `done` and return a variable `status`. */
#define LODE_TRY_GOTO(expression)                                                                  \
    do {                                                                                           \
        status = (expression);                                                                     \
        if (status != LODE_OK)                                                                     \
            goto done;                                                                             \
    } while (0)

#endif

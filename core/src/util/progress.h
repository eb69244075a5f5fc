/* progress.h - a caller's progress callback, and parts of it for the steps of a task. */
#ifndef LODE_UTIL_PROGRESS_H
#define LODE_UTIL_PROGRESS_H

#include "lode/lode.h"

typedef struct lode_progress {
    lode_progress_fn function; /* may be NULL */
    void *user;
    double from, to; /* the part of 0..1 that this step fills */
} lode_progress;

/* The part from..to (0..1 of the parent) as a progress of its own. parent may be NULL. */
lode_progress lode_progress_part(const lode_progress *parent, double from, double to);

/* Reports fraction (0..1) of this part; LODE_ERROR_CANCELLED when the caller asks to stop. */
lode_status lode_progress_report(const lode_progress *progress, double fraction,
                                 const char *message);

#endif

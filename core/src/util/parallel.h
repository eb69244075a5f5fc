/* parallel.h - a loop over independent items on several threads. */
#ifndef LODE_UTIL_PARALLEL_H
#define LODE_UTIL_PARALLEL_H

#include <stddef.h>

#include "util/progress.h"

/* Handles one item. worker (0..threads-1) picks the worker's own scratch memory. Items must be
 * independent: their order and worker are not fixed. */
typedef lode_status (*lode_work_fn)(void *context, size_t item, int worker);

/* Number of threads to use for a --threads value: itself, or all processors for 0 or less. */
int lode_thread_count(int requested);

/* Runs fn for items 0..items-1. The calling thread reports progress (may be NULL) every 100 ms and
 * stops the loop when cancelled; a single item should therefore take well under a second. The first
 * failure by item number that was seen stops the loop and becomes the caller's error. */
lode_status lode_parallel_for(size_t items, int threads, lode_work_fn fn, void *context,
                              const lode_progress *progress, const char *message);

#endif

/* parallel.h - a loop over independent items on several threads. */
#ifndef LODE_UTIL_PARALLEL_H
#define LODE_UTIL_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>

#include "util/progress.h"

/* Handles one item. worker (0..threads-1) picks the worker's own scratch memory. Items must be
 * independent: their order and worker are not fixed. */
typedef lode_status (*lode_work_fn)(void *context, size_t item, int worker);

/* Number of threads to use for a --threads value: itself, or all processors for 0 or less. */
int lode_thread_count(int requested);

/* Runs fn for items 0..items-1. The calling thread reports progress (may be NULL) every 100 ms and
 * stops the loop when cancelled; a single item should therefore take well under a second, or ask
 * lode_parallel_stopped. The first
 * failure by item number that was seen stops the loop and becomes the caller's error. */
lode_status lode_parallel_for(size_t items, int threads, lode_work_fn fn, void *context,
                              const lode_progress *progress, const char *message);

/* True when the loop whose item the calling thread works on, or a loop around it, was cancelled or
 * has failed: the item then returns lode_parallel_give_up(). False outside a loop. */
bool lode_parallel_stopped(void);
/* LODE_ERROR_CANCELLED. */
lode_status lode_parallel_give_up(void);

#endif

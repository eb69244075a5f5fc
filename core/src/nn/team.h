/* team.h - a team of threads kept for the many short parallel steps of a network.
 *
 * lode_parallel_for starts threads for each loop, which is right for seconds of work and wrong for
 * the few hundred sub-millisecond loops of a training step. A team's threads live as long as the
 * team. Items write to disjoint memory, and sums that cross items are made afterwards in item
 * order, so results never depend on the number of threads. */
#ifndef LODE_NN_TEAM_H
#define LODE_NN_TEAM_H

#include <stddef.h>

#include "lode/lode.h"

typedef struct lode_team lode_team;

/* worker: 0..threads-1, for scratch memory. Items cannot fail: they compute in memory given. */
typedef void (*lode_team_fn)(void *context, size_t item, int worker);

/* threads as in --threads: 0 means all processors. */
lode_status lode_team_create(int threads, lode_team **team);
void lode_team_free(lode_team *team);
/* 1 for NULL, which means: the calling thread only. */
int lode_team_threads(const lode_team *team);
/* Runs fn for items 0..items-1; the calling thread takes part. One caller at a time. */
void lode_team_run(lode_team *team, size_t items, lode_team_fn fn, void *context);
/* A loop within an item that lode_team_run gave to `worker`: fn for units 0..units-1. Threads that
 * find no item left help, so that the last items do not keep them waiting. The units get the worker
 * that runs them. fn must not share again. */
void lode_team_share(lode_team *team, int worker, size_t units, lode_team_fn fn, void *context);

#endif

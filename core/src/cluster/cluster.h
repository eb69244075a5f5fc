/* cluster.h - processes that run one task together (lode_cluster in lode.h), and what tasks ask of
 * them. A NULL cluster is one process alone: every function below then does the obvious thing, so
 * that code need not ask.
 *
 * Two ways to share work. Items that are independent (parts of a map, folds) are given out one by
 * one to whoever asks: lode_cluster_share. Steps that belong together (training) divide their items
 * in equal runs: lode_cluster_first. */
#ifndef LODE_CLUSTER_CLUSTER_H
#define LODE_CLUSTER_CLUSTER_H

#include <stdbool.h>

#include "util/progress.h"

/* What lode_set_cluster was given; NULL for one process alone. */
const lode_cluster *lode_cluster_current(void);
int lode_cluster_size(const lode_cluster *cluster);
bool lode_cluster_leads(const lode_cluster *cluster); /* rank 0, or alone */

/* First of `items` items that belong to rank; its run ends where that of rank + 1 begins. */
int lode_cluster_first(const lode_cluster *cluster, int items, int rank);

/* Waits for a request of the cluster, reporting at progress's `from` so that it can be cancelled. A
 * NULL request is a failure to start. */
lode_status lode_cluster_wait(const lode_cluster *cluster, void *request,
                              const lode_progress *progress);
/* Seconds that this process has waited for others. */
double lode_cluster_waited(void);
/* Completes base in every process: rank r has the bytes at[r]..at[r + 1]. */
lode_status lode_cluster_gather(const lode_cluster *cluster, void *base, const size_t *at,
                                const lode_progress *progress);
/* The same for `items` items of `size` bytes of which every rank has its run. */
lode_status lode_cluster_gather_items(const lode_cluster *cluster, void *base, int items,
                                      size_t size, const lode_progress *progress);
/* Returns when every process has come here. */
lode_status lode_cluster_meet(const lode_cluster *cluster, const lode_progress *progress);
/* Rank 0's bytes in every process. */
lode_status lode_cluster_tell(const lode_cluster *cluster, void *bytes, size_t size,
                              const lode_progress *progress);

/* Handles one item. */
typedef lode_status (*lode_share_fn)(void *context, int64_t item, const lode_progress *progress);
/* Runs fn for those of the items 0..items-1 that this process gets; every item goes to exactly one.
 * Returns when all processes are through. Every process must call it. */
lode_status lode_cluster_share(const lode_cluster *cluster, int64_t items, lode_share_fn fn,
                               void *context, const lode_progress *progress, const char *message);

#endif

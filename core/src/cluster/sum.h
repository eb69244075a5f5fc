/* sum.h - sums over all processes of a cluster in a fixed order, made while other work goes on.
 *
 * MPI's own all-reduce adds in an order that depends on the number of processes. Here every process
 * gets one slice of all parts, adds them in the order of the parts, and hands its sums out: the
 * same bits for any number of processes. Bytes sent by a process that holds p of P parts of n
 * values: (p + 1) n, times the share of the other processes in the work; with one part each that is
 * what a ring all-reduce sends. */
#ifndef LODE_CLUSTER_SUM_H
#define LODE_CLUSTER_SUM_H

#include "cluster/cluster.h"

/* The items (tiles) of a training step and how they are divided: each process has its run of every
 * group (view), lode_cluster_first(cluster, items, rank). Samples of a step are numbered group by
 * group. */
typedef struct lode_division {
    const lode_cluster *cluster; /* NULL: one process has all, and there is nothing to sum */
    int groups, items;
} lode_division;

/* First of this process's items, and how many it has. */
int lode_division_first(const lode_division *division);
int lode_division_own(const lode_division *division);
/* Number in the whole step of this process's sample `sample`. */
int lode_division_sample(const lode_division *division, int sample);

typedef struct lode_sum lode_sum;

/* Begins total[count] = sum over all samples, in their order, of their parts; parts are those of
 * this process's samples. All processes begin the same sums in the same order. parts may change
 * after the return, total is written until lode_sum_end. */
lode_status lode_sum_begin(const lode_division *division, const float *const *parts, size_t count,
                           float *total, lode_sum **sum);
/* Lets messages through, from time to time, on the thread that began it. */
void lode_sum_poll(lode_sum *sum);
/* Second half of a sum, begun while other work goes on; all processes call it at the same point. */
lode_status lode_sum_advance(lode_sum *sum, const lode_progress *progress);
/* Waits for the sum and frees it, whatever is returned. NULL is fine, as above. */
lode_status lode_sum_end(lode_sum *sum, const lode_progress *progress);
/* Frees a sum that nobody waits for, after a failure. */
void lode_sum_drop(lode_sum *sum);

#endif

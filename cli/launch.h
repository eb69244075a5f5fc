/* launch.h - processes that mpirun or srun started together, seen from the command.
 *
 * MPI itself is in a module of its own, lode_mpi.so, loaded only when a launcher started this
 * process as one of several: a plain `lode` neither links nor loads MPI. Two sides: cluster.c
 * belongs to the command, mpi.c is the module. */
#ifndef LODE_CLI_LAUNCH_H
#define LODE_CLI_LAUNCH_H

#include <stdbool.h>

#include "lode/lode.h"

/* What the module provides, as its symbol `lode_mpi_module`. All from the thread that started it.
 */
typedef struct lode_mpi {
    /* Starts MPI. threads: a fair share of this machine's processors. false: not possible. */
    bool (*start)(lode_cluster *cluster, int *threads);
    /* Lets messages through; true when another process has failed and this one should stop. */
    bool (*stopped)(void);
    /* Every process was successful: waits for the others and returns, or does as `fail`. */
    void (*finish)(void);
    /* This process failed, or stopped because another did (text NULL): the first failure is told
     * once, by rank 0, and all processes end with its code. Does not return. */
    void (*fail)(const char *text, int code) __attribute__((noreturn));
} lode_mpi;

#endif

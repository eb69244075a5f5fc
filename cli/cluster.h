/* cluster.h - this command as one of several processes that mpirun or srun started. */
#ifndef LODE_CLI_CLUSTER_H
#define LODE_CLI_CLUSTER_H

#include <stdbool.h>

#include "library.h"

/* Number of this process among those started together, by the launcher's environment variables; 0
 * when it was started alone. Only number 0 should print. */
int cluster_rank(void);
/* All but number 0 print nothing from now on, and errors again after cluster_speak. */
void cluster_hush(void);
void cluster_speak(void);

/* Joins the others, if there are any, and tells liblode. false: not possible; the message has been
 * printed. Once, before the task. */
bool cluster_join(const library *lode);
/* True when another process has failed; called with progress. */
bool cluster_stopped(void);
/* The end of the task: on success waits for the others and returns; else `text` is printed once for
 * all processes and all of them end with `code`. text NULL: it only stopped with others. */
void cluster_leave(bool success, const char *text, int code);

#endif

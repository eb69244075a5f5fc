/* tally.h - what methods counted over the trials, put together from several processes. */
#ifndef LODE_VALIDATE_TALLY_H
#define LODE_VALIDATE_TALLY_H

#include <jansson.h>

#include "cluster/cluster.h"

/* own: objects, at any depth, of integer counts; taken over. *all receives the sum over all
 * processes with keys in alphabetical order, so that it does not depend on who counted what. */
lode_status lode_tally_join(const lode_cluster *cluster, json_t *own, const lode_progress *progress,
                            json_t **all);

#endif

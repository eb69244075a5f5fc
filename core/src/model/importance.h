/* importance.h - how much a model relies on groups of bands: permutation importance.
 *
 * Breiman (2001), Machine Learning 45; of groups: Gregorutti, Michel and Saint-Pierre (2015),
 * Computational Statistics and Data Analysis 90. A group's bands are exchanged between places, a
 * whole window at a time, so that they keep their values and their texture but tell nothing of the
 * place; what the AUC at the known deposits loses is the group's importance. Bands that tell the
 * same stand in for each other when shuffled one by one; as a group they cannot. */
#ifndef LODE_MODEL_IMPORTANCE_H
#define LODE_MODEL_IMPORTANCE_H

#include "model/model.h"
#include "raster/stack.h"

typedef struct lode_importance_options {
    const char *groups;   /* "associations", "each", or lode_band_groups_parse's text */
    const char *deposits; /* known deposits */
    const char *where;    /* OGR SQL condition on them; NULL = all */
    uint64_t seed;
    int threads;
} lode_importance_options;

/* json receives "importance": {"auc": of the model at these places, "deposits", "background",
 * "shuffles", "groups": [{"group", "bands", "auc" when shuffled, "loss", "deviation" of the loss
 * over shuffles}], greatest loss first}; the log a table. Needs a head. */
lode_status lode_importance(const lode_model *model, lode_stack *stack,
                            const lode_importance_options *options, const lode_progress *progress,
                            json_t *json);

#endif

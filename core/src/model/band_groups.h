/* band_groups.h - bands of a model put into groups that are looked at together. */
#ifndef LODE_MODEL_BAND_GROUPS_H
#define LODE_MODEL_BAND_GROUPS_H

#include <stddef.h>

#include "lode/lode.h"

typedef struct lode_band_groups {
    int count;
    int *of;      /* [bands] group of a band */
    char **names; /* [count] "Au, As, Sb", or the name a user gave */
} lode_band_groups;

void lode_band_groups_free(lode_band_groups *groups);

/* "Au,As,Sb;Cu,Pb" or "pathfinders=Au,As,Sb;base metals=Cu,Pb"; bands that are not named make up a
 * last group "all others". Refuses unknown bands and a band in two groups. */
lode_status lode_band_groups_parse(const char *text, const char *const *names, int bands,
                                   lode_band_groups *groups);

/* Every band is a group of its own. */
lode_status lode_band_groups_each(const char *const *names, int bands, lode_band_groups *groups);

/* Associations: bands that rise and fall together over n places, values[n][bands] (NaN = missing).
 * Average-linkage clusters by the absolute Spearman correlation, joined down to LODE_ASSOCIATION.
 * In the order of their first band. */
#define LODE_ASSOCIATION 0.6
lode_status lode_band_groups_associate(const float *values, size_t n, const char *const *names,
                                       int bands, lode_band_groups *groups);

#endif

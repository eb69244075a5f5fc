/* objective.h - the contrastive losses and their gradients, on rows of projections.
 *
 * Rows need not have unit length: every loss compares directions (cosine similarity) and its
 * gradient goes through the normalisation. Results do not depend on the team's number of threads.
 */
#ifndef LODE_CONTRAST_OBJECTIVE_H
#define LODE_CONTRAST_OBJECTIVE_H

#include <stddef.h>

#include "nn/team.h"

/* Where an anchor lies in the raster, in cells. */
typedef struct lode_cell {
    int x, y;
} lode_cell;

/* Memory for rows x columns similarities; made once for the largest batch. */
typedef struct lode_objective lode_objective;
lode_status lode_objective_create(int rows, int columns, int dims, lode_objective **objective);
void lode_objective_free(lode_objective *objective);

/* NT-Xent, Chen et al. 2020 (SimCLR, arXiv:2002.05709, equation 1). z[2n][dims]: rows i and n + i
 * are the two views of anchor i. With s = cosine similarity / temperature, loss = mean over 2n rows
 * of  -s(i, positive) + log sum over k of exp s(i, k), k over all rows but i itself. places (may be
 * NULL): views of two anchors at most `near` cells apart, in both directions, are no negatives of
 * each other and left out of the sum, because the one could have been the jittered positive of the
 * other. dz[2n][dims] receives the gradient. */
double lode_nt_xent(lode_objective *objective, lode_team *team, int n, const lode_cell *places,
                    int near, double temperature, const float *z, float *dz);

/* InfoNCE with a queue, He et al. 2020 (MoCo, arXiv:1911.05722, equation 1): query i against its
 * key (positive) and the `queued` keys of earlier steps (negatives), queue[queued][dims] of unit
 * length. dq[n][dims] receives the gradient; keys get none. */
double lode_info_nce(lode_objective *objective, lode_team *team, int n, double temperature,
                     const float *q, const float *keys, const float *queue, int queued, float *dq);

/* Mean over n of 2 - 2 cos(p, target), Grill et al. 2020 (BYOL, arXiv:2006.07733, equation 2).
 * dp[n][dims] receives the gradient; targets get none. */
double lode_cosine_loss(int n, int dims, const float *p, const float *target, float *dp);

/* Copies rows at unit length; returns nothing for zero rows but zeros. norms (may be NULL) [rows].
 */
void lode_unit_rows(int rows, int dims, const float *values, float *unit, float *norms);

/* Spread of directions, sqrt(1 - |mean unit row|^2): the root of the summed variances of unit rows.
 * Near 1 for directions all over the sphere, 0 when all rows point the same way (a collapsed
 * encoder). */
double lode_spread(int rows, int dims, const float *values);

#endif

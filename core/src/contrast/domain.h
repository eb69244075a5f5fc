/* domain.h - the cells that may be anchors, and tiles drawn around them. */
#ifndef LODE_CONTRAST_DOMAIN_H
#define LODE_CONTRAST_DOMAIN_H

#include "cluster/cluster.h"
#include "contrast/objective.h"
#include "geochem/recipe.h"
#include "raster/stack.h"
#include "util/random.h"

typedef struct lode_domain lode_domain;

/* Reads the stack once, each process of the cluster its share, and notes, in one bit a cell, which
 * cells have data by the recipe's rule and are allowed ([height][width] of 0 and 1, NULL = all).
 * bands: the recipe's bands in the stack. */
lode_status lode_domain_create(lode_stack *stack, const lode_recipe *recipe, const int *bands,
                               const unsigned char *allowed, const lode_cluster *cluster,
                               int threads, const lode_progress *progress, lode_domain **domain);
void lode_domain_free(lode_domain *domain);

int64_t lode_domain_count(const lode_domain *domain);
/* false outside the raster. */
bool lode_domain_has(const lode_domain *domain, int x, int y);
/* A uniform draw among all of them; there must be one. */
lode_cell lode_domain_draw(const lode_domain *domain, lode_random *random);

/* First cell of a square of `side` cells that contains `cell` at a random position and, where the
 * raster is large enough, lies inside the raster. */
lode_cell lode_domain_square(const lode_domain *domain, lode_cell cell, int side,
                             lode_random *random);

#endif

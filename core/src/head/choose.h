/* choose.h - which inputs a head sees, and how strong its ridge is, by inner spatial validation.
 *
 * Every set of inputs (bands, smoothed bands, embedding and their unions) is tried with several
 * ridge strengths on spatial folds inside the training data. No set is best on every survey, and
 * with a few dozen deposits the differences between them are mostly noise; so the best strength of
 * every set is kept and the sets are averaged, each with a share that falls with the distance of
 * its AUC from the best one: exp((AUC - best) / 0.05), 0.05 being about the standard error
 * of an AUC. Sets far behind get nothing. An average of linear heads is one linear head on the
 * union of their inputs. (The idea of pseudo-Bayesian model averaging: Yao et al. 2018, Bayesian
 * Analysis 13.)
 *
 * Of five deposits or fewer none can be held out: the choice is then a prototype (prototype.h) on
 * the embedding, or on the bands of a model without an encoder, unless inputs or a strength are
 * given. */
#ifndef LODE_HEAD_CHOOSE_H
#define LODE_HEAD_CHOOSE_H

#include <stdbool.h>

#include "head/head.h"

enum { LODE_MAX_PARTS = 7 };

/* One averaged head: its log odds count share / spread. */
typedef struct lode_part {
    unsigned inputs;
    double strength;
    double auc;    /* in the inner folds */
    double share;  /* the shares of all parts add up to 1 */
    double spread; /* standard deviation of its held-out log odds */
} lode_part;

typedef struct lode_choice {
    lode_part parts[LODE_MAX_PARTS];
    int count;
    unsigned inputs;       /* of all parts together */
    float *odds;           /* [n] held-out log odds of the average, every inner repeat */
    unsigned char *labels; /* [n] 1 = deposit */
    size_t n;
    bool prototype; /* one part, of no strength; no odds and labels */
    json_t *json;   /* what was tried and taken */
} lode_choice;

/* all[places->n][lode_features_count(full)]. Free with lode_choice_free. */
lode_status lode_choose(const lode_features *full, const float *all, const lode_places *places,
                        const lode_head_options *options, const lode_progress *progress,
                        lode_choice *choice);
void lode_choice_free(lode_choice *choice);

#endif

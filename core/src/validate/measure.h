/* measure.h - from out-of-fold scores to measures with intervals.
 *
 * Scores of different folds come from different models and are not on one scale. So each is first
 * replaced by its rank within its fold: the share of the fold's background that scores lower. All
 * measures of order are computed from these shares, pooled over folds, and averaged over repeats.
 * Intervals come from drawing deposits and repeats with replacement; deposits that lie close
 * together (pool.h) are drawn together, because neighbours are not independent evidence. */
#ifndef LODE_VALIDATE_MEASURE_H
#define LODE_VALIDATE_MEASURE_H

#include "validate/method.h"

/* Out-of-fold scores of one method. */
typedef struct lode_scores {
    const lode_method *method;
    double **score; /* [repeats + permutations][run->n] */
} lode_scores;

/* Adds "methods", "paired" (differences to the first method), and "curve_area" to json. */
lode_status lode_measure(const lode_pool *pool, const lode_scores *scores, int methods,
                         const lode_validate_options *options, const lode_progress *progress,
                         json_t *json);

/* Share of background of its fold that scores lower than each place (ties one half). */
lode_status lode_fold_ranks(const lode_run *run, const double *score, double *rank);

#endif

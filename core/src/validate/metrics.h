/* metrics.h - how well scores tell known deposits from background.
 *
 * Everything that depends on order only is computed from a ranking: the places sorted once by
 * score, with ties known. Weights (NULL = 1 each) make a bootstrap cheap: resampling is
 * reweighting. */
#ifndef LODE_VALIDATE_METRICS_H
#define LODE_VALIDATE_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "lode/lode.h"

typedef struct lode_ranking {
    size_t n;
    size_t *order;       /* [n] places, highest score first */
    unsigned char *last; /* [n] by rank: 1 where the next score is lower (a group of ties ends) */
    unsigned char *deposit; /* [n] by rank */
} lode_ranking;

/* Sorts n places. Scores must be finite; both classes must be present. Free with
 * lode_ranking_free. */
lode_status lode_ranking_create(const double *score, const unsigned char *deposit, size_t n,
                                lode_ranking *ranking);
void lode_ranking_free(lode_ranking *ranking);

/* Area under the ROC curve: the chance that a deposit scores higher than background, ties one half
 * (Hanley and McNeil 1982). NaN when a class has no weight. */
double lode_auc(const lode_ranking *ranking, const double *weight);

/* Average precision: sum of precision times the step in recall, thresholds at distinct scores. */
double lode_average_precision(const lode_ranking *ranking, const double *weight);

/* The success-rate curve: share of deposits captured against the share of area (background) with a
 * score at least as high; straight lines across ties. The area under it is the AUC. Chung and
 * Fabbri (2003), Natural Hazards 30. */
typedef struct lode_curve {
    size_t points;           /* from (0, 0) to (1, 1) */
    double *area, *captured; /* [points], room for ranking->n + 1 given by the caller */
} lode_curve;

void lode_success_curve(const lode_ranking *ranking, const double *weight, lode_curve *curve);
/* Share of deposits in the share `area` of the ground that scores highest. */
double lode_curve_capture(const lode_curve *curve, double area);
/* Where the prediction-area plot's curves cross: the share of deposits captured equals the share of
 * area left out. Returns that share; the area taken is 1 minus it. Yousefi and Carranza (2015),
 * Computers & Geosciences 74. */
double lode_curve_crossing(const lode_curve *curve);

/* Mean squared difference of probability and truth (Brier 1950). */
double lode_brier(const double *probability, const unsigned char *deposit, const double *weight,
                  size_t n);

typedef struct lode_reliability_bin {
    double predicted, observed; /* mean probability, share of deposits; NaN when empty */
    double weight;
} lode_reliability_bin;

/* Equal-width bins of probability 0..1; bin i holds i/bins < p <= (i+1)/bins, the first one 0 too.
 */
void lode_reliability(const double *probability, const unsigned char *deposit, const double *weight,
                      size_t n, int bins, lode_reliability_bin *out);

/* Continuous Boyce index: Spearman correlation between score and the ratio of deposits to area in
 * 101 moving windows a tenth of the score range wide; a run of equal ratios counts once. -1 .. 1,
 * NaN when fewer than three ratios differ. Hirzel et al. (2006), Ecological Modelling 199. */
double lode_boyce(const double *score, const unsigned char *deposit, const double *weight,
                  size_t n);

/* Spearman's rank correlation with average ranks for ties; NaN when a side is constant. */
lode_status lode_spearman(const double *x, const double *y, size_t n, double *correlation);

#endif

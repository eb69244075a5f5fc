/* interval.h - how sure a measured value is. */
#ifndef LODE_VALIDATE_INTERVAL_H
#define LODE_VALIDATE_INTERVAL_H

#include <stddef.h>
#include <stdint.h>

#include "util/progress.h"

typedef struct lode_interval {
    double value, low, high;
} lode_interval;

/* Computes `count` statistics of data in which unit i counts weight[i] times (0, 1, 2, ...). Called
 * from several threads at once; worker (0..threads-1) picks scratch memory. A statistic that the
 * weights leave undefined is NaN. */
typedef void (*lode_statistic_fn)(void *context, const double *weight, int worker, double *values);

typedef struct lode_bootstrap {
    lode_statistic_fn statistic;
    void *context;
    size_t count;       /* statistics computed together */
    size_t units;       /* things that are drawn: deposits, repeats */
    const int *stratum; /* [units] drawing replaces a unit by one of its stratum; NULL = one */
    int resamples;      /* 1000 or more */
    double confidence;  /* 0.9 = 90 % intervals */
    uint64_t seed;
    int threads;
} lode_bootstrap;

/* Bias-corrected and accelerated bootstrap intervals (Efron 1987, JASA 82; acceleration by the
 * jackknife over strata). intervals[count]; value is the statistic with all weights 1. A difference
 * of two methods is a statistic like any other: a paired bootstrap. */
lode_status lode_bootstrap_run(const lode_bootstrap *bootstrap, const lode_progress *progress,
                               lode_interval *intervals);

/* Exact binomial interval (Clopper and Pearson 1934) of successes out of trials. */
lode_interval lode_binomial_interval(double successes, double trials, double confidence);

typedef struct lode_auc_test {
    lode_interval first, second, difference; /* AUC and first - second, normal intervals */
    double p;                                /* two-sided, of no difference */
} lode_auc_test;

/* DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, by mid-ranks (Sun and Xu 2014): two
 * scores of the same n places compared. Pass the same score twice for one AUC. */
lode_status lode_delong(const double *first, const double *second, const unsigned char *deposit,
                        size_t n, double confidence, lode_auc_test *test);

/* Standard normal distribution and its inverse; the inverse of the regularised incomplete beta
 * function: the x with I_x(a, b) = p. */
double lode_normal_below(double z);
double lode_normal_quantile(double p);
double lode_beta_quantile(double p, double a, double b);

#endif

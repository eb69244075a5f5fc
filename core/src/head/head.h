/* head.h - the small supervised part: bagged ridge logistic regressions on features of a place. */
#ifndef LODE_HEAD_HEAD_H
#define LODE_HEAD_HEAD_H

#include <jansson.h>

#include "head/features.h"
#include "model/safetensors.h"

typedef struct lode_head {
    unsigned inputs; /* LODE_INPUT_... the features it reads */
    int smooth_radius;
    int features;         /* length of a weight vector */
    float *score_weights; /* [features] of the log odds that make the score */
    float score_bias;
    int bags;        /* members of the ensemble, each fitted to a bootstrap sample of the places */
    float *weights;  /* [bags][features]; their spread is the uncertainty */
    float *bias;     /* [bags] */
    double strength; /* ridge strength of the heaviest part of the choice */
    double platt_a, platt_b; /* calibrated probability = sigmoid(a * mean log odds + b) */
    float breaks[101];       /* score at percentiles 0..100 of the training area; ascending */
    json_t *choice;          /* how inputs and strength were chosen: candidates with inner scores */
} lode_head;

/* Labelled places for training. */
typedef struct lode_places {
    size_t n;
    int *columns, *rows;    /* [n] cells */
    unsigned char *deposit; /* [n] 1 = known deposit, 0 = background */
    int *block;             /* [n] spatial block of the place; folds never split a block */
} lode_places;

void lode_places_free(lode_places *places);

typedef struct lode_head_options {
    unsigned inputs; /* 0 = let inner spatial validation choose */
    double strength; /* < 0 = let inner spatial validation choose */
    int bags;
    int inner_folds;
    uint64_t seed;
    int threads;
} lode_head_options;

void lode_head_defaults(lode_head_options *options);

/* Fits on features already computed for all inputs: all[n][lode_features_count(full)], where full
 * has every input that may be chosen. *head is new. */
lode_status lode_head_fit(const lode_features *full, const float *all, const lode_places *places,
                          const lode_head_options *options, const lode_progress *progress,
                          lode_head **head);
void lode_head_free(lode_head *head);
/* Room for score_weights, weights and bias, for the features and bags that are set. */
lode_status lode_head_allocate(lode_head *head);

json_t *lode_head_describe(const lode_head *head); /* all but the weights */

/* Score (calibrated probability) and uncertainty (standard deviation of the members' probabilities)
 * of one place from the head's own features x[features]. uncertainty may be NULL. */
void lode_head_score(const lode_head *head, const float *x, float *score, float *uncertainty);
/* Share of the training area (0..100 %) with a lower score. */
float lode_head_percentile(const lode_head *head, float score);
/* Sets breaks from n scores spread over the training area; sorts scores. */
void lode_head_set_breaks(lode_head *head, float *scores, size_t n);

/* A head as JSON and tensors "head.weight", "head.bias", and back. file is for messages. */
lode_status lode_head_store(const lode_head *head, lode_tensors *tensors);
lode_status lode_head_load(const json_t *description, const lode_tensors *tensors, int features,
                           const char *file, lode_head **head);

#endif

/* method.h - the methods that can be compared, behind one interface.
 *
 * A method prepares itself once (features of all places, unlabelled pretraining), then for every
 * trial learns from the training places and scores the test places. */
#ifndef LODE_VALIDATE_METHOD_H
#define LODE_VALIDATE_METHOD_H

#include "head/places.h"
#include "validate/pool.h"

/* What every method may use. */
typedef struct lode_bench {
    lode_stack *stack;
    const lode_recipe *recipe;
    const lode_encoder *encoder;   /* pretrained on the whole stack; NULL when no method wants it */
    const lode_sampling *sampling; /* NULL when not known */
    const lode_pool *pool;
    const lode_validate_options *options;
} lode_bench;

typedef struct lode_method {
    const char *name, *title;
    const char *about; /* one sentence for the report */
    bool pretrained;   /* needs bench->encoder */
    bool probability;  /* scores are probabilities for equally many deposits and background */
    /* Cells around a place that its score depends on; NULL = none. */
    int (*half_window)(const lode_bench *bench);
    lode_status (*prepare)(const lode_bench *bench, const lode_progress *progress, void **state);
    /* score[trial->test_count], higher = more like a deposit; finite. */
    lode_status (*score)(void *state, const lode_bench *bench, const lode_trial *trial,
                         const lode_progress *progress, double *score);
    void (*release)(void *state);
    /* What was chosen over the trials ("inputs": {...}, "bands": {...}); NULL = nothing to say. */
    json_t *(*describe)(const void *state);
} lode_method;

const lode_method *lode_method_find(const char *name);
/* The i-th method of the table, NULL past the end. */
const lode_method *lode_method_at(int index);

/* The labelled training places of a trial; free with lode_places_free. Places keep the blocks of
 * the outer folds; should all training deposits lie in one block, each place is a block of its own.
 */
lode_status lode_trial_places(const lode_trial *trial, lode_places *places);

/* Defined in method_head.c, method_simple.c and method_network.c. */
extern const lode_method lode_method_contrastive, lode_method_logistic;
extern const lode_method lode_method_element, lode_method_sampling;
extern const lode_method lode_method_resnet50, lode_method_mobilenetv2, lode_method_dense;

#endif

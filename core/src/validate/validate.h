/* validate.h - spatial cross-validation of one or several methods on the same folds.
 *
 * `lode validate` and `lode map` call lode_validate() and hand its result to lode_report_write().
 * What is measured and how: docs/validation.md. */
#ifndef LODE_VALIDATE_VALIDATE_H
#define LODE_VALIDATE_VALIDATE_H

#include <jansson.h>

#include "contrast/pretrain.h"
#include "model/model.h"
#include "raster/stack.h"
#include "validate/folds.h"

typedef struct lode_validate_options {
    const char *methods;       /* comma list of names in method.h: "contrastive,logistic,element" */
    const char *deposits;      /* OGR dataset, "name|layername=LAYER" for a layer */
    const char *where;         /* OGR SQL condition on deposits; NULL = all */
    const char *samples;       /* OGR points of the survey's samples; NULL = not known */
    const char *distance_band; /* band of metres to the nearest sample, when samples is NULL; NULL =
                                  "sample distance" where there is one */
    int folds, repeats;        /* every repeat deals new folds and draws new background */
    double block;              /* side of a block in metres; negative = default */
    lode_block_shape shape;
    bool cluster_out;         /* leave one cluster of deposits out instead of dealing blocks */
    double buffer;            /* metres around test deposits without training places; negative =
                                 one window, shortened (and said so) when too little remains */
    double exclusion;         /* metres around deposits without background; negative = default */
    int background;           /* background places in a repeat */
    int permutations;         /* runs with deposits moved to random places; 0 = none */
    double confidence;        /* of intervals, 0.9 */
    int resamples;            /* bootstrap samples */
    const lode_model *model;  /* recipe and encoder to use; NULL = fit and pretrain here */
    lode_transform transform; /* of the recipe when model is NULL */
    bool inductive;           /* pretrain for every fold without its test areas */
    lode_pretrain_options pretrain; /* when model is NULL */
    int train_steps;                /* of the supervised networks, at most; 0 = their default */
    uint64_t seed;
    int threads;
    const lode_cluster *cluster; /* processes that share the trials; NULL = alone */
} lode_validate_options;

void lode_validate_defaults(lode_validate_options *options);

/* What was measured. json is the contract of `lode validate --json` without "lode" and "command":
 * {"folds", "repeats", "block_m", "deposits", "methods": {NAME: {"auc": {"value", "low", "high"},
 * ...}}, "paired": {"contrastive-logistic": {...}}, "warnings": [...], "curves": ...}. */
typedef struct lode_validation {
    json_t *json;
    size_t deposits;                     /* distinct cells with a deposit */
    int *deposit_columns, *deposit_rows; /* [deposits] */
    int *deposit_folds;                  /* [deposits] in the first repeat */
    lode_blocks blocks;                  /* of the first repeat */
    int *block_folds; /* [blocks.across * blocks.down] fold of a block, -1 = none; first repeat.
                         NULL with cluster_out */
} lode_validation;

/* With a cluster, *validation is NULL in all processes but the leading one. */
lode_status lode_validate(lode_stack *stack, const lode_validate_options *options,
                          const lode_progress *progress, lode_validation **validation);
void lode_validation_free(lode_validation *validation);

/* Sends the warnings and the verdict to the log. */
void lode_validation_tell(const lode_validation *validation);

/* Folds of the first repeat as a one-band raster (-9999 = no data) to look at. */
lode_status lode_validation_write_folds(const lode_validation *validation, lode_stack *stack,
                                        const char *path);

/* What the report shows beside the validation; every pointer may be NULL. */
typedef struct lode_report {
    const char *title;
    const char *command;       /* the exact command that repeats the run */
    const char *prospectivity; /* raster with bands score, uncertainty, percentile for the maps */
    const char *const *inputs; /* files whose name, size and SHA-256 are listed; NULL-terminated */
    const json_t *model;       /* lode_model_describe's object */
    const json_t *targets;     /* what `lode targets` measured on the map; NULL = no targets */
} lode_report;

/* Writes one self-contained HTML file. stack is read for the extent and the maps. */
lode_status lode_report_write(const lode_validation *validation, lode_stack *stack,
                              const lode_report *report, const char *path);

#endif

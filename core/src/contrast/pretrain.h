/* pretrain.h - self-supervised contrastive training of an encoder on an unlabelled stack. */
#ifndef LODE_CONTRAST_PRETRAIN_H
#define LODE_CONTRAST_PRETRAIN_H

#include "cluster/cluster.h"
#include "contrast/views.h"
#include "encoder/encoder.h"
#include "geochem/recipe.h"
#include "raster/stack.h"

typedef struct lode_pretrain_options {
    const char *objective; /* "simclr", "moco", "byol" */
    const char *encoder;   /* "dense", "resnet50", "mobilenetv2" */
    const json_t *hyper;   /* encoder hyper-parameters, may be NULL */
    int members;           /* encoders, from seed, seed + 1 ...; more than 1 makes an ensemble */
    int steps;
    int tiles;            /* tiles in a step (dense) */
    int anchors;          /* anchors drawn from each tile (dense), or windows in a step */
    double temperature;   /* 0 = the objective's own: 0.5 for simclr, 0.2 for moco */
    double learning_rate; /* 0 = the encoder's own: 0.003 for dense, 0.001 for the others */
    double weight_decay;
    double average; /* share of the moving average of the weights kept in a step (weights.h); the
                       encoder then gets the average. 0 = the last weights */
    lode_views views;
    uint64_t seed;
    int threads;
    /* Optional: cells[height * width] of the grid, 0 = this cell may not be an anchor (held-out
     * folds, cells far from samples). NULL = every cell with data. */
    const unsigned char *allowed;
    const lode_cluster *cluster; /* processes that share every step; NULL = alone */
    const char *checkpoint;      /* file to continue from and to write now and then; NULL = none */
} lode_pretrain_options;

void lode_pretrain_defaults(lode_pretrain_options *options);

/* The parts of the views as JSON; a new object. */
json_t *lode_views_describe(const lode_views *views);

/* The encoder that training would begin with: it has the final shape, and knows nothing. */
lode_status lode_pretrain_blank(const lode_recipe *recipe, const lode_pretrain_options *options,
                                lode_encoder **encoder);

/* Fails when the encoder's window is larger than the raster. */
lode_status lode_check_window(const lode_stack *stack, const lode_encoder *encoder);

/* Trains and returns a prepared encoder; the caller frees it. log receives {"losses": [...],
 * "anchors": n, ...}: a new JSON object the caller owns. Fails with advice when the loss is not
 * finite or the embedding collapses to a point. */
lode_status lode_pretrain(lode_stack *stack, const lode_recipe *recipe,
                          const lode_pretrain_options *options, const lode_progress *progress,
                          lode_encoder **encoder, json_t **log);

#endif

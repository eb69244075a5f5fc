/* model.h - a model: recipe + encoder (+ head), in memory and as a .lode file. */
#ifndef LODE_MODEL_MODEL_H
#define LODE_MODEL_MODEL_H

#include "encoder/encoder.h"
#include "geochem/recipe.h"
#include "head/head.h"
#include "model/safetensors.h"

struct lode_model {
    lode_recipe *recipe;
    lode_encoder *encoder; /* NULL for a head on bands alone */
    lode_head *head;       /* NULL before `lode fit` */
    json_t *provenance;    /* training provenance: objects "pretrain", "fit" */
    /* Reference of the training area in feature space for anomaly and support; NULL when absent. */
    struct lode_reference *reference;
    char *name; /* file, for messages */
};

/* An empty model; what is put into its members belongs to it. */
lode_status lode_model_create(lode_model **model);
lode_status lode_model_save(const lode_model *model, const char *path);
/* Fails when a model cannot be saved there, or when another sort of file would be lost by it: a
 * stack that was named last, with the name of the model forgotten. */
lode_status lode_model_check_output(const char *path);
/* What the model shows as `embedding` and the head reads: the head's features, or the encoder's
 * embedding when there is no head. */
lode_features lode_model_features(const lode_model *model);

#endif

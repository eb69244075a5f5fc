/* pretrain_args.h - the options of `lode pretrain` that other tasks share. */
#ifndef LODE_TASK_PRETRAIN_ARGS_H
#define LODE_TASK_PRETRAIN_ARGS_H

#include "contrast/pretrain.h"
#include "task/task.h"

#define LODE_PARAM_BANDS                                                                           \
    {                                                                                              \
        .name = "bands", .kind = LODE_KIND_FIELDS, .label = "Bands", .of = "stack",                \
        .help = "Comma list of the stack's bands to use. Default: all."                            \
    }
#define LODE_PARAM_TRANSFORM                                                                       \
    {                                                                                              \
        .name = "transform", .kind = LODE_KIND_CHOICE, .label = "Transform of element bands",      \
        .help =                                                                                    \
            "Centred or isometric log-ratio, logarithm, or none. Other bands are only scaled.",    \
        .initial = "clr", .choices = "clr,ilr,log,none",                                           \
        .labels = "Centred log-ratios|Isometric log-ratios|Logarithm|None"                         \
    }
#define LODE_PARAM_ENCODER                                                                         \
    {                                                                                              \
        .name = "encoder", .kind = LODE_KIND_CHOICE, .label = "Encoder",                           \
        .help =                                                                                    \
            "The dense encoder makes a map in one pass; the others look at each window alone.",    \
        .initial = "dense", .choices = LODE_ENCODER_NAMES, .labels = LODE_ENCODER_LABELS           \
    }
#define LODE_PARAM_WINDOW                                                                          \
    {                                                                                              \
        .name = "window", .kind = LODE_KIND_INTEGER, .label = "Window",                            \
        .help = "Side of the square around a place that decides its embedding, an odd number. "    \
                "Default: 33.",                                                                    \
        .minimum = 5, .maximum = 257, .unit = "cells"                                              \
    }

/* How views are made; also the augmentation of `lode train`. */
#define LODE_PARAMS_VIEWS                                                                          \
    {.name = "channel-dropout",                                                                    \
     .kind = LODE_KIND_NUMBER,                                                                     \
     .label = "Views: channel dropout",                                                            \
     .help = "Probability that a view lacks a channel.",                                           \
     .initial = "0.3",                                                                             \
     .minimum = 0,                                                                                 \
     .maximum = 0.95,                                                                              \
     .flags = LODE_ADVANCED},                                                                      \
        {.name = "perturbation",                                                                   \
         .kind = LODE_KIND_NUMBER,                                                                 \
         .label = "Views: perturbation",                                                           \
         .help = "Standard deviation of the offset that a view gives each scaled channel.",        \
         .initial = "0.5",                                                                         \
         .minimum = 0,                                                                             \
         .maximum = 10,                                                                            \
         .flags = LODE_ADVANCED},                                                                  \
        {.name = "noise",                                                                          \
         .kind = LODE_KIND_NUMBER,                                                                 \
         .label = "Views: noise",                                                                  \
         .help = "Standard deviation of the noise of each scaled value.",                          \
         .initial = "0.1",                                                                         \
         .minimum = 0,                                                                             \
         .maximum = 10,                                                                            \
         .flags = LODE_ADVANCED},                                                                  \
        {.name = "jitter",                                                                         \
         .kind = LODE_KIND_INTEGER,                                                                \
         .label = "Views: jitter",                                                                 \
         .help = "The second view is centred up to this many cells away.",                         \
         .initial = "2",                                                                           \
         .minimum = 0,                                                                             \
         .maximum = 32,                                                                            \
         .unit = "cells",                                                                          \
         .flags = LODE_ADVANCED},                                                                  \
    {                                                                                              \
        .name = "rotate", .kind = LODE_KIND_BOOLEAN, .label = "Views: rotate and mirror",          \
        .help = "NO where direction matters, for example along one structural trend.",             \
        .initial = "YES", .flags = LODE_ADVANCED                                                   \
    }

#define LODE_PARAM_AVERAGE                                                                         \
    {                                                                                              \
        .name = "average", .kind = LODE_KIND_NUMBER, .label = "Weight averaging",                  \
        .help = "Use an exponential moving average of the weights, keeping this share of it in "   \
                "every step, for example 0.95. 0 uses the last weights.",                          \
        .initial = "0", .minimum = 0, .maximum = 0.9999, .flags = LODE_ADVANCED                    \
    }
#define LODE_PARAM_CHECKPOINT                                                                      \
    {                                                                                              \
        .name = "checkpoint", .kind = LODE_KIND_FILE_OUT, .label = "Checkpoint",                   \
        .help = "File that the state of the training is written to now and then. When it exists, " \
                "the training continues from it to the same model.",                               \
        .flags = LODE_ADVANCED                                                                     \
    }

/* Parameters of the training itself, with the defaults of lode_pretrain_defaults. */
#define LODE_PARAMS_PRETRAIN                                                                       \
    {.name = "objective",                                                                          \
     .kind = LODE_KIND_CHOICE,                                                                     \
     .label = "Objective",                                                                         \
     .help = "SimCLR compares the places of a step with each other, MoCo v2 with a queue of "      \
             "earlier ones, BYOL predicts one view from the other.",                               \
     .initial = "simclr",                                                                          \
     .choices = "simclr,moco,byol",                                                                \
     .labels = "SimCLR|MoCo v2|BYOL"},                                                             \
        {.name = "steps",                                                                          \
         .kind = LODE_KIND_INTEGER,                                                                \
         .label = "Training steps",                                                                \
         .help = "Steps of the optimiser.",                                                        \
         .initial = "300",                                                                         \
         .minimum = 1,                                                                             \
         .maximum = 1000000,                                                                       \
         .unit = "steps"},                                                                         \
        {.name = "temperature",                                                                    \
         .kind = LODE_KIND_NUMBER,                                                                 \
         .label = "Temperature",                                                                   \
         .help = "Softness of the comparison. Default: 0.5 for SimCLR, 0.2 for MoCo.",             \
         .minimum = 0.01,                                                                          \
         .maximum = 10,                                                                            \
         .flags = LODE_ADVANCED},                                                                  \
        {.name = "width",                                                                          \
         .kind = LODE_KIND_INTEGER,                                                                \
         .label = "Width",                                                                         \
         .help = "Channels inside the dense encoder, a multiple of 16. Default: 32.",              \
         .minimum = 16,                                                                            \
         .maximum = 1024,                                                                          \
         .flags = LODE_ADVANCED},                                                                  \
        {.name = "depth",                                                                          \
         .kind = LODE_KIND_INTEGER,                                                                \
         .label = "Depth",                                                                         \
         .help = "3 x 3 convolutions of the dense encoder. Default: the fewest that cover the "    \
                 "window.",                                                                        \
         .minimum = 1,                                                                             \
         .maximum = 16,                                                                            \
         .flags = LODE_ADVANCED},                                                                  \
        {.name = "scales",                                                                         \
         .kind = LODE_KIND_INTEGER,                                                                \
         .label = "Scales",                                                                        \
         .help = "Layers of the dense encoder that the embedding reads, from the last back: 1 = "  \
                 "the whole "                                                                      \
                 "surroundings only. Default: all, down to the place itself.",                     \
         .minimum = 1,                                                                             \
         .maximum = 17,                                                                            \
         .flags = LODE_ADVANCED},                                                                  \
        {.name = "context",                                                                        \
         .kind = LODE_KIND_INTEGER,                                                                \
         .label = "Context",                                                                       \
         .help = "The dense encoder also sees block means of the surroundings: 1 at 2 times the "  \
                 "cell size, 2 at 2 and 4 times, 3 at 2, 4 and 8 times. Default: 0.",              \
         .minimum = 0,                                                                             \
         .maximum = 3,                                                                             \
         .flags = LODE_ADVANCED},                                                                  \
        {.name = "dims",                                                                           \
         .kind = LODE_KIND_INTEGER,                                                                \
         .label = "Embedding length",                                                              \
         .help = "Numbers in the embedding of a place, a multiple of 16. Default: 64.",            \
         .minimum = 16,                                                                            \
         .maximum = 1024,                                                                          \
         .flags = LODE_ADVANCED},                                                                  \
        {.name = "tiles",                                                                          \
         .kind = LODE_KIND_INTEGER,                                                                \
         .label = "Tiles in a step",                                                               \
         .help = "Tiles of the stack that the dense encoder sees in a step.",                      \
         .initial = "8",                                                                           \
         .minimum = 1,                                                                             \
         .maximum = 4096,                                                                          \
         .flags = LODE_ADVANCED},                                                                  \
        {.name = "anchors",                                                                        \
         .kind = LODE_KIND_INTEGER,                                                                \
         .label = "Anchors",                                                                       \
         .help = "Places drawn from each tile of the dense encoder, or windows in a step of the "  \
                 "others.",                                                                        \
         .initial = "64",                                                                          \
         .minimum = 2,                                                                             \
         .maximum = 16384,                                                                         \
         .flags = LODE_ADVANCED},                                                                  \
        {.name = "learning-rate",                                                                  \
         .kind = LODE_KIND_NUMBER,                                                                 \
         .label = "Learning rate",                                                                 \
         .help = "Peak step size of AdamW, reached after a tenth of the steps and lowered by a "   \
                 "cosine. Default: 0.003 for the dense encoder, 0.001 for the others.",            \
         .minimum = 1e-8,                                                                          \
         .maximum = 10,                                                                            \
         .flags = LODE_ADVANCED},                                                                  \
        {.name = "ensemble",                                                                       \
         .kind = LODE_KIND_INTEGER,                                                                \
         .label = "Encoders of different seeds",                                                   \
         .help =                                                                                   \
             "Trains this many dense encoders, from seed, seed + 1 ...; the head reads all of "    \
             "them, and the uncertainty includes what depends on the seed. Takes as many "         \
             "times longer.",                                                                      \
         .initial = "1",                                                                           \
         .minimum = 1,                                                                             \
         .maximum = 20,                                                                            \
         .flags = LODE_ADVANCED},                                                                  \
        LODE_PARAMS_VIEWS, LODE_PARAM_AVERAGE, LODE_PARAM_CHECKPOINT

/* Encoders that can be pretrained, as a list of choices. */
#define LODE_ENCODER_NAMES "dense,resnet50,mobilenetv2"
#define LODE_ENCODER_LABELS "Dense|ResNet-50|MobileNetV2"

/* Options from LODE_PARAMS_PRETRAIN, LODE_PARAM_ENCODER, LODE_PARAM_WINDOW and the seed and thread
 * parameters. *hyper receives a new JSON object that options refers to. */
lode_status lode_pretrain_from_args(const lode_args *args, lode_pretrain_options *options,
                                    json_t **hyper);

/* lode_file_check_output for the file of LODE_PARAM_CHECKPOINT, when one is named. */
lode_status lode_checkpoint_check(const lode_args *args);

/* The views by LODE_PARAMS_VIEWS. */
lode_views lode_views_from_args(const lode_args *args);

/* Fits a recipe by the parameters `bands` and `transform`. */
lode_status lode_recipe_from_args(const lode_args *args, lode_stack *stack,
                                  const lode_progress *progress, lode_recipe **recipe);

struct lode_model;

/* Trains a model whose recipe is there; options as the caller of lode_train_new gave them. */
typedef lode_status (*lode_trains_model)(lode_stack *stack, const void *options,
                                         const lode_progress *progress, struct lode_model *model);

/* What the training tasks share: opens `stack`, fits the recipe, has the model trained, saves it as
 * `out`, and puts the number of its weights, its window and the provenance's member `key` into the
 * task's result. *trained (may be NULL) receives the model, for more to be reported; the caller
 * closes it. */
lode_status lode_train_new(const lode_args *args, lode_trains_model train, const void *options,
                           const char *key, const lode_progress *progress,
                           struct lode_model **trained);

#endif

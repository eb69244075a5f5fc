/* fit_args.h - the options of `lode fit` that `lode map` shares. */
#ifndef LODE_TASK_FIT_ARGS_H
#define LODE_TASK_FIT_ARGS_H

#include "model/fit.h"
#include "task/task.h"

/* How background is drawn around deposits, and the blocks of inner validation. */
#define LODE_PARAMS_PLACES                                                                         \
    {.name = "exclusion",                                                                          \
     .kind = LODE_KIND_DISTANCE,                                                                   \
     .label = "Exclusion around deposits",                                                         \
     .help = "Background is drawn outside this distance from every deposit. Default: two cells.",  \
     .minimum = 0,                                                                                 \
     .maximum = 1e7},                                                                              \
        {.name = "background",                                                                     \
         .kind = LODE_KIND_INTEGER,                                                                \
         .label = "Background places",                                                             \
         .help = "Number of background places drawn at random.",                                   \
         .initial = "1000",                                                                        \
         .minimum = 10,                                                                            \
         .maximum = 1000000},                                                                      \
    {                                                                                              \
        .name = "block", .kind = LODE_KIND_DISTANCE, .label = "Side of validation blocks",         \
        .help = "Side of the spatial blocks that validation keeps together. Default: from the "    \
                "spacing of the deposits, never smaller than the window.",                         \
        .minimum = 0, .maximum = 1e8, .flags = LODE_ADVANCED                                       \
    }

#define LODE_PARAMS_FIT                                                                            \
    LODE_PARAMS_PLACES,                                                                            \
        {.name = "inputs",                                                                         \
         .kind = LODE_KIND_CHOICES,                                                                \
         .label = "Inputs of the head",                                                            \
         .help = "What the head sees of a place. Without it, inner validation chooses.",           \
         .choices = "bands,smooth,embedding",                                                      \
         .labels = "Bands|Smoothed bands|Embedding",                                               \
         .flags = LODE_ADVANCED},                                                                  \
        {.name = "strength",                                                                       \
         .kind = LODE_KIND_NUMBER,                                                                 \
         .label = "Ridge strength",                                                                \
         .help =                                                                                   \
             "Penalty on squared weights of standardised inputs. Without it, inner validation "    \
             "chooses.",                                                                           \
         .minimum = 1e-9,                                                                          \
         .maximum = 1e6,                                                                           \
         .flags = LODE_ADVANCED},                                                                  \
        {.name = "smooth",                                                                         \
         .kind = LODE_KIND_INTEGER,                                                                \
         .label = "Smoothing radius",                                                              \
         .help = "Half side of the square over which bands are averaged for the input 'smooth'.",  \
         .initial = "2",                                                                           \
         .minimum = 1,                                                                             \
         .maximum = 50,                                                                            \
         .unit = "cells",                                                                          \
         .flags = LODE_ADVANCED},                                                                  \
    {                                                                                              \
        .name = "members", .kind = LODE_KIND_INTEGER, .label = "Members of the head",              \
        .help = "Heads fitted to bootstrap draws; their spread is the uncertainty.",               \
        .initial = "20", .minimum = 2, .maximum = 1000, .flags = LODE_ADVANCED                     \
    }

/* Options from parameters WHERE, SEED, THREADS, deposits and LODE_PARAMS_FIT. */
void lode_fit_from_args(const lode_args *args, lode_fit_options *options);

#endif

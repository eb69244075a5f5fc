/* validate_args.h - the options of `lode validate` that `lode map` shares. */
#ifndef LODE_TASK_VALIDATE_ARGS_H
#define LODE_TASK_VALIDATE_ARGS_H

#include "task/task.h"

#define LODE_PARAM_METHODS                                                                         \
    {                                                                                              \
        .name = "methods", .kind = LODE_KIND_CHOICES, .label = "Methods",                          \
        .help = "Methods to compare on the same folds; differences are taken to the first one.",   \
        .initial = "contrastive,logistic,element",                                                 \
        .choices = "contrastive,resnet50,mobilenetv2,dense,logistic,element,sampling",             \
        .labels = "Contrastive|Supervised ResNet-50|Supervised MobileNetV2|Supervised dense|"      \
                  "Ridge logistic|Best single element|Sampling density alone"                      \
    }
#define LODE_PARAM_SAMPLES                                                                         \
    {                                                                                              \
        .name = "samples", .kind = LODE_KIND_POINTS, .label = "Sample points",                     \
        .help =                                                                                    \
            "Points where the survey took samples. Background is then drawn no farther from a "    \
            "sample than the deposits lie, and the density of sampling alone is compared as a "    \
            "control."                                                                             \
    }
#define LODE_PARAM_FOLDS                                                                           \
    {                                                                                              \
        .name = "folds", .kind = LODE_KIND_INTEGER, .label = "Folds",                              \
        .help = "Parts into which the blocks are divided; each is left out once.", .initial = "5", \
        .minimum = 2, .maximum = 1000                                                              \
    }
#define LODE_PARAM_REPEATS                                                                         \
    {                                                                                              \
        .name = "repeats", .kind = LODE_KIND_INTEGER, .label = "Repeats",                          \
        .help = "Times the whole validation is done, with new blocks and new background.",         \
        .initial = "4", .minimum = 1, .maximum = 1000                                              \
    }

#endif

/* transform.h - what a transform of a stack and one of a table share. */
#ifndef LODE_TASK_TRANSFORM_H
#define LODE_TASK_TRANSFORM_H

#include "geochem/transform.h"
#include "task/args.h"

typedef struct lode_transform_job {
    const lode_args *args;
    lode_operator operator_;
    const char *transform; /* "clr" */
    int *chosen;           /* [inputs] band or column numbers */
    float *to_ppm;         /* [inputs] */
    char (*symbols)[12]; /* [inputs] element of a table's column, "" for others; NULL for stacks */
    char **parts;        /* [operator parts] "Au" */
    char **names;        /* [outputs] "clr Au" */
    int outputs;
} lode_transform_job;

/* Chooses the inputs out of the names: those of --bands; else the elements for a composition, all
 * for other transforms, and those named like the transform's results for an inverse. */
lode_status lode_transform_choose_inputs(lode_transform_job *job, const char *const *names,
                                         int count, const bool *usable, int *inputs);
/* The parts of the chosen inputs, and the names of the results. For an inverse the parts are those
 * of --parts, else of `stored`, separated by tabs (NULL = unknown). joint stands between the words
 * of a name: ' ' for bands, '_' for columns. */
lode_status lode_transform_name_parts(lode_transform_job *job, const char *const *names,
                                      const char *stored, char joint, int inputs);

lode_status lode_transform_stack(lode_transform_job *job, const lode_progress *progress);
lode_status lode_transform_table(lode_transform_job *job, const lode_progress *progress);

#endif

/* task.h - the task registry: every capability of Lode, described once.
 *
 * The command line, the QGIS algorithms, and the reference pages are all made from these
 * descriptions. To add a task: write core/src/task/NAME.c defining `const lode_task
 * lode_task_NAME`, and add NAME to LODE_TASKS in core/CMakeLists.txt. Nothing else needs to know.
 */
#ifndef LODE_TASK_TASK_H
#define LODE_TASK_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "util/progress.h"

typedef enum lode_kind {
    LODE_KIND_STACK,     /* raster dataset(s) read as one aligned stack; may be repeated */
    LODE_KIND_RASTERS,   /* rasters that need not be aligned */
    LODE_KIND_POINTS,    /* vector layer of points: "dataset" or "dataset|layername=NAME" */
    LODE_KIND_VECTORS,   /* vector layers of any geometry, written the same way */
    LODE_KIND_FIELD,     /* one column of the vector layer named by `of` */
    LODE_KIND_FIELDS,    /* comma list of columns, or of bands when `of` is a stack */
    LODE_KIND_MODEL,     /* .lode file to read */
    LODE_KIND_FILE,      /* any file to read */
    LODE_KIND_MODEL_OUT, /* files and folders to write */
    LODE_KIND_RASTER_OUT,
    LODE_KIND_VECTOR_OUT,
    LODE_KIND_HTML_OUT,
    LODE_KIND_JSON_OUT,
    LODE_KIND_FILE_OUT,
    LODE_KIND_FOLDER_OUT,
    LODE_KIND_NUMBER,
    LODE_KIND_INTEGER,
    LODE_KIND_BOOLEAN,    /* YES or NO; a bare --name on the command line means YES */
    LODE_KIND_CHOICE,     /* one of `choices` */
    LODE_KIND_CHOICES,    /* comma list out of `choices` */
    LODE_KIND_DISTANCE,   /* metres, or with a unit suffix: 500, 500m, 2km */
    LODE_KIND_CRS,        /* EPSG:4326, WKT, PROJ string */
    LODE_KIND_EXTENT,     /* xmin,ymin,xmax,ymax in the CRS of the output */
    LODE_KIND_EXPRESSION, /* OGR SQL WHERE clause over the vector layer named by `of` */
    LODE_KIND_TEXT
} lode_kind;

enum {                      /* lode_param.flags */
       LODE_POSITIONAL = 1, /* given by place on the command line, in registry order */
       LODE_REQUIRED = 2,
       LODE_MULTIPLE = 4, /* may be repeated */
       LODE_ADVANCED = 8  /* folded away in dialogs */
};

typedef struct lode_param {
    const char *name; /* as after "--": lower case, '-' between words */
    lode_kind kind;
    const char *label;       /* short, for a dialog: "Known deposits" */
    const char *help;        /* one or two sentences */
    const char *initial;     /* default as text, NULL when there is none */
    double minimum, maximum; /* for numbers; both 0 = unlimited */
    const char *unit;        /* "cells", "m", "steps"; NULL */
    const char *choices;     /* comma list for CHOICE(S) */
    const char *labels;      /* the choices for people, in the same order, separated by '|' */
    const char *of;          /* parameter a FIELD(S) or EXPRESSION refers to */
    const char *extension;   /* for outputs: "tif", "lode", "gpkg", "vrt,lodeview" */
    unsigned flags;
} lode_param;

/* A file that a task writes into its output folder under a fixed name, so that programs can open it
 * or pass it on: {"score", LODE_KIND_RASTER_OUT, "Prospectivity", "prospectivity.tif"}. */
typedef struct lode_product {
    const char *name;
    lode_kind kind; /* one of the _OUT kinds */
    const char *label;
    const char *file; /* relative to the folder */
} lode_product;

typedef struct lode_args lode_args;

typedef struct lode_task {
    const char *name;             /* "pretrain" */
    const char *title;            /* "Pretrain an encoder" */
    const char *group;            /* "1 Data", "2 Learn", "3 Map", "4 Judge", "5 Print", "Help" */
    const char *summary;          /* one line */
    const char *help;             /* a few plain paragraphs separated by blank lines */
    const lode_param *params;     /* ends with a NULL name */
    bool cluster; /* several processes may run it together, see lode_set_cluster */
    const lode_product *products; /* files in the output folder, ends with a NULL name; or NULL */
    lode_status (*run)(const lode_args *args, const lode_progress *progress);
} lode_task;

/* Parameters that several tasks share word for word. */
#define LODE_PARAM_STACK                                                                           \
    {                                                                                              \
        .name = "stack", .kind = LODE_KIND_STACK, .label = "Raster stack",                         \
        .help =                                                                                    \
            "Aligned multi-band raster, one band an element or layer; several files on one grid "  \
            "may be given. Made by 'lode grid' or 'lode stack'.",                                  \
        .flags = LODE_POSITIONAL | LODE_REQUIRED                                                   \
    }
#define LODE_PARAM_DEPOSITS                                                                        \
    {                                                                                              \
        .name = "deposits", .kind = LODE_KIND_POINTS, .label = "Known deposits",                   \
        .help = "Point layer of known deposits or occurrences, in any CRS.",                       \
        .flags = LODE_POSITIONAL | LODE_REQUIRED                                                   \
    }
#define LODE_PARAM_WHERE                                                                           \
    {                                                                                              \
        .name = "where", .kind = LODE_KIND_EXPRESSION, .label = "Deposit filter",                  \
        .of = "deposits",                                                                          \
        .help = "OGR SQL condition that chooses the deposits to use, for example "                 \
                "\"commodity = 'Gold'\"."                                                          \
    }
#define LODE_PARAM_SEED                                                                            \
    {                                                                                              \
        .name = "seed", .kind = LODE_KIND_INTEGER, .label = "Random seed", .initial = "1",         \
        .help = "Same seed and inputs give the same result.", .minimum = 0,                        \
        .maximum = 4294967295.0, .flags = LODE_ADVANCED                                            \
    }
#define LODE_PARAM_THREADS                                                                         \
    {                                                                                              \
        .name = "threads", .kind = LODE_KIND_INTEGER, .label = "Threads", .initial = "0",          \
        .help = "Threads to use; 0 means all processors. The result does not depend on it.",       \
        .minimum = 0, .maximum = 1024, .flags = LODE_ADVANCED                                      \
    }
#define LODE_PARAM_END                                                                             \
    { .name = NULL }

const lode_task *lode_task_find(const char *name);
/* Runs a task from within another one. options as for lode_task_run; result, when not NULL,
 * receives a reference to what it measured. */
lode_status lode_task_call(const lode_task *task, const char *const *options,
                           const lode_progress *progress, json_t **result);
/* The i-th task in the order they are listed, NULL past the end. */
const lode_task *lode_task_at(int index);
/* "stack", "number" ...: the kind as `lode tasks --json` spells it. */
const char *lode_kind_name(lode_kind kind);

/* ---- Values inside a running task; defaults applied, kinds and ranges already checked ---- */
const char *lode_arg(const lode_args *args, const char *name); /* NULL when not given */
bool lode_arg_given(const lode_args *args, const char *name);  /* by the user, not by default */
/* All values of a repeatable parameter; *count may be NULL. Owned by args, NULL-terminated. */
const char *const *lode_arg_list(const lode_args *args, const char *name, int *count);
double lode_arg_number(const lode_args *args, const char *name); /* 0 when not given */
int64_t lode_arg_integer(const lode_args *args, const char *name);
bool lode_arg_flag(const lode_args *args, const char *name);
/* Metres; negative when not given. */
double lode_arg_metres(const lode_args *args, const char *name);

/* The JSON object that the task fills with what it measured (--json). Borrowed. */
json_t *lode_arg_result(const lode_args *args);
/* The command line that repeats this run: "lode map --seed 1 ...". Owned by args. */
const char *lode_arg_command(const lode_args *args);

#endif

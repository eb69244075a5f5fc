/* lode.h - the public interface of liblode: mineral prospectivity from geochemical rasters.
 *
 * Two levels. Tasks work on files and are what the command line and QGIS show; a task is described
 * once, in the registry, and run by name. Models in memory are what the GDAL driver uses: open a
 * model, ask which bands it needs, and predict a tile.
 *
 * Rules that hold for every function here
 *   - Functions that can fail return a lode_status; LODE_OK is 0. Results leave through the last
 *     parameters and are untouched on failure.
 *   - After a failure lode_error_message() says, for the calling thread, what went wrong with which
 *     file, band or option and what to do.
 *   - Strings are UTF-8. Numbers in strings use '.', whatever the locale of the process.
 *   - The caller owns what a function's comment says it owns, and frees it with the function named.
 *   - Every function may be called from any thread. One open model serves many threads at once.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LODE_LODE_H
#define LODE_LODE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LODE_API __attribute__((visibility("default")))
#else
#define LODE_API
#endif

/* Raised whenever a declaration in this file changes meaning; the QGIS plugin checks it at load. */
#define LODE_ABI 1

/* Value of output pixels that have no result. Finite, because NaN nodata is lost by common tools.
 */
#define LODE_NODATA (-9999.0f)

typedef enum lode_status {
    LODE_OK = 0,
    LODE_ERROR_USAGE = 1,     /* an unknown option, a value out of range, a missing argument */
    LODE_ERROR_IO = 2,        /* a file cannot be opened, read or written */
    LODE_ERROR_DATA = 3,      /* the content of an input does not allow the work */
    LODE_ERROR_MODEL = 4,     /* a model file is damaged, too new, or does not fit the stack */
    LODE_ERROR_MEMORY = 5,    /* an allocation failed */
    LODE_ERROR_CANCELLED = 6, /* the progress callback asked to stop */
    LODE_ERROR_INTERNAL = 7   /* a defect in liblode; please report it */
} lode_status;

typedef enum lode_log_level { LODE_LOG_DEBUG, LODE_LOG_INFO, LODE_LOG_WARNING } lode_log_level;

/* GDAL's progress signature: complete in 0..1, message may be NULL, return 0 to cancel. Called from
 * the thread that called liblode, at least every quarter of a second during long work. */
typedef int (*lode_progress_fn)(double complete, const char *message, void *user);

/* Receives one line without a line end. Called from the thread that called liblode. */
typedef void (*lode_log_fn)(lode_log_level level, const char *message, void *user);

/* "0.1.0" and the ABI number this library was built with. */
LODE_API const char *lode_version(void);
LODE_API int lode_abi(void);

/* What failed last on this thread; "" when nothing did. Valid until the next call on the thread. */
LODE_API const char *lode_error_message(void);

/* Where log lines of calls made from this thread go; NULL drops them. */
LODE_API void lode_set_log(lode_log_fn log, void *user);

/* Frees a string that a function here returned. */
LODE_API void lode_free(void *memory);

/* ---- Tasks ------------------------------------------------------------------------------------
 */

/* The whole registry as JSON: {"lode": version, "tasks": [{"name", "title", "group", "summary",
 * "help", "parameters": [{"name", "kind", "label", "help", "default", "minimum", "maximum", "unit",
 * "choices", "choice_labels", "of", "extension", "positional", "required", "multiple",
 * "advanced"}], "products": [{"name", "kind", "label", "file"}]}]}; choice_labels say the choices
 * in words for people; products are files with fixed names in the output folder. The caller frees
 * *json with lode_free. */
LODE_API lode_status lode_tasks_json(char **json);

/* Runs a task. options is a NULL-terminated list of "NAME=VALUE" with the parameter names of the
 * registry (positional ones too); a parameter that takes several values is repeated. result, when
 * not NULL, receives what the task measured as JSON; the caller frees it with lode_free. */
LODE_API lode_status lode_task_run(const char *task, const char *const *options,
                                   lode_progress_fn progress, void *user, char **result);

/* ---- Several processes ------------------------------------------------------------------------
 */

/* Processes on one or many machines that run the same task together: rank 0..size-1. The host fills
 * this in (the lode command with MPI) and every process gives it to lode_set_cluster before the
 * task. liblode calls the functions from the thread that called lode_task_run only, and in the same
 * order in every process, `take` excepted.
 *
 * A start function returns a request, NULL on failure; memory given must stay as it is until `test`
 * has returned 1 for the request, which is gone then. */
typedef struct lode_cluster {
    int rank, size;
    void *user;
    /* Starts to send the bytes send_at[r]..send_at[r + 1] of send to rank r and to receive what
     * rank r sends here at receive_at[r]..receive_at[r + 1] of receive. The offsets are copied. */
    void *(*exchange)(void *user, const void *send, const size_t *send_at, void *receive,
                      const size_t *receive_at);
    /* Starts to complete base in every process: rank r has the bytes at[r]..at[r + 1]. */
    void *(*gather)(void *user, void *base, const size_t *at);
    /* Starts to fetch the next of the numbers 0, 1, 2 ... that no rank has got in this round.
     * Rounds are numbered upwards and never overlap. */
    void *(*take)(void *user, int64_t round, int64_t *number);
    /* 1 when the request is done, 0 when it is not, -1 when it failed. Also lets others go on. */
    int (*test)(void *user, void *request);
} lode_cluster;

/* From now on tasks are shared with the other processes of the cluster, which must outlive it; NULL
 * ends it. Tasks that cannot be shared refuse. Only the result of rank 0 counts. */
LODE_API void lode_set_cluster(const lode_cluster *cluster);

/* What `--threads 0` means in this process; 0 = all processors it may use. */
LODE_API void lode_set_threads(int threads);

/* ---- Stacks -----------------------------------------------------------------------------------
 */

/* Rasters on one grid, read as one stack of named bands. */
typedef struct lode_stack lode_stack;

/* Opens one or more GDAL datasets that share one grid. A band is named by its description, or by
 * the file's name without extension when a one-band file has none, or "band N". A dataset on
 * another grid is refused with the `lode stack` command that would align it; so is a name that
 * occurs twice, and a raster without a geotransform. */
LODE_API lode_status lode_stack_open(const char *const *paths, int count, lode_stack **stack);
/* As lode_stack_open, but a raster that is located otherwise (GCPs, RPCs) or not at all is fine. */
LODE_API lode_status lode_stack_open_unlocated(const char *const *paths, int count,
                                               lode_stack **stack);
LODE_API void lode_stack_close(lode_stack *stack);

LODE_API int lode_stack_band_count(const lode_stack *stack);
LODE_API const char *lode_stack_band_name(const lode_stack *stack, int band);
/* Numbers (from 0) of the bands called names; refuses a stack that lacks some, naming all of them.
 */
LODE_API lode_status lode_stack_match(const lode_stack *stack, const char *const *names, int count,
                                      int *bands);

/* The open GDAL datasets (GDALDatasetH) of the stack, for their georeferencing and metadata. They
 * belong to the stack; pixels are read with lode_stack_read only, which guards them. */
LODE_API int lode_stack_dataset_count(const lode_stack *stack);
LODE_API void *lode_stack_dataset(const lode_stack *stack, int index);

/* Reads the cells x..x+width-1, y..y+height-1 of the chosen bands (NULL = all, in order) into
 * values[height][width][count], channels last. Cells outside the raster, nodata and non-finite
 * values come out as NaN; scale and offset are applied. Safe from several threads. */
LODE_API lode_status lode_stack_read(lode_stack *stack, int x, int y, int width, int height,
                                     const int *bands, int count, float *values);

/* ---- Models in memory -------------------------------------------------------------------------
 */

typedef struct lode_model lode_model;

/* path is any name GDAL can read (/vsizip/, /vsimem/ ...). Close with lode_model_close. */
LODE_API lode_status lode_model_open(const char *path, lode_model **model);
/* The bytes are copied; name is used in messages only. */
LODE_API lode_status lode_model_open_memory(const void *bytes, size_t size, const char *name,
                                            lode_model **model);
LODE_API void lode_model_close(lode_model *model);

/* Stack bands the model reads, by name and in the order lode_plan_predict expects them. */
LODE_API int lode_model_band_count(const lode_model *model);
LODE_API const char *lode_model_band_name(const lode_model *model, int band);

/* Half-window R in cells: the result at a cell depends on the (2R+1) x (2R+1) cells around it. */
LODE_API int lode_model_half_window(const lode_model *model);

/* Description as JSON (what `lode info --json` writes); the caller frees it with lode_free. */
LODE_API lode_status lode_model_describe(const lode_model *model, char **json);

/* A plan is a chosen list of output bands of one model. groups is a comma list of score,
 * uncertainty, percentile, anomaly, support, embedding; NULL or "" means the first three for a
 * model with a head and the embedding for one without. The model must outlive the plan. A model of
 * 'lode train' has no uncertainty: the default leaves it out, asking for it fails. A plan is
 * immutable: many threads may predict with it. */
typedef struct lode_plan lode_plan;
LODE_API lode_status lode_plan_create(const lode_model *model, const char *groups,
                                      lode_plan **plan);
LODE_API void lode_plan_free(lode_plan *plan);
/* Predictions keep their memory for the next ones with the plan; this gives it back early. */
LODE_API void lode_plan_trim(const lode_plan *plan);
LODE_API int lode_plan_band_count(const lode_plan *plan);
/* "score", "uncertainty", "embedding 1" ...: the description the raster band gets. */
LODE_API const char *lode_plan_band_name(const lode_plan *plan, int band);
/* "score", "embedding", ...: the group the band belongs to. */
LODE_API const char *lode_plan_band_group(const lode_plan *plan, int band);

/* Columns of a raster that lode_plan_predict wants for x .. x + width - 1: *count of them from
 * *first, which may be negative. At least R on each side; the dense encoder computes neighbouring
 * cells together and wants up to some dozens more. */
LODE_API void lode_plan_columns(const lode_plan *plan, int x, int width, int *first, int *count);
/* The same for the rows y .. y + height - 1. */
LODE_API void lode_plan_rows(const lode_plan *plan, int y, int height, int *first, int *count);

/* Evaluates width x height cells, the first in column x and row y of the raster. input: the rows of
 * lode_plan_rows, each of the cells that lode_plan_columns names, each lode_model_band_count()
 * values, channels last, raw stack values, NaN where there is none. min_valid: smallest share
 * (0..1) of window cells with data for a result. output: one plane of height x width per band of
 * the plan, LODE_NODATA where the centre cell has no data. The value at a cell of a raster is the
 * same, bit for bit, whatever x, y, width and height it is computed with. It depends on its window;
 * by rounding alone, about 1e-6, also on its place and on the cells beyond the window. */
LODE_API lode_status lode_plan_predict(const lode_plan *plan, const float *input, int x, int y,
                                       int width, int height, double min_valid, float *output);

/* Reads tiles of a stack and evaluates them, for one thread at a time. A tile that lies right below
 * the last one, in the same columns, goes on where that ended: what both see is read
 * and computed once. plan, stack and numbers (of the model's bands, from lode_stack_match) must
 * outlive the evaluator, which is given back with lode_evaluator_free. */
typedef struct lode_evaluator lode_evaluator;
LODE_API lode_status lode_evaluator_create(const lode_plan *plan, lode_stack *stack,
                                           const int *numbers, double min_valid,
                                           lode_evaluator **evaluator);
LODE_API void lode_evaluator_free(lode_evaluator *evaluator);
/* The cells x .. x + width - 1, y .. y + height - 1, which must lie in the stack; output as for
 * lode_plan_predict, and the same bits. */
LODE_API lode_status lode_evaluator_tile(lode_evaluator *evaluator, int x, int y, int width,
                                         int height, float *output);

/* A rectangle cut into across x down tiles of width x height cells. */
typedef struct lode_tiling {
    int width, height, across, down;
} lode_tiling;
/* How many of them, one below the other, a thread should evaluate before it goes on beside them: as
 * many as GDAL's cache holds blocks of the stack for, so that neighbours need not decode them
 * again, and so few that all threads have some. 1 where tiles share nothing. */
LODE_API int lode_plan_run_length(const lode_plan *plan, lode_stack *stack, const int *numbers,
                                  const lode_tiling *tiling, int threads);

#ifdef __cplusplus
}
#endif
#endif

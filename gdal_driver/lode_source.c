#include "lode_source.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>

#include "lode_chain.h"

struct lode_source {
    const lode_library *library;
    lode_model *model;
    lode_plan *plan;
    lode_stack *stack;          /* as opened; metadata come from it */
    lode_stack *pixels;         /* what cells are read from: stack, or one opened after a fork */
    unsigned forks;             /* of the process when pixels was opened */
    pid_t first_opener, opener; /* processes that opened stack and pixels */
    char **stack_names, *name;
    int bands;    /* of the model's input */
    int *numbers; /* [bands] their numbers in the stack */
    double min_valid;
    atomic_ullong evaluated;
};

/* ---- Opening --------------------------------------------------------------------------------- */

static atomic_uint forks; /* that this process has made or come from, since the first view */

static void count_fork(void) {
    atomic_fetch_add(&forks, 1);
}

static void watch_forks(void) {
    pthread_atfork(NULL, count_fork, count_fork);
}

unsigned lode_source_forks(void) {
    return atomic_load(&forks);
}

static void note_process(lode_source *source) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    source->forks = atomic_load(&forks);
    source->opener = getpid();
}

static bool fail_with_library(const lode_source *source) {
    CPLError(CE_Failure, CPLE_AppDefined, "LODE: %s", source->library->error_message());
    return false;
}

/* liblode reports GDAL's errors as part of its own message. */
static bool quietly(lode_source *source, lode_status status) {
    CPLPopErrorHandler();
    return status == LODE_OK || fail_with_library(source);
}

static bool open_stack(lode_source *source, lode_stack **stack) {
    const lode_library *library = source->library;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    return quietly(source, library->stack_open_unlocated((const char *const *)source->stack_names,
                                                         CSLCount(source->stack_names), stack));
}

static bool match_bands(lode_source *source) {
    const lode_library *library = source->library;
    source->bands = library->model_band_count(source->model);
    VSIFree(source->numbers);
    source->numbers = VSI_CALLOC_VERBOSE((size_t)source->bands + 1, sizeof(int));
    const char **names = VSI_CALLOC_VERBOSE((size_t)source->bands + 1, sizeof(char *));
    if (!source->numbers || !names) {
        VSIFree(names);
        return false;
    }
    for (int i = 0; i < source->bands; i++)
        names[i] = library->model_band_name(source->model, i);
    lode_status status =
        library->stack_match(source->pixels, names, source->bands, source->numbers);
    VSIFree(names);
    return status == LODE_OK || fail_with_library(source);
}

static bool open_parts(lode_source *source, const lode_view *view) {
    const lode_library *library = source->library;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (!quietly(source, library->model_open(view->model, &source->model)))
        return false;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (!quietly(source, library->plan_create(source->model, view->bands, &source->plan)))
        return false;
    source->stack_names = CSLDuplicate(view->stack);
    note_process(source);
    if (!open_stack(source, &source->stack))
        return false;
    source->pixels = source->stack;
    source->first_opener = source->opener;
    source->min_valid = view->min_valid;
    return match_bands(source);
}

lode_source *lode_source_open(const char *name, const lode_view *view) {
    const lode_library *library = lode_library_get();
    lode_source *source = library ? VSI_CALLOC_VERBOSE(1, sizeof *source) : NULL;
    if (!source)
        return NULL;
    source->library = library;
    source->name = CPLStrdup(name);
    bool good = lode_chain_enter(name);
    if (good) {
        good = open_parts(source, view);
        lode_chain_leave();
    }
    if (!good) {
        lode_source_close(source);
        return NULL;
    }
    return source;
}

/* Stacks that another process opened. Closing moves the place in a file that the processes share,
 * so they are left to the end of this one. */
typedef struct left_stack {
    lode_stack *stack;
    struct left_stack *next;
} left_stack;

static void close_or_leave(const lode_source *source, lode_stack *stack, pid_t opener) {
    static _Atomic(left_stack *) left;
    if (opener == getpid()) {
        source->library->stack_close(stack);
        return;
    }
    left_stack *entry = VSICalloc(1, sizeof *entry);
    if (!entry)
        return;
    entry->stack = stack;
    entry->next = atomic_load(&left);
    while (!atomic_compare_exchange_weak(&left, &entry->next, entry))
        continue;
}

static void close_pixels(lode_source *source) {
    if (source->pixels && source->pixels != source->stack)
        close_or_leave(source, source->pixels, source->opener);
    source->pixels = NULL;
}

bool lode_source_close_stack(lode_source *source) {
    bool open = source->stack != NULL;
    close_pixels(source);
    if (open)
        close_or_leave(source, source->stack, source->first_opener);
    source->stack = NULL;
    return open;
}

void lode_source_close(lode_source *source) {
    if (!source)
        return;
    lode_source_close_stack(source);
    if (source->plan)
        source->library->plan_free(source->plan);
    if (source->model)
        source->library->model_close(source->model);
    CPLFree(source->name);
    CSLDestroy(source->stack_names);
    VSIFree(source->numbers);
    VSIFree(source);
}

const lode_library *lode_source_library(const lode_source *source) {
    return source->library;
}

const lode_model *lode_source_model(const lode_source *source) {
    return source->model;
}

const lode_plan *lode_source_plan(const lode_source *source) {
    return source->plan;
}

lode_stack *lode_source_stack(lode_source *source) {
    return source->stack;
}

uint64_t lode_source_evaluated(const lode_source *source) {
    return atomic_load(&((lode_source *)source)->evaluated);
}

bool lode_source_check_cycle(const lode_source *source) {
    return lode_chain_check(source->name);
}

/* ---- After a fork ---------------------------------------------------------------------------- */

static bool same_size(const lode_source *source, lode_stack *other) {
    GDALDatasetH before = source->library->stack_dataset(source->stack, 0);
    GDALDatasetH now = source->library->stack_dataset(other, 0);
    return GDALGetRasterXSize(before) == GDALGetRasterXSize(now) &&
           GDALGetRasterYSize(before) == GDALGetRasterYSize(now);
}

/* A fork leaves both processes with one place in each open file, and each would move it under the
 * other's reads. So both open the stack anew before they next read cells. A VRT in it then opens
 * its files anew as well: GDAL keeps shared sources for the one VRT that opened them, while a
 * source that is not shared takes any open file of that name that is idle, also one from before the
 * fork. */
static bool refresh_pixels(lode_source *source) {
    if (!source->pixels || source->forks == atomic_load(&forks))
        return true;
    close_pixels(source);
    note_process(source);
    char *before = CPLStrdup(CPLGetThreadLocalConfigOption("VRT_SHARED_SOURCE", ""));
    CPLSetThreadLocalConfigOption("VRT_SHARED_SOURCE", "1");
    bool good = open_stack(source, &source->pixels);
    CPLSetThreadLocalConfigOption("VRT_SHARED_SOURCE", before[0] ? before : NULL);
    CPLFree(before);
    if (good && same_size(source, source->pixels))
        return match_bands(source);
    if (good) {
        close_pixels(source);
        CPLError(CE_Failure, CPLE_AppDefined,
                 "LODE: the stack of '%s' has another size since it was opened. Open it again.",
                 source->name);
    }
    return false;
}

/* ---- Evaluating ------------------------------------------------------------------------------ */

lode_evaluator *lode_source_start(const lode_source *source) {
    lode_evaluator *evaluator = NULL;
    lode_status status = source->library->evaluator_create(
        source->plan, source->pixels, source->numbers, source->min_valid, &evaluator);
    return status == LODE_OK ? evaluator : NULL;
}

bool lode_source_tile(lode_source *source, lode_evaluator *evaluator, lode_tile tile, float *planes,
                      char *message, size_t size) {
    const lode_library *library = source->library;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    lode_status status =
        library->evaluator_tile(evaluator, tile.x, tile.y, tile.width, tile.height, planes);
    CPLPopErrorHandler();
    if (status == LODE_ERROR_MEMORY)
        snprintf(message, size,
                 "out of memory for a tile of %d x %d cells and %d bands; choose a smaller "
                 "BLOCK_SIZE.",
                 tile.width, tile.height, source->bands);
    else if (status != LODE_OK)
        snprintf(message, size, "%s", library->error_message());
    else
        atomic_fetch_add(&source->evaluated,
                         (unsigned long long)tile.width * (unsigned long long)tile.height);
    return status == LODE_OK;
}

bool lode_source_begin(lode_source *source) {
    if (!lode_chain_enter(source->name))
        return false;
    if (!source->pixels)
        CPLError(CE_Failure, CPLE_AppDefined, "LODE: the stack of '%s' has been closed.",
                 source->name);
    if (source->pixels && refresh_pixels(source))
        return true;
    lode_chain_leave();
    return false;
}

void lode_source_end(lode_source *source) {
    source->library->plan_trim(source->plan); /* views may stay open and idle for hours */
    lode_chain_leave();
}

static bool evaluate_alone(lode_source *source, lode_tile tile, float *planes) {
    char message[2048];
    lode_evaluator *evaluator = lode_source_start(source);
    if (!evaluator)
        return fail_with_library(source);
    bool good = lode_source_tile(source, evaluator, tile, planes, message, sizeof message);
    source->library->evaluator_free(evaluator);
    if (!good)
        CPLError(CE_Failure, CPLE_AppDefined, "LODE: %s", message);
    return good;
}

bool lode_source_evaluate(lode_source *source, lode_tile tile, float *planes) {
    if (!lode_source_begin(source))
        return false;
    bool good = evaluate_alone(source, tile, planes);
    lode_source_end(source);
    return good;
}

int lode_source_run_length(const lode_source *source, const lode_tiling *tiling, int threads) {
    return source->library->plan_run_length(source->plan, source->pixels, source->numbers, tiling,
                                            threads);
}

#include "lode_source.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_multiproc.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>

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
    int outputs;
    double min_valid;
    atomic_ullong evaluated;
};

/* ---- Views that refer to themselves ----------------------------------------------------------- *
 * A view's stack may be another view, or a VRT over one. The views at work on a thread form a
 * chain; meeting a name twice means a cycle. Worker threads inherit the chain of the thread they
 * serve. */

enum { DEEPEST_CHAIN = 8 };

typedef struct chain {
    const char *names[DEEPEST_CHAIN];
    int depth;
} chain;

static _Thread_local chain at_work;

static bool check_chain(const char *name) {
    bool cycle = at_work.depth == DEEPEST_CHAIN;
    for (int i = 0; i < at_work.depth; i++)
        cycle = cycle || strcmp(at_work.names[i], name) == 0;
    if (cycle)
        CPLError(
            CE_Failure, CPLE_AppDefined,
            "LODE: '%s' reads itself through its stack. Name a stack of measured values in it.",
            name);
    return !cycle;
}

static bool enter_chain(const char *name) {
    bool good = check_chain(name);
    if (good)
        at_work.names[at_work.depth++] = name;
    return good;
}

static void leave_chain(void) {
    at_work.depth--;
}

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
    source->outputs = library->plan_band_count(source->plan);
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
    bool good = enter_chain(name);
    if (good) {
        good = open_parts(source, view);
        leave_chain();
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
    return check_chain(source->name);
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

static lode_status start_evaluator(const lode_source *source, lode_evaluator **evaluator) {
    return source->library->evaluator_create(source->plan, source->pixels, source->numbers,
                                             source->min_valid, evaluator);
}

/* Fills planes; on failure the text of what went wrong goes to `message`. */
static bool evaluate(lode_source *source, lode_evaluator *evaluator, lode_tile tile, float *planes,
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

/* What evaluating needs of a view: its stack open, in this process. */
static bool ready(lode_source *source) {
    if (!source->pixels)
        CPLError(CE_Failure, CPLE_AppDefined, "LODE: the stack of '%s' has been closed.",
                 source->name);
    return source->pixels && refresh_pixels(source);
}

static bool evaluate_alone(lode_source *source, lode_tile tile, float *planes) {
    lode_evaluator *evaluator = NULL;
    char message[2048];
    if (start_evaluator(source, &evaluator) != LODE_OK)
        return fail_with_library(source);
    bool good = evaluate(source, evaluator, tile, planes, message, sizeof message);
    source->library->evaluator_free(evaluator);
    if (!good)
        CPLError(CE_Failure, CPLE_AppDefined, "LODE: %s", message);
    return good;
}

bool lode_source_evaluate(lode_source *source, lode_tile tile, float *planes) {
    if (!enter_chain(source->name))
        return false;
    bool good = ready(source) && evaluate_alone(source, tile, planes);
    source->library->plan_trim(source->plan); /* views may stay open and idle for hours */
    leave_chain();
    return good;
}

/* ---- Several tiles on several threads --------------------------------------------------------- *
 * Tiles right below each other make a run, which one worker evaluates from top to bottom: a tile
 * that follows another costs less. Workers take runs in order and hold the result of each tile
 * until the calling thread has taken it. */

typedef struct place {
    lode_tile tile;
    size_t index;  /* in the caller's list */
    int64_t layer; /* tiles of a run lie in one, and layers are evaluated from top to bottom */
} place;

typedef struct job {
    lode_source *source;
    place *places; /* [count], run after run */
    size_t count, next;
    int threads;
    bool stop;
    char message[2048];
    chain chain;
    char **config; /* thread-local configuration of the calling thread */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
} job;

typedef struct worker {
    job *job;
    CPLJoinableThread *thread;
    lode_evaluator *evaluator;
    float *planes;
    size_t at, end; /* of the worker's run: the place it is at, one past the last */
    bool full;      /* planes hold the tile of place `at` */
} worker;

static bool follows(const place *above, const place *below) {
    return above->layer == below->layer && above->tile.x == below->tile.x &&
           above->tile.y + above->tile.height == below->tile.y;
}

/* Moves on to the next tile, of this run or the next one; false when there is none or the job
 * stops. */
static bool take_tile(worker *self) {
    job *shared = self->job;
    pthread_mutex_lock(&shared->mutex);
    while (self->full && !shared->stop)
        pthread_cond_wait(&shared->changed, &shared->mutex);
    bool more = !shared->stop;
    if (more && self->at + 1 < self->end) {
        self->at++;
    } else if (more && shared->next < shared->count) {
        /* The fewer tiles are left, the fewer at once: so the workers end together. */
        size_t most = (shared->count - shared->next) / (2 * (size_t)shared->threads) + 1;
        self->at = shared->next++;
        while (shared->next < shared->count && shared->next - self->at < most &&
               follows(&shared->places[shared->next - 1], &shared->places[shared->next]))
            shared->next++;
        self->end = shared->next;
    } else {
        more = false;
    }
    pthread_mutex_unlock(&shared->mutex);
    return more;
}

static void work(void *data) {
    worker *self = data;
    job *shared = self->job;
    char message[sizeof shared->message];
    at_work = shared->chain;
    CPLSetThreadLocalConfigOptions((const char *const *)shared->config);
    while (take_tile(self)) {
        bool good = evaluate(shared->source, self->evaluator, shared->places[self->at].tile,
                             self->planes, message, sizeof message);
        pthread_mutex_lock(&shared->mutex);
        self->full = good;
        if (!good && !shared->stop) {
            shared->stop = true;
            memcpy(shared->message, message, sizeof message);
        }
        pthread_cond_broadcast(&shared->changed);
        pthread_mutex_unlock(&shared->mutex);
    }
}

static void wait_a_moment(job *shared) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 100 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_cond_timedwait(&shared->changed, &shared->mutex, &until);
}

/* Takes results as they come; holds the mutex except while user code runs. */
static bool collect(job *shared, worker *workers, int threads, lode_tile_fn take, void *user,
                    GDALProgressFunc progress, void *progress_data) {
    size_t done = 0;
    bool good = true;
    while (good && done < shared->count && !shared->stop) {
        worker *ready = NULL;
        for (int i = 0; i < threads && !ready; i++)
            ready = workers[i].full ? &workers[i] : NULL;
        if (!ready)
            wait_a_moment(shared);
        pthread_mutex_unlock(&shared->mutex);
        if (ready)
            good = take(user, shared->places[ready->at].index, ready->planes);
        done += ready != NULL;
        if (good && progress &&
            !progress((double)done / (double)shared->count, "", progress_data)) {
            CPLError(CE_Failure, CPLE_UserInterrupt, "LODE: stopped by the user.");
            good = false;
        }
        pthread_mutex_lock(&shared->mutex);
        if (ready)
            ready->full = false;
        pthread_cond_broadcast(&shared->changed);
    }
    shared->stop = shared->stop || !good;
    pthread_cond_broadcast(&shared->changed);
    return good && done == shared->count;
}

/* Memory and a thread for each worker; as many as there is memory for. */
static int start_workers(job *shared, worker *workers, int threads) {
    const lode_source *source = shared->source;
    size_t cells = 0;
    for (size_t i = 0; i < shared->count; i++) {
        const lode_tile *tile = &shared->places[i].tile;
        size_t own = (size_t)tile->width * (size_t)tile->height;
        cells = own > cells ? own : cells;
    }
    int started = 0;
    for (; started < threads; started++) {
        worker *next = &workers[started];
        next->job = shared;
        next->planes = VSIMalloc3(cells, (size_t)source->outputs, sizeof(float));
        if (next->planes && start_evaluator(source, &next->evaluator) == LODE_OK)
            next->thread = CPLCreateJoinableThread(work, next);
        if (!next->thread)
            break;
    }
    return started;
}

static void end_workers(const lode_source *source, worker *workers, int threads) {
    for (int i = 0; i < threads; i++)
        if (workers[i].thread)
            CPLJoinThread(workers[i].thread);
    for (int i = 0; i < threads; i++) {
        source->library->evaluator_free(workers[i].evaluator);
        VSIFree(workers[i].planes);
    }
    source->library->plan_trim(source->plan);
}

static bool run_job(job *shared, worker *workers, int threads, lode_tile_fn take, void *user,
                    GDALProgressFunc progress, void *progress_data) {
    int started = start_workers(shared, workers, threads);
    bool good = started > 0;
    if (good) {
        pthread_mutex_lock(&shared->mutex);
        good = collect(shared, workers, started, take, user, progress, progress_data);
        pthread_mutex_unlock(&shared->mutex);
    } else {
        CPLError(CE_Failure, CPLE_OutOfMemory, "LODE: cannot start a thread or get memory for it.");
    }
    end_workers(shared->source, workers, threads);
    if (shared->message[0])
        CPLError(CE_Failure, CPLE_AppDefined, "LODE: %s", shared->message);
    return good && !shared->message[0];
}

/* The smallest grid of tiles that holds them all. */
static lode_tiling tiling_of(const lode_tile *tiles, size_t count) {
    lode_tile all = tiles[0];
    lode_tiling tiling = {.width = 1, .height = 1};
    int right = 0, below = 0;
    for (size_t i = 0; i < count; i++) {
        lode_tile tile = tiles[i];
        all.x = tile.x < all.x ? tile.x : all.x;
        all.y = tile.y < all.y ? tile.y : all.y;
        right = tile.x + tile.width > right ? tile.x + tile.width : right;
        below = tile.y + tile.height > below ? tile.y + tile.height : below;
        tiling.width = tile.width > tiling.width ? tile.width : tiling.width;
        tiling.height = tile.height > tiling.height ? tile.height : tiling.height;
    }
    tiling.across = (right - all.x - 1) / tiling.width + 1;
    tiling.down = (below - all.y - 1) / tiling.height + 1;
    return tiling;
}

static int by_layer_and_column(const void *first, const void *second) {
    const place *a = first, *b = second;
    if (a->layer != b->layer)
        return a->layer < b->layer ? -1 : 1;
    if (a->tile.x != b->tile.x)
        return a->tile.x < b->tile.x ? -1 : 1;
    return (a->tile.y > b->tile.y) - (a->tile.y < b->tile.y);
}

/* The tiles in the order in which they are evaluated; NULL after CPLError. */
static place *arrange(const lode_source *source, const lode_tile *tiles, size_t count,
                      int threads) {
    place *places = VSI_MALLOC2_VERBOSE(count, sizeof *places);
    if (!places)
        return NULL;
    lode_tiling tiling = tiling_of(tiles, count);
    int64_t tall = source->library->plan_run_length(source->plan, source->pixels, source->numbers,
                                                    &tiling, threads);
    for (size_t i = 0; i < count; i++)
        places[i] = (place){tiles[i], i, tiles[i].y / (tall * tiling.height)};
    qsort(places, count, sizeof *places, by_layer_and_column);
    return places;
}

static bool evaluate_tiles(lode_source *source, const lode_tile *tiles, size_t count, int threads,
                           lode_tile_fn take, void *user, GDALProgressFunc progress,
                           void *progress_data) {
    worker *workers = VSI_CALLOC_VERBOSE((size_t)threads, sizeof *workers);
    job shared = {.source = source, .count = count, .threads = threads, .chain = at_work};
    shared.places = workers ? arrange(source, tiles, count, threads) : NULL;
    shared.config = CPLGetThreadLocalConfigOptions();
    pthread_mutex_init(&shared.mutex, NULL);
    pthread_cond_init(&shared.changed, NULL);
    bool good =
        shared.places && run_job(&shared, workers, threads, take, user, progress, progress_data);
    pthread_cond_destroy(&shared.changed);
    pthread_mutex_destroy(&shared.mutex);
    CSLDestroy(shared.config);
    VSIFree(shared.places);
    VSIFree(workers);
    return good;
}

bool lode_source_evaluate_tiles(lode_source *source, const lode_tile *tiles, size_t count,
                                int threads, lode_tile_fn take, void *user,
                                GDALProgressFunc progress, void *progress_data) {
    if (count == 0)
        return true;
    if (threads <= 0)
        threads = CPLGetNumCPUs();
    if ((size_t)threads > count)
        threads = (int)count;
    if (!enter_chain(source->name))
        return false;
    bool good = ready(source) &&
                evaluate_tiles(source, tiles, count, threads, take, user, progress, progress_data);
    leave_chain();
    return good;
}

#include "lode_tiles.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_multiproc.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "lode_chain.h"

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
    lode_chain chain;
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
    lode_chain_set(&shared->chain);
    CPLSetThreadLocalConfigOptions((const char *const *)shared->config);
    while (take_tile(self)) {
        bool good = lode_source_tile(shared->source, self->evaluator, shared->places[self->at].tile,
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

bool lode_tiles_progress(double complete, GDALProgressFunc progress, void *progress_data) {
    if (!progress || progress(complete, "", progress_data))
        return true;
    CPLError(CE_Failure, CPLE_UserInterrupt, "LODE: stopped by the user.");
    return false;
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
        good = good &&
               lode_tiles_progress((double)done / (double)shared->count, progress, progress_data);
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
    int bands = lode_source_library(source)->plan_band_count(lode_source_plan(source));
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
        next->planes = VSIMalloc3(cells, (size_t)bands, sizeof(float));
        next->evaluator = next->planes ? lode_source_start(source) : NULL;
        if (next->evaluator)
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
        lode_source_library(source)->evaluator_free(workers[i].evaluator);
        VSIFree(workers[i].planes);
    }
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
    int64_t tall = lode_source_run_length(source, &tiling, threads);
    int top = tiles[0].y;
    for (size_t i = 1; i < count; i++)
        top = tiles[i].y < top ? tiles[i].y : top;
    for (size_t i = 0; i < count; i++)
        places[i] = (place){tiles[i], i, (tiles[i].y - top) / (tall * tiling.height)};
    qsort(places, count, sizeof *places, by_layer_and_column);
    return places;
}

static bool evaluate_tiles(lode_source *source, const lode_tile *tiles, size_t count, int threads,
                           lode_tile_fn take, void *user, GDALProgressFunc progress,
                           void *progress_data) {
    worker *workers = VSI_CALLOC_VERBOSE((size_t)threads, sizeof *workers);
    job shared = {.source = source, .count = count, .threads = threads, .chain = lode_chain_get()};
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

int lode_tiles_threads(int requested) {
    return requested > 0 ? requested : CPLGetNumCPUs();
}

bool lode_tiles_evaluate(lode_source *source, const lode_tile *tiles, size_t count, int threads,
                         lode_tile_fn take, void *user, GDALProgressFunc progress,
                         void *progress_data) {
    if (count == 0)
        return true;
    threads = lode_tiles_threads(threads);
    if ((size_t)threads > count)
        threads = (int)count;
    if (!lode_source_begin(source))
        return false;
    bool good = evaluate_tiles(source, tiles, count, threads, take, user, progress, progress_data);
    lode_source_end(source);
    return good;
}

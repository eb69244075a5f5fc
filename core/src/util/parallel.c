#include "util/parallel.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/error.h"
#include "util/locale.h"
#include "util/memory.h"

typedef struct loop {
    lode_work_fn fn;
    void *context;
    size_t items;
    atomic_size_t next, done;
    atomic_bool stop;
    pthread_mutex_t mutex;
    pthread_cond_t finished;
    int running;
    const struct loop *outer; /* the loop whose item runs this one */
    lode_status status;
    size_t failed_item;
    char message[2048];
} loop;

typedef struct worker {
    loop *loop;
    int number;
    pthread_t thread;
} worker;

/* The loop that the calling thread works for. */
static _Thread_local const loop *current;

bool lode_parallel_stopped(void) {
    for (const loop *at = current; at; at = at->outer)
        if (atomic_load_explicit(&at->stop, memory_order_relaxed))
            return true;
    return false;
}

lode_status lode_parallel_give_up(void) {
    return lode_fail(LODE_ERROR_CANCELLED, "Cancelled by the user; nothing was written.");
}

static atomic_int usual_threads;

void lode_set_threads(int threads) {
    atomic_store(&usual_threads, threads > 0 ? threads : 0);
}

/* Processors this process may use: a batch system or mpirun may have bound it to some of them. */
static int processors(void) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) > 0)
        return CPU_COUNT(&allowed);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

int lode_thread_count(int requested) {
    if (requested <= 0)
        requested = atomic_load(&usual_threads);
    if (requested <= 0)
        requested = processors();
    return requested < 1024 ? requested : 1024;
}

static void note_failure(loop *shared, size_t item, lode_status status) {
    pthread_mutex_lock(&shared->mutex);
    /* An item that gave up because another one failed has nothing to say. */
    bool gave_up = status == LODE_ERROR_CANCELLED && atomic_load(&shared->stop);
    if (shared->status == LODE_OK || (item < shared->failed_item && !gave_up)) {
        shared->status = status;
        shared->failed_item = item;
        snprintf(shared->message, sizeof shared->message, "%s", lode_error_message());
    }
    pthread_mutex_unlock(&shared->mutex);
    atomic_store(&shared->stop, true);
}

static void work(loop *shared, int number) {
    current = shared;
    while (!atomic_load(&shared->stop)) {
        size_t item = atomic_fetch_add(&shared->next, 1);
        if (item >= shared->items)
            break;
        lode_status status = shared->fn(shared->context, item, number);
        if (status != LODE_OK)
            note_failure(shared, item, status);
        atomic_fetch_add(&shared->done, 1);
    }
    current = shared->outer;
}

static void *worker_main(void *argument) {
    worker *self = argument;
    lode_locale locale = lode_locale_enter();
    work(self->loop, self->number);
    lode_locale_leave(locale);
    pthread_mutex_lock(&self->loop->mutex);
    self->loop->running--;
    pthread_cond_signal(&self->loop->finished);
    pthread_mutex_unlock(&self->loop->mutex);
    return NULL;
}

/* Waits for the workers, telling the caller how far they are ten times a second. */
static lode_status watch(loop *shared, const lode_progress *progress, const char *message) {
    lode_status status = LODE_OK;
    pthread_mutex_lock(&shared->mutex);
    while (shared->running > 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100000000L;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000L;
        }
        if (pthread_cond_timedwait(&shared->finished, &shared->mutex, &until) != ETIMEDOUT ||
            status != LODE_OK)
            continue;
        pthread_mutex_unlock(&shared->mutex);
        double fraction = (double)atomic_load(&shared->done) / (double)shared->items;
        status = lode_progress_report(progress, fraction, message);
        if (status != LODE_OK)
            atomic_store(&shared->stop, true);
        pthread_mutex_lock(&shared->mutex);
    }
    pthread_mutex_unlock(&shared->mutex);
    return status;
}

/* Starts up to `threads` workers and watches them; with none started the caller does the work. */
static lode_status run_workers(loop *shared, worker *workers, int threads,
                               const lode_progress *progress, const char *message) {
    int started = 0;
    for (int i = 0; i < threads; i++) {
        workers[i].loop = shared;
        workers[i].number = i;
        pthread_mutex_lock(&shared->mutex);
        shared->running++;
        pthread_mutex_unlock(&shared->mutex);
        if (pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]) != 0) {
            pthread_mutex_lock(&shared->mutex);
            shared->running--;
            pthread_mutex_unlock(&shared->mutex);
            break;
        }
        started++;
    }
    if (started == 0)
        work(shared, 0);
    lode_status status = watch(shared, progress, message);
    for (int i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    return status;
}

lode_status lode_parallel_for(size_t items, int threads, lode_work_fn fn, void *context,
                              const lode_progress *progress, const char *message) {
    LODE_TRY(lode_progress_report(progress, 0, message));
    if (items == 0)
        return LODE_OK;
    threads = lode_thread_count(threads);
    if ((size_t)threads > items)
        threads = (int)items;
    loop shared = {.fn = fn, .context = context, .items = items, .outer = current};
    worker *workers = lode_alloc((size_t)threads, sizeof *workers);
    if (!workers)
        return lode_fail_memory();
    pthread_mutex_init(&shared.mutex, NULL);
    pthread_cond_init(&shared.finished, NULL);
    lode_status status = run_workers(&shared, workers, threads, progress, message);
    pthread_mutex_destroy(&shared.mutex);
    pthread_cond_destroy(&shared.finished);
    lode_free(workers);
    if (shared.status != LODE_OK)
        return lode_fail(shared.status, "%s", shared.message);
    if (status == LODE_OK)
        status = lode_progress_report(progress, 1, message);
    return status;
}

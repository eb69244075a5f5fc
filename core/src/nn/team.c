#include "nn/team.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

/* Polls before a thread goes to sleep: about 20 us, longer than the gap between two layers. */
#define POLLS 2000

typedef struct member {
    lode_team *team;
    int worker;
    pthread_t thread;
} member;

struct lode_team {
    int threads, started; /* started excludes the calling thread */
    member *members;
    pthread_mutex_t mutex;
    pthread_cond_t wake, finished;
    /* The loop in progress. A new round number announces it. */
    atomic_uint round;
    bool quit;
    lode_team_fn fn;
    void *context;
    size_t items;
    atomic_size_t next;
    atomic_int busy;
};

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static void take_items(lode_team *team, int worker) {
    for (;;) {
        size_t item = atomic_fetch_add_explicit(&team->next, 1, memory_order_relaxed);
        if (item >= team->items)
            return;
        team->fn(team->context, item, worker);
    }
}

static unsigned wait_for_round(lode_team *team, unsigned seen) {
    for (int i = 0; i < POLLS; i++) {
        unsigned now = atomic_load_explicit(&team->round, memory_order_acquire);
        if (now != seen)
            return now;
        relax();
    }
    pthread_mutex_lock(&team->mutex);
    while (atomic_load(&team->round) == seen)
        pthread_cond_wait(&team->wake, &team->mutex);
    unsigned now = atomic_load(&team->round);
    pthread_mutex_unlock(&team->mutex);
    return now;
}

static void *member_main(void *argument) {
    member *self = argument;
    lode_team *team = self->team;
    unsigned seen = 0;
    for (;;) {
        seen = wait_for_round(team, seen);
        if (team->quit)
            return NULL;
        take_items(team, self->worker);
        if (atomic_fetch_sub_explicit(&team->busy, 1, memory_order_acq_rel) == 1) {
            pthread_mutex_lock(&team->mutex);
            pthread_cond_signal(&team->finished);
            pthread_mutex_unlock(&team->mutex);
        }
    }
}

static void announce(lode_team *team) {
    pthread_mutex_lock(&team->mutex);
    atomic_fetch_add_explicit(&team->round, 1, memory_order_release);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->mutex);
}

lode_status lode_team_create(int threads, lode_team **out) {
    lode_team *team = lode_alloc(1, sizeof *team);
    if (!team)
        return lode_fail_memory();
    team->threads = lode_thread_count(threads);
    team->members = lode_alloc((size_t)team->threads, sizeof *team->members);
    if (!team->members) {
        lode_free(team);
        return lode_fail_memory();
    }
    pthread_mutex_init(&team->mutex, NULL);
    pthread_cond_init(&team->wake, NULL);
    pthread_cond_init(&team->finished, NULL);
    for (int i = 0; i + 1 < team->threads; i++) {
        team->members[i] = (member){.team = team, .worker = i + 1};
        if (pthread_create(&team->members[i].thread, NULL, member_main, &team->members[i]) != 0)
            break; /* fewer threads: slower, same numbers */
        team->started++;
    }
    team->threads = team->started + 1;
    *out = team;
    return LODE_OK;
}

void lode_team_free(lode_team *team) {
    if (!team)
        return;
    team->quit = true;
    announce(team);
    for (int i = 0; i < team->started; i++)
        pthread_join(team->members[i].thread, NULL);
    pthread_mutex_destroy(&team->mutex);
    pthread_cond_destroy(&team->wake);
    pthread_cond_destroy(&team->finished);
    lode_free(team->members);
    lode_free(team);
}

int lode_team_threads(const lode_team *team) {
    return team ? team->threads : 1;
}

void lode_team_run(lode_team *team, size_t items, lode_team_fn fn, void *context) {
    if (!team || team->started == 0 || items <= 1) {
        for (size_t i = 0; i < items; i++)
            fn(context, i, 0);
        return;
    }
    team->fn = fn;
    team->context = context;
    team->items = items;
    atomic_store_explicit(&team->next, 0, memory_order_relaxed);
    atomic_store_explicit(&team->busy, team->started, memory_order_relaxed);
    announce(team);
    take_items(team, 0);
    for (int i = 0; i < POLLS; i++) {
        if (atomic_load_explicit(&team->busy, memory_order_acquire) == 0)
            break;
        relax();
    }
    if (atomic_load_explicit(&team->busy, memory_order_acquire) == 0)
        return;
    pthread_mutex_lock(&team->mutex);
    while (atomic_load(&team->busy) > 0)
        pthread_cond_wait(&team->finished, &team->mutex);
    pthread_mutex_unlock(&team->mutex);
}

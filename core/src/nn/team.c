#include "nn/team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

/* Polls before a thread goes to sleep: up to a millisecond, longer than one tile of a layer takes.
 * Waking takes longer than most waits are. Every now and then it lets others run, who may have the
 * work it waits for. */
enum { POLLS = 20000, POLLS_AT_ONCE = 200 };

typedef struct member {
    lode_team *team;
    int worker;
    pthread_t thread;
} member;

/* The loop in progress as one word, so that an item is taken together with the proof that its loop
 * still runs: round (16 bits), items (24), next item (24). A member that slept through a loop finds
 * no item left and is never waited for, which matters on a busy machine. */
typedef uint64_t ticket;
enum { ITEM_BITS = 24 };
#define MAX_ITEMS (((uint64_t)1 << ITEM_BITS) - 1)

struct lode_team {
    int threads, started; /* started excludes the calling thread */
    member *members;
    pthread_mutex_t mutex;
    pthread_cond_t wake, finished;
    _Atomic ticket current;
    atomic_bool quit;
    /* Valid while an item of the loop is not done. */
    lode_team_fn fn;
    void *context;
    size_t items, stride; /* item i of the ticket stands for items i * stride ... */
    atomic_size_t done;   /* ticket items */
};

static inline void relax(int poll) {
    if (poll % POLLS_AT_ONCE == POLLS_AT_ONCE - 1)
        sched_yield();
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static void run_items(lode_team *team, uint64_t number, int worker) {
    size_t from = (size_t)number * team->stride;
    size_t end = from + team->stride < team->items ? from + team->stride : team->items;
    for (size_t i = from; i < end; i++)
        team->fn(team->context, i, worker);
}

/* Takes items until none is left. The one who finishes the last item wakes the caller. */
static void take_items(lode_team *team, int worker) {
    ticket now = atomic_load_explicit(&team->current, memory_order_acquire);
    for (;;) {
        uint64_t next = now & MAX_ITEMS, items = now >> ITEM_BITS & MAX_ITEMS;
        if (next >= items)
            return;
        if (!atomic_compare_exchange_weak_explicit(&team->current, &now, now + 1,
                                                   memory_order_acq_rel, memory_order_acquire))
            continue;
        run_items(team, next, worker);
        if (atomic_fetch_add_explicit(&team->done, 1, memory_order_acq_rel) + 1 == items) {
            pthread_mutex_lock(&team->mutex);
            pthread_cond_signal(&team->finished);
            pthread_mutex_unlock(&team->mutex);
        }
        now = atomic_load_explicit(&team->current, memory_order_acquire);
    }
}

static unsigned round_of(const lode_team *team) {
    return (unsigned)(atomic_load_explicit(&team->current, memory_order_acquire) >> 2 * ITEM_BITS);
}

static unsigned wait_for_round(lode_team *team, unsigned seen) {
    for (int i = 0; i < POLLS; i++) {
        if (round_of(team) != seen)
            return round_of(team);
        relax(i);
    }
    pthread_mutex_lock(&team->mutex);
    while (round_of(team) == seen)
        pthread_cond_wait(&team->wake, &team->mutex);
    pthread_mutex_unlock(&team->mutex);
    return round_of(team);
}

static void *member_main(void *argument) {
    member *self = argument;
    lode_team *team = self->team;
    unsigned seen = 0;
    for (;;) {
        seen = wait_for_round(team, seen);
        if (atomic_load(&team->quit))
            return NULL;
        take_items(team, self->worker);
    }
}

static void announce(lode_team *team, uint64_t items) {
    pthread_mutex_lock(&team->mutex);
    ticket round = (ticket)(round_of(team) + 1) << 2 * ITEM_BITS;
    atomic_store_explicit(&team->current, round | items << ITEM_BITS, memory_order_release);
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
    atomic_store(&team->quit, true);
    announce(team, 0);
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
    team->stride = items / MAX_ITEMS + 1;
    size_t tickets = (items + team->stride - 1) / team->stride;
    atomic_store_explicit(&team->done, 0, memory_order_relaxed);
    announce(team, tickets);
    take_items(team, 0);
    for (int i = 0; i < POLLS; i++) {
        if (atomic_load_explicit(&team->done, memory_order_acquire) == tickets)
            return;
        relax(i);
    }
    pthread_mutex_lock(&team->mutex);
    while (atomic_load_explicit(&team->done, memory_order_acquire) < tickets)
        pthread_cond_wait(&team->finished, &team->mutex);
    pthread_mutex_unlock(&team->mutex);
}

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

/* A loop as one word, so that an item is taken together with the proof that its loop still runs:
 * round, items, items taken from the front, items taken from the back, 16 bits each. A member that
 * slept through a loop finds no item left and is never waited for, which matters on a busy machine.
 * Half of the threads take items from the front and half from the back: loop after loop a thread
 * meets much the same items, and finds them in its caches. */
typedef uint64_t ticket;
enum { ITEM_BITS = 16, FRONT_SHIFT = ITEM_BITS, ITEMS_SHIFT = 2 * ITEM_BITS };
#define MAX_ITEMS (((uint64_t)1 << ITEM_BITS) - 1)
#define ROUND_SHIFT (3 * ITEM_BITS)

typedef struct loop {
    _Atomic ticket current;
    atomic_size_t done; /* ticket items */
    /* Valid while an item of the loop is not done. */
    lode_team_fn fn;
    void *context;
    size_t items, stride; /* item i of the ticket stands for items i * stride ... */
} loop;

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
    loop outer; /* of lode_team_run */
    int workers;
    loop *inner; /* [workers], of lode_team_share, each of the worker that called it */
    atomic_bool quit;
};

static inline void relax(int poll) {
    if (poll % POLLS_AT_ONCE == POLLS_AT_ONCE - 1)
        sched_yield();
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/* ---- Loops ------------------------------------------------------------------------------------
 */

/* Everything of the loop but its ticket, which publishes it. Returns the ticket's items. */
static uint64_t prepare(loop *l, size_t items, lode_team_fn fn, void *context) {
    l->fn = fn;
    l->context = context;
    l->items = items;
    l->stride = items / MAX_ITEMS + 1;
    atomic_store_explicit(&l->done, 0, memory_order_relaxed);
    return (items + l->stride - 1) / l->stride;
}

static unsigned round_of(loop *l) {
    return (unsigned)(atomic_load_explicit(&l->current, memory_order_acquire) >> ROUND_SHIFT);
}

static void publish(loop *l, uint64_t items) {
    ticket round = (ticket)(round_of(l) + 1) << ROUND_SHIFT;
    atomic_store_explicit(&l->current, round | items << ITEMS_SHIFT, memory_order_release);
}

static void run_items(const loop *l, uint64_t number, int worker) {
    size_t from = (size_t)number * l->stride;
    size_t end = from + l->stride < l->items ? from + l->stride : l->items;
    for (size_t i = from; i < end; i++)
        l->fn(l->context, i, worker);
}

typedef enum taken { NONE_LEFT, ONE, THE_LAST } taken;

/* Takes an item from the front or the back and runs it. THE_LAST: now all items are done. */
static taken take_item(loop *l, bool forwards, int worker) {
    ticket now = atomic_load_explicit(&l->current, memory_order_acquire);
    for (;;) {
        uint64_t back = now & MAX_ITEMS, front = now >> FRONT_SHIFT & MAX_ITEMS;
        uint64_t items = now >> ITEMS_SHIFT & MAX_ITEMS;
        if (front + back >= items)
            return NONE_LEFT;
        if (!atomic_compare_exchange_weak_explicit(
                &l->current, &now, now + ((ticket)1 << (forwards ? FRONT_SHIFT : 0)),
                memory_order_acq_rel, memory_order_acquire))
            continue;
        run_items(l, forwards ? front : items - 1 - back, worker);
        return atomic_fetch_add_explicit(&l->done, 1, memory_order_acq_rel) + 1 == items ? THE_LAST
                                                                                         : ONE;
    }
}

static bool all_done(loop *l, uint64_t items) {
    return atomic_load_explicit(&l->done, memory_order_acquire) == items;
}

/* Takes items until none is left. The one who finishes the last item wakes the caller. */
static void take_items(lode_team *team, int worker) {
    for (;;) {
        taken got = take_item(&team->outer, worker % 2 == 0, worker);
        if (got == NONE_LEFT)
            return;
        if (got == THE_LAST) {
            pthread_mutex_lock(&team->mutex);
            pthread_cond_signal(&team->finished);
            pthread_mutex_unlock(&team->mutex);
        }
    }
}

/* Runs one unit of a loop that another thread shares from within its item, if there is one. */
static bool help(lode_team *team, int worker) {
    for (int i = 0; i < team->workers; i++)
        if (i != worker && take_item(&team->inner[i], false, worker) != NONE_LEFT)
            return true;
    return false;
}

/* ---- Threads ----------------------------------------------------------------------------------
 */

static unsigned wait_for_round(lode_team *team, int worker, unsigned seen) {
    for (int i = 0; i < POLLS; i++) {
        if (round_of(&team->outer) != seen)
            return round_of(&team->outer);
        if (!help(team, worker))
            relax(i);
    }
    pthread_mutex_lock(&team->mutex);
    while (round_of(&team->outer) == seen)
        pthread_cond_wait(&team->wake, &team->mutex);
    pthread_mutex_unlock(&team->mutex);
    return round_of(&team->outer);
}

static void *member_main(void *argument) {
    member *self = argument;
    lode_team *team = self->team;
    unsigned seen = 0;
    for (;;) {
        seen = wait_for_round(team, self->worker, seen);
        if (atomic_load(&team->quit))
            return NULL;
        take_items(team, self->worker);
    }
}

static void announce(lode_team *team, uint64_t items) {
    pthread_mutex_lock(&team->mutex);
    publish(&team->outer, items);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->mutex);
}

static void release(lode_team *team) {
    lode_free(team->members);
    lode_free(team->inner);
    lode_free(team);
}

lode_status lode_team_create(int threads, lode_team **out) {
    lode_team *team = lode_alloc(1, sizeof *team);
    if (!team)
        return lode_fail_memory();
    team->threads = team->workers = lode_thread_count(threads);
    team->members = lode_alloc((size_t)team->threads, sizeof *team->members);
    team->inner = lode_alloc((size_t)team->workers, sizeof *team->inner);
    if (!team->members || !team->inner) {
        release(team);
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
    release(team);
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
    uint64_t tickets = prepare(&team->outer, items, fn, context);
    announce(team, tickets);
    take_items(team, 0);
    for (int i = 0; i < POLLS; i++) {
        if (all_done(&team->outer, tickets))
            return;
        if (!help(team, 0))
            relax(i);
    }
    pthread_mutex_lock(&team->mutex);
    while (!all_done(&team->outer, tickets))
        pthread_cond_wait(&team->finished, &team->mutex);
    pthread_mutex_unlock(&team->mutex);
}

void lode_team_share(lode_team *team, int worker, size_t units, lode_team_fn fn, void *context) {
    if (!team || team->started == 0) {
        for (size_t i = 0; i < units; i++)
            fn(context, i, worker);
        return;
    }
    loop *own = &team->inner[worker];
    uint64_t tickets = prepare(own, units, fn, context);
    publish(own, tickets);
    while (take_item(own, true, worker) != NONE_LEFT)
        ;
    for (int i = 0; !all_done(own, tickets); i = (i + 1) % POLLS)
        relax(i);
}

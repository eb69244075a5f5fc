#include "cluster/cluster.h"

#include <sched.h>
#include <string.h>
#include <time.h>

#include "util/error.h"
#include "util/memory.h"

enum {
    EAGER_TESTS = 300, /* tests before the processor is offered to others: a few microseconds */
    YIELDS = 3000,     /* offers before this process sleeps between tests */
    SLEEP_NS = 100000, /* between two tests then */
    REPORT_MS = 50     /* between two reports of progress */
};

static const lode_cluster *current;
static double waited; /* seconds, by the one thread that may wait */

void lode_set_cluster(const lode_cluster *cluster) {
    current = cluster && cluster->size > 1 ? cluster : NULL;
}

const lode_cluster *lode_cluster_current(void) {
    return current;
}

int lode_cluster_size(const lode_cluster *cluster) {
    return cluster ? cluster->size : 1;
}

bool lode_cluster_leads(const lode_cluster *cluster) {
    return !cluster || cluster->rank == 0;
}

int lode_cluster_first(const lode_cluster *cluster, int items, int rank) {
    return (int)((int64_t)items * rank / lode_cluster_size(cluster));
}

/* ---- Waiting ----------------------------------------------------------------------------------
 */

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double lode_cluster_waited(void) {
    return waited;
}

static void pause_between(int tests) {
    static const struct timespec nap = {0, SLEEP_NS};
    if (tests > EAGER_TESTS + YIELDS)
        nanosleep(&nap, NULL);
    else if (tests > EAGER_TESTS)
        sched_yield();
}

static lode_status wait_for(const lode_cluster *cluster, void *request,
                            const lode_progress *progress) {
    double reported = seconds();
    for (int tests = 0; request; tests += tests <= EAGER_TESTS + YIELDS) {
        int done = cluster->test(cluster->user, request);
        if (done > 0)
            return LODE_OK;
        if (done < 0)
            break;
        pause_between(tests);
        if (tests > EAGER_TESTS && seconds() - reported >= 1e-3 * REPORT_MS) {
            LODE_TRY(lode_progress_report(progress, 0, NULL));
            reported = seconds();
        }
    }
    return lode_fail(LODE_ERROR_IO, "The processes cannot reach each other any more.");
}

lode_status lode_cluster_wait(const lode_cluster *cluster, void *request,
                              const lode_progress *progress) {
    double begin = seconds();
    lode_status status = wait_for(cluster, request, progress);
    waited += seconds() - begin;
    return status;
}

lode_status lode_cluster_gather(const lode_cluster *cluster, void *base, const size_t *at,
                                const lode_progress *progress) {
    if (!cluster)
        return LODE_OK;
    return lode_cluster_wait(cluster, cluster->gather(cluster->user, base, at), progress);
}

lode_status lode_cluster_gather_items(const lode_cluster *cluster, void *base, int items,
                                      size_t size, const lode_progress *progress) {
    if (!cluster)
        return LODE_OK;
    size_t *at = lode_alloc((size_t)cluster->size + 1, sizeof *at);
    if (!at)
        return lode_fail_memory();
    for (int r = 0; r <= cluster->size; r++)
        at[r] = (size_t)lode_cluster_first(cluster, items, r) * size;
    lode_status status = lode_cluster_gather(cluster, base, at, progress);
    lode_free(at);
    return status;
}

lode_status lode_cluster_meet(const lode_cluster *cluster, const lode_progress *progress) {
    if (!cluster)
        return LODE_OK;
    char *marks = lode_alloc((size_t)cluster->size, 1);
    if (!marks)
        return lode_fail_memory();
    lode_status status = lode_cluster_gather_items(cluster, marks, cluster->size, 1, progress);
    lode_free(marks);
    return status;
}

lode_status lode_cluster_tell(const lode_cluster *cluster, void *bytes, size_t size,
                              const lode_progress *progress) {
    if (!cluster)
        return LODE_OK;
    size_t *at = lode_alloc((size_t)cluster->size + 1, sizeof *at);
    if (!at)
        return lode_fail_memory();
    for (int r = 1; r <= cluster->size; r++)
        at[r] = size;
    lode_status status = lode_cluster_gather(cluster, bytes, at, progress);
    lode_free(at);
    return status;
}

/* ---- Sharing ----------------------------------------------------------------------------------
 */

static lode_status take(const lode_cluster *cluster, int64_t round, int64_t *number,
                        const lode_progress *progress) {
    if (!cluster) {
        ++*number;
        return LODE_OK;
    }
    return lode_cluster_wait(cluster, cluster->take(cluster->user, round, number), progress);
}

lode_status lode_cluster_share(const lode_cluster *cluster, int64_t items, lode_share_fn fn,
                               void *context, const lode_progress *progress, const char *message) {
    static int64_t rounds; /* the same in every process, because all of them share alike */
    int64_t round = rounds++, number = -1;
    int size = lode_cluster_size(cluster);
    for (;;) {
        double done = items > 0 && number >= 0 ? (double)number / (double)items : 0;
        lode_progress here = lode_progress_part(progress, done, done);
        LODE_TRY(take(cluster, round, &number, &here));
        if (number >= items)
            break;
        /* The others are about as far with theirs: together they fill this part of the bar. */
        double from = (double)number / (double)items, to = (double)(number + size) / (double)items;
        lode_progress part = lode_progress_part(progress, from, to < 1 ? to : 1);
        LODE_TRY(lode_progress_report(&part, 0, message));
        LODE_TRY(fn(context, number, &part));
    }
    double done = 1 - 1 / (double)(items > 0 ? items : 1); /* others are at their last item */
    lode_progress last = lode_progress_part(progress, done, done);
    LODE_TRY(lode_cluster_meet(cluster, &last));
    return lode_progress_report(progress, 1, message);
}

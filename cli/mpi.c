/* mpi.c - lode_cluster on MPI 3. Built as a module (see launch.h).
 *
 * Everything is called from one thread (MPI_THREAD_FUNNELED). Work goes through `world`; `control`
 * carries short messages: who wants an item, who failed. Buffers of transfers under way belong to
 * this file and are never freed early, so that a task may stop at any moment. */
#include <mpi.h>

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "launch.h"

enum { TAG_TAKE = 1, TAG_NUMBER, TAG_STOP, TAG_FAIL };
enum {
    MOST_TEXT = 4000,
    PATIENCE_MS = 10000, /* for rank 0 to tell a failure, before another process does */
    CLEANUP_MS = 800,    /* for all to clean up before the job is ended */
    PRINT_MS = 300       /* for mpirun to pass on what was printed; Open MPI 5 drops the rest */
};

static MPI_Comm world, control;
static int rank, size;

/* Items given out, by rank 0. */
static int64_t round_now = -1, next_number;

/* A failure somewhere: its message, code, and how many of the others have stopped. */
static struct {
    bool stop, told; /* this process should stop; the text is known (rank 0) */
    int code, stopped;
    char text[MOST_TEXT];
} failure;

typedef struct failure_message {
    int code;
    char text[MOST_TEXT];
} failure_message;

/* ---- Control messages -------------------------------------------------------------------------
 */

static int64_t give_number(int64_t round) {
    if (round > round_now) {
        round_now = round;
        next_number = 0;
    }
    return next_number++;
}

static void answer(const MPI_Status *from) {
    int64_t round;
    MPI_Recv(&round, 1, MPI_INT64_T, from->MPI_SOURCE, TAG_TAKE, control, MPI_STATUS_IGNORE);
    int64_t number = give_number(round);
    MPI_Send(&number, 1, MPI_INT64_T, from->MPI_SOURCE, TAG_NUMBER, control);
}

static void hear_failure(const MPI_Status *from) {
    failure_message message;
    MPI_Recv(&message, (int)sizeof message, MPI_BYTE, from->MPI_SOURCE, TAG_FAIL, control,
             MPI_STATUS_IGNORE);
    failure.stopped++;
    failure.stop = true;
    if (message.text[0] && !failure.told) {
        failure.told = true;
        failure.code = message.code;
        memcpy(failure.text, message.text, sizeof failure.text);
    }
}

static bool stopped(void) {
    MPI_Status from;
    int found = 1;
    while (found) {
        found = 0;
        if (rank == 0) {
            MPI_Iprobe(MPI_ANY_SOURCE, TAG_TAKE, control, &found, &from);
            if (found) {
                answer(&from);
                continue;
            }
        }
        int tag = rank == 0 ? TAG_FAIL : TAG_STOP;
        MPI_Iprobe(MPI_ANY_SOURCE, tag, control, &found, &from);
        if (found && rank == 0) {
            hear_failure(&from);
        } else if (found) {
            MPI_Recv(NULL, 0, MPI_BYTE, 0, TAG_STOP, control, MPI_STATUS_IGNORE);
            failure.stop = true;
        }
    }
    return failure.stop;
}

/* ---- Requests ---------------------------------------------------------------------------------
 */

typedef struct request {
    MPI_Request handle;
    char *send, *receive; /* buffers of this file */
    void *target;         /* where `receive` goes at the end */
    size_t bytes;
    int *numbers; /* counts and displacements of MPI's calls */
} request;

static void free_request(request *made) {
    free(made->send);
    free(made->receive);
    free(made->numbers);
    free(made);
}

/* at[0..size] as counts and displacements; false when MPI's int does not hold them. */
static bool to_int(const size_t *at, int *counts, int *starts) {
    if (at[size] - at[0] > 0x7fffffff)
        return false;
    for (int r = 0; r < size; r++) {
        counts[r] = (int)(at[r + 1] - at[r]);
        starts[r] = (int)(at[r] - at[0]);
    }
    return true;
}

static request *make_request(size_t send, size_t receive, void *target) {
    request *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->handle = MPI_REQUEST_NULL;
    made->send = malloc(send ? send : 1);
    made->receive = malloc(receive ? receive : 1);
    made->numbers = malloc(4 * (size_t)size * sizeof *made->numbers);
    made->target = target;
    made->bytes = receive;
    if (made->send && made->receive && made->numbers)
        return made;
    free_request(made);
    return NULL;
}

static void *exchange(void *user, const void *send, const size_t *send_at, void *receive,
                      const size_t *receive_at) {
    (void)user;
    size_t bytes = send_at[size] - send_at[0];
    request *made =
        make_request(bytes, receive_at[size] - receive_at[0], (char *)receive + receive_at[0]);
    if (!made)
        return NULL;
    int *n = made->numbers;
    if (!to_int(send_at, n, n + size) || !to_int(receive_at, n + 2 * size, n + 3 * size)) {
        free_request(made);
        return NULL;
    }
    memcpy(made->send, (const char *)send + send_at[0], bytes);
    MPI_Ialltoallv(made->send, n, n + size, MPI_BYTE, made->receive, n + 2 * size, n + 3 * size,
                   MPI_BYTE, world, &made->handle);
    return made;
}

static void *gather(void *user, void *base, const size_t *at) {
    (void)user;
    size_t own = at[rank + 1] - at[rank];
    request *made = make_request(own, at[size] - at[0], (char *)base + at[0]);
    if (!made)
        return NULL;
    int *n = made->numbers;
    if (!to_int(at, n, n + size)) {
        free_request(made);
        return NULL;
    }
    memcpy(made->send, (const char *)base + at[rank], own);
    MPI_Iallgatherv(made->send, (int)own, MPI_BYTE, made->receive, n, n + size, MPI_BYTE, world,
                    &made->handle);
    return made;
}

static void *take(void *user, int64_t round, int64_t *number) {
    (void)user;
    request *made = make_request(sizeof round, sizeof *number, number);
    if (!made)
        return NULL;
    if (rank == 0) {
        int64_t given = give_number(round);
        memcpy(made->receive, &given, sizeof given);
        return made;
    }
    memcpy(made->send, &round, sizeof round);
    MPI_Irecv(made->receive, 1, MPI_INT64_T, 0, TAG_NUMBER, control, &made->handle);
    MPI_Send(made->send, 1, MPI_INT64_T, 0, TAG_TAKE, control);
    return made;
}

static int test(void *user, void *waiting) {
    (void)user;
    request *made = waiting;
    int done = 0;
    if (rank == 0)
        stopped(); /* others may wait for an item */
    if (MPI_Test(&made->handle, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS)
        return -1;
    if (!done)
        return 0;
    memcpy(made->target, made->receive, made->bytes);
    free_request(made);
    return 1;
}

/* ---- Start and end ----------------------------------------------------------------------------
 */

static void nap(void) {
    static const struct timespec time = {0, 1000000};
    nanosleep(&time, NULL);
}

/* Processors for this process: those it is bound to, or its share of a machine it is not bound on.
 */
static int fair_threads(void) {
    cpu_set_t allowed;
    MPI_Comm machine;
    int local = 1;
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    int own =
        sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : (int)online;
    MPI_Comm_split_type(world, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
    MPI_Comm_size(machine, &local);
    MPI_Comm_free(&machine);
    if (own >= online)
        own /= local;
    return own > 0 ? own : 1;
}

static bool start(lode_cluster *cluster, int *threads) {
    int level;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS ||
        level < MPI_THREAD_FUNNELED)
        return false;
    MPI_Comm_dup(MPI_COMM_WORLD, &world);
    MPI_Comm_dup(MPI_COMM_WORLD, &control);
    MPI_Comm_rank(world, &rank);
    MPI_Comm_size(world, &size);
    *cluster = (lode_cluster){.rank = rank,
                              .size = size,
                              .exchange = exchange,
                              .gather = gather,
                              .take = take,
                              .test = test};
    *threads = fair_threads();
    return true;
}

/* Rank 0: asks all to stop, waits a moment until they have cleaned up, tells and ends the job. */
static void end_job(void) {
    for (int r = 1; r < size; r++)
        MPI_Send(NULL, 0, MPI_BYTE, r, TAG_STOP, control);
    for (int ms = 0; ms < CLEANUP_MS && failure.stopped < size - 1; ms++) {
        stopped();
        nap();
    }
    if (failure.text[0])
        fprintf(stderr, "%s\n", failure.text);
    fflush(stderr);
    for (int ms = 0; ms < PRINT_MS; ms++)
        nap();
    MPI_Abort(MPI_COMM_WORLD, failure.code ? failure.code : EXIT_FAILURE);
    _exit(EXIT_FAILURE);
}

static void name_text(const char *text, char *named, size_t room) {
    char host[MPI_MAX_PROCESSOR_NAME] = "";
    int length;
    MPI_Get_processor_name(host, &length);
    snprintf(named, room, "%s (process %d of %d, on %s)", text, rank + 1, size, host);
}

__attribute__((noreturn)) static void fail(const char *text, int code) {
    if (rank == 0) {
        stopped();
        if (text && !failure.told) {
            failure.code = code;
            snprintf(failure.text, sizeof failure.text, "%s", text);
            failure.told = true;
        }
        end_job();
    }
    failure_message message = {.code = code};
    if (text)
        name_text(text, message.text, sizeof message.text);
    MPI_Send(&message, (int)sizeof message, MPI_BYTE, 0, TAG_FAIL, control);
    for (int ms = 0; ms < PATIENCE_MS; ms++) { /* rank 0 ends this process, too */
        stopped();
        nap();
    }
    fprintf(stderr, "%s\n", message.text);
    MPI_Abort(MPI_COMM_WORLD, code);
    _exit(EXIT_FAILURE);
}

static void finish(void) {
    MPI_Request all;
    int done = 0;
    MPI_Ibarrier(world, &all);
    while (!done) {
        if (stopped())
            fail(NULL, EXIT_FAILURE);
        MPI_Test(&all, &done, MPI_STATUS_IGNORE);
        if (!done)
            nap();
    }
    MPI_Comm_free(&control);
    MPI_Comm_free(&world);
    MPI_Finalize();
}

const lode_mpi lode_mpi_module
    __attribute__((visibility("default"))) = {start, stopped, finish, fail};

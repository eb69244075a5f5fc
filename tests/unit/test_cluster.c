/* Work shared by several processes, played by threads: sums in a fixed order, one batch for all. */
#include "test.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "cluster/sum.h"
#include "nn/net.h"
#include "util/memory.h"
#include "util/random.h"

enum { MOST = 4 };

/* Where the threads of one cluster meet. */
typedef struct hub {
    pthread_barrier_t barrier;
    int size;
    const char *send[MOST];
    const size_t *send_at[MOST];
} hub;

typedef struct member {
    hub *hub;
    int rank;
    lode_cluster cluster;
    void (*run)(struct member *member);
    void *result;
} member;

static void *exchange(void *user, const void *send, const size_t *send_at, void *receive,
                      const size_t *receive_at) {
    member *self = user;
    hub *meeting = self->hub;
    meeting->send[self->rank] = send;
    meeting->send_at[self->rank] = send_at;
    pthread_barrier_wait(&meeting->barrier);
    for (int r = 0; r < meeting->size; r++) {
        const size_t *at = meeting->send_at[r];
        size_t bytes = at[self->rank + 1] - at[self->rank];
        assert_int_equal(bytes, receive_at[r + 1] - receive_at[r]);
        memcpy((char *)receive + receive_at[r], meeting->send[r] + at[self->rank], bytes);
    }
    pthread_barrier_wait(&meeting->barrier);
    return meeting;
}

static void *gather(void *user, void *base, const size_t *at) {
    member *self = user;
    hub *meeting = self->hub;
    meeting->send[self->rank] = base;
    pthread_barrier_wait(&meeting->barrier);
    for (int r = 0; r < meeting->size; r++)
        if (r != self->rank)
            memcpy((char *)base + at[r], meeting->send[r] + at[r], at[r + 1] - at[r]);
    pthread_barrier_wait(&meeting->barrier);
    return meeting;
}

static int test(void *user, void *request) {
    (void)user;
    (void)request;
    return 1;
}

static void *member_main(void *argument) {
    member *self = argument;
    self->run(self);
    return NULL;
}

/* Runs fn in `size` members; results[rank] is what each left in `result`. */
static void run_together(int size, void (*fn)(member *), void *results[MOST]) {
    hub meeting = {.size = size};
    member members[MOST];
    pthread_t threads[MOST];
    pthread_barrier_init(&meeting.barrier, NULL, (unsigned)size);
    for (int r = 0; r < size; r++) {
        members[r] = (member){.hub = &meeting, .rank = r, .run = fn};
        members[r].cluster = (lode_cluster){.rank = r,
                                            .size = size,
                                            .user = &members[r],
                                            .exchange = exchange,
                                            .gather = gather,
                                            .test = test};
        pthread_create(&threads[r], NULL, member_main, &members[r]);
    }
    for (int r = 0; r < size; r++) {
        pthread_join(threads[r], NULL);
        results[r] = members[r].result;
    }
    pthread_barrier_destroy(&meeting.barrier);
}

/* ---- Sums -------------------------------------------------------------------------------------
 */

enum { ITEMS = 5, GROUPS = 2, COUNT = 101 };

static float part_value(int sample, size_t k) {
    lode_random random = lode_random_stream(7, (uint64_t)sample * COUNT + k);
    return (float)(lode_random_normal(&random) * exp(6 * lode_random_normal(&random)));
}

static void sum_of_member(member *self) {
    lode_division division = {&self->cluster, GROUPS, ITEMS};
    int own = lode_division_own(&division);
    float *memory = lode_alloc((size_t)(GROUPS * own), COUNT * sizeof *memory);
    const float *parts[GROUPS * ITEMS];
    for (int i = 0; i < GROUPS * own; i++) {
        parts[i] = memory + i * COUNT;
        for (size_t k = 0; k < COUNT; k++)
            memory[(size_t)i * COUNT + k] = part_value(lode_division_sample(&division, i), k);
    }
    float *totals = lode_alloc(2 * COUNT, sizeof *totals);
    lode_sum *sums[2];
    assert_lode_ok(lode_sum_begin(&division, parts, COUNT, totals, &sums[0]));
    assert_lode_ok(lode_sum_begin(&division, parts, 3, totals + COUNT, &sums[1]));
    lode_sum_poll(sums[1]);
    assert_lode_ok(lode_sum_advance(sums[0], NULL));
    for (int i = 0; i < 2; i++)
        assert_lode_ok(lode_sum_end(sums[i], NULL));
    lode_free(memory);
    self->result = totals;
}

static void sums_have_the_same_bits_for_any_number_of_processes(void **state) {
    (void)state;
    float expected[COUNT];
    for (size_t k = 0; k < COUNT; k++) {
        expected[k] = part_value(0, k);
        for (int i = 1; i < GROUPS * ITEMS; i++)
            expected[k] += part_value(i, k);
    }
    for (int size = 1; size <= MOST; size++) {
        void *results[MOST];
        run_together(size, sum_of_member, results);
        for (int r = 0; r < size; r++) {
            const float *totals = results[r];
            assert_memory_equal(totals, expected, sizeof expected);
            assert_memory_equal(totals + COUNT, expected, 3 * sizeof *expected);
            lode_free(results[r]);
        }
    }
}

/* ---- A network with batch normalisation --------------------------------------------------------
 */

enum { INPUTS = 6, SIDE = 9, CHANNELS = 3, OUTPUTS = 4 };

typedef struct trained {
    float output[INPUTS * OUTPUTS], gradient[4000], statistics[200];
    size_t parameters;
} trained;

static lode_net *small_net(void) {
    lode_net *net = NULL;
    assert_lode_ok(lode_net_create(CHANNELS, &net));
    int x = lode_net_add_conv(net, 0, "stem", &(lode_net_conv){.outputs = 8, .kernel = 3});
    x = lode_net_add_norm(net, x, "norm1", LODE_RELU);
    x = lode_net_add_conv(net, x, "next",
                          &(lode_net_conv){.outputs = 12, .kernel = 3, .stride = 2});
    x = lode_net_add_norm(net, x, "norm2", LODE_RELU6);
    x = lode_net_add_global_average(net, x);
    lode_net_add_linear(net, x, "fc", OUTPUTS, 0.3);
    assert_lode_ok(lode_net_finish(net, 5));
    return net;
}

static float *some_values(size_t count, uint64_t stream) {
    lode_random random = lode_random_stream(3, stream);
    float *values = lode_alloc(count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)lode_random_normal(&random);
    return values;
}

/* Forward and backward of inputs first..first + n - 1 of the step. */
static trained *train_part(const lode_cluster *cluster, int first, int n) {
    size_t input = SIDE * SIDE * CHANNELS;
    float *x = some_values(INPUTS * input, 1), *dy = some_values(INPUTS * OUTPUTS, 2);
    trained *made = lode_alloc(1, sizeof *made);
    lode_net *net = small_net();
    lode_pass *pass;
    assert_lode_ok(lode_pass_create(net, LODE_TRAINING, n, SIDE, SIDE, NULL, &pass));
    if (cluster)
        assert_lode_ok(lode_pass_divide(pass, cluster, INPUTS));
    memcpy(lode_pass_input(pass), x + (size_t)first * input, (size_t)n * input * sizeof *x);
    assert_lode_ok(lode_pass_forward(pass, 0.1, 0, 0, NULL));
    memcpy(made->output + first * OUTPUTS, lode_pass_output(pass, NULL, NULL),
           (size_t)(n * OUTPUTS) * sizeof *x);
    made->parameters = lode_net_parameter_count(net);
    assert_in_range(made->parameters, 1, sizeof made->gradient / sizeof *made->gradient);
    assert_lode_ok(lode_pass_backward(pass, 0, 0, dy + first * OUTPUTS, made->gradient, NULL));
    float *statistics = made->statistics;
    for (int i = 0; i < lode_net_tensor_count(net); i++) {
        const lode_net_tensor *tensor = lode_net_get_tensor(net, i);
        if (tensor->trained)
            continue;
        memcpy(statistics, lode_net_tensor_values(net, i), tensor->size * sizeof *statistics);
        statistics += tensor->size;
    }
    lode_pass_free(pass);
    lode_net_free(net);
    lode_free(x);
    lode_free(dy);
    return made;
}

static void train_member(member *self) {
    int first = lode_cluster_first(&self->cluster, INPUTS, self->rank);
    int end = lode_cluster_first(&self->cluster, INPUTS, self->rank + 1);
    self->result = train_part(&self->cluster, first, end - first);
}

static void assert_close(const float *values, const float *expected, size_t count) {
    double error = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        error += pow((double)values[i] - (double)expected[i], 2);
        size += pow((double)expected[i], 2);
    }
    assert_true(size > 0);
    if (sqrt(error / size) > 1e-5)
        fail_msg("relative difference %g", sqrt(error / size));
}

static void network_trains_as_on_the_whole_batch(void **state) {
    (void)state;
    trained *whole = train_part(NULL, 0, INPUTS);
    for (int size = 2; size <= MOST; size++) {
        void *results[MOST];
        run_together(size, train_member, results);
        for (int r = 0; r < size; r++) {
            const trained *part = results[r], *first = results[0];
            int from = INPUTS * r / size, end = INPUTS * (r + 1) / size;
            assert_close(part->output + from * OUTPUTS, whole->output + from * OUTPUTS,
                         (size_t)((end - from) * OUTPUTS));
            assert_close(part->gradient, whole->gradient, whole->parameters);
            assert_close(part->statistics, whole->statistics, 40);
            assert_memory_equal(part->gradient, first->gradient,
                                whole->parameters * sizeof *part->gradient);
        }
        for (int r = 0; r < size; r++)
            lode_free(results[r]);
    }
    lode_free(whole);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_have_the_same_bits_for_any_number_of_processes),
        cmocka_unit_test(network_trains_as_on_the_whole_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

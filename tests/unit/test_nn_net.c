/* A small net with every kind of layer: gradients, inference against training, threads, memory. */
#include "nn/arena.h"
#include "nn/net.h"
#include "nn_check.h"

enum { N = 3, SIDE = 12, CHANNELS = 4, OUTPUTS = 3 };

static lode_net *small_net(double dropout) {
    lode_net *net = NULL;
    assert_lode_ok(lode_net_create(CHANNELS, &net));
    int x =
        lode_net_add_conv(net, 0, "stem", &(lode_net_conv){.outputs = 8, .kernel = 3, .pad = 1});
    x = lode_net_add_norm(net, x, "norm1", LODE_RELU);
    x = lode_net_add_max_pool(net, x, 3, 2, 1);
    int branch = lode_net_add_conv(net, x, "expand", &(lode_net_conv){.outputs = 24});
    branch = lode_net_add_norm(net, branch, "norm2", LODE_RELU6);
    branch =
        lode_net_add_conv(net, branch, "depthwise",
                          &(lode_net_conv){.outputs = 24, .kernel = 3, .pad = 1, .groups = 24});
    branch = lode_net_add_norm(net, branch, "norm3", LODE_LINEAR);
    branch =
        lode_net_add_conv(net, branch, "project", &(lode_net_conv){.outputs = 8, .bias = true});
    x = lode_net_add_sum(net, x, branch, LODE_RELU);
    x = lode_net_add_average_pool(net, x, 2, 1, 0);
    x = lode_net_add_activation(net, x, LODE_GELU);
    x = lode_net_add_conv(net, x, "dilated",
                          &(lode_net_conv){.outputs = 10, .kernel = 2, .stride = 2, .dilation = 2});
    x = lode_net_add_norm(net, x, "norm4", LODE_LINEAR);
    x = lode_net_add_global_average(net, x);
    x = lode_net_add_dropout(net, x, dropout);
    lode_net_add_linear(net, x, "fc", OUTPUTS, 0.3);
    assert_lode_ok(lode_net_finish(net, 5));
    return net;
}

typedef struct net_case {
    lode_pass *pass;
    float *dy;
} net_case;

static double net_loss(void *context) {
    net_case *s = context;
    assert_lode_ok(lode_pass_forward(s->pass, 0, 1, 2, NULL));
    return dot(N * OUTPUTS, lode_pass_output(s->pass, NULL, NULL), s->dy);
}

static void fill_input(lode_pass *pass) {
    float *x = random_values(N * SIDE * SIDE * CHANNELS, 3);
    memcpy(lode_pass_input(pass), x, N * SIDE * SIDE * CHANNELS * sizeof *x);
    lode_free(x);
}

static void gradients_of_a_net(void **state) {
    (void)state;
    lode_net *net = small_net(0.3);
    net_case s = {.dy = random_values(N * OUTPUTS, 4)};
    assert_lode_ok(lode_pass_create(net, LODE_TRAINING, N, SIDE, SIDE, NULL, &s.pass));
    fill_input(s.pass);
    net_loss(&s);
    float *gradients = lode_alloc(lode_net_parameter_count(net), sizeof *gradients);
    assert_lode_ok(lode_pass_backward(s.pass, 1, 2, s.dy, gradients, NULL));
    for (int i = 0; i < lode_net_tensor_count(net); i++) {
        const lode_net_tensor *tensor = lode_net_get_tensor(net, i);
        if (tensor->trained)
            check_gradient(tensor->name, net_loss, &s, lode_net_tensor_values(net, i),
                           gradients + tensor->offset, tensor->size, 1e-3, 3e-2);
    }
    lode_free(gradients), lode_free(s.dy);
    lode_pass_free(s.pass);
    lode_net_free(net);
}

static void inference_equals_training_with_the_same_statistics(void **state) {
    (void)state;
    lode_net *net = small_net(0);
    lode_pass *training = NULL, *inference = NULL;
    assert_lode_ok(lode_pass_create(net, LODE_TRAINING, N, SIDE, SIDE, NULL, &training));
    fill_input(training);
    assert_lode_ok(lode_pass_forward(training, 1, 1, 2, NULL));
    assert_lode_ok(lode_net_prepare(net));
    assert_lode_ok(lode_pass_create(net, LODE_INFERENCE, N, SIDE, SIDE, NULL, &inference));
    fill_input(inference);
    lode_pass_infer(inference);
    const float *a = lode_pass_output(training, NULL, NULL),
                *b = lode_pass_output(inference, NULL, NULL);
    for (int i = 0; i < N * OUTPUTS; i++) /* running variances are unbiased: a few per cent here */
        assert_true(fabsf(a[i] - b[i]) < 0.05f * (1 + fabsf(a[i])));
    assert_true(lode_pass_memory(inference) < lode_pass_memory(training) / 2);
    lode_pass_free(training);
    lode_pass_free(inference);
    lode_net_free(net);
}

static void threads_do_not_change_bits(void **state) {
    (void)state;
    lode_net *net = small_net(0.3);
    float *gradients[2], output[2][N * OUTPUTS], *dy = random_values(N * OUTPUTS, 4);
    for (int k = 0; k < 2; k++) {
        lode_team *team = NULL;
        lode_pass *pass = NULL;
        assert_lode_ok(lode_team_create(k ? 5 : 1, &team));
        assert_lode_ok(lode_pass_create(net, LODE_TRAINING, N, SIDE, SIDE, team, &pass));
        fill_input(pass);
        gradients[k] = lode_alloc(lode_net_parameter_count(net), sizeof(float));
        assert_lode_ok(lode_pass_forward(pass, 0, 1, 2, NULL));
        memcpy(output[k], lode_pass_output(pass, NULL, NULL), sizeof output[k]);
        assert_lode_ok(lode_pass_backward(pass, 1, 2, dy, gradients[k], NULL));
        lode_pass_free(pass);
        lode_team_free(team);
    }
    assert_memory_equal(output[0], output[1], sizeof output[0]);
    assert_memory_equal(gradients[0], gradients[1], lode_net_parameter_count(net) * sizeof(float));
    lode_free(gradients[0]), lode_free(gradients[1]), lode_free(dy);
    lode_net_free(net);
}

static void bad_nets_are_refused(void **state) {
    (void)state;
    lode_net *net = NULL;
    assert_lode_ok(lode_net_create(3, &net));
    int x = lode_net_add_conv(net, 0, "conv", &(lode_net_conv){.outputs = 8, .groups = 2});
    assert_int_equal(x, -1);
    lode_net_add_norm(net, x, "norm", LODE_RELU);
    assert_lode_fails(lode_net_finish(net, 1), LODE_ERROR_INTERNAL, "groups");
    lode_net_free(net);
    net = small_net(0);
    lode_pass *pass = NULL;
    assert_lode_fails(lode_pass_create(net, LODE_INFERENCE, 1, 3, 3, NULL, &pass), LODE_ERROR_DATA,
                      "too small");
    lode_net_free(net);
}

static void failed_allocations_are_reported(void **state) {
    (void)state;
    for (long k = 1; k < 400; k++) {
        lode_net *net = NULL;
        lode_pass *pass = NULL;
        lode_alloc_fail_at(k);
        lode_status status = lode_net_create(2, &net);
        if (status == LODE_OK) {
            int x = lode_net_add_conv(net, 0, "conv", &(lode_net_conv){.outputs = 4, .kernel = 3});
            lode_net_add_norm(net, x, "norm", LODE_RELU);
            status = lode_net_finish(net, 1);
            if (status == LODE_OK)
                status = lode_net_prepare(net);
            if (status == LODE_OK)
                status = lode_pass_create(net, LODE_TRAINING, 1, 4, 4, NULL, &pass);
        }
        lode_alloc_fail_at(0);
        lode_pass_free(pass);
        lode_net_free(net);
        if (status == LODE_OK)
            return;
        assert_int_equal(status, LODE_ERROR_MEMORY);
    }
    fail_msg("never succeeded");
}

static void buffers_that_meet_do_not_overlap(void **state) {
    (void)state;
    enum { COUNT = 60 };
    lode_arena_buffer b[COUNT];
    lode_random random = lode_random_stream(3, 0);
    size_t sum = 0, size = 0;
    for (int i = 0; i < COUNT; i++) {
        int start = (int)lode_random_below(&random, 40);
        b[i] = (lode_arena_buffer){.size = lode_random_below(&random, 1000),
                                   .start = start,
                                   .end = start + (int)lode_random_below(&random, 6)};
        sum += b[i].size;
    }
    assert_lode_ok(lode_arena_plan(b, COUNT, &size));
    assert_true(size < sum / 2);
    for (int i = 0; i < COUNT; i++) {
        assert_true(b[i].size == 0 || b[i].offset + b[i].size <= size);
        assert_true(b[i].offset % 16 == 0);
        for (int j = 0; j < i; j++)
            if (b[i].start <= b[j].end && b[j].start <= b[i].end && b[i].size && b[j].size)
                assert_true(b[i].offset + b[i].size <= b[j].offset ||
                            b[j].offset + b[j].size <= b[i].offset);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_a_net),
        cmocka_unit_test(inference_equals_training_with_the_same_statistics),
        cmocka_unit_test(threads_do_not_change_bits),
        cmocka_unit_test(bad_nets_are_refused),
        cmocka_unit_test(failed_allocations_are_reported),
        cmocka_unit_test(buffers_that_meet_do_not_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

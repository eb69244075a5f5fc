/* ResNet-50 and MobileNetV2 as encoders: size, windows, determinism, training interface. */
#include <time.h>

#include "encoder/mobilenetv2.h"
#include "encoder/resnet50.h"
#include "nn_check.h"
#include "util/parallel.h"

enum { CHANNELS = 5, SIDE = 9 };

static void published_parameter_counts(void **state) {
    (void)state;
    lode_net *net = NULL;
    assert_lode_ok(lode_resnet50_net(3, 1000, false, LODE_SEED_NONE, &net));
    assert_int_equal(lode_net_parameter_count(net), 25557032);
    lode_net_free(net);
    assert_lode_ok(lode_mobilenetv2_net(3, 1000, false, LODE_SEED_NONE, &net));
    assert_int_equal(lode_net_parameter_count(net), 3504872);
    lode_net_free(net);
}

static lode_encoder *encoder_of(const char *kind, const char *stem) {
    lode_encoder *encoder = NULL;
    json_t *hyper = json_pack("{si ss}", "window", SIDE, "stem", stem);
    assert_lode_ok(lode_encoder_create(kind, hyper, CHANNELS, 3, &encoder));
    json_decref(hyper);
    assert_lode_ok(lode_encoder_prepare(encoder));
    return encoder;
}

static void a_cell_depends_on_its_window_only(void **state) {
    (void)state;
    enum { WIDTH = 9, MOST = 8, ROW = (WIDTH + SIDE - 1) * CHANNELS };
    const int height = test_size(MOST, 2);
    lode_encoder *encoder = encoder_of("mobilenetv2", "small");
    size_t dims = (size_t)lode_encoder_dims(encoder);
    assert_int_equal(dims, 1280);
    float *input = random_values(ROW * (MOST + SIDE - 1), 1);
    float *all = lode_alloc(WIDTH * MOST * dims, sizeof *all), *one = lode_alloc(dims, sizeof *one);
    static float windows[3][SIDE * SIDE * CHANNELS];
    float *some = lode_alloc(3 * dims, sizeof *some);
    size_t kept = 0;
    lode_span row = lode_encoder_span(encoder, 100, WIDTH);
    lode_span rows = lode_encoder_span(encoder, 7, height);
    lode_span alone = lode_encoder_window_span(encoder, 1);
    assert_int_equal(row.first, 100 - SIDE / 2);
    assert_int_equal(row.count, ROW / CHANNELS);
    assert_lode_ok(lode_encoder_embed(encoder, input, &row, &rows, all));
    for (int cell = 0; cell < WIDTH * height; cell += 17) {
        float window[SIDE * SIDE * CHANNELS];
        for (int y = 0; y < SIDE; y++)
            memcpy(window + y * SIDE * CHANNELS,
                   input + (cell / WIDTH + y) * ROW + cell % WIDTH * CHANNELS,
                   SIDE * CHANNELS * sizeof *window);
        assert_lode_ok(lode_encoder_embed(encoder, window, &alone, &alone, one));
        assert_memory_equal(one, all + (size_t)cell * dims, dims * sizeof *one);
        if (kept < 3) {
            memcpy(windows[kept], window, sizeof window);
            memcpy(all + kept++ * dims, one, dims * sizeof *one); /* expected below */
        }
    }
    /* Windows from anywhere, together: the same numbers again. */
    assert_lode_ok(lode_encoder_embed_windows(encoder, windows[0], kept, some));
    assert_memory_equal(some, all, kept * dims * sizeof *some);
    lode_free(input), lode_free(all), lode_free(one), lode_free(some);
    lode_encoder_free(encoder);
}

enum { MANY = 4096 };

static lode_status embed_many(void *context, size_t item, int worker) {
    (void)item, (void)worker;
    float *windows = random_values(MANY * SIDE * SIDE * CHANNELS, 1);
    float *out = lode_alloc(MANY, 1280 * sizeof *out);
    lode_status status = lode_encoder_embed_windows(context, windows, MANY, out);
    lode_free(windows), lode_free(out);
    return status;
}

static int stop_at_once(double complete, const char *message, void *user) {
    (void)complete, (void)message;
    return ++*(int *)user < 2;
}

/* One item that takes seconds gives up when its loop is cancelled. */
static void long_work_can_be_cancelled(void **state) {
    (void)state;
    lode_encoder *encoder = encoder_of("mobilenetv2", "small");
    int calls = 0;
    lode_progress progress = {stop_at_once, &calls, 0, 1};
    clock_t start = clock();
    assert_int_equal(lode_parallel_for(1, 1, embed_many, encoder, &progress, NULL),
                     LODE_ERROR_CANCELLED);
    if (test_size(1, 0))
        assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 1);
    assert_false(lode_parallel_stopped());
    lode_encoder_free(encoder);
}

static void training_moves_statistics_and_gradients(void **state) {
    (void)state;
    lode_encoder *encoder = encoder_of("mobilenetv2", "standard");
    lode_trainer *trainer = NULL;
    lode_team *team = NULL;
    assert_lode_ok(lode_team_create(2, &team));
    assert_lode_ok(lode_trainer_create(encoder, 2, SIDE, team, &trainer));
    assert_int_equal(lode_trainer_outputs(trainer), 1);
    float *x = random_values(2 * SIDE * SIDE * CHANNELS, 1), *dy = random_values(2 * 1280, 2);
    memcpy(lode_trainer_input(trainer), x, 2 * SIDE * SIDE * CHANNELS * sizeof *x);
    const float *embedding = NULL;
    assert_lode_ok(lode_trainer_forward(trainer, 0.1, NULL, &embedding));
    assert_true(isfinite(embedding[0]));
    assert_lode_ok(lode_trainer_backward(trainer, dy, NULL));
    const lode_encoder_kind *kind = lode_encoder_get_kind(encoder);
    for (int i = 0; i < kind->tensor_count(lode_encoder_state(encoder)); i++) {
        lode_tensor_view view;
        kind->tensor(lode_encoder_state(encoder), i, &view);
        const float *gradient = lode_trainer_gradient(trainer, i);
        assert_true((gradient != NULL) == (view.trained != 0));
        if (strcmp(view.name, "features.0.0.weight") == 0)
            assert_true(dot((size_t)lode_tensor_size(&view), gradient, gradient) > 0);
        if (strcmp(view.name, "features.0.1.running_mean") == 0)
            assert_true(view.data[0] != 0);
    }
    lode_free(x), lode_free(dy);
    lode_trainer_free(trainer);
    lode_team_free(team);
    lode_encoder_free(encoder);
}

static void bad_options_are_refused(void **state) {
    (void)state;
    lode_encoder *encoder = NULL;
    json_t *even = json_pack("{si}", "window", 32), *stem = json_pack("{ss}", "stem", "big");
    assert_lode_fails(lode_encoder_create("resnet50", even, 4, 1, &encoder), LODE_ERROR_MODEL,
                      "odd");
    assert_lode_fails(lode_encoder_create("mobilenetv2", stem, 4, 1, &encoder), LODE_ERROR_MODEL,
                      "stem");
    json_decref(even);
    json_decref(stem);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_parameter_counts),
        cmocka_unit_test(a_cell_depends_on_its_window_only),
        cmocka_unit_test(long_work_can_be_cancelled),
        cmocka_unit_test(training_moves_statistics_and_gradients),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

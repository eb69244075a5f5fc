#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "encoder/context.h"
#include "encoder/dense.h"
#include "encoder/dense_kernel.h"
#include "encoder/train.h"
#include "util/memory.h"
#include "util/random.h"

static void fill(float *values, size_t count, uint64_t seed) {
    lode_random random = lode_random_stream(seed, 7);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)lode_random_normal(&random);
}

static lode_encoder *make(const char *hyper, int channels) {
    json_t *json = json_loads(hyper, 0, NULL);
    lode_encoder *encoder = NULL;
    assert_lode_ok(lode_encoder_create("dense", json, channels, 3, &encoder));
    json_decref(json);
    return encoder;
}

/* Running statistics and normalisation weights away from their neutral start. */
static void roughen(lode_encoder *encoder) {
    const lode_encoder_kind *kind = lode_encoder_get_kind(encoder);
    void *state = lode_encoder_state(encoder);
    for (int i = 0; i < kind->tensor_count(state); i++) {
        lode_tensor_view view;
        kind->tensor(state, i, &view);
        lode_random random = lode_random_stream(11, (uint64_t)i);
        for (int64_t k = 0; view.dims == 1 && k < view.shape[0]; k++)
            view.data[k] += (float)(0.4 * lode_random_uniform(&random));
    }
}

/* Windows that lie nowhere in a raster. */
static lode_status embed(const lode_encoder *encoder, const float *input, int width, int height,
                         float *out) {
    lode_columns columns = lode_encoder_window_columns(encoder, width);
    return lode_encoder_embed(encoder, input, &columns, height, out);
}

/* The naive sum against the kernel, for every short row length and for rows of a tile. */
static void kernel_matches_plain_sums(void **state) {
    (void)state;
    enum { CHANNELS = 7, OUTPUTS = 32, TAPS = 2, MOST = 29 };
    static float input[(MOST + 3) * CHANNELS], weights[TAPS * CHANNELS * OUTPUTS];
    static float packed[TAPS * CHANNELS * OUTPUTS], bias[OUTPUTS], out[MOST * OUTPUTS];
    fill(input, sizeof input / sizeof *input, 1);
    fill(weights, sizeof weights / sizeof *weights, 2);
    fill(bias, OUTPUTS, 3);
    lode_kernel_pack(weights, TAPS, CHANNELS, OUTPUTS, packed);
    for (int pixels = 1; pixels <= MOST; pixels++) {
        lode_kernel_tap taps[TAPS] = {
            {input, packed}, {input + 3 * CHANNELS, packed + CHANNELS * LODE_KERNEL_BLOCK}};
        lode_kernel_convolve(taps, TAPS, CHANNELS, TAPS * CHANNELS * LODE_KERNEL_BLOCK, bias, true,
                             out, pixels, OUTPUTS);
        for (int p = 0; p < pixels; p++)
            for (int o = 0; o < OUTPUTS; o++) {
                double sum = bias[o];
                for (int t = 0; t < TAPS; t++)
                    for (int c = 0; c < CHANNELS; c++)
                        sum += (double)input[(p + 3 * t) * CHANNELS + c] *
                               weights[(t * CHANNELS + c) * OUTPUTS + o];
                assert_float_equal(out[p * OUTPUTS + o], sum > 0 ? sum : 0, 1e-5);
            }
    }
    float gradient[CHANNELS * OUTPUTS] = {0};
    fill(out, sizeof out / sizeof *out, 4);
    lode_kernel_gradient(input, CHANNELS, out, OUTPUTS, MOST, gradient);
    for (int c = 0; c < CHANNELS; c++)
        for (int o = 0; o < OUTPUTS; o++) {
            double sum = 0;
            for (int p = 0; p < MOST; p++)
                sum += (double)input[p * CHANNELS + c] * out[p * OUTPUTS + o];
            assert_float_equal(gradient[c * OUTPUTS + o], sum, 1e-4);
        }
}

/* A map of any size holds, bit for bit, what each window alone gives; some cells are missing. */
static void compare_map_with_windows(const char *hyper) {
    enum { C = 5, W = 23, H = 14, R = 8, D = 16, SIDE = 2 * R + 1 };
    lode_encoder *encoder = make(hyper, C);
    roughen(encoder);
    assert_lode_ok(lode_encoder_prepare(encoder));
    assert_int_equal(lode_encoder_half_window(encoder), R);
    assert_int_equal(lode_encoder_dims(encoder), D);
    enum { WIDE = W + 2 * R, HIGH = H + 2 * R };
    static float input[HIGH * WIDE * C], out[H * W * D], window[SIDE * SIDE * C], one[D];
    fill(input, sizeof input / sizeof *input, 5);
    lode_random random = lode_random_stream(1, 1);
    for (int i = 0; i < WIDE * HIGH; i++) /* outside the raster on the left, and a third of cells */
        if (i % WIDE < R || lode_random_below(&random, 3) == 0)
            memset(input + i * C, 0, C * sizeof *input);
    assert_lode_ok(embed(encoder, input, W, H, out));
    for (int y = 0; y < H; y += test_size(1, 6))
        for (int x = 0; x < W; x += test_size(1, 5)) {
            for (int r = 0; r < SIDE; r++)
                memcpy(window + r * SIDE * C, input + ((y + r) * WIDE + x) * C,
                       SIDE * C * sizeof *window);
            assert_lode_ok(embed(encoder, window, 1, 1, one));
            assert_memory_equal(one, out + (y * W + x) * D, sizeof one);
        }
    lode_encoder_free(encoder);
}

static void map_equals_window_by_window(void **state) {
    (void)state;
    compare_map_with_windows("{\"window\":17,\"width\":32,\"dims\":16,\"scales\":3}");
    compare_map_with_windows("{\"window\":17,\"width\":16,\"dims\":16,\"context\":1}");
    compare_map_with_windows("{\"window\":17,\"width\":16,\"dims\":16,\"context\":2}");
}

/* Embeds columns x .. x + width - 1 of a raster, which is 0 outside; returns what the caller frees.
 */
static float *embed_columns(const lode_encoder *encoder, const float *raster, int raster_width,
                            int channels, int x, int width, int height) {
    lode_columns columns = lode_encoder_columns(encoder, x, width);
    size_t rows = (size_t)(height + 2 * lode_encoder_half_window(encoder));
    size_t row = (size_t)columns.count * (size_t)channels;
    float *input = lode_alloc(rows, row * sizeof *input);
    float *out =
        lode_alloc((size_t)(width * height), (size_t)lode_encoder_dims(encoder) * sizeof *out);
    for (size_t y = 0; y < rows; y++)
        for (int c = 0; c < columns.count; c++)
            if (columns.first + c >= 0 && columns.first + c < raster_width)
                memcpy(input + y * row + c * channels,
                       raster + ((int)y * raster_width + columns.first + c) * channels,
                       (size_t)channels * sizeof *input);
    assert_lode_ok(lode_encoder_embed(encoder, input, &columns, height, out));
    lode_free(input);
    return out;
}

/* Columns of a raster, however they are divided: the same bits, and those of the windows alone but
 * for rounding. */
static void compare_columns(const char *hyper) {
    enum { C = 3, WIDE = 130, H = 3, FIRST = 20, W = 61 };
    lode_encoder *encoder = make(hyper, C);
    roughen(encoder);
    assert_lode_ok(lode_encoder_prepare(encoder));
    int dims = lode_encoder_dims(encoder), half = lode_encoder_half_window(encoder);
    size_t size = (size_t)((H + 2 * half) * WIDE * C);
    float *raster = lode_alloc(size, sizeof *raster);
    fill(raster, size, 5);
    float *whole = embed_columns(encoder, raster, WIDE, C, FIRST, W, H);
    static const int widths[] = {1, 2, 5, 16, 19};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        for (int x = 0; x + widths[i] <= W; x += widths[i] + test_size(0, 7)) {
            float *part = embed_columns(encoder, raster, WIDE, C, FIRST + x, widths[i], H);
            for (int y = 0; y < H; y++)
                assert_memory_equal(part + y * widths[i] * dims, whole + (y * W + x) * dims,
                                    (size_t)(widths[i] * dims) * sizeof *part);
            lode_free(part);
        }
    lode_columns here = lode_encoder_columns(encoder, FIRST, W);
    lode_columns far = lode_encoder_columns(encoder, 600000 * 3360 + FIRST, W);
    assert_int_equal(far.x - far.first, here.x - here.first);
    assert_int_equal(far.count, here.count);
    int side = 2 * half + 1;
    float *window = lode_alloc((size_t)(side * side * C), sizeof *window), one[64];
    for (int x = 0; x < W; x += 3) {
        memset(window, 0, (size_t)(side * side * C) * sizeof *window);
        for (int y = 0; y < side; y++)
            for (int c = 0; c < side; c++)
                if (FIRST + x - half + c >= 0 && FIRST + x - half + c < WIDE)
                    memcpy(window + (y * side + c) * C,
                           raster + (y * WIDE + FIRST + x - half + c) * C, C * sizeof *window);
        assert_lode_ok(embed(encoder, window, 1, 1, one));
        for (int k = 0; k < dims; k++)
            assert_float_equal(one[k], whole[x * dims + k], 1e-4);
    }
    lode_free(window);
    lode_free(raster);
    lode_free(whole);
    lode_encoder_free(encoder);
}

static void columns_of_a_raster_do_not_depend_on_their_neighbours(void **state) {
    (void)state;
    compare_columns("{\"window\":17,\"width\":16,\"dims\":16,\"scales\":1}");
    compare_columns("{\"window\":15,\"width\":16,\"dims\":16}");
    compare_columns("{\"window\":33,\"width\":16,\"dims\":16}");
    compare_columns("{\"window\":67,\"width\":16,\"dims\":16}");
    compare_columns("{\"window\":17,\"width\":16,\"dims\":16,\"context\":2}");
}

/* Level k is the mean over the 2^k x 2^k blocks that contain the cell, of the cells with data. */
static void context_is_the_mean_of_blocks(void **state) {
    (void)state;
    enum { C = 3, LEVELS = 2, REACH = 3, W = 6, WIDE = W + 2 * REACH, HIGH = 2 * REACH + 1 };
    static float input[HIGH * WIDE * C], scratch[WIDE * C], out[W * (1 + LEVELS) * C];
    fill(input, sizeof input / sizeof *input, 9);
    for (int i = 0; i < WIDE * HIGH; i++) {
        input[i * C + 2] = i % 3 ? 1 : 0;
        if (i % 3 == 0)
            input[i * C] = input[i * C + 1] = 0;
    }
    assert_int_equal(lode_context_reach(LEVELS), REACH);
    lode_context_row(input, WIDE * C, C, LEVELS, W, scratch, out);
    for (int x = 0; x < W; x++)
        for (int level = 0; level <= LEVELS; level++) {
            int s = 1 << level, blocks = 0;
            double sum[2] = {0, 0}, count = 0;
            for (int by = 1 - s; by <= 0; by++) /* every block that contains the cell */
                for (int bx = 1 - s; bx <= 0; bx++, blocks++)
                    for (int i = 0; i < s * s; i++) {
                        int row = REACH + by + i / s, column = REACH + x + bx + i % s;
                        const float *cell = input + (row * WIDE + column) * C;
                        sum[0] += cell[0];
                        sum[1] += cell[1];
                        count += cell[2];
                    }
            const float *found = out + (x * (1 + LEVELS) + level) * C;
            for (int c = 0; c < 2; c++)
                assert_float_equal(found[c], count > 0 ? sum[c] / count : 0, 1e-5);
            assert_float_equal(found[2], count / (blocks * s * s), 1e-6);
        }
}

/* Only the window matters: a change anywhere in it shows, one cell outside it does not. */
static void window_is_exactly_as_stated(void **state) {
    (void)state;
    const char *hypers[] = {"{\"window\":5}",
                            "{\"window\":11}",
                            "{\"window\":25}",
                            "{\"window\":33}",
                            "{\"window\":17,\"depth\":5}",
                            "{\"window\":17,\"scales\":1}",
                            "{\"window\":17,\"context\":1}",
                            "{\"window\":17,\"context\":2}"};
    for (size_t i = 0; i < sizeof hypers / sizeof *hypers; i++) {
        lode_encoder *encoder = make(hypers[i], 2);
        assert_lode_ok(lode_encoder_prepare(encoder));
        int side = 2 * lode_encoder_half_window(encoder) + 1, wide = side + 1;
        float *input = lode_alloc((size_t)(wide * wide * 2), sizeof *input);
        float base[4 * 64], moved[4 * 64];
        fill(input, (size_t)(wide * wide * 2), 3);
        assert_lode_ok(embed(encoder, input, 2, 2, base));
        input[0] += 100; /* top left corner: in the window of the first cell alone */
        assert_lode_ok(embed(encoder, input, 2, 2, moved));
        assert_memory_not_equal(base, moved, 64 * sizeof *base);
        assert_memory_equal(base + 64, moved + 64, 3 * 64 * sizeof *base);
        lode_free(input);
        lode_encoder_free(encoder);
    }
}

static void unfit_hyper_parameters_are_refused(void **state) {
    (void)state;
    const struct {
        const char *hyper, *message;
    } cases[] = {{"{\"window\":32}", "window must be odd"},
                 {"{\"window\":3}", "window must be a whole number from 5 to 257"},
                 {"{\"width\":40}", "multiple of 16"},
                 {"{\"dims\":\"many\"}", "dims must be a whole number"},
                 {"{\"window\":33,\"depth\":3}", "depth of 4 to 15"},
                 {"{\"window\":9,\"depth\":5}", "depth of 2 to 3"},
                 {"{\"window\":9,\"context\":2}", "context 2 needs a window of at least 11"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *json = json_loads(cases[i].hyper, 0, NULL);
        lode_encoder *encoder = NULL;
        assert_lode_fails(lode_encoder_create("dense", json, 4, 1, &encoder), LODE_ERROR_USAGE,
                          cases[i].message);
        assert_null(encoder);
        json_decref(json);
    }
    lode_encoder *encoder = NULL;
    assert_lode_fails(lode_encoder_create("vgg", NULL, 4, 1, &encoder), LODE_ERROR_MODEL, "vgg");
}

/* ---- Training ---------------------------------------------------------------------------------
 */

enum { SAMPLES = 3, CHANNELS = 5, SIDE = 17, OUTPUTS = 9, DIMS = 16 };
enum { EMBEDDED = SAMPLES * OUTPUTS * OUTPUTS * DIMS };

/* Loss of the tests: a fixed random weighting of all embeddings and of their squares. */
static double loss_of(lode_trainer *trainer, const float *factor, float *gradient) {
    const float *embedding;
    double loss = 0;
    assert_lode_ok(lode_trainer_forward(trainer, 0, NULL, &embedding));
    for (int i = 0; i < EMBEDDED; i++) {
        double e = embedding[i];
        loss += factor[i] * (e + 0.5 * e * e);
        if (gradient)
            gradient[i] = (float)(factor[i] * (1 + e));
    }
    return loss;
}

/* Central differences along a random direction of every trained tensor. */
static void check_gradients(const char *hyper) {
    lode_encoder *encoder = make(hyper, CHANNELS);
    roughen(encoder);
    lode_trainer *trainer = NULL;
    assert_lode_ok(lode_trainer_create(encoder, SAMPLES, SIDE, NULL, &trainer));
    assert_int_equal(lode_trainer_outputs(trainer), OUTPUTS);
    fill(lode_trainer_input(trainer), SAMPLES * SIDE * SIDE * CHANNELS, 21);
    static float factor[EMBEDDED], gradient[EMBEDDED];
    fill(factor, EMBEDDED, 22);
    loss_of(trainer, factor, gradient);
    assert_lode_ok(lode_trainer_backward(trainer, gradient, NULL));
    const lode_encoder_kind *kind = lode_encoder_get_kind(encoder);
    void *inner = lode_encoder_state(encoder);
    int checked = 0;
    for (int i = 0; i < kind->tensor_count(inner); i++) {
        lode_tensor_view view;
        kind->tensor(inner, i, &view);
        float *analytic = lode_trainer_gradient(trainer, i);
        if (!view.trained) {
            assert_null(analytic);
            continue;
        }
        size_t size = (size_t)lode_tensor_size(&view);
        float *direction = lode_alloc(size, sizeof *direction);
        float *saved = lode_alloc(size, sizeof *saved);
        memcpy(saved, view.data, size * sizeof *saved);
        double norm = 0, expected = 0, step = 5e-4;
        for (size_t k = 0; k < size; k++)
            norm += (double)analytic[k] * analytic[k];
        fill(direction, size, (uint64_t)(100 + i));
        for (size_t k = 0; k < size; k++) { /* leans on the gradient: the slope is not small */
            direction[k] = (float)(direction[k] / sqrt((double)size) + analytic[k] / sqrt(norm));
            expected += (double)direction[k] * analytic[k];
        }
        double side[2];
        for (int s = 0; s < 2; s++) {
            for (size_t k = 0; k < size; k++)
                view.data[k] = saved[k] + (float)((s ? -step : step) * direction[k]);
            side[s] = loss_of(trainer, factor, NULL);
        }
        memcpy(view.data, saved, size * sizeof *saved);
        double measured = (side[0] - side[1]) / (2 * step);
        if (fabs(measured - expected) > 0.01 * fabs(expected) + 1e-3)
            fail_msg("%s: slope %g by differences, %g by backward", view.name, measured, expected);
        lode_free(direction);
        lode_free(saved);
        checked++;
    }
    assert_int_equal(checked, 3 * 3 + 2);
    lode_trainer_free(trainer);
    lode_encoder_free(encoder);
}

static void gradients_match_finite_differences(void **state) {
    (void)state;
    check_gradients("{\"window\":9,\"width\":16,\"dims\":16}");
    check_gradients("{\"window\":9,\"width\":16,\"dims\":16,\"scales\":1}");
    check_gradients("{\"window\":9,\"width\":16,\"dims\":16,\"context\":1}");
}

/* Gradients are the same bits for 1 and 2 threads, also for a dilation beyond the plane's side. */
static void threads_do_not_change_gradients(void **state) {
    (void)state;
    enum { WIDE = 36 };
    static float kept[9 * 16 * 16];
    for (int threads = 1; threads <= 3; threads++) {
        lode_encoder *encoder = make("{\"window\":33,\"width\":16,\"dims\":16}", CHANNELS);
        lode_team *team = NULL;
        lode_trainer *trainer = NULL;
        const float *embedding;
        assert_lode_ok(lode_team_create(threads, &team));
        assert_lode_ok(lode_trainer_create(encoder, SAMPLES, WIDE, team, &trainer));
        fill(lode_trainer_input(trainer), SAMPLES * WIDE * WIDE * CHANNELS, 21);
        assert_lode_ok(lode_trainer_forward(trainer, 0.5, NULL, &embedding));
        float gradient[SAMPLES * 4 * 4 * DIMS];
        memcpy(gradient, embedding, sizeof gradient);
        assert_lode_ok(lode_trainer_backward(trainer, gradient, NULL));
        float *found = lode_trainer_gradient(trainer, LODE_DENSE_LAYER_TENSORS);
        if (threads == 1)
            memcpy(kept, found, sizeof kept);
        else
            assert_memory_equal(kept, found, sizeof kept);
        lode_trainer_free(trainer);
        lode_team_free(team);
        lode_encoder_free(encoder);
    }
}

/* With running statistics set to the batch's, inference gives what training saw. */
static void compare_inference_with_training(const char *hyper) {
    enum { C = CHANNELS };
    lode_encoder *encoder = make(hyper, C);
    lode_trainer *trainer = NULL;
    assert_lode_ok(lode_trainer_create(encoder, SAMPLES, SIDE, NULL, &trainer));
    fill(lode_trainer_input(trainer), SAMPLES * SIDE * SIDE * C, 31);
    const float *trained;
    static float out[OUTPUTS * OUTPUTS * DIMS];
    assert_lode_ok(lode_trainer_forward(trainer, 1, NULL, &trained));
    assert_lode_ok(lode_encoder_prepare(encoder));
    for (int s = 0; s < SAMPLES; s++) {
        assert_lode_ok(embed(encoder, lode_trainer_input(trainer) + s * SIDE * SIDE * C, OUTPUTS,
                             OUTPUTS, out));
        for (int i = 0; i < OUTPUTS * OUTPUTS * DIMS; i++)
            assert_float_equal(out[i], trained[s * OUTPUTS * OUTPUTS * DIMS + i], 2e-5);
    }
    lode_trainer_free(trainer);
    lode_encoder_free(encoder);
}

static void inference_agrees_with_training(void **state) {
    (void)state;
    compare_inference_with_training("{\"window\":9,\"width\":16,\"dims\":16}");
    compare_inference_with_training("{\"window\":9,\"width\":16,\"dims\":16,\"context\":1}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernel_matches_plain_sums),
        cmocka_unit_test(map_equals_window_by_window),
        cmocka_unit_test(columns_of_a_raster_do_not_depend_on_their_neighbours),
        cmocka_unit_test(context_is_the_mean_of_blocks),
        cmocka_unit_test(window_is_exactly_as_stated),
        cmocka_unit_test(unfit_hyper_parameters_are_refused),
        cmocka_unit_test(gradients_match_finite_differences),
        cmocka_unit_test(threads_do_not_change_gradients),
        cmocka_unit_test(inference_agrees_with_training),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

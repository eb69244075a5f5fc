#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "encoder/context.h"
#include "encoder/dense.h"
#include "encoder/dense_kernel.h"
#include "encoder/dense_layout.h"
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
    lode_span columns = lode_encoder_window_span(encoder, width);
    lode_span rows = lode_encoder_window_span(encoder, height);
    return lode_encoder_embed(encoder, input, &columns, &rows, out);
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

enum { RASTER_CHANNELS = 3, RASTER_SIDE = 120 };

typedef struct rectangle {
    int x, y, width, height;
} rectangle;

/* The cells of a raster that two spans name, which is 0 outside. */
static float *cut(const float *raster, const lode_span *columns, const lode_span *rows) {
    enum { C = RASTER_CHANNELS };
    float *input = lode_alloc((size_t)columns->count * (size_t)rows->count, C * sizeof *input);
    for (int r = 0; r < rows->count; r++)
        for (int c = 0; c < columns->count; c++) {
            int x = columns->first + c, y = rows->first + r;
            if (x >= 0 && x < RASTER_SIDE && y >= 0 && y < RASTER_SIDE)
                memcpy(input + (r * columns->count + c) * C, raster + (y * RASTER_SIDE + x) * C,
                       C * sizeof *input);
        }
    return input;
}

/* Embeds a part of a raster; the caller frees the result. */
static float *embed_part(const lode_encoder *encoder, const float *raster, rectangle part) {
    lode_span columns = lode_encoder_span(encoder, part.x, part.width);
    lode_span rows = lode_encoder_span(encoder, part.y, part.height);
    float *input = cut(raster, &columns, &rows);
    float *out = lode_alloc((size_t)(part.width * part.height),
                            (size_t)lode_encoder_dims(encoder) * sizeof *out);
    assert_lode_ok(lode_encoder_embed(encoder, input, &columns, &rows, out));
    lode_free(input);
    return out;
}

/* Whether a part's embedding is what the whole's has there. */
static void assert_same(const float *part, rectangle at, const float *whole, rectangle all,
                        int dims) {
    for (int y = 0; y < at.height; y++) {
        int cell = (at.y - all.y + y) * all.width + at.x - all.x;
        assert_memory_equal(part + y * at.width * dims, whole + cell * dims,
                            (size_t)(at.width * dims) * sizeof *part);
    }
}

/* The windows alone give the same numbers but for rounding. */
static void compare_with_windows(const lode_encoder *encoder, const float *raster,
                                 const float *whole, rectangle all) {
    int dims = lode_encoder_dims(encoder);
    for (int y = 0; y < all.height; y += test_size(9, 20))
        for (int x = 0; x < all.width; x += 3) {
            float one[64];
            lode_span column = lode_encoder_window_span(encoder, 1), row = column;
            column.first += all.x + x;
            row.first += all.y + y;
            float *window = cut(raster, &column, &row);
            assert_lode_ok(embed(encoder, window, 1, 1, one));
            for (int k = 0; k < dims; k++)
                assert_float_equal(one[k], whole[(y * all.width + x) * dims + k], 1e-4);
            lode_free(window);
        }
}

/* A raster, however it is divided: the same bits. */
static void compare_parts(const char *hyper) {
    static const int sizes[][2] = {{1, 1}, {2, 7}, {5, 2}, {16, 33}, {19, 16}, {61, 5}};
    const rectangle all = {20, 13, 61, 45};
    lode_encoder *encoder = make(hyper, RASTER_CHANNELS);
    roughen(encoder);
    assert_lode_ok(lode_encoder_prepare(encoder));
    size_t size = (size_t)RASTER_SIDE * RASTER_SIDE * RASTER_CHANNELS;
    float *raster = lode_alloc(size, sizeof *raster);
    fill(raster, size, 5);
    float *whole = embed_part(encoder, raster, all);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int w = sizes[i][0], h = sizes[i][1];
        for (int y = 0; y + h <= all.height; y += h + test_size(7, 19))
            for (int x = 0; x + w <= all.width; x += w + test_size(5, 17)) {
                rectangle at = {all.x + x, all.y + y, w, h};
                float *part = embed_part(encoder, raster, at);
                assert_same(part, at, whole, all, lode_encoder_dims(encoder));
                lode_free(part);
            }
    }
    lode_span here = lode_encoder_span(encoder, all.x, all.width);
    lode_span far = lode_encoder_span(encoder, 600000 * 3360 + all.x, all.width);
    assert_int_equal(far.at - far.first, here.at - here.first);
    assert_int_equal(far.count, here.count);
    compare_with_windows(encoder, raster, whole, all);
    lode_free(raster);
    lode_free(whole);
    lode_encoder_free(encoder);
}

static void parts_of_a_raster_do_not_depend_on_their_neighbours(void **state) {
    (void)state;
    compare_parts("{\"window\":17,\"width\":16,\"dims\":16,\"scales\":1}");
    compare_parts("{\"window\":15,\"width\":16,\"dims\":16}");
    compare_parts("{\"window\":33,\"width\":16,\"dims\":16}");
    compare_parts("{\"window\":33,\"width\":16,\"dims\":16,\"depth\":7}");
    compare_parts("{\"window\":67,\"width\":16,\"dims\":16}");
    compare_parts("{\"window\":17,\"width\":16,\"dims\":16,\"context\":2}");
}

/* A lode_row_fn. */
static lode_status keep_row(void *context, int row, const float *values) {
    float **to = context;
    memcpy(*to + row * 16 * 16, values, 16 * 16 * sizeof *values);
    return LODE_OK;
}

/* A stream that goes on from tile to tile, jumps, and comes back: the rows that it keeps are enough
 * for every dilation, and what it kept from elsewhere does not show. */
static void compare_stream(const char *hyper) {
    static const int tiles[][2] = {{3, 5}, {8, 1}, {9, 40}, {49, 2}, {10, 13}, {23, 30}, {0, 23}};
    enum { X = 21, W = 16, D = 16 };
    lode_encoder *encoder = make(hyper, RASTER_CHANNELS);
    roughen(encoder);
    assert_lode_ok(lode_encoder_prepare(encoder));
    size_t size = (size_t)RASTER_SIDE * RASTER_SIDE * RASTER_CHANNELS;
    float *raster = lode_alloc(size, sizeof *raster), *out = lode_alloc(40 * W * D, sizeof *out);
    fill(raster, size, 6);
    lode_span columns = lode_encoder_span(encoder, X, W);
    lode_encoder_stream *stream;
    assert_lode_ok(lode_encoder_stream_create(encoder, &columns, &stream));
    for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++) {
        rectangle at = {X, tiles[i][0], W, tiles[i][1]};
        lode_span rows = lode_encoder_span(encoder, at.y, at.height);
        float *input = cut(raster, &columns, &rows), *alone = embed_part(encoder, raster, at);
        assert_lode_ok(lode_encoder_stream_next(stream, input, &rows, keep_row, &out));
        assert_same(out, at, alone, at, D);
        lode_free(input), lode_free(alone);
    }
    lode_encoder_stream_free(stream);
    lode_free(raster), lode_free(out);
    lode_encoder_free(encoder);
}

static void streams_go_on_and_start_anew(void **state) {
    (void)state;
    compare_stream("{\"window\":17,\"width\":16,\"dims\":16,\"scales\":1}");
    compare_stream("{\"window\":33,\"width\":16,\"dims\":16}");
    compare_stream("{\"window\":33,\"width\":16,\"dims\":16,\"depth\":7,\"scales\":4}");
    compare_stream("{\"window\":67,\"width\":16,\"dims\":16}");
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

enum { MOST_KEPT = 512 };

/* Rings that hold the numbers of rows, not their cells. */
typedef struct row_numbers {
    const lode_dense_schedule *schedule;
    const int *kept;
    int64_t held[LODE_DENSE_MAX_DEPTH + 1][MOST_KEPT];
} row_numbers;

static void assert_held(const row_numbers *rows, int layer, int64_t row) {
    assert_int_equal(rows->held[layer][row % rows->kept[layer]], row);
}

/* A lode_dense_row_fn: what is read must be there, and is overwritten when it is not kept. */
static void compute_numbers(void *context, int layer, int64_t row) {
    row_numbers *rows = context;
    const lode_dense_schedule *s = rows->schedule;
    bool tiled = lode_dense_layer_tiled(s->dense, layer, s->anchored);
    int d = s->dense->layer[layer].dilation;
    for (int k = 0; layer > 0 && k < (tiled ? 6 : 3); k++)
        assert_held(rows, layer - 1, row + k * d);
    for (int k = 0; k < (tiled ? 4 : 1); k++)
        rows->held[layer][(row + k * d) % rows->kept[layer]] = row + k * d;
}

static void feed_numbers(const lode_dense *dense, bool anchored, int at) {
    lode_dense_schedule schedule = {.dense = dense, .anchored = anchored};
    static row_numbers rows;
    memset(&rows, 0xff, sizeof rows);
    rows.schedule = &schedule;
    rows.kept = dense->rows_kept[anchored];
    for (int i = 0; i < dense->layers; i++)
        assert_in_range(rows.kept[i], 1, MOST_KEPT);
    lode_dense_layout layout = lode_dense_lay_out(dense, at, 1, anchored);
    lode_dense_schedule_restart(&schedule, &layout);
    int64_t embedded = layout.at;
    for (int fed = 0; fed < 700; fed++) {
        lode_dense_schedule_feed(&schedule, compute_numbers, &rows);
        for (; embedded < lode_dense_schedule_complete(&schedule); embedded++)
            for (int i = lode_dense_first_scale(dense); i < dense->layers; i++)
                assert_held(&rows, i, embedded + lode_dense_reach(dense, i));
    }
    assert_true(embedded > layout.at + 64);
}

static void rows_are_kept_until_they_are_read(void **state) {
    (void)state;
    static const char *const hypers[] = {
        "{\"window\":33,\"width\":16,\"dims\":16}",
        "{\"window\":11,\"depth\":4,\"width\":16,\"dims\":16}",
        "{\"window\":17,\"scales\":1,\"width\":16,\"dims\":16}",
        "{\"window\":49,\"scales\":3,\"width\":16,\"dims\":16}",
        "{\"window\":129,\"width\":16,\"dims\":16}",
        "{\"window\":57,\"depth\":9,\"width\":16,\"dims\":16}",
    };
    for (size_t i = 0; i < sizeof hypers / sizeof *hypers; i++) {
        lode_encoder *encoder = make(hypers[i], 3);
        const lode_dense *dense = lode_encoder_state(encoder);
        for (int at = 0; at < 2 * LODE_WINOGRAD_PERIOD; at += test_size(17, 1009)) {
            feed_numbers(dense, true, at);
            if (at < 100)
                feed_numbers(dense, false, at);
        }
        lode_encoder_free(encoder);
    }
}

/* Dilations 1, 2, 4 and 8: 48 rows of the last but one make 32 of the last, and as many of the
 * embedding; the others wait for these. Windows that lie nowhere in a raster have no tiles: 2 d + 1
 * rows of the last but one, of the others as many as they reach further than the last. */
static void no_more_rows_are_kept(void **state) {
    (void)state;
    static const int raster[] = {47, 46, 44, 48, 32}, windows[] = {16, 15, 13, 17, 1};
    lode_encoder *encoder = make("{\"window\":33,\"width\":16,\"dims\":16}", 3);
    const lode_dense *dense = lode_encoder_state(encoder);
    assert_memory_equal(dense->rows_kept[1], raster, sizeof raster);
    assert_memory_equal(dense->rows_kept[0], windows, sizeof windows);
    lode_encoder_free(encoder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernel_matches_plain_sums),
        cmocka_unit_test(map_equals_window_by_window),
        cmocka_unit_test(parts_of_a_raster_do_not_depend_on_their_neighbours),
        cmocka_unit_test(streams_go_on_and_start_anew),
        cmocka_unit_test(rows_are_kept_until_they_are_read),
        cmocka_unit_test(no_more_rows_are_kept),
        cmocka_unit_test(context_is_the_mean_of_blocks),
        cmocka_unit_test(window_is_exactly_as_stated),
        cmocka_unit_test(unfit_hyper_parameters_are_refused),
        cmocka_unit_test(gradients_match_finite_differences),
        cmocka_unit_test(threads_do_not_change_gradients),
        cmocka_unit_test(inference_agrees_with_training),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_vsi.h>

#include "model/fit.h"
#include "model/model.h"
#include "model/plan.h"
#include "model/predict.h"
#include "raster.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/random.h"

enum { WIDTH = 40, HEIGHT = 30, BANDS = 4 };
static const char *const names[] = {"Au", "Cu", "As", "Sb"};
static const char *const stack_path = "/vsimem/model_stack.tif";
static const char *const model_path = "/vsimem/test.lode";

/* A stack of log-normal noise with a hole and a strip without data at the left edge. */
static lode_stack *open_stack(void) {
    static float values[BANDS][HEIGHT][WIDTH];
    for (int b = 0; b < BANDS; b++) {
        lode_random random = lode_random_stream(5, (uint64_t)b);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                bool hole = (x > 20 && x < 26 && y > 10 && y < 15) || x == 0;
                float value = expf((float)lode_random_normal(&random));
                values[b][y][x] = hole ? -1 : value;
            }
    }
    make_raster(stack_path, names, BANDS, WIDTH, HEIGHT, &values[0][0][0]);
    lode_stack *stack;
    assert_lode_ok(lode_stack_open(&stack_path, 1, &stack));
    return stack;
}

/* An untrained encoder, or an ensemble of several, with a fitted head: enough to test every path of
 * prediction. */
static lode_model *make_ensemble(lode_stack *stack, unsigned inputs, int encoders) {
    lode_model *model;
    assert_lode_ok(lode_model_create(&model));
    assert_lode_ok(lode_recipe_fit(stack, NULL, 0, LODE_TRANSFORM_CLR, NULL, &model->recipe));
    json_t *hyper = json_pack("{s:i, s:i, s:i}", "window", 17, "width", 16, "dims", 16);
    if (encoders > 1)
        hyper = json_pack("{s:i, s:o}", "members", encoders, "member", hyper);
    assert_lode_ok(lode_encoder_create(encoders > 1 ? "ensemble" : "dense", hyper, BANDS + 1, 1,
                                       &model->encoder));
    json_decref(hyper);
    assert_lode_ok(lode_encoder_prepare(model->encoder));
    enum { N = 60 };
    int columns[N], rows[N], block[N];
    unsigned char deposit[N], valid[N];
    lode_random random = lode_random_stream(2, 2);
    for (int i = 0; i < N; i++) {
        columns[i] = 1 + (int)lode_random_below(&random, WIDTH - 1);
        rows[i] = (int)lode_random_below(&random, HEIGHT);
        deposit[i] = i % 4 == 0;
        block[i] = i % 10;
    }
    lode_places places = {N, columns, rows, deposit, block};
    lode_features full = {LODE_INPUT_BANDS | LODE_INPUT_SMOOTH | LODE_INPUT_EMBEDDING, 2,
                          model->recipe, model->encoder};
    float *x = lode_alloc(N, (size_t)lode_features_count(&full) * sizeof *x);
    assert_lode_ok(lode_features_at(&full, stack, columns, rows, N, 2, NULL, x, valid));
    lode_head_options options;
    lode_head_defaults(&options);
    options.inputs = inputs;
    options.bags = 5;
    options.threads = 2;
    assert_lode_ok(lode_head_fit(&full, x, &places, &options, NULL, &model->head));
    assert_lode_ok(lode_fit_area(model, stack, 1, 2, NULL));
    lode_free(x);
    return model;
}

static lode_model *make_model(lode_stack *stack, unsigned inputs) {
    return make_ensemble(stack, inputs, 1);
}

static const char *const all_groups = "score,uncertainty,percentile,anomaly,support,embedding";

/* Predicts x..x+width-1, y..y+height-1; returns planes the caller frees. */
static float *predict_by(const lode_plan *plan, lode_stack *stack, int x, int y, int width,
                         int height) {
    int left, wide, top, tall;
    lode_plan_columns(plan, x, width, &left, &wide);
    lode_plan_rows(plan, y, height, &top, &tall);
    float *input = lode_alloc((size_t)wide * (size_t)tall, BANDS * sizeof *input);
    float *output = lode_alloc((size_t)width * (size_t)height,
                               (size_t)lode_plan_band_count(plan) * sizeof *output);
    assert_lode_ok(lode_stack_read(stack, left, top, wide, tall, NULL, 0, input));
    assert_lode_ok(lode_plan_predict(plan, input, x, y, width, height, 0, output));
    lode_free(input);
    return output;
}

static float *predict(const lode_model *model, lode_stack *stack, int x, int y, int width,
                      int height, int *bands) {
    lode_plan *plan;
    assert_lode_ok(lode_plan_create(model, all_groups, &plan));
    *bands = lode_plan_band_count(plan);
    float *output = predict_by(plan, stack, x, y, width, height);
    lode_plan_free(plan);
    return output;
}

/* The whole map at once, and window by window: the same bits at every cell, edges and holes too. */
static void map_equals_window_by_window(void **state) {
    (void)state;
    static const unsigned sets[] = {LODE_INPUT_EMBEDDING, LODE_INPUT_BANDS | LODE_INPUT_SMOOTH, 7,
                                    7};
    lode_stack *stack = open_stack();
    for (size_t s = 0; s < 4; s++) {
        lode_model *model = make_ensemble(stack, sets[s], s == 3 ? 3 : 1);
        int bands, count = 0;
        float *map = predict(model, stack, 0, 0, WIDTH, HEIGHT, &bands);
        for (int y = 0; y < HEIGHT; y += test_size(3, 11))
            for (int x = 0; x < WIDTH; x += y % 2 ? 3 : 2) {
                float *cell = predict(model, stack, x, y, 1, 1, &bands);
                for (int b = 0; b < bands; b++)
                    assert_memory_equal(&cell[b], &map[(b * HEIGHT + y) * WIDTH + x], 4);
                count += cell[0] != LODE_NODATA;
                lode_free(cell);
            }
        assert_true(count > test_size(100, 20));
        assert_true(map[12 * WIDTH + 22] == LODE_NODATA && map[12 * WIDTH] == LODE_NODATA);
        lode_free(map);
        lode_model_close(model);
    }
    lode_stack_close(stack);
}

/* The same map by tiles of several heights, one below the other. Those that only have rows without
 * enough data are passed by: the next one must not miss what they would have left behind. */
static void check_stream(const lode_model *model, lode_stack *stack, const char *groups) {
    static const int heights[] = {5, 1, 4, 7, 2, 7, 4};
    enum { MOST = 7, NONE = 2 };
    int left, wide, top, tall, y = 0;
    lode_plan *plan;
    assert_lode_ok(lode_plan_create(model, groups, &plan));
    lode_plan_columns(plan, 0, WIDTH, &left, &wide);
    lode_plan_rows(plan, 0, HEIGHT, &top, &tall);
    size_t bands = (size_t)lode_plan_band_count(plan), row = (size_t)wide * BANDS;
    float *input = lode_alloc((size_t)tall, row * sizeof *input);
    float *map = lode_alloc(bands, HEIGHT * WIDTH * sizeof *map);
    float *tile = lode_alloc(bands, MOST * WIDTH * sizeof *tile);
    assert_lode_ok(lode_stack_read(stack, left, top, wide, tall, NULL, 0, input));
    assert_lode_ok(lode_plan_predict(plan, input, 0, 0, WIDTH, HEIGHT, 0, map));
    lode_plan_stream *stream;
    assert_lode_ok(lode_plan_stream_create(plan, 0, WIDTH, &stream));
    for (int i = 0; y < HEIGHT; i++) {
        int height = heights[i] < HEIGHT - y ? heights[i] : HEIGHT - y;
        int64_t from;
        int count;
        lode_plan_stream_rows(stream, y, height, &from, &count);
        assert_true(from >= top && from + count <= top + tall);
        assert_true(i == 0 ? from == top : from > top);
        assert_lode_ok(lode_plan_stream_next(stream, input + (size_t)(from - top) * row, y, height,
                                             i == NONE ? 2 : 0, tile));
        for (size_t b = 0; b < bands; b++)
            for (int k = 0; k < height * WIDTH; k++) {
                float *wanted = &map[(b * HEIGHT + (size_t)y) * WIDTH + (size_t)k];
                float *got = &tile[b * (size_t)(height * WIDTH) + (size_t)k];
                if (i == NONE)
                    assert_true(*got == LODE_NODATA);
                else
                    assert_memory_equal(got, wanted, sizeof *got);
            }
        y += height;
    }
    lode_plan_stream_free(stream);
    lode_free(input), lode_free(map), lode_free(tile);
    lode_plan_free(plan);
}

static void tiles_one_below_the_other_are_the_map(void **state) {
    (void)state;
    static const unsigned sets[] = {LODE_INPUT_EMBEDDING, LODE_INPUT_BANDS | LODE_INPUT_SMOOTH, 7,
                                    7};
    lode_stack *stack = open_stack();
    for (size_t s = 0; s < 4; s++) {
        lode_model *model = make_ensemble(stack, sets[s], s == 3 ? 3 : 1);
        check_stream(model, stack, all_groups);
        lode_model_close(model);
    }
    lode_model *surroundings;
    assert_lode_ok(lode_model_create(&surroundings));
    assert_lode_ok(
        lode_recipe_fit(stack, NULL, 0, LODE_TRANSFORM_CLR, NULL, &surroundings->recipe));
    json_t *hyper =
        json_pack("{s:i, s:i, s:i, s:i}", "window", 17, "width", 16, "dims", 16, "context", 2);
    assert_lode_ok(lode_encoder_create("dense", hyper, BANDS + 1, 1, &surroundings->encoder));
    json_decref(hyper);
    assert_lode_ok(lode_encoder_prepare(surroundings->encoder));
    check_stream(surroundings, stack, "embedding");
    lode_model_close(surroundings);
    lode_stack_close(stack);
}

/* Tiles below each other, beside each other, taller than the first, cut off by the raster's end: an
 * evaluator gives the map's bits for all of them, and counts what it reads. */
static void an_evaluator_goes_on_only_where_it_was(void **state) {
    (void)state;
    static const int tiles[][4] = {
        {3, 0, 16, 6},  {3, 6, 16, 6},  {3, 12, 16, 4}, {3, 16, 16, 6}, {3, 22, 16, 7},
        {3, 29, 16, 1}, {19, 0, 16, 6}, {3, 6, 16, 6},  {4, 12, 16, 6}, {4, 18, 15, 6},
        {4, 18, 15, 6}, {0, 24, 40, 6}, {0, 0, 1, 1},   {0, 1, 1, 1},
    };
    lode_stack *stack = open_stack();
    lode_model *model = make_model(stack, 7);
    int bands, numbers[BANDS];
    float *map = predict(model, stack, 0, 0, WIDTH, HEIGHT, &bands);
    lode_plan *plan;
    lode_evaluator *evaluator;
    assert_lode_ok(lode_stack_match(stack, names, BANDS, numbers));
    assert_lode_ok(lode_plan_create(model, all_groups, &plan));
    assert_lode_ok(lode_evaluator_create(plan, stack, numbers, 0, &evaluator));
    float *tile = lode_alloc((size_t)bands, WIDTH * HEIGHT * sizeof *tile);
    for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++) {
        int x = tiles[i][0], y = tiles[i][1], width = tiles[i][2], height = tiles[i][3];
        assert_lode_ok(lode_evaluator_tile(evaluator, x, y, width, height, tile));
        for (int b = 0; b < bands; b++)
            for (int row = 0; row < height; row++)
                assert_memory_equal(tile + (b * height + row) * width,
                                    map + (b * HEIGHT + y + row) * WIDTH + x,
                                    (size_t)width * sizeof *tile);
    }
    static const int wrong[][4] = {
        {0, 0, 0, 4}, {-1, 0, 4, 4}, {0, HEIGHT - 3, 4, 4}, {2, 2, INT_MAX, 1}, {INT_MAX, 2, 1, 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(lode_evaluator_tile(evaluator, wrong[i][0], wrong[i][1], wrong[i][2],
                                             wrong[i][3], tile),
                         LODE_ERROR_USAGE);
    lode_evaluator_free(evaluator);
    lode_plan_free(plan);
    lode_free(tile), lode_free(map);
    lode_model_close(model);
    lode_stack_close(stack);
}

/* A plan keeps its memory from tile to tile, and tiles may be of any size. */
static void one_plan_takes_tiles_of_all_sizes(void **state) {
    (void)state;
    static const int sizes[][2] = {
        {1, HEIGHT}, {WIDTH, HEIGHT}, {WIDTH, 1}, {3, HEIGHT}, {WIDTH, 9}};
    lode_stack *stack = open_stack();
    lode_model *model = make_model(stack, 7);
    lode_plan *plan;
    assert_lode_ok(lode_plan_create(model, all_groups, &plan));
    int bands;
    float *map = predict(model, stack, 0, 0, WIDTH, HEIGHT, &bands);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int width = sizes[i][0], height = sizes[i][1];
        float *tile = predict_by(plan, stack, 0, 0, width, height);
        for (int b = 0; b < bands; b++)
            for (int y = 0; y < height; y++)
                assert_memory_equal(&tile[(b * height + y) * width], &map[(b * HEIGHT + y) * WIDTH],
                                    (size_t)width * sizeof *tile);
        lode_free(tile);
    }
    lode_free(map);
    lode_plan_free(plan);
    lode_model_close(model);
    lode_stack_close(stack);
}

static void score_is_the_link_of_the_embedding_bands(void **state) {
    (void)state;
    lode_stack *stack = open_stack();
    lode_model *model = make_model(stack, 7);
    int bands;
    float *map = predict(model, stack, 0, 0, WIDTH, HEIGHT, &bands);
    const lode_head *head = model->head;
    assert_int_equal(bands, 5 + head->features);
    for (int cell = 1; cell < WIDTH * HEIGHT; cell += 7) {
        if (map[cell] == LODE_NODATA)
            continue;
        double odds = head->score_bias;
        for (int j = 0; j < head->features; j++)
            odds += (double)head->score_weights[j] * map[(5 + j) * WIDTH * HEIGHT + cell];
        double score = 1 / (1 + exp(-(head->platt_a * odds + head->platt_b)));
        assert_true(fabs(score - map[cell]) < 1e-6);
        float percentile = map[2 * WIDTH * HEIGHT + cell];
        assert_true(percentile >= 0 && percentile <= 100);
    }
    lode_free(map);
    lode_model_close(model);
    lode_stack_close(stack);
}

static void survives_its_file(void **state) {
    (void)state;
    lode_stack *stack = open_stack();
    lode_model *model = make_model(stack, 7), *read;
    assert_lode_ok(lode_model_save(model, model_path));
    assert_lode_ok(lode_model_open(model_path, &read));
    int bands;
    float *a = predict(model, stack, 5, 5, 20, 20, &bands);
    float *b = predict(read, stack, 5, 5, 20, 20, &bands);
    assert_memory_equal(a, b, (size_t)bands * 400 * sizeof(float));
    char *text;
    assert_lode_ok(lode_model_describe(read, &text));
    assert_non_null(strstr(text, "\"transform\": \"clr\""));
    lode_free(text);
    lode_free(a);
    lode_free(b);
    lode_model_close(read);
    lode_model_close(model);
    lode_stack_close(stack);
}

/* Bytes of a model file changed at random: it may be refused, it must not crash or leak. */
static void damaged_files_never_crash(void **state) {
    (void)state;
    lode_stack *stack = open_stack();
    lode_model *model = make_model(stack, 7), *read;
    assert_lode_ok(lode_model_save(model, model_path));
    char *bytes;
    size_t size;
    assert_lode_ok(lode_file_read(model_path, 1 << 26, &bytes, &size));
    int refused = 0;
    for (uint64_t trial = 0; trial < 400; trial++) {
        lode_random random = lode_random_stream(11, trial);
        char *copy = lode_alloc(size, 1);
        memcpy(copy, bytes, size);
        for (int k = 0; k < 4; k++) /* mostly in the header, where the structure is */
            copy[lode_random_below(&random, trial % 4 ? 9000 : (uint32_t)size)] =
                (char)lode_random_u32(&random);
        if (lode_model_open_memory(copy, size, "damaged", &read) == LODE_OK)
            lode_model_close(read);
        else
            refused++;
        lode_free(copy);
    }
    assert_true(refused > 100);
    lode_free(bytes);
    lode_model_close(model);
    lode_stack_close(stack);
}

static void unfit_requests_are_explained(void **state) {
    (void)state;
    lode_stack *stack = open_stack();
    lode_model *model = make_model(stack, LODE_INPUT_EMBEDDING);
    lode_plan *plan;
    assert_lode_fails(lode_plan_create(model, "score,colour", &plan), LODE_ERROR_USAGE, "colour");
    assert_lode_fails(lode_plan_create(model, "score,score", &plan), LODE_ERROR_USAGE, "twice");
    lode_head_free(model->head);
    model->head = NULL;
    assert_lode_fails(lode_plan_create(model, "score", &plan), LODE_ERROR_MODEL, "lode fit");
    lode_model_close(model);
    lode_stack_close(stack);
    assert_lode_fails(lode_model_open("/vsimem/none.lode", &model), LODE_ERROR_IO, "none.lode");
    assert_lode_fails(lode_model_open(stack_path, &model), LODE_ERROR_MODEL, stack_path);
}

static void raster_is_the_same_for_any_number_of_threads(void **state) {
    (void)state;
    lode_stack *stack = open_stack();
    lode_model *model = make_model(stack, 7);
    char *bytes[2];
    size_t size[2];
    for (int threads = 1; threads <= 2; threads++) {
        lode_predict_options options = {.groups = all_groups, .threads = threads};
        assert_lode_ok(lode_predict(model, stack, &options, NULL, "/vsimem/out.tif"));
        assert_lode_ok(
            lode_file_read("/vsimem/out.tif", 1 << 26, &bytes[threads - 1], &size[threads - 1]));
    }
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
    lode_free(bytes[0]);
    lode_free(bytes[1]);
    lode_model_close(model);
    lode_stack_close(stack);
}

/* An ensemble comes back from its file; its head's members read one encoder each. */
static void ensemble_is_saved_and_members_see_one_encoder(void **state) {
    (void)state;
    enum { ENCODERS = 2, DIMS = 16 };
    lode_stack *stack = open_stack();
    lode_model *model = make_ensemble(stack, LODE_INPUT_EMBEDDING, ENCODERS), *again;
    assert_lode_ok(lode_model_save(model, model_path));
    assert_lode_ok(lode_model_open(model_path, &again));
    int bands, same;
    float *map = predict(model, stack, 0, 0, WIDTH, HEIGHT, &bands);
    float *read = predict(again, stack, 0, 0, WIDTH, HEIGHT, &same);
    assert_int_equal(bands, 5 + ENCODERS * DIMS);
    assert_int_equal(same, bands);
    assert_memory_equal(map, read, (size_t)bands * WIDTH * HEIGHT * sizeof *map);
    const lode_head *head = again->head;
    assert_int_equal(head->features, ENCODERS * DIMS);
    for (int b = 0; b < head->bags; b++)
        for (int j = 0; j < head->features; j++) {
            bool own = j / DIMS == b % ENCODERS;
            assert_int_equal(head->weights[b * head->features + j] != 0, own);
        }
    lode_free(map);
    lode_free(read);
    lode_model_close(model);
    lode_model_close(again);
    lode_stack_close(stack);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_equals_window_by_window),
        cmocka_unit_test(tiles_one_below_the_other_are_the_map),
        cmocka_unit_test(an_evaluator_goes_on_only_where_it_was),
        cmocka_unit_test(one_plan_takes_tiles_of_all_sizes),
        cmocka_unit_test(ensemble_is_saved_and_members_see_one_encoder),
        cmocka_unit_test(score_is_the_link_of_the_embedding_bands),
        cmocka_unit_test(survives_its_file),
        cmocka_unit_test(damaged_files_never_crash),
        cmocka_unit_test(unfit_requests_are_explained),
        cmocka_unit_test(raster_is_the_same_for_any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <math.h>
#include <string.h>

#include "head/head.h"
#include "head/logistic.h"
#include "head/places.h"
#include "head/prototype.h"
#include "head/reference.h"
#include "raster.h"
#include "util/memory.h"
#include "util/random.h"

enum { SIDE = 60, CHANNELS = 3 };
static const char *const names[CHANNELS] = {"Au", "Cu", "Zn"};

static lode_stack *open_stack(void) {
    static float values[CHANNELS][SIDE][SIDE];
    for (int b = 0; b < CHANNELS; b++) {
        lode_random random = lode_random_stream(3, (uint64_t)b);
        for (int i = 0; i < SIDE * SIDE; i++)
            (&values[b][0][0])[i] = expf((float)lode_random_normal(&random));
    }
    for (int y = 0; y < SIDE; y++)
        for (int x = 40; x < 50; x++) /* a strip without data */
            values[0][y][x] = values[1][y][x] = values[2][y][x] = -1;
    const char *path = "/vsimem/head.tif";
    make_raster(path, names, CHANNELS, SIDE, SIDE, &values[0][0][0]);
    lode_stack *stack;
    assert_lode_ok(lode_stack_open(&path, 1, &stack));
    return stack;
}

/* Channels are noise but for the first: deposits have it 1.5 higher. */
static void synthetic(lode_places *places, float *x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        lode_random random = lode_random_stream(9, i);
        places->deposit[i] = i < n / 8;
        places->block[i] = (int)(i % 40);
        for (int c = 0; c < 2 * CHANNELS; c++)
            x[i * 2 * CHANNELS + (size_t)c] =
                (float)lode_random_normal(&random) + (c == 0 && places->deposit[i] ? 1.5f : 0);
    }
}

/* Places with synthetic features of both inputs a head without an encoder may choose. */
enum { MOST_PLACES = 1600 };
typedef struct labelled {
    int columns[MOST_PLACES], rows[MOST_PLACES], block[MOST_PLACES];
    unsigned char deposit[MOST_PLACES];
    float x[MOST_PLACES * 2 * CHANNELS];
    lode_places places;
    lode_recipe recipe;
    lode_features full;
} labelled;

static labelled *label_places(size_t n) {
    static char *channel_names[] = {"Au", "Cu", "Zn"};
    static labelled made;
    made.places = (lode_places){n, made.columns, made.rows, made.deposit, made.block};
    made.recipe = (lode_recipe){.channels = CHANNELS, .channel_names = channel_names};
    made.full = (lode_features){LODE_INPUT_BANDS | LODE_INPUT_SMOOTH, 2, &made.recipe, NULL};
    synthetic(&made.places, made.x, n);
    return &made;
}

/* The signal sits in the centre bands; the inner validation must find that out by itself. */
static void inner_validation_finds_the_inputs_with_signal(void **state) {
    (void)state;
    enum { N = 1600 };
    labelled *data = label_places(N);
    const float *x = data->x;
    lode_head_options options;
    lode_head_defaults(&options);
    lode_head *head[2];
    for (int threads = 1; threads <= 2; threads++) {
        options.threads = threads;
        assert_lode_ok(
            lode_head_fit(&data->full, x, &data->places, &options, NULL, &head[threads - 1]));
    }
    assert_true(head[0]->inputs & LODE_INPUT_BANDS);
    assert_int_equal(head[0]->features, head[1]->features);
    assert_memory_equal(head[0]->weights, head[1]->weights,
                        (size_t)(head[0]->bags * head[0]->features) * sizeof(float));
    double auc = json_number_value(json_object_get(head[0]->choice, "auc"));
    assert_true(auc > 0.8 && auc < 0.93); /* Phi(1.5 / sqrt 2) = 0.856 for the one channel alone */
    assert_true(head[0]->score_weights[0] > 0 && head[0]->platt_a > 0);
    for (int k = 0; k < 2; k++)
        lode_head_free(head[k]);
}

static void percentiles_are_shares_of_the_area(void **state) {
    (void)state;
    lode_head head = {0};
    float scores[201];
    for (int i = 0; i < 201; i++)
        scores[i] = (float)((i * 37) % 201) / 200; /* 0, 0.005 .. 1 in mixed order */
    lode_head_set_breaks(&head, scores, 201);
    assert_true(fabsf(lode_head_percentile(&head, 0.25f) - 25) < 1e-3f);
    assert_true(fabsf(lode_head_percentile(&head, 0.995f) - 99.5f) < 1e-3f);
    assert_true(lode_head_percentile(&head, -1) == 0);
    assert_true(lode_head_percentile(&head, 2) == 100);
}

static void background_keeps_its_distance_and_has_data(void **state) {
    (void)state;
    lode_stack *stack = open_stack();
    lode_recipe *recipe;
    assert_lode_ok(lode_recipe_fit(stack, NULL, 0, LODE_TRANSFORM_CLR, NULL, &recipe));
    int columns[] = {10, 30}, rows[] = {10, 30};
    double east[2] = {0}, north[2] = {0};
    lode_deposits deposits = {
        .n = 2, .columns = columns, .rows = rows, .east = east, .north = north};
    lode_background_options options = {.count = 500, .exclusion = 5000, .seed = 1, .threads = 2};
    lode_places places;
    assert_lode_ok(lode_places_draw(&deposits, stack, recipe, &options, 20000, &places));
    assert_int_equal(places.n, 502);
    for (size_t i = 2; i < places.n; i++) {
        assert_true(places.columns[i] < 40 || places.columns[i] >= 50);
        for (int d = 0; d < 2; d++)
            assert_true(hypot(places.columns[i] - columns[d], places.rows[i] - rows[d]) > 4.9);
        for (size_t k = 2; k < i; k++)
            assert_true(places.columns[i] != places.columns[k] || places.rows[i] != places.rows[k]);
    }
    lode_places_free(&places);
    options.exclusion = 1e6;
    assert_lode_fails(lode_places_draw(&deposits, stack, recipe, &options, 20000, &places),
                      LODE_ERROR_DATA, "--exclusion");
    lode_recipe_free(recipe);
    lode_stack_close(stack);
}

/* Features of the places one by one are those of the whole tile. */
static void features_at_places_are_those_of_the_map(void **state) {
    (void)state;
    lode_stack *stack = open_stack();
    lode_recipe *recipe;
    assert_lode_ok(lode_recipe_fit(stack, NULL, 0, LODE_TRANSFORM_CLR, NULL, &recipe));
    lode_features features = {LODE_INPUT_BANDS | LODE_INPUT_SMOOTH, 2, recipe, NULL};
    const int columns[] = {0, 59, 38, 45, 20}, rows[] = {0, 59, 3, 30, 21};
    float x[5 * 2 * CHANNELS];
    unsigned char valid[5];
    assert_lode_ok(lode_features_at(&features, stack, columns, rows, 5, 2, NULL, x, valid));
    static float scaled[(SIDE + 4) * (SIDE + 4) * (CHANNELS + 1)];
    static float all[SIDE * SIDE * 2 * CHANNELS];
    const int numbers[] = {0, 1, 2};
    assert_lode_ok(lode_recipe_read(recipe, stack, numbers, -2, -2, SIDE + 4, SIDE + 4, scaled));
    lode_span row = lode_features_span(&features, 0, SIDE);
    assert_int_equal(row.first, -2);
    assert_int_equal(row.count, SIDE + 4);
    assert_lode_ok(lode_features_compute(&features, scaled, &row, &row, all));
    for (int i = 0; i < 5; i++)
        assert_memory_equal(x + i * 2 * CHANNELS,
                            all + (rows[i] * SIDE + columns[i]) * 2 * CHANNELS,
                            2 * CHANNELS * sizeof(float));
    assert_true(valid[0] && valid[1] && valid[2] && !valid[3] && valid[4]);
    /* Smoothing: the plain mean of the 25 cells around an inner cell. */
    double mean = 0;
    for (int dy = -2; dy <= 2; dy++)
        for (int dx = -2; dx <= 2; dx++)
            mean += scaled[((21 + dy + 2) * (SIDE + 4) + 20 + dx + 2) * (CHANNELS + 1)] / 25.0;
    assert_true(fabs(mean - x[4 * 2 * CHANNELS + CHANNELS]) < 1e-5);
    lode_recipe_free(recipe);
    lode_stack_close(stack);
}

static void anomaly_and_support_grow_with_distance(void **state) {
    (void)state;
    enum { N = 800, F = 4 };
    static float x[N * F];
    lode_random random = lode_random_stream(4, 4);
    for (int i = 0; i < N * F; i++)
        x[i] = (float)lode_random_normal(&random);
    lode_reference *reference;
    assert_lode_ok(lode_reference_fit(x, N, F, &reference));
    float scratch[F], before = -1, before_support = -1;
    for (int r = 2; r < 12; r += 3) {
        const float place[F] = {(float)r, 0, 0, 0};
        float anomaly = lode_reference_anomaly(reference, place, scratch);
        float support = lode_reference_support(reference, place, scratch);
        assert_true(anomaly > before && support > before_support);
        before = anomaly;
        before_support = support;
    }
    assert_true(before_support > 1);
    const float centre[F] = {0};
    assert_true(lode_reference_support(reference, centre, scratch) < 1);
    lode_reference_free(reference);
}

/* Copper 3 and 5 at the deposits, 0 and 2 in the background: means 4 and 1, background variance 1.
 * Zinc is the same everywhere. Half-way, at 2.5, the log odds are 0. */
static void prototype_is_the_nearer_mean(void **state) {
    (void)state;
    const float x[] = {3, 7, 5, 7, 0, 7, 2, 7};
    const unsigned char y[] = {1, 1, 0, 0};
    float weights[2], bias;
    assert_lode_ok(lode_prototype_fit(x, y, NULL, 4, 2, weights, &bias));
    assert_float_equal(weights[0], 3, 1e-6);
    assert_float_equal(weights[1], 0, 0);
    assert_float_equal(bias, -7.5, 1e-6);
    const double only_first[] = {1, 0, 1, 1};
    assert_lode_ok(lode_prototype_fit(x, y, only_first, 4, 2, weights, &bias));
    assert_float_equal(weights[0], 2, 1e-6);
    assert_float_equal(bias, -4, 1e-6);
    assert_lode_fails(lode_prototype_fit(x, y, NULL, 2, 2, weights, &bias), LODE_ERROR_DATA,
                      "both");
}

/* Up to five deposits the head is a prototype; with six inner validation decides. */
static void few_deposits_make_a_prototype(void **state) {
    (void)state;
    enum { N = 400 };
    labelled *data = label_places(N);
    const float *x = data->x;
    lode_head_options options;
    lode_head_defaults(&options);
    for (int count = 1; count <= 6; count += count == 1 ? 4 : 1) {
        for (int i = 0; i < N; i++)
            data->deposit[i] = i < count;
        lode_head *head;
        assert_lode_ok(lode_head_fit(&data->full, x, &data->places, &options, NULL, &head));
        const char *method = json_string_value(json_object_get(head->choice, "method"));
        assert_int_equal(strstr(method, "prototype") != NULL, count < 6);
        if (count == 1) { /* the deposit itself is like deposits, its opposite is not */
            float opposite[CHANNELS] = {-x[0], -x[1], -x[2]}, score[2], spread;
            assert_int_equal(head->features, CHANNELS);
            lode_head_score(head, x, &score[0], &spread);
            lode_head_score(head, opposite, &score[1], NULL);
            assert_true(score[0] > 0.5f && score[0] <= 1 && spread >= 0);
            assert_true(score[1] < 0.5f && score[1] >= 0);
        }
        lode_head_free(head);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prototype_is_the_nearer_mean),
        cmocka_unit_test(few_deposits_make_a_prototype),
        cmocka_unit_test(inner_validation_finds_the_inputs_with_signal),
        cmocka_unit_test(percentiles_are_shares_of_the_area),
        cmocka_unit_test(background_keeps_its_distance_and_has_data),
        cmocka_unit_test(features_at_places_are_those_of_the_map),
        cmocka_unit_test(anomaly_and_support_grow_with_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

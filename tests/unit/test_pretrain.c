#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_vsi.h>

#include "contrast/batch.h"
#include "contrast/pretrain.h"
#include "contrast/weights.h"
#include "raster.h"
#include "util/memory.h"

enum { WIDE = 40, HIGH = 30, BANDS = 4 };
static const char *const names[BANDS] = {"gravity", "magnetics", "slope", "distance"};

/* Waves of different length; a corner without data. */
static lode_stack *open_stack(int width, int height, bool constant) {
    const char *path = "/vsimem/pretrain.tif";
    float *values = lode_alloc((size_t)(width * height * BANDS), sizeof *values);
    for (int b = 0; b < BANDS; b++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                float value = (float)(5 + sin((x + 2 * b) * 0.3) + cos(y * (0.2 + 0.1 * b)));
                value = constant ? 7 : value;
                values[(b * height + y) * width + x] = x < 5 && y < 5 ? -1 : value;
            }
    make_raster(path, names, BANDS, width, height, values);
    lode_free(values);
    lode_stack *stack;
    assert_lode_ok(lode_stack_open(&path, 1, &stack));
    return stack;
}

static json_t *hyper;

static lode_pretrain_options small_options(void) {
    lode_pretrain_options options;
    lode_pretrain_defaults(&options);
    options.hyper = hyper;
    options.steps = 30;
    options.tiles = 3;
    options.anchors = 9;
    options.threads = 1;
    return options;
}

static lode_status pretrain(lode_stack *stack, const lode_pretrain_options *options,
                            const lode_progress *progress, lode_encoder **encoder, json_t **log) {
    lode_recipe *recipe;
    assert_lode_ok(lode_recipe_fit(stack, NULL, 0, LODE_TRANSFORM_NONE, NULL, &recipe));
    lode_status status = lode_pretrain(stack, recipe, options, progress, encoder, log);
    lode_recipe_free(recipe);
    return status;
}

static void assert_same_encoder(lode_encoder *a, lode_encoder *b) {
    const lode_encoder_kind *kind = lode_encoder_get_kind(a);
    for (int i = 0; i < kind->tensor_count(lode_encoder_state(a)); i++) {
        lode_tensor_view x, y;
        kind->tensor(lode_encoder_state(a), i, &x);
        kind->tensor(lode_encoder_state(b), i, &y);
        assert_memory_equal(x.data, y.data, (size_t)lode_tensor_size(&x) * sizeof(float));
    }
}

/* ---- Views and batches
 * ---------------------------------------------------------------------------- */

static void symmetries_go_forth_and_back(void **state) {
    (void)state;
    for (unsigned s = 0; s < 8; s++)
        for (int i = 0; i < 9; i++) {
            int x = i % 3, y = i / 3;
            lode_symmetry_forward(s, 3, &x, &y);
            lode_symmetry_back(s, 3, &x, &y);
            assert_int_equal(y * 3 + x, i);
        }
}

/* With nothing but rotation and jitter switched on, the value at an anchor's place in view 1 is the
 * raster's value there, and the positive in view 2 lies within the jitter of it. */
static void anchors_are_found_in_turned_views(void **state) {
    (void)state;
    enum { TILES = 6, ANCHORS = 8, HALF = 4, JITTER = 2 };
    const char *path = "/vsimem/places.tif";
    static float cells[WIDE * HIGH];
    for (int i = 0; i < WIDE * HIGH; i++)
        cells[i] = (float)i;
    make_raster(path, names, 1, WIDE, HIGH, cells);
    for (int outputs = 1; outputs <= 9; outputs += 8) {
        lode_stack *stack;
        lode_recipe *recipe;
        lode_domain *domain;
        lode_batch *batch;
        int bands[1];
        lode_batch_shape shape = {TILES, outputs > 1 ? ANCHORS : 1, outputs + 2 * HALF, outputs,
                                  NULL};
        assert_lode_ok(lode_stack_open(&path, 1, &stack));
        assert_lode_ok(lode_recipe_fit(stack, NULL, 0, LODE_TRANSFORM_NONE, NULL, &recipe));
        recipe->centre[0] = 0; /* channel = raw value = number of the cell */
        recipe->scale[0] = 1;
        recipe->clip = 1e9f;
        assert_lode_ok(lode_recipe_match(recipe, stack, bands));
        assert_lode_ok(lode_domain_create(stack, recipe, bands, NULL, NULL, 2, NULL, &domain));
        assert_int_equal(lode_domain_count(domain), WIDE * HIGH);
        assert_lode_ok(lode_batch_create(stack, recipe, bands, domain, &shape, 5, 2, &batch));
        size_t size = (size_t)(TILES * shape.side * shape.side * 2);
        float *view[2] = {lode_alloc(size, sizeof(float)), lode_alloc(size, sizeof(float))};
        lode_views views = {.jitter = JITTER, .rotate = true};
        assert_lode_ok(lode_batch_fill(batch, &views, 3, NULL, view));
        assert_int_equal(batch->count, TILES * shape.anchors);
        int moved = 0;
        for (int i = 0; i < batch->count; i++) {
            const lode_anchor *anchor = &batch->anchors[i];
            int found[2];
            for (int v = 0; v < 2; v++) {
                int row = anchor->tile * shape.side + anchor->y[v] + HALF;
                const float *at = view[v] + (row * shape.side + anchor->x[v] + HALF) * 2;
                found[v] = (int)at[0];
            }
            assert_int_equal(found[0], anchor->cell.y * WIDE + anchor->cell.x);
            if (outputs == 1 && found[1] == 0)
                continue; /* a jittered window may be centred outside the raster */
            assert_true(abs(found[1] % WIDE - anchor->cell.x) <= JITTER);
            assert_true(abs(found[1] / WIDE - anchor->cell.y) <= JITTER);
            moved += found[1] != found[0];
        }
        assert_true(moved > 0);
        lode_free(view[0]);
        lode_free(view[1]);
        lode_batch_free(batch);
        lode_domain_free(domain);
        lode_recipe_free(recipe);
        lode_stack_close(stack);
    }
}

/* ---- Training ---------------------------------------------------------------------------------
 */

static void loss_falls_for_every_objective(void **state) {
    (void)state;
    static const char *const objectives[] = {"simclr", "moco", "byol"};
    if (!test_size(1, 0))
        skip(); /* the next test runs the same code */
    lode_stack *stack = open_stack(WIDE, HIGH, false);
    for (int i = 0; i < 3; i++) {
        lode_pretrain_options options = small_options();
        options.objective = objectives[i];
        options.steps = 120;
        lode_encoder *encoder;
        json_t *log;
        assert_lode_ok(pretrain(stack, &options, NULL, &encoder, &log));
        const json_t *losses = json_object_get(log, "losses");
        size_t last = json_array_size(losses) - 1;
        double from = json_number_value(json_array_get(losses, i == 1 ? 50 : 0));
        double to = json_number_value(json_array_get(losses, last));
        if (to > from - 0.1)
            fail_msg("%s: loss went from %g to %g", objectives[i], from, to);
        lode_encoder_free(encoder);
        json_decref(log);
    }
    lode_stack_close(stack);
}

static void threads_do_not_change_the_weights(void **state) {
    (void)state;
    static const char *const objectives[] = {"simclr", "moco", "byol"};
    lode_stack *stack = open_stack(WIDE, HIGH, false);
    for (int i = 0; i < 3; i++) {
        lode_encoder *encoder[2];
        json_t *log[2];
        for (int t = 0; t < 2; t++) {
            lode_pretrain_options options = small_options();
            options.objective = objectives[i];
            options.steps = test_size(10, 2);
            options.threads = t + 1;
            assert_lode_ok(pretrain(stack, &options, NULL, &encoder[t], &log[t]));
        }
        assert_same_encoder(encoder[0], encoder[1]);
        assert_true(json_equal(log[0], log[1]));
        for (int t = 0; t < 2; t++) {
            lode_encoder_free(encoder[t]);
            json_decref(log[t]);
        }
    }
    lode_stack_close(stack);
}

/* The strided encoders go through the same objectives, one window an anchor. */
static void window_encoders_are_pretrained_too(void **state) {
    (void)state;
    if (!test_size(1, 0))
        skip(); /* test_supervised trains the same network */
    lode_stack *stack = open_stack(WIDE, HIGH, false);
    json_t *window = json_pack("{s:i,s:s}", "window", 9, "stem", "small");
    lode_encoder *encoder[2];
    json_t *log[2];
    for (int t = 0; t < 2; t++) {
        lode_pretrain_options options = small_options();
        options.encoder = "mobilenetv2";
        options.hyper = window;
        options.steps = 2;
        options.anchors = 4;
        options.threads = t + 1;
        assert_lode_ok(pretrain(stack, &options, NULL, &encoder[t], &log[t]));
        assert_int_equal(json_integer_value(json_object_get(log[t], "anchors")), 8);
    }
    assert_same_encoder(encoder[0], encoder[1]);
    for (int t = 0; t < 2; t++) {
        lode_encoder_free(encoder[t]);
        json_decref(log[t]);
    }
    json_decref(window);
    lode_stack_close(stack);
}

static int stop_at_28(double complete, const char *message, void *user) {
    (void)complete;
    (void)user;
    return !(message && strstr(message, "step 28 of"));
}

static void interrupted_training_continues_to_the_same_model(void **state) {
    (void)state;
    static const char *const objectives[] = {"simclr", "moco", "byol"};
    lode_stack *stack = open_stack(WIDE, HIGH, false);
    for (int i = test_size(0, 2); i < 3; i++) {
        lode_pretrain_options options = small_options();
        options.objective = objectives[i];
        options.average = i * 0.4;
        lode_encoder *whole, *continued = NULL;
        json_t *whole_log, *continued_log = NULL;
        assert_lode_ok(pretrain(stack, &options, NULL, &whole, &whole_log));
        lode_progress stopping = {stop_at_28, NULL, 0, 1};
        options.checkpoint = "/vsimem/state.ckpt";
        assert_int_equal(pretrain(stack, &options, &stopping, &continued, &continued_log),
                         LODE_ERROR_CANCELLED);
        assert_null(continued);
        assert_lode_ok(pretrain(stack, &options, NULL, &continued, &continued_log));
        assert_same_encoder(whole, continued);
        assert_true(json_equal(whole_log, continued_log));
        options.seed = 2;
        lode_encoder *other = NULL;
        json_t *other_log;
        assert_lode_fails(pretrain(stack, &options, NULL, &other, &other_log), LODE_ERROR_DATA,
                          "other data or options");
        VSIUnlink("/vsimem/state.ckpt");
        lode_encoder_free(whole);
        lode_encoder_free(continued);
        json_decref(whole_log);
        json_decref(continued_log);
    }
    lode_stack_close(stack);
}

/* ---- Averaged weights -------------------------------------------------------------------------
 */

static void the_average_follows_its_formula(void **state) {
    (void)state;
    float value[3] = {1, -2, 3}, gradient[3] = {0.5f, -0.25f, 0.125f};
    double expected[3] = {1, -2, 3};
    lode_weights weights = {0};
    assert_lode_ok(lode_weights_add(&weights, value, gradient, 2, true));
    assert_lode_ok(lode_weights_add(&weights, value + 2, gradient + 2, 1, false));
    assert_lode_ok(lode_weights_finish(&weights, 0.25));
    for (int step = 0; step < 6; step++) {
        double keep = (1.0 + step) / (10.0 + step) < 0.25 ? (1.0 + step) / (10.0 + step) : 0.25;
        assert_true(lode_weights_step(&weights, NULL, step, 0.1, 0.01, 100) > 0);
        for (int i = 0; i < 3; i++)
            expected[i] = keep * expected[i] + (1 - keep) * value[i];
    }
    lode_weights_scatter_average(&weights);
    for (int i = 0; i < 3; i++)
        assert_float_equal(value[i], expected[i], 1e-6);
    lode_weights_scatter(&weights);
    for (int i = 0; i < 3; i++)
        assert_float_equal(value[i], weights.values[i], 0);
    gradient[1] = NAN; /* nothing may change */
    assert_true(isnan(lode_weights_step(&weights, NULL, 6, 0.1, 0.01, 100)));
    for (int i = 0; i < 3; i++)
        assert_float_equal(value[i], weights.values[i], 0);
    lode_weights_free(&weights);
}

/* An average that keeps nothing is the last weights, running statistics included; a real one is
 * not, and is told in the log. */
static void an_average_of_nothing_is_the_last_weights(void **state) {
    (void)state;
    static const double keep[] = {0, 1e-12, 0.9};
    lode_stack *stack = open_stack(WIDE, HIGH, false);
    lode_encoder *encoder[3];
    for (int i = 0; i < 3; i++) {
        lode_pretrain_options options = small_options();
        json_t *log;
        options.steps = test_size(30, 4);
        options.average = keep[i];
        assert_lode_ok(pretrain(stack, &options, NULL, &encoder[i], &log));
        assert_float_equal(json_number_value(json_object_get(log, "average")), keep[i], 0);
        json_decref(log);
    }
    assert_same_encoder(encoder[0], encoder[1]);
    for (int part = 0; part < 5; part += 3) { /* weights and running means */
        lode_tensor_view last, average;
        lode_encoder_get_kind(encoder[0])->tensor(lode_encoder_state(encoder[0]), part, &last);
        lode_encoder_get_kind(encoder[2])->tensor(lode_encoder_state(encoder[2]), part, &average);
        assert_memory_not_equal(last.data, average.data,
                                (size_t)lode_tensor_size(&last) * sizeof(float));
    }
    for (int i = 0; i < 3; i++)
        lode_encoder_free(encoder[i]);
    lode_stack_close(stack);
}

static void unfit_input_is_refused_with_advice(void **state) {
    (void)state;
    lode_encoder *encoder = NULL;
    lode_recipe *recipe = NULL;
    json_t *log = NULL;
    lode_pretrain_options options = small_options();
    lode_stack *stack = open_stack(8, 40, false);
    assert_lode_fails(pretrain(stack, &options, NULL, &encoder, &log), LODE_ERROR_DATA,
                      "8 x 40 cells, less than the window of 9 x 9");
    lode_stack_close(stack);

    stack = open_stack(WIDE, HIGH, false);
    options.anchors = 500;
    assert_lode_fails(pretrain(stack, &options, NULL, &encoder, &log), LODE_ERROR_DATA,
                      "1175 cells with data to train on, less than the 1500 anchors");
    options = small_options();
    options.learning_rate = 1e30;
    assert_lode_fails(pretrain(stack, &options, NULL, &encoder, &log), LODE_ERROR_DATA,
                      "is not a finite number. Lower --learning-rate");
    options = small_options();
    options.objective = "dino";
    assert_lode_fails(pretrain(stack, &options, NULL, &encoder, &log), LODE_ERROR_USAGE, "dino");
    lode_stack_close(stack);

    stack = open_stack(WIDE, HIGH, true);
    options = small_options();
    assert_lode_fails(lode_recipe_fit(stack, NULL, 0, LODE_TRANSFORM_NONE, NULL, &recipe),
                      LODE_ERROR_DATA, "every band is constant");
    lode_stack_close(stack);

    /* Where the recipe's bands do not vary every place looks the same. */
    stack = open_stack(WIDE, HIGH, false);
    assert_lode_ok(lode_recipe_fit(stack, NULL, 0, LODE_TRANSFORM_NONE, NULL, &recipe));
    lode_stack_close(stack);
    stack = open_stack(WIDE, HIGH, true);
    options.views = (lode_views){0};
    static unsigned char inner[WIDE * HIGH]; /* windows there do not see the raster's edge */
    for (int y = 10; y < 20; y++)
        memset(inner + y * WIDE + 10, 1, 20);
    options.allowed = inner;
    assert_lode_fails(lode_pretrain(stack, recipe, &options, NULL, &encoder, &log), LODE_ERROR_DATA,
                      "collapsed");
    lode_recipe_free(recipe);
    lode_stack_close(stack);
    assert_null(encoder);
}

/* Cells that are not allowed are no anchors: with an empty mask there is nothing to train on. */
static void allowed_mask_is_honoured(void **state) {
    (void)state;
    static unsigned char allowed[WIDE * HIGH];
    lode_stack *stack = open_stack(WIDE, HIGH, false);
    lode_recipe *recipe;
    lode_domain *domain;
    int bands[BANDS];
    assert_lode_ok(lode_recipe_fit(stack, NULL, 0, LODE_TRANSFORM_NONE, NULL, &recipe));
    assert_lode_ok(lode_recipe_match(recipe, stack, bands));
    allowed[0] = 1; /* no data there */
    allowed[7 * WIDE + 33] = 1;
    allowed[29 * WIDE + 39] = 1;
    assert_lode_ok(lode_domain_create(stack, recipe, bands, allowed, NULL, 2, NULL, &domain));
    assert_int_equal(lode_domain_count(domain), 2);
    assert_true(lode_domain_has(domain, 33, 7));
    assert_false(lode_domain_has(domain, 0, 0));
    assert_false(lode_domain_has(domain, 40, 29));
    lode_random random = lode_random_stream(1, 1);
    int seen[2] = {0};
    for (int i = 0; i < 100; i++) {
        lode_cell cell = lode_domain_draw(domain, &random);
        assert_true((cell.x == 33 && cell.y == 7) || (cell.x == 39 && cell.y == 29));
        seen[cell.x == 39]++;
        lode_cell first = lode_domain_square(domain, cell, 8, &random);
        assert_in_range(cell.x - first.x, 0, 7);
        assert_in_range(cell.y - first.y, 0, 7);
        assert_true(first.x >= 0 && first.x <= WIDE - 8 && first.y >= 0 && first.y <= HIGH - 8);
    }
    assert_true(seen[0] > 20 && seen[1] > 20);
    lode_domain_free(domain);
    lode_recipe_free(recipe);
    lode_stack_close(stack);
}

static int setup(void **state) {
    (void)state;
    hyper = json_pack("{s:i,s:i,s:i}", "window", 9, "width", 16, "dims", 16);
    return hyper ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    json_decref(hyper);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symmetries_go_forth_and_back),
        cmocka_unit_test(anchors_are_found_in_turned_views),
        cmocka_unit_test(loss_falls_for_every_objective),
        cmocka_unit_test(threads_do_not_change_the_weights),
        cmocka_unit_test(window_encoders_are_pretrained_too),
        cmocka_unit_test(interrupted_training_continues_to_the_same_model),
        cmocka_unit_test(the_average_follows_its_formula),
        cmocka_unit_test(an_average_of_nothing_is_the_last_weights),
        cmocka_unit_test(unfit_input_is_refused_with_advice),
        cmocka_unit_test(allowed_mask_is_honoured),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

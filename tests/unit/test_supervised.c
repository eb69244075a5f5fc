/* Supervised training on a survey where deposits lie on copper highs: it must learn, stop, be
 * reproducible for every number of threads, and refuse what cannot be trained. */
#include <cpl_vsi.h>

#include "encoder/encoder.h"
#include "head/supervised.h"
#include "nn_check.h"
#include "raster.h"
#include "raster/stack.h"

enum { WIDTH = 60, HEIGHT = 50, BANDS = 3, PLACES = 120 };
static const char *const names[] = {"Cu", "Zn", "Pb"};
static const char *const path = "/vsimem/supervised.tif";
static lode_stack *stack;
static lode_recipe *recipe;
static int columns[PLACES], rows[PLACES], block[PLACES];
static unsigned char deposit[PLACES];
static lode_places places = {PLACES, columns, rows, deposit, block};

static int setup(void **state) {
    (void)state;
    static float values[BANDS][HEIGHT][WIDTH];
    lode_random random = lode_random_stream(5, 0);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int b = 0; b < BANDS; b++) {
                double high = b == 0 ? 2 * sin(x * 0.35) * sin(y * 0.3) : 0;
                values[b][y][x] = (float)exp(0.3 * lode_random_normal(&random) + high);
            }
    make_raster(path, names, BANDS, WIDTH, HEIGHT, &values[0][0][0]);
    assert_lode_ok(lode_stack_open(&path, 1, &stack));
    assert_lode_ok(lode_recipe_fit(stack, NULL, 0, LODE_TRANSFORM_LOG, NULL, &recipe));
    for (int i = 0; i < PLACES;) {
        int x = (int)lode_random_below(&random, WIDTH), y = (int)lode_random_below(&random, HEIGHT);
        bool high = sin(x * 0.35) * sin(y * 0.3) > 0.5;
        if (high != (i < PLACES / 4))
            continue;
        columns[i] = x;
        rows[i] = y;
        deposit[i] = high;
        block[i] = y / 10 * 6 + x / 10;
        i++;
    }
    return 0;
}

static int teardown(void **state) {
    (void)state;
    lode_recipe_free(recipe);
    lode_stack_close(stack);
    return 0;
}

typedef struct result {
    lode_encoder *encoder;
    lode_head *head;
    json_t *log;
} result;

/* Options of a small training. Refers to `hyper`. */
static lode_supervised_options small_options(const char *encoder, int steps, const json_t *hyper) {
    lode_supervised_options options;
    lode_supervised_defaults(&options);
    options.encoder = encoder;
    options.hyper = hyper;
    options.steps = steps;
    options.batch = test_size(16, 4);
    options.views.channel_dropout = 0;
    options.views.jitter = 1;
    return options;
}

static lode_status train_with(const lode_supervised_options *options, const lode_progress *progress,
                              result *r) {
    return lode_supervised_train(stack, recipe, &places, options, progress, &r->encoder, &r->head,
                                 &r->log);
}

static result train(const char *encoder, int threads, int steps, double average) {
    result r;
    json_t *hyper = json_pack("{si}", "window", 9);
    lode_supervised_options options = small_options(encoder, steps, hyper);
    options.threads = threads;
    options.average = average;
    assert_lode_ok(train_with(&options, NULL, &r));
    json_decref(hyper);
    return r;
}

static void release(result *r) {
    lode_encoder_free(r->encoder);
    lode_head_free(r->head);
    json_decref(r->log);
}

static void learns(double average) {
    result r = train("dense", 2, 60, average);
    json_t *looks = json_object_get(r.log, "holdout");
    assert_true(json_array_size(looks) >= 1);
    double auc = json_number_value(json_object_get(r.head->choice, "auc"));
    assert_true(auc > 0.85);
    lode_features features = {LODE_INPUT_EMBEDDING, 0, recipe, r.encoder};
    assert_int_equal(r.head->features, lode_features_count(&features));
    float *x = lode_alloc(PLACES, (size_t)r.head->features * sizeof *x), score;
    unsigned char valid[PLACES];
    assert_lode_ok(lode_features_at(&features, stack, columns, rows, PLACES, 2, NULL, x, valid));
    double mean[2] = {0, 0};
    for (int i = 0; i < PLACES; i++) {
        lode_head_score(r.head, x + i * r.head->features, &score, NULL);
        assert_true(score >= 0 && score <= 1);
        mean[deposit[i]] += (double)score / (deposit[i] ? PLACES / 4 : PLACES * 3 / 4);
    }
    assert_true(mean[1] > mean[0] + 0.3);
    lode_free(x);
    release(&r);
}

static void learns_where_deposits_are(void **state) {
    (void)state;
    if (!test_size(1, 0))
        skip(); /* the other tests run the same code */
    learns(0);
    learns(0.8);
}

static void threads_do_not_change_the_model(void **state) {
    (void)state;
    int steps = test_size(12, 2);
    result one = train("mobilenetv2", 1, steps, 0.5), three = train("mobilenetv2", 3, steps, 0.5);
    assert_memory_equal(one.head->weights, three.head->weights,
                        (size_t)one.head->features * sizeof(float));
    assert_true(json_equal(one.log, three.log));
    release(&one);
    release(&three);
}

static void assert_same_model(const result *a, const result *b) {
    const lode_encoder_kind *kind = lode_encoder_get_kind(a->encoder);
    for (int i = 0; i < kind->tensor_count(lode_encoder_state(a->encoder)); i++) {
        lode_tensor_view x, y;
        kind->tensor(lode_encoder_state(a->encoder), i, &x);
        kind->tensor(lode_encoder_state(b->encoder), i, &y);
        assert_memory_equal(x.data, y.data, (size_t)lode_tensor_size(&x) * sizeof(float));
    }
    assert_memory_equal(a->head->weights, b->head->weights,
                        (size_t)a->head->features * sizeof(float));
    assert_true(json_equal(a->log, b->log));
    assert_true(json_equal(a->head->choice, b->head->choice));
    assert_float_equal(a->head->platt_a, b->head->platt_a, 0);
}

static int stop_late(double complete, const char *message, void *user) {
    (void)message;
    (void)user;
    return complete < 0.75;
}

/* Cancelled after the second checkpoint, with a best look behind it. */
static void interrupted_training_continues_to_the_same_model(void **state) {
    (void)state;
    for (int average = test_size(0, 1); average < 2; average++) {
        json_t *hyper = json_pack("{si}", "window", 9);
        lode_supervised_options options = small_options("dense", 80, hyper);
        options.threads = 2;
        options.average = 0.8 * average;
        options.patience = 0;
        result whole, continued = {NULL, NULL, NULL};
        assert_lode_ok(train_with(&options, NULL, &whole));
        lode_progress stopping = {stop_late, NULL, 0, 1};
        options.checkpoint = "/vsimem/train.ckpt";
        assert_int_equal(train_with(&options, &stopping, &continued), LODE_ERROR_CANCELLED);
        assert_null(continued.encoder);
        assert_lode_ok(train_with(&options, NULL, &continued));
        assert_same_model(&whole, &continued);
        release(&continued);
        assert_lode_ok(train_with(&options, NULL, &continued)); /* from the end */
        assert_same_model(&whole, &continued);
        release(&continued);
        deposit[0] = 0; /* other places are another training */
        assert_lode_fails(train_with(&options, NULL, &continued), LODE_ERROR_DATA,
                          "other data or options");
        deposit[0] = 1;
        VSIUnlink("/vsimem/train.ckpt");
        release(&whole);
        json_decref(hyper);
    }
}

static void too_few_deposits_are_refused(void **state) {
    (void)state;
    lode_supervised_options options;
    lode_supervised_defaults(&options);
    lode_places few = {PLACES / 4, columns, rows, deposit, block};
    result r;
    assert_lode_fails(
        lode_supervised_train(stack, recipe, &few, &options, NULL, &r.encoder, &r.head, NULL),
        LODE_ERROR_DATA, "at least two deposits and two background");
    options.batch = 5;
    assert_lode_fails(
        lode_supervised_train(stack, recipe, &places, &options, NULL, &r.encoder, &r.head, NULL),
        LODE_ERROR_USAGE, "even batch");
}

static void failed_allocations_are_reported(void **state) {
    (void)state;
    lode_supervised_options options;
    lode_supervised_defaults(&options);
    json_t *hyper = json_pack("{si}", "window", 9);
    options.encoder = "dense";
    options.hyper = hyper;
    options.steps = 2;
    options.batch = 4;
    options.threads = 2;
    lode_status status = LODE_ERROR_MEMORY;
    for (long k = 1; k < 100000 && status != LODE_OK;
         k += k < test_size(60, 5) ? 1 : test_size(41, 401)) {
        result r;
        lode_alloc_fail_at(k);
        status = lode_supervised_train(stack, recipe, &places, &options, NULL, &r.encoder, &r.head,
                                       &r.log);
        lode_alloc_fail_at(0);
        if (status == LODE_OK)
            release(&r);
        else
            assert_int_equal(status, LODE_ERROR_MEMORY);
    }
    assert_int_equal(status, LODE_OK);
    json_decref(hyper);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_where_deposits_are),
        cmocka_unit_test(threads_do_not_change_the_model),
        cmocka_unit_test(interrupted_training_continues_to_the_same_model),
        cmocka_unit_test(too_few_deposits_are_refused),
        cmocka_unit_test(failed_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

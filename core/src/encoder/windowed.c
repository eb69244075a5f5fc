#include "encoder/windowed.h"

#include <string.h>

#include "util/error.h"
#include "util/memory.h"

/* Windows evaluated at once: enough rows for the deep layers' products. */
enum { BATCH = 64 };

/* ---- State ---- */

static lode_status read_hyper(const json_t *hyper, lode_windowed *encoder) {
    const json_t *window = json_object_get(hyper, "window"), *stem = json_object_get(hyper, "stem");
    json_int_t side = window ? json_integer_value(window) : 33;
    const char *name = stem ? json_string_value(stem) : "standard";
    if (side < 9 || side > 257 || side % 2 == 0)
        return lode_fail(LODE_ERROR_MODEL, "The encoder's window must be an odd number of cells "
                                           "from 9 to 257.");
    if (!name || (strcmp(name, "standard") != 0 && strcmp(name, "small") != 0))
        return lode_fail(LODE_ERROR_MODEL, "The encoder's stem must be 'standard' or 'small'.");
    encoder->window = (int)side;
    encoder->small_stem = strcmp(name, "small") == 0;
    return LODE_OK;
}

lode_status lode_windowed_net(lode_windowed_layers add, int channels, int classes, bool small_stem,
                              uint64_t seed, lode_net **net) {
    lode_net *made;
    LODE_TRY(lode_net_create(channels, &made));
    add(made, classes, small_stem);
    lode_status status = lode_net_finish(made, seed);
    if (status != LODE_OK) {
        lode_net_free(made);
        return status;
    }
    *net = made;
    return LODE_OK;
}

lode_status lode_windowed_create(lode_windowed_build build, const json_t *hyper, int channels,
                                 uint64_t seed, void **state) {
    lode_windowed *encoder = lode_alloc(1, sizeof *encoder);
    if (!encoder)
        return lode_fail_memory();
    lode_status status = read_hyper(hyper, encoder);
    if (status == LODE_OK)
        status = build(channels, 0, encoder->small_stem, seed, &encoder->net);
    if (status != LODE_OK) {
        lode_free(encoder);
        return status;
    }
    *state = encoder;
    return LODE_OK;
}

void lode_windowed_destroy(void *state) {
    lode_windowed *encoder = state;
    if (encoder)
        lode_net_free(encoder->net);
    lode_free(encoder);
}

json_t *lode_windowed_describe(const void *state) {
    const lode_windowed *encoder = state;
    return json_pack("{si ss}", "window", encoder->window, "stem",
                     encoder->small_stem ? "small" : "standard");
}

int lode_windowed_half_window(const void *state) {
    return ((const lode_windowed *)state)->window / 2;
}

int lode_windowed_dims(const void *state) {
    return lode_net_outputs(((const lode_windowed *)state)->net);
}

int lode_windowed_tensor_count(const void *state) {
    return lode_net_tensor_count(((const lode_windowed *)state)->net);
}

void lode_windowed_tensor(void *state, int index, lode_tensor_view *view) {
    lode_windowed *encoder = state;
    const lode_net_tensor *tensor = lode_net_get_tensor(encoder->net, index);
    *view = (lode_tensor_view){.name = tensor->name,
                               .dims = tensor->dims,
                               .data = lode_net_tensor_values(encoder->net, index),
                               .trained = tensor->trained};
    memcpy(view->shape, tensor->shape, sizeof view->shape);
}

lode_status lode_windowed_prepare(void *state) {
    return lode_net_prepare(((lode_windowed *)state)->net);
}

/* ---- Inference ---- */

/* Where windows lie: number i starts at column i % across and row i / across x step of an array of
 * cells with `pitch` floats in a row. */
typedef struct windows {
    const float *input;
    size_t across, step, pitch;
} windows;

/* Copies windows first..first+count-1 into a batch. */
static void cut_windows(const lode_windowed *encoder, const windows *from, size_t first,
                        size_t count, float *batch) {
    size_t side = (size_t)encoder->window, channels = (size_t)lode_net_channels(encoder->net);
    for (size_t i = 0; i < count; i++) {
        size_t x = (first + i) % from->across, y = (first + i) / from->across * from->step;
        for (size_t line = 0; line < side; line++)
            memcpy(batch + (i * side + line) * side * channels,
                   from->input + (y + line) * from->pitch + x * channels,
                   side * channels * sizeof *batch);
    }
}

/* Every pass has BATCH windows or, for a small request, as many as asked; a short last batch leaves
 * old windows behind it, whose results are dropped. */
static lode_status embed_batches(const lode_windowed *encoder, const windows *from, size_t count,
                                 float *out) {
    size_t dims = (size_t)lode_windowed_dims(encoder), batch = count < BATCH ? count : BATCH;
    lode_pass *pass;
    LODE_TRY(lode_pass_create(encoder->net, LODE_INFERENCE, (int)batch, encoder->window,
                              encoder->window, NULL, &pass));
    lode_status status = LODE_OK;
    for (size_t first = 0; first < count && status == LODE_OK; first += batch) {
        size_t now = count - first < batch ? count - first : batch;
        cut_windows(encoder, from, first, now, lode_pass_input(pass));
        status = lode_pass_infer(pass);
        memcpy(out + first * dims, lode_pass_output(pass, NULL, NULL), now * dims * sizeof *out);
    }
    lode_pass_free(pass);
    return status;
}

lode_status lode_windowed_embed(const void *state, const float *input, const lode_span *columns,
                                const lode_span *rows, float *out) {
    const lode_windowed *encoder = state;
    size_t width = (size_t)columns->size;
    windows from = {input, width, 1,
                    (size_t)columns->count * (size_t)lode_net_channels(encoder->net)};
    return embed_batches(encoder, &from, width * (size_t)rows->size, out);
}

lode_status lode_windowed_embed_windows(const void *state, const float *input, size_t count,
                                        float *out) {
    const lode_windowed *encoder = state;
    size_t side = (size_t)encoder->window;
    windows from = {input, 1, side, side * (size_t)lode_net_channels(encoder->net)};
    return embed_batches(encoder, &from, count, out);
}

/* ---- Training ---- */

typedef struct windowed_trainer {
    lode_windowed *encoder;
    lode_pass *pass;
    float *gradients;
} windowed_trainer;

static void trainer_destroy(void *state) {
    windowed_trainer *trainer = state;
    lode_pass_free(trainer->pass);
    lode_free(trainer->gradients);
    lode_free(trainer);
}

static lode_status trainer_create(void *state, int samples, int side, lode_team *team,
                                  void **result) {
    windowed_trainer *trainer = lode_alloc(1, sizeof *trainer);
    if (!trainer)
        return lode_fail_memory();
    trainer->encoder = state;
    trainer->gradients =
        lode_alloc(lode_net_parameter_count(trainer->encoder->net), sizeof *trainer->gradients);
    lode_status status = trainer->gradients ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK && side != trainer->encoder->window)
        status = lode_fail(LODE_ERROR_INTERNAL, "This encoder is trained on single windows.");
    if (status == LODE_OK)
        status = lode_pass_create(trainer->encoder->net, LODE_TRAINING, samples, side, side, team,
                                  &trainer->pass);
    if (status != LODE_OK) {
        trainer_destroy(trainer);
        return status;
    }
    *result = trainer;
    return LODE_OK;
}

static float *trainer_input(void *state) {
    return lode_pass_input(((windowed_trainer *)state)->pass);
}

static lode_status trainer_forward(void *state, double momentum, const lode_progress *progress,
                                   const float **embedding) {
    windowed_trainer *trainer = state;
    LODE_TRY(lode_pass_forward(trainer->pass, momentum, 0, 0, progress));
    *embedding = lode_pass_output(trainer->pass, NULL, NULL);
    return LODE_OK;
}

static lode_status trainer_backward(void *state, const float *gradient,
                                    const lode_progress *progress) {
    windowed_trainer *trainer = state;
    return lode_pass_backward(trainer->pass, 0, 0, gradient, trainer->gradients, progress);
}

static float *trainer_gradient(void *state, int index) {
    windowed_trainer *trainer = state;
    const lode_net_tensor *tensor = lode_net_get_tensor(trainer->encoder->net, index);
    return tensor->trained ? trainer->gradients + tensor->offset : NULL;
}

static lode_status trainer_divide(void *state, const lode_division *division) {
    windowed_trainer *trainer = state;
    return lode_pass_divide(trainer->pass, division->cluster, division->groups * division->items);
}

const lode_train_kind lode_windowed_train = {
    .create = trainer_create,
    .destroy = trainer_destroy,
    .input = trainer_input,
    .forward = trainer_forward,
    .backward = trainer_backward,
    .gradient = trainer_gradient,
    .divide = trainer_divide,
};

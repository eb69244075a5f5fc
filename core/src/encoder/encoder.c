#include "encoder/encoder.h"

#include <string.h>

#include "encoder/dense.h"
#include "encoder/ensemble.h"
#include "encoder/mobilenetv2.h"
#include "encoder/resnet50.h"
#include "encoder/train.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

static const lode_encoder_kind *const kinds[] = {&lode_encoder_dense, &lode_encoder_resnet50,
                                                 &lode_encoder_mobilenetv2, &lode_encoder_ensemble};

struct lode_encoder {
    const lode_encoder_kind *kind;
    void *state;
    int channels;
};

static const lode_encoder_kind *find_kind(const char *name) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

lode_status lode_encoder_create(const char *kind, const json_t *hyper, int channels, uint64_t seed,
                                lode_encoder **encoder) {
    const lode_encoder_kind *found = find_kind(kind);
    if (!found)
        return lode_fail(LODE_ERROR_MODEL, "This version of Lode has no encoder called '%s'.",
                         kind);
    if (channels < 2 || channels > 100000)
        return lode_fail(LODE_ERROR_DATA, "An encoder cannot have %d input channels.", channels);
    lode_encoder *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->kind = found;
    made->channels = channels;
    lode_status status = found->create(hyper, channels, seed, &made->state);
    if (status != LODE_OK) {
        lode_free(made);
        return status;
    }
    *encoder = made;
    return LODE_OK;
}

void lode_encoder_free(lode_encoder *encoder) {
    if (!encoder)
        return;
    encoder->kind->destroy(encoder->state);
    lode_free(encoder);
}

const lode_encoder_kind *lode_encoder_get_kind(const lode_encoder *encoder) {
    return encoder->kind;
}

void *lode_encoder_state(lode_encoder *encoder) {
    return encoder->state;
}

int lode_encoder_channels(const lode_encoder *encoder) {
    return encoder->channels;
}

int lode_encoder_half_window(const lode_encoder *encoder) {
    return encoder->kind->half_window(encoder->state);
}

int lode_encoder_dims(const lode_encoder *encoder) {
    return encoder->kind->dims(encoder->state);
}

lode_status lode_encoder_prepare(lode_encoder *encoder) {
    return encoder->kind->prepare(encoder->state);
}

int64_t lode_encoder_parameters(lode_encoder *encoder) {
    int64_t total = 0;
    for (int i = 0; i < encoder->kind->tensor_count(encoder->state); i++) {
        lode_tensor_view view;
        encoder->kind->tensor(encoder->state, i, &view);
        if (view.trained)
            total += lode_tensor_size(&view);
    }
    return total;
}

int64_t lode_tensor_size(const lode_tensor_view *view) {
    int64_t size = 1;
    for (int i = 0; i < view->dims; i++)
        size *= view->shape[i];
    return size;
}

lode_span lode_encoder_window_span(const lode_encoder *encoder, int size) {
    int half = lode_encoder_half_window(encoder);
    return (lode_span){.size = size, .first = -half, .count = size + 2 * half};
}

lode_span lode_encoder_span(const lode_encoder *encoder, int at, int size) {
    if (encoder->kind->span)
        return encoder->kind->span(encoder->state, at, size);
    lode_span span = lode_encoder_window_span(encoder, size);
    span.at = at;
    span.first += at;
    return span;
}

lode_status lode_row_copy_fn(void *copy, int row, const float *values) {
    const lode_row_copy *to = copy;
    memcpy(to->out + (size_t)row * to->length, values, to->length * sizeof *values);
    return LODE_OK;
}

lode_status lode_encoder_embed(const lode_encoder *encoder, const float *input,
                               const lode_span *columns, const lode_span *rows, float *out) {
    if (encoder->kind->embed)
        return encoder->kind->embed(encoder->state, input, columns, rows, out);
    lode_row_copy to = {out, (size_t)columns->size * (size_t)lode_encoder_dims(encoder)};
    lode_encoder_stream *stream = NULL;
    LODE_TRY(lode_encoder_stream_create(encoder, columns, &stream));
    lode_status status = lode_encoder_stream_next(stream, input, rows, lode_row_copy_fn, &to);
    lode_encoder_stream_free(stream);
    return status;
}

struct lode_encoder_stream {
    const lode_encoder *encoder;
    lode_span columns;
    bool begun;
    int64_t below, fed; /* the row below the last result, below the last row of the input it took */
    void *state;        /* of the kind's stream */
    void *whole;        /* a tile's embedding, for kinds without streams */
    size_t whole_size;
};

lode_status lode_encoder_stream_create(const lode_encoder *encoder, const lode_span *columns,
                                       lode_encoder_stream **stream) {
    lode_encoder_stream *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->encoder = encoder;
    made->columns = *columns;
    const lode_stream_kind *kind = encoder->kind->stream;
    lode_status status = kind ? kind->create(encoder->state, columns, &made->state) : LODE_OK;
    if (status != LODE_OK) {
        lode_free(made);
        return status;
    }
    *stream = made;
    return LODE_OK;
}

void lode_encoder_stream_free(lode_encoder_stream *stream) {
    if (!stream)
        return;
    if (stream->state)
        stream->encoder->kind->stream->destroy(stream->state);
    lode_free(stream->whole);
    lode_free(stream);
}

static lode_status embed_whole(lode_encoder_stream *stream, const float *input,
                               const lode_span *rows, lode_row_fn fn, void *context) {
    const lode_encoder *encoder = stream->encoder;
    size_t length = (size_t)stream->columns.size * (size_t)lode_encoder_dims(encoder);
    if (!lode_room(&stream->whole, &stream->whole_size, (size_t)rows->size, length * sizeof(float)))
        return lode_fail_memory();
    float *values = stream->whole;
    LODE_TRY(encoder->kind->embed(encoder->state, input, &stream->columns, rows, values));
    for (int row = 0; row < rows->size; row++, values += length)
        LODE_TRY(fn(context, row, values));
    return LODE_OK;
}

/* Feeds the kind's stream until its next row is complete. */
static lode_status next_row(lode_encoder_stream *stream, const float *input, const lode_span *rows,
                            const float **embedding) {
    const lode_stream_kind *kind = stream->encoder->kind->stream;
    size_t pitch = (size_t)stream->columns.count * (size_t)stream->encoder->channels;
    int64_t end = (int64_t)rows->first + rows->count - kind->ahead(stream->encoder->state);
    while (!(*embedding = kind->take(stream->state))) {
        if (lode_parallel_stopped())
            return lode_parallel_give_up();
        if (stream->fed < rows->first || stream->fed >= end)
            return lode_fail(LODE_ERROR_INTERNAL, "A stream was given the wrong rows.");
        kind->feed(stream->state, input + (size_t)(stream->fed++ - rows->first) * pitch, pitch);
    }
    return LODE_OK;
}

lode_status lode_encoder_stream_next(lode_encoder_stream *stream, const float *input,
                                     const lode_span *rows, lode_row_fn fn, void *context) {
    if (!stream->encoder->kind->stream)
        return embed_whole(stream, input, rows, fn, context);
    if (!stream->begun || rows->at != stream->below) {
        stream->encoder->kind->stream->restart(stream->state, rows->at);
        stream->fed = rows->first;
    }
    stream->begun = true;
    stream->below = (int64_t)rows->at + rows->size;
    for (int row = 0; row < rows->size; row++) {
        const float *embedding;
        LODE_TRY(next_row(stream, input, rows, &embedding));
        LODE_TRY(fn(context, row, embedding));
    }
    return LODE_OK;
}

lode_status lode_encoder_embed_windows(const lode_encoder *encoder, const float *windows,
                                       size_t count, float *out) {
    if (encoder->kind->embed_windows)
        return encoder->kind->embed_windows(encoder->state, windows, count, out);
    lode_span alone = lode_encoder_window_span(encoder, 1);
    size_t side = 2 * (size_t)lode_encoder_half_window(encoder) + 1;
    size_t size = side * side * (size_t)encoder->channels;
    for (size_t i = 0; i < count; i++)
        LODE_TRY(lode_encoder_embed(encoder, windows + i * size, &alone, &alone,
                                    out + i * (size_t)lode_encoder_dims(encoder)));
    return LODE_OK;
}

/* ---- Training ---------------------------------------------------------------------------------
 */

struct lode_trainer {
    const lode_train_kind *kind;
    void *state;
    int outputs;
};

lode_status lode_trainer_create(lode_encoder *encoder, int samples, int side, lode_team *team,
                                lode_trainer **trainer) {
    int outputs = side - 2 * lode_encoder_half_window(encoder);
    if (samples < 1 || outputs < 1)
        return lode_fail(LODE_ERROR_INTERNAL, "A trainer cannot work on %d inputs of %d cells.",
                         samples, side);
    if (!encoder->kind->train)
        return lode_fail(LODE_ERROR_USAGE, "The encoder '%s' cannot be trained as one.",
                         encoder->kind->name);
    lode_trainer *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->kind = encoder->kind->train;
    made->outputs = outputs;
    lode_status status = made->kind->create(encoder->state, samples, side, team, &made->state);
    if (status != LODE_OK) {
        lode_free(made);
        return status;
    }
    *trainer = made;
    return LODE_OK;
}

void lode_trainer_free(lode_trainer *trainer) {
    if (!trainer)
        return;
    trainer->kind->destroy(trainer->state);
    lode_free(trainer);
}

lode_status lode_trainer_divide(lode_trainer *trainer, const lode_division *division) {
    return trainer->kind->divide(trainer->state, division);
}

int lode_trainer_outputs(const lode_trainer *trainer) {
    return trainer->outputs;
}

float *lode_trainer_input(lode_trainer *trainer) {
    return trainer->kind->input(trainer->state);
}

lode_status lode_trainer_forward(lode_trainer *trainer, double momentum,
                                 const lode_progress *progress, const float **embedding) {
    return trainer->kind->forward(trainer->state, momentum, progress, embedding);
}

lode_status lode_trainer_backward(lode_trainer *trainer, const float *gradient,
                                  const lode_progress *progress) {
    return trainer->kind->backward(trainer->state, gradient, progress);
}

float *lode_trainer_gradient(lode_trainer *trainer, int tensor) {
    return trainer->kind->gradient(trainer->state, tensor);
}

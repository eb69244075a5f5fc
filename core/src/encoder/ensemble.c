#include "encoder/ensemble.h"

#include <string.h>

#include "encoder/dense.h"
#include "util/error.h"
#include "util/memory.h"

typedef struct ensemble {
    int count, tensors; /* tensors of one member */
    lode_encoder *member[LODE_MOST_MEMBERS];
    char **names; /* [count * tensors] */
} ensemble;

static void ensemble_destroy(void *state) {
    ensemble *e = state;
    if (!e)
        return;
    for (int i = 0; e->names && i < e->count * e->tensors; i++)
        lode_free(e->names[i]);
    lode_free(e->names);
    for (int k = 0; k < e->count; k++)
        lode_encoder_free(e->member[k]);
    lode_free(e);
}

static void member_tensor(const ensemble *e, int index, lode_tensor_view *view) {
    lode_encoder *member = e->member[index / e->tensors];
    lode_encoder_get_kind(member)->tensor(lode_encoder_state(member), index % e->tensors, view);
}

static lode_status fill(ensemble *e, const json_t *hyper, int channels, uint64_t seed) {
    for (int k = 0; k < e->count; k++)
        LODE_TRY(lode_encoder_create(lode_encoder_dense.name, hyper, channels, seed + (uint64_t)k,
                                     &e->member[k]));
    e->tensors = lode_encoder_dense.tensor_count(lode_encoder_state(e->member[0]));
    e->names = lode_alloc((size_t)e->count * (size_t)e->tensors, sizeof *e->names);
    if (!e->names)
        return lode_fail_memory();
    for (int i = 0; i < e->count * e->tensors; i++) {
        lode_tensor_view view;
        member_tensor(e, i, &view);
        e->names[i] = lode_format("member%d.%s", i / e->tensors + 1, view.name);
        if (!e->names[i])
            return lode_fail_memory();
    }
    return LODE_OK;
}

static lode_status ensemble_create(const json_t *hyper, int channels, uint64_t seed, void **state) {
    const json_t *members = json_object_get(hyper, "members");
    json_int_t count = json_integer_value(members);
    if (count < 2 || count > LODE_MOST_MEMBERS)
        return lode_fail(LODE_ERROR_USAGE, "An ensemble has 2 to %d encoders.", LODE_MOST_MEMBERS);
    ensemble *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->count = (int)count;
    lode_status status = fill(made, json_object_get(hyper, "member"), channels, seed);
    if (status != LODE_OK) {
        ensemble_destroy(made);
        return status;
    }
    *state = made;
    return LODE_OK;
}

static json_t *ensemble_describe(const void *state) {
    const ensemble *e = state;
    return json_pack("{s:i, s:o}", "members", e->count, "member",
                     lode_encoder_dense.describe(lode_encoder_state(e->member[0])));
}

static int ensemble_half_window(const void *state) {
    return lode_encoder_half_window(((const ensemble *)state)->member[0]);
}

static int ensemble_dims(const void *state) {
    const ensemble *e = state;
    return e->count * lode_encoder_dims(e->member[0]);
}

static int ensemble_tensor_count(const void *state) {
    const ensemble *e = state;
    return e->count * e->tensors;
}

static void ensemble_tensor(void *state, int index, lode_tensor_view *view) {
    const ensemble *e = state;
    member_tensor(e, index, view);
    view->name = e->names[index];
}

static lode_status ensemble_prepare(void *state) {
    ensemble *e = state;
    for (int k = 0; k < e->count; k++)
        LODE_TRY(lode_encoder_prepare(e->member[k]));
    return LODE_OK;
}

static lode_span ensemble_span(const void *state, int at, int size) {
    return lode_encoder_span(((const ensemble *)state)->member[0], at, size);
}

/* ---- Streams: one of every member, fed with the same rows ---- */

typedef struct ensemble_stream {
    int count, width;
    size_t dims;                  /* of a member */
    const lode_stream_kind *kind; /* of the members */
    void *member[LODE_MOST_MEMBERS];
    float *row; /* [width][count][dims] */
} ensemble_stream;

static void stream_destroy(void *state) {
    ensemble_stream *stream = state;
    for (int k = 0; k < stream->count; k++)
        if (stream->member[k])
            stream->kind->destroy(stream->member[k]);
    lode_free(stream->row);
    lode_free(stream);
}

static lode_status stream_create(const void *encoder, const lode_span *columns, void **stream) {
    const ensemble *e = encoder;
    ensemble_stream *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->count = e->count;
    made->width = columns->size;
    made->dims = (size_t)lode_encoder_dims(e->member[0]);
    made->kind = lode_encoder_dense.stream;
    made->row =
        lode_alloc((size_t)made->width * (size_t)made->count, made->dims * sizeof *made->row);
    lode_status status = made->row ? LODE_OK : lode_fail_memory();
    for (int k = 0; k < e->count && status == LODE_OK; k++)
        status = made->kind->create(lode_encoder_state(e->member[k]), columns, &made->member[k]);
    if (status != LODE_OK) {
        stream_destroy(made);
        return status;
    }
    *stream = made;
    return LODE_OK;
}

static int stream_ahead(const void *encoder) {
    return lode_encoder_dense.stream->ahead(
        lode_encoder_state(((const ensemble *)encoder)->member[0]));
}

static void stream_restart(void *state, int at) {
    ensemble_stream *stream = state;
    for (int k = 0; k < stream->count; k++)
        stream->kind->restart(stream->member[k], at);
}

static void stream_feed(void *state, const float *input, size_t pitch) {
    ensemble_stream *stream = state;
    for (int k = 0; k < stream->count; k++)
        stream->kind->feed(stream->member[k], input, pitch);
}

/* The members' rows are complete at the same time. Every member is asked, also when there is none:
 * what its layers hold may be gone after the next feed. */
static const float *stream_take(void *state) {
    ensemble_stream *stream = state;
    size_t dims = stream->dims, count = (size_t)stream->count;
    bool complete = true;
    for (size_t k = 0; k < count; k++) {
        const float *own = stream->kind->take(stream->member[k]);
        complete = complete && own;
        for (size_t x = 0; own && x < (size_t)stream->width; x++)
            memcpy(stream->row + (x * count + k) * dims, own + x * dims, dims * sizeof *own);
    }
    return complete ? stream->row : NULL;
}

static const lode_stream_kind ensemble_streams = {
    .create = stream_create,
    .ahead = stream_ahead,
    .restart = stream_restart,
    .take = stream_take,
    .feed = stream_feed,
    .destroy = stream_destroy,
};

const lode_encoder_kind lode_encoder_ensemble = {
    .name = "ensemble",
    .create = ensemble_create,
    .destroy = ensemble_destroy,
    .describe = ensemble_describe,
    .half_window = ensemble_half_window,
    .dims = ensemble_dims,
    .tensor_count = ensemble_tensor_count,
    .tensor = ensemble_tensor,
    .prepare = ensemble_prepare,
    .span = ensemble_span,
    .stream = &ensemble_streams,
    .dense = 1,
};

int lode_encoder_members(const lode_encoder *encoder) {
    if (lode_encoder_get_kind(encoder) != &lode_encoder_ensemble)
        return 1;
    return ((const ensemble *)lode_encoder_state((lode_encoder *)encoder))->count;
}

const lode_encoder *lode_ensemble_member(const lode_encoder *encoder, int member) {
    return ((const ensemble *)lode_encoder_state((lode_encoder *)encoder))->member[member];
}

lode_status lode_ensemble_gather(lode_encoder **members, int count, lode_encoder **encoder) {
    json_t *hyper = json_pack("{s:i, s:o}", "members", count, "member",
                              lode_encoder_dense.describe(lode_encoder_state(members[0])));
    lode_encoder *made = NULL;
    lode_status status =
        hyper ? lode_encoder_create("ensemble", hyper, lode_encoder_channels(members[0]), 0, &made)
              : lode_fail_memory();
    json_decref(hyper);
    LODE_TRY(status);
    ensemble *e = lode_encoder_state(made);
    for (int k = 0; k < count; k++) {
        lode_encoder_free(e->member[k]);
        e->member[k] = members[k];
        members[k] = NULL;
    }
    *encoder = made;
    return LODE_OK;
}

#include "encoder/dense_stream.h"

#include "encoder/context.h"
#include "encoder/dense_kernel.h"
#include "encoder/dense_layout.h"
#include "encoder/winograd.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/simd.h"

/* ---- Streams ----------------------------------------------------------------------------------
 */

enum { SOME_TILES = 24 }; /* of a row, multiplied together: their products stay in the cache */

/* Rows that are still needed, of one width. */
typedef struct row_ring {
    float *rows;
    int kept, width; /* rows, cells in a row */
} row_ring;

typedef struct row_stream {
    const lode_dense *dense;
    int width; /* wanted columns */
    lode_dense_layout columns;
    lode_dense_schedule schedule;
    row_ring layer[LODE_DENSE_MAX_DEPTH + 1];
    row_ring embedding;
    int64_t embedded, taken;       /* the next row of the embedding, of the map */
    const float *input;            /* the row that is fed */
    size_t pitch;                  /* floats from a row of the input to the next */
    float *mean;                   /* a row of the result */
    float *points, *sums;          /* of SOME_TILES tiles, [36][up to SOME_TILES][width] */
    float *context, *context_sums; /* a row of the first layer's input, and what makes it */
} row_stream;

static float *ring_row(const row_ring *ring, int64_t row, int channels) {
    return ring->rows + (size_t)(row % ring->kept) * (size_t)ring->width * (size_t)channels;
}

static float *layer_row(const row_stream *stream, int index, int64_t row) {
    return ring_row(&stream->layer[index], row, stream->dense->width);
}

static bool layer_tiled(const row_stream *stream, int index) {
    return lode_dense_layer_tiled(stream->dense, index, stream->schedule.anchored);
}

/* ---- Memory ---- */

static lode_status ring_create(row_ring *ring, int kept, int width, int channels) {
    ring->kept = kept;
    ring->width = width;
    ring->rows = lode_alloc((size_t)kept, (size_t)width * (size_t)channels * sizeof *ring->rows);
    return ring->rows ? LODE_OK : lode_fail_memory();
}

static lode_status context_create(row_stream *stream, int wide, int cells) {
    const lode_dense *dense = stream->dense;
    if (dense->context == 0)
        return LODE_OK;
    stream->context = lode_alloc((size_t)cells, (size_t)dense->layer[0].inputs * sizeof(float));
    stream->context_sums = lode_alloc((size_t)wide, (size_t)dense->channels * sizeof(float));
    return stream->context && stream->context_sums ? LODE_OK : lode_fail_memory();
}

static lode_status stream_memory(row_stream *stream, const lode_span *columns) {
    const lode_dense *dense = stream->dense;
    size_t some = (size_t)LODE_WINOGRAD_POINTS * SOME_TILES, width = (size_t)dense->width;
    const int *kept = dense->rows_kept[stream->schedule.anchored];
    bool tiled = false;
    for (int i = 0; i < dense->layers; i++) {
        int cells = stream->columns.layer[i].end - stream->columns.layer[i].first;
        LODE_TRY(ring_create(&stream->layer[i], kept[i], cells, dense->width));
        tiled = tiled || layer_tiled(stream, i);
    }
    if (tiled) {
        stream->points = lode_alloc(some, width * sizeof *stream->points);
        stream->sums = lode_alloc(some, width * sizeof *stream->sums);
        if (!stream->points || !stream->sums)
            return lode_fail_memory();
    }
    LODE_TRY(context_create(stream, columns->count, stream->layer[0].width));
    stream->mean = lode_alloc((size_t)columns->size, (size_t)dense->dims * sizeof(float));
    if (!stream->mean)
        return lode_fail_memory();
    return ring_create(&stream->embedding, 3, columns->size + 2, dense->dims);
}

static void stream_destroy(void *state) {
    row_stream *stream = state;
    for (int i = 0; i <= LODE_DENSE_MAX_DEPTH; i++)
        lode_free(stream->layer[i].rows);
    lode_free(stream->embedding.rows);
    lode_free(stream->mean);
    lode_free(stream->points);
    lode_free(stream->sums);
    lode_free(stream->context);
    lode_free(stream->context_sums);
    lode_free(stream);
}

static lode_status stream_create(const void *encoder, const lode_span *columns, void **stream) {
    row_stream *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->dense = encoder;
    made->schedule = (lode_dense_schedule){.dense = encoder, .anchored = columns->anchored};
    made->width = columns->size;
    made->columns = lode_dense_lay_out(encoder, columns->at, columns->size, columns->anchored);
    lode_status status = stream_memory(made, columns);
    if (status != LODE_OK) {
        stream_destroy(made);
        return status;
    }
    *stream = made;
    return LODE_OK;
}

static void stream_restart(void *state, int at) {
    row_stream *stream = state;
    lode_dense_layout rows = lode_dense_lay_out(stream->dense, at, 1, stream->schedule.anchored);
    lode_dense_schedule_restart(&stream->schedule, &rows);
    stream->embedded = stream->taken = rows.at;
}

/* ---- Layers ---- */

/* The columns of the layer before that a layer sees, from its first. */
static int shift(const row_stream *stream, int index) {
    return stream->columns.layer[index].first - stream->columns.layer[index - 1].first;
}

#define ASKING static inline __attribute__((always_inline))

/* What is touched soon, in floats of a row: [first, end) of the rows that some tiles give, and
 * [end, next_end) of those that the tiles after them take. */
typedef struct soon {
    const float *const *in;
    float *const *out;
    size_t first, end, next_end;
} soon;

static soon touched_soon(const lode_dense_layer *layer, const lode_winograd *cover, int from,
                         int count, const float *const *in, float *const *out) {
    int first, end, cells = cover->input_end - cover->first;
    lode_winograd_columns(cover, from, count, &first, &end);
    int next_end = from + count < cover->tiles ? 2 * end - first : end;
    next_end = next_end < cells ? next_end : cells;
    size_t width = (size_t)layer->outputs; /* as wide as the layer before */
    return (soon){in, out, (size_t)first * width, (size_t)end * width, (size_t)next_end * width};
}

/* Inlined, since GCC takes a function that only asks for one without effects, and leaves out calls
 * of it. */
ASKING void ask_for_part(const float *row, size_t first, size_t end, size_t part) {
    enum { LINE = 16 }; /* floats that come at once */
    size_t lines = (end - first) / LINE, to = lines * (part + 1) / LODE_WINOGRAD_POINTS;
    for (size_t line = lines * part / LODE_WINOGRAD_POINTS; line < to; line++)
        __builtin_prefetch(row + first + line * LINE, 0, 2);
}

/* Rows of a wide window are not in the second cache any more. While the products of a point keep
 * the processor busy, a part of what is touched soon comes there. */
ASKING void ask_for_some(const soon *s, size_t point) {
    for (int i = 0; i < LODE_WINOGRAD_OUTPUTS; i++)
        ask_for_part(s->out[i], s->first, s->end, point);
    for (int i = 0; i < LODE_WINOGRAD_INPUTS; i++)
        ask_for_part(s->in[i], s->end, s->next_end, point);
}

/* Tiles [from, from + count) of a row of tiles: their points, products and outputs, while they are
 * in the first caches. */
static void convolve_some_tiles(const row_stream *stream, int index, int from, int count,
                                const float *const in[LODE_WINOGRAD_INPUTS],
                                float *const out[LODE_WINOGRAD_OUTPUTS]) {
    const lode_dense_layer *layer = &stream->dense->layer[index];
    const lode_winograd *cover = &stream->columns.layer[index].cover;
    size_t step = (size_t)layer->inputs * LODE_KERNEL_BLOCK;
    size_t inputs = (size_t)count * (size_t)layer->inputs;
    size_t outputs = (size_t)count * (size_t)layer->outputs;
    soon next = touched_soon(layer, cover, from, count, in, out);
    lode_winograd_input(cover, from, count, in, layer->inputs, stream->points);
    for (size_t k = 0; k < LODE_WINOGRAD_POINTS; k++) {
        ask_for_some(&next, k);
        lode_kernel_tap tap = {stream->points + k * inputs, layer->points + k * step};
        lode_kernel_convolve(&tap, 1, layer->inputs, LODE_WINOGRAD_POINTS * step, NULL, false,
                             stream->sums + k * outputs, count, layer->outputs);
    }
    lode_winograd_output(cover, from, count, stream->sums, layer->bias, layer->outputs, out);
}

/* The row of tiles that begins in row `row`. */
static void convolve_tiles(const row_stream *stream, int index, int64_t row) {
    int d = stream->dense->layer[index].dilation;
    size_t first = (size_t)shift(stream, index) * (size_t)stream->dense->width;
    const float *in[LODE_WINOGRAD_INPUTS];
    float *out[LODE_WINOGRAD_OUTPUTS];
    for (int k = 0; k < LODE_WINOGRAD_INPUTS; k++)
        in[k] = layer_row(stream, index - 1, row + k * d) + first;
    for (int k = 0; k < LODE_WINOGRAD_OUTPUTS; k++)
        out[k] = layer_row(stream, index, row + k * d);
    int tiles = stream->columns.layer[index].cover.tiles;
    int parts = (tiles + SOME_TILES - 1) / SOME_TILES;
    for (int i = 0, from = 0, count; i < parts; i++, from += count) {
        count = (tiles - from) / (parts - i);
        convolve_some_tiles(stream, index, from, count, in, out);
    }
}

static void convolve_taps(const row_stream *stream, int index, int64_t row) {
    const lode_dense_layer *layer = &stream->dense->layer[index];
    lode_kernel_tap taps[9];
    for (int t = 0; t < 9; t++) {
        size_t column = (size_t)(shift(stream, index) + t % 3 * layer->dilation);
        taps[t].input = layer_row(stream, index - 1, row + t / 3 * layer->dilation) +
                        column * (size_t)layer->inputs;
        taps[t].weights = layer->packed + (size_t)(t * layer->inputs * LODE_KERNEL_BLOCK);
    }
    lode_kernel_convolve(taps, 9, layer->inputs, (size_t)(9 * layer->inputs * LODE_KERNEL_BLOCK),
                         layer->bias, true, layer_row(stream, index, row),
                         stream->layer[index].width, layer->outputs);
}

/* A row of the first layer, from the input's. */
static void convolve_input(const row_stream *stream, int64_t row) {
    const lode_dense *dense = stream->dense;
    const lode_dense_layer *layer = &dense->layer[0];
    int width = stream->layer[0].width;
    const float *input = stream->input;
    if (dense->context > 0) {
        lode_context_row(input, stream->pitch, dense->channels, dense->context, width,
                         stream->context_sums, stream->context);
        input = stream->context;
    }
    lode_kernel_tap tap = {input, layer->packed};
    lode_kernel_convolve(&tap, 1, layer->inputs, (size_t)layer->inputs * LODE_KERNEL_BLOCK,
                         layer->bias, true, layer_row(stream, 0, row), width, layer->outputs);
}

/* A lode_dense_row_fn. */
static void convolve(void *context, int index, int64_t row) {
    const row_stream *stream = context;
    if (index == 0)
        convolve_input(stream, row);
    else if (layer_tiled(stream, index))
        convolve_tiles(stream, index, row);
    else
        convolve_taps(stream, index, row);
}

static int stream_ahead(const void *encoder) {
    return 2 * lode_context_reach(((const lode_dense *)encoder)->context);
}

static void stream_feed(void *state, const float *input, size_t pitch) {
    row_stream *stream = state;
    stream->input = input;
    stream->pitch = pitch;
    lode_dense_schedule_feed(&stream->schedule, convolve, stream);
}

/* ---- Embedding ---- */

/* Row `row` of the embedding: the centres of the layers' windows there. */
static void embed_row(const row_stream *stream, int64_t row) {
    const lode_dense *dense = stream->dense;
    lode_kernel_tap taps[LODE_DENSE_MAX_DEPTH + 1];
    size_t width = (size_t)dense->width, block = width * LODE_KERNEL_BLOCK;
    int first = lode_dense_first_scale(dense);
    for (int i = 0; i < dense->scales; i++) {
        int reach = lode_dense_reach(dense, first + i);
        int column = stream->columns.at + reach - stream->columns.layer[first + i].first;
        taps[i].input = layer_row(stream, first + i, row + reach) + (size_t)column * width;
        taps[i].weights = dense->packed + (size_t)i * block;
    }
    lode_kernel_convolve(taps, dense->scales, dense->width, (size_t)dense->scales * block,
                         dense->bias, false, ring_row(&stream->embedding, row, dense->dims),
                         stream->embedding.width, dense->dims);
}

/* Mean of three rows of three neighbours, in one fixed order. */
LODE_WIDE static void average_3x3(const float *restrict above, const float *restrict centre,
                                  const float *restrict below, size_t step, size_t count,
                                  float *restrict out) {
    for (size_t i = 0; i < count; i++) {
        float left = above[i] + centre[i] + below[i];
        float middle = above[i + step] + centre[i + step] + below[i + step];
        float right = above[i + 2 * step] + centre[i + 2 * step] + below[i + 2 * step];
        out[i] = (left + middle + right) * (1.0f / 9.0f);
    }
}

/* Mean of 3 x 3 embeddings, rows row .. row + 2. */
static void average_row(const row_stream *stream, int64_t row) {
    const row_ring *from = &stream->embedding;
    int dims = stream->dense->dims;
    average_3x3(ring_row(from, row, dims), ring_row(from, row + 1, dims),
                ring_row(from, row + 2, dims), (size_t)dims, (size_t)stream->width * (size_t)dims,
                stream->mean);
}

static const float *stream_take(void *state) {
    row_stream *stream = state;
    int64_t complete = lode_dense_schedule_complete(&stream->schedule);
    for (; stream->embedded < stream->taken + 3; stream->embedded++) {
        if (stream->embedded >= complete)
            return NULL;
        embed_row(stream, stream->embedded);
    }
    average_row(stream, stream->taken++);
    return stream->mean;
}

const lode_stream_kind lode_dense_stream = {
    .create = stream_create,
    .ahead = stream_ahead,
    .restart = stream_restart,
    .take = stream_take,
    .feed = stream_feed,
    .destroy = stream_destroy,
};

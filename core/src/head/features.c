#include "head/features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

/* Side of the tiles in which scattered places are gathered. */
enum { GATHER_TILE = 64, GATHER_WINDOWS = 32 }; /* cells of a tile's side; windows in a batch */

static const struct {
    unsigned input;
    const char *name;
} input_names[] = {{LODE_INPUT_BANDS, "bands"},
                   {LODE_INPUT_SMOOTH, "smooth"},
                   {LODE_INPUT_EMBEDDING, "embedding"}};

json_t *lode_inputs_describe(unsigned inputs) {
    json_t *list = json_array();
    for (int i = 0; i < 3; i++)
        if (inputs & input_names[i].input)
            json_array_append_new(list, json_string(input_names[i].name));
    return list;
}

unsigned lode_inputs_parse(const json_t *list) {
    unsigned inputs = 0;
    size_t k;
    json_t *item;
    json_array_foreach((json_t *)list, k, item) {
        for (int i = 0; i < 3; i++)
            if (json_is_string(item) && !strcmp(json_string_value(item), input_names[i].name))
                inputs |= input_names[i].input;
    }
    return inputs;
}

static int channels_in(const lode_features *features) {
    return features->recipe->channels + 1;
}

static int embedding_dims(const lode_features *features) {
    return features->encoder && (features->inputs & LODE_INPUT_EMBEDDING)
               ? lode_encoder_dims(features->encoder)
               : 0;
}

int lode_features_count(const lode_features *features) {
    int count = embedding_dims(features);
    if (features->inputs & LODE_INPUT_BANDS)
        count += features->recipe->channels;
    if (features->inputs & LODE_INPUT_SMOOTH)
        count += features->recipe->channels;
    return count;
}

char *lode_features_name(const lode_features *features, int index) {
    int channels = features->recipe->channels;
    if (features->inputs & LODE_INPUT_BANDS) {
        if (index < channels)
            return lode_format("centre %s", features->recipe->channel_names[index]);
        index -= channels;
    }
    if (features->inputs & LODE_INPUT_SMOOTH) {
        if (index < channels)
            return lode_format("smooth %s", features->recipe->channel_names[index]);
        index -= channels;
    }
    return lode_format("embedding %d", index + 1);
}

int lode_features_half_window(const lode_features *features) {
    int half = features->inputs & LODE_INPUT_SMOOTH ? features->smooth_radius : 0;
    if (embedding_dims(features) > 0 && lode_encoder_half_window(features->encoder) > half)
        half = lode_encoder_half_window(features->encoder);
    return half;
}

/* span with at least `half` more on each side of the wanted cells. */
static lode_span widen(lode_span span, int half) {
    int before = span.at - span.first, after = span.count - before - span.size;
    before = before > half ? before : half;
    after = after > half ? after : half;
    span.first = span.at - before;
    span.count = before + span.size + after;
    return span;
}

lode_span lode_features_span(const lode_features *features, int at, int size) {
    lode_span span = {.at = at, .size = size, .first = at, .count = size, .anchored = true};
    if (embedding_dims(features) > 0)
        span = lode_encoder_span(features->encoder, at, size);
    return widen(span, lode_features_half_window(features));
}

lode_span lode_features_window_span(const lode_features *features, int size) {
    return widen((lode_span){.size = size, .count = size}, lode_features_half_window(features));
}

/* ---- Parts of the features
 */

lode_features lode_features_with(const lode_features *full, unsigned inputs) {
    lode_features part = *full;
    part.inputs = inputs;
    return part;
}

float *lode_features_select(const lode_features *full, const float *all, size_t n, unsigned inputs,
                            const unsigned char *keep, size_t *kept) {
    static const unsigned order[] = {LODE_INPUT_BANDS, LODE_INPUT_SMOOTH, LODE_INPUT_EMBEDDING};
    lode_features part = lode_features_with(full, inputs);
    size_t width = (size_t)lode_features_count(&part), whole = (size_t)lode_features_count(full);
    float *out = lode_alloc(n, width * sizeof *out);
    *kept = 0;
    for (size_t i = 0; out && i < n; i++) {
        if (keep && !keep[i])
            continue;
        size_t from = 0, to = *kept * width;
        for (int k = 0; k < 3; k++) {
            if (!(full->inputs & order[k]))
                continue;
            lode_features one = lode_features_with(full, order[k]);
            size_t count = (size_t)lode_features_count(&one);
            if (inputs & order[k]) {
                memcpy(out + to, all + i * whole + from, count * sizeof *out);
                to += count;
            }
            from += count;
        }
        (*kept)++;
    }
    return out;
}

/* ---- Smoothed bands ---------------------------------------------------------------------------
 */

/* Sum over a (2r+1) x (2r+1) square of cells with data, channel by channel, the count of such cells
 * in the last channel. Column sums first, then row sums, each from scratch, so that the order of
 * additions at a cell does not depend on where the tile begins. */
static void smooth_row(const float *scaled, size_t stride, int channels, int width, int radius,
                       float *columns, float *out, size_t out_stride) {
    int side = 2 * radius + 1, wide = width + 2 * radius;
    size_t n = (size_t)channels;
    for (int x = 0; x < wide; x++) {
        float *sum = columns + (size_t)x * n;
        memset(sum, 0, n * sizeof *sum);
        for (int dy = 0; dy < side; dy++) {
            const float *cell = scaled + (size_t)dy * stride + (size_t)x * n;
            if (!(cell[n - 1] > 0))
                continue;
            for (size_t c = 0; c + 1 < n; c++)
                sum[c] += cell[c];
            sum[n - 1] += 1;
        }
    }
    for (int x = 0; x < width; x++) {
        float *mean = out + (size_t)x * out_stride, count = 0;
        memset(mean, 0, (n - 1) * sizeof *mean);
        for (int dx = 0; dx < side; dx++) {
            const float *sum = columns + (size_t)(x + dx) * n;
            for (size_t c = 0; c + 1 < n; c++)
                mean[c] += sum[c];
            count += sum[n - 1];
        }
        for (size_t c = 0; c + 1 < n; c++)
            mean[c] = count > 0 ? mean[c] / count : 0;
    }
}

/* What lode_features_compute gets. */
typedef struct input {
    const float *scaled;
    const lode_span *columns, *rows;
    size_t channels;
} input;

/* The cell in column x and row y, both counted from the first wanted ones. */
static const float *cell_at(const input *in, int x, int y) {
    size_t column = (size_t)(in->columns->at + x - in->columns->first);
    size_t row = (size_t)(in->rows->at + y - in->rows->first);
    return in->scaled + (row * (size_t)in->columns->count + column) * in->channels;
}

/* ---- Centre bands and embedding ---------------------------------------------------------------
 */

/* The part of the input that lies in both spans, which are for the same wanted cells. */
static void crop(const input *in, const lode_span *columns, const lode_span *rows, float *out) {
    size_t length = (size_t)columns->count * in->channels;
    int x = columns->first - columns->at, y = rows->first - rows->at;
    for (int end = y + rows->count; y < end; y++, out += length)
        memcpy(out, cell_at(in, x, y), length * sizeof *out);
}

static lode_span encoder_span(const lode_features *features, const lode_span *span) {
    return span->anchored ? lode_encoder_span(features->encoder, span->at, span->size)
                          : lode_encoder_window_span(features->encoder, span->size);
}

struct lode_features_stream {
    lode_features features;
    lode_span columns;
    size_t count; /* values of a cell */
    input in;     /* the tile at work */
    float *sums;  /* of columns, for smooth_row; NULL without smoothed bands */
    float *row;   /* NULL when the embedding is all there is */
    lode_encoder_stream *encoder;
    lode_span seen; /* columns, by the encoder */
    void *part;     /* of the tile, where the encoder sees less of it than other features */
    size_t part_size;
    lode_row_fn fn; /* who gets the rows */
    void *context;
};

static void add_bands(const lode_features_stream *s, int y, float *out) {
    const float *cell = cell_at(&s->in, 0, y);
    for (int x = 0; x < s->columns.size; x++, cell += s->in.channels, out += s->count)
        memcpy(out, cell, (s->in.channels - 1) * sizeof *out);
}

static void add_smooth(const lode_features_stream *s, int y, float *out) {
    int radius = s->features.smooth_radius;
    size_t stride = (size_t)s->columns.count * s->in.channels;
    smooth_row(cell_at(&s->in, -radius, y - radius), stride, (int)s->in.channels, s->columns.size,
               radius, s->sums, out, s->count);
}

static void add_embedding(const lode_features_stream *s, const float *embedding, float *out) {
    size_t dims = (size_t)embedding_dims(&s->features);
    for (int x = 0; x < s->columns.size; x++, embedding += dims, out += s->count)
        memcpy(out, embedding, dims * sizeof *out);
}

/* A lode_row_fn for the encoder. */
static lode_status compose(void *context, int y, const float *embedding) {
    const lode_features_stream *s = context;
    if (!s->row)
        return s->fn(s->context, y, embedding);
    float *out = s->row;
    if (s->features.inputs & LODE_INPUT_BANDS) {
        add_bands(s, y, out);
        out += s->features.recipe->channels;
    }
    if (s->features.inputs & LODE_INPUT_SMOOTH) {
        add_smooth(s, y, out);
        out += s->features.recipe->channels;
    }
    if (embedding)
        add_embedding(s, embedding, out);
    return s->fn(s->context, y, s->row);
}

static lode_status compose_with_embedding(lode_features_stream *s) {
    lode_span rows = encoder_span(&s->features, s->in.rows);
    const float *seen = s->in.scaled;
    if (rows.count != s->in.rows->count || s->seen.count != s->columns.count) {
        if (!lode_room(&s->part, &s->part_size, (size_t)s->seen.count * (size_t)rows.count,
                       s->in.channels * sizeof(float)))
            return lode_fail_memory();
        crop(&s->in, &s->seen, &rows, s->part);
        seen = s->part;
    }
    return lode_encoder_stream_next(s->encoder, seen, &rows, compose, s);
}

lode_status lode_features_stream_next(lode_features_stream *s, const float *scaled,
                                      const lode_span *rows, lode_row_fn fn, void *context) {
    s->in = (input){scaled, &s->columns, rows, (size_t)channels_in(&s->features)};
    s->fn = fn;
    s->context = context;
    if (s->encoder)
        return compose_with_embedding(s);
    for (int y = 0; y < rows->size; y++)
        LODE_TRY(compose(s, y, NULL));
    return LODE_OK;
}

static lode_status stream_parts(lode_features_stream *s) {
    const lode_features *features = &s->features;
    size_t width = (size_t)s->columns.size, dims = (size_t)embedding_dims(features);
    if (s->count != dims) {
        s->row = lode_alloc(width, s->count * sizeof *s->row);
        if (!s->row)
            return lode_fail_memory();
    }
    if (features->inputs & LODE_INPUT_SMOOTH) {
        s->sums = lode_alloc(width + 2 * (size_t)features->smooth_radius,
                             (size_t)channels_in(features) * sizeof *s->sums);
        if (!s->sums)
            return lode_fail_memory();
    }
    if (dims == 0)
        return LODE_OK;
    s->seen = encoder_span(features, &s->columns);
    return lode_encoder_stream_create(features->encoder, &s->seen, &s->encoder);
}

lode_status lode_features_stream_create(const lode_features *features, const lode_span *columns,
                                        lode_features_stream **stream) {
    lode_features_stream *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->features = *features;
    made->columns = *columns;
    made->count = (size_t)lode_features_count(features);
    lode_status status = stream_parts(made);
    if (status != LODE_OK) {
        lode_features_stream_free(made);
        return status;
    }
    *stream = made;
    return LODE_OK;
}

void lode_features_stream_free(lode_features_stream *stream) {
    if (!stream)
        return;
    lode_encoder_stream_free(stream->encoder);
    lode_free(stream->part);
    lode_free(stream->row);
    lode_free(stream->sums);
    lode_free(stream);
}

lode_status lode_features_compute(const lode_features *features, const float *scaled,
                                  const lode_span *columns, const lode_span *rows, float *out) {
    lode_row_copy to = {out, (size_t)columns->size * (size_t)lode_features_count(features)};
    lode_features_stream *stream = NULL;
    LODE_TRY(lode_features_stream_create(features, columns, &stream));
    lode_status status = lode_features_stream_next(stream, scaled, rows, lode_row_copy_fn, &to);
    lode_features_stream_free(stream);
    return status;
}

/* ---- Scattered places -------------------------------------------------------------------------
 */

typedef struct gather {
    const lode_features *features;
    lode_stack *stack;
    const int *numbers; /* recipe band -> stack band */
    const int *columns, *rows;
    size_t *order;  /* places sorted by tile */
    size_t *starts; /* [groups + 1] into order */
    float *out;
    unsigned char *valid;
} gather;

/* An encoder that sees one window at a time gains nothing from the cells in between. */
static bool sees_windows(const lode_features *features) {
    return features->encoder && (features->inputs & LODE_INPUT_EMBEDDING) &&
           !lode_encoder_get_kind(features->encoder)->dense;
}

typedef struct place_key {
    int64_t tile;
    size_t place;
} place_key;

static int compare_keys(const void *a, const void *b) {
    const place_key *left = a, *right = b;
    if (left->tile != right->tile)
        return left->tile < right->tile ? -1 : 1;
    return left->place < right->place ? -1 : left->place > right->place;
}

/* For encoders that see one window at a time: evaluates the windows of some places together. */
static lode_status gather_windows(gather *job, size_t from, size_t to) {
    const lode_features *features = job->features;
    lode_features others = lode_features_with(features, features->inputs & ~LODE_INPUT_EMBEDDING);
    lode_span whole = lode_features_window_span(features, 1);
    lode_span seen = lode_encoder_window_span(features->encoder, 1);
    lode_span around = lode_features_window_span(&others, 1);
    size_t side = (size_t)whole.count, window = (size_t)seen.count, n = to - from;
    size_t channels = (size_t)channels_in(features), size = window * window * channels;
    size_t count = (size_t)lode_features_count(features),
           before = (size_t)lode_features_count(&others), dims = count - before;
    float *scaled = lode_alloc(side * side, channels * sizeof *scaled);
    float *part = lode_alloc(side * side, channels * sizeof *part);
    float *windows = lode_alloc(n, size * sizeof *windows);
    float *embedding = lode_alloc(n, dims * sizeof *embedding);
    input in = {scaled, &whole, &whole, channels};
    lode_status status = scaled && part && windows && embedding ? LODE_OK : lode_fail_memory();
    for (size_t i = 0; i < n && status == LODE_OK; i++) {
        size_t place = job->order[from + i];
        status = lode_recipe_read(features->recipe, job->stack, job->numbers,
                                  job->columns[place] + whole.first, job->rows[place] + whole.first,
                                  whole.count, whole.count, scaled);
        if (status != LODE_OK)
            break;
        job->valid[place] = cell_at(&in, 0, 0)[channels - 1] > 0;
        crop(&in, &seen, &seen, windows + i * size);
        if (before > 0) {
            crop(&in, &around, &around, part);
            status =
                lode_features_compute(&others, part, &around, &around, job->out + place * count);
        }
    }
    if (status == LODE_OK)
        status = lode_encoder_embed_windows(features->encoder, windows, n, embedding);
    for (size_t i = 0; i < n && status == LODE_OK; i++)
        memcpy(job->out + job->order[from + i] * count + before, embedding + i * dims,
               dims * sizeof *embedding);
    lode_free(scaled);
    lode_free(part);
    lode_free(windows);
    lode_free(embedding);
    return status;
}

/* Evaluates the smallest rectangle that holds the places of one tile. */
static lode_status gather_group(void *context, size_t group, int worker) {
    (void)worker;
    gather *job = context;
    size_t from = job->starts[group], to = job->starts[group + 1];
    if (sees_windows(job->features))
        return gather_windows(job, from, to);
    int left = job->columns[job->order[from]], right = left;
    int top = job->rows[job->order[from]], bottom = top;
    for (size_t i = from; i < to; i++) {
        int x = job->columns[job->order[i]], y = job->rows[job->order[i]];
        left = x < left ? x : left;
        right = x > right ? x : right;
        top = y < top ? y : top;
        bottom = y > bottom ? y : bottom;
    }
    const lode_features *features = job->features;
    lode_span columns = lode_features_span(features, left, right - left + 1);
    lode_span rows = lode_features_span(features, top, bottom - top + 1);
    size_t width = (size_t)columns.size, cells = (size_t)columns.count * (size_t)rows.count;
    size_t count = (size_t)lode_features_count(features), channels = (size_t)channels_in(features);
    float *scaled = lode_alloc(cells, channels * sizeof *scaled);
    float *values = lode_alloc(width * (size_t)rows.size, count * sizeof *values);
    input in = {scaled, &columns, &rows, channels};
    lode_status status = scaled && values ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_recipe_read(features->recipe, job->stack, job->numbers, columns.first,
                                  rows.first, columns.count, rows.count, scaled);
    if (status == LODE_OK)
        status = lode_features_compute(features, scaled, &columns, &rows, values);
    for (size_t i = from; status == LODE_OK && i < to; i++) {
        size_t place = job->order[i];
        int x = job->columns[place] - left, y = job->rows[place] - top;
        memcpy(job->out + place * count, values + ((size_t)y * width + (size_t)x) * count,
               count * sizeof *values);
        job->valid[place] = cell_at(&in, x, y)[channels - 1] > 0;
    }
    lode_free(scaled);
    lode_free(values);
    return status;
}

static lode_status sort_places(gather *job, size_t n, size_t *groups) {
    place_key *keys = lode_alloc(n, sizeof *keys);
    job->order = lode_alloc(n, sizeof *job->order);
    job->starts = lode_alloc(n + 1, sizeof *job->starts);
    if (!keys || !job->order || !job->starts) {
        lode_free(keys);
        return lode_fail_memory();
    }
    bool windows = sees_windows(job->features);
    int side = GATHER_TILE;
    int64_t across = lode_stack_grid(job->stack)->width / side + 1;
    for (size_t i = 0; i < n; i++)
        keys[i] = (place_key){(int64_t)(job->rows[i] / side) * across + job->columns[i] / side, i};
    qsort(keys, n, sizeof *keys, compare_keys);
    *groups = 0;
    for (size_t i = 0; i < n; i++) {
        bool next = windows ? i % GATHER_WINDOWS == 0 : i == 0 || keys[i].tile != keys[i - 1].tile;
        if (next)
            job->starts[(*groups)++] = i;
        job->order[i] = keys[i].place;
    }
    job->starts[*groups] = n;
    lode_free(keys);
    return LODE_OK;
}

lode_status lode_features_at(const lode_features *features, lode_stack *stack, const int *columns,
                             const int *rows, size_t n, int threads, const lode_progress *progress,
                             float *out, unsigned char *valid) {
    int *numbers = lode_alloc((size_t)features->recipe->bands, sizeof *numbers);
    gather job = {.features = features,
                  .stack = stack,
                  .numbers = numbers,
                  .columns = columns,
                  .rows = rows,
                  .out = out,
                  .valid = valid};
    size_t groups = 0;
    lode_status status =
        numbers ? lode_recipe_match(features->recipe, stack, numbers) : lode_fail_memory();
    if (status == LODE_OK)
        status = sort_places(&job, n, &groups);
    if (status == LODE_OK)
        status = lode_parallel_for(groups, threads, gather_group, &job, progress, "reading places");
    lode_free(numbers);
    lode_free(job.order);
    lode_free(job.starts);
    return status;
}

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

static lode_status add_smooth(const lode_features *features, const float *scaled, int width,
                              int height, int half, float *out, size_t out_stride) {
    int channels = channels_in(features), radius = features->smooth_radius;
    float *columns = lode_alloc((size_t)(width + 2 * radius), (size_t)channels * sizeof *columns);
    if (!columns)
        return lode_fail_memory();
    size_t stride = (size_t)(width + 2 * half) * (size_t)channels;
    for (int y = 0; y < height; y++) {
        const float *from = scaled + (size_t)(y + half - radius) * stride +
                            (size_t)(half - radius) * (size_t)channels;
        smooth_row(from, stride, channels, width, radius, columns,
                   out + (size_t)y * (size_t)width * out_stride, out_stride);
    }
    lode_free(columns);
    return LODE_OK;
}

/* ---- Centre bands and embedding ---------------------------------------------------------------
 */

static void add_bands(const lode_features *features, const float *scaled, int width, int height,
                      int half, float *out, size_t out_stride) {
    size_t channels = (size_t)channels_in(features), wide = (size_t)(width + 2 * half);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            memcpy(out + ((size_t)y * (size_t)width + (size_t)x) * out_stride,
                   scaled + ((size_t)(y + half) * wide + (size_t)(x + half)) * channels,
                   (channels - 1) * sizeof *out);
}

/* The part of scaled, a tile with a halo of `half` cells, that has a halo of `inner` cells. */
static void crop(const float *scaled, int width, int height, int half, int inner, size_t channels,
                 float *part) {
    size_t wide = (size_t)(width + 2 * inner), stride = (size_t)(width + 2 * half) * channels;
    size_t shift = (size_t)(half - inner);
    for (int y = 0; y < height + 2 * inner; y++)
        memcpy(part + (size_t)y * wide * channels,
               scaled + ((size_t)y + shift) * stride + shift * channels,
               wide * channels * sizeof *part);
}

/* Where the encoder needs a smaller halo, the part of `scaled` that it sees. */
static lode_status crop_for_encoder(const lode_features *features, const float *scaled, int width,
                                    int height, int half, float **part) {
    int inner = lode_encoder_half_window(features->encoder);
    size_t channels = (size_t)channels_in(features);
    *part = NULL;
    if (inner == half)
        return LODE_OK;
    *part = lode_alloc((size_t)(width + 2 * inner) * (size_t)(height + 2 * inner),
                       channels * sizeof **part);
    if (!*part)
        return lode_fail_memory();
    crop(scaled, width, height, half, inner, channels, *part);
    return LODE_OK;
}

static lode_status add_embedding(const lode_features *features, const float *scaled, int width,
                                 int height, int half, float *out, size_t out_stride) {
    size_t dims = (size_t)lode_encoder_dims(features->encoder);
    size_t cells = (size_t)width * (size_t)height;
    bool alone = dims == out_stride; /* no other features: straight to its place */
    float *part = NULL, *embedding = alone ? out : lode_alloc(cells, dims * sizeof *embedding);
    lode_status status = embedding ? crop_for_encoder(features, scaled, width, height, half, &part)
                                   : lode_fail_memory();
    if (status == LODE_OK)
        status =
            lode_encoder_embed(features->encoder, part ? part : scaled, width, height, embedding);
    for (size_t i = 0; !alone && status == LODE_OK && i < cells; i++)
        memcpy(out + i * out_stride, embedding + i * dims, dims * sizeof *out);
    lode_free(part);
    if (!alone)
        lode_free(embedding);
    return status;
}

lode_status lode_features_compute(const lode_features *features, const float *scaled, int width,
                                  int height, float *out) {
    int half = lode_features_half_window(features), at = 0;
    size_t stride = (size_t)lode_features_count(features);
    if (features->inputs & LODE_INPUT_BANDS) {
        add_bands(features, scaled, width, height, half, out, stride);
        at += features->recipe->channels;
    }
    if (features->inputs & LODE_INPUT_SMOOTH) {
        LODE_TRY(add_smooth(features, scaled, width, height, half, out + at, stride));
        at += features->recipe->channels;
    }
    if (embedding_dims(features) > 0)
        LODE_TRY(add_embedding(features, scaled, width, height, half, out + at, stride));
    return LODE_OK;
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
    int half = lode_features_half_window(features),
        inner = lode_encoder_half_window(features->encoder);
    int around = lode_features_half_window(&others);
    size_t side = 2 * (size_t)half + 1, window = 2 * (size_t)inner + 1, n = to - from;
    size_t channels = (size_t)channels_in(features), size = window * window * channels;
    size_t count = (size_t)lode_features_count(features),
           before = (size_t)lode_features_count(&others);
    size_t dims = count - before, centre = (side / 2 * side + side / 2) * channels + channels - 1;
    float *scaled = lode_alloc(side * side, channels * sizeof *scaled);
    float *windows = lode_alloc(n, size * sizeof *windows);
    float *embedding = lode_alloc(n, dims * sizeof *embedding);
    lode_status status = scaled && windows && embedding ? LODE_OK : lode_fail_memory();
    for (size_t i = 0; i < n && status == LODE_OK; i++) {
        size_t place = job->order[from + i];
        status =
            lode_recipe_read(features->recipe, job->stack, job->numbers, job->columns[place] - half,
                             job->rows[place] - half, (int)side, (int)side, scaled);
        if (status != LODE_OK)
            break;
        job->valid[place] = scaled[centre] > 0;
        crop(scaled, 1, 1, half, inner, channels, windows + i * size);
        if (before > 0) {
            float *part = lode_alloc(side * side, channels * sizeof *part);
            status = part ? LODE_OK : lode_fail_memory();
            if (status == LODE_OK) {
                crop(scaled, 1, 1, half, around, channels, part);
                status = lode_features_compute(&others, part, 1, 1, job->out + place * count);
            }
            lode_free(part);
        }
    }
    if (status == LODE_OK)
        status = lode_encoder_embed_windows(features->encoder, windows, n, embedding);
    for (size_t i = 0; i < n && status == LODE_OK; i++)
        memcpy(job->out + job->order[from + i] * count + before, embedding + i * dims,
               dims * sizeof *embedding);
    lode_free(scaled);
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
    int half = lode_features_half_window(features), width = right - left + 1,
        height = bottom - top + 1, wide = width + 2 * half, tall = height + 2 * half;
    size_t count = (size_t)lode_features_count(features), channels = (size_t)channels_in(features);
    float *scaled = lode_alloc((size_t)wide * (size_t)tall, channels * sizeof *scaled);
    float *values = lode_alloc((size_t)width * (size_t)height, count * sizeof *values);
    lode_status status = scaled && values ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_recipe_read(features->recipe, job->stack, job->numbers, left - half,
                                  top - half, wide, tall, scaled);
    if (status == LODE_OK)
        status = lode_features_compute(features, scaled, width, height, values);
    for (size_t i = from; status == LODE_OK && i < to; i++) {
        size_t place = job->order[i];
        int x = job->columns[place] - left, y = job->rows[place] - top;
        size_t centre = (size_t)(y + half) * (size_t)wide + (size_t)(x + half);
        memcpy(job->out + place * count, values + ((size_t)y * (size_t)width + (size_t)x) * count,
               count * sizeof *values);
        job->valid[place] = scaled[centre * channels + channels - 1] > 0;
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

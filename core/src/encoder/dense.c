#include "encoder/dense.h"

#include <math.h>
#include <string.h>

#include "encoder/context.h"
#include "encoder/dense_kernel.h"
#include "encoder/dense_train.h"
#include "encoder/winograd.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/random.h"
#include "util/simd.h"

/* ---- Hyper-parameters -------------------------------------------------------------------------
 */

static lode_status read_integer(const json_t *hyper, const char *name, int minimum, int maximum,
                                int multiple, int *value) {
    const json_t *json = json_object_get(hyper, name);
    if (!json)
        return LODE_OK;
    if (!json_is_integer(json) || json_integer_value(json) < minimum ||
        json_integer_value(json) > maximum || json_integer_value(json) % multiple != 0)
        return lode_fail(LODE_ERROR_USAGE,
                         "Dense encoder: %s must be a whole number from %d to %d%s.", name, minimum,
                         maximum, multiple > 1 ? ", a multiple of 16" : "");
    *value = (int)json_integer_value(json);
    return LODE_OK;
}

/* Dilations that add up to `reach`: 1, 2, 4 ... as far as they fit and the remainder, in growing
 * order. No dilation exceeds twice the one before it, so no cell of the window is skipped. */
static int natural_dilations(int reach, int *dilation) {
    int count = 0;
    for (int d = 1; d <= reach; reach -= d, d *= 2)
        dilation[count++] = d;
    if (reach > 0) {
        int at = count;
        while (at > 0 && dilation[at - 1] > reach) {
            dilation[at] = dilation[at - 1];
            at--;
        }
        dilation[at] = reach;
        count++;
    }
    return count;
}

/* Halves the largest dilation until there are `depth` of them. */
static bool split_dilations(int *dilation, int count, int depth) {
    for (; count < depth; count++) {
        int last = count - 1;
        if (dilation[last] < 2)
            return false;
        int half = dilation[last] / 2, other = dilation[last] - half;
        int parts[2] = {half, other}, end = last;
        for (int k = 0; k < 2; k++) { /* insert in order */
            int at = end++;
            for (; at > 0 && dilation[at - 1] > parts[k]; at--)
                dilation[at] = dilation[at - 1];
            dilation[at] = parts[k];
        }
    }
    return true;
}

static lode_status choose_dilations(lode_dense *dense, int *dilation) {
    int reach = dense->window / 2 - 1 - lode_context_reach(dense->context);
    if (reach < 1)
        return lode_fail(LODE_ERROR_USAGE,
                         "Dense encoder: context %d needs a window of at least %d cells, not %d.",
                         dense->context, 2 * lode_context_reach(dense->context) + 5, dense->window);
    int natural = natural_dilations(reach, dilation);
    if (dense->depth == 0)
        dense->depth = natural;
    if (dense->depth < natural || !split_dilations(dilation, natural, dense->depth))
        return lode_fail(
            LODE_ERROR_USAGE, "Dense encoder: a window of %d cells needs a depth of %d to %d.",
            dense->window, natural, reach < LODE_DENSE_MAX_DEPTH ? reach : LODE_DENSE_MAX_DEPTH);
    return LODE_OK;
}

static lode_status read_hyper(lode_dense *dense, const json_t *hyper, int *dilation) {
    dense->window = 33;
    dense->width = 32;
    dense->dims = 64;
    LODE_TRY(read_integer(hyper, "window", 5, LODE_DENSE_MAX_WINDOW, 1, &dense->window));
    LODE_TRY(read_integer(hyper, "width", 16, 1024, LODE_KERNEL_BLOCK, &dense->width));
    LODE_TRY(read_integer(hyper, "dims", 16, 1024, LODE_KERNEL_BLOCK, &dense->dims));
    LODE_TRY(read_integer(hyper, "depth", 1, LODE_DENSE_MAX_DEPTH, 1, &dense->depth));
    LODE_TRY(read_integer(hyper, "context", 0, LODE_CONTEXT_MOST, 1, &dense->context));
    if (dense->window % 2 == 0)
        return lode_fail(LODE_ERROR_USAGE, "Dense encoder: window must be odd, not %d.",
                         dense->window);
    LODE_TRY(choose_dilations(dense, dilation));
    dense->scales = dense->depth + 1;
    return read_integer(hyper, "scales", 1, dense->depth + 1, 1, &dense->scales);
}

int lode_dense_first_scale(const lode_dense *dense) {
    return dense->layers - dense->scales;
}

int lode_dense_reach(const lode_dense *dense, int index) {
    int reach = 0;
    for (int i = index + 1; i < dense->layers; i++)
        reach += dense->layer[i].dilation;
    return reach;
}

static json_t *dense_describe(const void *state) {
    const lode_dense *dense = state;
    return json_pack("{si si si si si si}", "window", dense->window, "depth", dense->depth, "width",
                     dense->width, "dims", dense->dims, "scales", dense->scales, "context",
                     dense->context);
}

/* ---- Weights ----------------------------------------------------------------------------------
 */

static void dense_destroy(void *state) {
    lode_dense *dense = state;
    if (!dense)
        return;
    for (int i = 0; i < dense->layers; i++) {
        lode_dense_layer *layer = &dense->layer[i];
        lode_free(layer->weights);
        lode_free(layer->gain);
        lode_free(layer->offset);
        lode_free(layer->mean);
        lode_free(layer->variance);
        lode_free(layer->packed);
        lode_free(layer->points);
        lode_free(layer->bias);
    }
    lode_free(dense->weights);
    lode_free(dense->bias);
    lode_free(dense->packed);
    lode_free(dense);
}

static size_t weight_count(const lode_dense_layer *layer) {
    return (size_t)layer->taps * (size_t)layer->inputs * (size_t)layer->outputs;
}

/* He et al. 2015 (arXiv:1502.01852): normal with variance 2 / inputs of a sum. */
static void draw(float *weights, size_t count, int inputs, uint64_t seed, uint64_t stream) {
    if (seed == LODE_SEED_NONE)
        return;
    lode_random random = lode_random_stream(seed, stream);
    double deviation = sqrt(2.0 / inputs);
    for (size_t i = 0; i < count; i++)
        weights[i] = (float)(deviation * lode_random_normal(&random));
}

static lode_status create_layer(lode_dense_layer *layer, int index, int dilation, int inputs,
                                int outputs, uint64_t seed) {
    size_t n = (size_t)outputs;
    layer->index = index;
    layer->taps = index == 0 ? 1 : 9;
    layer->dilation = dilation;
    layer->inputs = inputs;
    layer->outputs = outputs;
    size_t count = weight_count(layer);
    layer->weights = lode_alloc(count, sizeof(float));
    layer->packed = lode_alloc(count, sizeof(float));
    layer->gain = lode_alloc(n, sizeof(float));
    layer->offset = lode_alloc(n, sizeof(float));
    layer->mean = lode_alloc(n, sizeof(float));
    layer->variance = lode_alloc(n, sizeof(float));
    layer->bias = lode_alloc(n, sizeof(float));
    if (!layer->weights || !layer->packed || !layer->gain || !layer->offset || !layer->mean ||
        !layer->variance || !layer->bias)
        return lode_fail_memory();
    if (layer->taps == 9 && dilation <= LODE_WINOGRAD_MAX_DILATION) {
        layer->points = lode_alloc(2 * count, sizeof(float));
        if (!layer->points)
            return lode_fail_memory();
    }
    draw(layer->weights, count, layer->taps * inputs, seed, (uint64_t)index);
    for (size_t i = 0; i < n; i++)
        layer->gain[i] = layer->variance[i] = 1;
    return LODE_OK;
}

static lode_status create_weights(lode_dense *dense, const int *dilation, uint64_t seed) {
    for (int i = 0; i <= dense->depth; i++) {
        dense->layers = i + 1;
        LODE_TRY(create_layer(&dense->layer[i], i, i ? dilation[i - 1] : 0,
                              i ? dense->width : dense->channels * (1 + dense->context),
                              dense->width, seed));
    }
    size_t count = (size_t)dense->scales * (size_t)dense->width * (size_t)dense->dims;
    dense->weights = lode_alloc(count, sizeof(float));
    dense->packed = lode_alloc(count, sizeof(float));
    dense->bias = lode_alloc((size_t)dense->dims, sizeof(float));
    if (!dense->weights || !dense->packed || !dense->bias)
        return lode_fail_memory();
    draw(dense->weights, count, 2 * dense->scales * dense->width, seed, 1000);
    return LODE_OK;
}

static lode_status dense_create(const json_t *hyper, int channels, uint64_t seed, void **state) {
    int dilation[LODE_DENSE_MAX_WINDOW];
    lode_dense *dense = lode_alloc(1, sizeof *dense);
    if (!dense)
        return lode_fail_memory();
    dense->channels = channels;
    lode_status status = read_hyper(dense, hyper, dilation);
    if (status == LODE_OK)
        status = create_weights(dense, dilation, seed);
    if (status != LODE_OK) {
        dense_destroy(dense);
        return status;
    }
    *state = dense;
    return LODE_OK;
}

static int dense_half_window(const void *state) {
    return ((const lode_dense *)state)->window / 2;
}

static int dense_dims(const void *state) {
    return ((const lode_dense *)state)->dims;
}

static int dense_tensor_count(const void *state) {
    return ((const lode_dense *)state)->layers * LODE_DENSE_LAYER_TENSORS + 2;
}

static void layer_tensor(lode_dense_layer *layer, int part, lode_tensor_view *view) {
    static const char *const names[][LODE_DENSE_LAYER_TENSORS] = {
#define LODE_DENSE_NAMES(n)                                                                        \
    {"conv" n ".weight", "conv" n ".gain", "conv" n ".offset", "conv" n ".mean",                   \
     "conv" n ".variance"}
        LODE_DENSE_NAMES("0"),  LODE_DENSE_NAMES("1"),  LODE_DENSE_NAMES("2"),
        LODE_DENSE_NAMES("3"),  LODE_DENSE_NAMES("4"),  LODE_DENSE_NAMES("5"),
        LODE_DENSE_NAMES("6"),  LODE_DENSE_NAMES("7"),  LODE_DENSE_NAMES("8"),
        LODE_DENSE_NAMES("9"),  LODE_DENSE_NAMES("10"), LODE_DENSE_NAMES("11"),
        LODE_DENSE_NAMES("12"), LODE_DENSE_NAMES("13"), LODE_DENSE_NAMES("14"),
        LODE_DENSE_NAMES("15"), LODE_DENSE_NAMES("16"),
#undef LODE_DENSE_NAMES
    };
    float *data[] = {layer->weights, layer->gain, layer->offset, layer->mean, layer->variance};
    int side = layer->taps == 9 ? 3 : 1;
    view->name = names[layer->index][part];
    view->data = data[part];
    view->trained = part < 3;
    view->dims = part == 0 ? 4 : 1;
    view->shape[0] = part == 0 ? side : layer->outputs;
    view->shape[1] = side;
    view->shape[2] = layer->inputs;
    view->shape[3] = layer->outputs;
}

static void dense_tensor(void *state, int index, lode_tensor_view *view) {
    lode_dense *dense = state;
    int layer = index / LODE_DENSE_LAYER_TENSORS, part = index % LODE_DENSE_LAYER_TENSORS;
    if (layer < dense->layers) {
        layer_tensor(&dense->layer[layer], part, view);
        return;
    }
    view->name = part == 0 ? "embedding.weight" : "embedding.bias";
    view->data = part == 0 ? dense->weights : dense->bias;
    view->trained = 1;
    view->dims = part == 0 ? 3 : 1;
    view->shape[0] = part == 0 ? dense->scales : dense->dims;
    view->shape[1] = dense->width;
    view->shape[2] = dense->dims;
}

/* ---- Inference --------------------------------------------------------------------------------
 */

static lode_status pack_points(lode_dense_layer *layer, const float *folded) {
    float *points = lode_alloc(2 * weight_count(layer), sizeof *points);
    if (!points)
        return lode_fail_memory();
    lode_winograd_weights(folded, layer->inputs, layer->outputs, points);
    lode_kernel_pack(points, 2 * layer->taps, layer->inputs, layer->outputs, layer->points);
    lode_free(points);
    return LODE_OK;
}

/* Normalisation by the running statistics is affine: it goes into the weights and a bias. */
static lode_status prepare_layer(lode_dense_layer *layer) {
    size_t count = weight_count(layer);
    float *folded = lode_alloc(count, sizeof *folded);
    if (!folded)
        return lode_fail_memory();
    for (int k = 0; k < layer->outputs; k++) {
        double scale = layer->gain[k] / sqrt((double)layer->variance[k] + LODE_NORM_EPSILON);
        layer->bias[k] = (float)(layer->offset[k] - scale * layer->mean[k]);
        for (size_t j = (size_t)k; j < count; j += (size_t)layer->outputs)
            folded[j] = (float)(scale * layer->weights[j]);
    }
    lode_kernel_pack(folded, layer->taps, layer->inputs, layer->outputs, layer->packed);
    lode_status status = layer->points ? pack_points(layer, folded) : LODE_OK;
    lode_free(folded);
    return status;
}

static lode_status dense_prepare(void *state) {
    lode_dense *dense = state;
    for (int i = 0; i < dense->layers; i++)
        LODE_TRY(prepare_layer(&dense->layer[i]));
    lode_kernel_pack(dense->weights, dense->scales, dense->width, dense->dims, dense->packed);
    return LODE_OK;
}

/* The columns of every layer that some columns of the map take. A column of a layer is named by the
 * first of those it sees in the layer before, that of the map by the first that it averages: the
 * window of column x of the map begins in column x of the first layer, half a window further left
 * in the raster. */
typedef struct layout {
    int x; /* of the map; less a multiple of LODE_WINOGRAD_PERIOD, which no block notices */
    struct {
        int first, end;
        bool tiled; /* by cover; else tap by tap */
        lode_winograd cover;
    } layer[LODE_DENSE_MAX_DEPTH + 1];
} layout;

static layout lay_out(const lode_dense *dense, const lode_columns *columns) {
    layout l = {.x = columns->x % LODE_WINOGRAD_PERIOD};
    int first = l.x, end = l.x + columns->width + 2;
    for (int i = dense->layers - 1; i >= 0; i--) {
        const lode_dense_layer *layer = &dense->layer[i];
        l.layer[i].tiled = columns->anchored && layer->points;
        if (l.layer[i].tiled) {
            l.layer[i].cover = lode_winograd_cover(first, end, layer->dilation);
            first = l.layer[i].cover.first;
        }
        l.layer[i].first = first;
        l.layer[i].end = end;
        end = l.layer[i].tiled ? l.layer[i].cover.input_end : end + 2 * layer->dilation;
    }
    return l;
}

static lode_columns dense_columns(const void *state, int x, int width) {
    const lode_dense *dense = state;
    lode_columns columns = {.x = x, .width = width, .anchored = true};
    layout l = lay_out(dense, &columns);
    columns.first = x - l.x + l.layer[0].first - dense->window / 2;
    columns.count = l.layer[0].end - l.layer[0].first + 2 * lode_context_reach(dense->context);
    return columns;
}

enum { SOME_TILES = 24 }; /* of a row, multiplied together: their sums stay in the cache */

/* Rows of one layer that are still needed: 2 x dilation + 1 by the next layer, and those between
 * the newest and the centre row by the embedding. */
typedef struct row_ring {
    float *rows;
    int count, width; /* rows kept, cells in a row */
} row_ring;

typedef struct row_stream {
    const lode_dense *dense;
    int width; /* wanted columns */
    int fed;   /* rows so far */
    layout at;
    row_ring layer[LODE_DENSE_MAX_DEPTH + 1];
    row_ring points[LODE_DENSE_MAX_DEPTH + 1]; /* of a tiled layer's input, see winograd.h */
    row_ring embedding;
    float *mean;                   /* a row of the result */
    float *sums;                   /* of a tiled layer's tiles, [6][up to SOME_TILES][width] */
    float *context, *context_sums; /* a row of the first layer's input, and what makes it */
} row_stream;

static float *ring_row(const row_ring *ring, int row, int channels) {
    return ring->rows + (size_t)(row % ring->count) * (size_t)ring->width * (size_t)channels;
}

static lode_status ring_create(row_ring *ring, int count, int width, int channels) {
    ring->count = count;
    ring->width = width;
    ring->rows = lode_alloc((size_t)count, (size_t)width * (size_t)channels * sizeof *ring->rows);
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

/* Rows of layer `index` that others still read. */
static int rows_kept(const row_stream *stream, int index) {
    const lode_dense *dense = stream->dense;
    int kept = index < lode_dense_first_scale(dense) ? 1 : lode_dense_reach(dense, index) + 1;
    if (index + 1 < dense->layers && !stream->at.layer[index + 1].tiled) {
        int seen = 2 * dense->layer[index + 1].dilation + 1;
        kept = seen > kept ? seen : kept;
    }
    return kept;
}

static lode_status stream_memory(row_stream *stream, const lode_columns *columns) {
    const lode_dense *dense = stream->dense;
    stream->at = lay_out(dense, columns);
    bool tiled = false;
    for (int i = 0; i < dense->layers; i++) {
        int cells = stream->at.layer[i].end - stream->at.layer[i].first;
        LODE_TRY(ring_create(&stream->layer[i], rows_kept(stream, i), cells, dense->width));
        if (!stream->at.layer[i].tiled)
            continue;
        tiled = true;
        LODE_TRY(ring_create(&stream->points[i], 2 * dense->layer[i].dilation + 1,
                             LODE_WINOGRAD_POINTS * stream->at.layer[i].cover.tiles, dense->width));
    }
    if (tiled) {
        stream->sums = lode_alloc((size_t)LODE_WINOGRAD_POINTS * SOME_TILES,
                                  (size_t)dense->width * sizeof *stream->sums);
        if (!stream->sums)
            return lode_fail_memory();
    }
    LODE_TRY(context_create(stream, columns->count, stream->layer[0].width));
    stream->mean = lode_alloc((size_t)columns->width, (size_t)dense->dims * sizeof(float));
    if (!stream->mean)
        return lode_fail_memory();
    return ring_create(&stream->embedding, 3, columns->width + 2, dense->dims);
}

static void stream_destroy(void *state) {
    row_stream *stream = state;
    for (int i = 0; i <= LODE_DENSE_MAX_DEPTH; i++) {
        lode_free(stream->layer[i].rows);
        lode_free(stream->points[i].rows);
    }
    lode_free(stream->embedding.rows);
    lode_free(stream->mean);
    lode_free(stream->sums);
    lode_free(stream->context);
    lode_free(stream->context_sums);
    lode_free(stream);
}

static lode_status stream_create(const void *encoder, const lode_columns *columns, void **stream) {
    row_stream *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->dense = encoder;
    made->width = columns->width;
    lode_status status = stream_memory(made, columns);
    if (status != LODE_OK) {
        stream_destroy(made);
        return status;
    }
    *stream = made;
    return LODE_OK;
}

static void stream_restart(void *state) {
    ((row_stream *)state)->fed = 0;
}

/* Carries row `row` of the layer below a tiled layer to the points where it is multiplied. */
static void point_row(const row_stream *stream, int index, int row) {
    int width = stream->dense->width;
    int shift = stream->at.layer[index].first - stream->at.layer[index - 1].first;
    if (stream->at.layer[index].tiled)
        lode_winograd_input(&stream->at.layer[index].cover,
                            ring_row(&stream->layer[index - 1], row, width) +
                                (size_t)shift * (size_t)width,
                            width, ring_row(&stream->points[index], row, width));
}

/* Tiles [from, from + count) of a row: products at the six points, carried back while they are in
 * the first caches. */
static void convolve_some_tiles(const row_stream *stream, int index, int row, int from, int count) {
    const lode_dense_layer *layer = &stream->dense->layer[index];
    const lode_winograd *cover = &stream->at.layer[index].cover;
    size_t inputs = (size_t)layer->inputs, step = inputs * LODE_KERNEL_BLOCK;
    size_t sums = (size_t)count * (size_t)layer->outputs;
    for (size_t k = 0; k < LODE_WINOGRAD_POINTS; k++) {
        lode_kernel_tap taps[3];
        for (int r = 0; r < 3; r++) {
            taps[r].input =
                ring_row(&stream->points[index], row + r * layer->dilation, layer->inputs) +
                (k * (size_t)cover->tiles + (size_t)from) * inputs;
            taps[r].weights = layer->points + (3 * k + (size_t)r) * step;
        }
        lode_kernel_convolve(taps, 3, layer->inputs, 3 * LODE_WINOGRAD_POINTS * step, NULL, false,
                             stream->sums + k * sums, count, layer->outputs);
    }
    lode_winograd_output(cover, from, count, stream->sums, layer->bias, layer->outputs,
                         ring_row(&stream->layer[index], row, layer->outputs));
}

static void convolve_tiles(const row_stream *stream, int index, int row) {
    int tiles = stream->at.layer[index].cover.tiles, parts = (tiles + SOME_TILES - 1) / SOME_TILES;
    for (int i = 0, from = 0, count; i < parts; i++, from += count) {
        count = (tiles - from) / (parts - i);
        convolve_some_tiles(stream, index, row, from, count);
    }
}

static void convolve_taps(const row_stream *stream, int index, int row) {
    const lode_dense_layer *layer = &stream->dense->layer[index];
    const row_ring *to = &stream->layer[index], *from = &stream->layer[index - 1];
    int shift = stream->at.layer[index].first - stream->at.layer[index - 1].first;
    lode_kernel_tap taps[9];
    for (int t = 0; t < 9; t++) {
        size_t column = (size_t)(shift + t % 3 * layer->dilation);
        taps[t].input = ring_row(from, row + t / 3 * layer->dilation, layer->inputs) +
                        column * (size_t)layer->inputs;
        taps[t].weights = layer->packed + (size_t)(t * layer->inputs * LODE_KERNEL_BLOCK);
    }
    lode_kernel_convolve(taps, 9, layer->inputs, (size_t)(9 * layer->inputs * LODE_KERNEL_BLOCK),
                         layer->bias, true, ring_row(to, row, layer->outputs), to->width,
                         layer->outputs);
}

static void convolve_row(const row_stream *stream, int index, int row) {
    if (stream->at.layer[index].tiled)
        convolve_tiles(stream, index, row);
    else
        convolve_taps(stream, index, row);
}

/* input: where the rows that row `row` of the first layer sees begin, `pitch` floats apart. */
static void first_row(const row_stream *stream, const float *input, size_t pitch, int row) {
    const lode_dense *dense = stream->dense;
    const lode_dense_layer *layer = &dense->layer[0];
    if (dense->context > 0) {
        lode_context_row(input, pitch, dense->channels, dense->context, stream->layer[0].width,
                         stream->context_sums, stream->context);
        input = stream->context;
    }
    lode_kernel_tap tap = {input, layer->packed};
    lode_kernel_convolve(&tap, 1, layer->inputs, (size_t)layer->inputs * LODE_KERNEL_BLOCK,
                         layer->bias, true, ring_row(&stream->layer[0], row, layer->outputs),
                         stream->layer[0].width, layer->outputs);
}

/* Row `row` of the embedding: the centres of the layers' windows there. */
static void embed_row(const row_stream *stream, int row) {
    const lode_dense *dense = stream->dense;
    lode_kernel_tap taps[LODE_DENSE_MAX_DEPTH + 1];
    size_t width = (size_t)dense->width, block = width * LODE_KERNEL_BLOCK;
    int first = lode_dense_first_scale(dense);
    for (int i = 0; i < dense->scales; i++) {
        int reach = lode_dense_reach(dense, first + i);
        int column = stream->at.x + reach - stream->at.layer[first + i].first;
        taps[i].input =
            ring_row(&stream->layer[first + i], row + reach, dense->width) + (size_t)column * width;
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
static void average_row(const row_stream *stream, int row) {
    const row_ring *from = &stream->embedding;
    int dims = stream->dense->dims;
    average_3x3(ring_row(from, row, dims), ring_row(from, row + 1, dims),
                ring_row(from, row + 2, dims), (size_t)dims, (size_t)stream->width * (size_t)dims,
                stream->mean);
}

static int stream_ahead(const void *encoder) {
    return 2 * lode_context_reach(((const lode_dense *)encoder)->context);
}

/* Each input row is carried through the layers as far as the rows above it allow; a layer's rows
 * live only as long as the next layer reads them, so the working memory is a few rows a layer. */
static void stream_feed(void *state, const float *input, size_t pitch, const float **embedding) {
    row_stream *stream = state;
    const lode_dense *dense = stream->dense;
    int row = stream->fed++;
    *embedding = NULL;
    first_row(stream, input, pitch, row);
    for (int index = 1; index < dense->layers; index++) {
        point_row(stream, index, row);
        row -= 2 * dense->layer[index].dilation;
        if (row < 0)
            return;
        convolve_row(stream, index, row);
    }
    embed_row(stream, row);
    if (row < 2)
        return;
    average_row(stream, row - 2);
    *embedding = stream->mean;
}

static const lode_stream_kind dense_stream = {
    .create = stream_create,
    .ahead = stream_ahead,
    .feed = stream_feed,
    .restart = stream_restart,
    .destroy = stream_destroy,
};

const lode_encoder_kind lode_encoder_dense = {
    .name = "dense",
    .create = dense_create,
    .destroy = dense_destroy,
    .describe = dense_describe,
    .half_window = dense_half_window,
    .dims = dense_dims,
    .tensor_count = dense_tensor_count,
    .tensor = dense_tensor,
    .prepare = dense_prepare,
    .columns = dense_columns,
    .stream = &dense_stream,
    .dense = 1,
    .train = &lode_dense_train,
};

#include "encoder/dense.h"

#include <math.h>
#include <string.h>

#include "encoder/context.h"
#include "encoder/dense_kernel.h"
#include "encoder/dense_layout.h"
#include "encoder/dense_stream.h"
#include "encoder/dense_train.h"
#include "encoder/winograd.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/random.h"

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

bool lode_dense_tiled(const lode_dense_layer *layer) {
    return layer->taps == 9 && layer->dilation <= LODE_WINOGRAD_MAX_DILATION;
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
    lode_dense_rows_kept(dense, false, dense->rows_kept[0]);
    lode_dense_rows_kept(dense, true, dense->rows_kept[1]);
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
    int side = lode_dense_root(layer);
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
    size_t count = (size_t)LODE_WINOGRAD_POINTS * (size_t)layer->inputs * (size_t)layer->outputs;
    float *points = lode_alloc_raw(count, sizeof *points);
    if (!layer->points)
        layer->points = lode_alloc_raw(count, sizeof *layer->points);
    if (!points || !layer->points) {
        lode_free(points);
        return lode_fail_memory();
    }
    lode_winograd_weights(folded, layer->inputs, layer->outputs, points);
    lode_kernel_pack(points, LODE_WINOGRAD_POINTS, layer->inputs, layer->outputs, layer->points);
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
    lode_status status = lode_dense_tiled(layer) ? pack_points(layer, folded) : LODE_OK;
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
    .span = lode_dense_span,
    .stream = &lode_dense_stream,
    .dense = 1,
    .train = &lode_dense_train,
};

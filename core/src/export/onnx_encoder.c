#include <stdlib.h>
#include <string.h>

#include "encoder/context.h"
#include "encoder/dense.h"
#include "encoder/ensemble.h"
#include "encoder/windowed.h"
#include "export/onnx_parts.h"
#include "nn/net_layers.h"
#include "util/error.h"
#include "util/memory.h"

/* ---- Layers ------------------------------------------------------------------------------------
 */

/* Our [k][k][in / groups][out] as ONNX's [out][in / groups][k][k]. */
static const char *conv_weight(lode_onnx *graph, const float *weight, int taps_y, int taps_x,
                               int in, int out) {
    size_t taps = (size_t)taps_y * (size_t)taps_x, n = taps * (size_t)in * (size_t)out;
    float *turned = lode_alloc(n, sizeof *turned);
    if (!turned)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t o = i % (size_t)out, k = i / (size_t)out % (size_t)in;
        size_t tap = i / (size_t)out / (size_t)in;
        turned[(o * (size_t)in + k) * taps + tap] = weight[i];
    }
    const char *name = lode_onnx_floats(graph, turned, 4, (int64_t[]){out, in, taps_y, taps_x});
    lode_free(turned);
    return name;
}

static const char *add_conv(lode_onnx *graph, const lode_conv *c, const float *weight,
                            const float *bias, const char *x) {
    const char *w = conv_weight(graph, weight, c->kh, c->kw, c->cin / c->groups, c->cout);
    if (!w)
        return NULL;
    const char *b = bias ? lode_onnx_vector(graph, bias, c->cout) : NULL;
    lode_onnx_attribute attributes[] = {
        {.name = "strides", .count = 2, .value = {c->stride, c->stride}},
        {.name = "pads", .count = 4, .value = {c->pad, c->pad, c->pad, c->pad}},
        {.name = "dilations", .count = 2, .value = {c->dilation, c->dilation}},
        LODE_ONNX_INTEGER("group", c->groups),
        {.name = NULL}};
    return lode_onnx_node(graph, "Conv", (const char *[4]){x, w, b}, attributes);
}

static const char *add_activation(lode_onnx *graph, lode_activation activation, const char *x) {
    if (activation == LODE_RELU)
        return lode_onnx_unary(graph, "Relu", x);
    if (activation == LODE_RELU6)
        return lode_onnx_node(
            graph, "Clip",
            (const char *[4]){x, lode_onnx_float(graph, 0), lode_onnx_float(graph, 6)}, NULL);
    return x;
}

/* scale x + shift for every channel, then the activation. */
static const char *add_norm(lode_onnx *graph, const lode_norm *norm, const char *x) {
    int c = (int)norm->c;
    float *scale = lode_alloc(2 * norm->c, sizeof *scale);
    if (!scale)
        return NULL;
    lode_norm_affine(norm, scale, scale + c);
    const int64_t shape[4] = {1, c, 1, 1};
    const char *y = lode_onnx_binary(graph, "Mul", x, lode_onnx_floats(graph, scale, 4, shape));
    y = lode_onnx_binary(graph, "Add", y, lode_onnx_floats(graph, scale + c, 4, shape));
    lode_free(scale);
    return add_activation(graph, norm->activation, y);
}

static const char *add_pool(lode_onnx *graph, const char *operator, const lode_conv * c,
                            const char *x) {
    bool average = strcmp(operator, "AveragePool") == 0;
    lode_onnx_attribute attributes[] = {
        {.name = "kernel_shape", .count = 2, .value = {c->kh, c->kw}},
        {.name = "strides", .count = 2, .value = {c->stride, c->stride}},
        {.name = "pads", .count = 4, .value = {c->pad, c->pad, c->pad, c->pad}},
        LODE_ONNX_INTEGER("count_include_pad", 1),
        {.name = NULL}};
    if (!average)
        attributes[3].name = NULL;
    return lode_onnx_node(graph, operator,(const char *[4]){x}, attributes);
}

/* ---- Encoders ----------------------------------------------------------------------------------
 */

static const char *add_layer(lode_onnx *graph, const lode_net *net, int i, const char **outputs) {
    const lode_layer *layer = &net->layers[i];
    const char *x = outputs[layer->a];
    lode_norm norm;
    switch (layer->kind) {
    case LODE_LAYER_CONV:
        return add_conv(graph, &layer->conv, lode_layer_weight(net, layer),
                        lode_layer_bias(net, layer), x);
    case LODE_LAYER_NORM:
        norm = lode_layer_norm(net, layer);
        return add_norm(graph, &norm, x);
    case LODE_LAYER_MAX_POOL:
        return add_pool(graph, "MaxPool", &layer->conv, x);
    case LODE_LAYER_AVERAGE_POOL:
        return add_pool(graph, "AveragePool", &layer->conv, x);
    case LODE_LAYER_GLOBAL_AVERAGE:
        return lode_onnx_unary(graph, "GlobalAveragePool", x);
    case LODE_LAYER_SUM:
        return add_activation(graph, layer->activation,
                              lode_onnx_binary(graph, "Add", x, outputs[layer->b]));
    case LODE_LAYER_ACTIVATION:
        return layer->activation == LODE_GELU ? NULL : add_activation(graph, layer->activation, x);
    default: /* dropout does nothing at inference */
        return x;
    }
}

static lode_status add_windowed(lode_onnx *graph, const lode_windowed *encoder, const char *x,
                                const char **embedding) {
    const lode_net *net = encoder->net;
    const char **outputs = lode_alloc((size_t)net->count, sizeof *outputs);
    if (!outputs)
        return lode_fail_memory();
    outputs[0] = x;
    for (int i = 1; i < net->count && outputs[i - 1]; i++)
        outputs[i] = add_layer(graph, net, i, outputs);
    *embedding = outputs[net->count - 1];
    lode_free(outputs);
    return LODE_OK;
}

static const char *last_channel(lode_onnx *graph, const char *x, int channels) {
    const int64_t start = channels - 1, end = channels, axis = 1;
    return lode_onnx_node(graph, "Slice",
                          (const char *[4]){x, lode_onnx_integers(graph, &start, 1),
                                            lode_onnx_integers(graph, &end, 1),
                                            lode_onnx_integers(graph, &axis, 1)},
                          NULL);
}

/* Level `level` of context.h, cropped to the cells that have all levels; x: [n][c][h][w]. */
static const char *add_level(lode_onnx *graph, const char *x, int channels, int level, int reach) {
    int step = 1 << level, side = 2 * step - 1;
    size_t taps = (size_t)side * (size_t)side;
    float *kernel = lode_alloc(taps * (size_t)channels, sizeof *kernel);
    float *last = lode_alloc((size_t)channels, 2 * sizeof *last);
    if (!kernel || !last) {
        lode_free(kernel);
        lode_free(last);
        return NULL;
    }
    for (size_t i = 0; i < taps; i++)
        for (size_t c = 0; c < (size_t)channels; c++)
            kernel[i * (size_t)channels + c] = (float)((step - abs((int)i / side - step + 1)) *
                                                       (step - abs((int)i % side - step + 1)));
    float *others = last + channels;
    for (int c = 0; c < channels; c++) {
        last[c] = c + 1 == channels;
        others[c] = 1 - last[c];
    }
    const int64_t shape[4] = {1, channels, 1, 1};
    const char *is_mask = lode_onnx_floats(graph, last, 4, shape);
    const char *is_value = lode_onnx_floats(graph, others, 4, shape);
    lode_conv sums = {.cin = channels,
                      .cout = channels,
                      .kh = side,
                      .kw = side,
                      .stride = 1,
                      .dilation = 1,
                      .groups = channels};
    /* Sums of values, and in every channel of `count` the sum of weights of cells with data. */
    const char *has = lode_onnx_to_float(graph, lode_onnx_binary(graph, "Greater",
                                                                 last_channel(graph, x, channels),
                                                                 lode_onnx_float(graph, 0)));
    const char *mixed = lode_onnx_binary(graph, "Add", lode_onnx_binary(graph, "Mul", x, is_value),
                                         lode_onnx_binary(graph, "Mul", has, is_mask));
    const char *sum = add_conv(graph, &sums, kernel, NULL, mixed);
    const char *count = last_channel(graph, sum, channels);
    const char *least = lode_onnx_binary(graph, "Max", count, lode_onnx_float(graph, 1e-6f));
    const char *means =
        lode_onnx_binary(graph, "Mul", lode_onnx_binary(graph, "Div", sum, least), is_value);
    const char *share = lode_onnx_binary(
        graph, "Mul", count, lode_onnx_float(graph, 1 / (float)(step * step * step * step)));
    const char *y =
        lode_onnx_binary(graph, "Add", means, lode_onnx_binary(graph, "Mul", share, is_mask));
    lode_free(kernel);
    lode_free(last);
    return lode_onnx_crop(graph, y, reach - (step - 1));
}

static const char *add_context(lode_onnx *graph, const lode_dense *dense, const char *x) {
    int reach = lode_context_reach(dense->context);
    const char *all = lode_onnx_crop(graph, x, reach);
    for (int level = 1; level <= dense->context && all; level++)
        all = lode_onnx_join(graph, all, add_level(graph, x, dense->channels, level, reach), 1);
    return all;
}

static void add_dense(lode_onnx *graph, const lode_dense *dense, const char *x,
                      const char **embedding) {
    const char *scales = NULL;
    if (dense->context > 0)
        x = add_context(graph, dense, x);
    for (int i = 0; i < dense->layers && x; i++) {
        const lode_dense_layer *layer = &dense->layer[i];
        int side = layer->taps == 9 ? 3 : 1;
        lode_conv conv = {.cin = layer->inputs,
                          .cout = layer->outputs,
                          .kh = side,
                          .kw = side,
                          .stride = 1,
                          .dilation = layer->dilation > 0 ? layer->dilation : 1,
                          .groups = 1};
        lode_norm norm = {.c = (size_t)layer->outputs,
                          .gamma = layer->gain,
                          .beta = layer->offset,
                          .running_mean = layer->mean,
                          .running_variance = layer->variance,
                          .eps = (float)LODE_NORM_EPSILON,
                          .activation = LODE_RELU};
        x = add_conv(graph, &conv, layer->weights, NULL, x);
        if (x)
            x = add_norm(graph, &norm, x);
        if (x && i >= lode_dense_first_scale(dense))
            scales = lode_onnx_join(graph, scales,
                                    lode_onnx_crop(graph, x, lode_dense_reach(dense, i)), 1);
    }
    lode_conv last = {.cin = dense->scales * dense->width,
                      .cout = dense->dims,
                      .kh = 1,
                      .kw = 1,
                      .stride = 1,
                      .dilation = 1,
                      .groups = 1};
    lode_conv average = {.kh = 3, .kw = 3, .stride = 1};
    if (x)
        x = add_conv(graph, &last, dense->weights, dense->bias, scales);
    *embedding = x ? add_pool(graph, "AveragePool", &average, x) : NULL;
}

/* The members' embeddings end to end. */
static lode_status add_ensemble(lode_onnx *graph, const lode_encoder *ensemble, const char *x,
                                const char **embedding) {
    LODE_TRY(lode_onnx_encoder(graph, lode_ensemble_member(ensemble, 0), x, embedding));
    for (int k = 1; k < lode_encoder_members(ensemble); k++) {
        const char *next;
        LODE_TRY(lode_onnx_encoder(graph, lode_ensemble_member(ensemble, k), x, &next));
        *embedding = lode_onnx_join(graph, *embedding, next, 1);
        if (!*embedding)
            return lode_fail_memory();
    }
    return LODE_OK;
}

lode_status lode_onnx_encoder(lode_onnx *graph, const lode_encoder *encoder, const char *x,
                              const char **embedding) {
    const lode_encoder_kind *kind = lode_encoder_get_kind(encoder);
    const void *state = lode_encoder_state((lode_encoder *)encoder);
    lode_status status = LODE_OK;
    *embedding = NULL;
    if (kind == &lode_encoder_ensemble)
        return add_ensemble(graph, encoder, x, embedding);
    if (kind == &lode_encoder_dense)
        add_dense(graph, state, x, embedding);
    else if (kind->embed == lode_windowed_embed)
        status = add_windowed(graph, state, x, embedding);
    else
        return lode_fail(LODE_ERROR_MODEL, "The encoder '%s' cannot be exported.", kind->name);
    if (status == LODE_OK && !*embedding)
        status = lode_fail_memory();
    return status;
}

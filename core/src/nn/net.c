#include "nn/net.h"

#include <math.h>
#include <string.h>

#include "nn/net_layers.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/random.h"

/* ---- Building ---- */

lode_status lode_net_create(int channels, lode_net **out) {
    lode_net *net = lode_alloc(1, sizeof *net);
    if (!net)
        return lode_fail_memory();
    net->layers = lode_alloc(1, sizeof *net->layers);
    if (!net->layers) {
        lode_free(net);
        return lode_fail_memory();
    }
    net->layers[0] = (lode_layer){.kind = LODE_LAYER_INPUT,
                                  .a = -1,
                                  .b = -1,
                                  .tensor = -1,
                                  .channels = channels,
                                  .folded_norm = -1};
    net->count = 1;
    *out = net;
    return LODE_OK;
}

void lode_net_free(lode_net *net) {
    if (!net)
        return;
    for (int i = 0; i < net->tensor_count; i++)
        lode_free(net->tensors[i].name);
    lode_free(net->layers);
    lode_free(net->tensors);
    lode_free(net->deviations);
    lode_free(net->parameters);
    lode_free(net->statistics);
    lode_free(net->decay);
    lode_free(net->folded);
    lode_free(net);
}

/* Grows an array by one element when its length is a power of two. */
static bool make_room(void **array, int count, size_t size) {
    if (count > 0 && (count & (count - 1)) != 0)
        return true;
    void *bigger = lode_grow(*array, (size_t)count, count ? (size_t)count * 2 : 1, size);
    if (bigger)
        *array = bigger;
    return bigger != NULL;
}

static int add(lode_net *net, lode_layer layer) {
    if (net->status != LODE_OK)
        return -1;
    int inputs[2] = {layer.a, layer.b};
    for (int i = 0; i < 2; i++)
        if (inputs[i] >= net->count ||
            (inputs[i] < 0 && (i == 0 || layer.kind == LODE_LAYER_SUM))) {
            net->status =
                lode_fail(LODE_ERROR_INTERNAL, "A layer reads an output that is not there.");
            return -1;
        }
    void *layers = net->layers;
    if (!make_room(&layers, net->count, sizeof layer)) {
        net->status = lode_fail_memory();
        return -1;
    }
    net->layers = layers;
    for (int i = 0; i < 2; i++)
        if (inputs[i] >= 0)
            net->layers[inputs[i]].users++;
    layer.folded_norm = -1;
    net->layers[net->count] = layer;
    return net->count++;
}

static int channels_of(const lode_net *net, int output) {
    return output >= 0 && output < net->count ? net->layers[output].channels : 0;
}

/* Adds a tensor; deviation as in lode_net. Returns its number. */
static int add_tensor(lode_net *net, const char *layer, const char *part, int dims,
                      const int64_t *shape, bool trained, double deviation) {
    void *tensors = net->tensors, *deviations = net->deviations;
    char *name = lode_format("%s.%s", layer, part);
    bool room = name && make_room(&tensors, net->tensor_count, sizeof *net->tensors);
    net->tensors = tensors;
    room = room && make_room(&deviations, net->tensor_count, sizeof *net->deviations);
    net->deviations = deviations;
    if (!room) {
        lode_free(name);
        net->status = lode_fail_memory();
        return -1;
    }
    lode_net_tensor *tensor = &net->tensors[net->tensor_count];
    *tensor = (lode_net_tensor){.name = name, .dims = dims, .trained = trained, .size = 1};
    for (int i = 0; i < dims; i++) {
        tensor->shape[i] = shape[i];
        tensor->size *= (size_t)shape[i];
    }
    size_t *total = trained ? &net->parameter_count : &net->statistic_count;
    tensor->offset = *total;
    *total += tensor->size;
    net->deviations[net->tensor_count] = deviation;
    return net->tensor_count++;
}

int lode_net_add_conv(lode_net *net, int input, const char *name, const lode_net_conv *conv) {
    if (net->status != LODE_OK)
        return -1;
    lode_conv c = {.n = 1,
                   .cin = channels_of(net, input),
                   .cout = conv->outputs,
                   .kh = conv->kernel ? conv->kernel : 1,
                   .stride = conv->stride ? conv->stride : 1,
                   .pad = conv->pad,
                   .dilation = conv->dilation ? conv->dilation : 1,
                   .groups = conv->groups ? conv->groups : 1};
    c.kw = c.kh;
    c.h = c.w = c.dilation * c.kh;
    net->status = lode_conv_check(&c);
    if (net->status != LODE_OK)
        return -1;
    int64_t shape[4] = {c.kh, c.kw, c.cin / c.groups, c.cout}, bias[1] = {c.cout};
    double fan_out = (double)c.kh * c.kw * c.cout / c.groups;
    int tensor = add_tensor(net, name, "weight", 4, shape, true, sqrt(2 / fan_out));
    if (conv->bias && tensor >= 0)
        add_tensor(net, name, "bias", 1, bias, true, 0);
    return add(net, (lode_layer){.kind = LODE_LAYER_CONV,
                                 .a = input,
                                 .b = -1,
                                 .channels = c.cout,
                                 .conv = c,
                                 .tensor = tensor,
                                 .bias = conv->bias});
}

int lode_net_add_norm(lode_net *net, int input, const char *name, lode_activation activation) {
    if (net->status != LODE_OK)
        return -1;
    int64_t shape[1] = {channels_of(net, input)};
    int tensor = add_tensor(net, name, "weight", 1, shape, true, -2);
    if (tensor < 0 || add_tensor(net, name, "bias", 1, shape, true, 0) < 0 ||
        add_tensor(net, name, "running_mean", 1, shape, false, 0) < 0 ||
        add_tensor(net, name, "running_var", 1, shape, false, -2) < 0)
        return -1;
    return add(net, (lode_layer){.kind = LODE_LAYER_NORM,
                                 .a = input,
                                 .b = -1,
                                 .tensor = tensor,
                                 .channels = (int)shape[0],
                                 .activation = activation});
}

static int add_simple(lode_net *net, lode_layer_kind kind, int a, int b,
                      lode_activation activation) {
    return add(net, (lode_layer){.kind = kind,
                                 .a = a,
                                 .b = b,
                                 .channels = channels_of(net, a),
                                 .activation = activation,
                                 .tensor = -1});
}

int lode_net_add_activation(lode_net *net, int input, lode_activation activation) {
    return add_simple(net, LODE_LAYER_ACTIVATION, input, -1, activation);
}

static int add_pool(lode_net *net, lode_layer_kind kind, int input, int kernel, int stride,
                    int pad) {
    int output = add_simple(net, kind, input, -1, LODE_LINEAR);
    if (output >= 0)
        net->layers[output].conv = (lode_conv){.kh = kernel,
                                               .kw = kernel,
                                               .stride = stride,
                                               .pad = pad,
                                               .dilation = 1,
                                               .groups = 1,
                                               .cin = channels_of(net, input),
                                               .cout = channels_of(net, input)};
    return output;
}

int lode_net_add_max_pool(lode_net *net, int input, int kernel, int stride, int pad) {
    return add_pool(net, LODE_LAYER_MAX_POOL, input, kernel, stride, pad);
}

int lode_net_add_average_pool(lode_net *net, int input, int kernel, int stride, int pad) {
    return add_pool(net, LODE_LAYER_AVERAGE_POOL, input, kernel, stride, pad);
}

int lode_net_add_global_average(lode_net *net, int input) {
    return add_simple(net, LODE_LAYER_GLOBAL_AVERAGE, input, -1, LODE_LINEAR);
}

int lode_net_add_linear(lode_net *net, int input, const char *name, int outputs, double deviation) {
    if (net->status != LODE_OK)
        return -1;
    int inputs = channels_of(net, input);
    int64_t shape[2] = {inputs, outputs}, bias[1] = {outputs};
    int tensor = add_tensor(net, name, "weight", 2, shape, true, deviation);
    if (tensor < 0 || add_tensor(net, name, "bias", 1, bias, true, 0) < 0)
        return -1;
    lode_conv c = {.n = 1,
                   .h = 1,
                   .w = 1,
                   .cin = inputs,
                   .cout = outputs,
                   .kh = 1,
                   .kw = 1,
                   .stride = 1,
                   .dilation = 1,
                   .groups = 1};
    return add(net, (lode_layer){.kind = LODE_LAYER_CONV,
                                 .a = input,
                                 .b = -1,
                                 .channels = outputs,
                                 .conv = c,
                                 .tensor = tensor,
                                 .bias = true});
}

int lode_net_add_sum(lode_net *net, int a, int b, lode_activation activation) {
    if (net->status == LODE_OK && channels_of(net, a) != channels_of(net, b))
        net->status =
            lode_fail(LODE_ERROR_INTERNAL, "Layers of %d and %d channels cannot be added.",
                      channels_of(net, a), channels_of(net, b));
    return add_simple(net, LODE_LAYER_SUM, a, b, activation);
}

int lode_net_add_dropout(lode_net *net, int input, double probability) {
    int output = add_simple(net, LODE_LAYER_DROPOUT, input, -1, LODE_LINEAR);
    if (output >= 0)
        net->layers[output].probability = probability;
    return output;
}

/* ---- Parameters ---- */

static void draw(lode_net *net, uint64_t seed) {
    for (int i = 0; i < net->tensor_count; i++) {
        float *values = lode_net_tensor_values(net, i);
        double deviation =
            seed == LODE_SEED_NONE ? fmin(net->deviations[i], 0) : net->deviations[i];
        lode_random random = lode_random_stream(seed, (uint64_t)i);
        for (size_t j = 0; j < net->tensors[i].size; j++) {
            double value = deviation > 0 ? deviation * lode_random_normal(&random) : 0;
            values[j] = (float)(deviation < 0 ? -deviation - 1 : value);
        }
        if (net->tensors[i].trained)
            memset(net->decay + net->tensors[i].offset, net->tensors[i].dims > 1,
                   net->tensors[i].size);
    }
}

lode_status lode_net_finish(lode_net *net, uint64_t seed) {
    LODE_TRY(net->status);
    net->parameters = lode_alloc(net->parameter_count, sizeof *net->parameters);
    net->statistics = lode_alloc(net->statistic_count, sizeof *net->statistics);
    net->decay = lode_alloc(net->parameter_count, 1);
    if (!net->parameters || !net->statistics || !net->decay)
        return lode_fail_memory();
    draw(net, seed);
    return LODE_OK;
}

int lode_net_tensor_count(const lode_net *net) {
    return net->tensor_count;
}

const lode_net_tensor *lode_net_get_tensor(const lode_net *net, int index) {
    return &net->tensors[index];
}

float *lode_net_tensor_values(lode_net *net, int index) {
    const lode_net_tensor *tensor = &net->tensors[index];
    return (tensor->trained ? net->parameters : net->statistics) + tensor->offset;
}

float *lode_net_parameters(lode_net *net) {
    return net->parameters;
}

size_t lode_net_parameter_count(const lode_net *net) {
    return net->parameter_count;
}

const unsigned char *lode_net_decay(const lode_net *net) {
    return net->decay;
}

int lode_net_channels(const lode_net *net) {
    return net->layers[0].channels;
}

int lode_net_outputs(const lode_net *net) {
    return net->layers[net->count - 1].channels;
}

const float *lode_layer_weight(const lode_net *net, const lode_layer *layer) {
    return net->parameters + net->tensors[layer->tensor].offset;
}

const float *lode_layer_bias(const lode_net *net, const lode_layer *layer) {
    return layer->bias ? net->parameters + net->tensors[layer->tensor + 1].offset : NULL;
}

lode_norm lode_layer_norm(const lode_net *net, const lode_layer *layer) {
    const lode_net_tensor *tensor = &net->tensors[layer->tensor];
    return (lode_norm){.c = (size_t)layer->channels,
                       .gamma = net->parameters + tensor[0].offset,
                       .beta = net->parameters + tensor[1].offset,
                       .running_mean = net->statistics + tensor[2].offset,
                       .running_variance = net->statistics + tensor[3].offset,
                       .momentum = 0.1f,
                       .eps = 1e-5f,
                       .activation = layer->activation};
}

/* ---- Preparing for inference ---- */

/* Folded weight and bias of a convolution into packed form. */
static lode_status fold(lode_net *net, lode_layer *layer) {
    const lode_conv *c = &layer->conv;
    size_t size = lode_conv_weight_size(c), out = (size_t)c->cout;
    const float *weight = lode_layer_weight(net, layer), *bias = lode_layer_bias(net, layer);
    if (bias)
        memcpy(layer->packed_bias, bias, out * sizeof *bias);
    else
        memset(layer->packed_bias, 0, out * sizeof *layer->packed_bias);
    if (layer->folded_norm < 0) {
        lode_conv_pack(NULL, c, weight, layer->packed);
        return LODE_OK;
    }
    lode_norm norm = lode_layer_norm(net, &net->layers[layer->folded_norm]);
    float *scale = lode_alloc(2 * out + size, sizeof *scale);
    if (!scale)
        return lode_fail_memory();
    float *shift = scale + out, *folded = shift + out;
    lode_norm_affine(&norm, scale, shift);
    for (size_t i = 0; i < size; i++)
        folded[i] = weight[i] * scale[i % out];
    for (size_t i = 0; i < out; i++)
        layer->packed_bias[i] = layer->packed_bias[i] * scale[i] + shift[i];
    lode_conv_pack(NULL, c, folded, layer->packed);
    lode_free(scale);
    return LODE_OK;
}

static size_t rounded(size_t floats) {
    return (floats + 15) / 16 * 16;
}

lode_status lode_net_prepare(lode_net *net) {
    size_t total = 0;
    for (int i = 0; i < net->count; i++)
        if (net->layers[i].kind == LODE_LAYER_CONV)
            total += rounded(lode_conv_packed_size(&net->layers[i].conv)) +
                     rounded((size_t)net->layers[i].channels);
    if (!net->folded && !(net->folded = lode_alloc(total, sizeof *net->folded)))
        return lode_fail_memory();
    for (int i = 0; i < net->count; i++) {
        lode_layer *layer = &net->layers[i];
        if (layer->kind == LODE_LAYER_NORM && net->layers[layer->a].kind == LODE_LAYER_CONV &&
            net->layers[layer->a].users == 1) {
            net->layers[layer->a].folded_norm = i;
            layer->folded_away = true;
        }
    }
    float *next = net->folded;
    for (int i = 0; i < net->count; i++) {
        lode_layer *layer = &net->layers[i];
        if (layer->kind != LODE_LAYER_CONV)
            continue;
        layer->packed = next;
        next += rounded(lode_conv_packed_size(&layer->conv));
        layer->packed_bias = next;
        next += rounded((size_t)layer->channels);
        LODE_TRY(fold(net, layer));
    }
    return LODE_OK;
}

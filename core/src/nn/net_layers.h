/* net_layers.h - the inside of a net, shared by net.c (building) and pass.c (running). */
#ifndef LODE_NN_NET_LAYERS_H
#define LODE_NN_NET_LAYERS_H

#include "nn/net.h"
#include "nn/norm.h"

typedef enum lode_layer_kind {
    LODE_LAYER_INPUT,
    LODE_LAYER_CONV,
    LODE_LAYER_NORM,
    LODE_LAYER_ACTIVATION,
    LODE_LAYER_MAX_POOL,
    LODE_LAYER_AVERAGE_POOL,
    LODE_LAYER_GLOBAL_AVERAGE,
    LODE_LAYER_SUM,
    LODE_LAYER_DROPOUT
} lode_layer_kind;

typedef struct lode_layer {
    lode_layer_kind kind;
    int a, b;       /* inputs; -1 = none */
    int channels;   /* of the output */
    lode_conv conv; /* without n, h, w; also the window of a pooling layer */
    lode_activation activation;
    double probability;
    int tensor; /* first tensor; -1 = none */
    bool bias;
    int users; /* layers that read the output */
    /* Inference: a normalisation folded into the convolution before it. */
    int folded_norm;  /* of a convolution: the layer folded in; -1 = none */
    bool folded_away; /* of a normalisation */
    float *packed, *packed_bias;
} lode_layer;

struct lode_net {
    lode_layer *layers;
    int count;
    lode_net_tensor *tensors;
    int tensor_count;
    double *deviations; /* [tensor_count] of the initial values; negative: constant -x - 1 */
    float *parameters, *statistics;
    unsigned char *decay;
    size_t parameter_count, statistic_count;
    float *folded; /* packed weights of all convolutions */
    lode_status status;
};

/* Borrowed values of a layer's tensors; NULL where it has none. */
const float *lode_layer_weight(const lode_net *net, const lode_layer *layer);
const float *lode_layer_bias(const lode_net *net, const lode_layer *layer);
lode_norm lode_layer_norm(const lode_net *net, const lode_layer *layer);

#endif

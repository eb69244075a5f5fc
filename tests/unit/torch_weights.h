/* torch_weights.h - weights in torchvision's layouts put into a net, whose tensors bear the same
 * names: convolutions [out][in][k][k] -> [k][k][in][out], linear layers [out][in] -> [in][out]. */
#ifndef LODE_TESTS_TORCH_WEIGHTS_H
#define LODE_TESTS_TORCH_WEIGHTS_H

#include "nn/net.h"

/* Position in torchvision's layout of element `index` of a tensor of the net. */
static inline size_t torch_index(const lode_net_tensor *tensor, size_t index) {
    const int64_t *s = tensor->shape;
    if (tensor->dims == 2)
        return index % (size_t)s[1] * (size_t)s[0] + index / (size_t)s[1];
    if (tensor->dims != 4)
        return index;
    size_t out = index % (size_t)s[3], in = index / (size_t)s[3] % (size_t)s[2];
    size_t tap = index / (size_t)s[3] / (size_t)s[2];
    return (out * (size_t)s[2] + in) * (size_t)(s[0] * s[1]) + tap;
}

/* Pseudo-random in -0.5..0.5, the same in every language: Knuth's multiplicative hash. */
static inline double formula(uint32_t tensor, uint32_t index) {
    uint32_t h = (index + 1) * 2654435761u + tensor * 40503u;
    h ^= h >> 15;
    h *= 2246822519u;
    h ^= h >> 13;
    return h / 4294967296.0 - 0.5;
}

/* Weights by formula: convolutions and linear layers uniform with variance 2 / fan in, biases
 * within 0.1, normalisation weights and variances around 1. tests/unit/golden/logits.py does the
 * same with torchvision. */
static inline void fill_by_formula(lode_net *net) {
    for (int t = 0; t < lode_net_tensor_count(net); t++) {
        const lode_net_tensor *tensor = lode_net_get_tensor(net, t);
        float *values = lode_net_tensor_values(net, t);
        double fan_in = 1;
        for (int d = 0; d + 1 < tensor->dims; d++)
            fan_in *= (double)tensor->shape[d];
        const char *part = strrchr(tensor->name, '.') + 1;
        int positive =
            tensor->dims == 1 && (strcmp(part, "weight") == 0 || strcmp(part, "running_var") == 0);
        double gain = tensor->dims > 1 ? sqrt(24 / fan_in) : 0.2;
        for (size_t i = 0; i < tensor->size; i++)
            values[i] = (float)(gain * formula((uint32_t)t, (uint32_t)torch_index(tensor, i)) +
                                (positive ? 1 : 0));
    }
}

#endif

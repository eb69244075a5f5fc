#include "encoder/mobilenetv2.h"

#include <stdio.h>

/* Table 2 of the paper: expansion, output channels, repeats, stride of the first. */
static const int settings[7][4] = {
    {1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2},  {6, 64, 4, 2},
    {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1},
};

/* Convolution without bias, normalisation, ReLU6: "NAME.0" and "NAME.1". */
static int conv_norm_relu6(lode_net *net, int x, const char *name, lode_net_conv conv) {
    char part[96];
    snprintf(part, sizeof part, "%s.0", name);
    x = lode_net_add_conv(net, x, part, &conv);
    snprintf(part, sizeof part, "%s.1", name);
    return lode_net_add_norm(net, x, part, LODE_RELU6);
}

/* 1x1 expansion, 3x3 depthwise, 1x1 linear projection; added to the input when shapes agree. */
static int inverted_residual(lode_net *net, int x, int index, int inputs, int outputs, int stride,
                             int expansion) {
    char name[64];
    int hidden = inputs * expansion, y = x, part = 0;
    if (expansion != 1) {
        snprintf(name, sizeof name, "features.%d.conv.%d", index, part++);
        y = conv_norm_relu6(net, y, name, (lode_net_conv){.outputs = hidden});
    }
    snprintf(name, sizeof name, "features.%d.conv.%d", index, part++);
    y = conv_norm_relu6(
        net, y, name,
        (lode_net_conv){
            .outputs = hidden, .kernel = 3, .stride = stride, .pad = 1, .groups = hidden});
    snprintf(name, sizeof name, "features.%d.conv.%d", index, part++);
    y = lode_net_add_conv(net, y, name, &(lode_net_conv){.outputs = outputs});
    snprintf(name, sizeof name, "features.%d.conv.%d", index, part);
    y = lode_net_add_norm(net, y, name, LODE_LINEAR);
    return stride == 1 && inputs == outputs ? lode_net_add_sum(net, x, y, LODE_LINEAR) : y;
}

static void build(lode_net *net, int classes, bool small_stem) {
    int inputs = 32, index = 1;
    int x = conv_norm_relu6(
        net, 0, "features.0",
        (lode_net_conv){.outputs = inputs, .kernel = 3, .stride = small_stem ? 1 : 2, .pad = 1});
    for (int row = 0; row < 7; row++) {
        const int *s = settings[row];
        int first_stride = small_stem && row == 1 ? 1 : s[3];
        for (int i = 0; i < s[2]; i++) {
            x = inverted_residual(net, x, index++, inputs, s[1], i == 0 ? first_stride : 1, s[0]);
            inputs = s[1];
        }
    }
    x = conv_norm_relu6(net, x, "features.18", (lode_net_conv){.outputs = 1280});
    x = lode_net_add_global_average(net, x);
    if (classes > 0) {
        x = lode_net_add_dropout(net, x, 0.2);
        lode_net_add_linear(net, x, "classifier.1", classes, 0.01);
    }
}

lode_status lode_mobilenetv2_net(int channels, int classes, bool small_stem, uint64_t seed,
                                 lode_net **net) {
    return lode_windowed_net(build, channels, classes, small_stem, seed, net);
}

static lode_status create(const json_t *hyper, int channels, uint64_t seed, void **state) {
    return lode_windowed_create(lode_mobilenetv2_net, hyper, channels, seed, state);
}

const lode_encoder_kind lode_encoder_mobilenetv2 = LODE_WINDOWED_KIND("mobilenetv2", create);

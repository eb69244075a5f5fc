#include "encoder/resnet50.h"

#include <stdio.h>

enum { EXPANSION = 4 };

/* Convolution without bias, then normalisation: "NAME.convK" and "NAME.bnK". */
static int conv_norm(lode_net *net, int x, const char *block, int number, lode_net_conv conv,
                     lode_activation activation) {
    char name[96];
    snprintf(name, sizeof name, "%s%sconv%d", block, block[0] ? "." : "", number);
    x = lode_net_add_conv(net, x, name, &conv);
    snprintf(name, sizeof name, "%s%sbn%d", block, block[0] ? "." : "", number);
    return lode_net_add_norm(net, x, name, activation);
}

/* 1x1 down to `width`, 3x3, 1x1 up to 4 width, added to the input or its projection. */
static int bottleneck(lode_net *net, int x, const char *name, int width, int stride, bool project) {
    char part[96];
    int y = conv_norm(net, x, name, 1, (lode_net_conv){.outputs = width}, LODE_RELU);
    y = conv_norm(net, y, name, 2,
                  (lode_net_conv){.outputs = width, .kernel = 3, .stride = stride, .pad = 1},
                  LODE_RELU);
    y = conv_norm(net, y, name, 3, (lode_net_conv){.outputs = EXPANSION * width}, LODE_LINEAR);
    if (project) {
        snprintf(part, sizeof part, "%s.downsample.0", name);
        x = lode_net_add_conv(net, x, part,
                              &(lode_net_conv){.outputs = EXPANSION * width, .stride = stride});
        snprintf(part, sizeof part, "%s.downsample.1", name);
        x = lode_net_add_norm(net, x, part, LODE_LINEAR);
    }
    return lode_net_add_sum(net, y, x, LODE_RELU);
}

static void build(lode_net *net, int classes, bool small_stem) {
    static const int blocks[4] = {3, 4, 6, 3};
    char name[64];
    lode_net_conv stem = {.outputs = 64, .kernel = 7, .stride = 2, .pad = 3};
    if (small_stem)
        stem = (lode_net_conv){.outputs = 64, .kernel = 3, .stride = 1, .pad = 1};
    int x = conv_norm(net, 0, "", 1, stem, LODE_RELU);
    if (!small_stem)
        x = lode_net_add_max_pool(net, x, 3, 2, 1);
    for (int stage = 0; stage < 4; stage++)
        for (int i = 0; i < blocks[stage]; i++) {
            snprintf(name, sizeof name, "layer%d.%d", stage + 1, i);
            x = bottleneck(net, x, name, 64 << stage, i == 0 && stage > 0 ? 2 : 1, i == 0);
        }
    x = lode_net_add_global_average(net, x);
    if (classes > 0)
        lode_net_add_linear(net, x, "fc", classes, 0.01);
}

lode_status lode_resnet50_net(int channels, int classes, bool small_stem, uint64_t seed,
                              lode_net **net) {
    return lode_windowed_net(build, channels, classes, small_stem, seed, net);
}

static lode_status create(const json_t *hyper, int channels, uint64_t seed, void **state) {
    return lode_windowed_create(lode_resnet50_net, hyper, channels, seed, state);
}

const lode_encoder_kind lode_encoder_resnet50 = LODE_WINDOWED_KIND("resnet50", create);

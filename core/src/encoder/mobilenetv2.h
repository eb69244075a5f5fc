/* mobilenetv2.h - MobileNetV2 (Sandler et al. 2018, Inverted Residuals and Linear Bottlenecks),
 * width multiplier 1. Tensor names are torchvision's; convolution weights are [k][k][in][out].
 *
 * The embedding is the global average of the last layer, 1280 numbers. With stem "small" the first
 * two downsampling steps (the first convolution and the first strided block) have stride 1. */
#ifndef LODE_ENCODER_MOBILENETV2_H
#define LODE_ENCODER_MOBILENETV2_H

#include "encoder/windowed.h"

extern const lode_encoder_kind lode_encoder_mobilenetv2;

/* See lode_windowed_build. With 3 channels and 1000 classes: 3,504,872 parameters. */
lode_status lode_mobilenetv2_net(int channels, int classes, bool small_stem, uint64_t seed,
                                 lode_net **net);

#endif

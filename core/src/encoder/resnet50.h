/* resnet50.h - ResNet-50 (He, Zhang, Ren, Sun 2016, Deep Residual Learning for Image Recognition),
 * with the stride in the 3x3 convolution of a bottleneck, as torchvision's weights have it
 * ("v1.5"). Tensor names are torchvision's; convolution weights are [k][k][in][out].
 *
 * The embedding is the global average of the last block, 2048 numbers. With stem "small" the first
 * convolution is 3x3 with stride 1 and the max pooling is left out. */
#ifndef LODE_ENCODER_RESNET50_H
#define LODE_ENCODER_RESNET50_H

#include "encoder/windowed.h"

extern const lode_encoder_kind lode_encoder_resnet50;

/* See lode_windowed_build. With 3 channels and 1000 classes: 25,557,032 parameters. */
lode_status lode_resnet50_net(int channels, int classes, bool small_stem, uint64_t seed,
                              lode_net **net);

#endif

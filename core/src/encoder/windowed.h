/* windowed.h - what ResNet-50 and MobileNetV2 share: encoders that are a strided net (nn/net.h),
 * evaluated window by window in batches, and trained on batches of windows.
 *
 * Hyper-parameters (JSON): "window" 33 (2R + 1, odd, 9 to 257) and "stem", "standard" (as
 * published, made for 224 x 224 images) or "small" (the first downsampling steps left out, for
 * small windows). */
#ifndef LODE_ENCODER_WINDOWED_H
#define LODE_ENCODER_WINDOWED_H

#include <stdbool.h>

#include "encoder/encoder.h"
#include "encoder/train.h"
#include "nn/net.h"

typedef struct lode_windowed {
    lode_net *net;
    int window;
    bool small_stem;
} lode_windowed;

/* Makes a finished net: channels in, features out; classes > 0 adds the published classifier. */
typedef lode_status (*lode_windowed_build)(int channels, int classes, bool small_stem,
                                           uint64_t seed, lode_net **net);

/* For such functions: adds the layers of a network to an empty net, and finishes it. */
typedef void (*lode_windowed_layers)(lode_net *net, int classes, bool small_stem);
lode_status lode_windowed_net(lode_windowed_layers add, int channels, int classes, bool small_stem,
                              uint64_t seed, lode_net **net);

/* For the kinds' tables; state is a lode_windowed. */
lode_status lode_windowed_create(lode_windowed_build build, const json_t *hyper, int channels,
                                 uint64_t seed, void **state);
void lode_windowed_destroy(void *state);
json_t *lode_windowed_describe(const void *state);
int lode_windowed_half_window(const void *state);
int lode_windowed_dims(const void *state);
int lode_windowed_tensor_count(const void *state);
void lode_windowed_tensor(void *state, int index, lode_tensor_view *view);
lode_status lode_windowed_prepare(void *state);
lode_status lode_windowed_embed(const void *state, const float *input, const lode_span *columns,
                                const lode_span *rows, float *out);
lode_status lode_windowed_embed_windows(const void *state, const float *windows, size_t count,
                                        float *out);
extern const lode_train_kind lode_windowed_train;

#define LODE_WINDOWED_KIND(kind_name, create_function)                                             \
    {                                                                                              \
        .name = kind_name, .create = create_function, .destroy = lode_windowed_destroy,            \
        .describe = lode_windowed_describe, .half_window = lode_windowed_half_window,              \
        .dims = lode_windowed_dims, .tensor_count = lode_windowed_tensor_count,                    \
        .tensor = lode_windowed_tensor, .prepare = lode_windowed_prepare,                          \
        .embed = lode_windowed_embed, .embed_windows = lode_windowed_embed_windows,                \
        .train = &lode_windowed_train                                                              \
    }

#endif

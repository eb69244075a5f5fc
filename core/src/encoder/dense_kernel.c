#include "encoder/dense_kernel.h"

#include <string.h>

typedef struct kernels {
    void (*convolve)(const lode_kernel_tap *, int, int, size_t, const float *, bool, float *, int,
                     int);
    void (*gradient)(const float *, int, const float *, int, int, float *);
} kernels;

#define KERNEL(name) name##_base
#define KERNEL_TARGET
#define KERNEL_LANES 4
#if defined(__aarch64__)
#define KERNEL_PIXELS 6
#else
#define KERNEL_PIXELS 3
#endif
#define KERNEL_BLOCKS 1
#include "encoder/dense_kernel_body.h"
#undef KERNEL
#undef KERNEL_TARGET
#undef KERNEL_LANES
#undef KERNEL_PIXELS
#undef KERNEL_BLOCKS

#if defined(__x86_64__)

#define KERNEL(name) name##_avx2
#define KERNEL_TARGET __attribute__((target("avx2,fma")))
#define KERNEL_LANES 8
#define KERNEL_PIXELS 6
#define KERNEL_BLOCKS 1
#include "encoder/dense_kernel_body.h"
#undef KERNEL
#undef KERNEL_TARGET
#undef KERNEL_LANES
#undef KERNEL_PIXELS
#undef KERNEL_BLOCKS

#define KERNEL(name) name##_avx512
#define KERNEL_TARGET __attribute__((target("avx512f")))
#define KERNEL_LANES 16
#define KERNEL_PIXELS 12
#define KERNEL_BLOCKS 2
#include "encoder/dense_kernel_body.h"
#undef KERNEL
#undef KERNEL_TARGET
#undef KERNEL_LANES
#undef KERNEL_PIXELS
#undef KERNEL_BLOCKS

#endif

static const kernels *best(void) {
    static const kernels base = {convolve_base, gradient_base};
#if defined(__x86_64__)
    static const kernels avx2 = {convolve_avx2, gradient_avx2};
    static const kernels avx512 = {convolve_avx512, gradient_avx512};
    if (__builtin_cpu_supports("avx512f"))
        return &avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &avx2;
#endif
    return &base;
}

void lode_kernel_convolve(const lode_kernel_tap *taps, int tap_count, int channels,
                          size_t block_stride, const float *bias, bool relu, float *out, int pixels,
                          int outputs) {
    best()->convolve(taps, tap_count, channels, block_stride, bias, relu, out, pixels, outputs);
}

void lode_kernel_gradient(const float *input, int channels, const float *gradient, int outputs,
                          int pixels, float *weights) {
    best()->gradient(input, channels, gradient, outputs, pixels, weights);
}

void lode_kernel_pack(const float *weights, int taps, int channels, int outputs, float *packed) {
    for (int b = 0; b < outputs; b += LODE_KERNEL_BLOCK)
        for (int r = 0; r < taps * channels; r++, packed += LODE_KERNEL_BLOCK)
            memcpy(packed, weights + (size_t)r * (size_t)outputs + b,
                   LODE_KERNEL_BLOCK * sizeof *packed);
}

void lode_kernel_pack_transposed(const float *weights, int taps, int channels, int outputs,
                                 float *packed) {
    for (int b = 0; b < outputs; b += LODE_KERNEL_BLOCK)
        for (int t = 0; t < taps; t++)
            for (int c = 0; c < channels; c++)
                for (int k = 0; k < LODE_KERNEL_BLOCK; k++)
                    *packed++ =
                        weights[((size_t)t * (size_t)outputs + (size_t)(b + k)) * (size_t)channels +
                                (size_t)c];
}

/* dense_kernel.h - the three inner loops of a stride-1 valid convolution on channels-last rows.
 *
 * Every loop is a small matrix product held in registers: a few pixels times 16 outputs. An output
 * value is summed in one fixed order (taps, then input channels), whatever the number of pixels in
 * the row and wherever the pixel lies in it, so a cell's result is the same bits in every tiling.
 * The best instruction set of the processor is chosen at run time; runs on one machine agree bit
 * for bit, machines with and without fused multiply-add differ by rounding.
 *
 * Cited idea: register-blocked direct convolution, Georganas et al. 2018, "Anatomy of
 * high-performance deep learning convolutions on SIMD architectures" (SC18). */
#ifndef LODE_ENCODER_DENSE_KERNEL_H
#define LODE_ENCODER_DENSE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

enum { LODE_KERNEL_BLOCK = 16 }; /* outputs in a block; output counts are multiples of it */

/* One tap of a convolution: where its first input pixel and its packed weights lie. */
typedef struct lode_kernel_tap {
    const float *input;   /* [pixels][channels] */
    const float *weights; /* of the first block: [channels][16] */
} lode_kernel_tap;

/* out[pixels][outputs] = (bias or 0) + sum over taps and channels of input x weight, then ReLU when
 * asked. block_stride: floats from a tap's weights of one block to those of the next. bias[outputs]
 * may be NULL; tap_count may be 0. */
void lode_kernel_convolve(const lode_kernel_tap *taps, int tap_count, int channels,
                          size_t block_stride, const float *bias, bool relu, float *out, int pixels,
                          int outputs);

/* weights[channels][outputs] += sum over pixels of input[pixel][channel] x gradient[pixel][output].
 */
void lode_kernel_gradient(const float *input, int channels, const float *gradient, int outputs,
                          int pixels, float *weights);

/* [taps][channels][outputs] -> [outputs / 16][taps][channels][16]; *packed must hold as many. */
void lode_kernel_pack(const float *weights, int taps, int channels, int outputs, float *packed);
/* [taps][outputs][channels] -> [outputs / 16][taps][channels][16]: the weights transposed, for the
 * gradient with respect to the input. */
void lode_kernel_pack_transposed(const float *weights, int taps, int channels, int outputs,
                                 float *packed);

#endif

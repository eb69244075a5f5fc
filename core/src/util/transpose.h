/* transpose.h - four rows of four values turned into columns, in registers. */
#ifndef LODE_UTIL_TRANSPOSE_H
#define LODE_UTIL_TRANSPOSE_H

#include <stddef.h>

typedef float lode_vector4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef int lode_mask4 __attribute__((vector_size(16)));

/* column[j][i] = in[i][j] for i, j < 4. */
static inline __attribute__((always_inline)) void lode_turn_4x4(const float *const *in,
                                                                lode_vector4 *column) {
    lode_vector4 a = *(const lode_vector4 *)in[0], b = *(const lode_vector4 *)in[1];
    lode_vector4 c = *(const lode_vector4 *)in[2], d = *(const lode_vector4 *)in[3];
    lode_vector4 ab0 = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    lode_vector4 ab1 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    lode_vector4 cd0 = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    lode_vector4 cd1 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    column[0] = __builtin_shufflevector(ab0, cd0, 0, 1, 4, 5);
    column[1] = __builtin_shufflevector(ab0, cd0, 2, 3, 6, 7);
    column[2] = __builtin_shufflevector(ab1, cd1, 0, 1, 4, 5);
    column[3] = __builtin_shufflevector(ab1, cd1, 2, 3, 6, 7);
}

/* out[j * pitch + i] = in[i][first + j] for i, j < 4. */
static inline void lode_transpose_4x4(const float *const *in, size_t first, float *out,
                                      size_t pitch) {
    const float *from[4] = {in[0] + first, in[1] + first, in[2] + first, in[3] + first};
    lode_vector4 column[4];
    lode_turn_4x4(from, column);
    for (size_t j = 0; j < 4; j++)
        *(lode_vector4 *)(out + j * pitch) = column[j];
}

#endif

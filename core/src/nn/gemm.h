/* gemm.h - single-precision matrix products, single-threaded by construction and reproducible.
 *
 * Why not cblas_sgemm: a threaded OpenBLAS decides by itself when to use its own threads, its
 * thread count is global to the process (liblode lives inside QGIS), and a row's result may change
 * with the number of rows around it. Here every element of C is the sum over k in order, in runs of
 * LODE_GEMM_DEPTH, by one chain of fused multiply-adds: its bits depend on its own row of A and
 * column of B alone, not on tile sizes, threads or matrix size.
 *
 * The right-hand matrix is packed into panels of LODE_GEMM_WIDTH columns. The left-hand side is
 * read in place through pointers to rows, so convolution needs no im2col copy: the rows of one
 * output pixel's taps are simply listed (Dukhan 2019, The Indirect Convolution Algorithm). */
#ifndef LODE_NN_GEMM_H
#define LODE_NN_GEMM_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/team.h"

enum {
    LODE_GEMM_WIDTH = 16,   /* columns in a packed panel */
    LODE_GEMM_DEPTH = 384,  /* longest run of k summed in registers; panel slice of 24 KiB */
    LODE_GEMM_MAX_ROWS = 12 /* most rows a kernel computes at once; a multiple of every kernel's */
};

/* Computes `rows` x LODE_GEMM_WIDTH elements of C, rows = lode_gemm_rows():
 *   C[r][j] = start[r][j] + sum over segments s, i < depth of row[s * rows + r][i] * b[offset[s] +
 * i * 16 + j] start is init[j] when init is not NULL, otherwise the value in c. */
typedef void (*lode_gemm_kernel)(const float *const *row, const size_t *offset, size_t segments,
                                 size_t depth, const float *b, const float *init, float *c,
                                 size_t ldc);

/* The kernel for this processor and the number of rows it computes. */
lode_gemm_kernel lode_gemm_get_kernel(void);
int lode_gemm_rows(void);
/* "avx512", "avx2" or "generic". */
const char *lode_gemm_name(void);
/* Test hook: the kernel of that name from now on, NULL for the best. False, and the best, where
 * this processor has no such kernel. */
bool lode_gemm_force(const char *name);

/* Floats that the packed form of a k x n matrix takes. */
size_t lode_gemm_packed_size(size_t k, size_t n);
/* b: [k][n] with row pitch ldb; or, transposed, [n][k] with row pitch ldb. Columns past n are 0. */
void lode_gemm_pack(lode_team *team, size_t k, size_t n, const float *b, size_t ldb,
                    bool transposed, float *packed);

/* C[m][n] (+)= A B, A: [m][k] (or [k][m] when a_transposed), B: [k][n] (or [n][k]). accumulate adds
 * to C. scratch: lode_gemm_scratch floats. */
size_t lode_gemm_scratch(size_t m, size_t n, size_t k, bool a_transposed);
void lode_gemm(lode_team *team, size_t m, size_t n, size_t k, const float *a, size_t lda,
               bool a_transposed, const float *b, size_t ldb, bool b_transposed, bool accumulate,
               float *c, size_t ldc, float *scratch);

#endif

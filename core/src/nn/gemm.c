#include "nn/gemm.h"

#include <stdatomic.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "util/transpose.h"

/* ---- Kernels ----------------------------------------------------------------------------------
 */

/* Any processor: 128-bit vectors of the compiler (SSE2, NEON). */
typedef float vector4 __attribute__((vector_size(16), aligned(4), may_alias));
#define KERNEL_TARGET
#define KERNEL_NAME kernel_generic
#define KERNEL_ROWS 2
#define VECTOR vector4
#define LANES 4
#define LOAD(p) (*(const vector4 *)(p))
#define STORE(p, v) (*(vector4 *)(p) = (v))
#define SPREAD(p) ((vector4){*(p), *(p), *(p), *(p)})
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#include "nn/gemm_kernel.inc"

#if defined(__x86_64__)
#define KERNEL_TARGET __attribute__((target("avx2,fma")))
#define KERNEL_NAME kernel_avx2
#define KERNEL_ROWS 6
#define VECTOR __m256
#define LANES 8
#define LOAD(p) _mm256_loadu_ps(p)
#define STORE(p, v) _mm256_storeu_ps(p, v)
#define SPREAD(p) _mm256_broadcast_ss(p)
#define MULTIPLY_ADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#include "nn/gemm_kernel.inc"

#define KERNEL_TARGET __attribute__((target("avx512f")))
#define KERNEL_NAME kernel_avx512
#define KERNEL_ROWS 12
#define VECTOR __m512
#define LANES 16
#define LOAD(p) _mm512_loadu_ps(p)
#define STORE(p, v) _mm512_storeu_ps(p, v)
#define SPREAD(p) _mm512_set1_ps(*(p))
#define MULTIPLY_ADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#include "nn/gemm_kernel.inc"
#endif

typedef struct kernel {
    const char *name;
    lode_gemm_kernel compute;
    int rows;
} kernel;

/* The best first. */
static const kernel kernels[] = {
#if defined(__x86_64__)
    {"avx512", kernel_avx512, 12},
    {"avx2", kernel_avx2, 6},
#endif
    {"generic", kernel_generic, 2},
};
enum { KERNELS = sizeof kernels / sizeof *kernels };

static bool runs_here(const kernel *k) {
#if defined(__x86_64__)
    if (k->compute == kernel_avx512)
        return __builtin_cpu_supports("avx512f");
    if (k->compute == kernel_avx2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return k->compute == kernel_generic;
}

static _Atomic(const kernel *) forced;

bool lode_gemm_force(const char *name) {
    const kernel *found = NULL;
    for (int i = 0; name && i < KERNELS; i++)
        if (strcmp(kernels[i].name, name) == 0 && runs_here(&kernels[i]))
            found = &kernels[i];
    atomic_store(&forced, found);
    return found != NULL;
}

static const kernel *chosen(void) {
    const kernel *k = atomic_load_explicit(&forced, memory_order_relaxed);
    for (int i = 0; !k && i < KERNELS; i++)
        if (runs_here(&kernels[i]))
            k = &kernels[i];
    return k;
}

lode_gemm_kernel lode_gemm_get_kernel(void) {
    return chosen()->compute;
}

int lode_gemm_rows(void) {
    return chosen()->rows;
}

const char *lode_gemm_name(void) {
    return chosen()->name;
}

/* ---- Packing ----------------------------------------------------------------------------------
 */

static size_t panels_of(size_t n) {
    return (n + LODE_GEMM_WIDTH - 1) / LODE_GEMM_WIDTH;
}

size_t lode_gemm_packed_size(size_t k, size_t n) {
    return panels_of(n) * LODE_GEMM_WIDTH * k;
}

typedef struct packing {
    size_t k, n, ldb;
    const float *b;
    bool transposed;
    float *packed;
} packing;

/* Panels of an item: rows of b are then read in runs of 512 bytes. */
enum { PACK_PANELS = 8 };

static void pack_transposed(const packing *p, size_t first, size_t columns) {
    float *out = p->packed + first * p->k;
    for (size_t i = 0; i < p->k; i++)
        for (size_t j = 0; j < columns; j++)
            out[i * LODE_GEMM_WIDTH + j] = p->b[(first + j) * p->ldb + i];
}

static void pack_panels(void *context, size_t item, int worker) {
    (void)worker;
    const packing *p = context;
    size_t from = item * PACK_PANELS * LODE_GEMM_WIDTH, end = from + PACK_PANELS * LODE_GEMM_WIDTH;
    end = end < p->n ? end : p->n;
    size_t whole = (end - from) / LODE_GEMM_WIDTH * LODE_GEMM_WIDTH + from;
    if (whole < end)
        memset(p->packed + whole * p->k, 0, p->k * LODE_GEMM_WIDTH * sizeof *p->packed);
    if (p->transposed) {
        for (size_t first = from; first < end; first += LODE_GEMM_WIDTH)
            pack_transposed(p, first, first < whole ? LODE_GEMM_WIDTH : end - whole);
        return;
    }
    for (size_t i = 0; i < p->k; i++) {
        const float *row = p->b + i * p->ldb;
        for (size_t first = from; first < whole; first += LODE_GEMM_WIDTH)
            memcpy(p->packed + first * p->k + i * LODE_GEMM_WIDTH, row + first,
                   LODE_GEMM_WIDTH * sizeof *row);
        if (whole < end)
            memcpy(p->packed + whole * p->k + i * LODE_GEMM_WIDTH, row + whole,
                   (end - whole) * sizeof *row);
    }
}

void lode_gemm_pack(lode_team *team, size_t k, size_t n, const float *b, size_t ldb,
                    bool transposed, float *packed) {
    packing p = {k, n, ldb, b, transposed, packed};
    lode_team_run(team, (panels_of(n) + PACK_PANELS - 1) / PACK_PANELS, pack_panels, &p);
}

/* ---- Plain products ---------------------------------------------------------------------------
 */

enum { BLOCK_ROWS = 48, BLOCK_PANELS = 8 }; /* of C, computed by one item */

typedef struct product {
    size_t m, n, k, lda, ldc, column_blocks;
    const float *a, *packed;
    bool accumulate;
    float *c;
    lode_gemm_kernel kernel;
    size_t rows;
} product;

static const float zeros[LODE_GEMM_WIDTH];

/* One slice of k for a few rows and one panel; tiles that stick out of C go through a buffer. */
static void product_tile(const product *p, size_t row, size_t panel, size_t from, size_t depth) {
    const float *pointers[LODE_GEMM_MAX_ROWS];
    float buffer[LODE_GEMM_MAX_ROWS * LODE_GEMM_WIDTH];
    size_t rows = p->m - row < p->rows ? p->m - row : p->rows;
    size_t first = panel * LODE_GEMM_WIDTH;
    size_t columns = p->n - first < LODE_GEMM_WIDTH ? p->n - first : LODE_GEMM_WIDTH;
    for (size_t r = 0; r < p->rows; r++)
        pointers[r] = p->a + (row + (r < rows ? r : 0)) * p->lda + from;
    const float *b = p->packed + first * p->k + from * LODE_GEMM_WIDTH;
    const float *init = from == 0 && !p->accumulate ? zeros : NULL;
    float *c = p->c + row * p->ldc + first;
    size_t offset = 0;
    if (rows == p->rows && columns == LODE_GEMM_WIDTH) {
        p->kernel(pointers, &offset, 1, depth, b, init, c, p->ldc);
        return;
    }
    memset(buffer, 0, sizeof buffer);
    if (!init)
        for (size_t r = 0; r < rows; r++)
            memcpy(buffer + r * LODE_GEMM_WIDTH, c + r * p->ldc, columns * sizeof *c);
    p->kernel(pointers, &offset, 1, depth, b, init, buffer, LODE_GEMM_WIDTH);
    for (size_t r = 0; r < rows; r++)
        memcpy(c + r * p->ldc, buffer + r * LODE_GEMM_WIDTH, columns * sizeof *c);
}

static void product_block(void *context, size_t item, int worker) {
    (void)worker;
    const product *p = context;
    size_t row0 = item / p->column_blocks * BLOCK_ROWS;
    size_t panel0 = item % p->column_blocks * BLOCK_PANELS;
    size_t row1 = row0 + BLOCK_ROWS < p->m ? row0 + BLOCK_ROWS : p->m;
    size_t panel1 =
        panel0 + BLOCK_PANELS < panels_of(p->n) ? panel0 + BLOCK_PANELS : panels_of(p->n);
    size_t from = 0;
    do {
        size_t depth = p->k - from < LODE_GEMM_DEPTH ? p->k - from : LODE_GEMM_DEPTH;
        for (size_t panel = panel0; panel < panel1; panel++)
            for (size_t row = row0; row < row1; row += p->rows)
                product_tile(p, row, panel, from, depth);
        from += depth;
    } while (from < p->k);
}

/* a[k][lda] -> rows[m][k]. Blocks small enough for the cache even when the lines of a matrix, a
 * power of two apart, compete for the same places in it. */
enum { TURNED = 16, TURNED_AT_ONCE = 8 };

typedef struct turning {
    size_t m, k, lda;
    const float *a;
    float *rows;
} turning;

/* Values first .. end - 1 of rows from .. to - 1, one by one. */
static void turn_values(const turning *t, size_t from, size_t to, size_t first, size_t end) {
    for (size_t i = first; i < end; i++)
        for (size_t r = from; r < to; r++)
            t->rows[r * t->k + i] = t->a[i * t->lda + r];
}

static void turn_rows(void *context, size_t item, int worker) {
    (void)worker;
    const turning *t = context;
    size_t from = item * TURNED, end = from + TURNED < t->m ? from + TURNED : t->m;
    size_t rows = from + (end - from) / 4 * 4, values = t->k / TURNED_AT_ONCE * TURNED_AT_ONCE;
    for (size_t first = 0; first < values; first += TURNED_AT_ONCE)
        for (size_t r = from; r < rows; r += 4)
            for (size_t i = first; i < first + TURNED_AT_ONCE; i += 4) {
                const float *in[4];
                for (size_t j = 0; j < 4; j++)
                    in[j] = t->a + (i + j) * t->lda;
                lode_transpose_4x4(in, r, t->rows + r * t->k + i, t->k);
            }
    turn_values(t, rows, end, 0, values);
    turn_values(t, from, end, values, t->k);
}

size_t lode_gemm_scratch(size_t m, size_t n, size_t k, bool a_transposed) {
    return lode_gemm_packed_size(k, n) + (a_transposed ? m * k : 0);
}

void lode_gemm(lode_team *team, size_t m, size_t n, size_t k, const float *a, size_t lda,
               bool a_transposed, const float *b, size_t ldb, bool b_transposed, bool accumulate,
               float *c, size_t ldc, float *scratch) {
    if (m == 0 || n == 0)
        return;
    lode_gemm_pack(team, k, n, b, ldb, b_transposed, scratch);
    if (a_transposed) {
        turning t = {m, k, lda, a, scratch + lode_gemm_packed_size(k, n)};
        lode_team_run(team, (m + TURNED - 1) / TURNED, turn_rows, &t);
        a = t.rows;
        lda = k;
    }
    product p = {.m = m,
                 .n = n,
                 .k = k,
                 .lda = lda,
                 .ldc = ldc,
                 .a = a,
                 .packed = scratch,
                 .accumulate = accumulate,
                 .c = c,
                 .kernel = lode_gemm_get_kernel(),
                 .rows = (size_t)lode_gemm_rows()};
    p.column_blocks = (panels_of(n) + BLOCK_PANELS - 1) / BLOCK_PANELS;
    lode_team_run(team, (m + BLOCK_ROWS - 1) / BLOCK_ROWS * p.column_blocks, product_block, &p);
}

#include "nn/gather.h"

#include <string.h>

#include "nn/gemm.h"

/* Rows of one item's block. 96 rows of LODE_GEMM_DEPTH floats are 144 KiB: they stay in a second
 * level cache while the panels pass by. */
enum { MAX_ROWS = 96, MAX_POINTERS = 1536 };

static const float zeros[LODE_GEMM_DEPTH];

typedef struct plan {
    const lode_gather *g;
    lode_gemm_kernel kernel;
    size_t kernel_rows, rows;      /* output pixels in all */
    size_t block_rows, row_blocks; /* ... of an item */
    size_t panels, block_panels, panel_blocks;
    int taps_at_once;
} plan;

static inline float activate(float x, lode_activation activation) {
    if (activation == LODE_LINEAR || x > 0)
        return activation == LODE_RELU6 && x > 6 ? 6 : x;
    return 0;
}

/* Where an output pixel lies: source position of the (0, 0) tap, and its destination. */
typedef struct place {
    const float *image;
    int y, x;
    float *dst;
} place;

static place locate(const lode_gather *g, size_t row) {
    int gx = (int)(row % (size_t)g->grid_w);
    int gy = (int)(row / (size_t)g->grid_w % (size_t)g->grid_h);
    size_t i = row / (size_t)g->grid_w / (size_t)g->grid_h;
    size_t y = (size_t)(gy * g->step + g->start_y), x = (size_t)(gx * g->step + g->start_x);
    return (place){g->src + i * (size_t)g->src_h * (size_t)g->src_w * g->src_pitch, gy * g->stride,
                   gx * g->stride,
                   g->dst + ((i * (size_t)g->dst_h + y) * (size_t)g->dst_w + x) * g->dst_pitch};
}

/* Lists the source rows of taps t0..t1-1, channel `from` on: [row group][tap][kernel row]. Rows
 * past the end repeat the first one; their results are dropped. */
static void list_rows(const plan *p, const place *places, size_t rows, int t0, int t1, size_t from,
                      const float **table) {
    const lode_gather *g = p->g;
    size_t kr = p->kernel_rows;
    for (size_t base = 0; base < rows; base += kr)
        for (int t = t0; t < t1; t++)
            for (size_t r = 0; r < kr; r++) {
                const place *at = &places[base + r < rows ? base + r : base];
                int y = at->y + g->tap_y[t], x = at->x + g->tap_x[t];
                bool inside = y >= 0 && y < g->src_h && x >= 0 && x < g->src_w;
                *table++ = inside ? at->image +
                                        ((size_t)y * (size_t)g->src_w + (size_t)x) * g->src_pitch +
                                        from
                                  : zeros;
            }
}

/* One tile of kernel_rows x 16 outputs whose rows are scattered: through a small buffer. */
static void tile(const plan *p, const place *places, size_t rows, const float *const *table,
                 const size_t *offsets, size_t segments, size_t depth, const float *b, size_t first,
                 size_t columns, const float *init) {
    float buffer[LODE_GEMM_MAX_ROWS * LODE_GEMM_WIDTH];
    bool regular = rows == p->kernel_rows && columns == LODE_GEMM_WIDTH;
    size_t pitch = rows > 1 ? (size_t)(places[1].dst - places[0].dst) : 0;
    for (size_t r = 2; r < rows && regular; r++)
        regular = places[r].dst - places[r - 1].dst == (ptrdiff_t)pitch;
    if (regular) {
        p->kernel(table, offsets, segments, depth, b, init, places[0].dst + first, pitch);
        return;
    }
    if (!init) {
        memset(buffer, 0, sizeof buffer);
        for (size_t r = 0; r < rows; r++)
            memcpy(buffer + r * LODE_GEMM_WIDTH, places[r].dst + first, columns * sizeof *buffer);
    }
    p->kernel(table, offsets, segments, depth, b, init, buffer, LODE_GEMM_WIDTH);
    for (size_t r = 0; r < rows; r++)
        memcpy(places[r].dst + first, buffer + r * LODE_GEMM_WIDTH, columns * sizeof *buffer);
}

/* Adds the products of taps t0..t1-1 and channels from..from+depth-1 to a block of outputs. */
static void slice(const plan *p, const place *places, size_t rows, size_t panel0, size_t panel1,
                  int t0, int t1, size_t from, size_t depth, bool first_slice) {
    const lode_gather *g = p->g;
    const float *table[MAX_POINTERS];
    size_t offsets[LODE_GATHER_TAPS];
    size_t segments = (size_t)(t1 - t0);
    list_rows(p, places, rows, t0, t1, from, table);
    for (int t = t0; t < t1; t++)
        offsets[t - t0] = ((size_t)g->tap[t] * g->depth + from) * LODE_GEMM_WIDTH;
    for (size_t panel = panel0; panel < panel1; panel++) {
        size_t first = panel * LODE_GEMM_WIDTH;
        size_t columns =
            g->columns - first < LODE_GEMM_WIDTH ? g->columns - first : LODE_GEMM_WIDTH;
        const float *b = g->packed + first * (size_t)g->packed_taps * g->depth;
        float start[LODE_GEMM_WIDTH] = {0};
        if (g->bias)
            memcpy(start, g->bias + first, columns * sizeof *start);
        const float *init = first_slice && !g->accumulate ? start : NULL;
        for (size_t base = 0; base < rows; base += p->kernel_rows) {
            size_t count = rows - base < p->kernel_rows ? rows - base : p->kernel_rows;
            tile(p, places + base, count, table + base * segments, offsets, segments, depth, b,
                 first, columns, init);
        }
    }
}

static void finish(const plan *p, const place *places, size_t rows, size_t first, size_t last) {
    lode_activation activation = p->g->activation;
    if (activation == LODE_LINEAR)
        return;
    for (size_t r = 0; r < rows; r++)
        for (size_t j = first; j < last; j++)
            places[r].dst[j] = activate(places[r].dst[j], activation);
}

static void block(void *context, size_t item, int worker) {
    (void)worker;
    const plan *p = context;
    const lode_gather *g = p->g;
    place places[MAX_ROWS];
    size_t row0 = item / p->panel_blocks * p->block_rows;
    size_t rows = p->rows - row0 < p->block_rows ? p->rows - row0 : p->block_rows;
    size_t panel0 = item % p->panel_blocks * p->block_panels;
    size_t panel1 = panel0 + p->block_panels < p->panels ? panel0 + p->block_panels : p->panels;
    for (size_t r = 0; r < rows; r++)
        places[r] = locate(g, row0 + r);
    bool first = true;
    if (g->taps == 0 && !g->accumulate)
        slice(p, places, rows, panel0, panel1, 0, 0, 0, 0, true);
    for (int t = 0; t < g->taps; t += p->taps_at_once) {
        int end = t + p->taps_at_once < g->taps ? t + p->taps_at_once : g->taps;
        for (size_t from = 0; from < g->depth; from += LODE_GEMM_DEPTH) {
            size_t depth = g->depth - from < LODE_GEMM_DEPTH ? g->depth - from : LODE_GEMM_DEPTH;
            slice(p, places, rows, panel0, panel1, t, end, from, depth, first);
            first = false;
        }
    }
    size_t last = panel1 * LODE_GEMM_WIDTH < g->columns ? panel1 * LODE_GEMM_WIDTH : g->columns;
    finish(p, places, rows, panel0 * LODE_GEMM_WIDTH, last);
}

void lode_gather_run(lode_team *team, const lode_gather *g) {
    plan p = {.g = g, .kernel = lode_gemm_get_kernel(), .kernel_rows = (size_t)lode_gemm_rows()};
    p.rows = (size_t)g->n * (size_t)g->grid_h * (size_t)g->grid_w;
    if (p.rows == 0 || g->columns == 0)
        return;
    p.panels = (g->columns + LODE_GEMM_WIDTH - 1) / LODE_GEMM_WIDTH;
    p.taps_at_once = g->depth >= LODE_GEMM_DEPTH ? 1 : (int)(LODE_GEMM_DEPTH / g->depth);
    if (p.taps_at_once > MAX_POINTERS / 12)
        p.taps_at_once = MAX_POINTERS / 12;
    int taps = g->taps < p.taps_at_once ? g->taps : p.taps_at_once;
    p.block_rows = MAX_POINTERS / (size_t)(taps > 0 ? taps : 1) / p.kernel_rows * p.kernel_rows;
    if (p.block_rows > MAX_ROWS)
        p.block_rows = MAX_ROWS;
    p.row_blocks = (p.rows + p.block_rows - 1) / p.block_rows;
    /* Few rows (deep layers of small windows): split the columns as well. */
    p.block_panels = p.row_blocks >= 32 ? p.panels : 4;
    p.panel_blocks = (p.panels + p.block_panels - 1) / p.block_panels;
    lode_team_run(team, p.row_blocks * p.panel_blocks, block, &p);
}

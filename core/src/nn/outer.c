#include "nn/outer.h"

#include <string.h>

#include "nn/gemm.h"
#include "util/transpose.h"
#include "util/simd.h"

/* An item computes at most CHANNELS x COLUMNS weights of one row of taps; pixels pass by in blocks
 * of PIXELS, the longest run the kernel sums in registers. */
enum { PIXELS = LODE_GEMM_DEPTH, CHANNELS = 48, COLUMNS = 128 };

static const float zeros[CHANNELS];

typedef struct plan {
    const lode_conv *c;
    const float *x, *dy;
    float *scratch, *dweight;
    size_t in, out;                         /* channels of a group */
    size_t in_block, in_blocks, out_blocks; /* channels in a block, blocks of a group */
    size_t pixels;
    int out_h, out_w;
    lode_gemm_kernel kernel;
    size_t kernel_rows;
} plan;

static size_t worker_scratch(void) {
    return (size_t)PIXELS * (CHANNELS + LODE_GEMM_MAX_ROWS + COLUMNS);
}

size_t lode_outer_scratch(const lode_conv *c, int threads) {
    (void)c;
    return worker_scratch() * (size_t)threads;
}

/* Output gradients of a block of pixels as panels [column / 16][pixel][16]. */
static void pack_columns(const plan *p, size_t pixel0, size_t pixels, size_t column0,
                         size_t columns, float *panels) {
    size_t pitch = (size_t)p->c->cout;
    for (size_t first = 0; first < columns; first += LODE_GEMM_WIDTH) {
        size_t count = columns - first < LODE_GEMM_WIDTH ? columns - first : LODE_GEMM_WIDTH;
        float *out = panels + first * pixels;
        const float *in = p->dy + pixel0 * pitch + column0 + first;
        if (count == LODE_GEMM_WIDTH) {
            for (size_t i = 0; i < pixels; i++)
                memcpy(out + i * LODE_GEMM_WIDTH, in + i * pitch, LODE_GEMM_WIDTH * sizeof *out);
        } else {
            memset(out, 0, pixels * LODE_GEMM_WIDTH * sizeof *out);
            for (size_t i = 0; i < pixels; i++)
                memcpy(out + i * LODE_GEMM_WIDTH, in + i * pitch, count * sizeof *out);
        }
    }
}

/* Source pixels of one tap under output pixels pixel0..; outside the image: a row of zeros. */
static void list_pixels(const plan *p, size_t pixel0, size_t pixels, int tap, size_t channel0,
                        const float **list) {
    const lode_conv *c = p->c;
    size_t w = (size_t)p->out_w, h = (size_t)p->out_h;
    int oy = (int)(pixel0 / w % h), ox = (int)(pixel0 % w);
    size_t image = pixel0 / w / h;
    int dy = tap / c->kw * c->dilation - c->pad, dx = tap % c->kw * c->dilation - c->pad;
    for (size_t i = 0; i < pixels; i++) {
        int y = oy * c->stride + dy, x = ox * c->stride + dx;
        bool inside = y >= 0 && y < c->h && x >= 0 && x < c->w;
        size_t at = (image * (size_t)c->h + (size_t)y) * (size_t)c->w + (size_t)x;
        list[i] = inside ? p->x + at * (size_t)c->cin + channel0 : zeros;
        if (++ox == p->out_w) {
            ox = 0;
            if (++oy == p->out_h) {
                oy = 0;
                image++;
            }
        }
    }
}

/* Rows of pixels -> rows of channels: out[channel][PIXELS]. */
static void transpose(const float *const *list, size_t pixels, size_t channels, float *out) {
    size_t whole_pixels = pixels / 4 * 4, whole = channels / 4 * 4;
    for (size_t i = 0; i < whole_pixels; i += 4) {
        for (size_t k = 0; k < whole; k += 4)
            lode_transpose_4x4(list + i, k, out + k * PIXELS + i, PIXELS);
        for (size_t k = whole; k < channels; k++)
            for (size_t r = 0; r < 4; r++)
                out[k * PIXELS + i + r] = list[i + r][k];
    }
    for (size_t i = whole_pixels; i < pixels; i++)
        for (size_t k = 0; k < channels; k++)
            out[k * PIXELS + i] = list[i][k];
}

/* dweight[channels][columns] += rows^T x panels, for one tap. */
static void multiply(const plan *p, const float *rows, const float *panels, size_t pixels,
                     size_t channels, size_t columns, float *dweight) {
    const size_t offset = 0;
    size_t pitch = (size_t)p->c->cout, kr = p->kernel_rows;
    for (size_t first = 0; first < columns; first += LODE_GEMM_WIDTH) {
        size_t width = columns - first < LODE_GEMM_WIDTH ? columns - first : LODE_GEMM_WIDTH;
        const float *b = panels + first * pixels;
        for (size_t k = 0; k < channels; k += kr) {
            const float *row[LODE_GEMM_MAX_ROWS];
            size_t count = channels - k < kr ? channels - k : kr;
            for (size_t r = 0; r < kr; r++)
                row[r] = rows + (k + (r < count ? r : 0)) * PIXELS;
            float *c = dweight + k * pitch + first;
            if (count == kr && width == LODE_GEMM_WIDTH) {
                p->kernel(row, &offset, 1, pixels, b, NULL, c, pitch);
                continue;
            }
            float buffer[LODE_GEMM_MAX_ROWS * LODE_GEMM_WIDTH] = {0};
            for (size_t r = 0; r < count; r++)
                memcpy(buffer + r * LODE_GEMM_WIDTH, c + r * pitch, width * sizeof *c);
            p->kernel(row, &offset, 1, pixels, b, NULL, buffer, LODE_GEMM_WIDTH);
            for (size_t r = 0; r < count; r++)
                memcpy(c + r * pitch, buffer + r * LODE_GEMM_WIDTH, width * sizeof *c);
        }
    }
}

static void item(void *context, size_t number, int worker) {
    const plan *p = context;
    const lode_conv *c = p->c;
    float *panels = p->scratch + worker_scratch() * (size_t)worker,
          *rows = panels + (size_t)PIXELS * COLUMNS;
    const float *list[PIXELS];
    size_t out_block = number % p->out_blocks;
    size_t in_block = number / p->out_blocks % p->in_blocks;
    size_t ky = number / p->out_blocks / p->in_blocks % (size_t)c->kh;
    size_t group = number / p->out_blocks / p->in_blocks / (size_t)c->kh;
    size_t column = out_block * COLUMNS, channel = in_block * p->in_block;
    size_t columns = p->out - column < COLUMNS ? p->out - column : COLUMNS;
    size_t channels = p->in - channel < p->in_block ? p->in - channel : p->in_block;
    for (size_t pixel = 0; pixel < p->pixels; pixel += PIXELS) {
        size_t pixels = p->pixels - pixel < PIXELS ? p->pixels - pixel : PIXELS;
        pack_columns(p, pixel, pixels, group * p->out + column, columns, panels);
        for (size_t kx = 0; kx < (size_t)c->kw; kx++) {
            size_t tap = ky * (size_t)c->kw + kx;
            list_pixels(p, pixel, pixels, (int)tap, group * p->in + channel, list);
            transpose(list, pixels, channels, rows);
            multiply(p, rows, panels, pixels, channels, columns,
                     p->dweight + (tap * p->in + channel) * (size_t)c->cout + group * p->out +
                         column);
        }
    }
}

void lode_outer_backward_weight(lode_team *team, const lode_conv *c, const float *x,
                                const float *dy, float *scratch, float *dweight) {
    plan p = {.c = c,
              .x = x,
              .dy = dy,
              .scratch = scratch,
              .dweight = dweight,
              .in = (size_t)(c->cin / c->groups),
              .out = (size_t)(c->cout / c->groups),
              .out_h = lode_conv_out_height(c),
              .out_w = lode_conv_out_width(c),
              .kernel = lode_gemm_get_kernel(),
              .kernel_rows = (size_t)lode_gemm_rows()};
    p.pixels = (size_t)c->n * (size_t)p.out_h * (size_t)p.out_w;
    p.in_blocks = (p.in + CHANNELS - 1) / CHANNELS;
    p.in_block = (p.in + p.in_blocks - 1) / p.in_blocks;
    p.in_block = (p.in_block + p.kernel_rows - 1) / p.kernel_rows * p.kernel_rows;
    p.in_blocks = (p.in + p.in_block - 1) / p.in_block;
    p.out_blocks = (p.out + COLUMNS - 1) / COLUMNS;
    lode_team_run(team, (size_t)c->groups * (size_t)c->kh * p.in_blocks * p.out_blocks, item, &p);
}

/* ---- Bias: column sums, 64 columns an item ---- */

enum { SUM_COLUMNS = 64, SUM_ROWS = 64 };

typedef struct column_sums {
    const float *dy;
    size_t rows, columns;
    float *sums;
} column_sums;

LODE_WIDE
static void add_rows(const float *dy, size_t pitch, size_t rows, size_t columns, float *sums) {
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < columns; j++)
            sums[j] += dy[r * pitch + j];
}

static void sum_columns(void *context, size_t number, int worker) {
    (void)worker;
    const column_sums *s = context;
    size_t first = number * SUM_COLUMNS;
    size_t columns = s->columns - first < SUM_COLUMNS ? s->columns - first : SUM_COLUMNS;
    double total[SUM_COLUMNS] = {0};
    for (size_t r = 0; r < s->rows; r += SUM_ROWS) {
        float part[SUM_COLUMNS] = {0};
        size_t rows = s->rows - r < SUM_ROWS ? s->rows - r : SUM_ROWS;
        add_rows(s->dy + r * s->columns + first, s->columns, rows, columns, part);
        for (size_t j = 0; j < columns; j++)
            total[j] += (double)part[j];
    }
    for (size_t j = 0; j < columns; j++)
        s->sums[first + j] += (float)total[j];
}

void lode_outer_backward_bias(lode_team *team, const lode_conv *c, const float *dy, float *dbias) {
    column_sums s = {
        dy, (size_t)c->n * (size_t)lode_conv_out_height(c) * (size_t)lode_conv_out_width(c),
        (size_t)c->cout, dbias};
    lode_team_run(team, (s.columns + SUM_COLUMNS - 1) / SUM_COLUMNS, sum_columns, &s);
}

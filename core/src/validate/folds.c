#include "validate/folds.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/random.h"

/* ---- Blocks -----------------------------------------------------------------------------------
 */

/* Rows of hexagon centres are this much of a side apart. */
static const double hexagon_row = 0.8660254037844386;

static double row_height(const lode_blocks *blocks) {
    return blocks->shape == LODE_BLOCK_HEXAGON ? blocks->side * hexagon_row : blocks->side;
}

lode_status lode_blocks_lay(const lode_stack *stack, lode_block_shape shape, double side,
                            uint64_t seed, lode_blocks *blocks) {
    if (!(side > 0) || !isfinite(side))
        return lode_fail(LODE_ERROR_USAGE, "The side of a spatial block must be a positive number "
                                           "of metres.");
    lode_blocks laid = {.shape = shape, .side = side};
    lode_stack_cell_size(stack, &laid.cell_x, &laid.cell_y);
    lode_random random = lode_random_stream(seed, 0);
    laid.shift_x = side * lode_random_uniform(&random);
    laid.shift_y = row_height(&laid) * lode_random_uniform(&random);
    const lode_grid *grid = lode_stack_grid(stack);
    /* One block more for the shift and, for hexagons, one on every side for the half steps. */
    double across = ceil(grid->width * laid.cell_x / side) + 3;
    double down = ceil(grid->height * laid.cell_y / row_height(&laid)) + 3;
    if (!(across * down < (double)(1 << 30)))
        return lode_fail(LODE_ERROR_USAGE,
                         "Spatial blocks of %g m are too small for this raster. Choose a side of "
                         "at least some cells.",
                         side);
    laid.across = (int)across;
    laid.down = (int)down;
    *blocks = laid;
    return LODE_OK;
}

/* The nearest centre of a triangular lattice; odd rows are moved by half a side. */
static void nearest_hexagon(const lode_blocks *blocks, double x, double y, long *column,
                            long *row) {
    double height = row_height(blocks), nearest = HUGE_VAL;
    long about = lround(y / height);
    for (long j = about - 1; j <= about + 1; j++) {
        double offset = (j & 1) ? 0.5 * blocks->side : 0;
        long i = lround((x - offset) / blocks->side);
        double distance = hypot(x - offset - (double)i * blocks->side, y - (double)j * height);
        if (distance < nearest) {
            nearest = distance;
            *column = i;
            *row = j;
        }
    }
}

int lode_blocks_at(const lode_blocks *blocks, int column, int row) {
    double x = (column + 0.5) * blocks->cell_x + blocks->shift_x;
    double y = (row + 0.5) * blocks->cell_y + blocks->shift_y;
    long i = 0, j = 0;
    if (blocks->shape == LODE_BLOCK_HEXAGON) {
        nearest_hexagon(blocks, x, y, &i, &j);
        i++; /* a centre may lie half a side outside the grid */
    } else {
        i = (long)floor(x / blocks->side);
        j = (long)floor(y / blocks->side);
    }
    i = i < 0 ? 0 : i >= blocks->across ? blocks->across - 1 : i;
    j = j < 0 ? 0 : j >= blocks->down ? blocks->down - 1 : j;
    return (int)(j * blocks->across + i);
}

double lode_blocks_default_side(double area, size_t deposits, double window) {
    double spacing = deposits > 0 && area > 0 ? sqrt(area / (double)deposits) : 0;
    double side = fmax(spacing, window);
    if (!(side > 0))
        return 0;
    double unit = pow(10, floor(log10(side)) - 1);
    return ceil(side / unit - 1e-9) * unit;
}

/* ---- Folds ------------------------------------------------------------------------------------
 */

typedef struct block_count {
    int block, fold;
    size_t deposits, background;
    uint32_t lot; /* decides between equals */
} block_count;

static int by_block(const void *left, const void *right) {
    int a = ((const block_count *)left)->block, b = ((const block_count *)right)->block;
    return (a > b) - (a < b);
}

static int most_deposits_first(const void *left, const void *right) {
    const block_count *a = left, *b = right;
    if (a->deposits != b->deposits)
        return a->deposits < b->deposits ? 1 : -1;
    if (a->lot != b->lot)
        return a->lot < b->lot ? 1 : -1;
    return by_block(left, right);
}

/* One entry per distinct block, sorted by block; *count of them. */
static block_count *count_blocks(const int *block, const unsigned char *deposit, size_t n,
                                 size_t *count) {
    block_count *list = lode_alloc(n ? n : 1, sizeof *list);
    if (!list)
        return NULL;
    for (size_t i = 0; i < n; i++)
        list[i] = (block_count){
            .block = block[i], .deposits = deposit[i] ? 1 : 0, .background = deposit[i] ? 0 : 1};
    qsort(list, n, sizeof *list, by_block);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && list[kept - 1].block == list[i].block) {
            list[kept - 1].deposits += list[i].deposits;
            list[kept - 1].background += list[i].background;
        } else {
            list[kept++] = list[i];
        }
    }
    *count = kept;
    return list;
}

/* Largest first into the emptiest fold: within one block of the best possible balance. */
static void deal(block_count *list, size_t count, int folds, size_t *deposits, size_t *background) {
    for (size_t i = 0; i < count; i++) {
        int to = 0;
        for (int f = 1; f < folds; f++) {
            bool emptier = list[i].deposits > 0 && deposits[f] != deposits[to]
                               ? deposits[f] < deposits[to]
                               : background[f] < background[to];
            to = emptier ? f : to;
        }
        list[i].fold = to;
        deposits[to] += list[i].deposits;
        background[to] += list[i].background;
    }
}

lode_status lode_folds_deal(const int *block, const unsigned char *deposit, size_t n, uint64_t seed,
                            int *folds, int *fold) {
    size_t count = 0, with_deposits = 0;
    block_count *list = count_blocks(block, deposit, n, &count);
    if (!list)
        return lode_fail_memory();
    for (size_t i = 0; i < count; i++) {
        lode_random random = lode_random_stream(seed, (uint64_t)list[i].block);
        list[i].lot = lode_random_u32(&random);
        with_deposits += list[i].deposits > 0;
    }
    lode_status status = LODE_OK;
    int used = (size_t)*folds < with_deposits ? *folds : (int)with_deposits;
    size_t *totals = lode_alloc(used > 0 ? 2 * (size_t)used : 1, sizeof *totals);
    if (!totals) {
        status = lode_fail_memory();
    } else if (used < 2) {
        status =
            lode_fail(LODE_ERROR_DATA,
                      "The known deposits lie in %zu spatial block(s); at least two folds with "
                      "deposits are needed. Use smaller blocks (--block, and a smaller "
                      "--window, because a block is never smaller than the window) or more "
                      "deposits.",
                      with_deposits);
    } else {
        qsort(list, count, sizeof *list, most_deposits_first);
        deal(list, count, used, totals, totals + used);
        qsort(list, count, sizeof *list, by_block);
        for (size_t i = 0; i < n; i++) {
            block_count key = {.block = block[i]};
            const block_count *found = bsearch(&key, list, count, sizeof *list, by_block);
            fold[i] = found->fold;
        }
        *folds = used;
    }
    lode_free(totals);
    lode_free(list);
    return status;
}

/* ---- Clusters ---------------------------------------------------------------------------------
 */

lode_status lode_clusters(const double *x, const double *y, size_t n, double distance, int *cluster,
                          int *count) {
    if (n > INT_MAX)
        return lode_fail(LODE_ERROR_DATA, "%zu points are too many to cluster.", n);
    size_t *queue = lode_alloc(n ? n : 1, sizeof *queue);
    if (!queue)
        return lode_fail_memory();
    for (size_t i = 0; i < n; i++)
        cluster[i] = -1;
    int next = 0;
    for (size_t start = 0; start < n; start++) {
        if (cluster[start] >= 0)
            continue;
        size_t waiting = 0;
        queue[waiting++] = start;
        cluster[start] = next;
        while (waiting > 0) {
            size_t from = queue[--waiting];
            for (size_t i = 0; i < n; i++) {
                if (cluster[i] < 0 && hypot(x[i] - x[from], y[i] - y[from]) < distance) {
                    cluster[i] = next;
                    queue[waiting++] = i;
                }
            }
        }
        next++;
    }
    lode_free(queue);
    if (count)
        *count = next;
    return LODE_OK;
}

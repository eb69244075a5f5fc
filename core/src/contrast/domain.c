#include "contrast/domain.h"

#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

struct lode_domain {
    int width, height;
    size_t row_bytes;
    unsigned char *bits;
    int64_t *before; /* [height + 1] cells in the rows above */
};

typedef struct scan {
    lode_stack *stack;
    const lode_recipe *recipe;
    const int *bands;
    const unsigned char *allowed;
    lode_domain *domain;
    const lode_cluster *cluster; /* every process scans a run of the rows of squares */
    float **channels;            /* a square for each worker */
} scan;

static bool bit(const lode_domain *domain, int x, int y) {
    return domain->bits[(size_t)y * domain->row_bytes + (size_t)x / 8] >> (x % 8) & 1u;
}

bool lode_domain_has(const lode_domain *domain, int x, int y) {
    return x >= 0 && y >= 0 && x < domain->width && y < domain->height && bit(domain, x, y);
}

/* Side of the squares that are read at once: rasters are often stored in squares too, and reading
 * them row by row would decode each many times. A multiple of 8, so that no byte of bits is shared.
 */
enum { SCAN_SIDE = 128 };

static int squares(int cells) {
    return (cells + SCAN_SIDE - 1) / SCAN_SIDE;
}

static int first_row(const scan *work, int rank) {
    return lode_cluster_first(work->cluster, squares(work->domain->height), rank);
}

static lode_status scan_square(void *context, size_t own, int worker) {
    const scan *work = context;
    lode_domain *domain = work->domain;
    int rank = work->cluster ? work->cluster->rank : 0;
    size_t item = own + (size_t)first_row(work, rank) * (size_t)squares(domain->width);
    int across = squares(domain->width), channels = work->recipe->channels + 1;
    int left = (int)(item % (size_t)across) * SCAN_SIDE;
    int top = (int)(item / (size_t)across) * SCAN_SIDE;
    int width = domain->width - left < SCAN_SIDE ? domain->width - left : SCAN_SIDE;
    int height = domain->height - top < SCAN_SIDE ? domain->height - top : SCAN_SIDE;
    const float *mask = work->channels[worker] + channels - 1;
    LODE_TRY(lode_recipe_read(work->recipe, work->stack, work->bands, left, top, width, height,
                              work->channels[worker]));
    for (int y = top; y < top + height; y++) {
        unsigned char *bits = domain->bits + (size_t)y * domain->row_bytes;
        size_t row = (size_t)y * (size_t)domain->width;
        for (int x = left; x < left + width; x++, mask += channels)
            if (*mask > 0 && (!work->allowed || work->allowed[row + (size_t)x]))
                bits[x / 8] |= (unsigned char)(1u << (x % 8));
    }
    return LODE_OK;
}

static void count_rows(lode_domain *domain) {
    for (int y = 0; y < domain->height; y++) {
        int64_t found = 0;
        for (int x = 0; x < domain->width; x++)
            found += bit(domain, x, y);
        domain->before[y + 1] = domain->before[y] + found;
    }
}

/* The bits of all processes' rows, in every process. */
static lode_status gather_rows(const scan *work, const lode_progress *progress) {
    if (!work->cluster)
        return LODE_OK;
    size_t *at = lode_alloc((size_t)work->cluster->size + 1, sizeof *at);
    if (!at)
        return lode_fail_memory();
    for (int r = 0; r <= work->cluster->size; r++) {
        int row = first_row(work, r) * SCAN_SIDE;
        at[r] = (size_t)(row < work->domain->height ? row : work->domain->height) *
                work->domain->row_bytes;
    }
    lode_progress end = lode_progress_part(progress, 1, 1);
    lode_status status = lode_cluster_gather(work->cluster, work->domain->bits, at, &end);
    lode_free(at);
    return status;
}

static lode_status run_scan(scan *work, int threads, const lode_progress *progress) {
    lode_domain *domain = work->domain;
    lode_status status = LODE_OK;
    int rank = work->cluster ? work->cluster->rank : 0;
    int rows = first_row(work, rank + 1) - first_row(work, rank);
    threads = lode_thread_count(threads);
    work->channels = lode_alloc((size_t)threads, sizeof *work->channels);
    if (!work->channels)
        return lode_fail_memory();
    for (int i = 0; i < threads; i++) {
        work->channels[i] =
            lode_alloc(SCAN_SIDE * SCAN_SIDE, (size_t)(work->recipe->channels + 1) * sizeof(float));
        if (!work->channels[i])
            status = lode_fail_memory();
    }
    if (status == LODE_OK)
        status = lode_parallel_for((size_t)squares(domain->width) * (size_t)rows, threads,
                                   scan_square, work, progress, "looking for cells with data");
    if (status == LODE_OK)
        status = gather_rows(work, progress);
    for (int i = 0; i < threads; i++)
        lode_free(work->channels[i]);
    lode_free(work->channels);
    return status;
}

lode_status lode_domain_create(lode_stack *stack, const lode_recipe *recipe, const int *bands,
                               const unsigned char *allowed, const lode_cluster *cluster,
                               int threads, const lode_progress *progress, lode_domain **domain) {
    const lode_grid *grid = lode_stack_grid(stack);
    lode_domain *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->width = grid->width;
    made->height = grid->height;
    made->row_bytes = ((size_t)grid->width + 7) / 8;
    made->bits = lode_alloc((size_t)grid->height, made->row_bytes);
    made->before = lode_alloc((size_t)grid->height + 1, sizeof *made->before);
    scan work = {stack, recipe, bands, allowed, made, cluster, NULL};
    lode_status status =
        made->bits && made->before ? run_scan(&work, threads, progress) : lode_fail_memory();
    if (status != LODE_OK) {
        lode_domain_free(made);
        return status;
    }
    count_rows(made);
    *domain = made;
    return LODE_OK;
}

void lode_domain_free(lode_domain *domain) {
    if (!domain)
        return;
    lode_free(domain->bits);
    lode_free(domain->before);
    lode_free(domain);
}

int64_t lode_domain_count(const lode_domain *domain) {
    return domain->before[domain->height];
}

lode_cell lode_domain_draw(const lode_domain *domain, lode_random *random) {
    double share = lode_random_uniform(random);
    int64_t rank = (int64_t)(share * (double)lode_domain_count(domain));
    int low = 0, high = domain->height - 1; /* the last row with before <= rank */
    while (low < high) {
        int middle = low + (high - low + 1) / 2;
        if (domain->before[middle] <= rank)
            low = middle;
        else
            high = middle - 1;
    }
    rank -= domain->before[low];
    for (int x = 0; x < domain->width; x++)
        if (bit(domain, x, low) && rank-- == 0)
            return (lode_cell){x, low};
    return (lode_cell){0, low}; /* not reached while the counts agree with the bits */
}

/* Random start of a run of `side` cells that contains `at`, inside 0..size where that can be. */
static int random_start(int at, int side, int size, lode_random *random) {
    int first = at - side + 1, last = at;
    if (size >= side) {
        first = first > 0 ? first : 0;
        last = last < size - side ? last : size - side;
    }
    return first + (int)lode_random_below(random, (uint32_t)(last - first + 1));
}

lode_cell lode_domain_square(const lode_domain *domain, lode_cell cell, int side,
                             lode_random *random) {
    lode_cell first;
    first.x = random_start(cell.x, side, domain->width, random);
    first.y = random_start(cell.y, side, domain->height, random);
    return first;
}

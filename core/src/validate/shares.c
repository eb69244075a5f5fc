#include "validate/shares.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

enum { STRIP = 64 };

typedef struct measuring {
    lode_stack *stack;
    const int *bands;
    const float *sorted; /* [bands][places] ascending; the first found[band] are data */
    lode_shares *shares;
    size_t *above, *equal; /* [threads][bands][places + 1] cells by the place they fall at */
    float **strips;        /* [threads] */
} measuring;

void lode_shares_free(lode_shares *shares) {
    if (!shares)
        return;
    lode_free(shares->share);
    lode_free(shares->cells);
    lode_free(shares->found);
    lode_free(shares);
}

/* Number of sorted values that are lower than value. */
static size_t lower(const float *sorted, size_t count, float value) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sorted[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Counts the cells of one strip: above[k] those higher than exactly k sorted places and equal to
 * none, equal[k] those equal to the k-th. */
static lode_status count_strip(void *context, size_t item, int worker) {
    const measuring *work = context;
    const lode_grid *grid = lode_stack_grid(work->stack);
    size_t bands = (size_t)work->shares->bands, places = work->shares->places;
    int top = (int)item * STRIP, height = grid->height - top < STRIP ? grid->height - top : STRIP;
    float *values = work->strips[worker];
    LODE_TRY(
        lode_stack_read(work->stack, 0, top, grid->width, height, work->bands, (int)bands, values));
    size_t cells = (size_t)grid->width * (size_t)height, base = (size_t)worker * bands;
    for (size_t i = 0; i < cells; i++) {
        for (size_t band = 0; band < bands; band++) {
            float value = values[i * bands + band];
            if (isnan(value))
                continue;
            const float *sorted = work->sorted + band * places;
            size_t found = work->shares->found[band], k = lower(sorted, found, value);
            size_t *counts = k < found && sorted[k] == value ? work->equal : work->above;
            counts[(base + band) * (places + 1) + k]++;
        }
    }
    return LODE_OK;
}

static int ascending(const void *left, const void *right) {
    float a = *(const float *)left, b = *(const float *)right;
    return (a > b) - (a < b);
}

/* Values of the bands at the places -> at[bands][places], and sorted without the missing ones. */
static lode_status read_places(const measuring *work, const int *columns, const int *rows,
                               float *at, float *sorted) {
    size_t bands = (size_t)work->shares->bands, places = work->shares->places;
    float *one = lode_alloc(bands, sizeof *one);
    if (!one)
        return lode_fail_memory();
    lode_status status = LODE_OK;
    for (size_t i = 0; i < places && status == LODE_OK; i++) {
        status =
            lode_stack_read(work->stack, columns[i], rows[i], 1, 1, work->bands, (int)bands, one);
        for (size_t band = 0; band < bands && status == LODE_OK; band++) {
            at[band * places + i] = one[band];
            if (!isnan(one[band]))
                sorted[band * places + work->shares->found[band]++] = one[band];
        }
    }
    for (size_t band = 0; band < bands; band++)
        qsort(sorted + band * places, work->shares->found[band], sizeof *sorted, ascending);
    lode_free(one);
    return status;
}

/* The counts of one band -> the share of every place. */
static void add_up(const measuring *work, int threads, size_t band, const float *at) {
    lode_shares *shares = work->shares;
    size_t places = shares->places, found = shares->found[band], total = 0;
    const float *sorted = work->sorted + band * places;
    for (int worker = 1; worker < threads; worker++) {
        size_t from = ((size_t)worker * (size_t)shares->bands + band) * (places + 1);
        for (size_t k = 0; k <= places; k++) {
            work->above[band * (places + 1) + k] += work->above[from + k];
            work->equal[band * (places + 1) + k] += work->equal[from + k];
        }
    }
    const size_t *above = work->above + band * (places + 1);
    const size_t *equal = work->equal + band * (places + 1);
    for (size_t k = 0; k <= found; k++)
        total += above[k] + equal[k];
    shares->cells[band] = total;
    for (size_t i = 0; i < places; i++) {
        double higher = 0;
        if (isnan(at[i])) {
            shares->share[band * places + i] = NAN;
            continue;
        }
        size_t k = lower(sorted, found, at[i]);
        for (size_t j = k + 1; j <= found; j++)
            higher += (double)above[j] + (double)equal[j];
        shares->share[band * places + i] = (higher + 0.5 * (double)equal[k]) / (double)total;
    }
}

static lode_status measure(measuring *work, const int *columns, const int *rows, int threads,
                           const lode_progress *progress) {
    const lode_grid *grid = lode_stack_grid(work->stack);
    size_t bands = (size_t)work->shares->bands, places = work->shares->places;
    size_t counts = (size_t)threads * bands;
    float *at = lode_alloc(bands * places, sizeof *at);
    float *sorted = lode_alloc(bands * places, sizeof *sorted);
    work->sorted = sorted;
    work->above = lode_alloc(counts, (places + 1) * sizeof *work->above);
    work->equal = lode_alloc(counts, (places + 1) * sizeof *work->equal);
    work->strips = lode_alloc((size_t)threads, sizeof *work->strips);
    lode_status status =
        at && sorted && work->above && work->equal && work->strips ? LODE_OK : lode_fail_memory();
    for (int k = 0; k < threads && status == LODE_OK; k++) {
        work->strips[k] = lode_alloc((size_t)grid->width * STRIP, bands * sizeof(float));
        if (!work->strips[k])
            status = lode_fail_memory();
    }
    if (status == LODE_OK)
        status = read_places(work, columns, rows, at, sorted);
    if (status == LODE_OK)
        status = lode_parallel_for(((size_t)grid->height + STRIP - 1) / STRIP, threads, count_strip,
                                   work, progress, "Ranking");
    for (size_t band = 0; band < bands && status == LODE_OK; band++)
        add_up(work, threads, band, at + band * places);
    for (int k = 0; work->strips && k < threads; k++)
        lode_free(work->strips[k]);
    lode_free(work->strips);
    lode_free(work->above);
    lode_free(work->equal);
    lode_free(sorted);
    lode_free(at);
    return status;
}

lode_status lode_shares_measure(lode_stack *stack, const int *bands, int band_count,
                                const int *columns, const int *rows, size_t places, int threads,
                                const lode_progress *progress, lode_shares **shares) {
    lode_shares *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->bands = band_count;
    made->places = places;
    made->share = lode_alloc((size_t)band_count * places, sizeof *made->share);
    made->cells = lode_alloc((size_t)band_count, sizeof *made->cells);
    made->found = lode_alloc((size_t)band_count, sizeof *made->found);
    measuring work = {.stack = stack, .bands = bands, .shares = made};
    lode_status status = made->share && made->cells && made->found
                             ? measure(&work, columns, rows, lode_thread_count(threads), progress)
                             : lode_fail_memory();
    if (status != LODE_OK) {
        lode_shares_free(made);
        return status;
    }
    *shares = made;
    return LODE_OK;
}

double lode_shares_auc(const lode_shares *shares, int band, double *error) {
    const double *share = shares->share + (size_t)band * shares->places;
    double sum = 0, squares = 0, n = (double)shares->found[band];
    for (size_t i = 0; i < shares->places; i++)
        sum += isnan(share[i]) ? 0 : share[i];
    double mean = sum / n;
    for (size_t i = 0; i < shares->places; i++)
        squares += isnan(share[i]) ? 0 : (share[i] - mean) * (share[i] - mean);
    if (error)
        *error = n > 1 ? sqrt(squares / (n - 1) / n) : NAN;
    return n > 0 ? 1 - mean : NAN;
}

size_t lode_shares_captured(const lode_shares *shares, int band, double area) {
    const double *share = shares->share + (size_t)band * shares->places;
    size_t captured = 0;
    for (size_t i = 0; i < shares->places; i++)
        captured += !isnan(share[i]) && share[i] <= area;
    return captured;
}

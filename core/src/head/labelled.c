#include "head/labelled.h"

#include <string.h>

#include "head/windows.h"
#include "util/error.h"
#include "util/memory.h"
#include "validate/folds.h"

enum { HELD_BACKGROUND = 100, STREAM_PLACES = 402 };

static const size_t memory_limit = (size_t)1 << 30; /* bytes of windows */

/* Held-out fold of every place; without a second block of deposits nothing is held out. */
static lode_status choose_held(const lode_places *places, int folds, uint64_t seed,
                               unsigned char *held) {
    if (folds < 2)
        return LODE_OK;
    int *fold = lode_alloc(places->n, sizeof *fold);
    if (!fold)
        return lode_fail_memory();
    if (lode_folds_deal(places->block, places->deposit, places->n, seed, &folds, fold) == LODE_OK) {
        for (size_t i = 0; i < places->n; i++)
            held[i] = fold[i] == 0;
    } else {
        lode_log(LODE_LOG_WARNING,
                 "The deposits lie in one spatial block: nothing is held out, all steps are run.");
    }
    lode_free(fold);
    return LODE_OK;
}

/* Order in which places are taken: deposits, then background at random. */
static void order_places(const lode_places *places, uint64_t seed, size_t *order) {
    size_t deposits = 0, next;
    for (size_t i = 0; i < places->n; i++)
        deposits += places->deposit[i] != 0;
    size_t first = 0;
    next = deposits;
    for (size_t i = 0; i < places->n; i++)
        order[places->deposit[i] ? first++ : next++] = i;
    lode_random random = lode_random_stream(seed, STREAM_PLACES);
    lode_random_shuffle(&random, order + deposits, places->n - deposits);
}

static size_t source_side(const lode_labelled *t) {
    return (size_t)(t->side + 2 * t->margin);
}

/* Chooses the places to keep in memory; fills columns and rows. */
static size_t keep_places(lode_labelled *t, const lode_places *places, const unsigned char *held,
                          const size_t *order, int *columns, int *rows) {
    size_t side = source_side(t), kept = 0, held_background = 0;
    size_t most = memory_limit / (side * side * (size_t)t->channels * sizeof(float));
    for (size_t k = 0; k < places->n; k++) {
        size_t i = order[k];
        if (!places->deposit[i] && kept >= most)
            break;
        if (held[i] && !places->deposit[i] && held_background++ >= HELD_BACKGROUND)
            continue;
        columns[kept] = places->columns[i];
        rows[kept] = places->rows[i];
        t->deposit[kept] = places->deposit[i] != 0;
        t->held[kept++] = held[i];
    }
    if (kept >= most)
        lode_log(LODE_LOG_INFO, "Training uses %zu of %zu places, to stay within 1 GB of memory.",
                 kept, places->n);
    return kept;
}

/* Training places by class; those whose centre has no data teach nothing. */
static lode_status sort_classes(lode_labelled *t) {
    size_t side = source_side(t), cell = (side / 2) * side + side / 2;
    size_t held[2] = {0, 0};
    for (size_t i = 0; i < t->n; i++) {
        const float *window = t->windows + i * side * side * (size_t)t->channels;
        bool data = window[cell * (size_t)t->channels + (size_t)t->channels - 1] > 0;
        int kind = t->deposit[i];
        if (t->held[i] && data)
            held[kind]++;
        else if (data)
            t->of[kind][t->count[kind]++] = i;
        else
            t->held[i] = 0;
    }
    if (held[0] < 2 || held[1] < 2)
        memset(t->held, 0, t->n);
    if (t->count[0] < 2 || t->count[1] < 2)
        return lode_fail(LODE_ERROR_DATA,
                         "Supervised training needs at least two deposits and two background "
                         "places with data outside the held-out blocks; there are %zu and %zu.",
                         t->count[1], t->count[0]);
    return LODE_OK;
}

lode_status lode_labelled_read(lode_stack *stack, const lode_recipe *recipe,
                               const lode_places *places, int folds, uint64_t seed, int threads,
                               const lode_progress *progress, lode_labelled *t) {
    size_t n = places->n, side = source_side(t);
    unsigned char *held = lode_alloc(n, 1);
    size_t *order = lode_alloc(n, sizeof *order);
    int *columns = lode_alloc(2 * n, sizeof *columns), *rows = columns + n;
    t->deposit = lode_alloc(n, 1);
    t->held = lode_alloc(n, 1);
    for (int kind = 0; kind < 2; kind++)
        t->of[kind] = lode_alloc(n, sizeof(size_t));
    lode_status status = held && order && columns && t->deposit && t->held && t->of[0] && t->of[1]
                             ? choose_held(places, folds, seed, held)
                             : lode_fail_memory();
    if (status == LODE_OK) {
        order_places(places, seed, order);
        t->n = keep_places(t, places, held, order, columns, rows);
        t->windows = lode_alloc(t->n * side * side, (size_t)t->channels * sizeof *t->windows);
        status = t->windows ? LODE_OK : lode_fail_memory();
    }
    if (status == LODE_OK)
        status = lode_windows_read(stack, recipe, columns, rows, t->n, (int)side, threads, progress,
                                   t->windows);
    lode_free(held);
    lode_free(order);
    lode_free(columns);
    return status == LODE_OK ? sort_classes(t) : status;
}

void lode_labelled_free(lode_labelled *t) {
    lode_free(t->windows);
    lode_free(t->deposit);
    lode_free(t->held);
    lode_free(t->of[0]);
    lode_free(t->of[1]);
    memset(t, 0, sizeof *t);
}

bool lode_labelled_holds_out(const lode_labelled *t) {
    return memchr(t->held, 1, t->n) != NULL;
}

void lode_labelled_draw(const lode_labelled *t, int kind, const lode_views *views,
                        lode_random place, lode_random random, float *scratch, float *window) {
    size_t item = t->of[kind][lode_random_below(&place, (uint32_t)t->count[kind])];
    int source = (int)source_side(t);
    int x = (int)lode_random_below(&place, (uint32_t)(2 * t->margin + 1));
    int y = (int)lode_random_below(&place, (uint32_t)(2 * t->margin + 1));
    size_t cells = (size_t)source * (size_t)source;
    lode_symmetry symmetry;
    lode_view_make(views, random, t->windows + item * cells * (size_t)t->channels, source, x, y,
                   t->side, t->channels, scratch, window, &symmetry);
}

void lode_labelled_window(const lode_labelled *t, size_t item, float *window) {
    size_t side = (size_t)t->side, source = source_side(t), c = (size_t)t->channels;
    size_t margin = (size_t)t->margin;
    for (size_t y = 0; y < side; y++)
        memcpy(window + y * side * c,
               t->windows + ((item * source + y + margin) * source + margin) * c,
               side * c * sizeof *window);
}

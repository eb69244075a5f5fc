#include "samples/repeats.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"

enum { TOGETHER = 64 /* samples looked up at once */ };

/* ---- Order by place -------------------------------------------------------------------------- */

typedef struct place {
    double x, y;
    size_t index;
} place;

static int by_place(const void *a, const void *b) {
    const place *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return (p->index > q->index) - (p->index < q->index);
}

/* Samples in order of place, first come first at one place. The caller frees it. */
static place *sort_places(const lode_samples *samples) {
    place *places = lode_alloc(samples->n, sizeof *places);
    for (size_t i = 0; places && i < samples->n; i++)
        places[i] = (place){samples->x[i], samples->y[i], i};
    if (places)
        qsort(places, samples->n, sizeof *places, by_place);
    return places;
}

static size_t hash_place(double x, double y) {
    uint64_t bits[2];
    x += 0.0; /* -0 is 0 */
    y += 0.0;
    memcpy(&bits[0], &x, sizeof x);
    memcpy(&bits[1], &y, sizeof y);
    uint64_t h = (bits[0] ^ (bits[0] >> 29)) * 0x9E3779B97F4A7C15u;
    h = (h ^ bits[1] ^ (bits[1] >> 31)) * 0xBF58476D1CE4E5B9u;
    return (size_t)(h ^ (h >> 32));
}

/* Samples by their place; 0 = free, else number + 1. */
typedef struct place_table {
    uint32_t *slots;
    size_t mask;
} place_table;

/* Puts samples from..end - 1 in the table, until one is at the place of one before. The slots of
 * all are asked for before the first is looked at: they lie anywhere in a table larger than caches.
 */
static bool meets_one(const lode_samples *s, place_table *table, size_t from, size_t end) {
    size_t at[TOGETHER];
    for (size_t i = from; i < end; i++) {
        at[i - from] = hash_place(s->x[i], s->y[i]) & table->mask;
        __builtin_prefetch(&table->slots[at[i - from]], 1);
    }
    for (size_t i = from; i < end; i++) {
        size_t slot = at[i - from];
        for (; table->slots[slot]; slot = (slot + 1) & table->mask) {
            size_t other = table->slots[slot] - 1;
            if (s->x[other] == s->x[i] && s->y[other] == s->y[i])
                return true;
        }
        table->slots[slot] = (uint32_t)(i + 1);
    }
    return false;
}

/* Whether any two samples share a place: much faster than sorting, and mostly they do not. */
static lode_status any_shared(const lode_samples *samples, bool *shared) {
    size_t size = 1024;
    *shared = samples->n >= UINT32_MAX; /* too many for the table; sorting tells */
    if (*shared)
        return LODE_OK;
    while (size < 2 * samples->n)
        size *= 2;
    place_table table = {lode_alloc(size, sizeof *table.slots), size - 1};
    if (!table.slots)
        return lode_fail_memory();
    for (size_t from = 0; from < samples->n && !*shared; from += TOGETHER) {
        size_t left = samples->n - from;
        *shared = meets_one(samples, &table, from, from + (left < TOGETHER ? left : TOGETHER));
    }
    lode_free(table.slots);
    return LODE_OK;
}

static size_t same_place(const place *places, size_t from, size_t n) {
    size_t end = from + 1;
    while (end < n && places[end].x == places[from].x && places[end].y == places[from].y)
        end++;
    return end;
}

void lode_samples_keep(lode_samples *samples, const bool *keep, size_t *rows) {
    size_t n = 0;
    while (n < samples->n && keep[n])
        n++; /* in place already */
    for (size_t i = n; i < samples->n; i++) {
        if (!keep[i])
            continue;
        samples->x[n] = samples->x[i];
        samples->y[n] = samples->y[i];
        if (rows)
            rows[n] = rows[i];
        for (int a = 0; a < samples->count; a++) {
            samples->analytes[a].values[n] = samples->analytes[a].values[i];
            samples->analytes[a].marks[n] = samples->analytes[a].marks[i];
        }
        n++;
    }
    samples->n = n;
}

/* ---- Repeated reports ------------------------------------------------------------------------ */

static bool same_values(const lode_samples *samples, size_t i, size_t k) {
    int compared = 0;
    for (int a = 0; a < samples->count; a++) {
        const lode_analyte *analyte = &samples->analytes[a];
        if (analyte->marks[i] != analyte->marks[k])
            return false;
        if (analyte->marks[i] == LODE_MARK_MISSING)
            continue;
        if (analyte->values[i] != analyte->values[k])
            return false;
        compared++;
    }
    return compared > 0;
}

/* The column of few words in which repeated samples differ most often: the report's number. */
static int naming_column(const lode_table *table, const size_t *rows, const size_t *first,
                         const bool *keep, size_t n) {
    int best = -1;
    size_t most = 0;
    for (int c = 0; c < table->count; c++) {
        const lode_column *column = &table->columns[c];
        size_t differ = 0;
        if (!column->words || column->pool_count < 2)
            continue;
        for (size_t i = 0; i < n; i++)
            differ += !keep[i] && column->words[rows[i]] >= 0 &&
                      column->words[rows[first[i]]] >= 0 &&
                      column->words[rows[i]] != column->words[rows[first[i]]];
        if (differ > most) {
            most = differ;
            best = c;
        }
    }
    return best;
}

static void tell_pairs(const lode_column *column, const size_t *rows, const size_t *first,
                       const bool *keep, lode_samples *samples) {
    size_t told = 0;
    bool *done = lode_alloc(samples->n + 1, sizeof *done);
    for (size_t i = 0; done && i < samples->n && told < 8; i++) {
        if (keep[i] || done[i])
            continue;
        int32_t now = column->words[rows[i]], before = column->words[rows[first[i]]];
        size_t count = 0;
        for (size_t k = i; k < samples->n; k++) {
            if (keep[k] || column->words[rows[k]] != now || column->words[rows[first[k]]] != before)
                continue;
            done[k] = true;
            count++;
        }
        if (now < 0 || before < 0 || now == before)
            continue;
        lode_samples_warn(samples, "%s %s repeats %s: %zu samples are the same and left out.",
                          column->name, column->pool[now], column->pool[before], count);
        told++;
    }
    lode_free(done);
}

lode_status lode_drop_repeats(const lode_table *table, const size_t *rows, lode_samples *samples,
                              bool *keep) {
    bool shared;
    LODE_TRY(any_shared(samples, &shared));
    for (size_t i = 0; i < samples->n; i++)
        keep[i] = true;
    json_object_set_new(samples->report, "repeated", json_integer(0));
    if (!shared)
        return LODE_OK;
    place *places = sort_places(samples);
    size_t *first = lode_alloc(samples->n, sizeof *first), repeated = 0;
    if (!places || !first) {
        lode_free(places);
        lode_free(first);
        return lode_fail_memory();
    }
    for (size_t from = 0, end; from < samples->n; from = end) {
        end = same_place(places, from, samples->n);
        size_t reach = end - from > 200 ? from + 200 : end; /* a pile of points is no repetition */
        for (size_t i = from; i < reach; i++)
            for (size_t k = i + 1; k < reach && keep[places[i].index]; k++)
                if (keep[places[k].index] &&
                    same_values(samples, places[i].index, places[k].index)) {
                    keep[places[k].index] = false;
                    first[places[k].index] = places[i].index;
                    repeated++;
                }
    }
    json_object_set_new(samples->report, "repeated", json_integer((json_int_t)repeated));
    if (repeated > 0) {
        int naming = naming_column(table, rows, first, keep, samples->n);
        lode_samples_warn(samples,
                          "%zu samples repeat another one (same place, same values) and are "
                          "left out.",
                          repeated);
        if (naming >= 0)
            tell_pairs(&table->columns[naming], rows, first, keep, samples);
    }
    lode_free(places);
    lode_free(first);
    return LODE_OK;
}

/* ---- Several samples at one place ------------------------------------------------------------ */

static void average(lode_samples *samples, const place *places, size_t from, size_t end) {
    for (int a = 0; a < samples->count; a++) {
        lode_analyte *analyte = &samples->analytes[a];
        double sum = 0;
        size_t count = 0;
        for (size_t i = from; i < end; i++) {
            double value = analyte->values[places[i].index];
            if (isfinite(value)) {
                sum += value;
                count++;
            }
        }
        analyte->values[places[from].index] = count > 0 ? sum / (double)count : NAN;
        analyte->marks[places[from].index] = count > 0 ? LODE_MARK_VALUE : LODE_MARK_MISSING;
    }
}

lode_status lode_merge_places(lode_samples *samples, lode_duplicates how) {
    bool any;
    LODE_TRY(any_shared(samples, &any));
    json_object_set_new(samples->report, "shared_places", json_integer(0));
    if (!any)
        return LODE_OK;
    place *places = sort_places(samples);
    bool *keep = lode_alloc(samples->n + 1, sizeof *keep);
    size_t shared = 0, sites = 0;
    lode_status status = places && keep ? LODE_OK : lode_fail_memory();
    for (size_t from = 0, end; status == LODE_OK && from < samples->n; from = end) {
        end = same_place(places, from, samples->n);
        keep[places[from].index] = true;
        if (end - from == 1)
            continue;
        sites++;
        shared += end - from;
        if (how == LODE_DUPLICATES_ERROR)
            status =
                lode_fail(LODE_ERROR_DATA,
                          "%zu samples lie at one place (%.10g, %.10g). --duplicates average or "
                          "first says what to do with them.",
                          end - from, places[from].x, places[from].y);
        else if (how == LODE_DUPLICATES_AVERAGE)
            average(samples, places, from, end);
    }
    if (status == LODE_OK && sites > 0) {
        lode_samples_keep(samples, keep, NULL);
        lode_samples_warn(samples, "%zu samples share %zu places; %s.", shared, sites,
                          how == LODE_DUPLICATES_AVERAGE ? "their values are averaged"
                                                         : "the first of each is taken");
    }
    json_object_set_new(samples->report, "shared_places", json_integer((json_int_t)sites));
    lode_free(places);
    lode_free(keep);
    return status;
}

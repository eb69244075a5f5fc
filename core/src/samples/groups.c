#include "samples/groups.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "samples/understand.h"
#include "util/error.h"
#include "util/memory.h"

enum { SMALLEST_GROUP = 8, SMALLEST_TYPED = 3, MOST_GROUPS = 200 };

typedef struct group {
    int word;
    size_t count;  /* values, those below limits at half of it */
    double median; /* ppm */
} group;

typedef struct entry {
    int word;
    double value;
} entry;

static int by_word_and_value(const void *a, const void *b) {
    const entry *p = a, *q = b;
    if (p->word != q->word)
        return p->word < q->word ? -1 : 1;
    return (p->value > q->value) - (p->value < q->value);
}

static int by_median(const void *a, const void *b) {
    const group *p = a, *q = b;
    return (p->median > q->median) - (p->median < q->median);
}

/* Groups of one analyte in ascending order of median; *groups is new, small groups are left out. A
 * value below its limit counts as half of it, or not at all when only measured ones count. */
static lode_status find_groups(const lode_column *column, const size_t *rows,
                               const lode_analyte *analyte, size_t n, size_t smallest,
                               bool measured, group **groups, int *count) {
    entry *entries = lode_alloc(n + 1, sizeof *entries);
    group *found = lode_alloc((size_t)column->pool_count + 1, sizeof *found);
    if (!entries || !found) {
        lode_free(entries);
        lode_free(found);
        return lode_fail_memory();
    }
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        double value = analyte->values[i];
        if (analyte->marks[i] == LODE_MARK_BELOW)
            value *= 0.5;
        bool counts = analyte->marks[i] != LODE_MARK_BELOW || !measured;
        if (counts && isfinite(value) && value > 0 && column->words[rows[i]] >= 0)
            entries[used++] = (entry){column->words[rows[i]], value};
    }
    qsort(entries, used, sizeof *entries, by_word_and_value);
    *count = 0;
    for (size_t from = 0, end; from < used; from = end) {
        for (end = from; end < used && entries[end].word == entries[from].word;)
            end++;
        if (end - from >= smallest)
            found[(*count)++] =
                (group){entries[from].word, end - from, entries[from + (end - from) / 2].value};
    }
    qsort(found, (size_t)*count, sizeof *found, by_median);
    lode_free(entries);
    *groups = found;
    return LODE_OK;
}

static double middle(const group *groups, int count) {
    return 0.5 * (groups[(count - 1) / 2].median + groups[count / 2].median);
}

/* Columns of few different words that are no element: reports, laboratories, methods. */
static bool is_candidate(const lode_column *column, int index, const lode_samples *samples) {
    for (int a = 0; a < samples->count; a++)
        if (samples->analytes[a].column == index)
            return false;
    return column->words && column->pool_count >= 2 && column->pool_count <= MOST_GROUPS;
}

/* ---- Warnings -------------------------------------------------------------------------------- */

/* Share of the variance of log values that lies between the groups. */
static double share_between(const lode_column *column, const size_t *rows,
                            const lode_analyte *analyte, size_t n) {
    size_t words = (size_t)column->pool_count;
    double *sum = lode_alloc(2 * words + 1, sizeof *sum), *count = sum ? sum + words : NULL;
    double total = 0, squares = 0, all = 0, between = 0;
    for (size_t i = 0; sum && i < n; i++) {
        double value = analyte->values[i] * (analyte->marks[i] == LODE_MARK_BELOW ? 0.5 : 1);
        int32_t word = column->words[rows[i]];
        if (!(value > 0) || !isfinite(value) || word < 0)
            continue;
        double z = log(value);
        sum[word] += z;
        count[word]++;
        total += z;
        squares += z * z;
        all++;
    }
    for (size_t k = 0; sum && k < words; k++)
        if (count[k] > 0)
            between += sum[k] * sum[k] / count[k];
    lode_free(sum);
    double correction = all > 0 ? total * total / all : 0, variance = squares - correction;
    return variance > 0 ? (between - correction) / variance : 0;
}

/* A small group about a thousand times above or below all others, which agree among themselves. */
static void warn_of_typing(const lode_column *column, lode_analyte *analyte, const group *groups,
                           int count, lode_samples *samples) {
    double total = 0;
    for (int i = 0; i < count; i++)
        total += (double)groups[i].count;
    for (int i = 0; i < count && count >= 3; i += count - 1) {
        bool high = i > 0;
        const group *others = high ? groups : groups + 1;
        double usual = middle(others, count - 1), powers = fabs(log10(groups[i].median / usual));
        bool agree = others[count - 2].median < 100 * others[0].median;
        if (!agree || powers < 2.5 || powers > 3.6 || 5 * (double)groups[i].count > total)
            continue;
        const char *guess = high ? "ppb typed as ppm" : "ppm typed as ppb";
        lode_analyte_note(analyte, "%s? (%s)", guess, column->pool[groups[i].word]);
        lode_samples_warn(
            samples,
            "%s of %s %s (%zu samples): median %.4g ppm is %.3g times the %.4g ppm of "
            "the others; %s? Leave it out with --where, or correct the file.",
            analyte->name, column->name, column->pool[groups[i].word], groups[i].count,
            groups[i].median, groups[i].median / usual, usual, guess);
    }
}

/* Looks at one element in every candidate column until one shows a mistyped group. */
static lode_status check_typing(const lode_table *table, const size_t *rows, lode_analyte *analyte,
                                lode_samples *samples) {
    size_t before = json_array_size(samples->warnings);
    for (int i = 0; i < table->count && json_array_size(samples->warnings) == before; i++) {
        const lode_column *column = &table->columns[i];
        group *groups = NULL;
        int count = 0;
        if (!is_candidate(column, i, samples))
            continue;
        LODE_TRY(
            find_groups(column, rows, analyte, samples->n, SMALLEST_TYPED, true, &groups, &count));
        warn_of_typing(column, analyte, groups, count, samples);
        lode_free(groups);
    }
    return LODE_OK;
}

typedef struct finding {
    int column;
    double weight; /* sum of the shares between groups over the elements that split */
    int elements;
} finding;

static lode_status inspect_column(const lode_table *table, int index, const size_t *rows,
                                  lode_samples *samples, finding *found) {
    const lode_column *column = &table->columns[index];
    *found = (finding){index, 0, 0};
    for (int a = 0; a < samples->count; a++) {
        const lode_analyte *analyte = &samples->analytes[a];
        group *groups = NULL;
        int count = 0;
        if (!analyte->used || !analyte->is_element)
            continue;
        LODE_TRY(
            find_groups(column, rows, analyte, samples->n, SMALLEST_GROUP, false, &groups, &count));
        if (count >= 2 && groups[count - 1].median >= 10 * groups[0].median) {
            double share = share_between(column, rows, analyte, samples->n);
            if (share > 0.5) {
                found->weight += share;
                found->elements++;
            }
        }
        lode_free(groups);
    }
    return LODE_OK;
}

static lode_status tell_column(const lode_column *column, const size_t *rows, bool levelled,
                               lode_samples *samples) {
    char list[400] = "";
    int named = 0, elements = 0;
    for (int a = 0; a < samples->count; a++) {
        lode_analyte *analyte = &samples->analytes[a];
        group *groups = NULL;
        int count = 0;
        if (!analyte->used || !analyte->is_element)
            continue;
        LODE_TRY(
            find_groups(column, rows, analyte, samples->n, SMALLEST_GROUP, false, &groups, &count));
        bool splits = count >= 2 && groups[count - 1].median >= 10 * groups[0].median &&
                      share_between(column, rows, analyte, samples->n) > 0.5;
        if (splits) {
            const group *low = &groups[0], *high = &groups[count - 1];
            elements++;
            lode_analyte_note(analyte, "mixed: %.3g (%s) to %.3g (%s)", low->median,
                              column->pool[low->word], high->median, column->pool[high->word]);
            size_t used = strlen(list);
            if (named < 6)
                snprintf(list + used, sizeof list - used, "%s%s %.3g to %.3g", used ? ", " : "",
                         analyte->name, low->median, high->median);
            named++;
        }
        lode_free(groups);
    }
    if (elements > 0 && !levelled)
        lode_samples_warn(
            samples,
            "%s splits %d elements into populations (medians in ppm: %s%s): different "
            "digests or methods in one column, unless it is geology. Choose one with "
            "--where, or level them with --group %s.",
            column->name, elements, list, named > 6 ? " ..." : "", column->name);
    return LODE_OK;
}

lode_status lode_groups_inspect(const lode_table *table, const size_t *rows, const char *chosen,
                                lode_samples *samples) {
    finding best = {-1, 0, 0};
    for (int i = 0; i < table->count; i++) {
        const lode_column *column = &table->columns[i];
        bool analyte = false;
        for (int a = 0; a < samples->count; a++)
            analyte = analyte || samples->analytes[a].column == i;
        if (!column->words || column->pool_count < 2 || column->pool_count > MOST_GROUPS ||
            analyte || (chosen && strcmp(column->name, chosen) != 0))
            continue;
        finding found;
        LODE_TRY(inspect_column(table, i, rows, samples, &found));
        /* Rocks differ in a few elements; digests and methods differ in many. */
        bool many = 10 * found.elements >= lode_samples_used(samples);
        if ((many && found.weight > best.weight) || (chosen && best.column < 0))
            best = found;
    }
    if (best.column >= 0)
        LODE_TRY(tell_column(&table->columns[best.column], rows, chosen != NULL, samples));
    for (int a = 0; a < samples->count; a++)
        if (samples->analytes[a].used && samples->analytes[a].is_element)
            LODE_TRY(check_typing(table, rows, &samples->analytes[a], samples));
    return LODE_OK;
}

void lode_check_magnitudes(lode_samples *samples) {
    for (int a = 0; a < samples->count; a++) {
        lode_analyte *analyte = &samples->analytes[a];
        if (!analyte->used || !analyte->is_element || !(analyte->median > 0) ||
            analyte->unit_assumed)
            continue;
        double crust = lode_element_crust_ppm(analyte->element.element);
        double share =
            strcmp(analyte->name, analyte->element.symbol) == 0 ? analyte->element.mass_share : 1;
        double ratio = crust > 0 ? analyte->median * share / crust : 1;
        if (ratio > 300 || ratio < 1.0 / 3000) {
            lode_analyte_note(analyte, "%.2g x crust", ratio);
            if (ratio > 300)
                lode_samples_warn(samples,
                                  "%s: the median of %.4g ppm is %.3g times its share in the upper "
                                  "crust (%.4g ppm). Is the unit right (ppb typed as ppm)?",
                                  analyte->name, analyte->median, ratio, crust);
        }
    }
}

/* ---- Levelling ------------------------------------------------------------------------------- */

static lode_status level_one(const lode_column *column, const size_t *rows, lode_analyte *analyte,
                             size_t n, int *moved) {
    group *groups;
    int count;
    LODE_TRY(find_groups(column, rows, analyte, n, SMALLEST_GROUP, false, &groups, &count));
    double *factor = lode_alloc((size_t)column->pool_count + 1, sizeof *factor);
    if (!factor) {
        lode_free(groups);
        return lode_fail_memory();
    }
    double target = count > 0 ? middle(groups, count) : 1;
    for (int k = 0; k < column->pool_count; k++)
        factor[k] = 1;
    for (int k = 0; k < count; k++) {
        factor[groups[k].word] = target / groups[k].median;
        *moved += fabs(log(factor[groups[k].word])) > 1e-9;
    }
    for (size_t i = 0; i < n; i++)
        if (column->words[rows[i]] >= 0)
            analyte->values[i] *= factor[column->words[rows[i]]];
    lode_free(factor);
    lode_free(groups);
    return LODE_OK;
}

lode_status lode_groups_level(const lode_table *table, const size_t *rows, const char *name,
                              lode_samples *samples) {
    int index = lode_table_find(table, name), moved = 0, elements = 0;
    if (index < 0)
        return lode_fail(LODE_ERROR_USAGE, "--group: '%s' has no column '%s'.", table->path, name);
    const lode_column *column = &table->columns[index];
    if (!column->words)
        return lode_fail(LODE_ERROR_USAGE,
                         "--group: column '%s' has too many different values, or decimals, to be a "
                         "grouping.",
                         name);
    for (int a = 0; a < samples->count; a++) {
        lode_analyte *analyte = &samples->analytes[a];
        if (!analyte->used || !analyte->is_element)
            continue;
        LODE_TRY(level_one(column, rows, analyte, samples->n, &moved));
        LODE_TRY(lode_analyte_measure(analyte, samples->n));
        elements++;
    }
    lode_samples_warn(samples,
                      "%d elements levelled between %d groups of %s: true differences between the "
                      "groups' areas are removed along with differences of method.",
                      elements, column->pool_count, column->name);
    json_object_set_new(samples->report, "levelled_by", json_string(column->name));
    return LODE_OK;
}

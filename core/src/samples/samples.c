#include "samples/samples.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "samples/censor.h"
#include "samples/groups.h"
#include "samples/place.h"
#include "samples/repeats.h"
#include "samples/report.h"
#include "samples/understand.h"
#include "util/error.h"
#include "util/json.h"
#include "util/memory.h"

/* ---- Remarks --------------------------------------------------------------------------------- */

void lode_samples_warn(lode_samples *samples, const char *format, ...) {
    char text[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    lode_log(LODE_LOG_WARNING, "%s", text);
    json_array_append_new(samples->warnings, lode_json_text(text));
}

void lode_analyte_note(lode_analyte *analyte, const char *format, ...) {
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    char *longer = analyte->notes ? lode_format("%s; %s", analyte->notes, text) : lode_strdup(text);
    if (longer) {
        lode_free(analyte->notes);
        analyte->notes = longer;
    }
}

void lode_analyte_drop(lode_analyte *analyte, const char *format, ...) {
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    analyte->used = false;
    lode_free(analyte->reason);
    analyte->reason = lode_strdup(text);
}

int lode_samples_used(const lode_samples *samples) {
    int used = 0;
    for (int a = 0; a < samples->count; a++)
        used += samples->analytes[a].used;
    return used;
}

/* ---- Steps ----------------------------------------------------------------------------------- */

/* Rows of the table that have coordinates; their coordinates become the samples'. */
static lode_status take_places(const lode_table *table, lode_places_found *places,
                               lode_samples *samples, size_t **rows) {
    size_t *taken = lode_alloc(table->rows, sizeof *taken), n = 0;
    if (!taken)
        return lode_fail_memory();
    for (size_t i = 0; i < table->rows; i++) {
        if (!isfinite(places->x[i]) || !isfinite(places->y[i]))
            continue;
        places->x[n] = places->x[i];
        places->y[n] = places->y[i];
        taken[n++] = i;
    }
    if (n < table->rows)
        lode_samples_warn(samples, "%zu of %zu rows have no coordinates and are left out.",
                          table->rows - n, table->rows);
    json_object_set_new(samples->report, "rows", json_integer((json_int_t)table->rows));
    samples->x = places->x;
    samples->y = places->y;
    samples->n = n;
    places->x = places->y = NULL;
    *rows = taken;
    return LODE_OK;
}

static lode_status measure_all(lode_samples *samples) {
    for (int a = 0; a < samples->count; a++)
        LODE_TRY(lode_analyte_measure(&samples->analytes[a], samples->n));
    return LODE_OK;
}

static double share_censored(const lode_analyte *analyte) {
    size_t all = analyte->valid + analyte->below + analyte->above;
    return all > 0 ? (double)(analyte->below + analyte->spike) / (double)all : 0;
}

/* Says what stands for "below the limit", and drops what is hardly measured at all. */
static lode_status check_censoring(const lode_samples_options *options, lode_samples *samples) {
    int dropped = 0;
    for (int a = 0; a < samples->count; a++) {
        lode_analyte *analyte = &samples->analytes[a];
        if (!analyte->used || !analyte->is_element)
            continue;
        if (analyte->negative)
            lode_analyte_note(analyte, "%zu negative = -limit", analyte->negative);
        if (analyte->zero)
            lode_analyte_note(analyte, "%zu zero = below limit", analyte->zero);
        if (analyte->spike)
            lode_analyte_note(analyte, "%zu equal lowest values (%.4g)", analyte->spike,
                              analyte->lowest);
        if (analyte->above)
            lode_analyte_note(analyte, "%zu above limit, set to it", analyte->above);
        double share = share_censored(analyte);
        if (analyte->valid < 1)
            lode_analyte_drop(analyte, "all values are below limits");
        else if (share > options->max_censored)
            lode_analyte_drop(analyte, "%.0f %% below limits", 100 * share);
        else
            continue;
        dropped++;
    }
    if (dropped > 0)
        lode_samples_warn(samples,
                          "%d element%s left out because more than %.0f %% of their "
                          "values are below limits (--max-censored).",
                          dropped, dropped > 1 ? "s are" : " is", 100 * options->max_censored);
    if (lode_samples_used(samples) > 0)
        return LODE_OK;
    for (int a = 0; a < samples->count; a++)
        if (samples->analytes[a].reason && strcmp(samples->analytes[a].reason, "not in --elements"))
            return lode_fail(LODE_ERROR_DATA, "No element is left to grid; %s: %s.",
                             samples->analytes[a].name, samples->analytes[a].reason);
    return lode_fail(LODE_ERROR_DATA, "No element is left to grid.");
}

/* Samples without a single value, or that could not be transformed, are of no use. */
static lode_status drop_empty(lode_samples *samples, size_t *rows) {
    bool *keep = lode_alloc(samples->n + 1, sizeof *keep);
    size_t empty = 0, lost = 0;
    if (!keep)
        return lode_fail_memory();
    for (size_t i = 0; i < samples->n; i++) {
        bool any = false;
        for (int a = 0; a < samples->count && !any; a++)
            any = samples->analytes[a].used && samples->analytes[a].marks[i] != LODE_MARK_MISSING;
        bool placed = isfinite(samples->x[i]) && isfinite(samples->y[i]);
        keep[i] = any && placed;
        empty += placed && !any;
        lost += !placed;
    }
    lode_samples_keep(samples, keep, rows);
    lode_free(keep);
    if (empty > 0)
        lode_samples_warn(samples, "%zu samples have no value of any used element.", empty);
    if (lost > 0)
        lode_samples_warn(samples, "%zu samples lie outside the area of the CRS.", lost);
    return samples->n > 0 ? LODE_OK : lode_fail(LODE_ERROR_DATA, "No sample with a value is left.");
}

/* What the values are, before anything stands in for a value below a limit. */
static lode_status inspect(const lode_table *table, const lode_samples_options *options,
                           lode_samples *samples, size_t *rows) {
    bool *keep = lode_alloc(samples->n + 1, sizeof *keep);
    lode_status status = keep ? lode_drop_repeats(table, rows, samples, keep) : lode_fail_memory();
    if (status == LODE_OK)
        lode_samples_keep(samples, keep, rows);
    lode_free(keep);
    LODE_TRY(status);
    LODE_TRY(measure_all(samples));
    lode_choose_twins(table, samples);
    LODE_TRY(check_censoring(options, samples));
    LODE_TRY(lode_groups_inspect(table, rows, options->group, samples));
    lode_check_magnitudes(samples);
    return LODE_OK;
}

static lode_status clean(const lode_table *table, const lode_samples_options *options,
                         lode_samples *samples) {
    lode_places_found places;
    size_t *rows = NULL;
    LODE_TRY(lode_places_find(table, options, samples, &places));
    lode_status status = take_places(table, &places, samples, &rows);
    if (status == LODE_OK)
        status = lode_understand(table, options, &places, rows, samples->n, samples);
    if (status == LODE_OK)
        status = inspect(table, options, samples, rows);
    if (status == LODE_OK)
        status = lode_places_project(options, places.crs, samples->x, samples->y, samples->n,
                                     samples, &samples->crs);
    if (status == LODE_OK)
        status = drop_empty(samples, rows);
    if (status == LODE_OK)
        status = lode_samples_tell(table, samples);
    if (status == LODE_OK && options->group)
        status = lode_groups_level(table, rows, options->group, samples);
    if (status == LODE_OK)
        status = lode_censor_replace(samples, options->censored);
    if (status == LODE_OK)
        status = lode_merge_places(samples, options->duplicates);
    lode_places_found_free(&places);
    lode_free(rows);
    if (status == LODE_OK)
        json_object_set_new(samples->report, "samples", json_integer((json_int_t)samples->n));
    return status;
}

lode_status lode_samples_read(const lode_samples_options *options, const lode_progress *progress,
                              lode_samples **samples) {
    lode_table *table;
    LODE_TRY(lode_table_read(options->source, options->layer, options->where, progress, &table));
    lode_samples *made = lode_alloc(1, sizeof *made);
    lode_status status = LODE_OK;
    if (made) {
        made->report = json_object();
        made->warnings = json_array();
    }
    if (!made || !made->report || !made->warnings ||
        json_object_set(made->report, "warnings", made->warnings) != 0)
        status = lode_fail_memory();
    if (status == LODE_OK)
        status = clean(table, options, made);
    lode_table_free(table);
    if (status != LODE_OK) {
        lode_samples_free(made);
        return status;
    }
    *samples = made;
    return LODE_OK;
}

void lode_samples_free(lode_samples *samples) {
    if (!samples)
        return;
    for (int a = 0; a < samples->count; a++) {
        lode_analyte *analyte = &samples->analytes[a];
        lode_free(analyte->name);
        lode_free(analyte->reason);
        lode_free(analyte->notes);
        lode_free(analyte->values);
        lode_free(analyte->marks);
    }
    lode_free(samples->analytes);
    lode_free(samples->x);
    lode_free(samples->y);
    lode_free(samples->crs);
    json_decref(samples->warnings);
    json_decref(samples->report);
    lode_free(samples);
}

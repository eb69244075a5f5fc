#include "samples/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "util/error.h"

static void set_number(json_t *object, const char *key, double value) {
    if (isfinite(value))
        json_object_set_new(object, key, json_real(value));
}

static void set_count(json_t *object, const char *key, size_t value) {
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

static double censored_share(const lode_analyte *a) {
    size_t all = a->valid + a->below + a->above;
    return all > 0 ? (double)(a->below + a->spike) / (double)all : 0;
}

static const char *reason(const lode_analyte *a) {
    return a->reason ? a->reason : "";
}

static json_t *describe(const lode_table *table, const lode_analyte *a) {
    json_t *item = json_object();
    const char *unit = a->is_element ? lode_unit_name(a->element.unit) : "";
    json_object_set_new(item, "column", json_string(table->columns[a->column].name));
    json_object_set_new(item, "name", json_string(a->name));
    json_object_set_new(item, "element", json_string(a->is_element ? a->element.element : ""));
    json_object_set_new(item, "unit", json_string(unit));
    json_object_set_new(item, "unit_assumed", json_boolean(a->unit_assumed));
    json_object_set_new(item, "method", json_string(a->is_element ? a->element.method : ""));
    set_number(item, "factor", a->factor);
    json_object_set_new(item, "used", json_boolean(a->used));
    json_object_set_new(item, "reason", json_string(reason(a)));
    json_object_set_new(item, "notes", json_string(a->notes ? a->notes : ""));
    set_count(item, "values", a->valid);
    set_count(item, "below", a->below);
    set_count(item, "above", a->above);
    set_count(item, "missing", a->missing);
    set_count(item, "codes", a->codes);
    set_count(item, "negative", a->negative);
    set_count(item, "zero", a->zero);
    set_count(item, "spike", a->spike);
    set_number(item, "censored", censored_share(a));
    set_number(item, "median", a->median);
    set_number(item, "minimum", a->lowest);
    set_number(item, "maximum", a->highest);
    set_number(item, "limit_low", a->limit_low);
    set_number(item, "limit_high", a->limit_high);
    return item;
}

static void tell_used(const lode_table *table, const lode_analyte *a) {
    const char *unit = !a->is_element                      ? ""
                       : a->element.unit == LODE_UNIT_NONE ? "?"
                                                           : lode_unit_name(a->element.unit);
    char limits[48] = "";
    if (isfinite(a->limit_low))
        snprintf(limits, sizeof limits, a->limit_low < a->limit_high ? "%.3g..%.3g" : "%.3g",
                 a->limit_low, a->limit_high);
    lode_log(LODE_LOG_INFO, "%-22.40s %-6s %-4s %7zu %7zu %7.1f %10.4g %14s  %s",
             table->columns[a->column].name, a->name, unit, a->valid, a->missing,
             100 * censored_share(a), a->median, limits, a->notes ? a->notes : "");
}

/* Unused columns by reason, several on one line. */
static void tell_unused(const lode_table *table, const lode_samples *samples) {
    for (int i = 0; i < samples->count; i++) {
        const lode_analyte *a = &samples->analytes[i];
        if (a->used)
            continue;
        bool told = false;
        for (int k = 0; k < i; k++)
            told = told || (!samples->analytes[k].used &&
                            strcmp(reason(&samples->analytes[k]), reason(a)) == 0);
        if (told)
            continue;
        char line[2048] = "";
        int count = 0;
        for (int k = i; k < samples->count; k++) {
            const lode_analyte *b = &samples->analytes[k];
            if (b->used || strcmp(reason(b), reason(a)) != 0)
                continue;
            size_t used = strlen(line);
            snprintf(line + used, sizeof line - used, "%s%s", count++ ? ", " : "",
                     table->columns[b->column].name);
        }
        lode_log(LODE_LOG_INFO, "Not used, %s: %s.", reason(a), line);
    }
}

lode_status lode_samples_tell(const lode_table *table, lode_samples *samples) {
    json_t *columns = json_array();
    lode_log(LODE_LOG_INFO, "%zu samples in '%s' (layer %s), %d elements used of %d columns found.",
             samples->n, table->path, table->layer, lode_samples_used(samples), samples->count);
    lode_log(LODE_LOG_INFO, "%-22s %-6s %-4s %7s %7s %7s %10s %14s  %s", "column", "name", "unit",
             "values", "missing", "below %", "median ppm", "limits ppm", "notes");
    for (int i = 0; i < samples->count; i++) {
        json_array_append_new(columns, describe(table, &samples->analytes[i]));
        if (samples->analytes[i].used)
            tell_used(table, &samples->analytes[i]);
    }
    tell_unused(table, samples);
    if (json_object_set_new(samples->report, "columns", columns) != 0)
        return lode_fail_memory();
    return LODE_OK;
}

#include "samples/understand.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/select.h"

enum { MISSING_MAX = 32, MAPPING_LIMIT = 4 << 20 };

typedef struct understanding {
    const lode_table *table;
    const lode_samples_options *options;
    lode_samples *samples;
    const size_t *rows;
    json_t *mapping; /* NULL without a file */
    double missing[MISSING_MAX];
    int missing_count;
} understanding;

/* ---- The mapping file ------------------------------------------------------------------------ */

static lode_status read_mapping(understanding *u) {
    char *text;
    size_t size;
    json_error_t error;
    LODE_TRY(lode_file_read(u->options->mapping, MAPPING_LIMIT, &text, &size));
    u->mapping = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    lode_free(text);
    if (!u->mapping)
        return lode_fail(LODE_ERROR_DATA, "--mapping: '%s' is not JSON: %s in line %d.",
                         u->options->mapping, error.text, error.line);
    const char *key;
    json_t *value;
    if (!json_is_object(u->mapping))
        return lode_fail(LODE_ERROR_DATA,
                         "--mapping: '%s' must hold an object {\"columns\": {...}}.",
                         u->options->mapping);
    json_object_foreach(u->mapping, key, value) {
        if (strcmp(key, "columns") != 0 && strcmp(key, "missing") != 0)
            return lode_fail(LODE_ERROR_DATA,
                             "--mapping: '%s' has an unknown key '%s' (known: columns, missing).",
                             u->options->mapping, key);
    }
    json_object_foreach(json_object_get(u->mapping, "columns"), key, value) {
        if (lode_table_find(u->table, key) < 0)
            return lode_fail(LODE_ERROR_DATA, "--mapping: the table has no column '%s'.", key);
        if (!json_is_object(value) && !json_is_null(value))
            return lode_fail(
                LODE_ERROR_DATA,
                "--mapping: column '%s' needs {\"element\": ..., \"unit\": ...}, or null "
                "to leave it out.",
                key);
    }
    return LODE_OK;
}

static void add_missing(understanding *u, double value) {
    if (u->missing_count < MISSING_MAX)
        u->missing[u->missing_count++] = value;
}

static lode_status read_missing(understanding *u) {
    const char *at = u->options->missing;
    while (at && *at) {
        char *end;
        double value = strtod(at, &end);
        if (end == at)
            return lode_fail(LODE_ERROR_USAGE, "--missing: '%s' is not a number.", at);
        add_missing(u, value);
        at = end + strspn(end, ", ");
    }
    json_t *list = json_object_get(u->mapping, "missing"), *value;
    size_t i;
    json_array_foreach(list, i, value) {
        if (!json_is_number(value))
            return lode_fail(LODE_ERROR_DATA, "--mapping: \"missing\" must list numbers.");
        add_missing(u, json_number_value(value));
    }
    return LODE_OK;
}

/* What the mapping says of one column: true when it says anything. */
static lode_status apply_mapping(const understanding *u, const char *column, lode_analyte *analyte,
                                 bool *mapped, bool *left_out) {
    json_t *entry = json_object_get(json_object_get(u->mapping, "columns"), column);
    *mapped = entry != NULL;
    *left_out = entry && json_is_null(entry);
    if (!entry || *left_out)
        return LODE_OK;
    const char *element = json_string_value(json_object_get(entry, "element"));
    const char *unit = json_string_value(json_object_get(entry, "unit"));
    if (element && !lode_element_symbol(element, &analyte->element))
        return lode_fail(LODE_ERROR_DATA, "--mapping: '%s' of column '%s' is no element or oxide.",
                         element, column);
    if (!element && !lode_element_parse(column, &analyte->element))
        return lode_fail(LODE_ERROR_DATA, "--mapping: column '%s' needs an \"element\".", column);
    if (unit && !lode_unit_parse(unit, &analyte->element.unit))
        return lode_fail(LODE_ERROR_DATA,
                         "--mapping: '%s' of column '%s' is no unit (%%, ppm, ppb, ppt).", unit,
                         column);
    analyte->element.to_ppm = lode_unit_to_ppm(analyte->element.unit);
    return LODE_OK;
}

/* ---- Choosing columns ------------------------------------------------------------------------ */

/* True when an item of --elements means this analyte: column, band name, symbol or element. */
static bool means(const char *item, size_t length, const char *column,
                  const lode_analyte *analyte) {
    const char *const names[] = {column, analyte->name ? analyte->name : "",
                                 analyte->is_element ? analyte->element.symbol : "",
                                 analyte->is_element ? analyte->element.element : ""};
    for (int i = 0; i < 4; i++)
        if (names[i][0] && strlen(names[i]) == length && strncasecmp(names[i], item, length) == 0)
            return true;
    return false;
}

static bool asked_for(const understanding *u, const char *column, const lode_analyte *analyte) {
    const char *at = u->options->elements;
    if (!at)
        return analyte->is_element;
    while (*at) {
        size_t n = strcspn(at, ",");
        if (means(at, n, column, analyte))
            return true;
        at += n + (at[n] == ',');
    }
    return false;
}

static lode_status check_asked(const understanding *u) {
    const char *at = u->options->elements;
    while (at && *at) {
        size_t n = strcspn(at, ",");
        bool met = n == 0;
        for (int i = 0; i < u->samples->count && !met; i++) {
            const lode_analyte *a = &u->samples->analytes[i];
            met = means(at, n, u->table->columns[a->column].name, a);
        }
        if (!met)
            return lode_fail(LODE_ERROR_USAGE,
                             "--elements: '%.*s' is neither a column of '%s' nor an element "
                             "recognised in it. 'lode grid --dry-run' lists what is.",
                             (int)n, at, u->table->path);
        at += n + (at[n] == ',');
    }
    return LODE_OK;
}

/* ---- Filling values -------------------------------------------------------------------------- */

static bool is_missing(const understanding *u, double value) {
    for (int i = 0; i < u->missing_count; i++)
        if (value == u->missing[i])
            return true;
    return lode_is_missing_code(value);
}

/* Below-limit signs: '<' already marked, a negative number is minus the limit, 0 has none. */
static void take_cell(const understanding *u, lode_analyte *analyte, size_t i, size_t row) {
    const lode_column *column = &u->table->columns[analyte->column];
    double value = column->values[row];
    lode_mark mark = (lode_mark)column->marks[row];
    if (mark == LODE_MARK_TEXT)
        mark = LODE_MARK_MISSING;
    if (mark == LODE_MARK_VALUE && is_missing(u, value)) {
        mark = LODE_MARK_MISSING;
        analyte->codes++;
    } else if (mark == LODE_MARK_VALUE && analyte->is_element && value <= 0) {
        mark = LODE_MARK_BELOW;
        analyte->negative += value < 0;
        analyte->zero += value == 0;
        value = -value;
    }
    analyte->marks[i] = (unsigned char)mark;
    analyte->values[i] = mark == LODE_MARK_MISSING ? NAN : value * analyte->factor;
}

/* A tenth of the values at the very bottom, and a gap above it: a substituted limit. Steps of
 * rounding look alike, so the gap must be wider than the value's own steps. */
static size_t count_spike(const lode_analyte *analyte, const double *values, size_t count) {
    double lowest = analyte->lowest, next = INFINITY;
    size_t equal = 0;
    for (size_t i = 0; i < count; i++) {
        equal += values[i] == lowest;
        next = values[i] > lowest && values[i] < next ? values[i] : next;
    }
    bool gap = equal < count && next >= 1.2 * lowest;
    return equal >= 10 && 10 * equal >= count && gap && analyte->is_element ? equal : 0;
}

static void summarise(lode_analyte *analyte, double *values, size_t count) {
    analyte->lowest = analyte->highest = values[0];
    for (size_t i = 1; i < count; i++) {
        analyte->lowest = values[i] < analyte->lowest ? values[i] : analyte->lowest;
        analyte->highest = values[i] > analyte->highest ? values[i] : analyte->highest;
    }
    analyte->spike = count_spike(analyte, values, count);
    analyte->median = lode_median_double(values, count);
}

lode_status lode_analyte_measure(lode_analyte *analyte, size_t n) {
    double *values = lode_alloc(n + 1, sizeof *values);
    if (!values)
        return lode_fail_memory();
    size_t count = 0;
    analyte->below = analyte->above = analyte->missing = 0;
    analyte->limit_low = analyte->limit_high = NAN;
    for (size_t i = 0; i < n; i++) {
        double value = analyte->values[i];
        switch (analyte->marks[i]) {
        case LODE_MARK_VALUE:
            values[count++] = value;
            break;
        case LODE_MARK_BELOW:
            analyte->below++;
            if (value > 0) {
                analyte->limit_low = fmin(analyte->limit_low, value);
                analyte->limit_high = fmax(analyte->limit_high, value);
            }
            break;
        case LODE_MARK_ABOVE:
            analyte->above++;
            break;
        default:
            analyte->missing++;
        }
    }
    analyte->valid = count;
    analyte->lowest = analyte->highest = analyte->median = NAN;
    analyte->spike = 0;
    if (count > 0)
        summarise(analyte, values, count);
    lode_free(values);
    return LODE_OK;
}

/* Oxides without a unit are per cent, unless that cannot be; other elements keep their numbers. */
static void settle_unit(const understanding *u, lode_analyte *analyte) {
    lode_element_name *e = &analyte->element;
    bool oxide = strcmp(e->symbol, e->element) != 0;
    analyte->factor = 1;
    if (!analyte->is_element)
        return;
    if (e->unit == LODE_UNIT_NONE && oxide) {
        e->unit = LODE_UNIT_PERCENT;
        e->to_ppm = lode_unit_to_ppm(e->unit);
        analyte->unit_assumed = true;
        lode_analyte_note(analyte, "per cent assumed");
    } else if (e->unit == LODE_UNIT_NONE) {
        analyte->unit_assumed = true;
        lode_analyte_note(analyte, "unit not stated, numbers kept");
    }
    analyte->factor = e->to_ppm;
    if (oxide && u->options->oxides_as_elements) {
        analyte->factor *= e->mass_share;
        lode_analyte_note(analyte, "%s x %.4f", e->symbol, e->mass_share);
    }
}

static lode_status fill(const understanding *u, lode_analyte *analyte, size_t n) {
    const lode_column *column = &u->table->columns[analyte->column];
    analyte->values = lode_alloc(n, sizeof *analyte->values);
    analyte->marks = lode_alloc(n, 1);
    if (!analyte->values || !analyte->marks)
        return lode_fail_memory();
    settle_unit(u, analyte);
    for (size_t i = 0; i < n; i++)
        take_cell(u, analyte, i, u->rows[i]);
    LODE_TRY(lode_analyte_measure(analyte, n));
    if (column->texts > column->numbers)
        lode_analyte_drop(analyte, "holds text");
    else if (analyte->valid + analyte->below + analyte->above == 0)
        lode_analyte_drop(analyte, analyte->codes ? "only missing codes" : "no values");
    else if (column->texts > 0)
        lode_analyte_note(analyte, "%zu cells are text, taken as missing", column->texts);
    return LODE_OK;
}

/* ---- All columns ----------------------------------------------------------------------------- */

static lode_status take_column(understanding *u, int index, const lode_element_name *read,
                               bool recognised, size_t n) {
    const char *column = u->table->columns[index].name;
    lode_analyte found = {
        .column = index, .element = *read, .is_element = recognised, .used = true};
    bool mapped, left_out;
    LODE_TRY(apply_mapping(u, column, &found, &mapped, &left_out));
    found.is_element = (recognised || mapped) && !left_out;
    found.name = lode_strdup(!found.is_element                ? column
                             : u->options->oxides_as_elements ? found.element.element
                                                              : found.element.symbol);
    if (!found.name)
        return lode_fail_memory();
    bool wanted = asked_for(u, column, &found);
    if (!wanted && !found.is_element) {
        lode_free(found.name);
        return LODE_OK;
    }
    lode_analyte *analyte = &u->samples->analytes[u->samples->count++];
    *analyte = found;
    if (!wanted)
        lode_analyte_drop(analyte, "not in --elements");
    return fill(u, analyte, n);
}

static lode_status take_columns(understanding *u, const lode_places_found *places, size_t n) {
    size_t count = (size_t)u->table->count + 1;
    const char **names = lode_alloc(count, sizeof *names);
    lode_element_name *read = lode_alloc(count, sizeof *read);
    bool *found = lode_alloc(count, sizeof *found);
    u->samples->analytes = lode_alloc(count, sizeof *u->samples->analytes);
    lode_status status =
        names && read && found && u->samples->analytes ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK) {
        for (int i = 0; i < u->table->count; i++)
            names[i] = u->table->columns[i].name;
        lode_element_recognise(names, u->table->count, read, found);
    }
    for (int i = 0; i < u->table->count && status == LODE_OK; i++)
        if (i != places->column_x && i != places->column_y)
            status = take_column(u, i, &read[i], found[i], n);
    lode_free(names);
    lode_free(read);
    lode_free(found);
    return status;
}

lode_status lode_understand(const lode_table *table, const lode_samples_options *options,
                            const lode_places_found *places, const size_t *rows, size_t n,
                            lode_samples *samples) {
    understanding u = {.table = table, .options = options, .samples = samples, .rows = rows};
    lode_status status = options->mapping ? read_mapping(&u) : LODE_OK;
    if (status == LODE_OK)
        status = read_missing(&u);
    if (status == LODE_OK)
        status = take_columns(&u, places, n);
    if (status == LODE_OK)
        status = check_asked(&u);
    json_decref(u.mapping);
    if (status != LODE_OK)
        return status;
    if (samples->count == 0) {
        size_t numeric = 0;
        for (int i = 0; i < table->count; i++)
            numeric += table->columns[i].numbers > table->columns[i].texts &&
                       i != places->column_x && i != places->column_y;
        if (numeric == 0)
            return lode_fail(LODE_ERROR_DATA, "'%s' has no numeric column besides coordinates.",
                             table->path);
        return lode_fail(
            LODE_ERROR_DATA,
            "No column of '%s' is recognised as an element in a known unit (Au_ppb, "
            "SiO2_pct, Cu ...). Name columns with --elements, or say what they are in a "
            "--mapping file.",
            table->path);
    }
    return LODE_OK;
}

/* ---- Twins ----------------------------------------------------------------------------------- */

static size_t analysed(const lode_analyte *a) {
    return a->valid + a->below + a->above;
}

static bool is_oxide(const lode_analyte *a) {
    return strcmp(a->element.symbol, a->element.element) != 0;
}

/* True when a, the later column, is to be used instead of b; why says what decided. */
static bool better(const lode_analyte *a, const lode_analyte *b, const char **why) {
    if (analysed(a) != analysed(b)) {
        *why = "was analysed in more samples";
        return analysed(a) > analysed(b);
    }
    if (a->valid != b->valid) {
        *why = "has more values above limits";
        return a->valid > b->valid;
    }
    if (is_oxide(a) != is_oxide(b)) {
        *why = "is the element itself";
        return is_oxide(b);
    }
    *why = "comes first";
    return false;
}

void lode_choose_twins(const lode_table *table, lode_samples *samples) {
    for (int i = 0; i < samples->count; i++) {
        lode_analyte *a = &samples->analytes[i];
        for (int k = 0; k < i && a->used && a->is_element; k++) {
            lode_analyte *b = &samples->analytes[k];
            if (!b->used || !b->is_element || strcmp(a->element.element, b->element.element) != 0)
                continue;
            const char *why;
            lode_analyte *keep = better(a, b, &why) ? a : b, *drop = keep == a ? b : a;
            lode_analyte_note(keep, "twin of %s", table->columns[drop->column].name);
            lode_analyte_drop(drop, "twin of %s, which %s", table->columns[keep->column].name, why);
        }
    }
}

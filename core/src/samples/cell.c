#include "samples/cell.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LONGEST = 64 };

static bool in_list(const char *text, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(text, list[i]) == 0)
            return true;
    return false;
}

static bool means_missing(const char *text) {
    static const char *const words[] = {"",     "-",    "--",      "---",     ".",       "*",
                                        "?",    "na",   "n/a",     "n.a",     "n.a.",    "nan",
                                        "null", "none", "nil",     "ns",      "n/s",     "is",
                                        "i.s.", "lnr",  "nr",      "missing", "no data", "nodata",
                                        "n/r",  "#n/a", "#value!", "-1.#ind", "inf",     "-inf"};
    return in_list(text, words, sizeof words / sizeof words[0]);
}

static bool means_below(const char *text) {
    static const char *const words[] = {"bdl",  "b.d.l.", "bd",   "b.d.", "nd",    "n.d.", "n.d",
                                        "n/d",  "<dl",    "< dl", "<d",   "<ld",   "<lod", "<mdl",
                                        "<bld", "<rl",    "blod", "bql",  "trace", "tr",   "tr."};
    return in_list(text, words, sizeof words / sizeof words[0]);
}

/* Copies without surrounding blanks and quotes; false when it does not fit a number or code. */
static bool trim(const char *text, char out[LONGEST]) {
    while (isspace((unsigned char)*text) || *text == '"')
        text++;
    size_t length = strlen(text);
    while (length > 0 && (isspace((unsigned char)text[length - 1]) || text[length - 1] == '"'))
        length--;
    if (length >= LONGEST)
        return false;
    memcpy(out, text, length);
    out[length] = '\0';
    return true;
}

static void remove_all(char *text, char unwanted) {
    char *out = text;
    for (const char *in = text; *in; in++)
        if (*in != unwanted)
            *out++ = *in;
    *out = '\0';
}

/* The last of comma and point is the decimal sign, the other divides thousands; several commas and
 * no point divide thousands too. */
static void read_comma(char *text, lode_cell *cell) {
    char *comma = strrchr(text, ','), *point = strrchr(text, '.');
    bool several = comma && strchr(text, ',') != comma;
    if (!comma || (point && point > comma) || several) {
        cell->point = point != NULL;
        remove_all(text, ',');
        return;
    }
    remove_all(text, '.');
    *strchr(text, ',') = '.';
    cell->comma = true;
}

static bool read_number(const char *text, double *value) {
    char *end;
    *value = strtod(text, &end);
    while (isspace((unsigned char)*end))
        end++;
    return end != text && *end == '\0' && isfinite(*value) && !strpbrk(text, "xX");
}

lode_cell lode_cell_parse(const char *text) {
    lode_cell cell = {LODE_MARK_TEXT, NAN, false, false};
    char word[LONGEST];
    if (!trim(text, word))
        return cell;
    if (means_missing(word)) {
        cell.mark = LODE_MARK_MISSING;
        return cell;
    }
    if (means_below(word)) {
        cell.mark = LODE_MARK_BELOW;
        cell.value = 0;
        return cell;
    }
    lode_mark mark = word[0] == '<'   ? LODE_MARK_BELOW
                     : word[0] == '>' ? LODE_MARK_ABOVE
                                      : LODE_MARK_VALUE;
    char *number = word;
    if (mark != LODE_MARK_VALUE)
        number += 1 + (number[1] == '=');
    while (isspace((unsigned char)*number))
        number++;
    read_comma(number, &cell);
    if (!read_number(number, &cell.value)) {
        cell.value = NAN;
        return cell;
    }
    cell.mark = mark;
    if (mark != LODE_MARK_VALUE)
        cell.value = fabs(cell.value);
    return cell;
}

bool lode_is_missing_code(double value) {
    static const double codes[] = {-99,      -999,   -9999,        -99999,   -999999,
                                   -9999999, -99.99, -999.99,      -9999.99, -999.25,
                                   -1e30,    -32768, -2147483648.0};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (value == codes[i])
            return true;
    return fabs(value) > 1e29;
}

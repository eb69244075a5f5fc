#include "geochem/element.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- The elements that laboratories report --------------------------------------------------- */

typedef struct element {
    const char *symbol;
    double mass;  /* standard atomic weight, IUPAC 2021 (abridged) */
    double crust; /* ppm in the upper continental crust, Rudnick and Gao (2014), table 3 */
} element;

static const element elements[] = {
    {"Ag", 107.87, 0.053},    {"Al", 26.982, 81500},    {"As", 74.922, 4.8},
    {"Au", 196.97, 0.0015},   {"B", 10.81, 17},         {"Ba", 137.33, 628},
    {"Be", 9.0122, 2.1},      {"Bi", 208.98, 0.16},     {"Br", 79.904, 1.6},
    {"C", 12.011, 0},         {"Ca", 40.078, 25700},    {"Cd", 112.41, 0.09},
    {"Ce", 140.12, 63},       {"Cl", 35.45, 370},       {"Co", 58.933, 17.3},
    {"Cr", 51.996, 92},       {"Cs", 132.91, 4.9},      {"Cu", 63.546, 28},
    {"Dy", 162.50, 3.9},      {"Er", 167.26, 2.3},      {"Eu", 151.96, 1.0},
    {"F", 18.998, 557},       {"Fe", 55.845, 39200},    {"Ga", 69.723, 17.5},
    {"Gd", 157.25, 4.0},      {"Ge", 72.630, 1.4},      {"Hf", 178.49, 5.3},
    {"Hg", 200.59, 0.05},     {"Ho", 164.93, 0.83},     {"I", 126.90, 1.4},
    {"In", 114.82, 0.056},    {"Ir", 192.22, 0.000022}, {"K", 39.098, 23200},
    {"La", 138.91, 31},       {"Li", 6.94, 24},         {"Lu", 174.97, 0.31},
    {"Mg", 24.305, 15000},    {"Mn", 54.938, 774},      {"Mo", 95.95, 1.1},
    {"N", 14.007, 83},        {"Na", 22.990, 24300},    {"Nb", 92.906, 12},
    {"Nd", 144.24, 27},       {"Ni", 58.693, 47},       {"Os", 190.23, 0.000031},
    {"P", 30.974, 655},       {"Pb", 207.2, 17},        {"Pd", 106.42, 0.00052},
    {"Pr", 140.91, 7.1},      {"Pt", 195.08, 0.0005},   {"Rb", 85.468, 82},
    {"Re", 186.21, 0.000198}, {"Rh", 102.91, 0},        {"Ru", 101.07, 0.00034},
    {"S", 32.06, 621},        {"Sb", 121.76, 0.4},      {"Sc", 44.956, 14},
    {"Se", 78.971, 0.09},     {"Si", 28.085, 311000},   {"Sm", 150.36, 4.7},
    {"Sn", 118.71, 2.1},      {"Sr", 87.62, 320},       {"Ta", 180.95, 0.9},
    {"Tb", 158.93, 0.7},      {"Te", 127.60, 0},        {"Th", 232.04, 10.5},
    {"Ti", 47.867, 3840},     {"Tl", 204.38, 0.9},      {"Tm", 168.93, 0.3},
    {"U", 238.03, 2.7},       {"V", 50.942, 97},        {"W", 183.84, 1.9},
    {"Y", 88.906, 21},        {"Yb", 173.05, 2.0},      {"Zn", 65.38, 67},
    {"Zr", 91.224, 193},
};

/* Oxides as reported; anything else that looks like one (NO, CO, PO4) is not an oxide of rock. */
static const char *const oxides[] = {
    "SiO2",  "TiO2",  "Al2O3", "Fe2O3", "FeO",   "Fe3O4",  "MnO",   "MnO2",  "Mn3O4",
    "MgO",   "CaO",   "Na2O",  "K2O",   "P2O5",  "SO3",    "SO2",   "CO2",   "Cr2O3",
    "V2O5",  "V2O3",  "BaO",   "SrO",   "ZrO2",  "HfO2",   "NiO",   "CoO",   "CuO",
    "ZnO",   "PbO",   "CdO",   "ThO2",  "UO2",   "U3O8",   "Nb2O5", "Ta2O5", "WO3",
    "MoO3",  "SnO2",  "Sb2O3", "Sb2O5", "As2O3", "As2O5",  "Bi2O3", "TeO2",  "SeO2",
    "Li2O",  "Rb2O",  "Cs2O",  "BeO",   "B2O3",  "Ga2O3",  "GeO2",  "In2O3", "Sc2O3",
    "Y2O3",  "La2O3", "CeO2",  "Ce2O3", "Pr2O3", "Pr6O11", "Nd2O3", "Sm2O3", "Eu2O3",
    "Gd2O3", "Tb2O3", "Tb4O7", "Dy2O3", "Ho2O3", "Er2O3",  "Tm2O3", "Yb2O3", "Lu2O3",
};

/* Totals whose name is neither symbol nor formula. */
static const struct {
    const char *name, *symbol;
} aliases[] = {{"TC", "C"},           {"TOC", "C"},    {"Corg", "C"},       {"TS", "S"},
               {"TFe", "Fe"},         {"FeT", "Fe"},   {"TFe2O3", "Fe2O3"}, {"Fe2O3T", "Fe2O3"},
               {"Fe2O3tot", "Fe2O3"}, {"TFeO", "FeO"}, {"FeOT", "FeO"},     {"FeOtot", "FeO"}};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define OXYGEN 15.999

static const element *find_element(const char *text) {
    for (size_t i = 0; i < COUNT(elements); i++)
        if (strcasecmp(elements[i].symbol, text) == 0)
            return &elements[i];
    return NULL;
}

/* "Al2O3" -> element Al and the mass share of Al in it. */
static void read_oxide(const char *formula, lode_element_name *out) {
    int length = islower((unsigned char)formula[1]) ? 2 : 1, atoms = 1, oxygens = 1, used = 0;
    snprintf(out->symbol, sizeof out->symbol, "%s", formula);
    snprintf(out->element, sizeof out->element, "%.*s", length, formula);
    const char *rest = formula + length;
    if (sscanf(rest, "%d%n", &atoms, &used) == 1)
        rest += used;
    else
        atoms = 1;
    if (sscanf(rest + 1, "%d", &oxygens) != 1)
        oxygens = 1;
    double metal = atoms * find_element(out->element)->mass;
    out->mass_share = metal / (metal + oxygens * OXYGEN);
}

bool lode_element_symbol(const char *text, lode_element_name *out) {
    memset(out, 0, sizeof *out);
    out->to_ppm = 1;
    out->mass_share = 1;
    for (size_t i = 0; i < COUNT(aliases); i++)
        if (strcasecmp(aliases[i].name, text) == 0)
            text = aliases[i].symbol;
    const element *match = find_element(text);
    if (match) {
        snprintf(out->symbol, sizeof out->symbol, "%s", match->symbol);
        snprintf(out->element, sizeof out->element, "%s", match->symbol);
        return true;
    }
    for (size_t i = 0; i < COUNT(oxides); i++) {
        if (strcasecmp(oxides[i], text) == 0) {
            read_oxide(oxides[i], out);
            return true;
        }
    }
    return false;
}

double lode_element_crust_ppm(const char *symbol) {
    const element *match = find_element(symbol);
    return match ? match->crust : 0;
}

/* ---- Units ----------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    lode_unit unit;
} units[] = {
    {"ppm", LODE_UNIT_PPM},           {"ppb", LODE_UNIT_PPB},         {"ppt", LODE_UNIT_PPT},
    {"pct", LODE_UNIT_PERCENT},       {"percent", LODE_UNIT_PERCENT}, {"perc", LODE_UNIT_PERCENT},
    {"%", LODE_UNIT_PERCENT},         {"wt%", LODE_UNIT_PERCENT},     {"wtpct", LODE_UNIT_PERCENT},
    {"wtpercent", LODE_UNIT_PERCENT}, {"mgkg", LODE_UNIT_PPM},        {"mg/kg", LODE_UNIT_PPM},
    {"ugg", LODE_UNIT_PPM},           {"ug/g", LODE_UNIT_PPM},        {"gt", LODE_UNIT_PPM},
    {"g/t", LODE_UNIT_PPM},           {"gpt", LODE_UNIT_PPM},         {"ugkg", LODE_UNIT_PPB},
    {"ug/kg", LODE_UNIT_PPB},         {"ngg", LODE_UNIT_PPB},         {"ng/g", LODE_UNIT_PPB},
    {"mgt", LODE_UNIT_PPB},           {"mg/t", LODE_UNIT_PPB},        {"ngkg", LODE_UNIT_PPT},
    {"ng/kg", LODE_UNIT_PPT},
};

bool lode_unit_parse(const char *text, lode_unit *unit) {
    for (size_t i = 0; i < COUNT(units); i++) {
        if (strcasecmp(units[i].text, text) == 0) {
            *unit = units[i].unit;
            return true;
        }
    }
    return false;
}

const char *lode_unit_name(lode_unit unit) {
    static const char *const names[] = {"", "%", "ppm", "ppb", "ppt"};
    return unit >= LODE_UNIT_NONE && unit <= LODE_UNIT_PPT ? names[unit] : "";
}

double lode_unit_to_ppm(lode_unit unit) {
    static const double factors[] = {1, 1e4, 1, 1e-3, 1e-6};
    return unit >= LODE_UNIT_NONE && unit <= LODE_UNIT_PPT ? factors[unit] : 1;
}

/* ---- Words of a name ------------------------------------------------------------------------- */

enum { WORDS = 8, LENGTH = 24 };

typedef struct words {
    char word[WORDS][LENGTH];
    int count;
} words;

/* Next character with the micro sign (U+00B5) and mu (U+03BC) read as u; 0 at the end. */
static char next_char(const char **at) {
    const unsigned char *p = (const unsigned char *)*at;
    if ((p[0] == 0xC2 && p[1] == 0xB5) || (p[0] == 0xCE && p[1] == 0xBC)) {
        *at += 2;
        return 'u';
    }
    if (*p)
        ++*at;
    return (char)*p;
}

static bool append(words *list, int *length, char c) {
    if (*length == 0 && ++list->count > WORDS)
        return false;
    if (*length + 1 >= LENGTH)
        return false;
    list->word[list->count - 1][(*length)++] = c;
    return true;
}

/* Splits at everything that is neither letter, digit nor %; mg/kg, ug / kg stay one word. False for
 * names that are too long to be a column of assays. */
static bool split(const char *name, words *list) {
    int length = 0;
    memset(list, 0, sizeof *list);
    for (char c; (c = next_char(&name)) != '\0';) {
        if (isalnum((unsigned char)c) || c == '%') {
            if (!append(list, &length, c))
                return false;
        } else {
            length = 0;
        }
    }
    return list->count > 0;
}

static void remove_word(words *list, int at, int count) {
    for (int i = at; i + count < list->count; i++)
        memcpy(list->word[i], list->word[i + count], LENGTH);
    list->count -= count;
}

/* Joins units written in two words: mg kg, ug g, g t, "wt %"; drops the 1 of kg-1. */
static void join_units(words *list) {
    for (int i = 0; i + 1 < list->count; i++) {
        char joined[2 * LENGTH];
        lode_unit unit;
        snprintf(joined, sizeof joined, "%s%s", list->word[i], list->word[i + 1]);
        bool halves = strlen(list->word[i]) <= 2 && strlen(joined) < LENGTH;
        if (!halves || !lode_unit_parse(joined, &unit))
            continue;
        memcpy(list->word[i], joined, strlen(joined) + 1);
        remove_word(list, i + 1, 1);
        if (i + 1 < list->count && strcmp(list->word[i + 1], "1") == 0)
            remove_word(list, i + 1, 1);
    }
}

/* Methods of analysis and digestion, with any number behind them (ICP40, 4A, AR25). */
static bool is_method(const char *word) {
    static const char *const methods[] = {
        "icp",   "icpms", "icpaes", "icpoes", "icpes", "ms",    "oes",  "aes", "es",    "xrf",
        "pxrf",  "edxrf", "wdxrf",  "aas",    "aa",    "gfaas", "afs",  "af",  "hgafs", "inaa",
        "naa",   "ise",   "gc",     "ir",     "irs",   "gr",    "grav", "fa",  "faaas", "faicp",
        "ar",    "aqr",   "a",      "acid",   "fus",   "leco",  "titr", "dcp", "col",   "cv",
        "cvaas", "hyd",   "lf",     "bleg",   "mmi",   "total", "tot"};
    const char *start = word;
    while (isdigit((unsigned char)*start))
        start++;
    size_t length = 0;
    while (isalpha((unsigned char)start[length]))
        length++;
    size_t digits = strspn(start + length, "0123456789");
    if (length == 0 || start[length + digits])
        return false;
    if (length == 1 && start == word)
        return false;
    for (size_t i = 0; i < COUNT(methods); i++)
        if (strlen(methods[i]) == length && strncasecmp(methods[i], start, length) == 0)
            return true;
    return false;
}

/* How a grid was made; says nothing about what it holds. */
static bool is_filler(const char *word) {
    static const char *const fillers[] = {"idw",  "krig",    "kriged", "kriging",      "ok",
                                          "grid", "gridded", "interp", "interpolated", "raster",
                                          "wt",   "assay",   "value",  "conc"};
    for (size_t i = 0; i < COUNT(fillers); i++)
        if (strcasecmp(fillers[i], word) == 0)
            return true;
    return false;
}

/* Words that make a number something else than a measured amount. */
static bool is_derived(const char *word) {
    static const char *const derived[] = {
        "log",   "log10",    "ln",    "clr",   "ilr",  "alr",  "z",     "zscore",    "ratio",
        "rank",  "residual", "std",   "stdev", "sd",   "se",   "var",   "variance",  "error",
        "count", "dl",       "ldl",   "udl",   "lod",  "mdl",  "limit", "detection", "flag",
        "qual",  "anomaly",  "class", "score", "prob", "unit", "units", "method",    "lab"};
    for (size_t i = 0; i < COUNT(derived); i++)
        if (strcasecmp(derived[i], word) == 0)
            return true;
    return false;
}

/* "AuPPB", "Cupct" -> symbol and unit. */
static bool read_glued(const char *word, lode_element_name *out) {
    static const char *const tails[] = {"ppm", "ppb", "ppt", "pct", "%"};
    size_t length = strlen(word);
    for (size_t i = 0; i < COUNT(tails); i++) {
        size_t tail = strlen(tails[i]);
        char symbol[LENGTH];
        if (length <= tail || strcasecmp(word + length - tail, tails[i]) != 0)
            continue;
        snprintf(symbol, sizeof symbol, "%.*s", (int)(length - tail), word);
        return lode_element_symbol(symbol, out) && lode_unit_parse(tails[i], &out->unit);
    }
    return false;
}

/* ---- Names ----------------------------------------------------------------------------------- */

typedef enum certainty { NOT_AN_ELEMENT, BARE_DOUBTFUL, CERTAIN } certainty;

static void add_method(lode_element_name *out, const char *word) {
    size_t used = strlen(out->method);
    snprintf(out->method + used, sizeof out->method - used, "%s%s", used ? " " : "", word);
}

/* Finds the first word that is a symbol; what stands before it must be filler, method or unit. */
static int find_symbol(const words *list, lode_element_name *out) {
    lode_unit unit;
    for (int i = 0; i < list->count; i++) {
        const char *word = list->word[i];
        if (lode_element_symbol(word, out) || read_glued(word, out))
            return i;
        if (!is_filler(word) && !is_method(word) && !lode_unit_parse(word, &unit))
            return -1;
    }
    return -1;
}

static certainty read_name(const char *name, lode_element_name *out) {
    words list;
    if (!split(name, &list))
        return NOT_AN_ELEMENT;
    join_units(&list);
    int symbol = find_symbol(&list, out), unknown = 0;
    if (symbol < 0)
        return NOT_AN_ELEMENT;
    for (int i = 0; i < list.count; i++) {
        const char *word = list.word[i];
        lode_element_name other;
        lode_unit unit;
        if (i == symbol || is_filler(word))
            continue;
        if (lode_unit_parse(word, &unit)) {
            if (out->unit != LODE_UNIT_NONE && out->unit != unit)
                return NOT_AN_ELEMENT;
            out->unit = unit;
        } else if (is_method(word)) {
            add_method(out, word);
        } else if (lode_element_symbol(word, &other) || is_derived(word)) {
            return NOT_AN_ELEMENT; /* a ratio, a sum, a logarithm, a detection limit */
        } else {
            unknown++;
            add_method(out, word);
        }
    }
    if (unknown > 0 && out->unit == LODE_UNIT_NONE)
        return NOT_AN_ELEMENT;
    out->to_ppm = lode_unit_to_ppm(out->unit);
    if (out->unit != LODE_UNIT_NONE)
        return CERTAIN;
    bool one_letter = !out->symbol[1], capital = isupper((unsigned char)list.word[symbol][0]);
    if (list.count > 1)
        return capital || !one_letter ? CERTAIN : NOT_AN_ELEMENT;
    return capital && !one_letter ? CERTAIN : BARE_DOUBTFUL;
}

bool lode_element_parse(const char *name, lode_element_name *out) {
    lode_element_name read;
    if (!name || read_name(name, &read) != CERTAIN)
        return false;
    *out = read;
    return true;
}

void lode_element_recognise(const char *const *names, int count, lode_element_name *out,
                            bool *found) {
    int certain = 0;
    bool has_x = false;
    for (int i = 0; i < count; i++) {
        found[i] = lode_element_parse(names[i], &out[i]);
        certain += found[i];
        has_x = has_x || strcasecmp(names[i], "x") == 0;
    }
    for (int i = 0; i < count && certain >= 3; i++) {
        if (found[i] || (has_x && strcasecmp(names[i], "y") == 0))
            continue;
        lode_element_name read;
        found[i] = read_name(names[i], &read) == BARE_DOUBTFUL;
        if (found[i])
            out[i] = read;
    }
}

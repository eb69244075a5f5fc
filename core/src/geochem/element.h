/* element.h - chemical elements and units in the names that laboratories give to columns.
 *
 * Understands Au_ppb, As_ppm, SiO2_pct, SiO2_%, MgO_percent_icp, "Ag (ppm)", As_mgkg, Au_ugkg,
 * AU_ICP40, As_ppm_icp, Cu_icp_ppm, Fe2O3T_pct, Idw_Au and bare symbols. A name counts only when
 * every word in it is understood (or, beside a unit, may be a laboratory's method code), so words
 * that merely contain a symbol (Strata, Granite, In_situ) and ratios (Cu_Zn) do not. */
#ifndef LODE_GEOCHEM_ELEMENT_H
#define LODE_GEOCHEM_ELEMENT_H

#include <stdbool.h>

typedef enum lode_unit {
    LODE_UNIT_NONE, /* not stated in the name */
    LODE_UNIT_PERCENT,
    LODE_UNIT_PPM, /* mg/kg, g/t */
    LODE_UNIT_PPB, /* ug/kg */
    LODE_UNIT_PPT  /* ng/kg */
} lode_unit;

typedef struct lode_element_name {
    char symbol[12];     /* what was measured: "Au", "SiO2", "Fe2O3" */
    char element[4];     /* the element in it: "Au", "Si", "Fe" */
    double mass_share;   /* grams of element in a gram of symbol: 1 for Au, 0.4674 for SiO2 */
    lode_unit unit;
    double to_ppm;       /* multiplies a value into ppm of symbol; 1 when the unit is not stated */
    char method[32];     /* "icp", "ICP40"; "" when not stated */
} lode_element_name;

/* Reads one name on its own. A bare one-letter symbol (I, K, U, V, W, Y ...) or a bare symbol in
 * lower case (as, in) is not taken for an element here: use lode_element_recognise where the other
 * names are known. */
bool lode_element_parse(const char *name, lode_element_name *out);

/* Reads the names of one table or stack together: found[i] tells whether names[i] is an element,
 * out[i] which. Bare one-letter and lower-case symbols count when at least three other names are
 * elements beyond doubt; Y never beside a column X. */
void lode_element_recognise(const char *const *names, int count, lode_element_name *out,
                            bool *found);

/* True for a name that is a symbol or an oxide and nothing else, in any case; fills symbol, element
 * and mass_share. For names a user gave on purpose. */
bool lode_element_symbol(const char *text, lode_element_name *out);

/* "ppm" -> LODE_UNIT_PPM, in all spellings above; false for anything else. */
bool lode_unit_parse(const char *text, lode_unit *unit);
const char *lode_unit_name(lode_unit unit); /* "ppm", "%"; "" for none */
double lode_unit_to_ppm(lode_unit unit);

/* Average share of an element in the upper continental crust, ppm (Rudnick and Gao 2014); 0 when it
 * is not listed. For checks of plausibility only. */
double lode_element_crust_ppm(const char *element);

#endif

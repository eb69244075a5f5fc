#include <math.h>
#include <string.h>

#include "geochem/element.h"
#include "test.h"

typedef struct spelling {
    const char *name, *symbol, *element;
    lode_unit unit;
    const char *method;
} spelling;

static const spelling spellings[] = {
    {"Au_ppb", "Au", "Au", LODE_UNIT_PPB, ""},
    {"As_ppm", "As", "As", LODE_UNIT_PPM, ""},
    {"SiO2_pct", "SiO2", "Si", LODE_UNIT_PERCENT, ""},
    {"SiO2_%", "SiO2", "Si", LODE_UNIT_PERCENT, ""},
    {"SiO2 wt%", "SiO2", "Si", LODE_UNIT_PERCENT, ""},
    {"MgO_percent_icp", "MgO", "Mg", LODE_UNIT_PERCENT, "icp"},
    {"TFe2O3_percent_xrf", "Fe2O3", "Fe", LODE_UNIT_PERCENT, "xrf"},
    {"Fe2O3T_pct", "Fe2O3", "Fe", LODE_UNIT_PERCENT, ""},
    {"TC_percent_irs", "C", "C", LODE_UNIT_PERCENT, "irs"},
    {"Ag (ppm)", "Ag", "Ag", LODE_UNIT_PPM, ""},
    {"As_mgkg", "As", "As", LODE_UNIT_PPM, ""},
    {"As mg/kg", "As", "As", LODE_UNIT_PPM, ""},
    {"Cd [\xC2\xB5g kg-1]", "Cd", "Cd", LODE_UNIT_PPB, ""},
    {"Au_ugkg", "Au", "Au", LODE_UNIT_PPB, ""},
    {"Au g/t", "Au", "Au", LODE_UNIT_PPM, ""},
    {"AuPPB", "Au", "Au", LODE_UNIT_PPB, ""},
    {"AU_ICP40", "Au", "Au", LODE_UNIT_NONE, "ICP40"},
    {"As_ppm_icp", "As", "As", LODE_UNIT_PPM, "icp"},
    {"Cu_icp_ppm", "Cu", "Cu", LODE_UNIT_PPM, "icp"},
    {"Ni_4A_ppm", "Ni", "Ni", LODE_UNIT_PPM, "4A"},
    {"Zn_ppm_MEMS61", "Zn", "Zn", LODE_UNIT_PPM, "MEMS61"},
    {"S_ppm_ir", "S", "S", LODE_UNIT_PPM, "ir"},
    {"Ir_ppb_icp", "Ir", "Ir", LODE_UNIT_PPB, "icp"},
    {"N_ppm_gc", "N", "N", LODE_UNIT_PPM, "gc"},
    {"as_ppm", "As", "As", LODE_UNIT_PPM, ""},
    {"Co_ppm", "Co", "Co", LODE_UNIT_PPM, ""},
    {"CO_PPM", "Co", "Co", LODE_UNIT_PPM, ""},
    {"Idw_Au", "Au", "Au", LODE_UNIT_NONE, ""},
    {"Idw_W", "W", "W", LODE_UNIT_NONE, ""},
    {"Idw_Fe2O3", "Fe2O3", "Fe", LODE_UNIT_NONE, ""},
    {"Au", "Au", "Au", LODE_UNIT_NONE, ""},
    {"AL2O3", "Al2O3", "Al", LODE_UNIT_NONE, ""},
    {"Pr6O11_ppm", "Pr6O11", "Pr", LODE_UNIT_PPM, ""},
};

static void spellings_from_the_field(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        const spelling *want = &spellings[i];
        lode_element_name got;
        if (!lode_element_parse(want->name, &got))
            fail_msg("'%s' was not recognised", want->name);
        assert_string_equal(got.symbol, want->symbol);
        assert_string_equal(got.element, want->element);
        assert_int_equal(got.unit, want->unit);
        assert_string_equal(got.method, want->method);
        assert_float_equal(got.to_ppm, lode_unit_to_ppm(want->unit), 0);
    }
}

static void names_that_only_look_like_elements(void **state) {
    (void)state;
    static const char *const names[] = {
        "",
        "Strata",
        "Granite",
        "Faults",
        "I",
        "X",
        "Y",
        "V",
        "W",
        "in",
        "as",
        "No",
        "NO",
        "In_situ",
        "As you",
        "Cu_Zn",
        "Cu/Zn",
        "Au_ratio",
        "Au_ppm_DL",
        "log_Au",
        "Cu_ppm_log",
        "Au variance",
        "U_component",
        "LOI_percent_gr",
        "H2Oneg_pct",
        "LABnegNR_N",
        "SAMPLEID",
        "Li_deposits0",
        "AMF_ANS",
        "idx_clay_hydroxyls",
        "band 1",
        "B_2",
        "Pb207_Pb206",
        "ppm",
        "%",
        "WAMEX_A_NO",
        "sample_id",
        "lab",
        "In_lab",
        "He",
        "Ar",
        "Au_ppm_ppb",
        "a name that goes on and on for many more words than any column of assays ever would",
        "\xff\xfe\x00"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        lode_element_name got;
        if (lode_element_parse(names[i], &got))
            fail_msg("'%s' was taken for %s", names[i], got.symbol);
    }
}

static void one_letter_symbols_need_company(void **state) {
    (void)state;
    static const char *const elements[] = {"Au", "Cu", "Zn", "W", "V", "as", "Strata", "Y"};
    static const char *const points[] = {"X", "Y", "Au", "Cu", "Zn", "K"};
    static const char *const wind[] = {"U", "V", "W"};
    lode_element_name out[8];
    bool found[8];
    lode_element_recognise(elements, 8, out, found);
    static const bool want_elements[] = {true, true, true, true, true, true, false, true};
    assert_memory_equal(found, want_elements, sizeof want_elements);
    assert_string_equal(out[5].symbol, "As");
    lode_element_recognise(points, 6, out, found);
    static const bool want_points[] = {false, false, true, true, true, true};
    assert_memory_equal(found, want_points, sizeof want_points);
    lode_element_recognise(wind, 3, out, found);
    assert_false(found[0] || found[1] || found[2]);
}

/* Factors as printed in laboratories' conversion tables. */
static void oxide_factors(void **state) {
    (void)state;
    static const struct {
        const char *oxide;
        double element_in_oxide;
    } cases[] = {{"SiO2", 0.4674}, {"Al2O3", 0.5293}, {"Fe2O3", 0.6994}, {"FeO", 0.7773},
                 {"MgO", 0.6030},  {"CaO", 0.7147},   {"Na2O", 0.7419},  {"K2O", 0.8301},
                 {"TiO2", 0.5993}, {"P2O5", 0.4364},  {"MnO", 0.7745},   {"U3O8", 0.8480},
                 {"Au", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lode_element_name got;
        assert_true(lode_element_symbol(cases[i].oxide, &got));
        assert_float_equal(got.mass_share, cases[i].element_in_oxide, 6e-5);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_from_the_field),
        cmocka_unit_test(names_that_only_look_like_elements),
        cmocka_unit_test(one_letter_symbols_need_company),
        cmocka_unit_test(oxide_factors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

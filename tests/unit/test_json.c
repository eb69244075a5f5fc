#include <string.h>

#include "test.h"
#include "util/json.h"
#include "util/memory.h"
#include "vector/vector.h"

static void assert_string(json_t *json, const char *expected) {
    assert_non_null(json);
    assert_string_equal(json_string_value(json), expected);
    json_decref(json);
}

static void text_of_any_encoding(void **state) {
    (void)state;
    assert_string(lode_json_text("caf\xC3\xA9"), "caf\xC3\xA9");
    assert_string(lode_json_text("caf\xE9"), "caf\xC3\xA9");
    assert_string(lode_json_text(""), "");
    assert_true(json_is_null(lode_json_text(NULL)));
}

static void sources_without_folders_and_passwords(void **state) {
    (void)state;
    assert_string(lode_json_source("/home/me/secret project/stack.tif"), "stack.tif");
    assert_string(lode_json_source("stack.tif"), "stack.tif");
    assert_string(lode_json_source("/data/d.gpkg|layername=gold"), "d.gpkg|layername=gold");
    assert_string(lode_json_source("PG:host=db user=me password=secret"), "PG");
    assert_string(lode_json_source("https://example.org/a/b.tif?key=secret"), "https");
}

static void assert_split(const char *name, const char *path, const char *layer) {
    char *found, *named;
    assert_lode_ok(lode_vector_split(name, &found, &named));
    assert_string_equal(found, path);
    assert_true((layer == NULL) == (named == NULL));
    if (layer)
        assert_string_equal(named, layer);
    lode_free(found);
    lode_free(named);
}

static void layers_as_qgis_names_them(void **state) {
    (void)state;
    assert_split("a.gpkg", "a.gpkg", NULL);
    assert_split("a.gpkg|layername=gold", "a.gpkg", "gold");
    assert_split("a.gpkg|layername=gold|subset=x > 1", "a.gpkg", "gold");
    assert_split("a.gpkg|layerid=0|layername=gold", "a.gpkg", "gold");
    assert_split("a.gpkg|layerid=0", "a.gpkg", NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_any_encoding),
        cmocka_unit_test(sources_without_folders_and_passwords),
        cmocka_unit_test(layers_as_qgis_names_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

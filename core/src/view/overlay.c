/* overlay.c - knowledge-driven maps from a small JSON description: fuzzy logic, weights of
 * evidence. The description is checked here, name by name; the numbers are checked by the pixel
 * functions. */
#include <stdio.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "view/derive.h"
#include "view/vrt.h"

typedef struct membership {
    const char *name, *function;
    const char *arguments[2];
} membership;

static const membership memberships_known[] = {
    {"linear", "lode_fuzzy_linear", {"low", "high"}},
    {"large", "lode_fuzzy_large", {"midpoint", "spread"}},
    {"small", "lode_fuzzy_small", {"midpoint", "spread"}},
    {"near", "lode_fuzzy_near", {"midpoint", "spread"}},
    {"gaussian", "lode_fuzzy_gaussian", {"midpoint", "spread"}},
    {"logistic", "lode_logistic", {"slope", "midpoint"}},
};

/* An overlay under work. */
typedef struct overlay {
    const char *path, *memberships, *file;
    const lode_stack *stack;
    const json_t *json, *layers;
} overlay;

static lode_status refuse(const overlay *work, size_t layer, const char *what, const char *name) {
    return lode_fail(LODE_ERROR_DATA, "'%s', layer %zu: %s%s%s%s", work->file, layer + 1, what,
                     name ? " '" : "", name ? name : "", name ? "'." : "");
}

static lode_status find_band(const overlay *work, size_t layer, int *band) {
    const char *name =
        json_string_value(json_object_get(json_array_get(work->layers, layer), "band"));
    if (!name)
        return refuse(work, layer, "\"band\" is missing; it names a band of the stack.", NULL);
    *band = lode_stack_find_band(work->stack, name);
    return *band >= 0 ? LODE_OK : refuse(work, layer, "the stack has no band", name);
}

/* ---- Fuzzy logic ----------------------------------------------------------------------------- */

static lode_status add_membership(const overlay *work, lode_vrt *vrt, size_t layer) {
    const json_t *json = json_array_get(work->layers, layer);
    const char *kind = json_string_value(json_object_get(json, "membership"));
    const membership *found = NULL;
    for (size_t i = 0; kind && i < sizeof memberships_known / sizeof memberships_known[0]; i++)
        if (strcmp(memberships_known[i].name, kind) == 0)
            found = &memberships_known[i];
    if (!found)
        return refuse(
            work, layer,
            "\"membership\" is not one of linear, large, small, near, gaussian, logistic:",
            kind ? kind : "missing");
    int band;
    LODE_TRY(find_band(work, layer, &band));
    char *description = lode_format("%s %s", lode_stack_band_name(work->stack, band), kind);
    lode_status status =
        description ? lode_vrt_add_band(vrt, description, found->function) : lode_fail_memory();
    lode_free(description);
    LODE_TRY(status);
    for (int i = 0; i < 2; i++) {
        const json_t *value = json_object_get(json, found->arguments[i]);
        if (!json_is_number(value))
            return refuse(work, layer, "lacks the number", found->arguments[i]);
        LODE_TRY(lode_vrt_add_number(vrt, found->arguments[i], json_number_value(value)));
    }
    return lode_vrt_add_stack_band(vrt, work->stack, band);
}

static lode_status write_memberships(const overlay *work) {
    lode_vrt *vrt;
    LODE_TRY(lode_vrt_create(work->memberships, work->stack, &vrt));
    lode_status status = LODE_OK;
    for (size_t i = 0; i < json_array_size(work->layers) && status == LODE_OK; i++)
        status = add_membership(work, vrt, i);
    if (status == LODE_OK)
        status = lode_vrt_write(vrt);
    lode_vrt_free(vrt);
    return status;
}

static lode_status fill_fuzzy(const overlay *work, lode_vrt *vrt, const char *operator) {
    char *function = lode_format("lode_fuzzy_%s", operator);
    lode_status status =
        function ? lode_vrt_add_band(vrt, "prospectivity", function) : lode_fail_memory();
    lode_free(function);
    LODE_TRY(status);
    const json_t *gamma = json_object_get(work->json, "gamma");
    const char *missing = json_string_value(json_object_get(work->json, "missing"));
    if (strcmp(operator, "gamma") == 0 && json_is_number(gamma))
        LODE_TRY(lode_vrt_add_number(vrt, "gamma", json_number_value(gamma)));
    if (missing)
        LODE_TRY(lode_vrt_add_argument(vrt, "missing", missing));
    for (size_t i = 0; i < json_array_size(work->layers); i++)
        LODE_TRY(lode_vrt_add_file_band(vrt, work->memberships, (int)i + 1));
    return LODE_OK;
}

/* ---- Weights of evidence --------------------------------------------------------------------- */

/* "1:0.8 2:-0.3" from {"1": 0.8, "2": -0.3}, behind what text already holds. */
static char *append_classes(char *text, const json_t *classes) {
    const char *key;
    json_t *value;
    bool first = true;
    json_object_foreach((json_t *)classes, key, value) {
        char *longer = text ? lode_format("%s%s%s:%.17g", text, first ? "" : " ", key,
                                          json_number_value(value))
                            : NULL;
        lode_free(text);
        text = longer;
        first = false;
    }
    return text;
}

static lode_status compose_weights(const overlay *work, char **weights) {
    char *text = lode_strdup("");
    for (size_t i = 0; i < json_array_size(work->layers); i++) {
        const json_t *classes = json_object_get(json_array_get(work->layers, i), "weights");
        if (!json_is_object(classes) || json_object_size(classes) == 0) {
            lode_free(text);
            return refuse(work, i,
                          "\"weights\" is missing; write {\"class\": weight} or "
                          "{\"low..high\": weight}.",
                          NULL);
        }
        char *longer = text ? lode_format("%s%s", text, i ? "; " : "") : NULL;
        lode_free(text);
        text = append_classes(longer, classes);
    }
    *weights = text;
    return text ? LODE_OK : lode_fail_memory();
}

static lode_status fill_evidence(const overlay *work, lode_vrt *vrt) {
    const json_t *prior = json_object_get(work->json, "prior");
    if (!json_is_number(prior) || !(json_number_value(prior) > 0 && json_number_value(prior) < 1))
        return lode_fail(
            LODE_ERROR_DATA,
            "'%s': \"prior\" must be a number between 0 and 1: the share of cells that "
            "hold a deposit.",
            work->file);
    char *weights = NULL;
    LODE_TRY(compose_weights(work, &weights));
    lode_status status = lode_vrt_add_band(vrt, "prospectivity", "lode_wofe");
    if (status == LODE_OK)
        status = lode_vrt_add_number(vrt, "prior", json_number_value(prior));
    if (status == LODE_OK)
        status = lode_vrt_add_argument(vrt, "weights", weights);
    lode_free(weights);
    for (size_t i = 0; i < json_array_size(work->layers) && status == LODE_OK; i++) {
        int band = 0;
        status = find_band(work, i, &band);
        if (status == LODE_OK)
            status = lode_vrt_add_stack_band(vrt, work->stack, band);
    }
    return status;
}

/* ---- Both ------------------------------------------------------------------------------------ */

static bool is_fuzzy(const char *kind) {
    static const char *const operators[] = {"and", "or", "product", "sum", "gamma"};
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (strcmp(operators[i], kind) == 0)
            return true;
    return false;
}

lode_status lode_derive_overlay(const char *path, const char *memberships, const lode_stack *stack,
                                const json_t *json, const char *file) {
    overlay work = {path, memberships, file, stack, json, json_object_get(json, "layers")};
    const char *kind = json_string_value(json_object_get(json, "overlay"));
    bool evidence = kind && strcmp(kind, "wofe") == 0;
    if (!kind || !(evidence || is_fuzzy(kind)))
        return lode_fail(
            LODE_ERROR_DATA,
            "'%s': \"overlay\" is '%s', not one of and, or, product, sum, gamma, wofe.", file,
            kind ? kind : "missing");
    if (json_array_size(work.layers) == 0)
        return lode_fail(LODE_ERROR_DATA, "'%s' lists no \"layers\".", file);
    if (!evidence)
        LODE_TRY(write_memberships(&work));
    lode_vrt *vrt;
    LODE_TRY(lode_vrt_create(path, stack, &vrt));
    lode_status status = evidence ? fill_evidence(&work, vrt) : fill_fuzzy(&work, vrt, kind);
    if (status == LODE_OK)
        status = lode_vrt_write(vrt);
    lode_vrt_free(vrt);
    return status;
}

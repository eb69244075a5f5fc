#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "head/reference.h"
#include "util/error.h"
#include "util/file.h"
#include "util/locale.h"
#include "util/memory.h"
#include "util/random.h"

/* Raised when an older liblode could not read what is written. docs/model-format.md */
enum { FORMAT_VERSION = 1 };
/* No model of ours comes near this; it bounds what an untrusted file can make us read. */
#define MAX_FILE ((size_t)1 << 31)

lode_status lode_model_create(lode_model **model) {
    lode_model *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->name = lode_strdup("model");
    made->provenance = json_object();
    if (!made->name || !made->provenance) {
        lode_model_close(made);
        return lode_fail_memory();
    }
    *model = made;
    return LODE_OK;
}

void lode_model_close(lode_model *model) {
    if (!model)
        return;
    lode_recipe_free(model->recipe);
    lode_encoder_free(model->encoder);
    lode_head_free(model->head);
    lode_reference_free(model->reference);
    json_decref(model->provenance);
    lode_free(model->name);
    lode_free(model);
}

lode_features lode_model_features(const lode_model *model) {
    lode_features features = {LODE_INPUT_EMBEDDING, 0, model->recipe, model->encoder};
    if (model->head) {
        features.inputs = model->head->inputs;
        features.smooth_radius = model->head->smooth_radius;
    } else if (!model->encoder) {
        features.inputs = LODE_INPUT_BANDS;
    }
    return features;
}

int lode_model_band_count(const lode_model *model) {
    return model->recipe->bands;
}

const char *lode_model_band_name(const lode_model *model, int band) {
    return band >= 0 && band < model->recipe->bands ? model->recipe->names[band] : NULL;
}

int lode_model_half_window(const lode_model *model) {
    lode_features features = lode_model_features(model);
    return lode_features_half_window(&features);
}

/* ---- Saving -----------------------------------------------------------------------------------
 */

static lode_status store_encoder(const lode_model *model, lode_tensors *tensors) {
    const lode_encoder_kind *kind = lode_encoder_get_kind(model->encoder);
    void *state = lode_encoder_state(model->encoder);
    for (int i = 0; i < kind->tensor_count(state); i++) {
        lode_tensor_view view;
        kind->tensor(state, i, &view);
        char *name = lode_format("encoder.%s", view.name);
        if (!name)
            return lode_fail_memory();
        lode_status status = lode_tensors_add(tensors, name, view.shape, view.dims, view.data);
        lode_free(name);
        LODE_TRY(status);
    }
    return LODE_OK;
}

static lode_status store_reference(const lode_reference *reference, lode_tensors *tensors) {
    int64_t one[1] = {reference->features};
    int64_t square[2] = {reference->features, reference->features};
    int64_t places[2] = {reference->places, reference->features}, scalar[1] = {1};
    LODE_TRY(lode_tensors_add(tensors, "reference.centre", one, 1, reference->centre));
    LODE_TRY(lode_tensors_add(tensors, "reference.scale", one, 1, reference->scale));
    LODE_TRY(lode_tensors_add(tensors, "reference.whitening", square, 2, reference->whitening));
    LODE_TRY(lode_tensors_add(tensors, "reference.places", places, 2, reference->places_z));
    return lode_tensors_add(tensors, "reference.reach", scalar, 1, &reference->reach);
}

static json_t *encoder_json(const lode_model *model) {
    const lode_encoder_kind *kind = lode_encoder_get_kind(model->encoder);
    json_t *json = kind->describe(lode_encoder_state(model->encoder));
    json_object_set_new(json, "kind", json_string(kind->name));
    return json;
}

static json_t *metadata_json(const lode_model *model) {
    json_t *json = json_object();
    char version[16];
    snprintf(version, sizeof version, "%d", FORMAT_VERSION);
    json_object_set_new(json, "format", json_string("lode-model"));
    json_object_set_new(json, "version", json_string(version));
    json_object_set_new(json, "recipe", lode_recipe_describe(model->recipe));
    if (model->encoder)
        json_object_set_new(json, "encoder", encoder_json(model));
    if (model->head)
        json_object_set_new(json, "head", lode_head_describe(model->head));
    if (model->reference)
        json_object_set_new(json, "reference",
                            json_pack("{s:i}", "places", model->reference->places));
    json_object_set(json, "provenance", model->provenance);
    return json;
}

lode_status lode_model_save(const lode_model *model, const char *path) {
    lode_tensors *tensors;
    LODE_TRY(lode_tensors_create(&tensors));
    lode_status status = model->encoder ? store_encoder(model, tensors) : LODE_OK;
    if (status == LODE_OK && model->head)
        status = lode_head_store(model->head, tensors);
    if (status == LODE_OK && model->reference)
        status = store_reference(model->reference, tensors);
    if (status == LODE_OK) {
        json_t *metadata = metadata_json(model);
        status = lode_tensors_write(tensors, metadata, path);
        json_decref(metadata);
    }
    lode_tensors_free(tensors);
    return status;
}

lode_status lode_model_check_output(const char *path) {
    LODE_TRY(lode_file_check_output(path));
    if (lode_file_exists(path) && !lode_tensors_recognise(path))
        return lode_fail(LODE_ERROR_USAGE,
                         "Cannot write the model '%s': a file of that name exists and is no model. "
                         "Choose another name, or remove it.",
                         path);
    return LODE_OK;
}

/* ---- Loading ----------------------------------------------------------------------------------
 */

/* A part of the description, stored as the text of its JSON; NULL when absent or not an object. */
static json_t *part(const json_t *metadata, const char *key) {
    const char *text = json_string_value(json_object_get(metadata, key));
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    if (json && !json_is_object(json)) {
        json_decref(json);
        json = NULL;
    }
    return json;
}

static lode_status check_version(const json_t *metadata, const char *name) {
    const char *format = json_string_value(json_object_get(metadata, "format"));
    const char *version = json_string_value(json_object_get(metadata, "version"));
    if (!format || !version || strcmp(format, "lode-model") != 0)
        return lode_fail(LODE_ERROR_MODEL, "'%s' is a safetensors file, but not a Lode model.",
                         name);
    if (atoi(version) > FORMAT_VERSION)
        return lode_fail(
            LODE_ERROR_MODEL,
            "'%s' was made by a newer Lode (model format %s; this one reads up to %d). "
            "Update Lode.",
            name, version, FORMAT_VERSION);
    return LODE_OK;
}

static lode_status load_encoder(lode_model *model, const json_t *description,
                                const lode_tensors *tensors) {
    const char *kind_name = json_string_value(json_object_get(description, "kind"));
    if (!kind_name)
        return lode_fail(LODE_ERROR_MODEL, "'%s' does not name its encoder.", model->name);
    LODE_TRY(lode_encoder_create(kind_name, description, model->recipe->channels + 1,
                                 LODE_SEED_NONE, &model->encoder));
    const lode_encoder_kind *kind = lode_encoder_get_kind(model->encoder);
    void *state = lode_encoder_state(model->encoder);
    for (int i = 0; i < kind->tensor_count(state); i++) {
        lode_tensor_view view;
        kind->tensor(state, i, &view);
        char *name = lode_format("encoder.%s", view.name);
        if (!name)
            return lode_fail_memory();
        const float *values;
        lode_status status = lode_tensors_get(tensors, name, view.shape, view.dims, &values);
        lode_free(name);
        LODE_TRY(status);
        size_t count = 1;
        for (int d = 0; d < view.dims; d++)
            count *= (size_t)view.shape[d];
        memcpy(view.data, values, count * sizeof *values);
    }
    return lode_encoder_prepare(model->encoder);
}

static lode_status copy_tensor(const lode_tensors *tensors, const char *name, const int64_t *shape,
                               int dims, float **copy) {
    const float *values;
    LODE_TRY(lode_tensors_get(tensors, name, shape, dims, &values));
    size_t count = 1;
    for (int d = 0; d < dims; d++)
        count *= (size_t)shape[d];
    *copy = lode_alloc(count, sizeof **copy);
    if (!*copy)
        return lode_fail_memory();
    memcpy(*copy, values, count * sizeof *values);
    return LODE_OK;
}

static lode_status load_reference(lode_model *model, const json_t *description,
                                  const lode_tensors *tensors) {
    lode_features features = lode_model_features(model);
    json_int_t places = json_integer_value(json_object_get(description, "places"));
    if (places <= LODE_REFERENCE_NEIGHBOURS || places > LODE_REFERENCE_PLACES)
        return lode_fail(LODE_ERROR_MODEL,
                         "'%s' is not a usable model file: its reference is "
                         "damaged.",
                         model->name);
    lode_reference *made = model->reference = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->features = lode_features_count(&features);
    made->places = (int)places;
    int64_t one[1] = {made->features}, square[2] = {made->features, made->features};
    int64_t stored[2] = {places, made->features}, scalar[1] = {1};
    const float *reach;
    LODE_TRY(copy_tensor(tensors, "reference.centre", one, 1, &made->centre));
    LODE_TRY(copy_tensor(tensors, "reference.scale", one, 1, &made->scale));
    LODE_TRY(copy_tensor(tensors, "reference.whitening", square, 2, &made->whitening));
    LODE_TRY(copy_tensor(tensors, "reference.places", stored, 2, &made->places_z));
    LODE_TRY(lode_tensors_get(tensors, "reference.reach", scalar, 1, &reach));
    made->reach = *reach > 0 ? *reach : 1;
    return LODE_OK;
}

static lode_status load_head(lode_model *model, const json_t *description,
                             const lode_tensors *tensors) {
    lode_features features = {lode_inputs_parse(json_object_get(description, "inputs")), 0,
                              model->recipe, model->encoder};
    if ((features.inputs & LODE_INPUT_EMBEDDING) && !model->encoder)
        return lode_fail(LODE_ERROR_MODEL, "The head of '%s' needs an encoder, and it has none.",
                         model->name);
    return lode_head_load(description, tensors, lode_features_count(&features), model->name,
                          &model->head);
}

static lode_status load_parts(lode_model *model, const json_t *metadata,
                              const lode_tensors *tensors) {
    LODE_TRY(check_version(metadata, model->name));
    json_t *recipe = part(metadata, "recipe"), *encoder = part(metadata, "encoder"),
           *head = part(metadata, "head"), *reference = part(metadata, "reference"),
           *provenance = part(metadata, "provenance");
    lode_status status = lode_recipe_parse(recipe, model->name, &model->recipe);
    if (status == LODE_OK && encoder)
        status = load_encoder(model, encoder, tensors);
    if (status == LODE_OK && head)
        status = load_head(model, head, tensors);
    if (status == LODE_OK && !encoder && !head)
        status =
            lode_fail(LODE_ERROR_MODEL, "'%s' has neither an encoder nor a head.", model->name);
    if (status == LODE_OK && reference)
        status = load_reference(model, reference, tensors);
    if (status == LODE_OK && provenance) {
        json_decref(model->provenance);
        model->provenance = json_incref(provenance);
    }
    json_decref(recipe);
    json_decref(encoder);
    json_decref(head);
    json_decref(reference);
    json_decref(provenance);
    return status;
}

static lode_status open_bytes(const void *bytes, size_t size, const char *name,
                              lode_model **model) {
    lode_tensors *tensors;
    json_t *metadata;
    lode_model *made = NULL;
    LODE_TRY(lode_tensors_parse(bytes, size, name, &tensors, &metadata));
    lode_status status = lode_model_create(&made);
    if (status == LODE_OK) {
        lode_free(made->name);
        made->name = lode_strdup(name);
        status = made->name ? load_parts(made, metadata, tensors) : lode_fail_memory();
        if (status == LODE_OK)
            *model = made;
        else
            lode_model_close(made);
    }
    json_decref(metadata);
    lode_tensors_free(tensors);
    return status;
}

lode_status lode_model_open_memory(const void *bytes, size_t size, const char *name,
                                   lode_model **model) {
    lode_locale locale = lode_locale_enter();
    lode_status status = open_bytes(bytes, size, name ? name : "model in memory", model);
    lode_locale_leave(locale);
    return status;
}

lode_status lode_model_open(const char *path, lode_model **model) {
    char *bytes;
    size_t size;
    LODE_TRY(lode_file_read(path, MAX_FILE, &bytes, &size));
    lode_status status = lode_model_open_memory(bytes, size, path, model);
    lode_free(bytes);
    return status;
}

/* ---- Describing -------------------------------------------------------------------------------
 */

static json_t *describe(const lode_model *model) {
    json_t *json = json_object(), *elements = json_array(), *bands = json_array();
    for (int i = 0; i < model->recipe->bands; i++)
        json_array_append_new(model->recipe->element[i] ? elements : bands,
                              json_string(model->recipe->names[i]));
    json_object_set_new(json, "elements", elements);
    json_object_set_new(json, "other_bands", bands);
    json_object_set_new(json, "transform",
                        json_string(lode_transform_name(model->recipe->transform)));
    json_object_set_new(json, "window", json_integer(2 * lode_model_half_window(model) + 1));
    if (model->encoder) {
        json_object_set_new(json, "encoder", encoder_json(model));
        json_object_set_new(json, "parameters",
                            json_integer(lode_encoder_parameters(model->encoder)));
    } else {
        json_object_set_new(json, "encoder", json_null());
        json_object_set_new(json, "parameters", json_integer(0));
    }
    json_t *pretrain = json_object_get(model->provenance, "pretrain");
    json_t *objective = json_object_get(pretrain, "objective");
    json_object_set(json, "objective", objective ? objective : json_null());
    json_object_set_new(json, "head", model->head ? lode_head_describe(model->head) : json_null());
    json_t *outputs = json_array();
    if (model->head) {
        json_array_append_new(outputs, json_string("score"));
        if (model->head->bags > 1)
            json_array_append_new(outputs, json_string("uncertainty"));
        json_array_append_new(outputs, json_string("percentile"));
    }
    if (model->reference) {
        json_array_append_new(outputs, json_string("anomaly"));
        json_array_append_new(outputs, json_string("support"));
    }
    json_array_append_new(outputs, json_string("embedding"));
    json_object_set_new(json, "bands", outputs);
    json_object_set(json, "provenance", model->provenance);
    return json;
}

lode_status lode_model_describe(const lode_model *model, char **json) {
    lode_locale locale = lode_locale_enter();
    json_t *description = describe(model);
    char *text = json_dumps(description, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    json_decref(description);
    lode_locale_leave(locale);
    char *copy = text ? lode_strdup(text) : NULL;
    free(text);
    if (!copy)
        return lode_fail_memory();
    *json = copy;
    return LODE_OK;
}

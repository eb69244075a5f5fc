#include "contrast/checkpoint.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/safetensors.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

/* of a checkpoint; an address space of 32 bits holds less */
#define MOST_BYTES ((size_t)(SIZE_MAX >> 1 < UINT64_C(1) << 34 ? SIZE_MAX >> 1 : UINT64_C(1) << 34))

char *lode_checkpoint_signature(json_t *json) {
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    char *copy = text ? lode_strdup(text) : NULL;
    free(text);
    json_decref(json);
    return copy;
}

bool lode_checkpoint_exists(const char *path) {
    return path && lode_file_exists(path);
}

lode_status lode_checkpoint_damaged(const char *path) {
    return lode_fail(LODE_ERROR_DATA, "The checkpoint '%s' is damaged. Delete it.", path);
}

lode_status lode_checkpoint_write(const char *path, const char *signature, const json_t *state,
                                  const lode_saved *arrays, int count) {
    lode_tensors *tensors = NULL;
    LODE_TRY(lode_tensors_create(&tensors));
    lode_status status = LODE_OK;
    for (int i = 0; i < count && status == LODE_OK; i++) {
        int64_t size = (int64_t)arrays[i].size;
        status = lode_tensors_add(tensors, arrays[i].name, &size, 1, arrays[i].values);
    }
    json_t *metadata = json_pack("{ss ss sO}", "format", "lode-checkpoint", "signature", signature,
                                 "state", state);
    if (status == LODE_OK && !metadata)
        status = lode_fail_memory();
    if (status == LODE_OK)
        status = lode_tensors_write(tensors, metadata, path);
    json_decref(metadata);
    lode_tensors_free(tensors);
    return status;
}

/* The member `state` of the metadata, which the container keeps as text; NULL when there is none.
 */
static json_t *find_state(const json_t *metadata) {
    json_t *member = json_object_get(metadata, "state");
    json_t *state = json_is_string(member) ? json_loads(json_string_value(member), 0, NULL)
                                           : json_incref(member);
    if (json_is_object(state))
        return state;
    json_decref(state);
    return NULL;
}

static lode_status fill(const lode_tensors *tensors, const lode_saved *arrays, int count) {
    const float **values = lode_alloc((size_t)count, sizeof *values);
    if (!values)
        return lode_fail_memory();
    lode_status status = LODE_OK;
    for (int i = 0; i < count && status == LODE_OK; i++) {
        int64_t size = (int64_t)arrays[i].size;
        status = lode_tensors_get(tensors, arrays[i].name, &size, 1, &values[i]);
    }
    for (int i = 0; i < count && status == LODE_OK; i++)
        memcpy(arrays[i].values, values[i], arrays[i].size * sizeof *values[i]);
    lode_free(values);
    return status;
}

lode_status lode_checkpoint_read(const char *path, const char *signature, json_t **state,
                                 const lode_saved *arrays, int count) {
    char *bytes = NULL;
    size_t size = 0;
    lode_tensors *tensors = NULL;
    json_t *metadata = NULL, *found = NULL;
    LODE_TRY(lode_file_read(path, MOST_BYTES, &bytes, &size));
    lode_status status = lode_tensors_parse(bytes, size, path, &tensors, &metadata);
    lode_free(bytes);
    LODE_TRY(status);
    const char *made_by = json_string_value(json_object_get(metadata, "signature"));
    if (!made_by || strcmp(made_by, signature) != 0)
        status = lode_fail(LODE_ERROR_DATA,
                           "The checkpoint '%s' belongs to a training with other data or options. "
                           "Delete it, or name another file with --checkpoint.",
                           path);
    else if (!(found = find_state(metadata)))
        status = lode_checkpoint_damaged(path);
    if (status == LODE_OK)
        status = fill(tensors, arrays, count);
    json_decref(metadata);
    lode_tensors_free(tensors);
    if (status != LODE_OK) {
        json_decref(found);
        return status;
    }
    *state = found;
    return LODE_OK;
}

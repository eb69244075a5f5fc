#include "model/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include <cpl_vsi.h>

#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

enum { MAX_DIMS = 4 };
/* A header beyond this is not a model: 100 MB is also the limit of the reference implementation. */
#define MAX_HEADER 100000000u

typedef struct tensor {
    char *name;
    int64_t shape[MAX_DIMS];
    int dims;
    size_t count;
    float *values;
} tensor;

struct lode_tensors {
    tensor *items;
    int count, capacity;
    char *file; /* for messages; "" for a set made in memory */
};

lode_status lode_tensors_create(lode_tensors **tensors) {
    lode_tensors *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->file = lode_strdup("");
    if (!made->file) {
        lode_free(made);
        return lode_fail_memory();
    }
    *tensors = made;
    return LODE_OK;
}

void lode_tensors_free(lode_tensors *tensors) {
    if (!tensors)
        return;
    for (int i = 0; i < tensors->count; i++) {
        lode_free(tensors->items[i].name);
        lode_free(tensors->items[i].values);
    }
    lode_free(tensors->items);
    lode_free(tensors->file);
    lode_free(tensors);
}

/* Number of values of a shape; false when a side is negative or the product does not fit. */
static bool shape_count(const int64_t *shape, int dims, size_t *count) {
    size_t product = 1;
    for (int i = 0; i < dims; i++) {
        if (shape[i] < 0 || (uint64_t)shape[i] > SIZE_MAX / sizeof(float))
            return false;
        if (__builtin_mul_overflow(product, (size_t)shape[i], &product) ||
            product > SIZE_MAX / sizeof(float))
            return false;
    }
    *count = product;
    return true;
}

/* Appends an empty tensor of this shape; its values are for the caller to fill. */
static lode_status append(lode_tensors *tensors, const char *name, const int64_t *shape, int dims,
                          tensor **added) {
    if (tensors->count == tensors->capacity) {
        int capacity = tensors->capacity ? 2 * tensors->capacity : 16;
        tensor *items =
            lode_grow(tensors->items, (size_t)tensors->count, (size_t)capacity, sizeof *items);
        if (!items)
            return lode_fail_memory();
        tensors->items = items;
        tensors->capacity = capacity;
    }
    tensor *item = &tensors->items[tensors->count];
    memset(item, 0, sizeof *item);
    if (dims < 0 || dims > MAX_DIMS || !shape_count(shape, dims, &item->count))
        return lode_fail(LODE_ERROR_MODEL, "Tensor '%s' has an impossible shape.", name);
    memcpy(item->shape, shape, (size_t)dims * sizeof *shape);
    item->dims = dims;
    item->name = lode_strdup(name);
    item->values = lode_alloc(item->count, sizeof(float));
    if (!item->name || !item->values) {
        lode_free(item->name);
        lode_free(item->values);
        return lode_fail_memory();
    }
    tensors->count++;
    *added = item;
    return LODE_OK;
}

lode_status lode_tensors_add(lode_tensors *tensors, const char *name, const int64_t *shape,
                             int dims, const float *values) {
    tensor *added;
    LODE_TRY(append(tensors, name, shape, dims, &added));
    memcpy(added->values, values, added->count * sizeof *values);
    return LODE_OK;
}

static const tensor *find(const lode_tensors *tensors, const char *name) {
    for (int i = 0; i < tensors->count; i++)
        if (strcmp(tensors->items[i].name, name) == 0)
            return &tensors->items[i];
    return NULL;
}

lode_status lode_tensors_get(const lode_tensors *tensors, const char *name, const int64_t *shape,
                             int dims, const float **values) {
    const tensor *item = find(tensors, name);
    if (!item)
        return lode_fail(LODE_ERROR_MODEL, "The model file '%s' lacks the tensor '%s'.",
                         tensors->file, name);
    bool same = item->dims == dims;
    for (int i = 0; same && i < dims; i++)
        same = item->shape[i] == shape[i];
    if (!same)
        return lode_fail(LODE_ERROR_MODEL,
                         "The tensor '%s' of the model file '%s' has a shape that "
                         "does not fit its description.",
                         name, tensors->file);
    *values = item->values;
    return LODE_OK;
}

int lode_tensors_count(const lode_tensors *tensors) {
    return tensors->count;
}

const char *lode_tensors_at(const lode_tensors *tensors, int index, int64_t shape[4], int *dims,
                            const float **values) {
    const tensor *item = &tensors->items[index];
    memcpy(shape, item->shape, sizeof item->shape);
    *dims = item->dims;
    *values = item->values;
    return item->name;
}

/* float32 <-> little-endian bytes, on any host. */
static void store_floats(unsigned char *out, const float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], 4);
        for (int k = 0; k < 4; k++)
            out[4 * i + (size_t)k] = (unsigned char)(bits >> (8 * k));
    }
}

static void load_floats(float *values, const unsigned char *in, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = 0;
        for (int k = 0; k < 4; k++)
            bits |= (uint32_t)in[4 * i + (size_t)k] << (8 * k);
        memcpy(&values[i], &bits, 4);
    }
}

/* ---- Writing ----------------------------------------------------------------------------------
 */

/* Metadata values that are not strings are stored as the text of their JSON. */
static json_t *string_metadata(const json_t *metadata) {
    json_t *strings = json_object();
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)metadata, key, value) {
        if (json_is_string(value)) {
            json_object_set(strings, key, value);
            continue;
        }
        char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        json_object_set_new(strings, key, text ? json_string(text) : NULL);
        free(text);
    }
    return strings;
}

static char *compose_header(const lode_tensors *tensors, const json_t *metadata) {
    json_t *header = json_object();
    json_object_set_new(header, "__metadata__", string_metadata(metadata));
    json_int_t offset = 0;
    for (int i = 0; i < tensors->count; i++) {
        const tensor *item = &tensors->items[i];
        json_t *shape = json_array();
        for (int d = 0; d < item->dims; d++)
            json_array_append_new(shape, json_integer(item->shape[d]));
        json_int_t end = offset + (json_int_t)(item->count * sizeof(float));
        json_object_set_new(header, item->name,
                            json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape,
                                      "data_offsets", offset, end));
        offset = end;
    }
    char *text = json_dumps(header, JSON_COMPACT);
    json_decref(header);
    return text;
}

lode_status lode_tensors_write(const lode_tensors *tensors, const json_t *metadata,
                               const char *path) {
    char *header = compose_header(tensors, metadata);
    if (!header)
        return lode_fail_memory();
    /* Spaces after the header align the tensors to 64 bytes in the file. */
    size_t length = strlen(header), padded = (length + 8 + 63) / 64 * 64 - 8, size = 8 + padded;
    for (int i = 0; i < tensors->count; i++)
        size += tensors->items[i].count * sizeof(float);
    unsigned char *bytes = lode_alloc(size, 1);
    lode_status status = LODE_OK;
    if (!bytes) {
        status = lode_fail_memory();
    } else {
        for (int k = 0; k < 8; k++)
            bytes[k] = (unsigned char)((uint64_t)padded >> (8 * k));
        memset(bytes + 8, ' ', padded);
        memcpy(bytes + 8, header, length);
        size_t at = 8 + padded;
        for (int i = 0; i < tensors->count; i++) {
            store_floats(bytes + at, tensors->items[i].values, tensors->items[i].count);
            at += tensors->items[i].count * sizeof(float);
        }
        status = lode_file_write(path, bytes, size);
    }
    free(header);
    lode_free(bytes);
    return status;
}

/* ---- Parsing ----------------------------------------------------------------------------------
 */

static lode_status damaged(const char *name, const char *why) {
    return lode_fail(LODE_ERROR_MODEL, "'%s' is not a usable model file: %s.", name, why);
}

/* left: bytes of the data that no earlier tensor has taken. */
static lode_status parse_tensor(lode_tensors *tensors, const char *key, const json_t *entry,
                                const unsigned char *data, size_t left, size_t size) {
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    const json_t *sides = json_object_get(entry, "shape");
    const json_t *offsets = json_object_get(entry, "data_offsets");
    if (!dtype || strcmp(dtype, "F32") != 0)
        return damaged(tensors->file, "a tensor is not of type F32");
    size_t dims = json_array_size(sides);
    if (!json_is_array(sides) || dims > MAX_DIMS || json_array_size(offsets) != 2)
        return damaged(tensors->file, "a tensor has no usable shape or offsets");
    int64_t shape[MAX_DIMS] = {0};
    size_t count;
    for (size_t d = 0; d < dims; d++) {
        if (!json_is_integer(json_array_get(sides, d)))
            return damaged(tensors->file, "a tensor's shape is not made of whole numbers");
        shape[d] = json_integer_value(json_array_get(sides, d));
    }
    json_int_t from = json_integer_value(json_array_get(offsets, 0));
    json_int_t to = json_integer_value(json_array_get(offsets, 1));
    if (!shape_count(shape, (int)dims, &count) || from < 0 || to < from || (uint64_t)to > size ||
        (uint64_t)(to - from) != count * sizeof(float))
        return damaged(tensors->file, "it is truncated, or a tensor lies outside the file");
    if (count * sizeof(float) > left)
        return damaged(tensors->file, "its tensors overlap");
    tensor *added;
    LODE_TRY(append(tensors, key, shape, (int)dims, &added));
    load_floats(added->values, data + from, count);
    return LODE_OK;
}

static lode_status parse_entries(lode_tensors *tensors, const json_t *header,
                                 const unsigned char *data, size_t size, json_t **metadata) {
    const char *key;
    json_t *entry;
    size_t taken = 0; /* values; tensors that overlap could be more than any memory holds */
    *metadata = NULL;
    json_object_foreach((json_t *)header, key, entry) {
        if (strcmp(key, "__metadata__") == 0) {
            if (!json_is_object(entry))
                return damaged(tensors->file, "its description is not an object");
            *metadata = entry;
        } else {
            LODE_TRY(parse_tensor(tensors, key, entry, data, size - taken * sizeof(float), size));
            taken += tensors->items[tensors->count - 1].count;
        }
    }
    if (!*metadata)
        return damaged(tensors->file, "it has no description");
    return LODE_OK;
}

bool lode_tensors_recognise(const char *path) {
    unsigned char start[9]; /* the length of the header, the first byte of the header */
    VSILFILE *file = VSIFOpenL(path, "rb");
    if (!file)
        return false;
    size_t size = VSIFReadL(start, 1, sizeof start, file);
    VSIFCloseL(file);
    return size == 0 || (size == sizeof start && start[8] == '{');
}

lode_status lode_tensors_parse(const void *bytes, size_t size, const char *name,
                               lode_tensors **tensors, json_t **metadata) {
    const unsigned char *at = bytes;
    if (size < 8)
        return damaged(name, "it is too short");
    uint64_t length = 0;
    for (int k = 0; k < 8; k++)
        length |= (uint64_t)at[k] << (8 * k);
    if (length > MAX_HEADER || length > size - 8)
        return damaged(name, "it is truncated, or not a safetensors file");
    json_error_t error;
    json_t *header =
        json_loadb((const char *)at + 8, (size_t)length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(header)) {
        json_decref(header);
        return damaged(name, "its header is not JSON");
    }
    lode_tensors *parsed = NULL;
    json_t *description = NULL;
    lode_status status = lode_tensors_create(&parsed);
    if (status == LODE_OK) {
        lode_free(parsed->file);
        parsed->file = lode_strdup(name);
        status = parsed->file ? parse_entries(parsed, header, at + 8 + length,
                                              size - 8 - (size_t)length, &description)
                              : lode_fail_memory();
    }
    if (status == LODE_OK) {
        *metadata = json_incref(description);
        *tensors = parsed;
    } else {
        lode_tensors_free(parsed);
    }
    json_decref(header);
    return status;
}

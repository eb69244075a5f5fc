#include <stdlib.h>
#include <string.h>

#include <cpl_vsi.h>

#include "model/safetensors.h"
#include "test.h"
#include "util/file.h"

static const char *const path = "/vsimem/test.safetensors";

static void round_trip(void **state) {
    (void)state;
    const float values[6] = {1, -2.5f, 3e-20f, 4, 5, 6};
    const int64_t shape[2] = {2, 3}, wrong[2] = {3, 2};
    lode_tensors *tensors;
    assert_lode_ok(lode_tensors_create(&tensors));
    assert_lode_ok(lode_tensors_add(tensors, "a.weight", shape, 2, values));
    json_t *metadata = json_pack("{s:s, s:{s:i}}", "format", "x", "part", "n", 3);
    assert_lode_ok(lode_tensors_write(tensors, metadata, path));
    json_decref(metadata);
    lode_tensors_free(tensors);

    char *bytes;
    size_t size;
    assert_lode_ok(lode_file_read(path, 1 << 20, &bytes, &size));
    assert_lode_ok(lode_tensors_parse(bytes, size, "file", &tensors, &metadata));
    const float *read;
    assert_lode_ok(lode_tensors_get(tensors, "a.weight", shape, 2, &read));
    assert_memory_equal(read, values, sizeof values);
    assert_string_equal(json_string_value(json_object_get(metadata, "part")), "{\"n\":3}");
    assert_lode_fails(lode_tensors_get(tensors, "b", shape, 2, &read), LODE_ERROR_MODEL,
                      "lacks the tensor 'b'");
    assert_lode_fails(lode_tensors_get(tensors, "a.weight", wrong, 2, &read), LODE_ERROR_MODEL,
                      "does not fit");
    json_decref(metadata);
    lode_tensors_free(tensors);

    /* Every truncation is refused. */
    for (size_t cut = 0; cut < size; cut++)
        assert_int_equal(lode_tensors_parse(bytes, cut, "cut", &tensors, &metadata),
                         LODE_ERROR_MODEL);
    lode_free(bytes);
    VSIUnlink(path);
}

/* Parses a file made of this header and 8 bytes of data. */
static lode_status parse_header(const char *header) {
    unsigned char bytes[1024] = {0};
    size_t length = strlen(header);
    bytes[0] = (unsigned char)(length & 255);
    bytes[1] = (unsigned char)(length >> 8);
    memcpy(bytes + 8, header, length);
    lode_tensors *tensors;
    json_t *metadata;
    lode_status status = lode_tensors_parse(bytes, 8 + length + 8, "odd", &tensors, &metadata);
    if (status == LODE_OK) {
        json_decref(metadata);
        lode_tensors_free(tensors);
    }
    return status;
}

/* The same bytes on every machine: the length and the values are little-endian. */
static void bytes_are_little_endian(void **state) {
    (void)state;
    static const char file[] = "\x48\0\0\0\0\0\0\0"
                               "{\"__metadata__\":{},\"a\":{\"dtype\":\"F32\",\"shape\":[2],"
                               "\"data_offsets\":[0,8]}}"
                               "\x00\x00\x80\x3f\x00\x00\x20\xc0"; /* 1, -2.5 */
    lode_tensors *tensors;
    json_t *metadata;
    assert_lode_ok(lode_tensors_parse(file, sizeof file - 1, "file", &tensors, &metadata));
    const int64_t shape = 2;
    const float *read;
    assert_lode_ok(lode_tensors_get(tensors, "a", &shape, 1, &read));
    assert_true(read[0] == 1 && read[1] == -2.5f);
    json_decref(metadata);
    metadata = json_object();
    assert_lode_ok(lode_tensors_write(tensors, metadata, path));
    json_decref(metadata);
    lode_tensors_free(tensors);
    char *bytes;
    size_t size;
    assert_lode_ok(lode_file_read(path, 1 << 20, &bytes, &size));
    assert_memory_equal(bytes + size - 8, file + sizeof file - 9, 8);
    assert_true(bytes[0] != 0 && bytes[6] == 0 && bytes[7] == 0);
    lode_free(bytes);
}

static void odd_headers_are_refused(void **state) {
    (void)state;
    assert_lode_ok(parse_header("{\"__metadata__\":{},\"a\":{\"dtype\":\"F32\",\"shape\":[2],"
                                "\"data_offsets\":[0,8]}}"));
    static const char *const odd[] = {
        "",
        "[]",
        "{}",
        "{\"__metadata__\":3}",
        "{\"__metadata__\":{},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,12]}}",
        "{\"__metadata__\":{},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-4,4]}}",
        "{\"__metadata__\":{},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
        "{\"__metadata__\":{},\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
        "{\"__metadata__\":{},\"a\":{\"dtype\":\"F32\",\"shape\":[-1,-2],\"data_offsets\":[0,8]}}",
        "{\"__metadata__\":{},\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],"
        "\"data_offsets\":[0,8]}}",
        "{\"__metadata__\":{},\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,2],"
        "\"data_offsets\":[0,8]}}",
        "{\"__metadata__\":{},\"a\":{\"dtype\":\"F32\",\"shape\":[\"2\"],\"data_offsets\":[0,8]}}",
        "{\"__metadata__\":{},\"a\":7}",
        /* Each alone is sound; a thousand such would fill the memory out of a small file. */
        "{\"__metadata__\":{},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
        "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        if (parse_header(odd[i]) != LODE_ERROR_MODEL)
            fail_msg("header %s was not refused", odd[i]);
}

static void huge_header_length_is_refused(void **state) {
    (void)state;
    const unsigned char bytes[16] = {255, 255, 255, 255, 255, 255, 255, 15, '{', '}'};
    lode_tensors *tensors;
    json_t *metadata;
    assert_int_equal(lode_tensors_parse(bytes, sizeof bytes, "huge", &tensors, &metadata),
                     LODE_ERROR_MODEL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(bytes_are_little_endian),
        cmocka_unit_test(odd_headers_are_refused),
        cmocka_unit_test(huge_header_length_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

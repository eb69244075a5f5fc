/* SHA-256 against the examples of FIPS 180-4. */
#include "test.h"

#include <string.h>

#include "util/sha256.h"

static void check(const char *text, size_t times, const char *expected) {
    lode_sha256 hash;
    char hex[65];
    lode_sha256_start(&hash);
    for (size_t i = 0; i < times; i++)
        lode_sha256_add(&hash, text, strlen(text));
    lode_sha256_finish(&hash, hex);
    assert_string_equal(hex, expected);
}

static void published_examples_agree(void **state) {
    (void)state;
    check("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    check("aaaaaaaaaa", 100000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(published_examples_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

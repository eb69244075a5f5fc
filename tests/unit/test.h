/* test.h - what every unit test includes, in the order cmocka wants. */
#ifndef LODE_TESTS_TEST_H
#define LODE_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lode/lode.h"

#define assert_lode_ok(call)                                                                       \
    do {                                                                                           \
        if ((call) != LODE_OK)                                                                     \
            fail_msg("%s: %s", #call, lode_error_message());                                       \
    } while (0)

/* The call fails with this status and a message that contains text. */
#define assert_lode_fails(call, status, text)                                                      \
    do {                                                                                           \
        assert_int_equal((call), (status));                                                        \
        if (!strstr(lode_error_message(), (text)))                                                 \
            fail_msg("message '%s' lacks '%s'", lode_error_message(), (text));                     \
    } while (0)

/* The size of a test: less with LODE_TEST_BRIEF=1, for tools like valgrind that make a program fifty
 * times slower. The same code runs, less often. */
static inline int test_size(int usual, int brief) {
    return getenv("LODE_TEST_BRIEF") ? brief : usual;
}

#endif

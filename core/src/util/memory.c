#include "util/memory.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lode/lode.h"

/* 64 bytes: a cache line and the widest x86 vector. */
#define ALIGNMENT 64

static atomic_long countdown;

void lode_alloc_fail_at(long n) {
    atomic_store(&countdown, n);
}

static bool must_fail(void) {
    long left = atomic_load_explicit(&countdown, memory_order_relaxed);
    if (left == 0)
        return false;
    if (left == 1)
        return true;
    return atomic_fetch_sub(&countdown, 1) <= 1;
}

/* Bytes to ask for, a multiple of ALIGNMENT; 0 when there are too many. */
static size_t rounded(size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size)
        return 0;
    size_t bytes = count * size;
    if (bytes > SIZE_MAX - ALIGNMENT)
        return 0;
    return bytes == 0 ? ALIGNMENT : (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void *lode_alloc_raw(size_t count, size_t size) {
    size_t bytes = rounded(count, size);
    return bytes == 0 || must_fail() ? NULL : aligned_alloc(ALIGNMENT, bytes);
}

void *lode_alloc(size_t count, size_t size) {
    void *memory = lode_alloc_raw(count, size);
    if (memory)
        memset(memory, 0, rounded(count, size));
    return memory;
}

bool lode_room(void **memory, size_t *held, size_t count, size_t size) {
    size_t bytes = rounded(count, size);
    if (*memory && bytes > 0 && *held >= bytes)
        return true;
    void *larger = lode_alloc_raw(count, size);
    if (!larger)
        return false;
    lode_free(*memory);
    *memory = larger;
    *held = bytes;
    return true;
}

void *lode_grow(void *memory, size_t old_count, size_t new_count, size_t size) {
    char *bigger = lode_alloc_raw(new_count, size);
    if (!bigger)
        return NULL;
    size_t kept = memory ? (old_count < new_count ? old_count : new_count) * size : 0;
    if (kept > 0)
        memcpy(bigger, memory, kept);
    memset(bigger + kept, 0, rounded(new_count, size) - kept);
    lode_free(memory);
    return bigger;
}

char *lode_strdup(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = lode_alloc(size, 1);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

char *lode_format(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : lode_alloc((size_t)length + 1, 1);
    if (!text)
        return NULL;
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

void lode_free(void *memory) {
    free(memory);
}

/* memory.h - the one place memory comes from, so that tests can make any allocation fail. */
#ifndef LODE_UTIL_MEMORY_H
#define LODE_UTIL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* count x size bytes, zeroed, aligned for the widest vector; NULL when it does not fit or the
 * product overflows. Free with lode_free. */
void *lode_alloc(size_t count, size_t size);
/* The same, not zeroed: for arrays of megabytes that are written whole before they are read. */
void *lode_alloc_raw(size_t count, size_t size);
/* As realloc: the first old_count elements are kept and the rest is zeroed. */
void *lode_grow(void *memory, size_t old_count, size_t new_count, size_t size);
/* Makes *memory, which holds *held bytes, hold at least `count` elements of `size` bytes, what was
 * in it lost. False, and the memory as it was, when there is none. */
bool lode_room(void **memory, size_t *held, size_t count, size_t size);
char *lode_strdup(const char *text);
/* sprintf into fresh memory. */
char *lode_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Test hook: the n-th allocation from now (1 = the next) and all later ones fail; 0 = never. */
void lode_alloc_fail_at(long n);

#endif

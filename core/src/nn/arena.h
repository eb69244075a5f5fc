/* arena.h - where buffers of known lifetimes lie in one block of memory. */
#ifndef LODE_NN_ARENA_H
#define LODE_NN_ARENA_H

#include <stddef.h>

#include "lode/lode.h"

typedef struct lode_arena_buffer {
    size_t size;    /* floats; 0 takes no room */
    int start, end; /* first and last step in which it is used, inclusive */
    size_t offset;  /* set by lode_arena_plan; multiple of 16 floats */
} lode_arena_buffer;

/* Buffers whose lifetimes overlap get disjoint places. Larger buffers are placed first, each at the
 * lowest offset that is free for its lifetime. *size: floats in all. */
lode_status lode_arena_plan(lode_arena_buffer *buffers, size_t count, size_t *size);

#endif

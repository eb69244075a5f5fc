#include "nn/arena.h"

#include <stdbool.h>
#include <stdlib.h>

#include "util/error.h"
#include "util/memory.h"

static size_t rounded(size_t size) {
    return (size + 15) / 16 * 16;
}

static int larger_first(const void *a, const void *b) {
    const lode_arena_buffer *x = *(lode_arena_buffer *const *)a,
                            *y = *(lode_arena_buffer *const *)b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return x < y ? -1 : x > y;
}

static bool meet(const lode_arena_buffer *a, const lode_arena_buffer *b) {
    return a->start <= b->end && b->start <= a->end;
}

static int by_offset(const void *a, const void *b) {
    const lode_arena_buffer *x = *(lode_arena_buffer *const *)a,
                            *y = *(lode_arena_buffer *const *)b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Lowest gap between the placed buffers that live at the same time. */
static size_t lowest_gap(const lode_arena_buffer *buffer, lode_arena_buffer *const *placed,
                         size_t count, lode_arena_buffer **rivals) {
    size_t n = 0, offset = 0;
    for (size_t i = 0; i < count; i++)
        if (meet(buffer, placed[i]))
            rivals[n++] = placed[i];
    qsort(rivals, n, sizeof *rivals, by_offset);
    for (size_t i = 0; i < n; i++) {
        if (offset + rounded(buffer->size) <= rivals[i]->offset)
            break;
        size_t end = rivals[i]->offset + rounded(rivals[i]->size);
        if (end > offset)
            offset = end;
    }
    return offset;
}

lode_status lode_arena_plan(lode_arena_buffer *buffers, size_t count, size_t *size) {
    lode_arena_buffer **order = lode_alloc(2 * count, sizeof *order);
    if (!order)
        return lode_fail_memory();
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        order[i] = &buffers[i];
    qsort(order, count, sizeof *order, larger_first);
    for (size_t i = 0; i < count && order[i]->size > 0; i++) {
        order[i]->offset = lowest_gap(order[i], order, i, order + count);
        size_t end = order[i]->offset + rounded(order[i]->size);
        if (end > total)
            total = end;
    }
    lode_free(order);
    *size = total;
    return LODE_OK;
}

#include "simulate/terrain.h"

#include <stdbool.h>

#include "util/error.h"
#include "util/memory.h"

/* A binary heap of cells, lowest elevation first; ties go to the lower cell number, so that the
 * drainage does not depend on the heap. */
typedef struct heap {
    int *cells;
    int count;
    const float *elevation;
} heap;

static bool before(const heap *queue, int a, int b) {
    float left = queue->elevation[a], right = queue->elevation[b];
    return left < right || (left == right && a < b);
}

static void push(heap *queue, int cell) {
    int at = queue->count++;
    while (at > 0 && before(queue, cell, queue->cells[(at - 1) / 2])) {
        queue->cells[at] = queue->cells[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    queue->cells[at] = cell;
}

static int pop(heap *queue) {
    int first = queue->cells[0], last = queue->cells[--queue->count], at = 0;
    for (int child = 1; child < queue->count; child = 2 * at + 1) {
        if (child + 1 < queue->count && before(queue, queue->cells[child + 1], queue->cells[child]))
            child++;
        if (!before(queue, queue->cells[child], last))
            break;
        queue->cells[at] = queue->cells[child];
        at = child;
    }
    queue->cells[at] = last;
    return first;
}

static lode_status raise_hills(const lode_sim_area *area, uint64_t seed,
                               const lode_progress *progress, float *elevation, float *scratch) {
    static const struct {
        double range, height;
    } hills[] = {{30000, 260}, {12000, 180}, {5000, 90}, {2000, 30}};
    size_t cells = (size_t)area->size * (size_t)area->size;
    for (size_t i = 0; i < cells; i++)
        elevation[i] = 900;
    for (size_t k = 0; k < sizeof hills / sizeof hills[0]; k++) {
        LODE_TRY(lode_sim_field(area, hills[k].range, seed, LODE_SIM_STREAM_TERRAIN + k, progress,
                                scratch));
        for (size_t i = 0; i < cells; i++)
            elevation[i] += (float)hills[k].height * scratch[i];
    }
    return LODE_OK;
}

/* Floods from the edge inwards. order[] receives the cells as they are reached: every cell comes
 * after the one it drains to. */
static void route(const lode_sim_area *area, lode_sim_terrain *terrain, heap *queue, bool *seen,
                  int *order) {
    int n = area->size, reached = 0;
    for (int cell = 0; cell < n * n; cell++) {
        int row = cell / n, column = cell % n;
        if (row == 0 || column == 0 || row == n - 1 || column == n - 1) {
            seen[cell] = true;
            terrain->downstream[cell] = -1;
            push(queue, cell);
        }
    }
    while (queue->count > 0) {
        int cell = pop(queue), row = cell / n, column = cell % n;
        order[reached++] = cell;
        for (int k = 0; k < 9; k++) {
            int r = row + k / 3 - 1, c = column + k % 3 - 1, next = r * n + c;
            if (r < 0 || c < 0 || r >= n || c >= n || seen[next])
                continue;
            seen[next] = true;
            terrain->downstream[next] = cell;
            if (terrain->elevation[next] <= terrain->elevation[cell])
                terrain->elevation[next] = terrain->elevation[cell] + 0.01f;
            push(queue, next);
        }
    }
    for (int cell = 0; cell < n * n; cell++)
        terrain->catchment[cell] = 1;
    for (int i = reached - 1; i >= 0; i--) {
        int next = terrain->downstream[order[i]];
        if (next >= 0)
            terrain->catchment[next] += terrain->catchment[order[i]];
    }
}

lode_status lode_sim_terrain_create(const lode_sim_area *area, uint64_t seed,
                                    const lode_progress *progress, lode_sim_terrain **terrain) {
    size_t cells = (size_t)area->size * (size_t)area->size;
    lode_sim_terrain *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->elevation = lode_alloc(cells, sizeof *made->elevation);
    made->downstream = lode_alloc(cells, sizeof *made->downstream);
    made->catchment = lode_alloc(cells, sizeof *made->catchment);
    float *scratch = lode_alloc(cells, sizeof *scratch);
    int *order = lode_alloc(cells, sizeof *order);
    bool *seen = lode_alloc(cells, sizeof *seen);
    heap queue = {lode_alloc(cells, sizeof *queue.cells), 0, made->elevation};
    lode_status status = made->elevation && made->downstream && made->catchment && scratch &&
                                 order && seen && queue.cells
                             ? raise_hills(area, seed, progress, made->elevation, scratch)
                             : lode_fail_memory();
    if (status == LODE_OK)
        route(area, made, &queue, seen, order);
    lode_free(scratch);
    lode_free(order);
    lode_free(seen);
    lode_free(queue.cells);
    if (status != LODE_OK) {
        lode_sim_terrain_free(made);
        return status;
    }
    *terrain = made;
    return LODE_OK;
}

void lode_sim_terrain_free(lode_sim_terrain *terrain) {
    if (!terrain)
        return;
    lode_free(terrain->elevation);
    lode_free(terrain->downstream);
    lode_free(terrain->catchment);
    lode_free(terrain);
}

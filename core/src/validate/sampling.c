#include "validate/sampling.h"

#include <math.h>

#include "util/error.h"
#include "util/memory.h"
#include "vector/points.h"

enum { AROUND = 16 };

lode_status lode_sampling_points(const char *layer, lode_stack *stack, lode_sampling *sampling) {
    const lode_grid *grid = lode_stack_grid(stack);
    lode_sampling made = {.stack = stack, .band = -1};
    lode_points *points;
    lode_stack_cell_size(stack, &made.along, &made.down);
    LODE_TRY(lode_points_read(layer, NULL, grid->crs, "samples", &points));
    for (size_t i = 0; i < points->n; i++) {
        double column, row;
        lode_grid_to_cell(grid, points->east[i], points->north[i], &column, &row);
        points->east[i] = column * made.along;
        points->north[i] = row * made.down;
    }
    lode_status status =
        lode_neighbours_create(points->east, points->north, points->n, &made.points);
    lode_points_free(points);
    if (status == LODE_OK)
        *sampling = made;
    return status;
}

void lode_sampling_band(lode_stack *stack, int band, lode_sampling *sampling) {
    *sampling = (lode_sampling){.stack = stack, .band = band};
    lode_stack_cell_size(stack, &sampling->along, &sampling->down);
}

void lode_sampling_free(lode_sampling *sampling) {
    lode_neighbours_free(sampling->points);
    *sampling = (lode_sampling){.band = -1};
}

static lode_status read_band(const lode_sampling *s, int column, int row, int count,
                             double *distance) {
    float *values = lode_alloc((size_t)count, sizeof *values);
    lode_status status = values
                             ? lode_stack_read(s->stack, column, row, count, 1, &s->band, 1, values)
                             : lode_fail_memory();
    for (int i = 0; i < count && status == LODE_OK; i++)
        distance[i] = isfinite(values[i]) ? (double)values[i] : HUGE_VAL;
    lode_free(values);
    return status;
}

lode_status lode_sampling_nearest(const lode_sampling *s, int column, int row, int count,
                                  double *distance) {
    if (!s->points)
        return read_band(s, column, row, count, distance);
    for (int i = 0; i < count; i++)
        lode_neighbours_find(s->points, (column + i + 0.5) * s->along, (row + 0.5) * s->down, 1,
                             &distance[i], NULL);
    return LODE_OK;
}

lode_status lode_sampling_around(const lode_sampling *s, int column, int row, double *distance) {
    if (!s->points)
        return read_band(s, column, row, 1, distance);
    size_t samples = lode_neighbours_count(s->points);
    int around = samples < AROUND ? (int)samples : AROUND;
    double each[AROUND], sum = 0;
    lode_neighbours_find(s->points, (column + 0.5) * s->along, (row + 0.5) * s->down, around, each,
                         NULL);
    for (int k = 0; k < around; k++)
        sum += each[k];
    *distance = sum / around;
    return LODE_OK;
}

/* deposits.c - reads known deposits from a vector layer; declared in places.h. */
#include "head/features.h"
#include "head/places.h"
#include "util/error.h"
#include "util/memory.h"
#include "vector/points.h"

void lode_deposits_free(lode_deposits *deposits) {
    if (!deposits)
        return;
    lode_free(deposits->columns);
    lode_free(deposits->rows);
    lode_free(deposits->east);
    lode_free(deposits->north);
    lode_free(deposits);
}

static bool in_same_cell(const lode_deposits *deposits, int column, int row) {
    for (size_t i = 0; i < deposits->n; i++)
        if (deposits->columns[i] == column && deposits->rows[i] == row)
            return true;
    return false;
}

static lode_status take_points(const lode_points *points, const lode_grid *grid,
                               lode_deposits *deposits) {
    size_t room = points->n ? points->n : 1;
    deposits->columns = lode_alloc(room, sizeof(int));
    deposits->rows = lode_alloc(room, sizeof(int));
    deposits->east = lode_alloc(room, sizeof(double));
    deposits->north = lode_alloc(room, sizeof(double));
    if (!deposits->columns || !deposits->rows || !deposits->east || !deposits->north)
        return lode_fail_memory();
    deposits->read = points->read;
    deposits->outside = points->read - points->n;
    for (size_t i = 0; i < points->n; i++) {
        double column, row;
        if (!lode_grid_to_cell(grid, points->east[i], points->north[i], &column, &row)) {
            deposits->outside++;
        } else if (in_same_cell(deposits, (int)column, (int)row)) {
            deposits->same_cell++;
        } else {
            deposits->columns[deposits->n] = (int)column;
            deposits->rows[deposits->n] = (int)row;
            deposits->east[deposits->n] = points->east[i];
            deposits->north[deposits->n++] = points->north[i];
        }
    }
    return LODE_OK;
}

static lode_status drop_without_data(lode_stack *stack, const lode_recipe *recipe,
                                     lode_deposits *deposits) {
    lode_features bands = {LODE_INPUT_BANDS, 0, recipe, NULL};
    float *values = lode_alloc(deposits->n, (size_t)recipe->channels * sizeof *values);
    unsigned char *valid = lode_alloc(deposits->n, 1);
    lode_status status = values && valid ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_features_at(&bands, stack, deposits->columns, deposits->rows, deposits->n, 1,
                                  NULL, values, valid);
    size_t kept = 0;
    for (size_t i = 0; status == LODE_OK && i < deposits->n; i++) {
        if (!valid[i])
            continue;
        deposits->columns[kept] = deposits->columns[i];
        deposits->rows[kept] = deposits->rows[i];
        deposits->east[kept] = deposits->east[i];
        deposits->north[kept++] = deposits->north[i];
    }
    if (status == LODE_OK) {
        deposits->without_data = deposits->n - kept;
        deposits->n = kept;
    }
    lode_free(values);
    lode_free(valid);
    return status;
}

static lode_status judge(const lode_deposits *deposits, const char *layer, const char *stack) {
    if (deposits->n == 0)
        return lode_fail(LODE_ERROR_DATA,
                         "None of the %zu deposits of '%s' lies on data of the stack '%s' (%zu "
                         "outside, %zu on cells without data). Check the CRS of both.",
                         deposits->read, layer, stack, deposits->outside, deposits->without_data);
    lode_log(deposits->n < deposits->read ? LODE_LOG_WARNING : LODE_LOG_INFO,
             "Deposits: %zu read from '%s', %zu used (%zu outside the stack, %zu on cells without "
             "data, %zu in the cell of another).",
             deposits->read, layer, deposits->n, deposits->outside, deposits->without_data,
             deposits->same_cell);
    return LODE_OK;
}

lode_status lode_deposits_read(const char *layer, const char *where, lode_stack *stack,
                               const lode_recipe *recipe, lode_deposits **deposits) {
    const lode_grid *grid = lode_stack_grid(stack);
    if (!grid->crs[0])
        return lode_fail(LODE_ERROR_DATA,
                         "The stack '%s' has no CRS. Assign one with gdal_edit.py -a_srs.",
                         lode_stack_name(stack));
    lode_points *points = NULL;
    LODE_TRY(lode_points_read(layer, where, grid->crs, "deposits", &points));
    lode_deposits *made = lode_alloc(1, sizeof *made);
    lode_status status = made ? take_points(points, grid, made) : lode_fail_memory();
    lode_points_free(points);
    if (status == LODE_OK && made->n > 0)
        status = drop_without_data(stack, recipe, made);
    if (status == LODE_OK)
        status = judge(made, layer, lode_stack_name(stack));
    if (status != LODE_OK) {
        lode_deposits_free(made);
        return status;
    }
    *deposits = made;
    return LODE_OK;
}

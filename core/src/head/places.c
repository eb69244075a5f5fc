#include "head/places.h"

#include <math.h>
#include <string.h>

#include <geos_c.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/random.h"
#include "validate/folds.h"

enum { MAX_ROUNDS = 40, STREAM_BACKGROUND = 101 };

void lode_places_free(lode_places *places) {
    lode_free(places->columns);
    lode_free(places->rows);
    lode_free(places->deposit);
    lode_free(places->block);
    memset(places, 0, sizeof *places);
}

/* ---- The exclusion buffer ---------------------------------------------------------------------
 */

/* Deposits buffered in a local plane whose axes are the grid's columns and rows in metres; works
 * for projected and geographic grids alike. */
typedef struct zone {
    GEOSContextHandle_t geos;
    GEOSGeometry *buffer;
    const GEOSPreparedGeometry *prepared;
    double cell_x, cell_y; /* metres */
} zone;

static void zone_free(zone *free_zone) {
    if (free_zone->prepared)
        GEOSPreparedGeom_destroy_r(free_zone->geos, free_zone->prepared);
    if (free_zone->buffer)
        GEOSGeom_destroy_r(free_zone->geos, free_zone->buffer);
    if (free_zone->geos)
        GEOS_finish_r(free_zone->geos);
}

static GEOSGeometry *point_in_plane(const zone *plane, int column, int row) {
    return GEOSGeom_createPointFromXY_r(plane->geos, (column + 0.5) * plane->cell_x,
                                        (row + 0.5) * plane->cell_y);
}

static lode_status zone_make(const lode_deposits *deposits, const lode_stack *stack,
                             double exclusion, zone *made) {
    lode_stack_cell_size(stack, &made->cell_x, &made->cell_y);
    made->geos = GEOS_init_r();
    GEOSGeometry **points = lode_alloc(deposits->n, sizeof *points);
    if (!made->geos || !points) {
        lode_free(points);
        return lode_fail_memory();
    }
    for (size_t i = 0; i < deposits->n; i++)
        points[i] = point_in_plane(made, deposits->columns[i], deposits->rows[i]);
    GEOSGeometry *all =
        GEOSGeom_createCollection_r(made->geos, GEOS_MULTIPOINT, points, (unsigned)deposits->n);
    lode_free(points);
    if (all) {
        made->buffer = GEOSBuffer_r(made->geos, all, exclusion, 16);
        GEOSGeom_destroy_r(made->geos, all);
    }
    if (made->buffer)
        made->prepared = GEOSPrepare_r(made->geos, made->buffer);
    if (!made->prepared)
        return lode_fail(LODE_ERROR_INTERNAL, "GEOS could not buffer the deposits by %g m.",
                         exclusion);
    return LODE_OK;
}

static bool zone_holds(const zone *plane, int column, int row) {
    GEOSGeometry *point = point_in_plane(plane, column, row);
    bool inside = point && GEOSPreparedIntersects_r(plane->geos, plane->prepared, point) == 1;
    if (point)
        GEOSGeom_destroy_r(plane->geos, point);
    return inside;
}

/* ---- Drawing ----------------------------------------------------------------------------------
 */

typedef struct draw {
    const lode_deposits *deposits;
    lode_stack *stack;
    const lode_recipe *recipe;
    const lode_background_options *options;
    zone exclusion;
    lode_places *places;
    int *columns, *rows; /* candidates of one round */
    float *values;
    unsigned char *valid;
    uint64_t *taken; /* open-addressed set of cells seen, cell + 1 */
    size_t slots;
} draw;

/* False when the cell was seen before. */
static bool take_cell(draw *job, int column, int row) {
    uint64_t cell =
        (uint64_t)row * (uint64_t)lode_stack_grid(job->stack)->width + (uint64_t)column + 1;
    size_t slot = (size_t)(cell * 0x9e3779b97f4a7c15ULL) & (job->slots - 1);
    for (; job->taken[slot]; slot = (slot + 1) & (job->slots - 1))
        if (job->taken[slot] == cell)
            return false;
    job->taken[slot] = cell;
    return true;
}

static size_t draw_candidates(draw *job, lode_random *random, size_t wanted) {
    const lode_grid *grid = lode_stack_grid(job->stack);
    size_t found = 0;
    for (size_t tries = 0; found < wanted && tries < 20 * wanted; tries++) {
        int column = (int)lode_random_below(random, (uint32_t)grid->width);
        int row = (int)lode_random_below(random, (uint32_t)grid->height);
        size_t cell = (size_t)row * (size_t)grid->width + (size_t)column;
        if (job->options->allowed && !job->options->allowed[cell])
            continue;
        if (zone_holds(&job->exclusion, column, row) || !take_cell(job, column, row))
            continue;
        job->columns[found] = column;
        job->rows[found++] = row;
    }
    return found;
}

static lode_status draw_background(draw *job) {
    lode_random random = lode_random_stream(job->options->seed, STREAM_BACKGROUND);
    lode_features bands = {LODE_INPUT_BANDS, 0, job->recipe, NULL};
    lode_places *places = job->places;
    size_t goal = places->n + job->options->count, wanted = job->options->count;
    for (int round = 0; round < MAX_ROUNDS && places->n < goal; round++) {
        size_t found = draw_candidates(job, &random, wanted);
        if (found == 0)
            break;
        LODE_TRY(lode_features_at(&bands, job->stack, job->columns, job->rows, found,
                                  job->options->threads, NULL, job->values, job->valid));
        for (size_t i = 0; i < found && places->n < goal; i++) {
            if (!job->valid[i])
                continue;
            places->columns[places->n] = job->columns[i];
            places->rows[places->n++] = job->rows[i];
        }
    }
    size_t got = places->n - job->deposits->n;
    if (got == 0)
        return lode_fail(LODE_ERROR_DATA,
                         "No background place is left outside %g m around the deposits. Choose a "
                         "smaller --exclusion.",
                         job->options->exclusion);
    if (got < job->options->count)
        lode_log(LODE_LOG_WARNING,
                 "Only %zu of %zu background places found outside %g m around the "
                 "deposits.",
                 got, job->options->count, job->options->exclusion);
    return LODE_OK;
}

static lode_status prepare(draw *job, size_t count) {
    size_t n = job->deposits->n, total = n + count;
    for (job->slots = 1024; job->slots < 4 * (MAX_ROUNDS * count + n); job->slots *= 2)
        ;
    lode_places *places = job->places;
    places->columns = lode_alloc(total, sizeof *places->columns);
    places->rows = lode_alloc(total, sizeof *places->rows);
    places->deposit = lode_alloc(total, 1);
    places->block = lode_alloc(total, sizeof *places->block);
    job->columns = lode_alloc(count, sizeof *job->columns);
    job->rows = lode_alloc(count, sizeof *job->rows);
    job->values = lode_alloc(count, (size_t)job->recipe->channels * sizeof *job->values);
    job->valid = lode_alloc(count, 1);
    job->taken = lode_alloc(job->slots, sizeof *job->taken);
    if (!places->columns || !places->rows || !places->deposit || !places->block || !job->columns ||
        !job->rows || !job->values || !job->valid || !job->taken)
        return lode_fail_memory();
    memcpy(places->columns, job->deposits->columns, n * sizeof *places->columns);
    memcpy(places->rows, job->deposits->rows, n * sizeof *places->rows);
    memset(places->deposit, 1, n);
    places->n = n;
    for (size_t i = 0; i < n; i++) /* a deposit's own cell is never background */
        take_cell(job, places->columns[i], places->rows[i]);
    return LODE_OK;
}

lode_status lode_places_draw(const lode_deposits *deposits, lode_stack *stack,
                             const lode_recipe *recipe, const lode_background_options *options,
                             double block_metres, lode_places *places) {
    memset(places, 0, sizeof *places);
    draw job = {.deposits = deposits,
                .stack = stack,
                .recipe = recipe,
                .options = options,
                .places = places};
    lode_status status = zone_make(deposits, stack, options->exclusion, &job.exclusion);
    if (status == LODE_OK)
        status = prepare(&job, options->count);
    if (status == LODE_OK)
        status = draw_background(&job);
    lode_blocks blocks;
    if (status == LODE_OK)
        status = lode_blocks_lay(stack, LODE_BLOCK_SQUARE, block_metres, options->seed, &blocks);
    for (size_t i = 0; status == LODE_OK && i < places->n; i++)
        places->block[i] = lode_blocks_at(&blocks, places->columns[i], places->rows[i]);
    zone_free(&job.exclusion);
    lode_free(job.columns);
    lode_free(job.rows);
    lode_free(job.values);
    lode_free(job.valid);
    lode_free(job.taken);
    if (status != LODE_OK)
        lode_places_free(places);
    return status;
}

double lode_places_block_metres(const lode_deposits *deposits, const lode_stack *stack,
                                int half_window) {
    const lode_grid *grid = lode_stack_grid(stack);
    double cell = lode_stack_cell_metres(stack);
    double area = (double)grid->width * (double)grid->height * cell * cell;
    return lode_blocks_default_side(area, deposits->n, (2.0 * half_window + 1) * cell);
}

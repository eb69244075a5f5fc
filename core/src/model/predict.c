#include "model/predict.h"

#include <string.h>

#include "raster/writer.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

/* Equal to the blocks of the GeoTIFF, so that every block is compressed once. PART: of a tile, for
 * encoders that take long over it; see predict_in_parts. */
enum { TILE = 256, PART = 32 };

typedef struct area {
    int x, y, width, height;
} area;

typedef struct job {
    const lode_model *model;
    const lode_plan *plan;
    lode_stack *stack;
    lode_writer *writer;
    const int *numbers;
    double min_valid;
    area whole; /* the raster */
} job;

/* Number `item` of the squares of `side` cells that cover a width x height area at (x, y). */
static area part_of(area whole, int side, size_t item) {
    int across = (whole.width + side - 1) / side;
    int x = (int)(item % (size_t)across) * side, y = (int)(item / (size_t)across) * side;
    return (area){whole.x + x, whole.y + y, whole.width - x < side ? whole.width - x : side,
                  whole.height - y < side ? whole.height - y : side};
}

static size_t part_count(area whole, int side) {
    return (size_t)((whole.width + side - 1) / side) * (size_t)((whole.height + side - 1) / side);
}

static float *output_for(const job *work, area at) {
    return lode_alloc((size_t)at.width * (size_t)at.height,
                      (size_t)lode_plan_band_count(work->plan) * sizeof(float));
}

/* Reads an area with its halo and predicts it: output[bands][height][width]. */
static lode_status predict_area(const job *work, area at, float *output) {
    int half = lode_model_half_window(work->model), bands = lode_model_band_count(work->model);
    int wide = at.width + 2 * half, tall = at.height + 2 * half;
    float *input = lode_alloc((size_t)wide * (size_t)tall, (size_t)bands * sizeof *input);
    lode_status status = input ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_stack_read(work->stack, at.x - half, at.y - half, wide, tall, work->numbers,
                                 bands, input);
    if (status == LODE_OK)
        status = lode_plan_predict(work->plan, input, at.width, at.height, work->min_valid, output);
    lode_free(input);
    return status;
}

static lode_status predict_tile(void *context, size_t tile, int worker) {
    (void)worker;
    const job *work = context;
    area at = part_of(work->whole, TILE, tile);
    float *output = output_for(work, at);
    lode_status status = output ? predict_area(work, at, output) : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_writer_write(work->writer, at.x, at.y, at.width, at.height, output);
    lode_free(output);
    return status;
}

typedef struct parts {
    const job *work;
    area tile;
    float *output; /* of the tile */
} parts;

static lode_status predict_part(void *context, size_t item, int worker) {
    (void)worker;
    const parts *all = context;
    area at = part_of(all->tile, PART, item);
    float *output = output_for(all->work, at);
    lode_status status = output ? predict_area(all->work, at, output) : lode_fail_memory();
    size_t bands = (size_t)lode_plan_band_count(all->work->plan), width = (size_t)at.width;
    for (size_t row = 0; status == LODE_OK && row < bands * (size_t)at.height; row++) {
        size_t band = row / (size_t)at.height, y = row % (size_t)at.height;
        size_t line = band * (size_t)all->tile.height + (size_t)(at.y - all->tile.y) + y;
        memcpy(all->output + line * (size_t)all->tile.width + (at.x - all->tile.x),
               output + row * width, width * sizeof *output);
    }
    lode_free(output);
    return status;
}

/* One tile after the other, each by all threads: an encoder that evaluates every window alone takes
 * minutes for a tile, and many maps are no more than one tile. */
static lode_status predict_in_parts(const job *work, int threads, const lode_progress *progress) {
    size_t tiles = part_count(work->whole, TILE);
    for (size_t i = 0; i < tiles; i++) {
        parts all = {.work = work, .tile = part_of(work->whole, TILE, i)};
        lode_progress here = lode_progress_part(progress, (double)i / (double)tiles,
                                                (double)(i + 1) / (double)tiles);
        all.output = output_for(work, all.tile);
        lode_status status = all.output ? LODE_OK : lode_fail_memory();
        if (status == LODE_OK)
            status = lode_parallel_for(part_count(all.tile, PART), threads, predict_part, &all,
                                       &here, "mapping");
        if (status == LODE_OK)
            status = lode_writer_write(work->writer, all.tile.x, all.tile.y, all.tile.width,
                                       all.tile.height, all.output);
        lode_free(all.output);
        LODE_TRY(status);
    }
    return LODE_OK;
}

static lode_status open_writer(const job *work, const char *path, int threads,
                               lode_writer **writer) {
    int count = lode_plan_band_count(work->plan);
    const char **names = lode_alloc((size_t)count, sizeof *names);
    if (!names)
        return lode_fail_memory();
    for (int i = 0; i < count; i++)
        names[i] = lode_plan_band_name(work->plan, i);
    lode_status status = lode_writer_open_threads(path, lode_stack_grid(work->stack), names, count,
                                                  lode_thread_count(threads), writer);
    lode_free(names);
    LODE_TRY(status);
    char *description;
    status = lode_model_describe(work->model, &description);
    if (status == LODE_OK) {
        status = lode_writer_describe(*writer, "LODE", "MODEL", work->model->name);
        if (status == LODE_OK)
            status = lode_writer_describe(*writer, "LODE", "VERSION", lode_version());
        if (status == LODE_OK && work->model->head && work->model->head->bags < 2)
            status = lode_writer_describe(*writer, "LODE", "UNCERTAINTY",
                                          "not known: one network, trained once");
        lode_free(description);
    }
    if (status != LODE_OK) {
        lode_writer_abandon(*writer);
        *writer = NULL;
    }
    return status;
}

static lode_status write_raster(job *work, int threads, const lode_progress *progress,
                                const char *path) {
    const lode_grid *grid = lode_stack_grid(work->stack);
    const lode_encoder *encoder = work->model->encoder;
    work->whole = (area){0, 0, grid->width, grid->height};
    LODE_TRY(open_writer(work, path, threads, &work->writer));
    lode_status status = encoder && !lode_encoder_get_kind(encoder)->dense
                             ? predict_in_parts(work, threads, progress)
                             : lode_parallel_for(part_count(work->whole, TILE), threads,
                                                 predict_tile, work, progress, "mapping");
    if (status != LODE_OK) {
        lode_writer_abandon(work->writer);
        return status;
    }
    return lode_writer_commit(work->writer);
}

lode_status lode_predict(const lode_model *model, lode_stack *stack,
                         const lode_predict_options *options, const lode_progress *progress,
                         const char *path) {
    lode_plan *plan = NULL;
    int *numbers = lode_alloc((size_t)model->recipe->bands, sizeof *numbers);
    lode_status status =
        numbers ? lode_recipe_match(model->recipe, stack, numbers) : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_plan_create(model, options->groups, &plan);
    if (status == LODE_OK) {
        job work = {.model = model,
                    .plan = plan,
                    .stack = stack,
                    .numbers = numbers,
                    .min_valid = options->min_valid};
        status = write_raster(&work, options->threads, progress, path);
    }
    lode_plan_free(plan);
    lode_free(numbers);
    return status;
}

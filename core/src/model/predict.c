#include "model/predict.h"

#include <string.h>

#include "raster/writer.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

/* Equal to the blocks of the GeoTIFF, so that every block is compressed once. */
enum { TILE = 256 };

typedef struct job {
    const lode_model *model;
    const lode_plan *plan;
    lode_stack *stack;
    lode_writer *writer;
    const int *numbers;
    double min_valid;
    int tiles_across;
} job;

static lode_status predict_tile(void *context, size_t tile, int worker) {
    (void)worker;
    job *work = context;
    const lode_grid *grid = lode_stack_grid(work->stack);
    int x = (int)(tile % (size_t)work->tiles_across) * TILE;
    int y = (int)(tile / (size_t)work->tiles_across) * TILE;
    int width = grid->width - x < TILE ? grid->width - x : TILE;
    int height = grid->height - y < TILE ? grid->height - y : TILE;
    int half = lode_model_half_window(work->model), bands = lode_model_band_count(work->model);
    int wide = width + 2 * half, tall = height + 2 * half;
    float *input = lode_alloc((size_t)wide * (size_t)tall, (size_t)bands * sizeof *input);
    float *output = lode_alloc((size_t)width * (size_t)height,
                               (size_t)lode_plan_band_count(work->plan) * sizeof *output);
    lode_status status = input && output ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_stack_read(work->stack, x - half, y - half, wide, tall, work->numbers, bands,
                                 input);
    if (status == LODE_OK)
        status = lode_plan_predict(work->plan, input, width, height, work->min_valid, output);
    if (status == LODE_OK)
        status = lode_writer_write(work->writer, x, y, width, height, output);
    lode_free(input);
    lode_free(output);
    return status;
}

static lode_status open_writer(const job *work, const char *path, lode_writer **writer) {
    int count = lode_plan_band_count(work->plan);
    const char **names = lode_alloc((size_t)count, sizeof *names);
    if (!names)
        return lode_fail_memory();
    for (int i = 0; i < count; i++)
        names[i] = lode_plan_band_name(work->plan, i);
    lode_status status = lode_writer_open(path, lode_stack_grid(work->stack), names, count, writer);
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
    work->tiles_across = (grid->width + TILE - 1) / TILE;
    size_t tiles = (size_t)work->tiles_across * (size_t)((grid->height + TILE - 1) / TILE);
    LODE_TRY(open_writer(work, path, &work->writer));
    lode_status status = lode_parallel_for(tiles, threads, predict_tile, work, progress, "mapping");
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

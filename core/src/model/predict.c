#include "model/predict.h"

#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>

#include "raster/parts.h"
#include "raster/runs.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "util/sha256.h"

/* Equal to the blocks of the GeoTIFF, so that every block is compressed once. PART: of a tile, for
 * encoders that take long over it; see tiles_in_parts. */
enum { TILE = LODE_PARTS_BLOCK, PART = 32 };

/* What a worker keeps from tile to tile. */
typedef struct desk {
    lode_evaluator *evaluator;
    void *output;
    size_t output_size;
} desk;

typedef struct job {
    const lode_model *model;
    const lode_plan *plan;
    lode_stack *stack;
    lode_writer *writer;
    const int *numbers;
    const lode_predict_options *options;
    lode_window whole; /* the cells that writer holds */
    lode_runs runs;
    desk *desks; /* [threads] */
} job;

/* A window is cut as a grid is: squares of `side` cells, row after row. */
static lode_grid as_grid(lode_window whole) {
    return (lode_grid){.width = whole.width, .height = whole.height};
}

static lode_window part_of(lode_window whole, int side, size_t item) {
    lode_grid grid = as_grid(whole);
    lode_window part;
    lode_grid_tile(&grid, side, item, &part.x, &part.y, &part.width, &part.height);
    part.x += whole.x;
    part.y += whole.y;
    return part;
}

static size_t part_count(lode_window whole, int side) {
    lode_grid grid = as_grid(whole);
    return lode_grid_tile_count(&grid, side);
}

/* desk->output[bands][height][width]. */
static lode_status predict_area(const job *work, lode_window at, desk *own) {
    if (!lode_room(&own->output, &own->output_size, (size_t)at.width * (size_t)at.height,
                   (size_t)lode_plan_band_count(work->plan) * sizeof(float)))
        return lode_fail_memory();
    return lode_evaluator_tile(own->evaluator, at.x, at.y, at.width, at.height, own->output);
}

/* The tiles of a run, from top to bottom. */
static lode_status predict_run(void *context, size_t item, int worker) {
    const job *work = context;
    desk *own = &work->desks[worker];
    lode_window run = lode_runs_window(&work->runs, item), at = run;
    for (int done = 0; done < run.height; done += at.height) {
        at.y = run.y + done;
        at.height = run.height - done < TILE ? run.height - done : TILE;
        LODE_TRY(predict_area(work, at, own));
        LODE_TRY(lode_writer_hand_over(work->writer, at.x - work->whole.x, at.y - work->whole.y,
                                       at.width, at.height, &own->output, &own->output_size));
        if (lode_parallel_stopped())
            return lode_parallel_give_up();
    }
    return LODE_OK;
}

typedef struct cut_tile {
    const job *work;
    lode_window tile;
    float *output; /* of the tile */
} cut_tile;

static lode_status predict_part(void *context, size_t item, int worker) {
    const cut_tile *all = context;
    lode_window at = part_of(all->tile, PART, item);
    LODE_TRY(predict_area(all->work, at, &all->work->desks[worker]));
    const float *output = all->work->desks[worker].output;
    size_t bands = (size_t)lode_plan_band_count(all->work->plan), width = (size_t)at.width;
    for (size_t row = 0; row < bands * (size_t)at.height; row++) {
        size_t band = row / (size_t)at.height, y = row % (size_t)at.height;
        size_t line = band * (size_t)all->tile.height + (size_t)(at.y - all->tile.y) + y;
        memcpy(all->output + line * (size_t)all->tile.width + (at.x - all->tile.x),
               output + row * width, width * sizeof *output);
    }
    return LODE_OK;
}

/* One tile after the other, each by all threads: an encoder that evaluates every window alone takes
 * minutes for a tile, and many maps are no more than one tile. */
static lode_status tiles_in_parts(const job *work, int threads, const lode_progress *progress) {
    size_t tiles = part_count(work->whole, TILE);
    for (size_t i = 0; i < tiles; i++) {
        cut_tile all = {.work = work, .tile = part_of(work->whole, TILE, i)};
        lode_progress here = lode_progress_part(progress, (double)i / (double)tiles,
                                                (double)(i + 1) / (double)tiles);
        all.output = lode_alloc_raw((size_t)all.tile.width * (size_t)all.tile.height,
                                    (size_t)lode_plan_band_count(work->plan) * sizeof(float));
        lode_status status = all.output ? LODE_OK : lode_fail_memory();
        if (status == LODE_OK)
            status = lode_parallel_for(part_count(all.tile, PART), threads, predict_part, &all,
                                       &here, "mapping");
        if (status == LODE_OK)
            status = lode_writer_write(work->writer, all.tile.x - work->whole.x,
                                       all.tile.y - work->whole.y, all.tile.width, all.tile.height,
                                       all.output);
        lode_free(all.output);
        LODE_TRY(status);
    }
    return LODE_OK;
}

static lode_status describe(void *context, lode_writer *writer) {
    const job *work = context;
    LODE_TRY(lode_writer_describe(writer, "LODE", "MODEL", work->model->name));
    LODE_TRY(lode_writer_describe(writer, "LODE", "VERSION", lode_version()));
    if (!work->model->head || work->model->head->bags >= 2)
        return LODE_OK;
    return lode_writer_describe(writer, "LODE", "UNCERTAINTY",
                                "not known: one network, trained once");
}

static void desks_free(job *work, int count) {
    for (int i = 0; i < count; i++) {
        lode_evaluator_free(work->desks[i].evaluator);
        lode_free(work->desks[i].output);
    }
    lode_free(work->desks);
}

static lode_status desks_create(job *work, int count) {
    work->desks = lode_alloc((size_t)count, sizeof *work->desks);
    lode_status status = work->desks ? LODE_OK : lode_fail_memory();
    for (int i = 0; i < count && status == LODE_OK; i++)
        status = lode_evaluator_create(work->plan, work->stack, work->numbers,
                                       work->options->min_valid, &work->desks[i].evaluator);
    if (status != LODE_OK && work->desks)
        desks_free(work, count);
    return status;
}

static lode_status fill(void *context, const lode_window *window, lode_writer *writer,
                        const lode_progress *progress) {
    job *work = context;
    const lode_encoder *encoder = work->model->encoder;
    int threads = lode_thread_count(work->options->threads);
    work->writer = writer;
    work->whole = *window;
    work->runs = lode_runs_plan(work->stack, work->numbers, lode_model_band_count(work->model),
                                work->whole, TILE, lode_model_half_window(work->model), threads);
    LODE_TRY(desks_create(work, threads));
    lode_status status =
        encoder && !lode_encoder_get_kind(encoder)->dense
            ? tiles_in_parts(work, threads, progress)
            : lode_parallel_for(work->runs.count, threads, predict_run, work, progress, "mapping");
    desks_free(work, threads);
    return status;
}

static lode_writer_options write_options(const lode_predict_options *options) {
    return (lode_writer_options){.threads = lode_thread_count(options->threads),
                                 .compress = options->compress};
}

static lode_status write_raster(job *work, const char *const *names, const char *path,
                                const lode_progress *progress) {
    const lode_grid *grid = lode_stack_grid(work->stack);
    lode_window whole = {0, 0, grid->width, grid->height};
    lode_writer *writer;
    lode_writer_options write = write_options(work->options);
    LODE_TRY(lode_writer_open_with(path, grid, names, lode_plan_band_count(work->plan), &write,
                                   &writer));
    lode_status status = describe(work, writer);
    if (status == LODE_OK)
        status = fill(work, &whole, writer, progress);
    if (status == LODE_OK)
        return lode_writer_commit(writer);
    lode_writer_abandon(writer);
    return status;
}

/* ---- In parts ---------------------------------------------------------------------------------
 */

static void hash_text(lode_sha256 *hash, const char *text) {
    lode_sha256_add(hash, text, strlen(text) + 1);
}

/* Files of the stack by name, size and time: reading them would cost as much as the map. */
static void hash_stack(lode_sha256 *hash, const lode_stack *stack) {
    for (int i = 0; i < lode_stack_dataset_count(stack); i++) {
        GDALDatasetH dataset = lode_stack_dataset(stack, i);
        hash_text(hash, GDALGetDescription(dataset));
        char **files = GDALGetFileList(dataset);
        for (char **file = files; file && *file; file++) {
            VSIStatBufL info;
            uint64_t facts[2] = {0, 0};
            if (VSIStatL(*file, &info) == 0) {
                facts[0] = (uint64_t)info.st_size;
                facts[1] = (uint64_t)info.st_mtime;
            }
            hash_text(hash, *file);
            lode_sha256_add(hash, facts, sizeof facts);
        }
        CSLDestroy(files);
    }
}

/* All that decides the values of the map. */
static lode_status fingerprint(const job *work, const char *const *names, char hex[65]) {
    const lode_grid *grid = lode_stack_grid(work->stack);
    uint64_t size = 0;
    char model[65] = "";
    if (work->model->name)
        LODE_TRY(lode_sha256_file(work->model->name, model, &size));
    lode_sha256 hash;
    lode_sha256_start(&hash);
    hash_text(&hash, lode_version());
    hash_text(&hash, model);
    for (int i = 0; i < lode_plan_band_count(work->plan); i++)
        hash_text(&hash, names[i]);
    lode_sha256_add(&hash, &work->options->min_valid, sizeof work->options->min_valid);
    lode_sha256_add(&hash, &grid->width, sizeof grid->width);
    lode_sha256_add(&hash, &grid->height, sizeof grid->height);
    lode_sha256_add(&hash, grid->transform, sizeof grid->transform);
    hash_stack(&hash, work->stack);
    lode_sha256_finish(&hash, hex);
    return LODE_OK;
}

static lode_status finish_parts(const lode_parts *parts, const lode_predict_options *options,
                                const lode_progress *progress) {
    bool mosaic = EQUAL(CPLGetExtension(parts->path), "vrt");
    lode_status status = mosaic           ? lode_parts_to_vrt(parts)
                         : options->merge ? lode_parts_to_cog(parts, progress)
                                          : lode_parts_to_raster(parts, progress);
    if (status == LODE_OK && !mosaic)
        lode_parts_remove(parts);
    return status;
}

static lode_status write_parts(job *work, const char *const *names, const char *path,
                               const lode_progress *progress) {
    const lode_predict_options *options = work->options;
    bool mosaic = EQUAL(CPLGetExtension(path), "vrt"), shared = options->share_of > 1;
    lode_parts parts = {.path = path,
                        .grid = lode_stack_grid(work->stack),
                        .names = names,
                        .count = lode_plan_band_count(work->plan),
                        .write = write_options(options),
                        .share = shared ? options->share : 0,
                        .share_of = shared ? options->share_of : 1,
                        .describe = describe,
                        .fill = fill,
                        .context = work};
    lode_progress mapping = lode_progress_part(progress, 0, mosaic ? 1 : 0.95);
    lode_progress merging = lode_progress_part(progress, 0.95, 1);
    LODE_TRY(fingerprint(work, names, parts.fingerprint));
    LODE_TRY(lode_parts_compute(&parts, options->cluster, &mapping));
    if (shared)
        return LODE_OK;
    if (lode_cluster_leads(options->cluster))
        LODE_TRY(finish_parts(&parts, options, &merging));
    LODE_TRY(lode_cluster_meet(options->cluster, &merging));
    return lode_progress_report(progress, 1, "mapping");
}

static lode_status check_path(const char *path, const lode_predict_options *options) {
    const char *extension = CPLGetExtension(path);
    bool mosaic = EQUAL(extension, "vrt");
    if (!mosaic && !EQUAL(extension, "tif") && !EQUAL(extension, "tiff"))
        return lode_fail(LODE_ERROR_USAGE,
                         "'%s': maps are written as GeoTIFF, or as a VRT over GeoTIFFs; end the "
                         "name in .tif or .vrt.",
                         path);
    if (mosaic && options->merge)
        return lode_fail(LODE_ERROR_USAGE,
                         "'%s': --merge writes one GeoTIFF; end the name in .tif.", path);
    return lode_file_check_output(path);
}

lode_status lode_predict(const lode_model *model, lode_stack *stack,
                         const lode_predict_options *options, const lode_progress *progress,
                         const char *path) {
    lode_plan *plan = NULL;
    const char **names = NULL;
    int *numbers = lode_alloc((size_t)model->recipe->bands, sizeof *numbers);
    lode_status status = numbers ? check_path(path, options) : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_recipe_match(model->recipe, stack, numbers);
    if (status == LODE_OK)
        status = lode_plan_create(model, options->groups, &plan);
    if (status == LODE_OK) {
        names = lode_alloc((size_t)lode_plan_band_count(plan), sizeof *names);
        status = names ? LODE_OK : lode_fail_memory();
    }
    for (int i = 0; status == LODE_OK && i < lode_plan_band_count(plan); i++)
        names[i] = lode_plan_band_name(plan, i);
    if (status == LODE_OK) {
        job work = {
            .model = model, .plan = plan, .stack = stack, .numbers = numbers, .options = options};
        bool parts = options->cluster || options->share_of > 1 || options->merge ||
                     EQUAL(CPLGetExtension(path), "vrt");
        status = parts ? write_parts(&work, names, path, progress)
                       : write_raster(&work, names, path, progress);
    }
    lode_plan_free(plan);
    lode_free(names);
    lode_free(numbers);
    return status;
}

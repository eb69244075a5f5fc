/* simulate.c - a survey of an imagined area whose deposits are all known to the simulator. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <ogr_srs_api.h>

#include "simulate/output.h"
#include "task/task.h"
#include "util/error.h"
#include "util/file.h"
#include "util/json.h"
#include "util/memory.h"

static const lode_param params[] = {
    {.name = "out",
     .kind = LODE_KIND_FOLDER_OUT,
     .label = "Output folder",
     .help = "Folder for the files; made when it does not exist.",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    {.name = "samples",
     .kind = LODE_KIND_INTEGER,
     .label = "Samples",
     .initial = "1500",
     .help = "About how many stream-sediment samples are taken.",
     .minimum = 50,
     .maximum = 100000},
    {.name = "known",
     .kind = LODE_KIND_INTEGER,
     .label = "Known deposits",
     .initial = "40",
     .help = "Deposits written to deposits.gpkg.",
     .minimum = 1,
     .maximum = 1000},
    {.name = "hidden",
     .kind = LODE_KIND_INTEGER,
     .label = "Hidden deposits",
     .initial = "40",
     .help = "Deposits written to truth.gpkg only.",
     .minimum = 1,
     .maximum = 1000},
    {.name = "size",
     .kind = LODE_KIND_INTEGER,
     .label = "Side of the area",
     .initial = "200",
     .help = "Rows and columns of the grid.",
     .minimum = 40,
     .maximum = 1000,
     .unit = "cells"},
    {.name = "cell",
     .kind = LODE_KIND_DISTANCE,
     .label = "Cell size",
     .initial = "500",
     .help = "Side of a cell of the grid.",
     .minimum = 50,
     .maximum = 5000,
     .unit = "m"},
    {.name = "crs",
     .kind = LODE_KIND_CRS,
     .label = "CRS",
     .initial = "EPSG:32650",
     .help = "A projected CRS in metres for the output; UTM coordinates suit it best.",
     .flags = LODE_ADVANCED},
    LODE_PARAM_SEED,
    LODE_PARAM_THREADS,
    LODE_PARAM_END,
};

/* The files, in the order they are written. */
enum { CSV, SAMPLES, DEPOSITS, TRUTH, FAULTS, GEOLOGY, STACK, FILES };
static const lode_product products[FILES + 1] = {
    [CSV] = {"csv", LODE_KIND_FILE_OUT, "Laboratory table", "samples.csv"},
    [SAMPLES] = {"samples", LODE_KIND_VECTOR_OUT, "Samples", "samples.gpkg"},
    [DEPOSITS] = {"deposits", LODE_KIND_VECTOR_OUT, "Known deposits", "deposits.gpkg"},
    [TRUTH] = {"truth", LODE_KIND_VECTOR_OUT, "Hidden deposits", "truth.gpkg"},
    [FAULTS] = {"faults", LODE_KIND_VECTOR_OUT, "Faults", "faults.gpkg"},
    [GEOLOGY] = {"geology", LODE_KIND_VECTOR_OUT, "Geology", "geology.gpkg"},
    [STACK] = {"stack", LODE_KIND_RASTER_OUT, "Element grids", "stack.tif"},
};

typedef struct world {
    lode_sim_area area;
    lode_sim_terrain *terrain;
    lode_sim_geology *geology;
    lode_sim_deposits *deposits;
    lode_sim_survey *survey;
    float *planes;
} world;

static lode_status check_crs(const char *text) {
    OGRSpatialReferenceH reference = OSRNewSpatialReference(NULL);
    bool known = OSRSetFromUserInput(reference, text) == OGRERR_NONE;
    bool metric = known && OSRIsProjected(reference) && OSRGetLinearUnits(reference, NULL) == 1;
    OSRDestroySpatialReference(reference);
    if (metric)
        return LODE_OK;
    return lode_fail(LODE_ERROR_USAGE,
                     "--crs %s: %s; give a projected CRS in metres, for example "
                     "EPSG:32650.",
                     text, known ? "it is not a projected CRS in metres" : "PROJ does not know it");
}

static lode_status simulate(const lode_args *args, const lode_progress *progress, world *made) {
    uint64_t seed = (uint64_t)lode_arg_integer(args, "seed");
    int threads = (int)lode_arg_integer(args, "threads");
    size_t cells = (size_t)made->area.size * (size_t)made->area.size;
    lode_progress part = lode_progress_part(progress, 0, 0.05);
    LODE_TRY(lode_sim_terrain_create(&made->area, seed, &part, &made->terrain));
    part = lode_progress_part(progress, 0.05, 0.1);
    LODE_TRY(lode_sim_geology_create(&made->area, made->terrain, seed, &part, &made->geology));
    LODE_TRY(
        lode_sim_deposits_create(&made->area, made->geology, (int)lode_arg_integer(args, "known"),
                                 (int)lode_arg_integer(args, "hidden"), seed, &made->deposits));
    part = lode_progress_part(progress, 0.1, 0.6);
    LODE_TRY(lode_sim_survey_run(&made->area, made->terrain, made->geology, made->deposits,
                                 (int)lode_arg_integer(args, "samples"), seed, &part,
                                 &made->survey));
    made->planes = lode_alloc(cells * LODE_SIM_ELEMENTS, sizeof *made->planes);
    if (!made->planes)
        return lode_fail_memory();
    /* Farther than about one and a half sample spacings from any sample nothing is known. */
    double side = made->area.size * made->area.cell;
    double reach = 1.4 * side / sqrt(made->survey->samples);
    part = lode_progress_part(progress, 0.6, 0.9);
    return lode_sim_survey_grid(&made->area, made->survey, reach, threads, &part, made->planes);
}

static lode_status write_one(int file, const char *path, const char *crs, const world *made) {
    switch (file) {
    case CSV:
        return lode_sim_write_csv(path, &made->area, made->survey);
    case SAMPLES:
        return lode_sim_write_samples(path, crs, &made->area, made->survey);
    case DEPOSITS:
    case TRUTH:
        return lode_sim_write_deposits(path, crs, &made->area, made->deposits, file == DEPOSITS);
    case FAULTS:
        return lode_sim_write_faults(path, crs, made->geology);
    case GEOLOGY:
        return lode_sim_write_geology(path, crs, &made->area, made->geology);
    default:
        return lode_sim_write_stack(path, crs, &made->area, made->planes);
    }
}

/* Writes every file; takes back those already there when a later one fails. */
static lode_status write_all(const lode_args *args, const char *folder, const char *crs,
                             const lode_progress *progress, const world *made) {
    lode_status status = LODE_OK;
    json_t *list = json_array();
    for (int file = 0; file < FILES && status == LODE_OK; file++) {
        char *path = lode_file_join(folder, products[file].file);
        status = path ? lode_progress_report(progress, 0.9 + 0.1 * file / FILES, "Writing")
                      : lode_fail_memory();
        if (status == LODE_OK)
            status = write_one(file, path, crs, made);
        if (status == LODE_OK && json_array_append_new(list, lode_json_text(path)) != 0) {
            VSIUnlink(path);
            status = lode_fail_memory();
        }
        lode_free(path);
    }
    for (size_t k = 0; status != LODE_OK && k < json_array_size(list); k++)
        VSIUnlink(json_string_value(json_array_get(list, k)));
    json_t *result = lode_arg_result(args);
    json_object_set_new(result, "files", list);
    json_object_set_new(result, "samples", json_integer(made->survey->samples));
    json_object_set_new(result, "elements", json_integer(LODE_SIM_ELEMENTS));
    json_object_set_new(result, "known_deposits", json_integer(made->deposits->known));
    json_object_set_new(result, "hidden_deposits", json_integer(made->deposits->hidden));
    return status;
}

static lode_status run(const lode_args *args, const lode_progress *progress) {
    const char *folder = lode_arg(args, "out"), *crs = lode_arg(args, "crs");
    /* A corner that is valid in every UTM zone. */
    world made = {.area = {(int)lode_arg_integer(args, "size"), lode_arg_metres(args, "cell"),
                           400000, 3000000}};
    bool new_folder;
    LODE_TRY(check_crs(crs));
    LODE_TRY(lode_file_make_folder(folder, &new_folder));
    lode_status status = simulate(args, progress, &made);
    if (status == LODE_OK)
        status = write_all(args, folder, crs, progress, &made);
    if (status == LODE_OK)
        status = lode_progress_report(progress, 1, NULL);
    if (status != LODE_OK && new_folder)
        VSIRmdir(folder);
    lode_sim_terrain_free(made.terrain);
    lode_sim_geology_free(made.geology);
    lode_sim_deposits_free(made.deposits);
    lode_sim_survey_free(made.survey);
    lode_free(made.planes);
    return status;
}

const lode_task lode_task_simulate = {
    .name = "simulate",
    .title = "Simulate a survey",
    .group = "1 Data",
    .summary = "Make up a survey whose deposits, known and hidden, are all on record.",
    .help =
        "Simulates an area with strata, intrusions, faults, streams and gold deposits with zoned "
        "Au-As-Sb-Hg-Bi haloes, and then a stream-sediment survey of it: 39 elements at realistic "
        "levels, with detection limits and analytical noise. One barren black shale is as rich in "
        "gold and its pathfinders as many haloes, and barren antimony-mercury systems lie on the "
        "same faults, so that no single element is enough.\n\n"
        "Writes samples.csv and samples.gpkg (what the laboratory reports), stack.tif (the samples "
        "gridded by inverse distance, one band an element), deposits.gpkg (known deposits), "
        "truth.gpkg (hidden deposits, to test a map with), faults.gpkg and geology.gpkg. The same "
        "seed gives the same bytes.",
    .params = params,
    .products = products,
    .run = run,
};

/* targets.c - `lode targets`: a score raster to ranked target polygons. */
#include "targets/targets.h"

#include <math.h>
#include <string.h>

#include "task/task.h"
#include "util/error.h"
#include "util/file.h"

static lode_status run(const lode_args *args, const lode_progress *progress) {
    lode_targets_options options;
    lode_targets_defaults(&options);
    options.raster = lode_arg(args, "score");
    options.polygons = lode_arg(args, "out");
    options.points = lode_arg(args, "points");
    options.band = lode_arg(args, "band");
    options.top = lode_arg_number(args, "top") / 100;
    options.threshold = lode_arg(args, "threshold") ? lode_arg_number(args, "threshold") : NAN;
    options.smooth = (int)lode_arg_integer(args, "smooth");
    options.along_cells = strcmp(lode_arg(args, "outline"), "cells") == 0;
    options.close = (int)lode_arg_integer(args, "close");
    options.smallest = lode_arg(args, "min-area") ? 1e6 * lode_arg_number(args, "min-area") : -1;
    options.most = (int)lode_arg_integer(args, "most");
    options.deposits = lode_arg(args, "deposits");
    options.where = lode_arg(args, "where");
    options.buffer = lode_arg_metres(args, "buffer");
    options.attribution = lode_arg(args, "attribution");
    LODE_TRY(lode_file_check_output(options.polygons));
    if (options.points)
        LODE_TRY(lode_file_check_output(options.points));
    return lode_targets_write(&options, progress, lode_arg_result(args));
}

static const lode_param params[] = {
    {.name = "score",
     .kind = LODE_KIND_RASTERS,
     .label = "Prospectivity map",
     .help = "Raster made by 'lode predict' or any other score, higher = better.",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    {.name = "out",
     .kind = LODE_KIND_VECTOR_OUT,
     .label = "Targets",
     .help = "Polygon layer to write; the extension tells the format.",
     .extension = "gpkg",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    {.name = "top",
     .kind = LODE_KIND_NUMBER,
     .label = "Share of the area",
     .help = "The best-scoring share of the area becomes targets.",
     .initial = "5",
     .minimum = 0.001,
     .maximum = 100,
     .unit = "%"},
    {.name = "threshold",
     .kind = LODE_KIND_NUMBER,
     .label = "Score threshold",
     .help = "Take what scores at least this, instead of a share of the area."},
    {.name = "band",
     .kind = LODE_KIND_TEXT,
     .label = "Band",
     .help = "Name of the band to use. Default: score, or the first band."},
    {.name = "min-area",
     .kind = LODE_KIND_NUMBER,
     .label = "Smallest target",
     .help = "Smaller targets are dropped. Default: 4 cells.",
     .minimum = 0,
     .maximum = 1e9,
     .unit = "km2"},
    {.name = "smooth",
     .kind = LODE_KIND_INTEGER,
     .label = "Smoothing radius",
     .help = "The score is first averaged over a square of this half side; 0 = not.",
     .initial = "1",
     .minimum = 0,
     .maximum = 1000,
     .unit = "cells",
     .flags = LODE_ADVANCED},
    {.name = "outline",
     .kind = LODE_KIND_CHOICE,
     .label = "Outline",
     .help = "smooth: along the line where the averaged score reaches the threshold; cells: along "
             "the edges of the raster's cells.",
     .initial = "smooth",
     .choices = "smooth,cells",
     .labels = "Smooth|Edges of cells",
     .flags = LODE_ADVANCED},
    {.name = "close",
     .kind = LODE_KIND_INTEGER,
     .label = "Close gaps",
     .help = "Gaps and holes up to twice this many cells wide are closed; 0 = none.",
     .initial = "1",
     .minimum = 0,
     .maximum = 1000,
     .unit = "cells",
     .flags = LODE_ADVANCED},
    {.name = "most",
     .kind = LODE_KIND_INTEGER,
     .label = "Most targets",
     .help = "Keep this many, best first; 0 = all.",
     .initial = "0",
     .minimum = 0,
     .maximum = 1000000},
    {.name = "deposits",
     .kind = LODE_KIND_POINTS,
     .label = "Known deposits",
     .help = "For the distance to the nearest known deposit and the share already known."},
    LODE_PARAM_WHERE,
    {.name = "buffer",
     .kind = LODE_KIND_DISTANCE,
     .label = "Known ground around deposits",
     .help = "Ground this close to a known deposit counts as known. Default: two cells.",
     .minimum = 0,
     .maximum = 1e7,
     .flags = LODE_ADVANCED},
    {.name = "attribution",
     .kind = LODE_KIND_RASTERS,
     .label = "Attribution raster",
     .help = "Made by 'lode explain' on the same grid: adds the bands that raise each target's "
             "score most."},
    {.name = "points",
     .kind = LODE_KIND_VECTOR_OUT,
     .label = "Points for field work",
     .help = "Also write one point a target, for example as GPX or KML.",
     .extension = "gpx,kml,gpkg,geojson"},
    LODE_PARAM_END,
};

const lode_task lode_task_targets = {
    .name = "targets",
    .title = "Rank targets",
    .group = "4 Judge",
    .summary = "Turn a prospectivity map into ranked target polygons with statistics.",
    .help =
        "Takes the best-scoring share of the area, closes gaps, drops small patches and writes "
        "each connected region as a polygon (with its holes), ranked by mean score. Attributes: "
        "rank, area, mean and highest score, uncertainty, known deposits inside, distance to "
        "the nearest known deposit, its name and its number in the layer, share of the target "
        "close to known deposits, the elements that raise the score most, and the centroid in map "
        "and geographic coordinates.",
    .params = params,
    .run = run,
};

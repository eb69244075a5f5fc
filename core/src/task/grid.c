/* grid.c - a laboratory's table -> an aligned stack, one band an element. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>

#include "grid/gridding.h"
#include "grid/target.h"
#include "samples/samples.h"
#include "task/task.h"
#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "util/text.h"

enum { LONGEST_SIDE = 4000 };

typedef struct grid_job {
    const lode_args *args;
    lode_samples *samples;
    lode_target target;
    lode_gridding gridding;
    double spacing, wide; /* metres: median and 90 % quantile of the sample spacing */
} grid_job;

/* ---- Samples --------------------------------------------------------------------------------- */

#define CENSORED_CHOICES "half,sqrt2,multiplicative,ros"
#define DUPLICATE_CHOICES "average,first,error"
#define SCALE_CHOICES "auto,raw,log,clr"
#define METHOD_CHOICES "idw,kriging,nearest"
#define MODEL_CHOICES "auto,spherical,exponential,gaussian,matern32"

static lode_status read_samples(grid_job *job, const char *crs, const lode_progress *progress) {
    const lode_args *a = job->args;
    lode_samples_options options = {.source = lode_arg(a, "samples"),
                                    .layer = lode_arg(a, "layer"),
                                    .where = lode_arg(a, "where"),
                                    .x = lode_arg(a, "x"),
                                    .y = lode_arg(a, "y"),
                                    .points_crs = lode_arg(a, "points-crs"),
                                    .crs = crs,
                                    .elements = lode_arg(a, "elements"),
                                    .mapping = lode_arg(a, "mapping"),
                                    .missing = lode_arg(a, "missing"),
                                    .group = lode_arg(a, "group"),
                                    .max_censored = lode_arg_number(a, "max-censored"),
                                    .oxides_as_elements = lode_arg_flag(a, "oxides-as-elements")};
    options.censored = (lode_censoring)lode_list_index(CENSORED_CHOICES, lode_arg(a, "censored"));
    options.duplicates =
        (lode_duplicates)lode_list_index(DUPLICATE_CHOICES, lode_arg(a, "duplicates"));
    LODE_TRY(lode_samples_read(&options, progress, &job->samples));
    json_object_set(lode_arg_result(a), "import", job->samples->report);
    return LODE_OK;
}

/* The samples must span an area. */
static lode_status check_places(const lode_samples *s) {
    double n = (double)s->n, mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    if (s->n < 2)
        return lode_fail(LODE_ERROR_DATA, "Only one place has samples; there is nothing to "
                                          "interpolate between.");
    for (size_t i = 0; i < s->n; i++) {
        mx += s->x[i] / n;
        my += s->y[i] / n;
    }
    for (size_t i = 0; i < s->n; i++) {
        xx += (s->x[i] - mx) * (s->x[i] - mx) / n;
        yy += (s->y[i] - my) * (s->y[i] - my) / n;
        xy += (s->x[i] - mx) * (s->y[i] - my) / n;
    }
    double half = 0.5 * (xx + yy), root = sqrt(0.25 * (xx - yy) * (xx - yy) + xy * xy);
    if (!(half - root > 1e-10 * (half + root)))
        return lode_fail(LODE_ERROR_DATA,
                         "All %zu samples lie on one line; a map cannot be made from them.", s->n);
    return LODE_OK;
}

/* ---- Grid ------------------------------------------------------------------------------------ */

/* 1, 2, 2.5 or 5 times a power of ten, the nearest in ratio. */
static double round_number(double value) {
    static const double steps[] = {1, 2, 2.5, 5, 10};
    double power = pow(10, floor(log10(value))), best = power;
    for (int i = 0; i < 5; i++)
        if (fabs(log(steps[i] * power / value)) < fabs(log(best / value)))
            best = steps[i] * power;
    return best;
}

static lode_status find_spacing(grid_job *job, const lode_progress *progress) {
    const lode_args *a = job->args;
    const lode_samples *s = job->samples;
    bool grid_given = lode_arg(a, "like") || (lode_arg(a, "cell") && lode_arg(a, "extent"));
    if (grid_given && (lode_arg(a, "radius") || lode_arg(a, "max-distance")))
        return LODE_OK; /* nothing depends on it */
    double metres = lode_crs_metres(s->crs);
    lode_index *index;
    LODE_TRY(lode_index_create(s->x, s->y, s->n, job->gridding.threads, progress, &index));
    lode_status status = lode_index_spacing(index, &job->spacing, &job->wide);
    lode_index_free(index);
    job->spacing *= metres;
    job->wide *= metres;
    return status;
}

/* The samples' extent and one spacing around it, in whole cells from a round corner. */
static lode_grid samples_grid(const grid_job *job, double cell_metres) {
    const lode_samples *s = job->samples;
    double metres = lode_crs_metres(s->crs), cell = cell_metres / metres;
    double pad = job->spacing / metres, x0 = INFINITY, x1 = -INFINITY, y0 = INFINITY,
           y1 = -INFINITY;
    for (size_t i = 0; i < s->n; i++) {
        x0 = fmin(x0, s->x[i]);
        x1 = fmax(x1, s->x[i]);
        y0 = fmin(y0, s->y[i]);
        y1 = fmax(y1, s->y[i]);
    }
    double longest = fmax(x1 - x0, y1 - y0) + 2 * pad;
    cell = fmax(cell, longest / 1e6); /* make_target notices and refuses */
    x0 = floor((x0 - pad) / cell) * cell;
    y1 = ceil((y1 + pad) / cell) * cell;
    lode_grid grid = {(int)ceil((x1 + pad - x0) / cell),
                      (int)ceil((y1 - y0 + pad) / cell),
                      {x0, cell, 0, y1, 0, -cell},
                      s->crs};
    return grid;
}

static lode_status make_target(grid_job *job) {
    const lode_args *a = job->args;
    lode_target_request request = {lode_arg(a, "like"), lode_arg(a, "extent"), NULL,
                                   lode_arg_metres(a, "cell")};
    double cell = request.cell;
    if (!(cell > 0) && request.like) {
        cell = 1; /* of no use: the grid of --like has its own */
    } else if (!(cell > 0)) {
        cell = round_number(job->spacing / 3);
        lode_grid fine = samples_grid(job, cell);
        while (fine.width > LONGEST_SIDE || fine.height > LONGEST_SIDE) {
            cell = round_number(2 * cell);
            fine = samples_grid(job, cell);
        }
    }
    lode_grid around = samples_grid(job, cell);
    if (request.cell > 0 && !request.extent && !request.like) {
        if (around.transform[1] * lode_crs_metres(job->samples->crs) > 1.001 * cell)
            return lode_fail(LODE_ERROR_USAGE,
                             "--cell %.10g m makes a raster of more than a million cells along one "
                             "side. Choose a larger cell.",
                             cell);
        request.cell = 0; /* already in `around` */
    }
    LODE_TRY(lode_target_create(&request, &around, &job->target));
    const lode_grid *g = &job->target.grid;
    char *crs = lode_crs_describe(job->target.crs);
    char spacing[64] = "";
    if (job->spacing > 0)
        snprintf(spacing, sizeof spacing, "; median sample spacing %.4g m", job->spacing);
    lode_log(LODE_LOG_INFO, "Grid: %d x %d cells of %.6g, %s%s.", g->width, g->height,
             g->transform[1], crs ? crs : "", spacing);
    json_object_set_new(lode_arg_result(a), "grid",
                        json_pack("{s:i, s:i, s:f, s:s, s:f}", "width", g->width, "height",
                                  g->height, "cell", g->transform[1], "crs", crs ? crs : "",
                                  "sample_spacing_m", job->spacing));
    lode_free(crs);
    if (g->transform[2] != 0 || g->transform[4] != 0)
        return lode_fail(LODE_ERROR_DATA, "--like: a rotated grid cannot be gridded on.");
    return LODE_OK;
}

/* ---- Method ---------------------------------------------------------------------------------- */

static lode_status read_method(grid_job *job) {
    const lode_args *a = job->args;
    lode_interpolation *how = &job->gridding.how;
    how->method = (lode_method)lode_list_index(METHOD_CHOICES, lode_arg(a, "method"));
    how->power = lode_arg_number(a, "power");
    how->neighbours = lode_arg_given(a, "neighbours")      ? (int)lode_arg_integer(a, "neighbours")
                      : how->method == LODE_METHOD_KRIGING ? 24
                                                           : 12;
    how->min_neighbours = (int)lode_arg_integer(a, "min-neighbours");
    how->radius = lode_arg_given(a, "radius") ? lode_arg_metres(a, "radius") : INFINITY;
    how->direction = lode_arg_number(a, "direction");
    how->ratio = lode_arg_number(a, "ratio");
    how->variance = lode_arg_flag(a, "variance");
    how->distance = lode_arg_flag(a, "distance");
    if (how->variance && how->method != LODE_METHOD_KRIGING)
        return lode_fail(LODE_ERROR_USAGE, "--variance needs --method kriging.");
    if (lode_arg(a, "variogram") && how->method != LODE_METHOD_KRIGING)
        return lode_fail(LODE_ERROR_USAGE, "--variogram needs --method kriging.");
    int scale = lode_list_index(SCALE_CHOICES, lode_arg(a, "scale"));
    bool kriging = how->method == LODE_METHOD_KRIGING;
    job->gridding.scale = scale > 0 ? (lode_scale)(scale - 1)
                          : kriging ? LODE_SCALE_LOG
                                    : LODE_SCALE_RAW;
    job->gridding.model = lode_list_index(MODEL_CHOICES, lode_arg(a, "model")) - 1;
    job->gridding.cutoff = lode_arg_given(a, "cutoff") ? lode_arg_metres(a, "cutoff") : 0;
    job->gridding.variogram = lode_arg(a, "variogram");
    job->gridding.censored = lode_arg(a, "censored");
    job->gridding.path = lode_arg(a, "output");
    job->gridding.command = lode_arg_command(a);
    job->gridding.separate = lode_arg_flag(a, "separate");
    job->gridding.threads = lode_thread_count((int)lode_arg_integer(a, "threads"));
    job->gridding.cluster = lode_cluster_current();
    job->gridding.result = lode_arg_result(a);
    return LODE_OK;
}

static void settle_distance(grid_job *job) {
    const lode_args *a = job->args;
    lode_interpolation *how = &job->gridding.how;
    if (lode_arg_given(a, "max-distance"))
        how->max_distance = lode_arg_metres(a, "max-distance");
    else if (isfinite(how->radius))
        how->max_distance = how->radius;
    else
        how->max_distance = 3 * fmax(job->wide, job->spacing);
    lode_log(LODE_LOG_INFO, "Cells further than %.4g m from a sample get no data%s.",
             how->max_distance,
             lode_arg_given(a, "max-distance") ? "" : " (--max-distance changes it)");
}

/* ---- The task -------------------------------------------------------------------------------- */

static lode_status interpolate(grid_job *job, const lode_progress *progress) {
    lode_progress space = lode_progress_part(progress, 0, 0.05);
    lode_progress index = lode_progress_part(progress, 0.05, 0.1);
    lode_progress fit = lode_progress_part(progress, 0.1, 0.2);
    lode_progress check = lode_progress_part(progress, 0.2, 0.3);
    lode_progress fill = lode_progress_part(progress, 0.3, 1);
    LODE_TRY(find_spacing(job, &space));
    LODE_TRY(make_target(job));
    settle_distance(job);
    lode_gridding *g = &job->gridding;
    g->samples = job->samples;
    g->grid = &job->target.grid;
    LODE_TRY(lode_gridding_take_values(g));
    LODE_TRY(lode_surface_create(&g->how, g->grid, job->samples->x, job->samples->y,
                                 job->samples->n, g->values, g->count, g->threads, &index,
                                 &g->surface));
    if (g->how.method == LODE_METHOD_KRIGING)
        LODE_TRY(lode_gridding_fit(g, &fit));
    bool validated =
        lode_arg_flag(job->args, "cross-validate") || g->how.method == LODE_METHOD_KRIGING;
    if (validated && lode_cluster_leads(g->cluster))
        LODE_TRY(lode_gridding_validate(g, &check));
    return lode_gridding_write(g, &fill);
}

/* The grid of --like rules the CRS unless --crs names the same one. */
static lode_status wanted_crs(const lode_args *args, char **crs) {
    const char *like = lode_arg(args, "like"), *given = lode_arg(args, "crs");
    *crs = NULL;
    if (given)
        LODE_TRY(lode_crs_read(given, "crs", crs));
    if (!like)
        return LODE_OK;
    lode_stack *stack;
    lode_status status = lode_stack_open(&like, 1, &stack);
    if (status == LODE_OK) {
        const char *own = lode_stack_grid(stack)->crs;
        if (*crs && !lode_crs_same(*crs, own))
            status = lode_fail(LODE_ERROR_USAGE,
                               "--crs and the CRS of --like '%s' differ; give one.", like);
        else if (!*crs && own[0] && !(*crs = lode_strdup(own)))
            status = lode_fail_memory();
        lode_stack_close(stack);
    }
    if (status != LODE_OK) {
        lode_free(*crs);
        *crs = NULL;
    }
    return status;
}

static lode_status grid(grid_job *job, const lode_progress *progress) {
    bool dry = lode_arg_flag(job->args, "dry-run");
    const char *path = lode_arg(job->args, "output");
    if (!path && !dry)
        return lode_fail(LODE_ERROR_USAGE, "Name the GeoTIFF to write, or ask for --dry-run.");
    if (!dry)
        LODE_TRY(lode_file_check_output(path));
    LODE_TRY(read_method(job));
    lode_progress read = lode_progress_part(progress, 0, 0.1);
    lode_progress rest = lode_progress_part(progress, 0.1, 1);
    char *crs;
    LODE_TRY(wanted_crs(job->args, &crs));
    lode_status status = read_samples(job, crs, &read);
    lode_free(crs);
    LODE_TRY(status);
    if (dry)
        return LODE_OK;
    LODE_TRY(check_places(job->samples));
    return interpolate(job, &rest);
}

static lode_status run(const lode_args *args, const lode_progress *progress) {
    grid_job job = {.args = args};
    lode_status status = grid(&job, progress);
    lode_gridding_clear(&job.gridding);
    lode_target_free(&job.target);
    lode_samples_free(job.samples);
    return status;
}

static const lode_param params[] = {
    {.name = "samples",
     .kind = LODE_KIND_POINTS,
     .label = "Samples",
     .help = "Table or point layer of assays: CSV, XLSX, GeoPackage, Shapefile, GeoJSON ...",
     .flags = LODE_POSITIONAL | LODE_REQUIRED},
    {.name = "output",
     .kind = LODE_KIND_RASTER_OUT,
     .label = "Element stack",
     .help = "GeoTIFF to write, one band an element.",
     .extension = "tif",
     .flags = LODE_POSITIONAL},
    {.name = "elements",
     .kind = LODE_KIND_FIELDS,
     .label = "Elements",
     .of = "samples",
     .help = "Elements or columns to grid, for example Au,As,Cu; by default every one recognised."},
    {.name = "method",
     .kind = LODE_KIND_CHOICE,
     .label = "Method",
     .initial = "idw",
     .choices = METHOD_CHOICES,
     .labels = "Inverse distance weighting|Ordinary kriging|Nearest sample",
     .help =
         "idw: inverse distance weighting; kriging: ordinary kriging with a variogram fitted to "
         "each element; nearest: value of the nearest sample."},
    {.name = "cell",
     .kind = LODE_KIND_DISTANCE,
     .label = "Cell size",
     .unit = "m",
     .help = "Side of a cell; by default about a third of the median sample spacing."},
    {.name = "crs",
     .kind = LODE_KIND_CRS,
     .label = "CRS",
     .help =
         "CRS of the stack; by default the samples' own, or the UTM zone of samples in degrees."},
    {.name = "like",
     .kind = LODE_KIND_STACK,
     .label = "Reference grid",
     .help = "Raster whose extent, cells and CRS the stack gets."},
    {.name = "extent",
     .kind = LODE_KIND_EXTENT,
     .label = "Extent",
     .help = "Extent of the stack in its CRS; by default that of the samples."},
    {.name = "max-distance",
     .kind = LODE_KIND_DISTANCE,
     .label = "Largest distance to a sample",
     .unit = "m",
     .help = "Cells further from the nearest sample get no data; by default the radius, or 3 times "
             "the spacing that 90 % of the samples keep."},
    {.name = "neighbours",
     .kind = LODE_KIND_INTEGER,
     .label = "Neighbours",
     .minimum = 1,
     .maximum = 128,
     .help = "Nearest samples used for a cell; by default 12, and 24 for kriging."},
    {.name = "radius",
     .kind = LODE_KIND_DISTANCE,
     .label = "Search radius",
     .unit = "m",
     .help = "Samples further away are not used; by default the nearest ones at any distance."},
    {.name = "power",
     .kind = LODE_KIND_NUMBER,
     .label = "Power",
     .initial = "2",
     .minimum = 0.1,
     .maximum = 20,
     .help = "Exponent of the distance in idw."},
    {.name = "scale",
     .kind = LODE_KIND_CHOICE,
     .label = "Scale",
     .initial = "auto",
     .choices = SCALE_CHOICES,
     .labels = "Automatic|Values as they are|Logarithm|Centred log-ratios",
     .help = "raw: the values themselves; log: their logarithm, back as the median; clr: centred "
             "log-ratios, which the bands then hold. auto is raw, and log for kriging."},
    {.name = "censored",
     .kind = LODE_KIND_CHOICE,
     .label = "Values below detection limits",
     .initial = "half",
     .choices = CENSORED_CHOICES,
     .labels = "Half the limit|Limit / sqrt 2|Multiplicative lognormal replacement|"
               "Regression on order statistics",
     .help = "What stands in for them: half the limit, limit / sqrt 2, multiplicative lognormal "
             "replacement, or regression on order statistics (ros)."},
    {.name = "max-censored",
     .kind = LODE_KIND_NUMBER,
     .label = "Largest share below limits",
     .initial = "0.5",
     .minimum = 0,
     .maximum = 1,
     .flags = LODE_ADVANCED,
     .help = "Elements with a larger share of values below limits are left out."},
    {.name = "missing",
     .kind = LODE_KIND_TEXT,
     .label = "Missing codes",
     .help = "Comma list of further numbers that mean not analysed; -9999, -999, -99 and N/A are "
             "known."},
    {.name = "duplicates",
     .kind = LODE_KIND_CHOICE,
     .label = "Samples at one place",
     .initial = "average",
     .choices = DUPLICATE_CHOICES,
     .labels = "Average them|Take the first|Stop with an error",
     .flags = LODE_ADVANCED,
     .help = "average their values, take the first, or stop with an error."},
    {.name = "group",
     .kind = LODE_KIND_FIELD,
     .label = "Level groups of",
     .of = "samples",
     .help = "Column (laboratory, report, method) whose groups are brought to one median."},
    {.name = "oxides-as-elements",
     .kind = LODE_KIND_BOOLEAN,
     .label = "Oxides as elements",
     .initial = "NO",
     .flags = LODE_ADVANCED,
     .help = "Turns oxides into their element: SiO2 times 0.4674 becomes Si."},
    {.name = "where",
     .kind = LODE_KIND_EXPRESSION,
     .label = "Sample filter",
     .of = "samples",
     .help = "OGR SQL condition that chooses the samples, for example \"lab = 'A'\"."},
    {.name = "layer",
     .kind = LODE_KIND_TEXT,
     .label = "Layer",
     .flags = LODE_ADVANCED,
     .help = "Layer of the file to read; by default the first."},
    {.name = "x",
     .kind = LODE_KIND_FIELD,
     .label = "X column",
     .of = "samples",
     .flags = LODE_ADVANCED,
     .help = "Column of eastings or longitudes; by default found by name."},
    {.name = "y",
     .kind = LODE_KIND_FIELD,
     .label = "Y column",
     .of = "samples",
     .flags = LODE_ADVANCED,
     .help = "Column of northings or latitudes; by default found by name."},
    {.name = "points-crs",
     .kind = LODE_KIND_CRS,
     .label = "CRS of the samples",
     .flags = LODE_ADVANCED,
     .help = "CRS of the coordinates where the file does not say it, or says it wrongly."},
    {.name = "mapping",
     .kind = LODE_KIND_FILE,
     .label = "Column mapping",
     .flags = LODE_ADVANCED,
     .help =
         "JSON file that says what columns are: {\"columns\": {\"Au_ppm\": {\"element\": \"Au\", "
         "\"unit\": \"ppb\"}, \"X1\": null}, \"missing\": [-5555]}."},
    {.name = "direction",
     .kind = LODE_KIND_NUMBER,
     .label = "Direction of continuity",
     .initial = "0",
     .minimum = -360,
     .maximum = 360,
     .unit = "degrees",
     .flags = LODE_ADVANCED,
     .help = "Strike along which values continue furthest, clockwise from north."},
    {.name = "ratio",
     .kind = LODE_KIND_NUMBER,
     .label = "Range across / along",
     .initial = "1",
     .minimum = 0.01,
     .maximum = 1,
     .flags = LODE_ADVANCED,
     .help = "Anisotropy: 0.5 makes a sample across the strike count as twice as far."},
    {.name = "min-neighbours",
     .kind = LODE_KIND_INTEGER,
     .label = "Fewest neighbours",
     .initial = "1",
     .minimum = 1,
     .maximum = 128,
     .flags = LODE_ADVANCED,
     .help = "Cells with fewer samples within the radius get no data."},
    {.name = "model",
     .kind = LODE_KIND_CHOICE,
     .label = "Variogram model",
     .initial = "auto",
     .choices = MODEL_CHOICES,
     .labels = "Best of all|Spherical|Exponential|Gaussian|Matern 3/2",
     .flags = LODE_ADVANCED,
     .help = "Model fitted by weighted least squares; auto takes the one that fits best."},
    {.name = "cutoff",
     .kind = LODE_KIND_DISTANCE,
     .label = "Variogram cutoff",
     .unit = "m",
     .flags = LODE_ADVANCED,
     .help = "Longest pair used for the variogram; by default a third of the extent's diagonal."},
    {.name = "variogram",
     .kind = LODE_KIND_TEXT,
     .label = "Given variogram",
     .flags = LODE_ADVANCED,
     .help = "Instead of fitting: model,nugget,sill,range on the scale used, for example "
             "exponential,0.1,0.9,1500."},
    {.name = "variance",
     .kind = LODE_KIND_BOOLEAN,
     .label = "Variance bands",
     .initial = "NO",
     .help = "Adds the kriging variance of every element as a band."},
    {.name = "distance",
     .kind = LODE_KIND_BOOLEAN,
     .label = "Distance band",
     .initial = "NO",
     .help = "Adds the distance to the nearest sample as a band: surveys are denser near known "
             "deposits, and this shows where."},
    {.name = "cross-validate",
     .kind = LODE_KIND_BOOLEAN,
     .label = "Leave-one-out errors",
     .initial = "NO",
     .flags = LODE_ADVANCED,
     .help = "Reports leave-one-out errors for every method; kriging always does."},
    {.name = "separate",
     .kind = LODE_KIND_BOOLEAN,
     .label = "One file an element",
     .initial = "NO",
     .flags = LODE_ADVANCED,
     .help = "Writes OUT_Au.tif, OUT_As.tif ... instead of one stack."},
    {.name = "dry-run",
     .kind = LODE_KIND_BOOLEAN,
     .label = "Only show what is understood",
     .initial = "NO",
     .help = "Stops after the table of columns, units and warnings."},
    LODE_PARAM_THREADS,
    LODE_PARAM_END};

const lode_task lode_task_grid = {
    .name = "grid",
    .title = "Grid samples",
    .group = "1 Data",
    .summary = "Turns a laboratory's table into an aligned stack, one band an element.",
    .help =
        "Reads a table of samples, finds coordinates, element columns and their units, and prints "
        "what it understood before anything is gridded (--dry-run stops there).\n\n"
        "Values come out in ppm. '<0.5', negative numbers and zeros are values below a detection "
        "limit; -9999, N/A and empty cells are missing. Of two columns for one element (Al and "
        "Al2O3, two methods) the one with more measured values is used. Samples repeated under "
        "another number are left out. A warning names columns in which one laboratory or report "
        "differs tenfold from another, and units that seem mistyped.\n\n"
        "Inverse distance works on the values, kriging on their logarithm with a variogram fitted "
        "for each element; leave-one-out errors tell how good it is. Cells far from any sample get "
        "no data.",
    .params = params,
    .cluster = true,
    .run = run};

#include "targets/targets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "raster/stack.h"
#include "targets/output.h"
#include "targets/region.h"
#include "util/error.h"
#include "util/json.h"
#include "util/memory.h"
#include "validate/neighbours.h"
#include "vector/points.h"

enum { TOP_BANDS = 3, DESCRIBED = 10 };

void lode_targets_defaults(lode_targets_options *options) {
    *options = (lode_targets_options){
        .top = 0.05, .threshold = NAN, .smooth = 1, .close = 1, .smallest = -1, .buffer = -1};
}

typedef struct session {
    const lode_targets_options *options;
    lode_stack *stack;
    lode_grid grid;
    double along, down; /* metres */
    size_t cells;
    lode_surface score;       /* smoothed */
    float *raw, *uncertainty; /* the band itself; uncertainty NULL when there is none */
    int32_t *label;
    lode_outlines outlines;
    double threshold;
    lode_points *deposits;
    double *deposit_x, *deposit_y; /* metres along rows and down columns */
    lode_neighbours *known;
    lode_target *targets;
    int count;
} session;

static void close_session(session *s) {
    for (int t = 0; s->targets && t < s->count; t++)
        lode_free(s->targets[t].elements);
    lode_free(s->targets);
    lode_neighbours_free(s->known);
    lode_points_free(s->deposits);
    lode_free(s->deposit_x);
    lode_free(s->deposit_y);
    lode_free(s->score.values);
    lode_free(s->raw);
    lode_free(s->uncertainty);
    lode_free(s->label);
    lode_outlines_free(&s->outlines);
    lode_stack_close(s->stack);
}

/* ---- Reading ----------------------------------------------------------------------------------
 */

static lode_status read_band(session *s, int band, float **values) {
    *values = lode_alloc(s->cells, sizeof **values);
    return *values
               ? lode_stack_read(s->stack, 0, 0, s->grid.width, s->grid.height, &band, 1, *values)
               : lode_fail_memory();
}

static lode_status read_raster(session *s) {
    const lode_targets_options *o = s->options;
    LODE_TRY(lode_stack_open(&o->raster, 1, &s->stack));
    s->grid = *lode_stack_grid(s->stack);
    s->cells = (size_t)s->grid.width * (size_t)s->grid.height;
    lode_stack_cell_size(s->stack, &s->along, &s->down);
    int band = lode_stack_find_band(s->stack, o->band ? o->band : "score");
    if (band < 0 && o->band)
        return lode_fail(LODE_ERROR_USAGE, "'%s' has no band '%s'; its first one is '%s'.",
                         o->raster, o->band, lode_stack_band_name(s->stack, 0));
    LODE_TRY(read_band(s, band < 0 ? 0 : band, &s->raw));
    int uncertainty = lode_stack_find_band(s->stack, "uncertainty");
    return uncertainty >= 0 ? read_band(s, uncertainty, &s->uncertainty) : LODE_OK;
}

static lode_status read_deposits(session *s) {
    if (!s->options->deposits)
        return LODE_OK;
    LODE_TRY(lode_points_read_named(s->options->deposits, s->options->where, s->grid.crs,
                                    "deposits", &s->deposits));
    s->deposit_x = lode_alloc(s->deposits->n, sizeof *s->deposit_x);
    s->deposit_y = lode_alloc(s->deposits->n, sizeof *s->deposit_y);
    if (!s->deposit_x || !s->deposit_y)
        return lode_fail_memory();
    for (size_t i = 0; i < s->deposits->n; i++) {
        double column, row;
        lode_grid_to_cell(&s->grid, s->deposits->east[i], s->deposits->north[i], &column, &row);
        s->deposit_x[i] = column * s->along;
        s->deposit_y[i] = row * s->down;
    }
    return lode_neighbours_create(s->deposit_x, s->deposit_y, s->deposits->n, &s->known);
}

/* ---- Regions ----------------------------------------------------------------------------------
 */

static lode_status find_regions(session *s) {
    const lode_targets_options *o = s->options;
    lode_surface raw = {s->grid.width, s->grid.height, s->raw};
    s->score = (lode_surface){s->grid.width, s->grid.height, lode_alloc(s->cells, sizeof(float))};
    unsigned char *inside = lode_alloc(s->cells, 1);
    s->label = lode_alloc(s->cells, sizeof *s->label);
    lode_status status = s->score.values && inside && s->label ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = lode_surface_smooth(&raw, o->smooth, s->score.values);
    s->threshold = o->threshold;
    if (status == LODE_OK && !isfinite(s->threshold))
        status = lode_surface_threshold(s->score.values, s->cells, o->top, &s->threshold);
    if (status == LODE_OK && !isfinite(s->threshold))
        status = lode_fail(LODE_ERROR_DATA, "'%s' holds no data.", o->raster);
    if (status == LODE_OK)
        status = lode_region_mask(&s->score, s->threshold, o->close, inside);
    double cell = s->along * s->down;
    size_t smallest = o->smallest >= 0 ? (size_t)ceil(o->smallest / cell - 1e-9) : 4;
    if (status == LODE_OK)
        status =
            lode_region_label(inside, s->grid.width, s->grid.height, smallest, s->label, &s->count);
    lode_free(inside);
    if (status == LODE_OK)
        status = lode_outlines_trace(s->label, s->grid.width, s->grid.height, s->count,
                                     o->along_cells ? NULL : &s->score, s->threshold, &s->outlines);
    return status;
}

static void add_cell(session *s, size_t cell, double buffer) {
    lode_target *t = &s->targets[s->label[cell] - 1];
    double column = (double)(cell % (size_t)s->grid.width) + 0.5;
    double row = (double)(cell / (size_t)s->grid.width) + 0.5, score = s->raw[cell];
    t->cells++;
    t->column += column;
    t->row += row;
    if (isfinite(score)) {
        t->score_cells++;
        t->score_mean += score;
        t->score_max = fmax(t->score_max, score);
    }
    if (s->uncertainty && isfinite(s->uncertainty[cell])) {
        t->uncertainty_cells++;
        t->uncertainty += s->uncertainty[cell];
    }
    if (s->known) {
        double distance;
        size_t nearest;
        lode_neighbours_find(s->known, column * s->along, row * s->down, 1, &distance, &nearest);
        t->covered += distance <= buffer;
        if (distance < t->distance) {
            t->distance = distance;
            t->nearest = (int64_t)nearest;
        }
    }
}

static lode_status measure_regions(session *s) {
    double buffer = s->options->buffer >= 0 ? s->options->buffer : s->along + s->down;
    s->targets = lode_alloc(s->count > 0 ? (size_t)s->count : 1, sizeof *s->targets);
    if (!s->targets)
        return lode_fail_memory();
    for (int t = 0; t < s->count; t++)
        s->targets[t] = (lode_target){
            .label = t + 1, .score_max = -HUGE_VAL, .distance = HUGE_VAL, .nearest = -1};
    for (size_t cell = 0; cell < s->cells; cell++)
        if (s->label[cell] > 0)
            add_cell(s, cell, buffer);
    for (int t = 0; t < s->count; t++) {
        lode_target *target = &s->targets[t];
        double n = (double)target->cells;
        target->area = lode_outlines_area(&s->outlines, t + 1) * s->along * s->down;
        target->column /= n;
        target->row /= n;
        target->covered /= n;
        target->score_mean /= (double)target->score_cells;
        target->uncertainty /= (double)target->uncertainty_cells;
    }
    return LODE_OK;
}

/* Known deposits whose cell lies in a target. */
static void count_known(session *s) {
    for (size_t i = 0; s->deposits && i < s->deposits->n; i++) {
        double column, row;
        if (!lode_grid_to_cell(&s->grid, s->deposits->east[i], s->deposits->north[i], &column,
                               &row))
            continue;
        int32_t label = s->label[(size_t)row * (size_t)s->grid.width + (size_t)column];
        if (label > 0) {
            s->targets[label - 1].known++;
            s->targets[label - 1].distance = 0;
        }
    }
}

/* ---- Elements ---------------------------------------------------------------------------------
 */

/* Names of the bands that raise the score most over a target: "Au, As, Sb". */
static char *name_top_bands(const lode_stack *attribution, const double *mean, int bands) {
    char *text = lode_strdup("");
    bool *taken = lode_alloc((size_t)bands, sizeof *taken);
    for (int k = 0; k < TOP_BANDS && text && taken; k++) {
        int best = -1;
        for (int b = 0; b < bands; b++)
            if (!taken[b] && mean[b] > 0 && (best < 0 || mean[b] > mean[best]))
                best = b;
        if (best < 0)
            break;
        taken[best] = true;
        char *longer =
            lode_format("%s%s%s", text, k > 0 ? ", " : "", lode_stack_band_name(attribution, best));
        lode_free(text);
        text = longer;
    }
    lode_free(taken);
    return text;
}

static lode_status add_elements(session *s, lode_stack *attribution,
                                const lode_progress *progress) {
    int bands = lode_stack_band_count(attribution), width = s->grid.width;
    size_t wide = (size_t)width * (size_t)bands;
    const lode_grid *other = lode_stack_grid(attribution);
    if (other->width != s->grid.width || other->height != s->grid.height)
        return lode_fail(LODE_ERROR_DATA, "The attribution raster '%s' is not on the grid of '%s'.",
                         s->options->attribution, s->options->raster);
    float *line = lode_alloc(wide, sizeof *line);
    double *sum = lode_alloc((size_t)s->count + 1, (size_t)bands * sizeof *sum);
    lode_status status = line && sum ? LODE_OK : lode_fail_memory();
    for (int row = 0; row < s->grid.height && status == LODE_OK; row++) {
        status = lode_progress_report(progress, (double)row / s->grid.height, "elements");
        if (status == LODE_OK)
            status = lode_stack_read(attribution, 0, row, width, 1, NULL, bands, line);
        for (int column = 0; column < width && status == LODE_OK; column++) {
            int32_t label = s->label[(size_t)row * (size_t)width + (size_t)column];
            const float *cell = line + (size_t)column * (size_t)bands;
            for (int b = 0; label > 0 && b < bands; b++)
                sum[(size_t)(label - 1) * (size_t)bands + (size_t)b] +=
                    isfinite(cell[b]) ? cell[b] : 0;
        }
    }
    for (int t = 0; t < s->count && status == LODE_OK; t++) {
        s->targets[t].elements =
            name_top_bands(attribution, sum + (size_t)t * (size_t)bands, bands);
        if (!s->targets[t].elements)
            status = lode_fail_memory();
    }
    lode_free(line);
    lode_free(sum);
    return status;
}

static lode_status explain_regions(session *s, const lode_progress *progress) {
    if (!s->options->attribution || s->count == 0)
        return LODE_OK;
    lode_stack *attribution;
    LODE_TRY(lode_stack_open(&s->options->attribution, 1, &attribution));
    lode_status status = add_elements(s, attribution, progress);
    lode_stack_close(attribution);
    return status;
}

/* ---- Ranking and output -----------------------------------------------------------------------
 */

static int best_first(const void *left, const void *right) {
    const lode_target *a = left, *b = right;
    if (a->score_mean != b->score_mean)
        return a->score_mean < b->score_mean ? 1 : -1;
    return (a->label > b->label) - (a->label < b->label);
}

/* Keeps the best ones; a smooth outline may hold less than its cells did. */
static void rank(session *s) {
    int large = 0;
    for (int t = 0; t < s->count; t++) {
        lode_target target = s->targets[t];
        s->targets[t] = s->targets[large];
        s->targets[large] = target;
        large += target.area >= s->options->smallest * (1 - 1e-9);
    }
    qsort(s->targets, (size_t)large, sizeof *s->targets, best_first);
    int kept = s->options->most > 0 && s->options->most < large ? s->options->most : large;
    for (int t = kept; t < s->count; t++) {
        lode_free(s->targets[t].elements);
        s->targets[t].elements = NULL;
    }
    for (int t = 0; t < kept; t++)
        s->targets[t].rank = t + 1;
    s->count = kept;
}

/* One of the best targets, for reports: what its feature tells, with the centroid in the map's CRS. */
static json_t *describe(const session *s, const lode_target *target) {
    double x, y;
    lode_grid_to_map(&s->grid, target->column, target->row, &x, &y);
    json_t *json = json_pack("{si sf sf sf sf}", "rank", target->rank, "area_km2",
                             target->area / 1e6, "score_mean", target->score_mean, "x", x, "y", y);
    if (!json || !s->deposits || target->nearest < 0)
        return json;
    json_object_set_new(json, "known", json_integer(target->known));
    json_object_set_new(json, "distance_m", json_real(target->distance));
    if (s->deposits->names)
        json_object_set_new(json, "nearest_name",
                            lode_json_text(s->deposits->names[target->nearest]));
    return json;
}

static void summarise(const session *s, json_t *json) {
    double area = 0;
    int known = 0;
    for (int t = 0; t < s->count; t++) {
        area += s->targets[t].area;
        known += s->targets[t].known;
    }
    json_object_set_new(json, "targets", json_integer(s->count));
    json_object_set_new(json, "threshold", json_real(s->threshold));
    json_object_set_new(json, "area_km2", json_real(area / 1e6));
    if (s->deposits) {
        json_object_set_new(json, "known_deposits", json_integer((json_int_t)s->deposits->n));
        json_object_set_new(json, "known_deposits_inside", json_integer(known));
    }
    json_t *best = json_array();
    for (int t = 0; t < s->count && t < DESCRIBED; t++)
        json_array_append_new(best, describe(s, &s->targets[t]));
    json_object_set_new(json, "best", best);
    lode_log(LODE_LOG_INFO, "%d targets, %.4g km2 in all, score at least %.4g.", s->count,
             area / 1e6, s->threshold);
}

static lode_status run(session *s, const lode_progress *progress) {
    lode_progress explaining = lode_progress_part(progress, 0.3, 0.8);
    LODE_TRY(read_raster(s));
    LODE_TRY(read_deposits(s));
    LODE_TRY(lode_progress_report(progress, 0.1, "regions"));
    LODE_TRY(find_regions(s));
    LODE_TRY(measure_regions(s));
    count_known(s);
    LODE_TRY(lode_progress_report(progress, 0.3, "regions"));
    LODE_TRY(explain_regions(s, &explaining));
    rank(s);
    if (s->count == 0)
        lode_log(LODE_LOG_WARNING, "No target is as large as asked for; the layer is empty.");
    lode_target_layer layer = {.grid = &s->grid,
                               .outlines = &s->outlines,
                               .targets = s->targets,
                               .count = s->count,
                               .deposits = s->deposits,
                               .uncertainty = s->uncertainty != NULL,
                               .elements = s->options->attribution != NULL};
    if (s->options->polygons)
        LODE_TRY(lode_targets_write_polygons(&layer, s->options->polygons));
    LODE_TRY(lode_progress_report(progress, 0.95, "writing"));
    return s->options->points ? lode_targets_write_points(&layer, s->options->points) : LODE_OK;
}

lode_status lode_targets_write(const lode_targets_options *options, const lode_progress *progress,
                               json_t *json) {
    session s = {.options = options};
    lode_status status = run(&s, progress);
    if (status == LODE_OK)
        summarise(&s, json);
    close_session(&s);
    return status;
}

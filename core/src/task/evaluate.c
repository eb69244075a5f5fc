/* evaluate.c - how well finished rasters find deposits that had no part in making them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "task/task.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "validate/interval.h"
#include "validate/shares.h"
#include "vector/points.h"

enum { PRINTED = 10 };
static const double confidence = 0.9;

static const lode_param params[] = {
    LODE_PARAM_STACK,
    LODE_PARAM_DEPOSITS,
    {.name = "bands",
     .kind = LODE_KIND_FIELDS,
     .label = "Bands",
     .of = "stack",
     .help = "Comma list of bands to evaluate; without it, all."},
    {.name = "area",
     .kind = LODE_KIND_NUMBER,
     .label = "Share of the area",
     .help = "Deposits in this best-scoring share of the area are counted.",
     .initial = "10",
     .minimum = 0.01,
     .maximum = 100,
     .unit = "%"},
    LODE_PARAM_WHERE,
    LODE_PARAM_THREADS,
    LODE_PARAM_END,
};

/* Numbers of the bands named in a comma list, of all bands for NULL -> bands[*count]. */
static lode_status choose_bands(const lode_stack *stack, const char *list, int *bands, int *count) {
    *count = 0;
    if (!list) {
        while (*count < lode_stack_band_count(stack)) {
            bands[*count] = *count;
            ++*count;
        }
        return LODE_OK;
    }
    for (const char *at = list; *at;) {
        size_t length = strcspn(at, ",");
        char *name = lode_format("%.*s", (int)length, at);
        if (!name)
            return lode_fail_memory();
        int band = lode_stack_find_band(stack, name);
        lode_status status = LODE_OK;
        if (band < 0)
            status = lode_fail(LODE_ERROR_DATA, "'%s' has no band called '%s'.",
                               lode_stack_name(stack), name);
        for (int k = 0; k < *count && status == LODE_OK; k++)
            if (bands[k] == band)
                status = lode_fail(LODE_ERROR_USAGE, "--bands names '%s' twice.", name);
        lode_free(name);
        LODE_TRY(status);
        bands[(*count)++] = band;
        at += length + (at[length] == ',');
    }
    return LODE_OK;
}

static json_t *interval_json(lode_interval interval) {
    json_t *json = json_object();
    json_object_set_new(json, "value", json_real(interval.value));
    json_object_set_new(json, "low", json_real(interval.low));
    json_object_set_new(json, "high", json_real(interval.high));
    return json;
}

static lode_interval auc_interval(const lode_shares *shares, int band) {
    double error, auc = lode_shares_auc(shares, band, &error);
    double reach = isnan(error) ? 0.5 : lode_normal_quantile(0.5 + confidence / 2) * error;
    return (lode_interval){auc, fmax(auc - reach, 0), fmin(auc + reach, 1)};
}

static json_t *capture_json(const lode_shares *shares, int band, double area) {
    double captured = (double)lode_shares_captured(shares, band, area);
    json_t *json =
        interval_json(lode_binomial_interval(captured, (double)shares->found[band], confidence));
    json_object_set_new(json, "deposits", json_integer((json_int_t)captured));
    return json;
}

static json_t *band_json(const lode_shares *shares, int band, double area) {
    static const double usual[] = {0.05, 0.1, 0.2};
    json_t *json = json_object(), *capture = json_object();
    char key[32];
    json_object_set_new(json, "auc", interval_json(auc_interval(shares, band)));
    for (int k = 0; k < 3; k++) {
        snprintf(key, sizeof key, "%.2f", usual[k]);
        json_object_set_new(capture, key, capture_json(shares, band, usual[k]));
    }
    snprintf(key, sizeof key, "%.4g", area);
    if (area != 0.05 && area != 0.1 && area != 0.2)
        json_object_set_new(capture, key, capture_json(shares, band, area));
    json_object_set_new(json, "capture", capture);
    json_object_set_new(json, "deposits", json_integer((json_int_t)shares->found[band]));
    json_object_set_new(json, "cells", json_integer((json_int_t)shares->cells[band]));
    return json;
}

/* Bands with data at some deposit, highest AUC first -> order; returns how many. */
static int rank_bands(const lode_shares *shares, int *order) {
    int count = 0;
    for (int band = 0; band < shares->bands; band++) {
        if (shares->found[band] == 0)
            continue;
        double auc = lode_shares_auc(shares, band, NULL);
        int at = count++;
        for (; at > 0 && lode_shares_auc(shares, order[at - 1], NULL) < auc; at--)
            order[at] = order[at - 1];
        order[at] = band;
    }
    return count;
}

static lode_status report(const lode_args *args, const lode_stack *stack, const int *bands,
                          const lode_points *points, const lode_shares *shares) {
    double area = lode_arg_number(args, "area") / 100;
    int *order = lode_alloc((size_t)shares->bands, sizeof *order);
    if (!order)
        return lode_fail_memory();
    json_t *result = lode_arg_result(args), *list = json_object();
    int ranked = rank_bands(shares, order);
    for (int k = 0; k < ranked; k++) {
        int band = order[k];
        const char *name = lode_stack_band_name(stack, bands[band]);
        lode_interval auc = auc_interval(shares, band);
        json_object_set_new(list, name, band_json(shares, band, area));
        if (k < PRINTED)
            lode_log(LODE_LOG_INFO,
                     "%s: %zu of %zu deposits in the best %.4g %% of the area; AUC %.3f (%.0f %% "
                     "interval %.3f to %.3f)",
                     name, lode_shares_captured(shares, band, area), shares->found[band],
                     100 * area, auc.value, 100 * confidence, auc.low, auc.high);
    }
    json_object_set_new(result, "read", json_integer((json_int_t)points->read));
    if (ranked > 0)
        json_object_set_new(result, "best",
                            json_string(lode_stack_band_name(stack, bands[order[0]])));
    json_object_set_new(result, "bands", list);
    lode_free(order);
    if (ranked == 0)
        return lode_fail(LODE_ERROR_DATA,
                         "None of the %zu deposits of '%s' lies on data of '%s'. Check the CRS of "
                         "both.",
                         points->n, lode_arg(args, "deposits"), lode_stack_name(stack));
    return LODE_OK;
}

/* The cells of the points; -1, -1 for those off the raster. */
static void locate(const lode_grid *grid, const lode_points *points, int *columns, int *rows) {
    for (size_t i = 0; i < points->n; i++) {
        double column, row;
        columns[i] = rows[i] = -1;
        if (lode_grid_to_cell(grid, points->east[i], points->north[i], &column, &row)) {
            columns[i] = (int)floor(column);
            rows[i] = (int)floor(row);
        }
    }
}

static lode_status evaluate(const lode_args *args, lode_stack *stack, const lode_points *points,
                            const lode_progress *progress) {
    int *bands = lode_alloc((size_t)lode_stack_band_count(stack), sizeof *bands), count = 0;
    int *columns = lode_alloc(points->n, sizeof *columns);
    int *rows = lode_alloc(points->n, sizeof *rows);
    lode_shares *shares = NULL;
    lode_status status = bands && columns && rows
                             ? choose_bands(stack, lode_arg(args, "bands"), bands, &count)
                             : lode_fail_memory();
    if (status == LODE_OK) {
        locate(lode_stack_grid(stack), points, columns, rows);
        status = lode_shares_measure(stack, bands, count, columns, rows, points->n,
                                     (int)lode_arg_integer(args, "threads"), progress, &shares);
    }
    if (status == LODE_OK)
        status = report(args, stack, bands, points, shares);
    lode_shares_free(shares);
    lode_free(bands);
    lode_free(columns);
    lode_free(rows);
    return status;
}

static lode_status run(const lode_args *args, const lode_progress *progress) {
    int count;
    const char *const *paths = lode_arg_list(args, "stack", &count);
    lode_stack *stack;
    lode_points *points = NULL;
    LODE_TRY(lode_stack_open(paths, count, &stack));
    lode_status status = lode_points_read(lode_arg(args, "deposits"), lode_arg(args, "where"),
                                          lode_stack_grid(stack)->crs, "deposits", &points);
    if (status == LODE_OK)
        status = evaluate(args, stack, points, progress);
    lode_points_free(points);
    lode_stack_close(stack);
    return status;
}

const lode_task lode_task_evaluate = {
    .name = "evaluate",
    .title = "Evaluate a raster",
    .group = "4 Judge",
    .summary = "Count how many deposits a finished raster finds.",
    .help = "For every band, measures how well high values point at the deposits: the area under "
            "the success-rate curve (AUC) and the share of deposits in the best 5, 10 and 20 % of "
            "the area, against every cell with data.\n\n"
            "The deposits must have had no part in making the raster: discoveries made after it, "
            "or sites kept back. For deposits that were used to fit a model the numbers are far "
            "too good; 'lode validate' tests a method on the deposits at hand without that "
            "mistake.\n\n"
            "Deposits off the raster or on cells without data are left out and counted.",
    .params = params,
    .run = run,
};

#include "simulate/survey.h"

#include <math.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "util/random.h"

enum { NEIGHBOURS = 12, CATCHMENT_CELLS = 400, TRIES = 12 };

/* Three significant digits, as laboratories report. */
static double round_decimal(double value) {
    if (!(value > 0))
        return 0;
    double step = pow(10, floor(log10(value)) - 2);
    return floor(value / step + 0.5) * step;
}

/* Eleven bits after the leading one: within 0.025 %, and much smaller when compressed. */
static float round_binary(double value) {
    int exponent;
    double fraction = frexp(value, &exponent);
    return (float)ldexp(floor(fraction * 4096 + 0.5) / 4096, exponent);
}

/* ---- Sites ------------------------------------------------------------------------------------
 */

/* A small stream drains 1 to 25 square kilometres. */
static bool small_stream(const lode_sim_area *area, const lode_sim_terrain *terrain, size_t cell) {
    double drained = terrain->catchment[cell] * area->cell * area->cell;
    return drained >= 1e6 && drained <= 25e6;
}

static bool pick_site(const lode_sim_area *area, const lode_sim_terrain *terrain,
                      const float *access, double left, double top, double side,
                      lode_random *random, double *x, double *y) {
    size_t cell = 0;
    bool skipped = lode_random_uniform(random) < 0.04;
    for (int attempt = 0; attempt < TRIES; attempt++) {
        *x = left + side * lode_random_uniform(random);
        *y = top + side * lode_random_uniform(random);
        int column = (int)(*x / area->cell), row = (int)(*y / area->cell);
        if (column >= area->size || row >= area->size)
            continue;
        cell = (size_t)row * (size_t)area->size + (size_t)column;
        if (small_stream(area, terrain, cell))
            break;
    }
    return !skipped && access[cell] < 1.6f;
}

static lode_status choose_sites(const lode_sim_area *area, const lode_sim_terrain *terrain,
                                int wanted, uint64_t seed, lode_sim_survey *survey) {
    size_t cells = (size_t)area->size * (size_t)area->size;
    int across = (int)ceil(sqrt(wanted / 0.905));
    double side = area->size * area->cell / across;
    survey->x = lode_alloc((size_t)across * (size_t)across, sizeof *survey->x);
    survey->y = lode_alloc((size_t)across * (size_t)across, sizeof *survey->y);
    float *access = lode_alloc(cells, sizeof *access);
    lode_status status =
        survey->x && survey->y && access
            ? lode_sim_field(area, 14000, seed, LODE_SIM_STREAM_ACCESS, NULL, access)
            : lode_fail_memory();
    lode_random random = lode_random_stream(seed, LODE_SIM_STREAM_SITES);
    for (int k = 0; status == LODE_OK && k < across * across; k++) {
        double x = 0, y = 0;
        if (!pick_site(area, terrain, access, k % across * side, k / across * side, side, &random,
                       &x, &y))
            continue;
        survey->x[survey->samples] = floor(x); /* coordinates are reported in whole metres */
        survey->y[survey->samples++] = floor(y);
    }
    lode_free(access);
    if (status == LODE_OK && survey->samples == 0)
        status = lode_fail(LODE_ERROR_DATA, "The simulated survey has no samples; ask for more.");
    return status;
}

/* ---- Catchments -------------------------------------------------------------------------------
 */

typedef struct catchment {
    int cells[CATCHMENT_CELLS];
    float weights[CATCHMENT_CELLS]; /* sum 1 */
    int count;
} catchment;

/* Walks upstream from the site's cell, breadth first. */
static void trace_catchment(const lode_sim_area *area, const lode_sim_terrain *terrain, int start,
                            catchment *found) {
    int n = area->size;
    float travelled[CATCHMENT_CELLS];
    double total = 0;
    found->count = 1;
    found->cells[0] = start;
    travelled[0] = 0;
    for (int at = 0; at < found->count; at++) {
        int row = found->cells[at] / n, column = found->cells[at] % n;
        for (int k = 0; k < 9 && found->count < CATCHMENT_CELLS; k++) {
            int r = row + k / 3 - 1, c = column + k % 3 - 1;
            if (r < 0 || c < 0 || r >= n || c >= n ||
                terrain->downstream[r * n + c] != found->cells[at])
                continue;
            double step = area->cell * (k % 2 == 0 ? 1.4142135623730951 : 1);
            float path = travelled[at] + (float)step;
            if (path > 4000)
                continue;
            found->cells[found->count] = r * n + c;
            travelled[found->count++] = path;
        }
    }
    for (int k = 0; k < found->count; k++)
        total += found->weights[k] = expf(-travelled[k] / 2000);
    for (int k = 0; k < found->count; k++)
        found->weights[k] = (float)(found->weights[k] / total);
}

static void trace_all(const lode_sim_area *area, const lode_sim_terrain *terrain,
                      const lode_sim_geology *geology, lode_sim_survey *survey,
                      catchment *catchments) {
    for (int s = 0; s < survey->samples; s++) {
        int cell = (int)(survey->y[s] / area->cell) * area->size + (int)(survey->x[s] / area->cell);
        survey->unit[s] = geology->unit[cell];
        trace_catchment(area, terrain, cell, &catchments[s]);
    }
}

/* ---- Laboratory -------------------------------------------------------------------------------
 */

/* What the laboratory reports of one element at all sites. */
static void analyse(const lode_sim_element *element, int index, const float *field,
                    const catchment *catchments, uint64_t seed, lode_sim_survey *survey) {
    lode_random random = lode_random_stream(seed, LODE_SIM_STREAM_LABORATORY + (uint64_t)index);
    for (int s = 0; s < survey->samples; s++) {
        double mean = 0;
        for (int k = 0; k < catchments[s].count; k++)
            mean += catchments[s].weights[k] * field[catchments[s].cells[k]];
        double value = mean * pow(10, element->nugget * lode_random_normal(&random));
        value = round_decimal(value);
        survey->values[(size_t)s * LODE_SIM_ELEMENTS + (size_t)index] =
            value < element->detection ? -element->detection : value;
    }
}

static void close_to_100_percent(uint64_t seed, lode_sim_survey *survey) {
    int silica = 0;
    while (strcmp(lode_sim_element_at(silica)->name, "SiO2") != 0)
        silica++;
    lode_random random = lode_random_stream(seed, LODE_SIM_STREAM_LABORATORY + LODE_SIM_ELEMENTS);
    for (int s = 0; s < survey->samples; s++) {
        double *values = survey->values + (size_t)s * LODE_SIM_ELEMENTS;
        double ignition = 4.5 * exp(0.3 * lode_random_normal(&random));
        values[silica] = round_decimal(lode_sim_silica(values, ignition));
    }
}

static lode_status collect(const lode_sim_area *area, const lode_sim_geology *geology,
                           const lode_sim_deposits *deposits, const catchment *catchments,
                           uint64_t seed, const lode_progress *progress, lode_sim_survey *survey) {
    size_t cells = (size_t)area->size * (size_t)area->size;
    float *field = lode_alloc(cells, sizeof *field);
    float *factors[LODE_SIM_FACTORS] = {NULL};
    lode_status status = field ? LODE_OK : lode_fail_memory();
    for (int k = 0; k < LODE_SIM_FACTORS && status == LODE_OK; k++) {
        factors[k] = lode_alloc(cells, sizeof *factors[k]);
        status = factors[k]
                     ? lode_sim_field(area, 12000 + 5000 * k, seed,
                                      LODE_SIM_STREAM_FACTORS + (uint64_t)k, progress, factors[k])
                     : lode_fail_memory();
    }
    for (int e = 0; e < LODE_SIM_ELEMENTS && status == LODE_OK; e++) {
        lode_progress part = lode_progress_part(progress, (double)e / LODE_SIM_ELEMENTS,
                                                (e + 1.0) / LODE_SIM_ELEMENTS);
        status = lode_sim_element_field(area, geology, deposits, (const float *const *)factors, e,
                                        seed, &part, field);
        if (status == LODE_OK)
            analyse(lode_sim_element_at(e), e, field, catchments, seed, survey);
    }
    if (status == LODE_OK)
        close_to_100_percent(seed, survey);
    for (int k = 0; k < LODE_SIM_FACTORS; k++)
        lode_free(factors[k]);
    lode_free(field);
    return status;
}

lode_status lode_sim_survey_run(const lode_sim_area *area, const lode_sim_terrain *terrain,
                                const lode_sim_geology *geology, const lode_sim_deposits *deposits,
                                int wanted, uint64_t seed, const lode_progress *progress,
                                lode_sim_survey **survey) {
    lode_sim_survey *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    catchment *catchments = NULL;
    lode_status status = choose_sites(area, terrain, wanted, seed, made);
    if (status == LODE_OK) {
        size_t samples = (size_t)made->samples;
        made->unit = lode_alloc(samples, 1);
        made->values = lode_alloc(samples * LODE_SIM_ELEMENTS, sizeof *made->values);
        catchments = lode_alloc(samples, sizeof *catchments);
        if (!made->unit || !made->values || !catchments)
            status = lode_fail_memory();
    }
    if (status == LODE_OK) {
        trace_all(area, terrain, geology, made, catchments);
        status = collect(area, geology, deposits, catchments, seed, progress, made);
    }
    lode_free(catchments);
    if (status != LODE_OK) {
        lode_sim_survey_free(made);
        return status;
    }
    *survey = made;
    return LODE_OK;
}

void lode_sim_survey_free(lode_sim_survey *survey) {
    if (!survey)
        return;
    lode_free(survey->x);
    lode_free(survey->y);
    lode_free(survey->unit);
    lode_free(survey->values);
    lode_free(survey);
}

/* ---- Gridding ---------------------------------------------------------------------------------
 */

typedef struct gridding {
    const lode_sim_area *area;
    const lode_sim_survey *survey;
    double reach;
    float *planes;
} gridding;

/* The nearest samples, closest first; returns how many there are. */
static int find_nearest(const lode_sim_survey *survey, double x, double y, int *nearest,
                        double *squares) {
    int count = 0;
    for (int s = 0; s < survey->samples; s++) {
        double dx = survey->x[s] - x, dy = survey->y[s] - y, square = dx * dx + dy * dy;
        if (count == NEIGHBOURS && square >= squares[count - 1])
            continue;
        int at = count < NEIGHBOURS ? count++ : count - 1;
        for (; at > 0 && squares[at - 1] > square; at--) {
            squares[at] = squares[at - 1];
            nearest[at] = nearest[at - 1];
        }
        squares[at] = square;
        nearest[at] = s;
    }
    return count;
}

static lode_status grid_row(void *context, size_t row, int worker) {
    (void)worker;
    const gridding *work = context;
    size_t n = (size_t)work->area->size;
    for (size_t column = 0; column < n; column++) {
        int nearest[NEIGHBOURS];
        double squares[NEIGHBOURS];
        int count = find_nearest(work->survey, ((double)column + 0.5) * work->area->cell,
                                 ((double)row + 0.5) * work->area->cell, nearest, squares);
        bool covered = squares[0] <= work->reach * work->reach;
        for (int e = 0; e < LODE_SIM_ELEMENTS; e++) {
            double sum = 0, weights = 0;
            for (int k = 0; k < count; k++) {
                double value =
                    work->survey->values[(size_t)nearest[k] * LODE_SIM_ELEMENTS + (size_t)e];
                double weight = 1 / (squares[k] + 1);
                sum += weight * (value < 0 ? -0.5 * value : value);
                weights += weight;
            }
            work->planes[((size_t)e * n + row) * n + column] =
                covered ? round_binary(sum / weights) : NAN;
        }
    }
    return LODE_OK;
}

lode_status lode_sim_survey_grid(const lode_sim_area *area, const lode_sim_survey *survey,
                                 double reach, int threads, const lode_progress *progress,
                                 float *planes) {
    gridding work = {area, survey, reach, planes};
    return lode_parallel_for((size_t)area->size, threads, grid_row, &work, progress, "Gridding");
}

#include "simulate/geology.h"

#include <math.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"
#include "util/random.h"

static const double pi = 3.141592653589793;

typedef struct intrusion {
    double x, y, radius, stretch, angle; /* metres from the north-west corner, radians */
    int unit;
} intrusion;

enum { GRANITES = 9, DIORITES = 7, INTRUSIONS = GRANITES + DIORITES };

const char *lode_sim_unit_name(int unit) {
    static const char *const names[LODE_SIM_UNITS] = {
        [LODE_SIM_SANDSTONE] = "Sandstone",     [LODE_SIM_SLATE] = "Slate",
        [LODE_SIM_BLACK_SHALE] = "Black shale", [LODE_SIM_LIMESTONE] = "Limestone",
        [LODE_SIM_BASALT] = "Basalt",           [LODE_SIM_GRANITE] = "Granite",
        [LODE_SIM_DIORITE] = "Diorite",         [LODE_SIM_ALLUVIUM] = "Alluvium"};
    return unit >= 0 && unit < LODE_SIM_UNITS ? names[unit] : "";
}

/* ---- Strata -----------------------------------------------------------------------------------
 */

/* The layer at depth t (0..1) of the folded pile. */
static unsigned char layer_at(double t) {
    static const struct {
        double top;
        unsigned char unit;
    } pile[] = {{0.16, LODE_SIM_SANDSTONE},   {0.34, LODE_SIM_SLATE},
                {0.43, LODE_SIM_BLACK_SHALE}, {0.60, LODE_SIM_SLATE},
                {0.72, LODE_SIM_LIMESTONE},   {0.84, LODE_SIM_BASALT},
                {2.00, LODE_SIM_SANDSTONE}};
    int k = 0;
    while (t > pile[k].top)
        k++;
    return pile[k].unit;
}

static lode_status fold_strata(const lode_sim_area *area, uint64_t seed, double strike,
                               const lode_progress *progress, unsigned char *unit, float *bend,
                               float *crumple) {
    int n = area->size;
    LODE_TRY(lode_sim_field(area, 40000, seed, LODE_SIM_STREAM_GEOLOGY, progress, bend));
    LODE_TRY(lode_sim_field(area, 9000, seed, LODE_SIM_STREAM_GEOLOGY + 1, progress, crumple));
    for (int row = 0; row < n; row++) {
        for (int column = 0; column < n; column++) {
            size_t i = (size_t)row * (size_t)n + (size_t)column;
            double across = (column * sin(strike) + row * cos(strike)) * area->cell;
            double phase = (across + 9000 * bend[i] + 1500 * crumple[i]) / 46000;
            double fold = fabs(2 * (phase - floor(phase)) - 1); /* anticline, syncline, ... */
            unit[i] = layer_at(fold);
        }
    }
    return LODE_OK;
}

/* ---- Intrusions -------------------------------------------------------------------------------
 */

static void place_intrusions(const lode_sim_area *area, uint64_t seed, intrusion *list) {
    lode_random random = lode_random_stream(seed, LODE_SIM_STREAM_INTRUSIONS);
    double side = area->size * area->cell;
    for (int k = 0; k < INTRUSIONS; k++) {
        list[k].unit = k < GRANITES ? LODE_SIM_GRANITE : LODE_SIM_DIORITE;
        list[k].x = side * lode_random_uniform(&random);
        list[k].y = side * lode_random_uniform(&random);
        list[k].radius = list[k].unit == LODE_SIM_GRANITE
                             ? 3500 + 5500 * lode_random_uniform(&random)
                             : 1500 + 2500 * lode_random_uniform(&random);
        list[k].stretch = 1 + 0.8 * lode_random_uniform(&random);
        list[k].angle = pi * lode_random_uniform(&random);
    }
}

/* Metres from the border of an intrusion: positive outside, negative inside (roughly). */
static double beyond(const intrusion *body, double x, double y, double warp) {
    double dx = x - body->x, dy = y - body->y;
    double along = (dx * cos(body->angle) + dy * sin(body->angle)) / body->stretch;
    double aside = dy * cos(body->angle) - dx * sin(body->angle);
    return hypot(along, aside) - body->radius * (1 + 0.22 * warp);
}

static lode_status intrude(const lode_sim_area *area, uint64_t seed, const lode_progress *progress,
                           lode_sim_geology *geology, float *warp) {
    intrusion list[INTRUSIONS];
    int n = area->size;
    place_intrusions(area, seed, list);
    LODE_TRY(lode_sim_field(area, 5000, seed, LODE_SIM_STREAM_GEOLOGY + 2, progress, warp));
    for (int row = 0; row < n; row++) {
        for (int column = 0; column < n; column++) {
            size_t i = (size_t)row * (size_t)n + (size_t)column;
            double x = (column + 0.5) * area->cell, y = (row + 0.5) * area->cell, nearest = 1e9;
            for (int k = 0; k < INTRUSIONS; k++) {
                double distance = beyond(&list[k], x, y, warp[i]);
                if (distance < 0)
                    geology->unit[i] = (unsigned char)list[k].unit;
                if (list[k].unit == LODE_SIM_GRANITE && distance < nearest)
                    nearest = distance;
            }
            geology->contact[i] = (float)nearest;
        }
    }
    return LODE_OK;
}

/* Valley floors: cells that a large catchment drains through. */
static void fill_valleys(const lode_sim_area *area, const lode_sim_terrain *terrain,
                         unsigned char *unit) {
    size_t cells = (size_t)area->size * (size_t)area->size;
    double large = 400e6 / (area->cell * area->cell);
    for (size_t i = 0; i < cells; i++)
        if (terrain->catchment[i] > large)
            unit[i] = LODE_SIM_ALLUVIUM;
}

/* ---- Faults -----------------------------------------------------------------------------------
 */

/* A third of the faults follow the strike and are long; the others cross it. */
static void break_crust(const lode_sim_area *area, uint64_t seed, double strike,
                        lode_sim_geology *geology) {
    lode_random random = lode_random_stream(seed, LODE_SIM_STREAM_FAULTS);
    double side = area->size * area->cell;
    for (int k = 0; k < LODE_SIM_FAULTS; k++) {
        int along = k % 3 == 0;
        double length = side * (along ? 0.55 + 0.35 * lode_random_uniform(&random)
                                      : 0.15 + 0.25 * lode_random_uniform(&random));
        double heading = -strike + (along ? 0 : 1.1) + 0.3 * (lode_random_uniform(&random) - 0.5);
        double x = side * lode_random_uniform(&random), y = side * lode_random_uniform(&random);
        x -= 0.5 * length * cos(heading);
        y -= 0.5 * length * sin(heading);
        for (int v = 0; v < LODE_SIM_FAULT_VERTICES; v++) {
            geology->faults[k].east[v] = area->west + x;
            geology->faults[k].north[v] = area->north - y;
            double turn = heading + 0.35 * (lode_random_uniform(&random) - 0.5);
            x += length / (LODE_SIM_FAULT_VERTICES - 1) * cos(turn);
            y += length / (LODE_SIM_FAULT_VERTICES - 1) * sin(turn);
        }
    }
}

static double segment_distance(double x, double y, double ax, double ay, double bx, double by) {
    double dx = bx - ax, dy = by - ay;
    double t = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy);
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(x - ax - t * dx, y - ay - t * dy);
}

typedef struct measuring {
    const lode_sim_area *area;
    lode_sim_geology *geology;
} measuring;

static lode_status measure_row(void *context, size_t row, int worker) {
    (void)worker;
    const measuring *work = context;
    const lode_sim_area *area = work->area;
    double y = area->north - ((double)row + 0.5) * area->cell;
    for (int column = 0; column < area->size; column++) {
        double x = area->west + (column + 0.5) * area->cell, nearest = 1e9;
        for (int k = 0; k < LODE_SIM_FAULTS; k++) {
            const double *east = work->geology->faults[k].east;
            const double *north = work->geology->faults[k].north;
            for (int v = 0; v + 1 < LODE_SIM_FAULT_VERTICES; v++)
                nearest = fmin(
                    nearest, segment_distance(x, y, east[v], north[v], east[v + 1], north[v + 1]));
        }
        work->geology->fault_distance[row * (size_t)area->size + (size_t)column] = (float)nearest;
    }
    return LODE_OK;
}

/* ---- Whole ------------------------------------------------------------------------------------
 */

lode_status lode_sim_geology_create(const lode_sim_area *area, const lode_sim_terrain *terrain,
                                    uint64_t seed, const lode_progress *progress,
                                    lode_sim_geology **geology) {
    size_t cells = (size_t)area->size * (size_t)area->size;
    lode_sim_geology *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->unit = lode_alloc(cells, 1);
    made->fault_distance = lode_alloc(cells, sizeof *made->fault_distance);
    made->contact = lode_alloc(cells, sizeof *made->contact);
    float *bend = lode_alloc(cells, sizeof *bend), *crumple = lode_alloc(cells, sizeof *crumple);
    lode_random random = lode_random_stream(seed, LODE_SIM_STREAM_GEOLOGY + 3);
    double strike = pi * (0.1 + 0.3 * lode_random_uniform(&random));
    lode_status status = made->unit && made->fault_distance && made->contact && bend && crumple
                             ? fold_strata(area, seed, strike, progress, made->unit, bend, crumple)
                             : lode_fail_memory();
    if (status == LODE_OK)
        status = intrude(area, seed, progress, made, bend);
    lode_free(bend);
    lode_free(crumple);
    if (status == LODE_OK) {
        measuring work = {area, made};
        fill_valleys(area, terrain, made->unit);
        break_crust(area, seed, strike, made);
        status = lode_parallel_for((size_t)area->size, 1, measure_row, &work, progress, "Faults");
    }
    if (status != LODE_OK) {
        lode_sim_geology_free(made);
        return status;
    }
    *geology = made;
    return LODE_OK;
}

void lode_sim_geology_free(lode_sim_geology *geology) {
    if (!geology)
        return;
    lode_free(geology->unit);
    lode_free(geology->fault_distance);
    lode_free(geology->contact);
    lode_free(geology);
}

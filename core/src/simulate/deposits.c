#include "simulate/deposits.h"

#include <math.h>
#include <string.h>

#include "util/error.h"
#include "util/memory.h"
#include "util/random.h"

/* ---- Where deposits form ----------------------------------------------------------------------
 */

static double favour(const lode_sim_geology *geology, size_t cell, bool barren) {
    static const double host[LODE_SIM_UNITS] = {
        [LODE_SIM_SANDSTONE] = 0.7, [LODE_SIM_SLATE] = 1,      [LODE_SIM_BLACK_SHALE] = 0,
        [LODE_SIM_LIMESTONE] = 0.5, [LODE_SIM_BASALT] = 0.7,   [LODE_SIM_GRANITE] = 0.12,
        [LODE_SIM_DIORITE] = 0.6,   [LODE_SIM_ALLUVIUM] = 0.02};
    double fault = exp(-geology->fault_distance[cell] / 1500);
    double off = (geology->contact[cell] - 2500) / 3500;
    if (barren)
        return fault * host[geology->unit[cell]];
    return (fault + 0.02) * (exp(-off * off) + 0.06) * host[geology->unit[cell]];
}

static bool crowded(const lode_sim_deposit *items, int count, double x, double y) {
    for (int k = 0; k < count; k++)
        if (hypot(items[k].x - x, items[k].y - y) < 1800)
            return true;
    return false;
}

/* Draws cells in proportion to favour, away from earlier sites; gives up crowding rules after many
 * tries, so that a small area still gets its deposits. */
static lode_status place(const lode_sim_area *area, const lode_sim_geology *geology, bool barren,
                         lode_random *random, lode_sim_deposit *items, int from, int to) {
    size_t cells = (size_t)area->size * (size_t)area->size;
    double *sums = lode_alloc(cells, sizeof *sums), total = 0;
    if (!sums)
        return lode_fail_memory();
    for (size_t i = 0; i < cells; i++)
        sums[i] = total += favour(geology, i, barren) + 1e-9;
    for (int k = from; k < to; k++) {
        for (int attempt = 0; attempt < 200; attempt++) {
            double wanted = total * lode_random_uniform(random);
            size_t low = 0, high = cells - 1;
            while (low < high) {
                size_t middle = (low + high) / 2;
                if (sums[middle] < wanted)
                    low = middle + 1;
                else
                    high = middle;
            }
            double column = (double)(low % (size_t)area->size) + lode_random_uniform(random);
            double row = (double)(low / (size_t)area->size) + lode_random_uniform(random);
            items[k].x = column * area->cell;
            items[k].y = row * area->cell;
            if (!crowded(items, k, items[k].x, items[k].y))
                break;
        }
        items[k].strength = exp(0.6 * lode_random_normal(random));
        items[k].level = lode_random_uniform(random);
        items[k].barren = barren;
    }
    lode_free(sums);
    return LODE_OK;
}

/* Puts the deposits that have been found first: exploration finds strong haloes a little sooner. */
static void discover(lode_sim_deposit *items, int count, lode_random *random, double *chance) {
    for (int k = 0; k < count; k++)
        chance[k] = log(items[k].strength) + 1.2 * lode_random_normal(random);
    for (int k = 1; k < count; k++) { /* insertion sort, stable, a few dozen items */
        lode_sim_deposit item = items[k];
        double rank = chance[k];
        int at = k;
        for (; at > 0 && chance[at - 1] < rank; at--) {
            items[at] = items[at - 1];
            chance[at] = chance[at - 1];
        }
        items[at] = item;
        chance[at] = rank;
    }
}

lode_status lode_sim_deposits_create(const lode_sim_area *area, const lode_sim_geology *geology,
                                     int known, int hidden, uint64_t seed,
                                     lode_sim_deposits **deposits) {
    lode_sim_deposits *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    int gold = known + hidden;
    made->known = known;
    made->hidden = hidden;
    made->barren = gold / 3;
    made->items = lode_alloc((size_t)(gold + made->barren), sizeof *made->items);
    double *chance = lode_alloc((size_t)gold, sizeof *chance);
    lode_status status = made->items && chance ? LODE_OK : lode_fail_memory();
    lode_random random = lode_random_stream(seed, LODE_SIM_STREAM_DEPOSITS);
    lode_random other = lode_random_stream(seed, LODE_SIM_STREAM_BARREN);
    if (status == LODE_OK)
        status = place(area, geology, false, &random, made->items, 0, gold);
    if (status == LODE_OK)
        status = place(area, geology, true, &other, made->items, gold, gold + made->barren);
    if (status == LODE_OK) {
        discover(made->items, gold, &random, chance);
        for (int k = 0; k < known; k++)
            made->items[k].known = true;
    }
    lode_free(chance);
    if (status != LODE_OK) {
        lode_sim_deposits_free(made);
        return status;
    }
    *deposits = made;
    return LODE_OK;
}

void lode_sim_deposits_free(lode_sim_deposits *deposits) {
    if (!deposits)
        return;
    lode_free(deposits->items);
    lode_free(deposits);
}

/* ---- What they do to the rock -----------------------------------------------------------------
 */

/* Zonation of gold systems (Boyle 1979; Beus and Grigorian 1977): bismuth, tungsten and gold at the
 * root, silver, arsenic and base metals around, antimony and mercury far and high. `zone` is where
 * in that column (0 root, 1 top) the element is strongest, `core` how many times the median is
 * added at the centre of a typical halo there, `radius` the reach in metres. Elements with a
 * negative core are leached from the altered wall rock by up to that share. */
static const struct zoning {
    const char *element;
    double zone, core, radius;
    bool barren; /* also brought by barren systems */
} zoning[] = {
    {"Bi", 0.05, 3.0, 1300, false},   {"W", 0.10, 2.0, 1300, false},
    {"Mo", 0.15, 0.8, 1300, false},   {"Cu", 0.25, 0.6, 1500, false},
    {"Au", 0.30, 4.5, 1400, false},   {"Ag", 0.50, 0.9, 1800, false},
    {"As", 0.60, 2.2, 2400, true},    {"Pb", 0.55, 0.5, 1800, false},
    {"Zn", 0.60, 0.3, 2000, false},   {"Cd", 0.65, 0.5, 2000, false},
    {"Sb", 0.85, 2.2, 2800, true},    {"Hg", 1.00, 2.0, 3200, true},
    {"K2O", 0.35, 0.15, 1600, false}, {"Na2O", 0.45, -0.4, 2000, true},
    {"Sr", 0.45, -0.3, 2000, true},   {"CaO", 0.45, -0.2, 1800, false},
};

/* How much of the element's zone is exposed. */
static double exposed(double zone, double level) {
    double off = (level - zone) / 0.42;
    return exp(-off * off);
}

static void enrich_one(const lode_sim_area *area, const lode_sim_deposit *deposit,
                       const struct zoning *zone, double median, float *values) {
    double reach = 3 * zone->radius, amount = zone->core * exposed(zone->zone, deposit->level);
    int first_row = (int)floor((deposit->y - reach) / area->cell);
    int first_column = (int)floor((deposit->x - reach) / area->cell);
    int side = (int)ceil(2 * reach / area->cell) + 1;
    for (int row = first_row; row < first_row + side; row++) {
        for (int column = first_column; column < first_column + side; column++) {
            if (row < 0 || column < 0 || row >= area->size || column >= area->size)
                continue;
            double dx = (column + 0.5) * area->cell - deposit->x;
            double dy = (row + 0.5) * area->cell - deposit->y;
            double near = exp(-(dx * dx + dy * dy) / (zone->radius * zone->radius));
            float *value = &values[(size_t)row * (size_t)area->size + (size_t)column];
            if (amount > 0)
                *value += (float)(median * amount * deposit->strength * near);
            else
                *value *= (float)(1 + amount * fmin(deposit->strength, 1.5) * near);
        }
    }
}

void lode_sim_deposits_enrich(const lode_sim_area *area, const lode_sim_deposits *deposits,
                              const char *element, double median, float *values) {
    const struct zoning *zone = NULL;
    for (size_t k = 0; k < sizeof zoning / sizeof zoning[0]; k++)
        if (strcmp(zoning[k].element, element) == 0)
            zone = &zoning[k];
    if (!zone)
        return;
    for (int k = 0; k < deposits->known + deposits->hidden + deposits->barren; k++)
        if (!deposits->items[k].barren || zone->barren)
            enrich_one(area, &deposits->items[k], zone, median, values);
}

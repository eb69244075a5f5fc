#include "grid/interpolate.h"

#include <math.h>
#include <string.h>

#include "grid/kriging.h"
#include "grid/target.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

enum { VALIDATE_MAX = 2000 };

struct lode_point_set {
    lode_index *index;
    double *x, *y;   /* [n] search coordinates */
    double *values;  /* [n][members], an element after another for each sample */
    double *columns; /* [members][n], the same the other way round */
    int *elements;   /* [members] */
    int members;
    size_t n;
};

typedef struct scratch {
    lode_neighbour found[LODE_KRIGING_MAX + 1];
    double weights[LODE_KRIGING_MAX], x[LODE_KRIGING_MAX], y[LODE_KRIGING_MAX];
    double system[LODE_KRIGING_MAX * (LODE_KRIGING_MAX + 3)];
    double sums[]; /* [elements] */
} scratch;

/* ---- Search coordinates ---------------------------------------------------------------------- */

/* Metres, turned so that the direction of continuity is the first axis, stretched across it. */
static void set_up_space(lode_surface *s, const double *x, const double *y, size_t n) {
    double metres = lode_crs_metres(s->grid->crs), along = 1, middle = 0;
    for (size_t i = 0; i < n; i++)
        middle += y[i] / (double)n;
    if (lode_crs_is_geographic(s->grid->crs))
        along = cos(middle * 3.14159265358979323846 / 180);
    s->east_metres = along * metres;
    s->north_metres = metres;
    bool isotropic = s->how.ratio == 1;
    s->origin[0] = isotropic ? 0 : x[0];
    s->origin[1] = isotropic ? 0 : y[0];
    double a = isotropic ? 1.5707963267948966 : s->how.direction * 3.14159265358979323846 / 180;
    double sine = isotropic ? 1 : sin(a), cosine = isotropic ? 0 : cos(a);
    s->to_search[0] = sine * s->east_metres;
    s->to_search[1] = cosine * s->north_metres;
    s->to_search[2] = -cosine * s->east_metres / s->how.ratio;
    s->to_search[3] = sine * s->north_metres / s->how.ratio;
}

static void to_search(const lode_surface *s, double x, double y, double *u, double *v) {
    double dx = x - s->origin[0], dy = y - s->origin[1];
    *u = s->to_search[0] * dx + s->to_search[1] * dy;
    *v = s->to_search[2] * dx + s->to_search[3] * dy;
}

/* ---- Sets of samples ------------------------------------------------------------------------- */

static bool same_samples(const double *a, const double *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (isnan(a[i]) != isnan(b[i]))
            return false;
    return true;
}

static lode_status fill_set(const lode_surface *s, const double *x, const double *y, size_t n,
                            double *const *values, int threads, const lode_progress *progress,
                            lode_point_set *set) {
    const double *first = values[set->elements[0]];
    for (size_t i = 0; i < n; i++)
        set->n += !isnan(first[i]);
    size_t members = (size_t)set->members;
    set->x = lode_alloc(set->n + 1, sizeof *set->x);
    set->y = lode_alloc(set->n + 1, sizeof *set->y);
    if (set->n > SIZE_MAX / (members * sizeof(double) * 2))
        return lode_fail_memory();
    set->values = lode_alloc(set->n * members + 1, sizeof *set->values);
    set->columns = lode_alloc(set->n * members + 1, sizeof *set->columns);
    if (!set->x || !set->y || !set->values || !set->columns)
        return lode_fail_memory();
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(first[i]))
            continue;
        to_search(s, x[i], y[i], &set->x[at], &set->y[at]);
        for (size_t m = 0; m < members; m++) {
            double value = values[set->elements[m]][i];
            set->values[at * members + m] = value;
            set->columns[m * set->n + at] = value;
        }
        at++;
    }
    return lode_index_create(set->x, set->y, set->n, threads, progress, &set->index);
}

static lode_status make_sets(lode_surface *s, const double *x, const double *y, size_t n,
                             double *const *values, int threads, const lode_progress *progress) {
    size_t count = (size_t)s->count;
    s->sets = lode_alloc(count + 1, sizeof *s->sets);
    if (!s->sets)
        return lode_fail_memory();
    for (int e = 0; e < s->count; e++) {
        int k = 0;
        while (k < s->set_count && !same_samples(values[s->sets[k].elements[0]], values[e], n))
            k++;
        lode_point_set *set = &s->sets[k];
        if (k == s->set_count) {
            set->elements = lode_alloc(count, sizeof *set->elements);
            if (!set->elements)
                return lode_fail_memory();
            s->set_count++;
        }
        set->elements[set->members++] = e;
    }
    for (int k = 0; k < s->set_count; k++) {
        lode_progress part =
            lode_progress_part(progress, (double)k / s->set_count, (k + 1.0) / s->set_count);
        LODE_TRY(fill_set(s, x, y, n, values, threads, &part, &s->sets[k]));
    }
    return LODE_OK;
}

static lode_status index_all(lode_surface *s, const double *x, const double *y, size_t n,
                             int threads, const lode_progress *progress) {
    double *u = lode_alloc(n + 1, sizeof *u), *v = lode_alloc(n + 1, sizeof *v);
    lode_status status = u && v ? LODE_OK : lode_fail_memory();
    /* The distance band is plain distance, without anisotropy. */
    for (size_t i = 0; status == LODE_OK && i < n; i++) {
        u[i] = s->east_metres * x[i];
        v[i] = s->north_metres * y[i];
    }
    if (status == LODE_OK)
        status = lode_index_create(u, v, n, threads, progress, &s->all);
    lode_free(u);
    lode_free(v);
    return status;
}

lode_status lode_surface_create(const lode_interpolation *how, const lode_grid *grid,
                                const double *x, const double *y, size_t n, double *const *values,
                                int count, int threads, const lode_progress *progress,
                                lode_surface **surface) {
    lode_surface *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->how = *how;
    made->grid = grid;
    made->count = count;
    if (made->how.method == LODE_METHOD_NEAREST)
        made->how.neighbours = 1;
    if (made->how.neighbours > LODE_KRIGING_MAX)
        made->how.neighbours = LODE_KRIGING_MAX;
    set_up_space(made, x, y, n);
    made->variograms = lode_alloc((size_t)count + 1, sizeof *made->variograms);
    lode_progress sets = lode_progress_part(progress, 0, how->distance ? 0.5 : 1);
    lode_progress all = lode_progress_part(progress, 0.5, 1);
    lode_status status =
        made->variograms ? make_sets(made, x, y, n, values, threads, &sets) : lode_fail_memory();
    if (status == LODE_OK && how->distance)
        status = index_all(made, x, y, n, threads, &all);
    if (status != LODE_OK) {
        lode_surface_free(made);
        return status;
    }
    *surface = made;
    return LODE_OK;
}

void lode_surface_free(lode_surface *surface) {
    if (!surface)
        return;
    for (int k = 0; k < surface->set_count; k++) {
        lode_point_set *set = &surface->sets[k];
        lode_index_free(set->index);
        lode_free(set->x);
        lode_free(set->y);
        lode_free(set->values);
        lode_free(set->columns);
        lode_free(set->elements);
    }
    lode_free(surface->sets);
    lode_free(surface->variograms);
    lode_index_free(surface->all);
    lode_free(surface);
}

static const lode_point_set *set_of(const lode_surface *s, int element, int *member) {
    for (int k = 0; k < s->set_count; k++)
        for (int m = 0; m < s->sets[k].members; m++)
            if (s->sets[k].elements[m] == element) {
                *member = m;
                return &s->sets[k];
            }
    return NULL;
}

lode_status lode_surface_points(const lode_surface *surface, int element, const double **x,
                                const double **y, const double **z, size_t *n) {
    int member;
    const lode_point_set *set = set_of(surface, element, &member);
    if (!set)
        return lode_fail(LODE_ERROR_INTERNAL, "Element %d is in no set of samples.", element);
    *x = set->x;
    *y = set->y;
    *z = set->columns + (size_t)member * set->n;
    *n = set->n;
    return LODE_OK;
}

/* ---- One cell -------------------------------------------------------------------------------- */

void *lode_surface_scratch(const lode_surface *surface) {
    return lode_alloc(1, sizeof(scratch) + (size_t)surface->count * sizeof(double));
}

/* Inverse distance weights, not normalised; the whole weight on a sample that is met. */
static void distance_weights(const lode_surface *s, scratch *own, int found) {
    double half = 0.5 * s->how.power;
    for (int i = 0; i < found; i++) {
        double d2 = own->found[i].distance2;
        if (d2 < 1e-13) {
            memset(own->weights, 0, (size_t)found * sizeof *own->weights);
            own->weights[i] = 1;
            return;
        }
        own->weights[i] = half == 1 ? 1 / d2 : 1 / pow(d2, half);
    }
}

static void idw_cell(const lode_surface *s, const lode_point_set *set, scratch *own, int found,
                     size_t at, size_t stride, float *out) {
    int members = set->members;
    double norm = 0;
    distance_weights(s, own, found);
    memset(own->sums, 0, (size_t)members * sizeof *own->sums);
    for (int i = 0; i < found; i++) {
        const double *values = set->values + own->found[i].point * (size_t)members;
        double weight = own->weights[i];
        norm += weight;
        for (int m = 0; m < members; m++)
            own->sums[m] += weight * values[m];
    }
    for (int m = 0; m < members; m++)
        out[(size_t)set->elements[m] * stride + at] = (float)(own->sums[m] / norm);
}

/* Estimate and variance of one element; a system without solution gets a little nugget. */
static bool krige_value(const lode_variogram *variogram, const lode_point_set *set, int member,
                        scratch *own, int found, double u, double v, double *value,
                        double *variance) {
    lode_variogram firm = *variogram;
    firm.nugget += 1e-6 * (variogram->nugget + variogram->sill);
    if (!lode_krige(variogram, own->x, own->y, found, u, v, own->system, own->weights, variance) &&
        !lode_krige(&firm, own->x, own->y, found, u, v, own->system, own->weights, variance))
        return false;
    *value = 0;
    for (int i = 0; i < found; i++)
        *value += own->weights[i] *
                  set->values[own->found[i].point * (size_t)set->members + (size_t)member];
    return true;
}

static void krige_cell(const lode_surface *s, const lode_point_set *set, scratch *own, int found,
                       double u, double v, size_t at, size_t stride, float *out, float *variances) {
    for (int i = 0; i < found; i++) {
        own->x[i] = set->x[own->found[i].point];
        own->y[i] = set->y[own->found[i].point];
    }
    for (int m = 0; m < set->members; m++) {
        size_t e = (size_t)set->elements[m];
        double value, variance;
        if (!krige_value(&s->variograms[e], set, m, own, found, u, v, &value, &variance))
            continue;
        out[e * stride + at] = (float)value;
        if (variances)
            variances[e * stride + at] = (float)variance;
    }
}

void lode_surface_row(const lode_surface *s, int x, int y, int width, void *memory, size_t stride,
                      float *out, float *variances, float *distances) {
    scratch *own = memory;
    for (int column = 0; column < width; column++) {
        size_t at = (size_t)column;
        double east, north, u, v;
        lode_grid_to_map(s->grid, x + column + 0.5, y + 0.5, &east, &north);
        to_search(s, east, north, &u, &v);
        if (s->all) {
            lode_neighbour nearest;
            lode_index_nearest(s->all, s->east_metres * east, s->north_metres * north, 1, INFINITY,
                               &nearest);
            distances[at] = (float)sqrt(nearest.distance2);
        }
        for (int e = 0; e < s->count; e++) {
            out[(size_t)e * stride + at] = NAN;
            if (variances)
                variances[(size_t)e * stride + at] = NAN;
        }
        for (int k = 0; k < s->set_count; k++) {
            const lode_point_set *set = &s->sets[k];
            int found =
                lode_index_nearest(set->index, u, v, s->how.neighbours, s->how.radius, own->found);
            if (found == 0 || found < s->how.min_neighbours ||
                own->found[0].distance2 > s->how.max_distance * s->how.max_distance)
                continue;
            if (s->how.method == LODE_METHOD_KRIGING)
                krige_cell(s, set, own, found, u, v, at, stride, out, variances);
            else
                idw_cell(s, set, own, found, at, stride, out);
        }
    }
}

/* ---- Leave one out --------------------------------------------------------------------------- */

typedef struct validation {
    const lode_surface *surface;
    const lode_point_set *set;
    int member, element;
    size_t step;
    double *estimate, *variance; /* [items] NaN without an estimate */
    void **scratch;              /* [threads] */
} validation;

static lode_status leave_out(void *context, size_t item, int worker) {
    validation *v = context;
    const lode_surface *s = v->surface;
    const lode_point_set *set = v->set;
    scratch *own = v->scratch[worker];
    size_t self = item * v->step, members = (size_t)set->members;
    double x = set->x[self], y = set->y[self], sum = 0, norm = 0;
    int wanted = s->how.neighbours < LODE_KRIGING_MAX ? s->how.neighbours + 1 : LODE_KRIGING_MAX;
    int got = lode_index_nearest(set->index, x, y, wanted, s->how.radius, own->found), found = 0;
    for (int i = 0; i < got; i++)
        if (own->found[i].point != self)
            own->found[found++] = own->found[i];
    v->estimate[item] = v->variance[item] = NAN;
    if (found == 0)
        return LODE_OK;
    if (s->how.method == LODE_METHOD_KRIGING) {
        for (int i = 0; i < found; i++) {
            own->x[i] = set->x[own->found[i].point];
            own->y[i] = set->y[own->found[i].point];
        }
        krige_value(&s->variograms[v->element], set, v->member, own, found, x, y,
                    &v->estimate[item], &v->variance[item]);
        return LODE_OK;
    }
    distance_weights(s, own, found);
    for (int i = 0; i < found; i++) {
        sum += own->weights[i] * set->values[own->found[i].point * members + (size_t)v->member];
        norm += own->weights[i];
    }
    v->estimate[item] = sum / norm;
    return LODE_OK;
}

static void summarise(const validation *v, size_t items, lode_cross_validation *r) {
    double error = 0, squares = 0, scaled = 0, scaled_n = 0;
    double se = 0, sz = 0, see = 0, szz = 0, sez = 0;
    memset(r, 0, sizeof *r);
    for (size_t i = 0; i < items; i++) {
        double e = v->estimate[i];
        double z = v->set->values[i * v->step * (size_t)v->set->members + (size_t)v->member];
        if (!isfinite(e))
            continue;
        r->n++;
        error += e - z;
        squares += (e - z) * (e - z);
        if (v->variance[i] > 0) {
            scaled += (e - z) * (e - z) / v->variance[i];
            scaled_n++;
        }
        se += e;
        sz += z;
        see += e * e;
        szz += z * z;
        sez += e * z;
    }
    double n = (double)r->n, spread = (see - se * se / n) * (szz - sz * sz / n);
    r->mean_error = n > 0 ? error / n : NAN;
    r->rmse = n > 0 ? sqrt(squares / n) : NAN;
    r->standardised = scaled_n > 0 ? scaled / scaled_n : NAN;
    r->correlation = spread > 0 ? (sez - se * sz / n) / sqrt(spread) : NAN;
}

lode_status lode_surface_validate(const lode_surface *surface, int element, int threads,
                                  const lode_progress *progress, lode_cross_validation *result) {
    validation v = {.surface = surface, .element = element};
    v.set = set_of(surface, element, &v.member);
    v.step = v.set->n / VALIDATE_MAX + 1;
    size_t items = (v.set->n + v.step - 1) / v.step;
    threads = lode_thread_count(threads);
    v.estimate = lode_alloc(items + 1, sizeof *v.estimate);
    v.variance = lode_alloc(items + 1, sizeof *v.variance);
    v.scratch = lode_alloc((size_t)threads, sizeof *v.scratch);
    bool good = v.estimate && v.variance && v.scratch;
    for (int i = 0; i < threads && good; i++)
        good = (v.scratch[i] = lode_surface_scratch(surface)) != NULL;
    lode_status status = good ? lode_parallel_for(items, threads, leave_out, &v, progress, NULL)
                              : lode_fail_memory();
    if (status == LODE_OK)
        summarise(&v, items, result);
    for (int i = 0; v.scratch && i < threads; i++)
        lode_free(v.scratch[i]);
    lode_free(v.scratch);
    lode_free(v.estimate);
    lode_free(v.variance);
    return status;
}

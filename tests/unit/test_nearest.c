#include <math.h>
#include <stdlib.h>

#include "grid/distance.h"
#include "grid/nearest.h"
#include "test.h"
#include "util/memory.h"
#include "util/random.h"

enum { MOST = 30000 };

typedef struct cloud {
    double x[MOST], y[MOST];
} cloud;

static int nearer(const void *a, const void *b) {
    const lode_neighbour *p = a, *q = b;
    if (p->distance2 != q->distance2)
        return p->distance2 < q->distance2 ? -1 : 1;
    return (p->point > q->point) - (p->point < q->point);
}

static void check(const cloud *c, size_t n, int k, double radius, lode_random *random) {
    lode_index *index;
    static lode_neighbour all[MOST], found[64];
    assert_lode_ok(lode_index_create(c->x, c->y, n, 3, NULL, &index));
    for (int query = 0; query < 50; query++) {
        double x = lode_random_uniform(random) * 12 - 1, y = lode_random_uniform(random) * 12 - 1;
        if (query % 3 == 0 && n > 0) { /* exactly at a point */
            x = c->x[(size_t)query % n];
            y = c->y[(size_t)query % n];
        }
        for (size_t i = 0; i < n; i++) {
            double dx = c->x[i] - x, dy = c->y[i] - y;
            all[i] = (lode_neighbour){dx * dx + dy * dy, i};
        }
        qsort(all, n, sizeof *all, nearer);
        int got = lode_index_nearest(index, x, y, k, radius, found), want = 0;
        while (want < k && (size_t)want < n && all[want].distance2 <= radius * radius)
            want++;
        assert_int_equal(got, want);
        for (int i = 0; i < got; i++) {
            assert_true(found[i].distance2 == all[i].distance2);
            assert_int_equal(found[i].point, all[i].point);
        }
    }
    lode_index_free(index);
}

static void brute_force_agrees(void **state) {
    (void)state;
    cloud *c = lode_alloc(1, sizeof *c);
    lode_random random = lode_random_stream(7, 1);
    static const size_t sizes[] = {0, 1, 2, 7, 8, 9, 17, 100, 1000, 3000};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        for (int lattice = 0; lattice < 2; lattice++) {
            for (size_t i = 0; i < sizes[s]; i++) {
                c->x[i] = lode_random_uniform(&random) * 10;
                c->y[i] = lode_random_uniform(&random) * 10;
                if (lattice) { /* many ties and many points at one place */
                    c->x[i] = floor(c->x[i]);
                    c->y[i] = floor(c->y[i]);
                }
            }
            check(c, sizes[s], 1, INFINITY, &random);
            check(c, sizes[s], 12, INFINITY, &random);
            check(c, sizes[s], 24, 1.5, &random);
        }
    }
    lode_free(c);
}

/* Threads share the making of a large index. */
static void large_indexes_agree(void **state) {
    (void)state;
    cloud *c = lode_alloc(1, sizeof *c);
    lode_random random = lode_random_stream(7, 2);
    for (int lattice = 0; lattice < 2; lattice++) {
        for (size_t i = 0; i < MOST; i++) {
            c->x[i] = lode_random_uniform(&random) * (lattice ? 100 : 10);
            c->y[i] = lode_random_uniform(&random) * (lattice ? 100 : 10);
            if (lattice) {
                c->x[i] = floor(c->x[i]) / 10;
                c->y[i] = floor(c->y[i]) / 10;
            }
        }
        check(c, MOST, 12, INFINITY, &random);
        check(c, MOST, 24, 0.2, &random);
    }
    lode_free(c);
}

static void spacing_of_a_lattice(void **state) {
    (void)state;
    double x[101], y[101], median, wide;
    for (int i = 0; i < 100; i++) {
        x[i] = 250 * (i % 10);
        y[i] = 250 * (i / 10);
    }
    x[100] = x[0]; /* a second sample at one place does not count as a neighbour */
    y[100] = y[0];
    lode_index *index;
    assert_lode_ok(lode_index_create(x, y, 101, 1, NULL, &index));
    assert_lode_ok(lode_index_spacing(index, &median, &wide));
    assert_float_equal(median, 250, 1e-9);
    assert_float_equal(wide, 250, 1e-9);
    lode_index_free(index);
}

/* Distance transform against the definition, cells of 2 x 3. */
static void distances_to_marked_cells(void **state) {
    (void)state;
    enum { W = 37, H = 23 };
    unsigned char marked[W * H] = {0};
    float distance[W * H];
    lode_random random = lode_random_stream(3, 0);
    for (int i = 0; i < 9; i++)
        marked[lode_random_below(&random, W * H)] = 1;
    assert_lode_ok(lode_distance_transform(marked, W, H, 2, 3, 2, NULL, distance));
    for (int i = 0; i < W * H; i++) {
        double best = INFINITY;
        for (int k = 0; k < W * H; k++)
            if (marked[k])
                best = fmin(best, hypot(2 * (i % W - k % W), 3 * (i / W - k / W)));
        assert_float_equal(distance[i], best, 1e-4);
    }
    unsigned char none[W * H] = {0};
    assert_lode_ok(lode_distance_transform(none, W, H, 2, 3, 1, NULL, distance));
    assert_true(isinf(distance[0]) && isinf(distance[W * H - 1]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brute_force_agrees),
        cmocka_unit_test(large_indexes_agree),
        cmocka_unit_test(spacing_of_a_lattice),
        cmocka_unit_test(distances_to_marked_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

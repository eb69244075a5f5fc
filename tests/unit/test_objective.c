#include "test.h"

#include <math.h>
#include <string.h>

#include "contrast/mlp.h"
#include "contrast/objective.h"
#include "util/random.h"

static void fill(float *values, size_t count, uint64_t seed) {
    lode_random random = lode_random_stream(seed, 7);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)lode_random_normal(&random);
}

/* Two anchors whose views agree exactly: unit vectors along x (anchor 1) and along y (anchor 2), at
 * temperature 0.5. Similarity to the positive is 1/0.5 = 2, to both others 0, so every row costs
 * log(e^2 + 2) - 2 = log(1 + 2 e^-2) = 0.23953. Lengths of the rows do not matter. */
static void nt_xent_by_hand(void **state) {
    (void)state;
    float z[4][2] = {{3, 0}, {0, 1}, {1, 0}, {0, 0.5f}}, dz[4][2];
    lode_objective *objective = NULL;
    assert_lode_ok(lode_objective_create(4, 4, 2, &objective));
    double loss = lode_nt_xent(objective, NULL, 2, NULL, 0, 0.5, z[0], dz[0]);
    assert_float_equal(loss, log(1 + 2 * exp(-2)), 1e-6);
    /* Row 1 is pulled along x only, which its length absorbs; along y it is pushed from both views
     * of anchor 2: own row and their rows each give 1/(4 x 0.5) x 1/(e^2 + 2) a pair, so 4 of them,
     * divided by the length 3. */
    assert_float_equal(dz[0][0], 0, 1e-6);
    assert_float_equal(dz[0][1], 4 * 0.5 / (exp(2) + 2) / 3, 1e-6);
    lode_objective_free(objective);
}

/* Anchors within reach of each other are no negatives: with all of them left out nothing remains to
 * push against and the loss is 0; the far pair alone counts as by hand. */
static void near_anchors_are_left_out(void **state) {
    (void)state;
    float z[4][2] = {{1, 0}, {0, 1}, {1, 0}, {0, 1}}, dz[4][2];
    lode_cell close[2] = {{10, 10}, {12, 9}}, far[2] = {{10, 10}, {13, 10}};
    lode_objective *objective = NULL;
    assert_lode_ok(lode_objective_create(4, 4, 2, &objective));
    assert_float_equal(lode_nt_xent(objective, NULL, 2, close, 2, 0.5, z[0], dz[0]), 0, 1e-7);
    for (int i = 0; i < 4; i++)
        assert_float_equal(dz[i][0], 0, 1e-7);
    assert_float_equal(lode_nt_xent(objective, NULL, 2, far, 2, 0.5, z[0], dz[0]),
                       log(1 + 2 * exp(-2)), 1e-6);
    lode_objective_free(objective);
}

/* A query that equals its key, two queued keys at right angles and opposite, temperature 1:
 * -log(e / (e + 1 + e^-1)) = log(1 + e^-1 + e^-2) = 0.40761. */
static void info_nce_by_hand(void **state) {
    (void)state;
    float q[2] = {2, 0}, key[2] = {1, 0}, queue[2][2] = {{0, 1}, {-1, 0}}, dq[2];
    lode_objective *objective = NULL;
    assert_lode_ok(lode_objective_create(1, 2, 2, &objective));
    assert_float_equal(lode_info_nce(objective, NULL, 1, 1, q, key, queue[0], 2, dq),
                       log(1 + exp(-1) + exp(-2)), 1e-6);
    lode_objective_free(objective);
}

/* 2 - 2 cos 60 degrees = 1. */
static void cosine_loss_by_hand(void **state) {
    (void)state;
    float p[2] = {2, 0}, target[2] = {0.5f, 0.8660254f}, dp[2];
    assert_float_equal(lode_cosine_loss(1, 2, p, target, dp), 1, 1e-6);
    assert_float_equal(dp[0], 0, 1e-6); /* a longer p changes nothing */
    assert_float_equal(dp[1], -2 * 0.8660254 / 2, 1e-6);
}

static void spread_tells_collapse(void **state) {
    (void)state;
    float same[3][2] = {{1, 2}, {2, 4}, {0.5f, 1}};
    float around[4][2] = {{1, 0}, {-3, 0}, {0, 2}, {0, -1}};
    assert_float_equal(lode_spread(3, 2, same[0]), 0, 1e-6);
    assert_float_equal(lode_spread(4, 2, around[0]), 1, 1e-6);
}

/* ---- Finite differences -------------------------------------------------------------------------
 */

enum { N = 6, DIMS = 5, QUEUED = 9 };
typedef double (*loss_fn)(lode_objective *objective, const float *z, float *dz);

static double nt_xent(lode_objective *objective, const float *z, float *dz) {
    lode_cell places[N] = {{0, 0}, {1, 1}, {9, 0}, {9, 9}, {8, 9}, {30, 2}};
    return lode_nt_xent(objective, NULL, N, places, 1, 0.3, z, dz);
}

static double info_nce(lode_objective *objective, const float *z, float *dz) {
    float keys[N * DIMS], queue[QUEUED * DIMS];
    fill(keys, N * DIMS, 5);
    fill(queue, QUEUED * DIMS, 6);
    lode_unit_rows(QUEUED, DIMS, queue, queue, NULL);
    return lode_info_nce(objective, NULL, N, 0.2, z, keys, queue, QUEUED, dz);
}

static double cosine(lode_objective *objective, const float *z, float *dz) {
    (void)objective;
    float target[N * DIMS];
    fill(target, N * DIMS, 8);
    return lode_cosine_loss(N, DIMS, z, target, dz);
}

static void losses_match_finite_differences(void **state) {
    (void)state;
    const struct {
        loss_fn loss;
        int rows;
    } cases[] = {{nt_xent, 2 * N}, {info_nce, N}, {cosine, N}};
    lode_objective *objective = NULL;
    assert_lode_ok(lode_objective_create(2 * N, 2 * N, DIMS, &objective));
    for (size_t c = 0; c < 3; c++) {
        float z[2 * N * DIMS], dz[2 * N * DIMS], unused[2 * N * DIMS];
        fill(z, 2 * N * DIMS, 9);
        cases[c].loss(objective, z, dz);
        for (int i = 0; i < cases[c].rows * DIMS; i++) {
            float kept = z[i], step = 2e-3f;
            z[i] = kept + step;
            double up = cases[c].loss(objective, z, unused);
            z[i] = kept - step;
            double down = cases[c].loss(objective, z, unused);
            z[i] = kept;
            assert_float_equal((up - down) / (2 * step), dz[i], 5e-4);
        }
    }
    lode_objective_free(objective);
}

static double mlp_loss(lode_mlp *mlp, const float *x, int rows, float *dy) {
    const float *y = lode_mlp_forward(mlp, NULL, rows, x);
    double loss = 0;
    for (int i = 0; i < rows * 4; i++) {
        double factor = sin(i + 1.0);
        loss += factor * (y[i] + 0.5 * y[i] * y[i]);
        dy[i] = (float)(factor * (1 + y[i]));
    }
    return loss;
}

static void mlp_matches_finite_differences(void **state) {
    (void)state;
    enum { ROWS = 12, INPUTS = 6, HIDDEN = 8, OUTS = 4 };
    float x[ROWS * INPUTS], dy[ROWS * OUTS], dx[ROWS * INPUTS], step = 1e-3f;
    lode_mlp *mlp = NULL;
    assert_lode_ok(lode_mlp_create(INPUTS, HIDDEN, OUTS, ROWS, 1, 2, &mlp));
    fill(x, ROWS * INPUTS, 3);
    mlp_loss(mlp, x, ROWS, dy);
    memcpy(dx, lode_mlp_backward(mlp, NULL, dy), sizeof dx);
    for (int i = 0; i < ROWS * INPUTS; i++) {
        float kept = x[i];
        x[i] = kept + step;
        double up = mlp_loss(mlp, x, ROWS, dy);
        x[i] = kept - step;
        double down = mlp_loss(mlp, x, ROWS, dy);
        x[i] = kept;
        assert_float_equal((up - down) / (2 * step), dx[i], 0.02 * (fabs(dx[i]) + 0.5));
    }
    for (int t = 0; t < lode_mlp_tensor_count(mlp); t++) {
        lode_tensor_view view;
        lode_mlp_tensor(mlp, t, &view);
        const float *gradient = lode_mlp_gradient(mlp, t);
        for (int64_t i = 0; i < lode_tensor_size(&view); i++) {
            float kept = view.data[i];
            view.data[i] = kept + step;
            double up = mlp_loss(mlp, x, ROWS, dy);
            view.data[i] = kept - step;
            double down = mlp_loss(mlp, x, ROWS, dy);
            view.data[i] = kept;
            assert_float_equal((up - down) / (2 * step), gradient[i],
                               0.02 * (fabs(gradient[i]) + 0.5));
        }
    }
    lode_mlp_free(mlp);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nt_xent_by_hand),
        cmocka_unit_test(near_anchors_are_left_out),
        cmocka_unit_test(info_nce_by_hand),
        cmocka_unit_test(cosine_loss_by_hand),
        cmocka_unit_test(spread_tells_collapse),
        cmocka_unit_test(losses_match_finite_differences),
        cmocka_unit_test(mlp_matches_finite_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

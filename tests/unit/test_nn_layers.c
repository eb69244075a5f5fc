/* Every layer's forward against its definition and its backward against central differences. */
#include "nn/gemm.h"
#include "nn/layers.h"
#include "nn/loss.h"
#include "nn/norm.h"
#include "nn/optimise.h"
#include "nn_check.h"

static lode_team *team;

/* ---- Convolution ---- */

typedef struct conv_case {
    lode_conv c;
    float *x, *weight, *bias, *y, *dy, *packed;
    size_t nx, ny;
} conv_case;

static conv_case conv_setup(lode_conv c) {
    assert_lode_ok(lode_conv_check(&c));
    conv_case s = {.c = c, .nx = (size_t)(c.n * c.h * c.w * c.cin)};
    s.ny = (size_t)(c.n * lode_conv_out_height(&c) * lode_conv_out_width(&c) * c.cout);
    s.x = random_values(s.nx, 1);
    s.weight = random_values(lode_conv_weight_size(&c), 2);
    s.bias = random_values((size_t)c.cout, 3);
    s.y = random_values(s.ny, 4);
    s.dy = random_values(s.ny, 5);
    size_t packed = lode_conv_packed_size(&c), back = lode_conv_packed_back_size(&c);
    s.packed = lode_alloc(packed > back ? packed : back, sizeof(float));
    return s;
}

static void conv_free(conv_case *s) {
    lode_free(s->x), lode_free(s->weight), lode_free(s->bias);
    lode_free(s->y), lode_free(s->dy), lode_free(s->packed);
}

static double conv_loss(void *context) {
    conv_case *s = context;
    lode_conv_pack(team, &s->c, s->weight, s->packed);
    lode_conv_forward(team, &s->c, s->x, s->packed, s->bias, LODE_LINEAR, s->y);
    return dot(s->ny, s->y, s->dy);
}

/* Convolution by its definition, at one output element. */
static double conv_at(const conv_case *s, int i, int oy, int ox, int o) {
    const lode_conv *c = &s->c;
    int in = c->cin / c->groups, group = o / (c->cout / c->groups);
    double sum = (double)s->bias[o];
    for (int ky = 0; ky < c->kh; ky++)
        for (int kx = 0; kx < c->kw; kx++) {
            int y = oy * c->stride - c->pad + ky * c->dilation,
                x = ox * c->stride - c->pad + kx * c->dilation;
            if (y < 0 || y >= c->h || x < 0 || x >= c->w)
                continue;
            for (int k = 0; k < in; k++)
                sum += (double)s->x[((i * c->h + y) * c->w + x) * c->cin + group * in + k] *
                       (double)s->weight[((ky * c->kw + kx) * in + k) * c->cout + o];
        }
    return sum;
}

static const lode_conv conv_cases[] = {
    /* n, h, w, cin, cout, kh, kw, stride, pad, dilation, groups */
    {2, 7, 6, 5, 4, 3, 3, 1, 0, 1, 1},    {1, 9, 11, 3, 17, 3, 3, 1, 0, 2, 1},
    {2, 8, 9, 4, 6, 3, 3, 2, 1, 1, 1},    {1, 11, 10, 3, 8, 7, 7, 2, 3, 1, 1},
    {3, 5, 4, 20, 33, 1, 1, 1, 0, 1, 1},  {2, 6, 7, 12, 18, 1, 1, 2, 0, 1, 1},
    {2, 6, 6, 8, 12, 3, 3, 1, 1, 1, 4},   {2, 7, 8, 20, 20, 3, 3, 1, 1, 1, 20},
    {2, 9, 8, 70, 70, 3, 3, 2, 1, 1, 70}, {1, 5, 5, 500, 7, 3, 3, 1, 1, 1, 1},
    {4, 1, 1, 30, 3, 1, 1, 1, 0, 1, 1},   {1, 30, 40, 3, 3, 3, 1, 1, 0, 1, 1},
};

static void convolution(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof conv_cases / sizeof *conv_cases; k++) {
        conv_case s = conv_setup(conv_cases[k]);
        const lode_conv *c = &s.c;
        conv_loss(&s);
        int oh = lode_conv_out_height(c), ow = lode_conv_out_width(c);
        for (size_t at = 0; at < s.ny; at += s.ny / 200 + 1) {
            int o = (int)at % c->cout, ox = (int)at / c->cout % ow,
                oy = (int)at / c->cout / ow % oh;
            double want = conv_at(&s, (int)at / c->cout / ow / oh, oy, ox, o);
            assert_true(fabs((double)s.y[at] - want) <= 1e-4 * (1 + fabs(want)));
        }
        float *dx = random_values(s.nx, 9), *before = random_values(s.nx, 9);
        lode_conv_pack_back(team, c, s.weight, s.packed);
        lode_conv_backward_data(team, c, s.dy, s.packed, true, dx);
        for (size_t i = 0; i < s.nx; i++)
            before[i] = dx[i] - before[i];
        check_gradient("convolution input", conv_loss, &s, s.x, before, s.nx, 0.5, 1e-3);
        lode_conv_pack_back(team, c, s.weight, s.packed);
        lode_conv_backward_data(team, c, s.dy, s.packed, false, dx);
        check_gradient("convolution input", conv_loss, &s, s.x, dx, s.nx, 0.5, 1e-3);
        float *dw = lode_alloc(lode_conv_weight_size(c), sizeof *dw);
        float *db = lode_alloc((size_t)c->cout, sizeof *db);
        float *scratch = lode_alloc(lode_conv_scratch(c, lode_team_threads(team)), sizeof *scratch);
        lode_conv_backward_weight(team, c, s.x, s.dy, scratch, dw, db);
        check_gradient("convolution weight", conv_loss, &s, s.weight, dw, lode_conv_weight_size(c),
                       0.5, 1e-3);
        check_gradient("convolution bias", conv_loss, &s, s.bias, db, (size_t)c->cout, 0.5, 1e-3);
        lode_free(dx), lode_free(before), lode_free(dw), lode_free(db), lode_free(scratch);
        conv_free(&s);
    }
}

static void convolution_of_a_part_has_the_same_bits(void **state) {
    (void)state;
    lode_conv whole = {1, 20, 23, 21, 37, 3, 3, 1, 0, 2, 1};
    lode_conv part = whole;
    part.h = 6, part.w = 7;
    conv_case s = conv_setup(whole), t = conv_setup(part);
    memcpy(t.weight, s.weight, lode_conv_weight_size(&whole) * sizeof(float));
    for (int y = 0; y < part.h; y++)
        memcpy(t.x + y * part.w * 21, s.x + ((y + 9) * whole.w + 11) * 21, 7 * 21 * sizeof(float));
    conv_loss(&s);
    conv_loss(&t);
    for (int y = 0; y < lode_conv_out_height(&part); y++)
        assert_memory_equal(t.y + y * lode_conv_out_width(&part) * 37,
                            s.y + ((y + 9) * lode_conv_out_width(&whole) + 11) * 37,
                            3 * 37 * sizeof(float));
    conv_free(&s);
    conv_free(&t);
}

/* ---- Batch normalisation ---- */

typedef struct norm_case {
    lode_norm norm;
    size_t rows;
    float *x, *y, *dy, *gamma, *beta, *mean, *inverse, *running;
    double *sums, *scratch;
} norm_case;

static double norm_loss(void *context) {
    norm_case *s = context;
    lode_norm_sums(team, s->rows, s->norm.c, s->x, s->scratch, s->sums);
    lode_norm_statistics(&s->norm, s->sums, (double)s->rows, s->mean, s->inverse);
    lode_norm_apply(team, &s->norm, s->rows, s->x, s->mean, s->inverse, s->y);
    return dot(s->rows * s->norm.c, s->y, s->dy);
}

static void batch_normalisation(void **state) {
    (void)state;
    const lode_activation activations[] = {LODE_LINEAR, LODE_RELU, LODE_RELU6};
    for (int k = 0; k < 3; k++) {
        size_t rows = 37, c = 5, n = rows * c;
        norm_case s = {.rows = rows,
                       .x = random_values(n, 1),
                       .y = random_values(n, 2),
                       .dy = random_values(n, 3),
                       .gamma = random_values(c, 4),
                       .beta = random_values(c, 5),
                       .mean = random_values(c, 6),
                       .inverse = random_values(c, 7),
                       .running = lode_alloc(2 * c, sizeof(float)),
                       .sums = lode_alloc(2 * c, sizeof(double)),
                       .scratch = lode_alloc(lode_norm_scratch(rows, c), sizeof(double))};
        s.norm =
            (lode_norm){c, s.gamma, s.beta, s.running, s.running + c, 0.1f, 1e-5f, activations[k]};
        for (size_t i = 0; i < n; i++)
            s.x[i] = 3 + 2 * s.x[i];
        norm_loss(&s);
        double sums[10];
        float *dx = random_values(n, 8);
        lode_norm_backward_sums(team, &s.norm, rows, s.x, s.y, s.dy, s.mean, s.inverse, s.scratch,
                                sums);
        lode_norm_backward_apply(team, &s.norm, rows, s.x, s.y, s.dy, s.mean, s.inverse, sums,
                                 (double)rows, false, dx);
        check_gradient("normalisation input", norm_loss, &s, s.x, dx, n, 2e-3, 1e-2);
        float dbeta[5], dgamma[5];
        for (int j = 0; j < 5; j++)
            dbeta[j] = (float)sums[j], dgamma[j] = (float)sums[5 + j];
        check_gradient("beta", norm_loss, &s, s.beta, dbeta, c, 1e-3, 1e-2);
        check_gradient("gamma", norm_loss, &s, s.gamma, dgamma, c, 1e-3, 1e-2);
        lode_free(s.x), lode_free(s.y), lode_free(s.dy), lode_free(s.gamma), lode_free(s.beta);
        lode_free(s.mean), lode_free(s.inverse), lode_free(s.running), lode_free(s.sums);
        lode_free(s.scratch), lode_free(dx);
    }
}

static void normalised_values_have_mean_0_and_variance_1(void **state) {
    (void)state;
    enum { ROWS = 5000, C = 3 };
    float *x = random_values(ROWS * C, 1), *y = random_values(ROWS * C, 2);
    for (int i = 0; i < ROWS * C; i++)
        x[i] = 100 + 4 * x[i];
    float gamma[C] = {1, 1, 1}, beta[C] = {0}, running_mean[C] = {0},
          running_variance[C] = {1, 1, 1};
    float mean[C], inverse[C], scale[C], shift[C];
    lode_norm norm = {C, gamma, beta, running_mean, running_variance, 1.0f, 1e-5f, LODE_LINEAR};
    double sums[2 * C], *scratch = lode_alloc(lode_norm_scratch(ROWS, C), sizeof *scratch);
    lode_norm_sums(team, ROWS, C, x, scratch, sums);
    lode_norm_statistics(&norm, sums, ROWS, mean, inverse);
    lode_norm_apply(team, &norm, ROWS, x, mean, inverse, y);
    double s = 0, q = 0;
    for (int i = 0; i < ROWS; i++)
        s += (double)y[i * C + 1], q += (double)y[i * C + 1] * (double)y[i * C + 1];
    assert_true(fabs(s / ROWS) < 1e-4 && fabs(q / ROWS - 1) < 1e-3);
    lode_norm_affine(&norm, scale, shift);
    for (int i = 0; i < ROWS * C; i += 91)
        assert_true(fabsf(x[i] * scale[i % C] + shift[i % C] - y[i]) < 2e-3f);
    lode_free(x), lode_free(y), lode_free(scratch);
}

/* ---- Element-wise layers and pooling ---- */

typedef struct layer_case {
    int kind; /* 0..: see layer_loss */
    lode_conv pool;
    lode_activation activation;
    size_t nx, ny;
    float *x, *other, *y, *dy;
} layer_case;

static double layer_loss(void *context) {
    layer_case *s = context;
    if (s->kind == 0)
        lode_activate(team, s->activation, s->nx, s->x, s->y);
    else if (s->kind == 1)
        lode_max_pool(team, &s->pool, s->x, s->y);
    else if (s->kind == 2)
        lode_average_pool(team, &s->pool, s->x, s->y);
    else if (s->kind == 3)
        lode_global_average(team, s->pool.n, (size_t)(s->pool.h * s->pool.w), (size_t)s->pool.cin,
                            s->x, s->y);
    else if (s->kind == 4)
        lode_dropout(team, s->nx, 0.4, 3, 11, s->x, false, s->y);
    else
        lode_add(team, s->nx, s->x, s->other, LODE_LINEAR, s->y);
    return dot(s->ny, s->y, s->dy);
}

static void layer_backward(layer_case *s, bool accumulate, float *dx) {
    if (s->kind == 0)
        lode_activate_backward(team, s->activation, s->nx, s->x, s->dy, accumulate, dx);
    else if (s->kind == 1)
        lode_max_pool_backward(team, &s->pool, s->x, s->y, s->dy, accumulate, dx);
    else if (s->kind == 2)
        lode_average_pool_backward(team, &s->pool, s->dy, accumulate, dx);
    else if (s->kind == 3)
        lode_global_average_backward(team, s->pool.n, (size_t)(s->pool.h * s->pool.w),
                                     (size_t)s->pool.cin, s->dy, accumulate, dx);
    else if (s->kind == 4)
        lode_dropout(team, s->nx, 0.4, 3, 11, s->dy, accumulate, dx);
    else
        lode_copy(team, s->nx, s->dy, accumulate, dx);
}

static void layer(const char *what, int kind, lode_activation activation, lode_conv pool) {
    layer_case s = {.kind = kind, .pool = pool, .activation = activation};
    s.nx = s.ny = (size_t)(pool.n * pool.h * pool.w * pool.cin);
    if (kind == 1 || kind == 2)
        s.ny =
            (size_t)(pool.n * lode_conv_out_height(&pool) * lode_conv_out_width(&pool) * pool.cin);
    if (kind == 3)
        s.ny = (size_t)(pool.n * pool.cin);
    s.x = random_values(s.nx, 1), s.other = random_values(s.nx, 2);
    s.y = random_values(s.ny, 3), s.dy = random_values(s.ny, 4);
    for (size_t i = 0; i < s.nx; i++) /* away from the kinks of ReLU and ReLU6 */
        s.x[i] = 4 * s.x[i] + (s.x[i] > 0 ? 0.1f : -0.1f);
    layer_loss(&s);
    float *dx = random_values(s.nx, 5), *sum = random_values(s.nx, 6);
    float *start = random_values(s.nx, 6);
    layer_backward(&s, false, dx);
    check_gradient(what, layer_loss, &s, s.x, dx, s.nx, 2e-3, 5e-3);
    layer_backward(&s, true, sum);
    for (size_t i = 0; i < s.nx; i++)
        assert_true(fabsf(sum[i] - start[i] - dx[i]) < 1e-5f);
    lode_free(s.x), lode_free(s.other), lode_free(s.y), lode_free(s.dy);
    lode_free(dx), lode_free(sum), lode_free(start);
}

static void simple_layers(void **state) {
    (void)state;
    lode_conv p = {2, 7, 9, 5, 5, 3, 3, 2, 1, 1, 1}, valid = {2, 6, 7, 5, 5, 3, 3, 1, 0, 1, 1};
    layer("ReLU", 0, LODE_RELU, p);
    layer("ReLU6", 0, LODE_RELU6, p);
    layer("GELU", 0, LODE_GELU, p);
    layer("identity", 0, LODE_LINEAR, p);
    layer("max pool", 1, LODE_LINEAR, p);
    layer("max pool", 1, LODE_LINEAR, valid);
    layer("average pool", 2, LODE_LINEAR, p);
    layer("average pool", 2, LODE_LINEAR, valid);
    layer("global average", 3, LODE_LINEAR, p);
    layer("dropout", 4, LODE_LINEAR, p);
    layer("sum", 5, LODE_LINEAR, p);
}

static void dropout_keeps_the_mean(void **state) {
    (void)state;
    enum { N = 100000 };
    float *x = lode_alloc(N, sizeof *x), *y = lode_alloc(N, sizeof *y);
    for (int i = 0; i < N; i++)
        x[i] = 1;
    lode_dropout(team, N, 0.25, 5, 1, x, false, y);
    double sum = dot(N, x, y);
    int dropped = 0;
    for (int i = 0; i < N; i++)
        dropped += y[i] == 0;
    assert_true(fabs(sum / N - 1) < 0.01);
    assert_true(dropped > N * 24 / 100 && dropped < N * 26 / 100);
    lode_free(x), lode_free(y);
}

/* ---- Losses ---- */

typedef struct loss_case {
    float *logits, *target, *weight;
    int labels[6];
    int binary;
} loss_case;

static double loss_of(void *context) {
    loss_case *s = context;
    return s->binary ? lode_binary_cross_entropy(18, s->logits, s->target, s->weight, NULL)
                     : lode_cross_entropy(6, 3, s->logits, s->labels, NULL);
}

static void losses(void **state) {
    (void)state;
    loss_case s = {
        random_values(18, 1), random_values(18, 2), random_values(18, 3), {0, 1, 2, 2, 1, 0}, 0};
    float gradient[18];
    for (int i = 0; i < 18; i++)
        s.target[i] = s.target[i] > 0, s.weight[i] = fabsf(s.weight[i]);
    lode_cross_entropy(6, 3, s.logits, s.labels, gradient);
    check_gradient("cross entropy", loss_of, &s, s.logits, gradient, 18, 1e-2, 1e-3);
    s.binary = 1;
    lode_binary_cross_entropy(18, s.logits, s.target, s.weight, gradient);
    check_gradient("binary cross entropy", loss_of, &s, s.logits, gradient, 18, 1e-2, 1e-3);
    /* Two equal logits: log 2. A hopeless logit: finite. */
    float even[2] = {3, 3}, far = 1000, zero = 0;
    int label = 1;
    assert_true(fabs(lode_cross_entropy(1, 2, even, &label, NULL) - log(2)) < 1e-12);
    assert_true(fabs(lode_binary_cross_entropy(1, &far, &zero, NULL, NULL) - 1000) < 1e-9);
    lode_free(s.logits), lode_free(s.target), lode_free(s.weight);
}

/* ---- Optimisers ---- */

static void adamw_follows_the_paper(void **state) {
    (void)state;
    /* First step: m / (1 - b1) = g, v / (1 - b2) = g^2, so w moves by rate * sign(g) after decay.
     */
    float w[2] = {1, -2}, g[2] = {0.5f, -4}, m[2] = {0}, v[2] = {0};
    unsigned char decay[2] = {1, 0};
    lode_adamw a = lode_adamw_defaults();
    a.weight_decay = 0.1;
    lode_adamw_step(team, &a, 2, 1, 0.01, g, decay, m, v, w);
    assert_true(fabsf(w[0] - (1 - 0.01f * 0.1f - 0.01f)) < 1e-6f);
    assert_true(fabsf(w[1] - (-2 + 0.01f)) < 1e-6f);
}

static void sgd_gathers_momentum(void **state) {
    (void)state;
    float w = 1, g = 2, v = 0;
    lode_sgd_step(team, 0.9, 0, 1, 0.1, &g, NULL, &v, &w);
    lode_sgd_step(team, 0.9, 0, 1, 0.1, &g, NULL, &v, &w);
    assert_true(fabsf(v - 3.8f) < 1e-6f && fabsf(w - (1 - 0.2f - 0.38f)) < 1e-6f);
}

static void schedule_and_clipping(void **state) {
    (void)state;
    assert_true(fabs(lode_schedule(0.1, 0, 10, 110) - 0.01) < 1e-12);
    assert_true(fabs(lode_schedule(0.1, 10, 10, 110) - 0.1) < 1e-12);
    assert_true(fabs(lode_schedule(0.1, 60, 10, 110) - 0.05) < 1e-12);
    float g[2] = {3, 4};
    assert_true(fabs(lode_clip_gradient(team, 2, g, 10) - 5) < 1e-12);
    assert_true(fabsf(g[0] - 3) < 1e-12f);
    assert_true(fabs(lode_clip_gradient(team, 2, g, 1) - 5) < 1e-12);
    assert_true(fabsf(g[0] - 0.6f) < 1e-6f && fabsf(g[1] - 0.8f) < 1e-6f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolution),
        cmocka_unit_test(convolution_of_a_part_has_the_same_bits),
        cmocka_unit_test(batch_normalisation),
        cmocka_unit_test(normalised_values_have_mean_0_and_variance_1),
        cmocka_unit_test(simple_layers),
        cmocka_unit_test(dropout_keeps_the_mean),
        cmocka_unit_test(losses),
        cmocka_unit_test(adamw_follows_the_paper),
        cmocka_unit_test(sgd_gathers_momentum),
        cmocka_unit_test(schedule_and_clipping),
    };
    /* On the calling thread with each kernel, and on three threads. */
    static const char *const kernels[] = {"generic", "avx2", "avx512"};
    int failed = 0;
    for (int i = 0; i < 3; i++)
        if (lode_gemm_force(kernels[i]))
            failed += cmocka_run_group_tests_name(kernels[i], tests, NULL, NULL);
    lode_gemm_force(NULL);
    if (lode_team_create(3, &team) != LODE_OK)
        return 1;
    failed += cmocka_run_group_tests(tests, NULL, NULL);
    lode_team_free(team);
    return failed;
}

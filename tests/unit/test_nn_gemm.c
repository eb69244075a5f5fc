#include <stdio.h>

#include "nn/gemm.h"
#include "nn_check.h"

static void reference(size_t m, size_t n, size_t k, const float *a, bool ta, const float *b,
                      bool tb, float *c) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t l = 0; l < k; l++)
                sum += (double)(ta ? a[l * m + i] : a[i * k + l]) *
                       (double)(tb ? b[j * k + l] : b[l * n + j]);
            c[i * n + j] = (float)sum;
        }
}

static void product_equals_sum_of_products(void **state) {
    (void)state;
    const size_t sizes[][3] = {{1, 1, 1},      {7, 5, 3},     {6, 16, 4},
                               {50, 130, 400}, {13, 33, 900}, {5, 17, 0}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int mode = 0; mode < 4; mode++) {
            size_t m = sizes[s][0], n = sizes[s][1], k = sizes[s][2];
            bool ta = mode & 1, tb = mode & 2;
            float *a = random_values(m * k, 1), *b = random_values(k * n, 2);
            float *c = random_values(m * n, 3), *want = random_values(m * n, 3);
            float *scratch = lode_alloc(lode_gemm_scratch(m, n, k, ta), sizeof *scratch);
            reference(m, n, k, a, ta, b, tb, want);
            for (int again = 0; again < 2; again++) {
                lode_gemm(NULL, m, n, k, a, ta ? m : k, ta, b, tb ? k : n, tb, again, c, n,
                          scratch);
                for (size_t i = 0; i < m * n; i++)
                    assert_true(fabsf(c[i] - (float)(again + 1) * want[i]) <=
                                1e-5f * (10 + fabsf(want[i])));
            }
            lode_free(a), lode_free(b), lode_free(c), lode_free(want), lode_free(scratch);
        }
}

static void bits_do_not_depend_on_threads_or_rows(void **state) {
    (void)state;
    size_t m = 301, n = 70, k = 500;
    float *a = random_values(m * k, 1), *b = random_values(k * n, 2);
    float *one = random_values(m * n, 3), *four = random_values(m * n, 4),
          *row = random_values(n, 5);
    float *scratch = lode_alloc(lode_gemm_scratch(m, n, k, false), sizeof *scratch);
    lode_gemm(NULL, m, n, k, a, k, false, b, n, false, false, one, n, scratch);
    lode_team *team = NULL;
    assert_lode_ok(lode_team_create(4, &team));
    for (int i = 0; i < 50; i++) {
        memset(four, 0, m * n * sizeof *four);
        lode_gemm(team, m, n, k, a, k, false, b, n, false, false, four, n, scratch);
        assert_memory_equal(one, four, m * n * sizeof *one);
    }
    for (size_t i = 0; i < m; i += 37) {
        lode_gemm(NULL, 1, n, k, a + i * k, k, false, b, n, false, false, row, n, scratch);
        assert_memory_equal(row, one + i * n, n * sizeof *row);
    }
    lode_team_free(team);
    lode_free(a), lode_free(b), lode_free(one), lode_free(four), lode_free(row), lode_free(scratch);
}

/* Both fuse multiplication and addition and sum in the same order. */
static void wide_registers_change_no_bit(void **state) {
    (void)state;
    size_t m = 77, n = 50, k = 800;
    if (!lode_gemm_force("avx512")) {
        lode_gemm_force(NULL);
        skip(); /* a processor without AVX-512 */
    }
    float *a = random_values(m * k, 1), *b = random_values(k * n, 2);
    float *wide = random_values(m * n, 3), *narrow = random_values(m * n, 4);
    float *scratch = lode_alloc(lode_gemm_scratch(m, n, k, false), sizeof *scratch);
    lode_gemm(NULL, m, n, k, a, k, false, b, n, false, false, wide, n, scratch);
    assert_true(lode_gemm_force("avx2"));
    lode_gemm(NULL, m, n, k, a, k, false, b, n, false, false, narrow, n, scratch);
    lode_gemm_force(NULL);
    assert_memory_equal(wide, narrow, m * n * sizeof *wide);
    lode_free(a), lode_free(b), lode_free(wide), lode_free(narrow), lode_free(scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(product_equals_sum_of_products),
        cmocka_unit_test(bits_do_not_depend_on_threads_or_rows),
        cmocka_unit_test(wide_registers_change_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

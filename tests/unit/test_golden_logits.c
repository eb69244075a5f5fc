/* The two published networks against torchvision: golden/logits.txt, made by golden/logits.py. */
#include <stdio.h>

#include "encoder/mobilenetv2.h"
#include "encoder/resnet50.h"
#include "nn_check.h"
#include "torch_weights.h"

enum { N = 2, CLASSES = 5 };

static void check_line(const char *line) {
    char name[32];
    int channels, side, used, at = 0;
    if (sscanf(line, "%31s %d %d%n", name, &channels, &side, &at) != 3)
        fail_msg("cannot read '%s'", line);
    lode_net *net = NULL;
    lode_windowed_build build =
        strcmp(name, "resnet50") == 0 ? lode_resnet50_net : lode_mobilenetv2_net;
    assert_lode_ok(build(channels, CLASSES, false, 1, &net));
    fill_by_formula(net);
    assert_lode_ok(lode_net_prepare(net));
    lode_pass *pass = NULL;
    assert_lode_ok(lode_pass_create(net, LODE_INFERENCE, N, side, side, NULL, &pass));
    float *x = lode_pass_input(pass);
    for (uint32_t i = 0; i < (uint32_t)(N * side * side * channels); i++)
        x[i] = 2 * (float)formula(1000, i);
    lode_pass_infer(pass);
    const float *y = lode_pass_output(pass, NULL, NULL);
    for (int i = 0; i < N * CLASSES; i++, at += used) {
        double want = NAN;
        assert_int_equal(sscanf(line + at, "%lf%n", &want, &used), 1);
        if (!(fabs((double)y[i] - want) <= 1e-4 * (1 + fabs(want))))
            fail_msg("%s, %d channels, side %d: logit %d is %g, torchvision gives %g", name,
                     channels, side, i, (double)y[i], want);
    }
    lode_pass_free(pass);
    lode_net_free(net);
}

static void logits_equal_torchvisions(void **state) {
    (void)state;
    char line[1024];
    int checked = 0;
    FILE *file = fopen(LODE_TEST_GOLDEN "/logits.txt", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (line[0] != '#' && (test_size(1, 0) || line[0] == 'm')) {
            check_line(line);
            checked++;
        }
    fclose(file);
    assert_int_equal(checked, test_size(3, 2));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(logits_equal_torchvisions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

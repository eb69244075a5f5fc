/* A model file of any content: refused or opened; an opened one describes itself and predicts. */
#include <stdint.h>
#include <stdlib.h>

#include "lode/lode.h"

static void predict(const lode_model *model, const char *groups) {
    enum { SIDE = 2 };
    lode_plan *plan;
    if (lode_plan_create(model, groups, &plan) != LODE_OK)
        return;
    int first, wide, tall;
    lode_plan_columns(plan, 3, SIDE, &first, &wide);
    lode_plan_rows(plan, 5, SIDE, &first, &tall);
    size_t values = (size_t)tall * (size_t)wide * (size_t)lode_model_band_count(model);
    float *input = calloc(values, sizeof *input);
    float *output = calloc(SIDE * SIDE * (size_t)lode_plan_band_count(plan), sizeof *output);
    for (size_t i = 0; input && i < values; i++)
        input[i] = (float)(1 + i % 7);
    if (input && output)
        lode_plan_predict(plan, input, 3, 5, SIDE, SIDE, 0.5, output);
    free(input);
    free(output);
    lode_plan_free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    lode_model *model;
    if (lode_model_open_memory(data, size, "fuzzed.lode", &model) != LODE_OK)
        return 0;
    char *json;
    if (lode_model_describe(model, &json) == LODE_OK)
        lode_free(json);
    if (lode_model_half_window(model) <= 64 && lode_model_band_count(model) <= 256) {
        predict(model, NULL);
        predict(model, "score,uncertainty,percentile,anomaly,support,embedding");
    }
    lode_model_close(model);
    return 0;
}

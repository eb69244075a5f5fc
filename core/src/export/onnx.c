#include "export/onnx.h"

#include <stdlib.h>

#include "export/onnx_graph.h"
#include "export/onnx_parts.h"
#include "util/error.h"
#include "util/memory.h"

/* ---- Features: [n][count][h - 2R][w - 2R] ------------------------------------------------------
 */

static const char *square_mean(lode_onnx *graph, const char *x, int radius) {
    int side = 2 * radius + 1;
    return lode_onnx_node(
        graph, "AveragePool", (const char *[4]){x},
        (lode_onnx_attribute[]){{.name = "kernel_shape", .count = 2, .value = {side, side}},
                                {.name = "strides", .count = 2, .value = {1, 1}},
                                {.name = NULL}});
}

/* Mean of the channels over the cells with data within the radius; 0 where there are none. */
static const char *smooth(lode_onnx *graph, const char *channels, const char *data, int radius) {
    float least = 0.5f / (float)((2 * radius + 1) * (2 * radius + 1));
    const char *share = square_mean(graph, data, radius);
    share = lode_onnx_binary(graph, "Max", share, lode_onnx_float(graph, least));
    return lode_onnx_binary(graph, "Div", square_mean(graph, channels, radius), share);
}

static lode_status add_features(lode_onnx *graph, const lode_features *features,
                                const char *channels, const char *mask, const char *data,
                                const char **result) {
    int half = lode_features_half_window(features);
    const char *all = NULL;
    if (features->inputs & LODE_INPUT_BANDS)
        all = lode_onnx_crop(graph, channels, half);
    if (features->inputs & LODE_INPUT_SMOOTH)
        all = lode_onnx_join(graph, all,
                             lode_onnx_crop(graph,
                                            smooth(graph, channels, data, features->smooth_radius),
                                            half - features->smooth_radius),
                             1);
    if (features->inputs & LODE_INPUT_EMBEDDING) {
        const char *x = lode_onnx_join(graph, channels, mask, 1), *embedding;
        LODE_TRY(lode_onnx_encoder(
            graph, features->encoder,
            lode_onnx_crop(graph, x, half - lode_encoder_half_window(features->encoder)),
            &embedding));
        all = lode_onnx_join(graph, all, embedding, 1);
    }
    *result = all;
    return LODE_OK;
}

/* ---- Head --------------------------------------------------------------------------------------
 */

/* Calibrated log odds are linear in the features: one 1 x 1 convolution. */
static lode_status add_head(lode_onnx *graph, const lode_head *head, const char *features,
                            const char **score) {
    float *weights = lode_alloc((size_t)head->features, sizeof *weights);
    if (!weights)
        return lode_fail_memory();
    for (int j = 0; j < head->features; j++)
        weights[j] = (float)(head->platt_a * head->score_weights[j]);
    float bias = (float)(head->platt_a * head->score_bias + head->platt_b);
    const char *w = lode_onnx_floats(graph, weights, 4, (int64_t[]){1, head->features, 1, 1});
    const char *b = lode_onnx_vector(graph, &bias, 1);
    lode_free(weights);
    const char *odds = lode_onnx_node(graph, "Conv", (const char *[4]){features, w, b}, NULL);
    *score = lode_onnx_unary(graph, "Sigmoid", odds);
    return LODE_OK;
}

/* ---- The model ---------------------------------------------------------------------------------
 */

static const char *where_data(lode_onnx *graph, const char *data, const char *value) {
    const char *there = lode_onnx_binary(graph, "Greater", data, lode_onnx_float(graph, 0.5f));
    return lode_onnx_node(
        graph, "Where", (const char *[4]){there, value, lode_onnx_float(graph, LODE_NODATA)}, NULL);
}

static void add_output(lode_onnx *graph, const lode_model *model, const lode_features *features,
                       const char *value, const lode_onnx_size sizes[4]) {
    if (model->head) {
        const int64_t axis[1] = {1};
        value = lode_onnx_binary(graph, "Squeeze", value, lode_onnx_integers(graph, axis, 1));
        lode_onnx_output(graph, "score", value, sizes, 3);
        return;
    }
    value =
        lode_onnx_node(graph, "Transpose", (const char *[4]){value},
                       (lode_onnx_attribute[]){{.name = "perm", .count = 4, .value = {0, 2, 3, 1}},
                                               {.name = NULL}});
    lode_onnx_size shape[4] = {
        sizes[0], sizes[1], sizes[2], {.value = lode_features_count(features)}};
    lode_onnx_output(graph, "embedding", value, shape, 4);
}

static lode_status add_metadata(lode_onnx *graph, const lode_model *model) {
    json_t *bands = json_array();
    for (int i = 0; i < model->recipe->bands; i++)
        json_array_append_new(bands, json_string(model->recipe->names[i]));
    char *names = json_dumps(bands, JSON_COMPACT), *description = NULL;
    json_decref(bands);
    lode_status status = names ? lode_model_describe(model, &description) : lode_fail_memory();
    if (status == LODE_OK) {
        lode_onnx_metadata(graph, "bands", names);
        lode_onnx_metadata(graph, "lode", description);
    }
    free(names);
    lode_free(description);
    return status;
}

static lode_status build(lode_onnx *graph, const lode_model *model) {
    lode_features features = lode_model_features(model);
    int half = lode_features_half_window(&features);
    bool one_window = model->encoder && (features.inputs & LODE_INPUT_EMBEDDING) &&
                      !lode_encoder_get_kind(model->encoder)->dense;
    lode_onnx_size fixed = {.value = 2 * half + 1}, one = {.value = 1};
    lode_onnx_size in[4] = {{.name = "batch"},
                            one_window ? fixed : (lode_onnx_size){.name = "height"},
                            one_window ? fixed : (lode_onnx_size){.name = "width"},
                            {.value = model->recipe->bands}};
    lode_onnx_size out[4] = {{.name = "batch"},
                             one_window ? one : (lode_onnx_size){.name = "out_height"},
                             one_window ? one : (lode_onnx_size){.name = "out_width"}};
    const char *channels, *mask, *value;
    lode_onnx_input(graph, "values", in, 4);
    LODE_TRY(lode_onnx_recipe(graph, model->recipe, "values", &channels, &mask));
    const char *data = lode_onnx_to_float(
        graph, lode_onnx_binary(graph, "Greater", mask, lode_onnx_float(graph, 0)));
    LODE_TRY(add_features(graph, &features, channels, mask, data, &value));
    if (model->head)
        LODE_TRY(add_head(graph, model->head, value, &value));
    add_output(graph, model, &features, where_data(graph, lode_onnx_crop(graph, data, half), value),
               out);
    return add_metadata(graph, model);
}

lode_status lode_export_onnx(const lode_model *model, const char *path) {
    lode_onnx *graph;
    LODE_TRY(lode_onnx_create(&graph));
    lode_status status = build(graph, model);
    if (status == LODE_OK)
        status = lode_onnx_write(graph, path);
    lode_onnx_free(graph);
    return status;
}

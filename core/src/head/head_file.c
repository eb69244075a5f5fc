/* head_file.c - a head as JSON and tensors, and its percentile breaks; declared in head.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "head/head.h"
#include "util/error.h"
#include "util/memory.h"

enum { BREAKS = 101, MAX_BAGS = 10000, MAX_SMOOTH = 1000 };

json_t *lode_head_describe(const lode_head *head) {
    json_t *json = json_object(), *breaks = json_array();
    for (int i = 0; i < BREAKS; i++)
        json_array_append_new(breaks, json_real(head->breaks[i]));
    json_object_set_new(json, "kind", json_string("ridge logistic"));
    json_object_set_new(json, "inputs", lode_inputs_describe(head->inputs));
    json_object_set_new(json, "smooth_radius", json_integer(head->smooth_radius));
    json_object_set_new(json, "features", json_integer(head->features));
    json_object_set_new(json, "members", json_integer(head->bags));
    json_object_set_new(json, "strength", json_real(head->strength));
    json_object_set_new(json, "platt_a", json_real(head->platt_a));
    json_object_set_new(json, "platt_b", json_real(head->platt_b));
    json_object_set_new(json, "percentiles", breaks);
    json_object_set(json, "choice", head->choice);
    return json;
}

lode_status lode_head_store(const lode_head *head, lode_tensors *tensors) {
    int64_t shape[2] = {head->bags, head->features}, one[1] = {1};
    LODE_TRY(lode_tensors_add(tensors, "head.score.weight", shape + 1, 1, head->score_weights));
    LODE_TRY(lode_tensors_add(tensors, "head.score.bias", one, 1, &head->score_bias));
    LODE_TRY(lode_tensors_add(tensors, "head.weight", shape, 2, head->weights));
    return lode_tensors_add(tensors, "head.bias", shape, 1, head->bias);
}

static lode_status damaged(const char *file) {
    return lode_fail(LODE_ERROR_MODEL, "'%s' is not a usable model file: its head is damaged.",
                     file);
}

static bool parse_breaks(const json_t *list, float *breaks) {
    if (json_array_size(list) != BREAKS)
        return false;
    for (size_t i = 0; i < BREAKS; i++) {
        breaks[i] = (float)json_number_value(json_array_get(list, i));
        if (!isfinite(breaks[i]) || (i > 0 && breaks[i] < breaks[i - 1]))
            return false;
    }
    return true;
}

static bool all_finite(const float *values, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static lode_status load_tensors(lode_head *head, const lode_tensors *tensors, const char *file) {
    int64_t shape[2] = {head->bags, head->features}, one[1] = {1};
    const float *weights, *bias, *score_weights, *score_bias;
    LODE_TRY(lode_tensors_get(tensors, "head.score.weight", shape + 1, 1, &score_weights));
    LODE_TRY(lode_tensors_get(tensors, "head.score.bias", one, 1, &score_bias));
    LODE_TRY(lode_tensors_get(tensors, "head.weight", shape, 2, &weights));
    LODE_TRY(lode_tensors_get(tensors, "head.bias", shape, 1, &bias));
    LODE_TRY(lode_head_allocate(head));
    size_t bags = (size_t)head->bags, features = (size_t)head->features;
    memcpy(head->score_weights, score_weights, features * sizeof *weights);
    memcpy(head->weights, weights, bags * features * sizeof *weights);
    memcpy(head->bias, bias, bags * sizeof *bias);
    head->score_bias = *score_bias;
    if (!all_finite(score_weights, features) || !all_finite(weights, bags * features) ||
        !all_finite(bias, bags) || !isfinite(head->score_bias))
        return damaged(file);
    return LODE_OK;
}

lode_status lode_head_load(const json_t *json, const lode_tensors *tensors, int features,
                           const char *file, lode_head **head) {
    lode_head *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    json_int_t bags = json_integer_value(json_object_get(json, "members"));
    json_int_t smooth = json_integer_value(json_object_get(json, "smooth_radius"));
    made->inputs = lode_inputs_parse(json_object_get(json, "inputs"));
    made->features = features;
    made->strength = json_number_value(json_object_get(json, "strength"));
    made->platt_a = json_number_value(json_object_get(json, "platt_a"));
    made->platt_b = json_number_value(json_object_get(json, "platt_b"));
    made->choice = json_incref(json_object_get(json, "choice"));
    lode_status status = LODE_OK;
    if (bags < 1 || bags > MAX_BAGS || smooth < 0 || smooth > MAX_SMOOTH || !made->inputs ||
        features < 1 || !isfinite(made->platt_a) || !isfinite(made->platt_b) ||
        !parse_breaks(json_object_get(json, "percentiles"), made->breaks))
        status = damaged(file);
    made->bags = (int)bags;
    made->smooth_radius = (int)smooth;
    if (status == LODE_OK)
        status = load_tensors(made, tensors, file);
    if (status != LODE_OK) {
        lode_head_free(made);
        return status;
    }
    *head = made;
    return LODE_OK;
}

static int compare(const void *a, const void *b) {
    float left = *(const float *)a, right = *(const float *)b;
    return left < right ? -1 : left > right;
}

void lode_head_set_breaks(lode_head *head, float *scores, size_t n) {
    qsort(scores, n, sizeof *scores, compare);
    for (int i = 0; i < BREAKS; i++) {
        double at = (double)(n - 1) * i / (BREAKS - 1);
        size_t low = (size_t)at, high = low + 1 < n ? low + 1 : low;
        head->breaks[i] = (float)(scores[low] + (at - (double)low) * (scores[high] - scores[low]));
    }
}

float lode_head_percentile(const lode_head *head, float score) {
    if (!(score > head->breaks[0]))
        return 0;
    if (score >= head->breaks[BREAKS - 1])
        return 100;
    int low = 0, high = BREAKS - 1; /* breaks[low] < score <= breaks[high] */
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (score > head->breaks[middle])
            low = middle;
        else
            high = middle;
    }
    float width = head->breaks[high] - head->breaks[low];
    return (float)low + (width > 0 ? (score - head->breaks[low]) / width : 0.0f);
}

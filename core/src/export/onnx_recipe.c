#include "export/onnx_parts.h"
#include "util/error.h"
#include "util/memory.h"

/* Composition and other bands, each with its values (0 where missing) and whether they are there
 * (1 or 0), [n][h][w][count]. */
typedef struct part {
    const char *values, *present;
    int count;
} part;

static const char *sum_last(lode_onnx *graph, const char *x) {
    const int64_t last[1] = {3};
    return lode_onnx_node(graph, "ReduceSum",
                          (const char *[4]){x, lode_onnx_integers(graph, last, 1)}, NULL);
}

static const char *pick(lode_onnx *graph, const char *x, const int64_t *which, int count) {
    return lode_onnx_node(graph, "Gather",
                          (const char *[4]){x, lode_onnx_integers(graph, which, count)},
                          (lode_onnx_attribute[]){LODE_ONNX_INTEGER("axis", 3), {.name = NULL}});
}

static const char *at_least_one(lode_onnx *graph, const char *count) {
    return lode_onnx_binary(graph, "Max", count, lode_onnx_float(graph, 1));
}

static void centred_log_ratio(lode_onnx *graph, part *elements) {
    const char *logs = lode_onnx_binary(graph, "Mul", elements->values, elements->present);
    const char *count = at_least_one(graph, sum_last(graph, elements->present));
    const char *mean = lode_onnx_binary(graph, "Div", sum_last(graph, logs), count);
    elements->values = lode_onnx_binary(graph, "Sub", elements->values, mean);
}

/* Pivot coordinates: each logarithm against the mean of the present ones behind it. */
static lode_status isometric_log_ratio(lode_onnx *graph, part *elements) {
    int n = elements->count;
    float *behind = lode_alloc((size_t)n * (size_t)n, sizeof *behind);
    int64_t *kept = lode_alloc((size_t)n, sizeof *kept);
    for (int j = 0; behind && j < n; j++)
        for (int i = 0; i < j; i++)
            behind[j * n + i] = 1;
    for (int i = 0; kept && i < n; i++)
        kept[i] = i;
    if (behind && kept) {
        const char *matrix = lode_onnx_floats(graph, behind, 2, (int64_t[]){n, n});
        const char *logs = lode_onnx_binary(graph, "Mul", elements->values, elements->present);
        const char *count = lode_onnx_binary(graph, "MatMul", elements->present, matrix);
        const char *sum = lode_onnx_binary(graph, "MatMul", logs, matrix);
        const char *mean = lode_onnx_binary(graph, "Div", sum, at_least_one(graph, count));
        const char *next = lode_onnx_binary(graph, "Add", count, lode_onnx_float(graph, 1));
        const char *factor =
            lode_onnx_unary(graph, "Sqrt", lode_onnx_binary(graph, "Div", count, next));
        const char *ratio = lode_onnx_binary(graph, "Sub", elements->values, mean);
        const char *some = lode_onnx_to_float(
            graph, lode_onnx_binary(graph, "Greater", count, lode_onnx_float(graph, 0)));
        elements->values = pick(graph, lode_onnx_binary(graph, "Mul", factor, ratio), kept, n - 1);
        elements->present =
            pick(graph, lode_onnx_binary(graph, "Mul", elements->present, some), kept, n - 1);
        elements->count = n - 1;
    }
    lode_status status = behind && kept ? LODE_OK : lode_fail_memory();
    lode_free(behind);
    lode_free(kept);
    return status;
}

static lode_status transform(lode_onnx *graph, const lode_recipe *recipe, const float *floor,
                             part *elements) {
    const char *above = lode_onnx_binary(graph, "Max", elements->values,
                                         lode_onnx_vector(graph, floor, elements->count));
    if (recipe->transform == LODE_TRANSFORM_NONE) {
        elements->values = above;
        return LODE_OK;
    }
    elements->values = lode_onnx_unary(graph, "Log", above);
    if (recipe->transform == LODE_TRANSFORM_CLR)
        centred_log_ratio(graph, elements);
    else if (recipe->transform == LODE_TRANSFORM_ILR)
        return isometric_log_ratio(graph, elements);
    return LODE_OK;
}

/* Values and presence of the recipe's channels in order, [n][h][w][channels]. */
static lode_status channels_of(lode_onnx *graph, const lode_recipe *recipe, const char *values,
                               const char *present, int64_t *which, float *floor, part *all) {
    part elements = {0}, others = {0};
    int64_t *order = which + recipe->bands, *other = order + recipe->bands;
    bool composed = recipe->transform == LODE_TRANSFORM_ILR;
    for (int i = 0; i < recipe->bands; i++)
        if (recipe->element[i]) {
            floor[elements.count] = recipe->floor[i];
            which[elements.count++] = i;
        } else {
            other[others.count++] = i;
        }
    for (int i = 0, e = 0, o = elements.count; i < recipe->bands; i++)
        order[i] = recipe->element[i] ? e++ : o++;
    if (elements.count > 0) {
        elements.values = pick(graph, values, which, elements.count);
        elements.present = pick(graph, present, which, elements.count);
        LODE_TRY(transform(graph, recipe, floor, &elements));
    }
    *all = elements;
    if (others.count == 0)
        return LODE_OK;
    others.values = pick(graph, values, other, others.count);
    others.present = pick(graph, present, other, others.count);
    *all = others;
    if (elements.count == 0)
        return LODE_OK;
    all->values = lode_onnx_join(graph, elements.values, others.values, 3);
    all->present = lode_onnx_join(graph, elements.present, others.present, 3);
    all->count = elements.count + others.count;
    if (!composed) {
        all->values = pick(graph, all->values, order, all->count);
        all->present = pick(graph, all->present, order, all->count);
    }
    return LODE_OK;
}

static const char *scale(lode_onnx *graph, const lode_recipe *recipe, const part *channels,
                         float *divisor, float *used) {
    for (int c = 0; c < recipe->channels; c++) {
        used[c] = recipe->scale[c] > 0;
        divisor[c] = recipe->scale[c] > 0 ? recipe->scale[c] : 1;
    }
    const char *centre = lode_onnx_vector(graph, recipe->centre, recipe->channels);
    const char *z = lode_onnx_binary(graph, "Sub", channels->values, centre);
    z = lode_onnx_binary(graph, "Div", z, lode_onnx_vector(graph, divisor, recipe->channels));
    z = lode_onnx_node(graph, "Clip",
                       (const char *[4]){z, lode_onnx_float(graph, -recipe->clip),
                                         lode_onnx_float(graph, recipe->clip)},
                       NULL);
    z = lode_onnx_binary(graph, "Mul", z, lode_onnx_vector(graph, used, recipe->channels));
    return lode_onnx_binary(graph, "Mul", z, channels->present);
}

static const char *channels_first(lode_onnx *graph, const char *x) {
    return lode_onnx_node(graph, "Transpose", (const char *[4]){x},
                          (lode_onnx_attribute[]){
                              {.name = "perm", .count = 4, .value = {0, 3, 1, 2}}, {.name = NULL}});
}

lode_status lode_onnx_recipe(lode_onnx *graph, const lode_recipe *recipe, const char *values,
                             const char **channels, const char **mask) {
    size_t bands = (size_t)recipe->bands, most = bands + (size_t)recipe->channels;
    int64_t *which = lode_alloc(3 * bands, sizeof *which);
    float *numbers = lode_alloc(bands + 2 * most, sizeof *numbers);
    lode_status status = which && numbers ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK) {
        const char *missing = lode_onnx_binary(graph, "Or", lode_onnx_unary(graph, "IsNaN", values),
                                               lode_onnx_unary(graph, "IsInf", values));
        const char *there = lode_onnx_unary(graph, "Not", missing);
        const char *present = lode_onnx_to_float(graph, there);
        const char *filled = lode_onnx_node(
            graph, "Where", (const char *[4]){there, values, lode_onnx_float(graph, 0)}, NULL);
        const char *share = lode_onnx_binary(graph, "Div", sum_last(graph, present),
                                             lode_onnx_float(graph, (float)recipe->bands));
        /* At least half of the bands; a hair less than 0.5 because the share is rounded. */
        const char *data = lode_onnx_to_float(
            graph, lode_onnx_binary(graph, "Greater", share, lode_onnx_float(graph, 0.49999f)));
        part all;
        status = channels_of(graph, recipe, filled, present, which, numbers, &all);
        const char *z = status == LODE_OK
                            ? scale(graph, recipe, &all, numbers + bands, numbers + bands + most)
                            : NULL;
        *channels = channels_first(graph, lode_onnx_binary(graph, "Mul", z, data));
        *mask = channels_first(graph, lode_onnx_binary(graph, "Mul", share, data));
    }
    lode_free(which);
    lode_free(numbers);
    return status;
}

#include "contrast/weights.h"

#include <math.h>
#include <string.h>

#include "nn/optimise.h"
#include "util/error.h"
#include "util/memory.h"

typedef struct lode_weights_part {
    float *value;
    const float *gradient; /* NULL when not trained by gradients */
    size_t start, size;
    bool decay;
} part;

lode_status lode_weights_add(lode_weights *weights, float *value, const float *gradient,
                             size_t size, bool decay) {
    size_t count = (size_t)weights->count;
    part *parts = lode_grow(weights->parts, count, count + 1, sizeof *parts);
    if (!parts)
        return lode_fail_memory();
    parts[count] = (part){value, gradient, weights->size, size, decay};
    weights->parts = parts;
    weights->count++;
    weights->size += size;
    return LODE_OK;
}

lode_status lode_weights_create(lode_encoder *encoder, lode_trainer *trainer,
                                lode_weights *weights) {
    const lode_encoder_kind *kind = lode_encoder_get_kind(encoder);
    void *state = lode_encoder_state(encoder);
    memset(weights, 0, sizeof *weights);
    for (int i = 0; i < kind->tensor_count(state); i++) {
        lode_tensor_view view;
        kind->tensor(state, i, &view);
        if (view.trained)
            LODE_TRY(lode_weights_add(weights, view.data,
                                      trainer ? lode_trainer_gradient(trainer, i) : NULL,
                                      (size_t)lode_tensor_size(&view), view.dims > 1));
    }
    return LODE_OK;
}

static bool trained(const lode_weights *weights) {
    return weights->count > 0 && weights->parts[0].gradient;
}

lode_status lode_weights_finish(lode_weights *weights, double average) {
    size_t size = weights->size;
    bool ok = (weights->values = lode_alloc(size, sizeof(float))) != NULL;
    if (trained(weights)) {
        weights->gradient = lode_alloc(size, sizeof(float));
        weights->decay = lode_alloc(size, 1);
        weights->first = lode_alloc(size, sizeof(float));
        weights->second = lode_alloc(size, sizeof(float));
        ok = ok && weights->gradient && weights->decay && weights->first && weights->second;
    }
    if (average > 0) {
        weights->keep = average;
        weights->average = lode_alloc(size, sizeof(float));
        ok = ok && weights->average;
    }
    if (!ok)
        return lode_fail_memory();
    for (int i = 0; i < weights->count; i++) {
        const part *at = &weights->parts[i];
        memcpy(weights->values + at->start, at->value, at->size * sizeof(float));
        if (weights->decay)
            memset(weights->decay + at->start, at->decay, at->size);
    }
    if (weights->average)
        memcpy(weights->average, weights->values, size * sizeof(float));
    return LODE_OK;
}

void lode_weights_free(lode_weights *weights) {
    lode_free(weights->parts);
    lode_free(weights->values);
    lode_free(weights->gradient);
    lode_free(weights->decay);
    lode_free(weights->first);
    lode_free(weights->second);
    lode_free(weights->average);
    memset(weights, 0, sizeof *weights);
}

/* ---- A step ---- */

static void gather(lode_weights *weights) {
    for (int i = 0; i < weights->count; i++) {
        const part *at = &weights->parts[i];
        memcpy(weights->gradient + at->start, at->gradient, at->size * sizeof(float));
    }
}

static void scatter(const lode_weights *weights, const float *values) {
    for (int i = 0; i < weights->count; i++) {
        const part *at = &weights->parts[i];
        memcpy(at->value, values + at->start, at->size * sizeof(float));
    }
}

double lode_weights_step(lode_weights *weights, lode_team *team, int step, double rate,
                         double weight_decay, double limit) {
    gather(weights);
    double norm = lode_clip_gradient(team, weights->size, weights->gradient, limit);
    if (!isfinite(norm))
        return norm;
    lode_adamw adamw = lode_adamw_defaults();
    adamw.weight_decay = weight_decay;
    lode_adamw_step(team, &adamw, weights->size, step + 1, rate, weights->gradient, weights->decay,
                    weights->first, weights->second, weights->values);
    if (weights->average)
        lode_moving_average(team, weights->size, fmin(weights->keep, (1.0 + step) / (10.0 + step)),
                            weights->values, weights->average);
    lode_weights_scatter(weights);
    return norm;
}

void lode_weights_scatter(const lode_weights *weights) {
    scatter(weights, weights->values);
}

void lode_weights_scatter_average(const lode_weights *weights) {
    scatter(weights, weights->average ? weights->average : weights->values);
}

/* ---- Checkpoint ---- */

int lode_weights_saved(const lode_weights *weights, lode_saved *list) {
    int count = 0;
    list[count++] = (lode_saved){"weights", weights->values, weights->size};
    list[count++] = (lode_saved){"first_moment", weights->first, weights->size};
    list[count++] = (lode_saved){"second_moment", weights->second, weights->size};
    if (weights->average)
        list[count++] = (lode_saved){"average", weights->average, weights->size};
    return count;
}

#include "contrast/weights.h"

#include <string.h>

#include "util/error.h"
#include "util/memory.h"

typedef struct lode_weights_part {
    float *value;
    const float *gradient; /* NULL when not trained by gradients */
    size_t start, size;
    bool decay;
} part;

static void add(lode_weights *weights, const lode_tensor_view *view, const float *gradient) {
    part *added = &weights->parts[weights->count++];
    added->value = view->data;
    added->gradient = gradient;
    added->start = weights->size;
    added->size = (size_t)lode_tensor_size(view);
    added->decay = view->dims > 1;
    weights->size += added->size;
}

static void add_encoder(lode_weights *weights, lode_encoder *encoder, lode_trainer *trainer) {
    const lode_encoder_kind *kind = lode_encoder_get_kind(encoder);
    void *state = lode_encoder_state(encoder);
    for (int i = 0; i < kind->tensor_count(state); i++) {
        lode_tensor_view view;
        kind->tensor(state, i, &view);
        if (view.trained)
            add(weights, &view, trainer ? lode_trainer_gradient(trainer, i) : NULL);
    }
}

lode_status lode_weights_create(lode_encoder *encoder, lode_trainer *trainer, lode_mlp *const *mlps,
                                int mlp_count, lode_weights *weights) {
    const lode_encoder_kind *kind = lode_encoder_get_kind(encoder);
    size_t most = (size_t)kind->tensor_count(lode_encoder_state(encoder));
    for (int m = 0; m < mlp_count; m++)
        most += mlps[m] ? (size_t)lode_mlp_tensor_count(mlps[m]) : 0;
    memset(weights, 0, sizeof *weights);
    weights->parts = lode_alloc(most, sizeof *weights->parts);
    if (!weights->parts)
        return lode_fail_memory();
    add_encoder(weights, encoder, trainer);
    for (int m = 0; m < mlp_count; m++)
        for (int i = 0; mlps[m] && i < lode_mlp_tensor_count(mlps[m]); i++) {
            lode_tensor_view view;
            lode_mlp_tensor(mlps[m], i, &view);
            add(weights, &view, lode_mlp_gradient(mlps[m], i));
        }
    weights->values = lode_alloc(weights->size, sizeof(float));
    weights->gradient = lode_alloc(weights->size, sizeof(float));
    weights->decay = lode_alloc(weights->size, 1);
    if (!weights->values || !weights->gradient || !weights->decay) {
        lode_weights_free(weights);
        return lode_fail_memory();
    }
    for (int i = 0; i < weights->count; i++) {
        const part *at = &weights->parts[i];
        memcpy(weights->values + at->start, at->value, at->size * sizeof(float));
        memset(weights->decay + at->start, at->decay, at->size);
    }
    return LODE_OK;
}

void lode_weights_free(lode_weights *weights) {
    lode_free(weights->parts);
    lode_free(weights->values);
    lode_free(weights->gradient);
    lode_free(weights->decay);
    memset(weights, 0, sizeof *weights);
}

void lode_weights_gather(lode_weights *weights) {
    for (int i = 0; i < weights->count; i++) {
        const part *at = &weights->parts[i];
        if (at->gradient)
            memcpy(weights->gradient + at->start, at->gradient, at->size * sizeof(float));
    }
}

void lode_weights_scatter(const lode_weights *weights) {
    for (int i = 0; i < weights->count; i++) {
        const part *at = &weights->parts[i];
        memcpy(at->value, weights->values + at->start, at->size * sizeof(float));
    }
}

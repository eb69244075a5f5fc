/* Training of the dense encoder, layer by layer over all tiles of the batch: memory and forward
 * pass.
 *
 * A layer is one loop over tiles (each on one thread), then sums over the batch in tile order. When
 * several processes share the batch, the sums are over the tiles of all of them, in the same order.
 * Batch normalisation: Ioffe and Szegedy 2015 (arXiv:1502.03167); batch moments are put together
 * from tile moments by the formula of Chan, Golub and LeVeque 1983. */
#include "encoder/dense_train.h"

#include <math.h>

#include "encoder/context.h"
#include "encoder/dense_kernel.h"
#include "encoder/dense_trainer.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/simd.h"

/* ---- Memory -----------------------------------------------------------------------------------
 */

static void tile_free(lode_dense_tile *tile) {
    for (int i = 0; i <= LODE_DENSE_MAX_DEPTH; i++) {
        lode_free(tile->layer[i].sum);
        lode_free(tile->layer[i].active);
    }
    for (size_t i = 0; i < sizeof tile->gradient / sizeof *tile->gradient; i++)
        lode_free(tile->gradient[i]);
    lode_free(tile->embedding);
    lode_free(tile->row);
}

static void trainer_destroy(void *state) {
    lode_dense_trainer *trainer = state;
    if (!trainer)
        return;
    for (int i = 0; trainer->tiles && i < trainer->samples; i++)
        tile_free(&trainer->tiles[i]);
    lode_free(trainer->tiles);
    for (int i = 0; i <= LODE_DENSE_MAX_DEPTH; i++) {
        lode_free(trainer->scale[i]);
        lode_free(trainer->shift[i]);
        lode_free(trainer->mean[i]);
        lode_free(trainer->inverse[i]);
    }
    for (size_t i = 0; i < sizeof trainer->gradient / sizeof *trainer->gradient; i++)
        lode_free(trainer->gradient[i]);
    lode_free(trainer->moments);
    lode_free(trainer->parts);
    lode_free(trainer->from_sum);
    lode_free(trainer->from_product);
    lode_free(trainer->packed);
    lode_free(trainer->packed_back);
    lode_free(trainer->packed_scale);
    lode_free(trainer->embedding);
    lode_free(trainer->input);
    lode_free(trainer->context);
    lode_free(trainer->context_sums);
    lode_free(trainer);
}

/* Sets *values to count zeroed floats; false when memory is short. */
static bool floats(float **values, size_t count) {
    *values = lode_alloc(count, sizeof **values);
    return *values != NULL;
}

size_t lode_dense_gradient_size(const lode_dense *dense, int index) {
    if (index == dense->layers)
        return (size_t)dense->scales * (size_t)dense->width * (size_t)dense->dims;
    if (index > dense->layers)
        return (size_t)dense->dims;
    const lode_dense_layer *layer = &dense->layer[index];
    return (size_t)layer->taps * (size_t)layer->inputs * (size_t)layer->outputs;
}

static bool tile_create(lode_dense_tile *tile, const lode_dense *dense, int side, int outputs) {
    bool ok = true;
    size_t width = (size_t)dense->width, dims = (size_t)dense->dims;
    for (int i = 0; i < dense->layers; i++) {
        side -= 2 * dense->layer[i].dilation;
        size_t count = (size_t)side * (size_t)side * width;
        tile->layer[i].side = side;
        ok &= floats(&tile->layer[i].sum, count) && floats(&tile->layer[i].active, count);
    }
    for (int i = 0; i < dense->layers + 2; i++)
        ok &= floats(&tile->gradient[i], lode_dense_gradient_size(dense, i));
    size_t around = (size_t)(outputs + 2) * (size_t)(outputs + 2);
    return ok && floats(&tile->embedding, around * dims) &&
           floats(&tile->row, (size_t)(outputs + 2) * width);
}

static bool layer_memory(lode_dense_trainer *trainer, int index) {
    lode_dense_layer *layer = &trainer->dense->layer[index];
    size_t width = (size_t)layer->outputs;
    float **gradient = trainer->gradient + (size_t)(index * LODE_DENSE_LAYER_TENSORS);
    return floats(&trainer->scale[index], width) && floats(&trainer->shift[index], width) &&
           floats(&trainer->mean[index], width) && floats(&trainer->inverse[index], width) &&
           floats(&gradient[0], lode_dense_gradient_size(trainer->dense, index)) &&
           floats(&gradient[1], width) && floats(&gradient[2], width);
}

static bool trainer_memory(lode_dense_trainer *trainer) {
    const lode_dense *dense = trainer->dense;
    size_t samples = (size_t)trainer->samples, side = (size_t)trainer->side;
    size_t width = (size_t)dense->width, dims = (size_t)dense->dims;
    size_t outputs = (size_t)trainer->outputs, largest = 9 * width * width;
    size_t embedding = lode_dense_gradient_size(dense, dense->layers);
    if (embedding > largest)
        largest = embedding;
    if (lode_dense_gradient_size(dense, 0) > largest)
        largest = lode_dense_gradient_size(dense, 0);
    trainer->tiles = lode_alloc(samples, sizeof *trainer->tiles);
    trainer->parts = lode_alloc(samples, sizeof *trainer->parts);
    bool ok = trainer->tiles && trainer->parts &&
              floats(&trainer->input, samples * side * side * (size_t)dense->channels);
    for (int i = 0; ok && i < trainer->samples; i++)
        ok = tile_create(&trainer->tiles[i], dense, trainer->first_side, trainer->outputs);
    if (ok && dense->context > 0) {
        size_t first = (size_t)trainer->first_side;
        ok = floats(&trainer->context, samples * first * first * (size_t)dense->layer[0].inputs) &&
             floats(&trainer->context_sums,
                    (size_t)lode_team_threads(trainer->team) * side * (size_t)dense->channels);
    }
    for (int i = 0; ok && i < dense->layers; i++)
        ok = layer_memory(trainer, i);
    float **last = trainer->gradient + (size_t)(dense->layers * LODE_DENSE_LAYER_TENSORS);
    return ok && floats(&trainer->embedding, samples * outputs * outputs * dims) &&
           floats(&trainer->from_sum, width) && floats(&trainer->from_product, width) &&
           floats(&trainer->packed, largest) && floats(&trainer->packed_back, largest) &&
           floats(&trainer->packed_scale, width * dims) && floats(&last[0], embedding) &&
           floats(&last[1], dims);
}

double *lode_dense_moments(const lode_dense_trainer *trainer, int sample) {
    const lode_division *division = &trainer->division;
    int item = sample % division->items, group = sample / division->items;
    return trainer->moments +
           (size_t)(item * division->groups + group) * 2 * (size_t)trainer->dense->width;
}

static lode_status trainer_divide(void *state, const lode_division *division) {
    lode_dense_trainer *trainer = state;
    size_t width = (size_t)trainer->dense->width;
    int all = division->groups * division->items;
    double *moments = lode_alloc((size_t)all, 2 * width * sizeof *moments);
    if (!moments)
        return lode_fail_memory();
    lode_free(trainer->moments);
    trainer->moments = moments;
    trainer->division = *division;
    trainer->all = all;
    for (int i = 0; i < trainer->samples; i++) {
        lode_dense_tile *tile = &trainer->tiles[i];
        tile->first = lode_dense_moments(trainer, lode_division_sample(division, i));
        tile->second = tile->first + width;
    }
    return LODE_OK;
}

static lode_status trainer_create(void *state, int samples, int side, lode_team *team,
                                  void **trainer) {
    lode_dense_trainer *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->dense = state;
    made->team = team;
    made->samples = samples;
    made->side = side;
    made->first_side = side - 2 * lode_context_reach(made->dense->context);
    made->outputs = side - 2 * (made->dense->window / 2);
    lode_division alone = {NULL, 1, samples};
    lode_status status = trainer_memory(made) ? trainer_divide(made, &alone) : lode_fail_memory();
    if (status != LODE_OK) {
        trainer_destroy(made);
        return status;
    }
    *trainer = made;
    return LODE_OK;
}

/* ---- Forward ----------------------------------------------------------------------------------
 */

const float *lode_dense_layer_input(const lode_dense_trainer *trainer, size_t item, int *side) {
    const lode_dense *dense = trainer->dense;
    if (trainer->current == 0) {
        size_t cells = (size_t)trainer->first_side * (size_t)trainer->first_side;
        *side = trainer->first_side;
        return (trainer->context ? trainer->context : trainer->input) +
               item * cells * (size_t)dense->layer[0].inputs;
    }
    const lode_dense_plane *below = &trainer->tiles[item].layer[trainer->current - 1];
    *side = below->side;
    return below->active;
}

static void widen_tile(const lode_dense_trainer *trainer, size_t item, int worker) {
    const lode_dense *dense = trainer->dense;
    size_t side = (size_t)trainer->side, first = (size_t)trainer->first_side;
    size_t channels = (size_t)dense->channels, pitch = side * channels;
    size_t row = first * (size_t)dense->layer[0].inputs;
    for (size_t y = 0; y < first; y++)
        lode_context_row(trainer->input + (item * side + y) * pitch, pitch, dense->channels,
                         dense->context, trainer->first_side,
                         trainer->context_sums + (size_t)worker * pitch,
                         trainer->context + (item * first + y) * row);
}

/* Mean and sum of squared deviations of every channel of plane[cells][width]. */
LODE_WIDE static void moments(const float *restrict plane, size_t cells, size_t width,
                              double *restrict mean, double *restrict squares) {
    for (size_t k = 0; k < width; k++)
        mean[k] = squares[k] = 0;
    for (size_t i = 0; i < cells; i++)
        for (size_t k = 0; k < width; k++)
            mean[k] += plane[i * width + k];
    for (size_t k = 0; k < width; k++)
        mean[k] /= (double)cells;
    for (size_t i = 0; i < cells; i++)
        for (size_t k = 0; k < width; k++) {
            double deviation = plane[i * width + k] - mean[k];
            squares[k] += deviation * deviation;
        }
}

LODE_WIDE static void normalise(const float *restrict sum, size_t cells, size_t width,
                                const float *restrict scale, const float *restrict shift,
                                float *restrict active) {
    for (size_t i = 0; i < cells; i++)
        for (size_t k = 0; k < width; k++) {
            float value = sum[i * width + k] * scale[k] + shift[k];
            active[i * width + k] = value > 0 ? value : 0;
        }
}

static void activate(const lode_dense_trainer *trainer, size_t item, int index) {
    lode_dense_plane *at = &trainer->tiles[item].layer[index];
    normalise(at->sum, (size_t)at->side * (size_t)at->side, (size_t)trainer->dense->width,
              trainer->scale[index], trainer->shift[index], at->active);
}

static void convolve_row(void *context, size_t y, int worker) {
    const lode_dense_at_work *at = context;
    (void)worker;
    const lode_dense_trainer *trainer = at->trainer;
    const lode_dense_layer *layer = &trainer->dense->layer[trainer->current];
    lode_dense_plane *to = &trainer->tiles[at->item].layer[trainer->current];
    int side, root = lode_dense_root(layer);
    const float *input = lode_dense_layer_input(trainer, at->item, &side);
    size_t inputs = (size_t)layer->inputs, block = (size_t)layer->inputs * LODE_KERNEL_BLOCK;
    lode_kernel_tap taps[9];
    for (int t = 0; t < layer->taps; t++) {
        size_t row = y + (size_t)(t / root * layer->dilation);
        size_t column = (size_t)(t % root * layer->dilation);
        taps[t].input = input + (row * (size_t)side + column) * inputs;
        taps[t].weights = trainer->packed + (size_t)t * block;
    }
    lode_kernel_convolve(taps, layer->taps, layer->inputs, (size_t)layer->taps * block, NULL, false,
                         to->sum + y * (size_t)to->side * (size_t)layer->outputs, to->side,
                         layer->outputs);
}

/* One tile through layer `current`, after the normalisation of the layer below. */
static void convolve_tile(void *context, size_t item, int worker) {
    lode_dense_trainer *trainer = context;
    lode_dense_at_work at = {trainer, item};
    const lode_dense_tile *tile = &trainer->tiles[item];
    const lode_dense_plane *to = &tile->layer[trainer->current];
    size_t side = (size_t)to->side;
    if (trainer->current > 0)
        activate(trainer, item, trainer->current - 1);
    else if (trainer->context)
        widen_tile(trainer, item, worker);
    lode_team_share(trainer->team, worker, side, convolve_row, &at);
    moments(to->sum, side * side, (size_t)trainer->dense->width, tile->first, tile->second);
}

lode_status lode_dense_gather_moments(lode_dense_trainer *trainer, const lode_progress *progress) {
    const lode_division *division = &trainer->division;
    size_t size = (size_t)division->groups * 2 * (size_t)trainer->dense->width * sizeof(double);
    return lode_cluster_gather_items(division->cluster, trainer->moments, division->items, size,
                                     progress);
}

/* Batch moments from tile moments (all tiles have as many cells), in tile order. */
static void settle_statistics(lode_dense_trainer *trainer) {
    int index = trainer->current;
    lode_dense_layer *layer = &trainer->dense->layer[index];
    double cells = (double)trainer->tiles[0].layer[index].side;
    cells *= cells;
    size_t width = (size_t)trainer->dense->width;
    for (int k = 0; k < layer->outputs; k++) {
        double mean = 0, squares = 0, count = 0;
        for (int i = 0; i < trainer->all; i++) {
            const double *moment = lode_dense_moments(trainer, i) + k;
            double step = moment[0] - mean, total = count + cells;
            squares += moment[width] + step * step * count * cells / total;
            mean += step * cells / total;
            count = total;
        }
        double variance = squares / count;
        double inverse = 1 / sqrt(variance + LODE_NORM_EPSILON);
        trainer->mean[index][k] = (float)mean;
        trainer->inverse[index][k] = (float)inverse;
        trainer->scale[index][k] = (float)(layer->gain[k] * inverse);
        trainer->shift[index][k] = (float)(layer->offset[k] - layer->gain[k] * inverse * mean);
        layer->mean[k] += (float)(trainer->momentum * (mean - layer->mean[k]));
        layer->variance[k] += (float)(trainer->momentum * (variance - layer->variance[k]));
    }
}

float *lode_dense_scale_row(const lode_dense_trainer *trainer, const lode_dense_tile *at, int index,
                            int row) {
    int reach = lode_dense_reach(trainer->dense, index);
    const lode_dense_plane *plane = &at->layer[index];
    return plane->active +
           (size_t)((row + reach) * plane->side + reach) * (size_t)trainer->dense->width;
}

static void embed_tile(void *context, size_t item, int worker) {
    lode_dense_trainer *trainer = context;
    (void)worker;
    const lode_dense *dense = trainer->dense;
    lode_dense_tile *at = &trainer->tiles[item];
    int outputs = trainer->outputs, around = outputs + 2, first = lode_dense_first_scale(dense);
    size_t dims = (size_t)dense->dims, block = (size_t)dense->width * LODE_KERNEL_BLOCK;
    activate(trainer, item, dense->layers - 1);
    for (int y = 0; y < around; y++) {
        lode_kernel_tap taps[LODE_DENSE_MAX_DEPTH + 1];
        for (int i = 0; i < dense->scales; i++) {
            taps[i].input = lode_dense_scale_row(trainer, at, first + i, y);
            taps[i].weights = trainer->packed + (size_t)i * block;
        }
        lode_kernel_convolve(taps, dense->scales, dense->width, (size_t)dense->scales * block,
                             dense->bias, false, at->embedding + (size_t)(y * around) * dims,
                             around, dense->dims);
    }
    float *out = trainer->embedding + item * (size_t)(outputs * outputs) * dims;
    for (int y = 0; y < outputs; y++) {
        const float *row = at->embedding + (size_t)(y * around) * dims;
        size_t down = (size_t)around * dims;
        for (size_t i = 0; i < (size_t)outputs * dims; i++, out++) {
            float sum = 0;
            for (int r = 0; r < 3; r++) {
                const float *in = row + (size_t)r * down + i;
                sum += (in[0] + in[dims]) + in[2 * dims];
            }
            *out = sum * (1.0f / 9.0f);
        }
    }
}

static lode_status trainer_forward(void *state, double momentum, const lode_progress *progress,
                                   const float **embedding) {
    lode_dense_trainer *trainer = state;
    const lode_dense *dense = trainer->dense;
    trainer->momentum = momentum;
    for (int i = 0; i < dense->layers; i++) {
        const lode_dense_layer *layer = &dense->layer[i];
        LODE_TRY(lode_progress_report(progress, 0, NULL));
        trainer->current = i;
        lode_kernel_pack(layer->weights, layer->taps, layer->inputs, layer->outputs,
                         trainer->packed);
        lode_team_run(trainer->team, (size_t)trainer->samples, convolve_tile, trainer);
        LODE_TRY(lode_dense_gather_moments(trainer, progress));
        settle_statistics(trainer);
    }
    lode_kernel_pack(dense->weights, dense->scales, dense->width, dense->dims, trainer->packed);
    lode_team_run(trainer->team, (size_t)trainer->samples, embed_tile, trainer);
    *embedding = trainer->embedding;
    return LODE_OK;
}

static float *trainer_input(void *trainer) {
    return ((lode_dense_trainer *)trainer)->input;
}

static float *trainer_gradient(void *trainer, int tensor) {
    return ((lode_dense_trainer *)trainer)->gradient[tensor];
}

const lode_train_kind lode_dense_train = {
    .create = trainer_create,
    .destroy = trainer_destroy,
    .input = trainer_input,
    .forward = trainer_forward,
    .backward = lode_dense_backward,
    .gradient = trainer_gradient,
    .divide = trainer_divide,
};

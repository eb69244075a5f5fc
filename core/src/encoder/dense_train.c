/* Forward and backward of the dense encoder, layer by layer over all tiles of the batch.
 *
 * A layer is one loop over tiles (each on one thread), then sums over the batch in tile order. When
 * several processes share the batch, the sums are over the tiles of all of them, in the same order.
 * Batch normalisation: Ioffe and Szegedy 2015 (arXiv:1502.03167); batch moments are put together
 * from tile moments by the formula of Chan, Golub and LeVeque 1983.
 *
 * Per tile and layer two planes are kept: `sum`, the convolution's output, which the backward pass
 * turns into its gradient, and `active`, the output after normalisation and ReLU, which the
 * backward pass turns into the gradient that reaches the layer from above. */
#include "encoder/dense_train.h"

#include <math.h>
#include <string.h>

#include "encoder/context.h"
#include "encoder/dense.h"
#include "encoder/dense_kernel.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/simd.h"

typedef struct tile_plane {
    int side; /* cells */
    float *sum, *active;
} tile_plane;

/* What one tile contributes to the sums over the batch. */
typedef struct tile_work {
    tile_plane layer[LODE_DENSE_MAX_DEPTH + 1];
    float *gradient[LODE_DENSE_MAX_DEPTH + 2]; /* of the weights; the last of the embedding's */
    float *bias_gradient;                      /* [dims] */
    double *first, *second; /* [width] mean and sum of squared deviations, or the two sums of the
                               backward pass; in the trainer's `moments` */
    float *row;             /* [outputs + 2][width] */
    float *embedding;       /* [outputs + 2][outputs + 2][dims] before the average */
} tile_work;

typedef struct dense_trainer {
    lode_dense *dense;
    lode_team *team;
    int samples, side, outputs;
    lode_division division;                   /* of the step's samples among processes */
    int all;                                  /* samples of the step, in all processes */
    double *moments;                          /* [all][2][width], ordered by item and group */
    const float **parts;                      /* [samples] what is summed */
    lode_sum *sums[LODE_DENSE_MAX_DEPTH + 3]; /* under way */
    int sum_count;
    int current; /* layer at work */
    double momentum;
    float *input; /* [samples][side][side][channels] */
    /* With context: what the first layer sees of it, [samples][first_side]^2[inputs]; NULL without.
     */
    float *context, *context_sums;
    int first_side;
    tile_work *tiles;
    float *embedding;         /* [samples][outputs][outputs][dims] */
    const float *d_embedding; /* same shape */
    /* Per layer: the affine map of the normalisation for this batch, and what its gradient needs.
     */
    float *scale[LODE_DENSE_MAX_DEPTH + 1], *shift[LODE_DENSE_MAX_DEPTH + 1];
    float *mean[LODE_DENSE_MAX_DEPTH + 1], *inverse[LODE_DENSE_MAX_DEPTH + 1];
    float *from_sum, *from_product; /* [width] batch means of the backward pass */
    float *packed, *packed_back;    /* weights of the layer at work */
    float *packed_scale;            /* weights of the embedding for the layer below, transposed */
    float *gradient[(LODE_DENSE_MAX_DEPTH + 1) * LODE_DENSE_LAYER_TENSORS + 2];
} dense_trainer;

/* ---- Memory -----------------------------------------------------------------------------------
 */

static void tile_free(tile_work *tile) {
    for (int i = 0; i <= LODE_DENSE_MAX_DEPTH; i++) {
        lode_free(tile->layer[i].sum);
        lode_free(tile->layer[i].active);
    }
    for (int i = 0; i <= LODE_DENSE_MAX_DEPTH + 1; i++)
        lode_free(tile->gradient[i]);
    lode_free(tile->bias_gradient);
    lode_free(tile->embedding);
    lode_free(tile->row);
}

static void trainer_destroy(void *state) {
    dense_trainer *trainer = state;
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

static size_t layer_weights(const lode_dense_layer *layer) {
    return (size_t)layer->taps * (size_t)layer->inputs * (size_t)layer->outputs;
}

static bool tile_create(tile_work *tile, const lode_dense *dense, int side, int outputs) {
    bool ok = true;
    size_t width = (size_t)dense->width, dims = (size_t)dense->dims;
    for (int i = 0; i < dense->layers; i++) {
        side -= 2 * dense->layer[i].dilation;
        size_t count = (size_t)side * (size_t)side * width;
        tile->layer[i].side = side;
        ok &= floats(&tile->layer[i].sum, count) && floats(&tile->layer[i].active, count) &&
              floats(&tile->gradient[i], layer_weights(&dense->layer[i]));
    }
    size_t around = (size_t)(outputs + 2) * (size_t)(outputs + 2);
    return ok && floats(&tile->embedding, around * dims) &&
           floats(&tile->gradient[dense->layers], (size_t)dense->scales * width * dims) &&
           floats(&tile->row, (size_t)(outputs + 2) * width) && floats(&tile->bias_gradient, dims);
}

static bool layer_memory(dense_trainer *trainer, int index) {
    lode_dense_layer *layer = &trainer->dense->layer[index];
    size_t width = (size_t)layer->outputs;
    float **gradient = trainer->gradient + (size_t)(index * LODE_DENSE_LAYER_TENSORS);
    return floats(&trainer->scale[index], width) && floats(&trainer->shift[index], width) &&
           floats(&trainer->mean[index], width) && floats(&trainer->inverse[index], width) &&
           floats(&gradient[0], layer_weights(layer)) && floats(&gradient[1], width) &&
           floats(&gradient[2], width);
}

static bool trainer_memory(dense_trainer *trainer) {
    const lode_dense *dense = trainer->dense;
    size_t samples = (size_t)trainer->samples, side = (size_t)trainer->side;
    size_t width = (size_t)dense->width, dims = (size_t)dense->dims;
    size_t outputs = (size_t)trainer->outputs, largest = 9 * width * width;
    size_t embedding = (size_t)dense->scales * width * dims;
    if (embedding > largest)
        largest = embedding;
    if (layer_weights(&dense->layer[0]) > largest)
        largest = layer_weights(&dense->layer[0]);
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

static double *moments_of(const dense_trainer *trainer, int sample) {
    const lode_division *division = &trainer->division;
    int item = sample % division->items, group = sample / division->items;
    return trainer->moments +
           (size_t)(item * division->groups + group) * 2 * (size_t)trainer->dense->width;
}

static lode_status trainer_divide(void *state, const lode_division *division) {
    dense_trainer *trainer = state;
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
        tile_work *tile = &trainer->tiles[i];
        tile->first = moments_of(trainer, lode_division_sample(division, i));
        tile->second = tile->first + width;
    }
    return LODE_OK;
}

static lode_status trainer_create(void *state, int samples, int side, lode_team *team,
                                  void **trainer) {
    dense_trainer *made = lode_alloc(1, sizeof *made);
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

static const float *layer_input(const dense_trainer *trainer, size_t item, int *side) {
    const lode_dense *dense = trainer->dense;
    if (trainer->current == 0) {
        size_t cells = (size_t)trainer->first_side * (size_t)trainer->first_side;
        *side = trainer->first_side;
        return (trainer->context ? trainer->context : trainer->input) +
               item * cells * (size_t)dense->layer[0].inputs;
    }
    const tile_plane *below = &trainer->tiles[item].layer[trainer->current - 1];
    *side = below->side;
    return below->active;
}

static void widen_tile(void *context, size_t item, int worker) {
    dense_trainer *trainer = context;
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

static void convolve_tile(void *context, size_t item, int worker) {
    dense_trainer *trainer = context;
    (void)worker;
    const lode_dense_layer *layer = &trainer->dense->layer[trainer->current];
    tile_plane *to = &trainer->tiles[item].layer[trainer->current];
    int side, root = layer->taps == 9 ? 3 : 1;
    const float *input = layer_input(trainer, item, &side);
    size_t inputs = (size_t)layer->inputs, block = (size_t)layer->inputs * LODE_KERNEL_BLOCK;
    for (int y = 0; y < to->side; y++) {
        lode_kernel_tap taps[9];
        for (int t = 0; t < layer->taps; t++) {
            int row = y + t / root * layer->dilation, column = t % root * layer->dilation;
            taps[t].input = input + ((size_t)row * (size_t)side + (size_t)column) * inputs;
            taps[t].weights = trainer->packed + (size_t)t * block;
        }
        lode_kernel_convolve(taps, layer->taps, layer->inputs, (size_t)layer->taps * block, NULL,
                             false, to->sum + (size_t)(y * to->side) * (size_t)layer->outputs,
                             to->side, layer->outputs);
    }
    moments(to->sum, (size_t)to->side * (size_t)to->side, (size_t)layer->outputs,
            trainer->tiles[item].first, trainer->tiles[item].second);
}

/* What every tile of the step added to the sums over the step, in every process. */
static lode_status gather_moments(dense_trainer *trainer, const lode_progress *progress) {
    const lode_division *division = &trainer->division;
    size_t size = (size_t)division->groups * 2 * (size_t)trainer->dense->width * sizeof(double);
    return lode_cluster_gather_items(division->cluster, trainer->moments, division->items, size,
                                     progress);
}

/* Batch moments from tile moments (all tiles have as many cells), in tile order. */
static void settle_statistics(dense_trainer *trainer) {
    int index = trainer->current;
    lode_dense_layer *layer = &trainer->dense->layer[index];
    double cells = (double)trainer->tiles[0].layer[index].side;
    cells *= cells;
    size_t width = (size_t)trainer->dense->width;
    for (int k = 0; k < layer->outputs; k++) {
        double mean = 0, squares = 0, count = 0;
        for (int i = 0; i < trainer->all; i++) {
            const double *moment = moments_of(trainer, i) + k;
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

LODE_WIDE static void normalise(const float *restrict sum, size_t cells, size_t width,
                                const float *restrict scale, const float *restrict shift,
                                float *restrict active) {
    for (size_t i = 0; i < cells; i++)
        for (size_t k = 0; k < width; k++) {
            float value = sum[i * width + k] * scale[k] + shift[k];
            active[i * width + k] = value > 0 ? value : 0;
        }
}

static void activate_tile(void *context, size_t item, int worker) {
    dense_trainer *trainer = context;
    (void)worker;
    tile_plane *at = &trainer->tiles[item].layer[trainer->current];
    normalise(at->sum, (size_t)at->side * (size_t)at->side, (size_t)trainer->dense->width,
              trainer->scale[trainer->current], trainer->shift[trainer->current], at->active);
}

/* First cell of row `row` of the part of a layer that the embedding reads. */
static float *scale_row(const dense_trainer *trainer, const tile_work *at, int index, int row) {
    int reach = lode_dense_reach(trainer->dense, index);
    const tile_plane *plane = &at->layer[index];
    return plane->active +
           (size_t)((row + reach) * plane->side + reach) * (size_t)trainer->dense->width;
}

static void embed_tile(void *context, size_t item, int worker) {
    dense_trainer *trainer = context;
    (void)worker;
    const lode_dense *dense = trainer->dense;
    tile_work *at = &trainer->tiles[item];
    int outputs = trainer->outputs, around = outputs + 2, first = lode_dense_first_scale(dense);
    size_t dims = (size_t)dense->dims, block = (size_t)dense->width * LODE_KERNEL_BLOCK;
    for (int y = 0; y < around; y++) {
        lode_kernel_tap taps[LODE_DENSE_MAX_DEPTH + 1];
        for (int i = 0; i < dense->scales; i++) {
            taps[i].input = scale_row(trainer, at, first + i, y);
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
    dense_trainer *trainer = state;
    const lode_dense *dense = trainer->dense;
    trainer->momentum = momentum;
    if (trainer->context)
        lode_team_run(trainer->team, (size_t)trainer->samples, widen_tile, trainer);
    for (int i = 0; i < dense->layers; i++) {
        const lode_dense_layer *layer = &dense->layer[i];
        LODE_TRY(lode_progress_report(progress, 0, NULL));
        trainer->current = i;
        lode_kernel_pack(layer->weights, layer->taps, layer->inputs, layer->outputs,
                         trainer->packed);
        lode_team_run(trainer->team, (size_t)trainer->samples, convolve_tile, trainer);
        LODE_TRY(gather_moments(trainer, progress));
        settle_statistics(trainer);
        lode_team_run(trainer->team, (size_t)trainer->samples, activate_tile, trainer);
    }
    lode_kernel_pack(dense->weights, dense->scales, dense->width, dense->dims, trainer->packed);
    lode_team_run(trainer->team, (size_t)trainer->samples, embed_tile, trainer);
    *embedding = trainer->embedding;
    return LODE_OK;
}

/* ---- Backward ---------------------------------------------------------------------------------
 */

/* Through the average and the 1x1 convolution: the embedding plane becomes its own gradient. */
static void embed_tile_back(void *context, size_t item, int worker) {
    dense_trainer *trainer = context;
    (void)worker;
    const lode_dense *dense = trainer->dense;
    tile_work *at = &trainer->tiles[item];
    int outputs = trainer->outputs, around = outputs + 2, width = dense->width;
    size_t dims = (size_t)dense->dims, cells = (size_t)(around * around);
    const float *from = trainer->d_embedding + item * (size_t)(outputs * outputs) * dims;
    memset(at->embedding, 0, cells * dims * sizeof *at->embedding);
    for (int y = 0; y < outputs; y++)
        for (int r = 0; r < 9; r++) {
            float *to = at->embedding + (size_t)((y + r / 3) * around + r % 3) * dims;
            const float *d = from + (size_t)(y * outputs) * dims;
            for (size_t i = 0; i < (size_t)outputs * dims; i++)
                to[i] += d[i] * (1.0f / 9.0f);
        }
    float *gradient = at->gradient[dense->layers];
    size_t scale = (size_t)width * dims;
    memset(gradient, 0, (size_t)dense->scales * scale * sizeof *gradient);
    memset(at->bias_gradient, 0, dims * sizeof *at->bias_gradient);
    for (int y = 0; y < around; y++) {
        const float *d = at->embedding + (size_t)(y * around) * dims;
        for (int i = 0; i < dense->scales; i++)
            lode_kernel_gradient(scale_row(trainer, at, lode_dense_first_scale(dense) + i, y),
                                 width, d, dense->dims, around, gradient + (size_t)i * scale);
        for (int x = 0; x < around; x++)
            for (size_t k = 0; k < dims; k++)
                at->bias_gradient[k] += d[(size_t)x * dims + k];
    }
    lode_kernel_tap tap = {at->embedding, trainer->packed_scale};
    lode_kernel_convolve(&tap, 1, dense->dims, dims * LODE_KERNEL_BLOCK, NULL, false,
                         at->layer[dense->layers - 1].active, (int)cells, width);
}

/* Adds the embedding's own gradient to the one that reached a lower layer through the next. */
static void add_scale_back(const dense_trainer *trainer, tile_work *at, int index) {
    const lode_dense *dense = trainer->dense;
    int around = trainer->outputs + 2;
    for (int y = 0; y < around; y++) {
        lode_kernel_tap tap = {at->embedding + (size_t)(y * around * dense->dims),
                               trainer->packed_scale};
        lode_kernel_convolve(&tap, 1, dense->dims, (size_t)(dense->dims * LODE_KERNEL_BLOCK), NULL,
                             false, at->row, around, dense->width);
        float *to = scale_row(trainer, at, index, y);
        for (int i = 0; i < around * dense->width; i++)
            to[i] += at->row[i];
    }
}

/* Stops the gradient where ReLU was off and sums it, alone and times the normalised value. */
LODE_WIDE static void gate(const float *restrict sum, size_t cells, size_t width,
                           const float *restrict scale, const float *restrict shift,
                           const float *restrict mean, const float *restrict inverse,
                           float *restrict gradient, double *restrict first,
                           double *restrict second) {
    enum { LANES = 16, RUN = 64 }; /* single precision over a run of cells, double over the runs */
    for (size_t k = 0; k < width; k += LANES) {
        double firsts[LANES] = {0}, seconds[LANES] = {0};
        for (size_t from = 0; from < cells; from += RUN) {
            size_t to = from + RUN < cells ? from + RUN : cells;
            float a[LANES] = {0}, b[LANES] = {0};
            for (size_t i = from; i < to; i++) {
                const float *value = sum + i * width + k;
                float *d = gradient + i * width + k;
                for (size_t j = 0; j < LANES; j++) {
                    d[j] = value[j] * scale[k + j] + shift[k + j] > 0 ? d[j] : 0;
                    a[j] += d[j];
                    b[j] += d[j] * ((value[j] - mean[k + j]) * inverse[k + j]);
                }
            }
            for (size_t j = 0; j < LANES; j++) {
                firsts[j] += a[j];
                seconds[j] += b[j];
            }
        }
        for (size_t j = 0; j < LANES; j++) {
            first[k + j] = firsts[j];
            second[k + j] = seconds[j];
        }
    }
}

static void gate_tile(void *context, size_t item, int worker) {
    dense_trainer *trainer = context;
    (void)worker;
    tile_work *at = &trainer->tiles[item];
    int i = trainer->current;
    tile_plane *plane = &at->layer[i];
    gate(plane->sum, (size_t)plane->side * (size_t)plane->side, (size_t)trainer->dense->width,
         trainer->scale[i], trainer->shift[i], trainer->mean[i], trainer->inverse[i], plane->active,
         at->first, at->second);
}

/* Gradients of gain and offset, and the batch means that the gradient of the sums needs. */
static void settle_gradient(dense_trainer *trainer) {
    int index = trainer->current;
    const lode_dense_layer *layer = &trainer->dense->layer[index];
    double side = (double)trainer->tiles[0].layer[index].side;
    double cells = side * side * trainer->all;
    size_t width = (size_t)trainer->dense->width;
    float **gradient = trainer->gradient + (size_t)(index * LODE_DENSE_LAYER_TENSORS);
    for (int k = 0; k < layer->outputs; k++) {
        double first = 0, second = 0;
        for (int i = 0; i < trainer->all; i++) {
            first += moments_of(trainer, i)[k];
            second += moments_of(trainer, i)[width + (size_t)k];
        }
        gradient[1][k] = (float)second;
        gradient[2][k] = (float)first;
        trainer->from_sum[k] = (float)(first / cells);
        trainer->from_product[k] = (float)(second / cells);
    }
}

/* d sum = scale (d - mean d - x mean(d x)), x = normalised value; written over sum. */
LODE_WIDE static void normalise_back(const float *restrict gradient, size_t cells, size_t width,
                                     const float *restrict scale, const float *restrict mean,
                                     const float *restrict inverse, const float *restrict from_sum,
                                     const float *restrict from_product, float *restrict sum) {
    for (size_t i = 0; i < cells; i++)
        for (size_t k = 0; k < width; k++) {
            float x = (sum[i * width + k] - mean[k]) * inverse[k];
            sum[i * width + k] =
                scale[k] * ((gradient[i * width + k] - from_sum[k]) - x * from_product[k]);
        }
}

/* Gradient of one row of a layer's input: every output row and column whose taps reached it. The
 * row falls into at most five runs of cells that the same tap columns reached. */
static void convolve_row_back(const lode_dense_layer *layer, const float *packed,
                              const float *gradient, int side, int y, float *out) {
    int d = layer->dilation, wide = side + 2 * d;
    int ends[5] = {d, 2 * d, side, side + d, wide};
    for (int i = 1; i < 4; i++)
        for (int k = i; k > 0 && ends[k] < ends[k - 1]; k--) {
            int swap = ends[k];
            ends[k] = ends[k - 1];
            ends[k - 1] = swap;
        }
    size_t block = (size_t)layer->outputs * LODE_KERNEL_BLOCK;
    for (int i = 0, x = 0; i < 5; x = ends[i], i++) {
        lode_kernel_tap taps[9];
        int count = 0;
        for (int t = 0; t < 9; t++) {
            int row = y - t / 3 * d, column = x - t % 3 * d;
            if (row < 0 || row >= side || column < 0 || column >= side)
                continue;
            taps[count].input = gradient + (size_t)(row * side + column) * (size_t)layer->outputs;
            taps[count++].weights = packed + (size_t)t * block;
        }
        lode_kernel_convolve(taps, count, layer->outputs, 9 * block, NULL, false,
                             out + (size_t)x * (size_t)layer->inputs, ends[i] - x, layer->inputs);
    }
}

static void convolve_tile_back(void *context, size_t item, int worker) {
    dense_trainer *trainer = context;
    if (worker == 0 && trainer->sum_count > 0) /* the thread that may talk to other processes */
        lode_sum_poll(trainer->sums[trainer->sum_count - 1]);
    int index = trainer->current, side;
    const lode_dense_layer *layer = &trainer->dense->layer[index];
    tile_work *at = &trainer->tiles[item];
    tile_plane *plane = &at->layer[index];
    size_t inputs = (size_t)layer->inputs, outputs = (size_t)layer->outputs;
    normalise_back(plane->active, (size_t)plane->side * (size_t)plane->side, outputs,
                   trainer->scale[index], trainer->mean[index], trainer->inverse[index],
                   trainer->from_sum, trainer->from_product, plane->sum);
    const float *input = layer_input(trainer, item, &side);
    memset(at->gradient[index], 0, layer_weights(layer) * sizeof(float));
    int root = layer->taps == 9 ? 3 : 1;
    for (int y = 0; y < plane->side; y++)
        for (int t = 0; t < layer->taps; t++) {
            int row = y + t / root * layer->dilation, column = t % root * layer->dilation;
            lode_kernel_gradient(input + (size_t)(row * side + column) * inputs, layer->inputs,
                                 plane->sum + (size_t)(y * plane->side) * outputs, layer->outputs,
                                 plane->side, at->gradient[index] + (size_t)t * inputs * outputs);
        }
    for (int y = 0; index > 0 && y < side; y++)
        convolve_row_back(layer, trainer->packed_back, plane->sum, plane->side, y,
                          at->layer[index - 1].active + (size_t)(y * side) * inputs);
    if (index > lode_dense_first_scale(trainer->dense))
        add_scale_back(trainer, at, index - 1);
}

typedef struct gathering {
    const dense_trainer *trainer;
    int index;
    size_t count;
    float *total;
} gathering;

enum { GATHER_CHUNK = 8192 };

/* Adds the tiles' weight gradients, in tile order. */
LODE_WIDE static void gather_chunk(void *context, size_t item, int worker) {
    const gathering *work = context;
    (void)worker;
    size_t from = item * GATHER_CHUNK, count = work->count - from;
    if (count > GATHER_CHUNK)
        count = GATHER_CHUNK;
    float *total = work->total + from;
    for (int i = 0; i < work->trainer->samples; i++) {
        const float *part = work->trainer->tiles[i].gradient[work->index] + from;
        for (size_t k = 0; k < count; k++)
            total[k] = i == 0 ? part[k] : total[k] + part[k];
    }
}

/* Begins the sum of parts[samples] over all processes; the one begun before it gets on. */
static lode_status begin_sum(dense_trainer *trainer, size_t count, float *total,
                             const lode_progress *progress) {
    int number = trainer->sum_count;
    LODE_TRY(
        lode_sum_begin(&trainer->division, trainer->parts, count, total, &trainer->sums[number]));
    trainer->sum_count++;
    return number > 0 ? lode_sum_advance(trainer->sums[number - 1], progress) : LODE_OK;
}

static lode_status end_sums(dense_trainer *trainer, const lode_progress *progress) {
    lode_status status = LODE_OK;
    for (int i = 0; i < trainer->sum_count; i++) {
        if (status == LODE_OK)
            status = lode_sum_end(trainer->sums[i], progress);
        else
            lode_sum_drop(trainer->sums[i]);
    }
    trainer->sum_count = 0;
    return status;
}

static void drop_sums(dense_trainer *trainer) {
    for (int i = 0; i < trainer->sum_count; i++)
        lode_sum_drop(trainer->sums[i]);
    trainer->sum_count = 0;
}

/* Sum of the tiles' weight gradients. With several processes it is complete after end_sums only. */
static lode_status gather(dense_trainer *trainer, int index, size_t count, float *total,
                          const lode_progress *progress) {
    if (trainer->division.cluster) {
        for (int i = 0; i < trainer->samples; i++)
            trainer->parts[i] = trainer->tiles[i].gradient[index];
        return begin_sum(trainer, count, total, progress);
    }
    gathering work = {trainer, index, count, total};
    lode_team_run(trainer->team, (count + GATHER_CHUNK - 1) / GATHER_CHUNK, gather_chunk, &work);
    return LODE_OK;
}

static lode_status gather_bias(dense_trainer *trainer, float *total,
                               const lode_progress *progress) {
    size_t dims = (size_t)trainer->dense->dims;
    if (trainer->division.cluster) {
        for (int i = 0; i < trainer->samples; i++)
            trainer->parts[i] = trainer->tiles[i].bias_gradient;
        return begin_sum(trainer, dims, total, progress);
    }
    for (size_t k = 0; k < dims; k++) {
        total[k] = 0;
        for (int i = 0; i < trainer->samples; i++)
            total[k] += trainer->tiles[i].bias_gradient[k];
    }
    return LODE_OK;
}

/* The embedding's weights for layer `index`, transposed. */
static void pack_scale(dense_trainer *trainer, int index) {
    const lode_dense *dense = trainer->dense;
    size_t scale = (size_t)(index - lode_dense_first_scale(dense));
    lode_kernel_pack_transposed(dense->weights + scale * (size_t)dense->width * (size_t)dense->dims,
                                1, dense->dims, dense->width, trainer->packed_scale);
}

static lode_status all_layers_back(dense_trainer *trainer, const lode_progress *progress) {
    const lode_dense *dense = trainer->dense;
    size_t samples = (size_t)trainer->samples, dims = (size_t)dense->dims;
    float **last = trainer->gradient + (size_t)(dense->layers * LODE_DENSE_LAYER_TENSORS);
    pack_scale(trainer, dense->layers - 1);
    lode_team_run(trainer->team, samples, embed_tile_back, trainer);
    LODE_TRY(gather(trainer, dense->layers, (size_t)dense->scales * (size_t)dense->width * dims,
                    last[0], progress));
    LODE_TRY(gather_bias(trainer, last[1], progress));
    for (int i = dense->layers - 1; i >= 0; i--) {
        const lode_dense_layer *layer = &dense->layer[i];
        LODE_TRY(lode_progress_report(progress, 0, NULL));
        trainer->current = i;
        lode_team_run(trainer->team, samples, gate_tile, trainer);
        LODE_TRY(gather_moments(trainer, progress));
        settle_gradient(trainer);
        if (i > 0)
            lode_kernel_pack_transposed(layer->weights, layer->taps, layer->outputs, layer->inputs,
                                        trainer->packed_back);
        if (i > lode_dense_first_scale(dense))
            pack_scale(trainer, i - 1);
        lode_team_run(trainer->team, samples, convolve_tile_back, trainer);
        LODE_TRY(gather(trainer, i, layer_weights(layer),
                        trainer->gradient[(size_t)(i * LODE_DENSE_LAYER_TENSORS)], progress));
    }
    return end_sums(trainer, progress);
}

static lode_status trainer_backward(void *state, const float *gradient,
                                    const lode_progress *progress) {
    dense_trainer *trainer = state;
    trainer->d_embedding = gradient;
    lode_status status = all_layers_back(trainer, progress);
    drop_sums(trainer);
    return status;
}

static float *trainer_input(void *trainer) {
    return ((dense_trainer *)trainer)->input;
}

static float *trainer_gradient(void *trainer, int tensor) {
    return ((dense_trainer *)trainer)->gradient[tensor];
}

const lode_train_kind lode_dense_train = {
    .create = trainer_create,
    .destroy = trainer_destroy,
    .input = trainer_input,
    .forward = trainer_forward,
    .backward = trainer_backward,
    .gradient = trainer_gradient,
    .divide = trainer_divide,
};

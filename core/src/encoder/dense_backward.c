/* Backward pass of the dense encoder, layer by layer over all tiles of the batch, and the sums of
 * the tiles' gradients, which several processes share. */
#include <string.h>

#include "encoder/dense_kernel.h"
#include "encoder/dense_trainer.h"
#include "util/error.h"
#include "util/simd.h"

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

static void gate_tile(const lode_dense_trainer *trainer, lode_dense_tile *at, int i) {
    lode_dense_plane *plane = &at->layer[i];
    gate(plane->sum, (size_t)plane->side * (size_t)plane->side, (size_t)trainer->dense->width,
         trainer->scale[i], trainer->shift[i], trainer->mean[i], trainer->inverse[i], plane->active,
         at->first, at->second);
}

/* Through the average and the 1x1 convolution, where the embedding plane becomes its own gradient,
 * to the last layer's normalisation. */
static void embed_tile_back(void *context, size_t item, int worker) {
    lode_dense_trainer *trainer = context;
    (void)worker;
    const lode_dense *dense = trainer->dense;
    lode_dense_tile *at = &trainer->tiles[item];
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
    float *gradient = at->gradient[dense->layers], *bias = at->gradient[dense->layers + 1];
    size_t scale = (size_t)width * dims;
    memset(gradient, 0, (size_t)dense->scales * scale * sizeof *gradient);
    memset(bias, 0, dims * sizeof *bias);
    for (int y = 0; y < around; y++) {
        const float *d = at->embedding + (size_t)(y * around) * dims;
        for (int i = 0; i < dense->scales; i++)
            lode_kernel_gradient(
                lode_dense_scale_row(trainer, at, lode_dense_first_scale(dense) + i, y), width, d,
                dense->dims, around, gradient + (size_t)i * scale);
        for (int x = 0; x < around; x++)
            for (size_t k = 0; k < dims; k++)
                bias[k] += d[(size_t)x * dims + k];
    }
    lode_kernel_tap tap = {at->embedding, trainer->packed_scale};
    lode_kernel_convolve(&tap, 1, dense->dims, dims * LODE_KERNEL_BLOCK, NULL, false,
                         at->layer[dense->layers - 1].active, (int)cells, width);
    gate_tile(trainer, at, dense->layers - 1);
}

/* Adds the embedding's own gradient to the one that reached a lower layer through the next. */
static void add_scale_back(const lode_dense_trainer *trainer, lode_dense_tile *at, int index) {
    const lode_dense *dense = trainer->dense;
    int around = trainer->outputs + 2;
    for (int y = 0; y < around; y++) {
        lode_kernel_tap tap = {at->embedding + (size_t)(y * around * dense->dims),
                               trainer->packed_scale};
        lode_kernel_convolve(&tap, 1, dense->dims, (size_t)(dense->dims * LODE_KERNEL_BLOCK), NULL,
                             false, at->row, around, dense->width);
        float *to = lode_dense_scale_row(trainer, at, index, y);
        for (int i = 0; i < around * dense->width; i++)
            to[i] += at->row[i];
    }
}

/* Gradients of gain and offset, and the batch means that the gradient of the sums needs. */
static void settle_gradient(lode_dense_trainer *trainer) {
    int index = trainer->current;
    const lode_dense_layer *layer = &trainer->dense->layer[index];
    double side = (double)trainer->tiles[0].layer[index].side;
    double cells = side * side * trainer->all;
    size_t width = (size_t)trainer->dense->width;
    float **gradient = trainer->gradient + (size_t)(index * LODE_DENSE_LAYER_TENSORS);
    for (int k = 0; k < layer->outputs; k++) {
        double first = 0, second = 0;
        for (int i = 0; i < trainer->all; i++) {
            first += lode_dense_moments(trainer, i)[k];
            second += lode_dense_moments(trainer, i)[width + (size_t)k];
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

/* Gradient of the weights of one row of taps. */
static void weights_back(void *context, size_t tap_row, int worker) {
    const lode_dense_at_work *at = context;
    (void)worker;
    int index = at->trainer->current, side;
    const lode_dense_layer *layer = &at->trainer->dense->layer[index];
    const lode_dense_tile *tile = &at->trainer->tiles[at->item];
    const lode_dense_plane *plane = &tile->layer[index];
    const float *input = lode_dense_layer_input(at->trainer, at->item, &side);
    size_t inputs = (size_t)layer->inputs, outputs = (size_t)layer->outputs;
    size_t root = (size_t)lode_dense_root(layer), size = inputs * outputs;
    float *gradient = tile->gradient[index] + tap_row * root * size;
    memset(gradient, 0, root * size * sizeof *gradient);
    input += tap_row * (size_t)(layer->dilation * side) * inputs;
    for (int y = 0; y < plane->side; y++)
        for (size_t t = 0; t < root; t++)
            lode_kernel_gradient(input +
                                     ((size_t)(y * side) + t * (size_t)layer->dilation) * inputs,
                                 layer->inputs, plane->sum + (size_t)(y * plane->side) * outputs,
                                 layer->outputs, plane->side, gradient + t * size);
}

static void input_row_back(void *context, size_t y, int worker) {
    const lode_dense_at_work *at = context;
    (void)worker;
    int index = at->trainer->current;
    const lode_dense_layer *layer = &at->trainer->dense->layer[index];
    const lode_dense_tile *tile = &at->trainer->tiles[at->item];
    const lode_dense_plane *plane = &tile->layer[index], *below = &tile->layer[index - 1];
    convolve_row_back(layer, at->trainer->packed_back, plane->sum, plane->side, (int)y,
                      below->active + y * (size_t)below->side * (size_t)layer->inputs);
}

/* One tile through layer `current`, to the normalisation of the layer below. */
static void convolve_tile_back(void *context, size_t item, int worker) {
    lode_dense_trainer *trainer = context;
    lode_dense_at_work work = {trainer, item};
    if (worker == 0 && trainer->sum_count > 0) /* the thread that may talk to other processes */
        lode_sum_poll(trainer->sums[trainer->sum_count - 1]);
    int index = trainer->current;
    const lode_dense_layer *layer = &trainer->dense->layer[index];
    lode_dense_tile *at = &trainer->tiles[item];
    lode_dense_plane *plane = &at->layer[index];
    normalise_back(plane->active, (size_t)plane->side * (size_t)plane->side, (size_t)layer->outputs,
                   trainer->scale[index], trainer->mean[index], trainer->inverse[index],
                   trainer->from_sum, trainer->from_product, plane->sum);
    lode_team_share(trainer->team, worker, (size_t)lode_dense_root(layer), weights_back, &work);
    if (index == 0)
        return;
    lode_team_share(trainer->team, worker, (size_t)at->layer[index - 1].side, input_row_back,
                    &work);
    if (index > lode_dense_first_scale(trainer->dense))
        add_scale_back(trainer, at, index - 1);
    gate_tile(trainer, at, index - 1);
}

/* Begins the sum of parts[samples] over all processes; the one begun before it gets on. */
static lode_status begin_sum(lode_dense_trainer *trainer, size_t count, float *total,
                             const lode_progress *progress) {
    int number = trainer->sum_count;
    LODE_TRY(
        lode_sum_begin(&trainer->division, trainer->parts, count, total, &trainer->sums[number]));
    trainer->sum_count++;
    return number > 0 ? lode_sum_advance(trainer->sums[number - 1], progress) : LODE_OK;
}

static lode_status end_sums(lode_dense_trainer *trainer, const lode_progress *progress) {
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

static void drop_sums(lode_dense_trainer *trainer) {
    for (int i = 0; i < trainer->sum_count; i++)
        lode_sum_drop(trainer->sums[i]);
    trainer->sum_count = 0;
}

/* Where the sum of the tiles' gradients `index` goes. */
static float *total_of(const lode_dense_trainer *trainer, int index) {
    int layers = trainer->dense->layers;
    return trainer->gradient[index <= layers ? index * LODE_DENSE_LAYER_TENSORS
                                             : layers * LODE_DENSE_LAYER_TENSORS + 1];
}

/* With several processes: begins the sum of the tiles' gradients `index`, complete after end_sums.
 */
static lode_status share_gradient(lode_dense_trainer *trainer, int index,
                                  const lode_progress *progress) {
    if (!trainer->division.cluster)
        return LODE_OK;
    for (int i = 0; i < trainer->samples; i++)
        trainer->parts[i] = trainer->tiles[i].gradient[index];
    return begin_sum(trainer, lode_dense_gradient_size(trainer->dense, index),
                     total_of(trainer, index), progress);
}

enum { GATHER_CHUNK = 2048 };

static size_t chunks_of(const lode_dense *dense, int index) {
    return (lode_dense_gradient_size(dense, index) + GATHER_CHUNK - 1) / GATHER_CHUNK;
}

/* Adds up a chunk of one of the tiles' gradients, in tile order; the chunks of all follow one
 * another. */
LODE_WIDE static void gather_chunk(void *context, size_t item, int worker) {
    const lode_dense_trainer *trainer = context;
    int index = 0;
    (void)worker;
    for (; item >= chunks_of(trainer->dense, index); index++)
        item -= chunks_of(trainer->dense, index);
    size_t from = item * GATHER_CHUNK;
    size_t count = lode_dense_gradient_size(trainer->dense, index) - from;
    if (count > GATHER_CHUNK)
        count = GATHER_CHUNK;
    float *total = total_of(trainer, index) + from;
    for (int i = 0; i < trainer->samples; i++) {
        const float *part = trainer->tiles[i].gradient[index] + from;
        for (size_t k = 0; k < count; k++)
            total[k] = i == 0 ? part[k] : total[k] + part[k];
    }
}

/* The sums of all gradients of a process that trains alone. */
static void gather_gradients(lode_dense_trainer *trainer) {
    size_t chunks = 0;
    for (int i = 0; i < trainer->dense->layers + 2; i++)
        chunks += chunks_of(trainer->dense, i);
    lode_team_run(trainer->team, chunks, gather_chunk, trainer);
}

/* The embedding's weights for layer `index`, transposed. */
static void pack_scale(lode_dense_trainer *trainer, int index) {
    const lode_dense *dense = trainer->dense;
    size_t scale = (size_t)(index - lode_dense_first_scale(dense));
    lode_kernel_pack_transposed(dense->weights + scale * (size_t)dense->width * (size_t)dense->dims,
                                1, dense->dims, dense->width, trainer->packed_scale);
}

static lode_status layer_back(lode_dense_trainer *trainer, int index,
                              const lode_progress *progress) {
    const lode_dense *dense = trainer->dense;
    const lode_dense_layer *layer = &dense->layer[index];
    trainer->current = index;
    LODE_TRY(lode_progress_report(progress, 0, NULL));
    LODE_TRY(lode_dense_gather_moments(trainer, progress));
    settle_gradient(trainer);
    if (index > 0)
        lode_kernel_pack_transposed(layer->weights, layer->taps, layer->outputs, layer->inputs,
                                    trainer->packed_back);
    if (index > lode_dense_first_scale(dense))
        pack_scale(trainer, index - 1);
    lode_team_run(trainer->team, (size_t)trainer->samples, convolve_tile_back, trainer);
    return share_gradient(trainer, index, progress);
}

static lode_status all_layers_back(lode_dense_trainer *trainer, const lode_progress *progress) {
    int layers = trainer->dense->layers;
    pack_scale(trainer, layers - 1);
    lode_team_run(trainer->team, (size_t)trainer->samples, embed_tile_back, trainer);
    LODE_TRY(share_gradient(trainer, layers, progress));
    LODE_TRY(share_gradient(trainer, layers + 1, progress));
    for (int i = layers - 1; i >= 0; i--)
        LODE_TRY(layer_back(trainer, i, progress));
    if (!trainer->division.cluster)
        gather_gradients(trainer);
    return end_sums(trainer, progress);
}

lode_status lode_dense_backward(void *state, const float *gradient, const lode_progress *progress) {
    lode_dense_trainer *trainer = state;
    trainer->d_embedding = gradient;
    lode_status status = all_layers_back(trainer, progress);
    drop_sums(trainer);
    return status;
}

#include <math.h>
#include <string.h>
#include <time.h>

#include "nn/arena.h"
#include "nn/layers.h"
#include "nn/net_layers.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/parallel.h"

/* Buffers of a layer. In a net of N layers, layer i runs forward in step i and backward in step
 * 2 N - 1 - i. */
enum {
    OUTPUT,
    GRADIENT,
    SAVED,            /* normalisation: mean[c], inverse[c] */
    FORWARD_SCRATCH,  /* packed weights; sums */
    BACKWARD_SCRATCH, /* packed weights, partial products; sums */
    BUFFERS
};

enum {
    SUM_FLOATS = 1 << 20, /* gradients are summed over processes in runs of at least as many */
    MOST_SUMS = 64        /* later ones go with the last */
};

typedef struct layer_pass {
    lode_conv conv; /* with sizes, for convolutions and pools */
    int h, w;
    size_t size; /* floats of the output */
    float *output, *gradient, *saved, *forward_scratch, *backward_scratch;
    bool has_gradient; /* something was written to gradient in this backward pass */
} layer_pass;

struct lode_pass {
    const lode_net *net;
    lode_pass_kind kind;
    int n;
    lode_team *team;
    layer_pass *layers;
    lode_arena_buffer *buffers; /* [layers][BUFFERS] */
    float *arena;
    size_t arena_size;
    struct timespec reported;
    /* A step that several processes make together: each has its inputs and one part of all sums. */
    const lode_cluster *cluster;
    lode_division division;
    int all;          /* inputs in all processes */
    double *gathered; /* [processes][2 c] of the widest normalisation */
    lode_sum *sums[MOST_SUMS];
    int sum_count;
};

/* ---- Making a pass ---- */

static lode_status find_shapes(lode_pass *pass, int h, int w) {
    const lode_net *net = pass->net;
    for (int i = 0; i < net->count; i++) {
        const lode_layer *layer = &net->layers[i];
        layer_pass *lp = &pass->layers[i];
        lp->h = i ? pass->layers[layer->a].h : h;
        lp->w = i ? pass->layers[layer->a].w : w;
        if (layer->kind == LODE_LAYER_CONV || layer->kind == LODE_LAYER_MAX_POOL ||
            layer->kind == LODE_LAYER_AVERAGE_POOL) {
            lp->conv = layer->conv;
            lp->conv.n = pass->n;
            lp->conv.h = lp->h;
            lp->conv.w = lp->w;
            LODE_TRY(lode_conv_check(&lp->conv));
            lp->h = lode_conv_out_height(&lp->conv);
            lp->w = lode_conv_out_width(&lp->conv);
        } else if (layer->kind == LODE_LAYER_GLOBAL_AVERAGE) {
            lp->h = lp->w = 1;
        } else if (layer->kind == LODE_LAYER_SUM) {
            const layer_pass *other = &pass->layers[layer->b];
            if (other->h != lp->h || other->w != lp->w)
                return lode_fail(LODE_ERROR_INTERNAL, "Layers of different sizes cannot be added.");
        }
        lp->size = (size_t)pass->n * (size_t)lp->h * (size_t)lp->w * (size_t)layer->channels;
    }
    return LODE_OK;
}

static size_t rows_of(const lode_pass *pass, int i) {
    return pass->layers[i].size / (size_t)pass->net->layers[i].channels;
}

static size_t norm_scratch_floats(const lode_pass *pass, int i) {
    size_t c = (size_t)pass->net->layers[i].channels;
    return 2 * (2 * c + lode_norm_scratch(rows_of(pass, i), c));
}

static size_t rounded(size_t floats) {
    return (floats + 15) / 16 * 16;
}

static void want(lode_pass *pass, int i, int which, size_t size, int start, int end) {
    pass->buffers[(size_t)i * BUFFERS + (size_t)which] =
        (lode_arena_buffer){.size = size, .start = start, .end = end};
}

static void want_for_training(lode_pass *pass, int i, const int *last_user) {
    const lode_layer *layer = &pass->net->layers[i];
    const layer_pass *lp = &pass->layers[i];
    int back = 2 * pass->net->count - 1 - i;
    want(pass, i, OUTPUT, lp->size, i, back);
    if (i > 0 && i + 1 < pass->net->count)
        want(pass, i, GRADIENT, lp->size, 2 * pass->net->count - 1 - last_user[i], back);
    if (layer->kind == LODE_LAYER_CONV) {
        want(pass, i, FORWARD_SCRATCH, lode_conv_packed_size(&lp->conv), i, i);
        want(pass, i, BACKWARD_SCRATCH,
             rounded(lode_conv_packed_back_size(&lp->conv)) +
                 lode_conv_scratch(&lp->conv, lode_team_threads(pass->team)),
             back, back);
    } else if (layer->kind == LODE_LAYER_NORM) {
        want(pass, i, SAVED, 2 * (size_t)layer->channels, i, back);
        want(pass, i, FORWARD_SCRATCH, norm_scratch_floats(pass, i), i, i);
        want(pass, i, BACKWARD_SCRATCH, norm_scratch_floats(pass, i), back, back);
    }
}

static void want_for_inference(lode_pass *pass, int i, const int *last_user) {
    const lode_layer *layer = &pass->net->layers[i];
    int start = layer->folded_away ? layer->a : i;
    int end = i + 1 == pass->net->count ? i : last_user[i];
    bool writes = layer->kind != LODE_LAYER_CONV || layer->folded_norm < 0;
    want(pass, i, OUTPUT, writes ? pass->layers[i].size : 0, start, end);
    if (layer->kind == LODE_LAYER_NORM && !layer->folded_away)
        want(pass, i, SAVED, 2 * (size_t)layer->channels, i, i);
}

static float *place(const lode_pass *pass, int i, int which) {
    const lode_arena_buffer *buffer = &pass->buffers[(size_t)i * BUFFERS + (size_t)which];
    return buffer->size ? pass->arena + buffer->offset : NULL;
}

static lode_status lay_out(lode_pass *pass) {
    int count = pass->net->count;
    int *last_user = lode_alloc((size_t)count, sizeof *last_user);
    if (!last_user)
        return lode_fail_memory();
    for (int i = 0; i < count; i++) {
        last_user[i] = i;
        if (pass->net->layers[i].a >= 0)
            last_user[pass->net->layers[i].a] = i;
        if (pass->net->layers[i].b >= 0)
            last_user[pass->net->layers[i].b] = i;
    }
    for (int i = 0; i < count; i++)
        if (pass->kind == LODE_TRAINING)
            want_for_training(pass, i, last_user);
        else
            want_for_inference(pass, i, last_user);
    lode_free(last_user);
    LODE_TRY(lode_arena_plan(pass->buffers, (size_t)count * BUFFERS, &pass->arena_size));
    pass->arena = lode_alloc(pass->arena_size, sizeof *pass->arena);
    if (!pass->arena)
        return lode_fail_memory();
    for (int i = 0; i < count; i++) {
        layer_pass *lp = &pass->layers[i];
        lp->output = place(pass, i, OUTPUT);
        lp->gradient = place(pass, i, GRADIENT);
        lp->saved = place(pass, i, SAVED);
        lp->forward_scratch = place(pass, i, FORWARD_SCRATCH);
        lp->backward_scratch = place(pass, i, BACKWARD_SCRATCH);
    }
    return LODE_OK;
}

lode_status lode_pass_create(const lode_net *net, lode_pass_kind kind, int n, int h, int w,
                             lode_team *team, lode_pass **out) {
    lode_pass *pass = lode_alloc(1, sizeof *pass);
    if (!pass)
        return lode_fail_memory();
    *pass = (lode_pass){.net = net, .kind = kind, .n = n, .team = team};
    pass->layers = lode_alloc((size_t)net->count, sizeof *pass->layers);
    pass->buffers = lode_alloc((size_t)net->count * BUFFERS, sizeof *pass->buffers);
    lode_status status = pass->layers && pass->buffers ? LODE_OK : lode_fail_memory();
    if (status == LODE_OK)
        status = find_shapes(pass, h, w);
    if (status == LODE_OK)
        status = lay_out(pass);
    if (status != LODE_OK) {
        lode_pass_free(pass);
        return status;
    }
    *out = pass;
    return LODE_OK;
}

lode_status lode_pass_divide(lode_pass *pass, const lode_cluster *cluster, int all) {
    int widest = 1;
    for (int i = 0; i < pass->net->count; i++)
        if (pass->net->layers[i].kind == LODE_LAYER_NORM && pass->net->layers[i].channels > widest)
            widest = pass->net->layers[i].channels;
    lode_free(pass->gathered);
    pass->gathered =
        lode_alloc((size_t)lode_cluster_size(cluster) * 2 * (size_t)widest, sizeof *pass->gathered);
    if (!pass->gathered)
        return lode_fail_memory();
    pass->cluster = cluster;
    pass->division = (lode_division){cluster, 1, lode_cluster_size(cluster)};
    pass->all = all;
    return LODE_OK;
}

static void drop_sums(lode_pass *pass) {
    for (int i = 0; i < pass->sum_count; i++)
        lode_sum_drop(pass->sums[i]);
    pass->sum_count = 0;
}

void lode_pass_free(lode_pass *pass) {
    if (!pass)
        return;
    lode_free(pass->gathered);
    lode_free(pass->layers);
    lode_free(pass->buffers);
    lode_free(pass->arena);
    lode_free(pass);
}

float *lode_pass_input(lode_pass *pass) {
    return pass->layers[0].output;
}

const float *lode_pass_output(const lode_pass *pass, int *oh, int *ow) {
    const layer_pass *last = &pass->layers[pass->net->count - 1];
    if (oh)
        *oh = last->h;
    if (ow)
        *ow = last->w;
    return last->output;
}

size_t lode_pass_memory(const lode_pass *pass) {
    return pass->arena_size * sizeof *pass->arena;
}

/* ---- Layers without parameters, the same in training and inference ---- */

static void run_simple(lode_pass *pass, int i) {
    const lode_layer *layer = &pass->net->layers[i];
    layer_pass *lp = &pass->layers[i];
    const layer_pass *in = &pass->layers[layer->a];
    switch (layer->kind) {
    case LODE_LAYER_ACTIVATION:
        lode_activate(pass->team, layer->activation, lp->size, in->output, lp->output);
        break;
    case LODE_LAYER_MAX_POOL:
        lode_max_pool(pass->team, &lp->conv, in->output, lp->output);
        break;
    case LODE_LAYER_AVERAGE_POOL:
        lode_average_pool(pass->team, &lp->conv, in->output, lp->output);
        break;
    case LODE_LAYER_GLOBAL_AVERAGE:
        lode_global_average(pass->team, pass->n, (size_t)in->h * (size_t)in->w,
                            (size_t)layer->channels, in->output, lp->output);
        break;
    case LODE_LAYER_SUM:
        lode_add(pass->team, lp->size, in->output, pass->layers[layer->b].output, layer->activation,
                 lp->output);
        break;
    default:
        lode_copy(pass->team, lp->size, in->output, false, lp->output);
    }
}

/* ---- Inference ---- */

static void infer_norm(lode_pass *pass, int i) {
    const lode_layer *layer = &pass->net->layers[i];
    layer_pass *lp = &pass->layers[i];
    lode_norm norm = lode_layer_norm(pass->net, layer);
    float *inverse = lp->saved;
    for (size_t j = 0; j < norm.c; j++)
        inverse[j] = (float)(1 / sqrt((double)norm.running_variance[j] + (double)norm.eps));
    lode_norm_apply(pass->team, &norm, rows_of(pass, i), pass->layers[layer->a].output,
                    norm.running_mean, inverse, lp->output);
}

lode_status lode_pass_infer(lode_pass *pass) {
    for (int i = 1; i < pass->net->count; i++) {
        const lode_layer *layer = &pass->net->layers[i];
        if (lode_parallel_stopped())
            return lode_parallel_give_up();
        if (layer->kind == LODE_LAYER_CONV) {
            int target = layer->folded_norm < 0 ? i : layer->folded_norm;
            lode_activation activation =
                target == i ? LODE_LINEAR : pass->net->layers[target].activation;
            lode_conv_forward(pass->team, &pass->layers[i].conv, pass->layers[layer->a].output,
                              layer->packed, layer->packed_bias, activation,
                              pass->layers[target].output);
        } else if (layer->kind != LODE_LAYER_NORM) {
            run_simple(pass, i);
        } else if (!layer->folded_away) {
            infer_norm(pass, i);
        }
    }
    return LODE_OK;
}

/* ---- Training, forward ---- */

/* Lets the caller cancel between layers, at most 20 times a second. */
static lode_status check_progress(lode_pass *pass, const lode_progress *progress) {
    struct timespec now;
    if (!progress)
        return LODE_OK;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double elapsed = (double)(now.tv_sec - pass->reported.tv_sec) +
                     1e-9 * (double)(now.tv_nsec - pass->reported.tv_nsec);
    if (elapsed < 0.05)
        return LODE_OK;
    pass->reported = now;
    return lode_progress_report(progress, 0, NULL);
}

/* Rows of a layer in all processes. */
static double all_rows(const lode_pass *pass, int i) {
    double rows = (double)rows_of(pass, i);
    return pass->cluster ? rows / pass->n * pass->all : rows;
}

/* Local sums[count] -> sums over all processes, added in their order. */
static lode_status add_processes(lode_pass *pass, double *sums, size_t count,
                                 const lode_progress *progress) {
    if (!pass->cluster)
        return LODE_OK;
    double *all = pass->gathered;
    memcpy(all + (size_t)pass->cluster->rank * count, sums, count * sizeof *sums);
    LODE_TRY(lode_cluster_gather_items(pass->cluster, all, pass->cluster->size,
                                       count * sizeof *sums, progress));
    for (size_t k = 0; k < count; k++) {
        sums[k] = 0;
        for (int r = 0; r < pass->cluster->size; r++)
            sums[k] += all[(size_t)r * count + k];
    }
    return LODE_OK;
}

static lode_status forward_norm(lode_pass *pass, int i, double momentum,
                                const lode_progress *progress) {
    const lode_layer *layer = &pass->net->layers[i];
    layer_pass *lp = &pass->layers[i];
    const float *x = pass->layers[layer->a].output;
    lode_norm norm = lode_layer_norm(pass->net, layer);
    norm.momentum = (float)momentum;
    size_t rows = rows_of(pass, i);
    double *sums = (double *)(void *)lp->forward_scratch;
    lode_norm_sums(pass->team, rows, norm.c, x, sums + 2 * norm.c, sums);
    LODE_TRY(add_processes(pass, sums, 2 * norm.c, progress));
    lode_norm_statistics(&norm, sums, all_rows(pass, i), lp->saved, lp->saved + norm.c);
    lode_norm_apply(pass->team, &norm, rows, x, lp->saved, lp->saved + norm.c, lp->output);
    return LODE_OK;
}

lode_status lode_pass_forward(lode_pass *pass, double momentum, uint64_t seed, uint64_t step,
                              const lode_progress *progress) {
    for (int i = 1; i < pass->net->count; i++) {
        const lode_layer *layer = &pass->net->layers[i];
        layer_pass *lp = &pass->layers[i];
        const float *x = pass->layers[layer->a].output;
        LODE_TRY(check_progress(pass, progress));
        if (layer->kind == LODE_LAYER_CONV) {
            lode_conv_pack(pass->team, &lp->conv, lode_layer_weight(pass->net, layer),
                           lp->forward_scratch);
            lode_conv_forward(pass->team, &lp->conv, x, lp->forward_scratch,
                              lode_layer_bias(pass->net, layer), LODE_LINEAR, lp->output);
        } else if (layer->kind == LODE_LAYER_NORM) {
            LODE_TRY(forward_norm(pass, i, momentum, progress));
        } else if (layer->kind == LODE_LAYER_DROPOUT) {
            lode_dropout(pass->team, lp->size, layer->probability, seed + (uint64_t)i, step, x,
                         false, lp->output);
        } else {
            run_simple(pass, i);
        }
    }
    return LODE_OK;
}

/* ---- Training, backward ---- */

/* Where the gradient of an input goes and whether it is added; NULL when nobody wants it. */
static float *into(lode_pass *pass, int input, bool *accumulate) {
    layer_pass *lp = &pass->layers[input];
    *accumulate = lp->has_gradient;
    lp->has_gradient = true;
    return lp->gradient;
}

static void backward_conv(lode_pass *pass, int i, const float *dy, float *gradients) {
    const lode_layer *layer = &pass->net->layers[i];
    layer_pass *lp = &pass->layers[i];
    const lode_net_tensor *tensor = &pass->net->tensors[layer->tensor];
    bool accumulate;
    float *dx = into(pass, layer->a, &accumulate);
    float *packed = lp->backward_scratch;
    if (dx) {
        lode_conv_pack_back(pass->team, &lp->conv, lode_layer_weight(pass->net, layer), packed);
        lode_conv_backward_data(pass->team, &lp->conv, dy, packed, accumulate, dx);
    }
    lode_conv_backward_weight(pass->team, &lp->conv, pass->layers[layer->a].output, dy,
                              packed + rounded(lode_conv_packed_back_size(&lp->conv)),
                              gradients + tensor[0].offset,
                              layer->bias ? gradients + tensor[1].offset : NULL);
}

static lode_status backward_norm(lode_pass *pass, int i, const float *dy, float *gradients,
                                 const lode_progress *progress) {
    const lode_layer *layer = &pass->net->layers[i];
    layer_pass *lp = &pass->layers[i];
    const lode_net_tensor *tensor = &pass->net->tensors[layer->tensor];
    const float *x = pass->layers[layer->a].output;
    lode_norm norm = lode_layer_norm(pass->net, layer);
    size_t rows = rows_of(pass, i);
    double *sums = (double *)(void *)lp->backward_scratch;
    const float *mean = lp->saved, *inverse = lp->saved + norm.c;
    lode_norm_backward_sums(pass->team, &norm, rows, x, lp->output, dy, mean, inverse,
                            sums + 2 * norm.c, sums);
    for (size_t j = 0; j < norm.c; j++) {
        gradients[tensor[1].offset + j] += (float)sums[j];
        gradients[tensor[0].offset + j] += (float)sums[norm.c + j];
    }
    LODE_TRY(add_processes(pass, sums, 2 * norm.c, progress));
    bool accumulate;
    float *dx = into(pass, layer->a, &accumulate);
    if (dx)
        lode_norm_backward_apply(pass->team, &norm, rows, x, lp->output, dy, mean, inverse, sums,
                                 all_rows(pass, i), accumulate, dx);
    return LODE_OK;
}

/* First parameter of the layers up to and with i that is not complete yet: those of later layers
 * are. Parameters lie in layer order. */
static size_t parameters_before(const lode_pass *pass, int i) {
    for (; i < pass->net->count; i++)
        if (pass->net->layers[i].tensor >= 0)
            return pass->net->tensors[pass->net->layers[i].tensor].offset;
    return pass->net->parameter_count;
}

/* The gradients of parameters from..*end are complete here: begins their sum over all processes,
 * unless they are few and more will come. */
static lode_status begin_sum(lode_pass *pass, float *gradients, size_t from, size_t *end,
                             const lode_progress *progress) {
    bool last = from == 0;
    if (!pass->cluster || from >= *end ||
        (!last && (*end - from < SUM_FLOATS || pass->sum_count == MOST_SUMS - 1)))
        return LODE_OK;
    const float *part = gradients + from;
    int number = pass->sum_count;
    LODE_TRY(
        lode_sum_begin(&pass->division, &part, *end - from, gradients + from, &pass->sums[number]));
    pass->sum_count++;
    *end = from;
    return number > 0 ? lode_sum_advance(pass->sums[number - 1], progress) : LODE_OK;
}

static lode_status end_sums(lode_pass *pass, const lode_progress *progress) {
    lode_status status = LODE_OK;
    for (int i = 0; i < pass->sum_count && status == LODE_OK; i++) {
        status = lode_sum_end(pass->sums[i], progress);
        pass->sums[i] = NULL;
    }
    return status;
}

static void backward_sum(lode_pass *pass, int i, const float *dy) {
    const lode_layer *layer = &pass->net->layers[i];
    const layer_pass *lp = &pass->layers[i];
    int inputs[2] = {layer->a, layer->b};
    for (int k = 0; k < 2; k++) {
        bool accumulate;
        float *dx = into(pass, inputs[k], &accumulate);
        if (dx) /* ReLU and ReLU6 have slope 1 exactly where their result is strictly inside. */
            lode_activate_backward(pass->team, layer->activation, lp->size, lp->output, dy,
                                   accumulate, dx);
    }
}

static void backward_simple(lode_pass *pass, int i, const float *dy, uint64_t seed, uint64_t step) {
    const lode_layer *layer = &pass->net->layers[i];
    layer_pass *lp = &pass->layers[i];
    const layer_pass *in = &pass->layers[layer->a];
    bool accumulate;
    float *dx = into(pass, layer->a, &accumulate);
    if (!dx)
        return;
    switch (layer->kind) {
    case LODE_LAYER_ACTIVATION:
        lode_activate_backward(pass->team, layer->activation, lp->size, in->output, dy, accumulate,
                               dx);
        break;
    case LODE_LAYER_MAX_POOL:
        lode_max_pool_backward(pass->team, &lp->conv, in->output, lp->output, dy, accumulate, dx);
        break;
    case LODE_LAYER_AVERAGE_POOL:
        lode_average_pool_backward(pass->team, &lp->conv, dy, accumulate, dx);
        break;
    case LODE_LAYER_GLOBAL_AVERAGE:
        lode_global_average_backward(pass->team, pass->n, (size_t)in->h * (size_t)in->w,
                                     (size_t)layer->channels, dy, accumulate, dx);
        break;
    default: /* dropout */
        lode_dropout(pass->team, lp->size, layer->probability, seed + (uint64_t)i, step, dy,
                     accumulate, dx);
    }
}

static lode_status layer_back(lode_pass *pass, int i, uint64_t seed, uint64_t step, const float *dy,
                              float *gradients, const lode_progress *progress) {
    switch (pass->net->layers[i].kind) {
    case LODE_LAYER_CONV:
        backward_conv(pass, i, dy, gradients);
        return LODE_OK;
    case LODE_LAYER_NORM:
        return backward_norm(pass, i, dy, gradients, progress);
    case LODE_LAYER_SUM:
        backward_sum(pass, i, dy);
        return LODE_OK;
    default:
        backward_simple(pass, i, dy, seed, step);
        return LODE_OK;
    }
}

lode_status lode_pass_backward(lode_pass *pass, uint64_t seed, uint64_t step, const float *gradient,
                               float *gradients, const lode_progress *progress) {
    size_t end = pass->net->parameter_count;
    lode_status status = LODE_OK;
    memset(gradients, 0, end * sizeof *gradients);
    for (int i = 0; i < pass->net->count; i++)
        pass->layers[i].has_gradient = false;
    for (int i = pass->net->count - 1; i > 0 && status == LODE_OK; i--) {
        const float *dy = i + 1 == pass->net->count ? gradient : pass->layers[i].gradient;
        status = check_progress(pass, progress);
        if (status == LODE_OK)
            status = layer_back(pass, i, seed, step, dy, gradients, progress);
        if (status == LODE_OK)
            status =
                begin_sum(pass, gradients, i > 1 ? parameters_before(pass, i) : 0, &end, progress);
    }
    if (status == LODE_OK)
        status = end_sums(pass, progress);
    drop_sums(pass);
    return status;
}

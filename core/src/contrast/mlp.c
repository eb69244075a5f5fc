#include "contrast/mlp.h"

#include <math.h>
#include <string.h>

#include "nn/gemm.h"
#include "nn/norm.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/random.h"

enum { FIRST, GAIN, OFFSET, SECOND, BIAS, TENSORS };

struct lode_mlp {
    int inputs, hidden, outputs, capacity, rows;
    float *value[TENSORS], *gradient[TENSORS];
    float *mean, *inverse, *running; /* [hidden]; running statistics are not used */
    const float *x;                  /* [rows][inputs] of the last forward */
    float *sum, *active, *y;         /* [rows][hidden], [rows][hidden], [rows][outputs] */
    float *d_active, *dx;            /* [rows][hidden], [rows][inputs] */
    double *sums, *norm_scratch;
    float *gemm_scratch;
};

static size_t tensor_size(const lode_mlp *mlp, int index) {
    size_t inputs = (size_t)mlp->inputs, hidden = (size_t)mlp->hidden;
    size_t outputs = (size_t)mlp->outputs;
    size_t sizes[TENSORS] = {inputs * hidden, hidden, hidden, hidden * outputs, outputs};
    return sizes[index];
}

static size_t most_scratch(size_t rows, size_t inputs, size_t outputs) {
    size_t sizes[3] = {lode_gemm_scratch(rows, outputs, inputs, false),
                       lode_gemm_scratch(inputs, outputs, rows, true),
                       lode_gemm_scratch(rows, inputs, outputs, false)};
    size_t most = sizes[0];
    for (int i = 1; i < 3; i++)
        most = sizes[i] > most ? sizes[i] : most;
    return most;
}

static bool allocate(lode_mlp *mlp) {
    size_t rows = (size_t)mlp->capacity, hidden = (size_t)mlp->hidden;
    size_t inputs = (size_t)mlp->inputs, outputs = (size_t)mlp->outputs;
    for (int i = 0; i < TENSORS; i++) {
        mlp->value[i] = lode_alloc(tensor_size(mlp, i), sizeof(float));
        mlp->gradient[i] = lode_alloc(tensor_size(mlp, i), sizeof(float));
        if (!mlp->value[i] || !mlp->gradient[i])
            return false;
    }
    size_t a = most_scratch(rows, inputs, hidden), b = most_scratch(rows, hidden, outputs);
    mlp->mean = lode_alloc(hidden, sizeof(float));
    mlp->inverse = lode_alloc(hidden, sizeof(float));
    mlp->running = lode_alloc(2 * hidden, sizeof(float));
    mlp->sum = lode_alloc(rows * hidden, sizeof(float));
    mlp->active = lode_alloc(rows * hidden, sizeof(float));
    mlp->d_active = lode_alloc(rows * hidden, sizeof(float));
    mlp->y = lode_alloc(rows * outputs, sizeof(float));
    mlp->dx = lode_alloc(rows * inputs, sizeof(float));
    mlp->sums = lode_alloc(2 * hidden, sizeof(double));
    mlp->norm_scratch = lode_alloc(lode_norm_scratch(rows, hidden), sizeof(double));
    mlp->gemm_scratch = lode_alloc(a > b ? a : b, sizeof(float));
    return mlp->mean && mlp->inverse && mlp->running && mlp->sum && mlp->active && mlp->d_active &&
           mlp->y && mlp->dx && mlp->sums && mlp->norm_scratch && mlp->gemm_scratch;
}

lode_status lode_mlp_create(int inputs, int hidden, int outputs, int rows, uint64_t seed,
                            uint64_t stream, lode_mlp **mlp) {
    lode_mlp *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    made->inputs = inputs;
    made->hidden = hidden;
    made->outputs = outputs;
    made->capacity = rows;
    if (!allocate(made)) {
        lode_mlp_free(made);
        return lode_fail_memory();
    }
    lode_random random = lode_random_stream(seed, stream);
    double deviation[2] = {sqrt(2.0 / inputs), sqrt(1.0 / hidden)};
    for (int i = 0; i < 2; i++) {
        int index = i ? SECOND : FIRST;
        for (size_t k = 0; k < tensor_size(made, index); k++)
            made->value[index][k] = (float)(deviation[i] * lode_random_normal(&random));
    }
    for (int k = 0; k < hidden; k++)
        made->value[GAIN][k] = 1;
    *mlp = made;
    return LODE_OK;
}

void lode_mlp_free(lode_mlp *mlp) {
    if (!mlp)
        return;
    for (int i = 0; i < TENSORS; i++) {
        lode_free(mlp->value[i]);
        lode_free(mlp->gradient[i]);
    }
    lode_free(mlp->mean);
    lode_free(mlp->inverse);
    lode_free(mlp->running);
    lode_free(mlp->sum);
    lode_free(mlp->active);
    lode_free(mlp->d_active);
    lode_free(mlp->y);
    lode_free(mlp->dx);
    lode_free(mlp->sums);
    lode_free(mlp->norm_scratch);
    lode_free(mlp->gemm_scratch);
    lode_free(mlp);
}

int lode_mlp_tensor_count(const lode_mlp *mlp) {
    (void)mlp;
    return TENSORS;
}

void lode_mlp_tensor(lode_mlp *mlp, int index, lode_tensor_view *view) {
    static const char *const names[TENSORS] = {"first.weight", "norm.gain", "norm.offset",
                                               "second.weight", "second.bias"};
    bool matrix = index == FIRST || index == SECOND;
    view->name = names[index];
    view->data = mlp->value[index];
    view->trained = 1;
    view->dims = matrix ? 2 : 1;
    view->shape[0] = index == FIRST ? mlp->inputs : index == BIAS ? mlp->outputs : mlp->hidden;
    view->shape[1] = index == FIRST ? mlp->hidden : mlp->outputs;
}

float *lode_mlp_gradient(lode_mlp *mlp, int index) {
    return mlp->gradient[index];
}

static lode_norm norm_of(const lode_mlp *mlp) {
    return (lode_norm){.c = (size_t)mlp->hidden,
                       .gamma = mlp->value[GAIN],
                       .beta = mlp->value[OFFSET],
                       .running_mean = mlp->running,
                       .running_variance = mlp->running + mlp->hidden,
                       .momentum = 0.1f,
                       .eps = 1e-5f,
                       .activation = LODE_RELU};
}

const float *lode_mlp_forward(lode_mlp *mlp, lode_team *team, int rows, const float *x) {
    size_t r = (size_t)rows, inputs = (size_t)mlp->inputs, hidden = (size_t)mlp->hidden;
    size_t outputs = (size_t)mlp->outputs;
    lode_norm norm = norm_of(mlp);
    mlp->x = x;
    mlp->rows = rows;
    lode_gemm(team, r, hidden, inputs, x, inputs, false, mlp->value[FIRST], hidden, false, false,
              mlp->sum, hidden, mlp->gemm_scratch);
    lode_norm_sums(team, r, hidden, mlp->sum, mlp->norm_scratch, mlp->sums);
    lode_norm_statistics(&norm, mlp->sums, (double)rows, mlp->mean, mlp->inverse);
    lode_norm_apply(team, &norm, r, mlp->sum, mlp->mean, mlp->inverse, mlp->active);
    for (size_t i = 0; i < r; i++)
        memcpy(mlp->y + i * outputs, mlp->value[BIAS], outputs * sizeof *mlp->y);
    lode_gemm(team, r, outputs, hidden, mlp->active, hidden, false, mlp->value[SECOND], outputs,
              false, true, mlp->y, outputs, mlp->gemm_scratch);
    return mlp->y;
}

const float *lode_mlp_backward(lode_mlp *mlp, lode_team *team, const float *dy) {
    size_t r = (size_t)mlp->rows, inputs = (size_t)mlp->inputs, hidden = (size_t)mlp->hidden;
    size_t outputs = (size_t)mlp->outputs;
    lode_norm norm = norm_of(mlp);
    memset(mlp->gradient[BIAS], 0, outputs * sizeof(float));
    for (size_t i = 0; i < r; i++)
        for (size_t k = 0; k < outputs; k++)
            mlp->gradient[BIAS][k] += dy[i * outputs + k];
    lode_gemm(team, hidden, outputs, r, mlp->active, hidden, true, dy, outputs, false, false,
              mlp->gradient[SECOND], outputs, mlp->gemm_scratch);
    lode_gemm(team, r, hidden, outputs, dy, outputs, false, mlp->value[SECOND], outputs, true,
              false, mlp->d_active, hidden, mlp->gemm_scratch);
    lode_norm_backward_sums(team, &norm, r, mlp->sum, mlp->active, mlp->d_active, mlp->mean,
                            mlp->inverse, mlp->norm_scratch, mlp->sums);
    for (size_t k = 0; k < hidden; k++) {
        mlp->gradient[OFFSET][k] = (float)mlp->sums[k];
        mlp->gradient[GAIN][k] = (float)mlp->sums[hidden + k];
    }
    lode_norm_backward_apply(team, &norm, r, mlp->sum, mlp->active, mlp->d_active, mlp->mean,
                             mlp->inverse, mlp->sums, (double)mlp->rows, false, mlp->d_active);
    lode_gemm(team, inputs, hidden, r, mlp->x, inputs, true, mlp->d_active, hidden, false, false,
              mlp->gradient[FIRST], hidden, mlp->gemm_scratch);
    lode_gemm(team, r, inputs, hidden, mlp->d_active, hidden, false, mlp->value[FIRST], hidden,
              true, false, mlp->dx, inputs, mlp->gemm_scratch);
    return mlp->dx;
}

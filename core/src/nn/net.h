/* net.h - a network as a list of layers with named parameters, and passes through it.
 *
 * A net holds layers and parameters. A pass holds the memory to run it on inputs of one shape, laid
 * out once: lifetimes of all buffers are known, so those that never live together share memory, and
 * nothing is allocated in a step. One prepared net serves many inference passes on many threads.
 *
 * Building: every lode_net_ADD function returns the number of the new layer's output, to be used as
 * `input` of later ones; output 0 is the network's input. A failure is kept, makes all later calls
 * do nothing, and is returned by lode_net_finish. */
#ifndef LODE_NN_NET_H
#define LODE_NN_NET_H

#include <stdint.h>

#include "cluster/sum.h"
#include "nn/conv.h"
#include "util/progress.h"

typedef struct lode_net lode_net;
typedef struct lode_pass lode_pass;

lode_status lode_net_create(int channels, lode_net **net);
void lode_net_free(lode_net *net);

typedef struct lode_net_conv {
    int outputs, kernel, stride, pad, dilation, groups; /* 0 = 1, except pad */
    bool bias;
} lode_net_conv;

/* Tensors NAME.weight [k][k][inputs / groups][outputs] and NAME.bias. Weights start normal with
 * variance 2 / (outputs k k / groups) (He et al. 2015, fan out). */
int lode_net_add_conv(lode_net *net, int input, const char *name, const lode_net_conv *conv);
/* Tensors NAME.weight and NAME.bias (trained), NAME.running_mean and NAME.running_var. */
int lode_net_add_norm(lode_net *net, int input, const char *name, lode_activation activation);
int lode_net_add_activation(lode_net *net, int input, lode_activation activation);
int lode_net_add_max_pool(lode_net *net, int input, int kernel, int stride, int pad);
int lode_net_add_average_pool(lode_net *net, int input, int kernel, int stride, int pad);
int lode_net_add_global_average(lode_net *net, int input);
/* Of a 1 x 1 input. Tensors NAME.weight [inputs][outputs] and NAME.bias; weights start normal with
 * standard deviation `deviation`, the bias with 0. */
int lode_net_add_linear(lode_net *net, int input, const char *name, int outputs, double deviation);
/* activation: LODE_LINEAR, LODE_RELU or LODE_RELU6. */
int lode_net_add_sum(lode_net *net, int a, int b, lode_activation activation);
int lode_net_add_dropout(lode_net *net, int input, double probability);

/* Allocates the parameters and draws them from seed (LODE_SEED_NONE: the deviating ones stay 0). The
 * last layer added is the output. */
lode_status lode_net_finish(lode_net *net, uint64_t seed);

typedef struct lode_net_tensor {
    char *name;
    int dims;
    int64_t shape[4];
    bool trained;  /* else a running statistic */
    size_t offset; /* of its values in parameters (trained) or in statistics */
    size_t size;
} lode_net_tensor;

int lode_net_tensor_count(const lode_net *net);
const lode_net_tensor *lode_net_get_tensor(const lode_net *net, int index);
float *lode_net_tensor_values(lode_net *net, int index);
/* All trained parameters as one array, for the optimiser. */
float *lode_net_parameters(lode_net *net);
size_t lode_net_parameter_count(const lode_net *net);
/* [parameters] 1 where weight decay acts: weights of convolutions and linear layers. */
const unsigned char *lode_net_decay(const lode_net *net);
int lode_net_channels(const lode_net *net);
int lode_net_outputs(const lode_net *net); /* channels of the output */

/* Folds normalisation into the convolutions before it and packs them, for inference. Again after
 * every change of parameters. */
lode_status lode_net_prepare(lode_net *net);

typedef enum lode_pass_kind { LODE_INFERENCE, LODE_TRAINING } lode_pass_kind;

/* Memory for n inputs of h x w. Fails when the input is too small for the network. net and team
 * must outlive the pass. */
lode_status lode_pass_create(const lode_net *net, lode_pass_kind kind, int n, int h, int w,
                             lode_team *team, lode_pass **pass);
void lode_pass_free(lode_pass *pass);
/* From now on the n inputs are this process's of the `all` inputs of a step that the cluster makes
 * together: normalisation statistics and gradients are those of the whole step. Not for dropout,
 * which would drop the same in every process. */
lode_status lode_pass_divide(lode_pass *pass, const lode_cluster *cluster, int all);
/* [n][h][w][channels], filled by the caller before forward. */
float *lode_pass_input(lode_pass *pass);
/* [n][oh][ow][outputs], valid until the next forward or backward. */
const float *lode_pass_output(const lode_pass *pass, int *oh, int *ow);
/* Bytes of the arena. */
size_t lode_pass_memory(const lode_pass *pass);

/* Inference: the net must be prepared. Asks between layers whether the work was cancelled
 * (util/parallel.h). */
lode_status lode_pass_infer(lode_pass *pass);

/* Training: batch statistics; running += momentum (batch - running). seed and step choose what
 * dropout drops. progress (may be NULL) is reported at its `from`, for cancelling. */
lode_status lode_pass_forward(lode_pass *pass, double momentum, uint64_t seed, uint64_t step,
                              const lode_progress *progress);
/* After a forward with the same seed and step. gradient: of the loss by the output. Overwrites
 * gradients[lode_net_parameter_count]. */
lode_status lode_pass_backward(lode_pass *pass, uint64_t seed, uint64_t step, const float *gradient,
                               float *gradients, const lode_progress *progress);

#endif

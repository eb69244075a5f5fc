/* optimise.h - steps of AdamW and of gradient descent with momentum over flat parameter arrays,
 * the learning-rate schedule, and clipping. */
#ifndef LODE_NN_OPTIMISE_H
#define LODE_NN_OPTIMISE_H

#include "nn/team.h"

/* Rate at step 0..steps-1: linear rise over `warmup` steps, then half a cosine down to 0
 * (Loshchilov and Hutter 2017, SGDR, without restarts). */
double lode_schedule(double peak, int step, int warmup, int steps);

/* sqrt of the sum of squares, in double and in a fixed order. */
double lode_global_norm(lode_team *team, size_t n, const float *values);
/* Scales gradient so that its norm is at most limit; returns the norm before. Not finite: nothing
 * is changed, and the caller should stop. */
double lode_clip_gradient(lode_team *team, size_t n, float *gradient, double limit);

/* Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization; as PyTorch's AdamW. */
typedef struct lode_adamw {
    double beta1, beta2, eps, weight_decay; /* 0.9, 0.999, 1e-8, 0.01 */
} lode_adamw;
lode_adamw lode_adamw_defaults(void);
/* step counts from 1. decay[n] (may be NULL: all 1) is 0 where weight decay must not act (biases
 * and normalisation). first, second: moments [n], zero before step 1. */
void lode_adamw_step(lode_team *team, const lode_adamw *adamw, size_t n, int step, double rate,
                     const float *gradient, const unsigned char *decay, float *first, float *second,
                     float *parameter);

/* v = momentum v + (g + weight_decay w); w -= rate v; as PyTorch's SGD. */
void lode_sgd_step(lode_team *team, double momentum, double weight_decay, size_t n, double rate,
                   const float *gradient, const unsigned char *decay, float *velocity,
                   float *parameter);

/* average = keep average + (1 - keep) value: momentum encoders and weight averaging. */
void lode_moving_average(lode_team *team, size_t n, double keep, const float *value,
                         float *average);

#endif

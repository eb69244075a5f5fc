/* loss.h - losses of supervised training, with their gradients. */
#ifndef LODE_NN_LOSS_H
#define LODE_NN_LOSS_H

#include <stddef.h>

/* Mean over n of -log softmax(logits)[label], logits [n][classes]. dlogits (may be NULL) receives
 * the gradient of the mean. Returns the loss. */
double lode_cross_entropy(size_t n, size_t classes, const float *logits, const int *label,
                          float *dlogits);

/* Weighted mean of -(t log p + (1 - t) log(1 - p)), p = sigmoid(logit); target t in 0..1. weight
 * may be NULL (all 1); the mean divides by the sum of weights. */
double lode_binary_cross_entropy(size_t n, const float *logits, const float *target,
                                 const float *weight, float *dlogits);

#endif

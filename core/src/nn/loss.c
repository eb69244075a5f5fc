#include "nn/loss.h"

#include <math.h>

double lode_cross_entropy(size_t n, size_t classes, const float *logits, const int *label,
                          float *dlogits) {
    double loss = 0;
    for (size_t i = 0; i < n; i++) {
        const float *row = logits + i * classes;
        double largest = (double)row[0], sum = 0;
        for (size_t j = 1; j < classes; j++)
            largest = fmax(largest, (double)row[j]);
        for (size_t j = 0; j < classes; j++)
            sum += exp((double)row[j] - largest);
        loss += log(sum) + largest - (double)row[label[i]];
        for (size_t j = 0; dlogits && j < classes; j++) {
            double p = exp((double)row[j] - largest) / sum;
            dlogits[i * classes + j] = (float)((p - (j == (size_t)label[i])) / (double)n);
        }
    }
    return n ? loss / (double)n : 0;
}

double lode_binary_cross_entropy(size_t n, const float *logits, const float *target,
                                 const float *weight, float *dlogits) {
    double loss = 0, total = 0;
    for (size_t i = 0; i < n; i++)
        total += weight ? (double)weight[i] : 1;
    if (total <= 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        double w = (weight ? (double)weight[i] : 1) / total;
        double z = (double)logits[i], t = (double)target[i];
        /* log(1 + e^-|z|) + max(z, 0) - t z: exact for large |z|. */
        loss += w * (log1p(exp(-fabs(z))) + fmax(z, 0) - t * z);
        if (dlogits) {
            double p = z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z));
            dlogits[i] = (float)(w * (p - t));
        }
    }
    return loss;
}

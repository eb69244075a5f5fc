#include "head/prototype.h"

#include <math.h>

#include "util/error.h"

lode_status lode_prototype_fit(const float *x, const unsigned char *y, const double *sample_weight,
                               size_t n, int features, float *weights, float *bias) {
    size_t width = (size_t)features;
    double shift = 0, total[2] = {0, 0};
    for (size_t i = 0; i < n; i++)
        total[y[i] != 0] += sample_weight ? sample_weight[i] : 1;
    if (!(total[0] > 0 && total[1] > 0))
        return lode_fail(LODE_ERROR_DATA, "Deposits and background are both needed for a head.");
    for (size_t j = 0; j < width; j++) {
        double mean[2] = {0, 0}, squares = 0;
        for (size_t i = 0; i < n; i++)
            mean[y[i] != 0] += (sample_weight ? sample_weight[i] : 1) * (double)x[i * width + j] /
                               total[y[i] != 0];
        for (size_t i = 0; i < n; i++) {
            double gap = (double)x[i * width + j] - mean[0];
            if (!y[i])
                squares += (sample_weight ? sample_weight[i] : 1) * gap * gap / total[0];
        }
        double weight = squares > 1e-12 ? (mean[1] - mean[0]) / squares : 0;
        weights[j] = (float)weight;
        shift -= weight * (mean[0] + mean[1]) / 2;
    }
    *bias = (float)shift;
    return LODE_OK;
}

#include "util/select.h"

#define SELECT_NAME select_float
#define SELECT_TYPE float
#define SELECT_KEY_TYPE float
#define SELECT_KEY(e) (*(e))
#include "util/select_by.h"

#define SELECT_NAME select_double
#define SELECT_TYPE double
#define SELECT_KEY_TYPE double
#define SELECT_KEY(e) (*(e))
#include "util/select_by.h"

float lode_select(float *values, size_t n, size_t k) {
    select_float(values, n, k);
    return values[k];
}

double lode_select_double(double *values, size_t n, size_t k) {
    select_double(values, n, k);
    return values[k];
}

float lode_median(float *values, size_t n) {
    float upper = lode_select(values, n, n / 2);
    if (n % 2)
        return upper;
    return 0.5f * (lode_select(values, n / 2, n / 2 - 1) + upper);
}

double lode_median_double(double *values, size_t n) {
    double upper = lode_select_double(values, n, n / 2);
    if (n % 2)
        return upper;
    return 0.5 * (lode_select_double(values, n / 2, n / 2 - 1) + upper);
}

#include "functions/list.h"

const lode_function *const lode_functions[] = {
    &lode_function_score,         &lode_function_clr,
    &lode_function_alr,           &lode_function_ilr,
    &lode_function_censor,        &lode_function_zscore,
    &lode_function_winsor,        &lode_function_logistic,
    &lode_function_percentile,    &lode_function_fuzzy_linear,
    &lode_function_fuzzy_large,   &lode_function_fuzzy_small,
    &lode_function_fuzzy_near,    &lode_function_fuzzy_gaussian,
    &lode_function_fuzzy_and,     &lode_function_fuzzy_or,
    &lode_function_fuzzy_product, &lode_function_fuzzy_sum,
    &lode_function_fuzzy_gamma,   &lode_function_wofe,
    &lode_function_entropy,       NULL};

/* list.h - every pixel function, by the file that defines it. */
#ifndef LODE_FUNCTION_LIST_H
#define LODE_FUNCTION_LIST_H

#include "functions/pixel.h"

/* composition.c */
extern const lode_function lode_function_clr, lode_function_alr, lode_function_ilr;
/* scaling.c */
extern const lode_function lode_function_censor, lode_function_zscore, lode_function_winsor,
    lode_function_logistic, lode_function_percentile;
/* fuzzy.c */
extern const lode_function lode_function_fuzzy_linear, lode_function_fuzzy_large,
    lode_function_fuzzy_small, lode_function_fuzzy_near, lode_function_fuzzy_gaussian,
    lode_function_fuzzy_and, lode_function_fuzzy_or, lode_function_fuzzy_product,
    lode_function_fuzzy_sum, lode_function_fuzzy_gamma;
/* evidence.c */
extern const lode_function lode_function_wofe, lode_function_score, lode_function_entropy;

#endif

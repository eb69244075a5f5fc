/* lode_library.h - liblode, loaded when the first LODE dataset is opened.
 *
 * The plugin itself needs GDAL and libm only. GDAL loads every plugin at start-up and asks each one
 * about every file, so liblode and its linear algebra must stay out of the way until needed. */
#ifndef LODE_LIBRARY_H
#define LODE_LIBRARY_H

#include "lode/lode.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of lode.h the driver uses. */
#define LODE_LIBRARY_SYMBOLS(SYMBOL)                                                               \
    SYMBOL(version)                                                                                \
    SYMBOL(abi)                                                                                    \
    SYMBOL(error_message)                                                                          \
    SYMBOL(free)                                                                                   \
    SYMBOL(model_open)                                                                             \
    SYMBOL(model_close)                                                                            \
    SYMBOL(model_band_count)                                                                       \
    SYMBOL(model_band_name)                                                                        \
    SYMBOL(model_half_window)                                                                      \
    SYMBOL(model_describe)                                                                         \
    SYMBOL(plan_create)                                                                            \
    SYMBOL(plan_free)                                                                              \
    SYMBOL(plan_band_count)                                                                        \
    SYMBOL(plan_band_name)                                                                         \
    SYMBOL(plan_band_group)                                                                        \
    SYMBOL(plan_trim)                                                                              \
    SYMBOL(plan_run_length)                                                                        \
    SYMBOL(evaluator_create)                                                                       \
    SYMBOL(evaluator_free)                                                                         \
    SYMBOL(evaluator_tile)                                                                         \
    SYMBOL(stack_open_unlocated)                                                                   \
    SYMBOL(stack_close)                                                                            \
    SYMBOL(stack_match)                                                                            \
    SYMBOL(stack_dataset_count)                                                                    \
    SYMBOL(stack_dataset)                                                                          \
    SYMBOL(stack_read)

/* A pointer to each, typed by its declaration, so that a changed signature does not compile here.
 */
typedef struct lode_library {
#define LODE_LIBRARY_POINTER(name) __typeof__(&lode_##name) name;
    LODE_LIBRARY_SYMBOLS(LODE_LIBRARY_POINTER)
#undef LODE_LIBRARY_POINTER
} lode_library;

/* Loads liblode on the first call; NULL after CPLError when it cannot be found or does not fit.
 * Looked for: the file named by LODE_LIBRARY, beside the plugin, one folder up, the system's. */
const lode_library *lode_library_get(void);

#ifdef __cplusplus
}
#endif
#endif

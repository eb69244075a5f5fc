/* windows.h - labelled places as windows of recipe channels in memory, for supervised training. */
#ifndef LODE_HEAD_WINDOWS_H
#define LODE_HEAD_WINDOWS_H

#include "geochem/recipe.h"
#include "raster/stack.h"

/* Reads the side x side windows around cells (columns[n], rows[n]); cells outside the raster are
 * missing. out: [n][side][side][channels + 1]. */
lode_status lode_windows_read(lode_stack *stack, const lode_recipe *recipe, const int *columns,
                              const int *rows, size_t n, int side, int threads,
                              const lode_progress *progress, float *out);

#endif

/* onnx_parts.h - recipe and encoders as parts of an ONNX graph. */
#ifndef LODE_EXPORT_ONNX_PARTS_H
#define LODE_EXPORT_ONNX_PARTS_H

#include "encoder/encoder.h"
#include "export/onnx_graph.h"
#include "geochem/recipe.h"

/* lode_recipe_apply: values [n][h][w][bands] -> channels [n][channels][h][w], the scaled channels,
 * and mask [n][1][h][w]. */
lode_status lode_onnx_recipe(lode_onnx *graph, const lode_recipe *recipe, const char *values,
                             const char **channels, const char **mask);

/* x: channels and mask [n][channels + 1][h][w] -> embedding [n][dims][h - 2R][w - 2R] (1 x 1 for
 * the encoders that see one window). */
lode_status lode_onnx_encoder(lode_onnx *graph, const lode_encoder *encoder, const char *x,
                              const char **embedding);

#endif

/* onnx.h - a model as an ONNX file: raw element values in, score out.
 *
 * Input "values" [batch][height][width][bands], raw stack values with NaN where there is none,
 * bands in the order of metadata "bands". Height and width are at least the window 2R + 1 (exactly
 * it for ResNet-50 and MobileNetV2). Output "score" [batch][height - 2R][width - 2R], -9999 where
 * the centre has no data; for a model without head, "embedding" [batch][height - 2R][width -
 * 2R][dims]. ONNX opset 13; schema: https://github.com/onnx/onnx (onnx.proto). */
#ifndef LODE_EXPORT_ONNX_H
#define LODE_EXPORT_ONNX_H

#include "model/model.h"

lode_status lode_export_onnx(const lode_model *model, const char *path);

#endif

/* logits.c - prints the logits of a published network; a tool of tests/cli/test_torchvision.py.
 *
 *   logits resnet50|mobilenetv2 FILE.safetensors
 * The file holds the weights with torchvision's names and layouts and the tensor "input"
 * [n][h][w][channels]. */
#include <stdio.h>
#include <stdlib.h>

#include "encoder/mobilenetv2.h"
#include "encoder/resnet50.h"
#include "model/safetensors.h"
#include "nn_check.h"
#include "torch_weights.h"
#include "util/error.h"
#include "util/file.h"

static lode_status load(const lode_tensors *tensors, lode_net *net) {
    for (int t = 0; t < lode_net_tensor_count(net); t++) {
        const lode_net_tensor *tensor = lode_net_get_tensor(net, t);
        int64_t shape[4];
        memcpy(shape, tensor->shape, sizeof shape);
        if (tensor->dims == 2)
            shape[0] = tensor->shape[1], shape[1] = tensor->shape[0];
        if (tensor->dims == 4)
            for (int d = 0; d < 4; d++)
                shape[d] = tensor->shape[3 - d];
        const float *values;
        LODE_TRY(lode_tensors_get(tensors, tensor->name, shape, tensor->dims, &values));
        for (size_t i = 0; i < tensor->size; i++)
            lode_net_tensor_values(net, t)[i] = values[torch_index(tensor, i)];
    }
    return LODE_OK;
}

static lode_status print_logits(const char *kind, const lode_tensors *tensors) {
    const float *input = NULL;
    int64_t shape[4] = {0};
    int dims = 0, classes = 0;
    for (int i = 0; i < lode_tensors_count(tensors); i++) {
        int64_t one[4];
        int d;
        const float *values;
        const char *name = lode_tensors_at(tensors, i, one, &d, &values);
        if (strcmp(name, "input") == 0) {
            input = values;
            dims = d;
            memcpy(shape, one, sizeof shape);
        }
        if (strcmp(name, "fc.bias") == 0 || strcmp(name, "classifier.1.bias") == 0)
            classes = (int)one[0];
    }
    if (!input || dims != 4 || classes < 1)
        return lode_fail(LODE_ERROR_USAGE, "The file lacks the input or the classifier.");
    lode_net *net;
    lode_pass *pass = NULL;
    lode_windowed_build build =
        strcmp(kind, "resnet50") == 0 ? lode_resnet50_net : lode_mobilenetv2_net;
    LODE_TRY(build((int)shape[3], classes, false, 1, &net));
    lode_status status = load(tensors, net);
    if (status == LODE_OK)
        status = lode_net_prepare(net);
    if (status == LODE_OK)
        status = lode_pass_create(net, LODE_INFERENCE, (int)shape[0], (int)shape[1], (int)shape[2],
                                  NULL, &pass);
    if (status == LODE_OK) {
        memcpy(lode_pass_input(pass), input,
               (size_t)(shape[0] * shape[1] * shape[2] * shape[3]) * sizeof *input);
        lode_pass_infer(pass);
        for (int64_t i = 0; i < shape[0] * classes; i++)
            printf("%.9g\n", (double)lode_pass_output(pass, NULL, NULL)[i]);
    }
    lode_pass_free(pass);
    lode_net_free(net);
    return status;
}

int main(int argc, char **argv) {
    char *bytes = NULL;
    size_t size;
    lode_tensors *tensors = NULL;
    json_t *metadata = NULL;
    lode_status status = argc == 3 ? lode_file_read(argv[2], (size_t)1 << 30, &bytes, &size)
                                   : lode_fail(LODE_ERROR_USAGE, "logits NETWORK FILE");
    if (status == LODE_OK)
        status = lode_tensors_parse(bytes, size, argv[2], &tensors, &metadata);
    if (status == LODE_OK)
        status = print_logits(argv[1], tensors);
    if (status != LODE_OK)
        fprintf(stderr, "%s\n", lode_error_message());
    json_decref(metadata);
    lode_tensors_free(tensors);
    lode_free(bytes);
    return status != LODE_OK;
}

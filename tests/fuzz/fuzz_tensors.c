/* The container of model files. The input is the JSON header; length and tensor bytes are put
 * around it, so that mutations reach the parser instead of failing at the first check. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { TENSORS = 256 };
    char *file = malloc(8 + size + TENSORS);
    if (!file)
        return 0;
    for (int k = 0; k < 8; k++)
        file[k] = (char)((uint64_t)size >> (8 * k));
    memcpy(file + 8, data, size);
    memset(file + 8 + size, 0, TENSORS);
    lode_tensors *tensors;
    json_t *metadata;
    if (lode_tensors_parse(file, 8 + size + TENSORS, "fuzzed", &tensors, &metadata) == LODE_OK) {
        for (int i = 0; i < lode_tensors_count(tensors); i++) {
            int64_t shape[4];
            int dims;
            const float *values;
            const char *name = lode_tensors_at(tensors, i, shape, &dims, &values);
            lode_tensors_get(tensors, name, shape, dims, &values);
        }
        lode_tensors_free(tensors);
        json_decref(metadata);
    }
    free(file);
    return 0;
}

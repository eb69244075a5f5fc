/* A laboratory's table of any content, and a mapping file of any content: the input is the mapping,
 * a zero byte, and the table; without a zero byte it is all table. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_error.h>
#include <cpl_vsi.h>
#include <gdal.h>

#include "samples/samples.h"

static void put(const char *path, const uint8_t *data, size_t size) {
    VSILFILE *file = VSIFOpenL(path, "wb");
    if (!file)
        return;
    VSIFWriteL(data, 1, size, file);
    VSIFCloseL(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const table = "/vsimem/fuzz.csv", *const mapping = "/vsimem/fuzz.json";
    GDALAllRegister();
    const uint8_t *zero = memchr(data, 0, size);
    size_t before = zero ? (size_t)(zero - data) : 0;
    if (zero)
        put(mapping, data, before);
    put(table, zero ? zero + 1 : data, zero ? size - before - 1 : size);
    lode_samples_options options = {.source = table,
                                    .mapping = zero ? mapping : NULL,
                                    .censored = LODE_CENSORED_ROS,
                                    .max_censored = 0.5,
                                    .duplicates = LODE_DUPLICATES_AVERAGE};
    lode_samples *samples;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (lode_samples_read(&options, NULL, &samples) == LODE_OK)
        lode_samples_free(samples);
    CPLPopErrorHandler();
    VSIUnlink(table);
    VSIUnlink(mapping);
    return 0;
}

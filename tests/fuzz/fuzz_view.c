/* A .lodeview file and a connection string of any content. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_error.h>
#include <cpl_vsi.h>

#include "lode_view.h"

static void load(const char *name) {
    lode_view view;
    memset(&view, 0, sizeof view);
    lode_view_load(name, NULL, &view);
    lode_view_release(&view);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    CPLPushErrorHandler(CPLQuietErrorHandler);
    lode_view_is_document(text, (int)size);
    if (lode_view_is_connection(text)) {
        load(text);
    } else {
        VSIFCloseL(VSIFileFromMemBuffer("/vsimem/fuzz.lodeview", (GByte *)text, size, FALSE));
        load("/vsimem/fuzz.lodeview");
        VSIUnlink("/vsimem/fuzz.lodeview");
    }
    CPLPopErrorHandler();
    free(text);
    return 0;
}

/* Pixel functions with any arguments: the first byte picks the function, the second the number of
 * sources, the rest are NAME=VALUE lines. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_error.h>
#include <cpl_string.h>

#include "functions/list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { WIDTH = 5, HEIGHT = 3, MOST = 9 };
    if (size < 2)
        return 0;
    int functions = 0;
    while (lode_functions[functions])
        functions++;
    const lode_function *function = lode_functions[data[0] % functions];
    int count = data[1] % (MOST + 1);
    float cells[MOST][WIDTH * HEIGHT], out[WIDTH * HEIGHT];
    void *sources[MOST];
    for (int s = 0; s < MOST; s++) {
        sources[s] = cells[s];
        for (int i = 0; i < WIDTH * HEIGHT; i++)
            cells[s][i] = (float)((i * 7 + s * 3) % 11 - 2);
    }
    char *text = malloc(size - 1);
    if (!text)
        return 0;
    memcpy(text, data + 2, size - 2);
    text[size - 2] = '\0';
    char **arguments = CSLTokenizeString2(text, "\n", 0);
    lode_buffers buffers = {sources,     count,       out, WIDTH,    HEIGHT,
                            GDT_Float32, GDT_Float32, 4,   4 * WIDTH};
    CPLPushErrorHandler(CPLQuietErrorHandler);
    lode_function_evaluate(function, &buffers, arguments);
    CPLPopErrorHandler();
    CSLDestroy(arguments);
    free(text);
    return 0;
}

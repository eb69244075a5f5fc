#include "validate/words.h"

#include <stdio.h>

const char *lode_distance_words(double metres, char *text, size_t size) {
    if (metres >= 1000)
        snprintf(text, size, metres >= 99950 ? "%.0f km" : "%.3g km", metres / 1000);
    else
        snprintf(text, size, "%.3g m", metres);
    return text;
}

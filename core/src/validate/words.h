/* words.h - numbers as a reader wants them. */
#ifndef LODE_VALIDATE_WORDS_H
#define LODE_VALIDATE_WORDS_H

#include <stddef.h>

/* "33 km", "850 m"; returns text. */
const char *lode_distance_words(double metres, char *text, size_t size);

#endif

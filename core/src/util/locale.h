/* locale.h - the C locale for the calling thread while liblode works.
 *
 * QGIS calls setlocale(), and under de_DE strtod("0.5") is 0. Every entry into liblode that reads
 * or prints numbers wraps its work in enter/leave, so the code in between may use printf and
 * strtod. */
#ifndef LODE_UTIL_LOCALE_H
#define LODE_UTIL_LOCALE_H

#include <locale.h>

typedef struct lode_locale {
    locale_t previous, own;
} lode_locale;

lode_locale lode_locale_enter(void);
void lode_locale_leave(lode_locale locale);

#endif

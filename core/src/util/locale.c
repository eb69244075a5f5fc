#include "util/locale.h"

lode_locale lode_locale_enter(void) {
    lode_locale locale = {(locale_t)0, (locale_t)0};
    locale.own = newlocale(LC_NUMERIC_MASK, "C", duplocale(uselocale((locale_t)0)));
    if (locale.own)
        locale.previous = uselocale(locale.own);
    return locale;
}

void lode_locale_leave(lode_locale locale) {
    if (!locale.own)
        return;
    uselocale(locale.previous);
    freelocale(locale.own);
}

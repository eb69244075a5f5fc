#include "util/text.h"

#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>

#include "util/memory.h"

int lode_list_index(const char *list, const char *item) {
    size_t length = strlen(item);
    int index = 0;
    for (const char *at = list; at && *at; index++) {
        size_t n = strcspn(at, ",");
        if (n == length && strncmp(at, item, n) == 0)
            return index;
        at += n + (at[n] == ',');
    }
    return -1;
}

bool lode_list_has(const char *list, const char *item) {
    return lode_list_index(list, item) >= 0;
}

bool lode_list_stranger(const char *list, const char *const *names, int count, const char **item,
                        int *length) {
    for (const char *at = list; at && *at;) {
        size_t n = strcspn(at, ",");
        bool known = n == 0;
        for (int i = 0; i < count && !known; i++)
            known = strlen(names[i]) == n && strncmp(names[i], at, n) == 0;
        if (!known) {
            *item = at;
            *length = (int)n;
            return true;
        }
        at += n + (at[n] == ',');
    }
    return false;
}

char *lode_utf8(const char *text) {
    if (CPLIsUTF8(text, -1))
        return lode_strdup(text);
    char *recoded = CPLRecode(text, CPL_ENC_ISO8859_1, CPL_ENC_UTF8);
    char *copy = lode_strdup(recoded ? recoded : "");
    CPLFree(recoded);
    return copy;
}

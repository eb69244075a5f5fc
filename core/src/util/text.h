/* text.h - comma lists, as options hold them, and text of unknown encoding. */
#ifndef LODE_UTIL_TEXT_H
#define LODE_UTIL_TEXT_H

#include <stdbool.h>

/* Place of item in a comma list, -1 when it is not there; list may be NULL. */
int lode_list_index(const char *list, const char *item);
bool lode_list_has(const char *list, const char *item);
/* The first item of the list that is none of names[count]; false when there is none. */
bool lode_list_stranger(const char *list, const char *const *names, int count, const char **item,
                        int *length);

/* UTF-8 in fresh memory. Text that is not UTF-8 already is taken for Latin-1, in which every byte
 * is a character: a name may look odd then, but there is one. NULL without memory. */
char *lode_utf8(const char *text);

#endif

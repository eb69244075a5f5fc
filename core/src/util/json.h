/* json.h - JSON of text that comes from outside: names of files, bands and columns. */
#ifndef LODE_UTIL_JSON_H
#define LODE_UTIL_JSON_H

#include <jansson.h>

/* As json_string, which refuses what is not UTF-8 and would take the whole description with it: see
 * lode_utf8. null for NULL. */
json_t *lode_json_text(const char *text);
/* What a model tells of an input: the name of the file without the folders of whoever trained it;
 * of a database its kind, because the rest may hold a password. */
json_t *lode_json_source(const char *name);

#endif

#include "util/json.h"

#include <stdbool.h>
#include <string.h>

#include <cpl_conv.h>

#include "util/file.h"
#include "util/memory.h"
#include "util/text.h"

json_t *lode_json_text(const char *text) {
    if (!text)
        return json_null();
    char *readable = lode_utf8(text);
    json_t *json = readable ? json_string(readable) : NULL;
    lode_free(readable);
    return json;
}

json_t *lode_json_source(const char *name) {
    const char *colon = strchr(name, ':'), *bar = strchr(name, '|');
    bool database = colon && strchr(name, '=') && !(bar && bar < colon) && !lode_file_exists(name);
    if (!database)
        return lode_json_text(CPLGetFilename(name));
    char *kind = lode_format("%.*s", (int)(colon - name), name);
    json_t *json = lode_json_text(kind);
    lode_free(kind);
    return json;
}

#include "vector/vector.h"

#include <string.h>

#include <cpl_error.h>

#include "util/error.h"
#include "util/memory.h"

lode_status lode_vector_split(const char *name, char **path, char **layer) {
    const char *bar = strchr(name, '|');
    const char *key = bar ? strstr(bar, "layername=") : NULL;
    const char *from = key ? key + strlen("layername=") : NULL;
    *path = lode_format("%.*s", (int)(bar ? (size_t)(bar - name) : strlen(name)), name);
    *layer = key ? lode_format("%.*s", (int)strcspn(from, "|"), from) : NULL;
    if (*path && (!key || *layer))
        return LODE_OK;
    lode_free(*path);
    lode_free(*layer);
    *path = *layer = NULL;
    return lode_fail_memory();
}

lode_status lode_vector_next(OGRLayerH layer, const char *what, const char *name,
                             OGRFeatureH *feature) {
    CPLErrorReset();
    *feature = OGR_L_GetNextFeature(layer);
    if (!*feature && CPLGetLastErrorType() >= CE_Failure)
        return lode_fail_gdal(LODE_ERROR_IO,
                              "The %s '%s' cannot be read to the end. Repair the file, for example "
                              "with ogr2ogr, or copy it again.",
                              what, name);
    return LODE_OK;
}

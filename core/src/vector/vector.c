#include "vector/vector.h"

#include <stdbool.h>
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

/* Reads to the first feature, or to the end; false when GDAL reports an error instead. */
static bool can_be_read(OGRLayerH layer, bool to_the_end) {
    CPLErrorReset();
    OGRFeatureH feature = OGR_L_GetNextFeature(layer);
    bool good = feature || CPLGetLastErrorType() < CE_Failure;
    while (feature) {
        OGR_F_Destroy(feature);
        feature = to_the_end ? OGR_L_GetNextFeature(layer) : NULL;
        good = !to_the_end || feature || CPLGetLastErrorType() < CE_Failure;
    }
    OGR_L_ResetReading(layer);
    return good;
}

lode_status lode_vector_filter(OGRLayerH layer, const char *where, const char *option,
                               const char *name) {
    if (!where)
        return LODE_OK;
    CPLErrorReset();
    if (OGR_L_SetAttributeFilter(layer, where) == OGRERR_NONE && can_be_read(layer, false))
        return LODE_OK;
    lode_status status = lode_fail_gdal(LODE_ERROR_USAGE, "%s: '%s' is not a condition on '%s'.",
                                        option, where, name);
    OGR_L_SetAttributeFilter(layer, NULL);
    /* Or is it the file that is damaged? Then its reader, who reads to the end, will say so. */
    return can_be_read(layer, true) ? status : LODE_OK;
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

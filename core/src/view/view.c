#include "view/view.h"

#include <string.h>

#include <cpl_conv.h>
#include <cpl_minixml.h>

#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

static lode_status add_path(CPLXMLNode *root, const char *element, const char *name,
                            const char *path) {
    char *relative = lode_file_relative(name, path);
    if (!relative)
        return lode_fail_memory();
    CPLCreateXMLElementAndValue(root, element, relative);
    lode_free(relative);
    return LODE_OK;
}

static lode_status fill(CPLXMLNode *root, const char *path, const char *model,
                        const char *const *stack, int count, const lode_view_options *options) {
    CPLAddXMLAttributeAndValue(root, "version", "1");
    const char *place = options->place ? options->place : path;
    LODE_TRY(add_path(root, "Model", model, place));
    for (int i = 0; i < count; i++)
        LODE_TRY(add_path(root, "Stack", stack[i], place));
    if (options->groups && options->groups[0])
        CPLCreateXMLElementAndValue(root, "Bands", options->groups);
    if (options->min_valid > 0) {
        char *text = lode_format("%.10g", options->min_valid);
        if (!text)
            return lode_fail_memory();
        CPLCreateXMLElementAndValue(root, "MinValid", text);
        lode_free(text);
    }
    return LODE_OK;
}

lode_status lode_view_write(const char *path, const char *model, const char *const *stack,
                            int count, const lode_view_options *options) {
    CPLXMLNode *root = CPLCreateXMLNode(NULL, CXT_Element, "LODEDataset");
    lode_status status = fill(root, path, model, stack, count, options);
    if (status == LODE_OK) {
        char *text = CPLSerializeXMLTree(root);
        status = lode_file_write(path, text, strlen(text));
        CPLFree(text);
    }
    CPLDestroyXMLNode(root);
    return status;
}

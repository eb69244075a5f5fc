#include "lode_view.h"

#include <math.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_minixml.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

static const char root_name[] = "LODEDataset";
static const char prefix[] = "LODE:";

/* A description is a few lines; anything large is not one. */
enum { LARGEST_DOCUMENT = 1 << 20, NEWEST_VERSION = 1 };

/* ---- Recognising ----------------------------------------------------------------------------- */

static const char *skip_space(const char *at, const char *end) {
    while (at < end && strchr(" \t\r\n", *at) && *at)
        at++;
    return at;
}

static bool starts_with(const char *at, const char *end, const char *text) {
    size_t length = strlen(text);
    return (size_t)(end - at) >= length && memcmp(at, text, length) == 0;
}

/* Behind the first `text` at or after `at`; NULL when there is none. */
static const char *skip_past(const char *at, const char *end, const char *text) {
    for (; at < end; at++)
        if (starts_with(at, end, text))
            return at + strlen(text);
    return NULL;
}

bool lode_view_is_document(const char *header, int size) {
    const char *at = header, *end = header + size;
    if (starts_with(at, end, "\xEF\xBB\xBF"))
        at += 3;
    for (at = skip_space(at, end); at && at < end; at = at ? skip_space(at, end) : NULL) {
        if (starts_with(at, end, "<?"))
            at = skip_past(at, end, "?>");
        else if (starts_with(at, end, "<!--"))
            at = skip_past(at, end, "-->");
        else
            break;
    }
    if (!at || !starts_with(at, end, "<LODEDataset"))
        return false;
    at += 1 + strlen(root_name);
    return at < end && (*at == '>' || *at == '/' || strchr(" \t\r\n", *at)) && *at;
}

bool lode_view_is_connection(const char *name) {
    return STARTS_WITH_CI(name, prefix);
}

/* ---- Names ----------------------------------------------------------------------------------- */

static bool exists(const char *name) {
    VSIStatBufL info;
    return VSIStatExL(name, &info, VSI_STAT_EXISTS_FLAG) == 0;
}

/* A name inside a description, as GDAL is to open it. Plain relative names belong to the folder of
 * the description; names with a scheme ("PG:...", "NETCDF:...", "https://") stay as they are unless
 * such a file lies beside the description. */
static char *resolve(const char *name, const char *document) {
    if (!CPLIsFilenameRelative(name))
        return CPLStrdup(name);
    char *beside = CPLStrdup(CPLProjectRelativeFilename(CPLGetPath(document), name));
    if (strchr(name, ':') && !exists(beside)) {
        CPLFree(beside);
        return CPLStrdup(name);
    }
    return beside;
}

static void set_text(char **slot, const char *text) {
    CPLFree(*slot);
    *slot = text ? CPLStrdup(text) : NULL;
}

/* ---- The document ---------------------------------------------------------------------------- */

static bool set_min_valid(const char *where, const char *text, lode_view *view) {
    char *end = NULL;
    double value = CPLStrtod(text, &end);
    if (end == text || *end || !(value >= 0 && value <= 1)) {
        CPLError(CE_Failure, CPLE_IllegalArg,
                 "LODE: %s '%s' must be a number from 0 to 1: the share of a window's cells that "
                 "must have data.",
                 where, text);
        return false;
    }
    view->min_valid = value;
    return true;
}

static bool take_element(const CPLXMLNode *node, const char *document, lode_view *view) {
    const char *text = CPLGetXMLValue(node, NULL, "");
    if (EQUAL(node->pszValue, "Model")) {
        CPLFree(view->model);
        view->model = resolve(text, document);
    } else if (EQUAL(node->pszValue, "Stack")) {
        char *name = resolve(text, document);
        view->stack = CSLAddString(view->stack, name);
        CPLFree(name);
    } else if (EQUAL(node->pszValue, "Bands")) {
        set_text(&view->bands, text);
    } else if (EQUAL(node->pszValue, "MinValid")) {
        return set_min_valid("<MinValid>", text, view);
    } else {
        CPLError(CE_Warning, CPLE_AppDefined, "LODE: '%s' has an unknown element <%s>; ignored.",
                 document, node->pszValue);
    }
    return true;
}

static bool take_document(const CPLXMLNode *tree, const char *document, lode_view *view) {
    const CPLXMLNode *root = CPLGetXMLNode((CPLXMLNode *)tree, "=LODEDataset");
    if (!root) {
        CPLError(CE_Failure, CPLE_OpenFailed, "LODE: '%s' has no <LODEDataset> element.", document);
        return false;
    }
    int version = atoi(CPLGetXMLValue(root, "version", "1"));
    if (version > NEWEST_VERSION) {
        CPLError(CE_Failure, CPLE_NotSupported,
                 "LODE: '%s' is version %d of the format and this plugin reads up to %d. Update "
                 "Lode.",
                 document, version, NEWEST_VERSION);
        return false;
    }
    for (const CPLXMLNode *node = root->psChild; node; node = node->psNext)
        if (node->eType == CXT_Element && !take_element(node, document, view))
            return false;
    return true;
}

static bool read_document(const char *name, lode_view *view) {
    VSIStatBufL info;
    if (VSIStatL(name, &info) != 0) {
        CPLError(CE_Failure, CPLE_OpenFailed, "LODE: there is no file '%s'.", name);
        return false;
    }
    if (info.st_size > LARGEST_DOCUMENT) {
        CPLError(CE_Failure, CPLE_OpenFailed,
                 "LODE: '%s' has " CPL_FRMT_GUIB " bytes; a dataset description is smaller than 1 "
                 "MB.",
                 name, (GUIntBig)info.st_size);
        return false;
    }
    GByte *text = NULL;
    if (!VSIIngestFile(NULL, name, &text, NULL, LARGEST_DOCUMENT))
        return false;
    CPLXMLNode *tree = CPLParseXMLString((const char *)text);
    VSIFree(text);
    bool good = tree && take_document(tree, name, view);
    CPLDestroyXMLNode(tree);
    set_text(&view->file, name);
    return good;
}

/* ---- The connection string ------------------------------------------------------------------- */

/* Next part of LODE:"quoted":plain:...; NULL at the end or when a quote does not close. */
static char *next_part(const char **at, bool *quoted) {
    const char *from = *at;
    *quoted = *from == '"';
    size_t length;
    if (*quoted) {
        const char *end = strchr(++from, '"');
        if (!end || (end[1] != '\0' && end[1] != ':'))
            return NULL;
        length = (size_t)(end - from);
        *at = end + 1;
    } else {
        length = strcspn(from, ":");
        *at = from + length;
    }
    if (**at == ':')
        (*at)++;
    char *part = CPLMalloc(length + 1);
    memcpy(part, from, length);
    part[length] = '\0';
    return part;
}

static bool is_document_file(const char *name) {
    char header[1024];
    VSILFILE *file = VSIFOpenL(name, "rb");
    if (!file)
        return EQUAL(CPLGetExtension(name), "lodeview");
    int size = (int)VSIFReadL(header, 1, sizeof header, file);
    VSIFCloseL(file);
    return lode_view_is_document(header, size);
}

static bool refuse_connection(const char *name) {
    CPLError(CE_Failure, CPLE_OpenFailed,
             "LODE: '%s' is neither LODE:\"name.lodeview\":bands nor "
             "LODE:\"model.lode\":\"stack.tif\":bands. Put names in double quotes.",
             name);
    return false;
}

/* parts[0] is the description or the model; an unquoted last part is the choice of bands. */
static bool take_parts(const char *name, char **parts, bool last_quoted, lode_view *view) {
    int count = CSLCount(parts), behind = count;
    view->altered = true;
    if (count == 0 || parts[0][0] == '\0')
        return refuse_connection(name);
    bool document = is_document_file(parts[0]);
    if (document && count > 2)
        return refuse_connection(name);
    if (document && !read_document(parts[0], view))
        return false;
    if (count > (document ? 1 : 2) && (document || !last_quoted))
        set_text(&view->bands, parts[--behind]);
    if (document)
        return true;
    set_text(&view->model, parts[0]);
    for (int i = 1; i < behind; i++)
        view->stack = CSLAddString(view->stack, parts[i]);
    return true;
}

static bool read_connection(const char *name, lode_view *view) {
    char **parts = NULL;
    const char *at = name + strlen(prefix);
    bool quoted = false, good = true;
    while (*at && good) {
        char *part = next_part(&at, &quoted);
        good = part != NULL;
        if (part)
            parts = CSLAddString(parts, part);
        CPLFree(part);
    }
    good = good ? take_parts(name, parts, quoted, view) : refuse_connection(name);
    CSLDestroy(parts);
    return good;
}

/* ---- Open options ---------------------------------------------------------------------------- */

static bool set_count(const char *option, const char *text, int low, int high, int *value) {
    char *end = NULL;
    long number = strtol(text, &end, 10);
    if (end == text || *end || number < low || number > high) {
        CPLError(CE_Failure, CPLE_IllegalArg, "LODE: %s=%s must be a whole number from %d to %d.",
                 option, text, low, high);
        return false;
    }
    *value = (int)number;
    return true;
}

static bool set_threads(const char *option, const char *text, int *threads) {
    if (EQUAL(text, "ALL_CPUS")) {
        *threads = 0;
        return true;
    }
    return set_count(option, text, 1, 1024, threads);
}

static bool take_options(CSLConstList options, lode_view *view) {
    bool first_stack = true, good = true;
    const char *configured = CPLGetConfigOption("GDAL_NUM_THREADS", NULL);
    if (configured)
        good = set_threads("GDAL_NUM_THREADS", configured, &view->threads);
    for (CSLConstList item = options; item && *item && good; item++) {
        char *key = NULL;
        const char *value = CPLParseNameValue(*item, &key);
        bool content = true;
        if (!key || !value) {
            content = false;
        } else if (EQUAL(key, "MODEL")) {
            set_text(&view->model, value);
        } else if (EQUAL(key, "STACK")) {
            if (first_stack) {
                CSLDestroy(view->stack);
                view->stack = NULL;
            }
            first_stack = false;
            view->stack = CSLAddString(view->stack, value);
        } else if (EQUAL(key, "BANDS")) {
            set_text(&view->bands, value);
        } else if (EQUAL(key, "MIN_VALID")) {
            good = set_min_valid("open option MIN_VALID", value, view);
        } else {
            content = false;
            if (EQUAL(key, "NUM_THREADS"))
                good = set_threads(key, value, &view->threads);
            else if (EQUAL(key, "SPILL"))
                view->spill = CPLTestBool(value);
            else if (EQUAL(key, "BLOCK_SIZE"))
                good = set_count(key, value, 16, 4096, &view->block);
        }
        view->altered = view->altered || content;
        CPLFree(key);
    }
    return good;
}

static bool complete(const char *name, const lode_view *view) {
    const char *lacking = !view->model || !view->model[0] ? "model" : NULL;
    if (!lacking && CSLCount(view->stack) == 0)
        lacking = "stack";
    if (!lacking)
        return true;
    CPLError(CE_Failure, CPLE_OpenFailed,
             "LODE: '%s' names no %s. Add <%s> to the description, or the open option %s.", name,
             lacking, EQUAL(lacking, "model") ? "Model" : "Stack",
             EQUAL(lacking, "model") ? "MODEL" : "STACK");
    return false;
}

bool lode_view_load(const char *name, CSLConstList options, lode_view *view) {
    memset(view, 0, sizeof *view);
    view->min_valid = LODE_DEFAULT_MIN_VALID;
    view->spill = true;
    bool good =
        lode_view_is_connection(name) ? read_connection(name, view) : read_document(name, view);
    return good && take_options(options, view) && complete(name, view);
}

void lode_view_release(lode_view *view) {
    CPLFree(view->file);
    CPLFree(view->model);
    CPLFree(view->bands);
    CSLDestroy(view->stack);
    memset(view, 0, sizeof *view);
}

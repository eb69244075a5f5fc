#include "samples/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "util/error.h"
#include "util/hash.h"
#include "util/memory.h"
#include "util/text.h"
#include "vector/vector.h"

enum {
    POOL_MAX = 1000,
    HASH_SIZE = 4096,
    HEAD = 65536,
    BELIEVED = 64 << 20 /* bytes of memory taken because a file says that it has so many rows */
};

/* ---- Opening --------------------------------------------------------------------------------- */

static bool is_text_table(const char *path) {
    const char *extension = CPLGetExtension(path);
    return EQUAL(extension, "csv") || EQUAL(extension, "txt") || EQUAL(extension, "tsv") ||
           EQUAL(extension, "dat") || EQUAL(extension, "asc");
}

/* OGR opens nearly anything named .csv, so empty and binary files are refused here. */
static lode_status check_text(const char *path) {
    VSIStatBufL info;
    if (VSIStatL(path, &info) != 0)
        return lode_fail(LODE_ERROR_IO, "There is no file '%s'.", path);
    if (info.st_size == 0)
        return lode_fail(LODE_ERROR_DATA, "'%s' is empty (0 bytes).", path);
    VSILFILE *file = VSIFOpenL(path, "rb");
    char *head = lode_alloc(HEAD, 1);
    size_t got = file && head ? VSIFReadL(head, 1, HEAD, file) : 0;
    if (file)
        VSIFCloseL(file);
    size_t strange = 0;
    for (size_t i = 0; i < got; i++) {
        unsigned char c = (unsigned char)head[i];
        strange += c == 0 || (c < 32 && c != '\t' && c != '\n' && c != '\r' && c != '\f');
    }
    bool utf16 = got > 1 && (((unsigned char)head[0] == 0xFF && (unsigned char)head[1] == 0xFE) ||
                             ((unsigned char)head[0] == 0xFE && (unsigned char)head[1] == 0xFF));
    lode_free(head);
    if (utf16)
        return lode_fail(LODE_ERROR_DATA, "'%s' is in UTF-16; save it as CSV in UTF-8.", path);
    if (strange > 0)
        return lode_fail(LODE_ERROR_DATA,
                         "'%s' is not a text table (it holds control characters). If it is a "
                         "spreadsheet, give it its own extension (.xlsx, .ods).",
                         path);
    return LODE_OK;
}

static GDALDatasetH open_vector(const char *path) {
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    if (dataset || !is_text_table(path))
        return dataset;
    char *forced = lode_format("CSV:%s", path);
    if (forced)
        dataset = GDALOpenEx(forced, GDAL_OF_VECTOR, NULL, NULL, NULL);
    lode_free(forced);
    return dataset;
}

static lode_status list_layers(GDALDatasetH dataset, const char *path, const char *wanted) {
    char names[512] = "";
    for (int i = 0; i < GDALDatasetGetLayerCount(dataset); i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "",
                 OGR_L_GetName(GDALDatasetGetLayer(dataset, i)));
    }
    return lode_fail(LODE_ERROR_DATA, "'%s' has no layer '%s'; it has: %s.", path, wanted, names);
}

/* ---- Text ------------------------------------------------------------------------------------ */

/* Hash tables that turn words into numbers; one a column, only while reading. */
typedef struct interner {
    int32_t slots[HASH_SIZE]; /* index + 1, 0 = free */
    bool full;
} interner;

typedef struct reader {
    lode_table *table;
    size_t capacity;
    interner **words;    /* [columns] NULL once there are too many words */
    bool *is_text_field; /* [columns] */
} reader;

/* Number of a word, -1 for an empty one, -2 when the pool is full, -3 without memory. */
static int32_t intern(interner *set, lode_column *column, const char *text) {
    if (!text[0])
        return -1;
    size_t slot = (size_t)(lode_hash(LODE_HASH_START, text, strlen(text)) % HASH_SIZE);
    for (; set->slots[slot]; slot = (slot + 1) % HASH_SIZE)
        if (strcmp(column->pool[set->slots[slot] - 1], text) == 0)
            return set->slots[slot] - 1;
    if (column->pool_count == POOL_MAX)
        return -2;
    column->pool[column->pool_count] = lode_utf8(text);
    if (!column->pool[column->pool_count])
        return -3;
    set->slots[slot] = ++column->pool_count;
    return column->pool_count - 1;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static void drop_words(reader *r, int i) {
    lode_column *column = &r->table->columns[i];
    for (int k = 0; k < column->pool_count; k++)
        lode_free(column->pool[k]);
    lode_free(column->pool);
    lode_free(column->words);
    lode_free(r->words[i]);
    column->pool = NULL;
    column->words = NULL;
    column->pool_count = 0;
    r->words[i] = NULL;
}

static lode_status make_room(reader *r, size_t more) {
    lode_table *table = r->table;
    size_t old = r->capacity;
    double *x = lode_grow(table->x, old, more, sizeof *x);
    if (x)
        table->x = x;
    double *y = lode_grow(table->y, old, more, sizeof *y);
    if (y)
        table->y = y;
    bool good = x && y;
    for (int i = 0; i < table->count && good; i++) {
        lode_column *column = &table->columns[i];
        double *values = lode_grow(column->values, old, more, sizeof *values);
        if (values)
            column->values = values;
        unsigned char *marks = lode_grow(column->marks, old, more, 1);
        if (marks)
            column->marks = marks;
        good = values && marks;
        if (good && r->words[i]) {
            int32_t *words = lode_grow(column->words, old, more, sizeof *words);
            if (words)
                column->words = words;
            good = words;
        }
    }
    if (!good)
        return lode_fail_memory();
    r->capacity = more;
    return LODE_OK;
}

static lode_status take_text(reader *r, int i, const char *text) {
    lode_column *column = &r->table->columns[i];
    size_t row = r->table->rows;
    lode_cell cell = lode_cell_parse(text);
    column->values[row] = cell.value;
    column->marks[row] = (unsigned char)cell.mark;
    column->comma = column->comma || cell.comma;
    column->point = column->point || cell.point;
    if (cell.mark == LODE_MARK_TEXT)
        column->texts++;
    else if (cell.mark != LODE_MARK_MISSING)
        column->numbers++;
    if (!r->words[i])
        return LODE_OK;
    if (cell.point || cell.comma) {
        drop_words(r, i); /* a measurement, not a name */
        return LODE_OK;
    }
    column->words[row] = intern(r->words[i], column, text);
    if (column->words[row] == -3)
        return lode_fail_memory();
    if (column->words[row] == -2)
        drop_words(r, i);
    return LODE_OK;
}

static lode_status take_field(reader *r, OGRFeatureH feature, int i) {
    lode_column *column = &r->table->columns[i];
    size_t row = r->table->rows;
    if (!OGR_F_IsFieldSetAndNotNull(feature, i))
        return take_text(r, i, "");
    if (r->is_text_field[i] || r->words[i])
        return take_text(r, i, OGR_F_GetFieldAsString(feature, i));
    column->values[row] = OGR_F_GetFieldAsDouble(feature, i);
    bool good = isfinite(column->values[row]);
    column->marks[row] = good ? LODE_MARK_VALUE : LODE_MARK_MISSING;
    column->numbers += good;
    return LODE_OK;
}

static lode_status take_feature(reader *r, OGRFeatureH feature) {
    lode_table *table = r->table;
    if (table->rows == r->capacity)
        LODE_TRY(make_room(r, 2 * r->capacity));
    OGRGeometryH shape = OGR_F_GetGeometryRef(feature);
    OGRwkbGeometryType type = shape ? wkbFlatten(OGR_G_GetGeometryType(shape)) : wkbNone;
    if (shape && type == wkbMultiPoint && OGR_G_GetGeometryCount(shape) == 1) {
        shape = OGR_G_GetGeometryRef(shape, 0);
        type = wkbPoint;
    }
    bool point = shape && type == wkbPoint && !OGR_G_IsEmpty(shape);
    table->x[table->rows] = point ? OGR_G_GetX(shape, 0) : NAN;
    table->y[table->rows] = point ? OGR_G_GetY(shape, 0) : NAN;
    table->skipped += !point;
    for (int i = 0; i < table->count; i++)
        LODE_TRY(take_field(r, feature, i));
    table->rows++;
    return LODE_OK;
}

/* Commas and points in one table: possibly a comma that divides thousands. */
static void warn_about_commas(const lode_table *table) {
    const char *comma = NULL, *point = NULL;
    for (int i = 0; i < table->count; i++) {
        const lode_column *column = &table->columns[i];
        if (column->numbers <= column->texts)
            continue;
        comma = column->comma ? column->name : comma;
        point = column->point ? column->name : point;
    }
    if (comma && point)
        lode_log(
            LODE_LOG_WARNING,
            "Column '%s' has numbers with a comma and '%s' numbers with a point; both are read "
            "as decimals.",
            comma, point);
}

static lode_status prepare(reader *r, OGRLayerH layer) {
    lode_table *table = r->table;
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
    table->count = OGR_FD_GetFieldCount(definition);
    size_t count = (size_t)table->count + 1;
    table->columns = lode_alloc(count, sizeof *table->columns);
    r->words = lode_alloc(count, sizeof *r->words);
    r->is_text_field = lode_alloc(count, sizeof *r->is_text_field);
    if (!table->columns || !r->words || !r->is_text_field)
        return lode_fail_memory();
    for (int i = 0; i < table->count; i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, i);
        OGRFieldType type = OGR_Fld_GetType(field);
        table->columns[i].name = lode_utf8(OGR_Fld_GetNameRef(field));
        r->is_text_field[i] = type != OFTReal && type != OFTInteger && type != OFTInteger64;
        if (type != OFTReal) {
            r->words[i] = lode_alloc(1, sizeof **r->words);
            table->columns[i].pool = lode_alloc(POOL_MAX, sizeof *table->columns[i].pool);
        }
        if (!table->columns[i].name ||
            (type != OFTReal && (!r->words[i] || !table->columns[i].pool)))
            return lode_fail_memory();
    }
    return LODE_OK;
}

static lode_status read_crs(lode_table *table, OGRLayerH layer) {
    OGRSpatialReferenceH crs = OGR_L_GetSpatialRef(layer);
    char *wkt = NULL;
    if (crs)
        OSRExportToWkt(crs, &wkt);
    table->crs = lode_strdup(wkt ? wkt : "");
    CPLFree(wkt);
    return table->crs ? LODE_OK : lode_fail_memory();
}

/* Rows to have room for at first: as many as the file says, but a file may say anything of itself.
 */
static size_t first_room(const lode_table *table, GIntBig said) {
    size_t row = 2 * sizeof(double) + (size_t)table->count * (sizeof(double) + 1 + sizeof(int32_t));
    size_t most = BELIEVED / row, least = 1024;
    size_t rows = said < 0 ? 0 : (uint64_t)said < most ? (size_t)said : most;
    return rows > least ? rows : least;
}

static lode_status read_rows(reader *r, OGRLayerH layer, const lode_progress *progress) {
    GIntBig expected = OGR_L_GetFeatureCount(layer, FALSE);
    LODE_TRY(make_room(r, first_room(r->table, expected)));
    OGR_L_ResetReading(layer);
    for (;;) {
        OGRFeatureH feature;
        LODE_TRY(lode_vector_next(layer, "table", r->table->path, &feature));
        if (!feature)
            return LODE_OK;
        lode_status status = take_feature(r, feature);
        OGR_F_Destroy(feature);
        LODE_TRY(status);
        if (r->table->rows % 4096 == 0)
            LODE_TRY(lode_progress_report(
                progress, expected > 0 ? fmin(1, (double)r->table->rows / (double)expected) : 0,
                "Reading"));
    }
}

static lode_status read_layer(GDALDatasetH dataset, const char *wanted, const char *where,
                              const lode_progress *progress, lode_table *table) {
    OGRLayerH layer = wanted ? GDALDatasetGetLayerByName(dataset, wanted) : NULL;
    if (wanted && !layer)
        return list_layers(dataset, table->path, wanted);
    if (!layer && GDALDatasetGetLayerCount(dataset) > 0)
        layer = GDALDatasetGetLayer(dataset, 0);
    if (!layer)
        return lode_fail(LODE_ERROR_DATA, "'%s' has no layers.", table->path);
    table->layer = lode_strdup(OGR_L_GetName(layer));
    if (!wanted && GDALDatasetGetLayerCount(dataset) > 1)
        lode_log(LODE_LOG_WARNING, "'%s' has %d layers; '%s' is read. Choose with --layer.",
                 table->path, GDALDatasetGetLayerCount(dataset), table->layer);
    LODE_TRY(lode_vector_filter(layer, where, "--where", table->path));
    reader r = {.table = table};
    lode_status status = read_crs(table, layer);
    if (status == LODE_OK)
        status = prepare(&r, layer);
    if (status == LODE_OK)
        status = read_rows(&r, layer, progress);
    for (int i = 0; r.words && i < table->count; i++)
        lode_free(r.words[i]);
    lode_free(r.words);
    lode_free(r.is_text_field);
    if (status == LODE_OK && table->rows == 0)
        status = lode_fail(LODE_ERROR_DATA, "'%s' has no rows%s.", table->path,
                           where ? " that meet --where" : "");
    return status;
}

lode_status lode_table_read(const char *name, const char *layer, const char *where,
                            const lode_progress *progress, lode_table **table) {
    char *wanted = NULL;
    lode_table *read = lode_alloc(1, sizeof *read);
    lode_status status = read ? lode_vector_split(name, &read->path, &wanted) : lode_fail_memory();
    if (status == LODE_OK && is_text_table(read->path))
        status = check_text(read->path);
    CPLErrorReset();
    GDALDatasetH dataset = status == LODE_OK ? open_vector(read->path) : NULL;
    if (status == LODE_OK && !dataset)
        status = lode_fail_gdal(LODE_ERROR_IO, "Cannot open the table '%s'.", read->path);
    if (dataset) {
        status = read_layer(dataset, layer ? layer : wanted, where, progress, read);
        GDALClose(dataset);
    }
    lode_free(wanted);
    if (status != LODE_OK) {
        lode_table_free(read);
        return status;
    }
    if (read->skipped == read->rows) {
        lode_free(read->x);
        lode_free(read->y);
        read->x = read->y = NULL;
    }
    warn_about_commas(read);
    *table = read;
    return LODE_OK;
}

void lode_table_free(lode_table *table) {
    if (!table)
        return;
    for (int i = 0; table->columns && i < table->count; i++) {
        lode_column *column = &table->columns[i];
        for (int k = 0; column->pool && k < column->pool_count; k++)
            lode_free(column->pool[k]);
        lode_free(column->pool);
        lode_free(column->words);
        lode_free(column->values);
        lode_free(column->marks);
        lode_free(column->name);
    }
    lode_free(table->columns);
    lode_free(table->x);
    lode_free(table->y);
    lode_free(table->crs);
    lode_free(table->layer);
    lode_free(table->path);
    lode_free(table);
}

int lode_table_find(const lode_table *table, const char *name) {
    for (int i = 0; i < table->count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return i;
    for (int i = 0; i < table->count; i++)
        if (strcasecmp(table->columns[i].name, name) == 0)
            return i;
    return -1;
}

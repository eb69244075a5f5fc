/* table.h - a point table as it lies in a file: columns of cells, coordinates, CRS. */
#ifndef LODE_SAMPLES_TABLE_H
#define LODE_SAMPLES_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "samples/cell.h"
#include "util/progress.h"

/* A column is kept as numbers (value and mark for every row), and as words when it has few enough
 * different ones to be a grouping (laboratory, report). */
typedef struct lode_column {
    char *name;
    double *values;         /* [rows] */
    unsigned char *marks;   /* [rows] lode_mark */
    int32_t *words;         /* [rows] index into pool, -1 for an empty cell; NULL when there are too
                               many different words or numbers with decimals */
    char **pool;
    int pool_count;
    size_t numbers, texts;  /* cells that are numbers (with < and >), and words */
    bool comma, point;
} lode_column;

typedef struct lode_table {
    char *path, *layer;
    size_t rows;
    lode_column *columns;
    int count;
    double *x, *y;      /* [rows] from point geometries; NULL without */
    char *crs;          /* WKT of the geometries; "" when unknown */
    size_t skipped;     /* features whose geometry is empty or no point */
} lode_table;

/* Reads a whole layer: "dataset" or "dataset|layername=NAME", any vector format of GDAL; tables in
 * text with , ; tab, decimal comma, byte order mark, Latin-1. layer may be NULL. */
lode_status lode_table_read(const char *name, const char *layer, const char *where,
                            const lode_progress *progress, lode_table **table);
void lode_table_free(lode_table *table);
/* Index of the column called name (exactly, else in any case), -1 when there is none. */
int lode_table_find(const lode_table *table, const char *name);

#endif

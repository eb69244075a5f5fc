/* lode_view.h - what a LODE dataset shows: a model, a stack, and a choice of bands.
 *
 * Two ways to say it. A .lodeview file, with paths relative to itself:
 *   <LODEDataset version="1">
 *     <Model>model.lode</Model>
 *     <Stack>stack.tif</Stack>            one or more; any name GDAL can open
 *     <Bands>score,uncertainty</Bands>    optional
 *     <MinValid>0.5</MinValid>            optional
 *   </LODEDataset>
 * Or a connection string:
 *   LODE:"name.lodeview":embedding
 *   LODE:"model.lode":"stack.tif"[:"more.tif"...][:score,uncertainty] */
#ifndef LODE_VIEW_H
#define LODE_VIEW_H

#include <stdbool.h>

#include <cpl_port.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The default of MIN_VALID, here and in `lode predict`. */
#define LODE_DEFAULT_MIN_VALID 0

typedef struct lode_view {
    char *file;       /* the .lodeview; NULL for a connection string that names a model */
    char *model;      /* resolved names, as GDAL opens them */
    char **stack;     /* string list */
    char *bands;      /* comma list of band groups; NULL = the model's own choice */
    double min_valid; /* share of window cells that must have data, 0..1 */
    int threads;      /* 0 = all processors */
    int block;        /* side of a block in cells; 0 = chosen from the number of bands */
    bool spill;       /* keep finished blocks in a temporary file where GDAL's cache is too small */
    bool altered; /* not what the file alone says: its side files (.aux.xml, .ovr) do not apply */
} lode_view;

/* Do these first bytes of a file begin a LODEDataset document? Strict: the root element decides. */
bool lode_view_is_document(const char *header, int size);
/* Does the name have the form of a connection string? */
bool lode_view_is_connection(const char *name);

/* Reads the description and applies open options; false after CPLError. Release in any case. */
bool lode_view_load(const char *name, CSLConstList options, lode_view *view);
void lode_view_release(lode_view *view);

#ifdef __cplusplus
}
#endif
#endif

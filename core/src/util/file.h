/* file.h - whole files through GDAL's VSI layer, written beside the final name and renamed. */
#ifndef LODE_UTIL_FILE_H
#define LODE_UTIL_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "lode/lode.h"

/* Reads a whole file of at most `limit` bytes; the caller frees *bytes with lode_free. A zero byte
 * that *size does not count follows the content. */
lode_status lode_file_read(const char *path, size_t limit, char **bytes, size_t *size);
/* Writes beside path, syncs and renames. */
lode_status lode_file_write(const char *path, const void *bytes, size_t size);
/* A name in the same folder to write to before the rename: "out.tif" -> "out.part-1234.tif" (the
 * extension stays last because drivers look at it). The caller frees it. */
char *lode_file_beside(const char *path);
/* Syncs `beside` and renames it to path, removing what GDAL kept beside a replaced raster
 * (.aux.xml, .ovr); on failure deletes it. */
lode_status lode_file_rename(const char *beside, const char *path);
/* Lets the system write to disk what a file holds so far, without waiting: the sync of a large file
 * at its end then waits for little. */
void lode_file_begin_sync(const char *path);
bool lode_file_exists(const char *path);
/* Fails with a clear message when the folder of path is missing or not writable. Tasks call this
 * for every output before the long work starts. */
lode_status lode_file_check_output(const char *path);
/* Makes the folder when it does not exist (its parent must) and checks that files can be written in
 * it. *made tells whether it is new, so that a failed task can remove it. */
lode_status lode_file_make_folder(const char *folder, bool *made);
/* Path of `target` as seen from the folder of file `from`; absolute when there is no short way. The
 * caller frees it. */
char *lode_file_relative(const char *target, const char *from);
/* Folder + "/" + name; the caller frees it. */
char *lode_file_join(const char *folder, const char *name);

#endif

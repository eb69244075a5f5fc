/* writer.h - writes a GeoTIFF beside its final name and renames it when it is complete, so that a
 * failure or a kill never leaves half a file. */
#ifndef LODE_RASTER_WRITER_H
#define LODE_RASTER_WRITER_H

#include "raster/stack.h"

typedef struct lode_writer lode_writer;

/* Names of compressions for a task's `choices`, and their labels. */
#define LODE_WRITER_COMPRESSIONS "zstd,deflate,none"
#define LODE_WRITER_COMPRESSION_LABELS "Zstandard|Deflate|None"

typedef struct lode_writer_options {
    int threads;          /* that compute what is written, and may be used to compress; 0 is 1 */
    const char *compress; /* one of the above; NULL is zstd, or deflate where GDAL lacks that */
} lode_writer_options;

/* Creates a tiled Float32 GeoTIFF on grid with nodata LODE_NODATA. names has count band
 * descriptions. path must end in .tif or .tiff. options NULL: the defaults. */
lode_status lode_writer_open_with(const char *path, const lode_grid *grid, const char *const *names,
                                  int count, const lode_writer_options *options,
                                  lode_writer **writer);
lode_status lode_writer_open(const char *path, const lode_grid *grid, const char *const *names,
                             int count, lode_writer **writer);
/* GDAL's name of the compression that `compress` stands for: "ZSTD", "DEFLATE", "NONE". */
const char *lode_writer_compression(const char *compress);
/* Dataset metadata item in the default domain, or in `domain`. */
lode_status lode_writer_describe(lode_writer *writer, const char *domain, const char *key,
                                 const char *value);
lode_status lode_writer_describe_band(lode_writer *writer, int band, const char *key,
                                      const char *value);
/* Writes one plane of height x width per band, band after band. Safe from several threads. */
lode_status lode_writer_write(lode_writer *writer, int x, int y, int width, int height,
                              const float *planes);
/* The same without waiting while another thread writes: that one then writes this tile too, when it
 * is done with its own, and fails if that fails. planes: from lode_room, of *size bytes; when they
 * were left, other memory, or none, takes their place. */
lode_status lode_writer_hand_over(lode_writer *writer, int x, int y, int width, int height,
                                  void **planes, size_t *size);
/* Closes, syncs and renames. The writer is gone afterwards, whatever is returned. */
lode_status lode_writer_commit(lode_writer *writer);
/* False when the GeoTIFF `path`, just closed, lacks a block or a block lies behind the file's end.
 * GDAL keeps the last bytes until it closes a file, and some versions (3.10) then say nothing of a
 * full disk. */
bool lode_writer_whole(const char *path);
/* Deletes what was written. NULL is fine. */
void lode_writer_abandon(lode_writer *writer);

#endif

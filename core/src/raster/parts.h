/* parts.h - a raster computed in square parts, so that several processes can share it and a stopped
 * job continues: OUT.tif or OUT.vrt is made of OUT_parts/part_ROW_COLUMN.tif.
 *
 * A part is complete or absent (raster/writer.h). It carries the fingerprint of all that decides
 * its values; one with another fingerprint is computed anew. How the raster is cut depends on its
 * size only, so a job may continue with another number of processes. */
#ifndef LODE_RASTER_PARTS_H
#define LODE_RASTER_PARTS_H

#include "cluster/cluster.h"
#include "raster/writer.h"

/* Cells of the grid. */
typedef struct lode_window {
    int x, y, width, height;
} lode_window;

typedef struct lode_parts {
    const char *path; /* of the whole raster */
    const lode_grid *grid;
    const char *const *names; /* band descriptions */
    int count;
    lode_writer_options write;
    char fingerprint[65]; /* rank 0's counts */
    /* This process computes only the parts k with k % share_of == share; 1 = all. */
    int share, share_of;
    /* Dataset and band metadata, for every part and the whole; may be NULL. */
    lode_status (*describe)(void *context, lode_writer *writer);
    /* Computes a window and writes it with its first cell at (0, 0). */
    lode_status (*fill)(void *context, const lode_window *window, lode_writer *writer,
                        const lode_progress *progress);
    void *context;
} lode_parts;

/* Side of the blocks of the GeoTIFFs; parts begin and end at multiples of it. */
enum { LODE_PARTS_BLOCK = 256 };

/* Computes the parts that are not there. All processes of the cluster call it and return when all
 * parts are there (or, with a share, its parts). */
lode_status lode_parts_compute(lode_parts *parts, const lode_cluster *cluster,
                               const lode_progress *progress);

/* What follows is for rank 0. Writes path, a VRT that refers to the parts. */
lode_status lode_parts_to_vrt(const lode_parts *parts);
/* Writes path, one GeoTIFF as lode_writer writes it. */
lode_status lode_parts_to_raster(const lode_parts *parts, const lode_progress *progress);
/* Writes path, one Cloud Optimized GeoTIFF; deflate is its default, which browsers read too. */
lode_status lode_parts_to_cog(const lode_parts *parts, const lode_progress *progress);

/* Hands every block to fn: planes[count][height][width], with at most LODE_PARTS_BLOCK cells a
 * side, part by part. */
typedef lode_status (*lode_parts_fn)(void *context, const lode_window *window, const float *planes);
lode_status lode_parts_each(const lode_parts *parts, lode_parts_fn fn, void *context,
                            const lode_progress *progress);
/* Deletes the parts and their folder. */
void lode_parts_remove(const lode_parts *parts);

#endif

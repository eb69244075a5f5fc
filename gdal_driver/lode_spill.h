/* lode_spill.h - finished blocks kept in a temporary file, where GDAL's block cache cannot hold
 * them.
 *
 * GDAL's cache is a twentieth of the memory, and many programs go over a raster more than once: a
 * COG makes its overviews first, statistics and masks are made band by band, a VRT reads one band
 * of 64 after another. What the cache has dropped would be evaluated again; reading it back costs a
 * hundredth of that. The file has no name (it is deleted as soon as it is made), so it is gone when
 * the dataset is closed or the process dies, and the system holds in memory what it can of it.
 *
 * For the one thread that uses the dataset. */
#ifndef LODE_SPILL_H
#define LODE_SPILL_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lode_spill lode_spill;

/* For `blocks` blocks of at most block_values values each. The folder is CPL_TMPDIR or TMPDIR, else
 * /var/tmp (in memory, where /tmp often lies, the file would defeat its purpose). NULL, with a
 * debugging message only, when the folder does not have twice the room for all blocks. */
lode_spill *lode_spill_create(size_t blocks, size_t block_values);
void lode_spill_free(lode_spill *spill);

/* Keeps the values of a block; false when it could not, which is no error. */
bool lode_spill_put(lode_spill *spill, size_t block, const float *values, size_t count);
bool lode_spill_has(const lode_spill *spill, size_t block);
/* Reads count values of a kept block, beginning with its value number `from`; false after CPLError.
 */
bool lode_spill_get(const lode_spill *spill, size_t block, size_t from, size_t count,
                    float *values);

#ifdef __cplusplus
}
#endif
#endif

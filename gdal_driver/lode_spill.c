#include "lode_spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_vsi.h>

struct lode_spill {
    int file;
    size_t block_values; /* room for one block in the file */
    bool *kept;          /* [blocks] */
    bool full;           /* a write failed; what is there stays readable */
};

/* A file without a name in the folder for temporary files; -1 where it lacks the room. */
static int open_nameless(double bytes) {
    const char *folder = CPLGetConfigOption("CPL_TMPDIR", CPLGetConfigOption("TMPDIR", "/var/tmp"));
    struct statvfs space;
    struct rlimit largest; /* writing past it would end the process */
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/lode-XXXXXX", folder);
    if (length >= (int)sizeof path || statvfs(folder, &space) != 0 ||
        (double)space.f_bavail * (double)space.f_frsize < 2 * bytes ||
        getrlimit(RLIMIT_FSIZE, &largest) != 0 ||
        (largest.rlim_cur != RLIM_INFINITY && (double)largest.rlim_cur < bytes)) {
        CPLDebug("LODE", "no room for %.0f MB of finished blocks in '%s'", bytes / 1e6, folder);
        return -1;
    }
    int file = mkostemp(path, O_CLOEXEC);
    if (file < 0)
        CPLDebug("LODE", "cannot make '%s': %s", path, strerror(errno));
    else
        unlink(path);
    return file;
}

lode_spill *lode_spill_create(size_t blocks, size_t block_values) {
    int file = open_nameless((double)blocks * (double)block_values * sizeof(float));
    if (file < 0)
        return NULL;
    lode_spill *spill = VSICalloc(1, sizeof *spill);
    bool *kept = VSICalloc(blocks, sizeof *kept);
    if (!spill || !kept) {
        VSIFree(spill);
        VSIFree(kept);
        close(file);
        return NULL;
    }
    *spill = (lode_spill){file, block_values, kept, false};
    return spill;
}

void lode_spill_free(lode_spill *spill) {
    if (!spill)
        return;
    close(spill->file);
    VSIFree(spill->kept);
    VSIFree(spill);
}

static off_t place(const lode_spill *spill, size_t block, size_t from) {
    return ((off_t)block * (off_t)spill->block_values + (off_t)from) * (off_t)sizeof(float);
}

bool lode_spill_put(lode_spill *spill, size_t block, const float *values, size_t count) {
    const char *at = (const char *)values;
    size_t left = count * sizeof *values;
    off_t to = place(spill, block, 0);
    while (left > 0 && !spill->full) {
        ssize_t written = pwrite(spill->file, at, left, to);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            CPLDebug("LODE", "finished blocks are no longer kept: %s", strerror(errno));
            spill->full = true;
            break;
        }
        at += written;
        to += written;
        left -= (size_t)written;
    }
    spill->kept[block] = left == 0;
    return spill->kept[block];
}

bool lode_spill_has(const lode_spill *spill, size_t block) {
    return spill->kept[block];
}

bool lode_spill_get(const lode_spill *spill, size_t block, size_t from, size_t count,
                    float *values) {
    char *at = (char *)values;
    size_t left = count * sizeof *values;
    off_t start = place(spill, block, from);
    while (left > 0) {
        ssize_t size = pread(spill->file, at, left, start);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0) {
            CPLError(CE_Failure, CPLE_FileIO,
                     "LODE: cannot read back finished blocks from the folder for temporary files: "
                     "%s. The open option SPILL=NO works without it.",
                     size < 0 ? strerror(errno) : "the file ends early");
            return false;
        }
        at += size;
        start += size;
        left -= (size_t)size;
    }
    return true;
}

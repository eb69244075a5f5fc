#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "util/error.h"
#include "util/memory.h"

static bool is_virtual(const char *path) {
    return strncmp(path, "/vsi", 4) == 0;
}

static lode_status read_open(VSILFILE *file, const char *path, size_t limit, char **bytes,
                             size_t *size) {
    if (VSIFSeekL(file, 0, SEEK_END) != 0)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot read '%s'.", path);
    vsi_l_offset length = VSIFTellL(file);
    if (length > limit)
        return lode_fail(LODE_ERROR_DATA, "'%s' is too large (%llu bytes; at most %zu are read).",
                         path, (unsigned long long)length, limit);
    VSIRewindL(file);
    char *content = lode_alloc((size_t)length + 1, 1);
    if (!content)
        return lode_fail_memory();
    if (VSIFReadL(content, 1, (size_t)length, file) != length) {
        lode_free(content);
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot read '%s' to its end.", path);
    }
    *bytes = content;
    *size = (size_t)length;
    return LODE_OK;
}

lode_status lode_file_read(const char *path, size_t limit, char **bytes, size_t *size) {
    VSIStatBufL info;
    if (VSIStatL(path, &info) != 0)
        return lode_fail(LODE_ERROR_IO, "There is no file '%s'.", path);
    if (VSI_ISDIR(info.st_mode))
        return lode_fail(LODE_ERROR_IO, "'%s' is a folder, not a file.", path);
    CPLErrorReset();
    VSILFILE *file = VSIFOpenL(path, "rb");
    if (!file)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot open '%s'.", path);
    lode_status status = read_open(file, path, limit, bytes, size);
    VSIFCloseL(file);
    return status;
}

char *lode_file_beside(const char *path) {
    static atomic_uint serial;
    char tag[64];
    snprintf(tag, sizeof tag, "part-%ld-%u", (long)getpid(), atomic_fetch_add(&serial, 1));
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(path, '.');
    if (!dot || (slash && dot < slash))
        return lode_format("%s.%s", path, tag);
    return lode_format("%.*s.%s%s", (int)(dot - path), path, tag, dot);
}

/* False, with errno set, when the disk did not take what was written. */
static bool sync_path(const char *path) {
    int handle = open(path, O_RDONLY | O_CLOEXEC);
    if (handle < 0)
        return false;
    bool good = fsync(handle) == 0;
    int reason = errno;
    close(handle);
    errno = reason;
    return good;
}

void lode_file_begin_sync(const char *path) {
#if defined(__linux__)
    int handle = is_virtual(path) ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (handle < 0)
        return;
    sync_file_range(handle, 0, 0, SYNC_FILE_RANGE_WRITE); /* 0 bytes: up to the end */
    close(handle);
#else
    (void)path;
#endif
}

/* Statistics and overviews that GDAL keeps beside a raster belong to the file that is replaced. */
static void remove_stale_sidecars(const char *path) {
    static const char *const endings[] = {".aux.xml", ".ovr"};
    for (int i = 0; i < 2; i++) {
        const char *side = CPLSPrintf("%s%s", path, endings[i]); /* even without memory of ours */
        if (lode_file_exists(side))
            VSIUnlink(side);
    }
}

lode_status lode_file_rename(const char *beside, const char *path) {
    bool synced = is_virtual(beside) || sync_path(beside);
    if (!synced || VSIRename(beside, path) != 0) {
        int reason = errno;
        VSIUnlink(beside);
        return lode_fail(LODE_ERROR_IO, "Cannot write '%s': %s.", path, strerror(reason));
    }
    remove_stale_sidecars(path);
    /* Not every file system can sync a folder; the content is safe already. */
    if (!is_virtual(path))
        sync_path(CPLGetDirname(path));
    return LODE_OK;
}

lode_status lode_file_write(const char *path, const void *bytes, size_t size) {
    LODE_TRY(lode_file_check_output(path));
    char *beside = lode_file_beside(path);
    if (!beside)
        return lode_fail_memory();
    CPLErrorReset();
    errno = 0;
    VSILFILE *file = VSIFOpenL(beside, "wb");
    lode_status status = LODE_OK;
    if (!file)
        status = lode_fail(LODE_ERROR_IO, "Cannot write '%s': %s.", path, strerror(errno));
    bool complete = file && VSIFWriteL(bytes, 1, size, file) == size;
    if (file && VSIFCloseL(file) != 0)
        complete = false;
    if (status == LODE_OK && !complete) {
        int reason = errno;
        VSIUnlink(beside);
        status = lode_fail(LODE_ERROR_IO, "Cannot write '%s': %s.", path,
                           reason ? strerror(reason) : "the disk may be full");
    }
    if (status == LODE_OK)
        status = lode_file_rename(beside, path);
    lode_free(beside);
    return status;
}

bool lode_file_exists(const char *path) {
    VSIStatBufL info;
    return VSIStatExL(path, &info, VSI_STAT_EXISTS_FLAG) == 0;
}

lode_status lode_file_check_output(const char *path) {
    if (!path || !path[0])
        return lode_fail(LODE_ERROR_USAGE, "No name is given for the output file.");
    if (is_virtual(path))
        return LODE_OK;
    VSIStatBufL info;
    const char *folder = CPLGetDirname(path);
    if (VSIStatL(folder, &info) != 0 || !VSI_ISDIR(info.st_mode))
        return lode_fail(LODE_ERROR_IO, "Cannot write '%s': there is no folder '%s'.", path,
                         folder);
    if (access(folder, W_OK) != 0)
        return lode_fail(LODE_ERROR_IO, "Cannot write '%s': the folder '%s' is not writable.", path,
                         folder);
    if (VSIStatL(path, &info) == 0 && VSI_ISDIR(info.st_mode))
        return lode_fail(LODE_ERROR_IO, "Cannot write '%s': a folder of that name exists.", path);
    /* A rename would put a plain file in the place of /dev/null. */
    if (VSIStatL(path, &info) == 0 && !VSI_ISREG(info.st_mode))
        return lode_fail(LODE_ERROR_IO, "Cannot write '%s': it is a device or a pipe.", path);
    return LODE_OK;
}

lode_status lode_file_make_folder(const char *folder, bool *made) {
    VSIStatBufL info;
    *made = false;
    if (VSIStatL(folder, &info) == 0) {
        if (!VSI_ISDIR(info.st_mode))
            return lode_fail(LODE_ERROR_IO, "'%s' is a file; name a folder for the results.",
                             folder);
        if (!is_virtual(folder) && access(folder, W_OK) != 0)
            return lode_fail(LODE_ERROR_IO, "The folder '%s' is not writable.", folder);
        return LODE_OK;
    }
    errno = 0;
    if (VSIMkdir(folder, 0777) != 0)
        return lode_fail(LODE_ERROR_IO, "Cannot make the folder '%s': %s.", folder,
                         errno ? strerror(errno) : "its parent may be missing");
    *made = true;
    return LODE_OK;
}

/* Absolute form of a plain path; names with a scheme or /vsi stay as they are. */
static char *absolute(const char *path) {
    if (path[0] == '/' || strchr(path, ':'))
        return lode_strdup(path);
    char *folder = CPLGetCurrentDir();
    char *full = folder ? lode_format("%s/%s", folder, path) : lode_strdup(path);
    CPLFree(folder);
    return full;
}

char *lode_file_relative(const char *target, const char *from) {
    char *full_target = absolute(target), *full_from = absolute(from);
    char *result = NULL;
    if (full_target && full_from) {
        char *slash = strrchr(full_from, '/');
        size_t length = slash ? (size_t)(slash - full_from) + 1 : 0;
        bool below = length > 0 && strncmp(full_target, full_from, length) == 0;
        result = lode_strdup(below ? full_target + length : full_target);
        if (result && !below && length > 1) {
            /* One level up covers the usual project layout (models/ beside data/). */
            *slash = '\0';
            char *parent = strrchr(full_from, '/');
            size_t up = parent ? (size_t)(parent - full_from) + 1 : 0;
            if (up > 1 && strncmp(full_target, full_from, up) == 0) {
                lode_free(result);
                result = lode_format("../%s", full_target + up);
            }
        }
    }
    lode_free(full_target);
    lode_free(full_from);
    return result;
}

char *lode_file_join(const char *folder, const char *name) {
    size_t length = strlen(folder);
    return lode_format("%s%s%s", folder, length && folder[length - 1] == '/' ? "" : "/", name);
}

#include "raster/writer.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>

#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

typedef struct area {
    int x, y, width, height;
} area;

/* A tile that another thread than its own writes. */
typedef struct parcel {
    area at;
    void *planes; /* NULL: none */
    size_t size;  /* bytes of planes */
} parcel;

struct lode_writer {
    GDALDatasetH dataset;
    char *path, *beside;
    int bands;
    size_t unsynced; /* bytes of values since the system was last asked to write them to disk */
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t changed;
    bool writing;          /* some thread; the dataset is its own */
    parcel waiting, spare; /* to be written next; memory of the last that was, for the next */
};

/* Beside deflate of level 1, zstd of level 1 writes scores and embeddings in half the time, reads
 * them in half the time, and the files are 2 % smaller. */
const char *lode_writer_compression(const char *compress) {
    GDALDriverH driver = GDALGetDriverByName("GTiff");
    const char *offered =
        driver ? GDALGetMetadataItem(driver, GDAL_DMD_CREATIONOPTIONLIST, NULL) : NULL;
    if (compress && EQUAL(compress, "none"))
        return "NONE";
    if ((compress && EQUAL(compress, "deflate")) || !offered || !strstr(offered, "ZSTD"))
        return "DEFLATE";
    return "ZSTD";
}

static char **compress_options(char **options, const char *compression) {
    options = CSLSetNameValue(options, "COMPRESS", compression);
    if (EQUAL(compression, "NONE"))
        return options;
    options = CSLSetNameValue(options, EQUAL(compression, "ZSTD") ? "ZSTD_LEVEL" : "ZLEVEL", "1");
    return CSLSetNameValue(options, "PREDICTOR", "3");
}

/* Threads of GDAL's. They take a twentieth more of the processor than the thread that writes would:
 * a TIFF in memory for every block. With zstd one of two threads can write all of a map while the
 * other computes; deflate takes longer. */
static int compressing_threads(const lode_writer_options *how) {
    bool slow = EQUAL(lode_writer_compression(how->compress), "DEFLATE");
    return how->threads > 2 || slow ? how->threads : 1;
}

static lode_status create(lode_writer *writer, const lode_grid *grid, const char *const *names,
                          int count, const lode_writer_options *how) {
    GDALDriverH driver = GDALGetDriverByName("GTiff");
    char **options = CSLSetNameValue(NULL, "TILED", "YES");
    options = compress_options(options, lode_writer_compression(how->compress));
    options = CSLSetNameValue(options, "BIGTIFF", "IF_SAFER");
    options = CSLSetNameValue(options, "INTERLEAVE", "BAND");
    int threads = compressing_threads(how);
    if (threads > 1)
        options = CSLSetNameValue(options, "NUM_THREADS", CPLSPrintf("%d", threads));
    CPLErrorReset();
    writer->dataset =
        GDALCreate(driver, writer->beside, grid->width, grid->height, count, GDT_Float32, options);
    CSLDestroy(options);
    if (!writer->dataset)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot write '%s'.", writer->path);
    double transform[6];
    memcpy(transform, grid->transform, sizeof transform);
    GDALSetGeoTransform(writer->dataset, transform);
    if (grid->crs && grid->crs[0])
        GDALSetProjection(writer->dataset, grid->crs);
    for (int i = 0; i < count; i++) {
        GDALRasterBandH band = GDALGetRasterBand(writer->dataset, i + 1);
        GDALSetDescription(band, names[i]);
        GDALSetRasterNoDataValue(band, LODE_NODATA);
    }
    return LODE_OK;
}

lode_status lode_writer_open(const char *path, const lode_grid *grid, const char *const *names,
                             int count, lode_writer **writer) {
    return lode_writer_open_with(path, grid, names, count, NULL, writer);
}

lode_status lode_writer_open_with(const char *path, const lode_grid *grid, const char *const *names,
                                  int count, const lode_writer_options *options,
                                  lode_writer **writer) {
    static const lode_writer_options defaults = {0};
    const char *extension = CPLGetExtension(path);
    if (!EQUAL(extension, "tif") && !EQUAL(extension, "tiff"))
        return lode_fail(LODE_ERROR_USAGE,
                         "'%s': rasters are written as GeoTIFF; end the name in "
                         ".tif.",
                         path);
    LODE_TRY(lode_file_check_output(path));
    lode_writer *made = lode_alloc(1, sizeof *made);
    if (!made)
        return lode_fail_memory();
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->changed, NULL);
    made->bands = count;
    made->path = lode_strdup(path);
    made->beside = lode_file_beside(path);
    lode_status status = made->path && made->beside
                             ? create(made, grid, names, count, options ? options : &defaults)
                             : lode_fail_memory();
    if (status != LODE_OK) {
        lode_writer_abandon(made);
        return status;
    }
    *writer = made;
    return LODE_OK;
}

lode_status lode_writer_describe(lode_writer *writer, const char *domain, const char *key,
                                 const char *value) {
    if (GDALSetMetadataItem(writer->dataset, key, value, domain) != CE_None)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot write metadata to '%s'.", writer->path);
    return LODE_OK;
}

lode_status lode_writer_describe_band(lode_writer *writer, int band, const char *key,
                                      const char *value) {
    if (GDALSetMetadataItem(GDALGetRasterBand(writer->dataset, band + 1), key, value, NULL) !=
        CE_None)
        return lode_fail_gdal(LODE_ERROR_IO, "Cannot write metadata to '%s'.", writer->path);
    return LODE_OK;
}

/* ---- Writing ---- */

enum {
    BLOCK = 256,          /* side of GDAL's blocks of a tiled GeoTIFF */
    SYNC_BYTES = 64 << 20 /* of values; the disk writes while the next are computed */
};

/* True for a block of the file, or what the raster's edge leaves of it. */
static bool is_block(const lode_writer *writer, area at) {
    int width = GDALGetRasterXSize(writer->dataset), height = GDALGetRasterYSize(writer->dataset);
    return at.x % BLOCK == 0 && at.y % BLOCK == 0 &&
           at.width == (width - at.x < BLOCK ? width - at.x : BLOCK) &&
           at.height == (height - at.y < BLOCK ? height - at.y : BLOCK);
}

static lode_status fail_to_write(const lode_writer *writer) {
    return lode_fail_gdal(LODE_ERROR_IO, "Cannot write '%s'; is the disk full?", writer->path);
}

/* Whole blocks go straight to the file: they neither fill GDAL's cache nor wait in it to be written
 * by whichever thread next needs room there. */
static lode_status write_blocks(const lode_writer *writer, area at, const float *planes) {
    bool whole = at.width == BLOCK && at.height == BLOCK;
    size_t cells = (size_t)at.width * (size_t)at.height;
    float *padded = whole ? NULL : lode_alloc((size_t)BLOCK * BLOCK, sizeof *padded);
    if (!whole && !padded)
        return lode_fail_memory();
    CPLErr error = CE_None;
    for (int band = 0; band < writer->bands && error == CE_None; band++, planes += cells) {
        for (int row = 0; !whole && row < at.height; row++)
            memcpy(padded + (size_t)row * BLOCK, planes + (size_t)row * (size_t)at.width,
                   (size_t)at.width * sizeof *planes);
        error = GDALWriteBlock(GDALGetRasterBand(writer->dataset, band + 1), at.x / BLOCK,
                               at.y / BLOCK, whole ? (void *)planes : padded);
    }
    lode_free(padded);
    return error == CE_None ? LODE_OK : fail_to_write(writer);
}

static lode_status write_area(lode_writer *writer, area at, const float *planes) {
    lode_status status = LODE_OK;
    CPLErrorReset();
    if (is_block(writer, at))
        status = write_blocks(writer, at, planes);
    else if (GDALDatasetRasterIO(writer->dataset, GF_Write, at.x, at.y, at.width, at.height,
                                 (void *)planes, at.width, at.height, GDT_Float32, writer->bands,
                                 NULL, 0, 0, 0) != CE_None)
        status = fail_to_write(writer);
    writer->unsynced +=
        (size_t)at.width * (size_t)at.height * (size_t)writer->bands * sizeof *planes;
    if (writer->unsynced >= SYNC_BYTES) {
        writer->unsynced = 0;
        lode_file_begin_sync(writer->beside);
    }
    return status;
}

/* Ends this thread's turn unless a tile waits, which it takes. */
static bool take_waiting(lode_writer *writer, lode_status status, parcel *taken) {
    pthread_mutex_lock(&writer->mutex);
    *taken = status == LODE_OK ? writer->waiting : (parcel){0};
    if (taken->planes)
        writer->waiting = (parcel){0};
    else
        writer->writing = false;
    pthread_cond_broadcast(&writer->changed);
    pthread_mutex_unlock(&writer->mutex);
    return taken->planes != NULL;
}

static void keep_spare(lode_writer *writer, parcel *used) {
    pthread_mutex_lock(&writer->mutex);
    void *other = writer->spare.planes;
    writer->spare = *used;
    pthread_mutex_unlock(&writer->mutex);
    lode_free(other);
}

/* Of the thread whose turn it is: its own tile, and those that others have left meanwhile. */
static lode_status write_in_turn(lode_writer *writer, area at, const float *planes) {
    lode_status status = write_area(writer, at, planes);
    parcel next;
    while (take_waiting(writer, status, &next)) {
        status = write_area(writer, next.at, next.planes);
        keep_spare(writer, &next);
    }
    return status;
}

lode_status lode_writer_write(lode_writer *writer, int x, int y, int width, int height,
                              const float *planes) {
    pthread_mutex_lock(&writer->mutex);
    while (writer->writing)
        pthread_cond_wait(&writer->changed, &writer->mutex);
    writer->writing = true;
    pthread_mutex_unlock(&writer->mutex);
    return write_in_turn(writer, (area){x, y, width, height}, planes);
}

/* True: left to the thread that is writing. False: it is the caller's turn. */
static bool leave(lode_writer *writer, parcel *own) {
    pthread_mutex_lock(&writer->mutex);
    while (writer->writing && writer->waiting.planes)
        pthread_cond_wait(&writer->changed, &writer->mutex);
    bool left = writer->writing;
    writer->writing = true;
    if (left) {
        writer->waiting = *own;
        *own = writer->spare;
        writer->spare = (parcel){0};
    }
    pthread_mutex_unlock(&writer->mutex);
    return left;
}

lode_status lode_writer_hand_over(lode_writer *writer, int x, int y, int width, int height,
                                  void **planes, size_t *size) {
    parcel own = {{x, y, width, height}, *planes, *size};
    if (!leave(writer, &own))
        return write_in_turn(writer, own.at, own.planes);
    *planes = own.planes;
    *size = own.size;
    return LODE_OK;
}

static void release(lode_writer *writer) {
    pthread_mutex_destroy(&writer->mutex);
    pthread_cond_destroy(&writer->changed);
    lode_free(writer->waiting.planes);
    lode_free(writer->spare.planes);
    lode_free(writer->path);
    lode_free(writer->beside);
    lode_free(writer);
}

/* Bytes up to the end of a block; more than any file has when it was not written. */
static uint64_t block_end(GDALRasterBandH band, int x, int y) {
    char item[64];
    snprintf(item, sizeof item, "BLOCK_OFFSET_%d_%d", x, y);
    const char *text = GDALGetMetadataItem(band, item, "TIFF");
    if (!text)
        return UINT64_MAX;
    uint64_t offset = strtoull(text, NULL, 10);
    snprintf(item, sizeof item, "BLOCK_SIZE_%d_%d", x, y);
    text = GDALGetMetadataItem(band, item, "TIFF");
    return text ? offset + strtoull(text, NULL, 10) : UINT64_MAX;
}

static bool band_whole(GDALRasterBandH band, uint64_t file_size) {
    int wide, tall;
    GDALGetBlockSize(band, &wide, &tall);
    int across = (GDALGetRasterBandXSize(band) - 1) / wide + 1;
    int down = (GDALGetRasterBandYSize(band) - 1) / tall + 1;
    for (int y = 0; y < down; y++)
        for (int x = 0; x < across; x++)
            if (block_end(band, x, y) > file_size)
                return false;
    return true;
}

bool lode_writer_whole(const char *path) {
    static const char *const drivers[] = {"GTiff", NULL};
    VSIStatBufL info;
    if (VSIStatL(path, &info) != 0)
        return false;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_RASTER, drivers, NULL, NULL);
    CPLPopErrorHandler();
    bool whole = dataset != NULL;
    for (int i = 1; whole && i <= GDALGetRasterCount(dataset); i++)
        whole = band_whole(GDALGetRasterBand(dataset, i), (uint64_t)info.st_size);
    if (dataset)
        GDALClose(dataset);
    return whole;
}

lode_status lode_writer_commit(lode_writer *writer) {
    /* GDAL reports a full disk at close through its error state only, if at all. */
    CPLErrorReset();
    GDALFlushCache(writer->dataset);
    bool failed = CPLGetLastErrorType() >= CE_Failure;
    GDALClose(writer->dataset);
    writer->dataset = NULL;
    failed = failed || CPLGetLastErrorType() >= CE_Failure || !lode_writer_whole(writer->beside);
    lode_status status;
    if (failed) {
        status = fail_to_write(writer);
        VSIUnlink(writer->beside);
    } else {
        status = lode_file_rename(writer->beside, writer->path);
    }
    release(writer);
    return status;
}

void lode_writer_abandon(lode_writer *writer) {
    if (!writer)
        return;
    if (writer->dataset)
        GDALClose(writer->dataset);
    if (writer->beside) {
        VSIUnlink(writer->beside);
        char *side = lode_format("%s.aux.xml", writer->beside);
        if (side)
            VSIUnlink(side);
        lode_free(side);
    }
    release(writer);
}

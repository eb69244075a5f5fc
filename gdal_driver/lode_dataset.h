/* lode_dataset.h - the GDAL dataset and band classes of the LODE driver.
 *
 * C++ only because a GDAL driver is a class; the work is in lode_source.c and liblode. */
#ifndef LODE_DATASET_H
#define LODE_DATASET_H

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <sys/types.h>

#include <cpl_string.h>
#include <gdal_pam.h>

#include "lode_source.h"
#include "lode_spill.h"

class LODEBand;

class LODEDataset final : public GDALPamDataset {
  public:
    static GDALDataset *Open(GDALOpenInfo *info);
    ~LODEDataset() override;

    int CloseDependentDatasets() override;
    char **GetFileList() override;
    const OGRSpatialReference *GetSpatialRef() const override;
#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 12, 0)
    CPLErr GetGeoTransform(GDALGeoTransform &transform) const override;
#else
    CPLErr GetGeoTransform(double *transform) override;
#endif
    int GetGCPCount() override;
    const OGRSpatialReference *GetGCPSpatialRef() const override;
    const GDAL_GCP *GetGCPs() override;
    char **GetMetadataDomainList() override;
#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 13, 0)
    CSLConstList GetMetadata(const char *domain = "") override;
#else
    char **GetMetadata(const char *domain = "") override;
#endif
    const char *GetMetadataItem(const char *name, const char *domain = "") override;
    CPLErr IBuildOverviews(const char *resampling, int overviews, const int *factors, int bands,
                           const int *band_list, GDALProgressFunc progress, void *data,
                           CSLConstList options) override;
#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 13, 0)
    using AdviceOptions = CSLConstList;
#else
    using AdviceOptions = char **;
#endif
    CPLErr AdviseRead(int x, int y, int width, int height, int data_width, int data_height,
                      GDALDataType type, int bands, int *map, AdviceOptions options) override;

  protected:
#ifdef BANDMAP_TYPE /* GDAL 3.10: int * at first, const int * later */
    using BandMap = BANDMAP_TYPE;
#else
    using BandMap = int *;
#endif
    CPLErr IRasterIO(GDALRWFlag flag, int x, int y, int width, int height, void *data,
                     int data_width, int data_height, GDALDataType type, int bands, BandMap map,
                     GSpacing pixel_space, GSpacing line_space, GSpacing band_space,
                     GDALRasterIOExtraArg *extra) override;
    CPLErr TrySaveXML() override;

  private:
    friend class LODEBand;
    LODEDataset() = default;

    bool Create(GDALOpenInfo *info);
    void CreateBands();
    void ChooseBlockSize();
    void DescribeInDomain();
    void LoadSideFiles(GDALOpenInfo *info);
    std::string Fingerprint();
    void WarnOfStaleFiles(bool statistics, bool overviews) const;
    GDALDefaultOverviews *OverviewsAfterFork();
    void ForgetOverviews();
    GDALDataset *Reference() const;

    struct Request;
    size_t BlockIndex(int block_x, int block_y) const;
    lode_tile BlockTile(int block_x, int block_y) const;
    /* Finished blocks are kept for later requests: in GDAL's cache, or in a temporary file when the
     * whole map does not fit there. */
    void OpenSpill();
    bool KeepBlock(int block_x, int block_y, const float *planes, int skip_band);
    bool CacheBlock(int block_x, int block_y, const float *planes, int skip_band);
    /* Reads at full resolution. Blocks that are kept are copied; the others are evaluated on
     * several threads, once for all bands, and go straight to the caller. */
    CPLErr ReadBlocks(Request &request, GDALRasterIOExtraArg *extra);
    /* A program that copies the raster asks for one row of blocks after the other; with luck it
     * says before that it will. */
    void NoteSequence(const lode_tile &area);
    bool BlockKept(int block_x, int block_y);
    void AddRowsAhead(Request &request);
    bool CopyCached(const Request &request, int block_x, int block_y);
    bool CopySpilled(const Request &request, int block_x, int block_y);
    static bool TakeEvaluated(void *user, size_t index, const float *planes);
    /* Before a decimated read that will touch every block of an area, one after the other:
     * evaluates them on several threads, if they can be kept. */
    CPLErr Prefetch(lode_tile area, int data_width, int data_height, GDALRasterIOExtraArg *extra);

    /* Pixels may be read from several threads at once: requests wait for each other (each of them
     * uses several threads by itself). Recursive: GDAL's own IRasterIO reads blocks. */
    std::recursive_mutex reading_;
    lode_view view_{};
    lode_source *source_ = nullptr;
    int block_width_ = 0, block_height_ = 0;
    lode_spill *spill_ = nullptr; /* null: blocks are kept in GDAL's cache */
    bool spill_tried_ = false;
    lode_tile last_area_{};        /* of the last request; before the first, what was announced */
    bool in_sequence_ = false;     /* it lay right below the one before */
    int last_row_ = 0;             /* behind the last row that was announced; 0 = nothing was */
    CPLStringList domain_;         /* metadata domain LODE */
    CPLStringList json_;           /* metadata domain json:LODE: the model's whole description */
    CPLStringList plain_;          /* default metadata domain: the stack's and PAM's together */
    bool side_files_ = false;      /* .aux.xml and .ovr beside the file belong to this view */
    bool stale_overviews_ = false; /* there is an .ovr of another model or stack */
    std::string overviews_from_;   /* fingerprint the .ovr was made from */
    std::mutex opening_overviews_;
    std::unique_ptr<GDALDefaultOverviews> overviews_; /* opened after a fork; null before one */
    unsigned overview_forks_ = 0; /* of the process when the overviews were opened */
    pid_t overview_opener_ = 0;
};

class LODEBand final : public GDALPamRasterBand {
  public:
    LODEBand(LODEDataset *dataset, int number, const char *name, const char *group);
    double GetNoDataValue(int *success) override;
    GDALColorInterp GetColorInterpretation() override;
    const char *GetUnitType() override;
    int GetOverviewCount() override;
    GDALRasterBand *GetOverview(int level) override;

  protected:
    CPLErr IReadBlock(int block_x, int block_y, void *data) override;
    CPLErr IRasterIO(GDALRWFlag flag, int x, int y, int width, int height, void *data,
                     int data_width, int data_height, GDALDataType type, GSpacing pixel_space,
                     GSpacing line_space, GDALRasterIOExtraArg *extra) override;

  private:
    friend class LODEDataset;
    std::string group_;
};

#endif

/* lode_blocks.cpp - how cells get from the model to the caller: blocks, each evaluated once. */
#include "lode_dataset.h"
#include "lode_tiles.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

/* ---- Blocks ---------------------------------------------------------------------------------- */

size_t LODEDataset::BlockIndex(int block_x, int block_y) const {
    return (size_t)block_y * DIV_ROUND_UP(nRasterXSize, block_width_) + block_x;
}

lode_tile LODEDataset::BlockTile(int block_x, int block_y) const {
    int x = block_x * block_width_, y = block_y * block_height_;
    return {x, y, std::min(block_width_, nRasterXSize - x),
            std::min(block_height_, nRasterYSize - y)};
}

static void copy_plane(const float *plane, lode_tile tile, int block_width, void *block) {
    for (int row = 0; row < tile.height; row++)
        memcpy(static_cast<float *>(block) + (size_t)row * block_width,
               plane + (size_t)row * tile.width, (size_t)tile.width * sizeof(float));
}

/* A map that would fill more than a quarter of GDAL's cache, which the program's other datasets use
 * too, goes to a temporary file. Made with the first block, not for a look at the metadata. */
void LODEDataset::OpenSpill() {
    if (spill_tried_)
        return;
    spill_tried_ = true;
    size_t across = DIV_ROUND_UP(nRasterXSize, block_width_);
    size_t blocks = across * DIV_ROUND_UP(nRasterYSize, block_height_);
    size_t block_values = (size_t)block_width_ * block_height_ * nBands;
    if (view_.spill && (double)blocks * block_values * sizeof(float) > GDALGetCacheMax64() / 4.0)
        spill_ = lode_spill_create(blocks, block_values);
}

/* Puts the planes of one block into GDAL's cache, for every band that does not have it. */
bool LODEDataset::CacheBlock(int block_x, int block_y, const float *planes, int skip_band) {
    lode_tile tile = BlockTile(block_x, block_y);
    for (int number = 1; number <= nBands; number++) {
        auto *band = static_cast<LODEBand *>(GetRasterBand(number));
        if (number == skip_band)
            continue;
        GDALRasterBlock *block = band->TryGetLockedBlockRef(block_x, block_y);
        if (!block) {
            block = band->GetLockedBlockRef(block_x, block_y, TRUE);
            if (!block)
                return false;
            copy_plane(planes + (size_t)(number - 1) * tile.width * tile.height, tile, block_width_,
                       block->GetDataRef());
        }
        block->DropLock();
    }
    return true;
}

/* Spilled blocks stay out of GDAL's cache, where they would push each other out. */
bool LODEDataset::KeepBlock(int block_x, int block_y, const float *planes, int skip_band) {
    lode_tile tile = BlockTile(block_x, block_y);
    size_t values = (size_t)tile.width * tile.height * nBands;
    return (spill_ && lode_spill_put(spill_, BlockIndex(block_x, block_y), planes, values)) ||
           CacheBlock(block_x, block_y, planes, skip_band);
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* A part of the raster wanted at full resolution, and where its cells go. */
struct LODEDataset::Request {
    LODEDataset *dataset;
    lode_tile area;
    GByte *data; /* null: nowhere, the cache is to be filled */
    GDALDataType type;
    int band_count;
    const int *band_map; /* null: bands 1, 2, ... */
    GSpacing pixel_space, line_space, band_space;
    /* What has to be evaluated: blocks and their tiles. */
    std::vector<std::pair<int, int>> blocks;
    std::vector<lode_tile> tiles;
    bool keep; /* blocks for later requests, even those this one covers */

    void Evaluate(int block_x, int block_y) {
        blocks.emplace_back(block_x, block_y);
        tiles.push_back(dataset->BlockTile(block_x, block_y));
    }
    int Number(int i) const {
        return band_map ? band_map[i] : i + 1;
    }
    bool Covers(lode_tile tile) const {
        return tile.x >= area.x && tile.y >= area.y && tile.x + tile.width <= area.x + area.width &&
               tile.y + tile.height <= area.y + area.height;
    }
    /* Copies what the request wants of a tile; values[height][stride]. */
    void Copy(int i, lode_tile tile, const float *values, int stride) const {
        int left = std::max(tile.x, area.x), top = std::max(tile.y, area.y);
        int right = std::min(tile.x + tile.width, area.x + area.width);
        int bottom = std::min(tile.y + tile.height, area.y + area.height);
        for (int y = top; data && y < bottom; y++)
            GDALCopyWords(values + (size_t)(y - tile.y) * stride + (left - tile.x), GDT_Float32,
                          sizeof(float),
                          data + band_space * i + line_space * (y - area.y) +
                              pixel_space * (left - area.x),
                          type, (int)pixel_space, right - left);
    }
};

/* False when GDAL's cache lacks the block of some band. */
bool LODEDataset::CopyCached(const Request &request, int block_x, int block_y) {
    std::vector<GDALRasterBlock *> found;
    for (int i = 0; i < request.band_count; i++) {
        GDALRasterBlock *block = static_cast<LODEBand *>(GetRasterBand(request.Number(i)))
                                     ->TryGetLockedBlockRef(block_x, block_y);
        if (!block)
            break;
        found.push_back(block);
    }
    bool complete = (int)found.size() == request.band_count;
    for (size_t i = 0; i < found.size(); i++) {
        if (complete)
            request.Copy((int)i, BlockTile(block_x, block_y),
                         static_cast<const float *>(found[i]->GetDataRef()), block_width_);
        found[i]->DropLock();
    }
    return complete;
}

/* Reads back the rows the request wants of a spilled block; false after CPLError. */
bool LODEDataset::CopySpilled(const Request &request, int block_x, int block_y) {
    lode_tile tile = BlockTile(block_x, block_y), rows = tile;
    rows.y = std::max(tile.y, request.area.y);
    rows.height = std::min(tile.y + tile.height, request.area.y + request.area.height) - rows.y;
    size_t first = (size_t)(rows.y - tile.y) * tile.width, count = (size_t)rows.height * tile.width;
    size_t plane = (size_t)tile.width * tile.height;
    std::vector<float> values(request.data ? count : 0);
    for (int i = 0; request.data && i < request.band_count; i++) {
        if (!lode_spill_get(spill_, BlockIndex(block_x, block_y),
                            plane * (request.Number(i) - 1) + first, count, values.data()))
            return false;
        request.Copy(i, rows, values.data(), tile.width);
    }
    return true;
}

bool LODEDataset::TakeEvaluated(void *user, size_t index, const float *planes) {
    auto *request = static_cast<Request *>(user);
    lode_tile tile = request->tiles[index];
    size_t plane = (size_t)tile.width * tile.height;
    for (int i = 0; i < request->band_count; i++)
        request->Copy(i, tile, planes + plane * (request->Number(i) - 1), tile.width);
    if (!request->keep && request->Covers(tile))
        return true;
    return request->dataset->KeepBlock(request->blocks[index].first, request->blocks[index].second,
                                       planes, 0);
}

/* GDAL tells a dataset that it is going to be copied. The first request then lies right below the
 * empty area above what will be copied. */
CPLErr LODEDataset::AdviseRead(int x, int y, int width, int height, int data_width, int data_height,
                               GDALDataType type, int bands, int *map, AdviceOptions options) {
    /* GDAL's own says when that is no part of the raster. */
    if (GDALPamDataset::AdviseRead(x, y, width, height, data_width, data_height, type, bands, map,
                                   options) != CE_None)
        return CE_Failure;
    std::lock_guard<std::recursive_mutex> alone(reading_);
    bool inside = x >= 0 && y >= 0 && height > 0 && height <= nRasterYSize - y;
    if (inside && data_width == width && data_height == height) {
        last_area_ = {x, y, width, 0};
        last_row_ = y + height;
    }
    return CE_None;
}

void LODEDataset::NoteSequence(const lode_tile &area) {
    const lode_tile &last = last_area_;
    bool columns = area.x == last.x && area.width == last.width;
    bool again = columns && area.y == last.y && area.height == last.height; /* another band */
    if (!again)
        in_sequence_ = columns && area.y == last.y + last.height;
    last_area_ = area;
}

bool LODEDataset::BlockKept(int block_x, int block_y) {
    if (spill_ && lode_spill_has(spill_, BlockIndex(block_x, block_y)))
        return true;
    GDALRasterBlock *block =
        static_cast<LODEBand *>(GetRasterBand(1))->TryGetLockedBlockRef(block_x, block_y);
    if (block)
        block->DropLock();
    return block != nullptr;
}

/* Rows of blocks below the request, which the next ones will want: together they are evaluated in
 * runs, which a request for a single row of blocks cannot be. The rows of one run; all of a small
 * map of which it was announced that it will be read. They go to GDAL's cache, an eighth of it at
 * most, or to the file. */
void LODEDataset::AddRowsAhead(Request &request) {
    const double small = 4 << 20; /* cells: a second or two, in which progress hardly moves */
    const lode_tile &area = request.area;
    int first_x = area.x / block_width_, last_x = (area.x + area.width - 1) / block_width_;
    int first_y = area.y / block_height_, last_y = (area.y + area.height - 1) / block_height_;
    bool announced = area.y + area.height <= last_row_;
    int down = DIV_ROUND_UP(announced ? last_row_ : nRasterYSize, block_height_);
    lode_tiling tiling = {block_width_, block_height_, last_x - first_x + 1, down - first_y};
    int tall = lode_source_run_length(source_, &tiling, lode_tiles_threads(view_.threads));
    double row = (double)tiling.across * block_width_ * block_height_;
    double ahead = first_y + tall - 1 - last_y; /* rows that the runs lack */
    if (announced)
        ahead = std::max(ahead, std::floor(small / row));
    if (!spill_)
        ahead = std::min(
            ahead, std::floor((double)GDALGetCacheMax64() / 8 / row / nBands / sizeof(float)));
    int end = (int)std::min((double)down, last_y + 1 + ahead);
    for (int by = last_y + 1; by < end; by++)
        for (int bx = first_x; bx <= last_x; bx++)
            if (!BlockKept(bx, by))
                request.Evaluate(bx, by);
}

/* GDAL's cache may be full of blocks that a copy has yet to write. While it decodes a stack whose
 * bands lie pixel by pixel it must not write them, so the stack's own blocks would push each other
 * out, and each search for one to push out passes all of those. So the oldest go a little earlier;
 * none of them is ours when blocks are spilled. */
static bool make_room_for_stack(GDALProgressFunc progress, void *progress_data) {
    GIntBig most = GDALGetCacheMax64();
    while (GDALGetCacheUsed64() > most - most / 8 && GDALFlushCacheBlock())
        if (!lode_tiles_progress(0, progress, progress_data))
            return false;
    return true;
}

CPLErr LODEDataset::ReadBlocks(Request &request, GDALRasterIOExtraArg *extra) {
    OpenSpill();
    const lode_tile &area = request.area;
    NoteSequence(area);
    int last_x = (area.x + area.width - 1) / block_width_;
    int last_y = (area.y + area.height - 1) / block_height_;
    for (int by = area.y / block_height_; by <= last_y; by++)
        for (int bx = area.x / block_width_; bx <= last_x; bx++) {
            if (CopyCached(request, bx, by))
                continue;
            if (!spill_ || !lode_spill_has(spill_, BlockIndex(bx, by)))
                request.Evaluate(bx, by);
            else if (!CopySpilled(request, bx, by))
                return CE_Failure;
        }
    /* Without a file, a request for all bands that would push everything else out of GDAL's cache
     * keeps only the blocks on its rim, which its neighbours will want; one for a few bands keeps
     * all for the others. */
    double bytes =
        (double)request.tiles.size() * block_width_ * block_height_ * sizeof(float) * nBands;
    request.keep = spill_ || request.band_count < nBands || bytes < (double)GDALGetCacheMax64() / 4;
    /* Only who is told of the progress can stop what takes longer. */
    if (!request.tiles.empty() && in_sequence_ && extra && extra->pfnProgress)
        AddRowsAhead(request);
    GDALProgressFunc progress = extra ? extra->pfnProgress : nullptr;
    void *progress_data = extra ? extra->pProgressData : nullptr;
    if (spill_ && !request.tiles.empty() && !make_room_for_stack(progress, progress_data))
        return CE_Failure;
    bool good =
        lode_tiles_evaluate(source_, request.tiles.data(), request.tiles.size(), view_.threads,
                            TakeEvaluated, &request, progress, progress_data);
    return good ? CE_None : CE_Failure;
}

namespace {
/* While it lives, the caller's progress covers from..to of its range. */
class ProgressPart {
  public:
    ProgressPart(GDALRasterIOExtraArg *extra, double from, double to) : extra_(extra) {
        if (!extra || !extra->pfnProgress)
            return;
        function_ = extra->pfnProgress;
        data_ = extra->pProgressData;
        extra->pProgressData = GDALCreateScaledProgress(from, to, function_, data_);
        extra->pfnProgress = GDALScaledProgress;
    }
    ~ProgressPart() {
        if (!function_)
            return;
        GDALDestroyScaledProgress(extra_->pProgressData);
        extra_->pfnProgress = function_;
        extra_->pProgressData = data_;
    }
    ProgressPart(const ProgressPart &) = delete;
    ProgressPart &operator=(const ProgressPart &) = delete;

  private:
    GDALRasterIOExtraArg *extra_;
    GDALProgressFunc function_ = nullptr;
    void *data_ = nullptr;
};
} // namespace

CPLErr LODEDataset::Prefetch(lode_tile area, int data_width, int data_height,
                             GDALRasterIOExtraArg *extra) {
    bool skips_blocks =
        area.width / data_width > block_width_ || area.height / data_height > block_height_;
    double bytes = (double)area.width * area.height * sizeof(float) * nBands;
    OpenSpill();
    if (skips_blocks || (!spill_ && bytes > (double)GDALGetCacheMax64() / 2) ||
        GetRasterBand(1)->GetOverviewCount() > 0)
        return CE_None;
    /* All bands of a block come and go together, so the first tells what is kept. */
    Request request{this, area, nullptr, GDT_Float32, 1, nullptr, 0, 0, 0, {}, {}, true};
    ProgressPart most(extra, 0, 0.9);
    return ReadBlocks(request, extra);
}

CPLErr LODEDataset::IRasterIO(GDALRWFlag flag, int x, int y, int width, int height, void *data,
                              int data_width, int data_height, GDALDataType type, int bands,
                              BandMap map, GSpacing pixel_space, GSpacing line_space,
                              GSpacing band_space, GDALRasterIOExtraArg *extra) {
    if (!lode_source_check_cycle(source_))
        return CE_Failure;
    std::lock_guard<std::recursive_mutex> alone(reading_);
    if (flag == GF_Read && data_width == width && data_height == height) {
        Request request{this,
                        {x, y, width, height},
                        static_cast<GByte *>(data),
                        type,
                        bands,
                        map,
                        pixel_space,
                        line_space,
                        band_space,
                        {},
                        {},
                        false};
        return ReadBlocks(request, extra);
    }
    if (flag == GF_Read &&
        Prefetch({x, y, width, height}, data_width, data_height, extra) != CE_None)
        return CE_Failure;
    ProgressPart rest(extra, 0.9, 1);
    return GDALPamDataset::IRasterIO(flag, x, y, width, height, data, data_width, data_height, type,
                                     bands, map, pixel_space, line_space, band_space, extra);
}

/* ---- Bands ----------------------------------------------------------------------------------- */

LODEBand::LODEBand(LODEDataset *dataset, int number, const char *name, const char *group)
    : group_(group) {
    poDS = dataset;
    nBand = number;
    eDataType = GDT_Float32;
    nBlockXSize = dataset->block_width_;
    nBlockYSize = dataset->block_height_;
    GDALRasterBand::SetDescription(name);
    GDALRasterBand::SetMetadataItem("LODE_GROUP", group);
    /* The scale of the values, so that they can be styled without looking at them. */
    const char *range = group_ == "percentile"                         ? "0 100"
                        : group_ == "score" || group_ == "uncertainty" ? "0 1"
                                                                       : nullptr;
    if (range)
        GDALRasterBand::SetMetadataItem("LODE_RANGE", range);
}

double LODEBand::GetNoDataValue(int *success) {
    if (success)
        *success = TRUE;
    return LODE_NODATA;
}

GDALColorInterp LODEBand::GetColorInterpretation() {
    return GCI_GrayIndex;
}

const char *LODEBand::GetUnitType() {
    return group_ == "percentile" ? "%" : "";
}

int LODEBand::GetOverviewCount() {
    auto *own = static_cast<LODEDataset *>(poDS)->OverviewsAfterFork();
    return own ? own->GetOverviewCount(nBand) : GDALPamRasterBand::GetOverviewCount();
}

GDALRasterBand *LODEBand::GetOverview(int level) {
    auto *own = static_cast<LODEDataset *>(poDS)->OverviewsAfterFork();
    return own ? own->GetOverview(nBand, level) : GDALPamRasterBand::GetOverview(level);
}

CPLErr LODEBand::IReadBlock(int block_x, int block_y, void *data) {
    auto *dataset = static_cast<LODEDataset *>(poDS);
    if (!lode_source_check_cycle(dataset->source_))
        return CE_Failure;
    std::lock_guard<std::recursive_mutex> alone(dataset->reading_);
    lode_tile tile = dataset->BlockTile(block_x, block_y);
    size_t plane = (size_t)tile.width * tile.height, block = dataset->BlockIndex(block_x, block_y);
    dataset->OpenSpill();
    bool kept = dataset->spill_ && lode_spill_has(dataset->spill_, block);
    std::unique_ptr<float, void (*)(void *)> planes(
        static_cast<float *>(
            VSI_MALLOC3_VERBOSE(plane, (size_t)(kept ? 1 : dataset->nBands), sizeof(float))),
        VSIFree);
    const float *own = planes.get() + (kept ? 0 : plane * (nBand - 1));
    bool good = planes && (kept ? lode_spill_get(dataset->spill_, block, plane * (nBand - 1), plane,
                                                 planes.get())
                                : lode_source_evaluate(dataset->source_, tile, planes.get()));
    if (!good)
        return CE_Failure;
    copy_plane(own, tile, nBlockXSize, data);
    return kept || dataset->KeepBlock(block_x, block_y, planes.get(), nBand) ? CE_None : CE_Failure;
}

CPLErr LODEBand::IRasterIO(GDALRWFlag flag, int x, int y, int width, int height, void *data,
                           int data_width, int data_height, GDALDataType type, GSpacing pixel_space,
                           GSpacing line_space, GDALRasterIOExtraArg *extra) {
    auto *dataset = static_cast<LODEDataset *>(poDS);
    if (!lode_source_check_cycle(dataset->source_))
        return CE_Failure;
    std::lock_guard<std::recursive_mutex> alone(dataset->reading_);
    if (flag == GF_Read && data_width == width && data_height == height) {
        LODEDataset::Request request{dataset,
                                     {x, y, width, height},
                                     static_cast<GByte *>(data),
                                     type,
                                     1,
                                     &nBand,
                                     pixel_space,
                                     line_space,
                                     0,
                                     {},
                                     {},
                                     false};
        return dataset->ReadBlocks(request, extra);
    }
    if (flag == GF_Read &&
        dataset->Prefetch({x, y, width, height}, data_width, data_height, extra) != CE_None)
        return CE_Failure;
    ProgressPart rest(extra, 0.9, 1);
    return GDALPamRasterBand::IRasterIO(flag, x, y, width, height, data, data_width, data_height,
                                        type, pixel_space, line_space, extra);
}

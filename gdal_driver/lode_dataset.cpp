#include "lode_dataset.h"

#include <algorithm>
#include <cinttypes>
#include <cstring>
#include <memory>

#include <unistd.h>

#include <cpl_json.h>
#include <cpl_minixml.h>
#include <gdal.h>

#include "lode_fingerprint.h"

/* Where the fingerprint is kept in the .aux.xml. */
static const char *const fingerprint_domain = "LODE_SIDE_FILES";
static const char *const statistics_item = "STATISTICS_MADE_FROM";
static const char *const overviews_item = "OVERVIEWS_MADE_FROM";

/* ---- Opening and closing --------------------------------------------------------------------- */

GDALDataset *LODEDataset::Open(GDALOpenInfo *info) {
    if (info->eAccess == GA_Update) {
        CPLError(CE_Failure, CPLE_NotSupported,
                 "LODE: '%s' is computed from a model and cannot be written to. Open it read-only; "
                 "for overviews use gdaladdo -ro.",
                 info->pszFilename);
        return nullptr;
    }
    std::unique_ptr<LODEDataset> dataset(new LODEDataset);
    return dataset->Create(info) ? dataset.release() : nullptr;
}

bool LODEDataset::Create(GDALOpenInfo *info) {
    if (!lode_view_load(info->pszFilename, info->papszOpenOptions, &view_))
        return false;
    source_ = lode_source_open(info->pszFilename, &view_);
    if (!source_)
        return false;
    overview_forks_ = lode_source_forks();
    nRasterXSize = Reference()->GetRasterXSize();
    nRasterYSize = Reference()->GetRasterYSize();
    ChooseBlockSize();
    CreateBands();
    DescribeInDomain();
    LoadSideFiles(info);
    return true;
}

LODEDataset::~LODEDataset() {
    FlushCache(true);
    if (source_)
        CPLDebug("LODE", "'%s': evaluated %" PRIu64 " cells of %d x %d, ratio %.3f",
                 GetDescription(), lode_source_evaluated(source_), nRasterXSize, nRasterYSize,
                 (double)lode_source_evaluated(source_) / ((double)nRasterXSize * nRasterYSize));
    ForgetOverviews();
    lode_spill_free(spill_);
    lode_source_close(source_);
    lode_view_release(&view_);
}

int LODEDataset::CloseDependentDatasets() {
    FlushCache(true); /* the fingerprint of what is saved needs the stack */
    ForgetOverviews();
    int closed = GDALPamDataset::CloseDependentDatasets();
    return (source_ && lode_source_close_stack(source_)) || closed;
}

/* The stack's first dataset: size, georeferencing and metadata come from it. Null once the stack
 * has been closed by CloseDependentDatasets. */
GDALDataset *LODEDataset::Reference() const {
    lode_stack *stack = lode_source_stack(source_);
    return stack ? static_cast<GDALDataset *>(lode_source_library(source_)->stack_dataset(stack, 0))
                 : nullptr;
}

/* Blocks are 256 cells square: larger ones waste less on the halo around them, smaller ones spread
 * better over threads, so rasters of less than 16 such blocks get 128. They are flatter for wide
 * rasters with many bands: a row of blocks in all bands should stay in a quarter of GDAL's cache,
 * or reading line by line would evaluate cells again and again. */
void LODEDataset::ChooseBlockSize() {
    double blocks = (double)DIV_ROUND_UP(nRasterXSize, 256) * DIV_ROUND_UP(nRasterYSize, 256);
    int side = view_.block ? view_.block : blocks < 16 ? 128 : 256;
    block_width_ = std::min(side, nRasterXSize);
    block_height_ = std::min(side, nRasterYSize);
    if (view_.block)
        return;
    double row = (double)nRasterXSize * sizeof(float) *
                 lode_source_library(source_)->plan_band_count(lode_source_plan(source_));
    while (block_height_ > 32 && row * block_height_ > (double)GDALGetCacheMax64() / 4)
        block_height_ /= 2;
}

void LODEDataset::CreateBands() {
    const lode_library *library = lode_source_library(source_);
    const lode_plan *plan = lode_source_plan(source_);
    for (int i = 0; i < library->plan_band_count(plan); i++)
        SetBand(i + 1, new LODEBand(this, i + 1, library->plan_band_name(plan, i),
                                    library->plan_band_group(plan, i)));
    /* All bands of a cell come at once; GDAL's copy then asks for all of them together. */
    GDALDataset::SetMetadataItem("INTERLEAVE", "PIXEL", "IMAGE_STRUCTURE");
}

/* ---- Side files ------------------------------------------------------------------------------ */

/* What statistics and overviews depend on. */
std::string LODEDataset::Fingerprint() {
    std::string text = CPLSPrintf("%.17g", view_.min_valid);
    for (int i = 1; i <= nBands; i++)
        text += std::string(";") + GetRasterBand(i)->GetDescription();
    uint64_t value = lode_fingerprint_text(text.c_str());
    value = lode_fingerprint_file(value, view_.model);
    const lode_library *library = lode_source_library(source_);
    lode_stack *stack = lode_source_stack(source_);
    for (int i = 0; stack && i < library->stack_dataset_count(stack); i++) {
        char **files = GDALGetFileList(library->stack_dataset(stack, i));
        /* The stack's own .aux.xml changes whenever somebody looks at it. */
        CPLStringList pixels;
        for (char **file = files; file && *file; file++)
            if (!EQUAL(CPLGetExtension(*file), "xml"))
                pixels.AddString(*file);
        value = lode_fingerprint_samples(value, pixels.List());
        CSLDestroy(files);
    }
    return CPLSPrintf("%016" PRIx64, value);
}

static bool exists(const std::string &path) {
    VSIStatBufL info;
    return VSIStatExL(path.c_str(), &info, VSI_STAT_EXISTS_FLAG) == 0;
}

/* An item of the fingerprint domain in an .aux.xml; empty when there is none. */
static std::string read_item(const CPLXMLNode *tree, const char *item) {
    const CPLXMLNode *root = CPLGetXMLNode(const_cast<CPLXMLNode *>(tree), "=PAMDataset");
    for (const CPLXMLNode *node = root ? root->psChild : nullptr; node; node = node->psNext) {
        if (!EQUAL(CPLGetXMLValue(node, "domain", ""), fingerprint_domain))
            continue;
        for (const CPLXMLNode *mdi = node->psChild; mdi; mdi = mdi->psNext)
            if (EQUAL(CPLGetXMLValue(mdi, "key", ""), item))
                return CPLGetXMLValue(mdi, nullptr, "");
    }
    return "";
}

/* Statistics and overviews lie beside a .lodeview. Those of another model or stack are not used. */
void LODEDataset::LoadSideFiles(GDALOpenInfo *info) {
    SetDescription(info->pszFilename);
    side_files_ = view_.file && !view_.altered;
    if (!side_files_) {
        /* Otherwise GDAL would write a file literally named LODE:...aux.xml. */
        nPamFlags |= GPF_NOSAVE;
        return;
    }
    PamInitialize();
    const char *pam_name = BuildPamFilename();
    bool has_statistics = pam_name && exists(pam_name);
    bool has_overviews = exists(std::string(info->pszFilename) + ".ovr");
    std::string statistics_from, now;
    if (has_statistics) {
        CPLXMLTreeCloser tree(CPLParseXMLFile(pam_name));
        statistics_from = read_item(tree.get(), statistics_item);
        overviews_from_ = read_item(tree.get(), overviews_item);
    }
    if (has_statistics || has_overviews)
        now = Fingerprint();
    bool stale_statistics = has_statistics && statistics_from != now;
    stale_overviews_ = has_overviews && overviews_from_ != now;
    if (!stale_statistics)
        TryLoadXML(info->GetSiblingFiles());
    if (!stale_overviews_)
        oOvManager.Initialize(this, info->pszFilename, info->GetSiblingFiles());
    WarnOfStaleFiles(stale_statistics, stale_overviews_);
}

void LODEDataset::WarnOfStaleFiles(bool statistics, bool overviews) const {
    if (statistics || overviews)
        CPLError(CE_Warning, CPLE_AppDefined,
                 "LODE: the %s%s%s of '%s' were made from another model or stack and are not used. "
                 "Make them again (%s%s%s), or delete the %s beside it.",
                 statistics ? "statistics" : "", statistics && overviews ? " and " : "",
                 overviews ? "overviews" : "", GetDescription(),
                 statistics ? "gdalinfo -stats" : "", statistics && overviews ? ", " : "",
                 overviews ? "gdaladdo -ro" : "", overviews ? ".ovr file" : ".aux.xml file");
}

CPLErr LODEDataset::TrySaveXML() {
    if (side_files_) {
        GDALPamDataset::SetMetadataItem(statistics_item, Fingerprint().c_str(), fingerprint_domain);
        if (!overviews_from_.empty())
            GDALPamDataset::SetMetadataItem(overviews_item, overviews_from_.c_str(),
                                            fingerprint_domain);
    }
    return GDALPamDataset::TrySaveXML();
}

CPLErr LODEDataset::IBuildOverviews(const char *resampling, int overviews, const int *factors,
                                    int bands, const int *band_list, GDALProgressFunc progress,
                                    void *data, CSLConstList options) {
    if (!side_files_) {
        CPLError(CE_Failure, CPLE_NotSupported,
                 "LODE: overviews are kept beside a .lodeview file. Write one with 'lode vrt' and "
                 "run gdaladdo -ro on it.");
        return CE_Failure;
    }
    ForgetOverviews(); /* GDAL changes those it opened itself */
    overview_forks_ = lode_source_forks();
    if (stale_overviews_) {
        VSIUnlink((std::string(GetDescription()) + ".ovr").c_str());
        oOvManager.Initialize(this, GetDescription());
        stale_overviews_ = false;
    }
    CPLErr result = GDALPamDataset::IBuildOverviews(resampling, overviews, factors, bands,
                                                    band_list, progress, data, options);
    if (result == CE_None) {
        overviews_from_ = Fingerprint();
        MarkPamDirty();
    }
    return result;
}

/* Closing moves the place in a file: overviews that another process opened too are left open. */
void LODEDataset::ForgetOverviews() {
    static std::mutex changing;
    static auto *left = new std::vector<std::unique_ptr<GDALDefaultOverviews>>;
    if (overviews_ && overview_opener_ != getpid()) {
        std::lock_guard<std::mutex> alone(changing);
        left->push_back(std::move(overviews_));
    }
    overviews_.reset();
}

/* A fork leaves both processes with one place in the overview file, as in the stack's: overviews
 * opened anew, for reading; null while those that GDAL opened are this process's own. */
GDALDefaultOverviews *LODEDataset::OverviewsAfterFork() {
    std::lock_guard<std::mutex> alone(opening_overviews_);
    if (!oOvManager.IsInitialized() || !AreOverviewsEnabled())
        return nullptr;
    if (overview_forks_ != lode_source_forks()) {
        ForgetOverviews();
        overview_forks_ = lode_source_forks();
        overview_opener_ = getpid();
        overviews_ = std::make_unique<GDALDefaultOverviews>();
        overviews_->Initialize(this, GetDescription());
        overviews_->IsInitialized(); /* looks for the file */
    }
    return overviews_.get();
}

char **LODEDataset::GetFileList() {
    CPLStringList files(GDALPamDataset::GetFileList());
    auto add = [&files](const char *name) {
        VSIStatBufL info;
        if (files.FindString(name) < 0 && VSIStatExL(name, &info, VSI_STAT_EXISTS_FLAG) == 0)
            files.AddString(name);
    };
    if (view_.file)
        add(view_.file);
    add(view_.model);
    const lode_library *library = lode_source_library(source_);
    lode_stack *stack = lode_source_stack(source_);
    for (int i = 0; stack && i < library->stack_dataset_count(stack); i++) {
        CPLStringList parts(GDALGetFileList(library->stack_dataset(stack, i)));
        for (int k = 0; k < parts.Count(); k++)
            add(parts[k]);
    }
    return files.StealList();
}

/* ---- Georeferencing and metadata ------------------------------------------------------------- */

const OGRSpatialReference *LODEDataset::GetSpatialRef() const {
    const OGRSpatialReference *own = GDALPamDataset::GetSpatialRef();
    return own || !Reference() ? own : Reference()->GetSpatialRef();
}

#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 12, 0)
CPLErr LODEDataset::GetGeoTransform(GDALGeoTransform &transform) const
#else
CPLErr LODEDataset::GetGeoTransform(double *transform)
#endif
{
    if (GDALPamDataset::GetGeoTransform(transform) == CE_None)
        return CE_None;
    return Reference() ? Reference()->GetGeoTransform(transform) : CE_Failure;
}

int LODEDataset::GetGCPCount() {
    int own = GDALPamDataset::GetGCPCount();
    return own > 0 || !Reference() ? own : Reference()->GetGCPCount();
}

const OGRSpatialReference *LODEDataset::GetGCPSpatialRef() const {
    const OGRSpatialReference *own = GDALPamDataset::GetGCPSpatialRef();
    return own || !Reference() ? own : Reference()->GetGCPSpatialRef();
}

const GDAL_GCP *LODEDataset::GetGCPs() {
    if (GDALPamDataset::GetGCPCount() > 0 || !Reference())
        return GDALPamDataset::GetGCPs();
    return Reference()->GetGCPs();
}

/* Scalars of the model's description as NAME=VALUE, nested names joined with '_'. */
static void flatten(const CPLJSONObject &object, const std::string &prefix, CPLStringList &out) {
    for (const CPLJSONObject &child : object.GetChildren()) {
        std::string name = prefix + CPLString(child.GetName()).toupper();
        if (child.GetType() == CPLJSONObject::Type::Object)
            flatten(child, name + "_", out);
        else if (child.GetType() != CPLJSONObject::Type::Array &&
                 child.GetType() != CPLJSONObject::Type::Null)
            out.SetNameValue(name.c_str(), child.ToString().c_str());
    }
}

void LODEDataset::DescribeInDomain() {
    const lode_library *library = lode_source_library(source_);
    char *text = nullptr;
    if (library->model_describe(lode_source_model(source_), &text) == LODE_OK) {
        CPLJSONDocument document;
        if (document.LoadMemory(std::string(text)))
            flatten(document.GetRoot(), "", domain_);
        json_.AddString(text);
        library->free(text);
    }
    domain_.SetNameValue("MODEL", view_.model);
    for (int i = 0; view_.stack[i]; i++)
        domain_.SetNameValue(i ? CPLSPrintf("STACK_%d", i + 1) : "STACK", view_.stack[i]);
    domain_.SetNameValue("HALF_WINDOW",
                         CPLSPrintf("%d", library->model_half_window(lode_source_model(source_))));
    domain_.SetNameValue("MIN_VALID", CPLSPrintf("%.10g", view_.min_valid));
    domain_.SetNameValue("LIBRARY", library->version());
}

/* Domains of the stack that locate it. */
static bool passes_through(const char *domain) {
    return EQUAL(domain, "RPC") || EQUAL(domain, "GEOLOCATION");
}

char **LODEDataset::GetMetadataDomainList() {
    CPLStringList domains(GDALPamDataset::GetMetadataDomainList());
    CPLStringList outer(Reference() ? Reference()->GetMetadataDomainList() : nullptr);
    for (const char *name : {"LODE", "json:LODE", "RPC", "GEOLOCATION"})
        if (domains.FindString(name) < 0 && (strstr(name, "LODE") || outer.FindString(name) >= 0))
            domains.AddString(name);
    return domains.StealList();
}

#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 13, 0)
CSLConstList LODEDataset::GetMetadata(const char *domain)
#else
char **LODEDataset::GetMetadata(const char *domain)
#endif
{
    bool plain = !domain || domain[0] == '\0';
    if (!plain && EQUAL(domain, "LODE"))
        return domain_.List();
    if (!plain && EQUAL(domain, "json:LODE"))
        return json_.List();
    auto own = GDALPamDataset::GetMetadata(domain);
    GDALDataset *outer = Reference();
    if (!outer || !(plain || passes_through(domain)))
        return own;
    auto theirs = outer->GetMetadata(domain);
    if (!plain)
        return own ? own : theirs;
    plain_.Assign(CSLMerge(CSLDuplicate(theirs), own), TRUE);
    return plain_.List();
}

const char *LODEDataset::GetMetadataItem(const char *name, const char *domain) {
    bool plain = !domain || domain[0] == '\0';
    if (plain || passes_through(domain) || EQUAL(domain, "LODE"))
        return CSLFetchNameValue(GetMetadata(domain), name);
    return GDALPamDataset::GetMetadataItem(name, domain);
}

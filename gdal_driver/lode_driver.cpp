/* lode_driver.cpp - registration of the LODE driver and of the pixel functions.
 *
 * GDAL loads every plugin at start-up, lists ours before its own drivers, and asks Identify about
 * every file anyone opens. So nothing here loads liblode, and Identify looks at the first bytes it
 * is given and nothing else. */
#include <gdal_priv.h>
#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 8, 0)
#include <gdalsubdatasetinfo.h>
#endif

#include "lode_dataset.h"
#include "lode_view.h"

extern "C" {
#include "functions/pixel.h"
}

#define LODE_TEXT_OF(value) #value
#define LODE_TEXT(value) LODE_TEXT_OF(value)

static const char open_options[] =
    "<OpenOptionList>"
    "<Option name='MODEL' type='string' description='Model file (.lode), instead of the "
    "view&apos;s'/>"
    "<Option name='STACK' type='string' description='Raster stack, instead of the view&apos;s; may "
    "be repeated'/>"
    "<Option name='BANDS' type='string' description='Comma list of score, uncertainty, percentile, "
    "anomaly, support, embedding' default='score,uncertainty,percentile'/>"
    "<Option name='MIN_VALID' type='float' description='Smallest share of window cells with data "
    "for a result' min='0' max='1' default='" LODE_TEXT(
        LODE_DEFAULT_MIN_VALID) "'/>"
                                "<Option name='NUM_THREADS' type='string' description='Number of "
                                "threads, or ALL_CPUS' "
                                "default='ALL_CPUS'/>"
                                "<Option name='BLOCK_SIZE' type='int' description='Side of a block "
                                "in cells; results do not "
                                "depend on it' min='16' max='4096' default='256'/>"
                                "<Option name='SPILL' type='boolean' description='Keep finished "
                                "blocks in a temporary file where the block cache cannot hold "
                                "the map' default='YES'/>"
                                "</OpenOptionList>";

static int identify(GDALOpenInfo *info) {
    if (info->nHeaderBytes > 0)
        return lode_view_is_document(reinterpret_cast<const char *>(info->pabyHeader),
                                     info->nHeaderBytes);
    return lode_view_is_connection(info->pszFilename);
}

static GDALDataset *open(GDALOpenInfo *info) {
    return identify(info) ? LODEDataset::Open(info) : nullptr;
}

#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 8, 0)
/* Lets a VRT over LODE:"name.lodeview":embedding store the file's name relative to itself. */
struct LODESubdatasetInfo final : public GDALSubdatasetInfo {
    explicit LODESubdatasetInfo(const std::string &name) : GDALSubdatasetInfo(name) {}

  private:
    void parseFileName() override {
        size_t open_quote = m_fileName.find('"');
        size_t close_quote =
            open_quote == std::string::npos ? open_quote : m_fileName.find('"', open_quote + 1);
        if (close_quote == std::string::npos)
            return;
        m_driverPrefixComponent = "LODE";
        m_pathComponent = m_fileName.substr(open_quote, close_quote - open_quote + 1);
        if (close_quote + 2 < m_fileName.size())
            m_subdatasetComponent = m_fileName.substr(close_quote + 2);
    }
};

static GDALSubdatasetInfo *subdataset_info(const char *name) {
    const char *view = lode_view_is_connection(name) ? strstr(name, ".lodeview\"") : nullptr;
    return view ? new LODESubdatasetInfo(name) : nullptr;
}
#endif

extern "C" CPL_DLL void GDALRegister_LODE(void);

void GDALRegister_LODE(void) {
    if (GDALGetDriverByName("LODE"))
        return;
    auto *driver = new GDALDriver;
    driver->SetDescription("LODE");
    driver->SetMetadataItem(GDAL_DCAP_RASTER, "YES");
    driver->SetMetadataItem(GDAL_DCAP_OPEN, "YES");
    driver->SetMetadataItem(GDAL_DCAP_VIRTUALIO, "YES");
    driver->SetMetadataItem(GDAL_DMD_LONGNAME, "Lode mineral prospectivity view");
    driver->SetMetadataItem(GDAL_DMD_EXTENSION, "lodeview");
    driver->SetMetadataItem(GDAL_DMD_EXTENSIONS, "lodeview");
    driver->SetMetadataItem(GDAL_DMD_CONNECTION_PREFIX, "LODE:");
    driver->SetMetadataItem(GDAL_DMD_HELPTOPIC, "docs/drivers/lode.md");
    driver->SetMetadataItem(GDAL_DMD_OPENOPTIONLIST, open_options);
    driver->pfnIdentify = identify;
    driver->pfnOpen = open;
#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 8, 0)
    /* GDAL asks only drivers that say they have subdatasets; no dataset of ours lists any. */
    driver->SetMetadataItem(GDAL_DMD_SUBDATASETS, "YES");
    driver->pfnGetSubdatasetInfoFunc = subdataset_info;
#endif
    GetGDALDriverManager()->RegisterDriver(driver);
    lode_functions_register();
    lode_steps_register();
}

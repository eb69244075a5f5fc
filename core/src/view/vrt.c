#include "view/vrt.h"

#include <string.h>

#include <cpl_conv.h>
#include <cpl_minixml.h>
#include <cpl_string.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

struct lode_vrt {
    char *path;
    CPLXMLNode *root;
    CPLXMLNode *band, *arguments; /* of the last band; borrowed */
    int bands;
};

/* ---- Header ---------------------------------------------------------------------------------- */

static void add_crs(CPLXMLNode *root, const lode_stack *stack) {
    OGRSpatialReferenceH crs = GDALGetSpatialRef(lode_stack_dataset(stack, 0));
    char *wkt = NULL;
    if (!crs || OSRExportToWkt(crs, &wkt) != OGRERR_NONE)
        return;
    char text[64] = "";
    int count = 0;
    const int *axes = OSRGetDataAxisToSRSAxisMapping(crs, &count);
    for (int i = 0; i < count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", i ? "," : "", axes[i]);
    CPLXMLNode *node = CPLCreateXMLElementAndValue(root, "SRS", wkt);
    CPLAddXMLAttributeAndValue(node, "dataAxisToSRSAxisMapping", text);
    CPLFree(wkt);
}

static void set_number(CPLXMLNode *node, const char *name, double value) {
    CPLAddXMLAttributeAndValue(node, name, CPLSPrintf("%.17g", value));
}

lode_status lode_vrt_create(const char *path, const lode_stack *stack, lode_vrt **vrt) {
    lode_vrt *made = lode_alloc(1, sizeof *made);
    if (made)
        made->path = lode_strdup(path);
    if (!made || !made->path) {
        lode_free(made);
        return lode_fail_memory();
    }
    const lode_grid *grid = lode_stack_grid(stack);
    made->root = CPLCreateXMLNode(NULL, CXT_Element, "VRTDataset");
    set_number(made->root, "rasterXSize", grid->width);
    set_number(made->root, "rasterYSize", grid->height);
    add_crs(made->root, stack);
    const double *t = grid->transform;
    CPLCreateXMLElementAndValue(
        made->root, "GeoTransform",
        CPLSPrintf("%.17g, %.17g, %.17g, %.17g, %.17g, %.17g", t[0], t[1], t[2], t[3], t[4], t[5]));
    *vrt = made;
    return LODE_OK;
}

void lode_vrt_free(lode_vrt *vrt) {
    if (!vrt)
        return;
    CPLDestroyXMLNode(vrt->root);
    lode_free(vrt->path);
    lode_free(vrt);
}

/* ---- Bands ----------------------------------------------------------------------------------- */

lode_status lode_vrt_add_band(lode_vrt *vrt, const char *description, const char *function) {
    CPLXMLNode *band = CPLCreateXMLNode(vrt->root, CXT_Element, "VRTRasterBand");
    CPLAddXMLAttributeAndValue(band, "dataType", "Float32");
    set_number(band, "band", ++vrt->bands);
    CPLAddXMLAttributeAndValue(band, "subClass", "VRTDerivedRasterBand");
    CPLCreateXMLElementAndValue(band, "Description", description);
    CPLCreateXMLElementAndValue(band, "NoDataValue", CPLSPrintf("%.9g", (double)LODE_NODATA));
    CPLCreateXMLElementAndValue(band, "ColorInterp", "Gray");
    CPLCreateXMLElementAndValue(band, "PixelFunctionType", function);
    vrt->arguments = CPLCreateXMLNode(band, CXT_Element, "PixelFunctionArguments");
    /* Without it GDAL up to 3.10 reads the sources in the type the caller asks for, bytes even. */
    CPLCreateXMLElementAndValue(band, "SourceTransferType", "Float32");
    vrt->band = band;
    return LODE_OK;
}

lode_status lode_vrt_add_argument(lode_vrt *vrt, const char *name, const char *value) {
    CPLAddXMLAttributeAndValue(vrt->arguments, name, value);
    return LODE_OK;
}

lode_status lode_vrt_add_number(lode_vrt *vrt, const char *name, double value) {
    set_number(vrt->arguments, name, value);
    return LODE_OK;
}

static lode_status add_source(lode_vrt *vrt, const char *file, int band, CPLXMLNode **source) {
    char *relative = lode_file_relative(file, vrt->path);
    if (!relative)
        return lode_fail_memory();
    *source = CPLCreateXMLNode(vrt->band, CXT_Element, "ComplexSource");
    CPLXMLNode *name = CPLCreateXMLElementAndValue(*source, "SourceFilename", relative);
    bool beside = CPLIsFilenameRelative(relative) && !strchr(relative, ':');
    CPLAddXMLAttributeAndValue(name, "relativeToVRT", beside ? "1" : "0");
    CPLCreateXMLElementAndValue(*source, "SourceBand", CPLSPrintf("%d", band));
    lode_free(relative);
    return LODE_OK;
}

/* With the source's size and type written down, GDAL opens it only when it reads from it. */
static void add_properties(CPLXMLNode *source, GDALRasterBandH band) {
    int width, height;
    GDALGetBlockSize(band, &width, &height);
    CPLXMLNode *node = CPLCreateXMLNode(source, CXT_Element, "SourceProperties");
    set_number(node, "RasterXSize", GDALGetRasterBandXSize(band));
    set_number(node, "RasterYSize", GDALGetRasterBandYSize(band));
    CPLAddXMLAttributeAndValue(node, "DataType", GDALGetDataTypeName(GDALGetRasterDataType(band)));
    set_number(node, "BlockXSize", width);
    set_number(node, "BlockYSize", height);
}

lode_status lode_vrt_add_stack_band(lode_vrt *vrt, const lode_stack *stack, int number) {
    GDALRasterBandH band = lode_stack_band_handle(stack, number);
    GDALDatasetH dataset = GDALGetBandDataset(band);
    CPLXMLNode *source;
    LODE_TRY(add_source(vrt, GDALGetDescription(dataset), GDALGetBandNumber(band), &source));
    add_properties(source, band);
    int found, flags = GDALGetMaskFlags(band);
    double nodata = GDALGetRasterNoDataValue(band, &found);
    if (found)
        CPLCreateXMLElementAndValue(source, "NODATA", CPLSPrintf("%.17g", nodata));
    if (!(flags & (GMF_ALL_VALID | GMF_NODATA)))
        CPLCreateXMLElementAndValue(source, "UseMaskBand", "true");
    double offset = GDALGetRasterOffset(band, NULL), scale = GDALGetRasterScale(band, NULL);
    if (offset != 0 || (scale != 1 && scale != 0)) {
        CPLCreateXMLElementAndValue(source, "ScaleOffset", CPLSPrintf("%.17g", offset));
        CPLCreateXMLElementAndValue(source, "ScaleRatio",
                                    CPLSPrintf("%.17g", scale != 0 ? scale : 1));
    }
    return LODE_OK;
}

lode_status lode_vrt_add_file_band(lode_vrt *vrt, const char *file, int band) {
    CPLXMLNode *source;
    LODE_TRY(add_source(vrt, file, band, &source));
    CPLCreateXMLElementAndValue(source, "NODATA", CPLSPrintf("%.9g", (double)LODE_NODATA));
    return LODE_OK;
}

/* ---- Writing --------------------------------------------------------------------------------- */

lode_status lode_vrt_write(const lode_vrt *vrt) {
    char *text = CPLSerializeXMLTree(vrt->root);
    if (!text)
        return lode_fail_memory();
    lode_status status = lode_file_write(vrt->path, text, strlen(text));
    CPLFree(text);
    return status;
}

"""An embedding as a picture: its first three principal components as red, green and blue.

Places that look alike to the encoder get the same colour. The components are found on a sample of
the cells; each is stretched between its 2nd and 98th percentile. Signs are fixed, so that the same
embedding gives the same colours everywhere.
"""
import os

import numpy
from osgeo import gdal

from .text import tr

SAMPLE_CELLS = 40000
STRETCH = (2, 98)  # percentiles that become 1 and 255
STRIPE_CELLS = 400000  # cells read at a time


class ColoursError(Exception):
    """The picture cannot be made; the text says why."""


def _embedding_bands(raster):
    """Numbers (from 1) of the embedding bands."""
    return [number + 1 for number in range(raster.RasterCount)
            if raster.GetRasterBand(number + 1).GetDescription().startswith("embedding")]


def has_embedding(path):
    """Whether a raster holds an embedding that a picture can be made of."""
    raster = gdal.Open(path)
    return raster is not None and len(_embedding_bands(raster)) >= 3


def beside(path):
    """Where the picture of an embedding goes: NAME_colours.tif."""
    return os.path.splitext(path)[0] + "_colours.tif"


def write(source, target):
    """Writes the picture of the embedding bands of `source` as a GeoTIFF with bands red, green,
    blue and alpha."""
    raster = gdal.Open(source)
    if raster is None:
        raise ColoursError(gdal.GetLastErrorMsg())
    bands = _embedding_bands(raster)
    if len(bands) < 3:
        raise ColoursError(tr("'{}' has fewer than three embedding bands.").format(source))
    components = _components(_sample(raster, bands))
    part = target + ".part"
    picture = _create(part, raster)
    rows = max(1, STRIPE_CELLS // raster.RasterXSize)
    for top in range(0, raster.RasterYSize, rows):
        window = (0, top, raster.RasterXSize, min(rows, raster.RasterYSize - top))
        picture.WriteRaster(*window, _colours(*_read(raster, bands, window), components))
    picture = None  # closes the file
    os.replace(part, target)
    return target


def _create(path, like):
    """An empty picture on the grid of another raster."""
    picture = gdal.GetDriverByName("GTiff").Create(
        path, like.RasterXSize, like.RasterYSize, 4, gdal.GDT_Byte,
        ["COMPRESS=DEFLATE", "TILED=YES", "PHOTOMETRIC=RGB", "ALPHA=YES"])
    if picture is None:
        raise ColoursError(gdal.GetLastErrorMsg())
    picture.SetGeoTransform(like.GetGeoTransform())
    picture.SetProjection(like.GetProjection())
    for number, name in enumerate(("red", "green", "blue", "alpha"), 1):
        picture.GetRasterBand(number).SetDescription(name)
    return picture


def _colours(values, valid, components):
    """Bytes of the four bands, one after the other."""
    centre, axes, low, high = components
    shown = (numpy.where(valid[:, None], values, centre) - centre) @ axes
    shown = numpy.clip(1 + 254 * (shown - low) / (high - low), 1, 255).round()
    return numpy.vstack([shown.T * valid, 255 * valid]).astype(numpy.uint8).tobytes()


def _read(raster, bands, window, size=None):
    """Values [cells][bands] in a window, and which cells have data in all bands."""
    wide, tall = size or window[2:]
    data = raster.ReadRaster(*window, wide, tall, gdal.GDT_Float32, bands)
    if data is None:
        raise ColoursError(gdal.GetLastErrorMsg())
    values = numpy.frombuffer(data, numpy.float32).reshape(len(bands), wide * tall).T
    valid = numpy.isfinite(values).all(axis=1)
    for column, band in enumerate(bands):
        nodata = raster.GetRasterBand(band).GetNoDataValue()
        if nodata is not None:
            valid &= values[:, column] != numpy.float32(nodata)
    return values, valid


def _sample(raster, bands):
    """Cells with data, spread over the raster."""
    width, height = raster.RasterXSize, raster.RasterYSize
    step = max(1.0, (width * height / SAMPLE_CELLS) ** 0.5)
    values, valid = _read(raster, bands, (0, 0, width, height),
                          (max(1, int(width / step)), max(1, int(height / step))))
    if valid.sum() < 3:
        raise ColoursError(tr("The embedding has data in fewer than three cells."))
    return values[valid].astype(numpy.float64)


def _components(sample):
    """Centre, the three main axes as columns, and the range of the sample along each."""
    centre = sample.mean(axis=0)
    _, axes = numpy.linalg.eigh(numpy.cov(sample, rowvar=False))  # ascending
    axes = axes[:, ::-1][:, :3]
    largest = numpy.abs(axes).argmax(axis=0)
    axes = axes * numpy.sign(axes[largest, range(3)])
    low, high = numpy.percentile((sample - centre) @ axes, STRETCH, axis=0)
    return centre, axes, low, numpy.where(high > low, high, low + 1)

"""torch_map.py - a map by PyTorch as one would write it: GDAL reads and writes, numpy transforms, the dense
encoder runs on tiles of 512 x 512 cells. The rival of `lode predict` in map.py."""
import numpy as np
import torch
from osgeo import gdal

TILE = 512


class Recipe:
    """Log-ratios and scaling of a .lode file's metadata: raw[bands][y][x] -> channels and mask."""

    def __init__(self, described):
        self.floor, self.centre, self.scale = (np.float32(described[key])[:, None, None]
                                               for key in ("floor", "centre", "scale"))
        self.clip = described["clip"]

    def apply(self, raw, nodata):
        missing = (raw == nodata).any(axis=0)
        logs = np.log(np.maximum(raw, self.floor))
        logs -= logs.mean(axis=0)
        scaled = np.clip((logs - self.centre) / self.scale, -self.clip, self.clip)
        scaled[:, missing] = 0
        return np.concatenate([scaled, ~missing[None]]).astype("float32"), missing


def read_padded(source, x, y, width, height, nodata):
    """bands[height][width] from (x, y), nodata outside the raster."""
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + width, source.RasterXSize), min(y + height, source.RasterYSize)
    out = np.full((source.RasterCount, height, width), nodata, "float32")
    out[:, top - y:bottom - y, left - x:right - x] = source.ReadAsArray(left, top, right - left, bottom - top)
    return out


def write_map(stack, path, network, recipe, head, half, options):
    """Embedding and score of every cell; `options` of the GeoTIFF are those of lode's own."""
    source = gdal.Open(str(stack))
    nodata = source.GetRasterBand(1).GetNoDataValue()
    weight, bias = head
    dims = len(weight)
    made = gdal.GetDriverByName("GTiff").Create(str(path), source.RasterXSize, source.RasterYSize, dims + 1,
                                                gdal.GDT_Float32, options)
    made.SetGeoTransform(source.GetGeoTransform())
    made.SetProjection(source.GetProjection())
    for y in range(0, source.RasterYSize, TILE):
        for x in range(0, source.RasterXSize, TILE):
            width, height = min(TILE, source.RasterXSize - x), min(TILE, source.RasterYSize - y)
            raw = read_padded(source, x - half, y - half, width + 2 * half, height + 2 * half, nodata)
            channels, missing = recipe.apply(raw, nodata)
            with torch.no_grad():
                embedding = network(torch.from_numpy(channels)[None])[0]
                score = torch.sigmoid(torch.tensordot(weight, embedding, 1) + bias)
            bands = torch.cat([score[None], embedding]).numpy()
            bands[:, missing[half:-half, half:-half]] = -9999
            for number in range(dims + 1):
                made.GetRasterBand(number + 1).WriteArray(bands[number], x, y)

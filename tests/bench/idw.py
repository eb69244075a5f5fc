"""idw.py - points to cells: lode grid against gdal_grid, measured in the same run.

    /usr/bin/python3 tests/bench/idw.py [--points 2000000] [--cells 1000] [--threads 2]

Inverse distance from the 12 nearest of uniform random points within 300 m (about 56 points), both
programs reading one FlatGeobuf file and writing a GeoTIFF on the same grid with the same threads; then
ordinary kriging of 20,000 points to 500 x 500 cells with 24 neighbours. Prints wall and processor
seconds, peak memory, the ratios, and the largest difference between the two results."""
import argparse
import os
import shutil
import struct
import tempfile

import numpy as np
from osgeo import gdal, ogr, osr

from measure import measured

gdal.UseExceptions()
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LODE = os.path.join(os.environ.get("LODE_BUILD", os.path.join(ROOT, "build")), "bin", "lode")
WEST, SOUTH, SIDE = 500000, 6000000, 100000


def make_points(path, count):
    random = np.random.default_rng(2)
    x, y = WEST + random.uniform(0, SIDE, count), SOUTH + random.uniform(0, SIDE, count)
    value = np.exp(np.sin(x / 9000) + np.cos(y / 7000) + random.normal(size=count) / 4)
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32650)
    source = ogr.GetDriverByName("FlatGeobuf").CreateDataSource(path)
    layer = source.CreateLayer("points", crs, ogr.wkbPoint, options=["SPATIAL_INDEX=NO"])
    layer.CreateField(ogr.FieldDefn("Cu_ppm", ogr.OFTReal))
    for i in range(count):
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometryDirectly(
            ogr.CreateGeometryFromWkb(struct.pack("<bIdd", 1, 1, x[i], y[i])))
        feature.SetField(0, float(value[i]))
        layer.CreateFeature(feature)


def measure(name, words):
    wall, processor, memory = measured(*words)
    print(f"{name:10} {wall:7.1f} s wall {processor:7.1f} s processor {memory:7.0f} MiB")
    return wall, processor


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--points", type=int, default=2000000)
    parse.add_argument("--cells", type=int, default=1000)
    parse.add_argument("--threads", type=int, default=2)
    options = parse.parse_args()
    cell = SIDE // options.cells
    folder = tempfile.mkdtemp()
    points, ours, theirs = (os.path.join(folder, n) for n in ("points.fgb", "ours.tif", "theirs.tif"))
    extent = [WEST, SOUTH, WEST + SIDE, SOUTH + SIDE]
    try:
        make_points(points, options.points)
        print(f"{options.points} points to {options.cells} x {options.cells} cells")
        lode = measure("lode", [LODE, "grid", "-q", points, ours, "--extent",
                                ",".join(map(str, extent)), "--cell", str(cell), "--radius", "300",
                                "--threads", str(options.threads)])
        other = measure("gdal_grid", [
            "gdal_grid", "-q", "--config", "GDAL_NUM_THREADS", str(options.threads), "-zfield",
            "Cu_ppm", "-txe", str(WEST), str(WEST + SIDE), "-tye", str(SOUTH + SIDE), str(SOUTH),
            "-tr", str(cell), str(cell), "-ot", "Float64", "-a",
            "invdistnn:power=2:radius=300:max_points=12:nodata=-9999", points, theirs])
        a, b = gdal.Open(ours), gdal.Open(theirs)
        a, b = a.ReadAsArray().astype(float), b.ReadAsArray()
        both = (a != -9999) & (b != -9999)
        print(f"ratio wall {other[0] / lode[0]:.1f}, processor {other[1] / lode[1]:.1f}; largest "
              f"relative difference {np.max(np.abs(a[both] - b[both]) / b[both]):.1e}, "
              f"{np.sum((a == -9999) != (b == -9999))} cells with data in one only")
        make_points(points, 20000)
        print("20000 points to 500 x 500 cells, kriging with 24 neighbours")
        measure("lode", [LODE, "grid", "-q", points, ours, "--extent", ",".join(map(str, extent)),
                         "--cell", str(SIDE // 500), "--method", "kriging", "--threads",
                         str(options.threads)])
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

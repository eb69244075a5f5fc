"""gdal_translate.py [--size N] [--times N] [--only translate|score] - what it costs to go through GDAL, measured in pairs on one machine:

- `gdal_translate` of a view against `lode predict` of the same model and stack to the same kind of file;
- the pixel function lode_score over 64 stored embedding bands against GDAL's own `sum` over the same bands.

Prints the median ratio of wall times and its range. Run with /usr/bin/python3 on an idle machine; LODE_BUILD
names the build folder."""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LODE_BUILD", ROOT / "build"))
os.environ["GDAL_DRIVER_PATH"] = str(BUILD / "lib" / "gdalplugins")
from osgeo import gdal  # noqa: E402

from gdal_evaluations import make_stack  # noqa: E402

gdal.UseExceptions()
DEPOSITS = ('{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":'
            '"urn:ogc:def:crs:EPSG::32650"}},"features":[%s]}')
DEPOSIT = '{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[%d,%d]}}'
VRT_BAND = """<VRTDataset rasterXSize="{0}" rasterYSize="{0}">
<VRTRasterBand dataType="Float32" band="1" subClass="VRTDerivedRasterBand"><NoDataValue>-9999</NoDataValue>
<PixelFunctionType>{1}</PixelFunctionType><PixelFunctionArguments {2}/>
<SourceTransferType>Float32</SourceTransferType>{3}</VRTRasterBand></VRTDataset>"""
SOURCE = ('<SimpleSource><SourceFilename relativeToVRT="1">bands.tif</SourceFilename>'
          "<SourceBand>{}</SourceBand></SimpleSource>")


def lode(*words):
    subprocess.run([str(BUILD / "bin" / "lode"), *map(str, words), "-q"], check=True)


def make_model(folder):
    """A model of the size `lode map` trains: window 33, width 64, a head over bands and embedding."""
    stack, model = folder / "small.tif", folder / "model.lode"
    make_stack(stack, 300, 200)
    random = np.random.default_rng(5)
    (folder / "deposits.geojson").write_text(DEPOSITS % ",".join(
        DEPOSIT % (400000 + 100 * x, 3000000 - 100 * y)
        for x, y in zip(random.integers(20, 280, 30), random.integers(20, 180, 30))))
    lode("pretrain", stack, folder / "encoder.lode", "--steps", "2", "--anchors", "16")
    lode("fit", folder / "encoder.lode", stack, folder / "deposits.geojson", model, "--exclusion", "1km",
         "--inputs", "bands,embedding", "--strength", "0.01")
    return model


def compare(title, ours, theirs, times):
    def wall(action):
        start = time.perf_counter()
        action()
        return time.perf_counter() - start
    wall(ours), wall(theirs)
    pairs = [(wall(ours), wall(theirs)) for _ in range(times)]
    ratios = [a / b for a, b in pairs]
    print(f"{title}: {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f}); "
          f"{statistics.median(a for a, _ in pairs):.2f} s against {statistics.median(b for _, b in pairs):.2f} s",
          flush=True)


def translating(folder, size, times):
    stack, model = folder / "stack.tif", make_model(folder)
    make_stack(stack, size, size)
    lode("vrt", model, stack, folder / "map.lodeview")
    lode("predict", model, stack, folder / "predicted.tif")
    structure = gdal.Open(str(folder / "predicted.tif")).GetMetadata("IMAGE_STRUCTURE")
    options = [f"COMPRESS={structure['COMPRESSION']}"] if "COMPRESSION" in structure else []
    options += ["TILED=YES", f"INTERLEAVE={structure['INTERLEAVE']}", "NUM_THREADS=ALL_CPUS",
                f"PREDICTOR={structure.get('PREDICTOR', 1)}"]
    if structure.get("COMPRESSION") == "ZSTD":
        options.append("ZSTD_LEVEL=1")  # lode's; GDAL does not tell it
    words = ["gdal_translate", "-q", folder / "map.lodeview", folder / "translated.tif"]
    for option in options:
        words += ["-co", option]
    compare(f"gdal_translate {' '.join(options)} / lode predict, {size} x {size} cells",
            lambda: subprocess.run(words, check=True),
            lambda: lode("predict", model, stack, folder / "predicted.tif"), times)
    one, two = (gdal.Open(str(folder / name)).ReadAsArray() for name in ("translated.tif", "predicted.tif"))
    assert np.array_equal(one, two)


def scoring(folder, size, times, bands=64):
    dataset = gdal.GetDriverByName("GTiff").Create(str(folder / "bands.tif"), size, size, bands,
                                                   gdal.GDT_Float32, ["TILED=YES", "BIGTIFF=YES"])
    random = np.random.default_rng(1)
    for i in range(bands):
        dataset.GetRasterBand(i + 1).WriteArray(random.standard_normal((size, size), dtype=np.float32))
    dataset = None
    sources = "".join(SOURCE.format(i + 1) for i in range(bands))
    weights = " ".join(f"{value:.6f}" for value in random.standard_normal(bands))
    (folder / "score.vrt").write_text(VRT_BAND.format(size, "lode_score", f'weights="{weights}"', sources))
    (folder / "sum.vrt").write_text(VRT_BAND.format(size, "sum", "", sources))

    def read(name):
        return lambda: gdal.Open(str(folder / name)).ReadAsArray()
    compare(f"lode_score / sum, {bands} bands of {size} x {size} cells", read("score.vrt"), read("sum.vrt"),
            times)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--only", choices=("translate", "score"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        if options.only != "score":
            translating(pathlib.Path(folder), options.size, options.times)
        if options.only != "translate":
            scoring(pathlib.Path(folder), options.size, options.times)


if __name__ == "__main__":
    main()

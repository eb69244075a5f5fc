"""gdal_evaluations.py [--size W H] [--cache SIZE] [--only WORD] - how often GDAL's tools have the LODE driver evaluate a cell, for
64 embedding bands and every usual kind of output. Default: 4000 x 3000 cells (3 GB of bands) and GDAL's own cache
size. Needs twice that room in the folder for temporary files. Run with /usr/bin/python3; LODE_BUILD names the
build folder."""
import argparse
import os
import pathlib
import re
import subprocess
import tempfile
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LODE_BUILD", ROOT / "build"))
os.environ["GDAL_DRIVER_PATH"] = str(BUILD / "lib" / "gdalplugins")
from osgeo import gdal  # noqa: E402

gdal.UseExceptions()

OUTPUTS = {
    "GeoTIFF, tiled": ["gdal_translate", "-q", "-co", "TILED=YES", "-co", "BIGTIFF=YES"],
    "GeoTIFF, striped": ["gdal_translate", "-q", "-co", "BIGTIFF=YES"],
    "GeoTIFF, band-interleaved": ["gdal_translate", "-q", "-co", "INTERLEAVE=BAND", "-co", "BIGTIFF=YES"],
    "GeoTIFF, tiled and compressed": ["gdal_translate", "-q", "-co", "TILED=YES", "-co", "COMPRESS=LZW",
                                      "-co", "BIGTIFF=YES"],
    "COG": ["gdal_translate", "-q", "-of", "COG", "-co", "COMPRESS=NONE", "-co", "BIGTIFF=YES"],
    "gdalwarp": ["gdalwarp", "-q", "-t_srs", "EPSG:4326", "-co", "BIGTIFF=YES"],
    "gdalwarp -multi, tiled": ["gdalwarp", "-q", "-multi", "-wo", "NUM_THREADS=2", "-t_srs", "EPSG:4326",
                               "-co", "TILED=YES", "-co", "BIGTIFF=YES"],
    "gdalinfo -stats": ["gdalinfo", "-stats"],
}


def make_stack(path, width, height):
    random = np.random.default_rng(3)
    names = ["Au", "As", "Sb", "Cu", "Zn", "Fe2O3"]
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), width, height, len(names), gdal.GDT_Float32,
                                                   ["TILED=YES", "INTERLEAVE=PIXEL"])
    dataset.SetGeoTransform((400000, 100, 0, 3000000, 0, -100))
    dataset.SetProjection("EPSG:32650")
    for i, name in enumerate(names):
        band = dataset.GetRasterBand(i + 1)
        band.SetDescription(name)
        band.SetNoDataValue(-1)
        for row in range(0, height, 500):
            rows = min(500, height - row)
            band.WriteArray(np.exp(random.standard_normal((rows, width)) + i).astype(np.float32), 0, row)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, nargs=2, default=(4000, 3000))
    parser.add_argument("--cache", help="GDAL_CACHEMAX, for example 64MB")
    parser.add_argument("--only", default="", help="outputs whose name has this word")
    options = parser.parse_args()
    width, height = options.size
    env = {**os.environ, "CPL_DEBUG": "LODE"}
    if options.cache:
        env["GDAL_CACHEMAX"] = options.cache
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        stack, model, small = (pathlib.Path(folder) / name for name in ("stack.tif", "a.lode", "small.tif"))
        make_stack(stack, width, height)
        make_stack(small, 300, 200)
        subprocess.run([BUILD / "bin" / "lode", "pretrain", small, model, "--window", "9", "--steps", "2",
                        "--width", "16", "--dims", "64", "--anchors", "16", "-q"], check=True)
        name = f'LODE:"{model}":"{stack}":embedding'
        bands = gdal.Open(name).RasterCount
        print(f"{bands} bands of {width} x {height} cells, {bands * width * height * 4e-6:.0f} MB; cache "
              f"{env.get('GDAL_CACHEMAX', f'{gdal.GetCacheMax() / 1e6:.0f} MB (default)')}", flush=True)
        for kind, command in ((k, c) for k, c in OUTPUTS.items() if options.only in k):
            out = pathlib.Path(folder) / "out.tif"
            start = time.monotonic()
            done = subprocess.run([*command, name, *([out] if command[0] != "gdalinfo" else [])], env=env,
                                  text=True, capture_output=True, check=True)
            ratios = re.findall(r"evaluated \d+ cells of .*, ratio ([\d.]+)", done.stderr)
            print(f"{kind:30} {sum(map(float, ratios)):.3f} evaluations a cell, "
                  f"{time.monotonic() - start:.0f} s", flush=True)
            out.unlink(missing_ok=True)


if __name__ == "__main__":
    main()

"""label_free.py DATA OUT - the anomaly band on a public benchmark of label-free scores, beside two controls.

DATA/wa_katanning holds the stream sediments and gold sites that OpenGADBench (github.com/yihaoding/geochemad)
calls sed1. Its protocol: AUC of a score at the sample nearest each site against samples at least 5 km from
every site, as many, in 20 draws. Controls: log Au of the sample, and the mean distance to the 16 nearest
samples, which knows no chemistry at all: surveys are denser, or sparser, where somebody looked.

Rows are tried on the samples as published (all reports, 1,392 rows) and on the 613 of one laboratory
method. LODE_BUILD names the build folder; grids and models go to OUT."""
import csv
import os
import pathlib
import subprocess
import sys

import numpy as np
from osgeo import gdal, ogr, osr

ROOT = pathlib.Path(__file__).resolve().parents[2]
LODE = pathlib.Path(os.environ.get("LODE_BUILD", ROOT / "build")) / "bin" / "lode"
FOLDER, OUT = pathlib.Path(sys.argv[1]) / "wa_katanning", pathlib.Path(sys.argv[2])
DRAWS, CLEAR, NEIGHBOURS, SEEDS = 20, 5000, 16, 3
gdal.UseExceptions()


def metres(points):
    """Longitude and latitude (GDA94) to MGA zone 50."""
    systems = []
    for code in (4283, 28350):
        system = osr.SpatialReference()
        system.ImportFromEPSG(code)
        system.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
        systems.append(system)
    change = osr.CoordinateTransformation(*systems)
    return np.array([change.TransformPoint(*point)[:2] for point in points])


def read_points(path, column=None):
    layer = ogr.Open(str(path))
    points, values = [], []
    for feature in layer.GetLayer(0):
        geometry = feature.GetGeometryRef()
        points.append((geometry.GetX(), geometry.GetY()))
        values.append(feature.GetField(column) if column else 0)
    return metres(points), np.array(values, float)


def read_raw(path):
    """Places and gold of every row that has gold; -9999 is not analysed, negative below detection."""
    rows = [row for row in csv.DictReader(open(path, newline="")) if float(row["Au_ppm"]) != -9999]
    places = metres([(float(row["X"]), float(row["Y"])) for row in rows])
    return places, np.array([float(row["Au_ppm"]) for row in rows])


def distances(a, b):
    return np.hypot(*(a[:, None, :] - b[None, :, :]).transpose(2, 0, 1))


def log_gold(gold):
    """Half the limit below detection; zeros are below the smallest value seen."""
    floor = np.abs(gold[gold != 0]).min()
    return np.log(np.where(gold > 0, gold, np.where(gold < 0, -gold, floor) / 2))


def sparseness(places):
    return np.sort(distances(places, places), axis=1)[:, 1:NEIGHBOURS + 1].mean(axis=1)


def auc(positive, negative):
    both = positive[:, None] - negative[None, :]
    return (both > 0).mean() + 0.5 * (both == 0).mean()


def protocol(score, places, sites):
    """Mean and standard deviation of the AUC over the draws."""
    far = distances(places, sites)
    nearest = far.argmin(axis=0)
    clear = np.flatnonzero(far.min(axis=1) >= CLEAR)
    clear = clear[np.isfinite(score[clear])]
    positive = score[nearest][np.isfinite(score[nearest])]
    random = np.random.default_rng(1)
    values = [auc(positive, score[random.choice(clear, len(positive), replace=False)])
              for _ in range(DRAWS)]
    return np.mean(values), np.std(values), len(positive), len(clear)


def sample_band(path, name, places):
    raster = gdal.Open(str(path))
    for index in range(1, raster.RasterCount + 1):
        band = raster.GetRasterBand(index)
        if band.GetDescription() == name:
            break
    cells, nodata = band.ReadAsArray(), band.GetNoDataValue()
    left, size_x, _, top, _, size_y = raster.GetGeoTransform()
    columns = np.clip(((places[:, 0] - left) / size_x).astype(int), 0, raster.RasterXSize - 1)
    rows = np.clip(((places[:, 1] - top) / size_y).astype(int), 0, raster.RasterYSize - 1)
    values = cells[rows, columns].astype(float)
    return np.where(values == nodata, np.nan, values)


def lode(*words):
    print("    lode " + " ".join(map(str, words)).replace(str(FOLDER), "DATA/wa_katanning"))
    sys.stdout.flush()
    subprocess.run([LODE, *map(str, words), "-q"], cwd=OUT, check=True)


def anomaly(seed, places):
    model, result = f"sed1-{seed}.lode", f"sed1-{seed}.tif"
    if not (OUT / result).exists():
        lode("pretrain", "sed1.tif", model, "--seed", seed)
        lode("predict", model, "sed1.tif", result, "--bands", "anomaly")
    return sample_band(OUT / result, "anomaly", places)


def line(name, score, places, sites, density):
    mean, spread, positive, clear = protocol(score, places, sites)
    known = np.isfinite(score)
    order = [np.argsort(np.argsort(v[known])) for v in (score, density)]
    print(f"| {name} | {mean:.3f} | {spread:.3f} | {np.corrcoef(*order)[0, 1]:.2f} | {positive} and {clear} |")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    sites, _ = read_points(FOLDER / "deposits.gpkg")
    places, gold = read_points(FOLDER / "samples.gpkg", "Au_ppm")
    raw_places, raw_gold = read_raw(FOLDER / "raw" / "area1_sediment_au_raw.csv")
    if not (OUT / "sed1.tif").exists():
        lode("grid", FOLDER / "samples.gpkg", "sed1.tif", "--cell", "1km", "--crs", "EPSG:28350")
    scores = [anomaly(seed, places) for seed in range(1, SEEDS + 1)]
    density, raw_density = sparseness(places), sparseness(raw_places)
    print("\n| score | AUC | standard deviation over draws | rank correlation with sparseness | sites and "
          "samples |\n|---|---|---|---|---|")
    line("sparseness, all rows", raw_density, raw_places, sites, raw_density)
    line("log Au, all rows", log_gold(raw_gold), raw_places, sites, raw_density)
    line("sparseness, one method", density, places, sites, density)
    line("log Au, one method", log_gold(gold), places, sites, density)
    for seed, score in enumerate(scores, 1):
        line(f"anomaly, seed {seed}", score, places, sites, density)
    line("Au grid", sample_band(OUT / "sed1.tif", "Au", places), places, sites, density)


if __name__ == "__main__":
    main()

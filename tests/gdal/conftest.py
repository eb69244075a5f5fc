"""What the tests of the GDAL plugin share: the plugin's folder, the lode command, a small model.

GDAL reads GDAL_DRIVER_PATH when it registers its drivers, so it is set before osgeo is imported."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LODE_BUILD", ROOT / "build"))
PLUGINS = BUILD / "lib" / "gdalplugins"
os.environ["GDAL_DRIVER_PATH"] = str(PLUGINS)
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import numpy as np  # noqa: E402
import pytest  # noqa: E402
from osgeo import gdal  # noqa: E402

gdal.UseExceptions()


def run(*words, check=True, **more):
    """Runs a command and returns it with its output; the words may be paths."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def lode(*words, **more):
    return run(BUILD / "bin" / "lode", *words, **more)


def write_raster(path, planes, names=None, nodata=None, transform=(400000, 500, 0, 3000000, 0, -500),
                 epsg=32650, options=()):
    """Writes a Float32 GeoTIFF of planes[band, row, column]."""
    planes = np.asarray(planes, dtype=np.float32)
    bands, height, width = planes.shape
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), width, height, bands,
                                                   gdal.GDT_Float32, list(options))
    if transform:
        dataset.SetGeoTransform(transform)
    if epsg:
        from osgeo import osr
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(epsg)
        dataset.SetSpatialRef(crs)
    for i in range(bands):
        band = dataset.GetRasterBand(i + 1)
        if names:
            band.SetDescription(names[i])
        if nodata is not None:
            band.SetNoDataValue(nodata)
        band.WriteArray(planes[i])
    dataset.FlushCache()
    return str(path)


def read(path, **more):
    """All bands as one array [band, row, column], whatever their number."""
    array = gdal.Open(str(path)).ReadAsArray(**more)
    return array if array.ndim == 3 else array[None]


ELEMENTS = ["Au", "As", "Sb", "Cu", "Zn", "Fe2O3"]


@pytest.fixture(scope="session")
def survey(tmp_path_factory):
    """A folder with stack.tif (six elements, 150 x 130 cells, some nodata) and deposits.gpkg."""
    folder = tmp_path_factory.mktemp("survey")
    random = np.random.default_rng(7)
    rows, columns = np.mgrid[0:130, 0:150]
    planes = []
    for k in range(len(ELEMENTS)):
        smooth = np.sin(columns / (9 + 3 * k)) * np.cos(rows / (7 + 2 * k))
        planes.append(np.exp(smooth + 0.3 * random.standard_normal(rows.shape) + k))
    sites = [(int(x), int(y)) for x, y in zip(random.integers(10, 140, 24),
                                              random.integers(10, 120, 24))]
    for x, y in sites:
        halo = 3 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 30.0)
        for k in range(3):
            planes[k] *= 1 + halo
    planes = np.array(planes)
    planes[:, 40:55, 60:80] = -1  # a lake
    planes[2, 100:, 120:] = -1  # antimony was not measured here
    write_raster(folder / "stack.tif", planes, ELEMENTS, nodata=-1,
                 options=["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64"])
    features = ",".join('{"type":"Feature","properties":{},"geometry":{"type":"Point",'
                        f'"coordinates":[{400250 + 500 * x},{2999750 - 500 * y}]' "}}"
                        for x, y in sites)
    (folder / "deposits.geojson").write_text(
        '{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":'
        '"urn:ogc:def:crs:EPSG::32650"}},"features":[' + features + "]}")
    return folder


@pytest.fixture(scope="session")
def model(survey):
    """model.lode: a small encoder with a head that sees everything it can."""
    lode("pretrain", survey / "stack.tif", survey / "encoder.lode", "--window", "9", "--steps", "3",
         "--width", "16", "--dims", "16", "--anchors", "16", "-q")
    lode("fit", survey / "encoder.lode", survey / "stack.tif", survey / "deposits.geojson",
         survey / "model.lode", "--inputs", "bands,smooth,embedding", "--strength", "0.01",
         "--exclusion", "1km", "--members", "3", "-q")
    return survey / "model.lode"


@pytest.fixture
def view(survey, model, tmp_path):
    """A folder of its own with model, stack and name.lodeview over them; returns the view."""
    for name in ("stack.tif", "model.lode"):
        (tmp_path / name).write_bytes((survey / name).read_bytes())
    path = tmp_path / "name.lodeview"
    path.write_text('<LODEDataset version="1">\n  <Model>model.lode</Model>\n'
                    "  <Stack>stack.tif</Stack>\n</LODEDataset>\n")
    return path


@pytest.fixture
def predicted(survey, model, tmp_path_factory):
    """What `lode predict` writes for the same model and stack."""
    path = survey / "predicted.tif"
    if not path.exists():
        lode("predict", model, survey / "stack.tif", path, "-q")
    return path

"""lode evaluate against counts made here, by hand."""
import json

import numpy as np
import pytest
from osgeo import gdal, ogr

from conftest import SAMPLE

gdal.UseExceptions()


@pytest.fixture(scope="module")
def gold():
    """Shares of the area with more gold than each hidden deposit, counted with numpy."""
    raster = gdal.Open(str(SAMPLE / "stack.tif"))
    names = [raster.GetRasterBand(i + 1).GetDescription() for i in range(raster.RasterCount)]
    band = raster.GetRasterBand(names.index("Au") + 1).ReadAsArray()
    cells = band[band != -9999]
    west, cell, _, north, _, _ = raster.GetGeoTransform()
    source = ogr.Open(str(SAMPLE / "truth.gpkg"))
    shares = []
    for feature in source.GetLayer(0):
        x, y = feature.GetGeometryRef().GetX(), feature.GetGeometryRef().GetY()
        value = band[int((north - y) / cell), int((x - west) / cell)]
        if value != -9999:
            shares.append(((cells > value).sum() + 0.5 * (cells == value).sum()) / cells.size)
    return np.array(shares)


def test_auc_and_capture(lode, gold):
    done = lode("evaluate", SAMPLE / "stack.tif", SAMPLE / "truth.gpkg", "--bands", "Bi,Au", "--json",
                "-")
    assert done.code == 0
    band = done.json["bands"]["Au"]
    assert band["deposits"] == len(gold)
    assert band["auc"]["value"] == pytest.approx(1 - gold.mean(), abs=1e-6)
    assert band["auc"]["low"] < band["auc"]["value"] < band["auc"]["high"]
    for area in ("0.05", "0.10", "0.20"):
        assert band["capture"][area]["deposits"] == (gold <= float(area)).sum()
    assert list(done.json["bands"]) == ["Au", "Bi"] or set(done.json["bands"]) == {"Au", "Bi"}


def test_json_file_and_filter(lode, tmp_path):
    path = tmp_path / "result.json"
    done = lode("evaluate", SAMPLE / "stack.tif", SAMPLE / "truth.gpkg", "--where",
                "name = 'Hidden 3'", "--json", path, "-q")
    assert done.code == 0 and done.out == ""
    result = json.loads(path.read_text())
    assert result["read"] == 1 and result["command"].startswith("lode evaluate")


def test_unknown_band_and_field(lode):
    done = lode("evaluate", SAMPLE / "stack.tif", SAMPLE / "truth.gpkg", "--bands", "Au,Pt")
    assert done.code == 1 and "'Pt'" in done.message()
    done = lode("evaluate", SAMPLE / "stack.tif", SAMPLE / "truth.gpkg", "--where", "metal = 'Au'")
    assert done.code in (1, 2) and "metal" in done.message()

"""lode stack and lode transform: grids that disagree, values that mean nothing, and the way back."""
import os
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, ogr, osr

from conftest import ROOT, run_lode
from test_samples import bands

gdal.UseExceptions()
SHARED = Path(os.environ.get("LODE_SHARED_DATA", ROOT.parent / "shared" / "data"))


def raster(path, values, origin=(500000, 6001000), cell=(100, 100), nodata=None, epsg=32650,
           names=None, kind=gdal.GDT_Float32):
    values = np.asarray(values)
    values = values if values.ndim == 3 else values[None]
    made = gdal.GetDriverByName("GTiff").Create(str(path), values.shape[2], values.shape[1],
                                                values.shape[0], kind)
    made.SetGeoTransform([origin[0], cell[0], 0, origin[1], 0, -cell[1]])
    crs = osr.SpatialReference()
    if epsg:
        crs.ImportFromEPSG(epsg)
        made.SetProjection(crs.ExportToWkt())
    for i, plane in enumerate(values):
        band = made.GetRasterBand(i + 1)
        band.WriteArray(plane)
        if names:
            band.SetDescription(names[i])
        if nodata is not None:
            band.SetNoDataValue(nodata)
    return path


def ramp(height=10, width=10):
    return np.add.outer(10.0 * np.arange(height), np.arange(width)) + 1


def stack(*words):
    done = run_lode("stack", *words, "-q", "--json", "-")
    assert done.code == 0, done
    return done.json


def test_cells_that_agree_are_copied(tmp_path):
    a = raster(tmp_path / "Cu.tif", ramp(), nodata=-1)
    b = raster(tmp_path / "b.tif", np.stack([ramp(), -ramp()]), names=["Zn", "mag"])
    report = stack(a, b, tmp_path / "o.tif")
    made = bands(tmp_path / "o.tif")
    assert list(made) == ["Cu", "Zn", "mag"]
    assert [item["action"] for item in report["bands"]] == ["copied"] * 3
    assert (made["Cu"] == ramp()).all() and (made["mag"] == -ramp()).all()


def test_half_cell_shift_is_interpolated_and_whole_cells_moved(tmp_path):
    grid = raster(tmp_path / "grid.tif", ramp())
    half = raster(tmp_path / "half.tif", ramp(), origin=(500050, 6001000))
    whole = raster(tmp_path / "whole.tif", ramp(), origin=(500200, 6001000))
    report = stack("--like", grid, half, whole, tmp_path / "o.tif")
    assert [i["action"] for i in report["bands"]] == ["shifted by part of a cell",
                                                       "moved by whole cells"]
    made = bands(tmp_path / "o.tif")
    assert made["half"][5, 5] == pytest.approx(ramp()[5, 4:6].mean(), abs=1e-5)
    assert np.isnan(made["whole"][:, :2]).all() and (made["whole"][:, 2:] == ramp()[:, :8]).all()


def test_missing_values_of_every_kind(tmp_path):
    values = ramp()
    values[0, 0], values[4, 4], values[9, 9] = -1, np.nan, 1e38
    other = ramp()
    other[2, 2] = -9999
    a = raster(tmp_path / "a.tif", values, nodata=-1)
    b = raster(tmp_path / "b.tif", other)
    report = stack(a, b, tmp_path / "o.tif")
    made = bands(tmp_path / "o.tif")
    assert np.isnan(made["a"]).sum() == 3 and np.nanmax(made["a"]) < 101
    assert "looks like an undeclared no-data" in " ".join(report["warnings"])
    written = gdal.Open(str(tmp_path / "o.tif"))
    assert written.GetRasterBand(2).ReadAsArray()[2, 2] == -9999
    stack(a, b, "--nodata", "a=12", tmp_path / "n.tif")
    again = bands(tmp_path / "n.tif")
    assert np.isnan(again["a"][1, 1]) and not np.isnan(again["b"][1, 1])


def test_a_missing_cell_does_not_leak(tmp_path):
    values = ramp()
    values[5, 5] = np.nan
    grid = raster(tmp_path / "grid.tif", ramp(20, 20), cell=(50, 50))
    made = stack("--like", grid, raster(tmp_path / "a.tif", values, nodata=-9999), tmp_path / "o.tif")
    out = bands(tmp_path / "o.tif")["a"]
    assert np.nanmin(out) >= 1 and np.nanmax(out) <= 100 and np.isnan(out).sum() <= 16
    assert made["bands"][0]["resampling"] == "bilinear"


def test_coarser_output_averages_and_other_crs_warps(tmp_path):
    fine = raster(tmp_path / "fine.tif", ramp(40, 40), cell=(25, 25))
    coarse = raster(tmp_path / "coarse.tif", ramp(), cell=(100, 100))
    report = stack("--like", coarse, fine, tmp_path / "o.tif")
    assert report["bands"][0]["resampling"] == "average"
    made = bands(tmp_path / "o.tif")["fine"]
    assert made[3, 4] == pytest.approx(ramp(40, 40)[12:16, 16:20].mean(), rel=1e-5)
    report = stack("--like", coarse, "--crs", "EPSG:32649", coarse, tmp_path / "w.tif")
    assert report["bands"][0]["action"] == "warped to another CRS"


def test_categories(tmp_path):
    rocks = np.repeat(np.repeat([[1, 2], [2, 7]], 20, axis=0), 20, axis=1)
    source = raster(tmp_path / "rock.tif", rocks, cell=(25, 25), kind=gdal.GDT_Byte, nodata=0)
    grid = raster(tmp_path / "grid.tif", ramp())
    stack("--like", grid, source, "--categories", "rock", tmp_path / "o.tif")
    shares = bands(tmp_path / "o.tif")
    assert list(shares) == ["rock=1", "rock=2", "rock=7"]
    assert np.allclose(sum(shares.values()), 1) and shares["rock=1"][2, 2] == 1
    stack("--like", grid, source, "--categories", "rock", "--encode", "distance", tmp_path / "d.tif")
    far = bands(tmp_path / "d.tif")["rock=7 distance"]
    assert far[9, 9] == 0 and far[9, 0] == 500 and far[0, 0] == pytest.approx(500 * 2 ** 0.5)
    stack("--like", grid, source, "--categories", "rock", "--encode", "code", tmp_path / "c.tif")
    assert set(np.unique(bands(tmp_path / "c.tif")["rock"])) == {1, 2, 7}


def test_vectors(tmp_path):
    grid = raster(tmp_path / "grid.tif", ramp(40, 40), cell=(25, 25))
    source = ogr.GetDriverByName("GPKG").CreateDataSource(str(tmp_path / "f.gpkg"))
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32650)
    layer = source.CreateLayer("faults", crs, ogr.wkbLineString)
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(ogr.CreateGeometryFromWkt("LINESTRING (500512.5 5990000, 500512.5 6010000)"))
    layer.CreateFeature(feature)
    del layer, source, feature
    stack("--like", grid, "--vector", f"{tmp_path / 'f.gpkg'}|layername=faults", "--vector-as",
          "presence,distance,density", "--density-radius", "200", tmp_path / "o.tif")
    made = bands(tmp_path / "o.tif")
    assert list(made) == ["faults presence", "faults distance", "faults density"]
    assert (made["faults presence"].sum(axis=1) == 1).all() and made["faults presence"][3, 20] == 1
    # Cell centres lie at 500012.5 + 25 i; the line is 500 m east of the first.
    assert np.allclose(made["faults distance"][10], np.abs(25.0 * np.arange(40) - 500), atol=3)
    # A line through the middle of a disc of radius r: 2 r / (pi r^2).
    assert made["faults density"][20, 20] == pytest.approx(2 / (np.pi * 0.2), rel=0.1)


def test_vrt_when_nothing_is_computed(tmp_path):
    a = raster(tmp_path / "Cu.tif", ramp(), nodata=-1)
    b = raster(tmp_path / "Zn.tif", ramp() * 2, nodata=-2)
    stack(a, b, tmp_path / "o.vrt")
    assert "relativeToVRT=\"1\">Cu.tif" in (tmp_path / "o.vrt").read_text().replace(
        ' shared="0"', "")
    assert (bands(tmp_path / "o.vrt")["Zn"] == 2 * ramp()).all()
    shifted = raster(tmp_path / "s.tif", ramp(), origin=(500050, 6001000))
    done = run_lode("stack", a, shifted, tmp_path / "p.vrt", "-q")
    assert done.code == 2 or done.code == 1
    assert ".tif" in done.message() and not (tmp_path / "p.vrt").exists()


def test_refusals(tmp_path):
    a = raster(tmp_path / "a.tif", ramp())
    away = raster(tmp_path / "away.tif", ramp(), origin=(700000, 6001000))
    out = tmp_path / "out"
    out.mkdir()
    for words, text in (((["--like", a, away]), "overlap"), (([a, "--categories", "x"]), "x"),
                        (([a, tmp_path / "none.tif"]), "none.tif"), ([a, "--nodata", "a=b"], "a=b"),
                        ([a, "--extent", "1,2,3"], "1,2,3"), ([a, "--crs", "nowhere"], "nowhere"),
                        ([], "raster")):
        done = run_lode("stack", *words, out / "o.tif", "-q")
        assert done.code in (1, 2), done
        assert text in done.message(), done.message()
        assert list(out.iterdir()) == []


def test_three_grids_of_a_real_survey(tmp_path):
    folder = SHARED / "nanling_li_raster" / "rasters"
    if not folder.exists():
        pytest.skip(f"{folder} is not here")
    report = stack("--like", folder / "Idw_Au.tif", folder / "Idw_Au.tif", folder / "Granite.tif",
                   folder / "Li_deposits0.tif", "--categories", "Li_deposits0", tmp_path / "o.tif")
    assert [b["action"] for b in report["bands"]] == ["copied", "averaged", "share of class",
                                                       "share of class"]
    assert "0 in 65." in " ".join(report["warnings"])
    made = bands(tmp_path / "o.tif")
    assert np.nanmin(made["Idw_Au"]) > 0 and np.isnan(made["Idw_Au"]).sum() == 141 * 163 - 20460


# ---- lode transform --------------------------------------------------------------------------------


def composition(tmp_path):
    rng = np.random.default_rng(2)
    parts = np.exp(rng.normal(size=(4, 12, 15)))
    parts[1, 3, 3], parts[2, 5, 5] = -9999, 0
    parts[:, 8, 8] = -9999
    parts[3] = rng.normal(size=(12, 15))
    return raster(tmp_path / "in.tif", parts, nodata=-9999, names=["Au", "Cu", "Zn", "mag"])


@pytest.mark.parametrize("name", ["clr", "alr", "ilr"])
def test_log_ratios_and_back(tmp_path, name):
    source = composition(tmp_path)
    before = bands(source)
    assert run_lode("transform", source, tmp_path / "t.tif", "--transform", name, "-q").code == 0
    made = bands(tmp_path / "t.tif")
    assert list(made)[-1] == "mag" and np.array_equal(made["mag"], before["mag"], equal_nan=True)
    assert run_lode("transform", tmp_path / "t.tif", tmp_path / "b.tif", "--transform", name,
                    "--inverse", "-q", "--total", 1).code == 0
    after = bands(tmp_path / "b.tif")
    assert list(after) == ["Au", "Cu", "Zn", "mag"]
    parts = np.stack([before[p] for p in ("Au", "Cu", "Zn")])
    smallest = np.nanmin(np.where(parts[2] > 0, parts[2], np.nan))
    parts[2][parts[2] == 0] = smallest / 2
    whole = parts / np.nansum(parts, axis=0)
    back = np.stack([after[p] for p in ("Au", "Cu", "Zn")])
    assert np.isnan(back[:, 8, 8]).all()
    full = ~np.isnan(whole).any(axis=0)
    assert np.allclose(back[:, full], whole[:, full], rtol=2e-5)
    if name == "clr":
        z = np.log(parts[:, full]) - np.log(parts[:, full]).mean(axis=0)
        assert np.allclose(made["clr Cu"][full], z[1], atol=1e-5)


def test_scores_and_winsor(tmp_path):
    source = composition(tmp_path)
    before = bands(source)
    assert run_lode("transform", source, tmp_path / "z.tif", "--transform", "zscore", "-q").code == 0
    made = bands(tmp_path / "z.tif")
    centre = np.nanmedian(before["Au"])
    spread = 1.4826 * np.nanmedian(np.abs(before["Au"] - centre))
    assert np.allclose(made["zscore Au"], (before["Au"] - centre) / spread, atol=1e-4, equal_nan=True)
    assert run_lode("transform", tmp_path / "z.tif", tmp_path / "y.tif", "--transform", "zscore",
                    "--inverse", "-q").code == 0
    assert np.allclose(bands(tmp_path / "y.tif")["mag"], before["mag"], atol=1e-5, equal_nan=True)
    assert run_lode("transform", source, tmp_path / "w.tif", "--transform", "winsor", "--lower", 10,
                    "--upper", 90, "-q").code == 0
    low, high = np.nanquantile(before["mag"], [0.1, 0.9])
    made = bands(tmp_path / "w.tif")["winsor mag"]
    assert np.allclose(made, np.clip(before["mag"], low, high), atol=1e-5, equal_nan=True)


def test_partition_of_balances(tmp_path):
    source = composition(tmp_path)
    before = bands(source)
    (tmp_path / "sbp.txt").write_text("Zn Au Cu\n+1 -1 -1\n0 1 -1\n")
    assert run_lode("transform", source, tmp_path / "t.tif", "--transform", "ilr", "--partition",
                    tmp_path / "sbp.txt", "-q").code == 0
    made = bands(tmp_path / "t.tif")
    au, cu, zn = (before[part][0, 0] for part in ("Au", "Cu", "Zn"))
    assert made["ilr 1"][0, 0] == pytest.approx((2 / 3) ** 0.5 * np.log(zn / (au * cu) ** 0.5), abs=1e-5)
    for bad in ("1 -1\n", "1 1 1\n0 1 -1\n", "1 -1 0\n1 0 -1\n", "1 -1 x\n"):
        (tmp_path / "bad.txt").write_text(bad)
        done = run_lode("transform", source, tmp_path / "no.tif", "--transform", "ilr", "--partition",
                        tmp_path / "bad.txt", "-q")
        assert done.code == 1 and "bad.txt" in done.message(), done


def test_tables(tmp_path):
    (tmp_path / "t.csv").write_text("id,Au_ppb,Cu_ppm,Zn_ppm\na,1000,2,4\nb,<2000,2,4\nc,N/A,3,12\n")
    assert run_lode("transform", tmp_path / "t.csv", tmp_path / "o.csv", "-q").code == 0
    lines = [line.split(",") for line in (tmp_path / "o.csv").read_text().splitlines()]
    assert lines[0] == ["id", "Au_ppb", "Cu_ppm", "Zn_ppm", "clr_Au", "clr_Cu", "clr_Zn"]
    for line in lines[1:3]:
        assert [float(v) for v in line[4:]] == pytest.approx([-np.log(2), 0, np.log(2)], abs=1e-6)
    assert lines[3][4] == "" and float(lines[3][5]) == pytest.approx(-np.log(2), abs=1e-6)
    assert run_lode("transform", tmp_path / "o.csv", tmp_path / "b.csv", "--inverse", "--total", 7,
                    "-q").code == 0
    back = (tmp_path / "b.csv").read_text().splitlines()[1].split(",")
    assert [float(v) for v in back[-3:]] == pytest.approx([1, 2, 4], rel=1e-5)
    done = run_lode("transform", tmp_path / "t.csv", tmp_path / "c.csv", "--transform", "closure",
                    "--inverse", "-q")
    assert done.code in (1, 2) and "no inverse" in done.message()

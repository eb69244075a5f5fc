"""lode grid: what field tables look like, what is said about them, and what comes out."""
import csv
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, ogr, osr

from conftest import ROOT, run_lode

gdal.UseExceptions()
SHARED = Path(os.environ.get("LODE_SHARED_DATA", ROOT.parent / "shared" / "data"))


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def lattice(side=6, step=100.0, east=500000.0, north=6000000.0):
    return [(east + step * i, north + step * k) for k in range(side) for i in range(side)]


def table(path, columns, places=None, separator=",", **kwargs):
    """columns: {name: list of cell texts}."""
    places = places or lattice()
    lines = [separator.join(["X", "Y", *columns])]
    for i, (x, y) in enumerate(places):
        lines.append(separator.join([f"{x:.3f}", f"{y:.3f}", *(str(c[i]) for c in columns.values())]))
    return write(path, "\n".join(lines) + "\n", **kwargs)


def dry(path, *options):
    done = run_lode("grid", path, "--dry-run", "--json", "-", "-q", "--points-crs", "EPSG:32650",
                    *options)
    assert done.code == 0, done
    return done.json["import"]


def column(report, name):
    return next(c for c in report["columns"] if c["column"] == name)


def bands(path):
    raster = gdal.Open(str(path))
    out = {}
    for i in range(raster.RasterCount):
        band = raster.GetRasterBand(i + 1)
        values = band.ReadAsArray().astype(float)
        values[values == band.GetNoDataValue()] = np.nan
        out[band.GetDescription()] = values
    return out


# ---- Reading ---------------------------------------------------------------------------------------


def test_spellings_units_and_methods(tmp_path):
    n = range(36)
    report = dry(table(tmp_path / "a.csv", {
        "Au_ppb": [1 + i for i in n], "SiO2_%": [50 + i for i in n],
        "MgO_percent_icp": [2 + i for i in n], "Ag (ppm)": [0.1 + i for i in n],
        "As_mgkg": [5 + i for i in n], "Hg_ugkg": [9 + i for i in n], "CU_ICP40": [7 + i for i in n],
        "rock": ["granite"] * 36}))
    used = {c["name"]: c for c in report["columns"] if c["used"]}
    assert set(used) == {"Au", "SiO2", "MgO", "Ag", "As", "Hg", "Cu"}
    assert used["Au"]["median"] == pytest.approx(0.0185)
    assert used["SiO2"]["median"] == pytest.approx(675000)
    assert used["MgO"]["method"] == "icp"
    assert used["Hg"]["unit"] == "ppb" and used["Cu"]["unit"] == "" and used["Cu"]["unit_assumed"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_semicolon_decimal_comma_and_encodings(tmp_path, encoding):
    text = "X;Y;Löß;Cu_ppm\n" + "".join(
        f"{x:.1f};{y:.1f};münster;{i},25\n".replace(".", ",")
        for i, (x, y) in enumerate(lattice()))
    report = dry(write(tmp_path / "a.csv", text, encoding))
    assert column(report, "Cu_ppm")["minimum"] == pytest.approx(0.25)
    assert column(report, "Cu_ppm")["maximum"] == pytest.approx(35.25)


def test_every_kind_of_missing_and_limit(tmp_path):
    cells = [str(10 + i) for i in range(36)]
    cells[:8] = ["-9999", "N/A", "", "<0.5", "-0.5", "0", ">1000", "n.d."]
    found = column(dry(table(tmp_path / "a.csv", {"Cu_ppm": cells})), "Cu_ppm")
    assert (found["missing"], found["codes"]) == (3, 1)
    assert (found["below"], found["negative"], found["zero"], found["above"]) == (4, 1, 1, 1)
    assert found["values"] == 28 and found["limit_low"] == found["limit_high"] == 0.5
    assert found["censored"] == pytest.approx(4 / 33)


@pytest.mark.parametrize("how, value", [("half", 0.5), ("sqrt2", 2 ** -0.5)])
def test_limits_are_replaced(tmp_path, how, value):
    cells = ["<1"] + [str(10 + i) for i in range(35)]
    source = table(tmp_path / "a.csv", {"Cu_ppm": cells})
    done = run_lode("grid", source, tmp_path / "o.tif", "--points-crs", "EPSG:32650", "--method",
                    "nearest", "--cell", 50, "--censored", how, "-q")
    assert done.code == 0, done
    assert np.nanmin(bands(tmp_path / "o.tif")["Cu"]) == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("how", ["multiplicative", "ros"])
def test_limits_are_imputed_below_them(tmp_path, how):
    rng = np.random.default_rng(4)
    values = np.exp(rng.normal(size=36))
    cells = [f"<0.6" if v < 0.6 else f"{v:.4f}" for v in values]
    done = run_lode("grid", table(tmp_path / "a.csv", {"Cu_ppm": cells}), tmp_path / "o.tif", "-q",
                    "--points-crs", "EPSG:32650", "--method", "nearest", "--censored", how)
    assert done.code == 0, done
    assert 0.05 < np.nanmin(bands(tmp_path / "o.tif")["Cu"]) < 0.6


def test_mostly_censored_elements_are_dropped(tmp_path):
    n = range(36)
    report = dry(table(tmp_path / "a.csv", {"Cu_ppm": [1 + i for i in n],
                                            "Pt_ppb": ["<1"] * 30 + [str(2 + i) for i in range(6)]}))
    assert not column(report, "Pt_ppb")["used"]
    assert "83 % below limits" in column(report, "Pt_ppb")["reason"]
    assert dry(tmp_path / "a.csv", "--max-censored", "0.9")["columns"][1]["used"]


def test_twins(tmp_path):
    n = range(36)
    report = dry(table(tmp_path / "a.csv", {
        "Al_ppm": ["" if i < 6 else 9000 + i for i in n], "Al2O3_pct": [2 + i / 10 for i in n],
        "Zn_icp_ppm": [5 + i for i in n], "Zn_xrf_ppm": ["<9" if i < 5 else 5 + i for i in n]}))
    assert {c["column"]: c["used"] for c in report["columns"]} == {
        "Al_ppm": False, "Al2O3_pct": True, "Zn_icp_ppm": True, "Zn_xrf_ppm": False}
    oxide = dry(tmp_path / "a.csv", "--oxides-as-elements")
    al = column(oxide, "Al2O3_pct")
    assert al["name"] == "Al" and al["minimum"] == pytest.approx(2e4 * 0.52925, rel=1e-4)


def test_mapping_overrides_everything(tmp_path):
    n = range(36)
    source = table(tmp_path / "a.csv", {"Au_ppm": [1 + i for i in n], "gold2": [3 + i for i in n],
                                        "Cu_ppm": ["-5555" if i == 0 else 1 + i for i in n]})
    mapping = write(tmp_path / "m.json", json.dumps({
        "columns": {"gold2": {"element": "Au", "unit": "ppb"}, "Au_ppm": None}, "missing": [-5555]}))
    report = dry(source, "--mapping", mapping)
    assert [c["column"] for c in report["columns"] if c["used"]] == ["gold2", "Cu_ppm"]
    assert column(report, "gold2")["maximum"] == pytest.approx(0.038)
    assert column(report, "Cu_ppm")["codes"] == 1
    for bad in ("[", "[1]", '{"column": {}}', '{"columns": {"none": null}}',
                '{"columns": {"gold2": {"element": "Xx"}}}',
                '{"columns": {"gold2": {"element": "Au", "unit": "oz"}}}'):
        done = run_lode("grid", source, "--dry-run", "-q", "--points-crs",
                        "EPSG:32650", "--mapping", write(tmp_path / "bad.json", bad))
        assert done.code == 1 or done.code == 2, done
        assert "--mapping" in done.message()


def test_repeated_reports_shared_places_and_levelling(tmp_path):
    rng = np.random.default_rng(1)
    places = lattice(8)
    values = np.exp(rng.normal(size=64)) * np.where(np.arange(64) % 2, 1, 40)
    lab = ["A" if i % 2 else "B" for i in range(64)]
    rows = [(x, y, l, f"{v:.6g}") for (x, y), l, v in zip(places, lab, values)]
    rows += [(x, y, "C", v) for x, y, _, v in rows[:20]]     # the same report again
    rows += [(rows[40][0], rows[40][1], "D", "7")]           # another sample at one place
    text = "X,Y,lab,Cu_ppm\n" + "".join(f"{x},{y},{l},{v}\n" for x, y, l, v in rows)
    source = write(tmp_path / "a.csv", text)
    report = dry(source)
    assert report["repeated"] == 20 and report["shared_places"] == 1 and report["samples"] == 64
    warnings = " ".join(report["warnings"])
    assert "lab C repeats" in warnings and "--group lab" in warnings
    levelled = run_lode("grid", source, tmp_path / "o.tif", "-q", "--points-crs", "EPSG:32650",
                        "--group", "lab", "--method", "nearest", "--cell", 100)
    assert levelled.code == 0, levelled
    assert run_lode("grid", source, tmp_path / "raw.tif", "-q", "--points-crs", "EPSG:32650",
                    "--method", "nearest", "--cell", 100).code == 0
    spread = {name: np.nanstd(np.log(bands(tmp_path / name)["Cu"])) for name in ("o.tif", "raw.tif")}
    assert spread["o.tif"] < 0.75 * spread["raw.tif"]
    done = run_lode("grid", source, "--dry-run", "-q", "--points-crs", "EPSG:32650", "--duplicates",
                    "error")
    assert done.code == 1 and "2 samples lie at one place" in done.message()


@pytest.mark.parametrize("driver, name", [("GPKG", "a.gpkg"), ("ESRI Shapefile", "a.shp"),
                                          ("GeoJSON", "a.geojson"), ("XLSX", "a.xlsx")])
def test_other_formats(tmp_path, driver, name):
    if ogr.GetDriverByName(driver) is None:
        pytest.skip(f"this GDAL has no {driver} driver")
    source = ogr.GetDriverByName(driver).CreateDataSource(str(tmp_path / name))
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(4326)
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    kind = ogr.wkbNone if driver == "XLSX" else ogr.wkbPoint
    layer = source.CreateLayer("samples", None if driver == "XLSX" else crs, kind)
    for field in ("lon", "lat", "Cu_ppm"):
        layer.CreateField(ogr.FieldDefn(field, ogr.OFTReal))
    for i in range(36):
        feature = ogr.Feature(layer.GetLayerDefn())
        lon, lat = 117 + 0.01 * (i % 6), 24 + 0.01 * (i // 6)
        for field, value in (("lon", lon), ("lat", lat), ("Cu_ppm", 1.5 + i)):
            feature.SetField(field, value)
        if kind == ogr.wkbPoint:
            feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POINT ({lon} {lat})"))
        layer.CreateFeature(feature)
    del layer, source
    done = run_lode("grid", f"{tmp_path / name}|layername={'samples' if name != 'a.shp' else 'a'}",
                    tmp_path / "o.tif", "-q", "--json", "-")
    assert done.code == 0, done
    assert "UTM zone 50N" in done.json["import"]["crs"]
    assert np.nanmax(bands(tmp_path / "o.tif")["Cu"]) <= 36.6


# ---- Gridding --------------------------------------------------------------------------------------


@pytest.mark.parametrize("power, neighbours, radius", [(2, 12, 900), (3, 5, 600)])
def test_idw_is_gdal_grid_invdistnn(tmp_path, power, neighbours, radius):
    rng = np.random.default_rng(1)
    places = [(500000 + x, 6000000 + y) for x, y in rng.uniform(0, 5000, (300, 2)).round(3)]
    source = table(tmp_path / "p.csv", {"Cu_ppm": [f"{v:.9g}" for v in np.exp(rng.normal(size=300))]},
                   places)
    write(tmp_path / "p.vrt", f'<OGRVRTDataSource><OGRVRTLayer name="p"><SrcDataSource>{source}'
          '</SrcDataSource><GeometryType>wkbPoint</GeometryType><LayerSRS>EPSG:32650</LayerSRS>'
          '<GeometryField encoding="PointFromColumns" x="X" y="Y"/></OGRVRTLayer></OGRVRTDataSource>')
    gdal.Grid(str(tmp_path / "g.tif"), str(tmp_path / "p.vrt"), width=50, height=50, zfield="Cu_ppm",
              outputBounds=[500000, 6005000, 505000, 6000000], outputType=gdal.GDT_Float64,
              algorithm=f"invdistnn:power={power}:radius={radius}:max_points={neighbours}"
                        ":nodata=-9999")
    done = run_lode("grid", source, tmp_path / "o.tif", "-q", "--points-crs", "EPSG:32650", "--extent",
                    "500000,6000000,505000,6005000", "--cell", 100, "--power", power, "--neighbours",
                    neighbours, "--radius", radius)
    assert done.code == 0, done
    reference = gdal.Open(str(tmp_path / "g.tif"))
    want = reference.ReadAsArray()
    want[want == -9999] = np.nan
    got = bands(tmp_path / "o.tif")["Cu"]
    assert got.shape == want.shape and (np.isnan(got) == np.isnan(want)).all()
    assert np.nanmax(np.abs(got - want) / want) < 1e-6


def test_kriging_bands_and_threads(tmp_path):
    rng = np.random.default_rng(5)
    places = [(500000 + x, 6000000 + y) for x, y in rng.uniform(0, 4000, (150, 2)).round(2)]
    smooth = [np.exp(np.sin(x / 900) + np.cos(y / 700)) for x, y in places]
    source = table(tmp_path / "p.csv", {"Cu_ppm": [f"{v:.6g}" for v in smooth]}, places)
    for threads in (1, 3):
        done = run_lode("grid", source, tmp_path / f"{threads}.tif", "--points-crs", "EPSG:32650",
                        "--method", "kriging", "--variance", "--distance", "--cell", 100, "--threads",
                        threads, "--json", "-", "-q")
        assert done.code == 0, done
    made, again = bands(tmp_path / "1.tif"), bands(tmp_path / "3.tif")
    assert list(made) == ["Cu", "Cu variance", "sample distance"]
    for name in made:
        assert np.array_equal(made[name], again[name], equal_nan=True)
    assert done.json["leave_one_out"][0]["correlation"] > 0.9
    assert np.nanmin(made["Cu variance"]) >= 0
    assert (made["sample distance"][~np.isnan(made["Cu"])] < 2000).all()


def test_anisotropy_and_separate_files(tmp_path):
    n = range(36)
    source = table(tmp_path / "a.csv", {"Cu_ppm": [1 + i for i in n], "Zn_ppm": [2 + i for i in n]})
    done = run_lode("grid", source, tmp_path / "o.tif", "-q", "--points-crs", "EPSG:32650",
                    "--direction", 45, "--ratio", 0.3, "--separate")
    assert done.code == 0, done
    assert sorted(p.name for p in tmp_path.glob("o*")) == ["o_Cu.tif", "o_Zn.tif"]


# ---- Bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, content, words", [
    ("empty.csv", b"", ["0 bytes"]),
    ("garbage.csv", bytes(range(256)) * 40, ["not a text table"]),
    ("text.csv", b"X,Y,name\n500000,6000000,a\n500100,6000100,b\n", ["no numeric column"]),
    ("unit.csv", b"X,Y,Au_oz\n500000,6000000,1\n500100,6000000,2\n500000,6000900,2\n",
     ["no column", "known unit"]),
    ("censored.csv", b"X,Y,Cu_ppm\n500000,6000000,<1\n500100,6000100,<1\n500100,6000000,<1\n",
     ["Cu", "below limits"]),
    ("one.csv", b"X,Y,Cu_ppm\n500000,6000000,1\n", ["one place"]),
    ("line.csv", b"X,Y,Cu_ppm\n500000,6000000,1\n500100,6000100,2\n500200,6000200,3\n", ["one line"]),
    ("equal.csv", b"X,Y,Cu_ppm\n500000,6000000,1\n500000,6000000,2\n", ["one place"]),
    ("nowhere.csv", b"a,b,Cu_ppm\n500000,6000000,1\n500000,6000000,2\n", ["coordinates", "--x"]),
])
def test_bad_tables(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    out = tmp_path / "out"
    out.mkdir()
    done = run_lode("grid", tmp_path / name, out / "o.tif", "-q", "--points-crs", "EPSG:32650")
    assert done.code == 1, done
    for word in words:
        assert word.lower() in done.message().lower(), done.message()
    assert list(out.iterdir()) == []


def test_crs_missing(tmp_path):
    source = table(tmp_path / "a.csv", {"Cu_ppm": range(36)})
    done = run_lode("grid", source, tmp_path / "o.tif", "-q")
    assert done.code == 1 and "--points-crs" in done.message()


# ---- A real table with every trap ------------------------------------------------------------------


def test_katanning_traps_are_named():
    source = SHARED / "wa_katanning" / "raw" / "area1_sediment_au_raw.csv"
    if not source.exists():
        pytest.skip(f"{source} is not here")
    done = run_lode("grid", source, "--dry-run", "--json", "-")
    assert done.code == 0, done
    report = done.json["import"]
    columns = {c["column"]: c for c in report["columns"]}
    with open(source) as file:
        names = next(csv.reader(file))
        rows = list(csv.reader(open(source)))[1:]
    empty = [n for i, n in enumerate(names) if all(r[i] == "-9999" for r in rows)]
    for name in empty:
        if name in columns:
            assert columns[name]["reason"] == "only missing codes", name
    assert columns["Au_ppm"]["negative"] > 0 and columns["Au_ppm"]["zero"] > 0
    assert "twin of" in columns["Al_ppm"]["reason"] + columns["Zn_ppm"]["notes"]
    warnings = " ".join(report["warnings"])
    assert "96359 repeats 93974: 386 samples" in warnings
    assert "Au of WAMEX_A_NO 104743" in warnings and "ppb typed as ppm" in warnings
    assert "different digests" in warnings and "As 0.007" in warnings
    assert "longitude and latitude" in warnings

"""GDAL's own command-line tools over a view give what they give over the finished raster."""
import os
import pathlib
import sys
import time

import numpy as np
import pytest
from conftest import PLUGINS, read, run
from osgeo import gdal, ogr


def same(one, two, **tolerance):
    a, b = read(one), read(two)
    assert a.shape == b.shape
    np.testing.assert_allclose(a, b, **tolerance) if tolerance else np.testing.assert_array_equal(
        a, b)


def both(tool, view, predicted, folder, ending=".tif", after=()):
    """Runs a tool over the view and over the raster that `lode predict` wrote."""
    outputs = [folder / f"view{ending}", folder / f"file{ending}"]
    for source, out in zip((view, predicted), outputs):
        run(*tool, source, out, *after)
    return outputs


def test_gdalinfo(view):
    text = run("gdalinfo", "-mdd", "LODE", view).stdout
    assert "Driver: LODE/" in text and "Description = score" in text
    assert "NoData Value=-9999" in text and "HALF_WINDOW=4" in text


def test_format_page():
    text = run("gdalinfo", "--format", "LODE").stdout
    for word in ("Short Name: LODE", "Extension: lodeview", "Virtual IO", "MODEL", "STACK", "BANDS",
                 "MIN_VALID", "NUM_THREADS", "Help Topic"):
        assert word in text


def test_translate_as_documented(view, predicted, tmp_path):
    same(predicted, *[out for out in both(
        ["gdal_translate", "-q", "-co", "COMPRESS=DEFLATE", "-co", "TILED=YES"], view, predicted,
        tmp_path)][:1])


def test_translate_pieces(view, predicted, tmp_path):
    one, two = both(["gdal_translate", "-q", "-srcwin", "31", "17", "64", "90"], view, predicted,
                    tmp_path)
    same(one, two)
    one, two = both(["gdal_translate", "-q", "-b", "1", "-ot", "Byte", "-scale", "0", "1", "0", "200",
                     "-a_nodata", "255"], view, predicted, tmp_path)
    same(one, two)


@pytest.mark.parametrize("tool", [["gdal_translate", "-q", "-co", "TILED=YES", "-co", "COMPRESS=LZW"],
                                  ["gdalwarp", "-q", "-multi", "-t_srs", "EPSG:4326"]],
                         ids=["translate", "warp"])
def test_all_processors_give_the_bytes_of_one(view, tmp_path, tool):
    outputs = []
    for threads in ("1", "ALL_CPUS", "16"):
        outputs.append(tmp_path / f"{threads}.tif")
        run(*tool, view, outputs[-1], env={**os.environ, "GDAL_NUM_THREADS": threads})
    same(outputs[0], outputs[1])
    same(outputs[0], outputs[2])


def test_warp_with_threads(view, predicted, tmp_path):
    one, two = both(["gdalwarp", "-q", "-multi", "-wo", "NUM_THREADS=4", "-t_srs", "EPSG:4326", "-r",
                     "bilinear"], view, predicted, tmp_path)
    same(one, two)


def test_buildvrt_and_mosaic(view, predicted, tmp_path):
    run("gdal_translate", "-q", "-of", "VRT", "-srcwin", "0", "0", "80", "130", view,
        tmp_path / "west.vrt")
    run("gdal_translate", "-q", "-of", "VRT", "-srcwin", "80", "0", "70", "130", view,
        tmp_path / "east.vrt")
    run("gdalbuildvrt", "-q", tmp_path / "mosaic.vrt", tmp_path / "west.vrt", tmp_path / "east.vrt")
    same(tmp_path / "mosaic.vrt", predicted)


def test_calc_keeps_the_mask(view, predicted, tmp_path):
    run("gdal_calc.py", "--quiet", "-A", view, "--A_band=1", "-B", view, "--B_band=2",
        "--calc=A-B", "--NoDataValue=-9999", f"--outfile={tmp_path}/calc.tif")
    score, uncertainty = read(predicted)[:2]
    got = read(tmp_path / "calc.tif")[0]
    lake = score == -9999
    assert lake.any() and (got[lake] == -9999).all()
    np.testing.assert_allclose(got[~lake], (score - uncertainty)[~lake], atol=1e-6)


def test_dem_tools(view, predicted, tmp_path):
    one, two = both(["gdaldem", "hillshade", "-q", "-b", "3", "-z", "50"], view, predicted, tmp_path)
    same(one, two)


def test_ramps_colour_the_view(view, tmp_path):
    ramps = pathlib.Path(__file__).resolve().parents[2] / "gdal_driver" / "ramps"
    for band, name in (("1", "score"), ("2", "uncertainty"), ("3", "percentile")):
        out = tmp_path / f"{name}.png"
        run("gdaldem", "color-relief", "-q", "-b", band, "-alpha", "-of", "PNG", view,
            ramps / f"{name}.txt", out)
        colours = read(out)
        lake = read(view)[0] == -9999
        assert (colours[3][lake] == 0).all() and (colours[3][~lake] == 255).all()
        assert len(np.unique(colours[:3, ~lake], axis=1)[0]) > 20


def test_tiles(view, tmp_path):
    run("gdal_translate", "-q", "-b", "1", "-ot", "Byte", "-scale", "0", "1", "1", "255", "-a_nodata",
        "0", "-of", "VRT", view, tmp_path / "bytes.vrt")
    run("gdal2tiles.py", "-q", "-z", "8-9", "-w", "none", tmp_path / "bytes.vrt", tmp_path / "tiles")
    assert len(list((tmp_path / "tiles").rglob("*.png"))) >= 2


def test_contour(view, predicted, tmp_path):
    lines = []
    for source in (view, predicted):
        out = tmp_path / f"{source.stem}.geojson"
        run("gdal_contour", "-q", "-b", "3", "-fl", "90", "95", "99", "-a", "percentile", source, out)
        dataset = ogr.Open(str(out))
        lines.append(sorted((feature["percentile"], feature.GetGeometryRef().Length())
                            for feature in dataset.GetLayer()))
    assert lines[0] == lines[1] and {value for value, _ in lines[0]} == {90, 95, 99}


def test_locationinfo(view, predicted):
    expected = read(predicted)[:, 20, 30]
    got = run("gdallocationinfo", "-valonly", view, "30", "20").stdout.split()
    np.testing.assert_allclose([float(word) for word in got], expected, rtol=1e-6)


def test_overviews_beside_the_view(view, predicted, tmp_path):
    run("gdaladdo", "-q", "-ro", "-r", "average", view, "2", "4", "8")
    assert (tmp_path / "name.lodeview.ovr").exists()
    text = run("gdalinfo", view).stdout
    assert "Overviews: 75x65, 38x33, 19x17" in text
    run("gdaladdo", "-q", "-ro", "-clean", view)


def test_ramps_are_the_colours_of_the_qgis_styles():
    """One palette in three formats: gdaldem text, SLD and QML."""
    import re
    root = pathlib.Path(__file__).resolve().parents[2]
    for name in ("score", "uncertainty", "percentile"):
        qml = (root / "qgis_processing" / "lode" / "styles" / f"{name}.qml").read_text()
        wanted = [(float(value), colour) for value, colour in
                  re.findall(r'<item alpha="255" value="([^"]+)" color="#(\w{6})"', qml)]
        text = (root / "gdal_driver" / "ramps" / f"{name}.txt").read_text()
        rows = [line.split() for line in text.splitlines() if line[0] not in "#n"]
        assert [(float(row[0]), "%02x%02x%02x" % tuple(map(int, row[1:4]))) for row in rows] == wanted
        sld = (root / "gdal_driver" / "ramps" / f"{name}.sld").read_text()
        assert [(float(value), colour) for colour, value in
                re.findall(r'color="#(\w{6})" quantity="([^"]+)" label="[\d.]+"', sld)] == wanted

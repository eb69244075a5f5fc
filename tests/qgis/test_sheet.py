"""Styles and the map sheet, on a small made-up prospectivity map."""
import json
import math
import pathlib
import struct

import pytest
from qgis.core import (QgsFeature, QgsGeometry, QgsPointXY, QgsProcessingException, QgsProject,
                       QgsRasterLayer, QgsRectangle, QgsVectorFileWriter, QgsVectorLayer)
from osgeo import gdal, osr

import processing
from lode import curves, sheet, styles

SIDE = 60


def write_map(path):
    """score, uncertainty and percentile over 60 x 60 cells of 500 m, with a hole."""
    driver = gdal.GetDriverByName("GTiff")
    dataset = driver.Create(str(path), SIDE, SIDE, 3, gdal.GDT_Float32)
    dataset.SetGeoTransform([400000, 500, 0, 3000000, 0, -500])
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32650)
    dataset.SetProjection(crs.ExportToWkt())
    score = [[0.5 + 0.45 * math.sin(x / 9) * math.cos(y / 7) for x in range(SIDE)]
             for y in range(SIDE)]
    ordered = sorted(v for row in score for v in row)
    for number, (name, function) in enumerate((
            ("score", lambda v: v), ("uncertainty", lambda v: 0.2 * (1 - abs(2 * v - 1))),
            ("percentile", lambda v: 100 * sum(o < v for o in ordered) / len(ordered))), 1):
        band = dataset.GetRasterBand(number)
        band.SetDescription(name)
        band.SetNoDataValue(-9999)
        for y, row in enumerate(score):
            values = [-9999.0 if (x - 50) ** 2 + (y - 50) ** 2 < 40 else function(v)
                      for x, v in enumerate(row)]
            band.WriteRaster(0, y, SIDE, 1, struct.pack("{}f".format(SIDE), *values))
    dataset = None


def vector(kind, fields, rows, name):
    """A memory layer with these rows: (geometry, attributes)."""
    layer = QgsVectorLayer("{}?crs=EPSG:32650&{}".format(kind, fields), name, "memory")
    for geometry, attributes in rows:
        feature = QgsFeature(layer.fields())
        feature.setGeometry(geometry)
        feature.setAttributes(attributes)
        layer.dataProvider().addFeature(feature)
    layer.updateExtents()
    return layer


def square(x, y, side):
    """A square around a point."""
    return QgsGeometry.fromRect(QgsRectangle(x - side, y - side, x + side, y + side))


REPORT = {"lode": "0.1.0", "command": "lode map stack.tif deposits.gpkg out", "deposits": 40,
          "folds": 5, "repeats": 4, "curve_area": [0, 0.05, 0.1, 0.2, 0.5, 1],
          "methods": {
              "contrastive": {"auc": {"value": 0.85, "low": 0.79, "high": 0.9},
                              "curve": {"captured": [0, 0.4, 0.6, 0.75, 0.95, 1]}},
              "logistic": {"auc": {"value": 0.83, "low": 0.77, "high": 0.89},
                           "curve": {"captured": [0, 0.35, 0.55, 0.7, 0.93, 1]}},
              "element": {"auc": {"value": 0.7, "low": 0.6, "high": 0.8},
                          "curve": {"captured": [0, 0.2, 0.3, 0.45, 0.8, None]}}},
          "warnings": ["12 of 40 deposits lie within one window of each other."]}


@pytest.fixture(scope="module")
def layers(tmp_path_factory):
    """A map with its report beside it, deposits and targets."""
    folder = tmp_path_factory.mktemp("map")
    write_map(folder / "prospectivity.tif")
    (folder / "report.json").write_text(json.dumps(REPORT), encoding="utf-8")
    deposits = vector("Point", "field=commodity:string", [
        (QgsGeometry.fromPointXY(QgsPointXY(400000 + 2500 * i, 2998000 - 2000 * i)), [c])
        for i, c in enumerate(("Gold", "Gold", "Copper", "Tungsten", "Copper"))], "deposits")
    targets = vector("Polygon", "field=rank:integer", [
        (square(407000, 2999000 - 900, 900), [1]), (square(421000, 2989000, 1500), [2])], "targets")
    QgsProject.instance().addMapLayers([deposits, targets])
    return {"SCORE": str(folder / "prospectivity.tif"), "DEPOSITS": deposits.id(),
            "TARGETS": targets.id()}


def test_styles_fit_by_band_names(layers):
    raster = QgsRasterLayer(layers["SCORE"], "map")
    assert styles.fitting_styles(raster) == ["score", "percentile", "percentile_classes",
                                             "uncertainty"]


def test_style_takes_the_range_of_its_band(layers):
    raster = QgsRasterLayer(layers["SCORE"], "map")
    assert styles.apply(raster, "uncertainty")
    renderer = raster.renderer()
    assert renderer.band() == 2
    assert renderer.classificationMax() == pytest.approx(0.2, abs=0.005)
    items = renderer.shader().rasterShaderFunction().colorRampItemList()
    assert items[-1].value == pytest.approx(renderer.classificationMax())


def test_percentile_classes_are_80_90_95_99(layers):
    raster = QgsRasterLayer(layers["SCORE"], "map")
    assert styles.apply(raster, "percentile_classes")
    assert raster.renderer().band() == 3
    items = raster.renderer().shader().rasterShaderFunction().colorRampItemList()
    assert [i.value for i in items] == [80, 90, 95, 99, math.inf]


def test_dress_offers_every_style(layers):
    raster = QgsRasterLayer(layers["SCORE"], "map")
    styles.dress(raster)
    manager = raster.styleManager()
    assert manager.styles() == ["Percentile", "Percentile classes (80, 90, 95, 99)", "Score",
                                "Uncertainty"]
    assert manager.currentStyle() == "Score"
    assert raster.renderer().band() == 1


def test_deposits_by_commodity(layers):
    layer = QgsProject.instance().mapLayer(layers["DEPOSITS"])
    assert styles.apply(layer, "deposits")
    assert [c.value() for c in layer.renderer().categories()] == ["Copper", "Gold", "Tungsten"]


@pytest.mark.parametrize("extension, start", [("pdf", b"%PDF"), ("png", b"\x89PNG"),
                                              ("svg", b"<?xml")])
def test_sheet_in_every_format(layers, tmp_path, extension, start):
    path = tmp_path / ("sheet." + extension)
    result = processing.run("lode:mapsheet", dict(layers, DPI=60, OUTPUT=str(path)))
    assert pathlib.Path(result["OUTPUT"]).read_bytes().startswith(start)
    assert path.stat().st_size > 5000


@pytest.mark.parametrize("size", ["a4_portrait", "a3_landscape", "a3_portrait"])
def test_other_sizes(layers, tmp_path, size):
    path = tmp_path / "sheet.png"
    processing.run("lode:mapsheet", dict(layers, DPI=50, SIZE=size, SHOW="percentile_classes",
                                         OUTPUT=str(path)))
    assert path.stat().st_size > 5000


def test_sheet_svg_holds_the_texts(layers, tmp_path):
    path = tmp_path / "sheet.svg"
    processing.run("lode:mapsheet", dict(layers, TITLE="Gold in the north", DPI=60,
                                         OUTPUT=str(path)))
    assert path.read_text(encoding="utf-8").count("<path") > 50


def test_a_page_for_each_target(layers, tmp_path):
    pages = tmp_path / "targets.pdf"
    processing.run("lode:mapsheet", dict(layers, DPI=50, OUTPUT=str(tmp_path / "sheet.pdf"),
                                         TARGET_PAGES=str(pages)))
    assert pages.read_bytes().count(b"/Type /Page\n") == 2


def test_project_keeps_its_layers_and_styles(layers, tmp_path):
    before = set(QgsProject.instance().mapLayers())
    processing.run("lode:mapsheet", dict(layers, DPI=50, OUTPUT=str(tmp_path / "sheet.png")))
    assert set(QgsProject.instance().mapLayers()) == before


@pytest.mark.parametrize("change, message", [
    ({"OUTPUT": "/tmp/sheet.docx"}, "must end in"),
    ({"OUTPUT": "/no/such/folder/sheet.pdf"}, "cannot be written"),
    ({"OUTPUT": "/proc/sheet.pdf"}, "cannot be written"),
    ({"TARGETS": None, "TARGET_PAGES": "/tmp/pages.pdf"}, "choose the layer of targets"),
    ({"SHOW": "anomaly"}, "has no band 'anomaly'"),
    ({"REPORT": "/no/such/report.json"}, "cannot be read"),
    ({"TEMPLATE": "/no/such/template.qpt"}, "cannot be read")])
def test_mistakes_are_told(layers, tmp_path, change, message):
    values = dict(layers, DPI=50, OUTPUT=str(tmp_path / "sheet.pdf"))
    values.update(change)
    with pytest.raises(QgsProcessingException, match=message):
        processing.run("lode:mapsheet", values)


def test_geopdf_knows_where_it_is(layers, tmp_path):
    driver = gdal.GetDriverByName("PDF")
    if driver is None or driver.GetMetadataItem("HAVE_POPPLER") != "YES":
        pytest.skip("this GDAL cannot make or read GeoPDF")
    path = tmp_path / "sheet.pdf"
    processing.run("lode:mapsheet", dict(layers, DPI=60, GEOPDF=True, OUTPUT=str(path)))
    dataset = gdal.Open(str(path))
    assert "UTM zone 50N" in dataset.GetProjection()
    assert 380000 < dataset.GetGeoTransform()[0] < 420000


def test_long_texts_fit_their_boxes(layers):
    project = QgsProject()
    raster = QgsRasterLayer(layers["SCORE"], "map")
    made = sheet.Sheet(project, str(pathlib.Path(sheet.TEMPLATES) / "a4_landscape.qpt"), [raster],
                       raster)
    label = made.layout.itemById("method")
    before = sheet._type_size(label)
    assert sheet.fit(label, "short") == "short"
    assert sheet._type_size(label) == before
    command = "lode map " + " ".join("--option-{} value".format(n) for n in range(14))
    assert sheet.fit(label, command) == command
    assert sheet.SMALLEST_TYPE <= sheet._type_size(label) <= before
    long = sheet.fit(label, command * 20)
    assert long.endswith("\u2026") and sheet._fits(label, long, sheet._type_size(label))


@pytest.mark.parametrize("length, parts, expected", [(100000, 4, 50000), (30000, 4, 10000),
                                                     (0.9, 4, 0.5), (0, 4, 1)])
def test_nice_interval(length, parts, expected):
    assert sheet.nice_interval(length, parts) == pytest.approx(expected)


def test_curves_without_a_report():
    assert not curves.has_curves({})
    assert not curves.has_curves({"curve_area": [0, 1], "methods": {"a": {}}})
    assert "contrastive" in curves.draw(REPORT, {"area": "a", "deposits": "d"})


def test_classes_are_labelled_in_the_users_language(layers, monkeypatch):
    monkeypatch.setattr(styles, "tr", "<{}>".format)
    layer = QgsRasterLayer(layers["SCORE"], "map")
    assert styles.apply(layer, "percentile_classes")
    items = layer.renderer().shader().rasterShaderFunction().colorRampItemList()
    assert [item.label for item in items] == ["<{}>".format(text) for text in styles.CLASSES]

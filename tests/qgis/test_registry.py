"""How the kinds of the task registry become Processing parameters and come back as options."""
import pytest
from qgis.core import (QgsCoordinateReferenceSystem, QgsFeature, QgsGeometry, QgsPointXY,
                       QgsProcessingContext, QgsProcessingFeatureSourceDefinition,
                       QgsProcessingParameterDefinition, QgsProject, QgsVectorLayer)

from lode import registry, values
from lode.algorithm import LodeAlgorithm

FAKE = {"lode": "0.1.0", "tasks": [{
    "name": "fake", "title": "A fake task", "group": "3 Map", "summary": "Does nothing.",
    "help": "First paragraph.\n\nSecond paragraph.",
    "parameters": [
        {"name": "stack", "kind": "stack", "label": "Raster stack", "positional": True,
         "required": True},
        {"name": "deposits", "kind": "points", "label": "Known deposits", "positional": True,
         "required": True},
        {"name": "where", "kind": "expression", "label": "Deposit filter", "of": "deposits"},
        {"name": "columns", "kind": "fields", "label": "Columns", "of": "deposits"},
        {"name": "bands", "kind": "choices", "label": "Bands", "default": "score",
         "choices": ["score", "uncertainty", "percentile"]},
        {"name": "method", "kind": "choice", "label": "Method", "default": "idw",
         "choices": ["idw", "kriging"]},
        {"name": "exclusion", "kind": "distance", "label": "Exclusion", "default": "2km"},
        {"name": "min-valid", "kind": "number", "label": "Share", "default": "0.5",
         "minimum": 0.0, "maximum": 1.0, "advanced": True},
        {"name": "seed", "kind": "integer", "label": "Seed", "default": "1", "minimum": 0.0,
         "maximum": 4294967295.0, "advanced": True},
        {"name": "quick", "kind": "boolean", "label": "Quick"},
        {"name": "crs", "kind": "crs", "label": "CRS"},
        {"name": "extent", "kind": "extent", "label": "Extent"},
        {"name": "note", "kind": "text", "label": "Note"},
        {"name": "output", "kind": "model-out", "label": "Model", "extension": "lode",
         "required": True, "positional": True},
        {"name": "view", "kind": "file-out", "label": "View", "extension": "lodeview,vrt"},
        {"name": "folder", "kind": "folder-out", "label": "Folder", "required": True}],
    "products": [{"name": "score", "kind": "raster-out", "label": "Prospectivity",
                  "file": "prospectivity.tif"}]}]}


@pytest.fixture
def algorithm():
    """The fake task as an algorithm."""
    made = LodeAlgorithm(registry.read_tasks(FAKE)[0]).create()
    return made


def points(commodities=("Gold", "Copper", "Gold")):
    """A memory layer of deposits."""
    layer = QgsVectorLayer("Point?crs=EPSG:32638&field=commodity:string&field=size:double", "known",
                           "memory")
    for number, commodity in enumerate(commodities):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(500000 + number, 2600000)))
        feature.setAttributes([commodity, float(number)])
        layer.dataProvider().addFeature(feature)
    layer.updateExtents()
    return layer


def read(algorithm, parameters):
    """Options of the fake task for these values."""
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    return values.Reader(algorithm, parameters, context).options()


def test_every_parameter_is_there_with_help_default_and_range(algorithm):
    definitions = {d.name(): d for d in algorithm.parameterDefinitions()}
    assert list(definitions)[:3] == ["STACK", "STACK_EXTRA", "DEPOSITS"]
    assert definitions["MIN_VALID"].maximum() == 1.0
    assert definitions["MIN_VALID"].defaultValue() == 0.5
    assert definitions["EXCLUSION"].defaultValue() == 2000
    assert definitions["SEED"].maximum() == 2147483647
    assert definitions["METHOD"].options() == ["idw", "kriging"]
    assert definitions["VIEW"].fileFilter() == "Lode view (*.lodeview);;Virtual raster (*.vrt)"
    assert definitions["OUTPUT"].createFileFilter().startswith("Lode model (*.lode)")
    advanced = QgsProcessingParameterDefinition.FlagAdvanced
    assert definitions["SEED"].flags() & advanced
    assert not definitions["METHOD"].flags() & advanced


def test_algorithm_says_what_it_is(algorithm):
    assert algorithm.name() == "fake"
    assert algorithm.displayName() == "A fake task"
    assert (algorithm.group(), algorithm.groupId()) == ("3 Map", "3map")
    assert "Second paragraph." in algorithm.shortHelpString()
    assert "Known deposits" in algorithm.shortHelpString()


def test_products_of_a_folder_are_outputs(algorithm):
    assert {o.name(): o.type() for o in algorithm.outputDefinitions()} == {
        "OUTPUT": "outputFile", "VIEW": "outputFile", "FOLDER": "outputFolder",
        "SUMMARY": "outputHtml",
        "OUT_SCORE": "outputRaster"}


def test_defaults_are_not_passed_on(algorithm):
    given = {"METHOD": "idw", "EXCLUSION": 2000, "MIN_VALID": 0.5, "SEED": 1, "QUICK": False,
             "BANDS": ["score"], "NOTE": ""}
    assert read(algorithm, given) == []


def test_values_are_passed_on_without_locale(algorithm):
    given = {"METHOD": "kriging", "EXCLUSION": 1500.5, "MIN_VALID": 0.25, "SEED": 7, "QUICK": True,
             "BANDS": ["score", "percentile"], "NOTE": "ä b"}
    assert read(algorithm, given) == ["bands=score,percentile", "method=kriging",
                                      "exclusion=1500.5", "min-valid=0.25", "seed=7", "quick=YES",
                                      "note=ä b"]


def test_crs_and_extent(algorithm):
    given = {"CRS": QgsCoordinateReferenceSystem("EPSG:32638"),
             "EXTENT": "1,3,2,4 [EPSG:32638]"}
    assert read(algorithm, given) == ["crs=EPSG:32638", "extent=1,2,3,4"]


def test_memory_layer_becomes_a_file(algorithm):
    option, = read(algorithm, {"DEPOSITS": points()})
    path = option[len("deposits="):].split("|")[0]
    assert QgsVectorLayer(path, "x", "ogr").featureCount() == 3


def test_selection_becomes_a_file_of_the_selected(algorithm):
    layer = points()
    QgsProject.instance().addMapLayer(layer)
    layer.selectByExpression("commodity = 'Copper'")
    option, = read(algorithm, {"DEPOSITS": QgsProcessingFeatureSourceDefinition(layer.id(), True)})
    path = option[len("deposits="):].split("|")[0]
    copy = QgsVectorLayer(path, "x", "ogr")
    assert [f["commodity"] for f in copy.getFeatures()] == ["Copper"]


def test_simple_filter_goes_to_liblode(algorithm):
    options = read(algorithm, {"DEPOSITS": points(), "WHERE": "commodity = 'Gold'"})
    assert options[1] == "where=commodity = 'Gold'"


def test_qgis_filter_is_applied_beforehand(algorithm):
    given = {"DEPOSITS": points(), "WHERE": "upper(commodity) = 'GOLD' AND $x < 500001"}
    option, = read(algorithm, given)
    copy = QgsVectorLayer(option[len("deposits="):], "x", "ogr")
    assert [f["size"] for f in copy.getFeatures()] == [0.0]


@pytest.mark.parametrize("text, common", [
    ("commodity = 'Gold'", True), ("\"Au ppb\" >= 5 AND NOT x IN ('a', 'b')", True),
    ("name LIKE 'O''Brien%' OR size IS NOT NULL", True), ("upper(a) = 'B'", False),
    ("$x > 1", False), ("a || b = 'c'", False), ("a ~ 'b'", False), ("@layer = 1", False)])
def test_common_sql(text, common):
    assert values.is_common_sql(text) is common


def test_columns_are_a_comma_list(algorithm):
    options = read(algorithm, {"DEPOSITS": points(), "COLUMNS": ["size", "commodity"]})
    assert options[1] == "columns=size,commodity"


@pytest.mark.parametrize("text, expected", [("500", 500), ("500m", 500), ("2km", 2000),
                                            ("2 km", 2000), ("", None), ("far", None)])
def test_metres(text, expected):
    assert registry.metres(text) == expected

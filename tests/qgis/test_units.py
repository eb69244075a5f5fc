"""Distances follow the unit of the layer: dialogs show it, liblode gets metres."""
import re
import subprocess

import pytest
from osgeo import gdal
from qgis.core import (QgsApplication, QgsCoordinateReferenceSystem, QgsProcessingContext,
                       QgsProcessingFeedback, QgsProcessingParameterNumber, QgsProject,
                       QgsRasterLayer, QgsVectorLayer)
from qgis.PyQt.QtWidgets import QComboBox, QDoubleSpinBox, QLabel

import processing
from processing.gui.AlgorithmDialog import AlgorithmDialog
from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog

from lode import registry, units, values

FOOT = 1200 / 3937  # of the US survey, in metres
FEET, METRES = "EPSG:2263", "EPSG:32118"  # one projection in feet and in metres
CORNER = 3e5, 6e4  # metres east and north of the survey's south-west corner in it


def crs(name):
    """A CRS by its name."""
    return QgsCoordinateReferenceSystem(name)


@pytest.fixture(scope="module")
def places(survey, tmp_path_factory):
    """The survey at a place of New York in a projection in feet, in the same projection in metres,
    and without a CRS: stack and deposits of each."""
    folder = tmp_path_factory.mktemp("units")
    made = {}
    for name, where, metres in (("feet", FEET, FOOT), ("metres", METRES, 1.0), ("none", "", 1.0)):
        stack, deposits = folder / (name + ".tif"), folder / (name + ".gpkg")
        old = gdal.Open(survey["OUT_STACK"]).GetGeoTransform()
        copy = gdal.Translate(str(stack), survey["OUT_STACK"])
        copy.SetGeoTransform([v / metres for v in (
            CORNER[0], old[1], 0, CORNER[1] - old[5] * copy.RasterYSize, 0, old[5])])
        copy.SetProjection(crs(where).toWkt())
        south = old[3] + old[5] * copy.RasterYSize
        copy = None
        moved = processing.run("native:affinetransform", {
            "INPUT": survey["OUT_DEPOSITS"], "DELTA_X": (CORNER[0] - old[0]) / metres,
            "DELTA_Y": (CORNER[1] - south) / metres, "SCALE_X": 1 / metres, "SCALE_Y": 1 / metres,
            "OUTPUT": "memory:"})["OUTPUT"]
        moved.setCrs(crs(where))
        processing.run("native:savefeatures", {"INPUT": moved, "OUTPUT": str(deposits)})
        made[name] = {"STACK": str(stack), "DEPOSITS": str(deposits)}
    return made


@pytest.mark.parametrize("name, metres", [
    (METRES, 1), (FEET, FOOT), ("EPSG:2222", 0.3048), ("EPSG:24571", 20.1167824943759),
    ("EPSG:4326", 1), ("EPSG:4269", 1), ("", 1)])
def test_unit_is_that_of_the_crs_and_metres_where_it_has_none(name, metres):
    assert units.unit_of(crs(name)).metres == pytest.approx(metres, rel=1e-15)


def test_unit_is_named():
    assert "feet" in units.unit_of(crs(FEET)).name
    assert units.unit_of(crs("EPSG:4326")).name == "meters"
    assert "chain" in units.unit_of(crs("EPSG:24571")).name.lower()


def test_every_distance_of_the_registry_follows_a_layer_or_is_in_metres(provider):
    found = 0
    for algorithm in provider.algorithms():
        for param in algorithm.task.of_kind("distance") if hasattr(algorithm, "task") else []:
            definition = algorithm.parameterDefinition(param.key)
            found += 1
            assert definition.type() == "distance", (algorithm.name(), param.key)
            parent = definition.parentParameterName()
            layers = [p.key for p in algorithm.task.of_kind(*units.LAYERS)]
            assert parent == (layers[0] if layers else ""), (algorithm.name(), param.key)
            assert bool(parent) == ("degrees" in definition.help())
    assert found > 10


FAKE = {"name": "fake", "group": "1 Data", "help": "Help.", "parameters": [
    {"name": "stack", "kind": "stack", "label": "Stack"},
    {"name": "points", "kind": "points", "label": "Points"},
    {"name": "far", "kind": "distance", "label": "Far", "of": "points"},
    {"name": "near", "kind": "distance", "label": "Near", "minimum": 10.0, "maximum": 100.0},
    {"name": "fixed", "kind": "distance", "label": "Fixed", "default": "2km", "maximum": 5000.0}]}


def test_the_registry_may_name_the_layer_and_a_default_is_in_metres():
    made = {d.name(): d for d in registry.make_parameters(registry.Task(FAKE))}
    parents = {key: made[key].parentParameterName() for key in ("FAR", "NEAR", "FIXED")}
    assert parents == {"FAR": "POINTS", "NEAR": "STACK", "FIXED": ""}
    assert made["FIXED"].maximum() == 5000  # and NEAR's limits are not those of numbers in feet
    unlimited = QgsProcessingParameterNumber("N", "")
    assert (made["NEAR"].minimum(), made["NEAR"].maximum()) == (unlimited.minimum(),
                                                                unlimited.maximum())


class Said(QgsProcessingFeedback):
    """Keeps what the log says."""

    def __init__(self):
        super().__init__(False)
        self.lines = []

    def pushInfo(self, info):
        self.lines.append(info)


def options(task, parameters, feedback=None):
    """What liblode would be given."""
    algorithm = QgsApplication.processingRegistry().algorithmById("lode:" + task).create()
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    reader = values.Reader(algorithm, parameters, context, feedback)
    return dict(option.split("=", 1) for option in reader.options())


@pytest.mark.parametrize("where, given", [("feet", 1500 / FOOT), ("metres", 1500), ("none", 1500)])
def test_liblode_gets_metres(places, has_task, where, given):
    has_task("fit")
    said = Said()
    got = options("fit", dict(places[where], EXCLUSION=given), said)
    assert float(got["exclusion"]) == pytest.approx(1500, rel=1e-15)
    spoken = [line for line in said.lines if "1500 m" in line]
    assert len(spoken) == (where == "feet"), said.lines


def test_not_a_digit_is_lost(places, has_task):
    has_task("fit")
    got = options("fit", dict(places["feet"], EXCLUSION=1000.0))
    assert float(got["exclusion"]) == 1000.0 * 0.30480060960121924


def test_degrees_are_never_taken_for_a_distance(survey, has_task, tmp_path):
    """A number that means metres must not become degrees, nor degrees metres."""
    has_task("fit")
    stack = str(tmp_path / "degrees.tif")
    gdal.Warp(stack, survey["OUT_STACK"], dstSRS="EPSG:4326")
    got = options("fit", {"STACK": stack, "DEPOSITS": survey["OUT_DEPOSITS"], "EXCLUSION": 1500})
    assert got["exclusion"] == "1500"


def test_several_rasters_have_the_unit_of_the_first(places, has_task):
    has_task("stack")
    layers = [places["feet"]["STACK"], places["metres"]["STACK"]]
    got = options("stack", {"RASTERS": layers, "CELL": 1000})
    assert float(got["cell"]) == pytest.approx(1000 * FOOT, rel=1e-15)


def test_validation_in_feet_is_that_in_metres(places, has_task, tmp_path):
    has_task("validate")
    found = {}
    for name, metres in (("feet", FOOT), ("metres", 1.0)):
        got = processing.run("lode:validate", dict(
            places[name], METHODS=["logistic", "element"], REPEATS=1, WINDOW=5,
            BLOCK=4000 / metres, EXCLUSION=1500 / metres, BUFFER=1000 / metres,
            REPORT=str(tmp_path / (name + ".html"))))
        found[name] = {k: v for k, v in got.items() if isinstance(v, (int, float))}
    assert found["feet"] == pytest.approx(found["metres"], rel=1e-6)
    assert found["feet"]["deposits"] > 5


def test_grid_in_feet_is_that_of_the_command_line(survey, has_task, lode_command, tmp_path):
    """The command takes metres; the dialog and the CELL of scripts are feet here."""
    has_task("grid")
    samples = str(tmp_path / "samples.gpkg")
    processing.run("native:assignprojection", {"INPUT": survey["OUT_SAMPLES"], "CRS": crs(FEET),
                                               "OUTPUT": samples})
    made, typed = str(tmp_path / "qgis.tif"), str(tmp_path / "typed.tif")
    processing.run("lode:grid", {"SAMPLES": samples, "ELEMENTS": ["Au_ppb"], "CELL": 1640,
                                 "MAX_DISTANCE": 13000, "OUTPUT": made})
    foot = units.unit_of(crs(FEET)).metres
    subprocess.run([lode_command, "grid", "-q", "--elements", "Au_ppb", "--cell", repr(1640 * foot),
                    "--max-distance", repr(13000 * foot), samples, typed], check=True)
    ours, theirs = gdal.Open(made), gdal.Open(typed)
    assert ours.GetGeoTransform()[1] == pytest.approx(1640, rel=1e-12)
    assert ours.GetGeoTransform() == theirs.GetGeoTransform()
    assert ours.ReadRaster() == theirs.ReadRaster()
    assert ours.GetMetadataItem("LODE_COMMAND").replace(made, typed) \
        == theirs.GetMetadataItem("LODE_COMMAND")


def said_of(task, parameters):
    """What checkParameterValues says."""
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().algorithmById("lode:" + task)
    return algorithm.checkParameterValues(parameters, context)


def test_ranges_are_checked_in_metres(places, model, has_task, tmp_path):
    has_task("fit")
    given = dict(places["feet"], MODEL=model, OUT=str(tmp_path / "a.lode"))
    assert said_of("fit", dict(given, EXCLUSION=2e7)) == (True, "")  # 6 096 km: in the range
    good, message = said_of("fit", dict(given, EXCLUSION=4e7))
    assert not good and "12192024.4 m" in message.replace("12192024.38", "12192024.4")
    assert not said_of("fit", dict(given, EXCLUSION=-1))[0]


# ---- In the dialogs ---------------------------------------------------------------------------

@pytest.fixture
def layers(places):
    """The stacks as layers of the project, by the name of their units."""
    project = QgsProject.instance()
    project.clear()
    made = {name: QgsRasterLayer(files["STACK"], name) for name, files in places.items()}
    project.addMapLayers(list(made.values()))
    yield {name: layer.id() for name, layer in made.items()}
    project.clear()


@pytest.fixture
def widgets(layers):
    """The widgets of a dialog, which stays open for the test."""
    opened = []

    def make(name):
        algorithm = QgsApplication.processingRegistry().createAlgorithmById("lode:" + name)
        opened.append(AlgorithmDialog(algorithm))
        opened[-1].show()
        return opened[-1].mainWidget().wrappers
    yield make
    for window in opened:
        window.close()


def shown_unit(wrapper):
    """The unit that the user sees beside a number."""
    box = wrapper.widget.findChild(QComboBox)
    label = box.parent().findChild(QLabel)
    return label.text() if box.isHidden() else box.currentText()


def choose(widgets, layer):
    """Chooses the stack."""
    widgets["STACK"].setParameterValue(layer, QgsProcessingContext())


def test_dialog_shows_the_unit_of_the_layer(widgets, layers):
    shown = widgets("fit")
    for name, unit in (("feet", "feet"), ("metres", "meters"), ("none", "meters")):
        choose(shown, layers[name])
        assert unit in shown_unit(shown["EXCLUSION"]), name
        assert unit in shown_unit(shown["BLOCK"]), name


@pytest.mark.parametrize("code, unit", [("EPSG:4326", "meters"),
                                        ("EPSG:24571", r"British chain.*|chains \(British.*")])
def test_dialog_never_offers_degrees_and_names_unknown_units(widgets, survey, tmp_path, code, unit):
    stack = str(tmp_path / "stack.tif")
    gdal.Translate(stack, survey["OUT_STACK"], outputSRS=code)
    layer = QgsRasterLayer(stack, "stack")
    QgsProject.instance().addMapLayer(layer)
    shown = widgets("fit")
    choose(shown, layer.id())
    assert re.fullmatch(unit, shown_unit(shown["EXCLUSION"]))


@pytest.mark.parametrize("folded", [False, True])
def test_another_unit_is_exact_in_and_out_of_sight(widgets, layers, folded):
    """1.5 km on a layer in US survey feet; also while the Log is in front, where QGIS 3.22 forgets
    what unit was chosen."""
    shown = widgets("fit")
    choose(shown, layers["feet"])
    exclusion = shown["EXCLUSION"]
    units_box = exclusion.widget.findChild(QComboBox)
    units_box.setCurrentIndex(units_box.findText("kilometers"))
    exclusion.widget.findChild(QDoubleSpinBox).setValue(1.5)
    exclusion.widget.setVisible(not folded)
    assert exclusion.parameterValue() * FOOT == pytest.approx(1500, rel=1e-12)


def test_empty_stays_empty_and_a_value_is_shown_in_the_layers_unit(widgets, layers):
    shown = widgets("fit")
    choose(shown, layers["feet"])
    assert not shown["EXCLUSION"].parameterValue()
    shown["EXCLUSION"].setParameterValue(2500.0, QgsProcessingContext())
    assert shown["EXCLUSION"].parameterValue() == 2500
    assert "feet" in shown_unit(shown["EXCLUSION"])


def test_batch_tells_the_unit_of_each_row(layers):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("lode:fit")
    window = BatchAlgorithmDialog(algorithm)
    try:
        panel = window.mainWidget()
        row = panel.wrappers[0]
        columns = {w.parameterDefinition().name(): w for w in row if w is not None}
        choose(columns, layers["feet"])
        assert columns["EXCLUSION"].widget.suffix().startswith(" feet")
        choose(columns, layers["metres"])
        assert columns["EXCLUSION"].widget.suffix() == " meters"
    finally:
        window.close()


def test_shipped_model_has_the_unit_of_its_samples(provider):
    chain = provider.algorithm("samples_to_sheet")
    cell = chain.parameterDefinition("CELL")
    parent = chain.parameterDefinition(cell.parentParameterName())
    assert parent is not None and parent.type() == "source"
    assert "degrees" in cell.help()


def test_sheet_tells_the_unit_of_the_cells():
    from lode.tools import mapsheet
    told = [mapsheet._unit(crs(name)) for name in (METRES, "EPSG:4326", FEET)]
    assert told[:2] == ["m", "degrees"] and "feet" in told[2]

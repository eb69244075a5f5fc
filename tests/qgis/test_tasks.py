"""Tasks run through Processing: equal to the command line, chained, cancelled, refused."""
import filecmp
import pathlib
import subprocess

import pytest
from qgis.core import (QgsApplication, QgsCoordinateReferenceSystem, QgsFeature, QgsGeometry,
                       QgsPointXY, QgsProcessingContext, QgsProcessingException,
                       QgsProcessingFeatureSourceDefinition, QgsProcessingFeedback, QgsProject,
                       QgsRasterLayer, QgsVectorLayer)

from qgis.PyQt.QtCore import QCoreApplication

import processing

from conftest import SMALL, TINY

class Canceller(QgsProcessingFeedback):
    """Cancels at the first sign of progress after a share of the work."""

    def __init__(self, share):
        super().__init__(False)
        self._share = share
        self.progressChanged.connect(self._look)

    def _look(self, percent):
        if percent >= 100 * self._share:
            self.cancel()


def test_survey_equals_the_command_line(survey, lode_command, tmp_path):
    subprocess.run([lode_command, "simulate", "--samples", "200", "--size", "60", "--seed", "3",
                    "-q", str(tmp_path / "cli")], check=True)
    for name in ("stack.tif", "samples.csv"):
        assert filecmp.cmp(tmp_path / "cli" / name, pathlib.Path(survey["OUT"]) / name,
                           shallow=False)


def test_measures_and_products_are_results(survey):
    assert survey["elements"] == 39
    assert survey["command"].startswith("lode simulate --samples 200")
    assert QgsRasterLayer(survey["OUT_STACK"], "s").bandCount() == 39


def test_products_are_opened_with_name_group_and_metadata(provider, survey, tmp_path):
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    project = QgsProject.instance()
    project.clear()
    context.setProject(project)
    project.addMapLayer(QgsVectorLayer("Point?crs=EPSG:32650", "on top", "memory"))
    algorithm = QgsApplication.processingRegistry().algorithmById("lode:simulate").create()
    _, good = algorithm.run(dict(SMALL, OUT=str(tmp_path / "area")), context, feedback)
    assert good
    from processing.gui.Postprocessing import handleAlgorithmResults
    assert handleAlgorithmResults(algorithm, context, feedback)
    QCoreApplication.processEvents()  # now QGIS drops layers that have no place in the tree
    assert len(project.mapLayers()) == 7
    assert [n.name() for n in project.layerTreeRoot().children()] == ["on top", "Lode: area"]
    group = project.layerTreeRoot().findGroup("Lode: area")
    names = [node.name() for node in group.children()]
    assert names[-2:] == ["Element grids", "Geology"] and names[-3] == "Faults"
    assert set(names[:-3]) == {"Samples", "Known deposits", "Hidden deposits"}
    stack = project.mapLayersByName("Element grids")[0]
    assert "lode simulate" in stack.metadata().history()[0]
    assert stack.renderer().type() == "singlebandpseudocolor"
    project.clear()


def test_results_in_a_temporary_folder_are_called_after_the_task(has_task):
    has_task("simulate")
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    project = QgsProject.instance()
    project.clear()
    context.setProject(project)
    algorithm = QgsApplication.processingRegistry().algorithmById("lode:simulate").create()
    algorithm.run(dict(SMALL, OUT="TEMPORARY_OUTPUT"), context, feedback)
    from processing.gui.Postprocessing import handleAlgorithmResults
    assert handleAlgorithmResults(algorithm, context, feedback)
    assert [n.name() for n in project.layerTreeRoot().children()] == ["Lode: Simulate a survey"]
    project.clear()


def test_without_open_results_nothing_is_loaded(survey, tmp_path):
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().algorithmById("lode:simulate").create()
    algorithm.run(dict(SMALL, OUT=str(tmp_path / "area"), OPEN_RESULTS=False), context,
                  QgsProcessingFeedback(False))
    assert context.layersToLoadOnCompletion() == {}


def test_cancel_leaves_nothing_behind(survey, tmp_path):
    context = QgsProcessingContext()
    algorithm = QgsApplication.processingRegistry().algorithmById("lode:simulate").create()
    results, good = algorithm.run(dict(SMALL, SIZE=400, OUT=str(tmp_path / "area")), context,
                                  Canceller(0.05))
    assert results.get("OUT_STACK") is None
    assert not list(tmp_path.rglob("*.*"))


def test_task_error_is_an_exception_with_its_text(survey, tmp_path):
    with pytest.raises(QgsProcessingException, match="/proc/x"):
        processing.run("lode:simulate", dict(SMALL, OUT="/proc/x"))


def test_about_names_the_library(tmp_path, provider):
    result = processing.run("lode:about", {"OUTPUT": str(tmp_path / "about.html")})
    page = pathlib.Path(result["OUTPUT"]).read_text(encoding="utf-8")
    assert provider.library().path in page


def test_style_by_hand(survey, tmp_path):
    layer = QgsVectorLayer(survey["OUT_DEPOSITS"], "deposits", "ogr")
    QgsProject.instance().addMapLayer(layer)
    result = processing.run("lode:applystyle", {"LAYER": layer.id(), "STYLE": "samples"})
    assert result["OUTPUT"] == layer.id()
    assert layer.renderer().symbol().symbolLayer(0).size() == pytest.approx(1.2)


def test_sample_project_is_complete(has_task, tmp_path):
    has_task("simulate")
    result = processing.run("lode:sampleproject", {"FOLDER": str(tmp_path / "sample"),
                                                   "OPEN": False})
    project = QgsProject()
    assert project.read(result["PROJECT"])
    names = [node.name() for node in project.layerTreeRoot().findLayers()]
    assert names == ["Known deposits", "Samples", "Faults", "Element grids", "Geology"]
    assert all(layer.isValid() for layer in project.mapLayers().values())
    assert project.crs().authid() == "EPSG:32650"


# ---- Learning and mapping ---------------------------------------------------------------------

def cells(path):
    """All values of a raster by band."""
    from osgeo import gdal
    dataset = gdal.Open(path)
    return [dataset.GetRasterBand(band + 1).ReadRaster() for band in range(dataset.RasterCount)]


def test_prediction_equals_the_command_line(model, survey, lode_command, tmp_path):
    ours = processing.run("lode:predict", {"MODEL": model, "STACK": survey["OUT_STACK"],
                                           "OUT": str(tmp_path / "qgis.tif")})["OUT"]
    cli = str(tmp_path / "cli.tif")
    subprocess.run([lode_command, "predict", "-q", model, survey["OUT_STACK"], cli], check=True)
    assert cells(ours) == cells(cli)
    assert (tmp_path / "qgis.qml").exists()


def test_model_file_equals_the_command_line(model, survey, lode_command, tmp_path):
    cli = str(tmp_path / "cli.lode")
    words = [word for key, value in TINY.items() for word in ("--" + key.lower(), str(value))]
    subprocess.run([lode_command, "pretrain", "-q", *words, survey["OUT_STACK"], cli], check=True)
    ours = pathlib.Path(model).with_name("pretrained.lode")
    assert filecmp.cmp(ours, cli, shallow=False)


def test_chosen_bands_are_written(model, survey, tmp_path):
    path = processing.run("lode:predict", {
        "MODEL": model, "STACK": survey["OUT_STACK"], "BANDS": ["percentile", "score"],
        "OUT": str(tmp_path / "two.tif")})["OUT"]
    from lode.values import band_names
    assert sorted(band_names(QgsRasterLayer(path, "x"))) == ["percentile", "score"]


def test_embedding_comes_with_its_picture(model, survey, tmp_path):
    path = processing.run("lode:predict", {
        "MODEL": model, "STACK": survey["OUT_STACK"], "BANDS": ["embedding"],
        "OUT": str(tmp_path / "e.tif")})["OUT"]
    picture = str(tmp_path / "e_colours.tif")
    red, green, blue, alpha = cells(picture)
    assert len(set(red)) > 50 and len(set(green)) > 50 and len(set(blue)) > 50
    assert set(alpha) <= {0, 255} and 255 in set(alpha)
    assert QgsRasterLayer(picture, "p").renderer().type() == "multibandcolor"
    QgsProject.instance().clear()
    layer = QgsRasterLayer(path, "embedding")
    QgsProject.instance().addMapLayer(layer)
    again = processing.run("lode:applystyle", {"LAYER": layer.id(), "STYLE": "embedding"})
    shown = QgsProject.instance().mapLayer(again["OUTPUT"])
    assert shown.source() == picture
    assert cells(picture) == [red, green, blue, alpha]


def test_bands_of_the_stack_are_chosen_by_name(survey, has_task, tmp_path):
    has_task("pretrain")
    from lode import values
    layer = QgsRasterLayer(survey["OUT_STACK"], "stack")
    algorithm = QgsApplication.processingRegistry().algorithmById("lode:pretrain").create()
    options = values.Reader(algorithm, {"STACK": layer, "BANDS": [4, 3]},
                            QgsProcessingContext()).options()
    names = values.band_names(layer)
    assert "bands={},{}".format(names[3], names[2]) in options


def test_training_leaves_a_page_with_its_curve(survey, has_task, tmp_path):
    has_task("pretrain")
    result = processing.run("lode:pretrain", dict(
        TINY, STEPS=10, STACK=survey["OUT_STACK"], OUT=str(tmp_path / "m.lode"),
        SUMMARY=str(tmp_path / "training.html")))
    page = pathlib.Path(result["SUMMARY"]).read_text(encoding="utf-8")
    assert "<polyline" in page and "losses" in page


def test_model_describes_itself_in_the_results_viewer(model, has_task, tmp_path):
    has_task("info")
    page = processing.run("lode:info", {"FILE": model, "SUMMARY": str(tmp_path / "i.html")})
    assert "simclr" in pathlib.Path(page["SUMMARY"]).read_text(encoding="utf-8")


# ---- Inputs of every sort ---------------------------------------------------------------------

def fit_with(model, survey, tmp_path, deposits, **more):
    """Fits a head on these deposits; returns how many were used."""
    return processing.run("lode:fit", dict(
        {"MODEL": str(pathlib.Path(model).with_name("pretrained.lode")),
         "STACK": survey["OUT_STACK"], "DEPOSITS": deposits, "MEMBERS": 2,
         "INPUTS": ["embedding"], "STRENGTH": 0.001, "OUT": str(tmp_path / "out.lode")}, **more))


def other_sources(survey, folder):
    """The same deposits as a memory layer, reprojected, in a GeoPackage of several layers, in a
    GeoJSON, and behind a VRT."""
    import processing as p
    known = survey["OUT_DEPOSITS"]
    yield p.run("native:reprojectlayer", {"INPUT": known, "TARGET_CRS": "EPSG:4326",
                                          "OUTPUT": "memory:"})["OUTPUT"]
    package = str(folder / "several.gpkg")
    p.run("native:package", {"LAYERS": [survey["OUT_SAMPLES"], known], "OUTPUT": package})
    first = QgsVectorLayer(package, "x", "ogr")
    inside = [s.split("!!::!!")[1] for s in first.dataProvider().subLayers()]
    name = next(n for n in inside if n != "samples")
    yield "{}|layername={}".format(package, name)
    yield p.run("native:reprojectlayer", {"INPUT": known, "TARGET_CRS": "EPSG:4326", "OUTPUT":
                                          str(folder / "d.geojson")})["OUTPUT"]
    view = folder / "view.vrt"
    view.write_text("<OGRVRTDataSource><OGRVRTLayer name='deposits'><SrcDataSource>{}</SrcDataSource>"
                    "</OGRVRTLayer></OGRVRTDataSource>".format(known), encoding="utf-8")
    yield str(view)


def test_deposits_from_any_source(model, survey, tmp_path):
    expected = fit_with(model, survey, tmp_path, survey["OUT_DEPOSITS"])["deposits"]
    for source in other_sources(survey, tmp_path):
        assert fit_with(model, survey, tmp_path, source)["deposits"] == expected


def test_selected_and_filtered_deposits(model, survey, tmp_path):
    layer = QgsVectorLayer(survey["OUT_DEPOSITS"], "known", "ogr")
    QgsProject.instance().addMapLayer(layer)
    every = [f.id() for f in layer.getFeatures()]
    layer.selectByIds(every[:10])
    selected = fit_with(model, survey, tmp_path,
                        QgsProcessingFeatureSourceDefinition(layer.id(), True))
    layer.setSubsetString("fid <= {}".format(sorted(every)[9]))
    filtered = fit_with(model, survey, tmp_path, layer.id())
    layer.setSubsetString("")
    computed = fit_with(model, survey, tmp_path, layer.id(),
                        WHERE="$id <= {}".format(sorted(every)[9]))
    assert selected["deposits"] == filtered["deposits"] == computed["deposits"] <= 10


# ---- Mistakes ---------------------------------------------------------------------------------

@pytest.fixture
def mistakes(model, survey, tmp_path):
    """Values of lode:fit without a mistake."""
    layer = QgsVectorLayer(survey["OUT_DEPOSITS"], "known", "ogr")
    QgsProject.instance().addMapLayer(layer)
    return {"MODEL": model, "STACK": survey["OUT_STACK"], "DEPOSITS": layer.id(),
            "OUT": str(tmp_path / "out.lode")}


def said(values):
    """What checkParameterValues says of these values of lode:fit."""
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().algorithmById("lode:fit")
    return algorithm.checkParameterValues(values, context)


def test_values_without_a_mistake(mistakes):
    assert said(mistakes) == (True, "")


@pytest.mark.parametrize("change, words", [
    ({"MODEL": "/no/such.lode"}, "there is no file"),
    ({"STACK": __file__}, "STACK"),
    ({"WHERE": "commodity ="}, "cannot be read"),
    ({"WHERE": "colour = 'red'"}, "column 'colour'"),
    ({"WHERE": "fid < 0"}, "leaves no feature"),
    ({"OUT": "/no/such/folder/a.lode"}, "does not exist"),
    ({"OUT": "/proc/a.lode"}, "cannot be written"),
    ({"OUT": "/tmp/a.txt"}, "must end in .lode")])
def test_mistake_is_one_sentence(mistakes, change, words):
    good, message = said(dict(mistakes, **change))
    assert not good
    assert words in message
    assert "\n" not in message.strip()


def test_other_mistakes(mistakes, tmp_path):
    garbage = tmp_path / "garbage.lode"
    garbage.write_bytes(b"\x00" * 64)
    assert "garbage.lode" in said(dict(mistakes, MODEL=str(garbage)))[1]
    assert "also an input" in said(dict(mistakes, OUT=mistakes["MODEL"]))[1]
    far = QgsVectorLayer("Point?crs=EPSG:32650", "far", "memory")
    add_point(far, 9e5, 1e6)
    assert "lies outside raster" in said(dict(mistakes, DEPOSITS=far.id()))[1]
    nowhere = QgsVectorLayer("Point", "nowhere", "memory")
    add_point(nowhere, 5e5, 3e6)
    nowhere.setCrs(QgsCoordinateReferenceSystem())
    assert "has no CRS" in said(dict(mistakes, DEPOSITS=nowhere.id()))[1]
    empty = QgsVectorLayer("Point?crs=EPSG:32650", "empty", "memory")
    QgsProject.instance().addMapLayer(empty)
    assert "has no features" in said(dict(mistakes, DEPOSITS=empty.id()))[1]


def add_point(layer, x, y):
    """One point in a layer of the project."""
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
    layer.dataProvider().addFeature(feature)
    layer.updateExtents()
    QgsProject.instance().addMapLayer(layer)


def test_missing_bands_are_named(mistakes, tmp_path):
    from osgeo import gdal
    path = str(tmp_path / "poor.tif")
    gdal.Translate(path, mistakes["STACK"], bandList=[1, 2, 3])
    good, message = said(dict(mistakes, STACK=path))
    assert not good and "lacks bands" in message and "Au" in message

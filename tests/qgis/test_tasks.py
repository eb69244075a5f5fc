"""Tasks run through Processing: equal to the command line, chained, cancelled, refused."""
import filecmp
import pathlib
import subprocess

import pytest
from qgis.core import (QgsApplication, QgsProcessingContext, QgsProcessingFeedback, QgsProject,
                       QgsRasterLayer, QgsVectorLayer)

import processing

SMALL = {"SAMPLES": 200, "SIZE": 60, "SEED": 3}


@pytest.fixture(scope="session")
def survey(qgis_application, tmp_path_factory):
    """A small simulated survey, made through Processing."""
    if qgis_application.lode_provider.algorithm("simulate") is None:
        pytest.skip("this build has no task simulate")
    return processing.run("lode:simulate",
                          dict(SMALL, OUT=str(tmp_path_factory.mktemp("survey") / "out")))


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
    algorithm = QgsApplication.processingRegistry().algorithmById("lode:simulate").create()
    _, good = algorithm.run(dict(SMALL, OUT=str(tmp_path / "area")), context, feedback)
    assert good
    from processing.gui.Postprocessing import handleAlgorithmResults
    assert handleAlgorithmResults(algorithm, context, feedback)
    group = project.layerTreeRoot().findGroup("Lode: area")
    names = [node.name() for node in group.children()]
    assert names[-2:] == ["Element grids", "Geology"] and names[-3] == "Faults"
    assert set(names[:-3]) == {"Samples", "Known deposits", "Hidden deposits"}
    stack = project.mapLayersByName("Element grids")[0]
    assert "lode simulate" in stack.metadata().history()[0]
    assert stack.renderer().type() == "singlebandpseudocolor"
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
    from qgis.core import QgsProcessingException
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

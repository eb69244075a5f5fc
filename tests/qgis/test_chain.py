"""The shipped model and batch runs."""
import pathlib

import pytest
from qgis.core import QgsApplication, QgsProcessingContext, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication, QElapsedTimer

import processing


def chain():
    """The shipped model."""
    model = QgsApplication.processingRegistry().algorithmById("lode:samples_to_sheet")
    if model is None:
        pytest.skip("this build lacks a task of the model")
    return model


def test_model_holds_no_copies_of_defaults():
    copied = [(child.algorithmId(), name)
              for child in chain().childAlgorithms().values()
              for name, sources in child.parameterSources().items()
              for source in sources
              if not source.parameterName() and not source.outputChildId()]
    assert copied == []


def test_models_own_parameters_have_the_defaults_of_the_algorithms():
    steps = chain().parameterDefinition("STEPS")
    of_map = QgsApplication.processingRegistry().algorithmById("lode:map")
    assert steps.defaultValue() == of_map.parameterDefinition("STEPS").defaultValue()


def test_model_is_in_the_group_of_maps():
    of_map = QgsApplication.processingRegistry().algorithmById("lode:map")
    assert (chain().group(), chain().groupId()) == (of_map.group(), of_map.groupId())


def test_model_goes_from_samples_to_a_sheet(survey, tmp_path):
    files = {"outputRaster": "stack.tif", "outputFolder": "map", "outputFile": "sheet.pdf"}
    outputs = {output.name(): str(tmp_path / files[output.type()])
               for output in chain().outputDefinitions()}
    processing.run("lode:samples_to_sheet", dict(
        outputs, SAMPLES=survey["OUT_SAMPLES"], DEPOSITS=survey["OUT_DEPOSITS"], CELL=800,
        STEPS=1, TITLE="Gold"))
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "map/report.html").exists()


def test_batch_maps_one_commodity_a_row(model, survey, tmp_path):
    """Runs the batch dialog of lode:fit with two deposit filters, as a user fills it in."""
    from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog
    QgsProject.instance().addMapLayer(QgsVectorLayer(survey["OUT_DEPOSITS"], "known", "ogr"))
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("lode:fit")
    dialog = BatchAlgorithmDialog(algorithm)
    panel, context = dialog.mainWidget(), QgsProcessingContext()
    panel.addRow()
    for row, name in enumerate(("first", "second")):
        values = {"MODEL": str(pathlib.Path(model).with_name("pretrained.lode")),
                  "STACK": survey["OUT_STACK"], "DEPOSITS": survey["OUT_DEPOSITS"], "MEMBERS": 2,
                  "INPUTS": ["embedding"], "STRENGTH": 0.001, "EXCLUSION": None,
                  "WHERE": "fid {} 20".format("<=" if row == 0 else ">")}
        place = row + (1 if panel.tblParameters.rowCount() == 3 else 0)
        for key, value in values.items():
            panel.wrappers[row][panel.parameter_to_column[key]].setParameterValue(value, context)
        panel.tblParameters.cellWidget(place, panel.parameter_to_column["OUT"]).setValue(
            str(tmp_path / (name + ".lode")))
    dialog.runAlgorithm()
    made = [tmp_path / "first.lode", tmp_path / "second.lode"]
    timer = QElapsedTimer()
    timer.start()
    while not all(path.exists() for path in made) and timer.elapsed() < 60000:
        QCoreApplication.processEvents()
    timer.restart()
    while timer.elapsed() < 1000:  # the dialog closes its books
        QCoreApplication.processEvents()
    assert made[0].read_bytes() != made[1].read_bytes()

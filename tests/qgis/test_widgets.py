"""The dialogs' own widgets: labels in place of words, columns ticked beforehand."""
import pytest
from qgis.core import (QgsApplication, QgsFeature, QgsGeometry, QgsPointXY, QgsProject,
                       QgsVectorLayer)
from qgis.PyQt.QtWidgets import QCheckBox

from processing.gui.AlgorithmDialog import AlgorithmDialog

COLUMNS = "&".join("field={}:{}".format(*pair) for pair in (
    ("id", "integer"), ("Au_ppb", "double"), ("Cu_ppm", "string"), ("rock", "string"),
    ("As_ppm", "double")))


def samples(name, columns=COLUMNS):
    """A layer of assays in the project."""
    layer = QgsVectorLayer("Point?crs=EPSG:32650&" + columns, name, "memory")
    for number in range(40):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(4e5 + number, 3e6 + number % 7)))
        for field in layer.fields():
            text = "granite" if field.name() == "rock" else "<5" if number % 9 == 0 \
                and field.name() == "Cu_ppm" else number + 1
            feature[field.name()] = text
        layer.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def dialog(provider):
    """Opens the dialog of a task as a double click in the toolbox does; gives its widgets."""
    opened = []

    def make(name):
        if provider.algorithm(name) is None:
            pytest.skip("this build has no task " + name)
        algorithm = QgsApplication.processingRegistry().createAlgorithmById("lode:" + name)
        opened.append(AlgorithmDialog(algorithm))
        return opened[-1].mainWidget().wrappers
    QgsProject.instance().clear()
    yield make
    for window in opened:
        window.close()
    QgsProject.instance().clear()


def test_choices_are_shown_by_labels_and_given_as_words(dialog):
    method = dialog("grid")["METHOD"]
    shown = [method.widget.itemText(row) for row in range(method.widget.count())]
    assert shown[:2] == ["Inverse distance weighting", "Ordinary kriging"]
    method.widget.setCurrentIndex(1)
    assert method.parameterValue() == "kriging"


def test_several_choices_are_boxes_to_tick(dialog):
    methods = dialog("validate")["METHODS"]
    boxes = {box.text(): box for box in methods.widget.findChildren(QCheckBox)}
    assert boxes["Ridge logistic"].isChecked()
    assert not boxes["Supervised ResNet-50"].isChecked()
    before = methods.parameterValue()
    boxes["Ridge logistic"].setChecked(False)
    assert methods.parameterValue() == [word for word in before if word != "logistic"]


def test_every_choice_has_a_label(provider):
    for algorithm in provider.algorithms():
        for definition in algorithm.parameterDefinitions():
            if definition.type() == "enum" and hasattr(algorithm, "task"):
                shown = definition.metadata()["widget_wrapper"]["labels"]
                assert len(shown) == len(definition.options())
                assert shown != definition.options(), (algorithm.name(), definition.name())


def test_element_columns_are_ticked(dialog):
    samples("first")
    other = samples("second", "field=Zn_ppm:double&field=rock:string")
    widgets = dialog("grid")
    first = QgsProject.instance().mapLayersByName("first")[0]
    widgets["SAMPLES"].setParameterValue(first.id(), widgets["ELEMENTS"]._context())
    assert widgets["ELEMENTS"].parameterValue() == ["Au_ppb", "Cu_ppm", "As_ppm"]
    widgets["SAMPLES"].setParameterValue(other.id(), widgets["ELEMENTS"]._context())
    assert widgets["ELEMENTS"].parameterValue() == ["Zn_ppm"]


def test_the_users_own_columns_stay(dialog):
    layer = samples("first")
    widgets = dialog("grid")
    widgets["SAMPLES"].setParameterValue(layer.id(), widgets["ELEMENTS"]._context())
    widgets["ELEMENTS"].setParameterValue(["Au_ppb"], widgets["ELEMENTS"]._context())
    widgets["SAMPLES"].widgetValueHasChanged.emit(widgets["SAMPLES"])
    assert widgets["ELEMENTS"].parameterValue() == ["Au_ppb"]

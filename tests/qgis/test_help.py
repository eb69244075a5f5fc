"""The pages behind the Help button."""
import pathlib
import re
from urllib.parse import unquote, urlparse

from qgis.core import QgsApplication

from conftest import PLUGINS


def page(algorithm):
    """Text of an algorithm's page."""
    return pathlib.Path(unquote(urlparse(algorithm.helpUrl()).path)).read_text(encoding="utf-8")


def test_every_algorithm_has_a_page_that_names_its_parameters(provider):
    for algorithm in provider.algorithms():
        text = page(algorithm)
        for definition in algorithm.parameterDefinitions():
            assert "<code>{}</code>".format(definition.name()) in text, algorithm.id()


def test_pages_have_pictures(provider):
    shipped = sorted(path.stem for path in (PLUGINS / "lode/help").glob("*.png"))
    assert {"grid", "map", "mapsheet", "validate", "sampleproject"} <= set(shipped)
    for name in shipped:
        assert "{}.png".format(name) in page(provider.algorithm(name))


def test_page_of_a_task_tells_words_and_defaults(provider):
    grid = QgsApplication.processingRegistry().algorithmById("lode:grid")
    assert "Ordinary kriging (<code>kriging</code>)" in page(grid)
    assert "Default: <code>idw</code>" in page(grid)


def test_tasks_and_options_have_the_names_of_the_dialogs(provider):
    """A reader of a dialog knows neither commands nor their options."""
    for algorithm in provider.algorithms():
        told = [d.help() for d in algorithm.parameterDefinitions()]
        body = algorithm.shortHelpString().replace("<code>lode {}</code>".format(algorithm.name()), "")
        for text in told + [body]:
            assert not re.search(r"--[a-z]|\blode [a-z]+'", text), (algorithm.id(), text)


def test_every_parameter_that_needs_a_word_has_one(provider):
    for algorithm in provider.algorithms():
        silent = [d.name() for d in algorithm.parameterDefinitions() if not d.help()]
        if hasattr(algorithm, "task"):
            assert set(silent) <= {"OPEN_RESULTS", "SUMMARY"}, algorithm.id()
    sheet = provider.algorithm("mapsheet")
    assert "report.json" in sheet.shortHelpString() and sheet.parameterDefinition("NOTE").help()

"""The pages behind the Help button."""
import pathlib
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

"""Shipped models: chains of algorithms, drawn in the model designer and kept as .model3 files."""
import glob
import os

from qgis.core import QgsProcessingModelAlgorithm

from . import helppage
from .folder import HERE
from .suggest import suggest
from .text import registry_text, tr


def paths():
    """The files of the shipped models."""
    return sorted(glob.glob(os.path.join(HERE, "models", "*.model3")))


def _title(name):
    titles = {"samples_to_sheet": tr("From samples to a printed map")}
    return titles[name]


def _label(text):
    """What a parameter of a model is called: as in the algorithm it belongs to, else as here."""
    own = {"Element stack": tr("Element stack"), "Sheet file": tr("Sheet file"),
           "Title": tr("Title"), "Folder for the results": tr("Folder for the results")}
    return own.get(text) or registry_text(text)


class Chain(QgsProcessingModelAlgorithm):
    """A shipped model under a fixed id, in the user's language. The file holds how the algorithms
    are chained and no copies of their defaults: those come from the algorithms."""

    def __init__(self, path, algorithm_of):
        """algorithm_of(name) gives Lode's algorithm of that name."""
        super().__init__()
        self._path, self._algorithm_of = path, algorithm_of
        self.valid = self.fromFile(path)
        for definition in self.parameterDefinitions():
            definition.setDescription(_label(definition.description()))
        for child in self.childAlgorithms().values():
            self._take_defaults(child)
        for definition in self.parameterDefinitions():
            suggest(definition, definition.name().lower())

    def _take_defaults(self, child):
        algorithm = self._algorithm_of(child.algorithmId().split(":")[1])
        for name, sources in child.parameterSources().items():
            for source in sources:  # those that are no parameter of the model have no such name
                own = self.parameterDefinition(source.parameterName())
                asked = algorithm.parameterDefinition(name) if algorithm else None
                if own is not None and asked is not None:
                    own.setDefaultValue(asked.defaultValue())
                    own.setHelp(asked.help())
                    if own.type() == "distance":
                        self._take_unit(own, asked, child)

    @staticmethod
    def _take_unit(own, asked, child):
        """A distance of the model has the unit of the layer that goes where its own goes."""
        layers = child.parameterSources().get(asked.parentParameterName(), [])
        own.setParentParameterName(next((s.parameterName() for s in layers), ""))
        own.setMetadata(asked.metadata())

    def createInstance(self):  # pylint: disable=invalid-name
        """QGIS runs a fresh copy each time."""
        return Chain(self._path, self._algorithm_of)

    def name(self):
        """The file's name, so that the id is lode:samples_to_sheet."""
        return os.path.splitext(os.path.basename(self._path))[0]

    def displayName(self):  # pylint: disable=invalid-name
        """Shown in the toolbox."""
        return _title(self.name())

    def group(self):
        """With the algorithms that make maps."""
        return registry_text("3 Map")

    def groupId(self):  # pylint: disable=invalid-name
        """The group without spaces."""
        return "3map"

    def helpUrl(self):  # pylint: disable=invalid-name
        """The page behind the Help button."""
        return helppage.url(self, "<p>{}</p>".format(self.shortDescription()))

    def shortDescription(self):  # pylint: disable=invalid-name
        """Tooltip in the toolbox."""
        return tr("Grids the samples, makes a prospectivity map with a report, and prints it. "
                  "Run it as a batch with one deposit filter a row to map several commodities.")

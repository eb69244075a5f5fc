"""The Processing provider `lode`: one algorithm for every task of the registry."""
import json
import os

from qgis.core import QgsApplication, QgsProcessingProvider, QgsSettings
from qgis.PyQt.QtGui import QIcon

from . import chains, native
from .algorithm import LodeAlgorithm
from .folder import HERE
from .registry import read_tasks
from .text import tr
from .tools import TOOLS

SETTING = "LODE_LIBRARY"  # kept by Processing's options page


class LodeProvider(QgsProcessingProvider):
    """Algorithms of liblode. Without a usable library it still lists its own algorithms and says
    what is missing."""

    def __init__(self):
        super().__init__()
        self._library = None
        self._problem = ""
        self._registered = False
        QgsApplication.processingRegistry().providerAdded.connect(self._on_provider_added)

    # The library

    def library(self):
        """The opened liblode; raises NativeError with the remedy."""
        if self._library is None:
            try:
                self._library = native.load(QgsSettings().value(
                    "Processing/Configuration/" + SETTING, "", type=str))
                self._problem = ""
            except native.NativeError as error:
                self._problem = str(error)
                raise
        return self._library

    def problem(self):
        """Why liblode cannot be used; "" when it can."""
        try:
            self.library()
        except native.NativeError:
            pass
        return self._problem

    # QgsProcessingProvider

    def loadAlgorithms(self):  # pylint: disable=invalid-name
        """Called by QGIS; adds every algorithm."""
        for task in self.tasks():
            self.addAlgorithm(LodeAlgorithm(task))
        for tool in TOOLS:
            self.addAlgorithm(tool())
        for path in chains.paths() if self._registered else []:
            chain = chains.Chain(path, self.algorithm)
            if chain.valid:
                self.addAlgorithm(chain)

    def _on_provider_added(self, provider_id):
        """A chain finds its algorithms in QGIS's registry, where this provider is only now."""
        if provider_id == self.id() and not self._registered:
            self._registered = True
            self.refreshAlgorithms()

    def tasks(self):
        """The tasks of the library. Without a library those the plugin was packed with, so that
        the toolbox is complete and each of them says what is missing."""
        if not self.problem():
            return read_tasks(self._library.tasks())
        try:
            with open(os.path.join(HERE, "tasks.json"), encoding="utf-8") as packed:
                return read_tasks(json.load(packed))
        except OSError:
            return []

    def id(self):
        """Part of every algorithm's id: lode:map."""
        return "lode"

    def name(self):
        """Name in the toolbox."""
        return "Lode"

    def longName(self):  # pylint: disable=invalid-name
        """Name with the version."""
        version = self._library.version if self._library else tr("library missing")
        return "Lode ({})".format(version)

    def versionInfo(self):  # pylint: disable=invalid-name
        """Shown in the log of every run."""
        return self._library.version if self._library else ""

    def warningMessage(self):  # pylint: disable=invalid-name
        """Shown above the dialog of every algorithm."""
        return self.problem()

    def icon(self):
        """The plugin's icon."""
        return QIcon(os.path.join(HERE, "icon.svg"))

    def svgIconPath(self):  # pylint: disable=invalid-name
        """The same for QGIS's own use."""
        return os.path.join(HERE, "icon.svg")

    def helpId(self):  # pylint: disable=invalid-name
        """Help comes with each algorithm."""
        return ""

    def defaultRasterFileExtension(self):  # pylint: disable=invalid-name
        """What a temporary raster is."""
        return "tif"

    def defaultVectorFileExtension(self, _has_geometry=True):  # pylint: disable=invalid-name
        """What a temporary vector layer is."""
        return "gpkg"

    def supportedOutputRasterLayerExtensions(self):  # pylint: disable=invalid-name
        """What liblode writes."""
        return ["tif", "tiff", "vrt"]

    def supportedOutputVectorLayerExtensions(self):  # pylint: disable=invalid-name
        """What liblode writes."""
        return ["gpkg", "geojson", "shp"]

    def supportsNonFileBasedOutput(self):  # pylint: disable=invalid-name
        """liblode writes files only."""
        return False

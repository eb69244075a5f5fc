"""lode:sampleproject - opens a project with the sample data, ready for a first map."""
import os

from qgis.core import (QgsProcessingAlgorithm, QgsProcessingException, QgsProcessingOutputFile,
                       QgsProcessingParameterBoolean, QgsProcessingParameterFolderDestination,
                       QgsProject, QgsRasterLayer, QgsReferencedRectangle, QgsVectorLayer)
from qgis.PyQt.QtCore import QTimer
from qgis.utils import iface

from .. import native, styles
from ..feedback import Reporter
from ..text import tr
from ..window import open_dialog
from .base import Tool


def layer_list():
    """Layer file, name and whether it is shown, from the top of the legend to its bottom."""
    return (("deposits.gpkg", tr("Known deposits"), True), ("samples.gpkg", tr("Samples"), False),
            ("faults.gpkg", tr("Faults"), False), ("stack.tif", tr("Element grids"), True),
            ("geology.gpkg", tr("Geology"), False))


class SampleProject(Tool):
    """Makes the simulated survey of the sample data and a project that shows it."""

    GROUP_ID = "help"

    def name(self):
        """lode:sampleproject."""
        return "sampleproject"

    def displayName(self):  # pylint: disable=invalid-name
        """Shown in the toolbox."""
        return tr("Open the sample project")

    def group(self):
        """After the numbered groups."""
        return tr("Help")

    def flags(self):
        """Opens a project, which only the main thread may do."""
        return super().flags() | QgsProcessingAlgorithm.Flag.FlagNoThreading

    def texts(self):
        """What it does."""
        return (
            tr("Makes a small simulated survey with known gold deposits, and a QGIS project that "
               "shows it. The area is imagined; the data are as hard as those of a real survey."),
            tr("Then run 'Make a prospectivity map' in group 3: the stack and the deposits are "
               "already chosen."),
            tr("The hidden deposits are in truth.gpkg; add them afterwards to see how many the map "
               "found."))

    def initAlgorithm(self, _configuration=None):  # pylint: disable=invalid-name
        """A folder, and whether to open the project at once."""
        self.addParameter(QgsProcessingParameterFolderDestination("FOLDER", tr("Folder")))
        self.addParameter(QgsProcessingParameterBoolean(
            "OPEN", tr("Open it in this window (the present project must be saved)"), True))
        self.addParameter(QgsProcessingParameterBoolean(
            "NEXT", tr("Then open 'Make a prospectivity map'"), True))
        self.addOutput(QgsProcessingOutputFile("PROJECT", tr("Project file")))

    def checkParameterValues(self, parameters, context):  # pylint: disable=invalid-name
        """Unsaved work of the user must not be lost."""
        good, message = super().checkParameterValues(parameters, context)
        opening = self.parameterAsBoolean(parameters, "OPEN", context)
        if good and opening and QgsProject.instance().isDirty() and QgsProject.instance().count():
            return False, tr("The present project has unsaved changes: save it first, or switch "
                             "off 'Open it in this window'.")
        return good, message

    def processAlgorithm(self, parameters, context, feedback):  # pylint: disable=invalid-name
        """Simulates, writes the project, opens it."""
        folder = self.parameterAsFileOutput(parameters, "FOLDER", context)
        reporter = Reporter(feedback, "simulate")
        try:
            self.provider().library().run("simulate", ["out=" + folder], reporter.progress,
                                          reporter.log)
        except native.Cancelled:
            return {}
        except native.NativeError as error:
            raise QgsProcessingException(str(error)) from None
        path = os.path.join(folder, "lode-sample.qgz")
        write_project(folder, path)
        feedback.pushInfo(tr("Project: {}").format(path))
        if self.parameterAsBoolean(parameters, "OPEN", context):
            open_project(path, self.parameterAsBoolean(parameters, "NEXT", context))
        return {"FOLDER": folder, "PROJECT": path}


def open_project(path, and_map):
    """Opens a project in the window when there is one, after Processing is done with this run; then
    the dialog of lode:map, where the stack and the deposits are already chosen."""
    def in_window():
        iface.addProject(path)
        if and_map:
            open_dialog("map")
    if iface is None:
        QgsProject.instance().read(path)
    else:
        QTimer.singleShot(0, in_window)


def write_project(folder, path):
    """A project over the files of a simulated survey."""
    project = QgsProject()
    project.setTitle(tr("Lode sample project"))
    for file, title, shown in layer_list():
        source = os.path.join(folder, file)
        if not os.path.exists(source):
            continue
        layer = QgsRasterLayer(source, title) if file.endswith(".tif") \
            else QgsVectorLayer(source, title, "ogr")
        fitting = styles.fitting_styles(layer)
        if fitting:
            styles.apply(layer, fitting[0])
        project.addMapLayer(layer, False)
        node = project.layerTreeRoot().addLayer(layer)
        node.setItemVisibilityChecked(shown)
        node.setExpanded(file.endswith(".tif"))
        if file.endswith(".tif"):
            project.setCrs(layer.crs())
            project.viewSettings().setDefaultViewExtent(
                QgsReferencedRectangle(layer.extent(), layer.crs()))
    if not project.write(path):
        raise QgsProcessingException(tr("Project '{}' cannot be written: {}").format(
            path, project.error()))

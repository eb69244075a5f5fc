"""What needs QGIS's window."""
from qgis.core import QgsApplication, QgsProcessing, QgsProcessingFeedback
from qgis.PyQt.QtCore import QPoint, Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QToolBar
from qgis.utils import iface


def show_file(path):
    """Opens a file in the program that the user's computer has for it; only from QGIS's window."""
    if iface is not None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))


def open_sample():
    """The sample project in a temporary folder, without a dialog: what a new user wants first. The
    algorithm in the toolbox asks for the folder."""
    # pylint: disable-next=import-outside-toplevel
    from processing.tools import dataobjects
    context, feedback = dataobjects.createContext(), QgsProcessingFeedback()
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("lode:sampleproject")
    values = {"FOLDER": QgsProcessing.TEMPORARY_OUTPUT}
    if algorithm is None or iface is None:
        return False
    good, message = algorithm.checkParameterValues(values, context)
    if good:
        QgsApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)  # pylint: disable=no-member
        try:
            _, good = algorithm.run(values, context, feedback)
        finally:
            QgsApplication.restoreOverrideCursor()
        message = feedback.textLog().strip().rpartition("\n")[2]
    if not good:
        iface.messageBar().pushWarning(algorithm.displayName(), message)
    return good


def open_dialog(name):
    """Opens the dialog of one of Lode's algorithms, as a double click in the toolbox does."""
    # pylint: disable-next=import-outside-toplevel
    from processing.gui.AlgorithmDialog import AlgorithmDialog
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("lode:" + name)
    if algorithm is None or iface is None:
        return None
    dialog = AlgorithmDialog(algorithm, parent=iface.mainWindow())
    dialog.show()
    _clear_toolbar(dialog, iface.mainWindow().findChild(QToolBar, "LodeToolBar"))
    return dialog


def _clear_toolbar(dialog, toolbar):
    """Moves a dialog off Lode's toolbar, where the next step is, if the screen has the room."""
    if toolbar is None or not toolbar.isVisible():
        return
    bar, frame = toolbar.rect().translated(toolbar.mapToGlobal(QPoint())), dialog.frameGeometry()
    screen = dialog.screen().availableGeometry()
    if frame.intersects(bar) and bar.bottom() + frame.height() < screen.bottom():
        dialog.move(frame.left(), bar.bottom() + 1)

"""What needs QGIS's window."""
from qgis.core import QgsApplication
from qgis.utils import iface


def open_dialog(name):
    """Opens the dialog of one of Lode's algorithms, as a double click in the toolbox does."""
    # pylint: disable-next=import-outside-toplevel
    from processing.gui.AlgorithmDialog import AlgorithmDialog
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("lode:" + name)
    if algorithm is None or iface is None:
        return None
    dialog = AlgorithmDialog(algorithm, parent=iface.mainWindow())
    dialog.show()
    return dialog

"""Runs inside the QGIS window that look.sh opens: one picture for every step a user takes.

LODE_LOOK: folder of the pictures; LODE_LOOK_ZIP: the plugin to install first; LODE_LOOK_ONLY:
language of a short round through the toolbox and two dialogs.
"""
import os
import shutil
import tempfile
import traceback

from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import QCoreApplication, QElapsedTimer, QEventLoop, Qt, QUrl
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QTextBrowser, QTreeView
from qgis.utils import iface

import processing
from processing.gui.AlgorithmDialog import AlgorithmDialog

OUT = os.environ["LODE_LOOK"]
ONLY = os.environ.get("LODE_LOOK_ONLY", "")
WORK = tempfile.mkdtemp(prefix="lode-look-")


def wait(seconds):
    """Lets the window live for a while."""
    timer = QElapsedTimer()
    timer.start()
    while timer.elapsed() < 1000 * seconds:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)


def wait_until(condition, seconds):
    """Lets the window live until something is true."""
    timer = QElapsedTimer()
    timer.start()
    while not condition() and timer.elapsed() < 1000 * seconds:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
    return condition()


def picture(name, widget=None):
    """Saves what a widget (the whole window) looks like."""
    wait(0.5)
    (widget or iface.mainWindow()).grab().save(os.path.join(OUT, name + ".png"))
    print("picture", name)


def algorithm_exists(name):
    """Whether this build has the task."""
    return QgsApplication.processingRegistry().algorithmById("lode:" + name) is not None


def install():
    """Installs the ZIP as the plugin manager's button does, and enables it."""
    import pyplugin_installer
    pyplugin_installer.instance().installFromZipFile(os.environ["LODE_LOOK_ZIP"])
    wait(1)
    picture("window_installed")


def toolbox():
    """The toolbox with Lode's groups unfolded."""
    dock = next(d for d in iface.mainWindow().findChildren(QDockWidget)
                if d.objectName() == "ProcessingToolbox")
    dock.show()
    dock.raise_()
    iface.mainWindow().resizeDocks([dock], [380], Qt.Orientation.Horizontal)
    wait(1)
    tree = dock.findChild(QTreeView)
    model = tree.model()
    for row in range(model.rowCount()):
        index = model.index(row, 0)
        if model.data(index).startswith("Lode"):
            tree.expandRecursively(index)
            tree.scrollTo(index, QTreeView.ScrollHint.PositionAtTop)
        else:
            tree.collapse(index)
    picture("toolbox", dock)


def open_dialog(name, values=None, size=(1050, 760)):
    """The dialog of an algorithm with some values filled in."""
    if values:
        dialog = processing.createAlgorithmDialog("lode:" + name, values)
    else:  # as a double click in the toolbox opens it
        algorithm = QgsApplication.processingRegistry().createAlgorithmById("lode:" + name)
        dialog = AlgorithmDialog(algorithm, parent=iface.mainWindow())
    dialog.show()
    dialog.resize(*size)
    wait(1)
    return dialog


def dialogs():
    """Dialogs as they open."""
    every = ("grid", "transform", "stack", "simulate", "pretrain", "fit", "train", "map", "predict",
             "vrt", "explain", "validate", "targets", "mapsheet", "applystyle", "info",
             "sampleproject", "samples_to_sheet")
    for name in ("grid", "map") if ONLY else every:
        if algorithm_exists(name):
            dialog = open_dialog(name)
            picture("dialog_" + name, dialog)
            dialog.close()


def sample_project():
    """The sample project, as a new user opens it; the next dialog comes by itself."""
    run_dialog("sampleproject", {"FOLDER": os.path.join(WORK, "sample")}, seconds=60)
    wait(3)
    opened = [w for w in QApplication.topLevelWidgets()
              if isinstance(w, AlgorithmDialog) and w.isVisible()]
    print("opened by itself:", [w.algorithm().id() for w in opened])
    for dialog in opened:
        dialog.close()
    picture("window_sample")


def more_layers():
    """Grids, an embedding and an explanation, as they arrive in the window."""
    layer = QgsProject.instance().mapLayersByName
    run_dialog("grid", {"SAMPLES": layer("Samples")[0].id(), "CELL": 1000,
                        "OUTPUT": os.path.join(WORK, "grid.tif")}, seconds=60)
    run_dialog("predict", {"MODEL": os.path.join(WORK, "map", "model.lode"),
                           "STACK": layer("Element grids")[0].id(), "BANDS": ["embedding"],
                           "OUT": os.path.join(WORK, "embedding.tif")}, seconds=100)
    wait(2)
    picture("window_embedding")


def help_pages():
    """Two pages behind the Help button."""
    for name in ("map", "grid"):
        algorithm = QgsApplication.processingRegistry().algorithmById("lode:" + name)
        browser = QTextBrowser()
        browser.setSource(QUrl(algorithm.helpUrl()))
        browser.resize(1000, 1000)
        browser.show()
        picture("help_" + name, browser)
        browser.close()


def run_dialog(name, values, picture_at=None, cancel=False, seconds=400):
    """Runs an algorithm from its dialog as a click on Run does."""
    dialog = open_dialog(name, values)
    dialog.runButton().click()
    wait(picture_at or 1)
    if picture_at:
        picture(name + "_running", dialog)
    if cancel:
        dialog.cancelButton().click()
    wait_until(lambda: dialog.runButton().isEnabled(), seconds)
    wait(1)
    picture(name + ("_cancelled" if cancel else "_finished"), dialog)
    dialog.close()


def results():
    """A map run cancelled, a map run to its end, the styled result, the report, the sheet."""
    folder = os.path.join(WORK, "map")
    layer = QgsProject.instance().mapLayersByName
    values = {"STACK": layer("Element grids")[0].id(), "OUT": folder, "STEPS": 20, "REPEATS": 1,
              "DEPOSITS": layer("Known deposits")[0].id()}
    run_dialog("map", dict(values, OUT=os.path.join(WORK, "cancelled")), picture_at=6, cancel=True)
    print("left behind by the cancelled run:", os.path.exists(os.path.join(WORK, "cancelled")))
    run_dialog("map", values)
    wait(2)
    picture("window_map")
    report_viewer()
    run_dialog("mapsheet", {
        "SCORE": os.path.join(folder, "prospectivity.tif"), "DEPOSITS": values["DEPOSITS"],
        "TARGETS": os.path.join(folder, "targets.gpkg"), "SHOW": "percentile_classes",
        "OUTPUT": os.path.join(OUT, "sheet.png"), "DPI": 110}, seconds=60)


def sheets():
    """The sheet in every size, and a page for each target."""
    folder = os.path.join(WORK, "map")
    for size in ("a4_landscape", "a4_portrait", "a3_landscape", "a3_portrait"):
        processing.run("lode:mapsheet", {
            "SCORE": os.path.join(folder, "prospectivity.tif"), "SIZE": size,
            "DEPOSITS": QgsProject.instance().mapLayersByName("Known deposits")[0].id(),
            "TARGETS": os.path.join(folder, "targets.gpkg"), "DPI": 100,
            "TARGET_PAGES": os.path.join(OUT, "targets.pdf") if size == "a4_landscape" else None,
            "OUTPUT": os.path.join(OUT, "sheet_{}.png".format(size))})
        print("picture sheet_" + size)


def report_viewer():
    """Processing's results viewer with the report of the map."""
    viewer = next((d for d in iface.mainWindow().findChildren(QDockWidget)
                   if d.windowTitle() == "Results Viewer"), None)
    if viewer is None:
        print("no results viewer")
        return
    viewer.setFloating(True)
    viewer.resize(1000, 800)
    viewer.show()
    wait(2)
    picture("results_viewer", viewer)
    viewer.hide()


def main():
    """All steps; a failed one is told and ends the program with 1."""
    status = 0
    iface.mainWindow().resize(1500, 950)
    steps = [toolbox, dialogs] if ONLY else [install, toolbox, sample_project, dialogs, results,
                                             sheets, more_layers, help_pages]
    for step in steps:
        try:
            step()
        except Exception:  # pylint: disable=broad-except
            traceback.print_exc()
            status = 1
    shutil.rmtree(WORK, ignore_errors=True)
    os._exit(status)


main()

"""Runs inside the QGIS window that test_clicks.py opens on a fresh profile: installs the ZIP, opens the
sample project, makes the map and prints the sheet with nothing but the mouse and one typed path.

Every click is a press and a release of the left button at a place where the thing to be clicked is
on top of all windows. LODE_CLICKS: folder for clicks.json and a picture before each click;
LODE_CLICKS_ZIP: the plugin.
"""
import io
import json
import os
import traceback

from qgis.core import QgsProcessingContext
from qgis.PyQt.QtCore import QPoint, Qt, QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import (QApplication, QDialogButtonBox, QLineEdit, QListWidget,
                                 QMessageBox, QPushButton, QToolBar)
from qgis.utils import iface

OUT = os.environ["LODE_CLICKS"]
LONGEST = 120  # seconds for one step
TICK = 100  # milliseconds
SETTLE = 5  # ticks between two clicks, for windows to be drawn


class Click:
    """A click on a place of a widget."""

    def __init__(self, what, widget, place=None):
        self.what, self.widget = what, widget
        self.place = place or widget.rect().center()


def only(widgets):
    """The visible ones."""
    return [w for w in widgets if w.isVisible()]


def dialogs(name):
    """Visible dialogs of one of Lode's algorithms."""
    return [w for w in only(QApplication.topLevelWidgets())
            if hasattr(w, "algorithm") and w.algorithm() and w.algorithm().id() == "lode:" + name]


def manager():
    """The plugin manager."""
    found = [w for w in only(QApplication.topLevelWidgets()) if w.objectName() == "QgsPluginManagerBase"]
    return found[0] if found else None


def menu_click(menu, text):
    """A click on an entry of an open menu."""
    action = next(a for a in menu.actions() if a.text().replace("&", "").startswith(text))
    return Click(text, menu, menu.actionGeometry(action).center())


def button(window, text):
    """A push button by its text."""
    return next(b for b in only(window.findChildren(QPushButton))
                if b.text().replace("&", "").startswith(text))


def toolbar_click(text):
    """A click on a button of Lode's toolbar."""
    bar = toolbar()
    action = next(a for a in bar.actions() if a.text() == text)
    return Click(text, bar.widgetForAction(action))


def install():
    """The ZIP, through the plugin manager."""
    bar = iface.mainWindow().menuBar()
    action = next(a for a in bar.actions() if a.text().replace("&", "") == "Plugins")
    yield Click("Plugins", bar, bar.actionGeometry(action).center())
    yield lambda: only([action.menu()])
    yield menu_click(action.menu(), "Manage and Install Plugins")
    yield manager
    options = next(w for w in only(manager().findChildren(QListWidget)))
    item = next(options.item(row) for row in range(options.count())
                if options.item(row).text() == "Install from ZIP")
    yield Click("Install from ZIP", options.viewport(), options.visualItemRect(item).center())
    path = lambda: [e for e in only(manager().findChildren(QLineEdit)) if not e.isReadOnly()]
    yield path
    yield Click("the box for the path", path()[0])
    QTest.keyClicks(path()[0], os.environ["LODE_CLICKS_ZIP"])
    yield Click("Install Plugin", button(manager(), "Install Plugin"))
    yield lambda: toolbar() or only(
        w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox))
    for box in only(w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox)):
        yield Click("Yes", box.button(QMessageBox.StandardButton.Yes))
    yield toolbar
    yield Click("Close", manager().findChild(QDialogButtonBox).button(
        QDialogButtonBox.StandardButton.Close))


def toolbar():
    """Lode's toolbar: it is there when the plugin is installed and enabled."""
    return next((t for t in only(iface.mainWindow().findChildren(QToolBar))
                 if t.objectName() == "LodeToolBar"), None)


def run(name, **small):
    """A click on Run, and the wait for the end. `small`: values that spare waiting, not clicks."""
    yield lambda: dialogs(name)
    dialog, ended = dialogs(name)[0], []
    dialog.algorithmFinished.connect(lambda good, results: ended.append((good, results)))
    for key, value in small.items():
        dialog.mainWidget().wrappers[key].setParameterValue(value, QgsProcessingContext())
    yield Click("Run", dialog.runButton())
    yield lambda: ended
    good, results = ended[0]
    if not good:
        raise RuntimeError("{} failed".format(name))
    RESULTS[name] = {key: value for key, value in results.items() if isinstance(value, str)}


def sheet_size():
    """Bytes of the printed sheet; 0 without one."""
    path = RESULTS.get("mapsheet", {}).get("OUTPUT", "")
    with open(path, "rb") if path else io.BytesIO() as sheet:
        return len(sheet.read())


def work():
    """Data, map, sheet."""
    yield toolbar_click("Sample project")
    yield from run("map", STEPS=10, REPEATS=1)
    yield toolbar_click("Sheet")
    yield from run("mapsheet")


def steps():
    """All of it."""
    yield from install()
    yield from work()


class Driver:
    """Takes one step after the other on a timer, which also runs while a dialog holds the event
    loop inside a click."""

    def __init__(self):
        self.steps, self.condition, self.clicks = steps(), None, []
        self.waited = self.rest = 0
        self.timer = QTimer()
        self.timer.timeout.connect(self.tick)
        self.timer.start(TICK)

    def tick(self):
        """One step, if what it waits for is there."""
        self.guard(self.advance)

    def guard(self, call):
        """Tells of a failure instead of going on."""
        try:
            call()
        except StopIteration:
            self.end("")
        except Exception:  # pylint: disable=broad-except
            self.end(traceback.format_exc())

    def advance(self):
        """Waits, or asks for the next step and does it."""
        self.rest -= 1
        if self.rest > 0:
            return
        if self.condition is not None and not self.condition():
            self.waited += 1
            if self.waited * TICK > 1000 * LONGEST:
                raise TimeoutError("nothing happened after {}".format(self.clicks))
            return
        self.condition, self.waited = None, 0
        step = next(self.steps)
        self.rest = SETTLE
        if isinstance(step, Click):  # Qt does not call a timer again that is still in its call
            QTimer.singleShot(0, lambda: self.guard(lambda: self.click(step)))
        else:
            self.condition = step

    def click(self, step):
        """The click itself, where the widget can be seen."""
        at = step.widget.mapToGlobal(step.place)
        seen = QApplication.widgetAt(at)
        self.picture()
        if seen is None or not (seen is step.widget or step.widget.isAncestorOf(seen)):
            raise RuntimeError("'{}' is covered by {}".format(step.what, seen))
        self.clicks.append(step.what)
        QTest.mouseClick(step.widget, Qt.MouseButton.LeftButton,
                         Qt.KeyboardModifier.NoModifier, QPoint(step.place))

    def picture(self):
        """The screen before a click."""
        QApplication.primaryScreen().grabWindow(0).save(
            os.path.join(OUT, "{:02d}.png".format(len(self.clicks) + 1)))

    def end(self, problem):
        """Tells what was clicked."""
        self.timer.stop()
        self.picture()
        with open(os.path.join(OUT, "clicks.json"), "w", encoding="utf-8") as file:
            json.dump({"clicks": self.clicks, "problem": problem, "results": RESULTS,
                       "size": sheet_size()}, file)
        os._exit(0)


RESULTS = {}
DRIVER = Driver()

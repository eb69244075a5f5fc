"""What Qt 6 would refuse, found without it: QGIS on Qt 6 is not among the tested ones."""
import ast
import enum
import importlib.util
import json
import subprocess
import sys

import pytest
import qgis.core
import qgis.gui
from osgeo import gdal, osr
from qgis.PyQt import QtCore, QtGui, QtWidgets, QtXml

from conftest import PLUGINS, ROOT

SOURCES = sorted((PLUGINS / "lode").rglob("*.py"))
OWN = {path.stem for path in SOURCES}  # the plugin's modules
INSIDE = [ROOT / "tests/qgis" / name for name in ("look.py", "clicks.py")]  # they run in the window
MODULES = (qgis.core, qgis.gui, QtCore, QtGui, QtWidgets, QtXml)
GDAL = (gdal, gdal.Dataset, gdal.Band, osr.SpatialReference)  # their attributes have capitals too


def tree(path):
    """A file's syntax."""
    return ast.parse(path.read_text(encoding="utf-8"))


def class_of(node):
    """The class of QGIS or Qt that an expression names; None for others."""
    if isinstance(node, ast.Name):
        return next((getattr(m, node.id) for m in MODULES if hasattr(m, node.id)), None)
    if isinstance(node, ast.Attribute):
        outer = class_of(node.value)
        inner = getattr(outer, node.attr, None) if isinstance(outer, type) else None
        return inner if isinstance(inner, type) else None
    return None


def is_value(thing):
    """Whether something is a value of an enumeration: of SIP's own, or of Python's."""
    return isinstance(thing, enum.Enum) or (isinstance(thing, int)
                                            and type(thing) not in (int, bool))


def is_enumeration(kind):
    """Whether a class is an enumeration: its own attributes are values of it."""
    return isinstance(kind, type) and issubclass(kind, (int, enum.Enum))


def unscoped(source):
    """Values of enumerations that are not named with their type, with their lines."""
    called = {id(node.func) for node in ast.walk(source) if isinstance(node, ast.Call)}
    found = []
    for node in ast.walk(source):
        if not isinstance(node, ast.Attribute) or id(node) in called:
            continue
        owner = class_of(node.value)
        if getattr(node.value, "id", "") in OWN:
            continue
        if owner is not None:
            bad = is_value(getattr(owner, node.attr, None)) and not is_enumeration(owner)
        else:  # a value by way of an object: definition.FlagOptional
            bad = node.attr[0].isupper() and not node.attr.isupper() and not isinstance(
                class_of(node), type) and not any(hasattr(g, node.attr) for g in GDAL)
        if bad:
            found.append((node.lineno, ast.unparse(node)))
    return found


@pytest.mark.parametrize("text, found", [
    ("Qt.AlignLeft", True), ("Qt.AlignmentFlag.AlignLeft", False), ("definition.FlagOptional", True),
    ("QgsUnitTypes.DistanceMeters", True), ("QgsUnitTypes.DistanceUnit.DistanceMeters", False),
    ("QgsFeatureRequest.ALL_ATTRIBUTES", False), ("raster.RasterCount", False),
    ("QgsProcessingContext.LayerDetails('a')", False), ("QEventLoop.AllEvents", True)])
def test_the_test_itself(text, found):
    assert bool(unscoped(ast.parse(text))) is found


@pytest.mark.parametrize("path", SOURCES + INSIDE, ids=lambda p: p.stem)
def test_values_of_enumerations_are_named_with_their_type(path):
    assert unscoped(tree(path)) == []


@pytest.mark.parametrize("path", SOURCES + INSIDE, ids=lambda p: p.stem)
def test_qt_comes_from_qgis_and_nothing_is_used_that_is_gone(path):
    text = path.read_text(encoding="utf-8")
    for gone in ("PyQt5", "PyQt6", ".exec_(", "QRegExp(", "QVariant.", "QDesktopWidget",
                 "toPyObject", "QtScript", "QTextCodec"):
        assert gone not in text, gone


LOOK_UP = """
import importlib, json, sys
wanted = json.load(sys.stdin)
print(json.dumps([[m, n] for m, n in wanted if not hasattr(importlib.import_module(m), n)]))
"""


def test_what_is_taken_from_qt_exists_in_qt_6():
    """Classes where they are looked for; QAction, for one, moved from QtWidgets to QtGui. In a
    process of its own, because two Qt in one do not agree."""
    if importlib.util.find_spec("PyQt6") is None:
        pytest.skip("python3-pyqt6 is not installed")
    wanted = [(node.module.replace("qgis.PyQt", "PyQt6"), alias.name)
              for path in SOURCES for node in ast.walk(tree(path))
              if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qgis.PyQt.")
              for alias in node.names]
    assert len(wanted) > 15
    for_qt6 = wanted + [("PyQt6.QtWidgets", "QAction")]  # which is known to be elsewhere
    done = subprocess.run([sys.executable, "-c", LOOK_UP], input=json.dumps(for_qt6), text=True,
                          capture_output=True, check=True)
    assert json.loads(done.stdout) == [["PyQt6.QtWidgets", "QAction"]]

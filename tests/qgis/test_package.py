"""What the public plugin site looks at, and the style of the code."""
import ast
import configparser
import shutil
import subprocess
import sys

import pytest

from conftest import BUILD, PLUGINS

SOURCES = sorted((PLUGINS / "lode").rglob("*.py"))
STAGED = BUILD / "qgis_processing/lode"
ALLOWED = {"qgis", "processing", "osgeo", "numpy"}  # QGIS's own Python


def test_nothing_is_imported_that_qgis_does_not_bring():
    foreign = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else \
                [node.module] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            foreign |= {name.split(".")[0] for name in names}
    assert foreign - set(sys.stdlib_module_names) - ALLOWED == set()


def test_only_native_knows_c():
    users = [path.name for path in SOURCES if "ctypes" in path.read_text(encoding="utf-8")]
    assert users == ["native.py"]


@pytest.fixture
def metadata():
    """metadata.txt of the staged plugin."""
    if not (STAGED / "metadata.txt").exists():
        pytest.skip("the plugin is not staged")
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(STAGED / "metadata.txt", encoding="utf-8")
    return parser["general"]


def test_metadata_is_complete(metadata):
    for key in ("name", "qgisMinimumVersion", "description", "about", "version", "author", "email",
                "icon", "hasProcessingProvider"):
        assert metadata[key].strip(), key
    assert "example" not in "".join(metadata.values())
    assert (STAGED / metadata["icon"]).exists()
    assert (STAGED / "LICENSE").exists()


def test_staged_plugin_has_nothing_hidden_or_compiled():
    names = [path.name for path in STAGED.rglob("*")] if STAGED.exists() else []
    assert [n for n in names if n.startswith(".") or n.endswith(".ts")] == []


@pytest.mark.parametrize("words", [["flake8", "lode"], ["pylint", "lode"],
                                   ["bandit", "-q", "-ll", "-r", "lode"]], ids=lambda w: w[0])
def test_style(words):
    if shutil.which(words[0]) is None:
        pytest.skip(words[0] + " is not installed")
    done = subprocess.run(words, cwd=PLUGINS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

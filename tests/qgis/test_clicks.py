"""From a fresh profile to a printed sheet with the mouse, in the real window; clicks are counted."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from conftest import BUILD, ROOT
from test_process import STAGED

FEWER_THAN = 12


def in_words(number):
    """As the manual writes it."""
    return ("zero one two three four five six seven eight nine ten eleven").split()[number]


@pytest.fixture
def driven(tmp_path):
    """What clicks.py clicked in a QGIS of its own, with nothing of Lode in its environment."""
    if not all(shutil.which(name) for name in ("xvfb-run", "xauth", "qgis")):
        pytest.skip("qgis, xvfb or xauth is not installed")
    if not (STAGED / "lode/metadata.txt").exists():
        pytest.skip("the plugin is not staged in " + str(STAGED))
    archive, profile = tmp_path / "lode.zip", tmp_path / "profile"
    subprocess.run([sys.executable, str(ROOT / "qgis_processing/stage.py"), "--zip", str(archive),
                    "--staged", str(STAGED / "lode"), "--library", str(BUILD / "lib/liblode.so")],
                   check=True, capture_output=True)
    subprocess.run([str(ROOT / "tests/qgis/profile.sh"), str(profile)], check=True)
    settings = profile / "profiles/default/QGIS/QGIS3.ini"
    settings.write_text(settings.read_text(encoding="utf-8").replace("lode=true\n", ""),
                        encoding="utf-8")
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith(("LODE_", "QGIS_", "QT_"))}
    viewer = tmp_path / "bin/xdg-open"  # what a desktop opens files with
    viewer.parent.mkdir()
    viewer.write_text("#!/bin/sh\necho \"$1\" >>{}\n".format(tmp_path / "opened.txt"))
    viewer.chmod(0o755)
    clean.update(PATH="{}:{}".format(viewer.parent, os.environ["PATH"]))
    clean.update(QGIS_CUSTOM_CONFIG_PATH=str(profile), LODE_CLICKS=str(tmp_path),
                 LODE_CLICKS_ZIP=str(archive))
    done = subprocess.run(
        ["timeout", "-k", "5", "600", "xvfb-run", "-a", "-s", "-screen 0 1500x950x24", "qgis",
         "--noversioncheck", "--nologo", "--code", str(ROOT / "tests/qgis/clicks.py")], env=clean,
        capture_output=True, text=True, check=False)
    assert (tmp_path / "clicks.json").exists(), done.stdout + done.stderr
    told = json.loads((tmp_path / "clicks.json").read_text(encoding="utf-8"))
    told["opened"] = (tmp_path / "opened.txt").read_text(encoding="utf-8").split()
    return told


def test_clicks_from_a_fresh_profile_to_a_sheet(driven):
    assert driven["problem"] == "", driven
    assert pathlib.Path(driven["results"]["mapsheet"]["OUTPUT"]).suffix == ".pdf"
    assert [pathlib.Path(name).name for name in driven["opened"]] == [
        pathlib.Path(driven["results"]["mapsheet"]["OUTPUT"]).name]
    assert driven["size"] > 20000, "the sheet is too small to hold a map"
    clicks = driven["clicks"]
    assert len(clicks) < FEWER_THAN, clicks
    manual = (ROOT / "docs/qgis.md").read_text(encoding="utf-8")
    told = re.search(r"From a fresh QGIS this takes (\w+) clicks", manual).group(1)
    assert told == in_words(len(clicks)), clicks
    assert clicks[clicks.index("Sample project"):][:2] == ["Sample project", "Run"]

"""qgis_process: the plugin in a program of its own, as scripts and servers use it."""
import json
import os
import shutil
import subprocess

import pytest

from conftest import BUILD, ROOT

STAGED = BUILD / "qgis_processing"

PROGRAM = shutil.which("qgis_process.bin") or shutil.which("qgis_process")


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    """A fresh profile with the plugin enabled."""
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run([str(ROOT / "tests/qgis/profile.sh"), str(folder)], check=True)
    return folder


@pytest.fixture
def run(profile):
    """Runs qgis_process with the plugin; returns the finished process."""
    if PROGRAM is None:
        pytest.skip("qgis_process is not installed")
    if not (STAGED / "lode/metadata.txt").exists():
        pytest.skip("the plugin is not staged in " + str(STAGED))

    def call(*words, **more):
        environment = dict(os.environ, QGIS_CUSTOM_CONFIG_PATH=str(profile),
                           QGIS_PLUGINPATH=str(STAGED), QT_QPA_PLATFORM="offscreen",
                           LODE_LIBRARY=str(BUILD / "lib/liblode.so"))
        environment.update(more)
        return subprocess.run([PROGRAM, *words], env=environment, capture_output=True, text=True,
                              timeout=300, check=False)
    return call


def test_algorithms_are_listed(run):
    listed = json.loads(run("--json", "list").stdout)["providers"]["lode"]
    assert "lode:about" in listed["algorithms"]


def test_json_is_pure_and_locale_does_not_matter(run, has_task, tmp_path):
    has_task("simulate")
    done = run("--json", "run", "lode:simulate", "--", "SAMPLES=200", "SIZE=60",
               "OUT=" + str(tmp_path / "de"), LC_ALL="de_DE.UTF-8", LANG="de_DE.UTF-8")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["elements"] == 39
    done = run("--json", "run", "lode:simulate", "--", "SAMPLES=200", "SIZE=60",
               "OUT=" + str(tmp_path / "c"), LC_ALL="C")
    with open(tmp_path / "de/samples.csv", "rb") as german, \
            open(tmp_path / "c/samples.csv", "rb") as plain:
        assert german.read() == plain.read()
    names = {path.name for path in (tmp_path / "c").iterdir()}
    assert {"stack.qml", "deposits.qml"} <= names  # styles lie beside, and nothing unasked for
    assert not [name for name in names if name.endswith(".aux.xml")]


def test_failure_is_said_on_stderr(run, has_task):
    has_task("simulate")
    done = run("--json", "run", "lode:simulate", "--", "OUT=/proc/x")
    assert done.returncode == 1
    assert "/proc/x" in done.stderr


def test_missing_library_is_one_clear_message(run):
    done = run("run", "lode:simulate", "--", "OUT=/tmp/never", LODE_LIBRARY="/no/such/liblode.so")
    assert done.returncode == 1
    assert "The Lode library cannot be used" in done.stderr
    assert "Settings > Options > Processing > Providers > Lode" in done.stderr


def test_about_works_without_the_library(run, tmp_path):
    page = tmp_path / "about.html"
    done = run("run", "lode:about", "--", "OUTPUT=" + str(page), LODE_LIBRARY="/no/such")
    assert done.returncode == 0
    assert "cannot be used" in page.read_text(encoding="utf-8")

"""qgis_process: the plugin in a program of its own, as scripts and servers use it."""
import json
import os
import shutil
import subprocess
import zipfile

import pytest
from osgeo import gdal

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


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    """Environment of a German user, whose decimals have commas. The locale is made here: a test
    machine seldom has it."""
    folder = tmp_path_factory.mktemp("locale")
    made = subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", str(folder / "de_DE.UTF-8")],
                          capture_output=True, text=True, check=False)
    environment = {"LOCPATH": str(folder), "LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}
    seen = subprocess.run(
        ["/usr/bin/python3", "-c", "import locale; locale.setlocale(locale.LC_ALL, '');"
         "print(locale.localeconv()['decimal_point'])"], env=dict(os.environ, **environment),
        capture_output=True, text=True, check=False)
    if seen.stdout.strip() != ",":
        pytest.skip("de_DE.UTF-8 cannot be made (package locales): " + made.stderr.strip())
    return environment


def test_json_is_pure_and_locale_does_not_matter(run, german, has_task, tmp_path):
    has_task("simulate")
    done = run("--json", "run", "lode:simulate", "--", "SAMPLES=200", "SIZE=60",
               "OUT=" + str(tmp_path / "de"), **german)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["elements"] == 39
    done = run("--json", "run", "lode:simulate", "--", "SAMPLES=200", "SIZE=60",
               "OUT=" + str(tmp_path / "c"), LC_ALL="C")
    assert (tmp_path / "de/samples.csv").read_bytes() == (tmp_path / "c/samples.csv").read_bytes()
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


def test_decimals_are_read_as_written_in_a_german_locale(run, german, survey, has_task, tmp_path):
    has_task("grid")
    gridded = {}
    for name, environment in (("de", german), ("c", {"LC_ALL": "C"})):
        path = tmp_path / (name + ".tif")
        done = run("run", "lode:grid", "--", "SAMPLES=" + survey["OUT_SAMPLES"],
                   "ELEMENTS=Au_ppb", "CELL=812.5", "POWER=1.5", "OUTPUT=" + str(path),
                   **environment)
        assert done.returncode == 0, done.stderr
        dataset = gdal.Open(str(path))
        gridded[name] = (dataset.GetGeoTransform(), dataset.ReadRaster())
    assert gridded["de"] == gridded["c"]


def test_view_is_an_input_like_any_raster(run, model, survey, has_task, tmp_path):
    """A .lodeview is opened by Lode's GDAL plugin, computed while it is read."""
    has_task("vrt", "predict", "targets")
    plugins = BUILD / "lib/gdalplugins"
    if not list(plugins.glob("gdal_LODE*")):
        pytest.skip("this build has no GDAL plugin")
    import processing
    view, raster = str(tmp_path / "map.lodeview"), str(tmp_path / "map.tif")
    inputs = {"MODEL": model, "STACK": survey["OUT_STACK"]}
    processing.run("lode:vrt", dict(inputs, OUT=view))
    processing.run("lode:predict", dict(inputs, OUT=raster))
    found = {}
    for score in (view, raster):
        done = run("--json", "run", "lode:targets", "--", "SCORE=" + score,
                   "OUT={}.gpkg".format(score), GDAL_DRIVER_PATH=str(plugins))
        assert done.returncode == 0, done.stderr
        found[score] = json.loads(done.stdout)["results"]["targets"]
    assert found[view] == found[raster] > 0


def test_zip_is_all_a_fresh_profile_needs(has_task, tmp_path):
    """Installed from the ZIP and enabled, with nothing from the environment."""
    has_task("simulate")
    if PROGRAM is None or not (STAGED / "lode/metadata.txt").exists():
        pytest.skip("qgis_process or the staged plugin is missing")
    packed = tmp_path / "lode.zip"
    subprocess.run(["/usr/bin/python3", str(ROOT / "qgis_processing/stage.py"), "--zip",
                    str(packed), "--staged", str(STAGED / "lode"), "--library",
                    str(BUILD / "lib/liblode.so")], check=True, capture_output=True)
    subprocess.run([str(ROOT / "tests/qgis/profile.sh"), str(tmp_path)], check=True)
    with zipfile.ZipFile(packed) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"lode"}
        archive.extractall(tmp_path / "profiles/default/python/plugins")
    environment = {key: value for key, value in os.environ.items()
                   if key not in ("LODE_LIBRARY", "QGIS_PLUGINPATH", "LODE_BUILD")}
    environment.update(QGIS_CUSTOM_CONFIG_PATH=str(tmp_path), QT_QPA_PLATFORM="offscreen")
    page = tmp_path / "about.html"
    done = subprocess.run([PROGRAM, "run", "lode:about", "--", "OUTPUT=" + str(page)],
                          env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "profiles/default/python/plugins/lode/lib") in page.read_text()

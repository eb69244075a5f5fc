"""The ZIPs for 'Install from ZIP': unpacked into a profile, without any environment variable of Lode."""
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from conftest import BUILD, ROOT
from test_process import PROGRAM, STAGED


def pack(folder, library):
    """The ZIP as `cmake --build build --target plugin-zip` makes it."""
    target = folder / "lode.zip"
    words = ["--zip", str(target), "--staged", str(STAGED / "lode")]
    if library:
        words += ["--library", str(BUILD / "lib/liblode.so")]
    subprocess.run([sys.executable, str(ROOT / "qgis_processing/stage.py"), *words], check=True,
                   capture_output=True)
    return target


def install(archive, profile):
    """What QGIS does: unpack into the profile's plugin folder, and tick the plugin."""
    subprocess.run([str(ROOT / "tests/qgis/profile.sh"), str(profile)], check=True)
    plugins = profile / "profiles/default/python/plugins"
    plugins.mkdir(parents=True)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(plugins)


@pytest.fixture
def qgis(tmp_path):
    """Installs a ZIP into a fresh profile; returns a function that runs qgis_process there."""
    if PROGRAM is None:
        pytest.skip("qgis_process is not installed")
    if not (STAGED / "lode/metadata.txt").exists():
        pytest.skip("the plugin is not staged in " + str(STAGED))

    def start(library):
        install(pack(tmp_path, library), tmp_path / "profile")
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith(("LODE_", "QGIS_"))}
        clean.update(QT_QPA_PLATFORM="offscreen", HOME=str(tmp_path),
                     QGIS_CUSTOM_CONFIG_PATH=str(tmp_path / "profile"))

        def call(*words):
            return subprocess.run([PROGRAM, *words], env=clean, capture_output=True, text=True,
                                  timeout=300, check=False)
        return call
    return start


def test_zip_with_the_library_works_as_it_is(qgis, tmp_path):
    run = qgis(library=True)
    done = run("run", "lode:simulate", "--", f"OUT={tmp_path / 'survey'}", "SIZE=40", "SAMPLES=60")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "survey/stack.tif").exists()
    page = tmp_path / "about.html"
    assert run("run", "lode:about", "--", f"OUTPUT={page}").returncode == 0
    assert str(tmp_path / "profile") in page.read_text(encoding="utf-8")


def test_zip_without_the_library_says_what_to_do(qgis, tmp_path):
    installed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False)
    if "liblode.so" in installed.stdout:
        pytest.skip("a Lode library is installed on this machine")
    done = qgis(library=False)("run", "lode:simulate", "--", f"OUT={tmp_path / 'survey'}")
    assert done.returncode != 0
    assert "The Lode library (liblode.so) is not installed" in done.stderr
    assert "ZIP that contains the library" in done.stderr


def test_library_of_another_distribution_is_one_clear_message(qgis, tmp_path):
    """There the GDAL it was linked to is missing."""
    if not shutil.which("gcc"):
        pytest.skip("gcc is not installed")
    run = qgis(library=True)
    source = tmp_path / "empty.c"
    source.write_text("int lode_abi(void) { return 1; }")
    subprocess.run(["gcc", "-shared", "-fPIC", source, "-o", tmp_path / "libgdal99.so"], check=True)
    for path in (tmp_path / "profile").rglob("liblode.so"):
        subprocess.run(["gcc", "-shared", "-fPIC", source, "-o", path, "-Wl,--no-as-needed",
                        f"-L{tmp_path}", "-lgdal99"], check=True)
    done = run("run", "lode:simulate", "--", f"OUT={tmp_path / 'survey'}")
    assert done.returncode != 0
    assert "The Lode library cannot be used" in done.stderr and "libgdal99.so" in done.stderr
    assert "Settings > Options > Processing > Providers > Lode" in done.stderr

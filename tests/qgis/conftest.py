"""A real QGIS without a window, with Lode's provider in it. Run with Debian's Python:
LODE_BUILD=build /usr/bin/python3 -m pytest tests/qgis
"""
import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LODE_BUILD", ROOT / "build")).resolve()
PLUGINS = ROOT / "qgis_processing"

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("LODE_LIBRARY", str(BUILD / "lib" / "liblode.so"))
os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")
sys.path[:0] = [str(PLUGINS), "/usr/share/qgis/python/plugins"]

qgis_core = pytest.importorskip("qgis.core", reason="python3-qgis is not installed")


@pytest.fixture(scope="session", autouse=True)
def qgis_application(tmp_path_factory):
    """QGIS and Processing, with the Lode provider registered."""
    os.environ["QGIS_CUSTOM_CONFIG_PATH"] = str(tmp_path_factory.mktemp("profile"))
    application = qgis_core.QgsApplication([], True)  # widgets are tested too
    application.initQgis()
    from processing.core.Processing import Processing
    Processing.initialize()
    from lode.provider import LodeProvider
    provider = LodeProvider()
    application.processingRegistry().addProvider(provider)
    application.lode_provider = provider
    yield application
    # QGIS crashes when it is taken down with layers alive; the process ends anyway.


def pytest_unconfigure(config):
    """Ends without Qt's teardown order, which is not ours to mend."""
    sys.stdout.flush()
    sys.stderr.flush()
    if hasattr(config, "lode_status"):
        os._exit(config.lode_status)


def pytest_sessionfinish(session, exitstatus):
    """Keeps the exit status for pytest_unconfigure."""
    session.config.lode_status = int(exitstatus)


@pytest.fixture
def provider(qgis_application):
    """The registered Lode provider."""
    return qgis_application.lode_provider


@pytest.fixture
def lode_command():
    """Path of the lode command of the build."""
    path = BUILD / "bin" / "lode"
    if not path.exists():
        pytest.skip("no lode command in " + str(BUILD))
    return str(path)


@pytest.fixture
def has_task(provider):
    """Skips a test when the library lacks one of the tasks it needs."""
    def need(*names):
        missing = [n for n in names if provider.algorithm(n) is None]
        if missing:
            pytest.skip("this build has no task " + ", ".join(missing))
    return need


# ---- Data that several files use ---------------------------------------------------------------

SMALL = {"SAMPLES": 200, "SIZE": 60, "SEED": 3}


@pytest.fixture(scope="session")
def survey(qgis_application, tmp_path_factory):
    """A small simulated survey, made through Processing."""
    if qgis_application.lode_provider.algorithm("simulate") is None:
        pytest.skip("this build has no task simulate")
    import processing
    return processing.run("lode:simulate",
                          dict(SMALL, OUT=str(tmp_path_factory.mktemp("survey") / "out")))


TINY = {"STEPS": 3, "WINDOW": 9, "WIDTH": 16, "DIMS": 16, "TILES": 2, "ANCHORS": 16}


@pytest.fixture(scope="session")
def model(survey, tmp_path_factory):
    """A barely trained model with a head, made through Processing: pretrain, then fit."""
    import processing
    registry = qgis_core.QgsApplication.processingRegistry()
    for task in ("pretrain", "fit", "predict"):
        if registry.algorithmById("lode:" + task) is None:
            pytest.skip("this build has no task " + task)
    folder = tmp_path_factory.mktemp("model")
    pretrained = processing.run("lode:pretrain", dict(
        TINY, STACK=survey["OUT_STACK"], OUT=str(folder / "pretrained.lode")))["OUT"]
    return processing.run("lode:fit", {
        "MODEL": pretrained, "STACK": survey["OUT_STACK"], "DEPOSITS": survey["OUT_DEPOSITS"],
        "MEMBERS": 3, "INPUTS": ["embedding"], "STRENGTH": 0.001,
        "OUT": str(folder / "model.lode")})["OUT"]

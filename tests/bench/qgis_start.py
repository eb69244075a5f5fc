"""qgis_start.py - what QGIS adds: registering the provider, and a task through processing.run beside the same
task by liblode in the same process.

Run with /usr/bin/python3 where python3-qgis is installed; LODE_BUILD names the build folder. Best of ten."""
import ctypes
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LODE_BUILD", ROOT / "build")).resolve()
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("LODE_LIBRARY", str(BUILD / "lib" / "liblode.so"))
os.environ["QGIS_CUSTOM_CONFIG_PATH"] = tempfile.mkdtemp(prefix="lode-bench-")
sys.path[:0] = [str(ROOT / "qgis_processing"), "/usr/share/qgis/python/plugins"]


def best(run, times=10):
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return 1e3 * min(taken)


def main():
    try:
        from qgis.core import QgsApplication
    except ImportError as missing:
        print(f"No measurement in QGIS: {missing} (Debian: python3-qgis).")
        return
    application = QgsApplication([], False)
    application.initQgis()
    from processing.core.Processing import Processing
    import processing
    Processing.initialize()
    start = time.perf_counter()
    from lode.provider import LodeProvider
    provider = LodeProvider()
    application.processingRegistry().addProvider(provider)
    print(f"registering the provider with {len(provider.algorithms())} algorithms: "
          f"{1e3 * (time.perf_counter() - start):.0f} ms")
    model = str(pathlib.Path(os.environ["QGIS_CUSTOM_CONFIG_PATH"]) / "model.lode")
    subprocess.run([BUILD / "bin" / "lode", "pretrain", "-q", ROOT / "sample_data" / "stack.tif", model,
                    "--steps", "1"], check=True)
    through_qgis = best(lambda: processing.run("lode:info", {"FILE": model}))
    library = ctypes.CDLL(os.environ["LODE_LIBRARY"])
    options = (ctypes.c_char_p * 2)(f"file={model}".encode(), None)

    def directly():
        assert library.lode_task_run(b"info", options, None, None, None) == 0
    print(f"lode:info of a model: {through_qgis:.1f} ms through Processing, {best(directly):.1f} ms by "
          "liblode alone")
    sys.stdout.flush()
    os._exit(0)  # QGIS crashes when it is taken down from Python


if __name__ == "__main__":
    main()

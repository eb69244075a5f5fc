"""gdal_plugin.py - what the GDAL plugin costs programs that do not use it: the processor time it adds to
registering GDAL's drivers, and to identifying a file. Run with /usr/bin/python3; LODE_BUILD names the
build folder."""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLUGINS = pathlib.Path(os.environ.get("LODE_BUILD", ROOT / "build")) / "lib" / "gdalplugins"
REGISTER = """
import ctypes, ctypes.util, time
library = ctypes.CDLL(ctypes.util.find_library("gdal"))
start = time.process_time()
library.GDALAllRegister()
print(time.process_time() - start)
"""


def registering(folder):
    env = {**os.environ, "GDAL_DRIVER_PATH": str(folder)}
    return min(float(subprocess.run([sys.executable, "-c", REGISTER], env=env, check=True, text=True,
                                    stdout=subprocess.PIPE).stdout) for _ in range(12))


def identifying(gdal, paths, driver):
    """Seconds a file when only this driver is asked."""
    best = 1e9
    for _ in range(20):
        start = time.process_time()
        for path in paths:
            gdal.IdentifyDriverEx(path, gdal.OF_RASTER, [driver])
        best = min(best, time.process_time() - start)
    return best / len(paths)


def main():
    added = registering(PLUGINS) - registering("/nowhere")
    print(f"registering drivers: the plugin adds {1e3 * added:.2f} ms")
    os.environ["GDAL_DRIVER_PATH"] = str(PLUGINS)
    from osgeo import gdal
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i in range(500):
            path = pathlib.Path(folder) / f"{i}.dat"
            path.write_bytes(b"<?xml version='1.0'?>\n<gpx>" + bytes(2000))
            paths.append(str(path))
        ours, other = (identifying(gdal, paths, name) for name in ("LODE", "AAIGrid"))
    print(f"identifying a file: LODE {1e6 * ours:.2f} us, AAIGrid {1e6 * other:.2f} us (both read its "
          f"header)")


if __name__ == "__main__":
    main()

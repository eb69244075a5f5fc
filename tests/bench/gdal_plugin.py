"""gdal_plugin.py - what the GDAL plugin costs programs that do not use it: the processor time it adds to
registering GDAL's drivers, and to identifying a file. Run with /usr/bin/python3; LODE_BUILD names the
build folder, which must hold the targets bench_register and gdal_EMPTY."""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LODE_BUILD", ROOT / "build"))
PLUGINS, EMPTY = BUILD / "lib" / "gdalplugins", BUILD / "tests" / "bench" / "plugin"


def registering():
    """Milliseconds that the plugin adds, and those that an empty plugin adds: medians of 60 rounds."""
    def taken(folder):
        env = {**os.environ, "GDAL_DRIVER_PATH": str(folder)}
        return float(subprocess.run([BUILD / "bin" / "bench_register"], env=env, check=True, text=True,
                                    stdout=subprocess.PIPE).stdout)
    rounds = [[taken(folder) for folder in ("/nowhere", EMPTY, PLUGINS)] for _ in range(60)]
    return (statistics.median(ours - none for none, empty, ours in rounds),
            statistics.median(empty - none for none, empty, ours in rounds))


IDENTIFY = """
import ctypes, ctypes.util, sys, time
gdal = ctypes.CDLL(ctypes.util.find_library("gdal"))
gdal.GDALAllRegister()
identify = gdal.GDALIdentifyDriverEx
identify.restype = ctypes.c_void_p
paths = [line.encode() for line in open(sys.argv[1]).read().split("\\n")]
asked = {name: (ctypes.c_char_p * 2)(name.encode(), None) for name in ("LODE", "MEM")}
best = {name: [1e9] * len(paths) for name in asked}
for turn in range(int(sys.argv[2])):
    for i, path in enumerate(paths):
        for name, only in sorted(asked.items(), reverse=turn % 2): # the second finds the file in caches
            start = time.perf_counter_ns()
            found = identify(path, 2, only, None)
            best[name][i] = min(best[name][i], time.perf_counter_ns() - start)
            assert not found, path
gaps = [a - b for a, b in zip(best["LODE"], best["MEM"])]
print(sum(gaps) / len(gaps) / 1e3, sum(best["MEM"]) / len(paths) / 1e3)
"""


def identifying(paths, folder, times):
    """Microseconds a file that LODE's Identify takes, and those GDAL takes to open the file and read its
    header: the MEM driver's Identify looks at the name only, so what it takes is GDAL's part."""
    listed = pathlib.Path(folder) / "paths"
    listed.write_text("\n".join(paths))
    done = subprocess.run([sys.executable, "-c", IDENTIFY, listed, str(times)], check=True, text=True,
                          env={**os.environ, "GDAL_DRIVER_PATH": str(PLUGINS)}, stdout=subprocess.PIPE)
    return map(float, done.stdout.split())


HEADS = {"XML": b"<?xml version='1.0'?>\n<!-- a file of routes -->\n<gpx>", "TIFF": b"II*\0", "text": b"x,y,Au\n"}


def main():
    ours, empty = registering()
    print(f"registering drivers: the plugin adds {ours:.2f} ms, an empty one {empty:.2f} ms")
    with tempfile.TemporaryDirectory() as folder:
        for kind, head in HEADS.items():
            paths = [f"{folder}/{kind}{i}" for i in range(300)]
            for path in paths:
                pathlib.Path(path).write_bytes(head + bytes(2000))
            ours, header = identifying(paths, folder, 50)
            print(f"identifying a {kind} file: {ours:.2f} us above GDAL's own {header:.1f} us")
    paths = [os.path.join(where, name) for where, _, names in os.walk("/usr/share/doc") for name in names]
    paths = [path for path in sorted(paths) if os.path.isfile(path)][:3000]
    with tempfile.TemporaryDirectory() as folder:
        ours, header = identifying(paths, folder, 5)
    print(f"identifying {len(paths)} files of /usr/share/doc: {ours:.2f} us above GDAL's own {header:.1f} us")


if __name__ == "__main__":
    main()

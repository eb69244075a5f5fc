"""map.py - a map of the dense encoder: lode predict against PyTorch with the same network and weights.

    /usr/bin/python3 tests/bench/map.py [--size 2000] [--threads 2] [--windows 20000] [--only PART]

The stack repeats sample_data (39 bands) to SIZE x SIZE cells; the network is the one of 17 x 17 cells: 1 x 1
convolution to 64 channels, three 3 x 3 with dilation 1, 2, 4, 1 x 1, 3 x 3 average. Lode reads the GeoTIFF,
computes and writes score and embedding (65 bands) to another; PyTorch gets channels in memory, already
scaled, and writes nothing, but for the part `files`. PARTs:

    numbers    largest difference between the two embeddings
    windows    PyTorch, windows in batches of 256, time for SIZE x SIZE from that for --windows
    tiles      PyTorch, the same network on tiles of 512 x 512 outputs, from four of them
    memory     the same beside liblode's lode_plan_predict, which gets raw values in memory: no files on
               either side
    files      PyTorch from GeoTIFF to GeoTIFF (torch_map.py), with the compression that lode uses, and
               without any
    threads    lode with one thread and with --threads
    window     lode with windows of 11 and 33 cells, four 3 x 3 convolutions each (9 cells hold but three)
    size       lode on a quarter of the raster: time, and peak memory with 128 MB for GDAL's block cache
               (GDAL takes 5 % of the machine's memory unless GDAL_CACHEMAX says otherwise)

Wall seconds: nothing else may run; with --threads 1 processor seconds, which other work on the machine
disturbs little. LODE_BUILD names the build folder."""
import argparse
import ctypes
import json
import os
import pathlib
import shutil
import tempfile
import threading
import time

import numpy as np
from osgeo import gdal

from measure import measured

gdal.UseExceptions()
ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LODE_BUILD", ROOT / "build"))
LODE = BUILD / "bin" / "lode"
SAMPLE = ROOT / "sample_data"
COMPRESSED = ["TILED=YES", "INTERLEAVE=BAND", "COMPRESS=ZSTD", "ZSTD_LEVEL=1", "PREDICTOR=3"] # as lode's
REFERENCE = ["--window", "17", "--width", "64", "--scales", "1"]
PARTS = ["numbers", "windows", "tiles", "memory", "files", "threads", "window", "size"]
NEED_TORCH = ("numbers", "windows", "tiles", "memory", "files")


def run(*words):
    """(wall seconds, processor seconds, peak MiB) of a lode command."""
    return measured(LODE, *words, "-q")


def clock(threads):
    return time.process_time if threads == 1 else time.monotonic


def seconds_of(result, threads):
    return result[1 if threads == 1 else 0]


def repeat_sample(path, size):
    """sample_data's stack, repeated: blocks and compression as lode writes them."""
    source = gdal.Open(str(SAMPLE / "stack.tif"))
    made = gdal.GetDriverByName("GTiff").Create(
        str(path), size, size, source.RasterCount, gdal.GDT_Float32,
        [*COMPRESSED, "NUM_THREADS=ALL_CPUS"])
    made.SetGeoTransform(source.GetGeoTransform())
    made.SetProjection(source.GetProjection())
    times = -(-size // source.RasterXSize)
    for number in range(1, source.RasterCount + 1):
        values = source.GetRasterBand(number).ReadAsArray()
        band = made.GetRasterBand(number)
        band.SetDescription(source.GetRasterBand(number).GetDescription())
        band.SetNoDataValue(-9999)
        band.WriteArray(np.tile(values, (times, times))[:size, :size])


def sample_channels(folder, model_file):
    """What an encoder sees of sample_data, [channels][y][x] with the mask: the recipe's channels are the
    inputs of a head that reads the bands."""
    if not (folder / "channels.tif").exists():
        run("fit", model_file, SAMPLE / "stack.tif", SAMPLE / "deposits.gpkg", folder / "bands.lode",
            "--inputs", "bands", "--members", 2)
        run("predict", folder / "bands.lode", SAMPLE / "stack.tif", folder / "channels.tif", "--bands",
            "embedding")
    values = gdal.Open(str(folder / "channels.tif")).ReadAsArray()
    mask = (values[:1] != -9999).astype("float32")
    return np.concatenate([np.where(mask > 0, values, 0), mask]).astype("float32")


def model(folder, name, options):
    """A model with a head that reads the embedding; the weights hardly matter here."""
    encoder, fitted = folder / "encoder.lode", folder / f"{name}.lode"
    run("pretrain", SAMPLE / "stack.tif", encoder, "--steps", 5, *options)
    run("fit", encoder, SAMPLE / "stack.tif", SAMPLE / "deposits.gpkg", fitted, "--inputs", "embedding",
        "--members", 2)
    return fitted


class Library:
    """liblode with one model's score and embedding, from arrays to arrays."""

    def __init__(self, fitted):
        self.lode = ctypes.CDLL(str(BUILD / "lib" / "liblode.so"))
        self.model, self.plan = ctypes.c_void_p(), ctypes.c_void_p()
        assert self.lode.lode_model_open(str(fitted).encode(), ctypes.byref(self.model)) == 0
        assert self.lode.lode_plan_create(self.model, b"score,embedding", ctypes.byref(self.plan)) == 0

    def predict(self, raw, times, threads=1):
        """A raster `times` times but for 8 rows at each end, 16 columns at the left, 32 at the right; the rows are shared by the threads."""
        x, width, first, count = 16, raw.shape[1] - 48, ctypes.c_int(), ctypes.c_int()
        self.lode.lode_plan_columns(self.plan, x, width, ctypes.byref(first), ctypes.byref(count))
        rows, end = (raw.shape[0] - 16) // threads, first.value + count.value

        def strip(number):
            part = np.ascontiguousarray(raw[number * rows:(number + 1) * rows + 16, first.value:end])
            out = np.empty((self.lode.lode_plan_band_count(self.plan), rows, width), "float32")
            for _ in range(times):
                assert self.lode.lode_plan_predict(
                    self.plan, part.ctypes.data_as(ctypes.c_void_p), x, width, rows, ctypes.c_double(0),
                    out.ctypes.data_as(ctypes.c_void_p)) == 0
        workers = [threading.Thread(target=strip, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()


class Bench:
    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        self.stack = folder / "stack.tif"
        self.fitted = model(folder, "reference", REFERENCE)
        self.results = {}
        self.clock = clock(options.threads)
        repeat_sample(self.stack, options.size)

    def run_map(self, fitted=None, threads=None, stack=None, compress="zstd"):
        """lode predict of score and embedding, once for each set of arguments."""
        key = fitted, threads, stack, compress
        if key not in self.results:
            self.results[key] = run("predict", fitted or self.fitted, stack or self.stack,
                                    self.folder / "map.tif", "--bands", "score,embedding",
                                    "--compress", compress, "--threads",
                                    threads or self.options.threads)
        return self.results[key]

    def map(self, **how):
        """(seconds, peak MiB)"""
        result = self.run_map(**how)
        return seconds_of(result, self.options.threads), result[2]

    def channels(self):
        return sample_channels(self.folder, self.folder / "encoder.lode")

    def network(self):
        import torch
        from torch_dense import Dense, read_lode
        torch.set_num_threads(self.options.threads)
        _, tensors = read_lode(self.fitted)
        channels = tensors["encoder.conv0.weight"].shape[2]
        return Dense(channels, 17, 64, 64, 1).load(tensors).eval()

    # ---- Parts ----

    def numbers(self):
        import torch
        self.map()
        channels = self.channels()
        with torch.no_grad():
            theirs = self.network()(torch.from_numpy(channels)[None])[0].numpy()
        side = theirs.shape[1]
        ours = gdal.Open(str(self.folder / "map.tif")).ReadAsArray(8, 8, side, side)[1:]
        here = ours[0] != -9999
        ours, theirs = ours[:, here], theirs[:, here]
        print(f"numbers: largest difference of an embedding {np.abs(ours - theirs).max():.1e}, largest value "
              f"{np.abs(theirs).max():.1f}")

    def windows(self):
        import torch
        network, channels = self.network(), self.channels()
        side, count = channels.shape[1] - 16, self.options.windows
        places = np.random.default_rng(1).integers(0, side, (count, 2))
        start = self.clock()
        with torch.no_grad():
            for first in range(0, count, 256):
                batch = np.stack([channels[:, y:y + 17, x:x + 17]
                                  for y, x in places[first:first + 256]])
                network(torch.from_numpy(batch))
        self.against("window by window", count / (self.clock() - start))

    def tile_rate(self):
        """Cells a second of the network alone on four tiles."""
        import torch
        network, channels = self.network(), self.channels()
        tile = torch.from_numpy(np.tile(channels, (1, 3, 3))[None, :, :528, :528].copy())
        with torch.no_grad():
            network(tile)
            start = self.clock()
            for _ in range(4):
                network(tile)
        return 4 * 512 * 512 / (self.clock() - start)

    def tiles(self):
        self.against("on 512 x 512 tiles", self.tile_rate())

    def memory(self):
        library = Library(self.fitted)
        raw = gdal.Open(str(SAMPLE / "stack.tif")).ReadAsArray().transpose(1, 2, 0)
        raw = np.tile(np.where(raw == -9999, np.nan, raw), (3, 3, 1))[:528, :560].astype("float32").copy()
        library.predict(raw, 1)
        start = self.clock()
        library.predict(raw, 4, self.options.threads)
        ours, theirs = 4 * 512 * 512 / (self.clock() - start), self.tile_rate()
        print(f"PyTorch in memory: {theirs:.0f} cells/s; lode_plan_predict, with log-ratios, scaling and "
              f"score: {ours:.0f} cells/s; ratio {ours / theirs:.2f}")

    def files(self):
        from torch_dense import read_lode
        from torch_map import Recipe, write_map
        import torch
        metadata, tensors = read_lode(self.fitted)
        head = (torch.from_numpy(tensors["head.score.weight"]), float(tensors["head.score.bias"][0]))
        for compress, options in (("zstd", COMPRESSED), ("none", COMPRESSED[:2])):
            start = self.clock()
            write_map(self.stack, self.folder / "torch.tif", self.network(),
                      Recipe(json.loads(metadata["recipe"])), head, 8, options)
            rate = self.options.size ** 2 / (self.clock() - start)
            self.against(f"from file to file ({compress})", rate, compress)

    def against(self, name, rate, compress="zstd"):
        seconds, _ = self.map(compress=compress)
        cells = self.options.size ** 2
        print(f"PyTorch {name}: {rate:.0f} cells/s; lode predict: {cells / seconds:.0f} cells/s "
              f"({seconds:.1f} s); ratio {cells / seconds / rate:.2f}")

    def threads(self):
        many = max(self.options.threads, 2)
        one, more = self.run_map(threads=1)[0], self.run_map(threads=many)[0]
        print(f"threads: 1 takes {one:.1f} s, {many} take {more:.1f} s; ratio {one / more:.2f}")

    def window(self):
        times = [self.map(fitted=model(self.folder, f"window{side}", ["--window", side, "--depth", 4]))[0]
                 for side in (11, 33)]
        print(f"window 11: {times[0]:.1f} s, window 33: {times[1]:.1f} s; ratio {times[1] / times[0]:.3f}")

    def size(self):
        quarter = self.folder / "quarter.tif"
        repeat_sample(quarter, self.options.size // 2)
        os.environ["GDAL_CACHEMAX"] = "128"
        self.results.clear()
        small, small_memory = self.map(stack=quarter)
        large, large_memory = self.map()
        print(f"raster 4 times larger: {small:.1f} s to {large:.1f} s, ratio {large / small:.2f}; peak memory "
              f"{small_memory:.0f} to {large_memory:.0f} MiB, ratio {large_memory / small_memory:.2f}")


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--size", type=int, default=2000)
    parse.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parse.add_argument("--windows", type=int, default=20000)
    parse.add_argument("--only", choices=PARTS, action="append")
    options = parse.parse_args()
    parts = options.only or PARTS
    try:
        import torch
        print(f"PyTorch {torch.__version__}, {options.threads} threads, {options.size} x {options.size} cells, "
              f"{'processor' if options.threads == 1 else 'wall'} seconds")
    except ImportError as missing:
        print(f"No comparison with PyTorch: {missing} (Debian: python3-torch).")
        parts = [part for part in parts if part not in NEED_TORCH]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lode-bench-"))
    try:
        bench = Bench(folder, options)
        for part in parts:
            getattr(bench, part)()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

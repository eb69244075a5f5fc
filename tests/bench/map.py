"""map.py - a map of the dense encoder: lode predict against PyTorch with the same network and weights.

    /usr/bin/python3 tests/bench/map.py [--size 2000] [--threads 2] [--windows 20000] [--only PART]

The stack repeats sample_data (39 bands) to SIZE x SIZE cells; the network is the one of 17 x 17 cells: 1 x 1
convolution to 64 channels, three 3 x 3 with dilation 1, 2, 4, 1 x 1, 3 x 3 average. `lode predict`
reads the GeoTIFF, computes and writes score and embedding (65 bands) to another. In memory, PyTorch gets
channels that are already log-ratios and scaled, and computes no score; Lode does all of that too. PARTs:

    numbers    largest difference between the two embeddings
    memory     PyTorch on tiles of 512 x 512 outputs, and on --windows windows in batches of 256, beside
               liblode's lode_plan_predict, which gets raw values: no files on either side
    files      PyTorch from GeoTIFF to GeoTIFF (torch_map.py), with the compression that lode uses, and
               without any
    threads    lode with one thread and with two, and two processes of one thread side by side; then in
               memory
    window     lode with windows of 9 and 17 cells at three 3 x 3 convolutions, and of 17 and 33 at four, without
               compression: 9 cells hold three at most, 33 need four
    size       lode on a raster of 4 times the cells beside four of the smaller one in turn, which take as
               long: time, and peak memory with 256 MB for GDAL's block cache, which either fills (GDAL
               takes 5 % of the machine's memory unless GDAL_CACHEMAX says otherwise)

The sides of a ratio run in turn, two to five times, and the best of each counts; of window and size the median.
Wall seconds: nothing else may run; with --threads 1 processor seconds, which other work on the machine
disturbs little. LODE_BUILD names the build folder."""
import argparse
import ctypes
import json
import os
import pathlib
import shutil
import statistics
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
PARTS = ["numbers", "memory", "files", "threads", "window", "size"]
NEED_TORCH = ("numbers", "memory", "files")


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


def channels_of(survey, folder, model_file):
    """What an encoder sees of a folder like sample_data, [channels][y][x] with the mask: the recipe's
    channels are the inputs of a head that reads the bands."""
    if not (folder / "channels.tif").exists():
        run("fit", model_file, survey / "stack.tif", survey / "deposits.gpkg", folder / "bands.lode",
            "--inputs", "bands", "--members", 2)
        run("predict", folder / "bands.lode", survey / "stack.tif", folder / "channels.tif", "--bands",
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


def at_once(work, count=2):
    """Wall seconds of work(0) .. work(count - 1) at the same time."""
    start = time.monotonic()
    workers = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.monotonic() - start


def sample_cells():
    """Raw values of 576 x 576 cells, channels last."""
    raw = gdal.Open(str(SAMPLE / "stack.tif")).ReadAsArray().transpose(1, 2, 0)
    return np.tile(np.where(raw == -9999, np.nan, raw), (3, 3, 1))[:576, :576].astype("float32").copy()


class Library:
    """liblode with one model's score and embedding, from arrays to arrays."""

    def __init__(self, fitted):
        self.lode = ctypes.CDLL(str(BUILD / "lib" / "liblode.so"))
        self.model, self.plan, self.out = ctypes.c_void_p(), ctypes.c_void_p(), {}
        assert self.lode.lode_model_open(str(fitted).encode(), ctypes.byref(self.model)) == 0
        assert self.lode.lode_plan_create(self.model, b"score,embedding", ctypes.byref(self.plan)) == 0

    def predict(self, raw, times, threads=1):
        """512 x 512 cells of a raster, its borders left out, `times` times."""
        at, size = 16, 512

        def seen_by(function):
            first, count = ctypes.c_int(), ctypes.c_int()
            function(self.plan, at, size, ctypes.byref(first), ctypes.byref(count))
            return slice(first.value, first.value + count.value)
        seen = np.ascontiguousarray(raw[seen_by(self.lode.lode_plan_rows), seen_by(self.lode.lode_plan_columns)])
        shape = (self.lode.lode_plan_band_count(self.plan), size, size)

        def share(number):
            # Kept, as lode predict and the driver keep it from tile to tile.
            out = self.out.setdefault(number, np.empty(0, "float32"))
            if out.shape != shape:
                out = self.out[number] = np.empty(shape, "float32")
            for _ in range(times // threads):
                assert self.lode.lode_plan_predict(
                    self.plan, seen.ctypes.data_as(ctypes.c_void_p), at, at, size, size, ctypes.c_double(0),
                    out.ctypes.data_as(ctypes.c_void_p)) == 0
        at_once(share, threads)


def best_of(rounds, *measures):
    """The least of `rounds` values of each measure, taken in turn: a shared machine is slow for seconds or
    minutes at a time, and should be so for both sides of a ratio."""
    values = [[measure() for measure in measures] for _ in range(rounds)]
    return [min(column) for column in zip(*values)]


class Bench:
    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        self.stack = folder / "stack.tif"
        self.fitted = model(folder, "reference", REFERENCE)
        self.clock = clock(options.threads)
        self.cells = options.size ** 2
        repeat_sample(self.stack, options.size)

    def fresh(self, name):
        """The path of a map to be timed, that of the round before removed: to free its pages would take part
        of this one's time."""
        path = self.folder / name
        path.unlink(missing_ok=True)
        return path

    def map(self, fitted=None, threads=None, stack=None, compress="zstd"):
        """(wall seconds, processor seconds, peak MiB) of lode predict of score and embedding."""
        return run("predict", fitted or self.fitted, stack or self.stack, self.fresh("map.tif"), "--bands",
                   "score,embedding", "--compress", compress, "--threads", threads or self.options.threads)

    def map_seconds(self, **how):
        return seconds_of(self.map(**how), self.options.threads)

    def timed(self, work, *arguments):
        start = self.clock()
        work(*arguments)
        return self.clock() - start

    def channels(self):
        return channels_of(SAMPLE, self.folder, self.folder / "encoder.lode")

    def network(self):
        import torch
        from torch_dense import Dense, read_lode
        torch.set_num_threads(self.options.threads)
        _, tensors = read_lode(self.fitted)
        channels = tensors["encoder.conv0.weight"].shape[2]
        return Dense(channels, 17, 64, 64, 1).load(tensors).eval()

    def rates(self, name, ours, theirs):
        """ours, theirs: cells a second."""
        print(f"PyTorch {name}: {theirs:.0f} cells/s; Lode: {ours:.0f} cells/s; ratio {ours / theirs:.2f}")

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

    def memory(self):
        """Network to network: both sides hold their input in memory and write no file."""
        library, tile_cells = Library(self.fitted), 512 * 512
        raw = sample_cells()
        tiles, windows = self.torch_tiles(), self.torch_windows()
        ours, tile, window = best_of(
            3, lambda: self.timed(library.predict, raw, 8, self.options.threads) / 8 / tile_cells,
            lambda: self.timed(tiles, 4) / 4 / tile_cells,
            lambda: self.timed(windows) / self.options.windows)
        self.rates("in memory, tiles of 512 x 512", 1 / ours, 1 / tile)
        self.rates(f"in memory, {self.options.windows} windows one by one", 1 / ours, 1 / window)

    def torch_windows(self):
        """Embeds `windows` windows in batches of 256."""
        import torch
        network, channels = self.network(), self.channels()
        side, count = channels.shape[1] - 16, self.options.windows
        places = np.random.default_rng(1).integers(0, side, (count, 2))

        def work():
            with torch.no_grad():
                for first in range(0, count, 256):
                    batch = np.stack([channels[:, y:y + 17, x:x + 17]
                                      for y, x in places[first:first + 256]])
                    network(torch.from_numpy(batch))
        return work

    def torch_tiles(self):
        """Embeds a tile of 512 x 512 cells some times."""
        import torch
        network, channels = self.network(), self.channels()
        tile = torch.from_numpy(np.tile(channels, (1, 3, 3))[None, :, :528, :528].copy())

        def work(times):
            with torch.no_grad():
                for _ in range(times):
                    network(tile)
        work(1)
        return work

    def files(self):
        from torch_dense import read_lode
        from torch_map import Recipe, write_map
        import torch
        metadata, tensors = read_lode(self.fitted)
        head = (torch.from_numpy(tensors["head.score.weight"]), float(tensors["head.score.bias"][0]))
        for compress, options in (("zstd", COMPRESSED), ("none", COMPRESSED[:2])):
            recipe, network = Recipe(json.loads(metadata["recipe"])), self.network()
            ours, theirs = best_of(
                2, lambda: self.map_seconds(compress=compress),
                lambda: self.timed(write_map, self.stack, self.fresh("torch.tif"), network, recipe, head, 8,
                                   options))
            self.rates(f"from file to file ({compress})", self.cells / ours, self.cells / theirs)

    def pair(self):
        """Wall seconds of two maps at the same time, by two processes of one thread each."""
        maps = [self.fresh(f"map{number}.tif") for number in range(2)]
        return at_once(lambda number: run(
            "predict", self.fitted, self.stack, maps[number], "--bands", "score,embedding", "--threads", 1))

    def threads(self):
        one, two, pair = best_of(3, lambda: self.map(threads=1)[0], lambda: self.map(threads=2)[0], self.pair)
        print(f"threads: 1 takes {one:.1f} s, 2 take {two:.1f} s; ratio {one / two:.2f}; two processes of one "
              f"thread each: {2 * one / pair:.2f}, what the machine allows")
        library, raw = Library(self.fitted), sample_cells()

        def wall(count):
            start = time.monotonic()
            library.predict(raw, 8, count)
            return time.monotonic() - start
        one, two = best_of(5, lambda: wall(1), lambda: wall(2))
        print(f"threads, in memory: 1 takes {one:.2f} s, 2 take {two:.2f} s; ratio {one / two:.2f}")

    def window(self):
        shapes = ((9, 3), (17, 3), (17, 4), (33, 4))
        models = [model(self.folder, f"window{side}_{depth}", ["--window", side, "--depth", depth])
                  for side, depth in shapes]
        # Uncompressed: the embeddings of two models compress to files of different sizes.
        rounds = [[self.map_seconds(fitted=fitted, compress="none") for fitted in models] for _ in range(11)]
        times = [statistics.median(column) for column in zip(*rounds)]
        shown = ", ".join(f"{side} cells, depth {depth}: {taken:.2f} s"
                          for (side, depth), taken in zip(shapes, times))
        first, second = times[1] / times[0], times[3] / times[2]
        both = sorted(b / a * d / c for a, b, c, d in rounds)
        print(f"window: {shown}; ratio 9 to 17 {first:.3f}, 17 to 33 {second:.3f}, both {first * second:.3f} "
              f"(rounds {both[0]:.3f} to {both[-1]:.3f})")

    def size(self):
        larger = self.folder / "larger.tif"
        repeat_sample(larger, 2 * self.options.size)
        os.sync() # what the system still writes would slow the first map down
        os.environ["GDAL_CACHEMAX"] = "256"
        rounds = []
        for _ in range(5):
            before = [self.map() for _ in range(2)]
            large = self.map(stack=larger)
            small = before + [self.map() for _ in range(2)]
            one = statistics.mean(seconds_of(result, self.options.threads) for result in small)
            four = seconds_of(large, self.options.threads)
            rounds.append((four / one, one, four, statistics.median(result[2] for result in small), large[2]))
        ratio, one, four = sorted(rounds)[len(rounds) // 2][:3]
        memory = [statistics.median(taken[column] for taken in rounds) for column in (3, 4)]
        print(f"raster 4 times larger: {one:.1f} s to {four:.1f} s, ratio {ratio:.2f} (all: "
              f"{', '.join(f'{taken[0]:.2f}' for taken in rounds)}); peak memory {memory[0]:.0f} to "
              f"{memory[1]:.0f} MiB, ratio {memory[1] / memory[0]:.2f}")


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

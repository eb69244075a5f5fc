#!/usr/bin/env python3
"""soak.py [WINDOWS] - reads random windows through the LODE driver, opening, closing and swapping models
all the time, and watches memory and open files. Run by tests/gdal/test_soak.py with few windows; a long
run: LODE_BUILD=build /usr/bin/python3 tests/gdal/soak.py 10000

Fails when memory after the run is more than LODE_SOAK_GROWTH MB (16) above that after its first tenth,
or when a file stays open."""
import os
import pathlib
import random
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import conftest  # noqa: E402
from osgeo import gdal  # noqa: E402

gdal.UseExceptions()
WIDTH, HEIGHT = 120, 100


def prepare(folder):
    """A stack, two models with heads of their own, and an encoder without one."""
    lode = conftest.lode
    lode("simulate", folder / "survey", "--size", "120", "--samples", "200", "-q")
    stack = folder / "stack.tif"
    gdal.Translate(str(stack), str(folder / "survey/stack.tif"), bandList=[3, 4, 8, 17],
                   creationOptions=["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64"])
    lode("pretrain", stack, folder / "encoder.lode", "--window", "9", "--steps", "2", "--width", "16",
         "--dims", "16", "--anchors", "16", "-q")
    for k, inputs in enumerate(("bands", "embedding")):
        lode("fit", folder / "encoder.lode", stack, folder / "survey/deposits.gpkg",
             folder / f"model{k}.lode", "--inputs", inputs, "--members", "2", "-q")
    for k in range(2):
        (folder / f"{k}.lodeview").write_text(
            f'<LODEDataset version="1"><Model>model{k}.lode</Model><Stack>stack.tif</Stack>'
            "</LODEDataset>")


def one_window(folder, chance, held):
    """Opens or reuses a dataset, reads a window, sometimes closes one, sometimes fails on purpose."""
    name = chance.choice([folder / "0.lodeview", folder / "1.lodeview",
                          f'LODE:"{folder}/encoder.lode":"{folder}/stack.tif":embedding',
                          f'LODE:"{folder}/model1.lode":"{folder}/stack.tif":score,anomaly,support'])
    if len(held) > 4 or (held and chance.random() < 0.3):
        held.pop(chance.randrange(len(held)))
    if not held or chance.random() < 0.3:
        held.append(gdal.OpenEx(str(name), open_options=[f"BLOCK_SIZE={chance.choice([16, 32, 64])}",
                                                         "NUM_THREADS=2"]))
    dataset = chance.choice(held)
    x, y = chance.randrange(WIDTH - 1), chance.randrange(HEIGHT - 1)
    width, height = chance.randint(1, WIDTH - x), chance.randint(1, HEIGHT - y)
    buffer = chance.choice([(width, height), (max(1, width // 3), max(1, height // 3))])
    dataset.GetRasterBand(1 + chance.randrange(dataset.RasterCount)).ReadRaster(
        x, y, width, height, *buffer)
    if chance.random() < 0.1:
        try:
            gdal.Open(f'LODE:"{folder}/stack.tif":"{folder}/stack.tif"')
            raise AssertionError("a GeoTIFF is no model")
        except RuntimeError:
            pass
    if chance.random() < 0.05:
        first, second = (folder / f"model{k}.lode" for k in range(2))
        swap = folder / "swap.lode"
        first.rename(swap), second.rename(first), swap.rename(second)


def memory():
    """Resident memory in MB."""
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def main(windows):
    gdal.SetCacheMax(8 << 20)
    chance = random.Random(1)
    growth = float(os.environ.get("LODE_SOAK_GROWTH", 16))
    with tempfile.TemporaryDirectory(prefix="lode-soak-") as name:
        folder = pathlib.Path(name)
        prepare(folder)
        held, files, settled = [], descriptors(), None
        for k in range(windows):
            one_window(folder, chance, held)
            if k + 1 == windows // 10:
                settled = memory()
            if (k + 1) % max(1, windows // 10) == 0:
                print(f"{k + 1:6d} windows: {memory():7.1f} MB, {descriptors()} files", flush=True)
        grown = memory() - settled
        held.clear()
        left = descriptors() - files
    print(f"grown by {grown:.1f} MB since the first tenth; {left} files left open")
    return 0 if grown < growth and left <= 0 else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10000))

"""Every way to read gives the same bytes, and each cell is evaluated once."""
import contextlib
import os
import re
import sys

import numpy as np
import pytest
from conftest import BUILD, ELEMENTS, read, run, write_raster
from osgeo import gdal


def sizes():
    return [16, 17, 33, 64, 100, 128, 256, 1000, 4096]


@pytest.mark.parametrize("block", sizes())
def test_block_size_does_not_matter(view, predicted, block):
    dataset = gdal.OpenEx(str(view), open_options=[f"BLOCK_SIZE={block}"])
    assert dataset.GetRasterBand(1).GetBlockSize() == [min(block, 150), min(block, 130)]
    assert np.array_equal(dataset.ReadAsArray(), read(predicted))


@pytest.mark.parametrize("threads", [1, 2, 3, 5, 8, 16])
def test_threads_do_not_matter(view, predicted, threads):
    dataset = gdal.OpenEx(str(view), open_options=[f"NUM_THREADS={threads}", "BLOCK_SIZE=16"])
    assert np.array_equal(dataset.ReadAsArray(), read(predicted))


def test_thousand_random_windows(view, predicted):
    """Each through one of 24 datasets, every block size with several numbers of threads."""
    random = np.random.default_rng(11)
    expected = read(predicted)
    datasets = [gdal.OpenEx(str(view), open_options=[f"BLOCK_SIZE={block}", f"NUM_THREADS={threads}"])
                for block in (16, 37, 64, 128, 1024, 4096) for threads in (1, 2, 7, 16)]
    for turn in range(1000):
        dataset = datasets[int(random.integers(len(datasets)))]
        x, y = int(random.integers(0, 150)), int(random.integers(0, 130))
        width, height = int(random.integers(1, 151 - x)), int(random.integers(1, 131 - y))
        part = expected[:, y:y + height, x:x + width]
        if turn % 2:
            got = dataset.GetRasterBand(1 + turn % 3).ReadAsArray(x, y, width, height)
            assert np.array_equal(got, part[turn % 3])
        else:
            assert np.array_equal(dataset.ReadAsArray(x, y, width, height), part)


def test_orders_of_reading(view, predicted):
    """Line by line, block by block backwards, bands in any order, one cell at a time."""
    expected = read(predicted)
    dataset = gdal.OpenEx(str(view), open_options=["BLOCK_SIZE=16"])
    for y in range(129, -1, -1):
        assert np.array_equal(dataset.GetRasterBand(1 + y % 3).ReadAsArray(0, y, 150, 1)[0],
                              expected[y % 3, y])
    dataset = gdal.OpenEx(str(view), open_options=["BLOCK_SIZE=16"])
    for block in range(9, -1, -1):
        raw = np.frombuffer(dataset.GetRasterBand(3).ReadBlock(9 - block % 2, block % 8),
                            dtype=np.float32).reshape(16, 16)
        x, y = 16 * (9 - block % 2), 16 * (block % 8)
        part = expected[2, y:y + 16, x:x + 16]
        assert np.array_equal(raw[:part.shape[0], :part.shape[1]], part)
    raw = dataset.ReadRaster(band_list=[3, 1])
    got = np.frombuffer(raw, dtype=np.float32).reshape(2, 130, 150)
    assert np.array_equal(got, expected[[2, 0]])
    for x, y in ((0, 0), (149, 129), (70, 50), (59, 39)):
        assert dataset.GetRasterBand(2).ReadAsArray(x, y, 1, 1)[0, 0] == expected[1, y, x]


def test_nodata_next_to_data_and_at_the_edges(view, predicted):
    expected = read(predicted)
    stack = read(view.parent / "stack.tif")
    nothing = (stack == -1).sum(axis=0) > 3
    assert nothing.any() and (expected[:, nothing] == -9999).all()
    assert (expected[:, ~nothing] != -9999).all()


@pytest.mark.parametrize("x,y,width,height", [(0, 0, 150, 130), (7, 9, 100, 80), (20, 20, 64, 64)])
def test_decimated_reads_take_cells_of_the_full_map(view, predicted, x, y, width, height):
    got = gdal.Open(str(view)).ReadAsArray(x, y, width, height, buf_xsize=37, buf_ysize=29)
    want = gdal.Open(str(predicted)).ReadAsArray(x, y, width, height, buf_xsize=37, buf_ysize=29)
    assert np.array_equal(got, want)


@pytest.mark.parametrize("method", ["bilinear", "cubic", "average", "mode"])
def test_resampled_reads_equal_those_of_a_file(view, predicted, method):
    resample = getattr(gdal, "GRIORA_" + method.capitalize())
    one, two = gdal.Open(str(view)), gdal.Open(str(predicted))
    got = one.GetRasterBand(1).ReadAsArray(buf_xsize=60, buf_ysize=52, resample_alg=resample)
    want = two.GetRasterBand(1).ReadAsArray(buf_xsize=60, buf_ysize=52, resample_alg=resample)
    np.testing.assert_allclose(got, want, rtol=1e-6)


@pytest.mark.parametrize("data_type", [gdal.GDT_Byte, gdal.GDT_Int16, gdal.GDT_Float64])
def test_other_types(view, predicted, data_type):
    one, two = gdal.Open(str(view)), gdal.Open(str(predicted))
    assert np.array_equal(one.GetRasterBand(3).ReadAsArray(buf_type=data_type),
                          two.GetRasterBand(3).ReadAsArray(buf_type=data_type))


def test_progress_rises_and_cancel_stops(view):
    seen = []
    dataset = gdal.OpenEx(str(view), open_options=["BLOCK_SIZE=16"])
    dataset.ReadAsArray(callback=lambda complete, *_: seen.append(complete) or 1)
    assert seen == sorted(seen) and len(seen) > 5 and seen[-1] == pytest.approx(1)
    dataset = gdal.OpenEx(str(view), open_options=["BLOCK_SIZE=16"])
    calls = []
    with pytest.raises(RuntimeError, match="stopped by the user|User terminated"):
        dataset.ReadAsArray(callback=lambda complete, *_: calls.append(complete) or len(calls) < 5)
    assert len(calls) == 5


def test_decimated_read_uses_all_threads_and_can_be_stopped(view, predicted):
    seen = []
    dataset = gdal.OpenEx(str(view), open_options=["BLOCK_SIZE=16", "NUM_THREADS=4"])
    dataset.ReadAsArray(buf_xsize=30, buf_ysize=26,
                        callback=lambda complete, *_: seen.append(complete) or 1)
    assert seen == sorted(seen) and len(seen) > 5
    dataset = gdal.OpenEx(str(view), open_options=["BLOCK_SIZE=16"])
    with pytest.raises(RuntimeError):
        dataset.ReadAsArray(buf_xsize=30, buf_ysize=26, callback=lambda *_: 0)


# ---- Each cell once -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wide(survey, model):
    """A raster large enough that a small block cache cannot hold all of its 57 embedding bands."""
    stack = read(survey / "stack.tif")
    tiled = np.tile(stack, (1, 3, 4))
    write_raster(survey / "wide.tif", tiled, ELEMENTS, nodata=-1, options=["TILED=YES"])
    return f'LODE:"{model}":"{survey}/wide.tif":embedding', survey


def evaluations(*command, cache="16MB", **more):
    """Evaluated cells a cell of the raster, as the driver reports them when it closes."""
    done = run(*command, env={**os.environ, "CPL_DEBUG": "LODE", "GDAL_CACHEMAX": cache, **more})
    ratios = re.findall(r"evaluated \d+ cells of .*, ratio ([\d.]+)", done.stderr)
    assert ratios, done.stderr
    return sum(float(ratio) for ratio in ratios)


OUTPUTS = {
    "tiled": ["-co", "TILED=YES"],
    "striped": [],
    "compressed": ["-co", "COMPRESS=DEFLATE", "-co", "TILED=YES"],
    "band-interleaved": ["-co", "INTERLEAVE=BAND"],
    "COG": ["-of", "COG"],
}


# The 28 embedding bands are 26 MB. The large cache holds them; with the small one the driver keeps them in
# its temporary file.
CACHES = ["512MB", "2MB"]


@pytest.mark.parametrize("cache", CACHES)
@pytest.mark.parametrize("kind", OUTPUTS)
def test_translate_evaluates_each_cell_once(wide, kind, cache, tmp_path):
    name, _ = wide
    ratio = evaluations("gdal_translate", "-q", name, tmp_path / "out.tif", *OUTPUTS[kind], cache=cache)
    print(f"{kind}, {cache}: {ratio:.3f} evaluations a cell")
    assert ratio == 1


@pytest.mark.parametrize("cache", CACHES)
def test_warp_evaluates_each_cell_once(wide, cache, tmp_path):
    name, _ = wide
    ratio = evaluations("gdalwarp", "-q", "-multi", "-t_srs", "EPSG:4326", name, tmp_path / "out.tif",
                        cache=cache)
    print(f"warp, {cache}: {ratio:.3f} evaluations a cell")
    assert ratio == 1


@pytest.mark.parametrize("cache", CACHES)
def test_score_vrt_evaluates_each_cell_once(wide, model, cache, tmp_path):
    """A VRT that asks for one embedding band after another."""
    _, survey = wide
    run(BUILD / "bin" / "lode", "vrt", "-q", model, survey / "wide.tif", tmp_path / "score.vrt")
    ratio = evaluations("gdal_translate", "-q", tmp_path / "score.vrt", tmp_path / "out.tif", cache=cache)
    print(f"score.vrt, {cache}: {ratio:.3f} evaluations a cell")
    assert ratio == 1


def rows_of_blocks(view, rows, callback, predicted, announced=0):
    """How many fractions a callback is told while each row of blocks is read: one a block, and maybe none done."""
    dataset = gdal.OpenEx(str(view), open_options=["BLOCK_SIZE=16", "NUM_THREADS=2"])
    expected, calls = read(predicted), []
    if announced:
        dataset.AdviseRead(0, 0, 150, announced)
    for row in rows:
        seen = []
        y, height = 16 * row, min(16, 130 - 16 * row)
        how = {"callback": lambda complete, *_: seen.append(complete) or 1} if callback(row) else {}
        assert np.array_equal(dataset.ReadAsArray(0, y, 150, height, **how), expected[:, y:y + height])
        assert seen == sorted(seen)
        calls.append(len(set(seen)))
    return calls


def test_who_reads_row_after_row_gets_runs(view, predicted):
    """The second row of ten blocks brings all others, if its reader can stop it."""
    calls = rows_of_blocks(view, range(9), lambda row: True, predicted)
    assert calls[0] in (10, 11) and calls[1] in (80, 81) and calls[2:] == [0] * 7
    calls = rows_of_blocks(view, range(9), lambda row: row != 1, predicted)
    assert calls[1] == 0 and calls[2] in (70, 71) and calls[3:] == [0] * 6
    calls = rows_of_blocks(view, range(8, -1, -1), lambda row: True, predicted)
    assert all(count in (10, 11) for count in calls)


def test_an_announced_copy_begins_with_runs(view, predicted):
    """Programs that copy a map say so before: its first row of blocks brings the others, but none below the
    part that was named."""
    calls = rows_of_blocks(view, range(9), lambda row: True, predicted, announced=130)
    assert calls[0] in (90, 91) and calls[1:] == [0] * 8
    calls = rows_of_blocks(view, range(3), lambda row: True, predicted, announced=40)
    assert calls[0] in (30, 31) and calls[1:] == [0, 0]
    calls = rows_of_blocks(view, range(9), lambda row: row != 0, predicted, announced=130)
    assert calls[0] == 0 and calls[1] in (80, 81)


@pytest.mark.parametrize("window", [(0, 0, 150, 100000), (0, -16, 150, 130), (0, 0, 150, 2147483647), (0, 0, 0, 0),
                                    (0, 120, 150, 20)])
def test_announcing_what_is_no_part_of_the_map(view, predicted, window):
    dataset = gdal.OpenEx(str(view), open_options=["BLOCK_SIZE=16", "NUM_THREADS=2"])
    with contextlib.suppress(RuntimeError):
        dataset.AdviseRead(*window)
    assert np.array_equal(dataset.ReadAsArray(0, 0, 150, 16, callback=lambda *_: 1), read(predicted)[:, :16])
    assert np.array_equal(dataset.ReadAsArray(0, 16, 150, 16, callback=lambda *_: 1), read(predicted)[:, 16:32])


def test_part_of_a_map_costs_no_more(wide, tmp_path):
    name, _ = wide
    ratio = evaluations("gdal_translate", "-q", "-srcwin", 0, 0, 512, 256, name, tmp_path / "out.tif", cache="512MB")
    assert ratio == pytest.approx(512 * 256 / (600 * 390), abs=0.002)


def test_reading_ahead_can_be_stopped(view, predicted):
    dataset = gdal.OpenEx(str(view), open_options=["BLOCK_SIZE=16", "NUM_THREADS=2"])
    calls = []
    dataset.ReadAsArray(0, 0, 150, 16)
    with pytest.raises(RuntimeError, match="stopped by the user|User terminated"):
        dataset.ReadAsArray(0, 16, 150, 16, callback=lambda complete, *_: calls.append(complete) or complete < 0.2)
    assert calls[-1] < 0.3
    assert np.array_equal(dataset.ReadAsArray(), read(predicted))


def test_without_the_temporary_file(view):
    """Switched off, or nowhere to put it: more evaluations, the same values."""
    command = ["gdalinfo", "-checksum", view]

    def checksums(*more, **environment):
        return re.findall(r"Checksum=\d+", run(*command, *more, env={**os.environ, **environment}).stdout)
    assert evaluations(*command, cache="100000") == 1
    for oo, folder in ((["-oo", "SPILL=NO"], "/var/tmp"), ([], "/nowhere")):
        environment = {"CPL_TMPDIR": folder, "GDAL_CACHEMAX": "100000"}
        assert evaluations(*command, *oo, **environment) > 1
        assert checksums(*oo, **environment) == checksums() and checksums()


def test_temporary_folder_that_fills_up(view, predicted, tmp_path):
    """What was kept before stays in use, the rest is evaluated again; nobody is told but CPL_DEBUG."""
    (tmp_path / "full.c").write_text("""
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <unistd.h>
        ssize_t pwrite64(int file, const void *values, size_t size, off64_t at) {
            static int calls;
            ssize_t (*real)(int, const void *, size_t, off64_t) =
                (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
            if (++calls <= 5)
                return real(file, values, size, at);
            errno = ENOSPC;
            return -1;
        }""")
    run("cc", "-shared", "-fPIC", tmp_path / "full.c", "-o", tmp_path / "full.so", "-ldl")
    done = run("gdal_translate", "-q", view, tmp_path / "out.tif", "-oo", "BLOCK_SIZE=32", "-co",
               "INTERLEAVE=BAND", "--config", "GDAL_CACHEMAX", "100000",
               env={**os.environ, "LD_PRELOAD": str(tmp_path / "full.so"), "CPL_DEBUG": "LODE"})
    assert "no longer kept: No space left" in done.stderr and "ERROR" not in done.stderr
    assert np.array_equal(read(tmp_path / "out.tif"), read(predicted))


def test_kept_blocks_hold_what_was_evaluated(view, predicted):
    """Pieces of blocks read back from the temporary file, in every order."""
    expected = read(predicted)
    code = """
import sys, numpy, random
from osgeo import gdal
gdal.SetCacheMax(100000)
random.seed(4)
dataset = gdal.OpenEx(sys.argv[1], open_options=["BLOCK_SIZE=32"])
expected = numpy.load(sys.argv[2])
for turn in range(300):
    x, y = random.randrange(149), random.randrange(129)
    width, height = random.randint(1, 150 - x), random.randint(1, 130 - y)
    part = expected[:, y:y + height, x:x + width]
    k = turn % 4
    if k == 3:
        assert (dataset.ReadAsArray(x, y, width, height) == part).all()
    else:
        assert (dataset.GetRasterBand(k + 1).ReadAsArray(x, y, width, height) == part[k]).all()
got = dataset.ReadAsArray(buf_xsize=37, buf_ysize=29)
assert (got == gdal.Open(sys.argv[3]).ReadAsArray(buf_xsize=37, buf_ysize=29)).all()
"""
    np.save(view.parent / "expected.npy", expected)
    ratio = evaluations(sys.executable, "-c", code, view, view.parent / "expected.npy", predicted)
    assert ratio == 1


def test_room_in_a_cache_full_of_what_is_to_be_written(view, predicted, tmp_path):
    """A cache full of another file's blocks: some are written first, which can be stopped, too."""
    code = """
import sys
from osgeo import gdal
gdal.UseExceptions()
most = 400000 # the map is larger than a quarter of it: blocks are spilled
gdal.SetCacheMax(most)
out = gdal.GetDriverByName("GTiff").Create(sys.argv[3], 1000, 90, 1, gdal.GDT_Float32, ["BLOCKYSIZE=1"])
out.GetRasterBand(1).Fill(7)
for row in range(90):
    out.GetRasterBand(1).WriteRaster(0, row, 1000, 1, bytes(4000))
assert gdal.GetCacheUsed() > most * 7 / 8
dataset = gdal.OpenEx(sys.argv[1], open_options=["BLOCK_SIZE=32", "NUM_THREADS=2"])
try:
    dataset.ReadAsArray(callback=lambda *_: 0)
    raise SystemExit("not stopped")
except RuntimeError as stopped:
    assert "stopped by the user" in str(stopped) or "User terminated" in str(stopped), stopped
assert gdal.GetCacheUsed() > most * 7 / 8
used = []
got = dataset.ReadAsArray(callback=lambda complete, *_: used.append(gdal.GetCacheUsed()) or 1)
assert min(used) <= most * 7 / 8, used
assert (got == gdal.Open(sys.argv[2]).ReadAsArray()).all()
assert not out.ReadAsArray().any()
"""
    run(sys.executable, "-c", code, view, predicted, tmp_path / "out.tif")


def test_nothing_stays_in_the_temporary_folder(wide, tmp_path):
    name, _ = wide
    (tmp_path / "temporary").mkdir()
    run("gdal_translate", "-q", name, tmp_path / "out.tif", "--config", "CPL_TMPDIR",
        tmp_path / "temporary", "--config", "GDAL_CACHEMAX", "16MB")
    assert not list((tmp_path / "temporary").iterdir())


def test_bands_one_after_another_with_the_default_cache(view, tmp_path):
    ratio = evaluations("gdalinfo", "-checksum", view, cache="64MB")
    assert ratio == pytest.approx(1.0, abs=0.001)

"""Inputs that fail, change or go away while a view is open: a clear error, and the rest still works."""
import os

import numpy as np
import pytest
from conftest import ELEMENTS, lode, read, write_raster
from osgeo import gdal

from conftest import BUILD, run


def messages_of(call):
    """What a call returns (None when it raises), and the errors it reported."""
    errors = []
    gdal.PushErrorHandler(lambda level, _number, text: errors.append(text) if level >= 3 else None)
    try:
        return call(), errors
    except RuntimeError as error:
        return None, errors + [str(error)]
    finally:
        gdal.PopErrorHandler()


def damage_tile(path, x, y):
    """Overwrites the compressed bytes of one tile of band 1, so that reading it fails."""
    raster = gdal.Open(str(path))
    band = raster.GetRasterBand(1)
    offset = int(band.GetMetadataItem(f"BLOCK_OFFSET_{x}_{y}", "TIFF"))
    size = int(band.GetMetadataItem(f"BLOCK_SIZE_{x}_{y}", "TIFF"))
    del band, raster
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * size)


@pytest.fixture
def damaged(view, tmp_path):
    """The view with a stack whose tile at columns 64..95, rows 64..95 cannot be read."""
    stack = tmp_path / "stack.tif"
    planes = read(stack)
    stack.unlink()
    write_raster(stack, planes, ELEMENTS, nodata=-1,
                 options=["TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=32", "COMPRESS=DEFLATE",
                          "INTERLEAVE=BAND"])
    damage_tile(stack, 2, 2)
    return view


def test_one_bad_block_fails_there_and_only_there(damaged, predicted):
    dataset = gdal.OpenEx(str(damaged), open_options=["BLOCK_SIZE=16"])
    result, errors = messages_of(lambda: dataset.ReadAsArray(70, 70, 8, 8))
    assert result is None and any("Cannot read band 'Au'" in text for text in errors), errors
    # Four cells of halo around the tile need it too; everything else is as it should be.
    got = dataset.ReadAsArray(0, 0, 48, 48)
    assert np.array_equal(got, read(predicted)[:, :48, :48])
    again, errors = messages_of(lambda: dataset.ReadAsArray(70, 70, 8, 8))
    assert again is None and errors  # not cached as if it were data


@pytest.mark.parametrize("threads", ["1", "4"])
def test_bad_block_in_translate_and_predict(damaged, survey, tmp_path, threads):
    out = tmp_path / "out"
    out.mkdir()
    done = run("gdal_translate", "-q", "-oo", f"NUM_THREADS={threads}", damaged, out / "t.tif",
               check=False)
    assert done.returncode != 0 and "Cannot read band 'Au'" in done.stderr
    done = run(BUILD / "bin/lode", "predict", tmp_path / "model.lode", tmp_path / "stack.tif",
               out / "p.tif", "--threads", threads, check=False)
    assert done.returncode == 1 and "Cannot read band 'Au'" in done.stderr
    assert not (out / "p.tif").exists() and not list(out.glob("p.part*"))


def test_bad_block_in_training(damaged, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    done = run(BUILD / "bin/lode", "pretrain", tmp_path / "stack.tif", out / "m.lode", "--window", "9",
               "--steps", "30", "--width", "16", "--dims", "16", check=False)
    assert done.returncode == 1 and "Cannot read band 'Au'" in done.stderr, done
    assert list(out.iterdir()) == []


def test_inputs_removed_while_open(view, predicted, tmp_path):
    """An open file stays readable on Unix; what is opened later fails clearly."""
    dataset = gdal.OpenEx(str(view), open_options=["BLOCK_SIZE=16"])
    first = dataset.ReadAsArray(0, 0, 20, 20)
    for name in ("model.lode", "stack.tif", "name.lodeview"):
        (tmp_path / name).unlink()
    assert np.array_equal(dataset.ReadAsArray(100, 60, 40, 40), read(predicted)[:, 60:100, 100:140])
    assert np.array_equal(first, read(predicted)[:, :20, :20])
    assert dataset.GetFileList() is None or "stack.tif" not in str(dataset.GetFileList())
    result, errors = messages_of(lambda: gdal.Open(str(view)))
    assert result is None and errors


def test_stack_cut_short_while_open(view, tmp_path):
    """The stack is overwritten with less: an error, or the cells that were still there; no crash."""
    dataset = gdal.OpenEx(str(view), open_options=["BLOCK_SIZE=16"])
    dataset.ReadAsArray(0, 0, 16, 16)
    with open(tmp_path / "stack.tif", "r+b") as file:
        file.truncate(os.path.getsize(tmp_path / "stack.tif") // 2)
    result, errors = messages_of(lambda: dataset.ReadAsArray(130, 110, 20, 20))
    assert result is None and any("Cannot read band" in text for text in errors), errors


def test_model_replaced_while_open(view, survey, predicted, tmp_path):
    """A dataset keeps the model it was opened with; the next one sees the new model."""
    dataset = gdal.OpenEx(str(view), open_options=["BLOCK_SIZE=16"])
    lode("fit", survey / "encoder.lode", survey / "stack.tif", survey / "deposits.geojson",
         tmp_path / "model.lode", "--inputs", "bands", "--members", "2", "--exclusion", "1km", "-q")
    assert np.array_equal(dataset.ReadAsArray(), read(predicted))
    assert not np.array_equal(read(view), read(predicted))

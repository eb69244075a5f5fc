"""lode export: the ONNX file gives in ONNX Runtime what lode predict gives, to 1e-4.

ONNX Runtime is taken from python3-onnxruntime, or from the npm package onnxruntime-node:
    npm install --ignore-scripts onnxruntime-node      (and NODE_PATH pointing to node_modules)
"""
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import needs, run_lode
from osgeo import gdal

gdal.UseExceptions()
SCRIPT = Path(__file__).with_name("onnx_run.js")


def run_python(model, values, folder):
    import onnxruntime
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    return session.get_outputs()[0].name, session.run(None, {"values": values})[0]


def run_node(model, values, folder):
    values.tofile(folder / "in.f32")
    done = subprocess.run(["node", SCRIPT, model, folder / "in.f32",
                           ",".join(map(str, values.shape)), folder / "out.f32"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return told["name"], np.fromfile(folder / "out.f32", np.float32).reshape(told["shape"])


def find_runtime():
    try:
        import onnxruntime  # noqa: F401
        return run_python
    except ImportError:
        pass
    if shutil.which("node"):
        done = subprocess.run(["node", "-e", "require('onnxruntime-node')"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode == 0:
            return run_node
    return None


RUNTIME = find_runtime()
runtime = pytest.mark.skipif(RUNTIME is None, reason="ONNX Runtime is not installed "
                             "(python3-onnxruntime, or npm onnxruntime-node on NODE_PATH)")


def read_stack(path, bands):
    """[height][width][bands] with NaN for missing, bands by name."""
    dataset = gdal.Open(str(path))
    by_name = {dataset.GetRasterBand(i + 1).GetDescription(): i + 1
               for i in range(dataset.RasterCount)}
    planes = []
    for name in bands:
        band = dataset.GetRasterBand(by_name[name])
        plane = band.ReadAsArray().astype(np.float32)
        if band.GetNoDataValue() is not None:
            plane[plane == np.float32(band.GetNoDataValue())] = np.nan
        planes.append(plane)
    return np.stack(planes, axis=-1)


@pytest.fixture
def gaps(survey, tmp_path):
    """The survey's stack with missing cells and missing bands."""
    path = tmp_path / "gaps.tif"
    gdal.Translate(str(path), str(survey / "stack.tif"), noData=-9999)
    dataset = gdal.Open(str(path), gdal.GA_Update)
    random = np.random.default_rng(3)
    for i in range(dataset.RasterCount):
        band = dataset.GetRasterBand(i + 1)
        plane = band.ReadAsArray()
        plane[random.random(plane.shape) < 0.1] = -9999
        plane[20:28, 10:30] = -9999
        plane[0, 5] = 0  # at the floor
        band.WriteArray(plane)
    dataset = None
    return path


def export(model, tmp_path):
    out = tmp_path / "model.onnx"
    done = run_lode("export", model, out, "--json", "-", "-q")
    assert done.code == 0, done
    return out, done.json


def compare(model, stack, tmp_path, one_window):
    """Scores of the whole stack, or of 40 windows of it, against lode predict."""
    onnx, told = export(model, tmp_path)
    done = run_lode("predict", model, stack, tmp_path / "map.tif", "--bands", "score", "-q")
    assert done.code == 0, done
    want = gdal.Open(str(tmp_path / "map.tif")).ReadAsArray()
    half = told["window"] // 2
    values = np.pad(read_stack(stack, told["bands"]), ((half, half), (half, half), (0, 0)),
                    constant_values=np.nan)
    if one_window:
        places = np.random.default_rng(1).integers(0, min(want.shape), (40, 2))
        batch = np.stack([values[y:y + told["window"], x:x + told["window"]] for y, x in places])
        want = want[places[:, 0], places[:, 1]]
    else:
        batch = values[None]
    name, got = RUNTIME(onnx, np.ascontiguousarray(batch), tmp_path)
    assert name == "score"
    got = got.reshape(want.shape)
    valid = want > -9000
    assert valid.sum() > (20 if one_window else 2000)
    assert np.abs(got - want)[valid].max() < 1e-4
    assert want[valid].std() > 1e-4
    return got


@runtime
@pytest.mark.parametrize("transform, encoders", [("clr", 1), ("ilr", 1), ("log", 1), ("none", 1), ("clr", 2)])
def test_dense(survey, gaps, transform, encoders, tmp_path):
    needs("export", "pretrain", "fit")
    encoder, model = tmp_path / "encoder.lode", tmp_path / "model.lode"
    done = run_lode("pretrain", survey / "stack.tif", encoder, "--steps", 5, "--window", 17,
                    "--transform", transform, "--scales", 3 if transform == "clr" else 1,
                    "--context", 2 if transform == "log" else 0, "--ensemble", encoders, "-q")
    assert done.code == 0, done
    done = run_lode("fit", encoder, survey / "stack.tif", survey / "deposits.gpkg", model,
                    "--inputs", "bands,smooth,embedding", "--strength", 0.1, "--members", 3, "-q")
    assert done.code == 0, done
    got = compare(model, gaps, tmp_path, one_window=False)
    assert np.all(got[22:26, 12:28] == -9999)  # the hole


@runtime
@pytest.mark.parametrize("network", ["mobilenetv2", "resnet50"])
def test_trained_network(survey, gaps, network, tmp_path):
    needs("export", "train")
    model = tmp_path / "model.lode"
    done = run_lode("train", survey / "stack.tif", survey / "deposits.gpkg", model, "--encoder",
                    network, "--window", 17, "--steps", 6, "--batch", 8, "--background", 60, "-q")
    assert done.code == 0, done
    compare(model, gaps, tmp_path, one_window=True)


@runtime
def test_encoder_alone_gives_embedding(survey, encoder, tmp_path):
    needs("export")
    onnx, told = export(encoder, tmp_path)
    assert told["output"] == "embedding"
    done = run_lode("predict", encoder, survey / "stack.tif", tmp_path / "map.tif", "--bands",
                    "embedding", "-q")
    assert done.code == 0, done
    want = gdal.Open(str(tmp_path / "map.tif")).ReadAsArray()
    half = told["window"] // 2
    values = np.pad(read_stack(survey / "stack.tif", told["bands"]),
                    ((half, half), (half, half), (0, 0)), constant_values=np.nan)
    name, got = RUNTIME(onnx, values[None], tmp_path)
    assert name == "embedding"
    valid = want[0] > -9000
    assert np.abs(got[0].transpose(2, 0, 1) - want)[:, valid].max() < 1e-4


def test_bad_input(tmp_path):
    needs("export")
    broken = tmp_path / "broken.lode"
    broken.write_bytes(b"not a model")
    done = run_lode("export", broken, tmp_path / "out.onnx")
    assert done.code == 1 and "broken.lode" in done.message()
    done = run_lode("export", broken, tmp_path / "missing" / "out.onnx")
    assert done.code == 1 and not (tmp_path / "missing").exists()

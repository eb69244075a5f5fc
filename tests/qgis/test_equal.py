"""Every task of the registry, run by Processing on the sample data: the files and the numbers of the
command line."""
import json
import pathlib
import re
import subprocess

import pytest
from osgeo import gdal, ogr

import processing

from conftest import ROOT, TINY

DATA = ROOT / "sample_data"
STACK, DEPOSITS = str(DATA / "stack.tif"), str(DATA / "deposits.gpkg")
SAMPLES, FAULTS = str(DATA / "samples.gpkg"), str(DATA / "faults.gpkg")
SMALL = [word for key, value in TINY.items() for word in ("--" + key.lower(), str(value))]
HEAD = {"MEMBERS": 3, "INPUTS": ["embedding"], "STRENGTH": 0.001, "EXCLUSION": 1500}
HEAD_WORDS = ["--members", "3", "--inputs", "embedding", "--strength", "0.001", "--exclusion",
              "1500m"]

# Values in QGIS, words of the command, name of the output ("" where the task only tells), its key.
# {made} holds what the tasks before have made with the command.
CASES = {
    "simulate": ({"SIZE": 60, "SAMPLES": 150, "CELL": 250},
                 ["--size", "60", "--samples", "150", "--cell", "250"], "area", "OUT"),
    "grid": ({"SAMPLES": SAMPLES, "ELEMENTS": ["Au_ppb", "As_ppm"], "CELL": 2000, "POWER": 1.5},
             ["--elements", "Au_ppb,As_ppm", "--cell", "2km", "--power", "1.5", SAMPLES],
             "grid.tif", "OUTPUT"),
    "stack": ({"RASTERS": [STACK], "VECTOR": [FAULTS], "CELL": 2000},
              ["--vector", FAULTS, "--cell", "2000", STACK], "stack.tif", "OUTPUT"),
    "transform": ({"INPUT": STACK, "TRANSFORM": "zscore"}, ["--transform", "zscore", STACK], "z.tif",
                  "OUTPUT"),
    "pretrain": (dict(TINY, STACK=STACK), SMALL + [STACK], "encoder.lode", "OUT"),
    "fit": (dict(HEAD, MODEL="{made}/encoder.lode", STACK=STACK, DEPOSITS=DEPOSITS),
            HEAD_WORDS + ["{made}/encoder.lode", STACK, DEPOSITS], "model.lode", "OUT"),
    "train": ({"STACK": STACK, "DEPOSITS": DEPOSITS, "ENCODER": "dense", "WINDOW": 9, "STEPS": 3,
               "BATCH": 8}, ["--encoder", "dense", "--window", "9", "--steps", "3", "--batch", "8",
                             STACK, DEPOSITS], "trained.lode", "OUT"),
    "predict": ({"MODEL": "{made}/model.lode", "STACK": STACK, "BANDS": ["score", "percentile"]},
                ["--bands", "score,percentile", "{made}/model.lode", STACK], "map.tif", "OUT"),
    "vrt": ({"MODEL": "{made}/model.lode", "STACK": STACK}, ["{made}/model.lode", STACK],
            "map.lodeview", "OUT"),
    "evaluate": ({"STACK": "{made}/map.tif", "DEPOSITS": DEPOSITS}, ["{made}/map.tif", DEPOSITS],
                 "", ""),
    "validate": ({"STACK": STACK, "DEPOSITS": DEPOSITS, "METHODS": ["logistic", "element"],
                  "REPEATS": 1, "WINDOW": 9}, ["--methods", "logistic,element", "--repeats", "1",
                                               "--window", "9", STACK, DEPOSITS], "report.html",
                 "REPORT"),
    "targets": ({"SCORE": ["{made}/map.tif"], "TOP": 3, "DEPOSITS": DEPOSITS, "BUFFER": 1500},
                ["--top", "3", "--deposits", DEPOSITS, "--buffer", "1.5km", "{made}/map.tif"],
                "targets.gpkg", "OUT"),
    "explain": ({"MODEL": "{made}/model.lode", "STACK": "{made}/stack.tif", "STEPS": 2},
                ["--steps", "2", "{made}/model.lode", "{made}/stack.tif"], "why.tif", "OUT"),
    "map": (dict(STACK=STACK, DEPOSITS=DEPOSITS, STEPS=2, WINDOW=9, WIDTH=16, REPEATS=1, MEMBERS=3),
            ["--steps", "2", "--window", "9", "--width", "16", "--repeats", "1", "--members", "3",
             STACK, DEPOSITS], "map", "OUT"),
    "info": ({"FILE": "{made}/model.lode"}, ["{made}/model.lode"], "", ""),
    "export": ({"MODEL": "{made}/model.lode"}, ["{made}/model.lode"], "model.onnx", "OUT"),
}


def filled(thing, made):
    """Values or words with the folder of earlier results."""
    if isinstance(thing, dict):
        return {key: filled(value, made) for key, value in thing.items()}
    if isinstance(thing, list):
        return [filled(value, made) for value in thing]
    return thing.replace("{made}", str(made)) if isinstance(thing, str) else thing


@pytest.fixture(scope="module")
def typed(tmp_path_factory, qgis_application):
    """Runs the command for a task and, before, for those it builds on; what it measured."""
    from conftest import BUILD
    folder, told = tmp_path_factory.mktemp("typed"), {}

    def run(name):
        if name in told:
            return folder, told[name]
        _, words, output, _ = CASES[name]
        for word in words:
            for other, (_, _, file, _) in CASES.items():
                if word == "{made}/" + file and file:
                    run(other)
        measures = folder / (name + ".json")
        subprocess.run([str(BUILD / "bin/lode"), name, "-q", "--json", str(measures),
                        *filled(words, folder), *([str(folder / output)] if output else [])],
                       check=True)
        told[name] = json.loads(measures.read_text(encoding="utf-8"))
        return folder, told[name]
    return run


def raster(path):
    """Grid, names and values."""
    dataset = gdal.Open(str(path))
    bands = [dataset.GetRasterBand(n + 1) for n in range(dataset.RasterCount)]
    return (dataset.GetGeoTransform(), dataset.GetProjection(),
            [(band.GetDescription(), band.ReadRaster()) for band in bands])


def features(path):
    """Geometries and attributes of all layers."""
    dataset = ogr.Open(str(path))
    return [(layer.GetName(), [feature.ExportToJson() for feature in layer])
            for layer in (dataset.GetLayer(n) for n in range(dataset.GetLayerCount()))]


def text(path):
    """A text without the folders in it, which differ."""
    return re.sub(r"[^\s\"'<>=]*/", "", path.read_text(encoding="utf-8"))


def content(path):
    """What a file says, whatever it is called."""
    read = {".tif": raster, ".gpkg": features, ".html": text, ".json": text, ".lodeview": text,
            ".qml": text}
    return read.get(path.suffix, pathlib.Path.read_bytes)(path)


def numbers(measured):
    """What was measured, without texts that name files."""
    return {key: value for key, value in measured.items()
            if isinstance(value, (int, float)) and not isinstance(value, bool)}


def test_every_task_is_here(provider):
    tasks = {a.name() for a in provider.algorithms() if hasattr(a, "task")}
    assert tasks == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_task_gives_what_the_command_gives(name, typed, has_task, tmp_path):
    has_task(name)
    folder, told = typed(name)
    values, _, output, key = CASES[name]
    ours = tmp_path / output if output else None
    given = dict(filled(values, folder), **({key: str(ours)} if ours else {}))
    result = processing.run("lode:" + name, given)
    assert numbers(told).items() <= result.items()
    if not ours:
        assert numbers(told)
        return
    theirs = folder / output
    files = sorted(p.relative_to(theirs) for p in theirs.rglob("*")) if theirs.is_dir() else [""]
    assert files
    for file in files:
        assert content(ours / file) == content(theirs / file), str(file)

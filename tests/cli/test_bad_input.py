"""Bad input: exit status 1, one clear message that names the culprit, nothing half-written."""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, ogr, osr

from conftest import LODE, needs, run_lode

gdal.UseExceptions()


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def refused(done, out, *words, code=1):
    """The run failed as it should and left nothing in folder `out`."""
    assert done.code == code, done
    message = done.message()
    for word in words:
        assert str(word) in message, message
    assert list(out.iterdir()) == [], list(out.iterdir())


def copy_stack(survey, path, bands=None, crs=True):
    gdal.Translate(str(path), str(survey / "stack.tif"), bandList=bands)
    if not crs:
        made = gdal.Open(str(path), gdal.GA_Update)
        made.SetProjection("")
        del made
    return path


def make_points(path, places):
    driver = ogr.GetDriverByName("GPKG")
    source = driver.CreateDataSource(str(path))
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32650)
    layer = source.CreateLayer("deposits", crs, ogr.wkbPoint)
    for x, y in places:
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POINT ({x} {y})"))
        layer.CreateFeature(feature)
    return path


# ---- The stack -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["evaluate", "pretrain", "fit", "predict", "map"])
@pytest.mark.parametrize("kind", ["missing", "text", "empty", "folder", "vector"])
def test_stack_is_not_a_raster(survey, out, tmp_path, request, name, kind):
    needs(name)
    stack = tmp_path / "culprit.tif"
    if kind == "text":
        stack.write_text("this is not a raster\n" * 20)
    elif kind == "empty":
        stack.write_bytes(b"")
    elif kind == "folder":
        stack.mkdir()
    elif kind == "vector":
        stack = survey / "deposits.gpkg"
    good = survey / "deposits.gpkg"
    words = {"evaluate": [stack, good], "pretrain": [stack, out / "m.lode", "--steps", 2],
             "map": [stack, good, out / "map"]}
    if name in ("fit", "predict"):
        model = request.getfixturevalue("encoder" if name == "fit" else "model")
        words["fit"] = [model, stack, good, out / "m.lode"]
        words["predict"] = [model, stack, out / "p.tif"]
    refused(run_lode(name, *words[name]), out, stack)


def test_predict_names_the_missing_bands(survey, model, out, tmp_path):
    stack = copy_stack(survey, tmp_path / "few.tif", bands=list(range(1, 36)))
    refused(run_lode("predict", model, stack, out / "p.tif"), out, "W", "Y", "Zn", "Zr", "few.tif")


def test_band_without_any_data(survey, out, tmp_path):
    needs("pretrain")
    stack = copy_stack(survey, tmp_path / "blank.tif")
    raster = gdal.Open(str(stack), gdal.GA_Update)
    raster.GetRasterBand(4).WriteArray(np.full((60, 60), -9999, "float32"))
    del raster
    refused(run_lode("pretrain", stack, out / "m.lode", "--steps", 2), out, "Au")


def test_bands_with_one_name(survey, out, tmp_path):
    needs("pretrain")
    stack = survey / "stack.tif"
    refused(run_lode("pretrain", stack, copy_stack(survey, tmp_path / "again.tif"), out / "m.lode",
                     "--steps", 2), out, "Ag", "again.tif")


def test_bands_on_another_grid(survey, out, tmp_path):
    needs("pretrain")
    other = tmp_path / "shifted.tif"
    gdal.Translate(str(other), str(survey / "stack.tif"), bandList=[1],
                   outputBounds=[400250, 3000000, 430250, 2970000])
    raster = gdal.Open(str(other), gdal.GA_Update)
    raster.GetRasterBand(1).SetDescription("other")
    del raster
    refused(run_lode("pretrain", survey / "stack.tif", other, out / "m.lode", "--steps", 2), out,
            "shifted.tif", "lode stack")


def test_stack_without_crs(survey, encoder, out, tmp_path):
    stack = copy_stack(survey, tmp_path / "nowhere.tif", crs=False)
    done = run_lode("fit", encoder, stack, survey / "deposits.gpkg", out / "m.lode")
    refused(done, out, "nowhere.tif", "CRS")


# ---- The deposits ----------------------------------------------------------------------------------


def test_deposits_outside(survey, encoder, out, tmp_path):
    far = make_points(tmp_path / "far.gpkg", [(100000, 1000000), (100500, 1000000)])
    refused(run_lode("fit", encoder, survey / "stack.tif", far, out / "m.lode"), out, "far.gpkg",
            "stack.tif")
    refused(run_lode("evaluate", survey / "stack.tif", far), out, "far.gpkg")


def test_no_deposit_meets_the_condition(survey, encoder, out):
    refused(run_lode("fit", encoder, survey / "stack.tif", survey / "deposits.gpkg", out / "m.lode",
                     "--where", "commodity = 'Tin'"), out, "deposits.gpkg", "commodity = 'Tin'")


def test_condition_with_an_unknown_field(survey, encoder, out, tmp_path):
    """Databases notice it with the first feature only; a damaged file must not be blamed on the condition."""
    stack, deposits = survey / "stack.tif", survey / "deposits.gpkg"
    text = tmp_path / "deposits.geojson"
    gdal.VectorTranslate(str(text), str(deposits), format="GeoJSON")
    for points in (deposits, text):
        for task, option in ((("fit", encoder, stack, points, out / "m.lode"), "--where"),
                             (("stack", stack, out / "s.tif", "--vector", points), "--vector-where"),
                             (("grid", points, out / "g.tif", "--cell", "500"), "--where")):
            refused(run_lode(*task, option, "metal = 'Gold'"), out, f"{option}: 'metal = 'Gold'' is not", points,
                    code=2)


def test_deposits_without_crs(survey, encoder, out, tmp_path):
    path = tmp_path / "nocrs.csv"
    path.write_text("x,y\n410000,2990000\n")
    refused(run_lode("fit", encoder, survey / "stack.tif", path, out / "m.lode"), out, "nocrs.csv",
            "CRS")


def test_missing_layer(survey, encoder, out):
    refused(run_lode("fit", encoder, survey / "stack.tif",
                     f"{survey / 'deposits.gpkg'}|layername=gold", out / "m.lode"), out, "gold")


# ---- The model -------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [0, 4, 8, 200, 0.5, 0.99])
def test_truncated_model(survey, model, out, tmp_path, keep):
    damaged = tmp_path / "cut.lode"
    content = model.read_bytes()
    damaged.write_bytes(content[:keep if isinstance(keep, int) else int(keep * len(content))])
    for done in (run_lode("predict", damaged, survey / "stack.tif", out / "p.tif"),
                 run_lode("info", damaged)):
        refused(done, out, "cut.lode")


@pytest.mark.parametrize("content", [b"hello", bytes(64), b"\xff" * 4096, os.urandom(5000)],
                         ids=["text", "zeros", "ones", "noise"])
def test_garbage_model(survey, out, tmp_path, content):
    garbage = tmp_path / "garbage.lode"
    garbage.write_bytes(content)
    refused(run_lode("predict", garbage, survey / "stack.tif", out / "p.tif"), out, "garbage.lode")


def test_model_without_a_head(survey, encoder, out):
    refused(run_lode("predict", encoder, survey / "stack.tif", out / "p.tif", "--bands", "score"),
            out, "head")


# ---- The output ------------------------------------------------------------------------------------


def writers(survey, model, path):
    """Every task at hand that writes one file."""
    yield "predict", ["predict", model, survey / "stack.tif", path.with_suffix(".tif")]
    yield "fit", ["fit", model, survey / "stack.tif", survey / "deposits.gpkg",
                  path.with_suffix(".lode")]
    yield "pretrain", ["pretrain", survey / "stack.tif", path.with_suffix(".lode"), "--steps", 2]


def test_output_folder_is_missing(survey, model, out):
    for name, words in writers(survey, model, out / "no" / "such"):
        refused(run_lode(*words), out, out / "no")


def test_output_is_a_folder(survey, model, tmp_path):
    for ending in (".tif", ".lode"):
        (tmp_path / f"taken{ending}").mkdir()
    for name, words in writers(survey, model, tmp_path / "taken"):
        done = run_lode(*words)
        assert done.code == 1 and "taken" in done.message(), name


def test_output_is_a_device(survey, tmp_path):
    """A rename over /dev/null would break the machine."""
    pipe = tmp_path / "pipe.lode"
    os.mkfifo(pipe)
    done = run_lode("pretrain", survey / "stack.tif", pipe, "--steps", 2)
    assert done.code == 1 and "device or a pipe" in done.message(), done
    assert pipe.is_fifo() and [p.name for p in tmp_path.iterdir()] == ["pipe.lode"]


@pytest.fixture
def open_folder():
    """A folder that other users can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="lode-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_output_folder_is_read_only(survey, model, open_folder):
    command = [LODE]
    shutil.copytree(survey, open_folder / "survey")
    shutil.copy(model, open_folder / "model.lode")
    out = open_folder / "out"
    out.mkdir()
    out.chmod(0o555)
    if os.geteuid() == 0:  # root writes anywhere
        if not shutil.which("setpriv"):
            pytest.skip("there is no setpriv to become another user")
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", LODE]
        if subprocess.run([*command, "--version"], capture_output=True).returncode:
            pytest.skip("another user cannot reach the build")
    for name, words in writers(open_folder / "survey", open_folder / "model.lode", out / "p"):
        refused(run_lode(*words, command=command), out, out)


def test_not_a_geotiff_name(survey, model, out):
    done = run_lode("predict", model, survey / "stack.tif", out / "p.img")
    refused(done, out, "p.img", ".tif", code=2)


@pytest.fixture
def full_disk(tmp_path):
    """A file system with a few free kilobytes."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)],
                             capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip("mounting is not allowed here: " + mounted.stderr.strip())
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_disk_full(survey, model, full_disk):
    (full_disk / "filler").write_bytes(bytes(48 * 1024))
    for name, words in writers(survey, model, full_disk / "p"):
        done = run_lode(*words)
        assert done.code == 1, (name, done)
        assert str(full_disk) in done.message(), name
        assert [p.name for p in full_disk.iterdir()] == ["filler"], name


def test_disk_full_simulate(full_disk):
    done = run_lode("simulate", full_disk / "s", "--size", 40, "--samples", 100)
    assert done.code == 1 and str(full_disk) in done.message()
    assert list(full_disk.iterdir()) == []


def test_json_cannot_be_written(survey, tmp_path):
    done = run_lode("evaluate", survey / "stack.tif", survey / "truth.gpkg", "--json",
                    tmp_path / "no" / "r.json", "-q")
    assert done.code == 1 and "r.json" in done.err


# ---- A failed run keeps what was there ---------------------------------------------------------------


def test_earlier_output_survives_a_failure(survey, model, out, tmp_path):
    earlier = out / "p.tif"
    earlier.write_bytes(b"earlier result")
    stack = copy_stack(survey, tmp_path / "few.tif", bands=[1, 2, 3])
    assert run_lode("predict", model, stack, earlier).code == 1
    assert earlier.read_bytes() == b"earlier result"
    assert [p.name for p in out.iterdir()] == ["p.tif"]


# ---- Outputs ---------------------------------------------------------------------------------------


def test_a_model_does_not_replace_another_sort_of_file(survey, tmp_path):
    """As when the name of the model was forgotten behind several stacks."""
    stack, second = survey / "stack.tif", tmp_path / "second.tif"
    shutil.copy(stack, second)
    before = second.read_bytes()
    done = run_lode("pretrain", stack, second, "--steps", 1)
    assert done.code == 2 and f"'{second}'" in done.message() and "is no model" in done.message(), done
    assert second.read_bytes() == before
    empty = tmp_path / "empty.lode"  # a name made by mktemp
    empty.touch()
    for _ in range(2):  # and a model replaces a model
        assert run_lode("pretrain", stack, empty, "--steps", 1, "--window", 9).code == 0

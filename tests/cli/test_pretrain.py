"""lode pretrain and lode train: same bytes with any number of threads, continuing after kill -9, bad
input."""
import json
import signal
import subprocess
import time

import numpy
import pytest
from osgeo import gdal

from conftest import LODE, needs

QUICK = ["--window", 9, "--width", 16, "--dims", 16, "--tiles", 2, "--anchors", 16]


def tensors(path):
    """Name to bytes of every tensor of a safetensors file."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    return {name: data[8 + size:][slice(*entry["data_offsets"])] for name, entry in header.items()
            if name.startswith("encoder.")}


@pytest.fixture(autouse=True)
def built():
    needs("pretrain")


@pytest.mark.parametrize("objective", ["simclr", "moco", "byol"])
def test_threads_do_not_change_the_file(lode, survey, tmp_path, objective):
    for threads in (1, 2):
        done = lode("pretrain", survey / "stack.tif", tmp_path / f"{threads}.lode", *QUICK,
                    "--steps", 12, "--objective", objective, "--threads", threads, "-q")
        assert done.code == 0, done
    assert (tmp_path / "1.lode").read_bytes() == (tmp_path / "2.lode").read_bytes()


def calls(name, survey):
    """The command of a training up to its output, and its options."""
    if name == "pretrain":
        return ["pretrain", survey / "stack.tif"], [*QUICK, "--steps", 400, "--average", 0.9, "-q"]
    return (["train", survey / "stack.tif", survey / "deposits.gpkg"],
            ["--encoder", "dense", "--window", 9, "--steps", 600, "--patience", 0, "-q"])


@pytest.mark.parametrize("name", ["pretrain", "train"])
def test_killed_training_continues_to_the_same_file(lode, survey, tmp_path, name):
    needs(name)
    words, options = calls(name, survey)
    checkpoint = tmp_path / "state.safetensors"
    process = subprocess.Popen([str(w) for w in [LODE, *words, tmp_path / "killed.lode", *options,
                                                 "--checkpoint", checkpoint]])
    for _ in range(600):
        time.sleep(0.05)
        if checkpoint.exists() or process.poll() is not None:
            break
    assert process.poll() is None, "ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert checkpoint.exists() and not (tmp_path / "killed.lode").exists()
    done = lode(*words, tmp_path / "killed.lode", *options, "--checkpoint", checkpoint)
    assert done.code == 0, done
    done = lode(*words, tmp_path / "whole.lode", *options)
    assert done.code == 0, done
    assert (tmp_path / "killed.lode").read_bytes() == (tmp_path / "whole.lode").read_bytes()
    # A checkpoint belongs to its options.
    done = lode(*words, tmp_path / "other.lode", *options, "--seed", 9, "--checkpoint", checkpoint)
    assert done.code == 1
    assert "other data or options" in done.message()


def test_chosen_bands_and_what_is_told(lode, survey, tmp_path):
    done = lode("pretrain", survey / "stack.tif", tmp_path / "m.lode", *QUICK, "--steps", 3,
                "--bands", "Au, As,Sb", "--json", "-", "-q")
    assert done.code == 0, done
    assert len(done.json["losses"]) == 3
    assert done.json["window"] == 9
    told = lode("info", tmp_path / "m.lode", "--json", "-", "-q").json
    assert told["elements"] == ["Au", "As", "Sb"]


@pytest.mark.parametrize("code,options,message", [
    (2, ["--window", 32], "must be odd"),
    (2, ["--window", 33, "--depth", 2], "needs a depth of 4 to 15"),
    (2, ["--width", 40], "multiple of 16"),
    (1, ["--window", 101], "less than the window of 101 x 101"),
    (1, ["--anchors", 4000], "less than the 32000 anchors of one step"),
    (1, ["--bands", "Au,Unobtainium"], "Unobtainium"),
])
def test_bad_input(lode, survey, tmp_path, code, options, message):
    done = lode("pretrain", survey / "stack.tif", tmp_path / "m.lode", "-q", *options)
    assert done.code == code, done
    assert message in done.message()
    assert list(tmp_path.iterdir()) == []


def test_anomaly_needs_no_deposits(lode, survey, tmp_path):
    """A model that has seen no deposit serves anomaly and support: they grow where the chemistry is odd."""
    model, odd = tmp_path / "m.lode", tmp_path / "odd.tif"
    done = lode("pretrain", survey / "stack.tif", model, *QUICK, "--steps", 12, "-q")
    assert done.code == 0, done
    stack = gdal.Open(str(survey / "stack.tif"))
    changed = gdal.GetDriverByName("GTiff").CreateCopy(str(odd), stack)
    gold = changed.GetRasterBand(1).ReadAsArray()
    rows, columns = slice(20, 26), slice(20, 26)
    gold[rows, columns] *= 50
    changed.GetRasterBand(1).WriteArray(gold)
    changed = None
    means = {}
    for name, source in (("usual", survey / "stack.tif"), ("odd", odd)):
        out = tmp_path / f"{name}.map.tif"
        done = lode("predict", model, source, out, "--bands", "anomaly,support", "-q")
        assert done.code == 0, done
        bands = gdal.Open(str(out)).ReadAsArray()[:, rows, columns]
        means[name] = numpy.where(bands == -9999, numpy.nan, bands)
    assert (numpy.nanmean(means["odd"], axis=(1, 2)) > numpy.nanmean(means["usual"], axis=(1, 2))).all()


def test_ensemble_of_seeds(lode, survey, tmp_path):
    """Its first member is the encoder of the same seed alone; model, info and export work on it."""
    words = ("pretrain", survey / "stack.tif")
    for name, more in (("one", ()), ("three", ("--ensemble", 3))):
        assert lode(*words, tmp_path / f"{name}.lode", *QUICK, "--steps", 5, "-q", *more).code == 0
    one, three = (tensors(tmp_path / f"{name}.lode") for name in ("one", "three"))
    for name, values in one.items():
        assert values == three[name.replace("encoder.", "encoder.member1.")], name
    assert len(three) == 3 * len(one) and three["encoder.member1.conv0.weight"] != three["encoder.member2.conv0.weight"]
    done = lode("fit", tmp_path / "three.lode", survey / "stack.tif", survey / "deposits.gpkg",
                tmp_path / "fit.lode", "--inputs", "embedding", "-q")
    assert done.code == 0, done
    done = lode("info", tmp_path / "fit.lode", "--json", "-")
    assert done.json["encoder"]["kind"] == "ensemble" and done.json["encoder"]["members"] == 3
    assert lode("export", tmp_path / "fit.lode", tmp_path / "fit.onnx", "-q").code == 0
    for more, message in ((("--encoder", "mobilenetv2"), "dense"), (("--checkpoint", tmp_path / "c"), "--checkpoint")):
        done = lode(*words, tmp_path / "no.lode", "--ensemble", 2, "-q", *more)
        assert done.code == 1 or done.code == 2, done
        assert message in done.err


def test_train_refuses_a_window_larger_than_the_raster(lode, survey, tmp_path):
    needs("train")
    done = lode("train", survey / "stack.tif", survey / "deposits.gpkg", tmp_path / "m.lode", "-q",
                "--window", 101)
    assert done.code == 1, done
    assert "less than the window of 101 x 101" in done.message()
    assert list(tmp_path.iterdir()) == []


def test_one_deposit_is_enough_for_a_head(lode, survey, encoder, tmp_path):
    """Nothing can be held out of one deposit: a prototype, said in words, and a map."""
    model, out = tmp_path / "one.lode", tmp_path / "one.tif"
    done = lode("fit", encoder, survey / "stack.tif", survey / "deposits.gpkg", model, "--where", "fid = 1")
    assert done.code == 0 and "1 deposit(s): too few to hold any out" in done.err, done
    done = lode("predict", model, survey / "stack.tif", out, "-q")
    assert done.code == 0, done
    score = gdal.Open(str(out)).ReadAsArray()[0]
    assert 0 <= score[score != -9999].min() < score.max() <= 1


def test_a_flag_takes_its_value_as_a_word_too(lode, survey, tmp_path):
    for words, rotated in ((["--rotate", "no"], False), (["--rotate=NO"], False), (["--rotate"], True)):
        done = lode("pretrain", survey / "stack.tif", *words, tmp_path / "m.lode", "--steps", 1, "--window", 9, "-q")
        assert done.code == 0, done
        described = lode("info", tmp_path / "m.lode", "--json", "-").json
        assert described["provenance"]["pretrain"]["views"]["rotate"] is rotated


def test_each_encoder_has_its_own_learning_rate(lode, survey, tmp_path):
    small = ["--steps", 1, "--window", 17, "--anchors", 4, "-q", "--json", "-"]
    for words, rate in (([], 0.003), (["--encoder", "mobilenetv2"], 0.001), (["--learning-rate", 0.02], 0.02)):
        done = lode("pretrain", survey / "stack.tif", tmp_path / "m.lode", *small, *words)
        assert done.code == 0 and done.json["learning_rate"] == rate, done

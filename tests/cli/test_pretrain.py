"""lode pretrain: same bytes with any number of threads, continuing after kill -9, bad input."""
import signal
import subprocess
import time

import pytest

from conftest import LODE, needs

QUICK = ["--window", 9, "--width", 16, "--dims", 16, "--tiles", 2, "--anchors", 16]


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


def test_killed_training_continues_to_the_same_file(lode, survey, tmp_path):
    words = ["pretrain", survey / "stack.tif"]
    options = [*QUICK, "--steps", 400, "-q"]
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

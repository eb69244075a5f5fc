"""Ctrl-C ends a run within a second and leaves nothing; so does kill -9 under the final name."""
import os
import pathlib
import signal
import subprocess
import time

import pytest

from conftest import LODE, SAMPLE, needs


def start(*words):
    return subprocess.Popen([str(LODE), *map(str, words)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def slow_runs(out):
    """Calls that run long enough to be stopped, and the task each one is of."""
    stack, deposits = SAMPLE / "stack.tif", SAMPLE / "deposits.gpkg"
    yield "simulate", ["simulate", out / "s", "--size", 1000]
    yield "pretrain", ["pretrain", stack, out / "m.lode", "--steps", 100000]
    yield "validate", ["validate", stack, deposits, out / "r.html", "--methods", "logistic,element", "--repeats", 500]
    yield "map", ["map", stack, deposits, out / "map"]


def processor_seconds(process):
    """What a running process has used so far."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for_work(process):
    """On a busy machine even the start takes seconds."""
    while process.poll() is None and processor_seconds(process) < 0.5:
        time.sleep(0.05)
    assert process.poll() is None, process.communicate()


@pytest.mark.parametrize("name", ["simulate", "pretrain", "validate", "map"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
def test_stops_within_a_second(tmp_path, name, number):
    needs(name)
    out = tmp_path / "out"
    out.mkdir()
    process = start(*dict(slow_runs(out))[name])
    wait_for_work(process)
    begin = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    took = time.monotonic() - begin
    assert process.returncode == 1
    assert "Cancelled" in err
    assert list(out.iterdir()) == [], list(out.iterdir())
    assert took < 1.5, f"{took:.2f} s"  # a second, and something for a busy test machine


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    """What a run that nobody kills writes."""
    folder = tmp_path_factory.mktemp("complete") / "s"
    subprocess.run([LODE, "simulate", folder, "-q"], check=True)
    return folder


@pytest.mark.parametrize("delay", [0.05, 0.4, 0.9, 1.3])
def test_kill_leaves_no_half_file(tmp_path, complete, delay):
    """Killed without warning: final names are either absent or complete."""
    process = start("simulate", tmp_path / "s", "-q")
    time.sleep(delay)
    process.kill()
    process.communicate()
    if not (tmp_path / "s").exists():
        return
    for path in (tmp_path / "s").iterdir():
        if ".part-" not in path.name:
            assert path.read_bytes() == (complete / path.name).read_bytes(), path.name

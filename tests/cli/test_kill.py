"""kill -9 at any moment: under the final name there is the earlier file, the complete one, or none."""
import os
import random
import shutil
import signal
import subprocess
import time

import pytest

from conftest import LODE, needs, run_lode

TIMES = int(os.environ.get("LODE_KILLS", 6))  # for each task; 50 in a long run


def duration(words):
    begin = time.monotonic()
    done = run_lode(*words)
    assert done.code == 0, done
    return time.monotonic() - begin


def calls(name, survey, request, out):
    if name == "pretrain":
        return ["pretrain", survey / "stack.tif", out / "r.lode", "--steps", 3, "--width", 16,
                "--window", 9, "-q"], out / "r.lode"
    model = request.getfixturevalue("model")
    if name == "fit":
        return ["fit", model, survey / "stack.tif", survey / "deposits.gpkg", out / "r.lode",
                "--inputs", "bands", "-q"], out / "r.lode"
    if name == "grid":
        return ["grid", survey / "samples.gpkg", out / "r.tif", "--cell", 500, "-q"], out / "r.tif"
    return ["predict", model, survey / "stack.tif", out / "r.tif", "-q"], out / "r.tif"


@pytest.mark.parametrize("name", ["pretrain", "fit", "predict", "grid"])
def test_final_name_is_whole_or_absent(name, survey, tmp_path, request):
    needs(name)
    words, final = calls(name, survey, request, tmp_path)
    took = duration(words)
    whole = final.read_bytes()
    final.unlink()
    chance = random.Random(name)
    killed = 0
    for attempt in range(TIMES):
        process = subprocess.Popen([str(LODE), *map(str, words)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0, 1.2 * took))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        if final.exists():
            assert final.read_bytes() == whole, f"attempt {attempt}"
            final.unlink()
        for rest in tmp_path.iterdir():
            assert ".part-" in rest.name, rest
            shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
    assert killed > 0


@pytest.mark.parametrize("name", ["pretrain", "fit", "predict", "grid"])
def test_content_reaches_the_disk_before_the_name(name, survey, tmp_path, request):
    """A power cut must not leave a name without its content: fsync, then rename, then the folder."""
    needs(name)
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    words, final = calls(name, survey, request, tmp_path)
    trace = tmp_path / "trace"
    done = run_lode(*words, command=("strace", "-f", "-y", "-e", "trace=fsync,rename,renameat2", "-o",
                                     trace, LODE))
    assert done.code == 0, done
    lines = trace.read_text().splitlines()
    rename = next(i for i, line in enumerate(lines) if "rename" in line and f'"{final}"' in line)
    part = lines[rename].split('"')[1]
    assert any(f"<{part}>" in line and "fsync" in line for line in lines[:rename]), lines
    assert any(f"<{tmp_path}>" in line and "fsync" in line for line in lines[rename:]), lines

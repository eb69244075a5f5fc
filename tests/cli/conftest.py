"""What every test of the lode command shares: running it, small data, a small model."""
import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LODE_BUILD", ROOT / "build"))
LODE = BUILD / "bin" / "lode"
SAMPLE = ROOT / "sample_data"


class Result:
    """How one run of lode ended."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    def __repr__(self):
        return f"exit status {self.code}\n{self.out}\n{self.err}"

    @property
    def json(self):
        return json.loads(self.out)

    def message(self):
        """The error message; a failure shows one, and only one, on standard error."""
        lines = [line for line in self.err.splitlines() if line.startswith("lode ")]
        assert len(lines) == 1, self
        return lines[0]


def run_lode(*words, timeout=120, cwd=None, env=None, command=(LODE,)):
    done = subprocess.run([*map(str, command), *map(str, words)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=timeout, cwd=cwd,
                          env=dict(os.environ, **(env or {})), errors="replace")
    return Result(done)


def tasks():
    done = run_lode("tasks", "--json")
    assert done.code == 0, done
    return {task["name"]: task for task in done.json["tasks"]}


def needs(*names):
    """Skips when a task is not part of this build."""
    missing = [name for name in names if name not in tasks()]
    if missing:
        pytest.skip("this build has no task " + ", ".join(missing))


@pytest.fixture(scope="session")
def lode():
    return run_lode


@pytest.fixture(scope="session")
def survey(tmp_path_factory):
    """A small simulated survey: 60 x 60 cells."""
    folder = tmp_path_factory.mktemp("survey") / "data"
    done = run_lode("simulate", folder, "--size", 60, "--samples", 300, "--known", 12, "--hidden", 8,
                    "--seed", 5, "-q")
    assert done.code == 0, done
    return folder


@pytest.fixture(scope="session")
def encoder(survey, tmp_path_factory):
    """A model after a few pretraining steps, without a head."""
    needs("pretrain")
    path = tmp_path_factory.mktemp("encoder") / "encoder.lode"
    done = run_lode("pretrain", survey / "stack.tif", path, "--steps", 10, "-q")
    assert done.code == 0, done
    return path


@pytest.fixture(scope="session")
def model(survey, encoder, tmp_path_factory):
    """The same with a head on the known deposits."""
    needs("fit")
    path = tmp_path_factory.mktemp("model") / "model.lode"
    done = run_lode("fit", encoder, survey / "stack.tif", survey / "deposits.gpkg", path, "-q")
    assert done.code == 0, done
    return path

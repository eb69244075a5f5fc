"""A short form of soak.py: 200 windows, opens, closes and swaps without growth."""
import pathlib
import sys

from conftest import run


def test_nothing_grows():
    done = run(sys.executable, pathlib.Path(__file__).parent / "soak.py", 200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

"""lode simulate, and sample_data, which is its output for seed 1."""
import csv
import hashlib
import re
import subprocess

import pytest

from conftest import SAMPLE

FILES = {"samples.csv", "samples.gpkg", "stack.tif", "deposits.gpkg", "truth.gpkg", "faults.gpkg",
         "geology.gpkg"}


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def checksums(path):
    info = subprocess.run(["gdalinfo", "-checksum", path], check=True, capture_output=True, text=True)
    found = re.findall(r"Checksum=(\d+)", info.stdout)
    assert len(found) == 39
    return found


def test_same_seed_same_bytes(lode, tmp_path):
    small = ("--size", 50, "--samples", 100, "-q")
    for name, seed, threads in (("a", 3, 1), ("b", 3, 2), ("c", 4, 2)):
        assert lode("simulate", tmp_path / name, "--seed", seed, "--threads", threads,
                    *small).code == 0
    first, again, other = (digests(tmp_path / name) for name in "abc")
    assert set(first) == FILES
    assert first == again
    assert first["samples.csv"] != other["samples.csv"]
    assert first["stack.tif"] != other["stack.tif"]


def test_sample_data_is_seed_1(lode, tmp_path):
    done = lode("simulate", tmp_path / "s", "--json", "-")
    assert done.code == 0
    assert done.json["elements"] == 39 and 1400 < done.json["samples"] < 1600
    assert (tmp_path / "s" / "samples.csv").read_bytes() == (SAMPLE / "samples.csv").read_bytes()
    assert checksums(tmp_path / "s" / "stack.tif") == checksums(SAMPLE / "stack.tif")
    assert sum(p.stat().st_size for p in SAMPLE.iterdir() if p.is_file()) < 5_000_000


def test_table_looks_like_a_laboratory_report():
    rows = list(csv.DictReader(open(SAMPLE / "samples.csv", encoding="utf-8")))
    elements = [name for name in rows[0] if name.endswith(("_ppm", "_ppb", "_pct"))]
    assert len(elements) == 39
    below = sum(value.startswith("<") for row in rows for value in row.values())
    assert 0.002 < below / (len(rows) * 39) < 0.1
    gold = sorted(float(row["Au_ppb"].lstrip("<")) for row in rows)
    assert 0.8 < gold[len(gold) // 2] < 2 and gold[-1] > 8 * gold[len(gold) // 2]
    for row in rows:
        total = sum(float(row[n].lstrip("<")) for n in elements if n.endswith("_pct"))
        assert 60 < total < 101


def test_no_element_alone_is_enough(lode):
    done = lode("evaluate", SAMPLE / "stack.tif", SAMPLE / "truth.gpkg", "--json", "-")
    best = done.json["bands"][done.json["best"]]["auc"]["value"]
    assert 0.65 <= best <= 0.8


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2263", "nonsense"])
def test_crs_must_be_metric(lode, tmp_path, crs):
    done = lode("simulate", tmp_path / "s", "--crs", crs)
    assert done.code == 2 and "metres" in done.message()
    assert not (tmp_path / "s").exists()


def test_missing_parent_folder(lode, tmp_path):
    done = lode("simulate", tmp_path / "no" / "such")
    assert done.code == 1 and "no/such" in done.message()

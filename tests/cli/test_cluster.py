"""Several processes under mpirun: the results of one process, whatever their number, and clean ends."""
import functools
import http.server
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import time

import numpy
import pytest
from osgeo import gdal

from conftest import BUILD, LODE, needs, run_lode

gdal.UseExceptions()

pytestmark = [
    pytest.mark.skipif(not shutil.which("mpirun"), reason="mpirun is not installed"),
    pytest.mark.skipif(not list(BUILD.glob("lib*/**/lode_mpi.so")),
                       reason="this build has no MPI module"),
]


def quiet():
    """The option for no word of mpirun's own, which Open MPI 5 no longer has."""
    if not shutil.which("mpirun"):
        return []
    version = subprocess.run(["mpirun", "--version"], stdout=subprocess.PIPE, text=True).stdout
    found = re.search(r"(\d+)\.\d+", version)
    return ["--quiet"] if found and int(found[1]) < 5 else []


MPIRUN = ["mpirun", "--allow-run-as-root", "--oversubscribe", *quiet(), "-n"]
CLEAN = {name: value for name, value in os.environ.items()
         if not name.startswith(("OMPI_", "PMIX_", "PMI_", "SLURM_"))}


def run_ranks(ranks, *words, **named):
    return run_lode(*words, command=[*MPIRUN, str(ranks), str(LODE)], **named)


def bands(path):
    dataset = gdal.Open(str(path))
    return [dataset.GetRasterBand(b + 1).GetDescription() for b in range(dataset.RasterCount)], \
        dataset.GetGeoTransform(), dataset.ReadAsArray()


def assert_same(path, expected):
    names, transform, values = bands(path)
    assert names == expected[0] and transform == expected[1]
    assert numpy.array_equal(values, expected[2])


@pytest.fixture(scope="module")
def wide(survey, tmp_path_factory):
    """The small survey with finer cells: nine parts."""
    path = tmp_path_factory.mktemp("wide") / "wide.tif"
    gdal.Translate(str(path), str(survey / "stack.tif"), width=520, height=600)
    return path


@pytest.fixture(scope="module")
def small(survey, tmp_path_factory):
    """A model that maps fast."""
    needs("pretrain", "fit")
    folder = tmp_path_factory.mktemp("small")
    for words in (["pretrain", survey / "stack.tif", folder / "e.lode", "--steps", 2, "--width", 16,
                   "--window", 9],
                  ["fit", folder / "e.lode", survey / "stack.tif", survey / "deposits.gpkg",
                   folder / "m.lode", "--inputs", "bands"]):
        done = run_lode(*words, "-q")
        assert done.code == 0, done
    return folder / "m.lode"


@pytest.fixture(scope="module")
def map_of_one(small, wide, tmp_path_factory):
    path = tmp_path_factory.mktemp("one") / "one.tif"
    done = run_lode("predict", small, wide, path, "-q")
    assert done.code == 0, done
    return bands(path)


@pytest.mark.parametrize("ranks", [2, 4])
def test_map_is_that_of_one_process(ranks, small, wide, map_of_one, tmp_path):
    out = tmp_path / "out.tif"
    done = run_ranks(ranks, "predict", small, wide, out)
    assert done.code == 0, done
    assert done.out.count("100 - done.") == 1, done
    assert_same(out, map_of_one)
    assert os.listdir(tmp_path) == ["out.tif"]


def test_merged_to_one_cloud_optimized_file(small, wide, map_of_one, tmp_path):
    out = tmp_path / "out.tif"
    done = run_ranks(2, "predict", small, wide, out, "--merge", "-q")
    assert done.code == 0, done
    assert_same(out, map_of_one)
    dataset = gdal.Open(str(out))
    assert dataset.GetMetadata("IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    assert dataset.GetMetadataItem("LODE_MODEL").endswith("m.lode")
    assert os.listdir(tmp_path) == ["out.tif"]


def test_repeated_job_computes_missing_parts_only(small, wide, map_of_one, tmp_path):
    out, folder = tmp_path / "out.vrt", tmp_path / "out_parts"
    done = run_ranks(2, "predict", small, wide, out, "-q")
    assert done.code == 0, done
    assert_same(out, map_of_one)
    parts = sorted(folder.iterdir())
    assert len(parts) == 9
    parts[4].unlink()
    (folder / "part_0_0.part-1-0.tif").write_bytes(b"left by a killed process")
    before = {part: part.stat().st_mtime_ns for part in parts if part.exists()}
    out.unlink()
    done = run_ranks(3, "predict", small, wide, out, "-q")
    assert done.code == 0, done
    assert_same(out, map_of_one)
    assert sorted(folder.iterdir()) == parts
    assert all(part.stat().st_mtime_ns == time for part, time in before.items())


def test_parts_of_another_model_are_not_reused(small, wide, survey, tmp_path):
    other = tmp_path / "other.lode"
    done = run_lode("fit", small, survey / "stack.tif", survey / "deposits.gpkg", other, "--seed", 7,
                    "--inputs", "bands", "-q")
    assert done.code == 0, done
    for model, out in ((small, "out.vrt"), (other, "out.vrt"), (other, "plain.tif")):
        done = run_lode("predict", model, wide, tmp_path / out, "-q")
        assert done.code == 0, done
    assert_same(tmp_path / "out.vrt", bands(tmp_path / "plain.tif"))


def test_shares_of_array_jobs_add_up(small, wide, map_of_one, tmp_path):
    out = tmp_path / "out.vrt"
    for share, parts in ((1, 3), (2, 6), (3, 9)):
        done = run_lode("predict", small, wide, out, "--share", f"{share}/3", "-q")
        assert done.code == 0, done
        assert len(os.listdir(tmp_path / "out_parts")) == parts and not out.exists()
    done = run_lode("predict", small, wide, out, "-q")
    assert done.code == 0, done
    assert_same(out, map_of_one)


def test_geographic_mosaic(small, wide, tmp_path):
    """Axis order and cell places survive the VRT."""
    turned = tmp_path / "degrees.tif"
    gdal.Warp(str(turned), str(wide), dstSRS="EPSG:4326", width=300, height=300)
    for name in ("a.tif", "a.vrt"):
        done = run_lode("predict", small, turned, tmp_path / name, "-q")
        assert done.code == 0, done
    assert_same(tmp_path / "a.vrt", bands(tmp_path / "a.tif"))
    systems = [gdal.Open(str(tmp_path / name)).GetSpatialRef() for name in ("a.tif", "a.vrt")]
    assert systems[0].IsSame(systems[1])
    assert systems[0].GetDataAxisToSRSAxisMapping() == systems[1].GetDataAxisToSRSAxisMapping()


class Ranges(http.server.SimpleHTTPRequestHandler):
    """Serves parts of files, as object stores do."""

    def do_GET(self):
        wanted = self.headers.get("Range")
        path = pathlib.Path(self.translate_path(self.path))
        if not wanted or not path.is_file():
            return super().do_GET()
        content = path.read_bytes()
        first, last = wanted.removeprefix("bytes=").split("-")
        first, last = int(first), min(int(last or len(content) - 1), len(content) - 1)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        self.wfile.write(content[first:last + 1])

    def log_message(self, *words):
        pass


def test_stack_and_model_come_over_http(small, wide, map_of_one, tmp_path):
    shutil.copy(small, tmp_path / "m.lode")
    shutil.copy(wide, tmp_path / "stack.tif")
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Ranges, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"/vsicurl/http://127.0.0.1:{server.server_port}"
    direct = {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
    out = tmp_path / "out.tif"
    done = run_ranks(2, "predict", f"{base}/m.lode", f"{base}/stack.tif", out, "-q", env=direct)
    server.shutdown()
    assert done.code == 0, done
    assert_same(out, map_of_one)


# ---- Gridding and validation ------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--method", "idw", "--distance"],
                                   ["--method", "kriging", "--elements", "Au,Cu", "--variance"],
                                   ["--elements", "Au,Cu", "--separate"]])
def test_stack_is_that_of_one_process(words, survey, tmp_path):
    """Nine parts."""
    like = tmp_path / "like.tif"
    gdal.Translate(str(like), str(survey / "stack.tif"), bandList=[1], width=520, height=520)
    for name, run in (("one", run_lode), ("three", lambda *w: run_ranks(3, *w))):
        (tmp_path / name).mkdir()
        done = run("grid", survey / "samples.gpkg", tmp_path / name / "out.tif", "--like", like,
                   *words, "-q")
        assert done.code == 0, done
    files = sorted(os.listdir(tmp_path / "one"))
    assert files == sorted(os.listdir(tmp_path / "three"))
    for file in files:
        assert_same(tmp_path / "three" / file, bands(tmp_path / "one" / file))
        one, three = (gdal.Open(str(tmp_path / name / file)) for name in ("one", "three"))
        assert one.GetRasterBand(1).GetMetadata() == three.GetRasterBand(1).GetMetadata()


def test_report_is_the_same_file(survey, encoder, tmp_path):
    words = ["validate", survey / "stack.tif", survey / "deposits.gpkg", "report.html", "--folds", 3,
             "--repeats", 2, "--background", 200, "--resamples", 100, "--model", encoder, "--json",
             "report.json", "-q"]
    results = []
    for name, run in (("one", run_lode), ("many", lambda *w, **n: run_ranks(3, *w, **n))):
        (tmp_path / name).mkdir()
        done = run(*words, cwd=tmp_path / name)
        assert done.code == 0, done
        assert sorted(os.listdir(tmp_path / name)) == ["report.html", "report.json"]
        results.append([(tmp_path / name / file).read_bytes()
                        for file in ("report.html", "report.json")])
    assert results[0] == results[1]


# ---- Pretraining ------------------------------------------------------------------------------------

TRAINING = ["--steps", 6, "--tiles", 5, "--anchors", 16, "--window", 9, "--width", 16, "-q"]


def train(ranks, survey, out, *words):
    command = ["pretrain", survey / "stack.tif", out, *TRAINING, *words]
    done = run_ranks(ranks, *command) if ranks > 1 else run_lode(*command)
    assert done.code == 0, done
    return out.read_bytes()


@pytest.mark.parametrize("objective, ranks", [("simclr", (2, 4)), ("moco", (3,)), ("byol", (3,))])
def test_dense_model_is_the_same_file(objective, ranks, survey, tmp_path):
    """Also where the processes get unequal numbers of tiles."""
    words = ["--objective", objective]
    one = train(1, survey, tmp_path / "1.lode", *words)
    for count in ranks:
        assert train(count, survey, tmp_path / f"{count}.lode", *words) == one


def losses(path):
    done = run_lode("info", path, "--json", "-")
    assert done.code == 0, done
    return done.json["provenance"]["pretrain"]["losses"]


def test_windowed_encoder_has_the_same_loss_curve(survey, tmp_path):
    words = ["--encoder", "mobilenetv2", "--window", 9, "--anchors", 30, "--learning-rate", 1e-4]
    command = ["pretrain", survey / "stack.tif", tmp_path / "1.lode", "--steps", 4, *words, "-q"]
    done = run_lode(*command)
    assert done.code == 0, done
    command[2] = tmp_path / "3.lode"
    done = run_ranks(3, *command)
    assert done.code == 0, done
    one, three = losses(tmp_path / "1.lode"), losses(tmp_path / "3.lode")
    assert one == pytest.approx(three, rel=2e-3) and len(one) == 4


def test_training_continues_with_another_number_of_processes(survey, tmp_path):
    state = tmp_path / "state.safetensors"
    words = [*TRAINING, "--checkpoint", state]
    words[1] = 40
    command = ["pretrain", survey / "stack.tif", tmp_path / "a.lode", *words]
    job = start(2, *command)
    wait_for(state.exists)
    job.send_signal(signal.SIGINT)
    job.communicate(timeout=20)
    done = run_ranks(3, *command)
    assert done.code == 0, done
    words[words.index(state)] = tmp_path / "fresh.safetensors"
    done = run_lode("pretrain", survey / "stack.tif", tmp_path / "b.lode", *words)
    assert done.code == 0, done
    assert (tmp_path / "a.lode").read_bytes() == (tmp_path / "b.lode").read_bytes()


def test_more_processes_than_tiles_are_refused(survey, tmp_path):
    done = run_ranks(6, "pretrain", survey / "stack.tif", tmp_path / "x.lode", *TRAINING)
    assert done.code == 2
    assert "--tiles" in done.message()
    assert os.listdir(tmp_path) == []


# ---- Ends -------------------------------------------------------------------------------------------


def test_wrong_input_gives_one_message(small, tmp_path):
    done = run_ranks(3, "predict", small, tmp_path / "no.tif", tmp_path / "out.tif")
    assert done.code == 1
    assert "no.tif" in done.message()
    assert os.listdir(tmp_path) == []


def test_wrong_usage_gives_one_message(small, wide, tmp_path):
    done = run_ranks(3, "predict", small, wide, tmp_path / "out.tif", "--nonsense")
    assert done.code == 2
    assert done.err.count("nonsense") == 1


def test_task_that_cannot_be_shared_refuses(wide, tmp_path):
    done = run_ranks(2, "targets", wide, tmp_path / "out.gpkg")
    assert done.code == 2
    assert "without mpirun" in done.message()


def start(ranks, *words):
    return subprocess.Popen([*MPIRUN, str(ranks), str(LODE), *map(str, words)], env=CLEAN,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def children(process):
    """Process ids of the ranks."""
    found = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(process.pid)],
                           stdout=subprocess.PIPE, text=True).stdout
    return [int(line.split()[0]) for line in found.splitlines() if line.split()[1] == "lode"]


def wait_for(check, seconds=20):
    end = time.monotonic() + seconds
    while not check() and time.monotonic() < end:
        time.sleep(0.01)
    assert check()


@pytest.fixture(scope="module")
def slow(survey, wide, tmp_path_factory):
    """Words of a map that takes some seconds."""
    path = tmp_path_factory.mktemp("slow") / "slow.tif"
    gdal.Translate(str(path), str(wide), width=1200, height=1200)
    return path


@pytest.mark.parametrize("how", ["interrupt", "kill a rank"])
def test_stopped_job_leaves_whole_parts_and_continues(how, model, slow, tmp_path):
    out, folder = tmp_path / "out.vrt", tmp_path / "out_parts"
    job = start(2, "predict", model, slow, out, "-q")
    wait_for(lambda: folder.exists() and any(".part-" not in p.name for p in folder.iterdir()))
    ranks = children(job)
    assert len(ranks) == 2
    if how == "interrupt":
        job.send_signal(signal.SIGINT)
    else:
        os.kill(ranks[1], signal.SIGKILL)
    begin = time.monotonic()
    _, text = job.communicate(timeout=20)
    assert job.returncode != 0 and time.monotonic() - begin < 5, text
    assert text.count("lode predict:") <= 1, text
    assert not out.exists() and not children(job)
    for part in folder.iterdir():
        if ".part-" not in part.name:
            gdal.Open(str(part)).ReadAsArray()
        else:
            assert how == "kill a rank"


def test_full_disk_of_one_process_ends_the_job(small, wide, map_of_one, tmp_path):
    """The second process cannot write files of more than 4 kB."""
    if not quiet():
        pytest.skip("Open MPI 5 itself cannot start with so small a limit: it shares memory by files")
    out, folder = tmp_path / "out.vrt", tmp_path / "out_parts"
    script = tmp_path / "limited.sh"
    script.write_text('if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then trap "" XFSZ; ulimit -f 8; fi\n'
                      f'exec {LODE} "$@"\n')
    command = [*MPIRUN, "2", "sh", str(script)]
    done = run_lode("predict", small, wide, out, "-q", command=command)
    assert done.code == 1, done
    assert "process 2 of 2" in done.message() and "disk" in done.message()
    assert not out.exists() and not [p for p in folder.iterdir() if ".part-" in p.name]
    done = run_ranks(2, "predict", small, wide, out, "-q")
    assert done.code == 0, done
    assert_same(out, map_of_one)

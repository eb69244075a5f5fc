"""Data that was made to do harm, or is simply enormous: refused or survived, never obeyed."""
import json
import os
import shutil
import struct
import subprocess
import sys

import pytest
from osgeo import gdal, ogr

from conftest import BUILD, LODE, needs, run_lode

gdal.UseExceptions()

SCRIPT = "<script>alert('x')</script>"
IMAGE = '"><img src=x onerror=alert(1)>'


# ---- Text from data in reports -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def marked(survey, tmp_path_factory):
    """A survey whose file, bands and deposits have markup as their names."""
    folder = tmp_path_factory.mktemp("marked") / "a&b<i>"
    folder.mkdir()
    stack = folder / "stack <b>&.tif"
    gdal.Translate(str(stack), str(survey / "stack.tif"), bandList=[4, 3, 8])
    raster = gdal.Open(str(stack), gdal.GA_Update)
    for number, name in enumerate((f"Au {SCRIPT}", IMAGE, "&lt;Bi&gt;"), 1):
        raster.GetRasterBand(number).SetDescription(name)
    del raster
    deposits = folder / "deposits<script>.gpkg"
    shutil.copy(survey / "deposits.gpkg", deposits)
    source = ogr.Open(str(deposits), 1)
    layer = source.GetLayer(0)
    for feature in layer:
        feature["name"] = SCRIPT
        feature["commodity"] = IMAGE
        layer.SetFeature(feature)
    del layer, source
    return stack, deposits


def check_html(path):
    """Nothing from the data became an element or left its attribute."""
    text = path.read_text(encoding="utf-8")
    for bad in ("<script", "<img src=x", "onerror=alert(1)>", "<b>&.tif", "b<i>"):
        where = text.find(bad)
        assert where < 0, text[max(0, where - 200):where + 200]
    assert "&lt;script&gt;" in text and "&lt;b&gt;&amp;.tif" in text  # they are in the report


def test_validation_report_escapes_everything(marked, tmp_path):
    stack, deposits = marked
    report = tmp_path / "report.html"
    done = run_lode("validate", stack, deposits, report, "--methods", "element,logistic", "--folds", 2,
                    "--repeats", 1, "--resamples", 100, "--json", tmp_path / "r.json",
                    "--where", "name <> '<u>'", "-q")
    assert done.code == 0, done
    check_html(report)
    json.loads((tmp_path / "r.json").read_text())


def test_map_escapes_everything(marked, tmp_path):
    needs("map")
    stack, deposits = marked
    out = tmp_path / "x<script>&"
    done = run_lode("map", stack, deposits, out, "--steps", 1, "--window", 9, "--folds", 2,
                    "--repeats", 1, "--methods", "element", "-q")
    assert done.code == 0, done
    check_html(out / "report.html")
    view = gdal.ParseXMLString((out / "prospectivity.lodeview").read_text(encoding="utf-8"))
    assert view is not None
    for style in out.glob("*.qml"):
        assert gdal.ParseXMLString(style.read_text(encoding="utf-8")) is not None


# ---- Enormous inputs ---------------------------------------------------------------------------------


def write_vrt(path, size, names, source):
    """A raster of size x size cells that costs nothing to store; real values in its first corner."""
    bands = "".join(
        f'<VRTRasterBand dataType="Float32" band="{k + 1}"><Description>{name}</Description>'
        f"<NoDataValue>-9999</NoDataValue><SimpleSource><SourceFilename>{source}</SourceFilename>"
        f"<SourceBand>{k % 39 + 1}</SourceBand>"
        '<SrcRect xOff="0" yOff="0" xSize="60" ySize="60"/>'
        '<DstRect xOff="0" yOff="0" xSize="60" ySize="60"/></SimpleSource></VRTRasterBand>'
        for k, name in enumerate(names))
    path.write_text(f'<VRTDataset rasterXSize="{size}" rasterYSize="{size}"><SRS>EPSG:32650</SRS>'
                    f"<GeoTransform>400000,500,0,3000000,0,-500</GeoTransform>{bands}</VRTDataset>")
    return path


@pytest.fixture(scope="module")
def vast(survey, tmp_path_factory):
    """2^31 - 1 cells a side: cell numbers need 62 bits, and there is no memory for one band."""
    return write_vrt(tmp_path_factory.mktemp("vast") / "vast.vrt", 2**31 - 1, ["Au", "As", "Bi"],
                     survey / "stack.tif")


@pytest.fixture(scope="module")
def small_model(survey, tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    done = run_lode("pretrain", survey / "stack.tif", folder / "e.lode", "--bands", "Au,As,Bi",
                    "--window", 9, "--width", 16, "--dims", 16, "--steps", 1, "-q")
    assert done.code == 0, done
    done = run_lode("fit", folder / "e.lode", survey / "stack.tif", survey / "deposits.gpkg",
                    folder / "m.lode", "--members", 2, "--inputs", "bands", "-q")
    assert done.code == 0, done
    return folder / "m.lode"


@pytest.mark.parametrize("name", ["predict", "transform", "explain", "targets", "evaluate", "stack"])
def test_vast_raster_is_refused(vast, survey, small_model, tmp_path, name):
    out = tmp_path / "out"
    out.mkdir()
    words = {"predict": [small_model, vast, out / "p.tif"], "transform": [vast, out / "t.tif"],
             "explain": [small_model, vast, out / "x.tif"], "targets": [vast, out / "t.gpkg"],
             "evaluate": [vast, survey / "truth.gpkg"],
             "stack": ["--like", vast, survey / "stack.tif", out / "s.tif"]}[name]
    # An address space like that of a large machine, so that the test does not depend on this one.
    done = run_lode(name, *words, command=("prlimit", "--as=17179869184", LODE))
    assert done.code == 1, done
    assert done.message()
    assert list(out.iterdir()) == []


def test_vast_raster_can_be_read_in_places(vast, small_model, tmp_path):
    view = tmp_path / "vast.lodeview"
    done = run_lode("vrt", small_model, vast, view, "-q")
    if sys.maxsize < 2**32:
        assert done.code != 0 and "too many for a computer of 32 bits" in done.err and not view.exists()
        return
    assert done.code == 0
    for corner in (0, 2**31 - 41):
        out = tmp_path / f"{corner}.tif"
        subprocess.run(["gdal_translate", "-q", "-srcwin", str(corner), str(corner), "40", "40", str(view),
                        str(out)], check=True, timeout=60,
                       env=dict(os.environ, GDAL_DRIVER_PATH=str(BUILD / "lib/gdalplugins")))
        values = gdal.Open(str(out)).ReadAsArray()[0]
        assert ((values > 0) & (values < 1)).all() if corner == 0 else (values == -9999).all()


def test_stack_of_65535_bands(survey, small_model, tmp_path):
    many = write_vrt(tmp_path / "many.vrt", 60, [f"b{k}" for k in range(65535)],
                     survey / "stack.tif")
    done = run_lode("predict", small_model, many, tmp_path / "p.tif")
    assert done.code == 1 and "lacks 3 of the 3 bands" in done.message(), done
    done = run_lode("pretrain", many, tmp_path / "e.lode", "--steps", 1)
    assert done.code == 1 and "65535 bands" in done.message() and "--bands" in done.message()


def model_file(header, size=None, body=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + body


@pytest.mark.parametrize("content", [
    model_file(b"{}", size=2**60), model_file(b"{}", size=2**63 + 1), model_file(b"{}", size=2**64 - 1),
    model_file({"a": {"dtype": "F32", "shape": [2**30, 2**30], "data_offsets": [0, 2**62]}}),
    model_file({"a": {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 0]}}),
    model_file({"a": {"dtype": "F32", "shape": [1], "data_offsets": [2**63 - 1, 4]}}),
    model_file({"a": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}}, body=bytes(4)),
    model_file(b"[" * 100000),
], ids=["2^60", "over 2^63", "2^64", "2^60 cells", "wraps", "offset", "negative", "deep"])
def test_model_that_claims_too_much(tmp_path, content):
    path = tmp_path / "claims.lode"
    path.write_bytes(content)
    done = run_lode("info", path)
    assert done.code == 1 and "claims.lode" in done.message(), done


# ---- Files a model or view could name ----------------------------------------------------------------


def test_model_names_no_files(small_model, tmp_path):
    """Opening and describing a model reads the model file and nothing else, whatever is in it."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    content = small_model.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + size])
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for key in list(header["__metadata__"]):
        text = header["__metadata__"][key]
        if '"stack"' in text or '"inputs"' in text:
            header["__metadata__"][key] = text.replace("stack.tif", str(secret))
    path = tmp_path / "naming.lode"
    path.write_bytes(model_file(header, body=content[8 + size:]))
    done = run_lode("info", path, command=("strace", "-f", "-e", "trace=openat", "-o",
                                           tmp_path / "trace", LODE))
    assert done.code == 0, done
    assert str(secret) in path.read_text(encoding="latin-1")
    assert str(secret) not in (tmp_path / "trace").read_text()


# ---- Damaged vector files ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def damaged(survey, tmp_path_factory):
    """A GeoPackage of 4000 points that opens, and of which some pages in the middle are garbage."""
    folder = tmp_path_factory.mktemp("damaged")
    stack = gdal.Open(str(survey / "stack.tif"))
    left, cell, _, top, _, down = stack.GetGeoTransform()
    source = ogr.GetDriverByName("GPKG").CreateDataSource(str(folder / "whole.gpkg"))
    layer = source.CreateLayer("points", stack.GetSpatialRef(), ogr.wkbPoint)
    layer.CreateField(ogr.FieldDefn("Au_ppm", ogr.OFTReal))
    layer.CreateField(ogr.FieldDefn("remark", ogr.OFTString))
    layer.StartTransaction()
    for k in range(4000):
        feature = ogr.Feature(layer.GetLayerDefn())
        feature["Au_ppm"] = k + 1.5
        feature["remark"] = "long enough that most pages hold rows and not the index" * 2
        feature.SetGeometry(ogr.CreateGeometryFromWkt(
            f"POINT({left + cell * (k % 60 + 0.5)} {top + down * (k // 67 + 0.5)})"))
        layer.CreateFeature(feature)
    layer.CommitTransaction()
    del layer, source
    content = bytearray((folder / "whole.gpkg").read_bytes())
    page = len(content) // 4096
    for at in range(page * 2 // 5 * 4096, page * 3 // 5 * 4096, 4096):
        content[at] = 0xEE
    path = folder / "damaged.gpkg"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["grid", "validate", "transform", "stack", "fit"])
def test_damaged_points_are_not_half_read(damaged, survey, small_model, tmp_path, name):
    """GDAL ends such a layer early; results from the first half would look like those of all."""
    out = tmp_path / "out"
    out.mkdir()
    stack = survey / "stack.tif"
    words = {"grid": [damaged, out / "g.tif", "--cell", 1000],
             "validate": [stack, damaged, out / "r.html", "--methods", "element", "--folds", 2,
                          "--repeats", 1],
             "transform": [damaged, out / "t.gpkg", "--transform", "zscore", "--bands", "Au_ppm"],
             "stack": ["--like", stack, "--vector", damaged, stack, out / "s.tif"],
             "fit": [small_model, stack, damaged, out / "m.lode"]}[name]
    done = run_lode(name, *words)
    assert done.code == 1, done
    assert "damaged.gpkg" in done.message() and "cannot be read to the end" in done.message()
    assert list(out.iterdir()) == []


def test_damage_is_not_blamed_on_the_condition(damaged, survey, small_model, tmp_path):
    """No point before the damage meets it, so the first one that GDAL looks for is where it fails."""
    for task, out in ((("fit", small_model, survey / "stack.tif", damaged), tmp_path / "m.lode"),
                      (("grid", damaged), tmp_path / "g.tif")):
        extra = ("--cell", 1000) if task[0] == "grid" else ()
        done = run_lode(*task, out, *extra, "--where", "Au_ppm > 1e9")
        assert done.code == 1 and "cannot be read to the end" in done.message(), done
        assert not out.exists()


# ---- Names in no known encoding ----------------------------------------------------------------------


def test_names_that_are_not_utf8(survey, tmp_path):
    """Latin-1 in the folder, the file and a band: the model keeps them all and works."""
    folder = os.path.join(os.fsencode(tmp_path), b"caf\xe9")
    os.mkdir(folder)
    stack = os.path.join(folder, b"\xe9t\xe9.tif")
    shutil.copy(survey / "stack.tif", stack)
    header = open(stack, "rb").read()
    assert header.count(b">Bi<") == 1
    with open(stack, "wb") as file:
        file.write(header.replace(b">Bi<", b">B\xe9<"))
    e, m, p = (os.path.join(folder, name) for name in (b"e.lode", b"m.lode", b"p.tif"))
    small = ("--window", 9, "--width", 16, "--dims", 16, "--steps", 1)
    for words in (("pretrain", stack, e, *small),
                  ("fit", e, stack, survey / "deposits.gpkg", m, "--members", 2, "--inputs", "bands"),
                  ("predict", m, stack, p)):
        done = subprocess.run([str(LODE), *(w if isinstance(w, bytes) else str(w) for w in words), "-q"],
                              stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0, done.stderr
    done = subprocess.run([str(LODE), "info", m, "--json", "-"], stdout=subprocess.PIPE, check=True)
    facts = json.loads(done.stdout.decode("utf-8"))
    assert "B\u00e9" in facts["elements"] + facts["other_bands"]
    assert facts["provenance"]["pretrain"]["stack"] == "\u00e9t\u00e9.tif"


def test_terminal_is_not_steered(survey, tmp_path):
    """A file's name with escape sequences: warnings and errors show it without them."""
    stack = tmp_path / "\x1b[2J\x07.tif"
    gdal.Translate(str(stack), str(survey / "stack.tif"), bandList=[4])
    done = run_lode("pretrain", stack, tmp_path / "e.lode", "--steps", 1, "--window", 9, "--width", 16)
    assert done.code == 0 and "?[2J?.tif: log-ratios need" in done.err and "\x1b" not in done.err, done
    done = run_lode("info", tmp_path / "no\x1b[31mfile")
    assert done.code == 1 and "no?[31mfile" in done.message() and "\x1b" not in done.err, done


def test_model_tells_no_folders(survey, small_model):
    """Models are handed on; where their maker keeps data is nobody's business."""
    text = small_model.read_bytes()
    assert b"deposits.gpkg" in text and b"stack.tif" in text
    assert str(survey).encode() not in text

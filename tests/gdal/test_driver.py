"""The LODE driver through GDAL's own interface: what GDAL's tests expect of every driver, and what
this one promises."""
import contextlib
import http.server
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest
from conftest import BUILD, ELEMENTS, PLUGINS, lode, read, run, write_raster
from osgeo import gdal

VERSION = int(gdal.VersionInfo("VERSION_NUM"))


def errors_of(action):
    """Runs action and returns the messages GDAL reported, warnings included."""
    messages = []
    gdal.PushErrorHandler(lambda level, number, text: messages.append((level, text)))
    try:
        with gdal.ExceptionMgr(useExceptions=False) if hasattr(gdal, "ExceptionMgr") else Plain():
            result = action()
    finally:
        gdal.PopErrorHandler()
    return result, messages


class Plain:
    """Switches exceptions off and on again where gdal.ExceptionMgr does not exist."""

    def __enter__(self):
        gdal.DontUseExceptions()

    def __exit__(self, *_):
        gdal.UseExceptions()


def forget(folder):
    for name in gdal.ReadDir(folder) or []:
        gdal.Unlink(f"{folder}/{name}")


# ---- Description ---------------------------------------------------------------------------------


def test_driver_describes_itself():
    driver = gdal.GetDriverByName("LODE")
    assert driver.GetMetadataItem("DCAP_OPEN") == "YES"
    assert driver.GetMetadataItem("DCAP_VIRTUALIO") == "YES"
    assert driver.GetMetadataItem("DMD_EXTENSION") == "lodeview"
    assert driver.GetMetadataItem("DMD_EXTENSIONS") == "lodeview"
    assert driver.GetMetadataItem("DMD_CONNECTION_PREFIX") == "LODE:"
    assert driver.GetMetadataItem("DCAP_CREATE") is None
    options = gdal.ParseXMLString(driver.GetMetadataItem("DMD_OPENOPTIONLIST"))
    names = {dict((child[1], child[2][1]) for child in option[2:] if child[0] == 2)["name"]
             for option in options[2:]}
    assert {"MODEL", "STACK", "BANDS", "MIN_VALID", "NUM_THREADS"} <= names


def test_plugin_links_nothing_heavy():
    """GDAL loads the plugin at every start; liblode and its linear algebra come later."""
    needed = run("readelf", "-d", PLUGINS / "gdal_LODE.so").stdout
    names = [line.split("[")[1].rstrip("]") for line in needed.splitlines() if "NEEDED" in line]
    assert not [name for name in names if "lode" in name or "blas" in name or "jansson" in name]
    symbols = run("nm", "-D", "--defined-only", PLUGINS / "gdal_LODE.so").stdout
    exported = [line.split()[-1] for line in symbols.splitlines() if " T " in line]
    assert exported == ["GDALRegister_LODE"]


def test_registering_twice_changes_nothing():
    before = gdal.GetDriverCount()
    gdal.AllRegister()
    assert gdal.GetDriverCount() == before


# ---- Opening -------------------------------------------------------------------------------------


def test_view_equals_predict(view, predicted):
    dataset = gdal.Open(str(view))
    assert dataset.GetDriver().ShortName == "LODE"
    expected = gdal.Open(str(predicted))
    assert dataset.GetGeoTransform() == expected.GetGeoTransform()
    assert dataset.GetSpatialRef().IsSame(expected.GetSpatialRef())
    assert [dataset.GetRasterBand(i).GetDescription() for i in (1, 2, 3)] == [
        "score", "uncertainty", "percentile"]
    for i in (1, 2, 3):
        band = dataset.GetRasterBand(i)
        assert band.DataType == gdal.GDT_Float32
        assert band.GetNoDataValue() == -9999
        assert band.GetMaskFlags() == gdal.GMF_NODATA
        assert band.GetOverviewCount() == 0
    assert np.array_equal(dataset.ReadAsArray(), expected.ReadAsArray())


@pytest.mark.parametrize("groups", ["score", "percentile,score", "embedding", "anomaly,support",
                                    "score,uncertainty,percentile,anomaly,support,embedding"])
def test_connection_strings(view, survey, groups, tmp_path):
    out = tmp_path / "predicted.tif"
    lode("predict", survey / "model.lode", survey / "stack.tif", out, "--bands", groups, "-q")
    expected = gdal.Open(str(out))
    for name in (f'LODE:"{view}":{groups}',
                 f'LODE:"{survey}/model.lode":"{survey}/stack.tif":{groups}',
                 f"LODE:{survey}/model.lode:{survey}/stack.tif:{groups}"):
        dataset = gdal.Open(name)
        names = [dataset.GetRasterBand(i + 1).GetDescription() for i in range(dataset.RasterCount)]
        assert names == [expected.GetRasterBand(i + 1).GetDescription()
                         for i in range(expected.RasterCount)]
        assert np.array_equal(dataset.ReadAsArray(), expected.ReadAsArray())
        dataset = None
    assert not [name for name in os.listdir(".") if name.startswith("LODE:")]


def test_connection_without_bands_shows_the_defaults(survey, model):
    dataset = gdal.Open(f'LODE:"{model}":"{survey}/stack.tif"')
    assert dataset.RasterCount == 3


def test_open_options(view, survey, tmp_path):
    plain = read(view)
    dataset = gdal.OpenEx(str(view), open_options=["BANDS=percentile", "NUM_THREADS=2"])
    assert dataset.RasterCount == 1
    assert np.array_equal(dataset.ReadAsArray(), plain[2])
    empty = tmp_path / "empty.lodeview"
    empty.write_text("<LODEDataset/>")
    dataset = gdal.OpenEx(str(empty), open_options=[f"MODEL={survey}/model.lode",
                                                    f"STACK={survey}/stack.tif"])
    assert np.array_equal(dataset.ReadAsArray(), plain)
    strict = gdal.OpenEx(str(view), open_options=["MIN_VALID=1"]).ReadAsArray()
    assert (strict[0] == -9999).sum() > (plain[0] == -9999).sum()
    kept = strict[0] != -9999
    assert np.array_equal(strict[:, kept], plain[:, kept])


def split_stack(survey, folder, order):
    """The stack as one file an element, without band names: the files' names say what they are."""
    stack = gdal.Open(str(survey / "stack.tif"))
    for name in order:
        band = stack.GetRasterBand(ELEMENTS.index(name) + 1)
        write_raster(folder / f"{name}.tif", band.ReadAsArray()[None], nodata=-1,
                     transform=stack.GetGeoTransform())


def test_list_of_single_band_files_in_any_order(view, survey, tmp_path):
    order = ELEMENTS[::-1]
    split_stack(survey, tmp_path, order)
    listed = tmp_path / "listed.lodeview"
    listed.write_text("<LODEDataset><Model>model.lode</Model>" +
                      "".join(f"<Stack>{name}.tif</Stack>" for name in order) + "</LODEDataset>")
    assert np.array_equal(read(listed), read(view))
    parts = ":".join(f'"{tmp_path}/{name}.tif"' for name in order)
    assert np.array_equal(read(f'LODE:"{tmp_path}/model.lode":{parts}:score'), read(view)[:1])


def test_stack_as_vrt_and_virtual_files(view, survey, tmp_path):
    expected = read(view)
    gdal.Translate(str(tmp_path / "stack.vrt"), str(survey / "stack.tif"))
    view.write_text("<LODEDataset><Model>model.lode</Model><Stack>stack.vrt</Stack></LODEDataset>")
    assert np.array_equal(read(view), expected)
    shutil.make_archive(str(tmp_path / "packed"), "zip", str(survey), "stack.tif")
    view.write_text("<LODEDataset><Model>model.lode</Model>"
                    "<Stack>/vsizip/packed.zip/stack.tif</Stack></LODEDataset>".replace(
                        "packed.zip", f"{tmp_path}/packed.zip"))
    assert np.array_equal(read(view), expected)


def test_everything_in_memory(view):
    """VIRTUALIO: view, model and stack from /vsimem."""
    expected = read(view)
    for name in ("name.lodeview", "model.lode", "stack.tif"):
        gdal.FileFromMemBuffer(f"/vsimem/lode/{name}", (view.parent / name).read_bytes())
    assert np.array_equal(read("/vsimem/lode/name.lodeview"), expected)
    forget("/vsimem/lode")


@contextlib.contextmanager
def serving(folder):
    """A web server on this machine that shows a folder and answers requests for ranges of bytes."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.answer(False)

        def do_GET(self):
            self.answer(True)

        def answer(self, body):
            path = folder / self.path.lstrip("/")
            if not path.is_file():
                return self.send_error(404)
            data = path.read_bytes()
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            self.send_response(206 if asked else 200)
            if asked:
                first, last = int(asked[1]), min(int(asked[2] or len(data) - 1), len(data) - 1)
                self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
                data = data[first:last + 1]
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if body:
                self.wfile.write(data)

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        gdal.VSICurlClearCache()


def test_everything_behind_http(view):
    """/vsicurl: model and stack from a web server, by connection string and in a view."""
    expected = read(view)
    with serving(view.parent) as address:
        base = f"/vsicurl/{address}"
        assert np.array_equal(read(f'LODE:"{base}/model.lode":"{base}/stack.tif"'), expected)
        far = view.parent / "far.lodeview"
        far.write_text(f"<LODEDataset><Model>{base}/model.lode</Model><Stack>{base}/stack.tif</Stack>"
                       "</LODEDataset>")
        assert np.array_equal(read(far), expected)
        assert np.array_equal(read(f"{base}/name.lodeview"), expected)
        result, messages = errors_of(lambda: gdal.Open(f'LODE:"{base}/gone.lode":"{base}/stack.tif"'))
        assert result is None and any("gone.lode" in text for _, text in messages)


def test_stack_with_more_bands_than_the_model(view, survey, tmp_path):
    stack = read(survey / "stack.tif")
    more = np.concatenate([stack[:1] * 0 + 5, stack[::-1]])
    write_raster(tmp_path / "stack.tif", more, ["Gravity"] + ELEMENTS[::-1], nodata=-1)
    assert np.array_equal(read(view), read(f'LODE:"{survey}/model.lode":"{survey}/stack.tif"'))


def test_stack_with_another_nodata_scale_or_mask(view, survey, tmp_path):
    """What a cell holds is what GDAL says it holds, however it is stored."""
    expected = read(view)
    stack = read(survey / "stack.tif")
    write_raster(tmp_path / "stack.tif", np.where(stack == -1, np.nan, stack), ELEMENTS)
    assert np.array_equal(read(view), expected)
    write_raster(tmp_path / "stack.tif", np.where(stack == -1, -1, stack / 2), ELEMENTS, nodata=-1)
    dataset = gdal.Open(str(tmp_path / "stack.tif"), gdal.GA_Update)
    for i in range(1, 7):
        dataset.GetRasterBand(i).SetScale(2)
    dataset = None
    assert np.array_equal(read(view), expected)


def test_strings_of_metadata(view):
    dataset = gdal.Open(str(view))
    domain = dataset.GetMetadata("LODE")
    assert domain["MODEL"].endswith("model.lode") and domain["STACK"].endswith("stack.tif")
    assert int(domain["HALF_WINDOW"]) == 4
    assert domain["TRANSFORM"] == "clr"
    assert any(name.startswith("PROVENANCE_") for name in domain)
    import json
    assert json.loads(dataset.GetMetadata_List("json:LODE")[0])["transform"] == "clr"
    assert {"LODE", "json:LODE"} <= set(dataset.GetMetadataDomainList())
    assert dataset.GetMetadataItem("AREA_OR_POINT") == "Area"
    assert dataset.GetRasterBand(1).GetMetadataItem("LODE_RANGE") == "0 1"
    assert dataset.GetRasterBand(3).GetUnitType() == "%"
    assert not dataset.GetMetadata("SUBDATASETS")


def test_gcps_and_rpcs_pass_through(view, survey, tmp_path):
    stack = read(survey / "stack.tif")
    write_raster(tmp_path / "stack.tif", stack, ELEMENTS, nodata=-1, transform=None, epsg=None)
    dataset = gdal.Open(str(tmp_path / "stack.tif"), gdal.GA_Update)
    points = [gdal.GCP(10, 20, 0, 0, 0), gdal.GCP(11, 20, 0, 150, 0), gdal.GCP(10, 19, 0, 0, 130)]
    dataset.SetGCPs(points, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.25]],'
                            'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]')
    rpc = {name: "1" for name in ("LINE_OFF SAMP_OFF LAT_OFF LONG_OFF HEIGHT_OFF SAMP_SCALE LAT_SCALE "
                                  "LONG_SCALE HEIGHT_SCALE").split()}
    rpc["LINE_SCALE"] = "2"
    for name in ("LINE_NUM_COEFF", "LINE_DEN_COEFF", "SAMP_NUM_COEFF", "SAMP_DEN_COEFF"):
        rpc[name] = "1" + " 0" * 19
    dataset.SetMetadata(rpc, "RPC")
    dataset = None
    dataset = gdal.Open(str(view))
    assert dataset.GetGCPCount() == 3 and "WGS 84" in dataset.GetGCPProjection()
    assert dataset.GetMetadata("RPC")["LINE_SCALE"] == "2"
    assert np.array_equal(dataset.ReadAsArray(), read(f'LODE:"{survey}/model.lode":"{survey}/stack.tif"'))


# ---- What GDAL's own tests ask of a driver --------------------------------------------------------


def test_file_list(view):
    files = gdal.Open(str(view)).GetFileList()
    assert [pathlib.Path(name).name for name in files] == ["name.lodeview", "model.lode",
                                                           "stack.tif"]
    assert files[0] == str(view)


def test_copied_file_list_reopens(view):
    expected = read(view)
    for name in gdal.Open(str(view)).GetFileList():
        base = os.path.basename(name)
        gdal.FileFromMemBuffer(f"/vsimem/copied/{base}", pathlib.Path(name).read_bytes())
    assert np.array_equal(read("/vsimem/copied/name.lodeview"), expected)
    forget("/vsimem/copied")


def test_no_other_driver_opens_it(view):
    others = [gdal.GetDriver(i).ShortName for i in range(gdal.GetDriverCount())
              if gdal.GetDriver(i).ShortName != "LODE"]
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        with pytest.raises(RuntimeError):
            gdal.OpenEx(str(view), allowed_drivers=others)
    finally:
        gdal.PopErrorHandler()


def open_files():
    return sorted(os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")
                  if os.path.exists(f"/proc/self/fd/{fd}"))


def test_no_file_left_open(view, tmp_path):
    read(view)
    before = open_files()
    for _ in range(3):
        dataset = gdal.Open(str(view))
        dataset.ReadAsArray()
        dataset = None
    broken = tmp_path / "broken.lodeview"
    broken.write_text("<LODEDataset><Model>model.lode</Model><Stack>gone.tif</Stack></LODEDataset>")
    with pytest.raises(RuntimeError):
        gdal.Open(str(broken))
    assert open_files() == before


def test_moving_the_folder(view, tmp_path_factory, survey):
    expected = read(view)
    lode("vrt", view.parent / "model.lode", view.parent / "stack.tif", view.parent / "score.vrt",
         "-q")
    gdal.Translate(str(view.parent / "over.vrt"), str(view), format="VRT")
    moved = tmp_path_factory.mktemp("moved") / "elsewhere"
    shutil.move(str(view.parent), str(moved))
    assert np.array_equal(read(moved / "name.lodeview"), expected)
    assert np.array_equal(read(moved / "over.vrt"), expected)
    np.testing.assert_allclose(read(moved / "score.vrt")[0], expected[0], atol=1e-6)


@pytest.mark.skipif(VERSION < 3080000, reason="GDAL asks drivers for the path in a name from 3.8 on")
def test_vrt_over_a_connection_string_can_be_moved(view, tmp_path_factory):
    name = f'LODE:"{view}":percentile'
    expected = read(name)
    gdal.Translate(str(view.parent / "over.vrt"), name, format="VRT")
    assert str(view.parent) not in (view.parent / "over.vrt").read_text()
    moved = tmp_path_factory.mktemp("moved") / "elsewhere"
    shutil.move(str(view.parent), str(moved))
    assert np.array_equal(read(moved / "over.vrt"), expected)


def test_update_is_refused(view):
    with pytest.raises(RuntimeError, match="cannot be written to"):
        gdal.Open(str(view), gdal.GA_Update)


# ---- Identify -------------------------------------------------------------------------------------

NOT_OURS = ["", "<", "<?xml", "<LODE", "<LODEDataset", "<LODEDatasets/>", "<VRTDataset/>",
            "text <LODEDataset/>", "<html><LODEDataset/></html>", "<!-- <LODEDataset/> -->",
            "<!-- <LODEDataset/>", "<?xml version='1.0'", "\0<LODEDataset/>", "LODE:"]
OURS = ["<LODEDataset/>", "<LODEDataset>", "<LODEDataset version='1'>", "\n <LODEDataset/>",
        "<?xml version='1.0'?>\n<!-- a -->\n<LODEDataset/>", "\ufeff<LODEDataset/>"]


@pytest.mark.parametrize("text", NOT_OURS)
def test_identify_refuses(text, tmp_path):
    path = tmp_path / "file.lodeview"
    path.write_bytes(text.encode())
    assert gdal.IdentifyDriverEx(str(path), gdal.OF_RASTER, ["LODE"]) is None


@pytest.mark.parametrize("text", OURS)
def test_identify_accepts(text, tmp_path):
    path = tmp_path / "file.anything"
    path.write_text(text, encoding="utf-8")
    assert gdal.IdentifyDriverEx(str(path), gdal.OF_RASTER, ["LODE"]).ShortName == "LODE"


def test_identify_finds_nothing_in_usr_share():
    """Over every file under /usr/share (GDAL's own files are enough where it is large)."""
    seen = 0
    for folder, _, files in os.walk("/usr/share"):
        for name in files:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                assert gdal.IdentifyDriverEx(path, gdal.OF_RASTER, ["LODE"]) is None, path
                seen += 1
            if seen >= 20000:
                return
    assert seen > 100


# ---- Bad input -----------------------------------------------------------------------------------

TEXTS = [
    ("<LODEDataset><Model>model.lode</Model></LODEDataset>", "names no stack"),
    ("<LODEDataset><Stack>stack.tif</Stack></LODEDataset>", "names no model"),
    ("<LODEDataset>", ""),
    ("<LODEDataset><Model>", ""),
    ("<LODEDataset version='9'/>", "version 9"),
    ("<LODEDataset><Model>gone.lode</Model><Stack>stack.tif</Stack></LODEDataset>", "gone.lode"),
    ("<LODEDataset><Model>model.lode</Model><Stack>gone.tif</Stack></LODEDataset>", "gone.tif"),
    ("<LODEDataset><Model>stack.tif</Model><Stack>stack.tif</Stack></LODEDataset>", "stack.tif"),
    ("<LODEDataset><Model>model.lode</Model><Stack>model.lode</Stack></LODEDataset>", "model.lode"),
    ("<LODEDataset><Model>model.lode</Model><Stack>stack.tif</Stack><Bands>gold</Bands>"
     "</LODEDataset>", "'gold'"),
    ("<LODEDataset><Model>model.lode</Model><Stack>stack.tif</Stack><MinValid>2</MinValid>"
     "</LODEDataset>", "MinValid"),
    ("<LODEDataset><Model>model.lode</Model><Stack>name.lodeview</Stack></LODEDataset>",
     "recursively"),
    ("<LODEDataset><Model>model.lode</Model><Stack>./name.lodeview</Stack></LODEDataset>",
     "reads itself"),
    ("<LODEDataset><Model>model.lode</Model><Stack>stack.tif</Stack><Stack>stack.tif</Stack>"
     "</LODEDataset>", "Two bands are called"),
]


@pytest.mark.parametrize("text,message", TEXTS)
def test_bad_view_is_one_clear_message(view, text, message):
    view.write_text(text)
    result, messages = errors_of(lambda: gdal.Open(str(view)))
    assert result is None
    failures = [text for level, text in messages if level >= gdal.CE_Failure]
    assert failures and message in failures[0]
    assert len(failures) == 1, failures


def test_ten_megabytes_of_xml(view):
    view.write_text("<LODEDataset>" + "<Model>a</Model>" * 700000 + "</LODEDataset>")
    with pytest.raises(RuntimeError, match="smaller than 1 MB"):
        gdal.Open(str(view))


def test_unknown_element_is_a_warning(view):
    view.write_text(view.read_text().replace("</LODED", "<Colour>red</Colour></LODED"))
    dataset, messages = errors_of(lambda: gdal.Open(str(view)))
    assert dataset is not None
    assert messages == [(gdal.CE_Warning, messages[0][1])] and "<Colour>" in messages[0][1]


def test_stack_lacking_bands_names_them(view, survey, tmp_path):
    stack = read(survey / "stack.tif")
    write_raster(tmp_path / "stack.tif", stack[:4], ELEMENTS[:4], nodata=-1)
    with pytest.raises(RuntimeError, match="lacks 2 of the 6 bands the model reads: Zn, Fe2O3"):
        gdal.Open(str(view))


def test_stack_on_another_grid_names_the_remedy(view, survey, tmp_path):
    split_stack(survey, tmp_path, ELEMENTS)
    band = read(tmp_path / "Au.tif")
    write_raster(tmp_path / "Au.tif", band, nodata=-1, transform=(400100, 500, 0, 3e6, 0, -500))
    parts = ":".join(f'"{tmp_path}/{name}.tif"' for name in ELEMENTS[::-1])
    with pytest.raises(RuntimeError, match="lode stack --like .*Fe2O3.tif.* .*Au.tif"):
        gdal.Open(f'LODE:"{tmp_path}/model.lode":{parts}')


@pytest.mark.parametrize("name", ["LODE:", 'LODE:"', 'LODE:"a', 'LODE:""', 'LODE:"a"b', "LODE:::",
                                  'LODE:"a.lode"', 'LODE:"a.lode":"b.tif":"c":d:e'])
def test_bad_connection_strings(name):
    result, messages = errors_of(lambda: gdal.Open(name))
    assert result is None and messages


def test_damaged_models_are_refused(view):
    model = view.parent / "model.lode"
    whole = model.read_bytes()
    random = np.random.default_rng(5)
    for size in (0, 7, 8, 100, len(whole) // 2, len(whole) - 1):
        model.write_bytes(whole[:size])
        result, messages = errors_of(lambda: gdal.Open(str(view)))
        assert result is None and any("model.lode" in text for _, text in messages), size
    for _ in range(20):
        header = bytearray(whole)
        for at in random.integers(0, 2000, 10):
            header[int(at)] = int(random.integers(0, 256))
        model.write_bytes(bytes(header))
        result, messages = errors_of(lambda: gdal.Open(str(view)))
        assert result is not None or messages


def test_model_of_a_newer_format(view):
    model = view.parent / "model.lode"
    whole = model.read_bytes()
    newer = whole.replace(b'"version":"1"', b'"version":"9"', 1)
    assert newer != whole
    model.write_bytes(newer)
    with pytest.raises(RuntimeError, match="model.lode.*(newer|version|format)"):
        gdal.Open(str(view))


def test_cycle_through_a_vrt(view, tmp_path):
    """view -> VRT -> view: found when it is read, not by running out of stack."""
    xml = gdal.Translate("", str(view.parent / "stack.tif"), format="VRT").GetMetadata("xml:VRT")[0]
    (tmp_path / "stack.tif").unlink()
    xml = xml.replace(str(view.parent / "stack.tif"), "name.lodeview").replace(
        'relativeToVRT="0"', 'relativeToVRT="1"')
    for k in range(1, 7):
        xml = xml.replace(f"<SourceBand>{k}</SourceBand>", "<SourceBand>1</SourceBand>")
    (tmp_path / "loop.vrt").write_text(xml)
    view.write_text("<LODEDataset><Model>model.lode</Model><Stack>loop.vrt</Stack></LODEDataset>")
    _, messages = errors_of(lambda: gdal.Open(str(view)) and gdal.Open(str(view)).ReadAsArray())
    assert any("reads itself" in text or "ecursi" in text for _, text in messages)


def test_missing_library_is_a_clear_message(view):
    code = ("from osgeo import gdal\ngdal.UseExceptions()\n"
            f"assert gdal.GetDriverByName('LODE')\ngdal.Open({str(view)!r})")
    done = run(sys.executable, "-c", code, check=False,
               env={**os.environ, "LODE_LIBRARY": "/nowhere/liblode.so"})
    assert done.returncode == 1
    assert "cannot use the library '/nowhere/liblode.so'" in done.stderr
    assert "LODE_LIBRARY" in done.stderr


# ---- Side files ----------------------------------------------------------------------------------


def test_statistics_are_kept_and_noticed_when_stale(view, survey, tmp_path):
    dataset = gdal.Open(str(view))
    statistics = dataset.GetRasterBand(1).ComputeStatistics(False)
    dataset = None
    assert (tmp_path / "name.lodeview.aux.xml").exists()
    dataset, messages = errors_of(lambda: gdal.Open(str(view)))
    assert not messages
    assert dataset.GetRasterBand(1).GetStatistics(False, False) == pytest.approx(statistics)
    dataset = None
    stack = read(tmp_path / "stack.tif")
    write_raster(tmp_path / "stack.tif", np.where(stack == -1, -1, stack[:, ::-1]), ELEMENTS,
                 nodata=-1)
    dataset, messages = errors_of(lambda: gdal.Open(str(view)))
    assert len(messages) == 1 and "made from another model or stack" in messages[0][1]
    assert dataset.GetRasterBand(1).GetMetadataItem("STATISTICS_MEAN") is None
    dataset.GetRasterBand(1).ComputeStatistics(False)
    dataset = None
    assert not errors_of(lambda: gdal.Open(str(view)))[1]


def test_external_overviews_are_exact_and_noticed_when_stale(view, survey, tmp_path):
    whole = read(view)
    run("gdaladdo", "-q", "-ro", "-r", "nearest", view, "2", "4")
    dataset, messages = errors_of(lambda: gdal.Open(str(view)))
    assert not messages
    band = dataset.GetRasterBand(1)
    assert band.GetOverviewCount() == 2
    half = band.GetOverview(0).ReadAsArray()
    assert np.isin(half[half != -9999], whole[0]).all()
    dataset = None
    copied = tmp_path / "copied"
    copied.mkdir()
    for path in list(tmp_path.iterdir()):
        if path.is_file():
            shutil.copy(path, copied)
    assert not errors_of(lambda: gdal.Open(str(copied / "name.lodeview")))[1]
    model = tmp_path / "model.lode"
    lode("fit", survey / "encoder.lode", survey / "stack.tif", survey / "deposits.geojson", model,
         "--inputs", "embedding", "--strength", "1", "--exclusion", "1km", "-q")
    dataset, messages = errors_of(lambda: gdal.Open(str(view)))
    assert len(messages) == 1 and "overviews" in messages[0][1]
    assert dataset.GetRasterBand(1).GetOverviewCount() == 0
    dataset = None
    run("gdaladdo", "-q", "-ro", view, "2")
    dataset, messages = errors_of(lambda: gdal.Open(str(view)))
    assert not messages and dataset.GetRasterBand(1).GetOverviewCount() == 1


def test_options_do_not_share_side_files(view, tmp_path):
    dataset = gdal.OpenEx(str(view), open_options=["BANDS=embedding"])
    dataset.GetRasterBand(1).ComputeStatistics(False)
    dataset = None
    assert not (tmp_path / "name.lodeview.aux.xml").exists()


def test_threads_each_with_a_dataset(view):
    """16 threads, each with a dataset of its own; the model's evaluation is re-entrant."""
    expected = read(view)
    wrong = []

    def work(seed):
        random = np.random.default_rng(seed)
        dataset = gdal.OpenEx(str(view), open_options=["NUM_THREADS=1", "BLOCK_SIZE=32"])
        for _ in range(4):
            x, y = int(random.integers(0, 110)), int(random.integers(0, 90))
            got = dataset.ReadAsArray(x, y, 40, 40)
            if not np.array_equal(got, expected[:, y:y + 40, x:x + 40]):
                wrong.append((x, y))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.skipif(VERSION < 3100000, reason="GDAL opens datasets for several threads from 3.10 on")
def test_thread_safe_opening(view):
    expected = read(view)
    dataset = gdal.OpenEx(str(view), gdal.OF_RASTER | gdal.OF_THREAD_SAFE)
    wrong = []

    def work(seed):
        random = np.random.default_rng(seed)
        for _ in range(4):
            x, y = int(random.integers(0, 110)), int(random.integers(0, 90))
            if not np.array_equal(dataset.ReadAsArray(x, y, 40, 40),
                                  expected[:, y:y + 40, x:x + 40]):
                wrong.append((x, y))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong

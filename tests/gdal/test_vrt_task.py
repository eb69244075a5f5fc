"""lode vrt: every file it writes is read by plain GDAL and holds the right numbers."""
import json

import numpy as np
import pytest
from conftest import ELEMENTS, ROOT, lode, read, run, write_raster
from osgeo import gdal


def test_view(survey, model, predicted, tmp_path):
    out = tmp_path / "map.lodeview"
    done = lode("vrt", model, survey / "stack.tif", out, "--json", "-")
    assert json.loads(done.stdout)["files"] == [str(out)]
    assert np.array_equal(read(out), read(predicted))


def test_view_beside_its_files_is_relative(view):
    out = view.parent / "made.lodeview"
    lode("vrt", view.parent / "model.lode", view.parent / "stack.tif", out, "--bands",
         "percentile,score", "--min-valid", "0.5", "-q")
    text = out.read_text()
    assert "<Model>model.lode</Model>" in text and "<Stack>stack.tif</Stack>" in text
    assert "<Bands>percentile,score</Bands>" in text and "<MinValid>0.5</MinValid>" in text
    assert gdal.Open(str(out)).RasterCount == 2


@pytest.mark.parametrize("window", [None, (13, 7, 90, 60)])
def test_score_as_a_pixel_function(survey, model, predicted, tmp_path, window):
    """The head's equation over the embedding bands is the score."""
    out = tmp_path / "score.vrt"
    lode("vrt", model, survey / "stack.tif", out, "-q")
    assert (tmp_path / "score_embedding.lodeview").exists()
    dataset = gdal.Open(str(out))
    assert dataset.GetRasterBand(1).GetDescription() == "score"
    got = dataset.ReadAsArray(*(window or (0, 0, 150, 130)))
    expected = gdal.Open(str(predicted)).ReadAsArray(*(window or (0, 0, 150, 130)))[0]
    assert ((got == -9999) == (expected == -9999)).all()
    np.testing.assert_allclose(got, expected, atol=1e-6)


def expected_clr(stack):
    logs = np.ma.log(np.ma.masked_equal(stack, -1).astype(np.float64))
    return (logs - logs.mean(axis=0)).filled(np.nan)


def test_clr(survey, tmp_path):
    out = tmp_path / "clr.vrt"
    lode("vrt", "--transform", "clr", survey / "stack.tif", out, "-q")
    dataset = gdal.Open(str(out))
    assert [dataset.GetRasterBand(i).GetDescription() for i in range(1, 7)] == [
        f"clr {name}" for name in ELEMENTS]
    expected = expected_clr(read(survey / "stack.tif"))
    got = dataset.ReadAsArray()
    assert ((got == -9999) == np.isnan(expected)).all()
    np.testing.assert_allclose(got, np.where(np.isnan(expected), -9999, expected), atol=2e-6)


@pytest.mark.parametrize("transform", ["clr", "ilr"])
def test_log_ratios_are_those_of_lode_transform(tmp_path, transform):
    """39 bands with missing values: the pixel functions and the core's own recipe."""
    stack = ROOT / "sample_data" / "stack.tif"
    lode("transform", stack, tmp_path / "core.tif", "--transform", transform, "-q")
    lode("vrt", "--transform", transform, stack, tmp_path / "pixel.vrt", "-q")
    core, pixel = gdal.Open(str(tmp_path / "core.tif")), gdal.Open(str(tmp_path / "pixel.vrt"))
    assert core.RasterCount == pixel.RasterCount == (39 if transform == "clr" else 38)
    a, b = (dataset.ReadAsArray(60, 50, 100, 60) for dataset in (core, pixel))
    assert ((a == -9999) == (b == -9999)).all()
    np.testing.assert_allclose(a, b, atol=2e-6)


def test_ilr_keeps_distances(survey, tmp_path):
    """An isometry: the distance between two complete cells is that of their clr."""
    out = tmp_path / "ilr.vrt"
    lode("vrt", "--transform", "ilr", survey / "stack.tif", out, "-q")
    got = read(out)
    assert got.shape[0] == 5
    clr = expected_clr(read(survey / "stack.tif")[:, :2, :40])
    a, b = got[:, 0, 3].astype(float), got[:, 1, 30].astype(float)
    np.testing.assert_allclose(np.linalg.norm(a - b), np.linalg.norm(clr[:, 0, 3] - clr[:, 1, 30]),
                               rtol=1e-5)


def test_zscore(survey, tmp_path):
    out = tmp_path / "zscore.vrt"
    lode("vrt", "--transform", "zscore", survey / "stack.tif", out, "-q")
    got, stack = read(out), read(survey / "stack.tif")
    for band, values in zip(got, stack):
        data = values[values != -1].astype(np.float64)
        centre = np.median(data)
        expected = (data - centre) / (1.4826 * np.median(np.abs(data - centre)))
        np.testing.assert_allclose(band[values != -1], expected, atol=0.02)


def test_several_files_scale_and_mask(survey, tmp_path):
    """Sources keep their nodata, scale and offset; a stack of files needs no model in front."""
    stack = read(survey / "stack.tif")
    for k, name in enumerate(ELEMENTS):
        write_raster(tmp_path / f"{name}.tif", stack[k:k + 1], nodata=-1)
    plain = tmp_path / "plain.vrt"
    files = [tmp_path / f"{name}.tif" for name in ELEMENTS]
    lode("vrt", "--transform", "clr", *files, plain, "-q")
    expected = read(plain)
    dataset = gdal.Open(str(files[0]), gdal.GA_Update)
    band = dataset.GetRasterBand(1)
    values = band.ReadAsArray()
    band.WriteArray(np.where(values == -1, -1, (values - 3) / 2))
    band.SetScale(2)
    band.SetOffset(3)
    dataset = None
    scaled = tmp_path / "scaled.vrt"
    lode("vrt", "--transform", "clr", *files, scaled, "-q")
    np.testing.assert_allclose(read(scaled), expected, atol=1e-5)


def test_fuzzy_overlay(survey, tmp_path):
    (tmp_path / "fuzzy.json").write_text(json.dumps({
        "overlay": "gamma", "gamma": 0.8, "layers": [
            {"band": "Au", "membership": "large", "midpoint": 2, "spread": 3},
            {"band": "Cu", "membership": "linear", "low": 10, "high": 50}]}))
    done = lode("vrt", "--overlay", tmp_path / "fuzzy.json", survey / "stack.tif",
                tmp_path / "fuzzy.vrt", "--json", "-")
    assert [name.rsplit("/", 1)[1] for name in json.loads(done.stdout)["files"]] == [
        "fuzzy_memberships.vrt", "fuzzy.vrt"]
    stack = read(survey / "stack.tif").astype(np.float64)
    au = 1 / (1 + (np.abs(stack[0]) / 2) ** -3)
    cu = np.clip((stack[3] - 10) / 40, 0, 1)
    expected = (1 - (1 - au) * (1 - cu)) ** 0.8 * (au * cu) ** 0.2
    expected[stack[0] == -1] = -9999
    np.testing.assert_allclose(read(tmp_path / "fuzzy.vrt")[0], expected, atol=2e-6)
    np.testing.assert_allclose(read(tmp_path / "fuzzy_memberships.vrt")[1][0], cu[0], atol=1e-6)


def test_weights_of_evidence(survey, tmp_path):
    (tmp_path / "wofe.json").write_text(json.dumps({
        "overlay": "wofe", "prior": 0.01, "layers": [
            {"band": "Au", "weights": {"-inf..2": -0.5, "2..5": 0.2, "5..inf": 1.5}},
            {"band": "Sb", "weights": {"8..inf": 0.7}}]}))
    lode("vrt", "--overlay", tmp_path / "wofe.json", survey / "stack.tif", tmp_path / "wofe.vrt", "-q")
    stack = read(survey / "stack.tif")
    logit = np.log(0.01 / 0.99) + np.select([stack[0] < 2, stack[0] < 5], [-0.5, 0.2], 1.5)
    logit = logit + np.where((stack[2] >= 8) & (stack[2] != -1), 0.7, 0)
    expected = np.where(stack[0] == -1, -9999, 1 / (1 + np.exp(-logit)))
    np.testing.assert_allclose(read(tmp_path / "wofe.vrt")[0], expected, atol=1e-6)
    assert not (tmp_path / "wofe_memberships.vrt").exists()


WRONG = [
    ({"overlay": "average", "layers": [{}]}, "not one of and, or, product, sum, gamma, wofe"),
    ({"layers": []}, "'missing'"),
    ({"overlay": "and", "layers": []}, 'lists no "layers"'),
    ({"overlay": "and", "layers": [{"band": "Gold", "membership": "large"}]}, "no band 'Gold'"),
    ({"overlay": "and", "layers": [{"band": "Au", "membership": "huge"}]}, "'huge'"),
    ({"overlay": "and", "layers": [{"band": "Au", "membership": "large", "spread": 2}]},
     "'midpoint'"),
    ({"overlay": "wofe", "layers": [{"band": "Au", "weights": {"1": 2}}]}, '"prior"'),
    ({"overlay": "wofe", "prior": 0.1, "layers": [{"band": "Au"}]}, '"weights" is missing'),
]


@pytest.mark.parametrize("overlay,message", WRONG)
def test_wrong_overlays(survey, tmp_path, overlay, message):
    (tmp_path / "overlay.json").write_text(json.dumps(overlay))
    done = lode("vrt", "--overlay", tmp_path / "overlay.json", survey / "stack.tif",
                tmp_path / "out.vrt", check=False)
    assert done.returncode == 1 and message in done.stderr
    assert not list(tmp_path.glob("out*"))


def test_wrong_usage(survey, model, tmp_path):
    for words, message in (
            (["--transform", "clr", survey / "stack.tif", tmp_path / "a.lodeview"], ".vrt"),
            ([survey / "stack.tif", tmp_path / "a.lodeview"], "needs a model"),
            ([model, survey / "stack.tif", tmp_path / "a.tif"], ".lodeview or .vrt"),
            (["--bands", "score", model, survey / "stack.tif", tmp_path / "a.vrt"], "--bands")):
        done = lode("vrt", *words, check=False)
        assert done.returncode == 2 and message in done.stderr
    lone = write_raster(tmp_path / "lone.tif", read(survey / "stack.tif")[:2], ELEMENTS[:2], nodata=-1)
    done = lode("vrt", model, lone, tmp_path / "a.lodeview", check=False)
    assert done.returncode == 1 and "Sb, Cu, Zn, Fe2O3" in done.stderr
    done = lode("vrt", survey / "encoder.lode", survey / "stack.tif", tmp_path / "a.vrt", check=False)
    assert done.returncode == 1 and "lode fit" in done.stderr
    assert not list(tmp_path.glob("a*"))


def test_one_file_serves_gdal_of_any_version(survey, model, tmp_path):
    """SourceTransferType and a nodata value are always written: GDAL 3.6 needs both."""
    for words in ((model, survey / "stack.tif"), ("--transform", "ilr", survey / "stack.tif")):
        out = tmp_path / "out.vrt"
        lode("vrt", *words, out, "-q")
        text = out.read_text()
        bands = text.count("<VRTRasterBand")
        assert bands == text.count("<SourceTransferType>Float32<") == text.count("<NoDataValue>")


def test_bytes_of_a_derived_band(survey, model, tmp_path):
    """`gdal_translate -ot Byte` rounds the result, not the sources."""
    out = tmp_path / "score.vrt"
    lode("vrt", model, survey / "stack.tif", out, "-q")
    run("gdal_translate", "-q", "-ot", "Byte", "-scale", "0", "1", "0", "100", "-a_nodata", "255", out,
        tmp_path / "bytes.tif")
    score, rounded = read(out)[0], read(tmp_path / "bytes.tif")[0]
    land = score != -9999
    assert np.abs(rounded[land] - 100 * score[land]).max() <= 0.51

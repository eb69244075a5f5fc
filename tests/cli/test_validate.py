"""lode validate, targets and explain on the simulated survey and, where present, on real ones."""
import json
import os
import re
import shutil
from pathlib import Path

import numpy
import pytest
from osgeo import gdal, ogr

from conftest import ROOT, SAMPLE, run_lode

gdal.UseExceptions()
SHARED = Path(os.environ.get("LODE_SHARED_DATA", ROOT.parent / "shared" / "data"))
FAST = ("--methods", "logistic,element", "--repeats", "2", "--resamples", "200")


def validate(folder, *words, stack=SAMPLE / "stack.tif", deposits=SAMPLE / "deposits.gpkg"):
    report = folder / "report.html"
    done = run_lode("validate", "-q", stack, deposits, report, "--json", folder / "report.json", *words)
    assert done.code == 0, done
    return report.read_text(), json.loads((folder / "report.json").read_text())


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """One validation of the simulated survey that several tests look at: folder, page, JSON."""
    folder = tmp_path_factory.mktemp("judged")
    return (folder, *validate(folder, *FAST, "--fold-map", folder / "folds.tif"))


def is_interval(value):
    return value["low"] <= value["value"] <= value["high"]


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """A head on bands alone is quick to fit and to explain."""
    folder = tmp_path_factory.mktemp("model")
    assert run_lode("pretrain", "-q", SAMPLE / "stack.tif", folder / "encoder.lode", "--steps", "2").code == 0
    done = run_lode("fit", "-q", folder / "encoder.lode", SAMPLE / "stack.tif", SAMPLE / "deposits.gpkg",
                    folder / "model.lode", "--inputs", "bands", "--strength", "0.1")
    assert done.code == 0, done
    done = run_lode("predict", "-q", folder / "model.lode", SAMPLE / "stack.tif", folder / "map.tif")
    assert done.code == 0, done
    return folder


def test_contract_of_the_json(judged):
    folder, _, found = judged
    assert found["folds"] == 5 and found["repeats"] == 2 and found["block_m"] > 0
    assert found["deposits"] == 39
    assert list(found["methods"]) == ["logistic", "element"]
    for method in found["methods"].values():
        assert is_interval(method["auc"]) and is_interval(method["pr_auc"])
        assert method["accuracy"]["low"] <= method["accuracy"]["high"]
        for share in ("0.05", "0.10", "0.20"):
            assert is_interval(method["capture"][share])
    assert is_interval(found["paired"]["logistic-element"]["auc"])
    assert isinstance(found["warnings"], list) and found["command"].startswith("lode validate")
    folds = gdal.Open(str(folder / "folds.tif")).ReadAsArray()
    assert set(folds[folds != -9999]) == {1, 2, 3, 4, 5}


def test_report_needs_nothing_else(judged):
    _, html, found = judged
    assert not re.search(r'(src|href)="(?!data:)', html) and "<script" not in html
    assert "@import" not in html and "url(http" not in html
    assert html.count("<svg") == 5 and html.endswith("</html>\n")
    assert found["command"] in html and found["verdict"].replace("'", "'") in html
    assert re.search(r"<code>[0-9a-f]{64}</code>", html)


def test_same_seed_same_result_whatever_the_threads(survey, tmp_path):
    stack, deposits = survey / "stack.tif", survey / "deposits.gpkg"
    one = validate(tmp_path, *FAST, "--threads", "1", stack=stack, deposits=deposits)[1]
    two = validate(tmp_path, *FAST, "--threads", "3", stack=stack, deposits=deposits)[1]
    assert one["methods"] == two["methods"] and one["paired"] == two["paired"]


def test_sampling_control_stands_in_the_table(tmp_path):
    html, found = validate(tmp_path, "--methods", "element", "--repeats", "1", "--samples", SAMPLE / "samples.gpkg", "--block-shape", "hexagon")
    assert "sampling" in found["methods"] and found["background_within_m_of_samples"] > 0
    assert "sampling density" in html


def test_band_of_sample_distances_is_a_control_and_no_clue(tmp_path):
    """Here the band is the distance to the known deposits: whoever learned from it would be perfect."""
    stack = gdal.Open(str(SAMPLE / "stack.tif"))
    more = gdal.GetDriverByName("GTiff").Create(str(tmp_path / "s.tif"), stack.RasterXSize, stack.RasterYSize,
                                                5, gdal.GDT_Float32)
    more.SetGeoTransform(stack.GetGeoTransform())
    more.SetProjection(stack.GetProjection())
    for band in range(1, 5):
        more.GetRasterBand(band).WriteArray(stack.GetRasterBand(band).ReadAsArray())
        more.GetRasterBand(band).SetDescription(stack.GetRasterBand(band).GetDescription())
    source = ogr.Open(str(SAMPLE / "deposits.gpkg"))
    left, cell, _, top, _, _ = stack.GetGeoTransform()
    rows, columns = numpy.mgrid[0:stack.RasterYSize, 0:stack.RasterXSize]
    distance = numpy.full(rows.shape, 1e9)
    for feature in source.GetLayer(0):
        place = feature.geometry()
        there = numpy.hypot(left + (columns + 0.5) * cell - place.GetX(), top - (rows + 0.5) * cell - place.GetY())
        distance = numpy.minimum(distance, there)
    more.GetRasterBand(5).WriteArray(distance.astype("float32"))
    more.GetRasterBand(5).SetDescription("sample distance")
    more = None
    for words in ((), ("--distance-band", "sample distance")):
        _, found = validate(tmp_path, "--methods", "logistic,element", "--repeats", "1", "--resamples", "100",
                            "--exclusion", "0", *words, stack=tmp_path / "s.tif")
        methods = found["methods"]
        assert list(methods) == ["logistic", "element", "sampling"]
        assert methods["sampling"]["auc"]["value"] > 0.95 > methods["logistic"]["auc"]["value"]
        assert not any("distance" in band for band in methods["element"]["chosen"]["band chosen, times"])
        assert found["background_within_m_of_samples"] <= 500


def test_folds_of_all_repeats_are_told(tmp_path):
    _, found = validate(tmp_path, *FAST, "--block", "30km", "--folds", "6")
    assert len(found["folds_of_repeats"]) == 2 and found["folds"] == min(found["folds_of_repeats"])


def test_report_without_probabilities_says_so(tmp_path):
    html, found = validate(tmp_path, "--methods", "element", "--repeats", "1", "--resamples", "100",
                           "--where", "commodity is not null")
    assert "no reliability diagram" in html and html.count("<svg") == 4
    assert "where commodity is not null" in html and found["where"] == "commodity is not null"
    assert found["deposit_layer"].endswith("deposits.gpkg")


def test_design_is_checked_before_the_training(tmp_path):
    """A pretraining of a million steps would not end within the test."""
    for words, message in ((("--buffer", "500km"), "--buffer"), (("--block", "900km"), "block")):
        done = run_lode("validate", "-q", SAMPLE / "stack.tif", SAMPLE / "deposits.gpkg", tmp_path / "r.html",
                        "--methods", "contrastive", "--steps", "1000000", *words)
        assert done.code == 1 and message in done.err, done


def test_permutations_show_what_chance_gives(tmp_path):
    _, found = validate(tmp_path, "--methods", "element", "--repeats", "1", "--resamples", "200",
                        "--permutations", "12")
    control = found["methods"]["element"]["permutation"]
    assert control["runs"] == 12 and 0.3 < control["mean"] < 0.7
    assert control["lowest"] <= control["mean"] <= control["highest"]
    assert 1 / 13 - 1e-6 <= control["p"] <= 1


def test_clusters_left_out_one_by_one(tmp_path):
    _, found = validate(tmp_path, "--methods", "element", "--repeats", "1", "--resamples", "200",
                        "--block-shape", "cluster", "--block", "8km")
    assert found["block_shape"] == "cluster" and found["folds"] > 5


@pytest.mark.parametrize("words, message", [
    (("--methods", "magic"), "magic"),
    (("--methods", "sampling"), "--samples"),
    (("--where", "1 = 0"), "no feature"),
    (("--methods", "logistic", "--block", "300"), "window"),
    (("--methods", "logistic", "--buffer", "500km"), "--buffer"),
    (("--block-shape", "cluster", "--fold-map", "folds.tif"), "--fold-map"),
])
def test_mistakes_are_named(tmp_path, words, message):
    done = run_lode("validate", "-q", SAMPLE / "stack.tif", SAMPLE / "deposits.gpkg", tmp_path / "r.html", *words)
    assert done.code != 0 and message in done.err, done
    assert not (tmp_path / "r.html").exists()


def test_encoders_that_know_the_deposits_are_refused(quick, tmp_path):
    stack, deposits = SAMPLE / "stack.tif", SAMPLE / "deposits.gpkg"
    done = run_lode("train", "-q", stack, deposits, tmp_path / "t.lode", "--encoder", "mobilenetv2", "--window", "9",
                    "--steps", "1")
    assert done.code == 0, done
    words = ("validate", "-q", stack, deposits, tmp_path / "r.html", "--methods", "contrastive", "--model")
    done = run_lode(*words, tmp_path / "t.lode")
    assert done.code == 1 and "trained with labels" in done.err, done
    done = run_lode(*words, quick / "encoder.lode", "--pretrain-folds", "inductive")
    assert done.code == 2 or done.code == 1, done
    assert "takes no --model" in done.err


def test_models_of_networks_show_no_uncertainty(tmp_path):
    stack, deposits = SAMPLE / "stack.tif", SAMPLE / "deposits.gpkg"
    done = run_lode("train", "-q", stack, deposits, tmp_path / "t.lode", "--encoder", "dense", "--window", "9",
                    "--steps", "1")
    assert done.code == 0, done
    done = run_lode("predict", "-q", tmp_path / "t.lode", stack, tmp_path / "map.tif")
    assert done.code == 0, done
    raster = gdal.Open(str(tmp_path / "map.tif"))
    assert [raster.GetRasterBand(b + 1).GetDescription() for b in range(raster.RasterCount)] == ["score", "percentile"]
    assert "not known" in raster.GetMetadata("LODE")["UNCERTAINTY"]
    done = run_lode("predict", "-q", tmp_path / "t.lode", stack, tmp_path / "no.tif", "--bands", "score,uncertainty")
    assert done.code == 1 and "trained once" in done.err, done


def test_gold_of_saudi_shows_no_skill(tmp_path):
    data = SHARED / "saudi_23n44e"
    if not data.exists():
        pytest.skip(f"no real data at {data}")
    done = run_lode("grid", "-q", data / "samples.gpkg", tmp_path / "stack.tif", "--cell", "2km",
                    "--crs", "EPSG:32638")
    assert done.code == 0, done
    html, found = validate(tmp_path, *FAST, "--where", "is_gold = 1", "--samples", data / "samples.gpkg",
                           stack=tmp_path / "stack.tif", deposits=data / "deposits.gpkg")
    auc = found["methods"]["logistic"]["auc"]
    assert auc["low"] < 0.5 or auc["value"] < 0.65, auc
    assert "no evidence" in html.lower()


# ---- targets ---------------------------------------------------------------------------------------


def test_targets_are_ranked_valid_polygons(quick, tmp_path):
    done = run_lode("targets", "-q", quick / "map.tif", tmp_path / "t.gpkg", "--deposits",
                    SAMPLE / "deposits.gpkg", "--points", tmp_path / "t.gpx", "--json", "-")
    assert done.code == 0, done
    source = ogr.Open(str(tmp_path / "t.gpkg"))
    layer = source.GetLayer("targets")
    deposits = ogr.Open(str(SAMPLE / "deposits.gpkg"))
    names = [feature["name"] for feature in deposits.GetLayer()]
    scores, area, known = [], 0, 0
    for rank, feature in enumerate(layer, start=1):
        assert feature["rank"] == rank and feature.geometry().IsValid()
        assert abs(feature.geometry().Area() / 1e6 - feature["area_km2"]) < 1e-6
        assert feature["score_mean"] <= feature["score_max"] and 0 <= feature["covered"] <= 1
        assert feature["known"] == 0 or feature["distance_m"] == 0
        assert feature["nearest_name"] == names[feature["nearest"] - 1]
        scores.append(feature["score_mean"])
        area += feature["area_km2"]
        known += feature["known"]
    assert scores == sorted(scores, reverse=True) and len(scores) == done.json["targets"]
    assert abs(area - done.json["area_km2"]) < 1e-6 and known == done.json["known_deposits_inside"]
    assert 0.03 < area / (200 * 200 * 0.25) < 0.07  # five per cent asked for, smoothing aside
    assert source.GetLayer("layer_styles").GetNextFeature()["f_table_name"] == "targets"
    field = ogr.Open(str(tmp_path / "t.gpx"))
    waypoints = field.GetLayer("waypoints")
    assert waypoints.GetFeatureCount() == len(scores) and waypoints.GetNextFeature()["name"] == "Target 1"


def test_targets_of_any_raster(tmp_path):
    """A hand-made raster: a ring of high scores keeps its hole, a patch of one cell is dropped."""
    raster = gdal.GetDriverByName("GTiff").Create(str(tmp_path / "r.tif"), 20, 20, 1, gdal.GDT_Float32)
    raster.SetGeoTransform((0, 100, 0, 2000, 0, -100))
    values = raster.ReadAsArray() * 0
    values[2:9, 2:9] = 1
    values[4:7, 4:7] = 0
    values[15, 15] = 1
    raster.GetRasterBand(1).WriteArray(values)
    del raster
    done = run_lode("targets", "-q", tmp_path / "r.tif", tmp_path / "t.geojson", "--threshold", "0.5",
                    "--smooth", "0", "--close", "0", "--json", "-")
    assert done.code == 0 and done.json["targets"] == 1, done
    source = ogr.Open(str(tmp_path / "t.geojson"))
    target = source.GetLayer(0).GetNextFeature()
    shape = target.geometry()
    assert shape.GetGeometryRef(0).GetGeometryCount() == 2
    assert run_lode("targets", "-q", tmp_path / "r.tif", tmp_path / "t.xyz").code == 2


# ---- explain ---------------------------------------------------------------------------------------


def test_contributions_add_up_to_the_score(quick, tmp_path):
    done = run_lode("explain", "-q", quick / "model.lode", SAMPLE / "stack.tif", tmp_path / "e.tif", "--json", "-")
    assert done.code == 0, done
    assert done.json["unexplained"] < 1e-3
    bands = [band["band"] for band in done.json["bands"]]
    assert len(bands) == 39 and "Au" in bands[:5]  # gold deposits: their own element raises the score
    raster = gdal.Open(str(tmp_path / "e.tif"))
    assert raster.RasterCount == 39 and raster.GetRasterBand(1).GetNoDataValue() == -9999
    done = run_lode("targets", "-q", quick / "map.tif", tmp_path / "t.gpkg", "--attribution", tmp_path / "e.tif")
    assert done.code == 0, done
    source = ogr.Open(str(tmp_path / "t.gpkg"))
    first = source.GetLayer("targets").GetNextFeature()
    assert len(first["elements"].split(", ")) == 3


def test_importance_finds_the_halo(quick, tmp_path):
    """The simulator put gold and its pathfinders into the haloes; rare earths it left alone. Of the deposits
    that the model was never told of, too."""
    stack = SAMPLE / "stack.tif"
    words = ("explain", "-q", quick / "model.lode", stack, tmp_path / "e.tif", "--json", "-", "--groups")
    halo = "halo=Au,Ag,As,Sb,Hg,Bi,W,Mo,Cu,Pb,Zn,Cd;rare earths=La,Y,Th;Ba,Zr,Nb"
    for deposits in (SAMPLE / "deposits.gpkg", SAMPLE / "truth.gpkg"):
        done = run_lode(*words, halo, "--deposits", deposits)
        assert done.code == 0, done
        found = done.json["importance"]
        groups = {group["group"]: group for group in found["groups"]}
        assert list(groups)[0] in ("halo", "all others") and groups["halo"]["loss"] > 0.03
        assert groups["halo"]["loss"] > 4 * max(groups["rare earths"]["loss"], groups["Ba, Nb, Zr"]["loss"])
        assert all(abs(found["auc"] - g["auc"] - g["loss"]) < 1e-6 for g in groups.values())
    again = run_lode(*words, halo, "--deposits", deposits, "--threads", "1")
    assert again.json["importance"] == found
    done = run_lode(*words, "each", "--deposits", SAMPLE / "deposits.gpkg")
    assert len(done.json["importance"]["groups"]) == 39 and "Au" in [
        group["group"] for group in done.json["importance"]["groups"][:3]]


@pytest.mark.parametrize("words, message", [
    (("--groups", "Au,As"), "--deposits"),
    (("--groups", "Au,Xx", "--deposits", str(SAMPLE / "deposits.gpkg")), "'Xx'"),
    (("--deposits", "nowhere.gpkg"), "nowhere.gpkg"),
])
def test_mistakes_of_importance_are_named(quick, tmp_path, words, message):
    done = run_lode("explain", "-q", quick / "model.lode", SAMPLE / "stack.tif", tmp_path / "e.tif", *words)
    assert done.code != 0 and message in done.err, done
    assert not (tmp_path / "e.tif").exists()


def test_map_of_chosen_elements_can_be_moved(survey, tmp_path):
    """--bands are elements here and in `pretrain`; in `predict` and `vrt` they are results."""
    shutil.copy(survey / "stack.tif", tmp_path / "stack.tif")
    done = run_lode("map", tmp_path / "stack.tif", survey / "deposits.gpkg", tmp_path / "out", "--steps", 2,
                    "--window", 9, "--folds", 2, "--repeats", 1, "--methods", "element", "--bands", "Au,As,Bi", "-q")
    assert done.code == 0, done
    about = run_lode("info", tmp_path / "out" / "model.lode", "-q", "--json", tmp_path / "model.json")
    assert about.code == 0 and json.loads((tmp_path / "model.json").read_text())["elements"] == ["Au", "As", "Bi"]
    view = (tmp_path / "out" / "prospectivity.lodeview").read_text()
    assert "<Model>model.lode</Model>" in view and "<Stack>../stack.tif</Stack>" in view


def test_report_of_a_map_lists_its_best_targets(survey, tmp_path):
    done = run_lode("map", survey / "stack.tif", survey / "deposits.gpkg", tmp_path / "out", "--steps", 2,
                    "--window", 9, "--folds", 2, "--repeats", 1, "--methods", "logistic", "-q", "--json", "-")
    assert done.code == 0, done
    warnings = [line for line in done.err.splitlines() if line.startswith("Warning")]
    assert len(warnings) == len(set(warnings)), done  # fit and validate read the same deposits
    page = (tmp_path / "out" / "report.html").read_text()
    rows = page.split("<h2>Targets</h2>")[1].split("</table>")[0].split("<tr>")[2:]
    source = ogr.Open(str(tmp_path / "out" / "targets.gpkg"))
    layer = list(source.GetLayer("targets"))
    assert len(rows) == min(10, len(layer)) > 0
    assert f"makes {len(layer)} targets" in page and done.json["targets"] == len(layer)
    for row, target in zip(rows, layer):
        assert f"<b>{target['rank']}</b>" in row and f"<td>{target['nearest_name']}</td>" in row
        assert f"{target['x']:.0f}, {target['y']:.0f}" in row
        assert ("inside" in row) == (target["known"] > 0)

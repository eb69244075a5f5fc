"""lode predict's compressions: other bytes, the same map."""
import numpy
import pytest
from osgeo import gdal

gdal.UseExceptions()


def predicted(lode, model, survey, path, *options):
    done = lode("predict", model, survey / "stack.tif", path, "--bands", "score,embedding", "-q", *options)
    assert done.code == 0, done
    source = gdal.Open(str(path))
    return source.GetMetadataItem("COMPRESSION", "IMAGE_STRUCTURE"), source.ReadAsArray()


@pytest.fixture(scope="module")
def usual(lode, model, survey, tmp_path_factory):
    return predicted(lode, model, survey, tmp_path_factory.mktemp("usual") / "map.tif")


def offers_zstd():
    return "ZSTD" in gdal.GetDriverByName("GTiff").GetMetadataItem("DMD_CREATIONOPTIONLIST")


def test_default_compression(usual):
    assert usual[0] == ("ZSTD" if offers_zstd() else "DEFLATE")


@pytest.mark.parametrize("name, found", [("zstd", "ZSTD"), ("deflate", "DEFLATE"), ("none", None)])
def test_compressions_hold_the_same_map(lode, model, survey, usual, tmp_path, name, found):
    if name == "zstd" and not offers_zstd():
        pytest.skip("this GDAL writes no ZSTD")
    compression, values = predicted(lode, model, survey, tmp_path / "map.tif", "--compress", name)
    assert compression == found
    assert numpy.array_equal(values, usual[1])


@pytest.mark.parametrize("options, found", [((), "DEFLATE"), (("--compress", "none"), None)])
def test_compression_of_a_cloud_optimized_map(lode, model, survey, usual, tmp_path, options, found):
    compression, values = predicted(lode, model, survey, tmp_path / "map.tif", "--merge", *options)
    assert compression == found
    assert numpy.array_equal(values, usual[1])


def test_unknown_compression(lode, model, survey, tmp_path):
    done = lode("predict", model, survey / "stack.tif", tmp_path / "map.tif", "--compress", "lzma")
    assert done.code == 2
    assert "compress" in done.err and "zstd" in done.err
    assert not list(tmp_path.iterdir())

"""The functions as steps of a VRTProcessedDataset: the same numbers as the pixel functions."""
import numpy as np
import pytest
from conftest import write_raster
from osgeo import gdal
from test_functions import NODATA, derived, source_file

pytestmark = pytest.mark.skipif(int(gdal.VersionInfo("VERSION_NUM")) < 3090000,
                                reason="GDAL has VRTProcessedDataset from 3.9 on")


def stack_of(count, seed=1):
    random = np.random.default_rng(seed)
    planes = np.exp(random.standard_normal((count, 40, 300))).astype(np.float32)
    planes[1, 3, 4] = NODATA
    planes[:, 7, 9] = NODATA
    planes[2, 8, 8] = np.nan
    return planes


def processed(steps, outputs, path):
    listed = "".join(
        f"<Step><Algorithm>{name}</Algorithm>" +
        "".join(f'<Argument name="{key}">{value}</Argument>' for key, value in arguments.items()) +
        "</Step>" for name, arguments in steps)
    bands = "".join(f'<VRTRasterBand dataType="Float32" band="{i + 1}" '
                    'subClass="VRTProcessedRasterBand"><NoDataValue>-9999</NoDataValue>'
                    "</VRTRasterBand>" for i in range(outputs))
    return ('<VRTDataset subClass="VRTProcessedDataset"><Input><SourceFilename relativeToVRT="0">'
            f"{path}</SourceFilename></Input><ProcessingSteps>{listed}</ProcessingSteps>{bands}"
            "</VRTDataset>")


def one_by_one(function, arguments, picks, planes):
    paths = [source_file(f"part{k}", plane) for k, plane in enumerate(planes)]
    size = planes.shape[2], planes.shape[1]
    return np.array([gdal.Open(derived(function, {**arguments, **pick}, paths, size)).ReadAsArray()
                     for pick in picks])


CASES = [
    ("lode_clr", {}, [{"part": str(i)} for i in range(1, 6)]),
    ("lode_clr", {"floor": "0.5"}, [{"part": str(i)} for i in range(1, 6)]),
    ("lode_ilr", {}, [{"coordinate": str(i)} for i in range(1, 5)]),
    ("lode_fuzzy_gamma", {"gamma": "0.8", "missing": "skip"}, [{}]),
    ("lode_score", {"weights": "1 -1 2 -2 0.5", "bias": "0.1"}, [{}]),
    ("lode_entropy", {}, [{}]),
]


@pytest.mark.parametrize("function,arguments,picks", CASES)
def test_step_equals_pixel_function(function, arguments, picks, tmp_path):
    planes = stack_of(5)
    path = write_raster(tmp_path / "stack.tif", planes, nodata=NODATA)
    dataset = gdal.Open(processed([(function, arguments)], len(picks), path))
    expected = one_by_one(function, arguments, picks, planes)
    got = dataset.ReadAsArray().reshape(expected.shape)
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-6)
    piece = dataset.ReadAsArray(11, 5, 100, 20).reshape(len(picks), 20, 100)
    assert np.array_equal(piece, got[:, 5:25, 11:111])


def test_one_source_functions_apply_to_every_band(tmp_path):
    planes = stack_of(3)
    path = write_raster(tmp_path / "stack.tif", planes, nodata=NODATA)
    got = gdal.Open(processed([("lode_zscore", {"centre": "1", "scale": "2"})], 3, path)).ReadAsArray()
    for k in range(3):
        expected = one_by_one("lode_zscore", {"centre": "1", "scale": "2"}, [{}], planes[k:k + 1])
        np.testing.assert_allclose(got[k], expected[0], rtol=1e-6)


def test_steps_in_a_row(tmp_path):
    """Membership of every band, then their overlay: a fuzzy map in one file."""
    planes = stack_of(4)
    path = write_raster(tmp_path / "stack.tif", planes, nodata=NODATA)
    got = gdal.Open(processed([("lode_fuzzy_large", {"midpoint": "1", "spread": "2"}),
                               ("lode_fuzzy_product", {})], 1, path)).ReadAsArray()
    masked = np.ma.masked_invalid(np.ma.masked_equal(planes, NODATA)).astype(np.float64)
    expected = (1 - 1 / (1 + masked ** 2)).prod(axis=0)
    expected = np.where(np.ma.getmaskarray(masked).any(axis=0), NODATA, expected)
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_wrong_arguments(tmp_path):
    path = write_raster(tmp_path / "stack.tif", stack_of(3), nodata=NODATA)
    with pytest.raises(RuntimeError, match="lode_score: weights has 2 values for 3 sources"):
        gdal.Open(processed([("lode_score", {"weights": "1 2"})], 1, path)).ReadAsArray()

"""The pixel functions: hand-worked cases, types, nodata, messages, threads."""
import locale
import math
import pathlib
import re
import threading
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest
from osgeo import gdal

NODATA = -9999.0
CASES = pathlib.Path(__file__).with_name("functions.cases").read_text().splitlines()
ALL_FUNCTIONS = sorted({line.split()[0] for line in CASES if line.startswith("lode_")})


def source_file(name, values, data_type=gdal.GDT_Float32):
    """A one-band raster in memory from values[row][column]."""
    values = np.atleast_2d(values)
    path = f"/vsimem/{name}.tif"
    dataset = gdal.GetDriverByName("GTiff").Create(path, values.shape[1], values.shape[0], 1,
                                                   data_type)
    dataset.GetRasterBand(1).WriteArray(values)
    return path


def derived(function, arguments, sources, size, transfer="Float32", data_type="Float32",
            nodata=NODATA):
    """A VRT, as XML text, with one derived band."""
    given = "".join(f" {name}={quoteattr(value)}" for name, value in arguments.items())
    parts = "".join(f'<SimpleSource><SourceFilename relativeToVRT="0">{path}</SourceFilename>'
                    "<SourceBand>1</SourceBand></SimpleSource>" for path in sources)
    empty = f"<NoDataValue>{nodata!r}</NoDataValue>" if nodata is not None else ""
    moved = f"<SourceTransferType>{transfer}</SourceTransferType>" if transfer else ""
    return (f'<VRTDataset rasterXSize="{size[0]}" rasterYSize="{size[1]}">'
            f'<VRTRasterBand dataType="{data_type}" band="1" subClass="VRTDerivedRasterBand">'
            f"{empty}<PixelFunctionType>{function}</PixelFunctionType>"
            f"<PixelFunctionArguments{given}/>{moved}{parts}</VRTRasterBand></VRTDataset>")


def evaluate(function, arguments, values, **more):
    """One cell of each source -> the result."""
    paths = [source_file(f"cell{i}", [[value]]) for i, value in enumerate(values)]
    return gdal.Open(derived(function, arguments, paths, (1, 1), **more)).ReadAsArray()[0, 0]


def parse(line):
    call, sources, expected = (part.strip() for part in line.split("|"))
    function, _, rest = call.partition(" ")
    arguments = {name: text or word
                 for name, text, word in re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', rest)}
    values = [NODATA if word == "-" else float(word) for word in sources.split()]
    return function, arguments, values, NODATA if expected == "-" else float(expected)


@pytest.mark.parametrize("line", [line for line in CASES if line.startswith("lode_")])
def test_case(line):
    function, arguments, values, expected = parse(line)
    assert evaluate(function, arguments, values) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("line", [line for line in CASES if line.startswith("lode_")])
def test_case_as_doubles(line):
    function, arguments, values, expected = parse(line)
    result = evaluate(function, arguments, values, transfer="Float64", data_type="Float64")
    assert result == pytest.approx(expected, abs=1e-7)


def test_every_function_has_cases():
    names = "score clr alr ilr censor zscore winsor logistic fuzzy_linear fuzzy_large fuzzy_small " \
            "fuzzy_near fuzzy_gaussian fuzzy_and fuzzy_or fuzzy_product fuzzy_sum fuzzy_gamma wofe " \
            "entropy percentile"
    assert ALL_FUNCTIONS == sorted("lode_" + name for name in names.split())


def test_clr_of_39_bands():
    random = np.random.default_rng(1)
    planes = np.exp(random.standard_normal((39, 12, 300))).astype(np.float32)
    planes[5, 3, 4] = NODATA
    paths = [source_file(f"part{k}", plane) for k, plane in enumerate(planes)]
    masked = np.ma.masked_equal(planes, NODATA).astype(np.float64)
    expected = np.ma.log(masked) - np.ma.log(masked).mean(axis=0)
    for part in (1, 6, 39):
        got = gdal.Open(derived("lode_clr", {"part": str(part)}, paths, (300, 12))).ReadAsArray()
        np.testing.assert_allclose(got, expected[part - 1].filled(NODATA), atol=2e-6)


WRONG = [
    ("lode_clr", {}, 2, "the argument 'part' is missing"),
    ("lode_clr", {"part": "3"}, 2, "part=3 must be a whole number from 1 to 2"),
    ("lode_clr", {"part": "1.5"}, 2, "part=1.5 must be a whole number"),
    ("lode_clr", {"part": "one"}, 2, "part='one' is not a number"),
    ("lode_clr", {"part": "1"}, 1, "needs at least 2 sources; the band has 1"),
    ("lode_clr", {"part": "1", "flor": "3"}, 2, "there is no argument 'flor'"),
    ("lode_clr", {"part": "1", "floor": "1 2 3"}, 2, "floor has 3 values"),
    ("lode_clr", {"part": "1", "floor": "0"}, 2, "every floor must be above zero"),
    ("lode_alr", {"part": "1", "denominator": "5"}, 2, "denominator=5 must be"),
    ("lode_ilr", {"coordinate": "2"}, 2, "coordinate=2 must be a whole number from 1 to 1"),
    ("lode_censor", {"limit": "-1"}, 1, "limit must be zero or more"),
    ("lode_censor", {"factor": "2"}, 1, "factor must lie above 0"),
    ("lode_zscore", {"centre": "1", "scale": "0"}, 1, "scale must be above zero"),
    ("lode_zscore", {"centre": "1", "scale": "1", "log": "maybe"}, 1, "log='maybe' is not one of"),
    ("lode_zscore", {"centre": "1", "scale": "1"}, 2, "takes at most 1 source; the band has 2"),
    ("lode_winsor", {"low": "2", "high": "1"}, 1, "low must not lie above high"),
    ("lode_percentile", {"breaks": "1"}, 1, "needs at least two values"),
    ("lode_percentile", {"breaks": "1 3 2"}, 1, "breaks must ascend; value 3"),
    ("lode_percentile", {"breaks": "1,3"}, 1, "not a list of numbers with spaces"),
    ("lode_fuzzy_linear", {"low": "1", "high": "1"}, 1, "two different numbers"),
    ("lode_fuzzy_large", {"midpoint": "0"}, 1, "midpoint must be above zero"),
    ("lode_fuzzy_near", {"midpoint": "0", "spread": "-1"}, 1, "spread must be above zero"),
    ("lode_fuzzy_gamma", {"gamma": "1.5"}, 2, "gamma must lie between 0 and 1"),
    ("lode_fuzzy_and", {"missing": "keep"}, 2, "missing='keep' is not one of nodata|skip"),
    ("lode_wofe", {"prior": "1", "weights": "1:1"}, 1, "prior must lie between 0 and 1"),
    ("lode_wofe", {"prior": "0.1", "weights": "1:1"}, 2, "weights has 1 lists for 2 sources"),
    ("lode_wofe", {"prior": "0.1", "weights": "1=1"}, 1, "'1=1' is neither"),
    ("lode_wofe", {"prior": "0.1", "weights": "5..1:1"}, 1, "'5..1:1' is neither"),
    ("lode_score", {"weights": "1 2 3"}, 2, "weights has 3 values for 2 sources"),
    ("lode_score", {"weights": "1 x"}, 2, "not a list of numbers"),
    ("lode_score", {"weights": "1 nan"}, 2, "not a list of numbers"),
    ("lode_score", {"weights": "1 1", "link": "probit"}, 2, "link='probit' is not one of"),
]


@pytest.mark.parametrize("function,arguments,count,message", WRONG)
def test_wrong_arguments_name_function_and_argument(function, arguments, count, message):
    with pytest.raises(RuntimeError) as caught:
        evaluate(function, arguments, [0.5] * count)
    assert f"{function}: " in str(caught.value) and message in str(caught.value)


def test_bytes_are_refused_with_the_remedy():
    path = source_file("bytes", [[3]], gdal.GDT_Byte)
    xml = derived("lode_winsor", {"low": "1"}, [path], (1, 1), transfer="Byte")
    with pytest.raises(RuntimeError, match="SourceTransferType>Float32"):
        gdal.Open(xml).ReadAsArray()


@pytest.mark.parametrize("asked,expected", [(gdal.GDT_Byte, 81), (gdal.GDT_Int16, 81),
                                            (gdal.GDT_Float32, 80.6), (gdal.GDT_Float64, 80.6)])
def test_other_output_types_round_the_result_not_the_sources(asked, expected):
    """`gdal_translate -ot Byte` must not turn the sources into bytes first."""
    path = source_file("fraction", [[0.806]])
    xml = derived("lode_fuzzy_linear", {"low": "0", "high": "1"}, [path], (1, 1))
    scaled = gdal.Open(derived("lode_percentile", {"breaks": "0 1"}, [path], (1, 1)))
    got = scaled.GetRasterBand(1).ReadAsArray(buf_type=asked)[0, 0]
    assert got == pytest.approx(expected, abs=1e-4)
    out = gdal.Translate("/vsimem/rounded.tif", gdal.Open(xml), outputType=asked)
    assert out.ReadAsArray()[0, 0] == pytest.approx(
        1 if asked in (gdal.GDT_Byte, gdal.GDT_Int16) else 0.806, abs=1e-6)


def test_extreme_nodata_of_float32():
    """-3.4e38 in decimal is not the float next to it; both are compared as Float32."""
    lowest = float(np.finfo(np.float32).min)
    path = source_file("lowest", [[lowest, 4.0]])
    xml = derived("lode_winsor", {"low": "5"}, [path], (2, 1), nodata=-3.4028234663852886e38)
    assert gdal.Open(xml).ReadAsArray().tolist() == [[lowest, 5.0]]


def test_nan_as_nodata():
    path = source_file("withnan", [[math.nan, 4.0]])
    got = gdal.Open(derived("lode_winsor", {"low": "5"}, [path], (2, 1),
                            nodata=math.nan)).ReadAsArray()
    assert np.isnan(got[0, 0]) and got[0, 1] == 5


def test_sources_with_their_own_nodata():
    """A ComplexSource with <NODATA> brings another nodata value to the band's."""
    path = source_file("own", [[0.0, 4.0]])
    xml = derived("lode_winsor", {"low": "5"}, [path], (2, 1)).replace("SimpleSource",
                                                                        "ComplexSource")
    xml = xml.replace("</SourceBand>", "</SourceBand><NODATA>0</NODATA>")
    assert gdal.Open(xml).ReadAsArray().tolist() == [[NODATA, 5.0]]


def test_numbers_do_not_depend_on_the_locale():
    for name in ("de_DE.UTF-8", "fr_FR.UTF-8"):
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
        try:
            assert evaluate("lode_winsor", {"low": "0.5"}, [0.25]) == 0.5
        finally:
            locale.setlocale(locale.LC_ALL, "C")


def test_pieces_equal_the_whole():
    random = np.random.default_rng(2)
    values = random.random((3, 70, 700)).astype(np.float32)
    paths = [source_file(f"whole{k}", plane) for k, plane in enumerate(values)]
    dataset = gdal.Open(derived("lode_fuzzy_gamma", {}, paths, (700, 70)))
    whole = dataset.ReadAsArray()
    for _ in range(60):
        x, y = int(random.integers(0, 690)), int(random.integers(0, 65))
        width, height = int(random.integers(1, 701 - x)), int(random.integers(1, 71 - y))
        piece = dataset.ReadAsArray(x, y, width, height)
        assert np.array_equal(piece, whole[y:y + height, x:x + width])


def test_many_threads_at_once():
    random = np.random.default_rng(3)
    values = random.random((4, 64, 300)).astype(np.float32)
    paths = [source_file(f"shared{k}", plane) for k, plane in enumerate(values)]
    xml = derived("lode_score", {"weights": "1 -2 3 -4", "bias": "0.5"}, paths, (300, 64))
    expected = gdal.Open(xml).ReadAsArray()
    wrong = []

    def work():
        for _ in range(10):
            if not np.array_equal(gdal.Open(xml).ReadAsArray(), expected):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong

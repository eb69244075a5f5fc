"""waiting.py - what a user waits for besides the computing: `lode --help`, opening a model, one window of a
100,000 x 100,000 stack, and the whole of `lode map` on the sample data with its peak memory.

Run with /usr/bin/python3; LODE_BUILD names the build folder. Times are the best of several runs, `lode
--help` beside an empty C program."""
import ctypes
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from measure import measured

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LODE_BUILD", ROOT / "build"))
LODE, SAMPLE = BUILD / "bin" / "lode", ROOT / "sample_data"
SIDE = 100000


def best(run, times=20):
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return min(taken)


def command(*words, **options):
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL, **options)


def open_model(library, path):
    model = ctypes.c_void_p()
    if library.lode_model_open(str(path).encode(), ctypes.byref(model)):
        sys.exit("the model cannot be opened")
    library.lode_model_close(model)


def virtual_stack(path):
    """A stack of SIDE x SIDE cells whose only data is the sample stack at 50000, 50000."""
    from osgeo import gdal
    gdal.UseExceptions()
    source = gdal.Open(str(SAMPLE / "stack.tif"))
    left, cell, _, top, _, _ = source.GetGeoTransform()
    half = SIDE // 2
    bands = []
    for index in range(1, source.RasterCount + 1):
        name = source.GetRasterBand(index).GetDescription()
        nodata = source.GetRasterBand(index).GetNoDataValue()
        size = f'xSize="{source.RasterXSize}" ySize="{source.RasterYSize}"'
        bands.append(f"""<VRTRasterBand dataType="Float32" band="{index}"><Description>{name}</Description>
<NoDataValue>{nodata}</NoDataValue><SimpleSource><SourceFilename>{SAMPLE / "stack.tif"}</SourceFilename>
<SourceBand>{index}</SourceBand><SrcRect xOff="0" yOff="0" {size}/><DstRect xOff="{half}" yOff="{half}" {size}/>
</SimpleSource></VRTRasterBand>""")
    path.write_text(f"""<VRTDataset rasterXSize="{SIDE}" rasterYSize="{SIDE}"><SRS>{source.GetProjection()
        .replace('"', "&quot;")}</SRS><GeoTransform>{left - half * cell},{cell},0,{top + half * cell},0,{-cell}
</GeoTransform>{"".join(bands)}</VRTDataset>""")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "empty.c").write_text("int main(void) { return 0; }")
        command("cc", folder / "empty.c", "-o", folder / "empty")
        ours, empty = best(lambda: command(LODE, "--help")), best(lambda: command(folder / "empty"))
        print(f"lode --help: {1e3 * ours:.1f} ms (an empty program: {1e3 * empty:.1f} ms)")
        wall, processor, memory = measured(LODE, "map", SAMPLE / "stack.tif", SAMPLE / "deposits.gpkg",
                                           folder / "map", "-q")
        print(f"lode map on the sample data: {wall:.0f} s, {processor:.0f} s of processor, {memory:.0f} MB")
        model = folder / "map" / "model.lode"
        library = ctypes.CDLL(str(BUILD / "lib" / "liblode.so"))
        library.lode_model_close.argtypes = [ctypes.c_void_p]
        print(f"opening its model: {1e3 * best(lambda: open_model(library, model)):.2f} ms")
        virtual_stack(folder / "huge.vrt")
        window = (SIDE // 2, SIDE // 2, 512, 512)
        wall, _, memory = measured(
            "gdal_translate", "-q", "-srcwin", *window, f'LODE:"{model}":"{folder / "huge.vrt"}"',
            folder / "window.tif", env={**os.environ, "GDAL_DRIVER_PATH": str(BUILD / "lib" / "gdalplugins")})
        print(f"a 512 x 512 window of a {SIDE} x {SIDE} stack: {wall:.1f} s, {memory:.0f} MB at most")


if __name__ == "__main__":
    main()

"""Styles of Lode's layers: which one fits a layer, and how it is put on.

The .qml files hold the look and may be restyled in QGIS; this file binds them to the right band,
range and column.
"""
import math
import os

from qgis.core import (QgsBasicNumericFormat, QgsCategorizedSymbolRenderer,
                       QgsColorRampLegendNodeSettings, QgsMapLayer, QgsRasterLayer,
                       QgsRendererCategory, QgsVectorLayer)
from qgis.PyQt.QtGui import QColor

from ..enums import LINE, POINT, POLYGON
from ..text import later, tr
from ..values import band_names

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE_CELLS = 40000  # cells read for the range of a band
# Okabe and Ito's colours, told apart by colour-blind readers.
CATEGORY_COLORS = ("#d55e00", "#0072b2", "#e69f00", "#cc79a7", "#009e73", "#56b4e9", "#f0e442",
                   "#000000")
COMMODITY_COLUMNS = ("commodity", "commodities", "mineral", "element", "type")
BAND_STYLES = ("score", "percentile", "uncertainty", "support", "anomaly")
RASTER_EXTENSIONS = (".tif", ".tiff", ".vrt", ".lodeview")
FIXED_RANGE = ("percentile", "percentile_classes")
CLASSES = (later("below 80"), later("80 to 90"), later("90 to 95"), later("95 to 99"),
           later("99 and above"))  # labels in percentile_classes.qml


def style_title(name):
    """Name of a style as users read it."""
    titles = {"score": tr("Score"), "percentile": tr("Percentile"),
              "percentile_classes": tr("Percentile classes (80, 90, 95, 99)"),
              "uncertainty": tr("Uncertainty"), "support": tr("Support"),
              "anomaly": tr("Anomaly"), "attribution": tr("Attribution"),
              "element": tr("Element"), "embedding": tr("Embedding as colours"),
              "targets": tr("Targets by rank"), "deposits": tr("Deposits by commodity"),
              "samples": tr("Samples")}
    return titles[name]


POINTS = 4  # height() of point layers
STYLE_NAMES = ("score", "percentile", "percentile_classes", "uncertainty", "support", "anomaly",
               "attribution", "element", "targets", "deposits", "samples")
EMBEDDING = "embedding"  # not a style of the layer but a picture made from it: colours.py


def is_vector(layer):
    """Whether a layer is a vector layer."""
    return isinstance(layer, QgsVectorLayer)


def height(layer):
    """How high a layer lies in its group: points over lines over targets over rasters over other
    polygons."""
    if not is_vector(layer):
        return 1
    if layer.geometryType() == POLYGON:
        return 2 if fitting_styles(layer) else 0
    return {POINT: POINTS, LINE: 3}.get(layer.geometryType(), 5)


def fitting_styles(layer):
    """Names of the styles that fit a layer, the default first."""
    if is_vector(layer):
        return _fitting_vector(layer)
    if not isinstance(layer, QgsRasterLayer) or layer.dataProvider() is None:
        return []
    names = [name.lower() for name in band_names(layer)]
    fitting = [name for name in BAND_STYLES if name in names]
    if "percentile" in fitting:
        fitting.insert(fitting.index("percentile") + 1, "percentile_classes")
    if not fitting and len(names) > 3 and names[:3] != ["red", "green", "blue"]:
        fitting.append("element")
    return fitting


def _fitting_vector(layer):
    if layer.fields().lookupField("rank") >= 0 and layer.geometryType() == POLYGON:
        return ["targets"]
    if layer.geometryType() == POINT:
        return ["deposits"] if _commodity_column(layer) else ["samples"]
    return []


def apply(layer, name):
    """Puts a style on a layer; returns False when it does not fit."""
    _, loaded = layer.loadNamedStyle(os.path.join(HERE, name + ".qml"))
    if not loaded:
        return False
    if is_vector(layer):
        if name == "deposits":
            _categorise(layer, _commodity_column(layer))
    else:
        _bind_band(layer, name)
    layer.triggerRepaint()
    return True


def dress(layer):
    """Gives a layer every style that fits, to be chosen under Styles in its menu."""
    fitting = fitting_styles(layer)
    for name in fitting:
        if apply(layer, name) and len(fitting) > 1:
            layer.styleManager().addStyleFromLayer(style_title(name))
    if len(fitting) > 1:
        layer.styleManager().setCurrentStyle(style_title(fitting[0]))
        layer.styleManager().removeStyle(layer.styleManager().defaultStyleName()
                                         if hasattr(layer.styleManager(), "defaultStyleName")
                                         else "default")


def write_beside(path, feedback=None):
    """Writes NAME.qml beside a layer file that has none, so that the style is found wherever the
    file is opened."""
    sidecar, statistics = os.path.splitext(path)[0] + ".qml", path + ".aux.xml"
    if path.startswith("/vsi") or os.path.exists(sidecar):
        return
    had_statistics = os.path.exists(statistics)
    _write_style(path, sidecar, feedback)
    if not had_statistics and os.path.exists(statistics):
        os.remove(statistics)  # QGIS leaves it when it opens a raster


def _write_style(path, sidecar, feedback):
    raster = os.path.splitext(path)[1].lower() in RASTER_EXTENSIONS
    layer = QgsRasterLayer(path, "layer") if raster else QgsVectorLayer(path, "layer", "ogr")
    fitting = fitting_styles(layer) if layer.isValid() else []
    if fitting and apply(layer, fitting[0]):
        message, written = layer.saveNamedStyle(sidecar, QgsMapLayer.StyleCategory.Symbology
                                                | QgsMapLayer.StyleCategory.Labeling)
        if not written and feedback is not None:
            feedback.pushDebugInfo(message)


# ---- Rasters ----------------------------------------------------------------------------------

def _band_of(layer, name):
    """The band a style shows: the one called so, else gold, else the first."""
    names = [band.lower() for band in band_names(layer)]
    wanted = "percentile" if name == "percentile_classes" else name
    for candidate in (wanted, "au") if name == "element" else (wanted,):
        if candidate in names:
            return names.index(candidate) + 1
    return 1


def _sample(layer, band):
    """Values of a band at up to SAMPLE_CELLS cells, sorted. QGIS's own statistics would leave an
    .aux.xml file beside the raster."""
    provider = layer.dataProvider()
    step = max(1.0, (layer.width() * layer.height() / SAMPLE_CELLS) ** 0.5)
    block = provider.block(band, layer.extent(), max(1, int(layer.width() / step)),
                           max(1, int(layer.height() / step)))
    values = (block.value(cell) for cell in range(block.width() * block.height())
              if not block.isNoData(cell))
    return sorted(value for value in values if not math.isnan(value))


def _range(layer, band, cut=0.0):
    """Smallest and largest value of a band, without a share of the cells at either end."""
    values = _sample(layer, band)
    if not values:
        return 0.0, 1.0
    skip = int(cut * (len(values) - 1))
    low, high = values[skip], values[-1 - skip]
    return (low, high) if high > low else (low, low + 1)


def _set_band(renderer, band):
    if hasattr(renderer, "setInputBand"):  # QGIS 3.38 and newer
        renderer.setInputBand(band)
    else:
        renderer.setBand(band)


def _bind_band(layer, name):
    band, renderer = _band_of(layer, name), layer.renderer().clone()
    _set_band(renderer, band)
    shader = renderer.shader()
    ramp = shader.rasterShaderFunction()
    if name not in FIXED_RANGE:
        low, high = _range(layer, band, 0.02 if name in ("element", "attribution") else 0.0)
        if name == "attribution":
            high = max(abs(low), abs(high))
            low = -high
        _stretch(ramp, low, high)
        renderer.setClassificationMin(low)
        renderer.setClassificationMax(high)
    if name == "percentile_classes":
        _label_classes(ramp)
    layer.setRenderer(renderer)  # a new one, so that legends follow


def _label_classes(ramp):
    """The classes of the .qml in the user's language."""
    items = ramp.colorRampItemList()
    for item in items:
        item.label = tr(item.label)
    ramp.setColorRampItemList(items)


def _stretch(ramp, low, high):
    """Moves the colours of a ramp from its old range to a new one."""
    items, old_low = ramp.colorRampItemList(), ramp.minimumValue()
    scale = (high - low) / (ramp.maximumValue() - old_low)
    for item in items:
        item.value = low + (item.value - old_low) * scale
        item.label = "{:.3g}".format(item.value)
    ramp.setMinimumValue(low)
    ramp.setMaximumValue(high)
    ramp.setColorRampItemList(items)
    _round_legend(ramp, high - low)


def _round_legend(ramp, span):
    """Three figures in the legend instead of six decimals."""
    if not hasattr(ramp, "setLegendSettings"):
        return
    number = QgsBasicNumericFormat()
    number.setNumberDecimalPlaces(max(0, 2 - math.floor(math.log10(span))) if span > 0 else 2)
    settings = QgsColorRampLegendNodeSettings()
    settings.setNumericFormat(number)
    ramp.setLegendSettings(settings)


# ---- Vectors ----------------------------------------------------------------------------------

def _commodity_column(layer):
    """Name of the column that says what a deposit holds; None when there is none."""
    lowered = [field.name().lower() for field in layer.fields()]
    return next((layer.fields()[lowered.index(c)].name() for c in COMMODITY_COLUMNS
                 if c in lowered), None)


def _categorise(layer, column):
    """One colour a commodity; the eighth and later ones share the last."""
    if column is None:
        return
    base = layer.renderer().symbol()
    values = sorted(str(v) for v in layer.uniqueValues(layer.fields().lookupField(column), 50))
    if not 1 < len(values) <= 24:
        return
    categories = []
    for number, value in enumerate(values):
        symbol = base.clone()
        symbol.setColor(QColor(CATEGORY_COLORS[min(number, len(CATEGORY_COLORS) - 1)]))
        categories.append(QgsRendererCategory(value, symbol, value))
    layer.setRenderer(QgsCategorizedSymbolRenderer(column, categories))

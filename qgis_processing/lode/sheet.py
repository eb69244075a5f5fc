"""A print layout made from a template: the map sheet.

Templates bind their texts to layout variables (@lode_title, @lode_method ...) and their items by
id (map, legend, curves, scalebar), so that a user may move, restyle or drop any of them.
"""
import math
import os

from qgis.core import (QgsExpressionContextUtils, QgsLayoutExporter, QgsLayoutItemLabel,
                       QgsLayoutItemMap, QgsLayoutItemMapGrid, QgsLegendRenderer, QgsLegendStyle,
                       QgsMapLayerLegendUtils, QgsPrintLayout, QgsRasterLayer,
                       QgsReadWriteContext, QgsRectangle, QgsUnitTypes, QgsVectorLayer)
from qgis.PyQt.QtCore import QRectF, QSizeF, Qt
from qgis.PyQt.QtGui import QFont, QFontMetricsF
from qgis.PyQt.QtXml import QDomDocument

from . import enums
from .text import tr

TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")
MARGIN = 0.03  # of the raster's extent, around it
GRID_LINES = 4  # about so many across the map
RAMP_SIZE = QSizeF(5, 28)  # mm, of a colour ramp in the legend
POINT = 0.3528  # mm
SMALLEST_TYPE, TYPE_STEP = 5.0, 0.25  # points


class SheetError(Exception):
    """The sheet cannot be made; the text says why."""


def nice_interval(length, parts):
    """1, 2 or 5 times a power of ten, so that length holds about that many."""
    if length <= 0:
        return 1.0
    raw = length / parts
    power = 10 ** math.floor(math.log10(raw))
    return next((step * power for step in (1, 2, 5, 10) if step * power >= raw), 10 * power)


class Sheet:
    """One layout over a project of its own."""

    def __init__(self, project, template, layers, raster):
        self.layout = QgsPrintLayout(project)
        self._load(template)
        self.layers = layers
        self.map = self._item("map")
        if self.map is None:
            raise SheetError(tr("Template '{}' has no map with the id 'map'.").format(template))
        self.map.setCrs(raster.crs())
        self.map.setLayers(layers)
        self.map.setKeepLayerSet(True)
        self._overview = QgsRectangle(raster.extent())
        self._overview.scale(1 + 2 * MARGIN)
        self._frame(self._overview)

    def _load(self, template):
        document = QDomDocument()
        try:
            with open(template, encoding="utf-8") as file:
                readable = document.setContent(file.read())
        except (OSError, UnicodeDecodeError):
            readable = False
        if isinstance(readable, tuple):
            readable = readable[0]
        if not readable:
            raise SheetError(tr("Template '{}' cannot be read.").format(template))
        _, loaded = self.layout.loadFromTemplate(document, QgsReadWriteContext())
        if not loaded:
            raise SheetError(tr("Template '{}' is not a layout template.").format(template))

    def _item(self, name):
        item = self.layout.itemById(name)
        return item if item is not None else None

    # Filling

    def _frame(self, extent):
        """Shows an extent, with grid and scale bar that fit it."""
        self.map.zoomToExtent(extent)
        shown = self.map.extent()
        grid = self.map.grid()
        if isinstance(grid, QgsLayoutItemMapGrid):
            interval = nice_interval(shown.width(), GRID_LINES)
            grid.setIntervalX(interval)
            grid.setIntervalY(interval)
            grid.setAnnotationPrecision(max(0, -math.floor(math.log10(interval))))
            grid.setCrs(self.map.crs())
        self._scale_bar(shown)

    def _scale_bar(self, shown):
        bar = self._item("scalebar")
        if bar is None:
            return
        to_metres = QgsUnitTypes.fromUnitToUnitFactor(self.map.crs().mapUnits(),
                                                      enums.METRES)
        metres = shown.width() * to_metres
        small = metres < 4000 and self.map.crs().mapUnits() != enums.DEGREES
        bar.setUnits(enums.METRES if small else enums.KILOMETRES)
        bar.setUnitLabel("m" if small else "km")
        bar.update()

    def set_texts(self, texts):
        """Texts of the template: title, subtitle, method, warnings, crs, credit."""
        for name, text in texts.items():
            label = self._item(name)
            if isinstance(label, QgsLayoutItemLabel):
                text = fit(label, text)
            QgsExpressionContextUtils.setLayoutVariable(self.layout, "lode_" + name, text)

    def set_curves(self, path):
        """The inset; without one its place stays empty."""
        picture = self._item("curves")
        if picture is None:
            return
        if path:
            picture.setPicturePath(path)
        else:
            picture.setVisibility(False)

    def set_legend(self, names):
        """Layers in drawing order under the names that readers know."""
        legend = self._item("legend")
        if legend is None:
            return
        legend.setAutoUpdateModel(False)
        root = legend.model().rootGroup()
        root.clear()
        for layer in self.layers:
            node = root.addLayer(layer)
            node.setUseLayerName(False)
            node.setName(names.get(layer.id(), layer.name()))
            self._legend_of(node, layer, legend.model())
        legend.adjustBoxSize()
        legend.updateLegend()

    @staticmethod
    def _legend_of(node, layer, model):
        """No heading over a single symbol, no 'Band 1' over a colour ramp, and a ramp that is tall
        enough to be read."""
        entries = model.layerLegendNodes(node)
        single = len(entries) == 1 and isinstance(layer, QgsVectorLayer)
        QgsLegendRenderer.setNodeLegendStyle(
            node, QgsLegendStyle.Style.Hidden if single else QgsLegendStyle.Style.Subgroup)
        if isinstance(layer, QgsRasterLayer) and len(entries) > 1:
            QgsMapLayerLegendUtils.setLegendNodeOrder(node, list(range(1, len(entries))))
            if len(entries) == 2:
                QgsMapLayerLegendUtils.setLegendNodeSymbolSize(node, 1, RAMP_SIZE)
            model.refreshLayerLegend(node)

    # Writing

    def write(self, path, dpi=300, geo=False):
        """Writes PDF, PNG or SVG, by the extension."""
        exporter = QgsLayoutExporter(self.layout)
        extension = os.path.splitext(path)[1].lower()
        if extension == ".pdf":
            result = exporter.exportToPdf(path, self._pdf_settings(dpi, geo))
        elif extension == ".svg":
            settings = QgsLayoutExporter.SvgExportSettings()
            settings.dpi = dpi
            result = exporter.exportToSvg(path, settings)
        else:
            settings = QgsLayoutExporter.ImageExportSettings()
            settings.dpi = dpi
            result = exporter.exportToImage(path, settings)
        _check(result, path)

    @staticmethod
    def _pdf_settings(dpi, geo):
        settings = QgsLayoutExporter.PdfExportSettings()
        settings.dpi = dpi
        settings.writeGeoPdf = geo
        settings.exportMetadata = True
        return settings

    def write_targets(self, path, targets, dpi=300, feedback=None):
        """One PDF with a page for each target, in the order of their ranks."""
        atlas = self.layout.atlas()
        atlas.setCoverageLayer(targets)
        atlas.setEnabled(True)
        if targets.fields().lookupField("rank") >= 0:
            atlas.setSortFeatures(True)
            atlas.setSortExpression('"rank"')
        self.map.setAtlasDriven(True)
        self.map.setAtlasScalingMode(QgsLayoutItemMap.AtlasScalingMode.Auto)
        self.map.setAtlasMargin(2.5)  # of the target's size, so that its surroundings are seen
        grid = self.map.grid()
        if isinstance(grid, QgsLayoutItemMapGrid):
            grid.setEnabled(False)  # its interval fits the whole area
        result, error = QgsLayoutExporter.exportToPdf(atlas, path, self._pdf_settings(dpi, False),
                                                      feedback)
        atlas.setEnabled(False)
        self.map.setAtlasDriven(False)
        _check(result, path, error)


def fit(label, text):
    """The text as it fits into a label: in a smaller type where it is long, and with its end left
    out where that is not enough."""
    size = start = _type_size(label)
    while not _fits(label, text, size) and size - TYPE_STEP >= SMALLEST_TYPE:
        size -= TYPE_STEP
    if size < start:
        _set_type_size(label, size)
    while not _fits(label, text, size) and " " in text:
        text = text.rstrip(" \u2026").rpartition(" ")[0] + " \u2026"
    return text


def _fits(label, text, size):
    """Whether a text fits into a label's box in a type of so many points."""
    font = QFont(_font(label))
    font.setPixelSize(100)  # measured large: metrics of small type are rounded
    scale = 100 / (size * POINT)  # pixels in a millimetre
    box = QRectF(0, 0, label.rect().width() * scale, 1e6)
    wrapped = enums.plain_number(Qt.TextFlag.TextWordWrap)  # pylint: disable=no-member
    needed = QFontMetricsF(font).boundingRect(box, wrapped, text)
    return needed.height() <= label.rect().height() * scale


def _font(label):
    if hasattr(label, "textFormat"):  # QGIS 3.24 and newer
        return label.textFormat().font()
    return label.font()


def _type_size(label):
    if hasattr(label, "textFormat"):
        return label.textFormat().size()
    return label.font().pointSizeF()


def _set_type_size(label, size):
    if hasattr(label, "textFormat"):
        form = label.textFormat()
        form.setSize(size)
        label.setTextFormat(form)
    else:
        font = QFont(label.font())
        font.setPointSizeF(size)
        label.setFont(font)


def _check(result, path, error=""):
    if result == QgsLayoutExporter.ExportResult.FileError:
        raise SheetError(tr("'{}' cannot be written; choose another place.").format(path))
    if result == QgsLayoutExporter.ExportResult.MemoryError:
        raise SheetError(tr("There is not enough memory for this sheet; lower the resolution."))
    if result == QgsLayoutExporter.ExportResult.Canceled:
        return
    if result != QgsLayoutExporter.ExportResult.Success:
        raise SheetError(error or tr("The sheet could not be printed to '{}'.").format(path))

"""lode:mapsheet - prints a prospectivity map with deposits, targets and validation."""
import datetime
import json
import os
import re

from qgis.core import (QgsFeatureRequest, QgsProcessingAlgorithm,
                       QgsProcessingException,
                       QgsProcessingParameterBoolean,
                       QgsProcessingParameterEnum, QgsProcessingParameterFeatureSource,
                       QgsProcessingParameterFile, QgsProcessingParameterFileDestination,
                       QgsProcessingParameterNumber, QgsProcessingParameterRasterLayer,
                       QgsProcessingParameterString, QgsProcessingUtils, QgsProject)

from .. import curves, enums, styles, units
from ..messages import translated
from ..registry import choice_widget
from ..sheet import TEMPLATES, Sheet, SheetError
from ..suggest import suggest
from ..text import registry_text, tr
from ..window import show_file
from .base import Tool

SIZES = ("a4_landscape", "a4_portrait", "a3_landscape", "a3_portrait")
SHOWN = ("score", "percentile", "percentile_classes", "uncertainty", "anomaly")
FORMATS = (".pdf", ".png", ".svg")


class MapSheet(Tool):
    """A4 or A3 sheet as PDF, GeoPDF, PNG or SVG, and a page for each target."""

    GROUP_ID = "5print"

    def name(self):
        """lode:mapsheet."""
        return "mapsheet"

    def displayName(self):  # pylint: disable=invalid-name
        """Shown in the toolbox."""
        return tr("Print a map sheet")

    def group(self):
        """The last of the working groups."""
        return tr("5 Print")

    def flags(self):
        """Layouts and layers live on the main thread."""
        return super().flags() | QgsProcessingAlgorithm.Flag.FlagNoThreading

    def texts(self):
        """What it does."""
        return (
            tr("Prints the prospectivity map on an A4 or A3 sheet: title, legend, grid, scale bar, "
               "north arrow, CRS, how the map was made, the warnings of the report and the "
               "success-rate curves of the validation."),
            tr("The report is found beside the map (report.json) when none is named."),
            tr("With a file for target pages, each target gets a page of its own."),
            tr("The sheet comes from a layout template. To restyle it, open a template of the "
               "plugin's folder 'templates' in the layout designer, save it under your own name "
               "and choose that file here."))

    def initAlgorithm(self, _configuration=None):  # pylint: disable=invalid-name
        """Layers, texts, sheet and files."""
        for definition in (
                QgsProcessingParameterRasterLayer("SCORE", tr("Prospectivity map")),
                QgsProcessingParameterFeatureSource(
                    "DEPOSITS", tr("Known deposits"), [enums.VECTOR_POINT], None, True),
                QgsProcessingParameterFeatureSource(
                    "TARGETS", tr("Targets"), [enums.VECTOR_POLYGON], None, True)):
            suggest(definition, definition.name().lower())
            self.addParameter(definition)
        self.addParameter(QgsProcessingParameterString("TITLE", tr("Title"),
                                                       tr("Mineral prospectivity")))
        for name, title, words, labels in (
                ("SHOW", tr("Show"), SHOWN, [styles.style_title(word) for word in SHOWN]),
                ("SIZE", tr("Sheet"), SIZES, [tr("A4 landscape"), tr("A4 portrait"),
                                              tr("A3 landscape"), tr("A3 portrait")])):
            choice = QgsProcessingParameterEnum(name, title, words, False, words[0], False, True)
            choice.setMetadata(choice_widget(labels))
            self.addParameter(choice)
        self.addParameter(QgsProcessingParameterBoolean(
            "OPEN", tr("Open the sheet when it is printed"), True))
        for definition in self._advanced():
            definition.setFlags(definition.flags() | enums.ADVANCED)
            self.addParameter(definition)
        self.addParameter(QgsProcessingParameterFileDestination(
            "OUTPUT", tr("Sheet file"), tr("PDF (*.pdf);;PNG (*.png);;SVG (*.svg)")))
        self.addParameter(QgsProcessingParameterFileDestination(
            "TARGET_PAGES", tr("Target pages"), tr("PDF (*.pdf)"), None, True, False))
        self.explain({
            "SCORE": tr("Raster made by 'Make a prospectivity map' or 'Predict prospectivity'."),
            "DEPOSITS": tr("Drawn as points, coloured by commodity where the layer tells it."),
            "TARGETS": tr("Polygons made by 'Make a prospectivity map' or 'Rank targets', labelled "
                          "by rank."),
            "SHOW": tr("The band of the map that is shown."),
            "OPEN": tr("In the program that shows such files on this computer. A temporary file is "
                       "gone when QGIS is closed: save it from there, or choose a file here."),
            "NOTE": tr("Further lines for the sheet: area, project, who made it."),
            "REPORT": tr("Empty: report.json in the folder of the map."),
            "TEMPLATE": tr("Used in place of the sheets that come with Lode."),
            "GEOPDF": tr("A PDF that tells coordinates and opens as a layer."),
            "OUTPUT": tr("The ending of the name (.pdf, .png, .svg) chooses the format."),
            "TARGET_PAGES": tr("A second PDF with a page for each target, in the order of ranks.")})

    @staticmethod
    def _advanced():
        return (
            QgsProcessingParameterString("NOTE", tr("Note"), "", True, True),
            QgsProcessingParameterFile("REPORT", tr("Report of the map (report.json)"),
                                       extension="json", optional=True),
            QgsProcessingParameterFile("TEMPLATE", tr("Own layout template"), extension="qpt",
                                       optional=True),
            QgsProcessingParameterNumber("DPI", tr("Resolution (dots per inch)"),
                                         QgsProcessingParameterNumber.Type.Integer, 300, False, 50,
                                         1200),
            QgsProcessingParameterBoolean("GEOPDF", tr("Write the PDF as GeoPDF"), False))

    def checkParameterValues(self, parameters, context):  # pylint: disable=invalid-name
        """File names and template before any work."""
        good, message = super().checkParameterValues(parameters, context)
        if not good:
            return good, message
        output = self.parameterAsFileOutput(parameters, "OUTPUT", context)
        if os.path.splitext(output)[1].lower() not in FORMATS:
            return False, tr("Sheet file: the name must end in {}.").format(" / ".join(FORMATS))
        folder = os.path.dirname(os.path.abspath(output))
        if not os.path.isdir(folder) or not os.access(folder, os.W_OK):
            return False, tr("Sheet file: folder '{}' cannot be written; choose another place."
                             ).format(folder)
        if parameters.get("TARGET_PAGES") and not parameters.get("TARGETS"):
            return False, tr("Target pages: choose the layer of targets too.")
        return True, ""

    # Making

    def processAlgorithm(self, parameters, context, feedback):  # pylint: disable=invalid-name
        """Works on copies of the layers, so that the project keeps its own styles."""
        project = QgsProject()
        raster = self._raster(parameters, context)
        layers = self._vectors(parameters, context) + [raster]
        project.setCrs(raster.crs())
        project.addMapLayers(layers, False)
        report = self._report(parameters, context, raster, feedback)
        template = self.parameterAsFile(parameters, "TEMPLATE", context) or os.path.join(
            TEMPLATES, self.parameterAsEnumString(parameters, "SIZE", context) + ".qpt")
        try:
            sheet = Sheet(project, template, layers, raster)
            sheet.set_texts(self._texts(parameters, context, raster, report))
            sheet.set_curves(self._curves(report))
            sheet.set_legend({raster.id(): self._shown_title(parameters, context)})
            return self._write(sheet, parameters, context, feedback)
        except SheetError as error:
            raise QgsProcessingException(str(error)) from None

    def _write(self, sheet, parameters, context, feedback):
        dpi = self.parameterAsInt(parameters, "DPI", context)
        path = self.parameterAsFileOutput(parameters, "OUTPUT", context)
        feedback.setProgress(10)
        sheet.write(path, dpi, self.parameterAsBoolean(parameters, "GEOPDF", context))
        feedback.setProgress(60)
        feedback.pushInfo(tr("Sheet: {}").format(path))
        if self.parameterAsBoolean(parameters, "OPEN", context):
            show_file(path)
        results = {"OUTPUT": path}
        pages = self.parameterAsFileOutput(parameters, "TARGET_PAGES", context)
        targets = next((layer for layer in sheet.layers if layer.name() == tr("Targets")), None)
        if pages and targets is not None and not feedback.isCanceled():
            sheet.write_targets(pages, targets, dpi, feedback)
            feedback.pushInfo(tr("Target pages: {}").format(pages))
            results["TARGET_PAGES"] = pages
        return results

    def _shown(self, parameters, context):
        return self.parameterAsEnumString(parameters, "SHOW", context)

    def _shown_title(self, parameters, context):
        return styles.style_title(self._shown(parameters, context))

    def _raster(self, parameters, context):
        layer = self.parameterAsRasterLayer(parameters, "SCORE", context)
        if layer is None:
            raise QgsProcessingException(
                tr("Prospectivity map: this is not a raster that QGIS can open."))
        copy = layer.clone()
        fitting = styles.fitting_styles(copy)
        wanted = self._shown(parameters, context)
        if fitting and wanted not in fitting:
            raise QgsProcessingException(tr("Raster '{}' has no band '{}'; it has {}.").format(
                layer.name(), wanted, ", ".join(fitting)))
        styles.apply(copy, wanted)
        return copy

    def _vectors(self, parameters, context):
        """Deposits over targets, in Lode's styles."""
        made = []
        for key, name, style in (("DEPOSITS", tr("Known deposits"), "deposits"),
                                 ("TARGETS", tr("Targets"), "targets")):
            source = self.parameterAsSource(parameters, key, context)
            if source is None:
                continue
            layer = source.materialize(QgsFeatureRequest())
            layer.setName(name)
            styles.apply(layer, style)
            made.append(layer)
        return made

    def _report(self, parameters, context, raster, feedback):
        """The named report, or the one beside the map."""
        path = self.parameterAsFile(parameters, "REPORT", context)
        named = bool(path)
        path = path or os.path.join(os.path.dirname(raster.source()), "report.json")
        try:
            with open(path, encoding="utf-8") as file:
                report = json.load(file)
        except (OSError, ValueError):
            if named:
                raise QgsProcessingException(
                    tr("Report '{}' cannot be read.").format(path)) from None
            feedback.pushInfo(tr("No report.json beside the map: the sheet has no validation."))
            return {}
        return report if isinstance(report, dict) else {}

    def _method_labels(self):
        """Names of the compared methods as the dialog of `validate` shows them."""
        for task in self.provider().tasks():
            methods = task.parameter("methods")
            if methods is not None:
                return {word: registry_text(label) for word, label
                        in zip(methods.choices, methods.choice_labels)}
        return {}

    def _curves(self, report):
        if not curves.has_curves(report):
            return ""
        path = QgsProcessingUtils.generateTempFilename("curves.svg")
        words = {"area": tr("Share of the area (%)"), "deposits": tr("Deposits found (%)"),
                 "methods": self._method_labels()}
        with open(path, "w", encoding="utf-8") as file:
            file.write(curves.draw(report, words))
        return path

    def _texts(self, parameters, context, raster, report):
        crs = raster.crs()
        warnings = [first_sentence(translated(w)) for w in report.get("warnings", [])
                    if isinstance(w, str)]
        note = self.parameterAsString(parameters, "NOTE", context)
        today = datetime.date.today().isoformat()
        return {"title": self.parameterAsString(parameters, "TITLE", context),
                "subtitle": tr("{}; cells of {:.6g} x {:.6g} {}").format(
                    self._shown_title(parameters, context), raster.rasterUnitsPerPixelX(),
                    raster.rasterUnitsPerPixelY(), _unit(crs)),
                "crs": "{} - {}".format(crs.authid(), crs.description()),
                "method": "\n".join(method_lines(report) + ([note] if note else [])),
                "warnings": "\n".join(tr("Warning: {}").format(w) for w in warnings),
                "target": tr("Target"),
                "credit": tr("Made with Lode {}, {}").format(report.get("lode", ""), today)}


def _unit(crs):
    """What cells are measured in, as short as readers know it."""
    if crs.isGeographic():
        return tr("degrees")
    unit = units.unit_of(crs)
    return "m" if unit.metres == 1 else unit.name


def first_sentence(text):
    """A warning in short: the sheet has little room, the report tells the rest."""
    return re.split(r"(?<=[.;]) (?=[A-Z])", text)[0]


def method_lines(report):
    """How the map was made and how well it did, in a few lines; the curves show the rest."""
    lines = []
    if "deposits" in report and "folds" in report:
        lines.append(tr("{} known deposits; spatial cross-validation: {} folds, repeats: {}"
                        ).format(report["deposits"], report["folds"], report.get("repeats", 1)))
    if isinstance(report.get("verdict"), str):
        lines.append(translated(report["verdict"]))
    if report.get("command"):
        lines.append(re.sub(r"[^\s']*/", "", report["command"]))  # file names without folders
    return lines

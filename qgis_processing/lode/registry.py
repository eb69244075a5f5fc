"""The task registry as Processing parameters.

Every task, parameter, default, range and help text comes from `lode tasks --json`; this file only
says which Processing parameter shows which kind.
"""
import re

from qgis.core import (QgsProcessingOutputFile, QgsProcessingOutputHtml,
                       QgsProcessingOutputRasterLayer, QgsProcessingOutputVectorLayer,
                       QgsProcessingParameterBand, QgsProcessingParameterBoolean,
                       QgsProcessingParameterCrs,
                       QgsProcessingParameterDistance, QgsProcessingParameterEnum,
                       QgsProcessingParameterExpression, QgsProcessingParameterExtent,
                       QgsProcessingParameterFeatureSource, QgsProcessingParameterField,
                       QgsProcessingParameterFile, QgsProcessingParameterFileDestination,
                       QgsProcessingParameterFolderDestination,
                       QgsProcessingParameterMultipleLayers, QgsProcessingParameterNumber,
                       QgsProcessingParameterRasterDestination,
                       QgsProcessingParameterRasterLayer, QgsProcessingParameterString,
                       QgsProcessingParameterVectorDestination)

from . import enums, units
from .text import registry_text, tr

OUTPUT_KINDS = ("model-out", "raster-out", "vector-out", "html-out", "json-out", "file-out",
                "folder-out")
# Kinds for which QGIS has no destination of its own, with the extension used where the registry
# names none.
FILE_OUTPUTS = {"model-out": "lode", "html-out": "html", "json-out": "json", "file-out": ""}
EXTRA_SUFFIX = "_EXTRA"  # further rasters of a stack: STACK_EXTRA
MAX_SPIN = 2147483647  # QGIS edits whole numbers in 32 bits


class Parameter:
    """One argument or option of a task."""

    def __init__(self, description):
        self.name = description["name"]
        self.key = self.name.upper().replace("-", "_")  # its name in Processing
        self.kind = description["kind"]
        self.label = description.get("label") or self.name
        self.help = description.get("help") or ""
        self.default = description.get("default")
        self.minimum = description.get("minimum")
        self.maximum = description.get("maximum")
        self.unit = description.get("unit") or ""
        self.choices = description.get("choices") or []
        self.choice_labels = description.get("choice_labels") or self.choices
        self.of = description.get("of")
        self.extensions = (description.get("extension") or "").split(",")
        self.positional = bool(description.get("positional"))
        self.required = bool(description.get("required"))
        self.multiple = bool(description.get("multiple"))
        self.advanced = bool(description.get("advanced"))

    @property
    def is_output(self):
        """Whether the parameter names something to write."""
        return self.kind in OUTPUT_KINDS

    @property
    def may_be_empty(self):
        """Whether the box of a parameter may stay empty: neither required nor with a default. (QGIS
        takes no default for a CRS, extent, text or column that is not called optional.)"""
        return not self.required and self.default in (None, "")

    @property
    def made_by_default(self):
        """Whether an output is written unless the user skips it: what the command line names by
        place is what the task is for, even where it can do without."""
        return self.required or self.positional

    @property
    def takes_extra(self):
        """Whether a stack may come in several files; the further ones get a parameter of their
        own, so that the usual single file keeps its simple box."""
        return self.kind == "stack" and self.positional

    @property
    def extra_key(self):
        """Name in Processing of the further rasters of a stack."""
        return self.key + EXTRA_SUFFIX

    def title(self):
        """Label in the user's language, with the unit."""
        label, unit = registry_text(self.label), registry_text(self.unit)
        if unit and self.kind != "distance" and unit.lower() not in label.lower():
            label = "{} ({})".format(label, unit)
        return label

    def file_filter(self):
        """File dialog filter of an output: "Lode model (*.lode)"."""
        names = {"lode": tr("Lode model"), "html": tr("HTML report"), "json": tr("JSON"),
                 "lodeview": tr("Lode view"), "vrt": tr("Virtual raster"), "onnx": tr("ONNX model"),
                 "csv": tr("Table"), "gpkg": tr("GeoPackage"), "tif": tr("GeoTIFF")}
        extensions = [e for e in self.extensions if e] or [FILE_OUTPUTS.get(self.kind, "")]
        parts = ["{} (*.{})".format(names.get(e, e.upper()), e) for e in extensions if e]
        return ";;".join(parts) or tr("All files (*)")


class Product:
    """A file with a fixed name in a task's output folder."""

    def __init__(self, description):
        # OUT_ keeps it apart from an option of the same name: simulate has both for its samples.
        self.key = "OUT_" + description["name"].upper().replace("-", "_")
        self.kind = description["kind"]
        self.label = description.get("label") or description["name"]
        self.file = description["file"]

    def definition(self):
        """The Processing output that names it, so that models can pass it on."""
        kinds = {"raster-out": QgsProcessingOutputRasterLayer,
                 "vector-out": QgsProcessingOutputVectorLayer,
                 "html-out": QgsProcessingOutputHtml}
        return kinds.get(self.kind, QgsProcessingOutputFile)(self.key, registry_text(self.label))


class Task:
    """One task of the registry."""

    def __init__(self, description):
        self.name = description["name"]
        self.title = description.get("title") or self.name
        self.group = description.get("group") or ""
        self.summary = description.get("summary") or ""
        self.help = description.get("help") or ""
        self.parameters = [Parameter(p) for p in description.get("parameters", [])]
        self.products = [Product(p) for p in description.get("products", [])]
        self.all = {}  # every task of the registry by its name

    def parameter(self, name):
        """The parameter called name; None when there is none."""
        return next((p for p in self.parameters if p.name == name), None)

    def of_kind(self, *kinds):
        """All parameters of these kinds."""
        return [p for p in self.parameters if p.kind in kinds]

    def model_keys(self):
        """Processing names of the models that the task writes."""
        return [p.key for p in self.parameters + self.products if p.kind == "model-out"]

    def makes_model(self):
        """Whether the task trains: its model file tells how that went."""
        return bool(self.model_keys())


def read_tasks(registry):
    """Tasks out of the decoded JSON of the registry."""
    tasks = [Task(description) for description in registry.get("tasks", [])]
    for task in tasks:
        task.all = {other.name: other for other in tasks}
    return tasks


_COMMAND = re.compile(r"'lode ([a-z]+)((?: [^' ]+)*)'")  # 'lode grid --distance'
_OPTION = re.compile(r"--([a-z][a-z0-9-]*)")


def for_people(task, text, name="'{}'"):
    """A text of the registry, with tasks and options by the names they have in QGIS; `name` is how
    such a name is set."""
    def option(match, of=task):
        param = of.parameter(match.group(1))
        return name.format(param.title()) if param else match.group(0)

    def command(match):
        other = task.all.get(match.group(1))
        if other is None:
            return match.group(0)
        found = (_OPTION.fullmatch(word) for word in match.group(2).split())
        options = [option(m, other) for m in found if m]
        title = name.format(registry_text(other.title))
        return "{} ({})".format(title, ", ".join(options)) if options else title

    return _OPTION.sub(option, _COMMAND.sub(command, text))


# ---- one function a kind ----------------------------------------------------------------------

def _number(param, _task):
    whole = param.kind == "integer"
    number = QgsProcessingParameterNumber(
        param.key, param.title(), QgsProcessingParameterNumber.Type.Integer if whole else
        QgsProcessingParameterNumber.Type.Double, _default_number(param), param.may_be_empty)
    if param.minimum is not None:
        number.setMinimum(param.minimum)
    if param.maximum is not None:
        number.setMaximum(min(param.maximum, MAX_SPIN) if whole else param.maximum)
    if not whole:
        _set_decimals(number, param.default)
    return number


def _set_decimals(number, default):
    """As many decimals as the default suggests: QGIS would show 500 metres as 500.000000."""
    _, _, decimals = (default or "").rstrip("km ").partition(".")
    shown = 6 if "e" in (default or "e") else max(len(decimals) + 2, 2)
    number.setMetadata({"widget_wrapper": {"decimals": shown}})


def _default_number(param):
    if param.default in (None, ""):
        return None
    return int(param.default) if param.kind == "integer" else float(param.default)


def metres(text):
    """"500", "500m" or "2km" in metres; None when it is not a distance."""
    text = (text or "").strip().lower()
    factor = 1.0
    for suffix, size in (("km", 1000.0), ("m", 1.0)):
        if text.endswith(suffix):
            text, factor = text[:-len(suffix)], size
            break
    try:
        return float(text) * factor
    except ValueError:
        return None


def _distance(param, task):
    """In the unit of the layer it belongs to; the widget offers the other units as well. The range
    of such a distance is in metres and therefore checked elsewhere (checks.py)."""
    layer = units.layer_of(task, param)
    distance = QgsProcessingParameterDistance(param.key, param.title(), metres(param.default),
                                              layer.key if layer else "", param.may_be_empty)
    distance.setDefaultUnit(enums.METRES)
    if param.minimum is not None and not (layer and param.minimum):
        distance.setMinimum(param.minimum)
    if param.maximum is not None and not layer:
        distance.setMaximum(param.maximum)
    shown = {"decimals": 1}
    if layer:
        shown["class"] = "lode.widgets.Distance"
    distance.setMetadata({"widget_wrapper": shown})
    return distance


def parameter_help(task, param):
    """The registry's help; for a distance also the unit it is in."""
    text = for_people(task, registry_text(param.help))
    layer = units.layer_of(task, param) if param.kind == "distance" else None
    if layer is None:
        return text
    said = tr("In the unit of '{}', or in metres where that is in degrees or has no CRS.")
    return "{} {}".format(text, said.format(registry_text(layer.label))).strip()


def _boolean(param, _task):
    default = (param.default or "NO").upper() in ("YES", "TRUE", "ON", "1")
    return QgsProcessingParameterBoolean(param.key, param.title(), default)


def _choice(param, _task):
    many = param.kind == "choices"
    default = param.default or None
    if many and default:
        default = default.split(",")
    enum = QgsProcessingParameterEnum(param.key, param.title(), param.choices, many, default,
                                      param.may_be_empty, True)
    labels = [registry_text(label) for label in param.choice_labels]
    enum.setMetadata(choice_widget(labels, many))
    return enum


def choice_widget(labels, many=False):
    """Metadata of an enum that shows labels; its values stay the words of the command line."""
    shown = {"class": "lode.widgets.Choice", "labels": labels}
    if many:
        shown.update(useCheckBoxes=True, columns=2)
    return {"widget_wrapper": shown}


def _stack(param, _task):
    return QgsProcessingParameterRasterLayer(param.key, param.title(), None, param.may_be_empty)


def _rasters(param, _task):
    return QgsProcessingParameterMultipleLayers(param.key, param.title(),
                                                enums.RASTER, None, param.may_be_empty)


def _points(param, task):
    """Points; also tables without geometry where the task can take coordinates from columns."""
    if param.multiple:
        return QgsProcessingParameterMultipleLayers(param.key, param.title(),
                                                    enums.VECTOR, None,
                                                    param.may_be_empty)
    columns = [p for p in task.of_kind("field") if p.of == param.name]
    kind = enums.TABLE if columns or param.kind == "vectors" \
        else enums.VECTOR_POINT
    return QgsProcessingParameterFeatureSource(param.key, param.title(), [kind], None,
                                               param.may_be_empty)


def _field(param, task):
    many, parent = param.kind == "fields", task.parameter(param.of)
    if parent is not None and parent.kind in ("stack", "rasters"):
        return QgsProcessingParameterBand(param.key, param.title(), None, parent.key,
                                          not param.required, many)
    field = QgsProcessingParameterField(param.key, param.title(), param.default,
                                        parent.key if parent else "",
                                        QgsProcessingParameterField.DataType.Any, many,
                                        not param.required)
    if many:
        field.setMetadata({"widget_wrapper": {"class": "lode.widgets.Columns"}})
    return field


def _expression(param, task):
    parent = task.parameter(param.of)
    return QgsProcessingParameterExpression(param.key, param.title(), param.default,
                                            parent.key if parent else "", not param.required)


def _file(param, _task):
    extension = "lode" if param.kind == "model" else ""
    return QgsProcessingParameterFile(param.key, param.title(),
                                      QgsProcessingParameterFile.Behavior.File, extension, None,
                                      param.may_be_empty)


def _file_out(param, _task):
    return QgsProcessingParameterFileDestination(param.key, param.title(), param.file_filter(),
                                                 None, not param.required, param.made_by_default)


def _destination(kind):
    def make(param, _task):
        if kind is QgsProcessingParameterVectorDestination:
            return kind(param.key, param.title(), enums.VECTOR, None,
                        not param.required, param.made_by_default)
        return kind(param.key, param.title(), None, not param.required, param.made_by_default)
    return make


def _crs(param, _task):
    return QgsProcessingParameterCrs(param.key, param.title(), param.default, not param.required)


def _extent(param, _task):
    return QgsProcessingParameterExtent(param.key, param.title(), param.default,
                                        not param.required)


def _text(param, _task):
    return QgsProcessingParameterString(param.key, param.title(), param.default, param.multiple,
                                        not param.required)


_MAKERS = {
    "stack": _stack, "rasters": _rasters, "points": _points, "vectors": _points, "field": _field,
    "fields": _field, "model": _file, "file": _file, "model-out": _file_out,
    "raster-out": _destination(QgsProcessingParameterRasterDestination),
    "vector-out": _destination(QgsProcessingParameterVectorDestination), "html-out": _file_out,
    "json-out": _file_out, "file-out": _file_out,
    "folder-out": _destination(QgsProcessingParameterFolderDestination), "number": _number,
    "integer": _number, "boolean": _boolean, "choice": _choice, "choices": _choice,
    "distance": _distance, "crs": _crs, "extent": _extent, "expression": _expression,
    "text": _text}


def _finish(definition, text, advanced):
    definition.setHelp(text)
    if advanced:
        definition.setFlags(definition.flags() | enums.ADVANCED)
    return definition


def make_parameters(task):
    """Processing parameters of a task, in the registry's order, outputs last."""
    made = []
    for param in sorted(task.parameters, key=lambda p: p.is_output):
        definition = _MAKERS.get(param.kind, _text)(param, task)
        made.append(_finish(definition, parameter_help(task, param), param.advanced))
        if param.takes_extra:
            extra = QgsProcessingParameterMultipleLayers(
                param.extra_key, tr("Further rasters on the same grid"), enums.RASTER,
                None, True)
            extra.setHelp(tr("Rasters with the same grid whose bands are added to the stack."))
            extra.setFlags(extra.flags() | enums.ADVANCED)
            made.append(extra)
    return made

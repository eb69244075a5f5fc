"""Values of Processing parameters as liblode's "name=value" list."""
import re

from qgis.core import (QgsFeatureRequest, QgsProcessingException,
                       QgsProcessingFeatureSourceDefinition, QgsProcessingFeedback,
                       QgsProcessingUtils, QgsRasterLayer, QgsVectorFileWriter)

from . import units
from .text import tr

# Written as they are in QGIS expressions and in OGR SQL.
_COMMON_SQL = re.compile(
    r"""\s*(?:'(?:[^']|'')*'|"[^"]+"|-?\d+(?:\.\d+)?|<=|>=|<>|[=<>(),]"""
    r"""|\b(?:AND|OR|NOT|IN|LIKE|ILIKE|IS|NULL)\b|(?!\d)\w+(?!\s*\())\s*""", re.IGNORECASE)


def raster_path(layer):
    """What GDAL calls the raster of a layer."""
    if layer.dataProvider() is None or layer.dataProvider().name() != "gdal":
        raise QgsProcessingException(
            tr("Layer '{}' is not a raster file; save it as GeoTIFF first.").format(layer.name()))
    return layer.source().split("|option:")[0]


def is_common_sql(expression):
    """Whether OGR SQL reads the expression as QGIS does, so that it can be passed on as it is."""
    at = 0
    while at < len(expression):
        match = _COMMON_SQL.match(expression, at)
        if not match or match.end() == at:
            return False
        at = match.end()
    return True


def _export(layer, expression, selected_ids, context):
    """A GeoPackage with the features of a layer that fulfil the expression (and are selected)."""
    request = QgsFeatureRequest()
    request.setExpressionContext(context.expressionContext())
    request.setFilterExpression(expression)
    wanted = {f.id() for f in layer.getFeatures(request)}
    if selected_ids is not None:
        wanted &= set(selected_ids)
    chosen = layer.materialize(QgsFeatureRequest().setFilterFids(list(wanted)))
    path = QgsProcessingUtils.generateTempFilename("filtered.gpkg")
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    options.fileEncoding = "UTF-8"
    written = QgsVectorFileWriter.writeAsVectorFormatV3(chosen, path, context.transformContext(),
                                                        options)
    if written[0] != QgsVectorFileWriter.WriterError.NoError:
        raise QgsProcessingException(written[1])
    return path


def file_formats():
    """Extensions of vector files that liblode reads as they are; other layers are exported."""
    written = [e.lower() for e in QgsVectorFileWriter.supportedFormatExtensions()]
    return written + ["vrt", "json", "gdb", "zip"]


def _dataset(path, layer_name):
    """"dataset" or "dataset|layername=NAME", as liblode's vector parameters have it."""
    return "{}|layername={}".format(path, layer_name) if layer_name else path


class Reader:
    """Reads the input values of one run of a task. Used on the main thread only: it touches
    layers."""

    def __init__(self, algorithm, parameters, context, feedback=None):
        self.algorithm, self.parameters = algorithm, parameters
        self.context = context
        self.feedback = feedback or QgsProcessingFeedback()  # QGIS crashes without one

    def given(self, key):
        """Whether a value was given at all."""
        value = self.parameters.get(key)
        return value is not None and value != "" and value != []

    def options(self):
        """"name=value" for every input that differs from its default."""
        made = []
        for param in self.algorithm.task.parameters:
            if not param.is_output:
                made += ["{}={}".format(param.name, text) for text in self.texts(param)]
        return made

    def texts(self, param):
        """The values of one input parameter as texts; none where the default holds."""
        if not self.given(param.key) and not (param.takes_extra and self.given(param.extra_key)):
            return []
        read = getattr(self, "_read_" + param.kind.replace("-", "_"), self._read_text)
        texts = [text for text in read(param) if text != ""]
        return [] if len(texts) == 1 and texts[0] == self._default(param) else texts

    @staticmethod
    def _default(param):
        """The default written as texts() would write it."""
        from .registry import metres  # pylint: disable=import-outside-toplevel
        if param.default is None:
            return "NO" if param.kind == "boolean" else None
        if param.kind == "distance":
            return "{:.12g}".format(metres(param.default) or 0)
        if param.kind in ("number", "integer"):
            return "{:.12g}".format(float(param.default))
        if param.kind == "boolean":
            return "YES" if param.default.upper() in ("YES", "TRUE", "ON", "1") else "NO"
        return param.default

    # Layers

    def layer(self, key):
        """The raster or vector layer of a parameter; None when it cannot be loaded."""
        value = self.parameters.get(key)
        if isinstance(value, QgsProcessingFeatureSourceDefinition):
            return self.algorithm.parameterAsVectorLayer({key: value.source}, key, self.context)
        definition = self.algorithm.parameterDefinition(key)
        if definition is not None and definition.type() == "raster":
            return self.algorithm.parameterAsRasterLayer(self.parameters, key, self.context)
        return self.algorithm.parameterAsVectorLayer(self.parameters, key, self.context)

    def rasters(self, param):
        """All raster layers of a stack or rasters parameter."""
        layers = []
        if param.kind == "stack" and self.given(param.key):
            layers.append(self.algorithm.parameterAsRasterLayer(self.parameters, param.key,
                                                                self.context))
        many = param.extra_key if param.takes_extra else param.key
        if (param.kind == "rasters" or param.takes_extra) and self.given(many):
            layers += self.algorithm.parameterAsLayerList(self.parameters, many, self.context)
        return [layer for layer in layers if isinstance(layer, QgsRasterLayer)]

    def _read_stack(self, param):
        return [raster_path(layer) for layer in self.rasters(param)]

    _read_rasters = _read_stack

    def expression_of(self, param):
        """The filter expression that refers to a vector parameter; "" when there is none."""
        for other in self.algorithm.task.of_kind("expression"):
            if other.of == param.name and self.given(other.key):
                return self._expression(other)
        return ""

    def _expression(self, param):
        """As it was typed: QGIS would put the default in the place of one that it cannot read."""
        value = self.parameters[param.key]
        if not isinstance(value, str):
            value = self.algorithm.parameterAsExpression(self.parameters, param.key, self.context)
        return value.strip()

    def _read_points(self, param):
        if param.multiple:
            return self._read_layers(param)
        expression = self.expression_of(param)
        if expression and not is_common_sql(expression):
            return [self._filtered(param, expression)]
        path, name = self.algorithm.parameterAsCompatibleSourceLayerPathAndLayerName(
            self.parameters, param.key, self.context, file_formats(), "gpkg", self.feedback)
        if not path:
            raise QgsProcessingException(
                tr("{}: the layer cannot be opened.").format(param.title()))
        return [_dataset(path, name)]

    def _read_layers(self, param):
        """Several vector layers, each as a file that OGR reads."""
        made = []
        for layer in self.algorithm.parameterAsLayerList(self.parameters, param.key,
                                                         self.context):
            path, name = QgsProcessingUtils.convertToCompatibleFormatAndLayerName(
                layer, False, "layer", file_formats(), "gpkg", self.context, self.feedback)
            made.append(_dataset(path, name))
        return made

    _read_vectors = _read_points

    def _filtered(self, param, expression):
        layer = self.layer(param.key)
        if layer is None:
            raise QgsProcessingException(
                tr("{}: the layer cannot be opened.").format(param.title()))
        value = self.parameters.get(param.key)
        selected = isinstance(value, QgsProcessingFeatureSourceDefinition) \
            and value.selectedFeaturesOnly
        return _export(layer, expression, layer.selectedFeatureIds() if selected else None,
                       self.context)

    def _read_expression(self, param):
        """OGR SQL where QGIS's expression is that too; else the layer is filtered beforehand."""
        text = self._expression(param)
        return [text] if is_common_sql(text) else []

    # Columns and bands

    def _read_fields(self, param):
        parent = self.algorithm.task.parameter(param.of)
        if parent is not None and parent.kind in ("stack", "rasters"):
            return self._read_bands(param, parent)
        names = self.algorithm.parameterAsFields(self.parameters, param.key, self.context)
        return [",".join(names)] if param.kind == "fields" else names[:1]

    _read_field = _read_fields

    def _read_bands(self, param, parent):
        layer = self.layer(parent.key)
        numbers = self.algorithm.parameterAsInts(self.parameters, param.key, self.context)
        return [",".join(band_names(layer)[n - 1] for n in numbers)] if layer else []

    # Plain values

    def _read_number(self, param):
        return ["{:.12g}".format(self.algorithm.parameterAsDouble(self.parameters, param.key,
                                                                  self.context))]

    _read_integer = _read_number

    def unit(self, param):
        """The unit that the value of a distance is in."""
        layer = units.layer_of(self.algorithm.task, param)
        return units.unit_of_value(self.parameters.get(layer.key), self.context) if layer \
            else units.METRE

    def metres(self, param):
        """The value of a distance in metres."""
        number = self.algorithm.parameterAsDouble(self.parameters, param.key, self.context)
        return units.convert(number, self.unit(param), units.METRE)

    def _read_distance(self, param):
        """In metres, as every program but QGIS gives it; the log tells where that is not the number
        in the dialog."""
        metres, unit = self.metres(param), self.unit(param)
        text = "{:.12g}".format(metres)
        if float(text) != metres:
            text = repr(metres)  # not a digit is lost
        if unit.metres != 1:
            self.feedback.pushInfo(tr("{}: {:.10g} {} = {:.10g} m").format(
                param.title(), units.convert(metres, units.METRE, unit), unit.name, metres))
        return [text]

    def _read_boolean(self, param):
        flag = self.algorithm.parameterAsBoolean(self.parameters, param.key, self.context)
        return ["YES" if flag else "NO"]

    def _read_choice(self, param):
        return [self.algorithm.parameterAsEnumString(self.parameters, param.key, self.context)]

    def _read_choices(self, param):
        return [",".join(self.algorithm.parameterAsEnumStrings(self.parameters, param.key,
                                                               self.context))]

    def _read_crs(self, param):
        crs = self.algorithm.parameterAsCrs(self.parameters, param.key, self.context)
        return [crs.authid() or crs.toWkt()] if crs.isValid() else []

    def _read_extent(self, param):
        extent = self.algorithm.parameterAsExtent(self.parameters, param.key, self.context,
                                                  self._output_crs())
        corners = (extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())
        return [] if extent.isNull() else [",".join("{:.12g}".format(c) for c in corners)]

    def _output_crs(self):
        """CRS of what the task writes: the one asked for, else that of its first input layer."""
        for param in self.algorithm.task.of_kind("crs"):
            if self.given(param.key):
                return self.algorithm.parameterAsCrs(self.parameters, param.key, self.context)
        for param in self.algorithm.task.of_kind("stack", "points", "vectors"):
            layer = self.layer(param.key) if self.given(param.key) else None
            if layer is not None:
                return layer.crs()
        return self.context.project().crs() if self.context.project() else None

    def _read_model(self, param):
        return [self.algorithm.parameterAsFile(self.parameters, param.key, self.context)]

    _read_file = _read_model

    def _read_text(self, param):
        """One value; one a line where several may be given."""
        text = self.algorithm.parameterAsString(self.parameters, param.key, self.context)
        return [line.strip() for line in text.splitlines()] if param.multiple else [text]


def band_names(layer):
    """Names of a raster's bands as liblode sees them: the description, else the file's name."""
    provider = layer.dataProvider()
    names = []
    for band in range(1, provider.bandCount() + 1):
        text = layer.bandName(band)  # "Band 3: Au (Gray)", or "Band 3" without a description
        use = " ({})".format(provider.colorInterpretationName(band))
        prefix, _, name = (text[:-len(use)] if text.endswith(use) else text).partition(": ")
        names.append(name or prefix)
    return names


def write_options(algorithm, parameters, context):
    """"name=value" for every output, and the paths by Processing name. Called where the work is
    done, because it registers the layers to load."""
    options, paths = [], {}
    for param in algorithm.task.parameters:
        if not param.is_output or parameters.get(param.key) in (None, ""):
            continue
        if param.kind in ("raster-out", "vector-out"):
            path = algorithm.parameterAsOutputLayer(parameters, param.key, context)
        else:
            path = algorithm.parameterAsFileOutput(parameters, param.key, context)
        if path:
            options.append("{}={}".format(param.name, path))
            paths[param.key] = path
    return options, paths

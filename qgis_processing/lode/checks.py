"""Checks before a run: the first mistake in the values as one sentence that says what to change.

liblode checks everything again; these are the mistakes QGIS can find at once, named by the labels
the user sees.
"""
import math
import os
import tempfile

from qgis.core import (QgsCoordinateTransform, QgsCsException, QgsExpression, QgsFeatureRequest,
                       QgsProcessingException, QgsProcessingFeatureSourceDefinition)

from . import native, units
from .text import tr
from .values import Reader, band_names, raster_path

SAME_GRID = 1e-3  # of a cell


def first_mistake(algorithm, parameters, context):
    """Text of the first mistake found; "" when there is none."""
    provider = algorithm.provider()
    if provider is not None and provider.problem():
        return provider.problem()
    reader = Reader(algorithm, parameters, context)
    for check in (_rasters, _points, _models, _window, _distances, _outputs):
        for message in check(reader):
            return message
    return ""


# ---- Rasters ----------------------------------------------------------------------------------

def _rasters(reader):
    task = reader.algorithm.task
    for param in task.of_kind("stack", "rasters"):
        if not reader.given(param.key):
            continue
        layers = reader.rasters(param)
        if not layers:
            yield tr("{}: this is not a raster that QGIS can open; choose another one.").format(
                param.title())
        for layer in layers:
            try:
                raster_path(layer)
            except QgsProcessingException as error:
                yield str(error)
            if not layer.crs().isValid() and task.of_kind("points", "vectors"):
                yield tr("{}: raster '{}' has no CRS; give it one with 'Assign projection'."
                         ).format(param.title(), layer.name())
        if param.kind == "stack":
            yield from _same_grid(param, layers)


def _same_grid(param, layers):
    first = layers[0] if layers else None
    for layer in layers[1:]:
        cell = first.rasterUnitsPerPixelX()
        shift = max(abs(layer.extent().xMinimum() - first.extent().xMinimum()),
                    abs(layer.extent().yMaximum() - first.extent().yMaximum()))
        if (layer.width(), layer.height()) != (first.width(), first.height()) \
                or shift > SAME_GRID * cell:
            yield tr("{}: '{}' lies on another grid than '{}'; align them first with 'lode:stack'."
                     ).format(param.title(), layer.name(), first.name())


def _window(reader):
    """The window must fit into the raster."""
    task = reader.algorithm.task
    window = task.parameter("window")
    if window is None or window.kind != "integer" or not reader.given(window.key):
        return
    size = reader.algorithm.parameterAsInt(reader.parameters, window.key, reader.context)
    for param in task.of_kind("stack"):
        for layer in reader.rasters(param):
            if size > min(layer.width(), layer.height()):
                yield tr("{}: a window of {} cells is larger than raster '{}' ({} x {} cells); "
                         "choose a smaller window.").format(window.title(), size, layer.name(),
                                                            layer.width(), layer.height())


def _distances(reader):
    """Ranges of distances are in metres; QGIS itself checks those that are given in metres."""
    task = reader.algorithm.task
    for param in task.of_kind("distance"):
        if units.layer_of(task, param) is None or not reader.given(param.key):
            continue
        metres = reader.metres(param)
        low = param.minimum if param.minimum is not None else -math.inf
        high = param.maximum if param.maximum is not None else math.inf
        if not low <= metres <= high:
            yield tr("{}: {:.10g} m is outside the range from {:.10g} m to {:.10g} m; change it."
                     ).format(param.title(), metres, low, high)


# ---- Points -----------------------------------------------------------------------------------

def _points(reader):
    for param in reader.algorithm.task.of_kind("points", "vectors"):
        if not reader.given(param.key) or param.multiple:
            continue
        layer = reader.layer(param.key)
        if layer is None or not layer.isValid():
            yield tr("{}: the layer cannot be opened; choose another one.").format(param.title())
            continue
        yield from _filter(reader, param, layer)
        yield from _position(reader, param, layer)


def _selected_only(reader, param):
    value = reader.parameters.get(param.key)
    return isinstance(value, QgsProcessingFeatureSourceDefinition) and value.selectedFeaturesOnly


def _filter(reader, param, layer):
    """The filter can be read, names existing columns, and leaves something over."""
    if layer.featureCount() == 0:
        yield tr("{}: layer '{}' has no features.").format(param.title(), layer.name())
    if _selected_only(reader, param) and layer.selectedFeatureCount() == 0:
        yield tr("{}: nothing is selected in '{}'; select features or switch off 'Selected "
                 "features only'.").format(param.title(), layer.name())
    text = reader.expression_of(param)
    if not text:
        return
    expression = QgsExpression(text)
    if expression.hasParserError():
        yield tr("The filter '{}' cannot be read: {}").format(
            text, " ".join(expression.parserErrorString().split()))
        return
    for column in expression.referencedColumns():
        if column != QgsFeatureRequest.ALL_ATTRIBUTES and layer.fields().lookupField(column) < 0:
            yield tr("The filter names column '{}', which layer '{}' does not have; its columns "
                     "are {}.").format(column, layer.name(),
                                       ", ".join(f.name() for f in layer.fields()))
            return
    if not _any_feature(reader, param, layer, text):
        yield tr("The filter '{}' leaves no feature of '{}'; change it.").format(text,
                                                                                 layer.name())


def _any_feature(reader, param, layer, text):
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
    request.setExpressionContext(reader.context.expressionContext())
    request.setFilterExpression(text)
    selected = set(layer.selectedFeatureIds()) if _selected_only(reader, param) else None
    return any(selected is None or f.id() in selected for f in layer.getFeatures(request))


def _position(reader, param, layer):
    """Points can be placed on the stack and some of them fall on it."""
    task = reader.algorithm.task
    stacks = [raster for p in task.of_kind("stack") for raster in reader.rasters(p)]
    if not stacks or not layer.isSpatial():
        return
    if not layer.crs().isValid():
        yield tr("{}: layer '{}' has no CRS; set it in the layer's properties.").format(
            param.title(), layer.name())
        return
    transform = QgsCoordinateTransform(layer.crs(), stacks[0].crs(),
                                       reader.context.transformContext())
    try:
        extent = transform.transformBoundingBox(layer.extent())
        outside = not stacks[0].extent().intersects(extent)
    except QgsCsException:
        outside = True
    if outside:
        yield tr("{}: layer '{}' lies outside raster '{}'; choose layers of one area or correct "
                 "the CRS.").format(param.title(), layer.name(), stacks[0].name())


# ---- Models -----------------------------------------------------------------------------------

def _models(reader):
    """The model file can be read and the stack has the bands it needs."""
    algorithm = reader.algorithm
    for param in algorithm.task.of_kind("model"):
        if not reader.given(param.key):
            continue
        path = algorithm.parameterAsFile(reader.parameters, param.key, reader.context)
        if not os.path.exists(path) and not path.startswith("/vsi"):
            yield tr("{}: there is no file '{}'.").format(param.title(), path)
            continue
        try:
            model = algorithm.provider().library().model(path)
        except native.NativeError as error:
            yield str(error)
            continue
        names = [name for p in algorithm.task.of_kind("stack") for raster in reader.rasters(p)
                 for name in _lode_names(raster)]
        missing = [name for name in model["needs"] if name not in names]
        if names and missing:
            yield tr("The stack lacks bands that the model needs: {}. Choose the stack the model "
                     "was made for, or one with the same elements.").format(", ".join(missing))


def _lode_names(raster):
    """Band names as liblode gives them: a single band without a description is its file's name."""
    names = band_names(raster)
    if len(names) == 1 and names[0].startswith("Band "):
        return [os.path.splitext(os.path.basename(raster_path(raster)))[0]]
    return [n.replace("Band ", "band ", 1) if n.startswith("Band ") else n for n in names]


# ---- Outputs ----------------------------------------------------------------------------------

def _plain_path(reader, key):
    """The chosen path of an output; "" for a temporary one."""
    value = reader.parameters.get(key)
    if hasattr(value, "sink"):
        value = value.sink.staticValue()
    path = value if isinstance(value, str) else ""
    return "" if path == "TEMPORARY_OUTPUT" else path


def _outputs(reader):
    inputs = _input_files(reader)
    for param in reader.algorithm.task.parameters:
        path = _plain_path(reader, param.key) if param.is_output else ""
        if not path:
            continue
        wanted = [e for e in param.extensions if e]
        extension = os.path.splitext(path)[1].lstrip(".").lower()
        if param.kind != "folder-out" and wanted and extension not in wanted:
            yield tr("{}: the file name '{}' must end in {}.").format(
                param.title(), os.path.basename(path), " / ".join("." + e for e in wanted))
        if os.path.realpath(path) in inputs:
            yield tr("{}: '{}' is also an input; choose another file name.").format(
                param.title(), path)
        yield from _writable(param, path)


def _input_files(reader):
    """Files that the run reads, without exporting any layer."""
    task, paths = reader.algorithm.task, []
    for param in task.of_kind("stack", "rasters"):
        paths += [layer.source() for layer in reader.rasters(param)]
    for param in task.of_kind("points", "vectors"):
        single = reader.given(param.key) and not param.multiple
        layer = reader.layer(param.key) if single else None
        paths += [layer.source().split("|")[0]] if layer is not None else []
    for param in task.of_kind("model", "file"):
        if reader.given(param.key):
            paths.append(reader.algorithm.parameterAsFile(reader.parameters, param.key,
                                                          reader.context))
    return {os.path.realpath(path) for path in paths if os.path.exists(path)}


def _writable(param, path):
    if path.startswith("/vsi"):
        return
    folder = path if param.kind == "folder-out" else os.path.dirname(os.path.abspath(path))
    if param.kind == "folder-out" and os.path.isfile(path):
        yield tr("{}: '{}' is a file; choose a folder.").format(param.title(), path)
    while param.kind == "folder-out" and folder and not os.path.exists(folder):
        folder = os.path.dirname(os.path.abspath(folder))  # the task makes the folder itself
    if not os.path.isdir(folder):
        yield tr("{}: the folder '{}' does not exist; choose another one.").format(
            param.title(), folder)
    elif not _can_write(folder, path):
        yield tr("{}: '{}' cannot be written; choose another place.").format(param.title(), path)


def _can_write(folder, path):
    """Tried and not asked: permission bits tell too little on network and Windows drives."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return not os.path.isfile(path) or os.access(path, os.W_OK)
    except OSError:
        return False

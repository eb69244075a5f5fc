"""What becomes of a finished run: output values, names, groups, styles and metadata of layers."""
import datetime
import os

from qgis.core import (QgsLayerMetadata, QgsLayerTreeLayer, QgsProcessingContext,
                       QgsProcessingLayerPostProcessorInterface, QgsProcessingUtils, QgsProject,
                       QgsRasterLayer)

from . import colours, styles
from .text import registry_text, tr

_alive = []  # QGIS does not own post-processors: without this they are gone before they are used


class Placer(QgsProcessingLayerPostProcessorInterface):
    """Puts a loaded layer into its group, with its styles and metadata."""

    def __init__(self, group, metadata):
        super().__init__()
        self._group, self._metadata = group, metadata

    def postProcessLayer(self, layer, context, _feedback):  # pylint: disable=invalid-name
        """Called by QGIS on the main thread when the layer is in the project."""
        styles.dress(layer)
        self._describe(layer)
        project = context.project() or QgsProject.instance()
        self._place(layer, project.layerTreeRoot())

    def _place(self, layer, root):
        """Into its group: points over lines over rasters, and what is new over its like."""
        node = root.findLayer(layer.id())
        group = root.findGroup(self._group) or root.insertGroup(
            _below_points(root, node), self._group)
        if node is None or node.parent() not in (root, group):
            return  # the user's own settings put it elsewhere
        own = styles.height(layer)
        below = [i for i, child in enumerate(group.children()) if child != node
                 and isinstance(child, QgsLayerTreeLayer) and child.layer() is not None
                 and styles.height(child.layer()) <= own]
        parent = node.parent()
        group.insertChildNode(below[0] if below else -1, QgsLayerTreeLayer(layer))
        parent.removeChildNode(node)  # last: a layer without a node is thrown out of the project
        _sink(root, group)

    def _describe(self, layer):
        metadata = QgsLayerMetadata(layer.metadata())
        metadata.setTitle(layer.name())
        metadata.setAbstract(self._metadata["abstract"])
        metadata.setHistory(self._metadata["history"])
        metadata.setType("dataset")
        layer.setMetadata(metadata)


def _below_points(root, arriving):
    """Index below the points on top of the layer tree: deposits stay in sight over a new map."""
    for index, child in enumerate(root.children()):
        if child == arriving:
            continue
        if not _is_points(child):
            return index
    return len(root.children())


def _sink(root, group):
    """Moves a group below the points that follow it: QGIS from 3.32 on puts all new layers on top
    of the tree before they are placed one by one, so that the group was made above them."""
    children = root.children()
    at = last = children.index(group)
    while last + 1 < len(children) and _is_points(children[last + 1]):
        last += 1
    if last > at:
        root.insertChildNode(last + 1, group.clone())
        root.removeChildNode(group)


def _is_points(node):
    layer = node.layer() if isinstance(node, QgsLayerTreeLayer) else None
    return layer is not None and styles.height(layer) >= styles.POINTS


class Run:
    """A finished run of a task: where its files lie and what it measured."""

    def __init__(self, task, paths, measured, reporter):
        self.task, self.paths, self.measured = task, dict(paths), measured
        self.command = reporter.command or measured.get("command", "")
        self.warnings = reporter.warnings + [w for w in measured.get("warnings", [])
                                             if isinstance(w, str) and w not in reporter.warnings]
        self._folder_files()

    def _folder_files(self):
        """Files with fixed names in the output folder, by their Processing names."""
        for param in self.task.of_kind("folder-out"):
            folder = self.paths.get(param.key, "")
            for product in self.task.products:
                path = os.path.join(folder, product.file)
                if folder and os.path.exists(path):
                    self.paths[product.key] = path

    def values(self):
        """The algorithm's result: paths, and every number or text that the task measured."""
        plain = {key: value for key, value in self.measured.items()
                 if isinstance(value, (int, float, str)) and not isinstance(value, bool)}
        if self.warnings:
            plain["warnings"] = self.warnings
        return {**plain, **self.paths}

    def _metadata(self):
        lines = [registry_text(self.task.title) + ": " + registry_text(self.task.summary)]
        if "model" in self.measured:
            lines.append(tr("Model: {}").format(self.measured["model"]))
        lines += [tr("Warning: {}").format(warning) for warning in self.warnings]
        done = datetime.datetime.now().replace(microsecond=0).isoformat(" ")
        made = "{}: {} (Lode {})".format(done, self.command, self.measured.get("lode", ""))
        return {"abstract": "\n".join(lines), "history": [made]}

    def finish(self, context, feedback, open_results):
        """Writes missing style files and names, groups and describes the layers to load."""
        for path in self._layer_paths():
            styles.write_beside(path, feedback)
        to_load = context.layersToLoadOnCompletion()
        self._add_colours(to_load, context, feedback)
        if open_results:
            for product in self.task.products:
                if product.kind in ("raster-out", "vector-out") and product.key in self.paths:
                    to_load[self.paths[product.key]] = QgsProcessingContext.LayerDetails(
                        registry_text(product.label), context.project(), product.key,
                        _layer_hint(product.kind))
        self._add_views(to_load, context)
        for path, details in to_load.items():
            placer = Placer(self._group(path), self._metadata())
            _alive.append(placer)
            details.setPostProcessor(placer)
        context.setLayersToLoadOnCompletion(to_load)

    def _add_colours(self, to_load, context, feedback):
        """An embedding is loaded with its picture: dozens of bands cannot be looked at."""
        for param in self.task.of_kind("raster-out"):
            path = self.paths.get(param.key, "")
            if not path or not colours.has_embedding(path):
                continue
            try:
                picture = colours.write(path, colours.beside(path))
            except (colours.ColoursError, OSError) as error:
                feedback.pushWarning(str(error))
                continue
            feedback.pushInfo(tr("Picture of the embedding: {}").format(picture))
            if path in to_load:
                to_load[picture] = QgsProcessingContext.LayerDetails(
                    styles.style_title(styles.EMBEDDING), context.project(), param.key,
                    _layer_hint("raster-out"))

    def _add_views(self, to_load, context):
        """Virtual rasters are layers where QGIS can read them, which takes Lode's GDAL plugin."""
        for param in self.task.of_kind("file-out"):
            path = self.paths.get(param.key, "")
            is_view = os.path.splitext(path)[1].lower() in (".lodeview", ".vrt")
            if is_view and context.project() and QgsRasterLayer(path, "view").isValid():
                to_load[path] = QgsProcessingContext.LayerDetails(
                    os.path.basename(path), context.project(), param.key, _layer_hint("raster-out"))

    def _layer_paths(self):
        kinds = {p.key: p.kind for p in self.task.parameters}
        kinds.update({p.key: p.kind for p in self.task.products})
        return [path for key, path in self.paths.items()
                if kinds.get(key) in ("raster-out", "vector-out")]

    def _group(self, path):
        """Results of one folder belong together; single files go into one common group."""
        if not self.task.products:
            return "Lode"
        name = os.path.basename(os.path.dirname(path))
        if name in [p.key for p in self.task.of_kind("folder-out")]:  # QGIS calls temporary ones so
            name = registry_text(self.task.title)
        return tr("Lode: {}").format(name)


def _layer_hint(kind):
    if kind == "raster-out":
        return QgsProcessingUtils.LayerHint.Raster
    return QgsProcessingUtils.LayerHint.Vector

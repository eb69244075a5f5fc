"""lode:applystyle - puts one of Lode's styles on a layer."""
import os

from qgis.core import (QgsMapLayer, QgsProcessingAlgorithm, QgsProcessingException,
                       QgsProcessingOutputMapLayer, QgsProcessingParameterBoolean,
                       QgsProcessingParameterEnum, QgsProcessingParameterMapLayer,
                       QgsProcessingUtils, QgsProject, QgsRasterLayer)

from .. import colours, styles
from ..registry import choice_widget
from ..text import tr
from .base import Tool

AUTOMATIC = "automatic"


class ApplyStyle(Tool):
    """Styles a layer of the project; can also write the style beside the layer's file."""

    GROUP_ID = "5print"

    def name(self):
        """lode:applystyle."""
        return "applystyle"

    def displayName(self):  # pylint: disable=invalid-name
        """Shown in the toolbox."""
        return tr("Apply a Lode style")

    def group(self):
        """With the map sheet."""
        return tr("5 Print")

    def flags(self):
        """Layers of the project may be changed on the main thread only."""
        return super().flags() | QgsProcessingAlgorithm.Flag.FlagNoThreading

    def texts(self):
        """What it does."""
        return (
            tr("Gives a layer one of Lode's styles: score, percentile, percentile in classes at "
               "80, 90, 95 and 99, uncertainty, support, anomaly, embedding as colours, targets "
               "labelled by rank, deposits coloured by commodity."),
            tr("The colour ramps are perceptually uniform and can be read by colour-blind users."),
            tr("'Automatic' takes the style that fits the layer's bands or columns."),
            tr("'Embedding as colours' writes a picture of the embedding bands beside the raster: "
               "the first three principal components as red, green and blue. Places that look "
               "alike to the encoder get the same colour."))

    def initAlgorithm(self, _configuration=None):  # pylint: disable=invalid-name
        """A layer and a style."""
        self.addParameter(QgsProcessingParameterMapLayer("LAYER", tr("Layer")))
        words = (AUTOMATIC,) + styles.STYLE_NAMES + (styles.EMBEDDING,)
        choice = QgsProcessingParameterEnum("STYLE", tr("Style"), words, False, AUTOMATIC, False,
                                            True)
        choice.setMetadata(choice_widget(
            [tr("Automatic: what fits the layer")] + [styles.style_title(w) for w in words[1:]]))
        self.addParameter(choice)
        self.addParameter(QgsProcessingParameterBoolean(
            "WRITE", tr("Write the style beside the layer's file (.qml)"), False))
        self.addOutput(QgsProcessingOutputMapLayer("OUTPUT", tr("Styled layer")))

    def processAlgorithm(self, parameters, context, feedback):  # pylint: disable=invalid-name
        """Styles the layer itself."""
        layer = self.parameterAsLayer(parameters, "LAYER", context)
        if layer is None:
            raise QgsProcessingException(tr("The layer cannot be opened; choose another one."))
        style = self.parameterAsEnumString(parameters, "STYLE", context)
        if style == styles.EMBEDDING or (style == AUTOMATIC and _is_embedding(layer)):
            return {"OUTPUT": _show_embedding(layer, context, feedback)}
        if style == AUTOMATIC:
            fitting = styles.fitting_styles(layer)
            if not fitting:
                raise QgsProcessingException(
                    tr("No style fits layer '{}'; choose one by name.").format(layer.name()))
            style = fitting[0]
        if not styles.apply(layer, style):
            raise QgsProcessingException(
                tr("Style '{}' does not fit layer '{}'.").format(style, layer.name()))
        feedback.pushInfo(tr("Style: {}").format(styles.style_title(style)))
        if self.parameterAsBoolean(parameters, "WRITE", context):
            self._write(layer, feedback)
        return {"OUTPUT": layer.id()}

    @staticmethod
    def _write(layer, feedback):
        path = os.path.splitext(layer.source().split("|")[0])[0] + ".qml"
        message, written = layer.saveNamedStyle(path, QgsMapLayer.StyleCategory.Symbology
                                                | QgsMapLayer.StyleCategory.Labeling)
        if not written:
            raise QgsProcessingException(message)
        feedback.pushInfo(tr("Style written: {}").format(path))


def _is_embedding(layer):
    """Whether a raster holds an embedding and nothing that has a style of its own."""
    return isinstance(layer, QgsRasterLayer) and "score" not in styles.fitting_styles(layer) \
        and colours.has_embedding(layer.source())


def _show_embedding(layer, context, feedback):
    """Makes the picture beside the layer's file, or among the temporary files where that cannot be
    written, and puts it into the project; returns the new layer's id."""
    path = colours.beside(layer.source())
    if not os.access(os.path.dirname(os.path.abspath(path)), os.W_OK):
        path = QgsProcessingUtils.generateTempFilename(os.path.basename(path))
    try:
        colours.write(layer.source(), path)
    except (colours.ColoursError, OSError) as error:
        raise QgsProcessingException(str(error)) from None
    feedback.pushInfo(tr("Picture of the embedding: {}").format(path))
    picture = QgsRasterLayer(path, "{}: {}".format(layer.name(), styles.style_title("embedding")))
    project = context.project() or QgsProject.instance()
    project.addMapLayer(picture)
    return picture.id()

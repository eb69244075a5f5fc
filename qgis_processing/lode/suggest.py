"""Which layers of the project a dialog should show first.

QGIS leaves raster boxes empty when a vector layer is active, so that a new user's first click on
Run fails; a stack, the deposits, the samples and a finished map can be told apart.
"""
from qgis.core import QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication, QThread

from . import enums, styles

DEPOSIT_WORDS = ("deposit", "occurrence", "mine", "prospect")


def _layers():
    """Layers of the project; none where the project must not be touched."""
    application = QCoreApplication.instance()
    if application is None or QThread.currentThread() != application.thread():
        return []
    return [layer for layer in QgsProject.instance().mapLayers().values() if layer.isValid()]


def _best(layers, value):
    """The layer with the highest value above 0; None when there is none."""
    rated = [(value(layer), layer) for layer in layers]
    rated = [(worth, layer) for worth, layer in rated if worth > 0]
    return max(rated, key=lambda pair: pair[0])[1] if rated else None


def _stack_worth(layer):
    """More bands are more likely the stack; results of Lode are not."""
    if not isinstance(layer, QgsRasterLayer) or layer.providerType() != "gdal":
        return 0
    return 0 if "score" in styles.fitting_styles(layer) else layer.bandCount()


def _map_worth(layer):
    return int(isinstance(layer, QgsRasterLayer) and "score" in styles.fitting_styles(layer))


def _deposits_worth(layer):
    if not isinstance(layer, QgsVectorLayer) or layer.geometryType() != enums.POINT:
        return 0
    known = any(word in layer.name().lower() for word in DEPOSIT_WORDS)
    return 2 * known + ("deposits" in styles.fitting_styles(layer))


def _samples_worth(layer):
    """Many columns and no sign of deposits."""
    if not isinstance(layer, QgsVectorLayer) or _deposits_worth(layer) > 1:
        return 0
    kinds = (enums.POINT, enums.NO_GEOMETRY)
    return layer.fields().count() if layer.geometryType() in kinds else 0


def _targets_worth(layer):
    return int(isinstance(layer, QgsVectorLayer) and "targets" in styles.fitting_styles(layer))


WORTH = {"stack": _stack_worth, "deposits": _deposits_worth, "samples": _samples_worth,
         "score": _map_worth, "targets": _targets_worth}


def suggest(definition, what):
    """Makes the dialog start with the layer of the project that fits best."""
    if what not in WORTH or not hasattr(definition, "setGuiDefaultValueOverride"):
        return
    layer = _best(_layers(), WORTH[what])
    if layer is not None:
        definition.setGuiDefaultValueOverride(layer.id())

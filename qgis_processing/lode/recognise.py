"""Which columns of a layer are elements: the library's own reading of a part of the table."""
import csv
import os
import tempfile

from qgis.core import (QgsApplication, QgsFeatureRequest, QgsProcessingFeatureSourceDefinition,
                       QgsProcessingUtils, QgsVectorLayer)

from . import native

MOST_CELLS = 200000  # of the table that are looked at; a fraction of a second


def element_columns(value, context):
    """Names of the columns that `lode grid` would use of the layer that a parameter's value names;
    empty when there is no such layer or nothing is recognised."""
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        value = value.source
    if hasattr(value, "staticValue"):
        value = value.staticValue()
    layer = value if isinstance(value, QgsVectorLayer) else \
        QgsProcessingUtils.mapLayerFromString(str(value or ""), context)
    provider = QgsApplication.processingRegistry().providerById("lode")
    if not isinstance(layer, QgsVectorLayer) or provider is None or provider.problem():
        return []
    handle, path = tempfile.mkstemp(".csv")
    os.close(handle)
    try:
        _write_part(layer, path)
        return _used_columns(provider.library(), path)
    except (native.NativeError, OSError):
        return []  # the run itself says what is wrong
    finally:
        os.remove(path)


def _write_part(layer, path):
    """Every n-th row of the table as CSV, on made-up places: the geometry does not matter here."""
    names = [field.name() for field in layer.fields()]
    rows = max(50, MOST_CELLS // max(1, len(names)))
    step = max(1, layer.featureCount() // rows)
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["lode_x", "lode_y"] + names)
        for number, feature in enumerate(layer.getFeatures(request)):
            if number % step == 0:
                writer.writerow([number, number % 97] + [_text(v) for v in feature.attributes()])


def _text(value):
    """NULL comes as None or as a QVariant that is null."""
    is_null = getattr(value, "isNull", None)
    return "" if value is None or (is_null is not None and is_null()) else str(value)


def _used_columns(library, path):
    found = library.run("grid", ["samples=" + path, "dry-run=YES", "x=lode_x", "y=lode_y",
                                 "points-crs=EPSG:3857"])
    return [column["column"] for column in found["import"]["columns"] if column["used"]]

"""Distances in the unit of a layer, for people and scripts, and in metres, for liblode.

As everywhere in QGIS, a distance is a number in the unit of the layer it belongs to. A layer in
degrees, or without a CRS, has no unit of length: there it is metres. What a unit measures is asked
of GDAL, as liblode does: QGIS before 3.40 takes a US survey foot for an international one.
"""
from collections import namedtuple

from osgeo import osr
from qgis.core import (QgsCoordinateReferenceSystem, QgsProcessingFeatureSourceDefinition,
                       QgsProcessingUtils, QgsUnitTypes)

from . import enums

LAYERS = ("stack", "rasters", "points", "vectors")

Unit = namedtuple("Unit", "name metres crs")  # crs: valid where the unit is that of a layer
METRE = Unit(QgsUnitTypes.toString(enums.METRES), 1.0,
             QgsCoordinateReferenceSystem())


def layer_of(task, param):
    """The parameter with the layer whose unit a distance has: the one the registry names, else the
    first layer that the task reads; None for metres. A default is in metres, whatever layer is
    chosen later, and so is a distance that has one."""
    if param.default not in (None, ""):
        return None
    return task.parameter(param.of) if param.of else next(iter(task.of_kind(*LAYERS)), None)


def unit_of(crs):
    """The unit of length of a CRS; METRE where it has none."""
    reference = osr.SpatialReference()
    wkt = crs.toWkt(QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED) if crs.isValid() else ""
    if not wkt or reference.ImportFromWkt(wkt) != 0 or reference.IsGeographic():
        return METRE
    return Unit(_name(crs, reference), reference.GetLinearUnits(), crs)


def _name(crs, reference):
    """In the user's language where QGIS knows the unit."""
    if is_known(crs):
        return QgsUnitTypes.toString(crs.mapUnits())
    return reference.GetLinearUnitsName()


def is_known(crs):
    """Whether QGIS knows the unit of a CRS and can convert it."""
    standard = QgsUnitTypes.DistanceUnitType.Standard
    return crs.isValid() and QgsUnitTypes.unitType(crs.mapUnits()) == standard


def unit_of_value(value, context):
    """The unit of the layer that a parameter's value names; of several layers that of the first."""
    if isinstance(value, (list, tuple)):
        value = value[0] if value else None
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        value = value.source
    if hasattr(value, "staticValue"):
        value = value.staticValue()
    if isinstance(value, str):
        value = QgsProcessingUtils.mapLayerFromString(value, context)
    return unit_of(value.crs()) if hasattr(value, "crs") else METRE


def convert(value, source, target):
    """A length of one unit in another."""
    return value if source.metres == target.metres else value * source.metres / target.metres

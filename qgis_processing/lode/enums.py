"""Enumerations of QGIS and Qt under short names.

They are named with their type (Flag.FlagAdvanced), as Qt 6 demands; a test looks for others.
"""
from qgis.core import QgsProcessing, QgsProcessingParameterDefinition, QgsUnitTypes, QgsWkbTypes

RASTER = QgsProcessing.SourceType.TypeRaster
TABLE = QgsProcessing.SourceType.TypeVector  # with or without geometry
VECTOR = QgsProcessing.SourceType.TypeVectorAnyGeometry
VECTOR_POINT = QgsProcessing.SourceType.TypeVectorPoint
VECTOR_POLYGON = QgsProcessing.SourceType.TypeVectorPolygon

ADVANCED = QgsProcessingParameterDefinition.Flag.FlagAdvanced
OPTIONAL = QgsProcessingParameterDefinition.Flag.FlagOptional

METRES = QgsUnitTypes.DistanceUnit.DistanceMeters
KILOMETRES = QgsUnitTypes.DistanceUnit.DistanceKilometers
DEGREES = QgsUnitTypes.DistanceUnit.DistanceDegrees

POINT = QgsWkbTypes.GeometryType.PointGeometry
LINE = QgsWkbTypes.GeometryType.LineGeometry
POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry
NO_GEOMETRY = QgsWkbTypes.GeometryType.NullGeometry


def plain_number(value):
    """The number of an enumeration's value, which Qt 6 and newer QGIS keep apart from numbers."""
    return int(getattr(value, "value", value))

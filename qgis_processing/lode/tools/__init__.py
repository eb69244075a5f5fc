"""Algorithms that the registry cannot describe, because they need QGIS itself."""
from .about import About
from .applystyle import ApplyStyle
from .mapsheet import MapSheet
from .sampleproject import SampleProject

TOOLS = (MapSheet, ApplyStyle, SampleProject, About)

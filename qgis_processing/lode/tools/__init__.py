"""Algorithms that the registry cannot describe, because they need QGIS itself."""
from .about import About
from .applystyle import ApplyStyle
from .mapsheet import MapSheet

TOOLS = (MapSheet, ApplyStyle, About)

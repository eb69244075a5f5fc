"""Algorithms that the registry cannot describe, because they need QGIS itself."""
from .about import About
from .applystyle import ApplyStyle

TOOLS = (ApplyStyle, About)

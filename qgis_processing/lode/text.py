"""Translation of the plugin's own words and of the registry's.

Literals are passed to tr() or later(), where translate.py finds them; text of the registry goes
through registry_text(), whose entries it collects from `lode tasks --json`.
"""
from qgis.PyQt.QtCore import QCoreApplication


def tr(text):
    """The plugin's own text in the user's language."""
    return QCoreApplication.translate("Lode", text)


def later(text):
    """Marks a literal that tr() is given later."""
    return text


def registry_text(text):
    """Text of the task registry in the user's language; English where it is not translated."""
    return QCoreApplication.translate("LodeRegistry", text) if text else ""

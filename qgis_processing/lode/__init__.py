"""Lode: mineral prospectivity from geochemical rasters, in the QGIS Processing toolbox."""


def classFactory(iface):  # pylint: disable=invalid-name
    """QGIS's entry point."""
    from .plugin import LodePlugin  # pylint: disable=import-outside-toplevel
    return LodePlugin(iface)

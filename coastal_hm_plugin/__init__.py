"""Heavy metals at the coast: QGIS plugin and Python package. Importable without QGIS."""

__version__ = "0.1.0"


def classFactory(iface):
    """QGIS's entry point."""
    from .plugin import CoastalPlugin

    return CoastalPlugin(iface)

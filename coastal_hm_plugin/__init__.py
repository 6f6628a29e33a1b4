"""Heavy metals at the coast: QGIS plugin and Python package. Importable without QGIS."""

from .core.version import __version__

__all__ = ["__version__", "classFactory"]


def classFactory(iface):
    """QGIS's entry point."""
    from .plugin import CoastalPlugin

    return CoastalPlugin(iface)

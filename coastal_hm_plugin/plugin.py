"""What QGIS loads: it registers the provider, for the desktop and for qgis_process alike."""

from qgis.core import QgsApplication

from .algorithms.catalogue import ALGORITHMS
from .processing_provider.provider import CoastalProvider


class CoastalPlugin:
    """The plugin."""

    def __init__(self):
        self.provider = None

    def initProcessing(self):
        """Called by qgis_process, which has no interface."""
        self.provider = CoastalProvider(ALGORITHMS)
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self):
        """Called by the desktop."""
        self.initProcessing()

    def unload(self):
        """Take the provider away again."""
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None

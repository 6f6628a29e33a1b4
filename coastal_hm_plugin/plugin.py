"""What QGIS loads: it registers the provider, for the desktop and for qgis_process alike, and the desktop's menu."""

from qgis.core import QgsApplication

from .algorithms.catalogue import ALGORITHMS
from .processing_provider.installation.folder import profile_packages
from .processing_provider.provider import CoastalProvider
from .processing_provider.translation import Translation


class CoastalPlugin:
    """The plugin. interface: QGIS's interface, None without a desktop."""

    def __init__(self, interface=None):
        self.interface = interface
        self.provider = None
        self.packages = profile_packages()
        self.translation = Translation()
        self.desktop = None

    def initProcessing(self):
        """Called by qgis_process, which has no interface."""
        self.translation.install()
        self.packages.tidy()
        self.packages.activate()
        self.provider = CoastalProvider(ALGORITHMS)
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self):
        """Called by the desktop."""
        from .gui.desktop import Desktop

        self.initProcessing()
        self.desktop = Desktop(self.interface, self.packages)
        self.desktop.add()

    def unload(self):
        """Take everything away again."""
        if self.desktop is not None:
            self.desktop.remove()
            self.desktop = None
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        self.packages.deactivate()
        self.translation.remove()

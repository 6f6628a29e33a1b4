"""The Processing provider: every algorithm, one list."""

from qgis.core import QgsApplication, QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from . import models
from .base import RESOURCES
from .translation import tr


class CoastalProvider(QgsProcessingProvider):
    """Provider ``coastalhm``."""

    def __init__(self, algorithm_classes):
        super().__init__()
        self._algorithm_classes = algorithm_classes

    def id(self):
        return "coastalhm"

    def name(self):
        return tr("Coastal Heavy Metal Risk")

    def longName(self):
        return self.name()

    def icon(self):
        return QIcon(str(RESOURCES / "icons" / "coastalhm.svg"))

    def svgIconPath(self):
        return str(RESOURCES / "icons" / "coastalhm.svg")

    def supportedOutputRasterLayerExtensions(self):
        return ["tif", "tiff"]

    def load(self):
        # a model finds its tools in the registry, where this provider is only once it has loaded
        QgsApplication.processingRegistry().providerAdded.connect(self._registered)
        return super().load()

    def loadAlgorithms(self):
        for algorithm_class in self._algorithm_classes:
            self.addAlgorithm(algorithm_class())
        if QgsApplication.processingRegistry().providerById(self.id()) is not None:
            self._add_models()

    def _registered(self, name):
        if name == self.id():
            QgsApplication.processingRegistry().providerAdded.disconnect(self._registered)
            self._add_models()
            self.algorithmsLoaded.emit()

    def _add_models(self):
        for model in models.shipped():
            self.addAlgorithm(model)

"""The Processing provider: every algorithm, one list."""

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .base import RESOURCES


class CoastalProvider(QgsProcessingProvider):
    """Provider ``coastalhm``."""

    def __init__(self, algorithm_classes):
        super().__init__()
        self._algorithm_classes = algorithm_classes

    def id(self):
        return "coastalhm"

    def name(self):
        return "Coastal Heavy Metal Risk"

    def longName(self):
        return self.name()

    def icon(self):
        return QIcon(str(RESOURCES / "icons" / "coastalhm.svg"))

    def svgIconPath(self):
        return str(RESOURCES / "icons" / "coastalhm.svg")

    def loadAlgorithms(self):
        for algorithm_class in self._algorithm_classes:
            self.addAlgorithm(algorithm_class())

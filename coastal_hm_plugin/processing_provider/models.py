"""Models of several tools, as the model designer saves them, shipped with the tools."""

from qgis.core import QgsProcessingModelAlgorithm
from qgis.PyQt.QtGui import QIcon

from . import translation
from .base import GROUP_IDS
from .translation import RESOURCES

FOLDER = RESOURCES / "models"


class CoastalModel(QgsProcessingModelAlgorithm):
    """A model of the toolbox: the file's name is its id, the name in the file its title."""

    TAGS = ("model", "workflow", "chain")
    NEEDS = ()

    def __init__(self, path):
        super().__init__()
        self._path = path
        if not self.fromFile(str(path)):
            raise ValueError(f"'{path}' is no model")
        self.setSourceFilePath(str(path))  # without it QGIS keeps no history of its runs
        self._title, self._group = super().displayName(), super().group()
        for parameter in self.parameterDefinitions():
            translation.translate_parameter(parameter)

    def createInstance(self):
        return CoastalModel(self._path)

    def name(self):
        return self._path.stem

    def displayName(self):
        return translation.tr(self._title)

    def group(self):
        return translation.tr(self._group)

    def groupId(self):
        return GROUP_IDS[self._group]

    def tags(self):
        return [*self.TAGS, "heavy metals", "geochemistry", "coast"]

    def icon(self):
        return QIcon(str(RESOURCES / "icons" / f"{self.name()}.svg"))

    def svgIconPath(self):
        return str(RESOURCES / "icons" / f"{self.name()}.svg")

    def shortHelpString(self):
        return translation.help_text(self.name())


def shipped():
    """The models, each from its file. Their tools must be in the registry by now."""
    return [CoastalModel(path) for path in sorted(FOLDER.glob("*.model3"))]

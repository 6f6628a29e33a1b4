"""The toolbox's menu of a shipped model: open a copy of it in the model designer.

QGIS itself offers its designer for the user's own models alone.
"""

from processing.gui.ContextAction import ContextAction
from processing.gui.ProviderActions import ProviderContextMenuActions
from qgis.core import QgsApplication, QgsProcessingModelAlgorithm
from qgis.PyQt.QtCore import QCoreApplication

from ..processing_provider.models import CoastalModel


class EditModelCopy(ContextAction):
    """An entry of the toolbox's context menu."""

    def __init__(self):
        super().__init__()
        self.name = self.tr("Edit a copy in the model designer...")

    def add(self):
        """Add the entry to the toolbox."""
        ProviderContextMenuActions.registerProviderContextMenuActions([self])

    def remove(self):
        """Take it away again."""
        ProviderContextMenuActions.deregisterProviderContextMenuActions([self])

    def tr(self, text):
        return QCoreApplication.translate("EditModelCopy", text)

    def icon(self):
        return QgsApplication.getThemeIcon("/processingModel.svg")

    def isEnabled(self):
        return isinstance(self.itemData, CoastalModel)

    def execute(self):
        """Open the designer; saving asks for a name, as the copy has no file."""
        from processing.modeler.ModelerDialog import ModelerDialog

        copy = QgsProcessingModelAlgorithm()
        copy.fromFile(self.itemData.sourceFilePath())
        window = ModelerDialog.create(copy)
        window.update_model.connect(refresh_own_models)
        window.show()
        window.activate()
        return window


def refresh_own_models():
    """Show a model that was saved among the user's own in the toolbox."""
    QgsApplication.processingRegistry().providerById("model").refreshAlgorithms()

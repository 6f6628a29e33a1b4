"""The message bar that says, once, which tools wait for which package."""

from qgis.core import Qgis, QgsSettings
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QPushButton

from ..processing_provider import dependencies
from ..processing_provider.installation import inventory, words

TOLD = "coastalhm/missingPackagesTold"


class MissingPackages(QObject):
    """The message and its button. install: called when the button is pressed."""

    def __init__(self, interface, install):
        super().__init__()
        self._interface = interface
        self._install = install
        self._item = None

    def show_once(self, packages, algorithms):
        """Say what is missing, unless just this was said before. packages: the plugin's PackageFolder."""
        names = dependencies.missing(dependencies.PACKAGES)
        settings = QgsSettings()
        told = ",".join(names)
        if settings.value(TOLD, "") == told:
            return
        settings.setValue(TOLD, told)
        if not names:
            return
        rows = [row for row in inventory.packages(packages.home, algorithms) if row.name in names]
        needing = sum(bool(dependencies.needs(tool)) for tool in algorithms)
        reason = packages.outdated()
        text = " ".join(text for text in (reason, words.who_waits(rows, needing)) if text)
        self._push(text, words.each_tool(rows))

    def _push(self, text, details):
        bar = self._interface.messageBar()
        self._item = bar.createMessage(self.tr("Coastal Heavy Metal Risk"), text)
        self._item.setToolTip(details)
        button = QPushButton(self.tr("Install dependencies"), self._item)
        button.clicked.connect(self._pressed)
        self._item.layout().addWidget(button)
        self._item.destroyed.connect(self._forget)
        bar.pushWidget(self._item, Qgis.MessageLevel.Warning, 0)

    def _pressed(self):
        self.clear()
        self._install()

    def _forget(self):
        self._item = None

    def clear(self):
        """Take the message away."""
        if self._item is not None:
            item, self._item = self._item, None
            self._interface.messageBar().popWidget(item)

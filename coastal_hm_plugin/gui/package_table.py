"""The table of packages."""

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from ..processing_provider.installation import words

TICKED_THOUGH_OPTIONAL = ("openpyxl",)  # small, and every workbook asks for it
MISSING, OUTDATED = "#b3261e", "#8a5a00"


class PackageTable(QTableWidget):
    """One package a line; what pip can install has a box to tick."""

    def __init__(self, parent=None):
        super().__init__(0, 5, parent)
        self._missing = set()
        self.setHorizontalHeaderLabels(
            [self.tr("Package"), self.tr("Needed"), self.tr("Found"), self.tr("Where"), self.tr("For")]
        )
        self.verticalHeader().hide()
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)

    def fill(self, packages, by_pip):
        """Show the packages. by_pip: import names that pip installs here, whether there already or not."""
        self._missing = {package.name for package in packages if package.missing}
        self.blockSignals(True)
        self.setRowCount(len(packages))
        for row, package in enumerate(packages):
            for column, text in enumerate(self._texts(package)):
                item = QTableWidgetItem(text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                item.setToolTip("\n".join(package.waiting) if column == 4 else package.path)
                if column == 2 and (package.outdated or (package.missing and package.needed)):
                    item.setForeground(QColor(MISSING if package.missing else OUTDATED))
                self.setItem(row, column, item)
            if package.name in by_pip:
                self._tickable(self.item(row, 0), package)
        self.blockSignals(False)

    def _texts(self, package):
        name, _, lowest = package.requirement.partition(">=")
        needed = (self.tr("{} or newer").format(lowest) if lowest else self.tr("yes")) if package.needed else ""
        found = package.version or (self.tr("missing") if package.needed else self.tr("not installed"))
        if package.outdated:
            found += " " + self.tr("(older)")
        where = words.whose(package)
        tools = ", ".join(package.waiting[:2]) or words.purpose(package)
        if len(package.waiting) > 2:
            tools = self.tr("{} and {} more").format(tools, len(package.waiting) - 2)
        return name, needed or self.tr("optional"), found, where, tools

    def _tickable(self, item, package):
        ticked = package.needed or package.name in TICKED_THOUGH_OPTIONAL or not package.missing
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        item.setData(Qt.ItemDataRole.UserRole, package.name)

    def lacking(self):
        """Import names of the packages that are ticked and not there yet."""
        return [name for name in self.chosen() if name in self._missing]

    def chosen(self):
        """Import names of the packages that are ticked."""
        items = [self.item(row, 0) for row in range(self.rowCount())]
        return [
            item.data(Qt.ItemDataRole.UserRole)
            for item in items
            if item.data(Qt.ItemDataRole.UserRole) and item.checkState() == Qt.CheckState.Checked
        ]

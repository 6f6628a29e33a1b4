"""The window of Python packages: what is there, what waits for what, install, undo."""

import sys
from pathlib import Path

from qgis.gui import QgsCollapsibleGroupBox
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
)

from ..processing_provider import dependencies
from ..processing_provider.installation import inventory, procedure, words
from ..processing_provider.installation.process import proxies
from .installation_thread import InstallationThread
from .package_table import PackageTable


class DependenciesWindow(QDialog):
    """Packages that the tools need. packages: the plugin's PackageFolder; algorithms: the tools."""

    changed = pyqtSignal()

    def __init__(self, packages, algorithms, parent=None):
        super().__init__(parent)
        self._folder = packages
        self._algorithms = algorithms
        self._thread = None
        self.setWindowTitle(self.tr("Python packages - Coastal Heavy Metal Risk"))
        self.resize(860, 620)
        self._build()

    # what is shown

    def _build(self):
        layout = QVBoxLayout(self)
        self.state = self._label()
        self.table = PackageTable(self)
        self.table.itemChanged.connect(self._count)
        self.distribution = self._label()
        self.progress = QProgressBar(self)
        self.progress.setMaximum(1000)
        self.progress.hide()
        self.log = QPlainTextEdit(self)
        self.log.setReadOnly(True)
        self.log.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.log.hide()
        self.result = self._label()
        self.result.hide()
        widgets = (self.state, self.table, self.distribution, self.progress, self.log, self.result, self._by_hand())
        for widget in widgets:
            layout.addWidget(widget, 1 if widget in (self.table, self.log) else 0)
        layout.addLayout(self._buttons())

    def _label(self):
        label = QLabel(self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _by_hand(self):
        """The commands to copy, folded away."""
        self.by_hand = QgsCollapsibleGroupBox(self.tr("By hand: behind a proxy, or without a network"), self)
        self.by_hand.setCollapsed(True)
        layout = QVBoxLayout(self.by_hand)
        self.install_command = self._command_line(layout, self.tr("Run this in a terminal, then press 'Check again':"))
        elsewhere = self.tr(
            "Without a network: run this on a computer with the same system and Python, beside a copy of {}, then "
            "press 'From a folder of wheels':"
        )
        self.download_command = self._command_line(layout, elsewhere.format(self._folder.constraints))
        return self.by_hand

    def _command_line(self, layout, text):
        label = self._label()
        label.setText(text)
        line = QLineEdit(self.by_hand)
        line.setReadOnly(True)
        copy = self._button(self.tr("Copy"), lambda: QApplication.clipboard().setText(line.text()))
        row = QHBoxLayout()
        row.addWidget(line)
        row.addWidget(copy)
        layout.addWidget(label)
        layout.addLayout(row)
        return line

    def _buttons(self):
        row = QHBoxLayout()
        self.install_button = self._button(self.tr("Install"), self.install)
        self.wheels_button = self._button(self.tr("From a folder of wheels..."), self._choose_wheels)
        self.remove_button = self._button(self.tr("Remove what was installed"), self.remove)
        self.again_button = self._button(self.tr("Check again"), self.check_again)
        self.cancel_button = self._button(self.tr("Cancel"), self._cancel)
        self.close_button = self._button(self.tr("Close"), self.close)
        self.install_button.setDefault(True)
        for button in (self.install_button, self.wheels_button, self.remove_button, self.again_button):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.cancel_button, self.close_button):
            row.addWidget(button)
        return row

    def _button(self, text, call):
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: call())
        return button

    def refresh(self):
        """Read again what is there."""
        rows = inventory.packages(self._folder.home, self._algorithms)
        by_pip, by_distribution = procedure.wanted(self._folder.home, tuple(row.name for row in rows if not row.needed))
        self.table.fill(rows, by_pip)
        missing = [row for row in rows if row.needed and row.missing]
        self.state.setText(self._state(missing))
        self.distribution.setText(words.for_the_distribution(by_distribution) if by_distribution else "")
        self.distribution.setVisible(bool(by_distribution))
        self._count()

    def _state(self, missing):
        where = self.tr("Packages go into the plugin's own folder of your profile; QGIS's own are never changed.")
        if not missing:
            return f"{self.tr('Every tool has what it needs.')} {where}"
        needing = sum(bool(dependencies.needs(tool)) for tool in self._algorithms)
        texts = (self._folder.outdated(), words.who_waits(missing, needing), where)
        return " ".join(text for text in texts if text)

    def _count(self, _item=None):
        """Buttons and commands follow what is ticked."""
        chosen, lacking, running = self.table.chosen(), self.table.lacking(), self._thread is not None
        self.install_button.setText(self.tr("Install again") if chosen and not lacking else self.tr("Install"))
        for button in (self.install_button, self.wheels_button):
            button.setEnabled(bool(chosen) and not running)
        self.remove_button.setEnabled(self._folder.current() is not None and not running)
        self.again_button.setEnabled(not running)
        self.cancel_button.setVisible(running)
        self.close_button.setVisible(not running)
        self.table.setEnabled(not running)
        self.by_hand.setVisible(bool(lacking) and not running)
        if lacking:
            install, download = words.commands_by_hand(procedure.request(chosen), self._folder)
            self.install_command.setText(install)
            self.download_command.setText(download)
            self.install_command.setCursorPosition(0)
            self.download_command.setCursorPosition(0)

    # what is done

    def install(self, wheels=None):
        """Install what is ticked, from the package index or from a folder of wheels."""
        asked = procedure.request(self.table.chosen(), wheels)
        self._start(procedure.install(asked, self._folder))

    def _choose_wheels(self):
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Folder of wheels"))
        if chosen:
            self.install(Path(chosen))

    def check_again(self):
        """Take up what was installed by hand, then read again what is there."""
        if self._folder.by_hand.is_dir():
            self._start(procedure.adopt(tuple(self.table.chosen()), self._folder))
        else:
            self._folder.activate()
            self._say("")
            self.refresh()

    def remove(self):
        """Undo: the plugin's own packages go away."""
        loaded = self._loaded()
        self._folder.remove()
        text = self.tr("Removed. QGIS's own packages were never touched.")
        self._say(f"{text} {self._restart()}" if loaded else text)
        self.refresh()

    def _start(self, course):
        self.log.clear()
        self.log.show()
        self.progress.setValue(0)
        self.progress.show()
        self._say("")
        self._thread = InstallationThread(course, proxies(), self)
        self._thread.told.connect(self._tell)
        self._thread.share.connect(lambda share: self.progress.setValue(int(1000 * share)))
        self._thread.finished.connect(self._ended)
        self._count()
        self._thread.start()

    def _say(self, text):
        self.result.setText(text)
        self.result.setVisible(bool(text))

    def _tell(self, line):
        self.log.appendPlainText(line)
        bar = self.log.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _ended(self):
        thread, self._thread = self._thread, None
        loaded = self._loaded()
        self.progress.hide()
        self._folder.activate()
        if thread.packages is not None:
            installed = self.tr("Installed and tried: {}. The tools can be used now.").format(
                ", ".join(thread.packages)
            )
            self._say(f"{installed} {self._restart()}" if loaded else installed)
            self.changed.emit()
        else:
            self._say(thread.error or self.tr("Cancelled. Nothing was changed."))
            self.by_hand.setCollapsed(not thread.error)
        self.refresh()

    def _loaded(self):
        """Whether a package of the plugin's folder is in use in this QGIS."""
        home = str(self._folder.home)
        return any((getattr(module, "__file__", "") or "").startswith(home) for module in list(sys.modules.values()))

    def _restart(self):
        return self.tr("Restart QGIS: it has loaded packages that are not there any more.")

    def _cancel(self):
        if self._thread is not None:
            self._thread.requestInterruption()

    def stop(self):
        """Cancel what runs and wait for its end."""
        if self._thread is not None:
            self._thread.finished.disconnect(self._ended)
            self._thread.requestInterruption()
            self._thread.wait(10_000)
            self._thread = None

    def reject(self):
        """Escape and the window's cross: they cancel nothing silently."""
        if self._thread is None:
            super().reject()

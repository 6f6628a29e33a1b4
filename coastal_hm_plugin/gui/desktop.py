"""Menu and toolbar of the desktop, and what their entries open."""

from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QObject, QUrl
from qgis.PyQt.QtGui import QDesktopServices, QIcon
from qgis.PyQt.QtWidgets import QAction

from ..processing_provider import dependencies
from ..processing_provider.base import RESOURCES
from .documentation import documentation_url
from .example import ExampleProject
from .notice import MissingPackages

PROVIDER = "coastalhm"


class Desktop(QObject):
    """What the plugin adds to QGIS's main window. packages: the plugin's PackageFolder."""

    def __init__(self, interface, packages):
        super().__init__()
        self._interface = interface
        self._packages = packages
        self._actions = []
        self._menu = ""
        self._toolbar = None
        self._window = self._dialog = self._edit_model = None
        self._example = ExampleProject(interface, profile_folder())
        self._notice = MissingPackages(interface, self.open_dependencies)

    def add(self):
        """Add menu, toolbar, and the message if packages are missing."""
        self._menu = self.tr("Coastal Heavy Metal Risk")
        self._toolbar = self._interface.addToolBar(self._menu)
        self._toolbar.setObjectName("CoastalHeavyMetalRiskToolbar")
        self._toolbar.setToolTip(self._menu)
        for icon, text, call in (
            ("menu_example", self.tr("Open the example project"), self.open_example),
            ("menu_assessment", self.tr("Full coastal assessment..."), self.open_assessment),
            ("menu_documentation", self.tr("Documentation"), self.open_documentation),
            ("menu_dependencies", self.tr("Dependencies..."), self.open_dependencies),
        ):
            action = QAction(QIcon(str(RESOURCES / "icons" / f"{icon}.svg")), text, self._interface.mainWindow())
            action.setObjectName(f"CoastalHeavyMetalRisk_{icon}")
            action.triggered.connect(lambda _checked=False, call=call: call())
            self._toolbar.addAction(action)
            self._interface.addPluginToMenu(self._menu, action)
            self._actions.append(action)
        self._add_to_toolbox()
        self._notice.show_once(self._packages, algorithms())

    def _add_to_toolbox(self):
        from .edit_model import EditModelCopy  # of Processing, which loads after this plugin

        self._edit_model = EditModelCopy()
        self._edit_model.add()

    def remove(self):
        """Take all of it away; running work is stopped."""
        if self._edit_model is not None:
            self._edit_model.remove()
            self._edit_model = None
        self._example.stop()
        self._notice.clear()
        if self._window is not None:
            self._window.stop()
            self._window.close()
            self._window.deleteLater()
            self._window = None
        for action in self._actions:
            self._interface.removePluginMenu(self._menu, action)
            self._toolbar.removeAction(action)
            action.deleteLater()
        self._actions.clear()
        if self._toolbar is not None:
            self._interface.mainWindow().removeToolBar(self._toolbar)
            self._toolbar.deleteLater()
            self._toolbar = None

    def open_example(self):
        """Open the example project; make it first if it is not there."""
        if self._may_run("examplecoast", "assessment"):
            self._example.open()

    def open_assessment(self):
        """Open the dialog of the full assessment."""
        if self._may_run("assessment"):
            from qgis import processing

            # without a reference Python forgets what the dialog does, though the main window still shows it
            self._dialog = processing.createAlgorithmDialog(f"{PROVIDER}:assessment")
            self._dialog.show()

    def open_documentation(self):
        """Open the documentation in the browser."""
        QDesktopServices.openUrl(QUrl(documentation_url(profile_folder(), algorithms())))

    def open_dependencies(self):
        """Open the window of packages."""
        from .dependencies_window import DependenciesWindow

        if self._window is None:
            self._window = DependenciesWindow(self._packages, algorithms(), self._interface.mainWindow())
            self._window.changed.connect(self._notice.clear)
        self._window.refresh()
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def _may_run(self, *names):
        """Whether nothing is missing for these tools; otherwise the window of packages says what."""
        needs = {need for tool in algorithms() if tool.name() in names for need in dependencies.needs(tool)}
        if dependencies.missing(sorted(needs)):
            self.open_dependencies()
            return False
        return True


def algorithms():
    """The tools of the provider."""
    provider = QgsApplication.processingRegistry().providerById(PROVIDER)
    return provider.algorithms() if provider is not None else []


def profile_folder():
    """The plugin's own folder in the user's profile."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "coastal_hm_plugin"

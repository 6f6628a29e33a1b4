"""Run inside QGIS (``qgis.bin --code``): a user's first session, step by step, with a picture of each.

A step is a generator of what to wait for: seconds, or a function that becomes true. What was seen goes into
a JSON file. No window that asks something may come up: it is an error, and its text is told.
"""

import faulthandler
import json
import os
import time
import traceback
from pathlib import Path

from qgis.core import Qgis, QgsApplication, QgsLayoutItemMap, QgsProject, QgsSettings, QgsVectorLayer
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QAction, QApplication, QDialog, QLabel, QPushButton, QTextEdit, QToolBar
from qgis.utils import iface, plugins

faulthandler.dump_traceback_later(1500, exit=True)  # a frozen window has no timers
SCREENS = Path(os.environ["COASTALHM_SCREENS"])
ANSWER = Path(os.environ["COASTALHM_ANSWER"])
ZIP = os.environ.get("COASTALHM_ZIP", "")
STEPS = os.environ["COASTALHM_STEPS"].split(",")
PATIENCE = 400.0
seen = {"errors": [], "QGIS": Qgis.QGIS_VERSION}


def picture(name, widget=None):
    """The whole screen, or one window alone, as PNG."""
    QApplication.processEvents()
    shot = widget.grab() if widget is not None else QApplication.primaryScreen().grabWindow(0)
    SCREENS.mkdir(parents=True, exist_ok=True)
    shot.save(str(SCREENS / f"{name}.png"))


def messages():
    """Texts of the message bar."""
    bar = iface.messageBar()
    return [item.text() for item in bar.items()] if hasattr(bar, "items") else [bar.currentItem().text()]


def action(name):
    """An entry of the plugin's menu, as a user presses it."""
    return iface.mainWindow().findChild(QAction, f"CoastalHeavyMetalRisk_menu_{name}")


def dialog(title):
    """The visible window with this text in its title."""
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible() and title in widget.windowTitle():
            return widget
    return None


def install():
    """The zip through QGIS's own plugin installer."""
    import pyplugin_installer

    QgsSettings().setValue("plugins/experimental", True)
    pyplugin_installer.instance().installFromZipFile(ZIP)
    yield 1.0
    seen["loaded"] = "coastal_hm_plugin" in plugins
    import coastal_hm_plugin

    seen["file"] = coastal_hm_plugin.__file__
    seen["provider"] = len(QgsApplication.processingRegistry().providerById("coastalhm").algorithms())
    picture("01_installed")


def menu():
    """Menu and toolbar."""
    toolbar = iface.mainWindow().findChild(QToolBar, "CoastalHeavyMetalRiskToolbar")
    seen["toolbar"] = [entry.text() for entry in toolbar.actions()]
    plugin_menu = iface.pluginMenu()
    plugin_menu.popup(iface.mainWindow().mapToGlobal(iface.mainWindow().menuBar().pos()))
    for entry in plugin_menu.actions():
        if entry.menu() is not None and entry.text().replace("&", "") == "Coastal Heavy Metal Risk":
            plugin_menu.setActiveAction(entry)
            seen["menu"] = [one.text() for one in entry.menu().actions()]
            entry.menu().popup(iface.mainWindow().mapToGlobal(iface.mainWindow().rect().center()))
    yield 0.5
    picture("02_menu")
    for entry in plugin_menu.actions():
        if entry.menu() is not None:
            entry.menu().hide()
    plugin_menu.hide()
    yield 0.2


def toolbox():
    """The Processing toolbox, filled with the provider."""
    from processing.gui.ProcessingToolbox import ProcessingToolbox

    found = iface.mainWindow().findChild(ProcessingToolbox)
    found.setUserVisible(True)
    found.resize(500, found.height())
    found.searchBox.setText("coast")
    yield 1.0
    model = found.algorithmTree.model()
    roots = [model.data(model.index(row, 0)) for row in range(model.rowCount())]
    seen["toolbox"] = roots
    picture("03_toolbox")
    found.searchBox.setText("")
    found.setUserVisible(False)
    yield 0.2


def example():
    """One press makes the example and opens it; a second opens what is there."""
    start = time.monotonic()
    action("example").trigger()
    yield 2.0
    picture("04_example_being_made")
    yield lambda: QgsProject.instance().fileName().endswith("project.qgz")
    seen["example seconds"] = time.monotonic() - start
    iface.mapCanvas().waitWhileRendering()
    yield 2.0
    picture("05_example")
    seen["example layers"] = len(QgsProject.instance().mapLayers())
    extent = iface.mapCanvas().extent()
    seen["example width"] = extent.width()
    seen["example scale"] = iface.mapCanvas().scale()
    seen["invalid layers"] = [one.name() for one in QgsProject.instance().mapLayers().values() if not one.isValid()]
    seen["example file"] = QgsProject.instance().fileName()
    seen["layouts"] = [one.name() for one in QgsProject.instance().layoutManager().printLayouts()]


def layout():
    """The first print layout in its designer."""
    made = QgsProject.instance().layoutManager().printLayouts()[0]
    designer = iface.openLayoutDesigner(made)
    designer.window().resize(1500, 950)
    yield 4.0
    designer.view().zoomFull()
    yield 3.0
    picture("06_layout", designer.window())
    seen["layout pages"] = made.pageCollection().pageCount()
    seen["layout scales"] = [item.scale() for item in made.items() if isinstance(item, QgsLayoutItemMap)]
    designer.close()
    yield 0.5


def assessment():
    """The dialog of the full assessment, filled with the example and run."""
    iface.newProject(False)
    coast = Path(os.environ["COASTALHM_COAST"])
    action("assessment").trigger()
    yield lambda: dialog("Full coastal assessment") is not None
    window = dialog("Full coastal assessment")
    window.resize(1000, 800)
    picture("07_assessment_dialog", window)
    target = ANSWER.parent / "assessment"
    window.setParameters(_parameters(coast, target))
    yield 0.5
    picture("08_assessment_filled", window)
    done = []
    window.algorithmFinished.connect(lambda successful, _results: done.append(successful))
    window.runButton().click()
    yield 3.0
    picture("09_assessment_running", window)
    yield lambda: done
    yield 2.0
    seen["assessment"] = done[0]
    seen["assessment files"] = sorted(path.name for path in target.iterdir())
    picture("10_assessment_done", window)
    window.close()
    iface.mapCanvas().waitWhileRendering()
    yield 2.0
    picture("11_assessment_layers")
    seen["assessment layers"] = [one.name() for one in QgsProject.instance().mapLayers().values()]


def cancel():
    """A long run is stopped from its dialog."""
    coast = Path(os.environ["COASTALHM_COAST"])
    action("assessment").trigger()
    yield lambda: dialog("Full coastal assessment") is not None
    window = dialog("Full coastal assessment")
    target = ANSWER.parent / "cancelled"
    window.setParameters({**_parameters(coast, target), "PMF_STARTS": 400, "PMF_BOOTSTRAPS": 2000})
    done = []
    window.algorithmFinished.connect(lambda successful, _results: done.append(successful))
    window.runButton().click()
    yield 8.0
    seen["cancelled too late"] = bool(done)
    start = time.monotonic()
    window.cancelButton().click()
    yield lambda: QgsApplication.taskManager().countActiveTasks() == 0
    seen["cancel seconds"] = time.monotonic() - start
    yield 1.0
    picture("12_cancelled", window)
    seen["left after cancel"] = [str(path) for path in target.rglob("*")] if target.exists() else []
    window.close()
    yield 0.5


def _parameters(coast, target):
    rasters = [str(path) for path in sorted((coast / "rasters").glob("*.tif"))]
    layers = {}
    for medium in ("soil", "sediment", "water"):
        layer = QgsVectorLayer(f"{coast / 'example.gpkg'}|layername={medium}", medium)
        QgsProject.instance().addMapLayer(layer)
        layers[medium.upper()] = layer.id()
    return {**layers, "RASTERS": rasters, "OUTPUT_FOLDER": str(target)}


def missing():
    """A QGIS without the packages: said once, installed by the button, then the tools run."""
    seen["bar"] = messages()
    picture("20_missing_packages")
    item = iface.messageBar().currentItem()
    next(button for button in item.findChildren(QPushButton) if button.text() == "Install dependencies").click()
    yield lambda: dialog("Python packages") is not None
    window = dialog("Python packages")
    yield 0.5
    picture("21_dependencies", window)
    window.install_button.click()
    yield 1.5
    picture("22_installing", window)
    yield lambda: window.close_button.isVisible()
    yield 0.5
    picture("23_installed", window)
    seen["installed"] = window.result.text()
    window.close()
    import numpy
    import pandas
    import xgboost

    seen["files"] = {module.__name__: module.__file__ for module in (numpy, pandas, xgboost)}


def undo():
    """One click takes the packages away again."""
    action("dependencies").trigger()
    yield lambda: dialog("Python packages") is not None
    window = dialog("Python packages")
    window.remove_button.click()
    yield 0.5
    picture("24_removed", window)
    seen["removed"] = window.result.text()
    window.close()


def unload():
    """The plugin switched off and on again leaves nothing behind."""
    from qgis.utils import startPlugin, unloadPlugin

    seen["unloaded"] = unloadPlugin("coastal_hm_plugin")
    yield 0.5
    seen["left toolbars"] = iface.mainWindow().findChild(QToolBar, "CoastalHeavyMetalRiskToolbar") is not None
    seen["left provider"] = QgsApplication.processingRegistry().providerById("coastalhm") is not None
    seen["left menu"] = [a.text() for a in iface.pluginMenu().actions() if "Coastal" in a.text()]
    from qgis.utils import loadPlugin

    loadPlugin("coastal_hm_plugin")
    seen["started again"] = startPlugin("coastal_hm_plugin")
    yield 0.5


def drive():
    """Runs the steps, then closes QGIS as a user does."""
    yield 3.0
    for name in STEPS:
        yield from globals()[name]()


class Driver:
    """Advances the steps from the event loop."""

    def __init__(self):
        self.course = drive()
        self.wanted = None
        self.deadline = 0.0
        self.timer = QTimer()
        self.timer.timeout.connect(self.advance)
        self.timer.start(50)
        self.watcher = QTimer()
        self.watcher.timeout.connect(self.watch)
        self.watcher.start(500)
        self.next()

    def next(self):
        self.timer.stop()
        try:
            wanted = next(self.course)
            self.began = time.monotonic()
            self.wanted = wanted
            self.timer.start(50)
        except StopIteration:
            self.close(0)
        except Exception:
            seen["errors"].append(traceback.format_exc())
            self.close(1)

    def advance(self):
        waited = time.monotonic() - self.began
        if not callable(self.wanted):
            if waited >= self.wanted:
                self.next()
        elif self.wanted():
            self.next()
        elif waited > PATIENCE:
            seen["errors"].append(f"waited {waited:.0f} s in vain in {self.course.gi_yieldfrom}")
            self.close(1)

    def watch(self):
        """Runs beside the steps, also while one of them is held up by a window that asks."""
        asking = QApplication.activeModalWidget()
        if asking is None:
            return
        texts = [one.text() for one in asking.findChildren(QLabel)]
        texts += [one.toPlainText() for one in asking.findChildren(QTextEdit)]
        seen["errors"].append(f"asked: {asking.windowTitle()} {' '.join(texts)}")
        self.close(1)

    def close(self, code):
        ANSWER.write_text(json.dumps(seen, indent=1), encoding="utf-8")
        if code:
            picture("error")
            os._exit(code)
        # of layers in a folder for temporary files, where a checkout may lie, QGIS asks before it closes
        QgsProject.instance().removeAllMapLayers()
        QgsProject.instance().setDirty(False)
        QTimer.singleShot(0, iface.actionExit().trigger)


driver = Driver()

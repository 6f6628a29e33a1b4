"""The example as a finished project: made in the background the first time, then opened."""

from qgis.core import Qgis, QgsApplication, QgsProcessingAlgRunnerTask, QgsProcessingContext, QgsProcessingFeedback
from qgis.PyQt.QtCore import QObject, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QProgressBar, QPushButton

TITLE = "Synthetic example coast (Bohai and Yellow Sea shore): not measurements"
FILTERED = 0
FOREVER, A_WHILE = 0, 20
COAST_SHARE = 20  # per cent of the time


class ExampleProject(QObject):
    """Opens the example. folder: the plugin's folder in the profile, where the example is kept."""

    def __init__(self, interface, folder):
        super().__init__()
        self._interface = interface
        self._coast = folder / "example" / "coast"
        self._result = folder / "example" / "assessment"
        self._steps = []
        self._running = None  # (task, context, feedback): Python keeps them alive
        self._item = self._bar = None

    @property
    def project(self):
        """The finished project."""
        return self._result / "project.qgz"

    def open(self):
        """Open the project, after making it if need be."""
        if self._running is not None:
            return
        if self.project.exists():
            self._show()
            return
        self._steps = [("examplecoast", 0, COAST_SHARE), ("assessment", COAST_SHARE, 100)]
        self._push_progress()
        self._next()

    def stop(self):
        """Stop what runs and take the message away."""
        self._steps = []
        if self._running is not None:
            task = self._running[0]
            task.executed.disconnect(self._ended)
            task.cancel()
            task.waitForFinished(10_000)
            self._running = None
        self._pop()

    def _next(self):
        name, begin, end = self._steps.pop(0)
        algorithm = QgsApplication.processingRegistry().algorithmById(f"coastalhm:{name}")
        context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
        task = QgsProcessingAlgRunnerTask(algorithm, self._parameters(name), context, feedback)
        task.executed.connect(self._ended)
        task.progressChanged.connect(lambda share: self._progress(begin + share * (end - begin) / 100))
        self._running = (task, context, feedback)
        QgsApplication.taskManager().addTask(task)

    def _parameters(self, name):
        if name == "examplecoast":
            return {"FOLDER": str(self._coast), "LOAD": False}
        points = {medium.upper(): str(self._coast / f"{medium}.csv") for medium in ("soil", "sediment", "water")}
        rasters = [str(path) for path in sorted((self._coast / "rasters").glob("*.tif"))]
        about = {"TITLE": TITLE, "WATER_FRACTION": FILTERED, "OUTPUT_FOLDER": str(self._result), "LOAD": False}
        return {**points, "RASTERS": rasters, **about}

    def _ended(self, successful, _results):
        cancelled, log = self._running[0].isCanceled(), self._running[2].textLog()
        self._running = None
        if successful and self._steps:
            self._next()
            return
        self._pop()
        if successful:
            self._show()
        elif not cancelled:
            lines = [line for line in log.splitlines() if line.strip()]
            self._say(
                self.tr("The example could not be made:") + " " + " ".join(lines[-2:]), Qgis.MessageLevel.Critical
            )

    def _show(self):
        if self._interface.addProject(str(self.project)):
            text = self.tr("The example is open: synthetic data, which say nothing of any real place.")
            self._say(text, Qgis.MessageLevel.Success, button=True)

    def _say(self, text, level, button=False):
        bar = self._interface.messageBar()
        item = bar.createMessage(self.tr("Example"), text)
        if button:
            opener = QPushButton(self.tr("Show its files"), item)
            opener.clicked.connect(self._show_files)
            item.layout().addWidget(opener)
        bar.pushWidget(item, level, A_WHILE)

    def _show_files(self):
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._result)))

    def _push_progress(self):
        bar = self._interface.messageBar()
        self._item = bar.createMessage(self.tr("Example"), self.tr("The example is being made: about a minute, once."))
        self._bar = QProgressBar(self._item)
        self._bar.setMaximumWidth(200)
        cancel = QPushButton(self.tr("Cancel"), self._item)
        cancel.clicked.connect(self._cancel)
        for widget in (self._bar, cancel):
            self._item.layout().addWidget(widget)
        self._item.destroyed.connect(self._forget)
        bar.pushWidget(self._item, Qgis.MessageLevel.Info, FOREVER)

    def _progress(self, share):
        if self._bar is not None:
            self._bar.setValue(int(share))

    def _cancel(self):
        self._steps = []
        if self._running is not None:
            self._running[0].cancel()

    def _forget(self):
        self._item = self._bar = None

    def _pop(self):
        if self._item is not None:
            item = self._item
            self._forget()
            self._interface.messageBar().popWidget(item)

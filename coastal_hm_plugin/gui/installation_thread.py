"""An installation in a thread of its own, so that the window stays alive."""

import traceback

from qgis.PyQt.QtCore import QThread, pyqtSignal

from ..core.errors import Cancelled
from ..core.monitor import Monitor
from ..processing_provider.installation.errors import InstallationError
from ..processing_provider.installation.process import run


class InstallationThread(QThread):
    """Runs a course of ``installation.procedure``; ``requestInterruption`` cancels it.

    When it has finished, ``packages`` holds what was installed, or None; ``error`` why not, empty after a cancel.
    """

    told = pyqtSignal(str)
    share = pyqtSignal(float)

    def __init__(self, course, proxies, parent=None):
        super().__init__(parent)
        self._course = course
        self._proxies = proxies
        self.packages = None
        self.error = ""

    def run(self):
        monitor = Monitor(
            on_progress=self.share.emit,
            on_info=self.told.emit,
            on_warning=self.told.emit,
            is_cancelled=self.isInterruptionRequested,
        )
        try:
            self.packages = run(self._course, monitor, self._proxies)
        except Cancelled:
            self.told.emit(self.tr("Cancelled."))
        except InstallationError as error:
            self.error = str(error)
        except Exception as error:  # a fault of ours must not end QGIS: a slot's exception would
            self.told.emit(traceback.format_exc())
            self.error = f"{type(error).__name__}: {error}"

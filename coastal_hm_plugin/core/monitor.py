"""How long work reports what it does and learns that it should stop.

Core functions take ``monitor=SILENT``. A caller with a progress bar passes a :class:`Monitor` of its own
functions; the Processing algorithms pass one that speaks to QGIS's feedback.
"""

from dataclasses import dataclass
from typing import Callable

from .errors import Cancelled


def _nothing(_):
    return None


@dataclass(frozen=True)
class Monitor:
    """Progress, messages and cancellation.

    on_progress takes the fraction done (0 to 1); on_info and on_warning take a text;
    is_cancelled answers whether to stop. ``start`` and ``stop`` are this monitor's share of the whole.
    """

    on_progress: Callable[[float], None] = _nothing
    on_info: Callable[[str], None] = _nothing
    on_warning: Callable[[str], None] = _nothing
    is_cancelled: Callable[[], bool] = lambda: False
    start: float = 0.0
    stop: float = 1.0

    def check(self):
        """Raise Cancelled if the user asked to stop. Call it at least every half second of work."""
        if self.is_cancelled():
            raise Cancelled("Cancelled by the user.")

    def progress(self, fraction):
        """Report the fraction done (0 to 1) of this monitor's share; stop here if asked to, unless all is done."""
        if fraction < 1.0:
            self.check()
        self.on_progress(self.start + (self.stop - self.start) * min(max(fraction, 0.0), 1.0))

    def info(self, text):
        """Tell the user something that happened."""
        self.on_info(text)

    def warn(self, text):
        """Tell the user something that limits the result."""
        self.on_warning(text)

    def part(self, start, stop):
        """A monitor for one step of the work: its 0 to 1 is this monitor's ``start`` to ``stop``."""
        width = self.stop - self.start
        return Monitor(
            self.on_progress,
            self.on_info,
            self.on_warning,
            self.is_cancelled,
            self.start + width * start,
            self.start + width * stop,
        )


SILENT = Monitor()

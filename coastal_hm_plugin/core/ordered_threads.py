"""Independent pieces of work on several threads, their results in order; for work that is mostly outside of Python."""

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor, wait

from .monitor import SILENT, Monitor

SECONDS_BETWEEN_CHECKS = 0.1


def in_order(function, items, workers, monitor=SILENT):
    """Yield ``function(item, monitor)`` of each item, in the order of the items.

    At most two per worker are begun and not yet taken, so memory does not grow with the items. The function's own
    monitor says when to stop: on Cancel, and when the caller closes the generator (``contextlib.closing``), which it
    should on any error of its own.
    """
    stop, waiting = threading.Event(), deque()
    own = Monitor(is_cancelled=stop.is_set)
    with ThreadPoolExecutor(workers) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item, own))
                if len(waiting) == 2 * workers:
                    yield _result(waiting.popleft(), monitor)
            while waiting:
                yield _result(waiting.popleft(), monitor)
        finally:
            stop.set()
            for future in waiting:
                future.cancel()


def _result(future, monitor):
    while True:
        monitor.check()
        if wait([future], timeout=SECONDS_BETWEEN_CHECKS).done:
            return future.result()

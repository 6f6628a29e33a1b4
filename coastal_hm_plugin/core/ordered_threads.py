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
    stop = threading.Event()
    own = Monitor(is_cancelled=stop.is_set)
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield from results_in_order(
                lambda item: pool.submit(function, item, own), items, lambda: 2 * workers, monitor.check
            )
        finally:
            stop.set()


def results_in_order(submit, items, most, look):
    """Yield the result of ``submit(item)``, a future, of each item, in the order of the items.

    At most ``most()`` futures are waited for at a time; while waiting ``look()`` may raise to end all.
    """
    waiting = deque()
    try:
        for item in items:
            waiting.append(submit(item))
            while len(waiting) >= most():
                yield _result(waiting.popleft(), look)
        while waiting:
            yield _result(waiting.popleft(), look)
    finally:
        for future in waiting:
            future.cancel()


def _result(future, look):
    while True:
        look()
        if wait([future], timeout=SECONDS_BETWEEN_CHECKS).done:
            return future.result()

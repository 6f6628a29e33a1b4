"""Numbers as text have a decimal point while a tool runs, whatever the language of the computer.

Qt sets the C library to the user's locale. With a decimal comma XGBoost then reads its own parameters up to the point
only (487.6 as 487) and trains another model, without a word.
"""

import locale
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_running = 0
_users = ""


@contextmanager
def decimal_point():
    """Hold LC_NUMERIC at "C". It is the whole program's, and tools run side by side: the last one puts it back."""
    global _running, _users
    with _lock:
        if _running == 0:
            _users = locale.setlocale(locale.LC_NUMERIC)
            locale.setlocale(locale.LC_NUMERIC, "C")
        _running += 1
    try:
        yield
    finally:
        with _lock:
            _running -= 1
            if _running == 0:
                locale.setlocale(locale.LC_NUMERIC, _users)

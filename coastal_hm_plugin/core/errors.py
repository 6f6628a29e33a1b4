"""The two ways a computation ends early: the input is wrong, or the user stopped it."""


class InputError(ValueError):
    """The input cannot be used. The message names the column, the rows and what to do."""


class Cancelled(Exception):
    """The user asked to stop. Raised by :meth:`Monitor.check`."""


def name_rows(rows, shown=5):
    """Rows as a reader counts them (from 1), at most ``shown`` of them: ``"3, 7, 12 and 40 more"``."""
    rows = [int(row) + 1 for row in rows]
    text = ", ".join(str(row) for row in rows[:shown])
    return text if len(rows) <= shown else f"{text} and {len(rows) - shown} more"

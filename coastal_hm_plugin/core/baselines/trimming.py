"""Baselines that drop what lies outside a range: iterative mean, iterative median and box plot."""

from dataclasses import dataclass

import numpy as np

# Rounding must not decide whether a value that lies on a limit is kept.
_SLACK = 1e-9
_FENCE = 1.5


@dataclass(frozen=True)
class Trimmed:
    """What is left of each row: values[first:last], after ``iterations`` passes that dropped something.

    upper: the upper limit of the kept range; NaN where the spread is 0 and there is no range.
    """

    first: np.ndarray
    last: np.ndarray
    iterations: np.ndarray
    upper: np.ndarray


@dataclass(frozen=True)
class Pass:
    """One pass over a row: n values went in, centre, the limits of the range, values dropped below and above it."""

    n: int
    centre: float
    low: float
    high: float
    dropped_low: int
    dropped_high: int


def trim(rows, method, options, log=None):
    """Trim every row of a :class:`SortedRows` by ``"imea"``, ``"imed"`` or ``"boxplot"``.

    log: a list that gets a :class:`Pass` for every pass over the first row.
    """
    log = [] if log is None else log
    if method == "boxplot":
        return _fences(rows, options.upper_only, log)
    if method == "imea":
        return _iterate(rows, (rows.mean, rows.sd), options, log)
    return _iterate(rows, (rows.median, rows.mad if options.spread == "mad" else rows.sd), options, log)


def _iterate(rows, statistics, options, log):
    """Drop values outside centre +- k spreads of what is left, until nothing more is dropped.

    Matschullat et al. 2000 (Environmental Geology 39, doi:10.1007/s002549900084) for the iterative 2-sigma technique.
    """
    centre_of, spread_of = statistics
    first, last = rows.whole()
    iterations = np.zeros(rows.shape[0], dtype=int)
    slack = _slack(rows)
    while True:
        centre, spread = centre_of(first, last), spread_of(first, last)
        reach = np.where(spread > slack, options.k * spread, np.inf)
        low = np.full_like(centre, -np.inf) if options.upper_only else centre - reach
        start, stop = rows.between(low - slack, centre + reach + slack)
        start, stop = np.maximum(start, first), np.minimum(stop, last)
        log.append(_pass(centre, (low, centre + reach), (first, last), (start, stop)))
        dropped = (start > first) | (stop < last)
        if not dropped.any():
            return Trimmed(first, last, iterations, _finite(centre + reach))
        iterations += dropped
        first, last = start, stop


def _fences(rows, upper_only, log):
    """Drop values outside Tukey's inner fences, the quartiles -+ 1.5 interquartile ranges, once.

    Tukey 1977; as a geochemical threshold Reimann, Filzmoser and Garrett 2005 (doi:10.1016/j.scitotenv.2004.11.023).
    """
    whole = rows.whole()
    lower, upper = rows.quantile(*whole, 0.25), rows.quantile(*whole, 0.75)
    slack = _slack(rows)
    reach = np.where(upper - lower > slack, _FENCE * (upper - lower), np.inf)
    low = np.full_like(lower, -np.inf) if upper_only else lower - reach
    first, last = rows.between(low - slack, upper + reach + slack)
    log.append(_pass(rows.median(*whole), (low, upper + reach), whole, (first, last)))
    dropped = (last - first < rows.shape[1]).astype(int)
    return Trimmed(first, last, dropped, _finite(upper + reach))


def _pass(centre, limits, before, after):
    """What a pass did to the first row."""
    (low, high), (first, last), (start, stop) = ([float(one[0]) for one in pair] for pair in (limits, before, after))
    return Pass(int(last - first), float(centre[0]), low, high, int(start - first), int(last - stop))


def _slack(rows):
    return _SLACK * (rows.values[:, -1] - rows.values[:, 0])


def _finite(limit):
    return np.where(np.isfinite(limit), limit, np.nan)

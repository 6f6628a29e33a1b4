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


def trim(rows, method, options):
    """Trim every row of a :class:`SortedRows` by ``"imea"``, ``"imed"`` or ``"boxplot"``."""
    if method == "boxplot":
        return _fences(rows, options.upper_only)
    if method == "imea":
        return _iterate(rows, rows.mean, rows.sd, options)
    return _iterate(rows, rows.median, rows.mad if options.spread == "mad" else rows.sd, options)


def _iterate(rows, centre_of, spread_of, options):
    """Drop values outside centre +- k spreads of what is left, until nothing more is dropped.

    Matschullat et al. 2000 (Environmental Geology 39, doi:10.1007/s002549900084) for the iterative 2-sigma technique.
    """
    first, last = rows.whole()
    iterations = np.zeros(rows.shape[0], dtype=int)
    slack = _slack(rows)
    while True:
        centre, spread = centre_of(first, last), spread_of(first, last)
        reach = np.where(spread > slack, options.k * spread, np.inf)
        low = np.full_like(centre, -np.inf) if options.upper_only else centre - reach
        start, stop = rows.between(low - slack, centre + reach + slack)
        start, stop = np.maximum(start, first), np.minimum(stop, last)
        dropped = (start > first) | (stop < last)
        if not dropped.any():
            return Trimmed(first, last, iterations, _finite(centre + reach))
        iterations += dropped
        first, last = start, stop


def _fences(rows, upper_only):
    """Drop values outside Tukey's inner fences, the quartiles -+ 1.5 interquartile ranges, once.

    Tukey 1977; as a geochemical threshold Reimann, Filzmoser and Garrett 2005 (doi:10.1016/j.scitotenv.2004.11.023).
    """
    whole = rows.whole()
    lower, upper = rows.quantile(*whole, 0.25), rows.quantile(*whole, 0.75)
    slack = _slack(rows)
    reach = np.where(upper - lower > slack, _FENCE * (upper - lower), np.inf)
    low = np.full_like(lower, -np.inf) if upper_only else lower - reach
    first, last = rows.between(low - slack, upper + reach + slack)
    dropped = (last - first < rows.shape[1]).astype(int)
    return Trimmed(first, last, dropped, _finite(upper + reach))


def _slack(rows):
    return _SLACK * (rows.values[:, -1] - rows.values[:, 0])


def _finite(limit):
    return np.where(np.isfinite(limit), limit, np.nan)

"""Sorted bootstrap resamples without sorting, many at a time.

Every method here keeps a range of the sorted values, so a resample is held sorted with its running sums:
the mean or SD of any range then costs two look-ups instead of a pass over the values.
"""

from dataclasses import dataclass

import numpy as np

_CELLS = 2_000_000  # values held at once: bounds memory and the time between two looks at Cancel


def sorted_uniforms(count, n, rng):
    """``count`` rows of n uniform order statistics, as normalised sums of exponentials. Shape (count, n)."""
    steps = rng.standard_exponential((count, n + 1))
    np.cumsum(steps, axis=1, out=steps)
    return steps[:, :-1] / steps[:, -1:]


def batches(count, n):
    """Sizes of the batches in which ``count`` resamples of n values are drawn."""
    size = max(1, min(count, _CELLS // max(n, 1)))
    return [min(size, count - done) for done in range(0, count, size)]


@dataclass(frozen=True)
class SortedRows:
    """Rows of sorted values, with sums that give the statistics of any range of them.

    values: (rows, n), sorted along a row; shift: taken off before summing, so that sums of squares keep
    their digits. ``first`` and ``last`` below are arrays (rows,): the range is values[first:last].
    """

    values: np.ndarray
    shift: float
    sums: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, values, shift):
        centred = values - shift
        return cls(values, shift, _running_sum(centred), _running_sum(centred * centred))

    @property
    def shape(self):
        return self.values.shape

    def whole(self):
        """The range that holds every value."""
        rows, n = self.shape
        return np.zeros(rows, dtype=int), np.full(rows, n)

    def mean(self, first, last):
        return self.shift + (_at(self.sums, last) - _at(self.sums, first)) / (last - first)

    def sd(self, first, last):
        """Sample standard deviation (n - 1); 0 for a single value."""
        count = last - first
        total = _at(self.sums, last) - _at(self.sums, first)
        squares = _at(self.squares, last) - _at(self.squares, first)
        return np.sqrt(np.maximum(squares - total * total / count, 0.0) / np.maximum(count - 1, 1))

    def quantile(self, first, last, fraction):
        """Linear interpolation between order statistics (Hyndman and Fan 1996, type 7)."""
        position = first + (last - first - 1) * fraction
        below = np.floor(position).astype(int)
        above = np.minimum(below + 1, last - 1)
        low = _at(self.values, below)
        return low + (position - below) * (_at(self.values, above) - low)

    def median(self, first, last):
        return self.quantile(first, last, 0.5)

    def mad(self, first, last):
        """1.4826 x the median absolute deviation from the median: the SD of a normal distribution."""
        deviation = np.abs(self.values - self.median(first, last)[:, None])
        column = np.arange(self.shape[1])
        deviation[(column < first[:, None]) | (column >= last[:, None])] = np.inf
        deviation.sort(axis=1)
        middle = last - first - 1
        return 1.4826 * (_at(deviation, middle // 2) + _at(deviation, (middle + 1) // 2)) / 2

    def between(self, low, high):
        """The range of the values from low to high, both included. low, high: (rows,)."""
        return (self.values < low[:, None]).sum(axis=1), (self.values <= high[:, None]).sum(axis=1)


def _running_sum(values):
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def _at(table, column):
    return np.take_along_axis(table, column[:, None], axis=1)[:, 0]

"""p-values of many tests at once."""

import numpy as np


def holm(p):
    """Holm's step-down adjustment of m p-values (NaN stays NaN): holds the chance of any false alarm.

    Source: Holm 1979, Scandinavian Journal of Statistics 6, 65-70.
    """
    return _adjusted(p, lambda count: count - np.arange(count), np.maximum.accumulate)


def benjamini_hochberg(p):
    """Benjamini and Hochberg's adjustment of m p-values (NaN stays NaN): holds the share of false discoveries.

    Source: Benjamini and Hochberg 1995, Journal of the Royal Statistical Society B 57, 289-300.
    """

    def from_the_largest(values):
        return np.minimum.accumulate(values[::-1])[::-1]

    return _adjusted(p, lambda count: count / np.arange(1, count + 1), from_the_largest)


def _adjusted(p, factors, monotone):
    p = np.asarray(p, dtype=float)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(monotone(p[order] * factors(len(order))), 1.0)
    return adjusted

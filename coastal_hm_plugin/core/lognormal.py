"""Lognormal distributions behind printed intervals."""

import numpy as np

INTERVAL_SDS = 2 * 1.959964  # a 95 % interval of a normal distribution is so many standard deviations wide


def interval_sd(low, high):
    """Standard deviation of the logarithm from the ends of a 95 % interval; 0 where an end is missing or not above 0.

    low, high: numbers or arrays of one shape.
    """
    low, high = np.asarray(low, float), np.asarray(high, float)
    known = (low > 0) & (high >= low) & np.isfinite(high)
    ratio = np.divide(high, low, out=np.ones(np.broadcast(low, high).shape), where=known)
    return np.log(ratio) / INTERVAL_SDS

"""Ordinary kriging with its variance at 40,000 places, against the kriging system solved plainly with numpy."""

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import timing
from coastal_hm_plugin.core.kriging import Kriging, Variogram

SITES, PLACES = 259, 40_000
AT_ONCE = 2_000


def measure():
    """One entry, both on one thread; predictions and variances are compared."""
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 5_000, (2, SITES))
    values = np.sin(x / 900) + 0.4 * rng.normal(size=SITES)
    places = rng.uniform(0, 5_000, (2, PLACES))
    variogram = Variogram("spherical", 0.15, 0.35, 1_000.0)
    found = {}

    def ours():
        found["ours"] = Kriging(x, y, values, variogram).predict(*places)

    def peer():
        system = np.ones((SITES + 1, SITES + 1))
        system[:-1, :-1] = variogram.gamma(np.hypot(x[:, None] - x, y[:, None] - y))
        system[-1, -1] = 0.0
        predicted, variance = np.empty(PLACES), np.empty(PLACES)
        for start in range(0, PLACES, AT_ONCE):
            part = slice(start, start + AT_ONCE)
            right = np.ones((SITES + 1, AT_ONCE))
            right[:-1] = variogram.gamma(np.hypot(x[:, None] - places[0, part], y[:, None] - places[1, part]))
            weights = np.linalg.solve(system, right)
            predicted[part] = values @ weights[:-1]
            variance[part] = (weights * right).sum(axis=0)
        found["peer"] = predicted, variance

    with threadpool_limits(1):
        ours()
        ours_s, peer_s = timing.interleaved(ours, peer)
    if not all(np.allclose(one, other, atol=1e-9) for one, other in zip(found["ours"], found["peer"])):
        raise RuntimeError("The two ways give different values.")
    note = f"{PLACES:,} places with variance from {SITES} sites, one thread; equal predictions and variances"
    return timing.entry("kriging", ours_s, "the kriging system in numpy", peer_s, note)


if __name__ == "__main__":
    print(measure())

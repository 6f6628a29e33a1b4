"""Whether one more factor explains anything: how far it lowers Q, beside data simulated without it."""

from dataclasses import replace

import numpy as np

from ..monitor import SILENT
from . import diagnostics
from .base_model import random_starts
from .result import modelled
from .solver import solve

STARTS = 2  # random starts of the larger model for every simulated data set
TOLERANCE = 1e-6  # of simulated fits: what is compared differs by per cents
CHUNK_BYTES = 2**27  # of simulated data and contributions held at a time


def fall(q, q_larger):
    """How far one more factor lowers Q, as a share of what is left: like an F ratio, free of the scale of u."""
    return q / q_larger - 1


def degrees_of_freedom(samples, species, factors):
    """Values less free parameters: n m - p (n + m)."""
    return samples * species - factors * (samples + species)


def can_test(result):
    """Whether one factor more leaves anything to compare: it must not reproduce the data by itself."""
    n, m = result.data.fitted_x.shape
    p = len(result.f)
    return p + 1 < m and p + 1 < n and degrees_of_freedom(n, m, p) > 0


def simulated_falls(result, simulations, seed, monitor=SILENT):
    """Falls of Q with one factor more than ``result`` in data that hold no more factors than it: simulations values.

    Simulated data are G F plus the residuals with signs drawn at random, widened for the degrees of freedom that the
    fit took: as large as in the data, sample by sample, but without the pattern that another factor would explain (wild
    bootstrap; Liu 1988). They are fitted with p and with p + 1 factors, as McLachlan (1987) tests for one component
    more. Needs can_test(result).
    """
    n, m = result.data.fitted_x.shape
    p = len(result.f)
    size = int(max(1, min(simulations, CHUNK_BYTES // (8 * n * (2 * m + 2 * p)))))
    found = []
    for start in range(0, simulations, size):
        runs = range(start, min(start + size, simulations))
        share = monitor.part(runs.start / simulations, runs.stop / simulations)
        found.append(_falls(result, runs, seed, share))
    return np.concatenate(found)


def _falls(result, runs, seed, monitor):
    data, p = result.data, len(result.f)
    x, u = data.fitted_x, data.fitted_u
    predicted = result.predicted
    errors = (x - predicted) * np.sqrt(x.size / degrees_of_freedom(*x.shape, p))
    simulated = np.empty((len(runs), *x.shape))
    g, f = np.empty((STARTS, len(runs), len(x), p + 1)), np.empty((STARTS, len(runs), p + 1, x.shape[1]))
    for i, run in enumerate(runs):
        rng = np.random.default_rng([seed, p, run])
        simulated[i] = np.maximum(predicted + errors * rng.choice((-1.0, 1.0), x.shape), 0)
        g[:, i], f[:, i] = random_starts(simulated[i], p + 1, STARTS, int(rng.integers(2**32)))
    u = np.broadcast_to(u, simulated.shape)
    solver = replace(result.options.solver, tolerance=TOLERANCE)
    own = (np.repeat(one[None], len(runs), axis=0) for one in (result.g, result.f))
    fits = solve(simulated, u, *own, replace(solver, warm_up=0), monitor=monitor.part(0.0, 0.1))
    smaller = _q(simulated, u, fits, solver)
    larger = np.full(len(runs), np.inf)
    for start in range(STARTS):
        share = monitor.part(0.1 + 0.9 * start / STARTS, 0.1 + 0.9 * (start + 1) / STARTS)
        fits = solve(simulated, u, g[start], f[start], solver, monitor=share)
        larger = np.minimum(larger, _q(simulated, u, fits, solver))
    return fall(smaller, larger)


def _q(x, u, fits, solver):
    residuals = (x - modelled(fits.g, fits.f)) / u
    return (diagnostics.q_robust if solver.robust else diagnostics.q_true)(residuals)

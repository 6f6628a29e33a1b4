"""The base model: many random starts, their families of solutions, the one chosen, and what to say about it."""

from dataclasses import dataclass, field
from typing import Optional

import numpy as np
from scipy.optimize import linear_sum_assignment

from ..errors import InputError
from ..monitor import SILENT
from . import diagnostics
from .result import PmfResult, Runs, modelled, shares
from .solver import SolverOptions, solve
from .uncertainty import ALL_BAD, STRONG, WEAK, UncertaintyRules, prepare

# two runs are one family when all matched contributions correlate so much, and their Q differs by less than this share
SAME_FACTORS = 0.95
SAME_Q = 1e-3
OUTLIERS_RULE = 1.5  # Q(true) above this times Q(robust): outliers weigh on the solution (Norris et al. 2014)


@dataclass(frozen=True)
class PmfOptions:
    """The model. factors: number p. starts: random starts. run: the run to keep (from 1), None for the lowest Q."""

    factors: int = 4
    starts: int = 20
    seed: int = 1
    run: Optional[int] = None
    uncertainty: UncertaintyRules = field(default_factory=UncertaintyRules)
    solver: SolverOptions = field(default_factory=SolverOptions)


def apportion(samples, options=None, monitor=SILENT, uncertainties=None):
    """Positive matrix factorization of a medium's Samples, all their elements: a PmfResult.

    Uncertainties follow from the detection limits of the samples and the options' rules (see prepare), unless a table
    of them (n x m, in the samples' units) is given.
    """
    options = options or PmfOptions()
    limits = samples.detection_limits
    data = prepare(samples.concentrations, limits, uncertainties, options.uncertainty, monitor)
    return factorize(data, options, monitor)


def factorize(data, options=None, monitor=SILENT):
    """The base model on prepared data: X = G F + E with the least Q (Paatero and Tapper 1994; Paatero 1997).

    data: PmfData. Returns a PmfResult. Raises InputError when the data cannot carry so many factors.
    """
    options = options or PmfOptions()
    _check(data, options)
    x, u = data.fitted_x, data.fitted_u
    g, f = random_starts(x, options.factors, options.starts, options.seed)
    fits = solve(x, u, g, f, options.solver, monitor=monitor)
    q_true, q_robust = _q_of_runs(x, u, fits)
    q = q_robust if options.solver.robust else q_true
    chosen = _choose(q, fits.converged, options.run)
    runs = Runs(q_true, q_robust, fits.iterations, fits.converged, families(fits.g, q), chosen)
    order = np.argsort(-shares(fits.f[chosen]).mean(axis=1), kind="stable")
    expected = diagnostics.q_expected(len(x), options.factors, data.count(STRONG), data.count(WEAK))
    warnings = (*data.warnings, *_warnings(runs, q, expected, options))
    for warning in warnings[len(data.warnings) :]:
        monitor.warn(warning)
    return PmfResult(data, options, fits.g[chosen][:, order], fits.f[chosen][order], runs, expected, warnings)


def _q_of_runs(x, u, fits):
    """Q(true) and Q(robust) of every run, one at a time: the residuals of all would not be bounded in memory."""
    both = []
    for g, f in zip(fits.g, fits.f):
        residuals = (x - modelled(g, f)) / u
        both.append((diagnostics.q_true(residuals), diagnostics.q_robust(residuals)))
    return np.array(both).T


def random_starts(x, factors, starts, seed):
    """Random G (starts, n, p) and F (starts, p, m) around the mean; a start depends on the seed and its number only."""
    n, m = x.shape
    g, f = np.empty((starts, n, factors)), np.empty((starts, factors, m))
    for number in range(starts):
        rng = np.random.default_rng([seed, number])
        g[number] = rng.uniform(0.5, 1.5, (n, factors))
        f[number] = rng.uniform(0.5, 1.5, (factors, m)) * x.mean(axis=0) / factors
    return g, f


def match_factors(g, reference):
    """The factor of ``g`` that goes with each factor of ``reference`` (both n x p), and the pairs' correlations."""
    p = reference.shape[1]
    scaled = []
    for one in (reference, g):
        centred = one - one.mean(axis=0)
        length = np.sqrt((centred**2).sum(axis=0))
        scaled.append(centred / np.where(length > 0, length, 1.0))
    correlation = np.einsum("ik,il->kl", *scaled)
    partner = linear_sum_assignment(-correlation)[1]
    return partner, correlation[np.arange(p), partner]


def families(g, q):
    """The family of each run, 1 that of the lowest Q: same factors in any order, same Q. g: runs x n x p, q: runs."""
    family = np.zeros(len(q), int)
    heads = []
    for run in np.argsort(q, kind="stable"):
        for number, head in enumerate(heads, start=1):
            near = q[run] - q[head] <= SAME_Q * q[head]
            if near and match_factors(g[run], g[head])[1].min() >= SAME_FACTORS:
                family[run] = number
                break
        else:
            heads.append(run)
            family[run] = len(heads)
    return family


def _check(data, options):
    n, m = data.fitted_x.shape
    p = options.factors
    if p < 1 or options.starts < 1:
        raise InputError(f"{p} factors and {options.starts} starts: both must be at least 1.")
    if m == 0:
        raise InputError(ALL_BAD)
    if p > m:
        raise InputError(f"{p} factors from {m} species: there must be at least as many species. Lower the number.")
    if n <= p:
        raise InputError(f"{p} factors from {n} samples: there must be more samples than factors. Lower the number.")
    if options.run is not None and not 1 <= options.run <= options.starts:
        raise InputError(f"Run {options.run} was asked for, but there are {options.starts} runs.")
    if not -1 <= options.solver.lower_contribution <= 0:
        raise InputError(f"The lowest contribution is {options.solver.lower_contribution:g}: it must be from -1 to 0.")


def _choose(q, converged, run):
    if run is not None:
        return run - 1
    return int(np.argmin(np.where(converged, q, np.inf) if converged.any() else q))


def _warnings(runs, q, expected, options):
    first = runs.family == 1
    if len(q) > 1 and first.sum() == 1:
        yield (
            f"Only 1 of {len(q)} starts found the solution with the lowest Q ({q.min():.1f}). There may be a better "
            "one: run with more starts or fewer factors."
        )
    if runs.family[runs.chosen] != 1:
        yield f"The run kept, {runs.chosen + 1}, belongs to another solution than the lowest Q ({q.min():.1f})."
    if not runs.converged.all():
        stuck = np.flatnonzero(~runs.converged) + 1
        yield f"Not converged after {options.solver.max_iterations} iterations: runs {', '.join(map(str, stuck))}."
    if expected <= 0:
        yield (
            f"Q(expected) is {expected}: {options.factors} factors have more free values than the data carry. "
            "Use fewer factors."
        )
    true, robust = runs.q_true[runs.chosen], runs.q_robust[runs.chosen]
    if true > OUTLIERS_RULE * robust:
        yield f"Q(true) is {true / robust:.1f} times Q(robust): outliers weigh heavily. Look at the large residuals."

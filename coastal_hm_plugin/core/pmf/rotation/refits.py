"""Solutions refitted from a base run: what rotations and constraints share."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...errors import InputError
from .. import diagnostics
from ..result import PmfResult, Runs, modelled
from ..solver import solve

POLISHED = 1e-11  # relative tolerance of the solutions dQ is counted between
ACCEPTED = 5.0  # % of Q; a solution that costs more is not what the data say


@dataclass(frozen=True, eq=False)
class Refits:
    """A base run and how to refit it.

    result: the base run. x, u (n x m), g (n x p), f (p x m): the data and its minimum, to which it is polished first,
    so that every dQ is counted from a minimum. q: its objective (Huber's function in robust mode, else Q(true));
    q_robust: its Q(robust). solver: options of the refits.
    """

    result: PmfResult
    x: np.ndarray
    u: np.ndarray
    g: np.ndarray
    f: np.ndarray
    q: float
    q_robust: float
    solver: Any

    def solve(self, g, f, conditions, monitor, tolerance=POLISHED):
        """Improve a batch of starts (batch, n, p), (batch, p, m) under conditions, as Fits."""
        solver = replace(self.solver, conditions=conditions, tolerance=tolerance)
        return solve(self.x, self.u, g, f, solver, monitor=monitor)

    def scaled(self, g, f):
        """Scaled residuals (batch, n, m) of solutions."""
        return (self.x - modelled(g, f)) / self.u

    def kept(self, fits, number, conditions=None, warnings=()):
        """Solution ``number`` of some fits as a PmfResult of its own, its factors in the order of the base run."""
        g, f = fits.g[number], fits.f[number]
        residuals = self.scaled(g, f)
        q_true, q_robust = diagnostics.q_true(residuals), diagnostics.q_robust(residuals)
        runs = Runs(*(np.array([v]) for v in (q_true, q_robust, *_run(fits, number))), np.array([1]), 0)
        options = replace(self.result.options, starts=1, run=None)
        options = replace(options, solver=replace(options.solver, conditions=conditions))
        return replace(self.result, options=options, g=g, f=f, runs=runs, warnings=tuple(warnings))


def polished(data, result, monitor):
    """The Refits of a base run on its prepared data. Raises InputError if the run is constrained."""
    if result.options.solver.conditions is not None:
        raise InputError("This run has constraints already: start from the base run, and give all constraints at once.")
    x, u = data.fitted_x, data.fitted_u
    solver = replace(result.options.solver, tolerance=POLISHED, warm_up=0)
    fit = solve(x, u, result.g[None], result.f[None], solver, monitor=monitor)
    residuals = (x - modelled(fit.g[0], fit.f[0])) / u
    q_robust = float(diagnostics.q_robust(residuals))
    return Refits(result, x, u, fit.g[0], fit.f[0], float(fit.objective[0]), q_robust, solver)


def _run(fits, number):
    return fits.iterations[number], fits.converged[number]

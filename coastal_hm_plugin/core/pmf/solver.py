"""Weighted non-negative factorization of many problems at once, in numpy alone.

X (n samples x m species) is approximated by G F: contributions G (n x p) with a mean of 1 for every factor and
no value below a bound (0, or -0.2 as EPA PMF 5.0 allows), profiles F (p x m) at or above 0.

G and F are improved in turn, one factor at a time for all samples, all species and all starts together
(hierarchical alternating least squares; Cichocki and Phan 2009), extrapolated with a restart whenever the
objective rises (Ang and Gillis 2019). The mean of 1 is held exactly inside every step by its Lagrange
multiplier, so a bound below 0 has a scale to refer to and the solution is a true constrained minimum.
In robust mode residuals beyond 4 uncertainties are weighted by 4/|r|, which descends Huber's function.

Inside, G is kept as (p, batch, n), next to F (p, batch, m): both halves of a step are then the same problem, and what
is done to one factor is done to memory in one piece.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..monitor import SILENT
from .descent import Half, Workspace, normal_equations, normalise, product
from .memory import problems_at_a_time

OUTLIER = 4.0
ROOM = -0.2  # how far contributions may fall during the warm-up
SETTLED = 3e-3  # the tolerance of the warm-up
SWEEPS_G, SWEEPS_F = 2, 4  # times each factor is improved before the other matrix takes its turn
CALM_STEPS = 3  # so many small improvements in a row mean convergence
CHUNK_BYTES = 2**24  # of problems solved together at most: more is no faster, further from the processor


@dataclass(frozen=True)
class SolverOptions:
    """How to solve.

    lower_contribution: lowest value of G, 0 or below (EPA PMF 5.0: -0.2); contributions have a mean of 1.
    robust: weight residuals beyond 4 uncertainties down. tolerance: relative improvement of the objective
    per iteration that counts as none. warm_up: so many first iterations leave G room down to -0.2 even if it must
    end higher, so that a random start is not caught at a bound early (0 for a start that is already good).
    conditions: what solutions must meet besides their bounds (see Conditions).
    """

    lower_contribution: float = -0.2
    robust: bool = True
    tolerance: float = 1e-8
    max_iterations: int = 10_000
    warm_up: int = 200
    conditions: Any = None


@dataclass(frozen=True)
class Fits:
    """Solutions of a batch: g (batch, n, p), f (batch, p, m), objective, iterations and converged (batch)."""

    g: np.ndarray
    f: np.ndarray
    objective: np.ndarray
    iterations: np.ndarray
    converged: np.ndarray


def huber(residuals):
    """Huber's function of scaled residuals: r^2, beyond 4 continued as a straight line (8|r| - 16)."""
    size = np.abs(residuals)
    core = np.minimum(size, OUTLIER)
    return core * (2 * size - core)


def solve(x, u, g, f, options=None, f_bounds=(0.0, np.inf), monitor=SILENT):
    """Improve every start (g, f) of a batch until it no longer gets better.

    x, u: concentrations and uncertainties (n, m), or (batch, n, m) where every problem has data of its own.
    g (batch, n, p), f (batch, p, m): the starts. f_bounds: lowest and highest F, scalars or arrays that
    broadcast to f; equal bounds hold an element fixed, in units of a contribution whose mean is 1.
    The work is cut into chunks of problems that the machine's memory can spare; a problem's result does not
    depend on its neighbours in the batch.
    """
    options = options or SolverOptions()
    batch, n, p = g.shape
    m = f.shape[2]
    f_bounds = tuple(np.broadcast_to(bound, f.shape) for bound in f_bounds)
    per_problem = 8 * ((2.5 * p * p + 16 * p) * max(n, m) + (10 if x.ndim == 3 else 6) * n * m)
    size = min(batch, problems_at_a_time(per_problem, CHUNK_BYTES))
    parts = []
    for start in range(0, batch, size):
        part = slice(start, start + size)
        data = [np.broadcast_to(a, (batch, n, m))[part] if a.ndim == 3 else a[None] for a in (x, u)]
        share = monitor.part(start / batch, min(start + size, batch) / batch)
        own = options if options.conditions is None else replace(options, conditions=options.conditions.part(part))
        parts.append(_solve_chunk(data, g[part], f[part], [bound[part] for bound in f_bounds], own, share))
    return Fits(*(np.concatenate(column) for column in zip(*parts)))


def _solve_chunk(data, g, f, f_bounds, options, monitor):
    """The warm-up, if any, then the solution proper: g (batch, n, p), f, objective, iterations, converged."""
    warm_up = 0
    if options.warm_up and options.lower_contribution > ROOM:
        early = replace(options, lower_contribution=ROOM, tolerance=SETTLED, max_iterations=options.warm_up)
        g, f, _, warm_up, _ = _Batch(data, g, f, f_bounds, early, hurried=True).run(monitor.part(0.0, 0.3))
        monitor = monitor.part(0.3, 1.0)
    g, f, objective, iterations, converged = _Batch(data, g, f, f_bounds, options).run(monitor)
    return g, f, objective, iterations + warm_up, converged


def _factors_first(*arrays):
    return (np.array(array.transpose(1, 0, 2), order="C") for array in arrays)


class _Batch:
    """The state of the problems still being solved; solved ones are put aside and leave the batch."""

    BY_PROBLEM = ("number", "residuals", "momentum", "objective", "calm")
    BY_FACTOR = ("g", "f", "last_g", "last_f", "f_low", "f_high")
    DATA = ("x", "inverse_u", "weights", "weighted_x")

    def __init__(self, data, g, f, f_bounds, options, hurried=False):
        # one order in memory, or a product's last bits would tell whether a neighbour's outliers were weighted down
        self.x, u = (np.ascontiguousarray(given) for given in data)
        self.inverse_u = 1 / u
        self.weights = self.inverse_u**2
        self.weighted_x = self.weights * self.x
        self.options, self.conditions = options, options.conditions
        self.low = options.lower_contribution
        if self.conditions is not None:
            f_bounds = self.conditions.bounds(*f_bounds)
        self.f_low, self.f_high = _factors_first(*f_bounds)
        self.capped = np.isfinite(self.f_high).any()
        # bounds that are only 0 leave the scale of a factor free: its mean can be set after each step;
        # in a hurry (the warm-up) that is near enough for other bounds too
        self.free_scale = hurried or (self.low == 0 and not self.f_low.any() and not self.capped)
        self.free_scale &= self.conditions is None
        self.space = Workspace()
        self.g, self.f = _factors_first(g.transpose(0, 2, 1), f)
        normalise(self.g, self.f, self.low)
        np.clip(self.f, self.f_low, self.f_high, out=self.f)
        self.last_g, self.last_f = self.g, self.f
        self.residuals = self._residuals(self.g, self.f)
        count = len(g)
        self.number = np.arange(count)
        self.momentum = np.ones(count)
        self.objective = np.full(count, np.inf)
        self.calm = np.zeros(count, int)
        self.solved_g, self.solved_f = np.empty_like(self.g), np.empty_like(self.f)
        self.solved = np.full(count, np.nan), np.zeros(count, int), np.zeros(count, bool)

    def run(self, monitor):
        """All problems' g (batch, n, p), f (batch, p, m), objective, iterations, converged."""
        total = len(self.number)
        for iteration in range(1, self.options.max_iterations + 1):
            # the last solution is still needed while the next is made: they take turns
            self._step(turn=iteration % 2)
            self._put_aside(self.calm >= CALM_STEPS, iteration, converged=True)
            monitor.progress(1 - len(self.number) / total)
            if not len(self.number):
                break
        self._put_aside(np.ones(len(self.number), bool), self.options.max_iterations, converged=False)
        return (self.solved_g.transpose(1, 2, 0), self.solved_f.transpose(1, 0, 2), *self.solved)

    def _step(self, turn):
        """One round over G and F from the extrapolated point, then the next extrapolation."""
        weights, weighted_x = self._robust_weights() if self.options.robust else (self.weights, self.weighted_x)
        equations, held, pull = self._conditions()
        sums = (each.transpose(0, 2, 1) for each in (weights, weighted_x))
        pairs, right = normal_equations(self.space, "g", self.f, *sums)
        if pull is not None:
            right += pull
        half = Half(self.space, "g", turn, pairs, right, self.g, held)
        if self.free_scale:
            g = half.improve(SWEEPS_G, (self.low,) * len(self.g))
            normalise(g, self.f, self.low)
        else:
            g = half.improve_mean_one(SWEEPS_G, self.low, held)
        pairs, right = normal_equations(self.space, "f", g, weights, weighted_x)
        half = Half(self.space, "f", turn, pairs, right, self.f)
        f = half.improve(SWEEPS_F, self.f_low, self.f_high if self.capped or equations is not None else None, equations)
        self.residuals = self._residuals(g, f)
        objective = self._objective()
        if pull is not None:
            objective -= 2 * (pull * g).sum(axis=(0, 2))
        self._extrapolate(g, f, objective)

    def _robust_weights(self):
        size = np.abs(self.residuals, out=self.space.take("size", self.residuals.shape))
        if size.max() <= OUTLIER:
            return self.weights, self.weighted_x
        damping = np.divide(OUTLIER, np.maximum(size, OUTLIER, out=size), out=size)
        names = ("robust weights", "robust x")
        return (
            np.multiply(given, damping, out=self.space.take(name, damping.shape))
            for name, given in zip(names, (self.weights, self.weighted_x))
        )

    def _conditions(self):
        """Equations, held contributions and the pull on contributions (p, batch, n), each None if there is none."""
        if self.conditions is None:
            return None, None, None
        held, pull = self.conditions.held, self.conditions.pull
        return (
            self.conditions.equations,
            None if held is None else np.broadcast_to(held.transpose(2, 0, 1), self.g.shape),
            None if pull is None else pull.transpose(2, 0, 1),
        )

    def _objective(self):
        residuals = self.residuals
        if not self.options.robust:
            return np.einsum("bnm,bnm->b", residuals, residuals)
        size = np.abs(residuals, out=self.space.take("size", residuals.shape))
        core = np.minimum(size, OUTLIER, out=self.space.take("core", residuals.shape))
        size *= 2
        size -= core
        return np.einsum("bnm,bnm->b", core, size)

    def _extrapolate(self, g, f, objective):
        worse = objective > self.objective
        small = np.abs(self.objective - objective) < self.options.tolerance * np.abs(objective)
        self.calm = np.where(worse, self.calm, np.where(small, self.calm + 1, 0))
        # the momentum starts anew where the objective rose
        self.momentum = np.where(worse, 1.0, self.momentum)
        push = ((self.momentum - 1) / (self.momentum + 1))[:, None]
        self.momentum += 1
        self.g = self._pushed("next g", g, self.last_g, push)
        np.maximum(self.g, self.low, out=self.g)
        self.f = self._pushed("next f", f, self.last_f, push)
        np.maximum(self.f, self.f_low, out=self.f)
        if self.capped:
            np.minimum(self.f, self.f_high, out=self.f)
        self.last_g, self.last_f, self.objective = g, f, objective

    def _pushed(self, name, values, last, push):
        ahead = np.subtract(values, last, out=self.space.take(name, values.shape))
        ahead *= push
        ahead += values
        return ahead

    def _put_aside(self, done, iterations, converged):
        if not done.any():
            return
        which = self.number[done]
        self.solved_g[:, which], self.solved_f[:, which] = self.last_g[:, done], self.last_f[:, done]
        for store, value in zip(self.solved, (self.objective[done], iterations, converged)):
            store[which] = value
        left = ~done
        for name in self.BY_PROBLEM:
            setattr(self, name, getattr(self, name)[left])
        for name in self.BY_FACTOR:
            setattr(self, name, getattr(self, name)[:, left])
        if self.conditions is not None:
            self.conditions = self.conditions.part(left)
        if len(self.x) > 1:  # problems with data of their own
            for name in self.DATA:
                setattr(self, name, getattr(self, name)[left])

    def _residuals(self, g, f):
        residuals = self.space.take("residuals", (g.shape[1], *self.x.shape[1:]))
        product(g.transpose(1, 2, 0), f.transpose(1, 0, 2), residuals)
        np.subtract(self.x, residuals, out=residuals)
        residuals *= self.inverse_u
        return residuals

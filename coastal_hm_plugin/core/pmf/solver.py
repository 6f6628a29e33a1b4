"""Weighted non-negative factorization of many problems at once, in numpy alone.

X (n samples x m species) is approximated by G F: contributions G (n x p) with a mean of 1 for every factor and
no value below a bound (0, or -0.2 as EPA PMF 5.0 allows), profiles F (p x m) at or above 0.

G and F are improved in turn, one factor at a time for all samples, all species and all starts together
(hierarchical alternating least squares; Cichocki and Phan 2009), extrapolated with a restart whenever the
objective rises (Ang and Gillis 2019). The mean of 1 is held exactly inside every step by its Lagrange
multiplier, so a bound below 0 has a scale to refer to and the solution is a true constrained minimum.
In robust mode residuals beyond 4 uncertainties are weighted by 4/|r|, which descends Huber's function.

Inside, G is kept as (batch, p, n), next to F (batch, p, m): both halves of a step are then the same problem.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..monitor import SILENT

OUTLIER = 4.0
ROOM = -0.2  # how far contributions may fall during the warm-up
SETTLED = 3e-5  # the tolerance of the warm-up
CALM_STEPS = 5  # so many small improvements in a row mean convergence
SWEEPS = 2  # times each factor is improved before the other matrix takes its turn
MULTIPLIER_STEPS = 2
RIDGE = 1e-12  # keeps the step of an empty factor finite
SERIAL_PRODUCT = 2**18  # OpenBLAS uses one thread up to here, so sums do not depend on the thread count
CHUNK_BYTES = 2**27


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
    The work is cut into chunks of problems so that memory stays bounded; a problem's result does not
    depend on its neighbours in the batch.
    """
    options = options or SolverOptions()
    batch, n, p = g.shape
    m = f.shape[2]
    f_bounds = tuple(np.broadcast_to(bound, f.shape) for bound in f_bounds)
    per_problem = 8 * ((2 * p * p + 8 * p) * max(n, m) + 8 * n * m)
    size = int(max(1, min(batch, CHUNK_BYTES // per_problem)))
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
    g, warm_up = g.transpose(0, 2, 1), 0
    if options.warm_up and options.lower_contribution > ROOM:
        early = replace(options, lower_contribution=ROOM, tolerance=SETTLED, max_iterations=options.warm_up)
        g, f, _, warm_up, _ = _Batch(data, g, f, f_bounds, early, hurried=True).run(monitor.part(0.0, 0.3))
        monitor = monitor.part(0.3, 1.0)
    g, f, objective, iterations, converged = _Batch(data, g, f, f_bounds, options).run(monitor)
    return g.transpose(0, 2, 1), f, objective, iterations + warm_up, converged


class _Batch:
    """The state of the problems still being solved; solved ones are put aside and leave the batch."""

    STATE = ("number", "g", "f", "last_g", "last_f", "residuals", "momentum", "objective", "calm", "f_low", "f_high")

    def __init__(self, data, g, f, f_bounds, options, hurried=False):
        self.x, u = data
        self.inverse_u = 1 / u
        self.weights = self.inverse_u**2
        self.weighted_x = self.weights * self.x
        self.options = options
        self.low = options.lower_contribution
        self.conditions = options.conditions
        self.f_low, self.f_high = f_bounds if self.conditions is None else self.conditions.bounds(*f_bounds)
        # bounds that are only 0 leave the scale of a factor free: its mean can be set after each step;
        # in a hurry (the warm-up) that is near enough for other bounds too
        self.free_scale = hurried or (self.low == 0 and not self.f_low.any() and np.isinf(self.f_high).all())
        self.free_scale &= self.conditions is None
        self.pairs = _pair_index(g.shape[1])
        self.g, self.f = _normalised(g, f, self.low)
        self.f = np.clip(self.f, self.f_low, self.f_high)
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
        """All problems' g (batch, p, n), f, objective, iterations, converged."""
        total = len(self.number)
        for iteration in range(1, self.options.max_iterations + 1):
            self._step()
            self._put_aside(self.calm >= CALM_STEPS, iteration, converged=True)
            monitor.progress(1 - len(self.number) / total)
            if not len(self.number):
                break
        self._put_aside(np.ones(len(self.number), bool), self.options.max_iterations, converged=False)
        return (self.solved_g, self.solved_f, *self.solved)

    def _step(self):
        """One round over G and F from the extrapolated point, then the next extrapolation."""
        weights, weighted_x = self.weights, self.weighted_x
        if self.options.robust:
            damping = OUTLIER / np.maximum(np.abs(self.residuals), OUTLIER)
            weights, weighted_x = weights * damping, weighted_x * damping
        g, f = self.g, self.f
        gram = _gram(f, weights.transpose(0, 2, 1), self.pairs)
        right = _product(f, weighted_x.transpose(0, 2, 1))
        if self.free_scale:
            _sweep_bounded(gram, right, g, np.full_like(g[:, :, :1], self.low), None)
            g, f = _normalised(g, f, self.low)
        else:
            _sweep_mean_one(gram, right if self.pull is None else right + self.pull, g, self.low, self.held)
        gram, right = _gram(g, weights, self.pairs), _product(g, weighted_x)
        _sweep_bounded(gram, right, f, self.f_low, self.f_high, self.conditions and self.conditions.equations)
        self.residuals = self._residuals(g, f)
        terms = huber(self.residuals) if self.options.robust else self.residuals**2
        objective = terms.sum(axis=(1, 2))
        if self.pull is not None:
            objective -= 2 * (self.pull * g).sum(axis=(1, 2))
        self._extrapolate(g, f, objective)

    @property
    def held(self):
        """Which contributions (batch, p, n) stay as they are; None for none."""
        held = self.conditions and self.conditions.held
        return None if held is None else held.transpose(0, 2, 1)

    @property
    def pull(self):
        """The pull on the contributions (batch, p, n); None for none."""
        pull = self.conditions and self.conditions.pull
        return None if pull is None else pull.transpose(0, 2, 1)

    def _extrapolate(self, g, f, objective):
        worse = objective > self.objective
        small = np.abs(self.objective - objective) < self.options.tolerance * np.abs(objective)
        self.calm = np.where(worse, self.calm, np.where(small, self.calm + 1, 0))
        now = np.where(worse, 1.0, self.momentum)
        self.momentum = (1 + np.sqrt(1 + 4 * now**2)) / 2
        push = np.where(worse, 0.0, (now - 1) / self.momentum)[:, None, None]
        self.g = np.maximum(g + push * (g - self.last_g), self.low)
        self.f = np.clip(f + push * (f - self.last_f), self.f_low, self.f_high)
        self.last_g, self.last_f, self.objective = g, f, objective

    def _put_aside(self, done, iterations, converged):
        if not done.any():
            return
        which = self.number[done]
        self.solved_g[which], self.solved_f[which] = self.last_g[done], self.last_f[done]
        for store, value in zip(self.solved, (self.objective[done], iterations, converged)):
            store[which] = value
        for name in self.STATE:
            setattr(self, name, getattr(self, name)[~done])
        if self.conditions is not None:
            self.conditions = self.conditions.part(~done)
        if len(self.x) > 1:  # problems with data of their own
            for name in ("x", "inverse_u", "weights", "weighted_x"):
                setattr(self, name, getattr(self, name)[~done])

    def _residuals(self, g, f):
        return (self.x - _product(g.transpose(0, 2, 1), f)) * self.inverse_u


def _normalised(g, f, low):
    """Every factor's contributions (batch, p, n) at or above ``low`` with a mean of exactly 1, profiles to match."""
    mean = g.sum(axis=2, keepdims=True) / g.shape[2]
    if mean.min() <= 0:  # an empty factor starts anew
        g, f = np.where(mean > 0, g, 1.0), np.where(mean > 0, f, 0.0)
        mean = np.where(mean > 0, mean, 1.0)
    return _to_mean_one(np.maximum(g / mean, low), low), f * mean


def _to_mean_one(g, low, held=None):
    above = g - low
    if held is None:
        above *= (1 - low) * g.shape[-1] / above.sum(axis=-1, keepdims=True)
        above += low
        return above
    rest = (1 - low) * g.shape[-1] - (above * held).sum(axis=-1, keepdims=True)
    return np.where(held, g, low + above * (rest / (above * ~held).sum(axis=-1, keepdims=True)))


def _pair_index(p):
    """Where the product of factors k and l stands among the p(p+1)/2 products."""
    row, column = np.triu_indices(p)
    index = np.empty((p, p), int)
    index[row, column] = index[column, row] = np.arange(row.size)
    return index


def _gram(factors, weights, pairs):
    """The normal equations (batch, p, p, r): sums over q of a_k a_l w, for (batch, p, q) and weights (batch, q, r)."""
    p = factors.shape[1]
    products = np.empty((len(factors), p * (p + 1) // 2, factors.shape[2]))
    for k in range(p):
        np.multiply(factors[:, k : k + 1], factors[:, k:], out=products[:, pairs[k, k] : pairs[k, k] + p - k])
    return _product(products, weights)[:, pairs]


def _product(left, right):
    """left @ right, cut into products small enough to be summed in one thread, in an order of our own."""
    rows, inner = left.shape[-2:]
    columns = right.shape[-1]
    if rows * inner * columns <= SERIAL_PRODUCT:
        return np.matmul(left, right)
    out = np.zeros((max(len(left), len(right)), rows, columns))
    if columns >= inner:
        size = max(1, SERIAL_PRODUCT // (rows * inner))
        for start in range(0, columns, size):
            part = slice(start, start + size)
            out[..., part] = np.matmul(left, right[..., part])
    else:
        size = max(1, SERIAL_PRODUCT // (rows * columns))
        for start in range(0, inner, size):
            part = slice(start, start + size)
            out += np.matmul(left[..., part], right[:, part])
    return out


def _sweep_bounded(gram, right, values, low, high, equations=None):
    """Improve each factor's row of ``values`` in turn, in place: an exact step, cut off at the bounds, on equations."""
    inverse = _inverse_curvature(gram)
    for _ in range(SWEEPS):
        for k in range(values.shape[1]):
            step = right[:, k] - np.einsum("bpq,bpq->bq", gram[:, k], values)
            step *= inverse[:, k]
            step += values[:, k]
            if equations is not None:
                step = equations.meet(k, step, inverse[:, k], low[:, k], high[:, k])
            if high is not None:
                np.minimum(step, high[:, k], out=step)
            np.maximum(step, low[:, k], out=values[:, k])


def _sweep_mean_one(gram, right, g, low, held=None):
    """Improve each factor's contributions in turn, in place, at or above ``low`` and with a mean of 1, some ``held``.

    For one factor that is a separable quadratic with one linear constraint. Its multiplier is the root of a
    decreasing, convex, piecewise linear function, which Newton's method reaches from below in a few steps.
    """
    inverse = _inverse_curvature(gram)
    if held is not None:
        inverse = np.where(held, 0.0, inverse)
    for _ in range(SWEEPS):
        for k in range(g.shape[1]):
            weight = inverse[:, k]
            step = right[:, k] - np.einsum("bpn,bpn->bn", gram[:, k], g)
            step *= weight
            room = low - g[:, k]
            # with all values free the multiplier is too low; from there it only rises, and some value stays free
            multiplier = step.sum(axis=1) / weight.sum(axis=1)
            move = step - multiplier[:, None] * weight
            for _ in range(MULTIPLIER_STEPS):
                free = move > room
                multiplier = np.where(free, step, room).sum(axis=1) / (weight * free).sum(axis=1)
                move = step - multiplier[:, None] * weight
            own = None if held is None else held[:, k]
            g[:, k] = _to_mean_one(g[:, k] + np.maximum(move, room), low, own)


def _inverse_curvature(gram):
    """Step lengths: 1 / a_kk for every factor k and element, next to nothing added relative to the largest factor."""
    diagonal = np.einsum("bkkq->bkq", gram)
    return 1 / (diagonal + (RIDGE * diagonal.max(axis=1, keepdims=True) + np.finfo(float).tiny))

"""Solutions in which one profile value is displaced, followed outwards from the base solution by Newton's method.

A displaced solution is the minimum of the objective with one value of F held. A step of a primal-dual interior point
method (Nocedal and Wright 2006, chapter 19) moves all contributions and profiles of a problem together: the
contributions of every sample are eliminated first (they meet each other only in their mean of 1), which leaves a
small dense system in F. The same step says how the objective grows with the displacement, so refitting and the search
for the displacement at which dQ meets its level advance together, for many problems at once. Steps that do not do
what the model foretold are damped (Marquardt 1963).

Arrays have the samples last: x, u (batch, m, n), g (batch, p, n); f is (batch, p, m).
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..monitor import SILENT
from .solver import OUTLIER, SERIAL_PRODUCT, huber

GROWTH = 3.0  # a displacement grows at most so many times at once
REALIZED = 0.5  # a step must bring so much of what the model foretold
LEAST_DAMPING = 1e-6
OUTLIER_CURVATURE = 0.1  # share of an outlier's weight in the curvature: 0 by Huber's function, but a sample needs some
FIRST_BARRIER = 1e-2  # weight of the barrier on the way to the first level, as a share of it
LARGEST_SYSTEM = 128  # profile values: beyond, an alternating refit is the faster way
INSIDE_G, INSIDE_F = 3e-3, 1e-3  # how far inside their bounds contributions and profiles start
TO_BOUND = 0.9  # no value goes more than this share of the way to its bound at once
CHUNK_BYTES = 2**24  # of eliminated contributions at a time: near the processor
THREADS = 4
LEAST_PIVOT = 1e-14
TINY = np.finfo(float).tiny


@dataclass(frozen=True)
class Precision:
    """near: how near its level dQ, and what it may still fall, must come, as a share of the level (the rest is
    interpolated). barrier: weight of the barrier at the end, as a share of the level. steps: at most so many.
    """

    near: float
    barrier: float
    steps: int


FINE = Precision(0.02, 1e-4, 100)
QUICK = Precision(0.1, 5e-4, 40)


@dataclass(frozen=True)
class Bases:
    """Base solutions of a batch of problems: x, u (batch, m, n), g (batch, p, n), f (batch, p, m), objective q."""

    x: np.ndarray
    u: np.ndarray
    g: np.ndarray
    f: np.ndarray
    q: np.ndarray


@dataclass(frozen=True)
class Paths:
    """Displaced solutions, a row per element, at L levels of dQ: f (elements, L, p, m); nearest (elements, L, p): the
    base factor with whose contributions each factor's correlate most; at_limit: the displacement could go no further
    before dQ met the last level; unfinished: the last level was not met after many steps; least: lowest objective seen.
    """

    f: np.ndarray
    nearest: np.ndarray
    at_limit: np.ndarray
    unfinished: np.ndarray
    least: np.ndarray


def small_enough(f):
    """Whether profiles f (..., p, m) make a system small enough to be followed fast."""
    return f.shape[-2] * f.shape[-1] <= LARGEST_SYSTEM


def follow(bases, elements, levels, limits, how, monitor=SILENT):
    """Displace elements until dQ meets each level: Paths.

    elements: (count, 4) numbers of problem, factor, species, and direction (1 up, -1 down). levels: ascending.
    limits (count): how far each may be displaced. how: SolverOptions and Precision.
    """
    p, m = bases.f.shape[1:]
    size = int(max(1, CHUNK_BYTES // (8 * p * (p * m + p + 1) * bases.g.shape[2])))
    starts = range(0, len(elements), size)

    def walk(start):
        part = slice(start, start + size)
        return _Walk(bases, elements[part], levels, limits[part], how).run(monitor)

    parts = []
    with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
        running = [pool.submit(walk, start) for start in starts]
        try:
            for number, one in enumerate(running):
                parts.append(one.result())
                monitor.progress((number + 1) / len(running))
        except BaseException:
            for one in running:
                one.cancel()
            raise
    return Paths(*(np.concatenate([getattr(part, name) for part in parts]) for name in Paths.__dataclass_fields__))


class _State:
    """Current points of a batch, inside their bounds: g, f, multipliers of the bounds, scaled residuals, q."""

    NAMES = ("x", "u", "g", "f", "push_g", "push_f", "residuals", "q", "damping", "barrier")

    def __init__(self, x, u, g, f, barrier, options):
        self.x, self.u, self.options, self.barrier = x, u, options, barrier
        self.low = options.lower_contribution
        self.g, self.f = np.maximum(g, self.low + INSIDE_G), np.maximum(f, INSIDE_F)
        self.residuals, self.q = self.evaluate(self.g, self.f)
        self.damping = np.zeros(len(f))
        self.push_g = barrier[:, None, None] / (self.g - self.low)
        self.push_f = barrier[:, None, None] / self.f

    def evaluate(self, g, f):
        residuals = (self.x - np.matmul(f.transpose(0, 2, 1), g)) / self.u
        terms = huber(residuals) if self.options.robust else residuals**2
        return residuals, terms.sum(axis=(1, 2))

    def weigh(self, residuals):
        """Curvature of half the objective by the modelled values, and how they are pulled (both batch, m, n)."""
        weights = self.u**-2.0
        pull = residuals / self.u
        if self.options.robust:
            size = np.maximum(np.abs(residuals), OUTLIER)
            pull *= OUTLIER / size
            weights *= np.where(size > OUTLIER, OUTLIER_CURVATURE * OUTLIER / size, 1.0)
        return weights, pull

    def _refit_contributions(self, g, f):
        """A step of the contributions alone: what a bilinear model loses when both matrices move at once comes back."""
        weights, pull = self.weigh(self.evaluate(g, f)[0])
        room = g - self.low
        samples = _Samples(f, weights, self.push_g / room, np.ones(len(f)))
        p = f.shape[1]
        columns = np.zeros((len(f), p, p + 1, g.shape[2]))
        columns[:, np.arange(p), np.arange(p)] = 1.0
        columns[:, :, -1] = np.matmul(f, pull) + self.barrier[:, None, None] / room
        samples.forward(columns)
        gram = np.einsum("bkcn,bkdn->bcd", columns, columns)
        excess = gram[:, :-1, -1] - (g.shape[2] - g.sum(axis=2))
        multiplier = _solved(gram[:, :-1, :-1], excess[..., None])[..., 0]
        step = columns[:, :, -1] - np.einsum("bkcn,bc->bkn", columns[:, :, :-1], multiplier)
        return np.maximum(room + samples.backward(step), (1 - TO_BOUND) * room) + self.low

    def move(self, step_g, step_f, highest, held):
        """Take the steps where the objective stays at or below ``highest``, damp the others; say which were taken."""
        inside = self.f.copy()
        inside[held] = np.inf
        fastest = np.maximum((-step_f / inside).max(axis=(1, 2)), TINY)
        share = np.minimum(1.0, TO_BOUND / fastest)[:, None, None]
        f = np.maximum(self.f + share * step_f, 0)
        above = self.g - self.low
        g = np.maximum(above + share * step_g, (1 - TO_BOUND) * above) + self.low
        g = self._refit_contributions(g, f)
        residuals, q = self.evaluate(g, f)
        taken = q <= highest
        damped = np.maximum(10 * self.damping, LEAST_DAMPING)
        self.damping = np.where(taken, np.where(self.damping > LEAST_DAMPING, self.damping / 10, 0), damped)
        inside[held], there = 1.0, f.copy()
        there[held] = 1.0
        take = taken[:, None, None]
        self.push_g = np.where(take, self._pushes(self.push_g, above, g - self.low), self.push_g)
        self.push_f = np.where(take, self._pushes(self.push_f, inside, there), self.push_f)
        for name, new in (("g", g), ("f", f), ("residuals", residuals)):
            setattr(self, name, np.where(take, new, getattr(self, name)))
        self.q = np.where(taken, q, self.q)
        return taken

    def _pushes(self, push, room, new_room):
        """Multipliers of the bounds after a step, kept in the neighbourhood of what the barrier makes of them."""
        weight = self.barrier[:, None, None]
        step = np.maximum((weight - push * (new_room - room)) / room, (1 - TO_BOUND) * push)
        return np.clip(step, 1e-2 * weight / new_room, 1e3 * weight / new_room)

    def keep(self, which):
        for name in self.NAMES:
            setattr(self, name, getattr(self, name)[which])


class _Samples:
    """The normal equations of every sample's contributions, as Cholesky factors (batch, p, p, n)."""

    def __init__(self, f, weights, stiff, stiffness):
        batch, p, _ = f.shape
        self.factor = np.zeros((batch, p, p, weights.shape[2]))
        self.inverse = np.empty((batch, p, weights.shape[2]))
        for k in range(p):
            below = np.matmul(f[:, k:] * f[:, k, None], weights)  # (batch, p - k, n): row k
            below[:, 0] *= stiffness[:, None]
            below[:, 0] += stiff[:, k]
            for t in range(k):
                below -= self.factor[:, k:, t] * self.factor[:, k, t, None]
            self.inverse[:, k] = 1 / np.sqrt(np.maximum(below[:, 0], TINY))
            self.factor[:, k:, k] = below * self.inverse[:, k, None]

    def forward(self, columns):
        """Solve with the factor, in place: columns (batch, p, columns, n)."""
        for k in range(columns.shape[1]):
            for t in range(k):
                columns[:, k] -= self.factor[:, k, t, None] * columns[:, t]
            columns[:, k] *= self.inverse[:, k, None]

    def backward(self, step):
        """Solve with the factor's transpose, in place: step (batch, p, n)."""
        for k in range(step.shape[1] - 1, -1, -1):
            for later in range(k + 1, step.shape[1]):
                step[:, k] -= self.factor[:, later, k] * step[:, later]
            step[:, k] *= self.inverse[:, k]
        return step


class _Model:
    """The quadratic model of half the objective, with its barrier, around the points of a state.

    held: (problem, factor, species) numbers of the values displaced. After construction: relaxed, how the model
    changes when all but the held value move to their best; slope and curvature, of the relaxed model by the held value.
    """

    def __init__(self, state, held):
        g, f, self.low = state.g, state.f, state.low
        batch, p, m = f.shape
        self.shape, self.size = f.shape, p * m
        weights, pull = state.weigh(state.residuals)
        room, inside = g - self.low, f.copy()
        inside[held] = 1.0  # the held value has no barrier
        weight = state.barrier[:, None, None]
        down_g = np.matmul(f, pull) + weight / room  # minus the gradients
        barrier_f = weight / inside
        stiff_f = state.push_f / inside
        barrier_f[held] = stiff_f[held] = 0
        down_f = np.matmul(g, pull.transpose(0, 2, 1)) + barrier_f
        stiffness = 1 + state.damping
        self.samples = _Samples(f, weights, state.push_g / room, stiffness)
        self._eliminate(g, f, weights, pull, down_g)
        gram = self._gram()
        matrix = -gram[:, :-1, :-1]
        k, j = np.arange(p)[:, None], np.arange(m)
        for other in range(p):
            own = np.matmul(g * g[:, other, None], weights.transpose(0, 2, 1))  # (batch, p, m)
            own[:, other] *= stiffness[:, None]
            own[:, other] += stiff_f[:, other]
            matrix[:, k * m + j, other * m + j] += own
        right = gram[:, :-1, -1].copy()
        right[:, : self.size] += down_f.reshape(batch, -1)
        right[:, self.size :] -= g.shape[2] - g.sum(axis=2)
        self.gradient = down_g, down_f
        self._solve(matrix, right, (held[0], held[1] * m + held[2]))

    def _eliminate(self, g, f, weights, pull, down_g):
        """Eliminate every sample's contributions from the columns: F, multipliers of the mean, gradient."""
        batch, p, m = f.shape
        y = np.zeros((batch, p, p * m + p + 1, g.shape[2]))
        weighted = weights[:, None] * f[..., None]  # (batch, p, m, n)
        for k in range(p):
            inner = y[:, k, : p * m].reshape(batch, p, m, -1)
            np.multiply(weighted[:, k, None], g[:, :, None], out=inner)
            inner[:, k] -= pull
            y[:, k, p * m + k] = 1.0
        y[:, :, -1] = -down_g
        self.samples.forward(y)
        self.eliminated = y

    def _gram(self):
        """Products of the eliminated columns, summed over samples in pieces small enough for one thread."""
        batch, p, columns, n = self.eliminated.shape
        gram = np.zeros((batch, columns, columns))
        size = max(1, SERIAL_PRODUCT // columns**2)
        for k in range(p):
            for start in range(0, n, size):
                piece = self.eliminated[:, k, :, start : start + size]
                gram += np.matmul(piece, piece.transpose(0, 2, 1))
        return gram

    def _solve(self, matrix, right, held):
        """Steps of F and multipliers (batch, N): relaxing with the held value where it is, and displacing it by 1."""
        across, pulled = matrix[held], right[held]
        both = np.stack([right, -across], axis=2)
        both[held] = [0.0, 1.0]
        matrix[held] = 0
        matrix[held[0], :, held[1]] = 0
        matrix[(*held, held[1])] = 1.0
        steps = _solved(matrix, both)
        self.relaxing, self.displacing = steps[..., 0], steps[..., 1]
        y = self.eliminated[:, :, -1]
        self.relaxed = -0.5 * (both[..., 0] * self.relaxing).sum(axis=1) - 0.5 * np.einsum("bkn,bkn->b", y, y)
        self.slope = (across * self.relaxing).sum(axis=1) - pulled
        self.curvature = (across * self.displacing).sum(axis=1)

    def towards(self, displacement):
        """Steps (of g, of f) that relax and displace the held values by so much."""
        coefficients = self.relaxing + displacement[:, None] * self.displacing
        coefficients = np.concatenate([coefficients, np.ones((len(coefficients), 1))], axis=1)
        step = np.einsum("bc,bkcn->bkn", coefficients, self.eliminated)
        return -self.samples.backward(step), coefficients[:, : self.size].reshape(self.shape)


def _solved(matrix, right):
    """Solve many small symmetric systems (batch, N, N) for ``right`` (batch, N, r) by elimination without pivoting.

    In numpy's own operations, batch last: LAPACK's sums depend on the number of threads. The systems are as a rule
    quasi-definite, for which any order of pivots will do (Vanderbei 1995); a bad step is rejected by what it leads to.
    """
    n = matrix.shape[1]
    work = np.ascontiguousarray(np.concatenate([matrix, right], axis=2).transpose(1, 2, 0))
    least = LEAST_PIVOT * np.abs(np.einsum("bkk->kb", matrix)).max(axis=0)
    for k in range(n):
        pivot = np.where(np.abs(work[k, k]) > least, work[k, k], least + TINY)
        work[k, k:] /= pivot
        work[k + 1 :, k + 1 :] -= work[k + 1 :, k, None] * work[k, None, k + 1 :]
    for k in range(n - 2, -1, -1):
        work[k, n:] -= (work[k, k + 1 : n, None] * work[k + 1 :, n:]).sum(axis=0)
    return work[:, n:].transpose(2, 0, 1)


class _Walk:
    """A chunk of displacements, each on its own way through the levels."""

    def __init__(self, bases, elements, levels, limits, how):
        options, self.precision = how
        self.bases, self.levels, self.limits = bases, np.asarray(levels), limits
        self.problem, self.k, self.j, self.direction = elements.T
        self.start = bases.f[self.problem, self.k, self.j]
        count = len(elements)
        data = (getattr(bases, name)[self.problem] for name in ("x", "u", "g", "f"))
        self.state = _State(*data, np.full(count, FIRST_BARRIER * self.levels[0]), options)
        self.state.f[np.arange(count), self.k, self.j] = self.start
        self.number = np.arange(count)  # of those still on their way, as are level and reach
        self.level = np.zeros(count, int)
        self.reach = np.full(count, np.inf)  # how far the next step may go
        self.sharp = np.zeros(count, bool)  # by element: the barrier has come down
        p, m = bases.f.shape[1:]
        shape = (count, len(levels), p)
        self.found = Paths(
            np.broadcast_to(bases.f[self.problem][:, None], (*shape, m)).copy(),
            np.broadcast_to(np.arange(p, dtype=np.int16), shape).copy(),
            np.zeros(count, bool),
            np.zeros(count, bool),
            bases.q[self.problem],
        )

    def run(self, monitor):
        """All displacements through all levels."""
        for _ in range(self.precision.steps):
            monitor.check()
            if not len(self.number):
                break
            self._step()
        self._record(np.ones(len(self.number), bool), stays=True)
        self.found.unfinished[self.number] = True
        return self.found

    def _step(self):
        i, state = self.number, self.state
        held = np.arange(len(i)), self.k[i], self.j[i]
        model = _Model(state, held)
        base, level = self.bases.q[self.problem[i]], self.levels[self.level]
        size = np.abs(state.f[held] - self.start[i])
        close = self.precision.near * level
        settled = np.abs(2 * model.relaxed) <= close
        near = settled & (np.abs(state.q - base - level) <= close)
        sharp = self.sharp[i]
        self.sharp[i] |= near
        met = near & sharp
        stuck = settled & ~near & (size >= self.limits[i] * (1 - 1e-9)) & (state.q - base < level)
        self._record(met)
        self._record(stuck, stays=True)
        self.found.at_limit[i[stuck]] = True
        self.found.least[i] = np.minimum(self.found.least[i], state.q)
        done = stuck | (met & (self.level == len(self.levels) - 1))
        self.level += met & ~done
        state.barrier = np.where(self.sharp[i], self.precision.barrier, FIRST_BARRIER) * self.levels[self.level]
        self._advance(model, base, size, held)
        if done.any():
            state.keep(~done)
            self.number, self.level, self.reach = self.number[~done], self.level[~done], self.reach[~done]

    def _advance(self, model, base, size, held):
        """Step to where the model sees dQ at the level, no further than reach, growth and limit allow."""
        i, level = self.number, self.levels[self.level]
        short = base + level - self.state.q - 2 * model.relaxed  # what the objective may rise, after relaxing
        slope = self.direction[i] * model.slope
        under = slope + np.sqrt(np.maximum(slope**2 + model.curvature * short, 0))
        step = np.where(under > 0, short / np.where(under > 0, under, 1.0), np.inf)
        grown = np.where(size > 0, (GROWTH - 1) * size, np.inf)
        goal = np.clip(size + np.minimum(step, np.minimum(grown, self.reach)), 0.5 * size, self.limits[i])
        moved = goal - size
        expected = self.state.q + 2 * model.relaxed + moved * (2 * slope + model.curvature * moved)
        highest = np.maximum(expected, base + level) + REALIZED * (np.abs(2 * model.relaxed) + level)
        taken = self.state.move(*model.towards(self.direction[i] * moved), highest, held)
        self.reach = np.where(taken, np.inf, np.abs(moved) / 4)

    def _record(self, which, stays=False):
        """Note solutions, moved on their line from the base solution to where dQ is exactly the level.

        Those that stay where they are count for all higher levels as well.
        """
        i = self.number[which]
        if not len(i):
            return
        state, problem = self.state, self.problem[i]
        base = self.bases.f[problem]
        rise = np.maximum(state.q[which] - self.bases.q[problem], 1e-9)
        partner = nearest(state.g[which], self.bases.g[problem])
        for number in range(len(self.levels)):
            here = (self.level[which] <= number) if stays else (self.level[which] == number)
            scale = np.sqrt(self.levels[number] / rise[here])
            scale = (np.minimum(scale, 1.0) if stays else scale)[:, None, None]
            line = base[here] + scale * (state.f[which][here] - base[here])
            self.found.f[i[here], number] = np.maximum(line, 0)
            self.found.nearest[i[here], number] = partner[here]


def nearest(g, base):
    """The base factor with whose contributions each factor's correlate most: (batch, p). g, base: (batch, p, n)."""
    scaled = []
    for one in (g, base):
        centred = one - one.mean(axis=2, keepdims=True)
        length = np.sqrt((centred**2).sum(axis=2, keepdims=True))
        scaled.append(centred / np.where(length > 0, length, 1.0))
    return np.einsum("bkn,bln->bkl", *scaled).argmax(axis=2)

"""A step of an interior point method for displaced solutions of the factorization, for many problems at once.

All contributions and profiles of a problem move together in a primal-dual step (Nocedal and Wright 2006, chapter 19):
the contributions of every sample are eliminated first (they meet each other only in their mean of 1), which leaves a
small dense system in F. After each step the contributions are refitted to the new profiles, so that a rotation, which
is a straight line in F, costs no Q however far it goes. Steps that do not do what the model foretold are damped
(Marquardt 1963).

Arrays have the samples last: x, u (batch, m, n), g (batch, p, n); f is (batch, p, m).
"""

import numpy as np

from ..descent import SERIAL_PRODUCT
from ..solver import OUTLIER, huber

INSIDE_G, INSIDE_F = 3e-3, 1e-3  # how far inside their bounds contributions and profiles start
LEAST_DAMPING = 1e-6
LEAST_PIVOT = 1e-14
OUTLIER_CURVATURE = 0.1  # share of an outlier's weight in the curvature: 0 by Huber's function, but a sample needs some
TINY = np.finfo(float).tiny
TO_BOUND = 0.9  # no value goes more than this share of the way to its bound at once


class State:
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
        residuals = (self.x - _product(f.transpose(0, 2, 1), g)) / self.u
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
        columns[:, :, -1] = _product(f, pull) + self.barrier[:, None, None] / room
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
            below = _product(f[:, k:] * f[:, k, None], weights)  # (batch, p - k, n): row k
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


class Model:
    """The quadratic model of half the objective, with its barrier, around the points of a state.

    held: (problem, factor, species) numbers of the values displaced. After construction: relaxed, how the model
    changes when all but the held value move to their best; slope and curvature, of the relaxed model by the held value.
    """

    def __init__(self, state, held):
        g, f = state.g, state.f
        batch, p, m = f.shape
        self.shape, self.size = f.shape, p * m
        weights, pull = state.weigh(state.residuals)
        room, inside = g - state.low, f.copy()
        inside[held] = 1.0  # the held value has no barrier
        weight = state.barrier[:, None, None]
        down_g = _product(f, pull) + weight / room  # minus the gradients
        barrier_f = weight / inside
        stiff_f = state.push_f / inside
        barrier_f[held] = stiff_f[held] = 0
        down_f = _product(g, pull.transpose(0, 2, 1)) + barrier_f
        stiffness = 1 + state.damping
        self.samples = _Samples(f, weights, state.push_g / room, stiffness)
        self._eliminate(g, f, weights, pull, down_g)
        gram = self._gram()
        matrix = -gram[:, :-1, :-1]
        k, j = np.arange(p)[:, None], np.arange(m)
        for other in range(p):
            own = _product(g * g[:, other, None], weights.transpose(0, 2, 1))  # (batch, p, m)
            own[:, other] *= stiffness[:, None]
            own[:, other] += stiff_f[:, other]
            matrix[:, k * m + j, other * m + j] += own
        right = gram[:, :-1, -1].copy()
        right[:, : self.size] += down_f.reshape(batch, -1)
        right[:, self.size :] -= g.shape[2] - g.sum(axis=2)
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


def _product(left, right):
    """left @ right, summed in one order whatever the number of threads."""
    if left.shape[-2] * left.shape[-1] * right.shape[-1] <= SERIAL_PRODUCT:
        return np.matmul(left, right)
    return np.einsum("bij,bjk->bik", left, right)


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

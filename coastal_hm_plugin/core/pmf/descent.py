"""Half a round of hierarchical alternating least squares, for many problems at once, in memory used again.

Arrays have the factors first: values (p, batch, q), where q counts the samples of G or the species of F. The normal
equations of every element are kept as the p(p+1)/2 pairs of factors, in the order of numpy.triu_indices.
"""

from functools import lru_cache
from math import prod

import numpy as np

MULTIPLIER_STEPS = 2
RIDGE = 1e-12  # keeps the step of an empty factor finite
TINY = np.finfo(float).tiny
SERIAL_PRODUCT = 2**18  # OpenBLAS uses one thread up to here, so sums do not depend on the thread count


class Workspace:
    """Arrays by name, used again in every step: fresh memory costs more time than the arithmetic done in it."""

    def __init__(self):
        self._buffers, self._views = {}, {}

    def take(self, name, shape, kind=float):
        """The array of that name and shape; what it held before is lost."""
        view = self._views.get(name)
        if view is not None and view.shape == shape:
            return view
        size = prod(shape)
        buffer = self._buffers.get(name)
        if buffer is None or buffer.size < size:
            buffer = self._buffers[name] = np.empty(size, kind)
        view = self._views[name] = buffer[:size].reshape(shape)
        return view


def product(left, right, out):
    """left @ right (batch, rows, columns), in pieces that one thread sums, in an order of our own."""
    rows, inner = left.shape[-2:]
    columns = right.shape[-1]
    if rows * inner * columns <= SERIAL_PRODUCT:
        return np.matmul(left, right, out=out)
    if columns >= inner:
        size = max(1, SERIAL_PRODUCT // (rows * inner))
        for start in range(0, columns, size):
            part = slice(start, start + size)
            np.matmul(left, right[..., part], out=out[..., part])
    else:
        size = max(1, SERIAL_PRODUCT // (rows * columns))
        out[...] = 0
        for start in range(0, inner, size):
            part = slice(start, start + size)
            out += np.matmul(left[..., part], right[:, part])
    return out


def normal_equations(space, name, factors, weights, weighted):
    """Pairs (pairs, batch, r) and right-hand sides (p, batch, r) of one half, given the other's factors (p, batch, q).

    weights, weighted: 1/u^2 and x/u^2 (batch or 1, q, r).
    """
    p, batch, q = factors.shape
    r = weights.shape[2]
    products = space.take(name + " products", (p * (p + 1) // 2, batch, q))
    for k, start in enumerate(_first_pairs(p)):
        np.multiply(factors[k], factors[k:], out=products[start : start + p - k])
    pairs = space.take(name + " pairs", (p * (p + 1) // 2, batch, r))
    product(products.transpose(1, 0, 2), weights, pairs.transpose(1, 0, 2))
    right = space.take(name + " right", (p, batch, r))
    product(factors.transpose(1, 0, 2), weighted, right.transpose(1, 0, 2))
    return pairs, right


@lru_cache
def _first_pairs(p):
    """Where each factor's pair with itself stands; those with the factors after it follow."""
    return np.cumsum([0, *range(p, 1, -1)])


class Half:
    """One matrix to improve, its normal equations turned into rules, one for each factor.

    A rule (p + 1, batch, q) times ``state``, the factors and a row of -1, is where the factor's own quadratic has its
    minimum. inverse (p, batch, q): minus the inverse curvatures, 0 where values are ``held``.
    """

    def __init__(self, space, name, turn, pairs, right, values, held=None):
        self.space, self.name = space, name
        shape = values.shape
        p = len(values)
        self.step = step = space.take(name + " step", shape[1:])
        first = _first_pairs(p)
        self.inverse = inverse = space.take(name + " inverse", shape)
        pairs.take(first, axis=0, out=inverse, mode="clip")
        np.maximum.reduce(inverse, axis=0, out=step)
        step *= RIDGE
        step += TINY
        inverse += step
        np.divide(-1.0, inverse, out=inverse)
        if held is not None:
            np.copyto(inverse, 0.0, where=held)
        self.rules = rules = space.take(name + " rules", (p, p + 1, *shape[1:]))
        np.multiply(right, inverse, out=rules[:, p])
        for k, start in enumerate(first):
            np.multiply(pairs[start : start + p - k], inverse[k], out=rules[k, k:p])
            if k + 1 < p:
                np.multiply(pairs[start + 1 : start + p - k], inverse[k + 1 :], out=rules[k + 1 :, k])
        own = rules.reshape(p * (p + 1), *shape[1:])[:: p + 2]
        own += 1
        self.state = space.take(f"{name} state {turn}", (p + 1, *shape[1:]))
        self.state[:p] = values
        self.state[p] = -1

    def improve(self, sweeps, low, high=None, equations=None):
        """Each factor in turn: an exact step, cut off at its bounds (p, batch, q), on its equations, if any."""
        state, step = self.state, self.step
        p = len(self.rules)
        for _ in range(sweeps):
            for k in range(p):
                np.einsum("lbq,lbq->bq", self.rules[k], state, out=step)
                if equations is not None:
                    step[...] = equations.meet(k, step, -self.inverse[k], low[k], high[k])
                if high is not None:
                    np.minimum(step, high[k], out=step)
                np.maximum(step, low[k], out=state[k])
        return state[:p]

    def improve_mean_one(self, sweeps, low, held=None):
        """Each factor in turn, at or above ``low`` and with a mean of 1; ``held`` (p, batch, q) values stay.

        For one factor that is a separable quadratic with one linear constraint. Its multiplier is the root of a
        decreasing, convex, piecewise linear function, which Newton's method reaches from below in a few steps.
        """
        state, step, inverse = self.state, self.step, self.inverse
        p, n = len(self.rules), state.shape[2]
        total = inverse.sum(axis=2)
        moved = self.space.take(self.name + " moved", step.shape)
        free = self.space.take(self.name + " free", step.shape, bool)
        for _ in range(sweeps):
            for k in range(p):
                np.einsum("lbq,lbq->bq", self.rules[k], state, out=step)
                # with all values free the multiplier is too low; from there it only rises, and some value stays free
                multiplier = (n - np.add.reduce(step, axis=1)) / total[k]
                for _ in range(MULTIPLIER_STEPS):
                    _shifted(step, inverse[k], multiplier, moved)
                    np.greater(moved, low, out=free)
                    if free.all():
                        break
                    reach = np.add.reduce(np.multiply(inverse[k], free, out=moved), axis=1)
                    np.copyto(moved, step)
                    np.copyto(moved, low, where=~free)
                    multiplier = (n - np.add.reduce(moved, axis=1)) / reach
                else:
                    _shifted(step, inverse[k], multiplier, moved)
                np.maximum(moved, low, out=state[k])
                to_mean_one(state[k], low, None if held is None else held[k])
        return state[:p]


def _shifted(step, inverse, multiplier, out):
    np.multiply(inverse, multiplier[:, None], out=out)
    out += step


def normalise(g, f, low):
    """Set every factor's contributions (p, batch, n) at or above ``low`` with a mean of 1, profiles to match."""
    mean = np.add.reduce(g, axis=2, keepdims=True)
    mean /= g.shape[2]
    if np.minimum.reduce(mean, axis=None) <= 0:  # an empty factor starts anew
        empty = mean <= 0
        np.copyto(g, 1.0, where=empty)
        np.copyto(f, 0.0, where=empty)
        mean[empty] = 1.0
    f *= mean
    g *= 1 / mean
    if low < 0:
        to_mean_one(np.maximum(g, low, out=g), low)


def to_mean_one(g, low, held=None):
    """Stretch contributions (..., n) in place above ``low`` to a mean of exactly 1; ``held`` ones stay as they are."""
    n = g.shape[-1]
    if held is None:
        if low:
            g -= low
        g *= (1 - low) * n / np.add.reduce(g, axis=-1, keepdims=True)
        if low:
            g += low
        return
    above = g - low
    rest = (1 - low) * n - (above * held).sum(axis=-1, keepdims=True)
    np.copyto(g, low + above * (rest / (above * ~held).sum(axis=-1, keepdims=True)), where=~held)

"""Relative cumulative frequency (RCF): where the cumulative curve of the concentrations bends.

On log-probability axes a single lognormal population is a straight line, and a bend upward is where added
concentrations begin (Lepeltier 1969, doi:10.2113/gsecongeo.64.5.538; Sinclair 1974,
doi:10.1016/0375-6742(74)90030-2). One break is fitted by least squares, and its strength is compared with that
of breaks fitted in the same way to samples of one lognormal population.

On decimal axes (Bauer and Bor 1995; as in Wu et al. 2025) even one lognormal population gives a curve, so a bend
is always found and there is no test.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from .options import DECIMAL, LOG_PROBABILITY
from .resampling import SortedRows

MIN_SAMPLES = 20
MIN_POINTS = 10  # distinct steps of the curve
_MAX_POINTS = 200
_NULL_SAMPLES = 1999
_NULL_SEED = 20250
# Where a bend is looked for: above the lowest tenth, with at least 5 samples and 4 steps beyond it.
_LOWEST = 0.10
_MIN_BEYOND = 5
_MIN_SIDE = 4


@dataclass(frozen=True)
class Curve:
    """The cumulative frequency curve of one element, one point at each step between two different values.

    concentration: (points,), midway between neighbouring values (on the logarithmic axis where that is used), so that
    rounded and tied values give one point per step, at its exact frequency. below: samples below it, of n. lowest,
    highest: the extreme values.
    """

    concentration: np.ndarray
    below: np.ndarray
    n: int
    lowest: float
    highest: float

    @classmethod
    def of(cls, ordered, axes=LOG_PROBABILITY):
        """From the sorted concentrations (n,)."""
        below = np.flatnonzero(np.diff(ordered) > 0) + 1
        low, high = ordered[below - 1], ordered[below]
        middle = (low + high) / 2 if axes == DECIMAL else np.where(low > 0, np.sqrt(low * high), high / 2)
        return cls(middle, below, len(ordered), ordered[0], ordered[-1])

    @property
    def fraction(self):
        """Plotting position of Blom (1958) for a step midway between two order statistics."""
        return (self.below + 0.125) / (self.n + 0.25)

    @property
    def score(self):
        """Normal score: the probability axis."""
        return ndtri(self.fraction)

    def thinned(self):
        """At most 200 of the points, evenly spread along the probability axis."""
        if len(self.below) <= _MAX_POINTS:
            return self
        score = self.score
        nearest = np.searchsorted(score, np.linspace(score[0], score[-1], _MAX_POINTS))
        chosen = np.unique(np.minimum(nearest, len(score) - 1))
        return Curve(self.concentration[chosen], self.below[chosen], self.n, self.lowest, self.highest)


@dataclass(frozen=True)
class Bend:
    """The fitted bend. concentration: where it is; strength: share of the misfit of one line that the break
    explains; p_value: how often one lognormal population gives as strong a bend (NaN on decimal axes).
    fitted: the two lines at each point of ``curve``: concentrations, or percentages on decimal axes."""

    curve: Curve
    axes: str
    concentration: float
    strength: float
    p_value: float
    fitted: np.ndarray


class _BrokenLines:
    """Least squares of v = a + b t + c max(0, t - break), the break at one of the points, for many v at once.

    The break that explains most is found by projecting the residuals of the straight line on the hinges of all
    candidate breaks, made orthogonal to the line. ``sign`` is the sign that c must have.
    """

    def __init__(self, t, curve, weight, sign):
        self._root = np.sqrt(weight)
        self._line = np.linalg.qr(np.column_stack([np.ones_like(t), t]) * self._root[:, None])[0]
        point = np.arange(len(t))
        inside = (curve.fraction >= _LOWEST) & (curve.n - curve.below >= _MIN_BEYOND)
        self.breaks = point[inside & (point >= _MIN_SIDE) & (point < len(t) - _MIN_SIDE)]
        hinges = np.maximum(0.0, t - t[self.breaks][:, None]) * self._root
        hinges -= (hinges @ self._line) @ self._line.T
        self._hinges = sign * hinges / np.linalg.norm(hinges, axis=1)[:, None]

    def fit(self, v):
        """Break (index of a point), strength and fitted values of each row of v. Shapes (rows,), (rows,), as v."""
        weighted = v * self._root
        line = (weighted @ self._line) @ self._line.T
        residual = weighted - line
        gain = np.maximum(residual @ self._hinges.T, 0.0)
        best = gain.argmax(axis=1)
        strongest = gain[np.arange(len(v)), best]
        misfit = (residual * residual).sum(axis=1)
        strength = np.divide(strongest**2, misfit, out=np.zeros_like(misfit), where=misfit > 0)
        fitted = (line + strongest[:, None] * self._hinges[best]) / self._root
        return self.breaks[best], strength, fitted


class BendFinder:
    """Finds the bend of one element's curve, in the sample and in its resamples."""

    def __init__(self, ordered, axes):
        self.axes = axes
        self.full = Curve.of(ordered, axes)
        self.curve = self.full.thinned()
        if axes == DECIMAL:
            self._lines = _decimal_lines(self.curve)
        else:
            self._lines = _probability_lines(self.curve.n, tuple(self.curve.below))

    @property
    def obstacle(self):
        """Why no bend can be looked for; empty if one can."""
        if self.full.n < MIN_SAMPLES:
            return f"no bend looked for: fewer than {MIN_SAMPLES} values"
        if len(self.full.below) < MIN_POINTS or not len(self._lines.breaks):
            return f"no bend looked for: fewer than {MIN_POINTS} steps in the cumulative curve (rounded or tied values)"
        return ""

    def find(self):
        """The strongest bend of the sample: a :class:`Bend`."""
        curve = self.curve
        decimal = self.axes == DECIMAL
        v = curve.fraction if decimal else np.log(curve.concentration)
        point, strength, fitted = self._lines.fit(v[None])
        p_value = np.nan
        if not decimal:
            null = _null_strengths(curve.n, tuple(curve.below))
            p_value = (1 + (null >= strength[0]).sum()) / (1 + len(null))
        at = curve.concentration[point[0]] if decimal else np.exp(fitted[0, point[0]])
        drawn = 100 * fitted[0] if decimal else np.exp(fitted[0])
        return Bend(curve, self.axes, float(at), float(strength[0]), float(p_value), drawn)

    def find_in(self, uniforms):
        """Concentration of the bend in each resample. uniforms: sorted, (rows, n), as they drew the resamples."""
        curve = self.curve
        rows = np.arange(len(uniforms))
        if self.axes == DECIMAL:
            # Shifting row r by r makes one sorted array of all rows, searched at once.
            steps = (curve.below / curve.n)[None] + rows[:, None]
            below = np.searchsorted((uniforms + rows[:, None]).ravel(), steps) - rows[:, None] * curve.n
            point, _, _ = self._lines.fit((below + 0.125) / (curve.n + 0.25))
            return curve.concentration[point]
        middle = (uniforms[:, curve.below - 1] + uniforms[:, curve.below]) / 2
        full = self.full
        lowest = full.lowest if full.lowest > 0 else full.concentration[0]
        nodes = np.log(np.concatenate([[lowest], full.concentration, [full.highest]]))
        positions = np.concatenate([[0.0], full.below / full.n, [1.0]])
        point, _, fitted = self._lines.fit(np.interp(middle, positions, nodes))
        return np.exp(fitted[rows, point])


def kept_below(rows: SortedRows, limit):
    """How many values of each row are at most ``limit``. rows: (rows, n); limit: (rows,)."""
    return np.maximum((rows.values <= limit[:, None]).sum(axis=1), 1)


def _decimal_lines(curve):
    return _BrokenLines(curve.concentration, curve, np.ones(len(curve.below)), sign=-1)


@lru_cache(maxsize=32)
def _probability_lines(n, below):
    """Lines through (normal score, log concentration); a point weighs as the inverse of its quantile's standard error.

    Weights of the inverse variance would make the test blind to the upper tail, equal ones to the middle.
    """
    curve = Curve(np.empty(0), np.array(below, dtype=int), n, np.nan, np.nan)
    fraction, score = curve.fraction, curve.score
    weight = np.exp(-(score**2) / 2) / np.sqrt(fraction * (1 - fraction))
    return _BrokenLines(score, curve, weight, sign=1)


@lru_cache(maxsize=32)
def _null_strengths(n, below):
    """Strengths of the bends found in samples of one lognormal population, at the same steps of the curve.

    Location and scale of the population drop out. A point of the curve lies midway between two neighbouring order
    statistics. Only those are drawn, as normalised sums of gamma variables, so the cost does not depend on n.
    """
    rng = np.random.default_rng(_NULL_SEED)
    steps = np.array(below)
    ranks = np.union1d(steps, steps + 1)
    shapes = np.diff(np.concatenate([[0.0], ranks, [n + 1.0]]))
    sums = np.cumsum(rng.standard_gamma(shapes, size=(_NULL_SAMPLES, len(shapes))), axis=1)
    scores = ndtri(sums[:, :-1] / sums[:, -1:])
    middle = (scores[:, np.searchsorted(ranks, steps)] + scores[:, np.searchsorted(ranks, steps + 1)]) / 2
    return _probability_lines(n, below).fit(middle)[1]

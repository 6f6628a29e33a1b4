"""Prediction intervals of a risk model, calibrated on its held-out predictions."""

from dataclasses import asdict, dataclass, fields
from typing import Optional

import numpy as np
import pandas as pd

from .scores import CONFIDENCE, SCHEME_LABELS

GROUPS = 5
FARTHEST = 3.0
LOG_ERROR_SD = 1.11  # of ln |z|, z standard normal


@dataclass(frozen=True)
class Spread:
    """How the size of the errors changes with the prediction m: s(m) = exp(slope t), t = (l(m) - centre) / width.

    An error is y - m, with l(m) = m; of a model with a logarithmic link it is y / m - 1 above the prediction and
    ln(y / m) below, with l(m) = ln m. t stays between ``low`` and ``high``: its range at the held-out sites, at most
    three either way, so that no single site far away decides.
    """

    logarithmic: bool
    centre: float
    width: float
    low: float
    high: float
    slope: float

    @classmethod
    def fitted(cls, observed, predictions, logarithmic):
        """ln |error| as a line in t, its slope drawn towards 0 by as much as chance alone could make it."""
        places = np.log(predictions) if logarithmic else predictions
        centre, width = float(places.mean()), float(places.std()) or 1.0
        t = np.clip((places - centre) / width, -FARTHEST, FARTHEST)
        sizes = np.abs(_errors(observed, predictions, logarithmic))
        sizes = np.log(np.maximum(sizes, 0.01 * np.median(sizes) or 1.0))
        variance = float(t.var()) or 1.0
        slope = float(np.mean((t - t.mean()) * sizes)) / variance
        chance = LOG_ERROR_SD / np.sqrt(len(observed) * variance)
        slope *= max(0.0, 1 - (chance / slope) ** 2) if slope else 0.0
        return cls(logarithmic, centre, width, float(t.min()), float(t.max()), slope)

    def of(self, values):
        """s(m) of predictions (float64, any shape)."""
        if self.slope == 0:
            return np.ones_like(values)
        places = np.log(values) if self.logarithmic else values
        return np.exp(self.slope * np.clip((places - self.centre) / self.width, self.low, self.high))

    def scores(self, observed, predictions):
        """Errors over their spread: what the intervals take quantiles of."""
        return _errors(observed, predictions, self.logarithmic) / self.of(predictions)

    def bounds(self, values, low, high):
        """Where a score is ``low`` and ``high`` at these predictions, never on the wrong side of the prediction."""
        sizes, low, high = self.of(values), min(low, 0.0), max(high, 0.0)
        if self.logarithmic:
            return values * np.exp(low * sizes), values * (1 + high * sizes)
        return values + low * sizes, values + high * sizes


@dataclass(frozen=True)
class PredictionIntervals:
    """Intervals that hold a new site's value with probability ``level``, if it is to the others as the folds are.

    scheme: the folds they are calibrated on. spread: how the errors grow with the prediction; low, high: quantiles of
    the held-out errors over that spread. floor: the target is never below it; None without such a limit.
    coverage: share of the held-out sites inside an interval made from the other folds; coverage_low, coverage_high: its
    90 % interval. lower, upper, inside: n, of the sites of the model's ``held_out``, each interval made from the other
    folds: mean bounds over the repeats, and the share of the repeats in which the site was inside.
    """

    level: float
    scheme: str
    spread: Spread
    low: float
    high: float
    floor: Optional[float]
    coverage: float
    coverage_low: float
    coverage_high: float
    lower: np.ndarray
    upper: np.ndarray
    inside: np.ndarray

    def bounds(self, values):
        """Lower and upper bounds of predictions, in the target's unit: two float64 arrays of the shape of ``values``.

        Each value alone, in double precision: the same numbers in a table and in any window of a raster. NaN stays NaN.
        """
        return _bounds(np.asarray(values, dtype=np.float64), self.spread, (self.low, self.high), self.floor)

    @property
    def width(self):
        """Width of the held-out sites' intervals (n), in the target's unit."""
        return self.upper - self.lower

    @property
    def as_promised(self):
        """Whether the level lies within the interval of the measured coverage."""
        return self.coverage_low <= self.level <= self.coverage_high

    @property
    def sentence(self):
        """The measured coverage in words."""
        n = len(self.inside)
        text = (
            f"{_percent(self.level)} prediction intervals hold {_percent(self.coverage)} of the held-out sites on "
            f"{SCHEME_LABELS[self.scheme]} (90 % interval {_percent(self.coverage_low)} to "
            f"{_percent(self.coverage_high)}); mean width {self.width.mean():.3g}."
        )
        if not self.as_promised:
            less = f"less than promised: read them as intervals of {_percent(self.coverage)}"
            more = "more than promised: they are wider than they need be"
            text += f" That is {less if self.coverage < self.level else more}."
        if _rank(n, self.level) > n:
            text += f" {n} sites are too few for this level: the bounds are the largest errors seen."
        return text

    def by_fifth(self, values, rows=slice(None)):
        """Coverage by fifths of a number known of each site: a frame of from, to, sites, inside (share), width (mean).

        values: n, or of the sites ``rows`` only. Equal values stay together, so that there may be fewer than five.
        """
        values = np.asarray(values)
        last_of = np.arange(1, GROUPS) * len(values) // GROUPS - 1
        fifth = np.searchsorted(np.sort(values)[last_of], values)
        table = pd.DataFrame({"value": values, "inside": self.inside[rows], "width": self.width[rows]}).groupby(fifth)
        return table.agg(
            **{"from": ("value", "min"), "to": ("value", "max"), "sites": ("value", "size")},
            inside=("inside", "mean"),
            width=("width", "mean"),
        ).reset_index(drop=True)

    def by_group(self, labels):
        """Coverage by the label of each site (n): a frame of group, sites, inside (share), width (mean)."""
        table = pd.DataFrame({"group": labels, "inside": self.inside, "width": self.width})
        groups = table.groupby("group", sort=True)
        return groups.agg(sites=("inside", "size"), inside=("inside", "mean"), width=("width", "mean")).reset_index()

    def to_dict(self):
        """A JSON-ready dictionary."""
        content = {field.name: getattr(self, field.name) for field in fields(self)}
        content["spread"] = asdict(self.spread)
        return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in content.items()}

    @classmethod
    def from_dict(cls, content):
        """What :meth:`to_dict` gave. Raises KeyError, TypeError or ValueError for anything else."""
        given = dict(content)
        spread = Spread(**given.pop("spread"))
        arrays = {name: np.asarray(given.pop(name), dtype=np.float64) for name in ("lower", "upper", "inside")}
        scalars = ("level", "low", "high", "coverage", "coverage_low", "coverage_high")
        numbers = np.array([*(given[name] for name in scalars), *asdict(spread).values()], dtype=np.float64)
        if given["scheme"] not in SCHEME_LABELS or not np.isfinite(numbers).all():
            raise ValueError("the prediction intervals hold something that is no number")
        if any(array.shape != arrays["inside"].shape or array.ndim != 1 for array in arrays.values()):
            raise ValueError("the bounds of the prediction intervals are not of one length")
        return cls(**given, **arrays, spread=spread)


def prediction_intervals(observed, predictions, folds, level=0.9, transform="none"):
    """Cross-conformal prediction intervals of a model: PredictionIntervals.

    observed: n; predictions: repeats x n, held out on ``folds``; transform: of the model, "none" or "log". The
    scores of all sites and repeats, errors over their :class:`Spread`, are pooled. A bound is where the score is the
    ceil((n + 1)(1 + level) / 2)-th of n from below, or from above: (1 - level) / 2 of the sites lie beyond either.
    The coverage is measured fold by fold, with spread and quantiles from the other folds.

    Sources: Vovk 2015 (doi:10.1007/s10472-013-9368-4), cross-conformal prediction; Lei et al. 2018
    (doi:10.1080/01621459.2017.1307116), scores over a spread; Romano et al. 2019 (arXiv:1905.03222), a quantile for
    either end.
    """
    logarithmic, floor = transform == "log", 0.0 if np.min(observed) >= 0 else None
    lower, upper = np.empty(predictions.shape), np.empty(predictions.shape)
    for repeat, train, test in folds.splits():
        others = _calibrated(observed[train], predictions[repeat : repeat + 1, train], level, logarithmic)
        lower[repeat, test], upper[repeat, test] = _bounds(predictions[repeat, test].astype(float), *others, floor)
    inside = ((lower <= observed) & (observed <= upper)).mean(axis=0)
    spread, (low, high) = _calibrated(observed, predictions, level, logarithmic)
    coverage = _share(inside, folds.block_of)
    bounds = lower.mean(axis=0), upper.mean(axis=0)
    return PredictionIntervals(level, folds.scheme, spread, low, high, floor, *coverage, *bounds, inside)


def _errors(observed, predictions, logarithmic):
    """Zero for a right prediction, growing with y, and less than the logarithm where y is many times m."""
    if not logarithmic:
        return observed - predictions
    ratio = observed / predictions
    return np.where(ratio < 1, np.log(ratio), ratio - 1)


def _bounds(values, spread, quantiles, floor):
    lower, upper = spread.bounds(values, *quantiles)
    return (lower if floor is None else np.minimum(np.maximum(lower, floor), values)), upper


def _calibrated(observed, predictions, level, logarithmic):
    """Spread, and the two quantiles of the scores. predictions: repeats x n."""
    spread = Spread.fitted(observed, predictions, logarithmic)
    scores = np.sort(spread.scores(observed, predictions), axis=None)
    n = len(observed)
    rank = min(n, _rank(n, level)) * len(predictions)
    return spread, (float(scores[len(scores) - rank]), float(scores[rank - 1]))


def _rank(n, level):
    """Which of n sorted scores is the upper bound; above n where they are too few for the level."""
    return int(np.ceil((n + 1) * (1 + level) / 2 - 1e-9))  # 0.95 x 20 is 19 and a rounding error


def _share(inside, block_of):
    """Mean of ``inside`` (n) and its 90 % interval: Wilson's, for as many sites as whole blocks are worth."""
    from scipy.stats import norm

    n, share = len(inside), float(inside.mean())
    plain = share * (1 - share) / n
    of_blocks = np.sum(np.bincount(block_of, inside - share) ** 2) / n**2
    sites = n / max(1.0, of_blocks / plain) if plain > 0 else n
    z = norm.ppf((1 + CONFIDENCE) / 2)
    centre = (share + z**2 / (2 * sites)) / (1 + z**2 / sites)
    half = z / (1 + z**2 / sites) * np.sqrt(share * (1 - share) / sites + z**2 / (4 * sites**2))
    return share, float(max(0.0, centre - half)), float(min(1.0, centre + half))


def _percent(share):
    return f"{100 * share:.0f} %"
